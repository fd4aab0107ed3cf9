"""What is shipped: the wheel and what it says of itself, the changelog, the README's two commands."""

import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.checks.source import PACKAGES, ROOT, project

VERSION = str(project()["project"]["version"])


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    """The wheel, built from this checkout with the build backend of this environment."""
    place = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(place), str(ROOT)]
    subprocess.run(command, cwd=place, capture_output=True, check=True)
    (built,) = place.glob("*.whl")
    with zipfile.ZipFile(built) as opened:
        yield opened


def text_of(name: str) -> str:
    """A file of the root."""
    return (ROOT / name).read_text(encoding="utf-8")


def metadata(wheel: zipfile.ZipFile, name: str) -> str:
    """A file of the wheel's metadata."""
    return wheel.read(f"confrere-{VERSION}.dist-info/{name}").decode("utf-8")


def test_the_newest_heading_of_the_changelog_is_the_version() -> None:
    headings = re.findall(r"^## \[?([^\]\s]+)", text_of("CHANGELOG.md"), flags=re.MULTILINE)
    assert headings[0] == VERSION


def test_the_wheel_holds_every_file_of_the_packages_and_no_other(wheel: zipfile.ZipFile) -> None:
    there = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {name for name in wheel.namelist() if ".dist-info/" not in name} == there


def test_the_wheel_carries_the_licence(wheel: zipfile.ZipFile) -> None:
    assert metadata(wheel, "licenses/LICENSE") == text_of("LICENSE")
    assert "Apache License" in text_of("LICENSE") and "END OF TERMS AND CONDITIONS" in text_of("LICENSE")
    assert "License-Expression: Apache-2.0\n" in metadata(wheel, "METADATA")


def test_the_wheel_declares_the_command_and_its_types(wheel: zipfile.ZipFile) -> None:
    assert "confrere = tui.cli.main:run" in metadata(wheel, "entry_points.txt")
    assert {f"{package}/py.typed" for package in PACKAGES} <= set(wheel.namelist())


def test_the_readme_opens_with_two_commands() -> None:
    first = re.findall(r"^```sh\n(.*?)^```$", text_of("README.md"), flags=re.MULTILINE | re.DOTALL)[0]
    use, check = first.splitlines()
    fresh = "python3 -m venv .venv && .venv/bin/pip install -q "
    assert use.startswith(fresh + ".") and use.endswith(".venv/bin/confrere demo")
    assert check.startswith(fresh + "'.[dev]'") and check.endswith(".venv/bin/pytest")


def test_ci_runs_the_readmes_command_and_no_copy_of_it() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "README.md" in script
    assert "/bin/pytest" not in [
        word for line in script.splitlines() if not line.startswith("#") for word in line.split()
    ]
    subprocess.run(["bash", "-n", str(Path(".ci") / "run")], cwd=ROOT, check=True)
