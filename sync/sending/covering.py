"""What a consent covers of the open record at this moment, and the extract of it: signed, sealed and queued.

Whoever calls has asked the gate for the consent, and holds the transaction in which the extract is queued.
"""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from localstore import colleagues, consents, correspondence, crypto, people, record, versions
from localstore.colleagues import Colleague
from localstore.consents import Consent
from localstore.correspondence import Outgoing
from localstore.database import Connection
from localstore.documents import stowing
from localstore.errors import BadInput, TooLarge
from localstore.model import Entry
from localstore.record import Chart
from localstore.terms import Terms
from sync import anchoring
from sync import desk as desk_room
from sync.desk import Desk
from sync.errors import NoConsent
from sync.papers import soundness
from sync.papers.documents import DocumentType, Letter
from sync.receiving import passing
from sync.sending import extract, gate
from sync.trust import introductions


class Covered(NamedTuple):
    """What would travel of one record (`owner`, its local number) as it is now, and how many entries stay."""

    owner: int
    chart: Chart
    entries: tuple[Entry, ...]
    left_out: int

    @property
    def digest(self) -> bytes:
        """32 bytes that change with what would travel and with nothing else: the colleague must not learn, from an
        extract that says nothing new, that something was written which he may not see."""
        named = sorted((entry.id, entry.version) for entry in self.entries)
        told = (self.chart.id, extract.identity_to_share(self.chart.patient), named)
        return crypto.digest("covered", msgspec.msgpack.encode(told))


class Addressed(NamedTuple):
    """What makes a letter of an extract: which of its entries is the letter, and which letter that answers, if any."""

    letter: str
    answers: str = ""


class Queued(NamedTuple):
    """An extract in the outbox, and the titles of the documents that are too large for one."""

    outgoing: Outgoing
    too_large: tuple[str, ...]


def require(desk: Desk, owner: int, patient: str, colleague: Colleague) -> Consent:
    """The consent that counts today between a patient and a verified colleague. Raises NotVerified,
    KeyInDoubt, NoConsent."""
    introductions.require_verified(colleague)
    found = gate.standing(consents.between(desk.record, owner, colleague.num), desk.practice.today())
    if found is None:
        body = record.whole_chart(desk.record, owner).patient
        name = " ".join((body.family_name, *body.given_names[:1]))
        raise NoConsent(patient=name, name=colleague.name, patient_id=patient, id=colleague.id[:8])
    return found


def covered(connection: Connection, owner: int, terms: Terms) -> Covered:
    """What these terms cover of a record, whoever works here: an extract is never the part of it that he may read."""
    chart = record.whole_chart(connection, owner)
    return Covered(owner, chart, *gate.select(terms, chart.entries))


def again(desk: Desk, sent: Outgoing) -> Consent | None:
    """The consent that counts today for what was sent before and could not be opened: that under which it went, or the
    one that took its place. None where there is none, or the one of then was revoked, or the colleague is not verified.
    """
    if sent.consent is None:
        return None
    given = consents.by_number(desk.record, sent.consent)
    if given.revoked or not colleagues.by_number(desk.record, sent.colleague).is_verified:
        return None
    owner = people.kept(desk.record, given.patient)
    return gate.standing(consents.between(desk.record, owner, given.colleague), desk.practice.today())


def may_go_again(desk: Desk, sent: Outgoing, consent: Consent, found: Covered) -> bool:
    """Whether this may go in the place of what could not be opened. Only the very same may: whoever says that he cannot
    open something must not learn by it what was written since. Later changes go by themselves where the patient agreed
    to that, then and now."""
    given = consents.by_number(desk.record, sent.consent) if sent.consent is not None else consent
    by_itself = given.terms.is_standing and consent.terms.is_standing
    return by_itself or (bool(sent.digest) and sent.digest == found.digest)


def queue(
    desk: Desk,
    colleague: Colleague,
    consent: Consent,
    found: Covered,
    identifier: bytes,
    addressed: Addressed | None = None,
) -> Queued:
    """Sign, seal and queue an extract, or a letter, under a new identifier (16 bytes), after a receipt that carries the
    head.

    Raises BadInput (nothing of it can travel, or something of a letter cannot), TooLarge.
    """
    if not found.entries:
        raise BadInput(what="The consent covers no entry of this record.", remedy="Check its scope, or add entries.")
    travelling, too_large = _with_files(desk, record.with_sources(desk.practice, found.chart.id, found.entries))
    if addressed and too_large:  # before anything is queued: a letter goes whole, or not at all
        remedy = "Leave it out, and hand it over as a file."
        raise BadInput(what="“{title}” is too large to travel with a letter.", title=too_large[0], remedy=remedy)
    # Before the extract, and after the line of the history that tells of it: so the receipt for the extract gives the
    # head back with that line already.
    own = desk_room.feed_towards(desk, colleague)
    desk_room.post(desk, colleague, anchoring.receipt(desk, colleague, own))
    every = [entry for _, entry in versions.all_of_patient(desk.record, found.owner)]
    stays = extract.staying(record.with_sources(desk.practice, found.chart.id, every), travelling)
    last = "" if addressed else _last_extract(desk.record, found.owner, colleague)
    chart, now = found.chart, desk.practice.now()
    body = extract.build(consent.id, consent.terms, chart.id, chart.patient, travelling, now, last, stays)
    if addressed:
        body = Letter(**msgspec.structs.asdict(body), letter=addressed.letter, answers=addressed.answers)
    outgoing = desk_room.post(
        desk,
        colleague,
        passing.vouched(desk, body),
        patient=found.owner,
        consent=consent.num,
        entries=len(travelling),
        identifier=identifier,
        digest=found.digest,
    )
    return Queued(outgoing, too_large)


def _with_files(desk: Desk, entries: Sequence[Entry]) -> tuple[list[Entry], tuple[str, ...]]:
    """The entries with their files inside, and the titles of those that cannot travel: whoever gets an extract refuses
    all of it for one entry that is larger than a limit, or malformed. A source alone is left out instead. Raises
    BadInput where there is nothing else."""
    travelling, too_large = [], []
    for entry in entries:
        try:
            whole = msgspec.structs.replace(entry, body=stowing.unstow(desk.record, entry.body))
        except TooLarge:
            too_large.append(named(entry))
            continue
        bare = msgspec.structs.replace(whole, source=b"", source_url="")
        fit = next((one for one in (whole, bare) if not soundness.fault_of_entry(one)), None)
        if fit is None:
            too_large.append(named(entry))
        else:
            travelling.append(fit)
    if not travelling:
        raise BadInput(
            what="Everything that the consent covers is too large for an extract, or malformed.",
            remedy="Save it as a file, and hand it over otherwise.",
        )
    return travelling, tuple(too_large)


def named(entry: Entry) -> str:
    """What an entry that stays is called when the doctor is told so: its title, or the beginning of its identifier."""
    title = getattr(entry.body, "title", "") or getattr(getattr(entry.body, "concept", None), "label", "")
    return title[:80] or entry.id[:8]


def _last_extract(connection: Connection, owner: int, colleague: Colleague) -> str:
    """The identifier of the extract of a record that a colleague was sent last, or nothing."""
    sent = [
        one
        for consent in consents.between(connection, owner, colleague.num)
        for one in correspondence.of_consent(connection, consent.num)
        if one.type == DocumentType.EXTRACT and one.patient == owner
    ]
    return max(sent, key=lambda one: (one.made, one.feed, one.sequence)).document_id if sent else ""
