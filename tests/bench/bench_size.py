"""How much of the disk real records take, for each byte of the bundles that they came in."""

from pathlib import Path

from localstore import importing
from tests import practices
from tests.bench.bench_import import unpack
from tests.bench.result import Result


def run(folder: Path) -> list[Result]:
    """Bytes of record.db after the import; the floor is the bundles themselves."""
    here = practices.make(folder / "practice")
    report = importing.import_paths(here, unpack(folder / "unpacked"))
    assert not report.broken, report.broken[:3]
    here.close()
    stored = (folder / "practice" / "record.db").stat().st_size
    return [Result("size", "bytes", float(stored), float(report.bytes), "lower")]
