"""What an earlier release wrote opens after upgrading, with everything in it, and is worked on."""

import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from localstore import (
    colleagues,
    database,
    head,
    history,
    inspection,
    opening,
    paths,
    patients,
    postbox,
    practice,
    record,
)
from localstore.bodies import ProblemBody
from localstore.database import Connection
from localstore.errors import MissingHead, StaleStore, WrongPassphrase
from localstore.keys import earlier, keyring
from localstore.migrations import APPLICATION_ID, MIGRATIONS
from localstore.practice import Practice
from localstore.values import Concept
from sync import desk
from sync.desk import Desk
from sync.receiving import inbox
from sync.sending import sharing
from tests import practices
from tests.checks.source import ROOT, project
from tests.golden import make

HERE = Path(__file__).parent
ARCHIVES = sorted(path.stem for path in HERE.glob("*.zip"))
MONTH = "2026-03"
LEFT_BY_UPGRADING = {"key-registered"}


class Golden(NamedTuple):
    """A practice as its release left it, and what that release read in it."""

    folder: Path
    expected: dict[str, Any]

    def unlock(self) -> Practice:
        """Open it, in the month in which it was made."""
        clock = practices.SteppingClock(practices.NOON.replace(day=9))
        return practice.unlock(self.folder, self.expected["passphrase"], clock=clock)


@pytest.fixture(params=ARCHIVES)
def golden(request: pytest.FixtureRequest, tmp_path: Path) -> Golden:
    """Each archive in turn."""
    with zipfile.ZipFile(HERE / f"{request.param}.zip") as archive:
        archive.extractall(tmp_path)
    return Golden(tmp_path / "practice", json.loads((tmp_path / "expected.json").read_text(encoding="utf-8")))


@pytest.fixture
def here(golden: Golden) -> Iterator[Desk]:
    """The practice, upgraded, at its desk."""
    opened = desk.establish(golden.unlock())
    yield opened
    opened.close()


def read(here: Desk, expected: dict[str, Any]) -> dict[str, Any]:
    """What this release reads in it, in the form of `expected`, without the lines that came since."""
    found = make._read(here, expected["zoe"])
    lines = found.pop("history")
    count = len(expected["history"])
    assert {line[3] for line in lines[count:]} <= LEFT_BY_UPGRADING
    return {**found, "history": lines[:count]}


def test_it_holds_what_its_release_read_in_it(golden: Golden, here: Desk) -> None:
    found = read(here, golden.expected)
    for part in ("patients", "charts", "history", "colleagues", "consents", "inbox"):
        assert golden.expected[part], f"the archive shows nothing of {part}"
        assert found[part] == golden.expected[part], part


def test_every_check_passes_and_the_postbox_opens(golden: Golden, here: Desk) -> None:
    for one in inspection.findings(here.record):
        assert one.is_sound, one
    assert postbox.transport(here.postbox).certificate == here.certificate
    assert database.rows(here.postbox, "PRAGMA integrity_check") == [("ok",)]
    assert postbox.progress(here.postbox)


def test_it_is_of_the_present_format_and_opens_again(golden: Golden) -> None:
    golden.unlock().close()
    ring, head_before = keyring.read(golden.folder), paths.head(golden.folder).read_bytes()
    assert isinstance(ring, keyring.Keyring)
    again = golden.unlock()
    assert database.version(again.connection) == len(MIGRATIONS)
    assert keyring.read(golden.folder) == ring  # nothing is left to upgrade
    assert paths.head(golden.folder).read_bytes() == head_before
    assert head.read(paths.head(golden.folder), again.key) == head.current(again.connection)
    again.close()
    with pytest.raises(WrongPassphrase):
        practice.unlock(golden.folder, "une autre phrase")


def test_it_is_worked_on(golden: Golden, here: Desk) -> None:
    zoe = golden.expected["zoe"]
    added = record.add(here.practice, zoe, ProblemBody(Concept("Migraine")), "2026-03")
    assert added.version in {one.version for one in record.open_chart(here.practice, zoe).entries}
    assert patients.search(here.record, "dupont")[0].id == zoe
    (of_beta,) = colleagues.listing(here.record)
    shared = sharing.share(here, zoe, of_beta)
    assert shared.entries > 0
    (item,) = inbox.listing(here)
    inbox.take(here, item.id, patient=zoe)
    assert history.count(here.record) > len(golden.expected["history"])
    lines = list(history.stored(here.record))
    assert all(line.signature is not None for line in lines[len(golden.expected["history"]) :])
    for one in inspection.findings(here.record):
        assert one.is_sound, one


def test_a_backup_of_it_is_made_before_anything_is_changed(golden: Golden) -> None:
    before = paths.record(golden.folder).read_bytes()
    golden.unlock().close()
    kept = [path for path in paths.backups(golden.folder).rglob("record.db") if path.is_file()]
    assert len(kept) == 1 and len(kept[0].read_bytes()) == len(before)
    golden.unlock().close()
    assert len(list(paths.backups(golden.folder).rglob("record.db"))) == 1


