"""Passphrases and recovery words: how they are made, read and judged.

The word lists and the judge of strength are loaded where they are used: opening a practice needs neither.
"""

import math

from localstore import crypto
from localstore.errors import BadInput
from localstore.folding import fold
from localstore.keys.keyring import MAX_PASSPHRASE_BYTES

WORD_BITS = 11  # the BIP-39 lists have 2,048 words
GENERATED_WORDS = 8  # 88 bits
ENOUGH_BITS = 80.0
RECOVERY_WORDS = 24
TELLING_LETTERS = 4  # by which the words of a BIP-39 list are told apart
MAX_WORDS_TYPED = 1024  # characters of recovery words that are looked at; 24 of the longest have 263
ESTIMATED_CHARACTERS = 72  # zxcvbn's time grows with the length, and 72 characters are enough to judge


def _word_list() -> list[str]:
    from mnemonic import Mnemonic

    # Without accents, so that they can be typed on any keyboard; the list's words stay distinct without them.
    return [fold(word) for word in Mnemonic("french").wordlist]


def generate() -> str:
    """A passphrase of 8 random French words without accents: 88 bits."""
    words = _word_list()
    chosen = int.from_bytes(crypto.random_bytes(GENERATED_WORDS * 2), "big")
    return " ".join(words[(chosen >> (WORD_BITS * place)) % len(words)] for place in range(GENERATED_WORDS))


def estimated_bits(passphrase: str) -> float:
    """How hard the passphrase is to guess, in bits: zxcvbn's estimate, or 11 bits for each different listed word."""
    from zxcvbn import zxcvbn

    listed = set(passphrase.split()) & set(_word_list())
    return max(math.log2(float(zxcvbn(passphrase[:ESTIMATED_CHARACTERS])["guesses"])), WORD_BITS * len(listed))


def check(passphrase: str) -> str:
    """The passphrase, if it can be used at all; raises BadInput."""
    if not passphrase:
        raise BadInput(what="The passphrase is empty.", remedy="Give a passphrase.")
    try:
        encoded = passphrase.encode()
    except UnicodeEncodeError as error:  # half of a character, as a terminal gives for bytes that are not UTF-8
        raise BadInput(what="The passphrase is not in UTF-8.", remedy="Check how it is given.") from error
    if len(encoded) > MAX_PASSPHRASE_BYTES:
        what = "The passphrase is longer than {limit} bytes."
        raise BadInput(what=what, limit=MAX_PASSPHRASE_BYTES, remedy="Shorten it.")
    return passphrase


def recovery_words(key: bytes, language: str = "french") -> str:
    """The 256-bit recovery key as 24 words, the last of which carries a checksum (BIP-39)."""
    from mnemonic import Mnemonic

    return str(Mnemonic(language).to_mnemonic(key))


def recovery_key(words: str, language: str = "french") -> bytes:
    """Undo `recovery_words`. Capitals, accents and the sheet's numbers do not matter, and four letters of a word are
    enough: no two words of the list begin with the same four. Raises BadInput when a word is unknown, the count is
    another or the checksum fails."""
    from mnemonic import Mnemonic

    list_of_words = Mnemonic(language)
    listed = {fold(word)[:TELLING_LETTERS]: word for word in list_of_words.wordlist}
    typed = [word for word in fold(words[:MAX_WORDS_TYPED]).split() if not word.isdigit()]  # the sheet numbers them
    meant = [listed.get(word[:TELLING_LETTERS], "") for word in typed]
    for place, (word, known) in enumerate(zip(typed, meant, strict=True), start=1):
        if not fold(known).startswith(word):
            what = "Recovery word number {place} is misspelt: it is not in the list of words."
            raise BadInput(what=what, place=place, remedy="Compare it with the printed sheet.")
    if len(meant) != RECOVERY_WORDS:
        what = "There are {count} recovery words; {right} are needed."
        raise BadInput(what=what, count=len(meant), right=RECOVERY_WORDS, remedy="Compare them with the printed sheet.")
    try:
        return bytes(list_of_words.to_entropy(meant))
    except (ValueError, LookupError) as error:
        raise BadInput(
            what="These recovery words are not right: a word is wrong or in the wrong place.",
            remedy="Compare them with the printed sheet.",
        ) from error
