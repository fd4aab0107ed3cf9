"""What two cards have in common: the fingerprint that two people compare, and the pair's secret. Pure."""

from localstore import crypto
from sync.trust.card import Card

IDENTITY_DIGITS = 25  # 83 bits
GROUP = 5


def _identity(card: Card) -> bytes:
    # What makes this colleague this colleague. The sealing key is left out: it rotates, under the signing key's word.
    body = card.body
    return crypto.digest("card-identity", body.signing_key, body.pairing_key, body.transport_certificate)


def fingerprint(mine: Card, theirs: Card) -> str:
    """50 digits in ten groups, the same for both whoever computes them: 25 for each of the two identities.

    Each half stands for one identity alone. Whoever sits between the two must find a key pair with the very digits of
    one of them, 2^83 trials. One number for the pair would be half as long and far weaker: he chooses both cards that
    he passes on, and two numbers that merely agree are found in 2^41.
    """
    return " ".join(sorted((_digits(mine), _digits(theirs))))


def _digits(card: Card) -> str:
    value = int.from_bytes(crypto.digest("card-fingerprint", _identity(card)), "big")
    digits = f"{value % 10**IDENTITY_DIGITS:0{IDENTITY_DIGITS}d}"
    return " ".join(digits[start : start + GROUP] for start in range(0, IDENTITY_DIGITS, GROUP))


def same_fingerprint(expected: str, typed: str) -> bool:
    """Whether the digits typed are those expected, whatever spaces or hyphens stand between them."""
    digits = "".join(letter for letter in typed if letter.isascii() and letter.isdigit())
    noise = "".join(letter for letter in typed if letter not in "0123456789 -.\t\n")
    return not noise and crypto.equal(digits.encode(), expected.replace(" ", "").encode())


def pair_secret(pairing_seed: bytes, mine: Card, theirs: Card) -> bytes:
    """32 bytes that only the two of them can compute: X25519 of their pairing keys, bound to both identities.

    It recognises a colleague on the network (knocks, discovery); no content is encrypted with it. Raises
    crypto.CryptoError on a malformed key.
    """
    shared = crypto.agree(pairing_seed, theirs.body.pairing_key)
    return crypto.keyed_digest(shared, "pair-secret", *sorted((_identity(mine), _identity(theirs))))
