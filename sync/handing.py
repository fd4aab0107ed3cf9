"""Handing lots over: the desk's side of files that travel on a stick or in a mail.

The lots themselves belong to the post office (`sync.lots`), which sees sealed envelopes only. Here it is decided for
whom one may be written, and the history is told.
"""

from pathlib import Path
from typing import NamedTuple

from localstore import colleagues, crypto
from localstore.arrivals import IncomingLimits
from localstore.colleagues import Colleague
from localstore.database import transaction
from sync import desk as desk_room
from sync.desk import Desk
from sync.errors import NotVerified
from sync.lots import files, reading, writing
from sync.lots.files import Tell
from sync.lots.parties import parties
from sync.lots.reading import Outcome
from sync.trust import introductions


class Written(NamedTuple):
    """A finished lot: its identifier (32 hex digits), how many envelopes it carries, the size of the file in bytes, and
    whether more waits for the colleague, which goes into the next lot once he has answered this one."""

    lot: str
    envelopes: int
    size: int
    more: bool


class Read(NamedTuple):
    """A lot that was read, and whose it was: the colleague's identifier and name."""

    colleague: str
    name: str
    outcome: Outcome


def write(desk: Desk, colleague: Colleague, path: Path, tell: Tell) -> Written:
    """Write everything that waits for a colleague, with the receipts for what came from him, into a new file.

    Raises NotVerified, KeyInDoubt, AlreadyThere, LotNotWritten and NoRoomForLot; also when nothing was written, what
    was to be in it counts as sent: it may lie in another lot by then, and its place is never given to anything else.
    """
    seed, pairs = parties(desk.postbox)
    pair = pairs.get(colleague.id)
    introductions.require_verified(colleague)
    if pair is None:
        raise NotVerified(name=colleague.name, id=colleague.id)
    files.require_free(path, desk.practice.folder)
    desk_room.dispatch(desk)
    plan = writing.prepare(desk.postbox, seed, pair, crypto.random_bytes(writing.CHANCE_BYTES), desk.practice.clock)
    with transaction(desk.record):
        desk.practice.log("lot-written", subject=colleague.id, detail=str(plan.envelopes))
    files.create(path, writing.pieces(desk.postbox, plan), plan.size, tell)
    return Written(plan.lot.hex(), plan.envelopes, plan.size, plan.more)


def read(desk: Desk, path: Path, tell: Tell, limits: IncomingLimits | None = None) -> Read:
    """Take what a lot brings into the postbox; `reception.collect` opens it. Raises as `lots.reading.read_file`."""
    practice = desk.practice
    outcome = reading.read_file(
        desk.postbox, parties(desk.postbox), path, tell, limits, practice.clock, practice.folder
    )
    if outcome.changed:
        with transaction(desk.record):
            practice.log("lot-read", subject=outcome.peer, detail=str(outcome.stored))
    known = colleagues.by_identifier(desk.record, outcome.peer)
    return Read(outcome.peer, known.name if known else "", outcome)
