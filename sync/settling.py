"""What is settled each time a desk opens: a backup that was put back, and the roads to colleagues.

The record and the postbox are two files, and a crash, or a backup of one of them, may have come between. The record is
right.
"""

from contextlib import suppress

from localstore import anchors, colleagues, correspondence, followed, incarnations, postbox
from localstore.correspondence import Outgoing
from localstore.database import transaction
from localstore.errors import BadInput
from sync.premises import Desk, feed_towards
from sync.trust import introductions


def take_up(desk: Desk) -> None:
    """Let the postbox serve this incarnation of the record. After a backup was restored, make one what the two files
    remember: the record is right about what was opened, and about what an earlier incarnation had made."""
    practice = desk.practice
    serving = incarnations.serving(desk.postbox)
    if serving is None and not anchors.lineage(desk.record)[-1].first:
        incarnations.serve(desk.postbox, practice.incarnation, practice.now())
        return
    if serving is None or serving.incarnation != practice.incarnation:
        postbox.begin_incarnation(desk.postbox, practice.incarnation, practice.clock)
        serving = incarnations.serving(desk.postbox)
    if serving is None or serving.settled:
        return
    with transaction(desk.record):
        for feed in incarnations.incoming(desk.postbox):
            incarnations.rewind(desk.postbox, feed, correspondence.last_sequence(desk.record, feed))
        for one in correspondence.outgoing(desk.record):
            _retire(desk, one, serving.since)
        followed.repeat(desk.record)
    for colleague in colleagues.listing(desk.record):
        incarnations.expect(desk.postbox, colleague.id, feed_towards(desk, colleague))
    incarnations.settled(desk.postbox)


def _retire(desk: Desk, sent: Outgoing, at: str) -> None:
    """Nothing of an earlier incarnation's feeds leaves any more, not even what still waited in the record."""
    colleague = colleagues.by_number(desk.record, sent.colleague)
    if sent.feed == feed_towards(desk, colleague):
        return  # another window was faster, and has sent something since
    incarnations.remember(desk.postbox, colleague.id, sent.feed, sent.sequence, sent.made, at)
    correspondence.mark_posted(desk.record, sent.feed, sent.sequence)


def settle_roads(desk: Desk) -> None:
    """Let the postbox know exactly the colleagues who are verified: a crash may have come between the two files while
    one was verified, stopped or removed. A road that cannot be opened, because of what an earlier release took for a
    sound card, stays closed."""
    known = {peer.id for peer in postbox.peers(desk.postbox)}
    verified = {one.id: one for one in colleagues.listing(desk.record) if one.is_verified}
    if known == set(verified):
        return
    with transaction(desk.record):  # no other window is between the two files now
        known = {peer.id for peer in postbox.peers(desk.postbox)}
        verified = {one.id: one for one in colleagues.listing(desk.record) if one.is_verified}
        for peer in known - set(verified):
            postbox.remove_peer(desk.postbox, peer)
        for identifier in sorted(set(verified) - known):
            with suppress(BadInput):
                introductions.open_road(desk, verified[identifier])
