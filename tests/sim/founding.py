"""Practices that are founded and paired once, and copied for each run: founding costs on purpose."""

import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from localstore import colleagues, record
from localstore.bodies import PatientBody, ProblemBody
from localstore.keys import keyring
from localstore.values import Concept
from sync.desk import Desk
from tests import practices
from tests.sim.book import Book, Moment, Watch, Written
from tests.sim.dice import Dice, in_place_of_the_system

START = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
PATIENTS = 2  # of each practice
_SEED = 20260302
_MEMORY = Path("/dev/shm")  # a disk that is none: nothing here is about what a power cut leaves


@dataclass(frozen=True)
class Founded:
    """One practice, closed: what opens it, what its daemon shows, and how it knows the others."""

    name: str
    folder: Path
    opened: keyring.Opened
    postbox_key: bytes
    others: dict[str, int]
    book: Book


def room() -> Path:
    """A new folder for practices, in memory where there is such a thing."""
    return Path(tempfile.mkdtemp(prefix="confrere-sim-", dir=_MEMORY if _MEMORY.is_dir() else None))


def found(count: int, acquainted: list[tuple[int, int]], folder: Path) -> list[Founded]:
    """So many practices, of which those in `acquainted` have compared their fingerprints. Always the same ones."""
    with in_place_of_the_system(Dice(_SEED)):
        watch = Watch(Moment(START - timedelta(days=1)), timedelta(milliseconds=1))
        desks = [_found(folder, number, watch) for number in range(count)]
        for one, other in acquainted:
            practices.pair(desks[one], desks[other])
        return [_close(here, desks) for here in desks]


def name_of(number: int) -> str:
    """What a practice is called."""
    return f"P{number:02}"


def _found(folder: Path, number: int, watch: Watch) -> Desk:
    return practices.make_desk(folder / name_of(number), name_of(number), _rpps(number), watch)


def _rpps(number: int) -> str:
    """A practitioner's number with a right key (Luhn)."""
    body = f"10{number:08}"
    doubled = [int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body))]
    return f"{body}{-sum(value // 10 + value % 10 for value in doubled) % 10}"


def _close(here: Desk, desks: list[Desk]) -> Founded:
    book = Book()
    for place in range(PATIENTS):
        patient = record.add_patient(here.practice, PatientBody(f"Martin {here.practice.name} {place}", ("Zoé",))).id
        entry = record.add(here.practice, patient, ProblemBody(Concept("Asthme")))
        book.entries[patient] = {entry.id: Written(entry.kind, restricted=False)}
    keys = {one.signing.public: name_of(number) for number, one in enumerate(desks)}
    others = {keys[one.signing_key]: one.num for one in colleagues.listing(here.record)}
    folder, postbox_key = here.practice.folder, here.postbox_key
    name = keys[here.signing.public]
    here.close()
    opened = keyring.unlock(keyring.read(folder), practices.PASSPHRASE)
    return Founded(name, folder, opened, postbox_key, others, book)


def copy_of(folder: Path, target: Path) -> None:
    """The same files elsewhere; the reserve, which is only room, is shared."""
    target.mkdir(mode=0o700)
    for path in folder.iterdir():
        if path.name == "reserve":
            (target / path.name).hardlink_to(path)
        elif path.is_file() and not path.name.endswith("-shm"):
            shutil.copyfile(path, target / path.name)
            (target / path.name).chmod(0o600)
