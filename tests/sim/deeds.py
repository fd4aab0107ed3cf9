"""What people do, each deed in one window of one practice: writing, consenting, sharing, revoking, collecting."""

from collections.abc import Callable
from datetime import date, timedelta

from localstore import consents, correspondence, postbox, record
from localstore.bodies import AllergyBody, Body, MedicationBody, ProblemBody
from localstore.correspondence import ReceivedState
from localstore.database import Connection
from localstore.errors import BadInput
from localstore.kinds import Kind, Sensitivity, Status
from localstore.postbox import DeliveryState
from localstore.values import Concept
from sync import handing
from sync.desk import Desk
from sync.errors import NoConsent, NotVerified
from sync.papers import documents
from sync.receiving import inbox, reception
from sync.sending import sharing, standing
from sync.trust import introductions
from tests.sim.book import Given, Written, stands
from tests.sim.house import SENT, House

Deed = Callable[[House, Desk], None]
# Why a document may be set aside where nobody does anything wrong.
OF_WHOM_WE_HAVE_PARTED = "its author is not a verified colleague"
OF_A_DELETED_KEY = "the key that it was sealed under was deleted here, or never came; it is asked for anew"
KINDS = (Kind.PROBLEM, Kind.ALLERGY, Kind.MEDICATION)
_BODIES: dict[Kind, Callable[[Concept], Body]] = {
    Kind.PROBLEM: lambda what: ProblemBody(what),
    Kind.ALLERGY: lambda what: AllergyBody(what),
    Kind.MEDICATION: lambda what: MedicationBody(what),
}


def _body(house: House, kind: Kind) -> Body:
    return _BODIES[kind](Concept(f"Énoncé {house.town.dice.randrange(10**6)}"))


def _patient(house: House) -> str:
    shared = [patient for patient, _ in house.book.pairs()]
    if shared and house.town.dice.happens(0.7):
        return house.town.dice.choice(shared)
    return house.town.dice.choice(list(house.book.entries))


# --- the record -------------------------------------------------------------------------------------------------


def write(house: House, desk: Desk) -> None:
    """A new entry."""
    dice, patient = house.town.dice, _patient(house)
    kind, restricted = dice.choice(KINDS), dice.happens(0.25)
    sensitivity = Sensitivity.RESTRICTED if restricted else Sensitivity.NORMAL
    entry = record.add(desk.practice, patient, _body(house, kind), sensitivity=sensitivity)
    house.book.entries[patient].setdefault(entry.id, Written(kind, restricted))


def amend(house: House, desk: Desk) -> None:
    """Another version of an entry; it may become restricted, or be called an error."""
    dice, patient = house.town.dice, _patient(house)
    standing = [one for one in record.chart(desk.practice, patient).entries if one.status is Status.FINAL]
    if not standing:
        return
    entry = dice.choice(standing)
    if dice.happens(0.2):
        record.retract(desk.practice, entry.version, "erreur")
        return
    restricted = dice.happens(0.2)
    sensitivity = Sensitivity.RESTRICTED if restricted else None
    record.amend(desk.practice, entry.version, _body(house, entry.kind), sensitivity=sensitivity)
    house.book.entries[patient][entry.id].restricted |= restricted


# --- consents ---------------------------------------------------------------------------------------------------


def grant(house: House, desk: Desk) -> None:
    """A consent, narrow or wide, for ever or for some days."""
    dice, patient = house.town.dice, _patient(house)
    recipient = dice.choice([one.name for one in house.town.neighbours(house)])
    grant_to(house, desk, patient, recipient)


def grant_to(house: House, desk: Desk, patient: str, recipient: str) -> None:
    """A consent about this patient for this practice."""
    dice, today = house.town.dice, house.clock.today()
    kinds = tuple(kind for kind in KINDS if dice.happens(0.75)) or KINDS
    restricted = [name for name, one in house.book.entries[patient].items() if one.restricted]
    named = tuple(name for name in restricted if dice.happens(0.4))
    last = (date.fromisoformat(today) + timedelta(days=dice.randrange(20))).isoformat()
    ends = last if dice.happens(0.3) else ""
    if recipient in house.book.removed:
        return
    colleague = house.colleague(desk, recipient)
    follows = dice.happens(0.5)
    made = sharing.grant(
        desk, patient, colleague, kinds=kinds, purpose="soins", ends=ends, restricted=named, stands=follows
    )
    if house.book.consent(made.id) is None:
        given = Given(made.id, patient, recipient, frozenset(made.terms.kinds), frozenset(named), today, ends, follows)
        house.book.consents.append(given)


def share(house: House, desk: Desk) -> None:
    """Send an extract to whom it may concern, or try to."""
    dice, book = house.town.dice, house.book
    pairs = book.pairs()
    if not pairs or dice.happens(0.05):
        patient, recipient = _patient(house), dice.choice([one.name for one in house.town.neighbours(house)])
    else:
        patient, recipient = dice.choice(pairs)
    share_with(house, desk, patient, recipient)


def share_with(house: House, desk: Desk, patient: str, recipient: str) -> None:
    """Send an extract, or be refused by what the book also says."""
    consent = house.book.newest(patient, recipient)
    others = house.town.totals.second_windows
    may = (
        recipient not in house.book.removed
        and consent is not None
        and stands(consent, house.clock.today())
        and bool(house.book.allowed(consent))
    )
    try:
        sharing.share(desk, patient, house.colleague(desk, recipient))
    except (NoConsent, NotVerified, BadInput) as refused:
        if may and others == house.town.totals.second_windows:
            house.town.broken(f"{house.host} was refused what {recipient} may have: {refused}")


def revoke(house: House, desk: Desk) -> None:
    """Take a consent back. What never left by now must never arrive."""
    standing = [one for one in house.book.consents if not one.revoked]
    if standing:
        revoke_one(house, desk, house.town.dice.choice(standing))


