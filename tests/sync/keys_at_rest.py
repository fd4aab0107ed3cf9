"""What a thief of the record key reads in `record.db`: every page and every frame of its log, deciphered by hand.

SQLCipher 4: pages of 4096 bytes, each AES-256-CBC under the raw key, with 80 bytes at its end for the IV and the MAC;
the first page begins with 16 bytes of salt in the clear. A log has a header of 32 bytes, and 24 before each page.
"""

from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

PAGE, RESERVE, IV, SALT = 4096, 80, 16, 16
LOG_HEADER, FRAME_HEADER = 32, 24


def holds(folder: Path, record_key: bytes, wanted: bytes) -> list[str]:
    """The files of `record.db` in which these bytes still are, in use or not."""
    names = ("record.db", "record.db-wal")
    return [name for name in names if any(wanted in page for page in _pages(folder / name, record_key))]


def _pages(path: Path, key: bytes) -> Iterator[bytes]:
    data = path.read_bytes() if path.exists() else b""
    if path.name.endswith("-wal"):
        starts = range(LOG_HEADER + FRAME_HEADER, len(data) - PAGE + 1, PAGE + FRAME_HEADER)
        # The frame's header begins with the number of the page: the first one has the salt.
        places = [(at, data[at - FRAME_HEADER : at - FRAME_HEADER + 4] == b"\0\0\0\1") for at in starts]
    else:
        places = [(at, at == 0) for at in range(0, len(data), PAGE)]
    for at, first in places:
        page = data[at : at + PAGE]
        iv = page[PAGE - RESERVE : PAGE - RESERVE + IV]
        sealed = page[SALT if first else 0 : PAGE - RESERVE]
        reader = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
        yield reader.update(sealed) + reader.finalize()
