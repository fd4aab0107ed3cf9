"""The part of the gateway that speaks with colleagues: cards, consents, extracts, inbox, outbox, the daemon.

Apart from `gateway` only to keep each readable. What holds there holds here: one thread for all work on the databases,
values out, no widget touched.
"""

import asyncio
from pathlib import Path

import msgspec

from localstore import colleagues, consents, correspondence, exporting, patients, postbox, record, versions
from localstore.bodies import MAX_DOCUMENT_BYTES
from localstore.colleagues import Colleague, State
from localstore.consents import Consent
from localstore.correspondence import Outgoing
from localstore.documents import stowing
from localstore.errors import TooLarge
from localstore.identities import candidates, homonyms
from localstore.model import Entry
from localstore.roles import Right
from localstore.terms import Terms
from sync import card, gate, inbox, introductions, launch, reception, sharing, status
from sync.desk import Desk
from sync.documents import DocumentType
from tui import drafts, values
from tui.gateways.base import OpenGateway, told
from tui.words.marking import message

MAX_CARD_FILE = 64 * 1024  # a card has 3 kB; more is none
# Keys and receipts are nothing for a doctor to follow.
_TOLD = (DocumentType.EXTRACT, DocumentType.WITHDRAWAL, DocumentType.RECOVERY_SHARE, correspondence.KEPT_BACK)

KIND_STAYS = message("kind not covered")
RESTRICTED_STAYS = message("restricted, not named")
DATE_STAYS = message("outside of the dates")


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


