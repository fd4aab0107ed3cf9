"""What upgrading a record of an earlier release needs beyond statements: its sources into blocks, its entries indexed.

Runs once, inside of the migration's transaction, on the tables as they were before it.
"""

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter

import zstandard

from localstore import blocks, indexing
from localstore.bodies import PatientBody, decode_body
from localstore.database import Connection, rows
from localstore.searching import search_words

_MAX_SOURCE_BYTES = 64 * 1024 * 1024  # as large as the earlier release could import
_AT_ONCE = 1000


def list_patients(connection: Connection) -> None:
    """Fill the words by which patients are found, with all that this release searches by, and who died."""
    for num, encoded in rows(connection, "SELECT p.num, v.body FROM patient p JOIN version v ON v.num = p.shown"):
        body = decode_body(encoded)
        if isinstance(body, PatientBody):
            connection.execute("INSERT INTO patient_words (rowid, words) VALUES (?, ?)", (num, search_words(body)))
            connection.execute("UPDATE patient SET deceased = ? WHERE num = ?", (body.deceased, num))


def fill_blocks(connection: Connection) -> None:
    """Move every source, with the body of its version, into a block; index every version."""
    for start in range(0, _last(connection) + 1, _AT_ONCE):
        found = rows(connection, "SELECT num, body FROM version WHERE num >= ? AND num < ?", (start, start + _AT_ONCE))
        indexing.fill(connection, [(num, decode_body(body)) for num, body in found])
    for (patient, recorded), of_one in groupby(_sources(connection), key=itemgetter(0)):
        for numbers, packed in blocks.divided((num, one) for _, num, one in of_one):
            block = blocks.put(connection, patient, recorded, packed)
            connection.executemany(
                "UPDATE version SET block = ?, place = ?, body = x'', recorded = '' WHERE num = ?",
                [(block, place, num) for place, num in enumerate(numbers)],
            )


def _last(connection: Connection) -> int:
    return int(rows(connection, "SELECT coalesce(max(num), 0) FROM version")[0][0])


def _sources(connection: Connection) -> Iterator[tuple[tuple[int | None, str], int, blocks.Packed]]:
    """Every source of the earlier release, as ((patient, moment), version, what goes into the block), patient by
    patient."""
    readers: dict[int | None, zstandard.ZstdDecompressor] = {None: zstandard.ZstdDecompressor()}
    for num, data in rows(connection, "SELECT num, data FROM dictionary"):
        readers[num] = zstandard.ZstdDecompressor(dict_data=zstandard.ZstdCompressionDict(data))
    numbers = rows(
        connection,
        "SELECT v.num FROM source s JOIN version v ON v.num = s.version ORDER BY v.patient, v.recorded, v.num",
    )
    for (num,) in numbers:
        ((patient, recorded, body, dictionary, url, data),) = rows(
            connection,
            "SELECT v.patient, v.recorded, v.body, s.dictionary, s.url, s.data FROM source s"
            " JOIN version v ON v.num = s.version WHERE s.version = ?",
            (num,),
        )
        raw = readers[dictionary].decompress(data, max_output_size=_MAX_SOURCE_BYTES)
        yield (patient, recorded), num, blocks.Packed(body, url, raw)
