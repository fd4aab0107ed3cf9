"""What arrives: opening envelopes, believing or setting aside, showing, taking over into the own record.

Nothing merges by itself: an extract stands beside the record, with its author and its date, until the doctor takes it
over. What is not believed is kept with its reason, and nothing else changes.
"""

from contextlib import suppress
from typing import NamedTuple

from localstore import colleagues, correspondence, crypto, epoch_keys, postbox, unreadable, versions
from localstore.colleagues import Colleague
from localstore.correspondence import Received, ReceivedState
from localstore.database import attempt, transaction
from localstore.errors import Busy, ConfrereError, DamagedStore, DiskFull, Locked, Refused, WrongPassphrase
from sync import anchoring, epochs, restoration
from sync import desk as desk_room
from sync.desk import Desk
from sync.errors import Late, SetAside
from sync.papers import conditions, documents, envelope
from sync.papers.conditions import Expected
from sync.papers.documents import (
    CardUpdate,
    Document,
    DocumentType,
    EpochOffer,
    Extract,
    Letter,
    Receipt,
    RecoveryShare,
    Withdrawal,
)
from sync.receiving import late, portions
from sync.receiving.portions import Attested

KEPT_SET_ASIDE = 100
# What is no fault of a document: it is opened again once this is over.
_OF_THIS_PLACE = (Busy, DamagedStore, DiskFull, Locked, Refused, WrongPassphrase)
# Of what a doctor is shown. The rest is between the programs.
_FIRST_STATE = {
    DocumentType.EXTRACT: ReceivedState.NEW,
    DocumentType.LETTER: ReceivedState.NEW,
    DocumentType.RECOVERY_SHARE: ReceivedState.HELD,
}


class Collected(NamedTuple):
    """What a collection found: new extracts, withdrawals that took effect, receipts, what was set aside, and shares of
    colleagues' recovery keys. After a backup was restored: how many documents that had come are lost here, and how many
    that were sent are lost at colleagues'. New letters; documents that came too late for their key, and were asked for
    anew; documents of ours that a colleague asked for anew, and that were dealt with."""

    extracts: int = 0
    withdrawals: int = 0
    receipts: int = 0
    set_aside: int = 0
    shares: int = 0
    lost_here: int = 0
    lost_there: int = 0
    letters: int = 0
    late: int = 0
    sealed_anew: int = 0

    @property
    def anything(self) -> bool:
        """Whether there is something to tell the doctor."""
        told = self._replace(receipts=0)
        return any(told)


def collect(desk: Desk) -> Collected:
    """Open everything that arrived, in the order of each feed, and do what is due. Repeating it after a crash changes
    nothing twice."""
    epochs.renew(desk)
    counts = dict.fromkeys(Collected._fields, 0)
    counts["lost_there"] = restoration.resume(desk)
    informed: set[int] = set()
    for some in portions.portions(postbox.arrived(desk.postbox)):
        with transaction(desk.record):
            attested, portion = Attested(), portions.Portion(desk)
            for arrived in some:
                _take(desk, portion, arrived, attested, counts)
            _attest(desk, attested, informed)
        with transaction(desk.postbox):
            for arrived in some:
                postbox.mark_opened(desk.postbox, arrived.feed, arrived.sequence)
    counts["sealed_anew"] = late.seal_anew(desk)
    desk_room.dispatch(desk)
    epochs.sweep(desk)
    return Collected(**{name: counts[name] for name in Collected._fields})


def _take(
    desk: Desk, portion: portions.Portion, arrived: postbox.Arrived, attested: Attested, counts: dict[str, int]
) -> None:
    last = portion.reached(arrived.feed)
    if last >= arrived.sequence:
        return  # another window was faster, or a crash came between the two files
    author, its = portion.author(arrived.peer), Attested()
    try:
        with attempt(desk.record):
            outcome = _receive(desk, author, arrived, last + 1, its)
    except _OF_THIS_PLACE:
        raise
    except (ConfrereError, crypto.CryptoError) as error:
        its = Attested()
        outcome = _set_aside(desk, author, arrived, error, its)
    portion.went_on(arrived.feed, arrived.sequence, outcome)
    counts[outcome] = counts.get(outcome, 0) + 1
    counts["lost_here"] += its.missing
    attested.add(its)


def _receive(desk: Desk, colleague: Colleague | None, arrived: postbox.Arrived, due: int, attested: Attested) -> str:
    """Open one envelope and believe what is in it. Returns the name of its count."""
    if colleague is None:
        raise SetAside(reason="its author is not a verified colleague")
    _check_feed(desk, colleague, arrived.feed)
    document = _open(desk, colleague, arrived, due)
    _check_first_time(desk, document)
    if isinstance(document.content.body, CardUpdate):
        epochs.check_update(desk, colleague, document.content.body)
    return _believe(desk, colleague, arrived, document, attested)


