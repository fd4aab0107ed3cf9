"""The desk: the unlocked half of sync. It signs and seals what leaves, and hands envelopes to the postbox.

The postbox is another file under another key, which the daemon may open and the record never is. An outgoing envelope
is committed in the record first and moved afterwards: at least once, never twice in effect.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from localstore import anchors, colleagues, correspondence, crypto, incarnations, keystore, paths, postbox
from localstore.clock import stamp
from localstore.colleagues import Colleague
from localstore.correspondence import Outgoing
from localstore.crypto import KeyPair
from localstore.database import Connection, transaction
from localstore.errors import DamagedStore, FeedConflict, TooLarge
from localstore.feeds import MAX_FEEDS
from localstore.practice import Practice
from sync import card, certificate, documents, envelope
from sync.documents import Content, DocumentBody, DocumentType, EpochOffer


@dataclass(frozen=True, slots=True)
class Desk:
    """An unlocked practice with its keys and its postbox. They belong to the practice, whoever works in it. `sealing`
    are all sealing keys still kept, newest last."""

    practice: Practice
    postbox: Connection
    postbox_key: bytes = field(repr=False)
    signing: KeyPair = field(repr=False)
    pairing: KeyPair = field(repr=False)
    sealing: tuple[KeyPair, ...] = field(repr=False)
    anchor_key: bytes = field(repr=False)
    certificate: bytes

    @property
    def record(self) -> Connection:
        """The record's connection."""
        return self.practice.connection

    def close(self) -> None:
        """Close both files."""
        self.postbox.close()
        self.practice.close()


def establish(practice: Practice) -> Desk:
    """The desk of a practice. At the first time, makes its keys and its postbox; afterwards only opens them. After a
    backup was restored, begins the new incarnation in the postbox too.

    Raises DamagedStore when the postbox was there and is gone: a new empty one would lose what waits in it in silence.
    """
    with transaction(practice.connection):
        # Colleagues have verified the practice by this key: a locum or a secretary speaks under it as well.
        name = f"signing/{practice.founder.id}"
        signing = crypto.signing_key(_kept(practice, name, lambda: crypto.signing_key().secret))
        pairing = crypto.agreement_key(_kept(practice, "pairing", lambda: crypto.agreement_key().secret))
        postbox_key = _kept(practice, keystore.POSTBOX, lambda: crypto.random_bytes(crypto.KEY_BYTES))
        anchor_key = _kept(practice, "anchor", lambda: crypto.random_bytes(crypto.KEY_BYTES))
        anchors.settle(practice.connection, practice.now())
        if not keystore.beginning_with(practice.connection, "sealing/"):
            keystore.put(practice.connection, "sealing/1", b"".join(crypto.sealing_key()), practice.now())
    opened = _open_postbox(practice, postbox_key)
    found = keystore.beginning_with(practice.connection, "sealing/")
    split = crypto.SEALING_SECRET_BYTES
    sealing = tuple(KeyPair(both[:split], both[split:]) for _, both in found)
    der = postbox.transport(opened).certificate
    desk = Desk(practice, opened, postbox_key, signing, pairing, sealing, anchor_key, der)
    _take_up(desk)
    return desk


def _take_up(desk: Desk) -> None:
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


def _kept(practice: Practice, name: str, make: Callable[[], bytes]) -> bytes:
    """The key of that name, made and kept at the first call."""
    value = keystore.get(practice.connection, name)
    if value is None:
        value = make()
        keystore.put(practice.connection, name, value, practice.now())
    return value


def _open_postbox(practice: Practice, key: bytes) -> Connection:
    """The postbox; made at the first time, under the record's write lock, so that two first starts make one."""
    path = paths.postbox(practice.folder)
    with transaction(practice.connection):
        was_made = keystore.get(practice.connection, "postbox-made") is not None
        if not path.exists():
            if was_made:
                raise DamagedStore(file=path.name, seen="it is missing")
            _make_postbox(path, key)
        if not was_made:
            keystore.put(practice.connection, "postbox-made", b"1", practice.now())
    return postbox.open_postbox(path, key)


def _make_postbox(path: Path, key: bytes) -> None:
    scratch = path.with_name(path.name + ".new")
    scratch.unlink(missing_ok=True)  # left by an interrupted first start; nothing was ever in it
    fresh = postbox.create(scratch, key)
    seed = crypto.random_bytes(crypto.KEY_BYTES)
    postbox.set_transport(fresh, seed, certificate.make(seed))
    fresh.close()
    os.replace(scratch, path)
    paths.sync_folder(path.parent)


