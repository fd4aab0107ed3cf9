"""Two machines, as far as the kernel can tell: network namespaces with a cable between them."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack

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
