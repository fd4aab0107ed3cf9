"""The benchmarks of sync run, at a small number, and say what they are asked for."""

import json
import subprocess
import sys

import pytest

NAMES = {
    "seal": ["seal", "seal-and-queue", "open", "seal-and-open"],
    "sync": ["sync-carried", "sync-one-each", "sync-hundred-each"],
    "increment": [f"increment-{size}-{what}" for size in (20, 20) for what in ("bytes", "seal", "carry", "open")],
    "idle": ["idle-memory", "idle-processor"],
    "wire": ["wire-alone", "wire-alone-back", "wire-alone-answer", "wire-batch-of-256"],
}
COUNTS = {"seal": 100, "sync": 100, "increment": 20, "idle": 1}


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
def test_a_benchmark(name: str) -> None:
    count = ["--count", str(COUNTS[name])] if name in COUNTS else []
    command = [sys.executable, "-m", "tests.bench", name, "--json", *count]
    done = subprocess.run(command, capture_output=True, check=True)
    results = json.loads(done.stdout)
    found = [result["name"] for result in results]
    assert found[: len(NAMES[name])] == NAMES[name]
    assert all(result["value"] >= 0 and result["floor"] > 0 for result in results)