class SharingGateway(OpenGateway):
    """What the screens ask about colleagues and what is exchanged with them. Every method raises ConfrereError."""

    # --- what has arrived, and the daemon ---------------------------------------------------------------------------

    async def collect(self) -> tuple[values.Arrivals, values.Mail]:
        """Open what arrived, finish what was interrupted, and say where the exchange stands."""
        return await self._ask(self._collect)

    def _collect(self) -> tuple[values.Arrivals, values.Mail]:
        sharing.settle_revocations(self._desk)
        found = reception.collect(self._desk)
        return values.Arrivals(found.extracts, found.withdrawals, found.set_aside), self._mail()

    def _mail(self) -> values.Mail:
        found = status.read(self._desk.practice.folder)
        report = found.report if found.running else None
        return values.Mail(
            new=correspondence.count_new(self._desk.record),
            verified=sum(one.is_verified for one in colleagues.listing(self._desk.record)),
            daemon=found.running,
            connected=report.connected if report else 0,
            trouble=report.last_error if report else "",
        )

    async def start_daemon(self) -> bool:
        """Start the sync daemon where there is a verified colleague and none runs; whether it was started."""
        mail = await self._ask(self._mail)
        if mail.daemon or not mail.verified:
            return False
        folder, key = self._desk.practice.folder, self._desk.postbox_key
        # In a thread of its own: it may take seconds, and touches no database of ours.
        self._daemon = await asyncio.to_thread(told, lambda: launch.start(folder, key))
        return True

    # --- colleagues -------------------------------------------------------------------------------------------------

    async def colleagues(self) -> list[values.ColleagueLine]:
        """All colleagues, by name."""
        return await self._ask(lambda: [_line(one) for one in colleagues.listing(self._desk.record)])

    async def own_card(self) -> values.OwnCard:
        """This practice's card, as text to hand over."""
        mine = await self._ask(lambda: introductions.my_card(self._desk))
        body = mine.body
        return values.OwnCard(body.name, body.rpps, body.practice, body.town, card.armour(mine).decode("ascii"))

    async def save_card(self, typed: str) -> str:
        """Write this practice's card to a file; its name."""

        def write() -> str:
            path = Path(typed).expanduser()
            exporting.write_file(path, card.armour(introductions.my_card(self._desk)))
            return str(path)

        return await self._ask(write)

    async def add_card(self, pasted: str, file: str = "") -> values.ColleagueLine:
        """Add the colleague whose card was pasted, or lies in a file; not verified yet."""

        def add() -> values.ColleagueLine:
            data = _read_card(Path(file).expanduser()) if file else pasted.encode()
            return _line(introductions.add(self._desk, data))

        return await self._ask(add)

    async def fingerprint(self, colleague: str) -> str:
        """The 50 digits that both must read the same."""
        return await self._ask(lambda: introductions.fingerprint(self._desk, self._colleague(colleague)))

    async def verify(self, colleague: str, digits: str, by_phone: bool) -> values.ColleagueLine:
        """Mark a colleague as verified, given the digits that he read out."""
        state = State.VERIFIED_BY_PHONE if by_phone else State.VERIFIED_IN_PERSON
        return await self._ask(
            lambda: _line(introductions.verify(self._desk, self._colleague(colleague), digits, state))
        )

    async def part(self, colleague: str) -> None:
        """Part from a colleague."""
        await self._ask(lambda: introductions.remove(self._desk, self._colleague(colleague)))

    def _colleague(self, identifier: str) -> Colleague:
        return colleagues.resolve(self._desk.record, identifier)

    # --- consents and extracts --------------------------------------------------------------------------------------

    async def consents(self, patient: str) -> list[values.ConsentLine]:
        """All consents of a patient, newest first."""
        return await self._ask(lambda: self._consents(patient))

    def _consents(self, patient: str) -> list[values.ConsentLine]:
        self._desk.practice.require(Right.READ)
        owner = patients.number(self._desk.record, patient)
        found = consents.of_patient(self._desk.record, owner)
        day = self._desk.practice.today()
        standing = {
            gate.standing([one for one in found if one.colleague == num], day)
            for num in {one.colleague for one in found}
        }
        in_force = {one.id for one in standing if one}
        return [self._consent_line(one, one.id in in_force) for one in found]

    def _consent_line(self, one: Consent, in_force: bool) -> values.ConsentLine:
        colleague = colleagues.by_number(self._desk.record, one.colleague)
        return values.ConsentLine(
            id=one.id,
            colleague=colleague.name,
            colleague_id=colleague.id,
            scope=_scope(one.terms),
            recorded_by=one.terms.recorded_by,
            begins=one.terms.begins,
            granted=one.granted,
            revoked=one.revoked,
            in_force=in_force,
        )

    async def grant(self, patient: str, colleague: str, scope: values.Scope) -> values.ConsentLine:
        """Record a consent."""

        def grant() -> values.ConsentLine:
            made = sharing.grant(
                self._desk,
                patient,
                self._colleague(colleague),
                kinds=scope.kinds,
                purpose=scope.purpose,
                given=scope.given,
                ends=scope.ends,
                restricted=scope.restricted,
                since=scope.since,
                before=scope.before,
            )
            return self._consent_line(made, True)

        return await self._ask(grant)

    async def preview(self, patient: str, scope: values.Scope) -> values.Preview:
        """What an extract under this scope would hold, and what would stay."""
        terms = Terms(
            scope.kinds, scope.purpose, scope.given, "", "", scope.ends, scope.restricted, scope.since, scope.before
        )
        chart = await self._ask(lambda: record.chart(self._desk.practice, patient))
        goes = gate.select(terms, chart.entries).entries
        restricted = gate.restricted_ids(chart.entries)
        leaving = {one.version for one in goes}
        left = [one for one in chart.entries if one.version not in leaving and not gate.stays_here(one)]
        return values.Preview(goes, tuple((one, _why_it_stays(terms, one, restricted)) for one in left))

    async def share(self, patient: str, colleague: str) -> values.Sent:
        """Make, sign, seal and queue an extract under the consent in force."""
        sent = await self._ask(lambda: sharing.share(self._desk, patient, self._colleague(colleague)))
        return values.Sent(sent.entries, sent.left_out, sent.envelope_bytes, sent.too_large)

    async def revoke(self, consent: str) -> values.Revocation:
        """End a consent, and say what that reaches."""
        done = await self._ask(lambda: sharing.revoke(self._desk, consents.by_identifier(self._desk.record, consent)))
        return values.Revocation(done.never_sent, done.removal_requested, done.out_of_reach)

    # --- inbox and outbox -------------------------------------------------------------------------------------------

    async def inbox(self) -> list[values.InboxLine]:
        """Everything that arrived for the doctor, newest first."""
        return await self._ask(lambda: [_inbox_line(item) for item in inbox.listing(self._desk)])

    async def extract(self, document: str, patient: str = "") -> values.Extract:
        """An extract beside the own record of `patient`, or of the one whom its identity matches."""

        def look() -> values.Extract:
            item = inbox.show(self._desk, document)
            found = inbox.candidates(self._desk, item.patient) if item.patient else []
            own = patient or (found[0].id if len(found) == 1 else "")
            here = {one.version for one in item.entries if versions.number(self._desk.record, one.version) is not None}
            beside = open_record(self._desk, own, "beside an extract") if own else None
            return values.Extract(_inbox_line(item), tuple(found), beside, frozenset(here))

        return await self._ask(look)

    async def take(self, document: str, patient: str, *, new: bool) -> values.Takeover:
        """Take an extract's entries over: into `patient`, or into a new one."""
        done = await self._ask(lambda: inbox.take(self._desk, document, patient, new=new))
        return values.Takeover(done.patient, done.added, done.already_here, done.competing)

    async def outbox(self) -> list[values.OutboxLine]:
        """Extracts and withdrawals that were sent, newest first, and how far each came."""
        return await self._ask(self._outbox)

    def _outbox(self) -> list[values.OutboxLine]:
        self._desk.practice.require(Right.READ)
        progress = {(one.feed, one.sequence): one for one in postbox.progress(self._desk.postbox)}
        sent = [one for one in correspondence.outgoing(self._desk.record) if one.type in _TOLD]
        return [self._outbox_line(one, progress.get((one.feed, one.sequence))) for one in reversed(sent)]

    def _outbox_line(self, one: Outgoing, at: postbox.Progress | None) -> values.OutboxLine:
        patient = ""
        if one.patient is not None:
            found = patients.resolve(self._desk.record, versions.identifier(self._desk.record, one.patient))
            patient = " ".join((found.family_name.upper(), *found.given_names[:1]))
        state, moment = (at.state.value, at.at) if at else (postbox.DeliveryState.QUEUED.value, one.made)
        if one.opened:
            state, moment = "opened", one.opened
        colleague = colleagues.by_number(self._desk.record, one.colleague).name
        return values.OutboxLine(colleague, one.type, patient, one.made, one.entries, state, moment, one.removed)


