"""What a desk finds when it opens: the keys that are made once, and the postbox under one of them."""

import os
from collections.abc import Callable
from pathlib import Path

from localstore import crypto, keystore, paths, postbox
from localstore.database import Connection, transaction
from localstore.errors import DamagedStore
from localstore.practice import Practice
from sync.post_office import certificate


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
