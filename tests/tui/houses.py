"""Practices for the tests of the interface, made once for each worker and copied; and walking through the screens."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from textual.pilot import Pilot
from textual.screen import Screen

from localstore import arrivals, departures, paths, postbox, record
from localstore.bodies import (
    AllergyBody,
    Body,
    ConsultationBody,
    MeasurementBody,
    MedicationBody,
    PatientBody,
    ProblemBody,
)
from localstore.clock import system_clock
from localstore.kinds import Sensitivity
from localstore.values import Concept, Quantity
from sync.desk import Desk
from tests import practices
from tests.practices import PASSPHRASE
from tui.app import ConfrereApp, Ending
from tui.screens.search import Search
from tui.screens.unlock import Unlock
from tui.widgets.fields import Secret

Place = TypeVar("Place", bound=Screen[Any])
SECONDS = 20.0  # a busy machine; a condition that holds is seen within milliseconds
JEANNE = PatientBody("Moreau", ("Jeanne", "Lucie"), "1958-03-12", "female", ins="258033711612370")
TWIN = PatientBody("Moreau", ("Jeanne",), "1985-06-02", "female")
PAUL = PatientBody("Martin", ("Paul",), "1949-11-30", "male")


class Houses(NamedTuple):
    """Two practices with each other's card, verified; a third whose card alpha holds, unverified. `jeanne` and `paul`
    are patients of alpha, `theirs` is Jeanne at beta's."""

    folder: Path
    jeanne: str
    paul: str
    theirs: str
    alpha_key: bytes
    beta_key: bytes
    beta_at_alpha: str
    alpha_at_beta: str

    @property
    def alpha(self) -> Path:
        """The practice that the interface opens."""
        return self.folder / "alpha"

    @property
    def beta(self) -> Path:
        """The colleague's practice."""
        return self.folder / "beta"

    def copied(self, folder: Path) -> "Houses":
        """The same, to be used up by one test."""
        shutil.copytree(self.folder, folder)
        return self._replace(folder=folder)


def build(folder: Path) -> Houses:
    """Make the practices."""
    folder.mkdir()
    alpha = practices.make_desk(folder / "alpha", "Alpha", clock=system_clock)
    beta = practices.make_desk(folder / "beta", "Beta", "10001234575", clock=system_clock)
    gamma = practices.make_desk(folder / "gamma", "Gamma", "10001234583", clock=system_clock)
    of_beta, of_alpha = practices.pair(alpha, beta)
    practices.introduce(alpha, gamma)
    jeanne, _, paul = (record.add_patient(alpha.practice, body).id for body in (JEANNE, TWIN, PAUL))
    theirs = record.add_patient(beta.practice, JEANNE).id
    _fill(alpha, jeanne)
    for body, date in _of_beta():
        record.add(beta.practice, theirs, body, date)
    houses = Houses(folder, jeanne, paul, theirs, alpha.postbox_key, beta.postbox_key, of_beta.id, of_alpha.id)
    for desk in (alpha, beta, gamma):
        desk.close()
    return houses


def _fill(desk: Desk, patient: str) -> None:
    allergy = AllergyBody(Concept("Pénicilline"), criticality="high", reaction="choc anaphylactique")
    entries: list[tuple[Body, str]] = [
        (allergy, "1998-05"),
        (ProblemBody(Concept("Hypertension artérielle"), onset="2009-04"), "2009-04"),
        (ConsultationBody("Renouvellement", "État stable", "Tension contrôlée", "Même traitement"), "2025-01-10"),
        (
            MeasurementBody(Concept("Poids"), Quantity(Decimal("77.5"), "kg", "kg"), category="vital-signs"),
            "2025-01-10",
        ),
    ]
    for body, date in entries:
        record.add(desk.practice, patient, body, date)
    secret = ProblemBody(Concept("Épisode dépressif"))
    record.add(desk.practice, patient, secret, "2021", Sensitivity.RESTRICTED)
    first = record.add(
        desk.practice, patient, MeasurementBody(Concept("HbA1c"), Quantity(Decimal("7.4"), "%")), "2025-02-01"
    )
    for value in ("7.1", "6.9"):  # both amend the same version, as two colleagues may
        body = MeasurementBody(Concept("HbA1c"), Quantity(Decimal(value), "%"))
        record.amend(desk.practice, first.version, body)
    wrong = record.add(desk.practice, patient, ConsultationBody("Entorse de la cheville"), "2024-12-01")
    record.retract(desk.practice, wrong.version, "autre patient")


