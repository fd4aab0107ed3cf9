"""Long operations killed at each of their writes: the first opening by this release of what an earlier one wrote, and a
change of the record's key. Whatever was killed wherever, the practice opens, and holds what it held."""

import json
import shutil
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import msgspec

from localstore import colleagues, consents, founding, history, patients, record
from localstore.founding import Identity
from localstore.keys import keyring, passphrase
from localstore.practice import Practice, unlock
from tests import practices
from tests.faults import tracing
from tests.faults.conftest import Tell
from tests.faults.reopening import faults

GOLDEN = Path(__file__).parents[1] / "golden" / "0.1.0.zip"
CALLS = ("pwrite64", "write", "fsync", "fdatasync", "ftruncate", "rename", "unlink")
SHORT = 6  # kills
KILLED = (-9, 137)  # as the parent of the process, or a shell, sees it
SEED = 20260306


class Operation(NamedTuple):
    """A command that is killed, the practice that it is given, and the recovery words of that practice."""

    arguments: tuple[str, ...]
    origin: Path
    words: str


def golden(place: Path) -> tuple[Path, dict[str, Any]]:
    """The practice that release 0.1.0 wrote, and what it read in it."""
    with zipfile.ZipFile(GOLDEN) as archive:
        archive.extractall(place)
    for path in (place / "practice").iterdir():
        path.chmod(0o600)
    expected: dict[str, Any] = json.loads((place / "expected.json").read_text(encoding="utf-8"))
    return place / "practice", expected


def plain(value: object) -> Any:
    """A value as it comes back from JSON."""
    return json.loads(msgspec.json.encode(value))


def held(practice: Practice) -> dict[str, Any]:
    """What can be read in a practice, in the shape of what the golden file expects."""
    connection = practice.connection
    listed = patients.listing(connection)
    agreed = [
        one for patient in listed for one in consents.of_patient(connection, patients.number(connection, patient.id))
    ]
    return {
        "patients": plain(listed),
        "charts": plain({one.id: record.chart(practice, one.id)[:2] for one in listed}),
        "colleagues": plain([(one.id, one.name, one.state) for one in colleagues.listing(connection)]),
        "consents": plain([(one.id, one.terms, one.revoked) for one in agreed]),
        "history": plain(history.lines(connection)),
    }


def opened(folder: Path, secret: str, words: str) -> dict[str, Any]:
    """Open the practice with its passphrase; it must be whole, and its recovery words must open the same file."""
    practice = unlock(folder, secret, clock=practices.SteppingClock())
    try:
        assert faults(practice) == []
        key = passphrase.recovery_key(words)
        assert practice.key in keyring.unlock_with_recovery(keyring.read(folder), key)
        return held(practice)
    finally:
        practice.close()


def same(found: dict[str, Any], expected: dict[str, Any]) -> bool:
    """Whether all that was expected is there; the history may have gone on."""
    parts = [name for name in found if name != "history" and name in expected]
    lines = expected["history"]
    return (
        len(parts) == 4
        and all(found[name] == expected[name] for name in parts)
        and found["history"][: len(lines)] == lines
    )


def moments(operation: Operation, secret: str, place: Path) -> list[str]:
    """Where the operation can be killed: `CALL:when=N` for each of its calls that write."""
    trace = place / "trace"
    folder = Path(shutil.copytree(operation.origin, place / "whole"))
    ended = tracing.command(trace, "", "--practice", folder, *operation.arguments, secret=secret)
    assert ended.code == 0, ended.err
    met: Counter[tuple[str, str]] = Counter()
    found: dict[str, None] = {}
    for line in trace.read_text(encoding="ascii").splitlines():
        thread, _, rest = line.partition(" ")
        call = rest.strip().partition("(")[0]
        met[thread, call] += 1  # strace counts for each thread by itself
        if call in CALLS:
            found[f"{call}:when={met[thread, call]}"] = None
    shutil.rmtree(folder)
    return list(found)


def kill_at_each(
    operation: Operation, secret: str, place: Path, long: bool, check: Callable[[Path], None]
) -> dict[str, int]:
    """Kill the operation at each write, or at some, and check what is left; let it run to its end then, and check that
    too."""
    found = moments(operation, secret, place)
    random = Random(SEED)  # noqa: S311 - moments of a test
    chosen = found if long else sorted(random.sample(found, SHORT))
    counts = {"moments": len(found), "kills": 0, "old or new, whole": 0}
    for moment in chosen:
        call, when = moment.split(":")
        folder = Path(shutil.copytree(operation.origin, place / "practice"))
        fault = f"{call}:signal=SIGKILL:{when}"
        ended = tracing.command(place / "trace", fault, "--practice", folder, *operation.arguments, secret=secret)
        assert ended.code in (0, *KILLED), (moment, ended)  # one write more or less: keys and salts are random
        check(folder)
        again = tracing.command(place / "trace", "", "--practice", folder, *operation.arguments, secret=secret)
        assert again.code == 0, (moment, again.err)
        check(folder)
        shutil.rmtree(folder)
        counts["kills"] += ended.code in KILLED
        counts["old or new, whole"] += 1
    assert counts["kills"] > 0.8 * len(chosen)
    return counts


def test_the_first_opening_of_an_earlier_release_is_killed(place: Path, at_full_length: bool, tell: Tell) -> None:
    tracing.require()
    origin, expected = golden(place / "golden")
    secret, words = expected["passphrase"], expected["recovery_words"]
    expected["consents"] = sorted(expected["consents"])

    def check(folder: Path) -> None:
        found = opened(folder, secret, words)
        assert same(found | {"consents": sorted(found["consents"])}, expected)

    operation = Operation(("patients", "--json"), origin, words)
    tell("migration killed", kill_at_each(operation, secret, place, at_full_length, check))


def test_a_change_of_the_record_key_is_killed(place: Path, at_full_length: bool, tell: Tell) -> None:
    tracing.require()
    origin, secret = place / "origin", practices.PASSPHRASE
    identity = Identity("Cabinet Alpha", "Lyon", "Dr Alpha", "10001234567")
    words = founding.make(origin, identity, secret, clock=practices.SteppingClock(), memory=keyring.MIN_MEMORY)
    practice = unlock(origin, secret, clock=practices.SteppingClock())
    practices.add_zoe(practice)
    expected = held(practice)
    practice.close()

    def check(folder: Path) -> None:
        assert same(opened(folder, secret, words), expected)

    operation = Operation(("user", "change-key", "--yes"), origin, words)
    tell("change of the record's key killed", kill_at_each(operation, secret, place, at_full_length, check))
