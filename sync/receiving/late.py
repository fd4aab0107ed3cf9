"""Late envelopes: sealed to a key that its owner has deleted meanwhile. He asks for them, and they are sealed anew.

The answer travels under the epoch of cards, which can always be opened, so nothing depends on keys that are gone. What
speaks of a patient goes again only if its consent still counts, as the record is today. A document is sealed anew under
another epoch than before or not at all: nobody can be made to repeat himself without end.
"""

from localstore import colleagues, consents, correspondence, epoch_keys, unreadable
from localstore.colleagues import Colleague
from localstore.correspondence import Outgoing
from localstore.database import transaction
from localstore.unreadable import Anew
from sync import desk as desk_room
from sync import epochs, restoration
from sync.desk import Desk
from sync.papers.documents import ABOUT_A_PATIENT, DocumentType, Receipt, Withdrawal
from sync.sending import letters, sharing

_OF_NO_FURTHER_USE = frozenset({DocumentType.EPOCH_OFFER, DocumentType.CARD_UPDATE, correspondence.KEPT_BACK})


def answer(desk: Desk, colleague: Colleague, feed: bytes, numbers: tuple[int, ...], *, card_too: bool) -> None:
    """Tell a colleague which documents of his feed could not be opened, after the card by which he can seal them anew.
    Inside the caller's transaction."""
    if card_too:
        epochs.tell(desk, colleague)
    # Without an anchor: what was lost may hold the newest one of ours, and the colleague gives it back when he attests
    # everything once more.
    desk_room.post(desk, colleague, Receipt(feed, unreadable=numbers))


def seal_anew(desk: Desk) -> int:
    """Seal anew what colleagues could not open; returns how many documents were dealt with. Each is one commit with
    what becomes of it, so a crash repeats nothing."""
    done, told = 0, set[int]()
    waiting = correspondence.unreadable(desk.record)
    # Of extracts the newest first: only where it goes again are those before it replaced.
    extracts = [sent for sent in reversed(waiting) if sent.type == DocumentType.EXTRACT]
    for sent in [one for one in waiting if one.type != DocumentType.EXTRACT] + extracts:
        with transaction(desk.record):
            done += _settle(desk, sent, told)
    return done


def _settle(desk: Desk, sent: Outgoing, told: set[int]) -> bool:
    """Deal with one document, unless it must wait: for the colleague's being verified, or for his next key."""
    colleague = colleagues.by_number(desk.record, sent.colleague)
    current = correspondence.by_place(desk.record, sent.feed, sent.sequence)
    if current is None or current.anew or not colleague.is_verified:
        return False  # or another window was faster
    under = current.epoch or _first_release_epoch(desk, current)
    if under == desk_room.present_epoch(desk, colleague)[0] and not desk_room.end_epoch(desk, colleague):
        return False
    outcome = _outcome(desk, colleague, current, told)
    unreadable.mark_anew(desk.record, current.feed, current.sequence, outcome)
    if current.type not in _OF_NO_FURTHER_USE:
        _tell(desk, colleague, current, outcome)
    return True


def _tell(desk: Desk, colleague: Colleague, sent: Outgoing, outcome: Anew) -> None:
    """Into the history: where something about a patient left, under its name, with that of what could not be opened."""
    subject, detail = sent.document_id, f"{colleague.id} {sent.type} {outcome.value}"
    if outcome is Anew.SEALED and sent.type in ABOUT_A_PATIENT:
        subject = unreadable.newest(desk.record, colleague.num, sent.type)
        detail += f" {sent.document_id}"
    desk.practice.log("sealed-anew", patient=sent.patient, subject=subject, detail=detail)


def _outcome(desk: Desk, colleague: Colleague, sent: Outgoing, told: set[int]) -> Anew:
    """Seal one document anew, if that can be; inside the caller's transaction. `told` are the colleagues to whom
    everything was attested once more already."""
    if sent.type in ABOUT_A_PATIENT:
        if sent.type == DocumentType.EXTRACT and unreadable.has_later_extract(
            desk.record, sent, desk_room.feed_towards(desk, colleague)
        ):
            return Anew.REPLACED
        again = letters.seal_anew if sent.type == DocumentType.LETTER else sharing.seal_anew
        return Anew.SEALED if again(desk, sent) else Anew.WITHHELD
    if sent.type == DocumentType.WITHDRAWAL and sent.consent is not None:
        body = Withdrawal(consents.by_number(desk.record, sent.consent).id)
        desk_room.post(desk, colleague, body, patient=sent.patient, consent=sent.consent)
        return Anew.SEALED
    if sent.type == DocumentType.RECEIPT and colleague.num not in told:
        restoration.attest_everything(desk, colleague)
        told.add(colleague.num)
        return Anew.SEALED
    return Anew.LOST if sent.type == DocumentType.RECOVERY_SHARE else Anew.REPLACED


def _first_release_epoch(desk: Desk, sent: Outgoing) -> bytes | None:
    """The epoch of a document of which the first release did not note it: the newest one then."""
    return epoch_keys.at(desk.record, sent.colleague, sent.made)
