"""The desk: the unlocked half of sync. It signs and seals what leaves, and hands envelopes to the postbox.

The postbox is another file under another key, which the daemon may open and the record never is. An outgoing envelope
is committed in the record first and moved afterwards: at least once, never twice in effect.
"""

import itertools
from collections.abc import Sequence

from localstore import anchors, colleagues, correspondence, crypto, epoch_keys, incarnations, keystore, postbox
from localstore.clock import stamp
from localstore.colleagues import Colleague
from localstore.correspondence import Outgoing
from localstore.database import transaction
from localstore.errors import FeedConflict, TooLarge
from localstore.practice import Practice
from sync import premises, settling
from sync.papers import documents, envelope
from sync.papers.documents import CardUpdate, Content, DocumentBody, DocumentType, EpochOffer, Receipt
from sync.premises import Desk as Desk
from sync.premises import feed_towards as feed_towards
from sync.premises import turn_towards
from sync.sending import leaving
from sync.trust import card

MAX_EPOCHS_OF_ONE_KEY = 8  # begun because a colleague could not open the one before; the rest waits for his next key
MOVED_AT_ONCE = 100  # envelopes in one commit of each file
MOVED_BYTES = 8 * 1024 * 1024  # and about so much, so that no other window waits long


def establish(practice: Practice) -> Desk:
    """The desk of a practice. At the first time, makes its keys and its postbox; afterwards only opens them. After a
    backup was restored, begins the new incarnation in the postbox too.

    Raises DamagedStore when the postbox was there and is gone: a new empty one would lose what waits in it in silence.
    """
    with transaction(practice.connection):
        # Colleagues have verified the practice by this key: a locum or a secretary speaks under it as well.
        name = f"signing/{practice.founder.id}"
        signing = crypto.signing_key(premises.kept(practice, name, lambda: crypto.signing_key().secret))
        pairing = crypto.agreement_key(premises.kept(practice, "pairing", lambda: crypto.agreement_key().secret))
        postbox_key = premises.kept(practice, keystore.POSTBOX, lambda: crypto.random_bytes(crypto.KEY_BYTES))
        anchor_key = premises.kept(practice, "anchor", lambda: crypto.random_bytes(crypto.KEY_BYTES))
        anchors.settle(practice.connection, practice.now())
        if not epoch_keys.sealing_keys(practice.connection):
            epoch_keys.put_sealing_key(practice.connection, 1, crypto.sealing_key(), practice.now())
            epoch_keys.note_sealing_made_for(practice.connection, practice.incarnation, practice.now())
    opened = premises.open_postbox(practice, postbox_key)
    der = postbox.transport(opened).certificate
    desk = Desk(practice, opened, postbox_key, signing, pairing, anchor_key, der)
    settling.take_up(desk)
    settling.settle_roads(desk)
    return desk


def post(
    desk: Desk,
    colleague: Colleague,
    body: DocumentBody,
    *,
    patient: int | None = None,
    consent: int | None = None,
    entries: int = 0,
    identifier: bytes = b"",
    digest: bytes = b"",
) -> Outgoing:
    """Sign, seal and commit one document as outgoing, inside the caller's transaction; under a new identifier, unless
    one of 16 bytes is given; with the `digest` of what it holds, where it is an extract. Raises TooLarge."""
    if not desk.record.in_transaction:
        raise RuntimeError("a document is committed with the change that it follows from")
    turn = turn_towards(desk, colleague)
    epoch, key = card_epoch(desk, colleague) if may_use_card_epoch(body) else epoch_towards(desk, colleague, turn)
    return _commit(desk, colleague, body, turn[1], epoch, key, patient, consent, entries, identifier, digest)


def epoch_towards(desk: Desk, colleague: Colleague, turn: tuple[int, bytes] | None = None) -> tuple[bytes, bytes]:
    """The current epoch towards a colleague, and its key. Offers him a new one at the first use, when his sealing key
    changes, and when the one before was ended."""
    turn = turn or turn_towards(desk, colleague)
    epoch, _, key = present_epoch(desk, colleague, turn)
    if key:
        return epoch, key
    sealing_key, now = card.stored(colleague.card).sealing_key, desk.practice.now()
    key = crypto.random_bytes(crypto.KEY_BYTES)
    epoch_keys.put(desk.record, epoch_keys.OUT, colleague.num, epoch, key, now)
    epoch_keys.end_others(desk.record, epoch_keys.OUT, colleague.num, epoch, now)
    offer = EpochOffer(epoch, key, crypto.digest("sealing-key", sealing_key))
    _commit(desk, colleague, offer, turn[1], epoch, sealing_key, None, None, 0)
    return epoch, key


