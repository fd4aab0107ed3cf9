"""One run: a few practices, the network between them, and all that happens until everything has healed."""

import shutil
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

from tests.sim import founding
from tests.sim.book import Moment, Sealed, Watch
from tests.sim.daemon import Daemon
from tests.sim.dice import Dice, in_place_of_the_system
from tests.sim.disk import Disk, Process
from tests.sim.founding import Founded
from tests.sim.house import House
from tests.sim.loop import VirtualLoop
from tests.sim.network import Network
from tests.sim.totals import Totals


class Broken(AssertionError):
    """A law was broken. The message says which, and the seed."""


class Town:
    """Practices, and the world around them."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.seed, self.folder = seed, folder
        self.dice = Dice(seed)
        self.loop = VirtualLoop(self.dice)
        self.totals = Totals(runs=1)
        self.network = Network(self.dice, self.loop, self.totals)
        self.disk = Disk()
        self.moment = Moment(founding.START)
        self.houses: list[House] = []
        self.daemons: list[Daemon] = []
        self.acquainted: set[frozenset[str]] = set()
        self.sealed: dict[str, Sealed] = {}  # by the identifier of the document
        self.last_sent: set[str] = set()  # documents that were sealed when all was well
        self.banned: dict[str, str] = {}  # documents that must not arrive any more, and who has revoked
        self.arrived: list[tuple[str, str, frozenset[str]]] = []  # identifier, where, which entries
        self.unexpected: list[str] = []  # what daemons have met that should not be
        self.lots: list[tuple[Path, str, str]] = []  # files that somebody may carry, of whom and for whom
        self.story: list[str] = []
        self.copies = False  # whether folders are copied in silence, in this run
        self.trouble = 1.0  # how much goes wrong; 0 from the healing on
        self.second_window: Callable[[House], None] = lambda _house: None
        self._depth = 0
        self._surroundings = ExitStack()

    # --- beginning and end ------------------------------------------------------------------------------------------

    def settle(self, founded: list[Founded], acquainted: set[frozenset[str]]) -> None:
        """Copy the practices into this run, open them, and start their daemons."""
        self._surroundings.enter_context(in_place_of_the_system(self.dice))
        self._surroundings.enter_context(self.disk.in_place())
        self.acquainted = acquainted
        tick = timedelta(milliseconds=self.dice.choice((0, 1, 1)))
        for one in founded:
            founding.copy_of(one.folder, self.folder / one.name)
            watch = Watch(self.moment, tick)
            watch.offset = timedelta(seconds=self.dice.choice((0, 0, 0, 0, self.dice.uniform(-90, 90))))
            house = House(self, one, self.folder / one.name, watch, one.name)
            self.houses.append(house)
            house.start()
        for house in self.houses:
            house.open()

    def close(self) -> None:
        """End all processes, and forget the run."""
        self.totals.commits = self.disk.commits
        for house in self.houses:
            house.close()
            house.stop(silently=True)
        if self.houses:
            self.run_for(3)
        self._surroundings.close()
        self.loop.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    # --- time -------------------------------------------------------------------------------------------------------

    def run_for(self, seconds: float) -> None:
        """Let the daemons work so long."""
        began = self.loop.time()
        self.loop.run_for(seconds)
        self.moment.elapsed += self.loop.time() - began

    def between(self, house: House, process: Process) -> None:
        """A moment between two transactions of a window, in which others may work."""
        if self.loop.is_running() or self._depth > 1 or self.trouble == 0:
            return
        if any(one.holds("postbox.db") for one in house.windows):
            return  # a daemon would wait for that
        if self.dice.happens(0.1):
            self.run_for(self.dice.moment(0.01, 2))
        elif self.dice.happens(0.02) and not any(one.holds("record.db") for one in house.windows) and process.alive:
            self._depth += 1
            self.totals.second_windows += 1
            self.second_window(house)
            self._depth -= 1

    # --- who --------------------------------------------------------------------------------------------------------

    def neighbours(self, house: House) -> list[House]:
        """The installations of other practices with whom this one is acquainted."""
        return [one for one in self.houses if frozenset((one.name, house.name)) in self.acquainted]

    def house(self, name: str) -> House:
        """The practice of that name; the first installation, where there are two."""
        return next(one for one in self.houses if one.name == name)

    def is_doubtful(self, name: str) -> bool:
        """Whether a copy of this practice was used in silence."""
        return any(one.doubtful for one in self.houses if one.name == name)

    def is_sound(self, house: House, other: House) -> bool:
        """Whether all must arrive between two: neither was copied, and neither has parted from the other."""
        return not (self.have_parted(house, other) or self.is_doubtful(house.name) or self.is_doubtful(other.name))

    def have_parted(self, house: House, other: House) -> bool:
        """Whether one of two has removed the other."""
        return other.name in house.book.removed or house.name in other.book.removed

    def is_restored(self, name: str) -> bool:
        """Whether a backup of this practice was ever restored."""
        return any(one.restored for one in self.houses if one.name == name)

    # --- telling ----------------------------------------------------------------------------------------------------

    def told(self, words: str) -> None:
        """A line of the story."""
        self.story.append(f"{self.loop.time():10.3f} {words}")

    def broken(self, law: str) -> None:
        """Raise Broken."""
        raise Broken(f"seed {self.seed}: {law}")

    def failed(self, words: str) -> None:
        """Something that no honest practice brings about, seen by a daemon."""
        self.told(f"trouble: {words}")
        if not any(house.doubtful for house in self.houses):
            self.unexpected.append(words)
