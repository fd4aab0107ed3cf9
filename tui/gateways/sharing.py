"""The part of the gateway that speaks with colleagues: cards, consents, extracts, outbox, the daemon.

Apart from `gateway` only to keep each readable. What holds there holds here: one thread for all work on the databases,
values out, no widget touched.
"""

import asyncio
from pathlib import Path

from localstore import colleagues, consents, correspondence, exporting, patients, record, versions
from localstore.colleagues import Colleague, State
from localstore.consents import Consent
from localstore.errors import TooLarge
from localstore.model import Entry
from localstore.roles import Right
from localstore.terms import Terms
from sync.errors import KeyChanged
from sync.post_office import launch, status
from sync.receiving import reception
from sync.sending import gate, sharing
from sync.sending import outbox as outbox_room
from sync.trust import card, introductions
from tui import values
from tui.gateways.base import told
from tui.gateways.inbox import InboxGateway, scope_of
from tui.words.marking import message

MAX_CARD_FILE = 64 * 1024  # a card has 3 kB; more is none

KIND_STAYS = message("kind not covered")
RESTRICTED_STAYS = message("restricted, not named")
DATE_STAYS = message("outside of the dates")


class SharingGateway(InboxGateway):
    """What the screens ask about colleagues and what is exchanged with them. Every method raises ConfrereError."""

    _told = ""  # the reason that was last told of what has not gone out

    # --- what has arrived, and the daemon ---------------------------------------------------------------------------

    async def collect(self) -> tuple[values.Arrivals, values.Mail]:
        """Open what arrived, finish what was interrupted, and say where the exchange stands."""
        return await self._ask(self._collect)

    def _collect(self) -> tuple[values.Arrivals, values.Mail]:
        sharing.settle_revocations(self._desk)
        found = reception.collect(self._desk)
        self._follow()  # what a crash kept from going out after it was saved
        gone, self._followed = tuple(self._followed), []
        put_off, self._told = self._put_off if self._put_off != self._told else "", self._put_off
        aside = found.set_aside + found.late
        told_of = values.Arrivals(found.extracts, found.withdrawals, aside, gone, put_off, found.letters)
        return told_of, self._mail()

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
        """Add the colleague whose card was pasted, or lies in a file; not verified yet. For one whose key that changes,
        he as he is now: stopped."""

        def add() -> values.ColleagueLine:
            data = _read_card(Path(file).expanduser()) if file else pasted.encode()
            try:
                return _line(introductions.add(self._desk, data))
            except KeyChanged as stopped:
                return _line(self._colleague(str(stopped.details["id"])))

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
            scope=scope_of(one.terms),
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
                stands=scope.standing,
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
        numbers = (done.never_sent, done.removal_requested, done.out_of_reach, done.opened)
        return values.Revocation(*numbers, len(done.consents))

    # --- outbox -------------------------------------------------------------------------------------------------

    async def outbox(self) -> list[values.OutboxLine]:
        """What was sent about patients, newest first, and how far each came."""
        return await self._ask(self._outbox)

    def _outbox(self) -> list[values.OutboxLine]:
        self._desk.practice.require(Right.READ)
        return [self._outbox_line(one) for one in reversed(outbox_room.listing(self._desk))]

    def _outbox_line(self, line: outbox_room.Line) -> values.OutboxLine:
        sent, patient = line.sent, ""
        if sent.patient is not None:
            found = patients.resolve(self._desk.record, versions.identifier(self._desk.record, sent.patient))
            patient = " ".join((found.family_name.upper(), *found.given_names[:1]))
        return values.OutboxLine(
            line.colleague.name, sent.type, patient, sent.made, sent.entries, line.state.value, line.at, sent.removed
        )

    async def frozen_feeds(self) -> list[values.FrozenFeed]:
        """The feeds that stand still, oldest first."""

        def look() -> list[values.FrozenFeed]:
            return [values.FrozenFeed(one.colleague, one.kind.value, one.at) for one in outbox_room.frozen(self._desk)]

        return await self._ask(look)


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


def _why_it_stays(terms: Terms, entry: Entry, restricted: frozenset[str]) -> str:
    if entry.kind not in terms.kinds:
        return KIND_STAYS
    named = entry.id not in restricted or entry.id in terms.restricted
    return DATE_STAYS if named else RESTRICTED_STAYS
