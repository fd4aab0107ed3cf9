"""What was sent, and how far each document came, as far as anybody here can know; and the feeds that stand still."""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from localstore import colleagues, correspondence, postbox
from localstore.colleagues import Colleague
from localstore.correspondence import Outgoing
from localstore.postbox import DeliveryState, IncidentKind, Progress
from localstore.unreadable import Anew
from sync import desk as desk_room
from sync.desk import Desk
from sync.papers.documents import ABOUT_A_PATIENT, DocumentType
from sync.sending import withdrawing

# What a doctor follows. The rest is between the programs.
OF_THE_DOCTOR = frozenset(
    {*ABOUT_A_PATIENT, DocumentType.WITHDRAWAL, DocumentType.RECOVERY_SHARE, correspondence.KEPT_BACK}
)


class SentState(StrEnum):
    """How far a document came: the furthest that is known, most telling first."""

    REMOVED = "removed"  # the colleague's software attests that it removed it
    WITHDRAWN = "withdrawn"  # its removal was asked for
    OPENED = "opened"  # the colleague's software attests that it opened it
    SEALED_ANEW = "sealed-anew"  # he could not open it, and it went once more under another key
    REPLACED = "replaced"  # he could not open it, and a later one says all that it said
    WITHHELD = "withheld"  # he could not open it, and nothing went in its place: it is to be shared again
    UNREADABLE = "unreadable"  # he could not open it, and what goes in its place waits for another key of his
    KEPT_BACK = "kept-back"  # it never left, and an empty document took its place
    LOST = "lost"  # its feed ended, and he does not hold it
    STORED = "stored"  # his machine signed that it holds it
    SENT = "sent"  # it was offered
    QUEUED = "queued"  # it never left


class Line(NamedTuple):
    """One document that was sent: to whom, its state, and the moment of that."""

    sent: Outgoing
    colleague: Colleague
    state: SentState
    at: str


class Frozen(NamedTuple):
    """A feed on which nothing travels any more: with whom (his name, or nothing), why, since when."""

    colleague: str
    kind: IncidentKind
    at: str


def listing(desk: Desk, *, everything: bool = False) -> list[Line]:
    """What was sent, oldest first: what a doctor follows, or `everything`."""
    every = correspondence.outgoing(desk.record)
    known = {num: colleagues.by_number(desk.record, num) for num in {one.colleague for one in every}}
    asked = _withdrawn(desk, known, every)
    at = {(one.feed, one.sequence): one for one in postbox.progress(desk.postbox)}
    again = {(one.colleague, one.patient): one.made for one in every if _stands_for_others(one)}
    listed = [one for one in every if everything or one.type in OF_THE_DOCTOR]
    return [
        Line(one, known[one.colleague], *_state(one, at.get((one.feed, one.sequence)), asked, again)) for one in listed
    ]


def _stands_for_others(sent: Outgoing) -> bool:
    return sent.type == DocumentType.EXTRACT and not sent.unreadable


def frozen(desk: Desk) -> list[Frozen]:
    """The feeds that stand still, oldest first: each is for the doctor to see."""
    found = []
    for one in postbox.incidents(desk.postbox):
        colleague = colleagues.by_identifier(desk.record, one.peer)
        found.append(Frozen(colleague.name if colleague else "", one.kind, one.at))
    return found


def _withdrawn(desk: Desk, known: dict[int, Colleague], every: Iterable[Outgoing]) -> set[tuple[bytes, int]]:
    """The documents (feed and number) whose removal was asked for."""
    by_consent: dict[tuple[int, int], list[Outgoing]] = {}
    for one in every:
        if one.consent is not None:
            by_consent.setdefault((one.colleague, one.consent), []).append(one)
    feeds: dict[int, bytes] = {}
    found: set[tuple[bytes, int]] = set()
    for (num, _), sent in by_consent.items():
        if any(one.type == DocumentType.WITHDRAWAL for one in sent):
            present = feeds.setdefault(num, desk_room.feed_towards(desk, known[num]))
            found |= withdrawing.requested(sent, present)
    return found


def _state(
    sent: Outgoing,
    at: Progress | None,
    asked: set[tuple[bytes, int]],
    again: dict[tuple[int, int | None], str],
) -> tuple[SentState, str]:
    """`again`: when the last extract was made that a colleague may read, by him and the patient."""
    if sent.removed:
        return SentState.REMOVED, sent.removed
    if (sent.feed, sent.sequence) in asked:
        return SentState.WITHDRAWN, at.at if at else sent.made
    if sent.opened:
        return SentState.OPENED, sent.opened
    if sent.type == correspondence.KEPT_BACK:
        return SentState.KEPT_BACK, sent.made
    if sent.anew == Anew.WITHHELD and sent.type == DocumentType.EXTRACT:
        went = again.get((sent.colleague, sent.patient), "") > sent.unreadable  # shared again since
        return SentState.REPLACED if went else SentState.WITHHELD, sent.unreadable
    if sent.unreadable:
        return _ANEW.get(sent.anew, SentState.UNREADABLE), sent.unreadable
    if at is None:
        return SentState.QUEUED, sent.made
    return _DELIVERED[at.state], at.at


_ANEW = {
    Anew.SEALED.value: SentState.SEALED_ANEW,
    Anew.REPLACED.value: SentState.REPLACED,
    Anew.WITHHELD.value: SentState.WITHHELD,
}
_DELIVERED = {
    DeliveryState.QUEUED: SentState.QUEUED,
    DeliveryState.SENT: SentState.SENT,
    DeliveryState.STORED: SentState.STORED,
    DeliveryState.LOST: SentState.LOST,
}
