"""Practices for the tests of the command line: one is made for each worker, and copied."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.running import at, init

ZOE = ("patient", "new", "--family", "Dupont-Martin", "--given", "Zoé", "--given", "Anne", "--birth", "1958-07-03")


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A practice with one patient, Zoé; to be copied, not used."""
    folder = tmp_path_factory.mktemp("pristine") / "practice"
    init(folder)
    at(folder, *ZOE, "--sex", "female")
    return folder


@pytest.fixture
def practice(pristine: Path, tmp_path: Path) -> Path:
    """A practice of this test alone, with one patient."""
    return Path(shutil.copytree(pristine, tmp_path / "practice"))


@pytest.fixture
def other_practice(tmp_path: Path) -> Callable[[], Path]:
    """Makes a second practice, with other keys."""

    def make() -> Path:
        init(tmp_path / "other", "Dr Beta", "10003000014")
        return tmp_path / "other"

    return make
