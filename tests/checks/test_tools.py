"""Ruff, mypy and the import contracts, as tests: one command checks everything.

They stand in one file, so that one worker runs them in turn and no two of them write to the same cache at once.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.checks.source import ROOT

TOOLS = Path(sys.executable).parent


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """Run one of the environment's tools in the root of the project."""
    tool, *arguments = command
    return subprocess.run([str(TOOLS / tool), *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "command",
    [
        ("ruff", "check", "localstore", "sync", "tui", "tests"),
        ("ruff", "format", "--check", "localstore", "sync", "tui", "tests"),
        ("mypy", "--cache-dir=/dev/null"),  # a cache of other files was seen to repeat their errors
        ("lint-imports", "--no-cache", "--no-logo"),
    ],
    ids=["ruff-check", "ruff-format", "mypy-strict", "import-contracts"],
)
def test_is_content(command: tuple[str, ...]) -> None:
    result = run(*command)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("command", "fault", "said"),
    [
        (("mypy", "--cache-dir=/dev/null"), "def f(x): return x", "no-untyped-def"),
        (("ruff", "check", "--no-cache"), "from datetime import datetime\nNOW = datetime.now(None)\n", "TID251"),
        (("ruff", "check", "--no-cache"), "import subprocess\nsubprocess.run('ls', shell=True)\n", "S602"),
        (("ruff", "format", "--check", "--no-cache"), "x = ( 1 )\n", "would be reformatted"),
    ],
    ids=["mypy-strict", "ruff-clock", "ruff-shell", "ruff-format"],
)
def test_bites(tmp_path: Path, command: tuple[str, ...], fault: str, said: str) -> None:
    source = tmp_path / "faulty.py"
    source.write_text(fault, encoding="utf-8")
    config = "--config-file" if command[0] == "mypy" else "--config"
    result = run(*command, config, "pyproject.toml", str(source))
    assert result.returncode == 1
    assert said in result.stdout + result.stderr
