"""Standing consents through the command line: every way of saving lets what it changed go out, and says so."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from localstore import colleagues, correspondence, patients, record
from localstore.bodies import AllergyBody, PatientBody, ProblemBody
from localstore.practice import unlock
from localstore.values import Concept
from sync import desk as desk_room
from sync.desk import Desk
from sync.sending import sharing
from tests import practices
from tests.cli.running import PASSPHRASE, ROOT, Ended, ask, at, environment, init, run
from tests.localstore.test_importing import PATIENT, bundle, condition

SENT = "Under the standing consent, Dr Beta gets this by itself: "


def desk_of(folder: Path) -> Desk:
    """The desk of a practice, without its command line."""
    return desk_room.establish(unlock(folder, PASSPHRASE))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, pristine: Path) -> Path:
    """Alpha and Beta, verified on both sides; Alpha's Zoé has one problem. To be copied."""
    place = tmp_path_factory.mktemp("standing")
    shutil.copytree(pristine, place / "alpha")
    init(place / "beta", "Dr Beta", "10003000014")
    alpha, beta = desk_of(place / "alpha"), desk_of(place / "beta")
    practices.pair(alpha, beta)
    record.add(alpha.practice, patients.listing(alpha.record)[0].id, ProblemBody(Concept("Asthme")), "2020")
    alpha.close()
    beta.close()
    return place


@pytest.fixture
def alpha(built: Path, tmp_path: Path) -> Path:
    """Alpha's folder; Beta's lies beside it."""
    return Path(shutil.copytree(built, tmp_path / "houses")) / "alpha"


def extracts(folder: Path) -> int:
    """How many extracts were ever queued."""
    here = unlock(folder, PASSPHRASE)
    count = sum(one.type == "extract" for one in correspondence.outgoing(here.connection))
    here.close()
    return count


