"""A record that leaves, killed at each write: erased, archived or brought back, it is whole or gone, and the history
says which. Never in both places, never in none."""

import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from localstore import keystore, paths, patients, record
from localstore.model import Entry
from localstore.practice import Practice, unlock
from localstore.rights import archive, archiving
from tests import practices
from tests.faults import tracing
from tests.faults.conftest import Tell
from tests.faults.reopening import faults
from tests.faults.test_interrupted import KILLED, SEED, Operation, moments
from tests.rights import cases

SHORT = 3  # kills
Check = Callable[[Practice, str], str]


def prepared(place: Path, *, archived: bool) -> tuple[Path, str, list[Entry]]:
    """A practice with the marked patient, in use or in the archive; the identifier, and every version."""
    practice = practices.make(place / "origin")
    patient = cases.import_marked(practice, place / "in")
    cases.fill(practice, patient)
    cases.other(practice)
    before = record.every_version(practice, patient)
    if archived:
        archiving.into_archive(practice, patient)
    practice.close()
    return place / "origin", patient, before


def where(practice: Practice, patient: str) -> str:
    """Where the record is: in use, in the archive, or gone. Both at once is an error."""
    assert faults(practice) == []
    assert [one.seen for one in archiving.findings(practice) if not one.is_sound] == []
    in_use = any(one.id == patient for one in patients.listing(practice.connection))
    in_archive = archive.find(practice, patient) is not None
    assert not (in_use and in_archive)
    return "in use" if in_use else "archived" if in_archive else "gone"


@pytest.mark.parametrize(
    ("before", "words", "after"),
    [
        ("in use", ("patient", "archive", "{}", "--yes"), "archived"),
        pytest.param("archived", ("patient", "unarchive", "{}"), "in use", marks=pytest.mark.long),
        ("in use", ("patient", "erase", "{}", "--ground=mistake", "--reason=x", "--confirm=xylophagides"), "gone"),
        pytest.param(
            "archived",
            ("patient", "erase", "{}", "--ground=mistake", "--reason=x", "--confirm=xylophagides"),
            "gone",
            marks=pytest.mark.long,
        ),
    ],
    ids=["archived", "brought back", "erased", "erased in the archive"],
)
def test_a_record_that_leaves_is_killed(
    place: Path, before: str, words: tuple[str, ...], after: str, at_full_length: bool, tell: Tell
) -> None:
    tracing.require()
    origin, patient, versions = prepared(place, archived=before == "archived")
    operation = Operation(tuple(word.format(patient) for word in words), origin, "")
    found = moments(operation, practices.PASSPHRASE, place)
    chosen = found if at_full_length else sorted(Random(SEED).sample(found, SHORT))  # noqa: S311 - moments of a test
    counts = {"moments": len(found), "kills": 0, before: 0, after: 0}
    for moment in chosen:
        call, when = moment.split(":")
        folder = Path(shutil.copytree(origin, place / "practice"))
        fault = f"{call}:signal=SIGKILL:{when}"
        ended = tracing.command(
            place / "trace", fault, "--practice", folder, *operation.arguments, secret=practices.PASSPHRASE
        )
        assert ended.code in (0, *KILLED), (moment, ended)
        state = _settled(folder, patient, versions)
        assert state in (before, after), moment
        counts["kills"] += ended.code in KILLED
        counts[state] += 1
        shutil.rmtree(folder)
    assert counts["kills"] >= len(chosen) - 1
    tell(f"{words[1]} of a record {before} killed", counts)


def _settled(folder: Path, patient: str, versions: list[Entry]) -> str:
    """Where the record is after a kill; it is whole there, and nothing of it is where it is not."""
    practice = unlock(folder, practices.PASSPHRASE, clock=practices.SteppingClock())
    key, archive_key = practice.key, keystore.get(practice.connection, keystore.ARCHIVE)
    try:
        state = where(practice, patient)
        archive.sweep(practice)
        if state == "in use":
            assert record.every_version(practice, patient) == versions
    finally:
        practice.close()
    if state != "in use":
        assert cases.traces(paths.record(folder), key) == {}
    if state != "archived" and archive_key is not None and paths.archive(folder).exists():
        assert cases.traces(paths.archive(folder), archive_key) == {}
    if state == "archived":
        practice = unlock(folder, practices.PASSPHRASE, clock=practices.SteppingClock())
        archiving.bring_back(practice, patient)
        assert record.every_version(practice, patient) == versions
        practice.close()
    return state
