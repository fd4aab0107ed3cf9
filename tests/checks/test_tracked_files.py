"""What is tracked speaks of the project alone: no path of a machine, no package index, no build product."""

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

from tests.checks.source import ROOT

# Each with a bracket in it, so that this file is not among what is found.
MACHINE = re.compile(
    r"(?:^|[^\w.])/(?:wor[k]|far[m]|hom[e]|roo[t]|User[s])/"  # a folder of one machine
    r"|[A-Z]:\\User[s]\\"
    r"|/tm[p]/prob[e]"
    r"|index-ur[l]|\"resolved\": \"htt[p]"  # where one machine gets its packages
    r"|https?://[^\s/]+/simpl[e]\b"
)
PRODUCTS = re.compile(
    r"(?:^|/)(?:__pycache__|\.venv|dist|build|\.\w+_cache)/|\.pyc$|\.egg-info/|\.whl$|\.db(?:-wal|-shm)?$"
)
LARGEST = 1024 * 1024  # bytes: room for a typeface; data of this size belongs in a generator


@cache
def tracked() -> tuple[Path, ...]:
    """The files of the project that git tracks. Skips where this is no checkout (a source archive)."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: nothing tells which files belong to the project")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return tuple(path for name in listing.split("\0") if name and (path := ROOT / name).is_file())


def machine_words(text: str) -> list[str]:
    """The lines of the text that name a machine."""
    return [line.strip() for line in text.splitlines() if MACHINE.search(line)]


def test_no_tracked_file_names_a_machine() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {line}"
        for path in tracked()
        for line in machine_words(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert found == []


def test_no_build_product_is_tracked() -> None:
    assert [name for path in tracked() if PRODUCTS.search(name := path.relative_to(ROOT).as_posix())] == []


def test_no_tracked_file_is_huge() -> None:
    assert [str(path) for path in tracked() if path.stat().st_size > LARGEST] == []


@pytest.mark.parametrize(
    "words", [("cd /wo", "rk/main"), ("see /ho", "me/anne/x"), ("--index-", "url=x"), ("C:\\Us", "ers\\x")]
)
def test_a_machine_is_found(words: tuple[str, str]) -> None:
    assert machine_words("fine\n" + "".join(words)) == ["".join(words)]


@pytest.mark.parametrize("words", ["docs/work/flow", "https://example.org/home/", "run in /tmp/x"])
def test_other_words_are_fine(words: str) -> None:
    assert machine_words(words) == []