# --- interrupted in the middle of the upgrade -------------------------------------------------------------------------


def keys_of(golden: Golden) -> bytes:
    """The record's key, out of the keyring of that release; nothing is written."""
    return keyring.unlock(keyring.read(golden.folder), golden.expected["passphrase"]).record_keys[0]


def open_by_hand(golden: Golden, key: bytes, migrations: int) -> Connection:
    """The record with so many migrations, and no head."""
    return opening.open_existing(paths.record(golden.folder), key, APPLICATION_ID, MIGRATIONS[:migrations])


def is_whole(golden: Golden) -> bool:
    """Whether it opens with everything in it."""
    opened = desk.establish(golden.unlock())
    try:
        found = read(opened, golden.expected)
        return all(one.is_sound for one in inspection.findings(opened.record)) and all(
            found[part] == golden.expected[part] for part in ("patients", "charts", "history", "consents")
        )
    finally:
        opened.close()


def test_killed_between_its_first_head_and_the_migration(golden: Golden) -> None:
    key, number = keys_of(golden), len(MIGRATIONS) - 1
    connection = open_by_hand(golden, key, number)
    head.write(paths.head(golden.folder), key, head.current(connection))
    connection.close()
    assert is_whole(golden)


def test_killed_between_the_migration_and_the_keyring(golden: Golden) -> None:
    key = keys_of(golden)
    connection = open_by_hand(golden, key, len(MIGRATIONS) - 1)
    head.write(paths.head(golden.folder), key, head.current(connection))
    connection.close()
    open_by_hand(golden, key, len(MIGRATIONS)).close()
    assert isinstance(keyring.read(golden.folder), earlier.Keyring)
    assert is_whole(golden)


def test_killed_between_the_new_key_in_the_record_and_the_keyring(golden: Golden) -> None:
    old = paths.keyring(golden.folder).read_bytes()
    first = golden.unlock()
    number = first.signer.key
    first.close()
    paths.keyring(golden.folder).write_bytes(old)
    again = golden.unlock()
    assert again.signer.key > number
    again.close()
    assert is_whole(golden)


def test_once_upgraded_its_head_may_not_be_missing(golden: Golden) -> None:
    old = paths.record(golden.folder).read_bytes()
    golden.unlock().close()
    kept = paths.head(golden.folder).read_bytes()
    paths.head(golden.folder).unlink()
    with pytest.raises(MissingHead):
        golden.unlock()
    paths.head(golden.folder).write_bytes(kept)
    paths.record(golden.folder).write_bytes(old)  # nor may the record of the earlier release come back under it
    with pytest.raises(StaleStore):
        golden.unlock()


UPGRADE = """
import sys
from pathlib import Path
from localstore import practice
from localstore.errors import Busy
from tests import practices
print("ready", flush=True)
sys.stdin.readline()
try:
    here = practice.unlock(Path(sys.argv[1]), sys.argv[2], clock=practices.SteppingClock())
    practices.add_zoe(here)
    here.close()
    print("opened")
except Busy:
    print("busy")
"""


def test_two_processes_that_upgrade_it_at_once_leave_one_whole_practice(golden: Golden) -> None:
    command = [sys.executable, "-c", UPGRADE, str(golden.folder), golden.expected["passphrase"]]
    both = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    for process in both:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
    for process in both:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    told = [process.communicate() for process in both]
    outcomes = [out.strip() for out, _ in told]
    assert set(outcomes) <= {"opened", "busy"} and "opened" in outcomes, told
    for _ in range(2):
        here = golden.unlock()
        assert len(patients.listing(here.connection)) == len(golden.expected["patients"]) + outcomes.count("opened")
        for one in inspection.findings(here.connection):
            assert one.is_sound, one
        here.close()
    assert head.read(paths.head(golden.folder), here.key).line > 0


# --- of every release -------------------------------------------------------------------------------------------------


def releases(changelog: str) -> list[str]:
    """The releases that a changelog names, newest first."""
    return re.findall(r"^## \[(\d+\.\d+\.\d+)\]", changelog, flags=re.MULTILINE)


def test_every_earlier_release_has_its_golden_file() -> None:
    named = releases((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    present = str(project()["project"]["version"])
    assert present in named
    earlier_ones = {one for one in named if tuple(map(int, one.split("."))) < tuple(map(int, present.split(".")))}
    assert earlier_ones <= set(ARCHIVES)
    assert ARCHIVES


def test_releases_are_found_in_a_changelog() -> None:
    assert releases("# C\n\n## [0.2.0] - Unreleased\n\n## [0.1.0] - 2026-11-21\n### Added\n") == ["0.2.0", "0.1.0"]
