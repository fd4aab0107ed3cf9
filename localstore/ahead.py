"""Files prepared ahead of their turn, in a process of their own, while the ones before are written.

An import spends half of its time on reading FHIR, which needs no database. That half is done by a second process as
soon as an import turns out to be large; it holds no key, sees only the files, and ends with the pipe to this one. What
it cannot do, because it was killed say, is done here: it is faster with it, and the same without.

Run as a program, this module is that process: it answers each file that comes down its stdin on its stdout.
"""

import os
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import IO

import msgspec

from localstore.archives import Found
from localstore.errors import BadInput
from localstore.preparing import PreparedFile, prepare

WORTH_IT = 8 * 1024 * 1024  # bytes of an import before the second process is started: it takes half a second
LARGEST = 16 * 1024 * 1024  # bytes of a file that is sent over: several are in memory at once
IN_FLIGHT = 3
LENGTH_BYTES = 8
Prepare = Callable[[], PreparedFile]


class _Task(msgspec.Struct, array_like=True):
    name: str
    data: bytes


class _Refusal(msgspec.Struct, array_like=True, tag=True):
    """That a file cannot be read; asked again here, where the error is raised as it is."""


class _Done(msgspec.Struct, array_like=True, tag=True):
    file: PreparedFile


_tasks = msgspec.msgpack.Decoder(_Task)
_answers = msgspec.msgpack.Decoder(_Done | _Refusal)


def prepared(files: Iterable[Found], worth_it: int = WORTH_IT) -> Iterator[tuple[Found, Prepare]]:
    """Each file in its order, with the way to its resources. Calling that raises NotFhir or TooLarge for what is no
    FHIR; it is of no use for a file that has an error instead of content, or is too large to be held in memory. The
    second process is started after `worth_it` bytes."""
    waiting: deque[tuple[Found, Prepare]] = deque()
    worker: _Worker | None = None
    seen = 0
    try:
        for found in files:
            size = len(found.data) if isinstance(found.data, bytes) else 0
            seen += size
            if worker is None and seen - size >= worth_it:
                worker = _Worker()
            waiting.append((found, _way(found, worker if size <= LARGEST else None)))
            while len(waiting) > (IN_FLIGHT if worker else 0):
                yield waiting.popleft()
        while waiting:
            yield waiting.popleft()
    finally:
        if worker is not None:
            worker.close()


def _way(found: Found, worker: "_Worker | None") -> Prepare:
    data, name = found.data, found.name
    if not isinstance(data, bytes):
        return lambda: PreparedFile([], [])
    if worker is None:
        return lambda: prepare(data, name)
    answer = worker.ask(data, name)

    def wait() -> PreparedFile:
        return answer.result() or prepare(data, name)

    return wait


class _Worker:
    """The second process, and the one thread that speaks with it."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ahead")
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter, an argv of our own
            [sys.executable, "-m", "localstore.ahead"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=Path(__file__).resolve().parents[1],  # no module of another folder takes the place of ours
            start_new_session=True,  # Ctrl+C is for this process alone
        )

    def ask(self, data: bytes, name: str) -> "Future[PreparedFile | None]":
        """The file, prepared; None where it has to be done here."""
        return self._thread.submit(self._converse, data, name)

    def _converse(self, data: bytes, name: str) -> PreparedFile | None:
        asking, answering = self._process.stdin, self._process.stdout
        if asking is None or answering is None:
            return None
        try:
            _send(asking, msgspec.msgpack.encode(_Task(name, data)))
            answer = _answers.decode(_receive(answering))
        except (OSError, EOFError, msgspec.DecodeError):
            return None  # it ended, and every further file is done here
        return answer.file if isinstance(answer, _Done) else None

    def close(self) -> None:
        """End the process; what it was still doing is of no use any more."""
        self._process.kill()
        self._thread.shutdown(wait=True, cancel_futures=True)
        with suppress(OSError), self._process:  # what was not sent yet has nowhere to go
            pass
        self._process.wait()


def _send(stream: IO[bytes], data: bytes) -> None:
    stream.write(len(data).to_bytes(LENGTH_BYTES, "big"))
    stream.write(data)
    stream.flush()


def _receive(stream: IO[bytes]) -> bytes:
    length = int.from_bytes(_exactly(stream, LENGTH_BYTES), "big")
    return _exactly(stream, length)


def _exactly(stream: IO[bytes], size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data


def _serve(asking: IO[bytes], answering: IO[bytes]) -> None:
    """Prepare file after file, until the other process is gone."""
    while True:
        try:
            task = _tasks.decode(_receive(asking))
        except EOFError:
            return
        try:
            answer: _Done | _Refusal = _Done(prepare(task.data, task.name))
        except BadInput:
            answer = _Refusal()
        _send(answering, msgspec.msgpack.encode(answer))


if __name__ == "__main__":
    import gc
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold patients
    sys.excepthook = lambda *_: os._exit(1)  # and so would a traceback
    gc.disable()  # see `importing`: reading makes no cycles
    _serve(sys.stdin.buffer, sys.stdout.buffer)
