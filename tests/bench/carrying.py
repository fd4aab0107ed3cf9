"""The barest code that carries what lies in one encrypted database into another, in another process, over TLS 1.3.

Run as a program with a folder and a port, this module is that other process.
"""

import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path

from localstore import opening
from localstore.database import Connection, rows, transaction
from sync.post_office import certificate, tls
from sync.post_office.tls import Identity
from sync.protocol import Role
from tests.bench.sealing import PER_COMMIT, TABLE

KEY = bytes(32)
HERE, THERE = bytes([1]) * 32, bytes([2]) * 32  # the seeds of both sides
SIZE_BYTES = 4
BATCH = 256  # envelopes read and sent at once


def _identity(seed: bytes) -> Identity:
    der = certificate.make(seed)
    return Identity(seed, der, certificate.public_key(der))


def carry(sent: Connection, folder: Path, count: int) -> float:
    """Carry the first `count` envelopes of `sent` to another process; seconds until the last commit there is known."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        there = subprocess.Popen([sys.executable, "-m", "tests.bench.carrying", str(folder), str(port), str(count)])
        connected, _ = listening.accept()
        context = tls.context(Role.SERVER, _identity(HERE), certificate.make(THERE))
        with context.wrap_socket(connected, server_side=True) as link:
            assert link.recv(1) == b"r"
            seconds = _send(sent, link, count)
    assert there.wait() == 0
    return seconds


def _send(sent: Connection, link: ssl.SSLSocket, count: int) -> float:
    begun = time.perf_counter()
    for first in range(1, count + 1, BATCH):
        found = rows(
            sent, "SELECT data FROM envelope WHERE num BETWEEN ? AND ?", (first, min(first + BATCH - 1, count))
        )
        link.sendall(b"".join(len(data).to_bytes(SIZE_BYTES, "big") + data for (data,) in found))
    acknowledged = b""
    while len(acknowledged) < -(-count // PER_COMMIT):
        acknowledged += link.recv(PER_COMMIT)
    return time.perf_counter() - begun


def _receive(folder: Path, port: int, count: int) -> None:
    kept = opening.create(folder / "bare-carried.db", KEY, 1, [[TABLE]])
    context = tls.context(Role.CLIENT, _identity(THERE), certificate.make(HERE))
    with socket.create_connection(("127.0.0.1", port)) as connected, context.wrap_socket(connected) as link:
        link.sendall(b"r")
        stream = link.makefile("rb")
        for first in range(0, count, PER_COMMIT):
            with transaction(kept):
                for _ in range(min(PER_COMMIT, count - first)):
                    data = stream.read(int.from_bytes(stream.read(SIZE_BYTES), "big"))
                    kept.execute("INSERT INTO envelope (data) VALUES (?)", (data,))
            link.sendall(b"c")
    kept.close()


if __name__ == "__main__":
    _receive(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
