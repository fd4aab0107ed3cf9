"""The export of one patient as a FHIR R4 bundle: what came in, byte for byte, and what was written here.

A resource that was imported and later amended leaves twice: as it is now, and as it came, joined by a Provenance that
says which replaced which. Files leave as Binary resources, piece after piece: the bundle is never whole in memory.
"""

import binascii
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from localstore import crypto, paths, patients, sources, versions
from localstore.database import Connection
from localstore.documents import storing, stowing
from localstore.errors import AlreadyThere
from localstore.fhir import bundle, write
from localstore.fhir.json_text import encode
from localstore.fhir.read import resource_type
from localstore.fhir.references import collect_references
from localstore.fhir.shared import SHARED_TYPES
from localstore.kinds import Kind
from localstore.model import Entry
from localstore.practice import Practice
from localstore.values import Attachment

_Resource = tuple[str, bytes]
_END = b"]}"  # of a bundle with entries, and that of a patient has some


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


class _Version(NamedTuple):
    num: int
    entry: Entry
    is_current: bool
    source: tuple[str, bytes] | None


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
    are asked for. Raises UnknownPatient; the pieces raise DamagedStore."""
    connection = practice.connection
    owner = patients.number(connection, patient)
    practice.log_reading("exported", owner, patient, why)
    kept = versions.identifier(connection, owner)
    # First what is of the record itself, then of those that were merged into it: the first identity is the subject.
    found = sorted(_versions(connection, owner), key=lambda one: one.entry.patient != kept)
    resources = list(_resources(found))
    resources += list(_company(connection, owner, resources))
    files = _files(found, resources)
    identifier = str(UUID(bytes=versions.new_id()))
    patient_url = next(url for url, raw in resources if resource_type(msgspec.json.decode(raw)) == "Patient")
    whole = bundle.assemble(resources, identifier, practice.now())
    return Export(_pieces(connection, whole, files, patient_url), len(resources) + len(files))


def _files(found: list[_Version], resources: list[_Resource]) -> dict[str, Attachment]:
    """The files that the resources of an export refer to, by their urls. One that came inside of its resource leaves
    inside of it."""
    named = [attachment for one in found if (attachment := stowing.attachment_of(one.entry.body)) is not None]
    urls = {_urn(one.id): one for one in named}
    taken = {url for url, _ in resources}
    return {
        url: one for url, one in urls.items() if url not in taken and any(url.encode() in raw for _, raw in resources)
    }


def _pieces(connection: Connection, whole: bytes, files: dict[str, Attachment], patient_url: str) -> Iterator[bytes]:
    yield whole[: -len(_END)]
    for url, attachment in files.items():
        binary = {
            "resourceType": "Binary",
            "id": str(UUID(hex=attachment.id)),
            "contentType": _code(attachment.media_type),
            "securityContext": {"reference": patient_url},  # whose it is
        }
        yield b',{"fullUrl":' + msgspec.json.encode(url) + b',"resource":' + encode(binary)[:-1] + b',"data":"'
        yield from _base64(storing.pieces(connection, attachment))
        yield b'"}}'
    yield _END


def _code(media_type: str) -> str:
    """A media type as FHIR's code: single spaces only; a Binary must have one."""
    return " ".join(media_type.split()) or "application/octet-stream"


def _base64(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Base64 of the pieces one after the other: three bytes make four letters, so a rest waits for the next piece."""
    rest = b""
    for piece in pieces:
        joined = rest + piece
        whole = len(joined) // 3 * 3
        rest = joined[whole:]
        yield binascii.b2a_base64(joined[:whole], newline=False)
    yield binascii.b2a_base64(rest, newline=False)


def _versions(connection: Connection, owner: int) -> Iterator[_Version]:
    kept = sources.of_patient(connection, owner)
    current = {num for num, _ in versions.current_of_patient(connection, owner)}
    for num, entry in versions.all_of_patient(connection, owner):
        yield _Version(num, entry, num in current, kept.get(num))


def _urn(identifier: str) -> str:
    return f"urn:uuid:{UUID(hex=identifier)}"


def _urn_of_version(version: str) -> str:
    # Not the identifier itself: that of an entry's first version is the entry's own.
    return _urn(crypto.digest("exported-version", bytes.fromhex(version), size=versions.ID_BYTES).hex())


def _resources(found: list[_Version]) -> Iterator[_Resource]:
    """The resources of a patient's versions. The newest version of an entry keeps the url that others refer to."""
    urls = _urls_of_entries(found)
    patient_url = next(urls[one.entry.id] for one in found if one.entry.kind is Kind.PATIENT)
    newest = {one.entry.id: one.num for one in found if one.is_current}
    for one in found:
        is_newest = newest.get(one.entry.id) == one.num
        url = urls[one.entry.id] if is_newest else _urn_of_version(one.entry.version)
        if one.source is not None:
            yield url, one.source[1]
        elif one.is_current:
            yield url, encode(write.write_entry(one.entry, patient_url))
        if one.source is not None and not one.is_current:
            yield _provenance(one.entry, url, urls[one.entry.id])


def _urls_of_entries(found: Iterable[_Version]) -> dict[str, str]:
    """One url for each entry, and no two alike, also where two came under the same."""
    urls: dict[str, str] = {}
    entry_of: dict[str, str] = {}
    for one in found:
        came_as = one.source[0] if one.source else ""
        if came_as and entry_of.setdefault(came_as, one.entry.id) == one.entry.id:
            urls[one.entry.id] = came_as
        urls.setdefault(one.entry.id, _urn(one.entry.id))
    return urls


def _provenance(entry: Entry, replaced: str, by: str) -> _Resource:
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


def _company(connection: Connection, owner: int, resources: list[_Resource]) -> Iterator[_Resource]:
    """What belongs to no patient and came in the files of this one, or is referred to from this record.

    Of several versions the newest goes by the url that others refer to.
    """
    taken = {url for url, _ in resources}
    company = sources.came_with(connection, owner)
    wanted: set[str] = set()
    for _, raw in resources:
        wanted.update(collect_references(msgspec.json.decode(raw), raw))
    for reference in sorted(wanted - taken - {url for url, _ in company.values()}):
        for num in sources.versions_named(connection, sources.key("", reference))[-1:]:
            kept = sources.get(connection, num)
            if kept and _is_nobodys(connection, num, kept[1]):
                company[num] = kept
    for num, (url, raw) in sorted(company.items(), reverse=True):
        if url in taken:
            url = _urn_of_version(versions.identifier(connection, num))
        if url:
            taken.add(url)
        yield url, raw


def _is_nobodys(connection: Connection, num: int, raw: bytes) -> bool:
    return versions.patient_of(connection, num) is None and resource_type(msgspec.json.decode(raw)) in SHARED_TYPES


def write_file(path: Path, data: bytes, *, replace: bool = False) -> None:
    """Write an export whole or not at all, readable by its owner. Raises AlreadyThere unless `replace`, and OSError."""
    if path.exists() and not replace:
        raise AlreadyThere(what=f"{path}", remedy="Choose another name, or replace it with --force.")
    paths.write_private(path, data)
