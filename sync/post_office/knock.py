"""How two paired post offices know each other on a network where nobody else may learn anything. Pure.

A knock is the first 48 bytes of a connection, and an announcement carries 16 tokens of 12 bytes. Both are keyed digests
under the secret of a pair and the current 15-minute slot: random bytes to everybody else, and worthless soon after.
Both are bound to a direction, so that one sent back to its sender means nothing, and to fresh random bytes, so that no
two of them have anything in common: who hears a practice leave and come back does not know that it is the same.

    knock         0: random (16)   16: MAC (32)
    announcement  0: "t=" (2)   2: random (16)   18: 16 tokens of 12 bytes in random order, random ones in the places of
                  absent colleagues

Announcements of release 0.1.0 had no random bytes of their own; they are still recognised, and no longer made.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from localstore import crypto

SLOT_SECONDS = 15 * 60
NONCE_BYTES = 16
MAC_BYTES = 32
KNOCK_BYTES = NONCE_BYTES + MAC_BYTES
TOKEN_BYTES = 12
TOKENS = 16  # of one announcement, always, so that it does not tell how many colleagues there are
_TEXT_KEY = b"t="
_TOKENS_START = len(_TEXT_KEY) + NONCE_BYTES
TEXT_BYTES = _TOKENS_START + TOKENS * TOKEN_BYTES
FORMER_TEXT_BYTES = len(_TEXT_KEY) + TOKENS * TOKEN_BYTES  # release 0.1.0


class Pair(NamedTuple):
    """A pair as one side sees it: who the other is, the secret of both, and both raw transport keys."""

    peer: str
    secret: bytes
    own_key: bytes
    peer_key: bytes


class Knock(NamedTuple):
    """A knock that was recognised: whose it is, and what tells it from every other one."""

    peer: str
    nonce: bytes
    slot: int


def slot_of(moment: datetime) -> int:
    """The number of the 15-minute slot that `moment` (with its time zone) lies in."""
    return int(moment.timestamp()) // SLOT_SECONDS


def accepted_slots(slot: int) -> tuple[int, int, int]:
    """The slots whose knocks and tokens are recognised now: clocks may differ by one slot."""
    return slot - 1, slot, slot + 1


def _number(slot: int) -> bytes:
    return slot.to_bytes(8, "big", signed=True)


def _mac(secret: bytes, slot: int, sender: bytes, receiver: bytes, nonce: bytes) -> bytes:
    return crypto.keyed_digest(secret, "knock", _number(slot), sender, receiver, nonce, size=MAC_BYTES)


def knock(pair: Pair, slot: int, nonce: bytes) -> bytes:
    """The first 48 bytes of a connection to the pair's other side. `nonce` is 16 fresh random bytes."""
    return nonce + _mac(pair.secret, slot, pair.own_key, pair.peer_key, nonce)


def recognise(data: bytes, pairs: Iterable[Pair], slot: int) -> Knock | None:
    """Whose knock `data` is, or None. Whether it came before is for the caller to remember."""
    nonce, mac = data[:NONCE_BYTES], data[NONCE_BYTES:]
    if len(data) != KNOCK_BYTES:
        return None
    found = None
    for pair in pairs:
        for each in accepted_slots(slot):
            # No early end: the time that this takes says nothing of which colleague it was.
            if crypto.equal(_mac(pair.secret, each, pair.peer_key, pair.own_key, nonce), mac):
                found = Knock(pair.peer, nonce, each)
    return found


def _token(secret: bytes, slot: int, announcer: bytes, reader: bytes, *nonce: bytes) -> bytes:
    return crypto.keyed_digest(secret, "announcement", _number(slot), announcer, reader, *nonce, size=TOKEN_BYTES)


def announcements(pairs: Sequence[Pair], slot: int, chance: bytes) -> list[bytes]:
    """The texts to announce: one for every 16 colleagues, 210 bytes each. `chance` is at least 32 bytes, fresh and
    random for each call: it makes the random bytes, the tokens of nobody, and the order."""
    nonce = crypto.keyed_digest(chance[: crypto.KEY_BYTES], "announcement-nonce", size=NONCE_BYTES)
    tokens = [_token(pair.secret, slot, pair.own_key, pair.peer_key, nonce) for pair in pairs]
    tokens += [_filler(chance, place) for place in range(-len(tokens) % TOKENS)]
    # Sorting by a digest under fresh randomness is a shuffle: a place says nothing of a colleague.
    tokens.sort(key=lambda token: crypto.digest("announcement-order", chance, token))
    return [_TEXT_KEY + nonce + b"".join(tokens[at : at + TOKENS]) for at in range(0, len(tokens), TOKENS)]


def _filler(chance: bytes, place: int) -> bytes:
    return crypto.keyed_digest(chance[: crypto.KEY_BYTES], "announcement-filler", _number(place), size=TOKEN_BYTES)


def announcer(text: bytes, pairs: Iterable[Pair], slot: int) -> str | None:
    """Which colleague announces `text`, or None for a stranger and for anything malformed."""
    if len(text) not in (TEXT_BYTES, FORMER_TEXT_BYTES) or not text.startswith(_TEXT_KEY):
        return None
    start = len(text) - TOKENS * TOKEN_BYTES
    nonce = [text[len(_TEXT_KEY) : start]] if start == _TOKENS_START else []
    tokens = {text[at : at + TOKEN_BYTES] for at in range(start, len(text), TOKEN_BYTES)}
    for pair in pairs:
        told = (_token(pair.secret, each, pair.peer_key, pair.own_key, *nonce) for each in accepted_slots(slot))
        if not tokens.isdisjoint(told):
            return pair.peer
    return None