def present_epoch(desk: Desk, colleague: Colleague, turn: tuple[int, bytes] | None = None) -> tuple[bytes, int, bytes]:
    """The epoch that is due towards a colleague, how many under the same keys have ended before it, and its key, empty
    where it has not begun.

    Its name carries which key it is offered to, so that a new key of his starts a new epoch by itself. And so does a
    feed that follows another: he may have lost the key with the rest.
    """
    sealed_to = crypto.digest("sealing-key", card.stored(colleague.card).sealing_key)
    over, feed = turn or turn_towards(desk, colleague)
    parts = (desk.practice.incarnation, desk.signing.public, sealed_to, *((feed,) if over else ()))
    for ended in itertools.count():  # no further than there are rows
        again = (ended.to_bytes(8, "big"),) if ended else ()
        epoch = crypto.digest("epoch", *parts, *again, size=16)[: documents.EPOCH_BYTES]
        found = epoch_keys.find(desk.record, epoch_keys.OUT, colleague.num, epoch)
        if found is None or not found.ended:
            break
    return epoch, ended, found.key if found else b""


def end_epoch(desk: Desk, colleague: Colleague) -> bool:
    """End the present epoch towards a colleague, who does not have its key; whether another may begin. Inside the
    caller's transaction."""
    epoch, ended, key = present_epoch(desk, colleague)
    if not key:
        return True
    if ended + 1 >= MAX_EPOCHS_OF_ONE_KEY:
        return False
    epoch_keys.end(desk.record, epoch_keys.OUT, colleague.num, epoch, desk.practice.now())
    return True


def epoch_of(desk: Desk, sent: Outgoing) -> tuple[bytes, bytes] | None:
    """The epoch that a document was sealed under, and its key; None when that was deleted, since all that was sealed
    under it had left."""
    # The first release did not note it: it was the newest one then.
    epoch = sent.epoch or epoch_keys.at(desk.record, sent.colleague, sent.made)
    key = epoch_keys.key_of(desk.record, epoch_keys.OUT, sent.colleague, epoch) if epoch else None
    return (epoch, key) if epoch and key else None


def card_epoch(desk: Desk, colleague: Colleague, *, incoming: bool = False) -> tuple[bytes, bytes]:
    """The epoch of cards towards a colleague, or from him: its key follows from the pairing keys of both, which never
    change. So a new sealing key arrives whatever was deleted on either side. It has no secrecy in time, and nothing
    that speaks of a patient is sealed under it."""
    both = (desk.signing.public, colleague.signing_key)
    author, recipient = reversed(both) if incoming else both
    shared = crypto.agree(desk.pairing.secret, card.stored(colleague.card).pairing_key)
    epoch = crypto.digest("card-epoch-name", author, recipient, size=16)[: documents.EPOCH_BYTES]
    return epoch, crypto.keyed_digest(shared, "card-epoch", author, recipient)


def may_use_card_epoch(body: DocumentBody) -> bool:
    """Whether a document is sealed under the epoch of cards: a card, or what its author could not open."""
    return isinstance(body, CardUpdate) or (isinstance(body, Receipt) and bool(body.unreadable))


def _commit(
    desk: Desk,
    colleague: Colleague,
    body: DocumentBody,
    feed: bytes,
    epoch: bytes,
    key: bytes,
    patient: int | None,
    consent: int | None,
    entries: int,
    identifier: bytes = b"",
    digest: bytes = b"",
) -> Outgoing:
    sequence = correspondence.next_sequence(desk.record, feed)
    document, sealed = sign_and_seal(desk, colleague, body, feed, sequence, epoch, key, identifier)
    outgoing = Outgoing(
        feed=feed,
        sequence=sequence,
        colleague=colleague.num,
        type=document.type.value,
        made=document.content.created,
        patient=patient,
        consent=consent,
        document_id=document.content.id.hex(),
        entries=entries,
        opened="",
        removed="",
        envelope=sealed,
        epoch=epoch,
        digest=digest,
    )
    correspondence.put_outgoing(desk.record, outgoing)
    return outgoing


