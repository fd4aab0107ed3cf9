"""What revoking a consent reaches: what never left is kept back, for what left the removal is requested.

Each step is one commit and may be repeated: `sharing.settle_revocations` finishes what a crash interrupted.
"""

from collections.abc import Sequence
from typing import NamedTuple

from localstore import colleagues, consents, correspondence, incarnations, postbox
from localstore.consents import Consent
from localstore.correspondence import Outgoing
from localstore.database import transaction
from sync import desk as desk_room
from sync.desk import Desk
from sync.papers.documents import ABOUT_A_PATIENT, DocumentType, Receipt, Withdrawal


class Revoked(NamedTuple):
    """What a revocation did: envelopes that never left, extracts for which removal was requested, and extracts for
    which it could not be, because the colleague is not one to whom anything is sealed now. `opened` of those that left
    he has attested to have opened: what was read, no software takes back."""

    consent: str
    never_sent: int
    removal_requested: int
    out_of_reach: int = 0
    opened: int = 0


def extracts_under(desk: Desk, consent: Consent) -> list[Outgoing]:
    """The extracts under a consent whose removal is still to be asked for. What was attested counts, unless the
    colleague lost the withdrawal with his backup: then he may have the extract back."""
    sent = correspondence.of_consent(desk.record, consent.num)
    asked = requested(sent, _present_feed(desk, consent))
    colleague = colleagues.by_number(desk.record, consent.colleague)
    kept = {one.feed: one.kept for one in incarnations.ended(desk.postbox, colleague.id) if one.kept is not None}
    forgotten = any(
        one.type == DocumentType.WITHDRAWAL and one.sequence > kept.get(one.feed, one.sequence) for one in sent
    )
    extracts = [one for one in sent if one.type in ABOUT_A_PATIENT and (one.feed, one.sequence) not in asked]
    return [one for one in extracts if forgotten or not one.removed]


def _present_feed(desk: Desk, consent: Consent) -> bytes:
    return desk_room.feed_towards(desk, colleagues.by_number(desk.record, consent.colleague))


def requested(sent: Sequence[Outgoing], present: bytes) -> set[tuple[bytes, int]]:
    """Of what was sent to one colleague under one consent: the extracts that a withdrawal has followed on the feed that
    is still open, `present`. One on a feed that ended may never have come."""
    last = max((one.sequence for one in sent if one.type == DocumentType.WITHDRAWAL and one.feed == present), default=0)
    followed = [one for one in sent if last and (one.feed != present or one.sequence < last)]
    return {(one.feed, one.sequence) for one in followed if one.type in ABOUT_A_PATIENT}


def is_open(desk: Desk, consent: Consent) -> bool:
    """Whether something is still to be kept back or asked for under a consent that was revoked."""
    return bool(extracts_under(desk, consent)) or _may_be_forgotten(desk, consent)


def keep_back(desk: Desk, consent: Consent) -> int:
    """Keep back what still waits under a consent; returns how many documents. What left stays where it is."""
    with transaction(desk.record):
        return sum(_keep_back(desk, one) for one in extracts_under(desk, consent))


def settle(desk: Desk, consent: Consent) -> Revoked:
    """Keep back what never left under a consent that was revoked, and ask for the removal of the rest. The same call
    again does what is left to do."""
    with transaction(desk.record):
        colleague = colleagues.by_number(desk.record, consent.colleague)
        sent = extracts_under(desk, consent)
        kept_back = [one for one in sent if _keep_back(desk, one)]
        gone = len(sent) - len(kept_back) or int(_may_be_forgotten(desk, consent))
        opened = sum(bool(one.opened) for one in sent)
        if gone and colleague.is_verified:
            desk_room.post(desk, colleague, Withdrawal(consent.id), patient=consent.patient, consent=consent.num)
            return Revoked(consent.id, len(kept_back), gone, 0, opened)
    return Revoked(consent.id, len(kept_back), 0, gone, opened)


def _may_be_forgotten(desk: Desk, consent: Consent) -> bool:
    """Whether an extract may have left under a consent without this record's knowing: after the backup that was
    restored since. Then its removal is requested once, on trust."""
    serving = incarnations.serving(desk.postbox)
    if serving is None or not serving.restored or not consent.granted <= serving.since:
        return False
    revoked = consents.by_number(desk.record, consent.num).revoked
    present = _present_feed(desk, consent)
    asked = any(
        one.type == DocumentType.WITHDRAWAL and one.feed == present
        for one in correspondence.of_consent(desk.record, consent.num)
    )
    return revoked > serving.since and not asked


def _keep_back(desk: Desk, sent: Outgoing) -> bool:
    """Put an empty document in the place of an extract that has not been offered to the network yet; False when it has.

    It is sealed under the epoch that the extract was sealed under: nothing new is begun for this.
    """
    offered = postbox.was_offered(desk.postbox, sent.feed, sent.sequence)
    colleague = colleagues.by_number(desk.record, sent.colleague)
    if offered or sent.feed != desk_room.feed_towards(desk, colleague):
        return False  # in a feed that ended, nobody can say that it never left
    epoch = desk_room.epoch_of(desk, sent)
    if epoch is None:
        return False
    _, sealed = desk_room.sign_and_seal(desk, colleague, Receipt(sent.feed), sent.feed, sent.sequence, *epoch)
    if offered is None:
        correspondence.replace_envelope(desk.record, sent.feed, sent.sequence, sealed)
    elif postbox.replace_unsent(desk.postbox, sent.feed, sent.sequence, sealed):
        correspondence.mark_posted(desk.record, sent.feed, sent.sequence)
    else:
        return False
    correspondence.mark_kept_back(desk.record, sent.feed, sent.sequence)
    return True
