"""Addresses, links and TLS contexts."""

import asyncio
import socket
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.errors import BadAddress, OtherCertificate
from sync.post_office import tls, transport
from sync.post_office.patience import Patience, before_again
from sync.post_office.transport import Address, Link, is_near, parse_address
from sync.protocol import Role
from tests.sync.doors import ALICE, BERNARD, MALLORY


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("192.168.1.20:7400", Address("192.168.1.20", 7400)),
        ("cabinet.example:1", Address("cabinet.example", 1)),
        ("[fd00::2]:65535", Address("fd00::2", 65535)),
    ],
)
def test_addresses_are_read(text: str, address: Address) -> None:
    assert parse_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":",
        "host",
        "host:",
        ":1",
        "host:0",
        "host:65536",
        "host:-1",
        "host:+1",
        "host:1e3",
        "fd00::2:1",
        "h:²",
        "h:1 ",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(BadAddress):
        parse_address(text)


@given(st.text(max_size=40))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    try:
        host, port = parse_address(text)
    except BadAddress:
        return
    assert host
    assert 1 <= port <= 65535


@pytest.mark.parametrize(
    ("host", "near"),
    [
        ("192.168.1.1", True),
        ("10.0.0.1", True),
        ("127.0.0.1", True),
        ("169.254.3.4", True),
        ("fe80::1%eth0", True),
        ("fd00::1", True),
        ("8.8.8.8", False),
        ("2606:4700::1111", False),
        ("0.0.0.0", False),  # noqa: S104 - looked at, not listened on
        ("224.0.0.251", False),
        ("cabinet.example", False),
        ("", False),
    ],
)
def test_only_local_addresses_are_taken_from_announcements(host: str, near: bool) -> None:
    assert is_near(host) is near


@given(st.integers(0, 1000), st.floats(0, 1))
def test_attempts_become_rarer_up_to_a_bound_and_are_spread(failures: int, chance: float) -> None:
    patience = Patience(again_first=0.5, again_bound=60)
    wait = before_again(patience, failures, chance)
    assert 0.25 <= wait <= 90
    assert before_again(patience, failures + 1, chance) >= wait
    assert before_again(patience, 20, 0.5) == 60


async def link_and_end(patience: Patience) -> tuple[Link, socket.socket]:
    """A link, and the bare other end."""
    one, other = socket.socketpair()
    reader, writer = await asyncio.open_connection(sock=one)
    return Link(reader, writer, patience), other


async def test_silence_has_an_end() -> None:
    link, other = await link_and_end(Patience(idle=0.05))
    with other:
        with pytest.raises(TimeoutError):
            await link.receive()
        await link.close()


async def test_a_peer_that_does_not_read_is_given_up() -> None:
    link, other = await link_and_end(Patience(idle=0.1, farewell=0.1))
    with other:
        with pytest.raises(TimeoutError):
            await link.transmit(bytes(8_000_000))
        link.abort()
        await link.close()


async def test_a_slow_peer_is_not_given_up() -> None:
    """Each piece has the whole deadline: a large envelope may take longer than that."""
    link, other = await link_and_end(Patience(idle=0.5))
    other.setblocking(False)
    loop = asyncio.get_running_loop()
    sending = asyncio.create_task(link.transmit(bytes(1_000_000)))
    received = 0
    with other:
        while received < 1_000_000:
            await asyncio.sleep(0.02)
            received += len(await loop.sock_recv(other, 16_384))
        await sending
        await link.close()


async def test_reading_is_bounded() -> None:
    link, other = await link_and_end(Patience())
    other.setblocking(False)
    with other:
        sending = asyncio.create_task(asyncio.get_running_loop().sock_sendall(other, bytes(5_000_000)))
        total = 0
        while total < 5_000_000:
            data = await link.receive()
            assert 0 < len(data) <= transport.READ_BYTES
            total += len(data)
        await sending
        await link.close()


@pytest.mark.parametrize("role", Role)
def test_making_a_context_leaves_no_file(role: Role, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    tls.context(role, ALICE, BERNARD.certificate)
    assert list(tmp_path.iterdir()) == []


def test_the_pin_is_the_whole_certificate() -> None:
    with pytest.raises(OtherCertificate):
        tls.check_pin(None, BERNARD.certificate)


@pytest.mark.parametrize("role", Role)
async def test_both_sides_check_the_certificate(role: Role) -> None:
    """Whoever is shown another certificate than the pinned one ends the handshake."""
    one, other = socket.socketpair()
    for end in (one, other):
        end.setblocking(False)
    patience = Patience(handshake=2, farewell=0.5)
    deceived = transport.secure(one, role, BERNARD, ALICE.certificate, patience)
    deceiver = transport.secure(other, role.other, MALLORY, BERNARD.certificate, patience)
    results = await asyncio.gather(deceived, deceiver, return_exceptions=True)
    assert isinstance(results[0], OtherCertificate)
    if isinstance(results[1], Link):  # the client of TLS 1.3 hears of it after its own handshake
        await results[1].close()
