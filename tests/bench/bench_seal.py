"""Signing and sealing documents of 1 KiB, and opening them, against the bare primitives and bare SQLCipher.

Ours is what a doctor's record does with them: `desk.post` under the number of a feed, the move into the postbox, and at
the colleague `reception.collect`, with the conditions, the history and the receipt that is posted in answer.
"""

import time
from pathlib import Path

from localstore import arrivals, crypto, departures, postbox
from localstore.colleagues import Colleague
from localstore.database import transaction
from localstore.feeds import Piece
from sync import desk as desk_room
from sync.desk import Desk
from sync.papers.documents import Extract
from sync.receiving import reception
from tests import practices
from tests.bench.result import Result
from tests.bench.sealing import PER_COMMIT, RECORD_BYTES, Bare, extracts

COUNT = 10_000
ROUND = 1_000  # first of one, then of the other: what else the machine does slows both alike


def run(folder: Path, count: int = COUNT) -> list[Result]:
    """Documents per second: sealing, sealing and handing to the postbox, opening, and all of it."""
    alpha, beta, of_beta, of_alpha = practices.two_desks(folder)
    bare = Bare(folder)
    seconds = dict.fromkeys(("seal", "move", "open", "bare-seal", "bare-open"), 0.0)
    for first in range(-ROUND, count, ROUND):  # the round before the first warms both
        number = ROUND if first < 0 else min(ROUND, count - first)
        taken = _round(alpha, of_beta, beta, of_alpha, list(extracts(number)))
        taken["bare-seal"] = bare.seal([crypto.random_bytes(RECORD_BYTES) for _ in range(number)])
        taken["bare-open"] = bare.open(number)
        if first >= 0:
            seconds = {name: seconds[name] + taken[name] for name in seconds}
    alpha.close()
    beta.close()
    sealing, opening = seconds["bare-seal"], seconds["bare-open"]
    both = seconds["seal"] + seconds["move"]
    return [
        Result("seal", "documents/s", count / seconds["seal"], count / sealing, "higher"),
        Result("seal-and-queue", "documents/s", count / both, count / sealing, "higher"),
        Result("open", "documents/s", count / seconds["open"], count / opening, "higher"),
        Result("seal-and-open", "documents/s", count / (both + seconds["open"]), count / (sealing + opening), "higher"),
    ]


def _round(alpha: Desk, of_beta: Colleague, beta: Desk, of_alpha: Colleague, bodies: list[Extract]) -> dict[str, float]:
    """Seconds for sealing, for the move into the postbox, and for opening, of so many documents."""
    start = time.perf_counter()
    for at in range(0, len(bodies), PER_COMMIT):
        with transaction(alpha.record):
            for body in bodies[at : at + PER_COMMIT]:
                desk_room.post(alpha, of_beta, body, entries=1)
    sealed = time.perf_counter()
    assert desk_room.dispatch(alpha) == []
    moved = time.perf_counter()
    _carry(alpha, of_beta, beta, of_alpha)
    arrived = time.perf_counter()
    found = reception.collect(beta)
    assert found.extracts == len(bodies), found
    assert found.set_aside == 0
    return {"seal": sealed - start, "move": moved - sealed, "open": time.perf_counter() - arrived}


def _carry(alpha: Desk, of_beta: Colleague, beta: Desk, of_alpha: Colleague) -> None:
    """What a session does: everything that the other one lacks."""
    while True:
        held = {one.feed: one.up_to for one in arrivals.holdings(beta.postbox, of_alpha.id)}
        pieces: list[Piece] = departures.offer(alpha.postbox, of_beta.id, held)
        if not pieces:
            break
        arrivals.receive(beta.postbox, of_alpha.id, pieces)
    assert postbox.incidents(beta.postbox) == []