def revoke_one(house: House, desk: Desk, given: Given) -> None:
    """Take this one back, and with it all of the same patient for the same colleague."""
    town = house.town
    done = sharing.revoke(desk, consents.by_identifier(desk.record, given.id))
    states = {(one.feed, one.sequence): one.state for one in postbox.progress(desk.postbox)}
    for identifier in sorted({given.id, *done.consents}):
        ended = house.book.consent(identifier)
        if ended is not None:
            ended.revoked = True
        town.totals.revocations += 1
        town.told(f"{house.host} has revoked {identifier[:8]}")
        for one in correspondence.of_consent(desk.record, consents.by_identifier(desk.record, identifier).num):
            state = states.get((one.feed, one.sequence), DeliveryState.QUEUED)
            if state is DeliveryState.QUEUED and one.document_id in town.sealed:
                town.banned[one.document_id] = house.name


# --- what arrives -----------------------------------------------------------------------------------------------


def part(house: House, desk: Desk) -> None:
    """Part from a colleague: nothing is sealed for him after that."""
    town = house.town
    name = town.dice.choice([one.name for one in town.neighbours(house)])
    part_from(house, desk, name)
    town.totals.removals += 1


def part_from(house: House, desk: Desk, name: str) -> None:
    """Part from this one. Who is interrupted in that does it again."""
    house.book.parting.add(name)
    introductions.remove(desk, house.colleague(desk, name))
    house.book.removed.add(name)
    house.book.parting.discard(name)


def collect(house: House, desk: Desk) -> None:
    """What every opening of the practice does."""
    for name in sorted(house.book.parting):
        part_from(house, desk, name)
    sharing.settle_revocations(desk)
    found = reception.collect(desk)
    town = house.town
    town.totals.deliveries += found.extracts
    town.totals.withdrawals += found.withdrawals
    town.totals.sealed_anew += found.sealed_anew
    town.totals.lost_to_restores += found.lost_here
    if found.set_aside and not any(one.doubtful for one in town.houses):
        reasons = {one.reason for one in correspondence.received(desk.record) if one.state is ReceivedState.SET_ASIDE}
        if house.book.removed:
            reasons.discard(OF_WHOM_WE_HAVE_PARTED)
        if reasons - {OF_A_DELETED_KEY}:
            town.broken(f"{house.host} set aside {found.set_aside}: {sorted(reasons)}")
    if house.restored:
        house.catch_up(desk)  # a revocation that it had forgotten may have come back from a colleague
    note_arrivals(house, desk)
    if town.trouble and town.dice.happens(0.4):
        take(house, desk)


def follow(house: House, desk: Desk) -> None:
    """What is done after every change and at every opening: what changed within standing consents goes by itself."""
    house.town.totals.followed += len(standing.follow(desk))


def note_arrivals(house: House, desk: Desk) -> None:
    """Remember which documents are here, and which entries are in them."""
    town = house.town
    for one in received(desk.record):
        body = documents.read(one.document).content.body
        entries = frozenset(entry.id for entry in getattr(body, "entries", ()))
        told = (one.id, house.name, entries)
        if told not in house.noted:
            house.noted.add(told)
            town.told(f"{house.host} holds {one.id[:8]}")
            town.arrived.append(told)


def received(connection: Connection) -> list[correspondence.Received]:
    """The documents about patients that lie here with their content."""
    return [one for one in correspondence.received(connection) if one.type in SENT and one.document]


def write_lot(house: House, desk: Desk) -> None:
    """Put what waits for somebody on a stick. It may be carried at once, late, twice or never."""
    town = house.town
    recipient = town.dice.choice([one.name for one in town.neighbours(house)])
    town.totals.lots_written += 1
    if recipient in house.book.removed | house.book.parting:
        return
    path = town.folder / f"{town.totals.lots_written}.lot"
    handing.write(desk, house.colleague(desk, recipient), path, lambda _done, _size: None)
    town.lots.append((path, house.name, recipient))


def read_lot(house: House, desk: Desk) -> None:
    """Read a lot that is for this practice: any one that was ever written."""
    town = house.town
    strange = house.book.removed | house.book.parting
    here = [path for path, author, recipient in town.lots if recipient == house.name and author not in strange]
    if here:
        outcome = handing.read(desk, town.dice.choice(here), lambda _done, _size: None).outcome
        town.totals.lots_read += 1
        if not outcome.whole:
            town.broken(f"{house.host} read a lot as cut off that nobody cut")


def take(house: House, desk: Desk) -> None:
    """Take an extract over into the own record: into the patient whom it is about, or into a new one."""
    waiting = [one for one in inbox.listing(desk) if one.entries and one.state is ReceivedState.NEW]
    if not waiting:
        return
    item = house.town.dice.choice(waiting)
    known = [one.id for one in inbox.candidates(desk, item.patient)] if item.patient else []
    try:
        taken = inbox.take(desk, item.id, known[0] if known else "", new=not known)
    except BadInput as refused:
        house.town.told(f"{house.host} could not take {item.id[:8]} over: {refused}")
        return
    here = house.book.entries.setdefault(taken.patient, {})
    for entry in item.entries:
        written = here.setdefault(entry.id, Written(entry.kind, restricted=False))
        written.restricted |= entry.sensitivity is Sensitivity.RESTRICTED
    house.town.totals.taken_over += 1


EVERYDAY: tuple[tuple[Deed, float], ...] = (
    (write, 5),
    (amend, 3),
    (grant, 5),
    (share, 12),
    (revoke, 3),
    (collect, 10),
    (take, 3),
    (write_lot, 3),
    (read_lot, 3),
    (part, 0.3),
)
