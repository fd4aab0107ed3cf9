"""The verbatim resources of imported entries, compressed, and the names by which they are recognised later.

A resource of about 1 kB compresses badly alone and very well against others of its kind, so the first large import of a
practice trains a dictionary, which is kept in the (encrypted) record: it holds fragments of what it was trained on.
"""

from collections.abc import Iterable, Sequence

import msgspec
import zstandard

from localstore import crypto
from localstore.database import Connection, row, rows, transaction

LEVEL = 3  # with a dictionary, higher levels were measured to be slower and no smaller
DICTIONARY_BYTES = 112 * 1024
TRAINING_SAMPLES = 2000
TRAINING_MINIMUM = 200  # with fewer resources a dictionary does not earn its own size
KEY_BYTES = 16
NOBODY = 0  # owns the names of patients, and of what belongs to none
MAX_SOURCE_BYTES = 64 * 1024 * 1024  # no resource is larger than the largest bundle that an import reads


class Archive:
    """Compresses and restores sources. Keeps the dictionaries that it has met, so it lives as long as one operation."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        found = row(connection, "SELECT num, data FROM dictionary ORDER BY num DESC LIMIT 1")
        self._readers: dict[int | None, zstandard.ZstdDecompressor] = {None: zstandard.ZstdDecompressor()}
        self._use(*(found or (None, None)))

    def _use(self, num: int | None, data: bytes | None) -> None:
        self._number = num
        dictionary = zstandard.ZstdCompressionDict(data) if data else None
        if dictionary:
            dictionary.precompute_compress(level=LEVEL)
            self._writer = zstandard.ZstdCompressor(dict_data=dictionary)
        else:
            self._writer = zstandard.ZstdCompressor(level=LEVEL)

    def learn(self, samples: Sequence[bytes]) -> None:
        """Train the practice's dictionary on these resources, if it has none yet and they are enough.

        A transaction of its own: a dictionary that was undone with the file that it was learnt from could not be used.
        """
        if self._number is not None or len(samples) < TRAINING_MINIMUM:
            return
        step = max(1, len(samples) // TRAINING_SAMPLES)
        try:
            trained = zstandard.train_dictionary(DICTIONARY_BYTES, list(samples[::step])).as_bytes()
        except zstandard.ZstdError:
            return  # samples too few or too alike to learn from: compression works without
        with transaction(self._connection):
            cursor = self._connection.execute("INSERT INTO dictionary (data) VALUES (?)", (trained,))
        self._use(cursor.lastrowid, trained)

    def put(self, sources: Iterable[tuple[int, str, str, bytes]]) -> None:
        """Keep sources, each as (version number, url, resource id, bytes)."""
        compress, number = self._writer.compress, self._number
        self._connection.executemany(
            "INSERT INTO source (version, dictionary, url, data) VALUES (?, ?, ?, ?)",
            (
                # The usual url repeats the resource's own id; NULL says so in 45 bytes less.
                (version, number, None if url == f"urn:uuid:{resource_id}" else url, compress(raw))
                for version, url, resource_id, raw in sources
            ),
        )

    def _reader(self, number: int | None) -> zstandard.ZstdDecompressor:
        if number not in self._readers:
            found = row(self._connection, "SELECT data FROM dictionary WHERE num = ?", (number,))
            data = zstandard.ZstdCompressionDict(found[0] if found else b"")
            self._readers[number] = zstandard.ZstdDecompressor(dict_data=data)
        return self._readers[number]

    def _restore(self, dictionary: int | None, url: str | None, data: bytes) -> tuple[str, bytes]:
        raw = self._reader(dictionary).decompress(data, max_output_size=MAX_SOURCE_BYTES)
        return _own_url(raw) if url is None else url, raw

    def get(self, version: int) -> tuple[str, bytes] | None:
        """The (url, bytes) of a version's source, or None."""
        found = row(self._connection, "SELECT dictionary, url, data FROM source WHERE version = ?", (version,))
        return self._restore(*found) if found else None

    def of_patient(self, patient: int) -> dict[int, tuple[str, bytes]]:
        """The (url, bytes) of all sources of a patient, by version number."""
        return self._all("JOIN version v ON v.num = s.version WHERE v.patient = ?", patient)

    def came_with(self, patient: int) -> dict[int, tuple[str, bytes]]:
        """The (url, bytes) of what belongs to no patient and came in this one's files, by version number."""
        return self._all("JOIN came_with c ON c.version = s.version WHERE c.patient = ?", patient)

    def _all(self, where: str, patient: int) -> dict[int, tuple[str, bytes]]:
        found = rows(
            self._connection,
            f"SELECT s.version, s.dictionary, s.url, s.data FROM source s {where} ORDER BY s.version",  # noqa: S608
            (patient,),
        )
        return {version: self._restore(*values) for version, *values in found}


class _Identified(msgspec.Struct):
    id: str = ""


_identified = msgspec.json.Decoder(_Identified)


def _own_url(raw: bytes) -> str:
    return f"urn:uuid:{_identified.decode(raw).id}"


def key(scope: str, name: str) -> bytes:
    """The stored form of a name that a source goes by; `scope` keeps apart what two systems both call `Patient/1`."""
    return crypto.digest("source-key", scope.encode(), name.encode(), size=KEY_BYTES)


def fingerprint(raw: bytes) -> str:
    """What stands for the name of a resource that has none: its content."""
    return crypto.digest("source-content", raw).hex()


def put_keys(connection: Connection, keys: Iterable[tuple[int, bytes, int]]) -> None:
    """Remember names, each as (owner, key, version): within the record of `owner` the key names the version."""
    connection.executemany("INSERT OR IGNORE INTO source_key (owner, key, version) VALUES (?, ?, ?)", keys)


def keys_of(connection: Connection, owner: int) -> dict[bytes, list[int]]:
    """All names in the record of one patient: the versions that came under each, oldest first."""
    found: dict[bytes, list[int]] = {}
    for name, num in rows(
        connection, "SELECT key, version FROM source_key WHERE owner = ? ORDER BY key, version", (owner,)
    ):
        found.setdefault(name, []).append(num)
    return found


def put_company(connection: Connection, patient: int, versions: Iterable[int]) -> None:
    """Remember that these versions, which belong to no patient, came in a file of this one."""
    connection.executemany(
        "INSERT OR IGNORE INTO came_with (patient, version) VALUES (?, ?)", ((patient, num) for num in versions)
    )


def versions_named(connection: Connection, owner: int, name: bytes) -> list[int]:
    """The versions that came under one key in the record of `owner`, oldest first."""
    found = rows(
        connection, "SELECT version FROM source_key WHERE owner = ? AND key = ? ORDER BY version", (owner, name)
    )
    return [num for (num,) in found]
