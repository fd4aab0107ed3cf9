"""Machines, as far as the kernel can tell: network namespaces with a cable or a switch between them, and its faults."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import pytest

SUBNET = "10.213.77"


def ip(*words: str) -> None:
    """Run `ip`, or fail."""
    subprocess.run(["ip", *words], check=True, capture_output=True)


def _why_not() -> str:
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return "network namespaces need root"
    if shutil.which("ip") is None:
        return "there is no ip command"
    name = f"confrere-try-{os.getpid()}"
    tried = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True)
    if tried.returncode != 0:
        return f"no network namespace can be made here: {tried.stderr.strip()}"
    ip("netns", "delete", name)
    return ""


@pytest.fixture(scope="module")
def machines() -> Iterator[tuple[str, str]]:
    """The names of two namespaces, joined by a veth pair."""
    if reason := _why_not():
        pytest.skip(reason)
    names = (f"confrere-a-{os.getpid()}", f"confrere-b-{os.getpid()}")
    cable = (f"cfa{os.getpid()}"[:15], f"cfb{os.getpid()}"[:15])
    with ExitStack() as stack:
        for name in names:
            ip("netns", "add", name)
            stack.callback(ip, "netns", "delete", name)
        ip("link", "add", cable[0], "netns", names[0], "type", "veth", "peer", "name", cable[1], "netns", names[1])
        for place, (name, end) in enumerate(zip(names, cable, strict=True), start=1):
            ip("-n", name, "addr", "add", f"{SUBNET}.{place}/24", "dev", end)
            ip("-n", name, "link", "set", "lo", "up")
            ip("-n", name, "link", "set", end, "up")
        yield names


@dataclass(frozen=True)
class Lan:
    """Some machines on one switch. A machine has the address `address(place)`, counted from 0."""

    switch: str
    machines: tuple[str, ...]
    ends: tuple[str, ...]

    def address(self, place: int) -> str:
        """The IPv4 address of a machine."""
        return f"{SUBNET}.{place + 1}"

    def run(self, place: int, *words: str) -> list[str]:
        """The words of a command that runs on this machine."""
        return ["ip", "netns", "exec", self.machines[place], *words]

    def unplug(self, place: int) -> None:
        """Take the link of a machine down."""
        ip("-n", self.machines[place], "link", "set", self.ends[place], "down")

    def plug(self, place: int) -> None:
        """Bring it up again."""
        ip("-n", self.machines[place], "link", "set", self.ends[place], "up")

    def drop(self, place: int, what: str) -> None:
        """Let a machine drop what comes in and matches, in the language of nft."""
        rule = f"add rule inet faults incoming {what} drop"
        chain = "add chain inet faults incoming { type filter hook input priority 0; }"
        for words in ("add table inet faults", chain, rule):
            subprocess.run(self.run(place, "nft", words), check=True, capture_output=True)

    def heal(self) -> None:
        """Drop nothing any more, and plug in what was unplugged."""
        for place in range(len(self.machines)):
            subprocess.run(self.run(place, "nft", "flush ruleset"), check=True, capture_output=True)
            self.plug(place)


@contextmanager
def _lan(count: int) -> Iterator[Lan]:
    switch = f"confrere-s-{os.getpid()}"
    names = tuple(f"confrere-{place}-{os.getpid()}" for place in range(count))
    ends = tuple(f"cfe{place}{os.getpid()}"[:15] for place in range(count))
    with ExitStack() as stack:
        for name in (switch, *names):
            ip("netns", "add", name)
            stack.callback(ip, "netns", "delete", name)
            ip("-n", name, "link", "set", "lo", "up")
        ip("-n", switch, "link", "add", "sw", "type", "bridge", "mcast_snooping", "0")
        ip("-n", switch, "link", "set", "sw", "up")
        for place, (name, end) in enumerate(zip(names, ends, strict=True)):
            ip("link", "add", end, "netns", name, "type", "veth", "peer", "name", f"port{place}", "netns", switch)
            ip("-n", switch, "link", "set", f"port{place}", "master", "sw", "up")
            ip("-n", name, "addr", "add", f"{SUBNET}.{place + 1}/24", "dev", end)
            ip("-n", name, "link", "set", end, "up")
        yield Lan(switch, names, ends)


@pytest.fixture
def lan() -> Iterator[Lan]:
    """Three machines on one switch."""
    if reason := _why_not() or ("" if shutil.which("nft") else "there is no nft command"):
        pytest.skip(reason)
    with _lan(3) as made:
        yield made
