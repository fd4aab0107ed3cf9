"""The lock, seen from outside: two seconds after it no process holds the record's key, and no core file ever does."""

import os
import resource
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from localstore import settings
from localstore.keys import keyring
from sync.post_office import status
from tests.checks.source import ROOT
from tests.faults.conftest import Tell
from tests.practices import PASSPHRASE
from tests.tui.houses import Houses, build
from tests.tui.terminal import Terminal, memory_holds, on_terminal

LONGEST = 2.0  # seconds from the key that locks to a machine without the record's key
VISITS = 3  # at most: a machine that is busy with something else may need more than one
# A process with other limits, in another folder, that becomes the one that is asked for.
FREE_TO_DUMP = """
import os, resource, sys
os.chdir(sys.argv[1])
most = resource.getrlimit(resource.RLIMIT_CORE)[1]
resource.setrlimit(resource.RLIMIT_CORE, (most, most))
os.environ["PYTHONPATH"] = sys.argv[2]
os.execv(sys.executable, [sys.executable, *sys.argv[3:]])
"""
BOOT = f"import sys, runpy; sys.path.insert(0, {str(ROOT)!r}); runpy.run_path(sys.argv[1])"
# It locks after two seconds, in the place of the practice's minutes.
IMPATIENT = """
import functools, sys
from pathlib import Path
from tui import start
from tui.app import ConfrereApp
start.ConfrereApp = functools.partial(ConfrereApp, idle_seconds=2.0)
sys.exit(start.run(Path(sys.argv[2])))
"""


class Secrets(NamedTuple):
    """What no process may hold once the practice is locked: the record's key in both its forms, and the passphrase."""

    key: bytes
    digits: bytes
    passphrase: bytes

    def held_by(self, pids: set[int]) -> set[tuple[int, str]]:
        """Who holds which. A process that has ended meanwhile holds nothing."""
        found = set()
        for pid in pids:
            try:
                found |= {(pid, name) for name, secret in self._asdict().items() if memory_holds(pid, secret)}
            except (FileNotFoundError, ProcessLookupError):
                continue
        return found


def secrets_of(folder: Path) -> Secrets:
    """Those of a practice of these tests."""
    opened = keyring.unlock(keyring.read(folder), PASSPHRASE)
    key = opened.record_keys[0]
    return Secrets(key, key.hex().encode(), PASSPHRASE.encode())


