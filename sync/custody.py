"""Shares of recovery keys: entrusted to verified colleagues, and kept here for others.

A share travels as any document: signed, sealed for one colleague, believed only from a verified one. It is merged into
nothing. Its words are shown by `reveal` alone, which says so in the history first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from localstore import colleagues, correspondence, versions
from localstore.colleagues import Colleague, State
from localstore.correspondence import Received, ReceivedState
from localstore.database import transaction
from localstore.errors import BadInput, NotFound
from localstore.keys import shares
from localstore.roles import Right
from sync import desk as desk_room
from sync.desk import Desk
from sync.papers import documents
from sync.papers.documents import DocumentType, RecoveryShare
from sync.trust import introductions


class Entrusted(NamedTuple):
    """One share on its way: the document's identifier and the colleague for whom it was sealed."""

    document: str
    colleague: Colleague


class Splitting(NamedTuple):
    """What was done: the name of the set (32 hex digits), how many of its shares are needed, and who gets one."""

    id: str
    threshold: int
    shares: tuple[Entrusted, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """A share that this practice keeps for a colleague. `state` is how far he is trusted today; `made` and `arrived`
    are moments; `newest` says whether no later splitting of the same colleague is here."""

    id: str
    colleague: str
    name: str
    rpps: str
    state: State
    splitting: str
    threshold: int
    count: int
    made: str
    arrived: str
    newest: bool


def check_guardians(chosen: Sequence[Colleague], threshold: int) -> None:
    """Raise unless a recovery key can be split among these colleagues: BadInput for numbers or a colleague named twice,
    NotVerified for the first who is not verified."""
    shares.check_bounds(threshold, len(chosen))
    if len({one.num for one in chosen}) != len(chosen):
        raise BadInput(what="A colleague is named twice.", remedy="Each colleague gets one share: name others.")
    for one in chosen:
        introductions.require_verified(one)


def entrust(desk: Desk, recovery_key: bytes, threshold: int, chosen: Sequence[Colleague]) -> Splitting:
    """Split the recovery key and seal one share to each colleague: all of them, or none.

    The caller has seen that the key opens this practice. Raises BadInput, NotVerified, NotYourRole.
    """
    with transaction(desk.record):
        fresh = [colleagues.by_number(desk.record, one.num) for one in chosen]
        check_guardians(fresh, threshold)
        name = versions.new_id().hex()
        made = shares.split(recovery_key, threshold, len(fresh))
        sent = tuple(
            _post(desk, colleague, RecoveryShare(name, threshold, len(fresh), words))
            for colleague, words in zip(fresh, made, strict=True)
        )
    waiting = {one.document for one in sent}
    for conflict in desk_room.dispatch(desk):
        if any(one.document_id in waiting for one in correspondence.not_yet_posted(desk.record)):
            raise conflict
    return Splitting(name, threshold, sent)


def _post(desk: Desk, colleague: Colleague, body: RecoveryShare) -> Entrusted:
    outgoing = desk_room.post(desk, colleague, body)
    desk.practice.log("recovery-split", subject=outgoing.document_id, detail=colleague.id)
    return Entrusted(outgoing.document_id, colleague)


def held(desk: Desk) -> list[Held]:
    """The shares that this practice keeps, newest first. Raises NotYourRole."""
    desk.practice.require(Right.READ)
    found: list[Held] = []
    latest: dict[str, str] = {}
    for received in correspondence.received(desk.record):
        if received.type == DocumentType.RECOVERY_SHARE and received.state is ReceivedState.HELD:
            body, made = _share(received)
            colleague = _owner(desk, received)
            newest = latest.setdefault(colleague.id, body.splitting) == body.splitting
            of_whom = (received.id, colleague.id, colleague.name, colleague.rpps, colleague.state)
            found.append(Held(*of_whom, body.splitting, body.threshold, body.count, made, received.arrived, newest))
    return found


def find(desk: Desk, reference: str) -> Held:
    """One share, by its identifier or the beginning of it. Raises NotFound."""
    received = correspondence.by_identifier(desk.record, reference)
    for one in held(desk):
        if one.id == received.id:
            return one
    raise NotFound(what="The share “{reference}”", reference=reference)


def reveal(desk: Desk, share: Held) -> str:
    """The words of a share. That they were shown is in the history before they are. Raises NotFound, NotYourRole."""
    received = correspondence.by_identifier(desk.record, share.id)
    body, _ = _share(received)
    with transaction(desk.record):
        desk.practice.log("recovery-share-revealed", subject=received.id, detail=share.colleague)
    return body.words


def _share(received: Received) -> tuple[RecoveryShare, str]:
    content = documents.read(received.document).content
    if not isinstance(content.body, RecoveryShare):
        raise NotFound(what="The share “{reference}”", reference=received.id)
    return content.body, content.created


def _owner(desk: Desk, received: Received) -> Colleague:
    if received.colleague is None:
        raise NotFound(what="The share “{reference}”", reference=received.id)
    return colleagues.by_number(desk.record, received.colleague)
