"""Whether the history is whole: each line follows from the one before, is signed by who acted, and what the record
holds is what the lines say. Reading only.
"""

from typing import NamedTuple

from localstore import crypto, segments
from localstore.contents import Replay
from localstore.database import Connection, rows
from localstore.history import Stored, stored
from localstore.roles import DOCTOR


class Broken(NamedTuple):
    """The first line that does not hold, and what is wrong with it (a key of the catalogue)."""

    line: int
    seen: str


ALTERED = "it was altered, or one before it was removed"
UNSIGNED = "its signature is not that of the user whom it names"
OTHER_CONTENTS = "the record does not hold what it held then: something was put back or removed"
UNTOLD = "lines before it were dropped, and no doctor's line tells of exactly these"
UNSPOKEN = "the record holds something that no line speaks of"


class _Keys:
    """The public keys of the practice's users, by their number."""

    def __init__(self, connection: Connection) -> None:
        found = rows(connection, "SELECT num, user, signing FROM user_key")
        self._keys = {num: (user, signing) for num, user, signing in found}
        self._doctors = {user for (user,) in rows(connection, "SELECT id FROM user WHERE role = ?", (DOCTOR,))}

    def signed(self, key: int | None, purpose: str, message: bytes, signature: bytes | None) -> bool:
        """Whether the signature is good under this key."""
        if key not in self._keys or signature is None:
            return False
        try:
            crypto.verify(self._keys[key][1], purpose, message, signature)
        except crypto.CryptoError:
            return False
        return True

    def belongs(self, key: int | None, user: object) -> bool:
        """Whether the key is that user's."""
        return key in self._keys and self._keys[key][0] == user

    def is_doctor(self, user: object) -> bool:
        """Whether the record calls this user a doctor, now or until he was removed."""
        return user in self._doctors


def first_broken_line(connection: Connection) -> Broken | None:
    """The first line that does not hold; None when all do."""
    keys = _Keys(connection)
    if (segment := segments.first_broken(connection, keys.signed)) is not None:
        return Broken(segment, ALTERED)
    end = segments.end_of_dropped(connection)
    number, previous, signed_before = end.line, end.hash, end.signed
    if not segments.is_told(connection):
        return Broken(segments.told(connection).line or number + 1, UNTOLD)
    replay = Replay(connection, end.contents)
    for line in stored(connection, after=end.line):
        number += 1
        if line.num != number or not line.follows(previous):
            return Broken(line.num, ALTERED)
        if line.contents is None and signed_before:
            return Broken(line.num, UNSIGNED)
        if line.contents is not None:
            signed_before = True
            if seen := _wrong(keys, replay, line):
                return Broken(line.num, seen)
        previous = line.hash
    # A record of the first release, which nobody has opened since, has versions that no line covers yet.
    return Broken(number, UNSPOKEN) if signed_before and replay.left else None


def _wrong(keys: _Keys, replay: Replay, line: Stored) -> str:
    """What is wrong with a line that follows from the one before; empty when nothing is."""
    if line.told[2] == segments.DROPPED and not keys.is_doctor(line.told[1]):
        return UNTOLD
    if not keys.signed(line.key, "history-line", line.hash, line.signature) or not keys.belongs(line.key, line.told[1]):
        return UNSIGNED
    assert line.contents is not None  # noqa: S101 - the caller looked
    return "" if replay.up_to(line.contents.versions) == line.contents.digest else OTHER_CONTENTS
