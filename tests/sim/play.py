"""A run from its seed: who is there, what goes wrong, how it heals; then the laws."""

import atexit
import shutil
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache, partial
from pathlib import Path

from localstore import correspondence, postbox
from localstore.errors import ConfrereError
from localstore.postbox import DeliveryState
from sync.desk import Desk
from tests.sim import deeds, founding, laws
from tests.sim.book import stands
from tests.sim.deeds import EVERYDAY, Deed
from tests.sim.dice import Dice
from tests.sim.founding import Founded
from tests.sim.house import House
from tests.sim.totals import Totals
from tests.sim.town import Broken, Town

MOST = 5  # practices in an ordinary run
FURTHER = 7  # houses down the street, where there are many
HEALING_SECONDS = 400.0
TO_CONVERSE = 3.0  # seconds in which a session with a copy comes to what contradicts
SENT_ONCE_MORE = 2  # extracts of each practice, when all is well
_DEEDS = tuple(deed for deed, _ in EVERYDAY)
_WEIGHTS = tuple(weight for _, weight in EVERYDAY)


@cache
def _founded(count: int) -> tuple[Path, list[Founded]]:
    """So many practices, in a folder of which the runs take copies."""
    folder = founding.room()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder, founding.found(count, _paired(count), folder)


def _paired(count: int) -> list[tuple[int, int]]:
    """Who has compared fingerprints: everybody of a few; of many, neighbours and some who are further away."""
    pairs = [(one, other) for one in range(count) for other in range(one)]
    return pairs if count <= MOST else [(one, other) for one, other in pairs if one - other in (1, FURTHER)]


@dataclass
class Outcome:
    """What became of a run: its totals, its story, and the law that it broke, or an empty text."""

    seed: int
    totals: Totals
    story: list[str] = field(default_factory=list)
    broken: str = ""


def play(seed: int, size: int | None = None) -> Outcome:
    """One run."""
    folder, founded = _founded(max(size or 0, MOST))
    place = folder / f"run-{seed}"
    place.mkdir()
    town = Town(seed, place)
    try:
        _live(town, founded, size)
    except Broken as broken:
        return Outcome(seed, town.totals, town.story, str(broken))
    except ConfrereError as error:
        return Outcome(seed, town.totals, town.story, f"seed {seed}: nobody expected {type(error).__name__}: {error}")
    finally:
        town.close()
    return Outcome(seed, town.totals, town.story)


