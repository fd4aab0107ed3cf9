"""The laws, checked when everything has healed: against the books, the postboxes and the records of all."""

from localstore import anchors, correspondence, epoch_keys, incarnations, postbox, record
from localstore.correspondence import Outgoing, ReceivedState
from localstore.database import Connection, rows
from localstore.postbox import DeliveryState
from sync import restoration
from sync.desk import Desk
from sync.papers import documents
from tests.sim.book import Given, stands
from tests.sim.deeds import received
from tests.sim.house import SENT, House
from tests.sim.town import Town


def check(town: Town) -> None:
    """All of them. Raises Broken."""
    town.totals.rotations = sum(_rotations(house) for house in town.houses)
    if town.unexpected:
        town.broken(f"honest daemons met: {town.unexpected[:3]}")
    only_what_was_consented(town)
    nothing_after_a_revocation(town)
    every_fork_is_proved_and_no_other(town)
    for house in town.houses:
        nothing_twice(house)
        if not town.is_doubtful(house.name):
            no_false_alarm(house)
            what_stands_was_followed(house)
            for other in town.neighbours(house):
                if town.is_sound(house, other):
                    everything_arrived(house, other)
                    what_is_lost_is_told(house, other)
                    what_was_revoked_is_gone(house, other)


def _rotations(house: House) -> int:
    return epoch_keys.sealing_keys(desk_of(house).record)[-1].number - 1


def desk_of(house: House) -> Desk:
    """Its open window."""
    assert house.desk is not None
    return house.desk


def only_what_was_consented(town: Town) -> None:
    """Nobody ever held an entry that no consent allowed at the time of sealing."""
    for identifier, name, entries in town.arrived:
        sealed = town.sealed.get(identifier)
        if sealed is None:
            town.broken(f"{name} holds {identifier[:8]}, which nobody is known to have sealed")
        elif sealed.recipient != name:
            town.broken(f"{name} holds {identifier[:8]}, which was sealed for {sealed.recipient}")
        elif more := entries - sealed.allowed:
            town.broken(f"{name} holds entries that no consent allowed in {identifier[:8]}: {sorted(more)}")


def nothing_after_a_revocation(town: Town) -> None:
    """What had not left when a revocation returned never arrived."""
    for identifier, name, _ in town.arrived:
        who = town.banned.get(identifier)
        if who is not None and not town.is_doubtful(who):
            town.broken(f"{name} got {identifier[:8]} of {who} after its consent was revoked")


def nothing_twice(house: House) -> None:
    """No document and no version is here twice."""
    desk = desk_of(house)
    believed = [one for one in correspondence.received(desk.record) if one.state is not ReceivedState.SET_ASIDE]
    if len({one.id for one in believed}) != len(believed):
        house.town.broken(f"{house.host} has a document twice")
    for patient in house.book.entries:
        versions = [entry.version for entry in record.every_version(desk.practice, patient)]
        if len(set(versions)) != len(versions):
            house.town.broken(f"{house.host} has a version twice")


def no_false_alarm(house: House) -> None:
    """No colleague holds a head that contradicts this record, which is nobody's copy."""
    if found := anchors.contradictions(desk_of(house).record):
        house.town.broken(f"{house.host} is told to be an old copy: {found}")