def _read_card(path: Path) -> bytes:
    with path.open("rb") as file:
        data = file.read(MAX_CARD_FILE + 1)
    if len(data) > MAX_CARD_FILE:
        raise TooLarge(what="A contact card", limit="64 KiB")
    return data


def _line(one: Colleague) -> values.ColleagueLine:
    body = card.check(one.card).body
    since = one.verified or one.added
    return values.ColleagueLine(
        one.id, one.name, one.rpps, body.profession, body.practice, body.town, one.state.value, one.is_verified, since
    )


def _scope(terms: Terms) -> values.Scope:
    return values.Scope(
        terms.kinds, terms.purpose, terms.given, terms.ends, terms.restricted, terms.since, terms.before
    )


def _why_it_stays(terms: Terms, entry: Entry, restricted: frozenset[str]) -> str:
    if entry.kind not in terms.kinds:
        return KIND_STAYS
    named = entry.id not in restricted or entry.id in terms.restricted
    return DATE_STAYS if named else RESTRICTED_STAYS


def _inbox_line(item: inbox.Item) -> values.InboxLine:
    return values.InboxLine(
        id=item.id,
        colleague=item.colleague,
        type=item.type,
        state=item.state.value,
        arrived=item.arrived,
        reason=item.reason,
        as_of=item.as_of,
        patient=item.patient,
        entries=item.entries,
        scope=_scope(item.terms) if item.terms else None,
    )
