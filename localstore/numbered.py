"""A table from names to numbers for millions of names, in 16 bytes a slot: a dict would take ten times as much.

Names are known by a hash of 64 bits that is keyed anew in each process, so that nobody can choose two that meet; two of
four million names meet by chance once in a million such imports. Lives for one operation; nothing of it is stored.
"""

from array import array

Name = str | tuple[int, str]  # with the number of whose it is, where that tells names apart

_MASK = 2**64 - 1
_FREE = 0


class NumberTable:
    """Names and their numbers, by open addressing."""

    def __init__(self, slots: int = 1024) -> None:
        self._keys = array("Q", bytes(8 * slots))
        self._numbers = array("q", bytes(8 * slots))
        self._used = 0

    def __len__(self) -> int:
        return self._used

    def __contains__(self, name: Name) -> bool:
        return self._keys[self._slot(_key(name))] != _FREE

    def __getitem__(self, name: Name) -> int:
        slot = self._slot(_key(name))
        if self._keys[slot] == _FREE:
            raise KeyError(name)
        return self._numbers[slot]

    def __setitem__(self, name: Name, number: int) -> None:
        if 3 * self._used >= 2 * len(self._keys):
            self._grow()
        self._put(_key(name), number)

    def _put(self, key: int, number: int) -> None:
        slot = self._slot(key)
        if self._keys[slot] == _FREE:
            self._keys[slot] = key
            self._used += 1
        self._numbers[slot] = number

    def _slot(self, key: int) -> int:
        keys, last = self._keys, len(self._keys) - 1
        slot = key & last
        while keys[slot] not in (key, _FREE):
            slot = (slot + 1) & last
        return slot

    def _grow(self) -> None:
        keys, numbers = self._keys, self._numbers
        self._keys = array("Q", bytes(16 * len(keys)))
        self._numbers = array("q", bytes(16 * len(keys)))
        self._used = 0
        for key, number in zip(keys, numbers, strict=True):
            if key != _FREE:
                self._put(key, number)


def _key(name: Name) -> int:
    return hash(name) & _MASK or 1