def everything_arrived(house: House, other: House) -> None:
    """What this one sent lies at the other, complete; or one of them restored a backup, and it is told as lost."""
    town, sender, recipient = house.town, desk_of(house), desk_of(other)
    states = {(one.feed, one.sequence): one.state for one in postbox.progress(sender.postbox)}
    held = {one.id: one for one in received(recipient.record)}
    restored = bool(house.restored or other.restored)
    for one in to(house, sender, other):
        state = states.get((one.feed, one.sequence))
        if state is None and restored and one.type not in SENT:
            continue
        if state is None or (state is not DeliveryState.STORED and not (restored and state is DeliveryState.LOST)):
            town.broken(f"{house.host} to {other.host}: {one.type} {one.sequence} is {state}")
        if (
            one.type not in SENT
            or state is not DeliveryState.STORED
            or one.removed
            or one.anew
            or _is_asked_back(house, one)
        ):
            continue
        arrived = held.get(one.document_id)
        if arrived is None and _was_emptied(recipient, one):
            continue
        if arrived is None:
            town.broken(f"{other.host} acknowledged {one.document_id[:8]} of {house.host} and does not hold it")
            continue
        if not one.opened and not restored:
            town.broken(f"{other.host} never attested that it opened {one.document_id[:8]} of {house.host}")
        body = documents.read(arrived.document).content.body
        entries = {entry.id for entry in getattr(body, "entries", ())}
        if arrived.type == "extract" and entries != town.sealed[one.document_id].allowed:
            town.broken(f"{one.document_id[:8]} of {house.host} is not complete at {other.host}")


def what_is_lost_is_told(house: House, other: House) -> None:
    """Where the newest extract under a consent that stands did not arrive, because a backup was restored, the doctor is
    told so."""
    desk, today = desk_of(house), house.clock.today()
    held = {one.id for one in received(desk_of(other).record)}
    told = {one.name for one in restoration.findings(desk.record, desk.postbox) if one.undelivered}
    newest: dict[str, str] = {}
    for sent in to(house, desk, other):
        if sent.type in SENT and not sent.removed and not _is_asked_back(house, sent):
            newest[house.town.sealed[sent.document_id].patient] = sent.document_id
    for patient, identifier in newest.items():
        given = house.book.newest(patient, other.name)
        if identifier in held or given is None or not stands(given, today):
            continue
        if house.colleague(desk, other.name).name not in told:
            house.town.broken(f"{identifier[:8]} of {house.host} is not at {other.host}, and its doctor is not told")


def the_newest_is_there(house: House) -> None:
    """After everything has healed and been sent once more: all that a consent allows now lies where it may."""
    town, desk, today = house.town, desk_of(house), house.clock.today()
    if town.is_doubtful(house.name):
        return
    for other in town.neighbours(house):
        sent = {}
        for one in to(house, desk, other):
            if one.type in SENT:
                sent[town.sealed[one.document_id].patient] = one.document_id
        held = {one.id for one in received(desk_of(other).record)}
        for patient, identifier in sent.items():
            given = house.book.newest(patient, other.name)
            sealed = town.sealed[identifier]
            if (
                not town.is_sound(house, other)
                or given is None
                or not stands(given, today)
                or given.id != sealed.consent
            ):
                continue
            if identifier in town.last_sent and identifier not in held:
                town.broken(f"{identifier[:8]} of {house.host} was sent when all was well, and is not at {other.host}")


def what_stands_was_followed(house: House) -> None:
    """Under a standing consent, the newest extract holds what it allows today, without anybody's having sent it."""
    desk, today = desk_of(house), house.clock.today()
    newest: dict[str, str] = {}
    for one in as_sealed(house, desk):
        if one.type in SENT and one.document_id in house.town.sealed:
            newest[house.town.sealed[one.document_id].consent] = one.document_id
    for patient, recipient in house.book.pairs():
        given = house.book.newest(patient, recipient)
        if given is None or not given.standing or not stands(given, today) or given.id not in newest:
            continue
        allowed = house.book.allowed(given) if recipient not in house.book.removed else frozenset()
        if allowed and allowed != house.town.sealed[newest[given.id]].allowed:
            house.town.broken(f"{house.host} did not send {recipient} what changed under {given.id[:8]}")


def to(house: House, desk: Desk, other: House) -> list[Outgoing]:
    """All that was sent to another practice, as far as the sender knows."""
    number = house.founded.others[other.name]
    return [one for one in as_sealed(house, desk) if one.colleague == number]


def as_sealed(house: House, desk: Desk) -> list[Outgoing]:
    """All that was sent, in the order in which it was sealed: the record knows the time by the practice's clock only,
    which may have been put back in between."""
    order = {identifier: place for place, identifier in enumerate(house.town.sealed)}
    return sorted(correspondence.outgoing(desk.record), key=lambda one: order.get(one.document_id, -1))


