"""The part of the gateway that shows what arrived from colleagues beside the own record, and takes it over.

Apart from `gateway` only to keep each readable. What holds there holds here.
"""

import msgspec

from localstore import record
from localstore.bodies import MAX_DOCUMENT_BYTES
from localstore.documents import stowing
from localstore.identities import candidates, homonyms
from localstore.model import Entry
from localstore.terms import Terms
from sync.desk import Desk
from sync.receiving import inbox
from tui import drafts, values
from tui.gateways.base import OpenGateway
from tui.values_inbox import Beside, Extract, InboxLine, Takeover, Word


def open_record(desk: Desk, patient: str, why: str = "", *, log: bool = True) -> values.Record:
    """A patient's record with what the screens show around it; the reading is written to the history where `log`."""
    chart = record.open_chart(desk.practice, patient, why) if log else record.chart(desk.practice, patient)
    body = chart.patient
    return values.Record(
        id=chart.id,
        patient=body,
        identity=chart.identity,
        entries=tuple(_with_draft(desk, entry) for entry in chart.entries),
        competing=chart.competing(),
        homonyms=candidates.like(desk.record, homonyms.of_body(chart.id, body)),
        also_registered=chart.also_registered,
        today=desk.practice.today(),
        closed=not record.reads_everything(desk.practice),
    )


def _with_draft(desk: Desk, entry: Entry) -> Entry:
    """The entry; one that is an unsigned consultation with what was typed, to go on with it."""
    file = stowing.attachment_of(entry.body)
    if file is None or file.media_type != drafts.MEDIA_TYPE or file.size > MAX_DOCUMENT_BYTES:
        return entry
    return msgspec.structs.replace(entry, body=stowing.unstow(desk.record, entry.body))


class InboxGateway(OpenGateway):
    """What the screens ask about what arrived. Every method raises ConfrereError."""

    async def inbox(self) -> list[InboxLine]:
        """Everything that arrived for the doctor, newest first."""
        return await self._ask(lambda: [_line(item) for item in inbox.listing(self._desk)])

    async def extract(self, document: str, patient: str = "") -> Extract:
        """An extract beside the own record of `patient`, or of the one whom its identity matches."""

        def look() -> Extract:
            item = inbox.show(self._desk, document)
            found = inbox.candidates(self._desk, item.patient) if item.patient else []
            owner = patient or (found[0].id if len(found) == 1 else "")
            own = open_record(self._desk, owner, "beside an extract") if owner else None
            compared = inbox.compared(self._desk, item, own.entries if own else ())
            beside = tuple(Beside(one.entry, one.relation.value, one.own, one.is_proposed) for one in compared)
            return Extract(_line(item), tuple(found), own, beside)

        return await self._ask(look)

    async def take(self, document: str, patient: str, *, new: bool, only: frozenset[str] | None = None) -> Takeover:
        """Take an extract's entries over, or the versions of them that are named: into `patient`, or into a new one."""
        chosen = None if only is None else tuple(sorted(only))
        done = await self._ask(lambda: inbox.take(self._desk, document, patient, new=new, only=chosen))
        return Takeover(done.patient, done.added, done.already_here, done.competing)


def scope_of(terms: Terms) -> values.Scope:
    """The scope of a consent, as screens show it."""
    return values.Scope(
        terms.kinds,
        terms.purpose,
        terms.given,
        terms.ends,
        terms.restricted,
        terms.since,
        terms.before,
        terms.is_standing,
    )


def _line(item: inbox.Item) -> InboxLine:
    return InboxLine(
        id=item.id,
        colleague=item.colleague,
        type=item.type,
        state=item.state.value,
        arrived=item.arrived,
        reason=item.reason,
        as_of=item.as_of,
        patient=item.patient,
        entries=item.entries,
        scope=scope_of(item.terms) if item.terms else None,
        superseded_by=item.superseded_by,
        words={version: Word(one.name, one.as_of, one.standing) for version, one in item.words.items()},
        letter=item.letter,
    )
