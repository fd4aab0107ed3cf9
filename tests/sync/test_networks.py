"""Daemons on machines of their own, over a network that loses, breaks, and works in one direction only.

Each test prints how long after the healing everything had arrived: `pytest -n0 -s --long tests/sync/test_networks.py`.
"""

import time
from pathlib import Path

import pytest

from localstore.settings import Network
from tests.namespaces import Lan, ip
from tests.sync.networks import Practices, choose, for_at_most
from tests.sync.offices import report, until

WITHIN = 30.0  # seconds, from the healing of the network to the arrival of the last envelope
ONE_IN_THREE = "numgen random mod 100 < 30"  # 30 % of what comes in, at random, announcements too
FAULTY_SECONDS = 8.0  # as long as the network loses packets, unless all arrives before


def heal_and_measure(practices: Practices, what: str) -> None:
    """Heal the network, and print when all had arrived."""
    before = sum(report(one).received for one in practices.all)
    practices.lan.heal()
    began = time.monotonic()
    until(practices.have_converged, WITHIN)
    took = time.monotonic() - began
    print(
        f"\n{what}: {practices.check()} envelopes, {before} of them before the healing, converged {took:.1f} s after it"
    )


def test_two_converge_through_a_loss_of_30_per_cent(tmp_path: Path, lan: Lan, at_full_length: bool) -> None:
    _through_loss(Practices(tmp_path, lan, ("alice", "bernard")), at_full_length, "two daemons, 30 % loss")


@pytest.mark.long
def test_three_converge_through_a_loss_of_30_per_cent(tmp_path: Path, lan: Lan, at_full_length: bool) -> None:
    _through_loss(Practices(tmp_path, lan, ("alice", "bernard", "carole")), at_full_length, "three daemons, 30 % loss")


def _through_loss(practices: Practices, at_full_length: bool, what: str) -> None:
    for place in range(3):
        practices.lan.drop(place, ONE_IN_THREE)
    with practices.running():
        practices.send_everywhere(200 if at_full_length else 20)
        for_at_most(60 if at_full_length else FAULTY_SECONDS, practices.have_converged)
        practices.send_everywhere(5)  # some are on their way when the network heals
        heal_and_measure(practices, what)


@pytest.mark.long
def test_a_link_that_was_down_until_it_was_noticed(tmp_path: Path, lan: Lan) -> None:
    practices = Practices(tmp_path, lan, ("alice", "bernard", "carole"))
    alice = practices.all[0]
    with practices.running():
        until(practices.all_met)
        for _ in range(3):
            lan.unplug(0)
            practices.send_everywhere(10)
            until(lambda: report(alice).connected == 0)
            for_at_most(45, practices.have_converged)  # until the pauses between two calls are as long as they get
            heal_and_measure(practices, "three daemons, a link down and up")


@pytest.mark.long
def test_a_network_that_works_in_one_direction_for_a_while(tmp_path: Path, lan: Lan) -> None:
    practices = Practices(tmp_path, lan, ("alice", "bernard"))
    with practices.running():
        until(practices.all_met)
        lan.drop(0, f"ip saddr {lan.address(1)}")
        practices.send_everywhere(10)
        until(lambda: any(report(one).connected == 0 for one in practices.all))
        heal_and_measure(practices, "two daemons, one-way")


def test_one_side_that_nobody_can_call_calls(tmp_path: Path, lan: Lan) -> None:
    """A firewall that lets connections out and none in is no fault: both sides call."""
    practices = Practices(tmp_path, lan, ("alice", "bernard"))
    lan.drop(0, "tcp flags & (syn | ack) == syn")
    with practices.running():
        practices.send_everywhere(10)
        until(practices.have_converged)
    print(f"\nbehind a firewall: {practices.check()} envelopes")


@pytest.mark.long
def test_a_colleague_who_came_back_while_the_network_was_cut_is_found(tmp_path: Path, lan: Lan) -> None:
    """His announcement went into the void, and he has another port and other names: he is asked for."""
    practices = Practices(tmp_path, lan, ("alice", "bernard"))
    alice, bernard = practices.all
    with practices.running():
        until(practices.all_met)
        first = report(bernard).port
        lan.unplug(0)
        choose(bernard, Network(discovery=False))
        until(lambda: report(bernard).port not in (0, first))
        second = report(bernard).port
        choose(bernard, Network())
        until(lambda: report(bernard).port not in (0, second))
        practices.send_everywhere(5)
        until(lambda: report(alice).connected == 0)
        heal_and_measure(practices, "restarted while cut off")


@pytest.mark.long
def test_a_machine_that_gets_another_address_is_found_again(tmp_path: Path, lan: Lan) -> None:
    practices = Practices(tmp_path, lan, ("alice", "bernard"))
    choose(practices.all[0], Network(interfaces=(lan.ends[0],)))
    with practices.running():
        until(practices.all_met)
        ip("-n", lan.machines[0], "addr", "del", f"{lan.address(0)}/24", "dev", lan.ends[0])
        ip("-n", lan.machines[0], "addr", "add", f"{lan.address(0).rpartition('.')[0]}.99/24", "dev", lan.ends[0])
        practices.send_everywhere(5)
        heal_and_measure(practices, "another address")
