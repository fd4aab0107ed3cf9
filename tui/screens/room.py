"""A whole screen: the frame around it, and leaving it without losing what was typed."""

from typing import ClassVar, TypeVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from tui.screens.dialog import Rooms
from tui.screens.question import losing
from tui.widgets.frame import Keys, Top
from tui.words.marking import message

Result = TypeVar("Result")


class Room(Rooms, Screen[Result]):
    """A whole screen: the line at the top, its own content, the keys at the bottom."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", message("Back"))]

    def compose(self) -> ComposeResult:
        yield Top()
        yield from self.content()
        yield Keys()

    def content(self) -> ComposeResult:
        """What stands between top and keys."""
        return ()

    def on_screen_resume(self) -> None:
        self.show_mail()

    def show_mail(self) -> None:
        """Bring the line at the top up to date."""
        for top in self.query(Top):
            top.show(self.building.house, self.building.mail)

    def action_leave(self) -> None:
        self.leave()

    @work
    async def leave(self) -> None:
        """Leave without a result; ask first where something was typed."""
        if not self.unsaved or await self.app.push_screen_wait(losing()) == "go":
            self.dismiss(None)
