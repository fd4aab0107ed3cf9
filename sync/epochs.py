"""Keys that end: a new sealing key each month, and the deletion of what no longer serves.

A sealing key receives epoch keys, and epoch keys seal envelopes. Once both are deleted on both sides, whoever takes an
open record away cannot read the envelopes that he had kept from before. docs/threat-model.md says how far that goes.
"""

from datetime import datetime, timedelta

from localstore import anchors, arrivals, colleagues, correspondence, crypto, departures, epoch_keys, unreadable
from localstore.clock import stamp
from localstore.colleagues import Colleague
from localstore.database import transaction
from localstore.epoch_keys import IN, OUT, SealingKey
from sync import desk as desk_room
from sync.desk import Desk
from sync.errors import NotACard, SetAside
from sync.papers.documents import CardUpdate
from sync.trust import card, introductions, pairing

RENEWED_AFTER = timedelta(days=30)  # a sealing key serves for a month
KEPT_AFTER = timedelta(days=30)  # and is kept for another: what was sealed to it may be on its way
AHEAD = timedelta(days=1)  # a key that was made later than this from now was made by a clock that was wrong


def renew(desk: Desk) -> bool:
    """Make a new sealing key when one is due, and tell every verified colleague; whether one was made.

    Due: after a month; when the newest one bears a date of the future; and after a backup was restored, because
    colleagues may know of later keys that this record has lost, and because the backup holds these keys too.
    """
    with transaction(desk.record):
        newest = epoch_keys.sealing_keys(desk.record)[-1]
        if not _is_due(desk, newest):
            return False
        now = desk.practice.now()
        epoch_keys.put_sealing_key(desk.record, newest.number + 1, crypto.sealing_key(), now)
        epoch_keys.note_sealing_made_for(desk.record, desk.practice.incarnation, now)
        desk.practice.log("sealing-key-renewed", detail=str(newest.number + 1))
        for colleague in colleagues.listing(desk.record):
            if colleague.is_verified:
                tell(desk, colleague)
    return True


def _is_due(desk: Desk, newest: SealingKey) -> bool:
    now, made = desk.practice.clock(), datetime.fromisoformat(newest.made)
    made_for = epoch_keys.sealing_made_for(desk.record)
    if made_for is None:  # the first release did not note it
        epoch_keys.note_sealing_made_for(desk.record, desk.practice.incarnation, stamp(now))
        made_for = b"" if anchors.lineage(desk.record)[-1].first else desk.practice.incarnation
    return now - made >= RENEWED_AFTER or made - now > AHEAD or made_for != desk.practice.incarnation


def tell(desk: Desk, colleague: Colleague) -> None:
    """Send a colleague this practice's card as it is now, inside the caller's transaction."""
    desk_room.post(desk, colleague, CardUpdate(introductions.my_card(desk).signed))


def check_update(desk: Desk, colleague: Colleague, body: CardUpdate) -> None:
    """Raise SetAside unless it is a card of the very colleague who was compared: his keys, his name, his number. Who is
    somebody else now must be compared again, and hands his card over himself."""
    try:
        new = card.check(body.card)
    except NotACard as error:
        raise SetAside(reason="the card in it is malformed") from error
    old = card.kept(colleague.card)
    mine = introductions.my_card(desk)
    if card.who(old.body) != card.who(new.body) or pairing.fingerprint(old, mine) != pairing.fingerprint(new, mine):
        raise SetAside(reason="the card in it is that of another identity than the one that was compared")


def take_update(desk: Desk, colleague: Colleague, body: CardUpdate) -> None:
    """Keep a card that `check_update` let pass, and begin a new epoch if there was one, so that the colleague can
    delete the key of the one before. The last one to arrive counts, whatever its date: a clock may have been wrong."""
    if body.card == colleague.card:
        return
    new = card.kept(body.card)
    introductions.replace_card(desk, colleague, new)
    desk.practice.log("card-updated", subject=colleague.id)
    renewed = colleagues.by_number(desk.record, colleague.num)
    if colleague.num in epoch_keys.holders(desk.record, OUT):
        desk_room.epoch_towards(desk, renewed)
    if new.body.addresses:  # a card without any says nothing of those that were known
        introductions.open_road(desk, renewed)  # last: no transaction of the record undoes what the postbox holds


def take_offer(desk: Desk, colleague: Colleague, epoch: bytes, key: bytes, feed: bytes) -> None:
    """Keep the key of an epoch that was offered in a feed. What it follows ends; its key is deleted by `sweep`, when
    all that has arrived was opened. One in an earlier feed, of an old lot, follows nothing: its own epoch is over."""
    now = desk.practice.now()
    epoch_keys.put(desk.record, IN, colleague.num, epoch, key, now)
    if arrivals.newest_feed(desk.postbox, colleague.id) in (None, feed):
        epoch_keys.end_others(desk.record, IN, colleague.num, epoch, now)
    else:
        epoch_keys.end(desk.record, IN, colleague.num, epoch, now)


def sweep(desk: Desk) -> int:
    """Delete the keys that have served, when all that has arrived was opened; returns how many. Repeating it changes
    nothing."""
    with transaction(desk.record):
        _end_what_is_over(desk)
        gone = _delete_sealing_keys(desk)
        for colleague, epoch in epoch_keys.ended_with_key(desk.record, IN):
            epoch_keys.delete_key(desk.record, IN, colleague, epoch)
            gone += 1
        gone += _delete_outgoing(desk)
    if gone:
        epoch_keys.fold_log(desk.record)  # the log holds the pages as they were before
    return gone


def _end_what_is_over(desk: Desk) -> None:
    """End the epochs with who is no colleague any more; and those that an earlier release left open."""
    for num in epoch_keys.holders(desk.record):
        colleague, now = colleagues.by_number(desk.record, num), desk.practice.now()
        if colleague.state is colleagues.State.REMOVED:
            epoch_keys.end_all_of(desk.record, num, now)
        elif colleague.is_verified:
            epoch, _, key = desk_room.present_epoch(desk, colleague)
            if key:
                epoch_keys.end_others(desk.record, OUT, num, epoch, now)


def _delete_sealing_keys(desk: Desk) -> int:
    """Delete each sealing key that has had a successor for long enough. Of several successors the earliest date counts:
    one of them may be of a clock that was ahead."""
    kept, now, gone = epoch_keys.sealing_keys(desk.record), desk.practice.clock(), 0
    for place, one in enumerate(kept[:-1]):
        followed = min(datetime.fromisoformat(later.made) for later in kept[place + 1 :])
        if now - followed >= KEPT_AFTER:
            epoch_keys.drop_sealing_key(desk.record, one.number)
            gone += 1
    return gone


def _delete_outgoing(desk: Desk) -> int:
    """Delete the keys of outgoing epochs that have ended, but not while something sealed under one waits here: a
    revocation would put an empty document under the same epoch in its place."""
    ended = epoch_keys.ended_with_key(desk.record, OUT)
    if not ended:
        return 0
    places = [(feed, sequence) for feed, sequence, _ in correspondence.waiting(desk.record)]
    found = [unreadable.epoch_of(desk.record, *place) for place in (*places, *departures.unoffered(desk.postbox))]
    waiting = {one for one in found if one is not None}
    free = [(num, epoch) for num, epoch in ended if not waiting & {(num, epoch), (num, b"")}]
    for num, epoch in free:
        epoch_keys.delete_key(desk.record, OUT, num, epoch)
    return len(free)
