"""The premises: keys and postbox of an unlocked practice, how they are made once, and the feeds that lead from them."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from localstore import crypto, epoch_keys, incarnations, keystore, paths, postbox
from localstore.colleagues import Colleague
from localstore.crypto import KeyPair
from localstore.database import Connection, transaction
from localstore.errors import DamagedStore
from localstore.feeds import FEED_BYTES, MAX_FEEDS
from localstore.practice import Practice
from sync.post_office import certificate


@dataclass(frozen=True, slots=True)
class Desk:
    """An unlocked practice with its keys and its postbox. They belong to the practice, whoever works in it."""

    practice: Practice
    postbox: Connection
    postbox_key: bytes = field(repr=False)
    signing: KeyPair = field(repr=False)
    pairing: KeyPair = field(repr=False)
    anchor_key: bytes = field(repr=False)
    certificate: bytes

    @property
    def record(self) -> Connection:
        """The record's connection."""
        return self.practice.connection

    @property
    def sealing(self) -> tuple[KeyPair, ...]:
        """All sealing keys still kept, newest last: read whenever they are needed, so that none outlives its day."""
        return tuple(one.pair for one in epoch_keys.sealing_keys(self.record))

    def close(self) -> None:
        """Close both files."""
        self.postbox.close()
        self.practice.close()


def feed_towards(desk: Desk, colleague: Colleague) -> bytes:
    """The present feed of this incarnation towards one colleague: 16 bytes that tell a stranger nothing.

    It is the first one that has not ended. A colleague who restored a backup no longer holds all of the one before.
    """
    return turn_towards(desk, colleague)[1]


def turn_towards(desk: Desk, colleague: Colleague) -> tuple[int, bytes]:
    """How many feeds of this incarnation towards a colleague have ended, and the one that has not."""
    both = (desk.practice.incarnation, desk.signing.public, colleague.signing_key)
    for turn in range(MAX_FEEDS):
        count = (turn.to_bytes(8, "big"),) if turn else ()
        feed = crypto.digest("feed", *both, *count, size=FEED_BYTES)
        if not incarnations.is_retired(desk.postbox, feed):
            break
    return turn, feed


def kept(practice: Practice, name: str, make: Callable[[], bytes]) -> bytes:
    """The key of that name, made and kept at the first call."""
    value = keystore.get(practice.connection, name)
    if value is None:
        value = make()
        keystore.put(practice.connection, name, value, practice.now())
    return value


def open_postbox(practice: Practice, key: bytes) -> Connection:
    """The postbox; made at the first time, under the record's write lock, so that two first starts make one."""
    path = paths.postbox(practice.folder)
    with transaction(practice.connection):
        was_made = keystore.get(practice.connection, "postbox-made") is not None
        if not path.exists():
            if was_made:
                raise DamagedStore(file=path.name, seen="it is missing")
            _make_postbox(path, key)
        if not was_made:
            keystore.put(practice.connection, "postbox-made", b"1", practice.now())
    return postbox.open_postbox(path, key)


def _make_postbox(path: Path, key: bytes) -> None:
    scratch = path.with_name(path.name + ".new")
    scratch.unlink(missing_ok=True)  # left by an interrupted first start; nothing was ever in it
    fresh = postbox.create(scratch, key)
    seed = crypto.random_bytes(crypto.KEY_BYTES)
    postbox.set_transport(fresh, seed, certificate.make(seed))
    fresh.close()
    os.replace(scratch, path)
    paths.sync_folder(path.parent)
