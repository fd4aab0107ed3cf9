"""A screen that closes while its answer is on the way: nothing breaks, and nobody paints on what is gone."""

import asyncio

from textual.app import ComposeResult
from textual.widgets import Label

from tests.tui.houses import Houses, visiting
from tui.screens.dialog import Dialog


class Slow(Dialog[None]):
    """Asks for something, and would show it."""

    def __init__(self, answer: "asyncio.Future[str]") -> None:
        super().__init__()
        self.answer, self.painted = answer, False

    def compose(self) -> ComposeResult:
        """One line."""
        yield Label("…", id="line")

    def on_mount(self) -> None:
        """Ask."""
        self.run_worker(self.load())

    async def load(self) -> None:
        """Show the answer."""
        found = await self.attempt(self.answer)
        self.query_one("#line", Label).update(str(found))
        self.painted = True


async def test_an_answer_that_comes_after_the_screen_has_gone_is_dropped(houses: Houses) -> None:
    async with visiting(houses.alpha) as visit:
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        slow = Slow(answer)
        await visit.app.push_screen(slow)
        await visit.on(Slow)
        answer.set_result("too late")
        visit.app.pop_screen()  # before the worker has had its turn
        await visit.until(lambda: slow not in visit.app.screen_stack and not slow.is_attached)
        assert not slow.painted
        assert visit.app.crash is None
