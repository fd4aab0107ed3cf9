"""Changing bytes at random, from a seed: what a short run feeds where no coverage guides it."""

from collections.abc import Sequence
from random import Random

_TELLING = (0, 1, 0x7F, 0x80, 0xC0, 0xC1, 0xDC, 0xDD, 0xFE, 0xFF)  # ends of ranges, and lengths in MessagePack
_MOST_CHANGES = 6
_LONGEST_INSERTED = 40


def mutated(seeds: Sequence[bytes], chance: Random) -> bytes:
    """One of the seeds, changed in a few places."""
    data = bytearray(chance.choice(seeds))
    for _ in range(chance.randint(0, _MOST_CHANGES)):
        _change(data, seeds, chance)
    return bytes(data)


def _change(data: bytearray, seeds: Sequence[bytes], chance: Random) -> None:
    place = chance.randint(0, len(data))
    match chance.randrange(6):
        case 0 if place < len(data):
            data[place] ^= 1 << chance.randrange(8)
        case 1 if place < len(data):
            data[place] = chance.choice(_TELLING)
        case 2:
            data[place:place] = chance.randbytes(chance.randint(1, _LONGEST_INSERTED))
        case 3:
            del data[place : place + chance.randint(1, _LONGEST_INSERTED)]
        case 4:
            data[place : place + 4] = chance.choice((b"\xff" * 4, b"\x7f" + b"\xff" * 3, bytes(4), b"\0\0\xff\xff"))
        case _:
            other = chance.choice(seeds)
            start = chance.randint(0, len(other))
            data[place:place] = other[start : start + chance.randint(1, _LONGEST_INSERTED)]
