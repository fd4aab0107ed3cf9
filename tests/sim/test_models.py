"""Two models, checked exhaustively by spin: they hold in every interleaving, and not with a planted bug."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

MODELS = Path(__file__).parent / "models"
PLANTED = (
    ("revoke", "GATE_ONCE"),
    ("revoke", "REPLACE_OFFERED"),
    ("revoke", "STUCK"),
    ("restore", "SAME_FEED"),
    ("restore", "TRUSTING"),
)


def errors(model: str, folder: Path, *definitions: str) -> int:
    """How many errors the exhaustive search ends with (it stops at the first)."""
    if shutil.which("spin") is None or shutil.which("gcc") is None:
        pytest.skip("spin or gcc is not installed")
    made = subprocess.run(
        ["spin", "-a", *(f"-D{one}" for one in definitions), str(MODELS / f"{model}.pml")],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (folder / "pan.c").exists(), made.stdout + made.stderr
    subprocess.run(["gcc", "-O0", "-w", "-DSAFETY", "-DNOREDUCE", "-o", "pan", "pan.c"], cwd=folder, check=True)
    told = subprocess.run(["./pan", "-m1000000"], cwd=folder, capture_output=True, text=True, check=True).stdout
    assert "max search depth too small" not in told
    found = re.search(r"errors: (\d+)", told)
    assert found is not None, told
    assert "assert" not in told.partition("unreached in")[2] or definitions, told  # each of them was come to
    return int(found[1])


@pytest.mark.parametrize("model", ["revoke", "restore"])
def test_what_the_model_asserts_holds_in_every_interleaving(model: str, tmp_path: Path) -> None:
    assert errors(model, tmp_path) == 0


@pytest.mark.parametrize(("model", "bug"), PLANTED)
def test_a_planted_bug_breaks_the_model(model: str, bug: str, tmp_path: Path) -> None:
    assert errors(model, tmp_path, bug) == 1
