"""The process that prepares files ahead: the same results in the same order, and never a process left behind."""

import itertools
import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from localstore import importing, patients
from localstore.ahead import AHEAD_BYTES, AHEAD_FILES, Preparer, Turn
from localstore.archives import Found
from localstore.errors import NotFhir, TooLarge
from localstore.preparing import prepare
from tests import practices
from tests.localstore.test_importing import PATIENT, bundle, condition

GOOD = bundle(PATIENT, condition("c1", "Asthme"), condition("c2", "x", code=42), condition("c3", "Goutte é"))
ENDS_WITHIN = 60  # seconds; only a failure takes that long


def served(preparer: Preparer, *wanted: Found) -> Iterator[Turn]:
    """The turns of these files, all of them handed over: others come first, until the other process is there."""
    is_there = False

    def files() -> Iterator[Found]:
        yield from itertools.takewhile(lambda _: not is_there, itertools.repeat(Found("first", GOOD)))
        yield from wanted

    for turn in preparer.in_turn(files()):
        is_there = is_there or turn.answer is not None
        if any(turn.found is one for one in wanted):
            yield turn


def test_what_the_other_process_prepared_is_the_same() -> None:
    with Preparer(start_after=0) as preparer:
        (turn,) = served(preparer, Found("a.json", GOOD))
        assert turn.answer is not None
        answer = turn.answer.result()
        assert len(answer) > len(GOOD) // 2
        prepared = turn.prepared(GOOD)
    assert prepared == prepare(GOOD, "a.json")
    assert [place for place, _ in prepared.broken] == ["entry[2].resource"]
    assert len(prepared.resources) == 3


def test_files_keep_their_order() -> None:
    names = [f"{number}.json" for number in range(20)]
    with Preparer(start_after=0) as preparer:
        found = [turn.found.name for turn in served(preparer, *(Found(name, GOOD) for name in names))]
    assert found == names


@pytest.mark.parametrize("data", [b"", b"hello", b"[]", b'{"a":' * 100_000])
def test_what_is_no_fhir_is_refused_by_its_name(data: bytes) -> None:
    with Preparer(start_after=0) as preparer:
        bad, good = served(preparer, Found("bad.json", data), Found("good.json", GOOD))
        with pytest.raises(NotFhir) as here:
            prepare(data, "bad.json")
        with pytest.raises(NotFhir) as there:
            bad.prepared(data)
        assert there.value.details == here.value.details
        assert good.prepared(GOOD) == prepare(GOOD, "")


def test_a_file_that_could_not_be_read_is_passed_on() -> None:
    error = TooLarge(what="x", limit="1")
    with Preparer(start_after=0) as preparer:
        (turn,) = served(preparer, Found("x", error))
    assert (turn.found.data, turn.answer) == (error, None)


def test_when_the_other_process_is_lost_this_one_goes_on() -> None:
    with Preparer(start_after=0) as preparer:
        turns = served(preparer, *(Found(f"{number}", GOOD) for number in range(10)))
        next(turns).prepared(GOOD)
        (child,) = multiprocessing.active_children()
        child.kill()
        child.join()
        assert [turn.prepared(GOOD) for turn in turns] == [prepare(GOOD, "")] * 9


def test_no_process_is_left_however_it_ends() -> None:
    with pytest.raises(KeyboardInterrupt), Preparer(start_after=0) as preparer:
        next(served(preparer, Found("", GOOD), Found("", GOOD), Found("", GOOD)))
        assert len(multiprocessing.active_children()) == 1
        raise KeyboardInterrupt
    assert multiprocessing.active_children() == []


def test_a_small_import_starts_no_process() -> None:
    with Preparer() as preparer:
        assert all(turn.answer is None for turn in preparer.in_turn([Found("", GOOD)] * 10))
        assert multiprocessing.active_children() == []


def test_no_more_is_read_ahead_than_the_limits() -> None:
    taken = 0

    def files(size: int) -> Iterator[Found]:
        nonlocal taken
        for _ in range(20):
            taken += 1
            yield Found("", bytes(size))

    with Preparer(start_after=sys.maxsize) as preparer:
        for given, _ in enumerate(preparer.in_turn(files(1)), start=1):
            assert taken - given <= AHEAD_FILES
        taken = 0
        for given, _ in enumerate(preparer.in_turn(files(AHEAD_BYTES + 1)), start=1):
            assert taken == given


_PARENT = """
import sys
from localstore.ahead import Preparer
from localstore.archives import Found
from itertools import repeat
if __name__ == "__main__":
    with Preparer(start_after=0) as preparer:
        for turn in preparer.in_turn(repeat(Found("", b"{}"))):
            if turn.answer is not None:
                print("there", flush=True)
                sys.stdin.read()
"""


def test_it_ends_with_its_parent() -> None:
    """Standard output is closed when the last process that has it is gone."""
    with subprocess.Popen([sys.executable, "-c", _PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"there\n"
        os.kill(parent.pid, signal.SIGKILL)
        rest, _ = parent.communicate(timeout=ENDS_WITHIN)
    assert rest == b""


def test_an_import_with_the_other_process_is_like_one_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = []
    for number in range(60):
        person = PATIENT | {"id": f"p{number}", "birthDate": f"19{number:02}-01-01"}
        about = f"urn:uuid:p{number}"
        conditions = [condition(f"{number}-{one}", "Asthme" * 200, about) for one in range(20)]
        files.append(tmp_path / f"{number:02}.json")
        files[-1].write_bytes(bundle(person, *conditions, condition("b", "", about, code=1)) if number % 7 else b"{")
    kept: list[Preparer] = []

    def wait_for_the_other(count: int, _: str) -> None:
        if count == 1 and (started := kept[-1]._started) is not None:
            started.result()

    def preparer(start_after: int) -> Preparer:
        kept.append(Preparer(start_after))
        return kept[-1]

    reports = []
    for name, start_after in (("alone", sys.maxsize), ("together", 0)):
        monkeypatch.setattr(importing, "Preparer", partial(preparer, start_after))
        here = practices.make(tmp_path / name)
        report = importing.import_paths(here, files, wait_for_the_other)
        reports.append((report.added, report.patients, [(b.file, b.place, b.reason) for b in report.broken]))
        assert patients.count(here.connection) == report.patients == 51
    assert [one._started is not None for one in kept] == [False, True]
    assert reports[0] == reports[1]
