"""What revoking a consent reaches: what never left is kept back, for what left the removal is requested.

Each step is one commit and may be repeated: `sharing.settle_revocations` finishes what a crash interrupted. What is to
take the place of a document in the postbox is noted in the record in a commit before: after a crash between the two
files it is seen which of them the postbox holds.
"""

from collections.abc import Sequence
from typing import NamedTuple

from localstore import (
    colleagues,
    consents,
    correspondence,
    followed,
    incarnations,
    people,
    postbox,
    replacements,
)
from localstore.consents import Consent
from localstore.correspondence import Outgoing
from localstore.database import transaction
from localstore.errors import FeedConflict
from sync import desk as desk_room
from sync.desk import Desk
from sync.papers.documents import ABOUT_A_PATIENT, DocumentType, Receipt, Withdrawal


class Revoked(NamedTuple):
    """What revoking these consents (by identifier) did: envelopes that never left, extracts for which removal was
    requested, and extracts for which it could not be, because the colleague is not one to whom anything is sealed now.
    `opened` of those that left he has attested to have opened: what was read, no software takes back."""

    consents: tuple[str, ...]
    never_sent: int
    removal_requested: int
    out_of_reach: int = 0
    opened: int = 0


def extracts_under(desk: Desk, consent: Consent) -> list[Outgoing]:
    """The extracts under a consent whose removal is still to be asked for. What was attested counts, unless the
    colleague lost the withdrawal with his backup: then he may have the extract back."""
    sent = correspondence.of_consent(desk.record, consent.num)
    if not any(one.type in ABOUT_A_PATIENT for one in sent):
        return []
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
    """Keep back what still waits under a consent that was not revoked; returns how many documents. What left stays
    where it is. What a standing consent sent, it sends again if it counts once more: a clock may be put right."""
    _note_what_follows(desk, consent)
    with transaction(desk.record):
        kept_back = sum(_keep_back(desk, one) for one in extracts_under(desk, consent))
        if kept_back:
            _owe(desk, consent)
    return kept_back


def finish(desk: Desk) -> int:
    """Note what a crash between the two files kept from being noted: which documents were kept back. Returns how many
    were."""
    kept_back = 0
    for feed, sequence in replacements.begun(desk.record):
        with transaction(desk.record):
            sent = correspondence.by_place(desk.record, feed, sequence)
            if sent is None or not _took_place(desk, sent):
                replacements.clear(desk.record, feed, sequence)
                continue
            _mark(desk, sent)
            if sent.consent is not None:
                _owe(desk, consents.by_number(desk.record, sent.consent))
            kept_back += 1
    return kept_back


def _owe(desk: Desk, consent: Consent) -> None:
    """What never left under a standing consent is still to be sent, by it or by the one that took its place."""
    if not consent.terms.is_standing:
        return  # that was one gesture of the doctor's, who is to repeat it if he wants to
    owner = people.kept(desk.record, consent.patient)
    for newest in consents.between(desk.record, owner, consent.colleague)[:1]:
        followed.owe(desk.record, newest.num)


def settle(desk: Desk, consent: Consent) -> Revoked:
    """Keep back what never left under a consent that was revoked, and ask for the removal of the rest. The same call
    again does what is left to do."""
    _note_what_follows(desk, consent)
    with transaction(desk.record):
        colleague = colleagues.by_number(desk.record, consent.colleague)
        sent = extracts_under(desk, consent)
        kept_back = [one for one in sent if _keep_back(desk, one)]
        gone = len(sent) - len(kept_back) or int(_may_be_forgotten(desk, consent))
        opened = sum(bool(one.opened) for one in sent)
        if gone and colleague.is_verified:
            desk_room.post(desk, colleague, Withdrawal(consent.id), patient=consent.patient, consent=consent.num)
            return Revoked((consent.id,), len(kept_back), gone, 0, opened)
    return Revoked((consent.id,), len(kept_back), 0, gone, opened)


def together(done: Sequence[Revoked]) -> Revoked:
    """The numbers of several consents, added up."""
    return Revoked(
        tuple(one for each in done for one in each.consents),
        sum(one.never_sent for one in done),
        sum(one.removal_requested for one in done),
        sum(one.out_of_reach for one in done),
        sum(one.opened for one in done),
    )


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


def _note_what_follows(desk: Desk, consent: Consent) -> None:
    """Note, in a commit of its own, what is to take the place of what the postbox holds and did not offer yet."""
    with transaction(desk.record):
        for one in extracts_under(desk, consent):
            noted = replacements.intended(desk.record, one.feed, one.sequence)
            sealed = None if noted is not None or not _waits(desk, one) else _emptied(desk, one)
            if sealed is not None and postbox.was_offered(desk.postbox, one.feed, one.sequence) is not None:
                replacements.intend(desk.record, one.feed, one.sequence, sealed)


def _waits(desk: Desk, sent: Outgoing) -> bool:
    """Whether a document has not been offered to the network yet; in a feed that ended, nobody can say so."""
    offered = postbox.was_offered(desk.postbox, sent.feed, sent.sequence)
    colleague = colleagues.by_number(desk.record, sent.colleague)
    return not offered and sent.feed == desk_room.feed_towards(desk, colleague)


def _emptied(desk: Desk, sent: Outgoing) -> bytes | None:
    """An empty document for the place of this one. It is sealed under the epoch that the extract was sealed under:
    nothing new is begun for this. None where the key of that is gone: all that was sealed under it has left."""
    epoch = desk_room.epoch_of(desk, sent)
    if epoch is None:
        return None
    colleague = colleagues.by_number(desk.record, sent.colleague)
    return desk_room.sign_and_seal(desk, colleague, Receipt(sent.feed), sent.feed, sent.sequence, *epoch)[1]


def _keep_back(desk: Desk, sent: Outgoing) -> bool:
    """Put an empty document in the place of an extract that has not been offered to the network yet; False when it has.
    Inside the caller's transaction."""
    if _took_place(desk, sent):  # before a crash
        _mark(desk, sent)
        return True
    sealed = replacements.intended(desk.record, sent.feed, sent.sequence) or _emptied(desk, sent)
    if sealed is None or not _waits(desk, sent):
        replacements.clear(desk.record, sent.feed, sent.sequence)
        return False
    if postbox.was_offered(desk.postbox, sent.feed, sent.sequence) is None:
        correspondence.replace_envelope(desk.record, sent.feed, sent.sequence, sealed)
        correspondence.mark_kept_back(desk.record, sent.feed, sent.sequence)
    elif postbox.replace_unsent(desk.postbox, sent.feed, sent.sequence, sealed):
        _mark(desk, sent)
    else:
        return False
    return True


def _took_place(desk: Desk, sent: Outgoing) -> bool:
    """Whether the postbox holds, or has sent, the empty document that was noted for the place of this one."""
    noted = replacements.intended(desk.record, sent.feed, sent.sequence)
    if noted is None or postbox.was_offered(desk.postbox, sent.feed, sent.sequence) is None:
        return False
    colleague = colleagues.by_number(desk.record, sent.colleague)
    try:
        postbox.queue(desk.postbox, colleague.id, sent.feed, sent.sequence, noted)  # the same bytes again: nothing
    except FeedConflict:
        return False
    return True


def _mark(desk: Desk, sent: Outgoing) -> None:
    correspondence.mark_posted(desk.record, sent.feed, sent.sequence)
    correspondence.mark_kept_back(desk.record, sent.feed, sent.sequence)
    replacements.clear(desk.record, sent.feed, sent.sequence)