def _set_aside(
    desk: Desk, colleague: Colleague | None, arrived: postbox.Arrived, why: Exception, attested: Attested
) -> str:
    """Keep an envelope that was not believed, or whose document could not take effect, with the reason. Whatever one
    document does, those after it are opened. Returns the name of its count."""
    reason = why.reason if isinstance(why, SetAside) else "what it asks for could not be done here"
    # The sealed bytes are kept for a second look, but not without end: a colleague gone mad must not fill the disk.
    # Those that came too late for their key are of no use to anybody here.
    is_late = isinstance(why, Late)
    has_room = not is_late and correspondence.count_set_aside(desk.record) < KEPT_SET_ASIDE
    held = arrived.envelope if has_room else b""
    row = _row(desk, colleague, arrived, "unknown", ReceivedState.SET_ASIDE, reason, held)
    correspondence.put_received(desk.record, row)
    desk.practice.log("document-set-aside", subject=row.id, detail=row.reason)
    if is_late:
        attested.late.setdefault((row.colleague or 0, arrived.feed), []).append(arrived.sequence)
    return "late" if is_late else "set_aside"


def _open(desk: Desk, colleague: Colleague, arrived: postbox.Arrived, due: int) -> Document:
    header = envelope.read_header(arrived.envelope)
    if (header.feed, header.sequence) != (arrived.feed, arrived.sequence):
        raise SetAside(reason="its header names another feed or number than it came under")
    expected = Expected(
        author=colleague.signing_key,
        author_is_verified=colleague.is_verified,
        recipient=desk.signing.public,
        feed=arrived.feed,
        sequence=due,
    )
    if header.form == envelope.UNDER_SEALING_KEY:
        document = conditions.accept(_open_offer(desk, expected, arrived), expected)
        if not isinstance(document.content.body, EpochOffer) or document.content.body.epoch != header.epoch:
            raise SetAside(reason="only an epoch offer may be sealed in this way")
        return document
    key = epoch_keys.key_of(desk.record, epoch_keys.IN, colleague.num, header.epoch)
    if key is not None:
        return conditions.accept(envelope.open_sealed(arrived.envelope, key), expected)
    epoch, key = desk_room.card_epoch(desk, colleague, incoming=True)
    if header.epoch != epoch:
        raise _too_late(expected, arrived)
    document = conditions.accept(envelope.open_sealed(arrived.envelope, key), expected)
    if not desk_room.may_use_card_epoch(document.content.body):
        raise SetAside(reason="only a card, or what could not be opened, may be sealed in this way")
    return document


def _open_offer(desk: Desk, expected: Expected, arrived: postbox.Arrived) -> bytes:
    for pair in reversed(desk.sealing):
        with suppress(SetAside):
            return envelope.open_offer(arrived.envelope, pair.secret)
    raise _too_late(expected, arrived)


def _too_late(expected: Expected, arrived: postbox.Arrived) -> SetAside:
    """What is under a key that is not here is asked for anew, where it comes from a colleague and in its place."""
    if not expected.author_is_verified:
        return SetAside(reason="its author is not a verified colleague")
    if arrived.sequence != expected.sequence:
        return SetAside(reason="its number is not the one that was due")
    return Late(reason="the key that it was sealed under was deleted here, or never came; it is asked for anew")


def _check_feed(desk: Desk, colleague: Colleague, feed: bytes) -> None:
    owner = correspondence.feed_owner(desk.record, feed)
    if owner is not None and owner != colleague.num:
        raise SetAside(reason="its feed belongs to another colleague")


def _check_first_time(desk: Desk, document: Document) -> None:
    if correspondence.is_known(desk.record, document.content.id):
        raise SetAside(reason="its identifier was used before")


def _believe(desk: Desk, colleague: Colleague, arrived: postbox.Arrived, document: Document, attested: Attested) -> str:
    """Keep a document that met every condition, and let it take effect. Returns the name of its count."""
    body = document.content.body
    if isinstance(body, Extract) and _was_withdrawn(desk, colleague, body.consent):
        return _keep_withdrawn(desk, colleague, arrived, document, attested)
    kept = document.signed if isinstance(body, Extract | Withdrawal | RecoveryShare) else b""
    state = _FIRST_STATE.get(document.type, ReceivedState.HANDLED)
    row = _row(desk, colleague, arrived, document.type.value, state, "", kept, document.content.id.hex())
    correspondence.put_received(desk.record, row)
    if isinstance(body, EpochOffer):
        epochs.take_offer(desk, colleague, body.epoch, body.key, arrived.feed)
        return "epoch_offers"
    if isinstance(body, CardUpdate):
        epochs.take_update(desk, colleague, body)
        return "cards"
    if isinstance(body, Receipt):
        _heed(desk, colleague, body, document.content.created)
        attested.missing = body.missing
        return "receipts"
    if isinstance(body, Withdrawal):
        _withdraw(desk, colleague, body, attested)
        return "withdrawals"
    attested.opened.setdefault((colleague.num, arrived.feed), []).append(arrived.sequence)
    return _tell_of(desk, colleague, row, body)


