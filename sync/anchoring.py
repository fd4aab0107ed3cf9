"""Anchors: the head of the record, given to colleagues to keep, sealed so that it tells them nothing.

A colleague gets 128 bytes that only this practice can open, and gives the newest ones back with his next receipt. He
can keep them back, or give older ones: then nothing is proved. He cannot make them, nor pass those of another for his.

    offset  size  field
         0    24  nonce
        24    88  encrypted: incarnation (16), since when it is known (24, a moment), commits (8), number of the last
                  line of the history (8), its hash (32)
       112    16  tag
"""

from localstore import anchors, crypto, head
from localstore.anchors import Seen
from localstore.colleagues import Colleague
from localstore.head import Head
from sync.desk import Desk
from sync.papers.documents import Receipt

_NUMBER = 8
_BEGAN = 24  # characters of a moment as the record writes it
_HASH = 32
_PLAIN = anchors.INCARNATION_BYTES + _BEGAN + 2 * _NUMBER + _HASH
ANCHOR_BYTES = crypto.NONCE_BYTES + _PLAIN + crypto.TAG_BYTES


def receipt(
    desk: Desk,
    colleague: Colleague,
    feed: bytes,
    opened: tuple[int, ...] = (),
    removed: tuple[int, ...] = (),
    missing: int = 0,
) -> Receipt:
    """A receipt for a colleague, with the present head as an anchor and his newest one given back."""
    echo = anchors.newest(desk.record, colleague.num).theirs
    return Receipt(feed, opened, removed, seal(desk, colleague), echo, missing)


def take(desk: Desk, colleague: Colleague, body: Receipt) -> None:
    """Keep the anchor in a receipt, and weigh the echo in it, inside the caller's transaction. An echo that is none of
    ours means nothing."""
    now = desk.practice.now()
    if body.anchor:
        anchors.keep(desk.record, colleague.num, body.anchor, now)
    seen = open_(desk, colleague, body.echo)
    if seen is not None:
        anchors.weigh(desk.record, colleague.num, seen, now)


def seal(desk: Desk, colleague: Colleague) -> bytes:
    """The present head of the record, sealed for keeping at one colleague."""
    current = anchors.lineage(desk.record)[-1]
    now = head.current(desk.record)
    numbers = now.commits.to_bytes(_NUMBER, "big") + now.line.to_bytes(_NUMBER, "big")
    plain = current.incarnation + current.began.encode("ascii") + numbers + now.hash
    nonce = crypto.random_bytes(crypto.NONCE_BYTES)
    return nonce + crypto.encrypt(desk.anchor_key, nonce, plain, "anchor", _of(desk, colleague))


def open_(desk: Desk, colleague: Colleague, echo: bytes) -> Seen | None:
    """The head in an anchor that was sealed for this colleague; None for anything else."""
    if len(echo) != ANCHOR_BYTES:
        return None
    nonce, ciphertext = echo[: crypto.NONCE_BYTES], echo[crypto.NONCE_BYTES :]
    try:
        plain = crypto.decrypt(desk.anchor_key, nonce, ciphertext, "anchor", _of(desk, colleague))
    except crypto.CryptoError:
        return None
    began_at = anchors.INCARNATION_BYTES
    numbers_at = began_at + _BEGAN
    commits, line = (int.from_bytes(plain[at : at + _NUMBER], "big") for at in (numbers_at, numbers_at + _NUMBER))
    return Seen(
        plain[:began_at],
        plain[began_at:numbers_at].decode("ascii"),
        Head(commits, line, plain[numbers_at + 2 * _NUMBER :]),
    )


def _of(desk: Desk, colleague: Colleague) -> bytes:
    return desk.signing.public + colleague.signing_key
