"""Everything that passes a switch, as somebody who listens there has it."""

import ipaddress
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.namespaces import Lan

# In a process on the switch: what comes in at any of its ports, each frame with its length before it. What it sends out
# again (packet type 4) and its own device show the same frames once more.
_SNIFFER = """
import socket, sys
heard = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
with open(sys.argv[1], "wb", buffering=0) as file:
    print("ready", flush=True)
    while True:
        frame, (device, _, kind, *_) = heard.recvfrom(65536)
        if device != "sw" and kind != 4:
            file.write(len(frame).to_bytes(4, "big") + frame)
"""
_IPV4, _IPV6, _TCP, _UDP = 0x0800, 0x86DD, 6, 17


class Packet(NamedTuple):
    """What one frame says: the transport protocol ("tcp" or "udp"), from which host and port, to which port, and its
    payload."""

    protocol: str
    source: str
    source_port: int
    port: int
    payload: bytes


@contextmanager
def capture(lan: Lan, file: Path) -> Iterator[list[Packet]]:
    """The packets that passed the switch while the block ran; filled in at its end."""
    argv = ["ip", "netns", "exec", lan.switch, sys.executable, "-c", _SNIFFER, str(file)]
    process = subprocess.Popen(argv, stdout=subprocess.PIPE)
    assert process.stdout is not None
    heard: list[Packet] = []
    try:
        assert process.stdout.readline() == b"ready\n"
        yield heard
    finally:
        process.kill()
        process.communicate()
    heard += _packets(file.read_bytes())


def _packets(data: bytes) -> list[Packet]:
    found, at = [], 0
    while at + 4 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        packet = _parse(data[at + 4 : at + 4 + size])
        at += 4 + size
        if packet is not None:
            found.append(packet)
    return found


def _parse(frame: bytes) -> Packet | None:
    """The packet of an Ethernet frame (RFC 791, 8200, 9293, 768), or None for ARP and the like."""
    kind = int.from_bytes(frame[12:14], "big")
    if kind == _IPV4:
        start, protocol = 14 + (frame[14] & 15) * 4, frame[23]
        source, end = str(ipaddress.ip_address(frame[26:30])), 14 + int.from_bytes(frame[16:18], "big")
    elif kind == _IPV6:
        start, protocol = 54, frame[20]
        source, end = str(ipaddress.ip_address(frame[22:38])), 54 + int.from_bytes(frame[18:20], "big")
    else:
        return None
    if protocol not in (_TCP, _UDP):
        return None
    source_port, port = struct.unpack(">HH", frame[start : start + 4])
    skip = (frame[start + 12] >> 4) * 4 if protocol == _TCP else 8
    return Packet("tcp" if protocol == _TCP else "udp", source, source_port, port, frame[start + skip : end])
