"""What screens and dialogs share: the gateway, and how an error is told."""

import asyncio
from collections.abc import Awaitable
from typing import ClassVar, Protocol, TypeVar, cast

from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from localstore.errors import ConfrereError
from localstore.roles import Right
from tui.gateway import Gateway
from tui.values import House, Mail
from tui.words.catalogue import sentence
from tui.words.marking import message

Result = TypeVar("Result")
Answer = TypeVar("Answer")


class Building(Protocol):
    """What a screen may ask of the application around it."""

    house: House | None
    mail: Mail

    @property
    def gateway(self) -> Gateway:
        """The open practice."""

    def tell(self, words: str, *, warning: bool = False) -> None:
        """Say something in a corner, for a few seconds."""

    def renew_mail(self) -> None:
        """Look at once whether something arrived, and see that the daemon runs."""

    def enter(self, gateway: Gateway) -> None:
        """The practice was opened: go to its first screen."""

    def lock_at_once(self) -> None:
        """Lock, without asking and without a backup: the practice is closed already."""


class Rooms:
    """What screens and dialogs share. Mixed into both, because Textual has them apart."""

    @property
    def building(self) -> Building:
        """The application."""
        return cast(Building, self.app)  # type: ignore[attr-defined]

    @property
    def gateway(self) -> Gateway:
        """The open practice."""
        return self.building.gateway

    def may(self, right: Right) -> bool:
        """Whether whoever works here may do something: what he may not is not offered."""
        return self.building.house is not None and self.building.house.may(right)

    @property
    def unsaved(self) -> bool:
        """Whether something was typed here that is kept nowhere."""
        return False

    @property
    def busy(self) -> bool:
        """Whether something is under way here that the automatic lock waits for."""
        return False

    @property
    def holds(self) -> bool:
        """Whether the program can neither be locked nor left now."""
        return False

    async def keep(self) -> None:
        """Keep what is unsaved, without asking: the screen is about to be locked and nobody is there."""

    async def attempt(self, work: Awaitable[Answer]) -> Answer | None:
        """The answer, or None after its error has been told. Ends the worker that asks when its screen has gone in the
        meantime: there is nothing left to show the answer on."""
        try:
            answer = await work
        except ConfrereError as error:
            self.building.tell(sentence(error), warning=True)
            return None
        # An answer may also be faster than the screen that it is for: then it waits until there is something to fill.
        # Textual has no event for that which one could wait for.
        while self in self.app.screen_stack and not self.is_mounted:  # type: ignore[attr-defined]  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        if self not in self.app.screen_stack:  # type: ignore[attr-defined]
            raise asyncio.CancelledError
        return answer


class Dialog(Rooms, ModalScreen[Result]):
    """A question over the screen that asks it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", message("Cancel"))]

    def action_leave(self) -> None:
        self.dismiss(None)
