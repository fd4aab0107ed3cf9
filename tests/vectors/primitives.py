"""Vectors of the labels and of what is built on them, and of padding."""

from localstore import crypto
from sync.papers.envelope import padded_length
from tests.vectors.sheets import Sheet

LENGTHS = (0, 1, 511, 512, 513, 520, 1023, 1024, 1025, 1600, 2049, 65535, 65537, 1_000_000, 2**24, 123_456_789)


def labels(before: dict[str, bytes]) -> Sheet:
    """Labels, digests, signatures, encryption."""
    sheet = Sheet("Labels, digests, signatures and encryption: docs/formats.md, Labels.", before)
    sheet.put("label.card", crypto.label("card"))
    sheet.say("Digests of purpose 'feed-head' over no part, one, and both; .split has the same bytes, cut elsewhere.")
    first, second = sheet.put("parts.a", b"ab"), sheet.put("parts.b", bytes(range(40)))
    sheet.put("digest.none", crypto.digest("feed-head"))
    sheet.put("digest.one", crypto.digest("feed-head", first))
    sheet.put("digest.two", crypto.digest("feed-head", first, second))
    sheet.put("digest.split", crypto.digest("feed-head", first + second[:1], second[1:]))
    sheet.put("digest.of-16", crypto.digest("feed-head", first, second, size=16))
    key = sheet.put("keyed.key", bytes(range(32)))
    sheet.put("keyed.of-32", crypto.keyed_digest(key, "knock", first, second))
    sheet.put("keyed.of-12", crypto.keyed_digest(key, "knock", first, second, size=12))
    sheet.say("Ed25519 over label and message, purpose 'document'.")
    pair = crypto.signing_key(sheet.put("sign.seed", b"\x2a" * 32))
    sheet.put("sign.public", pair.public)
    sheet.put("sign.message", second)
    sheet.put("sign.signature", crypto.sign(pair.secret, "document", second))
    sheet.say("XChaCha20-Poly1305 with label and associated data, purpose 'envelope'.")
    nonce = sheet.put("encrypt.nonce", bytes(range(100, 124)))
    sheet.put("encrypt.associated", first)
    sheet.put("encrypt.plain", second)
    sheet.put("encrypt.sealed", crypto.encrypt(key, nonce, second, "envelope", first))
    sheet.say("HPKE of purpose 'envelope-offer' with hpke.context. Each sealing gives other bytes: this one opens.")
    sealing = crypto.sealing_pair(sheet.put("hpke.secret", bytes(range(96))))
    sheet.put("hpke.public", sealing.public)
    context = sheet.put("hpke.context", b"context")
    sheet.put("hpke.plain", second)
    sheet.drawn(
        "hpke.sealed",
        lambda sealed: crypto.unseal(sealing.secret, sealed, "envelope-offer", context) == second,
        lambda: crypto.seal(sealing.public, second, "envelope-offer", context),
    )
    return sheet


def padding(before: dict[str, bytes]) -> Sheet:
    """Padmé lengths."""
    sheet = Sheet("Padded lengths: the name is the length of len32(packed) ‖ packed, the value is the padded.", before)
    for length in LENGTHS:
        sheet.number(f"padded.{length}", padded_length(length))
    return sheet