def sign_and_seal(
    desk: Desk,
    colleague: Colleague,
    body: DocumentBody,
    feed: bytes,
    sequence: int,
    epoch: bytes,
    key: bytes,
    identifier: bytes = b"",
) -> tuple[documents.Document, bytes]:
    """The document and its envelope. For an epoch offer `key` is the colleague's public sealing key."""
    content = Content(
        version=documents.VERSION,
        id=identifier or crypto.random_bytes(16),
        author=desk.signing.public,
        recipient=colleague.signing_key,
        feed=feed,
        sequence=sequence,
        created=stamp(desk.practice.clock()),
        body=body,
    )
    document = documents.sign_with(content, desk.signing)
    if len(document.signed) > documents.MAX_DOCUMENT_BYTES:
        raise TooLarge(what="This extract", limit=f"{documents.MAX_DOCUMENT_BYTES // 1024**2} MiB")
    seal = envelope.seal_offer if document.type is DocumentType.EPOCH_OFFER else envelope.seal
    sealed = seal(document.signed, feed, sequence, epoch, key)
    if len(sealed) > envelope.MAX_ENVELOPE_BYTES:
        raise TooLarge(what="This extract", limit=f"{envelope.MAX_ENVELOPE_BYTES // 1024**2} MiB sealed")
    return document, sealed


def dispatch(desk: Desk) -> list[FeedConflict]:
    """Move what is committed into the postbox. Repeating it after a crash changes nothing.

    Each envelope is read again in the transaction that marks it as moved: of two windows, the one that revokes must not
    be overtaken by the bytes that the other has in its hands. There the gate is asked once more: what a consent does
    not allow any more waits, with all that follows on its feed, until it is kept back (`sharing.settle_revocations`).
    A feed that the postbox refuses waits too, and does not hold up the others; these refusals are returned.
    """
    refused: dict[bytes, FeedConflict | None] = {}
    waiting = correspondence.waiting(desk.record)
    moved = 0
    while moved < len(waiting):
        with transaction(desk.record), transaction(desk.postbox):  # the postbox commits first
            moved += _move_some(desk, waiting[moved : moved + MOVED_AT_ONCE], refused)
    return [conflict for conflict in refused.values() if conflict is not None]


def _move_some(desk: Desk, waiting: Sequence[tuple[bytes, int, int]], refused: dict[bytes, FeedConflict | None]) -> int:
    """Move these, or the first of them until they are many bytes; returns how many were dealt with."""
    known = {number: colleagues.by_number(desk.record, number) for number in {one[2] for one in waiting}}
    retired = {feed: incarnations.is_retired(desk.postbox, feed) for feed in {one[0] for one in waiting}}
    done = size = 0
    for feed, sequence, number in waiting:
        done += 1
        if feed in refused:
            continue
        known_there = postbox.was_offered(desk.postbox, feed, sequence) is not None  # a crash came between two commits
        if not known_there and not leaving.may_leave(desk.practice, feed, sequence):
            refused[feed] = None
            continue
        try:
            size += _move(desk, known[number], feed, sequence, retired[feed])
        except FeedConflict as conflict:  # before anything of this envelope was written
            refused[feed] = conflict
        if size >= MOVED_BYTES:
            break
    return done


def _move(desk: Desk, colleague: Colleague, feed: bytes, sequence: int, retired: bool) -> int:
    """Move one envelope; returns its size."""
    sealed = correspondence.envelope_of(desk.record, feed, sequence)
    if retired:
        now = desk.practice.now()  # it never left and never will, which the postbox then says of it
        incarnations.remember(desk.postbox, colleague.id, feed, sequence, now, now)
        correspondence.mark_posted(desk.record, feed, sequence)
    elif colleague.is_verified and sealed is not None:
        postbox.queue(desk.postbox, colleague.id, feed, sequence, sealed)
        correspondence.mark_posted(desk.record, feed, sequence)
    return len(sealed or b"")