def _was_taken(recipient: Desk, sent: Outgoing) -> bool:
    """Whether the recipient took it over: what stands in his own record he cannot attest to have removed."""
    found = [one for one in correspondence.received(recipient.record) if one.id == sent.document_id]
    return any(one.state is ReceivedState.TAKEN for one in found)


def _was_emptied(recipient: Desk, one: Outgoing) -> bool:
    """Whether an empty document came in its place: the sender was killed between telling his postbox to keep the
    extract back and noting that, so his record takes it for sent. It never left."""
    place = (one.feed, one.sequence)
    kinds = rows(recipient.record, "SELECT type FROM received WHERE feed = ? AND sequence = ?", place)
    return [kind for (kind,) in kinds] == ["receipt"]


def _is_asked_back(house: House, one: Outgoing) -> bool:
    known = _consent_of(house, one)
    return known is None or known.revoked


def _consent_of(house: House, one: Outgoing) -> Given | None:
    sealed = house.town.sealed.get(one.document_id)
    return house.book.consent(sealed.consent) if sealed is not None else None


def what_was_revoked_is_gone(house: House, other: House) -> None:
    """Of what came under a consent that this practice knows as revoked, the other one holds nothing but its own record,
    and has attested so."""
    town = house.town
    revoked = {one.id for one in house.book.consents if one.revoked and one.recipient == other.name}
    for one in received(desk_of(other).record):
        sealed = town.sealed.get(one.id)
        if sealed is not None and sealed.author == house.name and sealed.consent in revoked:
            town.broken(f"{other.host} still holds {one.id[:8]} of {house.host}, whose consent was revoked")
    if house.restored or other.restored:
        return
    desk = desk_of(house)
    for sent in to(house, desk, other):
        known = _consent_of(house, sent)
        if (
            sent.type in SENT
            and known is not None
            and known.revoked
            and not sent.removed
            and not _was_emptied(desk_of(other), sent)
            and not _was_taken(desk_of(other), sent)
        ):
            town.broken(f"{other.host} has not attested the removal of {sent.document_id[:8]} to {house.host}")


# --- forks ------------------------------------------------------------------------------------------------------


def every_fork_is_proved_and_no_other(town: Town) -> None:
    """An incident is about a copied installation, and every contradiction has its incident."""
    for house in town.houses:
        for incident in postbox.incidents(desk_of(house).postbox):
            other = _peer(house, incident.peer)
            if not (town.is_doubtful(house.name) or town.is_doubtful(other)):
                town.broken(f"{house.host} reports {incident.kind.value} with {other}, and neither was copied")
    for house in town.houses:
        if town.is_doubtful(house.name):
            for near in town.neighbours(house):
                if not town.have_parted(house, near):  # they may never have conversed since
                    _is_proved(town, house, near)


def _is_proved(town: Town, house: House, other: House) -> None:
    own, theirs = desk_of(house).postbox, desk_of(other).postbox
    held = _heads(theirs, "SELECT feed, sequence, head FROM incoming")
    sent = _heads(own, "SELECT feed, sequence, head FROM outgoing WHERE head IS NOT NULL")
    feeds = {one.feed for one in incarnations.ended(own)}
    contradicted = {
        place[0] for place in held.keys() & sent.keys() if held[place] != sent[place] and place[0] not in feeds
    }
    if not contradicted:
        return
    told = {one.feed for box in (own, theirs) for one in postbox.incidents(box)}
    if not contradicted & told:
        town.broken(f"{house.host} contradicted itself towards {other.host}, and nobody was told")
    town.totals.forks_proved += 1


def _heads(box: Connection, sql: str) -> dict[tuple[bytes, int], bytes]:
    return {(feed, sequence): head for feed, sequence, head in rows(box, sql)}


def _peer(house: House, identifier: str) -> str:
    desk = desk_of(house)
    found = [name for name in house.founded.others if house.colleague(desk, name).id == identifier]
    return found[0] if found else ""
