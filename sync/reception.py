"""What arrives: opening envelopes, believing or setting aside, showing, taking over into the own record.

Nothing merges by itself: an extract stands beside the record, with its author and its date, until the doctor takes it
over. What is not believed is kept with its reason, and nothing else changes.
"""

from typing import NamedTuple

from localstore import colleagues, correspondence, postbox, versions
from localstore.colleagues import Colleague
from localstore.correspondence import Received, ReceivedState
from localstore.database import transaction
from sync import anchoring, conditions, documents, envelope, restoration
from sync import desk as desk_room
from sync.conditions import Expected
from sync.desk import Desk
from sync.documents import Document, DocumentType, EpochOffer, Extract, Receipt, RecoveryShare, Withdrawal
from sync.errors import SetAside

KEPT_SET_ASIDE = 100
# Of what a doctor is shown. The rest is between the programs.
_FIRST_STATE = {DocumentType.EXTRACT: ReceivedState.NEW, DocumentType.RECOVERY_SHARE: ReceivedState.HELD}


class Collected(NamedTuple):
    """What a collection found: new extracts, withdrawals that took effect, receipts, what was set aside, and shares of
    colleagues' recovery keys. After a backup was restored: how many documents that had come are lost here, and how many
    that were sent are lost at colleagues'."""

    extracts: int = 0
    withdrawals: int = 0
    receipts: int = 0
    set_aside: int = 0
    shares: int = 0
    lost_here: int = 0
    lost_there: int = 0

    @property
    def anything(self) -> bool:
        """Whether there is something to tell the doctor."""
        told = self._replace(receipts=0)
        return any(told)


class _Attested:
    """What one document gives cause to attest to a colleague, feed by feed; and how many he says are lost here."""

    def __init__(self) -> None:
        self.opened: dict[tuple[int, bytes], list[int]] = {}
        self.removed: dict[tuple[int, bytes], list[int]] = {}
        self.missing = 0


def collect(desk: Desk) -> Collected:
    """Open everything that arrived, in the order of each feed. Repeating it after a crash changes nothing twice."""
    counts = dict.fromkeys(Collected._fields, 0)
    counts["lost_there"] = restoration.resume(desk)
    for arrived in postbox.arrived(desk.postbox):
        with transaction(desk.record):
            if correspondence.last_sequence(desk.record, arrived.feed) < arrived.sequence:
                attested = _Attested()
                outcome = _receive(desk, arrived, attested)
                counts[outcome] = counts.get(outcome, 0) + 1
                counts["lost_here"] += attested.missing
                _attest(desk, attested)
        postbox.mark_opened(desk.postbox, arrived.feed, arrived.sequence)
    desk_room.dispatch(desk)
    return Collected(**{name: counts[name] for name in Collected._fields})


def _receive(desk: Desk, arrived: postbox.Arrived, attested: _Attested) -> str:
    colleague = colleagues.by_identifier(desk.record, arrived.peer)
    try:
        if colleague is None:
            raise SetAside(reason="its author is not a verified colleague")
        document = _open(desk, colleague, arrived)
        _check_feed(desk, colleague, arrived.feed)
        _check_first_time(desk, document)
        return _believe(desk, colleague, arrived, document, attested)
    except SetAside as refused:
        # The sealed bytes are kept for a second look, but not without end: a colleague gone mad must not fill the disk.
        held = arrived.envelope if correspondence.count_set_aside(desk.record) < KEPT_SET_ASIDE else b""
        row = _row(desk, colleague, arrived, "unknown", ReceivedState.SET_ASIDE, refused.reason, held)
        correspondence.put_received(desk.record, row)
        desk.practice.log("document-set-aside", subject=row.id, detail=refused.reason)
        return "set_aside"


def _open(desk: Desk, colleague: Colleague, arrived: postbox.Arrived) -> Document:
    header = envelope.read_header(arrived.envelope)
    if (header.feed, header.sequence) != (arrived.feed, arrived.sequence):
        raise SetAside(reason="its header names another feed or number than it came under")
    expected = Expected(
        author=colleague.signing_key,
        author_is_verified=colleague.is_verified,
        recipient=desk.signing.public,
        feed=arrived.feed,
        sequence=correspondence.last_sequence(desk.record, arrived.feed) + 1,
    )
    if header.form == envelope.UNDER_SEALING_KEY:
        document = conditions.accept(_open_offer(desk, arrived.envelope), expected)
        if not isinstance(document.content.body, EpochOffer) or document.content.body.epoch != header.epoch:
            raise SetAside(reason="only an epoch offer may be sealed in this way")
        return document
    key = correspondence.epoch_key(desk.record, "in", colleague.num, header.epoch)
    if key is None:
        raise SetAside(reason="the key of its epoch is not known here")
    return conditions.accept(envelope.open_sealed(arrived.envelope, key), expected)


