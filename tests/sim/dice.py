"""Chance, from a seed; also in the place of the operating system's generator, so that a seed is one run for ever."""

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

from nacl import utils


class Dice(Random):
    """A seeded generator with the words of a simulation."""

    def happens(self, chance: float) -> bool:
        """True that often, of 1."""
        return self.random() < chance

    def moment(self, shortest: float, longest: float) -> float:
        """Seconds, from a few to many: short ones are as likely as long ones, whatever the scale."""
        return float(shortest * (longest / shortest) ** self.random())


@contextmanager
def in_place_of_the_system(dice: Random) -> Iterator[None]:
    """Every key, nonce and identifier that libsodium would draw comes from the seed. Keys of HPKE do not: nothing is
    ever ordered by them."""
    drawn = utils.random
    utils.random = lambda size=32: dice.randbytes(size)
    try:
        yield
    finally:
        utils.random = drawn
