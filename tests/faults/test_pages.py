"""Pages of record.db that are altered, or put back as they once were.

An altered page is found at the next start or by verification. So is an old page or an old file, as far as the head and
the signed history reach.
"""

import shutil
from collections import Counter
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest

from localstore import record
from localstore.bodies import AllergyBody, ProblemBody
from localstore.database import DatabaseError
from localstore.errors import ConfrereError
from localstore.values import Concept
from tests import practices
from tests.cli import running
from tests.faults.conftest import Tell
from tests.faults.reopening import Keys, contents, faults, keys_of, reopen

PAGE = 4096
SEED = 20260305
NOTICED = {"refused at the start", "found by verification"}


class Stages(NamedTuple):
    """The files of a practice at one moment and at a later one; what the record holds at the later; where they lie."""

    earlier: dict[str, bytes]
    later: dict[str, bytes]
    keys: Keys
    contents: str
    folder: Path


def files_of(folder: Path) -> dict[str, bytes]:
    """All files of a closed practice."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Stages:
    """A patient's allergy is written down between the two moments."""
    folder = tmp_path_factory.mktemp("stages") / "practice"
    practice = practices.make(folder)
    zoe = practices.add_zoe(practice).id
    for number in range(60):
        record.add(practice, zoe, ProblemBody(Concept(f"Goutte {number} " * 40)))
    first = record.add(practice, zoe, AllergyBody(none_known=True))
    practice.close()
    earlier, keys = files_of(folder), keys_of(folder)
    practice = reopen(folder, keys)
    record.amend(practice, first.version, AllergyBody(Concept("Pénicilline"), reaction="choc"))
    for number in range(5):
        record.add(practice, zoe, ProblemBody(Concept(f"Asthme {number}")))
    whole = contents(practice.connection)
    practice.close()
    return Stages(earlier, files_of(folder), keys, whole, folder)


def outcome(stages: Stages, files: dict[str, bytes], folder: Path) -> str:
    """Open a practice of these files, and verify it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    try:
        practice = reopen(folder, stages.keys)
    except ConfrereError as error:
        assert error.exit_code == 6 and "Nothing was changed." in str(error)
        return "refused at the start"
    except DatabaseError:  # of what is read once the record is open; the commands have the same sentence for it
        return "refused at the start"
    try:
        if faults(practice):
            return "found by verification"
        return "harmless" if contents(practice.connection) == stages.contents else "undetected"
    except DatabaseError:
        return "found by verification"
    finally:
        practice.close()


def test_a_flipped_bit_is_noticed(stages: Stages, place: Path, at_full_length: bool, tell: Tell) -> None:
    random, data = Random(SEED), stages.later["record.db"]  # noqa: S311 - places of damage in a test
    pages = len(data) // PAGE
    counts: Counter[str] = Counter()
    for number in range(20 * pages if at_full_length else pages):
        altered = bytearray(data)
        altered[number % pages * PAGE + random.randrange(PAGE)] ^= 1 << random.randrange(8)
        counts[outcome(stages, stages.later | {"record.db": bytes(altered)}, place / "practice")] += 1
    tell("flipped bits in pages", counts)
    assert set(counts) <= NOTICED and counts.total() >= pages


def test_a_command_says_which_file_is_damaged(stages: Stages, place: Path) -> None:
    codes = []
    for page in range(1, len(stages.later["record.db"]) // PAGE, 6):
        altered = bytearray(stages.later["record.db"])
        altered[page * PAGE + 100] ^= 1
        folder = place / f"page-{page}"
        shutil.copytree(stages.folder, folder)
        (folder / "record.db").write_bytes(altered)
        ended = running.run("--practice", folder, "verify", passphrase=practices.PASSPHRASE)
        codes.append(ended.code)
        assert ended.code == 6 and "record.db" in ended.err and "restore" in ended.err, ended
    assert len(codes) > 5


def test_an_old_page_put_back_is_noticed_or_holds_the_same(stages: Stages, place: Path, tell: Tell) -> None:
    earlier, later = stages.earlier["record.db"], stages.later["record.db"]
    counts: Counter[str] = Counter()
    for start in range(0, min(len(earlier), len(later)), PAGE):
        if earlier[start : start + PAGE] != later[start : start + PAGE]:
            mixed = later[:start] + earlier[start : start + PAGE] + later[start + PAGE :]
            counts[outcome(stages, stages.later | {"record.db": mixed}, place / "practice")] += 1
    tell("old pages put back", counts)
    assert set(counts) <= NOTICED | {"harmless"} and counts.total() > 5


def test_an_old_record_put_back_is_noticed_unless_its_head_comes_with_it(stages: Stages, place: Path) -> None:
    folder, old = place / "practice", {"record.db": stages.earlier["record.db"]}
    assert outcome(stages, stages.later | old, folder) == "refused at the start"
    # The known limit: whoever puts back all files has made an older practice. Backups and colleagues remember more.
    assert outcome(stages, stages.earlier, folder) == "undetected"