def _tell_of(desk: Desk, colleague: Colleague, row: Received, body: Extract | RecoveryShare) -> str:
    """Note what the doctor will look at. Returns the name of its count."""
    if isinstance(body, RecoveryShare):
        desk.practice.log("recovery-share-received", subject=row.id, detail=colleague.id)
        return "shares"
    if isinstance(body, Letter):
        desk.practice.log("letter-received", subject=row.id, detail=colleague.id)
        return "letters"
    desk.practice.log("extract-received", subject=row.id, detail=colleague.id)
    if body.supersedes:
        _supersede(desk, colleague, row, body)
    return "extracts"


def _supersede(desk: Desk, colleague: Colleague, row: Received, body: Extract) -> None:
    """What nobody has dealt with of the same colleague about the same patient is out of date. He names the one before;
    where that one never came, or is another by his clock than by ours, it is looked for."""
    if correspondence.supersede(desk.record, body.supersedes, colleague.num):
        return
    for earlier in correspondence.not_dealt_with(desk.record, colleague.num):
        about = documents.read(earlier.document).content.body
        if earlier.id != row.id and isinstance(about, Extract) and about.patient_id == body.patient_id:
            correspondence.supersede(desk.record, earlier.id, colleague.num)


def _heed(desk: Desk, colleague: Colleague, body: Receipt, created: str) -> None:
    correspondence.mark_attested(desk.record, "opened", body.feed, body.opened, colleague.num, created)
    correspondence.mark_attested(desk.record, "removed", body.feed, body.removed, colleague.num, created)
    unreadable.mark_unreadable(desk.record, body.feed, body.unreadable, colleague.num, desk.practice.now())
    anchoring.take(desk, colleague, body)
    restoration.learn_revocations(desk, colleague, body)
    if body.missing:
        desk.practice.log("feed-restarted", subject=colleague.id, detail=f"lost here: {body.missing}")


def _withdraw(desk: Desk, colleague: Colleague, body: Withdrawal, attested: Attested) -> None:
    """Remove what came under a consent and was not taken over; what was taken over is the doctor's own record. One that
    finds nothing was asked before by a practice that no longer knows of it: what was removed is attested once more."""
    for received in correspondence.received(desk.record):
        if received.colleague != colleague.num or received.type not in documents.ABOUT_A_PATIENT:
            continue
        if not received.document or _consent_of(received) != body.consent:
            continue
        taken = received.state is ReceivedState.TAKEN
        state = ReceivedState.TAKEN if taken else ReceivedState.WITHDRAWN
        correspondence.set_received_state(desk.record, received.num, state, drop=True)
        desk.practice.log("extract-withdrawn", patient=received.patient, subject=received.id, detail=colleague.id)
        if not taken:  # what stands in a chart here was not removed
            attested.removed.setdefault((colleague.num, received.feed), []).append(received.sequence)
    if not attested.removed:
        for feed, sequence, is_removed in correspondence.attestable(desk.record, colleague.num):
            if is_removed:
                attested.removed.setdefault((colleague.num, feed), []).append(sequence)


def _was_withdrawn(desk: Desk, colleague: Colleague, consent: str) -> bool:
    """Whether the colleague has withdrawn what comes under a consent: on another road it may come before this."""
    found = correspondence.withdrawals(desk.record, colleague.num, consent)
    return any(documents.read(signed).content.body == Withdrawal(consent) for signed in found)


def _keep_withdrawn(
    desk: Desk, colleague: Colleague, arrived: postbox.Arrived, document: Document, attested: Attested
) -> str:
    """Keep that it came, without what it says, and attest that this was removed."""
    name, identifier = document.type.value, document.content.id.hex()
    row = _row(desk, colleague, arrived, name, ReceivedState.WITHDRAWN, "", b"", identifier)
    correspondence.put_received(desk.record, row)
    desk.practice.log("extract-withdrawn", subject=row.id, detail=colleague.id)
    attested.removed.setdefault((colleague.num, arrived.feed), []).append(arrived.sequence)
    return "withdrawals"


def _consent_of(received: Received) -> str:
    body = documents.read(received.document).content.body
    return body.consent if isinstance(body, Extract) else ""


def _attest(desk: Desk, attested: Attested, informed: set[int]) -> None:
    """Post what the documents of one commit give cause to. `informed` are the colleagues who were sent the present card
    in this collection."""
    for num, feed in {**attested.opened, **attested.removed}:
        colleague = colleagues.by_number(desk.record, num)
        opened, removed = attested.opened.get((num, feed), ()), attested.removed.get((num, feed), ())
        desk_room.post(desk, colleague, anchoring.receipt(desk, colleague, feed, tuple(opened), tuple(removed)))
    for (num, feed), numbers in attested.late.items():
        colleague = colleagues.by_number(desk.record, num)
        late.answer(desk, colleague, feed, tuple(numbers), card_too=num not in informed)
        informed.add(num)


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
