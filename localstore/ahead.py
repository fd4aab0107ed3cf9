"""Files prepared ahead: a second process prepares the next file while this one writes the last.

Half of an import is reading and half is writing, and neither needs the other; a second thread would fight the first for
the interpreter. Preparing is pure, so that process holds no key and opens no file: bytes go in and come out by a pipe,
one file at a time. It ends with the import, and with this process, however that ends. Without it, or when it is lost,
this process prepares for itself.

    this process    write 1 | send 3 | write 2 | send 4 | ...      a file is sent when the answer before it has been
    the other       prepare 2        | prepare 3        | ...      received, so that neither ever waits to be read
"""

import multiprocessing
import os
import signal
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from types import TracebackType

import msgspec

from localstore.archives import Found
from localstore.errors import BadInput, ConfrereError
from localstore.preparing import PreparedFile, prepare

START_AFTER_BYTES = 16 * 1024 * 1024  # the process costs 0.3 s to start, in which about that much is imported
READY = b"ready"
REFUSED = b""

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(PreparedFile)


class Preparer:
    """Prepares files in turn. A context: at its end the other process is gone."""

    def __init__(self, start_after: int = START_AFTER_BYTES) -> None:
        self._start_after = start_after
        self._process: BaseProcess | None = None
        self._line: Connection | None = None
        self._is_ready = False
        self._sent: Found | None = None
        # With one processor there is nothing to be gained.
        self._is_wanted = (os.cpu_count() or 1) > 1

    def __enter__(self) -> "Preparer":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop()

    def take(self, found: Found, data: bytes, following: Found | None) -> PreparedFile:
        """The file `found`, which holds `data`, prepared; `following` is the next one, to be prepared meanwhile.

        Raises NotFhir, TooLarge as `prepare` does.
        """
        answer = self._receive() if self._sent is found else None
        self._start_after -= len(data)
        if self._start_after < 0 and self._is_wanted and following is not None:
            self._send(following)
        # What was refused is prepared again here: that is quick, and its error then is the very same.
        return prepare(data, found.name) if answer is None else answer

    def _receive(self) -> PreparedFile | None:
        """The answer to what was sent; None where the file was refused, or the other process is lost."""
        self._sent = None
        answer = self._received()
        return _decoder.decode(answer) if answer != REFUSED else None

    def _received(self) -> bytes:
        try:
            return self._line.recv_bytes() if self._line is not None else REFUSED
        except (EOFError, OSError):
            self._stop()
            return REFUSED

    def _send(self, found: Found) -> None:
        """Hand over a file, once the other process is there; nobody waits for it to start."""
        line = self._line or self._start()
        if line is None or isinstance(found.data, ConfrereError):
            return
        try:
            self._is_ready = self._is_ready or (line.poll() and line.recv_bytes() == READY)
            if self._is_ready:
                line.send_bytes(found.data)
                self._sent = found
        except (EOFError, OSError):
            self._stop()

    def _start(self) -> Connection | None:
        spawning = multiprocessing.get_context("spawn")  # a fork would copy the keys, and the open database
        try:
            here, there = spawning.Pipe()
            self._process = spawning.Process(target=work, args=(there,), daemon=True)
            self._process.start()
        except OSError:
            self._is_wanted, self._process = False, None
            return None
        there.close()
        self._line = here
        return here

    def _stop(self) -> None:
        """End the other process, at once: it has nothing to lose. It is not started again."""
        self._is_wanted = False
        if self._line is not None:
            self._line.close()
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process.close()
        self._line = self._process = None


def work(line: Connection) -> None:
    """What the other process does, until the line is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to both; this one ends when the line does
    with suppress(EOFError, OSError):
        line.send_bytes(READY)
        while True:
            line.send_bytes(_answer(line.recv_bytes()))


def _answer(data: bytes) -> bytes:
    try:
        return _encoder.encode(prepare(data, ""))
    except BadInput:
        return REFUSED
