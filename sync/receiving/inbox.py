"""The inbox: looking at what arrived, and taking entries over into the own record, with their provenance."""

from collections.abc import Sequence

import msgspec

from localstore import colleagues, correspondence, patients, people, record, versions
from localstore.bodies import PatientBody
from localstore.correspondence import Received, ReceivedState
from localstore.database import transaction
from localstore.errors import BadInput
from localstore.folding import fold
from localstore.model import Entry, PatientSummary
from localstore.roles import Right
from localstore.terms import Terms
from sync.desk import Desk
from sync.papers import documents
from sync.papers.documents import ABOUT_A_PATIENT, DocumentType, Extract, Letter
from sync.receiving import beside, passing, taking
from sync.receiving.beside import Beside
from sync.receiving.passing import Word

_SHOWN = ABOUT_A_PATIENT | {DocumentType.RECOVERY_SHARE}


class Item(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of the inbox. What belongs to an extract is empty for anything else, and once it was withdrawn. Of a
    share of the colleague's recovery key it tells that it is held for him, and none of its words.

    `superseded_by` is the newest extract that takes the place of this one. `words` says by whom entries are signed that
    the colleague passes on, by version; `letter` which entry is the letter, and `answers` which letter that answers."""

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
    superseded_by: str = ""
    words: dict[str, Word] = {}
    letter: str = ""
    answers: str = ""


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
    found = [_item(desk, one) for one in correspondence.received(desk.record) if _is_shown(one)]
    return _with_successors(found)


def _is_shown(received: Received) -> bool:
    return received.type in _SHOWN or received.state is ReceivedState.SET_ASIDE


def _with_successors(items: list[Item]) -> list[Item]:
    """The same, newest first, each with the newest extract that takes its place."""
    newest: dict[str, str] = {}
    found = []
    for item in items:
        last = newest.get(item.id, "")
        if item.supersedes:
            newest[item.supersedes] = last or item.id
        found.append(msgspec.structs.replace(item, superseded_by=last) if last else item)
    return found


def count_set_aside(items: Sequence[Item]) -> int:
    """How many of these were not believed."""
    return sum(item.state is ReceivedState.SET_ASIDE for item in items)


def show(desk: Desk, reference: str) -> Item:
    """One document, by its identifier or the beginning of it; the reading goes into the history. Raises NotFound."""
    received = correspondence.by_identifier(desk.record, reference)
    with transaction(desk.record):
        desk.practice.log("received-read", patient=received.patient, subject=received.id)
    later = [
        _item(desk, one)
        for one in correspondence.received(desk.record)
        if one.num >= received.num and one.colleague == received.colleague and one.type in ABOUT_A_PATIENT
    ]
    found = {item.id: item for item in _with_successors(later)}
    return found.get(received.id) or _item(desk, received)


def _item(desk: Desk, received: Received) -> Item:
    author = colleagues.by_number(desk.record, received.colleague).name if received.colleague else ""
    item = Item(received.id, author, received.type, received.state, received.arrived, received.reason)
    body = _body(received)
    if body is None:
        return item
    return msgspec.structs.replace(
        item,
        patient=body.patient,
        terms=body.terms,
        as_of=body.as_of,
        entries=body.entries,
        supersedes=body.supersedes,
        words=passing.words(desk, body) if body.originals else {},
        letter=body.letter if isinstance(body, Letter) else "",
        answers=body.answers if isinstance(body, Letter) else "",
    )


def _body(received: Received) -> Extract | None:
    """The extract, where the document was believed and still holds one."""
    if received.state is ReceivedState.SET_ASIDE or not received.document:
        return None
    body = documents.read(received.document).content.body
    return body if isinstance(body, Extract) else None


def compared(desk: Desk, item: Item, own: Sequence[Entry]) -> tuple[Beside, ...]:
    """The entries of an extract, each beside what the `own` entries of the record that it may belong to say about the
    same thing."""
    connection, here, replaced = desk.record, set(), set()
    for entry in item.entries:
        if versions.number(connection, entry.version) is not None:
            here.add(entry.version)
        elif (first := versions.entry_number(connection, entry.id)) is not None:
            replaced |= {parent for _, known in versions.of_entry(connection, first) for parent in known.parents}
    return beside.compare(item.entries, own, here, replaced)


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
    """Take an extract's entries (or those named in `only`) over into the own record, with the words by which they are
    signed.

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
        added = taking.insert(desk, owner, received, item.colleague, chosen)
        _keep_words(desk, received, item.colleague, chosen)
        correspondence.set_received_state(desk.record, received.num, ReceivedState.TAKEN, patient=owner)
        desk.practice.log("extract-taken", patient=owner, subject=item.id, detail=f"{added} of {len(item.entries)}")
        taken = Taken(versions.identifier(desk.record, owner), added, len(chosen) - added)
        competing = record.chart(desk.practice, taken.patient).competing()
        return msgspec.structs.replace(taken, competing=len(competing & {entry.id for entry in chosen}))


def _keep_words(desk: Desk, received: Received, name: str, chosen: Sequence[Entry]) -> None:
    body = _body(received)
    if body is not None:
        passing.keep(desk, body, documents.read(received.document).content.author, name, chosen)


def likely_owner(desk: Desk, item: Item) -> str:
    """The own patient whom an extract is about, where its identity is that of one alone; else empty."""
    found = candidates(desk, item.patient) if item.patient else []
    return found[0].id if len(found) == 1 else ""


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
