"""Connections between two paired post offices: a knock, then TLS 1.3 with both certificates pinned.

Both sides work on the bare socket until the knock is over: reading exactly its 48 bytes leaves the TLS handshake
behind it untouched. Everything that is done here before a peer is authenticated has a deadline and a cap.
"""

import asyncio
import ipaddress
import socket
import ssl
from typing import NamedTuple

from localstore import crypto
from localstore.postbox import Peer
from sync.errors import BadAddress, NotReached, OtherCertificate
from sync.post_office import knock, tls
from sync.post_office.knock import Pair
from sync.post_office.patience import Patience
from sync.post_office.tls import Identity
from sync.protocol import Role

READ_BYTES = 256 * 1024  # read at once from one peer; also what may wait in its reader's buffer, twice
WRITE_BYTES = 64 * 1024  # what has to get away within one deadline: a large envelope may take long on a slow line
MAX_RESOLVED = 4  # addresses that one name may stand for
MAX_PORT = 65535


class Address(NamedTuple):
    """Where a post office may be reached."""

    host: str
    port: int


def parse_address(text: str) -> Address:
    """`host:port`, or `[IPv6]:port`. Raises BadAddress."""
    host, _, port = text.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        raise BadAddress(address=text)
    if not host or not (port.isascii() and port.isdigit()) or not 1 <= int(port[:6]) <= MAX_PORT:
        raise BadAddress(address=text)
    return Address(host, int(port))


def is_near(host: str) -> bool:
    """Whether `host` is an IP address of a local network: an announcement must not make us call anybody on the
    Internet."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return (address.is_private or address.is_link_local) and not address.is_unspecified


class Link:
    """One authenticated connection to a peer. Reads and writes have deadlines."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, patience: Patience) -> None:
        self._reader = reader
        self._writer = writer
        self._patience = patience

    @property
    def own_host(self) -> str:
        """The address of this machine that the connection is bound to."""
        return str(self._writer.get_extra_info("sockname", ("",))[0]).partition("%")[0]

    async def receive(self) -> bytes:
        """Some bytes, at most READ_BYTES; none when the peer has ended. Raises OSError (TimeoutError is one)."""
        async with asyncio.timeout(self._patience.idle):
            return await self._reader.read(READ_BYTES)

    async def transmit(self, data: bytes) -> None:
        """Send all of `data`; returns when the peer keeps up again. Raises OSError (TimeoutError is one)."""
        for start in range(0, len(data), WRITE_BYTES):
            self._writer.write(data[start : start + WRITE_BYTES])
            async with asyncio.timeout(self._patience.idle):
                await self._writer.drain()

    def abort(self) -> None:
        """End the connection without another word; whoever reads or writes gets an OSError or the end."""
        self._writer.transport.abort()

    async def close(self) -> None:
        """End the connection, at the latest after a moment."""
        self._writer.close()
        try:
            async with asyncio.timeout(self._patience.farewell):
                await self._writer.wait_closed()
        except OSError:
            self.abort()


async def secure(connected: socket.socket, role: Role, own: Identity, pinned: bytes, patience: Patience) -> Link:
    """Run TLS over a connected socket whose knock is over; the socket belongs to the link, or is closed.

    Raises OtherCertificate when the peer cannot show the pinned certificate, NotReached for any other failure.
    """
    _give_up_unanswered(connected, patience)
    try:
        context = await asyncio.to_thread(tls.context, role, own, pinned)
    except OSError as error:  # the temporary folder cannot be written
        connected.close()
        raise NotReached(reason="the key could not be prepared") from error
    except BaseException:
        connected.close()
        raise
    reader = asyncio.StreamReader(limit=READ_BYTES)
    protocol = asyncio.StreamReaderProtocol(reader)
    try:
        transport = await _start(connected, role, context, protocol, patience)
    except ssl.SSLCertVerificationError as error:
        raise OtherCertificate(reason="its certificate is another one") from error
    except OSError as error:
        raise NotReached(reason="no secure connection came about") from error
    try:
        tls.check_pin(transport.get_extra_info("ssl_object"), pinned)
    except OtherCertificate:
        transport.abort()
        raise
    return Link(reader, asyncio.StreamWriter(transport, protocol, reader, asyncio.get_running_loop()), patience)


def _give_up_unanswered(connected: socket.socket, patience: Patience) -> None:
    """Let the system end the connection when what was sent stays unacknowledged (RFC 5482; Linux). Left to itself it
    tries on for a quarter of an hour, ever more rarely, and a link that was down is not noticed when it is back."""
    if hasattr(socket, "TCP_USER_TIMEOUT") and connected.family in (socket.AF_INET, socket.AF_INET6):
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(patience.unanswered * 1000))


async def _start(
    connected: socket.socket,
    role: Role,
    context: ssl.SSLContext,
    protocol: asyncio.StreamReaderProtocol,
    patience: Patience,
) -> asyncio.Transport:
    """The handshake; asyncio closes the socket when it fails. Raises OSError."""
    loop = asyncio.get_running_loop()
    if role is Role.SERVER:
        transport, _ = await loop.connect_accepted_socket(
            lambda: protocol,
            connected,
            ssl=context,
            ssl_handshake_timeout=patience.handshake,
            ssl_shutdown_timeout=patience.farewell,
        )
    else:
        transport, _ = await loop.create_connection(
            lambda: protocol,
            sock=connected,
            ssl=context,
            server_hostname="",
            ssl_handshake_timeout=patience.handshake,
            ssl_shutdown_timeout=patience.farewell,
        )
    return transport


async def dial(own: Identity, peer: Peer, pair: Pair, address: Address, slot: int, patience: Patience) -> Link:
    """Knock at `address` and secure the connection with `peer`, and with nobody else.

    Raises NotReached, also when the other side did not recognise the knock, and OtherCertificate.
    """
    try:
        connected = await _connect(address, pair, slot, patience)
    except OSError as error:
        raise NotReached(reason="no connection") from error
    return await secure(connected, Role.CLIENT, own, peer.certificate, patience)


async def _connect(address: Address, pair: Pair, slot: int, patience: Patience) -> socket.socket:
    """A connected socket on which the knock was sent. Raises OSError (TimeoutError is one)."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(patience.connect):
        found = await loop.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    trouble: OSError = ConnectionRefusedError()
    for family, kind, protocol, _, target in found[:MAX_RESOLVED]:
        connection = socket.socket(family, kind, protocol)
        try:
            connection.setblocking(False)
            async with asyncio.timeout(patience.connect):
                await loop.sock_connect(connection, target)
                await loop.sock_sendall(connection, knock.knock(pair, slot, crypto.random_bytes(knock.NONCE_BYTES)))
            return connection
        except OSError as error:  # TimeoutError is one
            connection.close()
            trouble = error
        except BaseException:
            connection.close()
            raise
    raise trouble
