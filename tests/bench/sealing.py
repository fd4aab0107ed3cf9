"""What the benchmarks of sealing and sending share: extracts of random bytes, and the barest code for the same."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import zstandard
from nacl import bindings

from localstore import crypto, opening
from localstore.bodies import DocumentBody
from localstore.database import Connection, row, transaction
from localstore.kinds import Kind
from localstore.model import Entry
from localstore.terms import Terms
from localstore.values import Author
from sync.papers.documents import Extract
from tests import practices

RECORD_BYTES = 1024  # random: nothing of them can be compressed away
PER_COMMIT = 100
TABLE = "CREATE TABLE envelope (num INTEGER PRIMARY KEY, data BLOB NOT NULL)"
MOMENT = "2026-03-01T12:00:00.000Z"
TERMS = Terms(kinds=(Kind.DOCUMENT,), purpose="soins", given="oral", recorded_by="Dr Alpha", begins="2026-03-01")


def entry(patient: str, content: bytes) -> Entry:
    """A record: a document of these bytes."""
    return Entry(
        id=crypto.random_bytes(16).hex(),
        version=crypto.random_bytes(16).hex(),
        patient=patient,
        date="2026-03-01",
        author=Author("Dr Alpha", "10001234567"),
        recorded=MOMENT,
        body=DocumentBody(title="CR", media_type="application/pdf", content=content),
    )


def extract(entries: Sequence[Entry], patient: str) -> Extract:
    """An extract of these entries of one patient."""
    consent = crypto.random_bytes(16).hex()
    return Extract(consent, TERMS, patient, practices.ZOE, tuple(entries), MOMENT)


def extracts(count: int) -> Iterator[Extract]:
    """Extracts of one record of RECORD_BYTES each, about different patients."""
    for _ in range(count):
        patient = crypto.random_bytes(16).hex()
        yield extract([entry(patient, crypto.random_bytes(RECORD_BYTES))], patient)


class Bare:
    """The floor: sign, compress, encrypt and insert; and the way back. No names, no numbers, no second file."""

    def __init__(self, folder: Path) -> None:
        self.sent = opening.create(folder / "bare-sent.db", bytes(32), 1, [[TABLE]])
        self._kept = opening.create(folder / "bare-kept.db", bytes(32), 1, [[TABLE]])
        self._pair = crypto.signing_key()
        self._key = crypto.random_bytes(crypto.KEY_BYTES)
        self._writer, self._reader = zstandard.ZstdCompressor(), zstandard.ZstdDecompressor()
        self.sealed = 0
        self.opened = 0

    def seal(self, records: Sequence[bytes]) -> float:
        """Seal these records, with a commit for each PER_COMMIT; seconds."""
        begun = time.perf_counter()
        for start in range(0, len(records), PER_COMMIT):
            with transaction(self.sent):
                for record in records[start : start + PER_COMMIT]:
                    _insert(self.sent, self._seal(record))
        self.sealed += len(records)
        return time.perf_counter() - begun

    def open(self, count: int) -> float:
        """Open the next ones of what was sealed, and keep them, with a commit for each PER_COMMIT; seconds."""
        begun = time.perf_counter()
        for start in range(self.opened, self.opened + count, PER_COMMIT):
            with transaction(self._kept):
                for num in range(start + 1, min(start + PER_COMMIT, self.opened + count) + 1):
                    found = row(self.sent, "SELECT data FROM envelope WHERE num = ?", (num,))
                    assert found is not None
                    _insert(self._kept, self._open(found[0]))
        self.opened += count
        return time.perf_counter() - begun

    def _seal(self, record: bytes) -> bytes:
        signed = bindings.crypto_sign(record, self._pair.secret + self._pair.public)
        nonce = crypto.random_bytes(crypto.NONCE_BYTES)
        packed = self._writer.compress(signed)
        return nonce + bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(packed, b"", nonce, self._key)

    def _open(self, sealed: bytes) -> bytes:
        nonce, ciphertext = sealed[: crypto.NONCE_BYTES], sealed[crypto.NONCE_BYTES :]
        packed = bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(ciphertext, b"", nonce, self._key)
        return bindings.crypto_sign_open(self._reader.decompress(packed), self._pair.public)


def _insert(connection: Connection, data: bytes) -> None:
    connection.execute("INSERT INTO envelope (data) VALUES (?)", (data,))
