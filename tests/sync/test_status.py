"""The lock, the status file and stopping, with real processes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from localstore import paths
from sync.errors import AlreadyRunning, NotStopped
from sync.post_office import status
from sync.post_office.launch import working_folder
from sync.post_office.ledger import Ledger
from sync.post_office.status import MAX_STATUS_BYTES, Lock, Report
from tests.sync.doors import NOW
from tests.sync.offices import until

HOLDER = """
import pathlib, signal, sys, time
from sync.post_office.status import Lock
signal.signal(signal.SIGTERM, signal.SIG_IGN if sys.argv[2] == "deaf" else signal.SIG_DFL)
lock = Lock(pathlib.Path(sys.argv[1]))
print("held", flush=True)
time.sleep(600)
"""


@contextmanager
def holder(folder: Path, manner: str = "obedient") -> Iterator["subprocess.Popen[bytes]"]:
    """A process that holds the lock of the folder."""
    argv = [sys.executable, "-c", HOLDER, str(folder), manner]
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, cwd=working_folder())
    assert process.stdout is not None
    try:
        with process.stdout as said:
            assert said.readline() == b"held\n"
        yield process
    finally:
        process.kill()
        process.wait()


def test_nobody_runs_in_a_fresh_folder(tmp_path: Path) -> None:
    assert status.read(tmp_path) == status.Status(running=False)
    assert not status.stop(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_process_that_holds_the_lock_is_named(tmp_path: Path) -> None:
    with holder(tmp_path) as process:
        assert status.read(tmp_path) == status.Status(running=True, pid=process.pid)
        with pytest.raises(AlreadyRunning) as raised:
            Lock(tmp_path)
        assert raised.value.details["pid"] == process.pid
        assert raised.value.exit_code == 7
    until(lambda: not status.read(tmp_path).running)
    Lock(tmp_path).release()


def test_a_report_of_an_earlier_daemon_is_not_taken_for_that_of_the_present_one(tmp_path: Path) -> None:
    status.write(tmp_path, Report(pid=1, since="2026-03-01T09:30:00.000Z", port=7400))
    assert status.read(tmp_path).running is False
    with holder(tmp_path) as process:
        assert status.read(tmp_path) == status.Status(running=True, pid=process.pid)
        status.write(tmp_path, Report(pid=process.pid, since="2026-03-01T09:30:00.000Z", connected=2))
        found = status.read(tmp_path).report
        assert found is not None
        assert found.connected == 2


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"pid": "1", "since": ""}', b'{"pid": 1, "since": "", "name": 1}', b"\xff", b" " * 20_000],
)
def test_a_report_that_cannot_be_read_is_none(tmp_path: Path, content: bytes) -> None:
    paths.daemon_status(tmp_path).write_bytes(content)
    assert status.read(tmp_path).report is None
    assert len(content) < MAX_STATUS_BYTES or content.isspace()


def test_stopping_ends_the_process_that_holds_the_lock_and_waits_for_it(tmp_path: Path) -> None:
    with holder(tmp_path) as process:
        status.write(tmp_path, Report(pid=os.getpid(), since=""))  # a lie; the lock is believed
        assert status.stop(tmp_path)
        assert process.wait() == -signal.SIGTERM
        assert not status.read(tmp_path).running


def test_stopping_somebody_who_does_not_obey_has_an_end(tmp_path: Path) -> None:
    with holder(tmp_path, "deaf") as process:
        began = time.monotonic()
        with pytest.raises(NotStopped):
            status.stop(tmp_path, seconds=0.2)
        assert time.monotonic() - began < 5
        assert process.poll() is None


def test_the_lock_notices_that_its_folder_is_gone(tmp_path: Path) -> None:
    folder = tmp_path / "practice"
    folder.mkdir()
    lock = Lock(folder)
    assert lock.still_ours()
    paths.daemon_lock(folder).unlink()
    assert not lock.still_ours()
    paths.daemon_lock(folder).touch()
    assert not lock.still_ours()
    lock.release()


def test_the_ledger_counts_and_knows_when_there_is_something_to_write() -> None:
    words: list[str] = []
    ledger = Ledger(7, lambda: NOW, words.append)
    assert ledger.changed
    ledger.report()
    ledger.sent(0)
    ledger.received(0)
    ledger.is_connected_to(0)
    assert not ledger.changed
    ledger.listens_on(7400)
    ledger.sent(2)
    ledger.sent(1)
    ledger.received(4)
    ledger.is_connected_to(1)
    ledger.trouble(AlreadyRunning(pid=9))
    assert ledger.changed
    moment = "2026-03-01T09:30:00.000Z"
    assert ledger.report() == Report(7, moment, 7400, 1, 3, 4, moment, str(AlreadyRunning(pid=9)))
    assert not ledger.changed
    assert words == [
        "listens on port 7400",
        "sent 2 envelopes",
        "sent 1 envelopes",
        "received 4 envelopes",
        str(AlreadyRunning(pid=9)),
    ]
