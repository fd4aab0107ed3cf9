"""What a daemon costs that has nothing to do: resident memory, and the processor's time in a minute of an open session.

The floor of the memory is the same interpreter with nothing imported."""

import os
import subprocess
import sys
import time
from pathlib import Path

from tests.bench import offices
from tests.bench.bench_sync import is_connected
from tests.bench.result import Result

SECONDS = 60
KIB_PER_MIB = 1024
TICKS = os.sysconf("SC_CLK_TCK")
CAME, STAYED = "print(flush=True)", "input()"


def run(folder: Path, seconds: int = SECONDS) -> list[Result]:
    """Memory of a daemon in MiB, and its milliseconds of processor time per minute. The floor of the second is what an
    interpreter takes that sleeps through it: the clock's smallest step."""
    pair = offices.make(folder)
    with offices.running(pair.beta, pair.alpha) as (daemon, _):
        offices.until(lambda: is_connected(pair))
        time.sleep(1)  # what is left of the beginning
        before = _processor(daemon.pid)
        time.sleep(seconds)  # a minute is what is measured
        spent = (_processor(daemon.pid) - before) / seconds * SECONDS
        memory = _memory(daemon.pid)
    pair.close()
    return [
        Result("idle-memory", "MiB", memory, _bare_memory(), "lower"),
        Result("idle-processor", "ms/min", spent * 1000, 1000 / TICKS, "lower"),
    ]


def _processor(pid: int) -> float:
    """Seconds that a process has spent, its own and the system's for it."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _memory(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (resident,) = [line.split()[1] for line in lines if line.startswith("VmRSS:")]
    return int(resident) / KIB_PER_MIB


def _bare_memory() -> float:
    program = [sys.executable, "-c", f"{CAME}; {STAYED}"]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as bare:
        assert bare.stdin is not None and bare.stdout is not None
        bare.stdout.readline()
        memory = _memory(bare.pid)
        bare.stdin.write(b"\n")
    return memory
