"""strace as a tool of tests: whether this machine lets one process trace another, recording, and injecting faults."""

import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

from tests.cli.running import COMMAND, DEADLINE, PASSPHRASE, ROOT, Ended, environment

# Everything by which a process can change a file or a folder, and what tells which file a descriptor is.
CHANGES = (
    "open,openat,openat2,creat,close,dup,dup2,dup3,lseek,write,writev,pwrite64,pwritev,pwritev2,truncate,ftruncate,"
    "fallocate,fsync,fdatasync,sync,syncfs,sync_file_range,msync,mmap,rename,renameat,renameat2,unlink,unlinkat,link,"
    "linkat,symlink,symlinkat,mkdir,mkdirat,rmdir,sendfile,copy_file_range,splice"
)
_LONGEST_STRING = 1 << 26  # bytes of one write that are shown; a longer one would be cut, and refused by the reader


@cache
def reason_against() -> str:
    """Why nothing can be traced here; empty when it can."""
    if shutil.which("strace") is None:
        return "there is no strace here"
    tried = subprocess.run(["strace", "-f", "--seccomp-bpf", "-o", "/dev/null", "true"], capture_output=True, text=True)
    return f"no process can be traced here: {tried.stderr.strip()}" if tried.returncode else ""


def require() -> None:
    """Skip the test, with the reason, where nothing can be traced."""
    if reason := reason_against():
        pytest.skip(reason)


def record(command: Sequence[str], trace: Path, stdin: bytes, fault: str = "") -> subprocess.CompletedProcess[bytes]:
    """Run a command to its end, and write all its changes to files, with their data, to `trace`; with `fault`, the
    argument of `-e inject=`, while calls of it fail or kill it."""
    options = ["-f", "-y", "-xx", "-s", str(_LONGEST_STRING), "-e", f"trace={CHANGES}"]
    options += ["-e", f"inject={fault}"] if fault else []
    # A filter in the kernel spares the other calls; but where it stops a process, no signal can be given to it.
    options += [] if ":signal=" in fault else ["--seccomp-bpf"]
    words = ["strace", *options, "-e", "signal=none", "-o", str(trace), *command]
    return subprocess.run(
        words,
        input=stdin,
        capture_output=True,
        env=environment(PYTHONDONTWRITEBYTECODE="1"),  # a compiled module is renamed into place, as our files are
        cwd=ROOT,
        timeout=10 * DEADLINE,
        check=False,
    )


def command(trace: Path, fault: str, *arguments: str | Path, secret: str = PASSPHRASE) -> Ended:
    """As `record`, of `confrere` with these arguments, unlocked by this passphrase."""
    words = [*COMMAND, *map(str, arguments), "--passphrase-fd", "0"]
    done = record(words, trace, secret.encode() + b"\n", fault)
    return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())


def injected(trace: Path) -> int:
    """How many calls failed, or killed, because it was asked for."""
    return trace.read_text(errors="replace").count("(INJECTED)")
