"""Real practices in temporary folders, for tests: two doctors, their desks, and a postman between their postboxes."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from localstore import arrivals, departures, founding, practice, record
from localstore.bodies import PatientBody
from localstore.clock import Clock
from localstore.colleagues import Colleague
from localstore.founding import Identity
from localstore.keys import keyring
from localstore.model import Entry
from localstore.practice import Practice
from sync import desk
from sync.desk import Desk
from sync.trust import card, introductions

PASSPHRASE = "une phrase de passe pour les essais"  # noqa: S105
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ZOE = PatientBody("Dupont-Martin", ("Zoé", "Anne"), "1958-07-03", "female")


class SteppingClock:
    """A clock that moves only when told to, and by a millisecond at each reading, so that moments differ."""

    def __init__(self, start: datetime = NOON) -> None:
        self.moment = start

    def __call__(self) -> datetime:
        """The present moment."""
        self.moment += timedelta(milliseconds=1)
        return self.moment


def make(folder: Path, name: str = "Alpha", rpps: str = "10001234567", clock: Clock | None = None) -> Practice:
    """A new practice, unlocked, with the cheapest key derivation that is allowed."""
    identity = Identity(f"Cabinet {name}", "Lyon", f"Dr {name}", rpps)
    clock = clock or SteppingClock()
    founding.make(folder, identity, PASSPHRASE, clock=clock, memory=keyring.MIN_MEMORY)
    return practice.unlock(folder, PASSPHRASE, clock=clock)


def make_desk(folder: Path, name: str = "Alpha", rpps: str = "10001234567", clock: Clock | None = None) -> Desk:
    """A new practice with its keys and its postbox."""
    return desk.establish(make(folder, name, rpps, clock))


def introduce(here: Desk, there: Desk) -> tuple[Colleague, Colleague]:
    """Exchange cards without comparing; returns (there as known here, here as known there)."""
    of_there = introductions.add(here, card.armour(introductions.my_card(there)))
    of_here = introductions.add(there, card.armour(introductions.my_card(here)))
    return of_there, of_here


def pair(here: Desk, there: Desk) -> tuple[Colleague, Colleague]:
    """Exchange cards and compare fingerprints on both sides."""
    of_there, of_here = introduce(here, there)
    digits = introductions.fingerprint(here, of_there)
    return introductions.verify(here, of_there, digits), introductions.verify(there, of_here, digits)


def two_desks(folder: Path) -> tuple[Desk, Desk, Colleague, Colleague]:
    """Two paired practices: (alpha, beta, beta as known to alpha, alpha as known to beta)."""
    alpha, beta = make_desk(folder / "alpha"), make_desk(folder / "beta", "Beta", "10001234575")
    of_beta, of_alpha = pair(alpha, beta)
    return alpha, beta, of_beta, of_alpha


def carry(sender: Desk, of_recipient: Colleague, recipient: Desk, of_sender: Colleague) -> int:
    """Carry what waits at the sender into the recipient's postbox, as two daemons would; returns how many."""
    held = {holding.feed: holding.up_to for holding in arrivals.holdings(recipient.postbox, of_sender.id)}
    pieces = departures.offer(sender.postbox, of_recipient.id, held)
    outcomes = arrivals.receive(recipient.postbox, of_sender.id, pieces)
    return outcomes.count(arrivals.Reception.STORED)


def add_zoe(here: Practice) -> Entry:
    """One patient."""
    return record.add_patient(here, ZOE)
