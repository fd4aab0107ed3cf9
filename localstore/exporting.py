"""The export of one patient as a FHIR R4 bundle: what came in, byte for byte, and what was written here.

    plan     every version, one after the other: under which url it leaves, what it refers to, which files it names
    pieces   each resource again, as it is asked for, and behind them the files as Binary resources, piece after piece

The bundle is never whole in memory; what grows with the record is some hundred bytes a version. A resource that was
imported and later amended leaves twice: as it is now, and as it came, joined by a Provenance that says which replaced
which. A file leaves under the address that its document names, whatever it is called here.
"""

import binascii
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from localstore import crypto, paths, patients, sources, versions
from localstore.blocks import BLOCK_BYTES, Blocks
from localstore.database import Connection
from localstore.documents import carrying, storing, stowing
from localstore.documents.carrying import Named
from localstore.errors import AlreadyThere, Busy
from localstore.fhir import bundle, write
from localstore.fhir.json_text import encode
from localstore.fhir.read import resource_type
from localstore.fhir.references import collect_references
from localstore.fhir.shared import SHARED_TYPES
from localstore.model import Entry
from localstore.practice import Practice
from localstore.sources import Outline

AT_ONCE = 100  # versions whose bodies are in memory
_END = b"]}"


class Exported(NamedTuple):
    """A finished export: the bundle's bytes and how many resources it holds."""

    data: bytes
    resources: int


class Export(NamedTuple):
    """An export under way: the bundle's bytes, piece after piece, and how many resources it holds."""

    pieces: Iterator[bytes]
    resources: int


class Written(NamedTuple):
    """An export in a file: how many resources it holds, and how many bytes it has."""

    resources: int
    size: int


class _Leaving(NamedTuple):
    """A version that leaves: under which url, and which url replaced it. `links` are what it says of other identities
    of the person, each as (type, url)."""

    num: int
    url: str
    has_source: bool
    replaced_by: str = ""
    links: tuple[tuple[str, str], ...] = ()


@dataclass
class _Plan:
    """What leaves, in its order; files by their addresses."""

    patient_url: str
    resources: list[_Leaving]
    company: list[_Leaving] = field(default_factory=list)
    files: dict[str, Named] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """How many resources leave."""
        provenances = sum(1 for one in self.resources if one.replaced_by)
        return len(self.resources) + provenances + len(self.company) + len(self.files)


def export_patient(practice: Practice, patient: str, why: str = "") -> Exported:
    """As `begin`, at once and in memory: for records without large files."""
    export = begin(practice, patient, why)
    return Exported(b"".join(export.pieces), export.resources)


def write_patient(practice: Practice, patient: str, path: Path, why: str = "", *, replace: bool = False) -> Written:
    """Write the export into a file, whole or not at all, piece after piece. Raises as `begin` and `write_file`."""
    if path.exists() and not replace:
        raise AlreadyThere(what=f"{path}", remedy="Choose another name, or replace it with --force.")
    export = begin(practice, patient, why)
    paths.write_private(path, export.pieces)
    return Written(export.resources, path.stat().st_size)


def begin(practice: Practice, patient: str, why: str = "") -> Export:
    """Everything about one patient. The export is written to the history. The pieces are read from the record as they
    are asked for. Raises UnknownPatient; the pieces raise DamagedStore, and Busy where another window removes meanwhile
    what was to leave."""
    connection = practice.connection
    owner = patients.number(connection, patient)
    practice.log_reading("exported", owner, patient, why)
    plan = _planned(connection, owner)
    head = bundle.head(str(UUID(bytes=versions.new_id())), practice.now())
    return Export(_pieces(connection, plan, head), plan.total)


# --- plan ------------------------------------------------------------------------------------------------------------