def _live(town: Town, founded: list[Founded], size: int | None) -> None:
    dice = town.dice
    here = founded[: size or dice.choice((3, 3, 3, 4, 5))]
    town.second_window = _in_a_second_window
    town.settle(here, _acquaintances(dice, [one.name for one in here]))
    town.copies = dice.happens(0.25)
    for _ in range(dice.randrange(12, 34) * (1 + len(here) // 8)):
        _step(town)
    heal(town)
    laws.check(town)
    once_more(town)
    laws.check(town)


def _acquaintances(dice: Dice, names: list[str]) -> set[frozenset[str]]:
    """A chain, so that everybody knows somebody, and some more of those who may."""
    return {
        frozenset((names[one], names[other]))
        for one, other in _paired(len(names))
        if one - other == 1 or dice.happens(0.2)
    }


def _step(town: Town) -> None:
    dice = town.dice
    if dice.happens(0.25):
        _misfortune(town)
    house = dice.choice(town.houses)
    if house.desk is None:
        house.open()
    elif house.daemon is None and dice.happens(0.5):
        house.start()
    elif dice.happens(0.04):
        town.told(f"{house.host} locks")
        house.close()
    else:
        do(house, dice.choices(_DEEDS, _WEIGHTS)[0])
    town.run_for(dice.moment(0.01, 20))


def do(house: House, deed: Deed) -> None:
    """One deed, in which the process may be killed."""
    town, dice, desk = house.town, house.town.dice, house.desk
    if desk is None:
        return
    town.totals.deeds += 1
    town.told(f"{house.host}: {deed.__name__}")
    killed = dice.randrange(6) if dice.happens(0.12 * town.trouble) else None
    house.attempt(desk, partial(_and_follow, house, deed), killed_after=killed)


def _and_follow(house: House, deed: Deed, opened: Desk) -> None:
    """What every front end does: the deed, and then what goes by itself."""
    deed(house, opened)
    deeds.follow(house, opened)


def _in_a_second_window(house: House) -> None:
    """While another window of the practice is in the middle of something."""
    opened = house.window()
    if opened is None:
        return
    deed = house.town.dice.choices(_DEEDS, _WEIGHTS)[0]
    house.town.told(f"{house.host}, in a second window: {deed.__name__}")
    if house.attempt(opened, lambda window: deed(house, window)):
        house.shut(opened)


# --- what goes wrong --------------------------------------------------------------------------------------------


def _misfortune(town: Town) -> None:
    dice = town.dice
    house = dice.choice(town.houses)
    what = dice.choices(_MISFORTUNES, _CHANCES)[0]
    town.told(f"{what.__name__}: {house.host}")
    what(town, house)


def _partition(town: Town, house: House) -> None:
    town.totals.partitions += 1
    for other in town.neighbours(house):
        if town.dice.happens(0.7):
            town.network.block(house.host, other.host)
            town.network.block(other.host, house.host)


def _one_way(town: Town, house: House) -> None:
    town.totals.one_way += 1
    for other in town.neighbours(house):
        if town.dice.happens(0.5):
            town.network.block(house.host, other.host)
        else:
            town.network.refuse_calls(house.host, other.host)


def _bad_line(town: Town, _house: House) -> None:
    town.network.chance_of_loss = town.dice.random()
    town.network.break_some(0.5)


def _better(town: Town, _house: House) -> None:
    town.network.heal()


def _daemon_killed(town: Town, house: House) -> None:
    if house.daemon is None:
        return
    if town.dice.happens(0.5):
        house.daemon.process.kill_at(town.dice.randrange(8), after=town.dice.happens(0.5))
    else:
        town.totals.daemon_crashes += 1
        house.stop(silently=town.dice.happens(0.3))


def _clock_jump(town: Town, house: House) -> None:
    town.totals.clock_jumps += 1
    house.clock.offset = timedelta(seconds=town.dice.choice((-1, 1)) * town.dice.moment(0.01, 3 * 86400))


def _days(town: Town, _house: House) -> None:
    """Everybody sleeps for some days."""
    days = town.dice.choice((1, 2, 3, 5, 10, 20, 31, 45))
    town.totals.days += days
    town.moment.slept += timedelta(days=days)


def _backup(_town: Town, house: House) -> None:
    house.back_up()


def _with_backup(town: Town, house: House) -> House:
    """Somebody who has one, if there is such a practice."""
    return town.dice.choice([one for one in town.houses if one.backups] or [house])


def _restore(town: Town, house: House) -> None:
    house = _with_backup(town, house)
    if house.backups and not town.copies:
        town.totals.restores += 1
        house.put_back(town.dice.randrange(len(house.backups)), on_purpose=True)


def _put_back(town: Town, house: House) -> None:
    """An old copy takes the place of the folder, and nobody says so."""
    house = _with_backup(town, house)
    if town.copies and house.backups and not any(one.doubtful for one in town.houses):
        town.totals.put_back += 1
        house.put_back(town.dice.randrange(len(house.backups)), on_purpose=False)


def _clone(town: Town, house: House) -> None:
    """The folder is copied to another machine, and both go on."""
    if town.copies and not any(one.doubtful for one in town.houses):
        town.totals.clones += 1
        other = house.cloned(f"{house.host}-again")
        town.houses.append(other)
        other.start()
        other.open()


_MISFORTUNES = (
    _partition, _one_way, _bad_line, _better, _daemon_killed, _clock_jump, _days, _backup, _restore, _put_back, _clone,
)  # fmt: skip
_CHANCES = (6, 3, 4, 6, 6, 2, 2, 8, 6, 4, 2)


# --- healing ----------------------------------------------------------------------------------------------------


def heal(town: Town) -> None:
    """Nothing goes wrong any more: everybody opens, meets everybody, and collects, until all is at rest."""
    town.trouble = 0.0
    town.told("everything heals")
    town.network.heal()
    for house in town.houses:
        house.clock.offset = timedelta()
        if house.daemon is None or not house.daemon.process.alive:
            house.stop()
            house.start()
        else:
            house.daemon.process.spare()
            house.daemon.rediscover()
        house.open()
    _come_to_rest(town)


def _come_to_rest(town: Town) -> None:
    began = town.loop.time()
    while town.loop.time() < began + HEALING_SECONDS:
        for house in town.houses:
            do(house, deeds.collect)
        town.run_for(town.dice.moment(1, 4))
        if _copies_have_met(town, began) and all(not _unrest(town, house) for house in town.houses):
            return
    late = {house.host: _unrest(town, house) for house in town.houses if _unrest(town, house)}
    town.broken(f"not at rest after {HEALING_SECONDS:.0f} s: {late}")


def _copies_have_met(town: Town, since: float) -> bool:
    """Whether each of two installations of one practice has conversed with each acquaintance for a moment: a fork can
    be seen by nobody who met one of them only. Who has parted does not converse any more; and as both have one
    certificate, the call of one ends the conversation of the other, which may not have come to anything by then."""
    return all(
        _has_conversed(town, since, house, other)
        for house in town.houses
        if house.doubtful
        for other in town.neighbours(house)
        if not town.have_parted(house, other)
    )


def _has_conversed(town: Town, since: float, house: House, other: House) -> bool:
    now, met = town.loop.time(), town.network.met
    began = met.get(frozenset((house.host, other.host)), 0)
    copies = [one.host for one in town.houses if one.name == house.name and one is not house]
    interruptions = [met.get(frozenset((copy, other.host)), 0) for copy in copies]
    ended = min([now, *(moment for moment in interruptions if moment >= began)])
    return since < began < ended - TO_CONVERSE


def once_more(town: Town) -> None:
    """Now that all is well, every doctor sends what he may to whom he may: that arrives whatever was before."""
    for house in town.houses:
        desk, today = laws.desk_of(house), house.clock.today()
        if town.is_doubtful(house.name):
            continue
        for patient, recipient in house.book.pairs()[:SENT_ONCE_MORE]:
            given = house.book.newest(patient, recipient)
            if recipient in house.book.removed or given is None or not stands(given, today):
                continue
            if house.book.allowed(given):
                house.attempt(desk, partial(_send, house, patient, recipient))
    _come_to_rest(town)
    for house in town.houses:
        laws.the_newest_is_there(house)


def _send(house: House, patient: str, recipient: str, opened: Desk) -> None:
    deeds.share_with(house, opened, patient, recipient)


def _unrest(town: Town, house: House) -> str:
    """What has not come to rest here; empty when all has. A practice that was copied never needs to."""
    desk = laws.desk_of(house)
    if town.is_doubtful(house.name):
        return ""
    near = [other.name for other in town.neighbours(house) if town.is_sound(house, other)]
    sound = {house.colleague(desk, name).id for name in near}
    numbers = {house.founded.others[name] for name in near}
    states = (DeliveryState.STORED, DeliveryState.LOST)
    waiting = [(one.type, one.sequence) for one in correspondence.outgoing(desk.record) if _is_waiting(one, numbers)]
    unopened = [(one.feed[:4], one.sequence) for one in postbox.arrived(desk.postbox) if one.peer in sound]
    moving = [one for one in postbox.progress(desk.postbox) if one.peer in sound and one.state not in states]
    if not (waiting or unopened or moving):
        return ""
    return f"not posted {waiting}, unopened {unopened}, under way {[(one.sequence, one.state) for one in moving]}"


def _is_waiting(one: correspondence.Outgoing, numbers: set[int]) -> bool:
    return one.envelope is not None and one.colleague in numbers
