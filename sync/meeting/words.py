"""What two doctors compare: six digits and three words, drawn from everything that was exchanged. Pure.

53 bits. Neither side, nor anybody between them, can try several exchanges until they fit: each has committed itself to
its own part before it saw the other's. One guess is all there is.
"""

import unicodedata
from typing import NamedTuple

from localstore import crypto

DIGITS = 6
WORDS = 3
_WORD_BITS = 11  # the list of BIP-39 has 2048 words


class Spoken(NamedTuple):
    """Six digits, as `123 456`, and three words of the French list of BIP-39, in lower case with their accents."""

    digits: str
    words: tuple[str, ...]


def spoken(transcript: bytes) -> Spoken:
    """What stands for a transcript (32 bytes)."""
    from mnemonic import Mnemonic  # here, where a pairing needs it: it reads its list from a file

    listed = Mnemonic("french").wordlist
    number = int.from_bytes(crypto.digest("pairing-digits", transcript), "big") % 10**DIGITS
    chosen = int.from_bytes(crypto.digest("pairing-words", transcript), "big")
    places = [(chosen >> (_WORD_BITS * place)) % len(listed) for place in range(WORDS)]
    digits = f"{number:0{DIGITS}d}"
    words = tuple(unicodedata.normalize("NFC", listed[place]) for place in places)
    return Spoken(f"{digits[:3]} {digits[3:]}", words)
