"""Who is talked with in a meeting, how many at once, and who gives way to whom. Pure.

Whoever is on the network may hold many addresses, and each conversation keeps its place until the doctors have
answered. So a newcomer is not turned away because of strangers: of those who called, one from where most came gives
way, and the one whom the doctor looks at never does. Whom we called ourselves has places of his own.
"""

import ipaddress
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from sync.protocol import Role

MAX_TALKING = 16  # conversations with those who called, and as many with those who were called
MAX_OF_ONE_HOST = 4  # of them, each


@dataclass(eq=False, slots=True)
class Present:
    """Somebody with whom a connection is being held, or made safe: the certificate that he showed, from which host, and
    as whom we meet him. `number` is that of his conversation; 0 before there is one."""

    certificate: bytes
    host: str
    role: Role
    number: int = 0

    @property
    def network(self) -> str:
        """What stands for one machine: of IPv6 half an address, the rest of which it may choose as it likes."""
        plain = self.host.partition("%")[0]
        try:
            address = ipaddress.ip_address(plain)
        except ValueError:
            return self.host
        if address.version == 4:
            return plain
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((int(address) >> 64 << 64, 64)))


def leaving(present: Collection[Present], new: Present, looked_at: int) -> list[Present] | None:
    """Who leaves for a newcomer: nobody, or one; None where it is the newcomer. `looked_at` is the number of the
    conversation that the doctor looks at; it stays. Otherwise the oldest of the network that has the most places gives
    way, and in it of the host that has the most."""
    if sum((one.role, one.host) == (new.role, new.host) for one in present) >= MAX_OF_ONE_HOST:
        return None
    if sum(one.role is new.role for one in present) < MAX_TALKING:
        return []
    if new.role is Role.CLIENT:
        return None
    called = [one for one in present if one.role is Role.SERVER]
    networks, hosts = Counter(one.network for one in called), Counter(one.host for one in called)
    free = [one for one in called if not looked_at or one.number != looked_at]
    # Of equals the first is taken, and those who are present are in the order in which they came.
    return [max(free, key=lambda one: (networks[one.network], hosts[one.host]))] if free else None
