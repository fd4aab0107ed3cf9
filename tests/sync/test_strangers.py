"""What somebody on the same network learns: by listening, by asking, by knocking, by holding connections, by posing.

Each test prints its figures: `pytest -n0 -s --long tests/sync/test_strangers.py`.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from msgspec import structs
from zeroconf._dns import DNSAddress, DNSPointer, DNSRecord, DNSService, DNSText
from zeroconf._protocol.incoming import DNSIncoming

from localstore import postbox, settings
from localstore.settings import Network, Settings
from tests.namespaces import Lan, ip
from tests.sync.capturing import Packet, capture
from tests.sync.networks import Practices, running_on
from tests.sync.offices import Practice, make, pair, report, states, until

RUN = 5  # bytes in a row that two captures have in common: random ones have none (2**-40 for each pair of places)
SERVICE_WORDS = {b"_confrere", b"_tcp", b"local", b"", b"NSEC"}
IDLE_SOCKETS = 500
HONEST_SECONDS = 10.0
FEED = b"f" * 16
ENVELOPES = 10


def start_once(lan: Lan, practices: Practices, file: Path, count: int) -> list[Packet]:
    """One start of all daemons, some envelopes, and the end of them; everything that passed the switch."""
    with capture(lan, file) as heard:
        with practices.running():
            practices.send(0, 1, count)
            practices.send(1, 0, count)
            until(lambda: practices.have_converged() and practices.all_met())
            for one in practices.all:
                subprocess.run(["kill", "-TERM", str(report(one).pid)], check=True)
            until(lambda: all(report(one).port == 0 for one in practices.all))
    return heard


def said_by(heard: Iterable[Packet], host: str, protocol: str) -> list[bytes]:
    """The payloads that came from one machine."""
    return [one.payload for one in heard if one.source == host and one.protocol == protocol and one.payload]


def runs_of(payloads: Iterable[bytes]) -> set[bytes]:
    """All short pieces."""
    return {one[at : at + RUN] for one in payloads for at in range(len(one) - RUN + 1)}


def words_of(payloads: Iterable[bytes]) -> set[bytes]:
    """Everything that multicast DNS messages say but their form: labels, short pieces of texts, ports. The address is
    left out: it is the machine's."""
    words = set[bytes]()
    for payload in payloads:
        message = DNSIncoming(payload)
        for question in message.questions:
            words.update(question.name.encode().split(b"."))
        for record in message.answers():
            words.update(record.name.encode().split(b"."))
            words |= _content(record)
    return words


def _content(record: DNSRecord) -> set[bytes]:
    match record:
        case DNSText():
            return runs_of([record.text])
        case DNSService():
            return {*record.server.encode().split(b"."), b"port %d" % record.port}
        case DNSPointer():
            return set(record.alias.encode().split(b"."))
        case DNSAddress():
            return set()
        case _:
            return {b"NSEC"}  # of its owner's name, which was counted, and of which records there are


def test_two_starts_have_no_bytes_in_common_that_tell_which_practice_it_is(tmp_path: Path, lan: Lan) -> None:
    """Of what multicast says, every word; of what connections say, what two starts of one practice have in common and a
    start of another practice on the same machine has not: TLS has a form too."""
    practices = Practices(tmp_path, lan, ("alice", "bernard"))
    first, second = (start_once(lan, practices, tmp_path / f"{place}.bytes", ENVELOPES) for place in (1, 2))
    strangers = Practices(tmp_path, lan, ("zephyrin", "yolande"))
    other = start_once(lan, strangers, tmp_path / "3.bytes", ENVELOPES)
    home, starts = lan.address(0), (first, second, other)
    one, again, another = (words_of(said_by(heard, home, "udp")) for heard in starts)
    telling = (one & again) - SERVICE_WORDS
    here, there, elsewhere = (runs_of(said_by(heard, home, "tcp")) for heard in starts)
    telling |= (here & there) - elsewhere
    sizes = [sum(len(packet.payload) for packet in heard if packet.source == home) for heard in (first, second)]
    print(f"\ncapture of two starts: {sizes[0]} and {sizes[1]} bytes said, constant and telling: {len(telling)}")
    assert telling == set()
    assert len(one) > 200 and len(again) > 200 and len(another) > 200 and len(here) > 10_000
    everything = b"".join(packet.payload for packet in [*first, *second, *other]).lower()
    assert socket.gethostname().lower().encode() not in {word.lower() for word in one | again | another}
    names = ["alice", "bernard", "zephyrin", "yolande", *lan.machines]
    assert [name for name in names if name.lower().encode() in everything] == []
    assert _ports(first) & _ports(second) == set()


