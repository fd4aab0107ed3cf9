"""After a backup was restored, here or at a colleague's: going on in new feeds, and saying what was lost.

A restored practice begins a new incarnation, and with it new feeds; of what was sent after the backup it knows only how
much its colleagues say that they hold. A colleague who restored has lost what he acknowledged after his backup: he gets
a new feed, which begins with all that his documents gave cause to attest. What a consent withheld stays withheld: an
extract that was lost on the way is sealed again by itself only where a consent is standing (`standing`), a withdrawal
always is (`sharing`).
"""

from typing import NamedTuple

from localstore import colleagues, consents, correspondence, followed, incarnations, postbox
from localstore.colleagues import Colleague
from localstore.correspondence import Outgoing
from localstore.database import Connection, transaction
from localstore.postbox import DeliveryState
from sync import anchoring
from sync import desk as desk_room
from sync.desk import Desk
from sync.papers.documents import ABOUT_A_PATIENT, Receipt

ATTESTED_AT_ONCE = 50_000  # numbers in one receipt; half of what one may hold


class Finding(NamedTuple):
    """What a restored backup cost with one colleague. `unknown_here`: documents that he holds of ours and this record
    knows nothing of. `lost_there`: documents of ours that he had acknowledged and lost. `undelivered`: extracts that he
    does not hold, and that none sent since about the same patient replaces."""

    colleague: str
    name: str
    unknown_here: int
    lost_there: int
    undelivered: int


def resume(desk: Desk) -> int:
    """Go on, in a new feed, with each verified colleague who lost some of the one before. Returns how many documents
    were lost so; the same call again finds nothing to do."""
    missing = 0
    for colleague in colleagues.listing(desk.record):
        lost = [one for one in incarnations.ended(desk.postbox, colleague.id) if one.kept is not None and not one.told]
        if not lost or not colleague.is_verified:
            continue
        count = sum(one.lost for one in lost)
        with transaction(desk.record):
            _begin_again(desk, colleague, count)
        for one in lost:  # afterwards: a crash in between tells it twice, and never not at all
            incarnations.mark_told(desk.postbox, one.feed)
        missing += count
    if missing:
        desk_room.dispatch(desk)
    return missing


def _begin_again(desk: Desk, colleague: Colleague, missing: int) -> None:
    """Say how much he lost, and attest everything once more: he may have lost each receipt of it."""
    own = desk_room.feed_towards(desk, colleague)
    desk_room.post(desk, colleague, anchoring.receipt(desk, colleague, own, missing=missing))
    attest_everything(desk, colleague)
    followed.repeat(desk.record, colleague.num)
    desk.practice.log("feed-restarted", subject=colleague.id, detail=f"lost there: {missing}")


def attest_everything(desk: Desk, colleague: Colleague) -> None:
    """Attest once more all that his documents gave cause to attest, inside the caller's transaction."""
    told = correspondence.attestable(desk.record, colleague.num)
    for feed in dict.fromkeys(feed for feed, _, _ in told):
        numbers = [(sequence, removed) for of, sequence, removed in told if of == feed]
        for start in range(0, len(numbers), ATTESTED_AT_ONCE):
            some = numbers[start : start + ATTESTED_AT_ONCE]
            opened = tuple(sequence for sequence, _ in some)
            removed = tuple(sequence for sequence, is_removed in some if is_removed)
            desk_room.post(desk, colleague, anchoring.receipt(desk, colleague, feed, opened, removed))


def learn_revocations(desk: Desk, colleague: Colleague, body: Receipt) -> None:
    """A consent under which the colleague attests removals was revoked: where a backup was restored, this record may
    have forgotten it. Inside the caller's transaction."""
    serving = incarnations.serving(desk.postbox)
    if not body.removed or serving is None or not serving.restored:
        return
    for num in correspondence.consents_of(desk.record, body.feed, body.removed, colleague.num):
        consent = consents.by_number(desk.record, num)
        if not consent.revoked:
            consents.revoke(desk.record, num, desk.practice.now())
            desk.practice.log("revocation-recovered", patient=consent.patient, subject=consent.id, detail=colleague.id)


def findings(record: Connection, box: Connection) -> list[Finding]:
    """What restored backups cost, by colleague; nothing where none did. `box` is the postbox."""
    states = {(one.feed, one.sequence): one.state for one in postbox.progress(box)}
    sent = correspondence.outgoing(record)
    known: dict[bytes, int] = {}
    for one in sent:
        known[one.feed] = max(known.get(one.feed, 0), one.sequence)
    found = []
    for colleague in colleagues.listing(record):
        ended = incarnations.ended(box, colleague.id)
        unknown = sum(max(0, one.beyond - known.get(one.feed, 0)) for one in ended)
        lost = sum(one.lost for one in ended)
        to_him = [one for one in sent if one.colleague == colleague.num and one.type in ABOUT_A_PATIENT]
        undelivered = sum(1 for one in to_him if _is_undelivered(one, to_him, states))
        if unknown or lost or undelivered:
            found.append(Finding(colleague.id, colleague.name, unknown, lost, undelivered))
    return found


def _is_undelivered(one: Outgoing, to_him: list[Outgoing], states: dict[tuple[bytes, int], DeliveryState]) -> bool:
    later = to_him[to_him.index(one) + 1 :]
    return (
        states.get((one.feed, one.sequence)) is DeliveryState.LOST
        and not one.removed
        and not any(other.patient == one.patient for other in later if _is_there(other, states))
    )


def _is_there(one: Outgoing, states: dict[tuple[bytes, int], DeliveryState]) -> bool:
    return states.get((one.feed, one.sequence)) is not DeliveryState.LOST
