"""Importing real FHIR records, against the barest code that parses, compresses and inserts the same resources."""

import tarfile
import time
from pathlib import Path

import msgspec
import zstandard

from localstore import database, importing, opening
from tests import practices
from tests.bench.result import Result

DATA = Path(__file__).parents[2] / "../shared/data/synthea-r4.tar.xz"
# How the floor compresses: each resource alone, with a dictionary learnt from the first file.
LEVEL = 3
DICTIONARY_BYTES = 112 * 1024
TRAINING_SAMPLES, TRAINING_MINIMUM = 2000, 200
TABLE = "CREATE TABLE resource (id INTEGER PRIMARY KEY, data BLOB NOT NULL)"


class _Entry(msgspec.Struct):
    resource: msgspec.Raw


class _Bundle(msgspec.Struct):
    entry: list[_Entry]


def run(folder: Path) -> list[Result]:
    """Resources per second, and bytes on disk per byte of the bundles.

    One import of all files, as a doctor would begin with; the floor before it and after it, so that whatever else the
    machine does slows both alike.
    """
    files = unpack(folder / "unpacked")
    here = practices.make(folder / "practice")
    floors = [_Floor(folder / "before.db"), _Floor(folder / "after.db")]
    floors[0].read(files)
    start = time.perf_counter()
    report = importing.import_paths(here, files)
    seconds = time.perf_counter() - start
    floors[1].read(files)
    assert not report.broken, report.broken[:3]
    assert [floor.total for floor in floors] == [report.total, report.total]
    floor = sum(one.seconds for one in floors) / len(floors)
    here.close()
    stored = (folder / "practice" / "record.db").stat().st_size
    return [
        Result("import", "resources/s", report.total / seconds, report.total / floor, "higher"),
        Result("import-time", "s", seconds, floor, "lower"),
        Result("import-size", "bytes", float(stored), float(report.bytes), "lower"),
    ]


def unpack(folder: Path) -> list[Path]:
    """The real records as files, in a folder of their own."""
    if not DATA.exists():
        raise SystemExit("the sample records are not beside this checkout")
    with tarfile.open(DATA) as archive:
        archive.extractall(folder, filter="data")
    return sorted(folder.rglob("*.json"))


class _Floor:
    """Parse, compress with a dictionary, insert, one durable transaction a file. No model, no keys, no history."""

    def __init__(self, path: Path) -> None:
        self._connection = opening.create(path, bytes(32), 1, [[TABLE]])
        self._writer: zstandard.ZstdCompressor | None = None
        self.total, self.seconds = 0, 0.0

    def read(self, files: list[Path]) -> None:
        """Store the files, one after the other."""
        start = time.perf_counter()
        for file in files:
            self._read(file)
        self.seconds = time.perf_counter() - start

    def _read(self, path: Path) -> None:
        raws = [bytes(entry.resource) for entry in msgspec.json.decode(path.read_bytes(), type=_Bundle).entry]
        for raw in raws:
            msgspec.json.decode(raw)
        writer = self._writer = self._writer or _trained(raws)
        with database.transaction(self._connection):
            self._connection.executemany(
                "INSERT INTO resource (data) VALUES (?)", ((writer.compress(raw),) for raw in raws)
            )
        self.total += len(raws)


def _trained(raws: list[bytes]) -> zstandard.ZstdCompressor:
    samples: list[bytes | bytearray | memoryview[int]] = [
        msgspec.json.format(raw, indent=-1) for raw in raws[:TRAINING_SAMPLES]
    ]
    if len(samples) < TRAINING_MINIMUM:
        return zstandard.ZstdCompressor(level=LEVEL)
    dictionary = zstandard.train_dictionary(DICTIONARY_BYTES, samples)
    dictionary.precompute_compress(level=LEVEL)
    return zstandard.ZstdCompressor(dict_data=dictionary)
