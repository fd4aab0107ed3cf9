"""The recovery key in shares: any `threshold` of `count` give it back, fewer tell nothing of it (SLIP-0039).

A share is 33 English words with a checksum of their own. The library `shamir-mnemonic`, of the authors of the standard,
does the arithmetic; here are the bounds, and errors that say which share is wrong and what to do. This module keeps
nothing, and its errors name a word by its place and never by itself: what is typed here opens a record.
"""

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from localstore.errors import BadInput

if TYPE_CHECKING:
    from shamir_mnemonic import Share as _Standard

KEY_BYTES = 32
WORDS = 33  # of a share of 32 bytes: 4 of names and bounds, 26 of the value, 3 of checksum
LEAST, MOST = 2, 16  # shares of one key: one would be the key itself, and the standard's numbers have 4 bits
LONGEST_WORD = 8
MAX_LENGTH = WORDS * (LONGEST_WORD + 1) - 1  # characters of a share with single spaces
MAX_TYPED = 4 * MAX_LENGTH  # characters of what is looked at at all
_WRITTEN = re.compile(rf"[a-z]{{4,{LONGEST_WORD}}}(?: [a-z]{{4,{LONGEST_WORD}}}){{{WORDS - 1}}}")


class Share(NamedTuple):
    """What a share says of itself: the set that it belongs to (a random number), how many of that set are needed, and
    which of them it is, from 1."""

    set: int
    threshold: int
    place: int


def check_bounds(threshold: int, count: int) -> None:
    """Raise BadInput unless `threshold` of `count` can be made: 2 to 16 shares, of which 2 to all are needed."""
    if not LEAST <= count <= MOST:
        what = "The recovery key can be split into {least} to {most} shares, and not into {count}."
        raise BadInput(what=what, least=LEAST, most=MOST, count=count, remedy="Name another number of colleagues.")
    if not LEAST <= threshold <= count:
        what = "Of {count} shares, {least} to {count} can be needed, and not {threshold}."
        remedy = "Choose another number with --threshold."
        raise BadInput(what=what, least=LEAST, count=count, threshold=threshold, remedy=remedy)


def split(recovery_key: bytes, threshold: int, count: int) -> tuple[str, ...]:
    """`count` shares of the recovery key (32 bytes), any `threshold` of which give it back. Raises BadInput.

    Each call makes another set: shares of two sets cannot be mixed, and shares of the earlier set stay good.
    """
    check_bounds(threshold, count)
    if len(recovery_key) != KEY_BYTES:
        raise ValueError("the recovery key has another length")
    from shamir_mnemonic import generate_mnemonics

    # No passphrase and the least stretching: the key is random in all its 256 bits, so there is nothing to slow down.
    (made,) = generate_mnemonics(1, [(threshold, count)], recovery_key, iteration_exponent=0)
    # A share that does not join would be noticed when it is too late.
    if {join(made[:threshold]), join(made[-threshold:])} != {recovery_key}:
        raise RuntimeError("the shares do not give the key back")
    return tuple(made)


def normal(typed: str) -> str:
    """The words as they are written here: lower case, single spaces."""
    return " ".join(typed[:MAX_TYPED].lower().split())


def is_written(words: str) -> bool:
    """Whether these are 33 words of 4 to 8 plain letters with single spaces: the form of a share, whatever it says."""
    return len(words) <= MAX_LENGTH and _WRITTEN.fullmatch(words) is not None


def read(typed: str, number: int = 1) -> Share:
    """What one share says of itself. `number` is what the sentence calls it. Raises BadInput."""
    found = _standard(typed, number)
    return Share(found.identifier, found.member_threshold, found.index + 1)


def join(typed: Sequence[str], passphrase: bytes = b"") -> bytes:
    """The recovery key, from as many of its shares as are needed, in any order. Raises BadInput.

    The same share twice counts once; more shares than are needed do no harm. Ours have no passphrase; the published
    test vectors have one.
    """
    found = [_standard(one, number) for number, one in enumerate(typed, start=1)]
    if not found:
        raise BadInput(what="No share was given.", remedy="Ask the colleagues who hold one.")
    _check_one_set(found)
    different = {share.index: share for share in found}
    threshold = found[0].member_threshold
    if len(different) < threshold:
        what = "{threshold} different shares are needed, and {count} were given: {missing} missing."
        numbers = {"threshold": threshold, "count": len(different), "missing": threshold - len(different)}
        raise BadInput(what=what, remedy="Ask another colleague who holds one.", **numbers)
    return _joined(list(different.values())[:threshold], passphrase)


def _standard(typed: str, number: int) -> "_Standard":
    """The share as the library has it. Raises BadInput with the number of the share, and of the misspelt word."""
    from shamir_mnemonic import MnemonicError, Share
    from shamir_mnemonic.wordlist import WORD_INDEX_MAP

    words = normal(typed).split(" ")
    remedy = "Compare it with what was written down."
    if len(words) != WORDS:
        what = "Share {number} has {count} words; a share of recovery words has {right}."
        raise BadInput(what=what, number=number, count=len(words), right=WORDS, remedy=remedy)
    for place, word in enumerate(words, start=1):
        if word not in WORD_INDEX_MAP:
            what = "Word {place} of share {number} is misspelt: it is not in the list of words."
            raise BadInput(what=what, place=place, number=number, remedy=remedy)
    try:
        share = Share.from_mnemonic(" ".join(words))
    except MnemonicError as error:
        what = "Share {number} is not right: a word is wrong or in the wrong place."
        raise BadInput(what=what, number=number, remedy=remedy) from error
    if (share.group_count, len(share.value)) != (1, KEY_BYTES) or share.member_threshold < LEAST:
        what = "Share {number} is of another kind than those that this program makes."
        raise BadInput(what=what, number=number, remedy="Use the program that made it.")
    return share


def _check_one_set(found: Iterable["_Standard"]) -> None:
    """Raise BadInput naming the first share that cannot be of the same set as the first of all."""
    first, *others = found
    values = {first.index: first.value}
    for number, share in enumerate(others, start=2):
        if share.group_parameters() != first.group_parameters() or values.get(share.index, share.value) != share.value:
            what = "Share {number} belongs to another set than the first."
            remedy = "Ask that colleague for the share of the same day as the others."
            raise BadInput(what=what, number=number, remedy=remedy)
        values[share.index] = share.value


def _joined(shares: Sequence["_Standard"], passphrase: bytes) -> bytes:
    from shamir_mnemonic import MnemonicError, combine_mnemonics

    try:
        return bytes(combine_mnemonics([share.mnemonic() for share in shares], passphrase))
    except MnemonicError as error:
        what = "These shares do not fit together: one of them was made for another key, or altered."
        raise BadInput(what=what, remedy="Try the share of another colleague.") from error