def feed_towards(desk: Desk, colleague: Colleague) -> bytes:
    """The present feed of this incarnation towards one colleague: 16 bytes that tell a stranger nothing.

    It is the first one that has not ended. A colleague who restored a backup no longer holds all of the one before.
    """
    return _turn(desk, colleague)[1]


def _turn(desk: Desk, colleague: Colleague) -> tuple[int, bytes]:
    """How many feeds of this incarnation towards a colleague have ended, and the one that has not."""
    over = {one.feed for one in incarnations.ended(desk.postbox, colleague.id)}
    both = (desk.practice.incarnation, desk.signing.public, colleague.signing_key)
    for turn in range(MAX_FEEDS):
        count = (turn.to_bytes(8, "big"),) if turn else ()
        feed = crypto.digest("feed", *both, *count, size=documents.FEED_BYTES)
        if feed not in over:
            break
    return turn, feed


def post(
    desk: Desk,
    colleague: Colleague,
    body: DocumentBody,
    *,
    patient: int | None = None,
    consent: int | None = None,
    entries: int = 0,
    identifier: bytes = b"",
) -> Outgoing:
    """Sign, seal and commit one document as outgoing, inside the caller's transaction; under a new identifier, unless
    one of 16 bytes is given. Raises TooLarge."""
    if not desk.record.in_transaction:
        raise RuntimeError("a document is committed with the change that it follows from")
    epoch, key = epoch_towards(desk, colleague)
    return _commit(desk, colleague, body, epoch, key, patient, consent, entries, identifier)


def epoch_towards(desk: Desk, colleague: Colleague) -> tuple[bytes, bytes]:
    """The current epoch towards a colleague; offers him a new one at the first use and when his sealing key changes."""
    sealing_key = card.check(colleague.card).body.sealing_key
    sealed_to = crypto.digest("sealing-key", sealing_key)
    # The epoch's name carries which key it was offered to, so that a new key of his starts a new epoch by itself.
    # And so does a feed that follows another: he may have lost the key with the rest.
    turn, feed = _turn(desk, colleague)
    parts = (desk.practice.incarnation, desk.signing.public, sealed_to, *((feed,) if turn else ()))
    epoch = crypto.digest("epoch", *parts, size=16)[: documents.EPOCH_BYTES]
    known = correspondence.epoch_key(desk.record, "out", colleague.num, epoch)
    if known is not None:
        return epoch, known
    key = crypto.random_bytes(crypto.KEY_BYTES)
    correspondence.put_epoch(desk.record, "out", colleague.num, epoch, key, desk.practice.now())
    _commit(desk, colleague, EpochOffer(epoch, key, sealed_to), epoch, sealing_key, None, None, 0)
    return epoch, key


def _commit(
    desk: Desk,
    colleague: Colleague,
    body: DocumentBody,
    epoch: bytes,
    key: bytes,
    patient: int | None,
    consent: int | None,
    entries: int,
    identifier: bytes = b"",
) -> Outgoing:
    feed = feed_towards(desk, colleague)
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
    document = documents.sign(content, desk.signing.secret)
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
    be overtaken by the bytes that the other has in its hands. A feed that the postbox refuses waits, with all that
    follows on it, and does not hold up the others; these refusals are returned.
    """
    refused: dict[bytes, FeedConflict] = {}
    for waiting in correspondence.not_yet_posted(desk.record):
        if waiting.feed in refused:
            continue
        try:
            with transaction(desk.record):
                _move(desk, waiting)
        except FeedConflict as conflict:
            refused[waiting.feed] = conflict
    return list(refused.values())


def _move(desk: Desk, waiting: Outgoing) -> None:
    colleague = colleagues.by_number(desk.record, waiting.colleague)
    envelope_now = correspondence.envelope_of(desk.record, waiting.feed, waiting.sequence)
    if incarnations.is_retired(desk.postbox, waiting.feed):
        correspondence.mark_posted(desk.record, waiting.feed, waiting.sequence)
    elif colleague.is_verified and envelope_now is not None:
        postbox.queue(desk.postbox, colleague.id, waiting.feed, waiting.sequence, envelope_now)
        correspondence.mark_posted(desk.record, waiting.feed, waiting.sequence)