def _planned(connection: Connection, owner: int) -> _Plan:
    # First what is of the record itself, then of those that were merged into it: the first identity is the subject.
    found = sorted(sources.outline(connection, owner), key=lambda one: one.patient != owner)
    reader = _Reader(connection)
    came_as = {one.num: reader.source(one.num)[0] for one in found if one.has_source}
    urls = _urls_of_entries(found, came_as)
    plan = _Plan(next(urls[one.entry] for one in found if one.is_person), list(_leaving(found, urls)))
    wanted = _look_through(connection, plan)
    _add_company(connection, owner, plan, wanted)
    taken = {one.url for one in (*plan.resources, *plan.company)}
    # One that came as a resource of its own leaves as that.
    plan.files = {url: file for url, file in plan.files.items() if url not in taken}
    return plan


def _leaving(found: Iterable[Outline], urls: dict[str, str]) -> Iterator[_Leaving]:
    """The newest version of an entry keeps the url that others refer to."""
    found = list(found)
    newest = {one.entry: one.num for one in found if one.is_current}
    for one in found:
        if one.has_source or one.is_current:
            is_newest = newest.get(one.entry) == one.num
            url = urls[one.entry] if is_newest else _urn_of_version(one.version)
            replaced_by, links = "" if one.is_current else urls[one.entry], _links(one, found, urls)
            yield _Leaving(one.num, url, one.has_source, replaced_by, links)


