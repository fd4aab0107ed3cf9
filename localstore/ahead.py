"""Files prepared ahead: a second process prepares the next files while this one writes the last.

Half of an import is reading and half is writing, and neither needs the other; a second thread would fight the first for
the interpreter. Preparing is pure, so that process holds no key and opens no file: bytes go in and come out by a pipe,
one file at a time. It ends with the import, and with this process, however that ends. Before it is there, and when it
is lost, this process prepares for itself.

    this process    prepare 1, write 1, ...   | write 8 | write 9  | ...
    the other       (starts)                  | prepare 9, 10      | ...

A thread carries the bytes to and fro, and computes nothing: without it each process would wait for the other at every
file that is larger than the one before, which was measured to cost a tenth of an import.
"""

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import NamedTuple

import msgspec

from localstore.archives import Found
from localstore.errors import BadInput
from localstore.preparing import PreparedFile, prepare

START_AFTER_BYTES = 4 * 1024 * 1024  # the process takes 0.3 s to start: a smaller import is over by then
AHEAD_FILES = 2  # more were computed to gain nothing with the sizes of real records
AHEAD_BYTES = 32 * 1024 * 1024  # beyond that no further file is read: the largest alone is bound enough
_NOTHING = b""  # the answer to a file that is no FHIR

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(PreparedFile)


class Turn(NamedTuple):
    """A file whose turn it is, and where the other process has it, its answer to come."""

    found: Found
    answer: Future[bytes] | None

    def prepared(self, data: bytes) -> PreparedFile:
        """The file, whose content is `data`, prepared there or here. Raises NotFhir, TooLarge as `prepare` does."""
        with suppress(EOFError, OSError):  # the other process is lost
            if self.answer is not None and (answer := self.answer.result()) != _NOTHING:
                return _decoder.decode(answer)
        # What is no FHIR is found to be none once more: that is quick, and its error is the very same.
        return prepare(data, self.found.name)


class Preparer:
    """Prepares files ahead of their turn. A context: at its end the other process is gone."""

    def __init__(self, start_after: int = START_AFTER_BYTES) -> None:
        self._start_after = start_after
        self._process: BaseProcess | None = None
        self._carrier = ThreadPoolExecutor(max_workers=1)
        self._started: Future[bytes] | None = None

    def __enter__(self) -> "Preparer":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._process is not None:
            self._process.kill()  # at once: it has nothing to lose
            self._process.join()
            self._process.close()
        self._carrier.shutdown(cancel_futures=True)
        if self._process is not None:
            self._line.close()

    def in_turn(self, files: Iterable[Found]) -> Iterator[Turn]:
        """The files in their order; meanwhile those after the last one given are being prepared."""
        waiting: deque[Turn] = deque()
        ahead = 0
        for found in files:
            waiting.append(Turn(found, self._handed_over(found)))
            ahead += _size(found)
            while len(waiting) > AHEAD_FILES or (waiting and ahead > AHEAD_BYTES):
                ahead -= _size(waiting[0].found)
                yield waiting.popleft()
        yield from waiting

    def _handed_over(self, found: Found) -> Future[bytes] | None:
        """The answer to come, or None: for small imports, and until the other process is there. Nobody waits for it."""
        self._start_after -= _size(found)
        if self._process is None and self._start_after < 0 and (os.cpu_count() or 1) > 1:
            self._start()
        if self._started is None or not self._started.done() or self._started.exception() is not None:
            return None
        return self._carrier.submit(self._carry, found.data) if isinstance(found.data, bytes) else None

    def _carry(self, data: bytes) -> bytes:
        self._line.send_bytes(data)
        return self._line.recv_bytes()

    def _start(self) -> None:
        spawning = multiprocessing.get_context("spawn")  # a fork would copy the keys, and the open database
        self._line, there = spawning.Pipe()
        self._process = spawning.Process(target=work, args=(there,), daemon=True)
        self._process.start()
        there.close()
        self._started = self._carrier.submit(self._line.recv_bytes)


def _size(found: Found) -> int:
    return len(found.data) if isinstance(found.data, bytes) else 0


def work(line: Connection) -> None:
    """What the other process does, until the line is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to both; this one ends when the line does
    with suppress(EOFError, OSError):
        line.send_bytes(_NOTHING)  # it is there
        while True:
            line.send_bytes(_answer(line.recv_bytes()))


def _answer(data: bytes) -> bytes:
    try:
        return _encoder.encode(prepare(data, ""))
    except BadInput:
        return _NOTHING
