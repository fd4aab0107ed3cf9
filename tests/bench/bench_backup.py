"""A backup of 1 GB against a plain copy of the same file with fsync: what is made, and with its verification."""

import os
import time
from pathlib import Path
from statistics import median

from localstore import crypto, paths, versions
from localstore.backup import making
from localstore.bodies import DocumentBody
from localstore.database import Connection, transaction
from localstore.kinds import Kind, Provenance
from localstore.practice import Practice, unlock
from tests import practices
from tests.bench.result import Result

DOCUMENTS = 1_000
DOCUMENT_BYTES = 1_000_000
AT_ONCE = 50  # in one transaction: the log stays small
PIECE = 1024 * 1024
ROUNDS = 3


def run(folder: Path) -> list[Result]:
    """Seconds until the copy is durable and compared with what the disk has, and until it has been opened too."""
    home = folder / "practice"
    here = practices.make(home)
    fill(here)
    here.close()
    plain, made, whole = [], [], []
    for number in range(ROUNDS):
        plain.append(_plain_copy(paths.record(home), folder / "plain"))
        copied, checked = _backup(home, folder / f"place{number}")
        made.append(copied)
        whole.append(checked)
    floor = median(plain)
    return [
        Result("backup-1gb", "s", median(made), floor, "lower"),
        Result("backup-1gb-verified", "s", median(whole), floor, "lower"),
    ]


def fill(here: Practice) -> None:
    """Write documents of random bytes in bulk, through the same tables as the record does."""
    owner = practices.add_zoe(here)
    for start in range(0, DOCUMENTS, AT_ONCE):
        with transaction(here.connection):
            _insert(here.connection, owner.recorded, range(start, start + AT_ONCE))


def _insert(connection: Connection, recorded: str, numbers: range) -> None:
    origin = versions.origin_number(connection, Provenance.IMPORTED, "bench")
    first = versions.next_number(connection)
    versions.insert(
        connection,
        [
            versions.NewVersion(
                first + at,
                versions.new_id(),
                None,
                1,
                DocumentBody(title=str(number), content=crypto.random_bytes(DOCUMENT_BYTES)),
                Kind.DOCUMENT,
                "",
                recorded,
                1,
                origin,
            )
            for at, number in enumerate(numbers)
        ],
    )


def _plain_copy(source: Path, target: Path) -> float:
    """The floor. The practice is closed: nothing else may open a database file that is open here."""
    begun = time.perf_counter()
    with open(source, "rb") as reading, open(target, "wb") as writing:
        while piece := reading.read(PIECE):
            writing.write(piece)
        writing.flush()
        os.fsync(writing.fileno())
    seconds = time.perf_counter() - begun
    target.unlink()
    return seconds


def _backup(home: Path, place: Path) -> tuple[float, float]:
    copied = 0.0

    def watch(stage: str, _done: int, _total: int) -> None:
        nonlocal copied
        if stage == making.CHECKING:
            copied = time.perf_counter() - begun

    here = unlock(home, practices.PASSPHRASE)
    begun = time.perf_counter()
    made = making.make(here, place, watch)
    whole = time.perf_counter() - begun
    here.close()
    for path in made.folder.iterdir():
        path.unlink()
    return copied, whole