class Watch:
    """How many extracts each command sends by itself."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.seen = folder, extracts(folder)

    def sends(self, ended: Ended, count: int = 1) -> None:
        """The command that just ended has sent so many, and said so on stderr."""
        now = extracts(self.folder)
        assert (now - self.seen, ended.err.count(SENT)) == (count, count), ended.err
        self.seen = now


def test_every_way_of_saving_an_entry_sends_it(alpha: Path, tmp_path: Path) -> None:
    watch = Watch(alpha)
    granted = ask(alpha, "consent", "grant", "zoe", "beta", "--standing")
    assert granted["standing"] is True
    watch.sends(at(alpha, "consent", "list", "zoe"), 0)
    added = at(alpha, "add", "zoe", "problem", "--text", "Goutte", "--json")
    assert added.document["id"]
    watch.sends(added)
    amended = at(alpha, "amend", added.document["version"], "--text", "Goutte du pied", "--json")
    watch.sends(amended)
    watch.sends(at(alpha, "retract", amended.document["version"], "--reason", "erreur"))
    watch.sends(at(alpha, "record", "zoe"), 0)
    watch.sends(at(alpha, "add", "zoe", "problem", "--text", "Confidentiel", "--restricted"), 0)
    (tmp_path / "note.txt").write_text("Un mot du laboratoire")
    watch.sends(at(alpha, "document", "add", "zoe", tmp_path / "note.txt"))
    watch.sends(at(alpha, "patient", "amend", "zoe", "--family", "Durand", "--yes"))
    watch.sends(at(alpha, "outbox"), 0)


def test_a_merge_taking_apart_settling_and_taking_over_send(alpha: Path) -> None:
    here, there = desk_of(alpha), desk_of(alpha.parent / "beta")
    (zoe,), (of_beta,) = patients.listing(here.record), colleagues.listing(here.record)
    (problem,) = record.chart(here.practice, zoe.id).entries
    twin = record.add_patient(here.practice, PatientBody("Dupont", ("Zoé",), "1958-07-03", "female")).id
    record.add(here.practice, twin, ProblemBody(Concept("Goutte")))
    sharing.grant(here, zoe.id, of_beta, purpose="soins", stands=True)
    mine = practices.add_zoe(there.practice).id
    record.add(there.practice, mine, AllergyBody(Concept("Iode")))
    (of_alpha,) = colleagues.listing(there.record)
    sharing.grant(there, mine, of_alpha, purpose="avis")
    sharing.share(there, mine, of_alpha)
    practices.carry(there, of_alpha, here, of_beta)
    here.close()
    there.close()
    watch = Watch(alpha)
    watch.sends(at(alpha, "patient", "merge", zoe.id, twin, "--reason", "même personne", "--yes"))
    watch.sends(at(alpha, "patient", "unmerge", twin, "--reason", "deux personnes"))
    (item,) = ask(alpha, "inbox")
    watch.sends(at(alpha, "inbox", "take", item["id"], "--patient", zoe.id))
    here = desk_of(alpha)
    record.amend(here.practice, problem.version, ProblemBody(Concept("A")))
    chosen = record.amend(here.practice, problem.version, ProblemBody(Concept("B"))).version
    here.close()
    watch.sends(at(alpha, "settle", problem.id, chosen))


def test_an_import_sends(alpha: Path, tmp_path: Path) -> None:
    file = tmp_path / "in.json"
    file.write_bytes(bundle(PATIENT, condition("c1", "Asthme")))
    at(alpha, "import", file)
    here = unlock(alpha, PASSPHRASE)
    imported = next(one.id for one in patients.listing(here.connection) if one.family_name != "Dupont-Martin")
    here.close()
    at(alpha, "consent", "grant", imported, "beta", "--standing")
    watch = Watch(alpha)
    watch.sends(at(alpha, "import", file), 0)
    file.write_bytes(bundle(PATIENT, condition("c1", "Asthme"), condition("c2", "Goutte")))
    watch.sends(at(alpha, "import", file))


def test_what_was_saved_before_a_kill_goes_at_the_next_look(alpha: Path) -> None:
    at(alpha, "consent", "grant", "zoe", "beta", "--standing")
    watch = Watch(alpha)
    killed = (
        "import os, sys; from tui.cli import following, main\n"
        "following.follow_from = lambda practice: os.kill(os.getpid(), 9)\n"
        "main.main(sys.argv[1:])\n"
    )
    words = ["--practice", str(alpha), "add", "zoe", "problem", "--text", "Goutte", "--passphrase-fd", "0"]
    done = subprocess.run(
        [sys.executable, "-c", killed, *words],
        input=PASSPHRASE.encode() + b"\n",
        env=environment(),
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    here = unlock(alpha, PASSPHRASE)
    assert len(record.chart(here, patients.listing(here.connection)[0].id).entries) == 2
    here.close()
    assert extracts(alpha) == watch.seen
    watch.sends(at(alpha, "outbox"))


def test_what_cannot_go_is_said_and_what_was_saved_is_saved(alpha: Path) -> None:
    at(alpha, "consent", "grant", "zoe", "beta", "--standing")
    os.rename(alpha / "postbox.db", alpha / "postbox.away")
    ended = at(alpha, "add", "zoe", "problem", "--text", "Goutte", "--json")
    assert "has not gone out under the standing consents yet" in ended.err and ended.document["id"]
    os.rename(alpha / "postbox.away", alpha / "postbox.db")
    watch = Watch(alpha)
    watch.sends(at(alpha, "outbox"))


def test_revoking_sends_nothing_first_and_says_what_it_reached(alpha: Path) -> None:
    at(alpha, "consent", "grant", "zoe", "beta", "--standing")
    at(alpha, "add", "zoe", "problem", "--text", "Goutte")
    here = desk_of(alpha)
    record.add(here.practice, patients.listing(here.record)[0].id, ProblemBody(Concept("Zona")))  # not followed yet
    here.close()
    revoked: Any = ask(alpha, "consent", "revoke", "zoe", "beta")
    assert (revoked["never_sent"], revoked["removal_requested"], revoked["opened"]) == (1, 0, 0)
    assert extracts(alpha) == 0
    states = [(one["type"], one["state"]) for one in ask(alpha, "outbox")]
    assert states == [("kept-back", "kept-back")]
    assert at(alpha, "add", "zoe", "problem", "--text", "Angine").err.count(SENT) == 0
    assert "later changes go by themselves" in at(alpha, "consent", "list", "zoe").out


def test_a_practice_where_nothing_stands_never_loads_sync_to_write(alpha: Path) -> None:
    words = ["--practice", str(alpha), "add", "zoe", "problem", "--text", "Goutte", "--passphrase-fd", "0"]
    looking = (
        "import sys; from tui.cli import main\n"
        "code = main.main(sys.argv[1:])\n"
        "print([name for name in sys.modules if name.split('.')[0] == 'sync'], file=sys.stderr)\n"
        "sys.exit(code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", looking, *words],
        input=PASSPHRASE.encode() + b"\n",
        env=environment(),
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr.strip()) == (0, b"[]")


def test_wrong_usage_grants_nothing(alpha: Path) -> None:
    ended = run("--practice", alpha, "consent", "grant", "zoe", "beta", "--standing", "--kinds", "sang")
    assert ended.code == 5 and ask(alpha, "consent", "list", "zoe") == []
