"""The inbox: looking at what arrived, and taking entries over into the own record, with their provenance."""

from collections.abc import Sequence

import msgspec

from localstore import colleagues, correspondence, patients, people, record, sources, versions
from localstore.bodies import PatientBody
from localstore.correspondence import Received, ReceivedState
from localstore.database import transaction
from localstore.documents import stowing
from localstore.errors import BadInput
from localstore.fhir.json_text import decode
from localstore.fhir.read import read_resource
from localstore.folding import fold
from localstore.import_errors import BrokenResource
from localstore.kinds import Provenance, Sensitivity
from localstore.model import Entry, PatientSummary
from localstore.roles import Right
from localstore.terms import Terms
from sync import documents, extract
from sync.desk import Desk
from sync.documents import DocumentType, Extract

_SHOWN = frozenset({DocumentType.EXTRACT, DocumentType.RECOVERY_SHARE})


class Item(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of the inbox. What belongs to an extract is empty for anything else, and once it was withdrawn. Of a
    share of the colleague's recovery key it tells that it is held for him, and none of its words."""

    id: str
    colleague: str
    type: str
    state: ReceivedState
    arrived: str
    reason: str = ""
    patient: PatientBody | None = None
    terms: Terms | None = None
    as_of: str = ""
    entries: tuple[Entry, ...] = ()
    supersedes: str = ""


class Taken(msgspec.Struct, frozen=True):
    """What taking over did: the patient's identifier, entries added, entries that were here already, and how many of
    those added now stand beside a version of our own, which they do not replace."""

    patient: str
    added: int
    already_here: int
    competing: int = 0


def listing(desk: Desk) -> list[Item]:
    """Everything that arrived for the doctor, newest first. Raises NotYourRole."""
    desk.practice.require(Right.READ)
    return [_item(desk, received) for received in correspondence.received(desk.record) if _is_shown(received)]


def _is_shown(received: Received) -> bool:
    return received.type in _SHOWN or received.state is ReceivedState.SET_ASIDE


def show(desk: Desk, reference: str) -> Item:
    """One document, by its identifier or the beginning of it; the reading goes into the history. Raises NotFound."""
    received = correspondence.by_identifier(desk.record, reference)
    with transaction(desk.record):
        desk.practice.log("received-read", patient=received.patient, subject=received.id)
    return _item(desk, received)


def _item(desk: Desk, received: Received) -> Item:
    author = colleagues.by_number(desk.record, received.colleague).name if received.colleague else ""
    item = Item(received.id, author, received.type, received.state, received.arrived, received.reason)
    if received.state is ReceivedState.SET_ASIDE or not received.document:
        return item
    body = documents.read(received.document).content.body
    if not isinstance(body, Extract):
        return item
    return msgspec.structs.replace(
        item,
        patient=body.patient,
        terms=body.terms,
        as_of=body.as_of,
        entries=body.entries,
        supersedes=body.supersedes,
    )


def candidates(desk: Desk, identity: PatientBody) -> list[PatientSummary]:
    """The own patients whom this identity may be: same INS, or same names and birth date."""
    names = " ".join((identity.family_name, *identity.given_names[:1]))
    query = f"{names} {identity.birth_date}" if len(identity.birth_date) == 10 else names
    found = {one.id: one for one in patients.search(desk.record, query)}
    if identity.ins:
        found |= {one.id: one for one in patients.search(desk.record, identity.ins)}
    return [one for one in found.values() if _may_be(one, identity)]


def _may_be(summary: PatientSummary, identity: PatientBody) -> bool:
    if summary.ins and identity.ins:
        return summary.ins == identity.ins
    return (
        fold(summary.family_name) == fold(identity.family_name)
        and fold(" ".join(summary.given_names[:1])) == fold(" ".join(identity.given_names[:1]))
        and summary.birth_date == identity.birth_date
    )


def take(
    desk: Desk, reference: str, patient: str = "", *, new: bool = False, only: Sequence[str] | None = None
) -> Taken:
    """Take an extract's entries (or those named in `only`) over into the own record.

    Into `patient`; or into a new patient when `new`; or else into the one own patient whom the identity matches.
    Entries keep their identifiers and authors, so taking twice changes nothing. Raises NotFound, UnknownPatient, and
    BadInput where there is no one patient to choose, nothing left to take, or one of the entries lies in the record of
    somebody else.
    """
    with transaction(desk.record):
        received = correspondence.by_identifier(desk.record, reference)
        item = _item(desk, received)
        if item.patient is None:
            raise BadInput(what="There is no extract to take over from here.", remedy="See: confrere inbox list")
        chosen = [entry for entry in item.entries if only is None or entry.id in only or entry.version in only]
        if not chosen:
            raise BadInput(what="No entry of this extract was named.", remedy="See: confrere inbox show")
        owner = _owner(desk, item.patient, patient, new)
        for entry in chosen:
            _require_at_home(desk, entry, owner)
        added = _insert(desk, owner, received, item.colleague, chosen)
        correspondence.set_received_state(desk.record, received.num, ReceivedState.TAKEN, patient=owner)
        desk.practice.log("extract-taken", patient=owner, subject=item.id, detail=f"{added} of {len(item.entries)}")
        taken = Taken(versions.identifier(desk.record, owner), added, len(chosen) - added)
        competing = record.chart(desk.practice, taken.patient).competing()
        return msgspec.structs.replace(taken, competing=len(competing & {entry.id for entry in chosen}))


def _owner(desk: Desk, identity: PatientBody, patient: str, new: bool) -> int:
    if patient:
        return patients.number(desk.record, patient)
    if not new:
        found = candidates(desk, identity)
        if len(found) == 1:
            return patients.number(desk.record, found[0].id)
        if found:
            raise BadInput(what="Several patients of this practice may be meant.", remedy="Say which with --patient.")
        raise BadInput(
            what="No patient of this practice has this identity.",
            remedy="Take it over into a new patient with --new, or say which patient with --patient.",
        )
    return patients.number(desk.record, record.add_patient(desk.practice, identity).id)


def _require_at_home(desk: Desk, entry: Entry, owner: int) -> None:
    """Raise BadInput for an entry that lies in another person's record here: it would be missing from this one, or the
    extract be torn into two."""
    connection = desk.record
    known = (versions.entry_number(connection, entry.id), versions.number(connection, entry.version))
    for num in known:
        whose = versions.patient_of(connection, num) if num is not None else None
        if num is None or (whose is not None and people.kept(connection, whose) == owner):
            continue
        if whose is None:
            raise BadInput(
                what="An entry of this extract bears the identifier of something else here.",
                remedy="Check the patient, and ask the colleague about it.",
            )
        other = patients.summary(connection, people.kept(connection, whose))
        raise BadInput(
            what="Entries of this extract lie in another record already, that of {name} ({id}).",
            name=" ".join((other.family_name, *other.given_names[:1])),
            id=other.id[:16],
            remedy="If that is the same person, take the extract over into it, or merge the two records. If it was the"
            " wrong record, mark these entries there as entered in error, and write them here by hand.",
        )


def _insert(desk: Desk, owner: int, received: Received, colleague: str, entries: Sequence[Entry]) -> int:
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