def _links(one: Outline, found: Sequence[Outline], urls: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """How an identity that was written here stands to those of records that are read as one with its own (R4,
    Patient.link). One that was imported leaves as it came."""
    if not one.is_person or one.has_source:
        return ()
    kept, *merged = dict.fromkeys(other.entry for other in found if other.is_person)
    if one.entry == kept:
        return tuple(("replaces", urls[other]) for other in merged)
    return (("replaced-by", urls[kept]),)


def _urls_of_entries(found: Iterable[Outline], came_as: dict[int, str]) -> dict[str, str]:
    """One url for each entry, and no two alike, also where two came under the same."""
    urls: dict[str, str] = {}
    entry_of: dict[str, str] = {}
    for one in found:
        url = came_as.get(one.num, "")
        if url and entry_of.setdefault(url, one.entry) == one.entry:
            urls[one.entry] = url
        urls.setdefault(one.entry, _urn(one.entry))
    return urls


def _look_through(connection: Connection, plan: _Plan) -> set[str]:
    """What all resources refer to. Notes the files that they name: each under its address, and one whose address means
    another file under a name of its own, so that its bytes leave too."""
    wanted: set[str] = set()
    reader = _Reader(connection)
    for one, entry in _with_entries(connection, plan.resources):
        raw = reader.raw(one, entry, plan.patient_url)
        wanted.update(collect_references(msgspec.json.decode(raw), raw))
        attachment = stowing.attachment_of(entry.body)
        if attachment is None:
            continue
        for file in carrying.named(raw, attachment, plan.patient_url):
            if plan.files.setdefault(file.url, file).attachment.digest != attachment.digest:
                plan.files.setdefault(_urn(attachment.id), file._replace(url=_urn(attachment.id)))
    return wanted


def _add_company(connection: Connection, owner: int, plan: _Plan, wanted: set[str]) -> None:
    """What belongs to no patient and came in the files of this one, or is referred to from this record.

    Of several versions the newest goes by the url that others refer to.
    """
    reader = _Reader(connection)
    taken = {one.url for one in plan.resources}
    company = {num: reader.source(num)[0] for num in sources.came_with(connection, owner)}
    for reference in sorted(wanted - taken - set(company.values())):
        for num in sources.versions_named(connection, sources.key("", reference))[-1:]:
            kept = sources.get(connection, num)
            if kept and _is_nobodys(connection, num, kept[1]):
                company[num] = kept[0]
    for num, url in sorted(company.items(), reverse=True):
        if url in taken:
            url = _urn_of_version(versions.identifier(connection, num))
        if url:
            taken.add(url)
        plan.company.append(_Leaving(num, url, has_source=True))


def _is_nobodys(connection: Connection, num: int, raw: bytes) -> bool:
    return versions.patient_of(connection, num) is None and resource_type(msgspec.json.decode(raw)) in SHARED_TYPES


def _urn(identifier: str) -> str:
    return f"urn:uuid:{UUID(hex=identifier)}"


def _urn_of_version(version: str) -> str:
    # Not the identifier itself: that of an entry's first version is the entry's own.
    return _urn(crypto.digest("exported-version", bytes.fromhex(version), size=versions.ID_BYTES).hex())


# --- pieces ----------------------------------------------------------------------------------------------------------


class _Reader:
    """Reads resources one after the other, with little of the record in memory."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._blocks = Blocks(connection)

    def source(self, num: int) -> tuple[str, bytes]:
        """The (url, bytes) of a source. Raises Busy where it is gone."""
        found = sources.get(self._connection, num, self._blocks)
        if found is None:
            raise Busy
        if len(found[1]) > BLOCK_BYTES:
            self._blocks = Blocks(self._connection)  # large ones are not held beside each other
        return found

    def raw(self, one: _Leaving, entry: Entry, patient_url: str) -> bytes:
        """A resource of the patient's: as it came, or as it was written here."""
        if one.has_source:
            return self.source(one.num)[1]
        linked = [{"other": {"reference": url}, "type": kind} for kind, url in one.links]
        return encode(write.write_entry(entry, patient_url) | ({"link": linked} if linked else {}))


def _with_entries(connection: Connection, leaving: Sequence[_Leaving]) -> Iterator[tuple[_Leaving, Entry]]:
    """Each with its entry. Raises Busy where one is gone."""
    for start in range(0, len(leaving), AT_ONCE):
        portion = leaving[start : start + AT_ONCE]
        entries = dict(versions.by_number(connection, [one.num for one in portion]))
        if len(entries) < len(portion):
            raise Busy
        for one in portion:
            yield one, entries[one.num]


def _pieces(connection: Connection, plan: _Plan, head: bytes) -> Iterator[bytes]:
    before = head[:-1] + b',"entry":['  # that of a patient has some
    for url, raw in _resources(connection, plan):
        yield before + bundle.entry_head(url)
        yield raw
        before = b"},"
    for file in plan.files.values():
        yield before + bundle.entry_head(file.url) + encode(carrying.binary(file))[:-1] + b',"data":"'
        yield from _base64(storing.pieces(connection, file.attachment))
        before = b'"}},'
    yield before[:-1] + _END


def _resources(connection: Connection, plan: _Plan) -> Iterator[tuple[str, bytes]]:
    reader = _Reader(connection)
    for one, entry in _with_entries(connection, plan.resources):
        yield one.url, reader.raw(one, entry, plan.patient_url)
        if one.replaced_by:
            yield _provenance(entry, one.url, one.replaced_by)
    for one in plan.company:
        yield one.url, reader.source(one.num)[1]


def _provenance(entry: Entry, replaced: str, by: str) -> tuple[str, bytes]:
    identifier = str(UUID(bytes=versions.new_id()))
    resource: dict[str, Any] = {
        "resourceType": "Provenance",
        "id": identifier,
        "target": [{"reference": by}],
        "recorded": entry.recorded,
        "agent": [{"who": {"display": entry.author.name or "Confrère"}}],
        "entity": [{"role": "revision", "what": {"reference": replaced}}],
    }
    return f"urn:uuid:{identifier}", encode(resource)


def _base64(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Base64 of the pieces one after the other: three bytes make four letters, so a rest waits for the next piece."""
    rest = b""
    for piece in pieces:
        joined = rest + piece
        whole = len(joined) // 3 * 3
        rest = joined[whole:]
        yield binascii.b2a_base64(joined[:whole], newline=False)
    yield binascii.b2a_base64(rest, newline=False)


def write_file(path: Path, data: bytes, *, replace: bool = False) -> None:
    """Write an export whole or not at all, readable by its owner. Raises AlreadyThere unless `replace`, and OSError."""
    if path.exists() and not replace:
        raise AlreadyThere(what=f"{path}", remedy="Choose another name, or replace it with --force.")
    paths.write_private(path, data)
