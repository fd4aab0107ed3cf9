"""A wall that has never stopped anyone is not known to be one: break each contract in a copy, and see it named."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.checks.source import PACKAGES, ROOT, contracts

LINTER = Path(sys.executable).parent / "lint-imports"

# contract, file, the forbidden import that is added at its end
BREACHES = [
    ("layers", "localstore/record.py", "import sync.desk"),
    ("layers", "localstore/patients.py", "def later():\n    from tui import gateway"),
    ("layers", "sync/desk.py", "import tui.display"),
    ("core", "sync/protocol/session.py", "import time"),
    ("core", "sync/post_office/knock.py", "from localstore import database"),
    ("core", "localstore/crypto.py", "import os"),
    ("decisions", "localstore/model.py", "from pathlib import Path"),
    ("decisions", "localstore/fhir/read.py", "import localstore.record"),
    ("decisions", "sync/papers/envelope.py", "import random"),
    ("decisions", "tui/words/__init__.py", "import socket"),
    ("blind", "sync/post_office/daemon.py", "from localstore import record"),
    ("blind", "sync/post_office/transport.py", "from localstore.fhir import read"),
    ("blind", "sync/post_office/status.py", "import sync.desk"),
    ("blind", "localstore/postbox.py", "from localstore.keys import keyring"),
    ("one-crypto", "sync/post_office/transport.py", "from nacl import bindings"),
    ("one-sqlcipher", "localstore/record.py", "import sqlcipher3"),
    ("emergency", "localstore/emergency/sheet.py", "import textual"),
    ("emergency", "localstore/emergency/sheet.py", "from sync import card"),
    ("screens", "tui/screens/search.py", "from localstore import record"),
    ("screens", "tui/widgets/__init__.py", "import sync.sending.gate"),
    ("screens", "tui/display.py", "from localstore import patients"),
]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the house, with its contracts."""
    place = tmp_path_factory.mktemp("house")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, place / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", place)
    return place


def lint(place: Path) -> subprocess.CompletedProcess[str]:
    """Check the contracts of the copy."""
    command = [str(LINTER), "--no-cache", "--no-logo"]
    wide = {**os.environ, "COLUMNS": "200"}  # a name that is broken over two lines would not be recognised
    return subprocess.run(command, cwd=place, env=wide, capture_output=True, text=True, check=False)


def test_the_untouched_copy_keeps_every_contract(copy: Path) -> None:
    result = lint(copy)
    assert result.returncode == 0, result.stdout
    assert f"{len(contracts())} kept, 0 broken" in result.stdout


def test_every_contract_has_a_breach_here() -> None:
    assert {contract for contract, _, _ in BREACHES} == set(contracts())


@pytest.mark.parametrize(("contract", "file", "statement"), BREACHES)
def test_breach_is_named(copy: Path, contract: str, file: str, statement: str) -> None:
    path = copy / file
    genuine = path.read_text(encoding="utf-8")
    try:
        path.write_text(f"{genuine}\n\n{statement}\n", encoding="utf-8")
        result = lint(copy)
    finally:
        path.write_text(genuine, encoding="utf-8")
    assert result.returncode == 1
    assert f"{contracts()[contract]['name']} BROKEN" in result.stdout