def session_of(leader: int) -> set[int]:
    """All processes of a terminal's session (proc(5), stat: the fourth field after the name)."""
    found = set()
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            after_name = (entry / "stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(after_name[3]) == leader:
            found.add(int(entry.name))
    return found


@pytest.fixture(autouse=True)
def french(monkeypatch: pytest.MonkeyPatch) -> None:
    """The interface speaks French to these tests, whatever the locale of the machine."""
    monkeypatch.setenv("LANGUAGE", "fr")


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Houses:
    return build(tmp_path_factory.mktemp("houses") / "pristine")


def copied(pristine: Houses, folder: Path) -> Houses:
    """A practice with a colleague, so that a daemon runs beside it; heard on this machine alone."""
    houses = pristine.copied(folder)
    network = settings.Network(interfaces=("127.0.0.1",), discovery=False)
    settings.write(houses.alpha, settings.Settings(network))
    return houses


@contextmanager
def unlocked(folder: Path, *how: str) -> Iterator[Terminal]:
    """The interface on a terminal, its practice open and its daemon running."""
    try:
        with on_terminal(*how, str(folder)) as terminal:
            terminal.says("Phrase de passe")
            unlock(terminal)
            terminal.until(lambda: status.holder(folder), "the daemon")
            yield terminal
    finally:
        status.stop(folder)


def unlock(terminal: Terminal) -> None:
    """Type the passphrase into the locked screen."""
    so_far = len(terminal.output)
    terminal.type(PASSPHRASE + "\r")
    terminal.says("MARTIN", after=so_far)


def gone_after(terminal: Terminal, secrets: Secrets, start: float) -> float:
    """How many seconds after `start` no process of the terminal held any of the secrets."""
    terminal.until(lambda: not secrets.held_by(session_of(terminal.pid)), "no secret in memory")
    return time.monotonic() - start


def image(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def lock_by_key(terminal: Terminal, secrets: Secrets) -> float:
    """Press the key; the seconds until nothing was left."""
    so_far, start = len(terminal.output), time.monotonic()
    terminal.type("\x0c")
    seconds = gone_after(terminal, secrets, start)
    terminal.says("Phrase de passe", after=so_far)
    return seconds


def test_two_seconds_after_the_key_nobody_holds_the_record_key(pristine: Houses, tmp_path: Path, tell: Tell) -> None:
    with_backup, without = [], []
    for visit in range(VISITS):
        houses = copied(pristine, tmp_path / str(visit))
        secrets = secrets_of(houses.alpha)
        with unlocked(houses.alpha, "-m", "tui.start", "--practice") as terminal:
            daemon = status.holder(houses.alpha)
            assert {name for _, name in secrets.held_by(session_of(terminal.pid))} >= {"key"}  # it can be found
            assert not secrets.held_by({daemon})
            with_backup.append(lock_by_key(terminal, secrets))
            unlock(terminal)
            without.append(lock_by_key(terminal, secrets))
            assert not secrets.held_by(session_of(terminal.pid) | {daemon})
            assert status.holder(houses.alpha) == daemon  # it goes on, and knows nothing
        assert len(list((houses.alpha / "backups").iterdir())) == 1
        if max(min(with_backup), min(without)) <= LONGEST:
            break
    figures = {"ms with the day's backup": min(with_backup), "ms without": min(without)}
    tell("lock, until no process holds the key", {name: round(value * 1000) for name, value in figures.items()})
    assert min(with_backup) <= LONGEST
    assert min(without) <= LONGEST


def test_left_alone_it_locks_and_nobody_holds_the_record_key(pristine: Houses, tmp_path: Path) -> None:
    houses = copied(pristine, tmp_path / "houses")
    secrets = secrets_of(houses.alpha)
    script = tmp_path / "impatient.py"
    script.write_text(IMPATIENT)
    with unlocked(houses.alpha, "-c", BOOT, str(script)) as terminal:
        before, so_far = image(terminal.pid), len(terminal.output)
        assert secrets.held_by(session_of(terminal.pid))
        terminal.until(lambda: image(terminal.pid) != before, "the lock")
        gone_after(terminal, secrets, time.monotonic())
        terminal.says("Phrase de passe", after=so_far)
        assert not secrets.held_by(session_of(terminal.pid) | {status.holder(houses.alpha)})


def dumping(folder: Path, *arguments: str) -> tuple[str, ...]:
    """The arguments that run Python in `folder`, with others, as if core files were welcome."""
    folder.mkdir()
    return ("-c", FREE_TO_DUMP, str(folder), str(ROOT), *arguments)


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT])
@pytest.mark.parametrize("what", ["the interface", "the command line"])
def test_a_killed_process_leaves_no_core_file(pristine: Houses, tmp_path: Path, what: str, number: int) -> None:
    _require_core_files(tmp_path / "control")
    houses = copied(pristine, tmp_path / "houses")
    secrets = secrets_of(houses.alpha)
    program = {"the interface": ("-m", "tui.start"), "the command line": ("-m", "tui.cli.main")}[what]
    more = () if what == "the interface" else ("recovery", "renew")  # it asks, with the practice open
    here = tmp_path / "here"
    try:
        with on_terminal(*dumping(here, *program, "--practice", str(houses.alpha), *more)) as terminal:
            terminal.says("hrase de passe")
            terminal.type(PASSPHRASE + "\r")
            terminal.until(lambda: "key" in {name for _, name in secrets.held_by({terminal.pid})}, "the key")
            os.kill(terminal.pid, number)
            assert terminal.ended() == -number
    finally:
        status.stop(houses.alpha)
    assert list(here.iterdir()) == []


def _require_core_files(folder: Path) -> None:
    """The same death of a process that is not ours leaves a core file here, or there is nothing to be seen."""
    pattern = Path("/proc/sys/kernel/core_pattern").read_text().strip()
    if "/" in pattern or pattern.startswith("|"):
        pytest.skip(f"core files do not lie in the process's folder here: {pattern}")
    if resource.getrlimit(resource.RLIMIT_CORE)[1] == 0:
        pytest.skip("this process may not allow core files")
    asleep = "import time; print('asleep', flush=True); time.sleep(60)"
    with on_terminal(*dumping(folder, "-c", asleep)) as terminal:
        terminal.says("asleep")
        os.kill(terminal.pid, signal.SIGSEGV)
        assert terminal.ended() == -signal.SIGSEGV
    if not list(folder.iterdir()):
        pytest.skip("this machine writes no core files")


def test_a_core_handler_of_the_system_is_given_nothing() -> None:
    """A handler that the kernel pipes core files to, as Ubuntu's and systemd's, is called whatever the limit is; not
    for a process that says it is not to be dumped (prctl(2), PR_GET_DUMPABLE)."""
    if sys.platform != "linux":
        pytest.skip("only Linux pipes core files to a handler")
    words = "import ctypes; from tui import process; process.forbid_core_files(); print(ctypes.CDLL(None).prctl(3))"
    with on_terminal("-c", words) as terminal:
        assert terminal.ended() == 0
    assert terminal.words().strip() == "0"
