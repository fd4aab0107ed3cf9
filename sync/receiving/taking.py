"""Writing what is taken over into the own record: under its own identifiers and authors, with where it came from."""

from collections.abc import Sequence

import msgspec

from localstore import colleagues, sources, versions
from localstore.correspondence import Received
from localstore.documents import stowing
from localstore.errors import BadInput
from localstore.fhir.json_text import decode
from localstore.fhir.read import read_resource
from localstore.import_errors import BrokenResource
from localstore.kinds import Provenance, Sensitivity
from localstore.model import Entry
from sync.desk import Desk
from sync.sending import extract


def insert(desk: Desk, owner: int, received: Received, colleague: str, entries: Sequence[Entry]) -> int:
    """Write entries of a received document into the record of `owner`, inside the caller's transaction; returns how
    many were not here yet. Raises BadInput for one whose identifier is that of something else here."""
    connection = desk.record
    key = colleagues.by_number(connection, received.colleague).id if received.colleague else ""
    origin = versions.origin_number(connection, Provenance.RECEIVED, colleague, key)
    urls = {url for url, _ in sources.of_patient(connection, owner).values()}
    added = 0
    for entry in entries:
        if _is_here(desk, entry):
            continue
        num = versions.next_number(connection)
        new = _version(desk, num, owner, origin, entry)
        if source_fits(entry):
            url = entry.source_url if _is_absolute(entry.source_url) and entry.source_url not in urls else ""
            urls.add(url)
            new = msgspec.structs.replace(new, source=entry.source, url=url)
        versions.insert(connection, [new])
        added += 1
    return added


def _is_here(desk: Desk, entry: Entry) -> bool:
    """Whether this very version is here; raises BadInput where another statement has its identifier."""
    num = versions.number(desk.record, entry.version)
    if num is None:
        return False
    ((_, here),) = versions.by_number(desk.record, [num])
    said, told = extract.travelling(here.body), extract.travelling(entry.body)
    if here.id != entry.id or not stowing.is_same(desk.record, said, told):
        raise BadInput(
            what="An entry of this extract bears the identifier of another one.", remedy="Ask the colleague about it."
        )
    return True


def source_fits(entry: Entry) -> bool:
    """Whether the verbatim source says what the entry says. Otherwise an export would tell something else than the
    chart, so the source is left out and the entry stands for itself."""
    if not entry.source:
        return False
    try:
        return read_resource(decode(entry.source, "source"), lambda _name: None).body == entry.body
    except BrokenResource:
        return False


def _is_absolute(url: str) -> bool:
    return url.startswith("urn:uuid:") and len(url) > len("urn:uuid:") or "://" in url


def _version(desk: Desk, num: int, owner: int, origin: int, entry: Entry) -> versions.NewVersion:
    first = versions.entry_number(desk.record, entry.id)
    sensitivity = entry.sensitivity
    if first is not None:
        here = [known for _, known in versions.of_entry(desk.record, first)]
        if here[0].kind is not entry.kind:
            raise BadInput(
                what="An entry of this extract bears the identifier of something else here.",
                remedy="Check the patient, and ask the colleague about it.",
            )
        if any(known.sensitivity is Sensitivity.RESTRICTED for known in here):
            sensitivity = Sensitivity.RESTRICTED
        # The record in which the entry began, also where that was merged into this one.
        owner = versions.patient_of(desk.record, first) or owner
    return versions.NewVersion(
        num=num,
        id=bytes.fromhex(entry.version),
        entry=first,
        entry_id=bytes.fromhex(entry.id) if first is None and entry.id != entry.version else None,
        patient=owner,
        body=stowing.stow(desk.record, owner, extract.travelling(entry.body)),
        kind=entry.kind,
        date=entry.date,
        recorded=entry.recorded,
        author=versions.author_number(desk.record, entry.author),
        origin=origin,
        status=entry.status,
        sensitivity=sensitivity,
        parents=tuple(bytes.fromhex(parent) for parent in entry.parents),
        received=True,
    )