def _ports(heard: list[Packet]) -> set[int]:
    """Where connections were taken: neither the port nor the one called from tells anything after a restart."""
    return {packet.port for packet in heard if packet.protocol == "tcp" and packet.payload}


def test_without_discovery_nothing_is_announced_and_nothing_is_asked(tmp_path: Path, lan: Lan) -> None:
    quiet = Network(discovery=False)
    practices = Practices(tmp_path, lan, ("alice", "bernard"), quiet)
    alice, bernard = practices.all
    with capture(lan, tmp_path / "bytes") as heard, practices.running():
        known = postbox.peers(alice.desk)[0]
        postbox.put_peer(alice.desk, structs.replace(known, addresses=(f"{lan.address(1)}:{report(bernard).port}",)))
        practices.send(0, 1, 1)
        until(practices.have_converged)
    assert [packet for packet in heard if packet.protocol == "udp"] == []


_SCAN = """
import socket, sys
for port in [*range(1, 2048), *range(int(sys.argv[2]), int(sys.argv[3]))]:
    with socket.socket() as one:
        one.settimeout(2)
        if one.connect_ex((sys.argv[1], port)) == 0:
            print(port)
"""
_PROBE = """
import concurrent.futures, socket, ssl, sys
host, port = sys.argv[1], int(sys.argv[2])
hello, out = ssl.MemoryBIO(), ssl.MemoryBIO()
context = ssl.create_default_context()
client = context.wrap_bio(hello, out, server_hostname="confrere")
try:
    client.do_handshake()
except ssl.SSLWantReadError:
    pass
said = [b"", out.read(), b"GET / HTTP/1.1\\r\\n\\r\\n", b"SSH-2.0-x\\r\\n", bytes(48), bytes(range(48)) + bytes(5000)]
def answers(words):
    got = 0
    with socket.create_connection((host, port), timeout=20) as one:
        one.sendall(words)
        try:
            while piece := one.recv(4096):
                got += len(piece)
        except ConnectionResetError:
            pass
    return got
with concurrent.futures.ThreadPoolExecutor(len(said)) as pool:
    got = sum(pool.map(answers, said))
print(len(said), got)
"""


def test_a_port_scan_and_probes_get_no_byte(tmp_path: Path, lan: Lan, at_full_length: bool) -> None:
    """The whole machine at full length; otherwise the ports of services, and the neighbours of the right one."""
    practices = Practices(tmp_path, lan, ("alice", "bernard"))
    with practices.running():
        until(practices.all_met)
        began, port = time.monotonic(), report(practices.all[0]).port
        first, last = (2048, 65536) if at_full_length else (max(2048, port - 2000), min(65536, port + 2000))
        argv = lan.run(2, sys.executable, "-c", _SCAN, lan.address(0), str(first), str(last))
        found = [int(line) for line in subprocess.run(argv, check=True, capture_output=True).stdout.split()]
        took = time.monotonic() - began
        assert found == [port]
        argv = lan.run(2, sys.executable, "-c", _PROBE, lan.address(0), str(found[0]))
        probes, got = subprocess.run(argv, check=True, capture_output=True).stdout.split()
        print(f"\nport scan: {last - first + 2047} ports in {took:.1f} s, open: 1")
        print(f"{int(probes)} probes (TLS too): {int(got)} bytes back")
        assert int(got) == 0
        assert practices.all_met()


