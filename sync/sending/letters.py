"""Letters to a colleague about a patient: written into the record, and sent in the same transaction under the consent
that stands. A letter travels as an extract that holds it and the entries enclosed with it, and nothing else.
"""

from collections.abc import Sequence
from typing import NamedTuple

from localstore import colleagues, correspondence, enclosures, patients, people, record, versions
from localstore.bodies import LetterBody
from localstore.colleagues import Colleague
from localstore.consents import Consent
from localstore.correspondence import Outgoing, Received
from localstore.database import transaction
from localstore.errors import BadInput, TooLarge
from localstore.kinds import Status
from localstore.model import Entry
from localstore.roles import Right
from sync import desk as desk_room
from sync.desk import Desk
from sync.errors import NotCovered
from sync.papers import documents
from sync.papers.documents import DocumentType, Letter
from sync.sending import covering, gate
from sync.sending.covering import Addressed, Covered

MAX_ENCLOSED = 100  # entries; whoever wants to send more shares an extract


class Sent(NamedTuple):
    """A letter in the outbox: the document's identifier, its consent, the entry that was written, how many entries are
    enclosed, and the size of the envelope in bytes."""

    document: str
    consent: str
    letter: Entry
    enclosed: int
    envelope_bytes: int


class Answering(NamedTuple):
    """What an answer begins with: the colleague, the identifier of his letter, its title, and the own patient into
    whose record it was taken over; empty where it was not."""

    colleague: Colleague
    letter: str
    title: str
    patient: str


def send(
    desk: Desk,
    patient: str,
    colleague: Colleague,
    title: str,
    text: str,
    enclosed: Sequence[str] = (),
    answers: str = "",
) -> Sent:
    """Write a letter into a patient's record and send it; `enclosed` are entries by identifier. All of it, or nothing.

    The gate is asked in the very transaction that queues. Raises NotYourRole, NotVerified, NoConsent, NotCovered,
    BadInput, TooLarge.
    """
    desk.practice.require(Right.SHARE)
    title, text = title.strip(), text.strip()
    if not text:
        raise BadInput(what="A letter needs a text.", remedy="Write it.")
    if len(set(enclosed)) > MAX_ENCLOSED:
        remedy = "Share an extract instead: confrere share"
        raise BadInput(what="More than {count} entries are enclosed.", count=MAX_ENCLOSED, remedy=remedy)
    with transaction(desk.record):
        colleague = colleagues.by_number(desk.record, colleague.num)
        owner = patients.number(desk.record, patient)
        consent = covering.require(desk, owner, patient, colleague)
        body = LetterBody(title, "sent", colleague.name, colleague.rpps, text)
        letter = record.add(desk.practice, patient, body, desk.practice.today())
        new = versions.new_id()
        found = _chosen(desk, owner, consent, colleague, (letter.id, *enclosed))
        desk.practice.log("letter-sent", patient=owner, subject=new.hex(), detail=colleague.id)
        outgoing = _queue(desk, colleague, consent, found, new, Addressed(letter.id, answers))
    for conflict in desk_room.dispatch(desk):
        if correspondence.envelope_of(desk.record, outgoing.feed, outgoing.sequence) is not None:
            raise conflict
    return Sent(outgoing.document_id, consent.id, letter, outgoing.entries - 1, len(outgoing.envelope or b""))


def _chosen(desk: Desk, owner: int, consent: Consent, colleague: Colleague, wanted: Sequence[str]) -> Covered:
    """The entries with these identifiers, the letter first, if the consent covers each. Raises NotCovered, BadInput."""
    chart = record.whole_chart(desk.record, owner)
    known = {entry.id for entry in chart.entries}
    if set(wanted) - known:
        raise BadInput(what="An entry that is to be enclosed is not in this record.", remedy="Check its identifier.")
    passed = [entry for entry in gate.select(consent.terms, chart.entries).entries if entry.id in wanted]
    covered_here = {entry.id for entry in passed}
    outside = [entry for entry in chart.entries if entry.id in set(wanted) - covered_here]
    if outside:
        titles = ", ".join(covering.named(entry) for entry in outside)
        raise NotCovered(name=colleague.name, count=len(outside), id=consent.id[:8], titles=titles)
    order = {identifier: place for place, identifier in enumerate(wanted)}
    entries = tuple(sorted(passed, key=lambda entry: order[entry.id]))
    return Covered(owner, chart, entries, len(chart.entries) - len(entries))


def _queue(
    desk: Desk, colleague: Colleague, consent: Consent, found: Covered, new: bytes, addressed: Addressed
) -> Outgoing:
    outgoing = covering.queue(desk, colleague, consent, found, new, addressed).outgoing
    enclosures.put(desk.record, new, addressed.answers, [entry.id for entry in found.entries])
    return outgoing


def seal_anew(desk: Desk, sent: Outgoing) -> bool:
    """Send a letter that its recipient could not open any more once again, inside the caller's transaction, with what
    was enclosed. False where nothing goes: no consent counts any more, or does not cover all of it now, or some of it
    was amended since and the consent is not one under which later changes go by themselves."""
    kept, consent = enclosures.of(desk.record, bytes.fromhex(sent.document_id)), covering.again(desk, sent)
    if kept is None or consent is None:
        return False
    colleague = colleagues.by_number(desk.record, sent.colleague)
    try:
        found = _chosen(desk, people.kept(desk.record, consent.patient), consent, colleague, kept.entries)
        # One that was entered in error was perhaps never read: it does not go once more, even with its mark.
        in_error = any(entry.status is Status.ENTERED_IN_ERROR for entry in found.entries)
        if in_error or not covering.may_go_again(desk, sent, consent, found):
            return False
        _queue(desk, colleague, consent, found, versions.new_id(), Addressed(kept.entries[0], kept.answers))
    except (BadInput, NotCovered, TooLarge):
        return False
    return True


def answering(desk: Desk, received: Received) -> Answering:
    """What is known of a letter that is to be answered. Raises BadInput when it is none, or was withdrawn."""
    body = documents.read(received.document).content.body if received.type == DocumentType.LETTER else None
    if not received.document or not isinstance(body, Letter) or received.colleague is None:
        raise BadInput(what="This is no letter that can be answered.", remedy="See: confrere inbox")
    colleague = colleagues.by_number(desk.record, received.colleague)
    title = next((getattr(entry.body, "title", "") for entry in body.entries if entry.id == body.letter), "")
    owner = received.patient
    return Answering(colleague, body.letter, title, versions.identifier(desk.record, owner) if owner else "")
