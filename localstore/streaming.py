"""The import of a file that is too large to hold: read three or four times, window by window, and never whole.

    survey   every byte checked; whose record it is; where the resources lie that others ask for
    people   the patients, in portions
    others   everything else, in portions, each with its patient's number by now
    files    the Binary resources, where there are any: those of documents that were taken are not kept a second time

One transaction all the same: what is not committed lies in the write-ahead log, not in memory. What grows with the file
is 16 bytes a resource (localstore/numbered.py).
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from localstore import crypto, sources, versions
from localstore.documents import stowing
from localstore.documents.carrying import BINARY
from localstore.fhir.bundle import BundleItem
from localstore.fhir.references import names_of
from localstore.fhir.scanning import Placed, again, scan
from localstore.fhir.shared import SHARED_TYPES
from localstore.import_errors import BrokenResource, NotFhir
from localstore.intake import MAX_TOLD, NOBODY, Broken, Counts, Intake
from localstore.numbered import NumberTable
from localstore.practice import Practice
from localstore.preparing import Prepared, PreparedFile, prepare_items

Tell = Callable[[int], None]

PATIENT = "Patient"
# Resources that reading asks for by a reference: others are many, and nothing is taken from them for their neighbours.
ASKED_FOR = SHARED_TYPES | {PATIENT, "RelatedPerson", BINARY}
PORTION_BYTES = 4 * 1024 * 1024  # of resources; each takes about ten times as much while it is read and written
# The digest of a line of the history is over all versions since the line before, and takes 200 bytes of memory each.
LINE_VERSIONS = 50_000
NEIGHBOUR_WINDOW = 16 * 1024
NEIGHBOUR_BYTES = 16 * 1024 * 1024  # of resources that are held decoded, besides the one that is asked for
PARTS = ("survey", "people", "others")


class _Peek(msgspec.Struct):
    resourceType: str = ""  # noqa: N815 - as FHIR names it


_peek = msgspec.json.Decoder(_Peek)


class Survey:
    """What must be known of a large file before anything of it is written. Raises NotFhir, TooLarge on making."""

    def __init__(self, path: Path, name: str, tell: Tell) -> None:
        self.name, self._path, self._tell = name, path, tell
        self._size = max(1, path.stat().st_size)
        self._told = -1
        self._places = NumberTable()
        self._found: dict[str, dict[str, Any] | None] = {}
        self._found_bytes = 0
        self._has_files = False
        self.scope = ""
        self._is_lines = False
        for placed in self._scan("survey"):
            kind = kind_of(placed.item)
            self._has_files |= kind == BINARY
            self._is_lines = placed.item.place.startswith("line")
            if kind in ASKED_FOR:
                self._note(placed, kind)

    def portions(self) -> Iterator[PreparedFile]:
        """The patients of the file in portions, then everything else, and at last the files."""
        yield from self._portions("people", lambda kind: kind == PATIENT)
        yield from self._portions("others", lambda kind: kind not in (PATIENT, BINARY))
        if self._has_files:
            yield from self._portions("files", lambda kind: kind == BINARY)

    def _portions(self, part: str, is_wanted: Callable[[str], bool]) -> Iterator[PreparedFile]:
        portion, size = PreparedFile([], []), 0
        for placed in self._scan(part):
            if not is_wanted(kind_of(placed.item)):
                continue
            one = prepare_items((placed.item,), self.find)
            portion.resources += one.resources
            portion.broken += one.broken
            size += len(placed.item.raw) + sum(stowing.weight(reading.body) for reading in one.resources)
            if size > PORTION_BYTES:
                yield portion
                portion, size = PreparedFile([], []), 0
        yield portion

    def find(self, name: str) -> dict[str, Any] | None:
        """The resource of that name, or None; of the types that are asked for."""
        if name in self._found:
            return self._found[name]
        found, size = self._read(self._places[name], name) if name in self._places else (None, len(name))
        if self._found_bytes + size > NEIGHBOUR_BYTES:
            self._found.clear()
            self._found_bytes = 0
        self._found[name] = found
        self._found_bytes += size
        return found

    def _read(self, start: int, name: str) -> tuple[dict[str, Any] | None, int]:
        """The resource of that name, which begins there, and how many bytes it has."""
        with open(self._path, "rb") as file:
            file.seek(start)
            item = again(file.read, self.name, "line" if self._is_lines else "entry", NEIGHBOUR_WINDOW)
        resource = item.resource
        is_meant = isinstance(resource, dict) and name in names_of(resource, item.url)
        return (resource if isinstance(resource, dict) and is_meant else None), len(item.raw) + len(name)

    def _scan(self, name: str) -> Iterator[Placed]:
        with open(self._path, "rb") as file:
            for placed in scan(file.read, self.name):
                yield placed
                turn = PARTS.index(name) + placed.start / self._size if name in PARTS else len(PARTS)
                part = int(100 * turn / len(PARTS))
                if part != self._told:
                    self._told = part
                    self._tell(part)

    def _note(self, placed: Placed, kind: str) -> None:
        resource = placed.item.resource
        if not isinstance(resource, dict):
            return
        names = names_of(resource, placed.item.url)
        for name in names:
            if name not in self._places:
                self._places[name] = placed.start
        if kind == PATIENT:
            people = [resource.get(key) for key in ("name", "birthDate", "identifier")]
            said = msgspec.json.encode([self.scope, people, names])
            self.scope = crypto.digest("import-scope", said).hex()


def kind_of(item: BundleItem) -> str:
    """The type of a resource, empty where it has none; nothing else of it is read."""
    try:
        return _peek.decode(item.raw).resourceType if item.failure is None else ""
    except (msgspec.DecodeError, RecursionError):
        return ""


class LargeIntake(Intake):
    """Takes in a large file, portion by portion."""

    def __init__(self, practice: Practice, name: str, survey: Survey) -> None:
        super().__init__(practice, name, PreparedFile([], []))
        self._practice, self._survey = practice, survey
        self._covered = self._first_new  # versions from here on are in no line of the history yet
        self._scope = survey.scope
        self._people = NumberTable()
        self._carried = NumberTable()
        self._formerly = {}  # the names are too many to hold twice: of a large file nobody says whose a resource was
        self._numbers = NumberTable()  # the last version that came under a name, by (patient, name)
        self._loaded: set[int] = set()

    def write(self) -> Counts:
        """Write everything; returns the counts."""
        for portion in self._survey.portions():
            self._take_portion(portion)
        self._put_company()
        return self._counts

    def _take_portion(self, portion: PreparedFile) -> None:
        told = self._counts.broken
        told += [Broken(self._name, place, BrokenResource(**what)) for place, what in portion.broken]
        self._take_all(portion.resources)
        if len(told) > MAX_TOLD:
            raise NotFhir(file=self._name, reason="more than {count} of its resources are broken", count=MAX_TOLD)
        for owner, names in self._known.items():
            for name, numbers in names.items():
                if owner != NOBODY and numbers:
                    self._numbers[owner, name] = numbers[-1]
        self._known.clear()
        self._flush()
        if self._next - self._covered >= LINE_VERSIONS:
            self._practice.log("imported", detail=f"{self._name}: {self._counts.added} added so far")
            self._covered = self._next

    def _earlier(self, reading: Prepared, owner: int, name: str) -> list[int]:
        known = self._known.setdefault(owner, {})
        if name not in known:
            if owner == NOBODY:
                known[name] = sources.versions_named(self._connection, self._stored_name(reading, name))
            else:
                known[name] = self._recalled(owner, name)
        return known[name]

    def _recalled(self, owner: int, name: str) -> list[int]:
        if owner < self._first_new and owner not in self._loaded:
            self._loaded.add(owner)
            for num, earlier in sources.imported_names(self._connection, owner):
                self._numbers[owner, earlier] = num
        if (owner, name) not in self._numbers:
            return []
        entry = versions.entry_of(self._connection, self._numbers[owner, name])
        return sources.imported_of_entry(self._connection, entry)