_HOLD = """
import socket, sys, time
host, port, count, flood = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4] == "flood"
held = [socket.create_connection((host, port)) for _ in range(count)]
print("held", flush=True)
while True:
    # One byte a second on each, of what could become a knock; a flood opens another in the place of each as well.
    for place, one in enumerate(held):
        try:
            one.send(b"x")
        except OSError:
            held[place] = socket.create_connection((host, port))
        if flood:
            one.close()
            held[place] = socket.create_connection((host, port))
        time.sleep(1 / count)
"""


@contextmanager
def holding(lan: Lan, place: int, host: str, port: int, manner: str) -> Iterator[None]:
    """A stranger who holds many connections."""
    argv = lan.run(place, sys.executable, "-c", _HOLD, host, str(port), str(IDLE_SOCKETS), manner)
    process = subprocess.Popen(argv, stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == b"held\n"
        yield
        assert process.poll() is None
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("manner", ["idle", pytest.param("flood", marks=pytest.mark.long)])
def test_500_sockets_of_a_stranger_do_not_delay_a_colleague(tmp_path: Path, lan: Lan, manner: str) -> None:
    quiet = Network(discovery=False)  # so that Alice cannot call: the colleague has to get through himself
    alice, bernard = make(tmp_path / "alice", quiet), make(tmp_path / "bernard", quiet)
    with running_on(lan.run(0), alice):
        pair(alice, bernard)
        until(lambda: report(alice).port)
        there = f"{lan.address(0)}:{report(alice).port}"
        known = postbox.peers(bernard.desk)[0]
        postbox.put_peer(bernard.desk, structs.replace(known, addresses=(there,)))
        for number in range(1, ENVELOPES + 1):
            postbox.queue(bernard.desk, "alice", FEED, number, bytes([number]) * 1200)
        with holding(lan, 2, lan.address(0), report(alice).port, manner):
            began = time.monotonic()  # the start of his daemon is counted too
            with running_on(lan.run(1), bernard):
                until(lambda: states(bernard) == ["stored"] * ENVELOPES)
                took = time.monotonic() - began
    print(f"\n{IDLE_SOCKETS} sockets of a stranger ({manner}): {ENVELOPES} envelopes of a colleague in {took:.2f} s")
    assert took < HONEST_SECONDS


_ASK = """
import socket, struct, sys
question = struct.pack(">6H", 7, 0, 1, 0, 0, 0) + b"\\x09_confrere\\x04_tcp\\x05local\\x00" + struct.pack(">2H", 12, 1)
for host in sys.argv[1:]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.settimeout(1)
        one.sendto(question, (host, 5353))
        try:
            print(len(one.recv(4096)))
        except OSError:
            print(0)
"""


def test_on_another_interface_nothing_is_heard_and_nothing_is_open(tmp_path: Path, lan: Lan) -> None:
    """Alice's machine has a second network, which she did not choose: from there it neither answers nor listens."""
    ip("link", "add", "second", "netns", lan.machines[0], "type", "veth", "peer", "second", "netns", lan.machines[2])
    for place, host in ((0, "10.213.78.1/24"), (2, "10.213.78.3/24")):
        ip("-n", lan.machines[place], "addr", "add", host, "dev", "second")
        ip("-n", lan.machines[place], "link", "set", "second", "up")
    practices = Practices(tmp_path, lan, ("alice", "bernard"))
    alice = practices.all[0]
    settings.write(alice.folder, Settings(network=Network(interfaces=(lan.address(0),))))
    with practices.running():
        until(practices.all_met)
        argv = lan.run(2, sys.executable, "-c", _ASK, lan.address(0), "10.213.78.1")
        chosen, other = subprocess.run(argv, check=True, capture_output=True).stdout.split()
        with pytest.raises(subprocess.CalledProcessError):
            words = f"import socket; socket.create_connection(('10.213.78.1', {report(alice).port}), timeout=5)"
            subprocess.run(lan.run(2, sys.executable, "-c", words), check=True, capture_output=True)
    print(f"\nasked who is there: {int(chosen)} bytes on the chosen interface, {int(other)} on the other one")
    assert int(chosen) > 0
    assert int(other) == 0


_POSE = """
import queue, socket, sys, time
from zeroconf import ServiceBrowser, ServiceInfo, ServiceStateChange, Zeroconf
own, told, kind = sys.argv[1], sys.argv[2], "_confrere._tcp.local."
door = socket.create_server((own, 0))
port = door.getsockname()[1]
network, names = Zeroconf(interfaces=[own]), queue.Queue()
def changed(zeroconf, service_type, name, state_change):
    if state_change is not ServiceStateChange.Removed:
        names.put(name)
browser = ServiceBrowser(network, kind, handlers=[changed])
info = None
while info is None or told not in info.parsed_addresses():
    info = network.get_service_info(kind, names.get(timeout=30), 3000)
text, packed = info.text, [socket.inet_aton(own)]
for place in range(4):
    name, host = f"posing{place}.{kind}", f"posing{place}.local."
    network.register_service(ServiceInfo(kind, name, port=port, addresses=packed, server=host, properties=text))
print("posing", flush=True)
door.settimeout(30)
guest, _ = door.accept()
guest.settimeout(10)
said = b""
try:
    while piece := guest.recv(4096):
        said += piece
except OSError:
    pass
print(said.hex(), flush=True)
"""


@pytest.mark.long
def test_who_repeats_a_colleagues_announcement_is_knocked_at_and_learns_nothing(tmp_path: Path, lan: Lan) -> None:
    practices = Practices(tmp_path, lan, ("alice", "bernard"))
    alice, bernard = practices.all
    with ExitStack() as stack:
        stack.enter_context(running_on(lan.run(1), bernard))
        argv = lan.run(2, sys.executable, "-c", _POSE, lan.address(2), lan.address(1))
        poser = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
        stack.callback(poser.communicate)
        stack.callback(poser.kill)
        assert poser.stdout is not None
        assert poser.stdout.readline() == "posing\n"
        lan.drop(0, f"ip saddr {lan.address(1)} meta l4proto tcp")  # so that the poser is the one whom she reaches
        stack.enter_context(running_on(lan.run(0), alice))
        said = bytes.fromhex(poser.stdout.readline())
        lan.heal()
        began = time.monotonic()
        practices.send_everywhere(ENVELOPES)
        until(practices.have_converged)
        took = time.monotonic() - began
    print(f"\nposing as a colleague: {len(said)} bytes heard; all arrived {took:.1f} s after he could be reached")
    assert len(said) > 48  # a knock, and the first words of TLS: random bytes, and no certificate
    assert practices.check() == 2 * ENVELOPES
    assert runs_of([said]).isdisjoint(runs_of([alice.certificate, bernard.certificate, alice.certificate[70:102]]))


@pytest.mark.long
def test_an_idle_daemon_costs_next_to_nothing(tmp_path: Path, lan: Lan, at_full_length: bool) -> None:
    practices = Practices(tmp_path, lan, ("alice", "bernard", "carole"))
    seconds = 60.0 if at_full_length else 6.0
    with practices.running():
        practices.send_everywhere(ENVELOPES)
        until(lambda: practices.have_converged() and practices.all_met())
        pid, began, before = report(practices.all[0]).pid, time.monotonic(), _processor_seconds(practices.all[0])
        until(lambda: time.monotonic() - began >= seconds, seconds + 30)
        used = _processor_seconds(practices.all[0]) - before
        share = 100 * used / (time.monotonic() - began)
        sizes = dict(line.split(":") for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:])
        own = sum(int(sizes[name].split()[0]) for name in ("Private_Dirty", "Private_Clean")) / 1024
        resident = int(sizes["Rss"].split()[0]) / 1024
    print(f"\nidle daemon, 2 colleagues: {share:.2f} % of one core, {resident:.0f} MiB resident, {own:.0f} MiB its own")
    assert share < 3
    assert resident < 120


def _processor_seconds(practice: Practice) -> float:
    """What a daemon has used of the processor, by itself and in the kernel (proc(5))."""
    fields = Path(f"/proc/{report(practice).pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
