"""Which of this machine's network interfaces a practice uses, and under which addresses.

Settings name interfaces by an address (192.168.1.20) or by the system's name for them (eth0), whose addresses may
change. No names mean all but the loopback. Nothing here is sent anywhere.
"""

import ipaddress
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

import ifaddr

from sync.post_office.transport import is_near


class Place(NamedTuple):
    """One interface where a practice announces itself: the system's name for it, empty for the loopback, and those of
    its addresses that are chosen and mean something on its network."""

    device: str
    addresses: tuple[str, ...]


def _plain(ip: ifaddr.IP) -> str:
    return ip.ip if isinstance(ip.ip, str) else ip.ip[0]


def _is_loopback(address: str) -> bool:
    return ipaddress.ip_address(address).is_loopback


def is_address(text: str) -> bool:
    """Whether `text` is an IP address, and not the name of an interface."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def is_here(host: str, here: Collection[str]) -> bool:
    """Whether `host` is among these addresses of this machine, or is its loopback."""
    return host in here or (is_address(host) and _is_loopback(host))


def _on_this_machine() -> list[tuple[str, list[str]]]:
    """Each interface that has addresses now: its name, its addresses."""
    return [(adapter.name, [_plain(ip) for ip in adapter.ips]) for adapter in ifaddr.get_adapters()]


def _loopback_named(interfaces: Iterable[str]) -> list[str]:
    # The whole of 127.0.0.0/8 is there, although the system lists one address of it.
    return [one for one in interfaces if is_address(one) and _is_loopback(one)]


def local_addresses(interfaces: Sequence[str]) -> tuple[str, ...]:
    """The addresses of the chosen interfaces that this machine has now; for no names, all of it but its loopback."""
    chosen = _loopback_named(interfaces)
    for device, addresses in _on_this_machine():
        for one in addresses:
            if one in interfaces or device in interfaces or not (interfaces or _is_loopback(one)):
                chosen.append(one)
    return tuple(sorted(set(chosen)))


def places(interfaces: Sequence[str]) -> tuple[Place, ...]:
    """Where to announce, interface by interface, so that none tells the addresses of another. An address that is of no
    local network is left out: nobody would take it from an announcement (`transport.is_near`)."""
    found = []
    if loopback := _loopback_named(interfaces):
        found.append(Place("", tuple(loopback)))
    wanted = {one for one in local_addresses(interfaces) if is_near(one) and not _is_loopback(one)}
    for device, addresses in _on_this_machine():
        if here := tuple(sorted(wanted.intersection(addresses))):
            found.append(Place(device, here))
    return tuple(found)


def to_listen_on(interfaces: Sequence[str]) -> tuple[str, ...]:
    """The addresses on which to listen: those that were named, and those that named interfaces have now. An IPv6
    address that is valid on one link only is left out: an announcement cannot say on which."""
    named = [one for one in interfaces if is_address(one)]
    devices = {one for one in interfaces if not is_address(one)}
    of_devices = [
        one
        for device, addresses in _on_this_machine()
        if device in devices
        for one in addresses
        if not (":" in one and ipaddress.ip_address(one).is_link_local)
    ]
    return tuple(dict.fromkeys([*named, *of_devices]))
