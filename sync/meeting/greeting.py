"""The first bytes of a connection between two who pair: each shows the certificate that it made for this meeting.

    caller -> called   its certificate (176 bytes)
    called -> caller   its certificate (176 bytes)

Whoever sends the called side anything else gets no byte.
"""

import asyncio
import socket

from localstore import crypto
from sync.post_office import certificate
from sync.post_office.tls import Identity
from sync.post_office.transport import Address
from sync.protocol import Role

MAX_OF_A_NAME = 4  # addresses that are tried of those that a name has


def new_identity() -> Identity:
    """A transport key for one meeting."""
    seed = crypto.random_bytes(crypto.KEY_BYTES)
    der = certificate.make(seed)
    return Identity(seed, der, certificate.public_key(der))


async def connect(address: Address, seconds: float) -> socket.socket:
    """A connection to an address, or to one of a name's first, within so many seconds. Raises OSError (TimeoutError is
    one)."""
    loop = asyncio.get_running_loop()
    refused: OSError = ConnectionRefusedError()
    async with asyncio.timeout(seconds):
        found = await loop.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
        for family, kind, protocol, _, target in found[:MAX_OF_A_NAME]:
            connected = socket.socket(family, kind, protocol)
            try:
                connected.setblocking(False)
                await loop.sock_connect(connected, target)
            except OSError as error:
                connected.close()
                refused = error
            except BaseException:
                connected.close()
                raise
            else:
                return connected
    raise refused


async def exchange(connected: socket.socket, role: Role, own: Identity, seconds: float) -> bytes:
    """The other's certificate (DER), within so many seconds. Raises OSError (TimeoutError is one), BadCertificate."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(seconds):
        if role is Role.CLIENT:
            await loop.sock_sendall(connected, own.certificate)
        theirs = b""
        while len(theirs) < certificate.CERTIFICATE_BYTES:
            piece = await loop.sock_recv(connected, certificate.CERTIFICATE_BYTES - len(theirs))
            if not piece:
                raise ConnectionResetError
            theirs += piece
        certificate.public_key(theirs)
        if role is Role.SERVER:
            await loop.sock_sendall(connected, own.certificate)
        return theirs
