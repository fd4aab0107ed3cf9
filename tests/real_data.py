"""Real records that this project did not write, where they stand beside the checkout; tests skip where they do not."""

import tarfile
from pathlib import Path

import pytest

SHARED = Path(__file__).parents[1] / "../shared/data"
ARCHIVE = SHARED / "synthea-r4.tar.xz"


def unpack(folder: Path, count: int | None = None) -> list[Path]:
    """The FHIR bundles of the sample patients, unpacked into `folder`: all of them, or the first `count`."""
    if not ARCHIVE.exists():
        pytest.skip("the sample records are not beside this checkout")
    files: list[Path] = []
    with tarfile.open(ARCHIVE) as archive:
        for member in archive:
            if member.isfile():
                archive.extract(member, folder, filter="data")
                files.append(folder / member.name)
                if len(files) == count:
                    break
    return files


def summaries() -> list[Path]:
    """The official examples of the International Patient Summary in JSON."""
    found = sorted((SHARED / "ips").glob("*.json"))
    if not found:
        pytest.skip("the official summaries are not beside this checkout")
    return found