def _open_offer(desk: Desk, sealed: bytes) -> bytes:
    for pair in reversed(desk.sealing):
        try:
            return envelope.open_offer(sealed, pair.secret)
        except SetAside as error:
            refused = error
    raise refused


def _check_feed(desk: Desk, colleague: Colleague, feed: bytes) -> None:
    owner = correspondence.feed_owner(desk.record, feed)
    if owner is not None and owner != colleague.num:
        raise SetAside(reason="its feed belongs to another colleague")


def _check_first_time(desk: Desk, document: Document) -> None:
    if correspondence.is_known(desk.record, document.content.id):
        raise SetAside(reason="its identifier was used before")


def _believe(
    desk: Desk, colleague: Colleague, arrived: postbox.Arrived, document: Document, attested: _Attested
) -> str:
    """Keep a document that met every condition, and let it take effect. Returns the name of its count."""
    body = document.content.body
    kept = document.signed if isinstance(body, Extract | Withdrawal | RecoveryShare) else b""
    state = _FIRST_STATE.get(document.type, ReceivedState.HANDLED)
    row = _row(desk, colleague, arrived, document.type.value, state, "", kept, document.content.id.hex())
    correspondence.put_received(desk.record, row)
    if isinstance(body, EpochOffer):
        correspondence.put_epoch(desk.record, "in", colleague.num, body.epoch, body.key, desk.practice.now())
        return "epoch_offers"
    if isinstance(body, Receipt):
        _heed(desk, colleague, body, document.content.created)
        attested.missing = body.missing
        return "receipts"
    if isinstance(body, Withdrawal):
        _withdraw(desk, colleague, body, attested)
        return "withdrawals"
    attested.opened.setdefault((colleague.num, arrived.feed), []).append(arrived.sequence)
    if isinstance(body, RecoveryShare):
        desk.practice.log("recovery-share-received", subject=row.id, detail=colleague.id)
        return "shares"
    desk.practice.log("extract-received", subject=row.id, detail=colleague.id)
    return "extracts"


def _heed(desk: Desk, colleague: Colleague, body: Receipt, created: str) -> None:
    correspondence.mark_attested(desk.record, "opened", body.feed, body.opened, colleague.num, created)
    correspondence.mark_attested(desk.record, "removed", body.feed, body.removed, colleague.num, created)
    anchoring.take(desk, colleague, body)
    restoration.learn_revocations(desk, colleague, body)
    if body.missing:
        desk.practice.log("feed-restarted", subject=colleague.id, detail=f"lost here: {body.missing}")


def _withdraw(desk: Desk, colleague: Colleague, body: Withdrawal, attested: _Attested) -> None:
    """Remove what came under a consent and was not taken over; what was taken over is the doctor's own record. One that
    finds nothing was asked before by a practice that no longer knows of it: what was removed is attested once more."""
    for received in correspondence.received(desk.record):
        if received.colleague != colleague.num or received.type != documents.DocumentType.EXTRACT:
            continue
        if not received.document or _consent_of(received) != body.consent:
            continue
        taken = received.state is ReceivedState.TAKEN
        state = ReceivedState.TAKEN if taken else ReceivedState.WITHDRAWN
        correspondence.set_received_state(desk.record, received.num, state, drop=True)
        desk.practice.log("extract-withdrawn", patient=received.patient, subject=received.id, detail=colleague.id)
        attested.removed.setdefault((colleague.num, received.feed), []).append(received.sequence)
    if not attested.removed:
        for feed, sequence, is_removed in correspondence.attestable(desk.record, colleague.num):
            if is_removed:
                attested.removed.setdefault((colleague.num, feed), []).append(sequence)


def _consent_of(received: Received) -> str:
    body = documents.read(received.document).content.body
    return body.consent if isinstance(body, Extract) else ""


def _attest(desk: Desk, attested: _Attested) -> None:
    for num, feed in {**attested.opened, **attested.removed}:
        colleague = colleagues.by_number(desk.record, num)
        opened, removed = attested.opened.get((num, feed), ()), attested.removed.get((num, feed), ())
        desk_room.post(desk, colleague, anchoring.receipt(desk, colleague, feed, tuple(opened), tuple(removed)))


def _row(
    desk: Desk,
    colleague: Colleague | None,
    arrived: postbox.Arrived,
    document_type: str,
    state: ReceivedState,
    reason: str,
    document: bytes,
    identifier: str = "",
) -> Received:
    return Received(
        num=0,
        id=identifier or versions.new_id().hex(),
        colleague=colleague.num if colleague else None,
        feed=arrived.feed,
        sequence=arrived.sequence,
        type=document_type,
        state=state,
        arrived=arrived.received,
        reason=reason,
        patient=None,
        document=document,
    )