def _of_beta() -> list[tuple[Body, str]]:
    return [
        (AllergyBody(Concept("Iode"), criticality="high"), "2024-02-02"),
        (ConsultationBody("Avis cardiologique", conclusion="Pas d'ischémie"), "2024-05-06"),
        (MedicationBody(Concept("Atorvastatine 20 mg"), "1 le soir"), "2024-05-06"),
    ]


def carry(houses: Houses, *, from_beta: bool) -> int:
    """Carry what waits from one postbox to the other, as two daemons would; returns how many."""
    alpha = postbox.open_postbox(paths.postbox(houses.alpha), houses.alpha_key)
    beta = postbox.open_postbox(paths.postbox(houses.beta), houses.beta_key)
    sender, recipient = (beta, alpha) if from_beta else (alpha, beta)
    to, of = (houses.alpha_at_beta, houses.beta_at_alpha) if from_beta else (houses.beta_at_alpha, houses.alpha_at_beta)
    held = {holding.feed: holding.up_to for holding in arrivals.holdings(recipient, of)}
    outcomes = arrivals.receive(recipient, of, departures.offer(sender, to, held))
    alpha.close()
    beta.close()
    return outcomes.count(arrivals.Reception.STORED)


class Visit:
    """A person at the interface: types keys, and waits for what must come of them."""

    def __init__(self, app: ConfrereApp, pilot: Pilot[Ending]) -> None:
        self.app, self.pilot = app, pilot

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait for a condition; fails when it never holds, or when the application broke."""
        deadline = asyncio.get_running_loop().time() + SECONDS
        while not condition():
            assert self.app.crash is None, self.app._exception
            assert asyncio.get_running_loop().time() < deadline, f"still on {self.app.screen!r}"
            await self.pilot.pause(0.01)

    async def press(self, *keys: str) -> None:
        """Press keys; a word is typed letter by letter with `write`."""
        await self.pilot.press(*keys)

    async def write(self, words: str) -> None:
        """Type words into the field that has the focus."""
        await self.pilot.press(*(_KEYS.get(letter, letter) for letter in words))

    async def on(self, place: type[Place]) -> Place:
        """Wait until a screen is shown; returns it."""
        # Mounted: what it is made of is there to be asked for.
        await self.until(lambda: self._shows(place))
        await self.pilot.pause()
        screen = self.app.screen
        assert isinstance(screen, place)
        return screen

    def _shows(self, place: type[Place]) -> bool:
        screen = self.app.screen
        return isinstance(screen, place) and screen.is_current and screen.is_mounted

    async def unlock(self) -> Search:
        """Type the passphrase."""
        unlock = await self.on(Unlock)
        unlock.query_one("#passphrase", Secret).value = PASSPHRASE  # typing it letter by letter takes seconds
        await self.press("enter")
        search = await self.on(Search)
        await self.until(lambda: search.listing.items)
        return search

    @property
    def told(self) -> str:
        """What was said in the corner."""
        return "\n".join(one.message for one in self.app._notifications)


_KEYS = {" ": "space", "é": "é", "/": "slash", ",": "comma", ".": "full_stop", "-": "minus", "'": "apostrophe"}


@asynccontextmanager
async def visiting(
    folder: Path, *, size: tuple[int, int] = (120, 40), idle_seconds: float = 0, with_daemon: bool = False
) -> AsyncIterator[Visit]:
    """The interface on a practice, without a terminal."""
    app = ConfrereApp(folder, idle_seconds=idle_seconds, with_daemon=with_daemon)
    try:
        async with app.run_test(size=size) as pilot:
            yield Visit(app, pilot)
    finally:
        app.close_practice()
