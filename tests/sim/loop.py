"""An event loop without files, whose clock jumps to the next thing that is to happen."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any

from tests.sim.dice import Dice
from tests.sim.disk import Crash

SLOWEST_COMMIT = 0.05  # seconds of a disk


class _Nothing:
    """In the place of a selector: there are no files, so waiting is only time that passes."""

    def __init__(self, loop: "VirtualLoop") -> None:
        self._loop = loop

    def select(self, timeout: float | None) -> list[Any]:
        """Let the time pass at once."""
        if timeout is None:
            raise RuntimeError("nothing would ever happen again")
        self._loop.pass_by(timeout)
        return []

    def close(self) -> None:
        """Nothing to close."""


class VirtualLoop(asyncio.BaseEventLoop):
    """Runs what is due, in an order that depends on nothing but the seed. Threads are simulated: what a thread would do
    is done at once, at a drawn moment, in the order in which it was asked for."""

    def __init__(self, dice: Dice) -> None:
        super().__init__()
        self._dice = dice
        self._passed = 0.0
        self._selector = _Nothing(self)
        self._busy_until: dict[int, float] = {}

    def time(self) -> float:
        """Seconds since the simulation began."""
        return self._passed

    def pass_by(self, seconds: float) -> None:
        """Let time pass."""
        self._passed += max(0.0, seconds)

    def run_for(self, seconds: float) -> None:
        """Run everything that happens in so many seconds."""
        self.call_at(self._passed + seconds, self.stop)
        self.run_forever()

    def run_in_executor(  # type: ignore[override]  # a plain future, as the base class gives in effect
        self, executor: Executor | None, func: Callable[..., Any], *args: Any
    ) -> "asyncio.Future[Any]":
        """Do it a moment later, behind what the same thread is still to do; the answer comes after another moment."""
        answer: asyncio.Future[Any] = self.create_future()
        due = max(self._passed, self._busy_until.get(id(executor), 0.0)) + self._dice.random() * SLOWEST_COMMIT
        heard = due + self._dice.random() * SLOWEST_COMMIT / 10
        self._busy_until[id(executor)] = heard
        self.call_at(due, self._work, answer, executor, heard, func, args)
        return answer

    def _work(
        self,
        answer: "asyncio.Future[Any]",
        executor: Executor | None,
        heard: float,
        func: Callable[..., Any],
        args: tuple[Any, ...],
    ) -> None:
        if answer.cancelled() or getattr(executor, "_shutdown", False):
            return  # not begun yet: a thread's queue forgets it
        value, error = None, None
        try:
            value = func(*args)
        except Crash:
            return  # nobody lives to hear the answer
        except Exception as raised:
            error = raised
        self.call_at(heard, self._answer, answer, value, error)

    @staticmethod
    def _answer(answer: "asyncio.Future[Any]", value: object, error: Exception | None) -> None:
        if answer.cancelled():
            return  # done all the same, as in a thread
        if error is None:
            answer.set_result(value)
        else:
            answer.set_exception(error)

    def _process_events(self, event_list: list[Any]) -> None:
        """There are none."""

    def _write_to_self(self) -> None:
        """Nobody sleeps who would have to be woken."""
