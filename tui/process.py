"""What surrounds the application as a process: no core file, no traceback, and locking as a new process image.

Python cannot wipe memory reliably. So locking replaces this process by one that was never unlocked.
"""

import logging
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, TracebackType
from typing import NoReturn

from localstore.errors import ConfrereError
from tui.words.catalogue import sentence

OWN_FAULT = 70
_SET_DUMPABLE = 4  # prctl(2), PR_SET_DUMPABLE
_BOOT = "import sys; sys.path.append(sys.argv.pop(1)); from tui.start import main; main()"


def say_crash(kind: type[BaseException]) -> None:
    """One sentence with the type of the error alone: a traceback may show a patient."""
    sys.stderr.write(sentence(ConfrereError(detail=kind.__name__)) + "\n")
    sys.stderr.flush()


def _last_words(kind: type[BaseException], _error: BaseException, _trace: TracebackType | None) -> NoReturn:
    say_crash(kind)
    os._exit(OWN_FAULT)  # the interpreter would end with 1


def _last_words_of_thread(arguments: threading.ExceptHookArgs) -> None:
    say_crash(arguments.exc_type)


def fill_streams() -> None:
    """Stand something in for standard streams that were closed, as some starters of programs do: without it the next
    file that is opened, the record perhaps, would be taken for one of them."""
    for descriptor, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            try:
                os.fstat(descriptor)
            except OSError:
                os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 - as long as the process


def forbid_core_files() -> None:
    """No core file of this process: it would hold the record's key."""
    if os.name == "posix":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        import ctypes

        # Where the kernel pipes core files to a handler of the system, it does so whatever the limit is. This also
        # closes the process's memory to other programs of the same user.
        ctypes.CDLL(None).prctl(_SET_DUMPABLE, 0)


@contextmanager
def ended_in_order() -> Iterator[None]:
    """SIGTERM, and SIGHUP when the window of the terminal is closed, end the block as an error does, so that what it
    opened is closed. Only in the main thread."""
    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.signal(number, _end) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)  # as a shell would say it


def harden() -> None:
    """No core file of this process, no traceback and no log from it."""
    logging.disable()
    forbid_core_files()
    sys.excepthook = _last_words
    threading.excepthook = _last_words_of_thread
    sys.unraisablehook = lambda _: None  # it would print values


def restart(folder: Path, theme: str) -> NoReturn:
    """Replace this process by the locked screen of the same practice. No memory of it remains."""
    # -P: a folder named tui where the doctor happens to stand must not be taken for ours.
    home = Path(__file__).resolve().parents[1]
    practice = ["--practice", str(folder.resolve())]
    argv = [sys.executable, "-P", "-c", _BOOT, str(home), *practice, "--theme", theme]
    sys.stdout.flush()
    os.execv(argv[0], argv)  # noqa: S606 - our own interpreter, an argv of our own
