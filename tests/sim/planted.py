"""Bugs that are planted on purpose, each in the place of a function of ours: the laws must find them.

A simulation that finds nothing proves nothing unless it is shown to find what is there.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from localstore import arrivals, colleagues, correspondence, departures, postbox
from localstore.arrivals import Reception
from localstore.clock import Clock, system_clock
from localstore.consents import Consent
from localstore.database import Connection, transaction
from localstore.feeds import Piece
from sync import desk as desk_room
from sync.desk import Desk
from sync.sending import gate
from tests.sim.house import House

Plant = Callable[[pytest.MonkeyPatch], None]


def gate_asked_once(patch: pytest.MonkeyPatch) -> None:
    """The gate remembers what it said of a consent, and is not asked again."""
    said: dict[str, bool] = {}
    really = gate.is_valid

    def remembered(consent: Consent, today: str) -> bool:
        return said.setdefault(consent.id, really(consent, today))

    patch.setattr(gate, "is_valid", remembered)


def receipt_before_the_commit(patch: pytest.MonkeyPatch) -> None:
    """What came in is acknowledged at once, and is on the disk only after what comes next."""
    waiting: dict[int, tuple[str, list[Piece]]] = {}
    really = arrivals.receive

    def hasty(connection: Connection, peer: str, pieces: Sequence[Piece], *rest: Any) -> list[Reception]:
        kept = waiting.pop(id(connection), None)
        if kept is not None and kept[0] == peer:
            really(connection, peer, kept[1], *rest)
        with undone(connection):
            outcomes = really(connection, peer, pieces, *rest)
        waiting[id(connection)] = (peer, list(pieces))
        return outcomes

    patch.setattr(arrivals, "receive", hasty)


@contextmanager
def undone(connection: Connection) -> Iterator[None]:
    """A transaction that never ends well."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")


def dropped_before_it_is_believed(patch: pytest.MonkeyPatch) -> None:
    """The postbox forgets an envelope before the record has it: a crash in between loses what was acknowledged."""
    really = postbox.arrived

    def hasty(connection: Connection) -> Iterator[postbox.Arrived]:
        for one in really(connection):
            postbox.mark_opened(connection, one.feed, one.sequence)
            yield one

    patch.setattr(postbox, "arrived", hasty)


def offered_envelope_replaced(patch: pytest.MonkeyPatch) -> None:
    """A revocation puts the empty document also in the place of an extract that is on its way."""

    def replace(connection: Connection, feed: bytes, sequence: int, envelope: bytes) -> bool:
        with transaction(connection):
            digest = postbox._digest(envelope)
            connection.execute(
                "UPDATE outgoing SET digest = ? WHERE feed = ? AND sequence = ?", (digest, feed, sequence)
            )
            changed = connection.execute(
                "UPDATE outgoing_bytes SET envelope = ? WHERE feed = ? AND sequence = ?", (envelope, feed, sequence)
            )
            return changed.rowcount == 1

    patch.setattr(postbox, "replace_unsent", replace)
    patch.setattr(postbox, "was_offered", lambda *_where: False)


def moved_before_it_is_there(patch: pytest.MonkeyPatch) -> None:
    """What is committed counts as moved to the postbox before it is there: a crash in between loses it."""

    def dispatch(desk: Desk) -> list[Exception]:
        for one in correspondence.outgoing(desk.record):
            if one.envelope is None:
                continue
            with transaction(desk.record):
                correspondence.mark_posted(desk.record, one.feed, one.sequence)
            peer = colleagues.by_number(desk.record, one.colleague).id
            postbox.queue(desk.postbox, peer, one.feed, one.sequence, one.envelope)
        return []

    patch.setattr(desk_room, "dispatch", dispatch)


def restored_in_the_old_feeds(patch: pytest.MonkeyPatch) -> None:
    """A backup that was put back goes on as if nothing had happened."""
    patch.setattr(House, "_begin_anew", lambda _house: None)


def cut_short(patch: pytest.MonkeyPatch) -> None:
    """After a receipt everything that was queued counts as held, also what follows it."""
    really = departures.reconcile

    def trusting(
        connection: Connection,
        peer: str,
        before: Mapping[bytes, int],
        held: Mapping[bytes, int],
        clock: Clock = system_clock,
    ) -> dict[bytes, int]:
        found = really(connection, peer, before, held, clock)
        return {feed: up_to + bool(up_to) for feed, up_to in found.items()}

    patch.setattr(departures, "reconcile", trusting)


PLANTS: tuple[Plant, ...] = (
    gate_asked_once,
    receipt_before_the_commit,
    dropped_before_it_is_believed,
    offered_envelope_replaced,
    moved_before_it_is_there,
    restored_in_the_old_feeds,
    cut_short,
)
# Those that the first few seeds find already: they are planted in every run of the tests, the others in the long one.
FOUND_SOON: tuple[Plant, ...] = (receipt_before_the_commit, dropped_before_it_is_believed, moved_before_it_is_there)
