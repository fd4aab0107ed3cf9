"""What a consent covers of the open record at this moment, and the extract of it: signed, sealed and queued.

Whoever calls has asked the gate for the consent, and holds the transaction in which the extract is queued.
"""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from localstore import consents, correspondence, crypto, record, versions
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
from sync.errors import NoConsent, NotVerified
from sync.papers.documents import DocumentType, Letter
from sync.receiving import passing
from sync.sending import extract, gate


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
    """The consent that counts today between a patient and a verified colleague. Raises NotVerified, NoConsent."""
    if not colleague.is_verified:
        raise NotVerified(name=colleague.name, id=colleague.id[:8])
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

    Raises BadInput (nothing of it can travel), TooLarge.
    """
    if not found.entries:
        raise BadInput(what="The consent covers no entry of this record.", remedy="Check its scope, or add entries.")
    travelling, too_large = _with_files(desk, record.with_sources(desk.practice, found.chart.id, found.entries))
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
    )
    return Queued(outgoing, too_large)


def _with_files(desk: Desk, entries: Sequence[Entry]) -> tuple[list[Entry], tuple[str, ...]]:
    """The entries with their files inside, and the titles of those that are too large to travel. Raises BadInput where
    there is nothing else."""
    travelling, too_large = [], []
    for entry in entries:
        try:
            travelling.append(msgspec.structs.replace(entry, body=stowing.unstow(desk.record, entry.body)))
        except TooLarge:
            too_large.append(getattr(entry.body, "title", "") or entry.id[:8])
    if not travelling:
        raise BadInput(
            what="Every document that the consent covers is too large for an extract.",
            remedy="Save it as a file, and hand it over otherwise.",
        )
    return travelling, tuple(too_large)


def _last_extract(connection: Connection, owner: int, colleague: Colleague) -> str:
    """The identifier of the extract of a record that a colleague was sent last, or nothing."""
    sent = [
        one
        for consent in consents.between(connection, owner, colleague.num)
        for one in correspondence.of_consent(connection, consent.num)
        if one.type == DocumentType.EXTRACT and one.patient == owner
    ]
    return max(sent, key=lambda one: (one.made, one.feed, one.sequence)).document_id if sent else ""
