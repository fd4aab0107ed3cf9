"""Practices for the tests of the interface."""

from pathlib import Path

import pytest

from tests.tui.houses import Houses, build


@pytest.fixture(autouse=True)
def french(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests read French, whatever the locale of the machine."""
    monkeypatch.setenv("LANGUAGE", "fr")


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Houses:
    """Three practices, to be copied."""
    return build(tmp_path_factory.mktemp("houses") / "pristine")


@pytest.fixture
def houses(pristine: Houses, tmp_path: Path) -> Houses:
    """Three practices of this test alone."""
    return pristine.copied(tmp_path / "houses")
