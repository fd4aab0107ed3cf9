"""The manifest of a backup: what it is of, from when, how far the record had come, and which files belong to it.

It carries a MAC under a key that comes from the record's key, so that only who can open the record could have written
it. Everything in it is checked before it is believed (docs/formats.md, "Backup").
"""

import stat
from datetime import datetime
from pathlib import Path

import msgspec

from localstore import crypto
from localstore.backup.errors import DamagedBackup
from localstore.clock import stamp

FORMAT = 1
NAME = "manifest"
RECORD, POSTBOX, KEYRING, SETTINGS = "record.db", "postbox.db", "keyring", "practice.toml"
ARCHIVE = "archive.db"
DATABASES = frozenset({RECORD, POSTBOX, ARCHIVE})
REQUIRED = frozenset({RECORD, KEYRING})
KNOWN = frozenset({RECORD, POSTBOX, ARCHIVE, KEYRING, SETTINGS})
MAX_MANIFEST_BYTES = 16 * 1024  # ours has about 900
MAX_SIZE = 2**48  # bytes of one file: above it a number is not a size
IDENTIFIER_BYTES = 16
DIGEST_BYTES = 32


class Piece(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file. `digest` is that of the whole file; empty for a database, whose pages carry a MAC each."""

    name: str
    size: int
    digest: bytes


class Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How far the record had come, as `localstore.head` counts it."""

    commits: int
    line: int
    hash: bytes


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file, JSON; bytes are Base64. `made` is a moment in UTC."""

    format: int
    practice: bytes
    incarnation: bytes
    made: str
    head: Head
    files: tuple[Piece, ...]
    mac: bytes = b""

    @property
    def moment(self) -> datetime:
        """When the backup was made, with its zone."""
        return datetime.fromisoformat(self.made)

    @property
    def size(self) -> int:
        """All files together, in bytes."""
        return sum(piece.size for piece in self.files)


def key_of(record_key: bytes, practice: bytes) -> bytes:
    """The key of the MAC."""
    return crypto.keyed_digest(record_key, "backup-key", practice)


def digest(data: bytes) -> bytes:
    """The digest of a small file."""
    return crypto.digest("backup-file", data)


def _mac(manifest: Manifest, key: bytes) -> bytes:
    told = msgspec.msgpack.encode(msgspec.structs.replace(manifest, mac=b""))
    return crypto.keyed_digest(key, "backup-manifest", told)


def sealed(manifest: Manifest, key: bytes) -> Manifest:
    """The manifest with its MAC."""
    return msgspec.structs.replace(manifest, mac=_mac(manifest, key))


def is_sealed(manifest: Manifest, key: bytes) -> bool:
    """Whether the MAC is right under this key."""
    return crypto.equal(manifest.mac, _mac(manifest, key))


def encode(manifest: Manifest) -> bytes:
    """The file."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n"


def decode(data: bytes, folder: str) -> Manifest:
    """Undo `encode`; `folder` names the backup in the error. Raises DamagedBackup."""
    if len(data) > MAX_MANIFEST_BYTES:
        raise DamagedBackup(folder=folder, file=NAME, seen="it is larger than any manifest can be")
    try:
        found = msgspec.json.decode(data, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DamagedBackup(folder=folder, file=NAME, seen="it is not a manifest") from error
    for reason in filter(None, (check(found) for check in CHECKS)):
        raise DamagedBackup(folder=folder, file=NAME, seen=reason)
    return found


def is_plain(path: Path) -> bool:
    """Whether this is a file, and neither a link nor a pipe that would never end. Raises FileNotFoundError."""
    return stat.S_ISREG(path.lstat().st_mode)


def read(folder: Path) -> Manifest:
    """The manifest of the backup in `folder`. Raises DamagedBackup, FileNotFoundError and other OSErrors."""
    if not is_plain(folder / NAME):
        raise DamagedBackup(folder=str(folder), file=NAME, seen="it is no plain file")
    with open(folder / NAME, "rb") as file:
        return decode(file.read(MAX_MANIFEST_BYTES + 1), str(folder))


def _known_format(manifest: Manifest) -> str:
    return "" if manifest.format == FORMAT else "its format is unknown to this release"


def _right_lengths(manifest: Manifest) -> str:
    lengths = (len(manifest.practice), len(manifest.incarnation), len(manifest.head.hash), len(manifest.mac))
    good = lengths == (IDENTIFIER_BYTES, IDENTIFIER_BYTES, DIGEST_BYTES, DIGEST_BYTES)
    return "" if good and min(manifest.head.commits, manifest.head.line) >= 0 else "a field has the wrong length"


def _real_moment(manifest: Manifest) -> str:
    try:
        good = stamp(manifest.moment) == manifest.made
    except (ValueError, OverflowError):
        good = False
    return "" if good else "its moment is none"


def _known_files(manifest: Manifest) -> str:
    names = [piece.name for piece in manifest.files]
    good = len(names) == len(set(names)) and REQUIRED <= set(names) <= KNOWN
    return "" if good else "it names other files than a backup has"


def _right_pieces(manifest: Manifest) -> str:
    for piece in manifest.files:
        expected = 0 if piece.name in DATABASES else DIGEST_BYTES
        if not 0 <= piece.size <= MAX_SIZE or len(piece.digest) != expected:
            return "it says of a file what cannot be"
    return ""


CHECKS = (_known_format, _right_lengths, _real_moment, _known_files, _right_pieces)
