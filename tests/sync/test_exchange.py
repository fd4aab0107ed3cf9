"""Sessions over real postboxes: delivery, resumption, refusals, and a peer that breaks the rules."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from localstore import arrivals, departures, postbox
from localstore.arrivals import IncomingLimits
from localstore.feeds import NO_HEAD, next_head
from localstore.postbox import IncidentKind
from sync.post_office.patience import Patience
from sync.protocol import (
    Envelope,
    Farewell,
    Goodbye,
    Hello,
    LocalProtocolError,
    Ping,
    Pong,
    ProtocolError,
    Reason,
    Receipt,
    Refusal,
    RemoteProtocolError,
    Role,
    UnknownVersion,
    sign_receipt,
)
from tests.sync.doors import ALICE, BERNARD, MALLORY
from tests.sync.exchanges import Puppet, Side, conversation, links, puppet, side, until

FEED, OTHER_FEED = b"f" * 16, b"g" * 16
HELLO = Hello()


@pytest.fixture
async def alice(tmp_path: Path) -> AsyncIterator[Side]:
    """A practice."""
    async with side(tmp_path, "alice", ALICE) as made:
        yield made


@pytest.fixture
async def bernard(tmp_path: Path) -> AsyncIterator[Side]:
    """Its colleague."""
    async with side(tmp_path, "bernard", BERNARD) as made:
        yield made


def fill(one: Side, peer: str, count: int, feed: bytes = FEED, size: int = 0) -> list[bytes]:
    """Queue so many envelopes more for a peer; all of the feed."""
    first = len([there for there in postbox.progress(one.desk) if there.feed == feed])
    envelopes = [b"%d to %s" % (number, peer.encode()) + bytes(size) for number in range(1, first + count + 1)]
    for sequence, envelope in enumerate(envelopes[first:], start=first + 1):
        postbox.queue(one.desk, peer, feed, sequence, envelope)
    return envelopes


def head_of(*envelopes: bytes) -> bytes:
    """The head of a feed with these envelopes."""
    head = NO_HEAD
    for envelope in envelopes:
        head = next_head(head, envelope)
    return head


async def test_both_ways_at_once(alice: Side, bernard: Side) -> None:
    to_bernard, to_alice = fill(alice, "bernard", 50), fill(bernard, "alice", 50, OTHER_FEED)
    async with conversation(alice, bernard):
        await until(lambda: alice.states() == bernard.states() == ["stored"] * 50)
    assert (bernard.received(), alice.received()) == (to_bernard, to_alice)
    assert alice.counts == bernard.counts == {"sent": 50, "received": 50}
    assert postbox.receipts(alice.desk)[0].head == head_of(*to_bernard)


async def test_large_envelopes_both_ways_do_not_block_each_other(alice: Side, bernard: Side) -> None:
    fill(alice, "bernard", 6, size=2_000_000)
    fill(bernard, "alice", 6, OTHER_FEED, size=2_000_000)
    async with conversation(alice, bernard):
        await until(lambda: alice.states() == bernard.states() == ["stored"] * 6)


async def test_what_is_queued_while_a_session_is_open_goes_out_when_told(alice: Side, bernard: Side) -> None:
    async with conversation(alice, bernard) as (ours, _):
        await until(lambda: alice.live and bernard.live)
        fill(alice, "bernard", 1)
        ours.look_again()
        await until(lambda: alice.states() == ["stored"])


async def test_a_session_that_was_cut_is_continued_and_only_the_rest_is_sent(alice: Side, bernard: Side) -> None:
    everything = fill(alice, "bernard", 40, size=100_000)
    async with conversation(alice, bernard):
        await until(lambda: len(bernard.received()) >= 5)
    await bernard.around.worker.do(arrivals.changes)  # a commit that had begun is finished
    before = len(bernard.received())
    already_sent = alice.counts["sent"]
    async with conversation(bernard, alice):
        await until(lambda: alice.states() == ["stored"] * 40)
    assert bernard.received() == everything
    assert alice.counts["sent"] - already_sent == 40 - before


async def test_a_receipt_that_was_lost_comes_with_the_next_hello(alice: Side, bernard: Side) -> None:
    envelopes = fill(alice, "bernard", 2)
    async with puppet(bernard, alice) as (hand, _):
        assert await hand.hear() == HELLO
        await hand.say(HELLO, *(Envelope(FEED, n, one) for n, one in enumerate(envelopes, start=1)))
        assert isinstance(await hand.hear(), Receipt)
    assert departures.offer(alice.desk, "bernard", {})
    assert alice.states() == ["sent", "sent"]
    async with conversation(bernard, alice):
        await until(lambda: alice.states() == ["stored", "stored"])
    assert alice.counts["sent"] == 0


async def test_the_second_of_two_sessions_is_given_up_before_anything_is_said(alice: Side, bernard: Side) -> None:
    one, other = await links()
    server, client = (
        bernard.exchange(one, Role.SERVER, alice),
        alice.exchange(other, Role.CLIENT, bernard, wanted=False),
    )
    await asyncio.gather(server.run(), client.run())
    assert (alice.live, bernard.live) == ([], [])


async def test_leaving_says_goodbye(alice: Side, bernard: Side) -> None:
    one, other = await links()
    server, client = bernard.exchange(one, Role.SERVER, alice), alice.exchange(other, Role.CLIENT, bernard)
    both = asyncio.gather(server.run(), client.run())
    await until(lambda: alice.live and bernard.live)
    client.leave(Farewell.STOPPING)
    await asyncio.wait_for(both, 5)


async def test_leaving_ends_a_batch_in_the_middle(alice: Side, bernard: Side) -> None:
    """A colleague who is removed gets nothing more, even of what was about to be sent."""
    fill(bernard, "alice", 100, size=10_000)
    async with puppet(bernard, alice) as (hand, task):
        await greet(hand)
        await until(lambda: bernard.states() == ["sent"] * 100)
        bernard.live[0].leave(Farewell.STOPPING)
        said = await hand.ended()
        await task
    assert said[-1] == Goodbye(Farewell.STOPPING)
    assert all(isinstance(one, Envelope) for one in said[:-1])
    assert len(said) < 100


async def test_silence_is_asked_about_and_at_last_ended(tmp_path: Path, alice: Side) -> None:
    patience = Patience(keepalive=0.05, idle=0.4, farewell=0.1)
    async with side(tmp_path, "bernard", BERNARD, patience=patience) as bernard, puppet(bernard, alice) as (hand, task):
        await hand.hear()
        await hand.say(HELLO)
        assert isinstance(await hand.hear(), Ping)
        with pytest.raises(TimeoutError):
            await task


async def test_a_client_that_never_speaks_is_ended(tmp_path: Path, alice: Side) -> None:
    patience = Patience(greeting=0.1, farewell=0.1)
    async with side(tmp_path, "bernard", BERNARD, patience=patience) as bernard, puppet(bernard, alice) as (hand, task):
        assert await hand.hear() == HELLO
        with pytest.raises(TimeoutError):
            await task


async def test_pings_are_answered(alice: Side, bernard: Side) -> None:
    async with puppet(bernard, alice) as (hand, _):
        await greet(hand)
        await hand.say(Ping(b"12345678"))
        assert await hand.hear() == Pong(b"12345678")


async def greet(hand: Puppet) -> None:
    """Exchange the first words."""
    await hand.hear()
    await hand.say(HELLO)


# --- refusals --------------------------------------------------------------------------------------------------


async def test_a_full_postbox_refuses_and_goes_on_when_there_is_room(tmp_path: Path, alice: Side) -> None:
    async with side(tmp_path, "bernard", BERNARD, IncomingLimits(envelopes=4)) as bernard:
        everything = fill(alice, "bernard", 10)
        async with conversation(alice, bernard) as (_, theirs):
            taken: list[bytes] = []
            while len(taken) < 10:
                await until(lambda: len(bernard.received()) >= min(4, 10 - len(taken)))
                for one in postbox.arrived(bernard.desk):
                    taken.append(one.envelope)
                    postbox.mark_opened(bernard.desk, one.feed, one.sequence)
                theirs.look_again()
            await until(lambda: alice.states() == ["stored"] * 10)
        assert taken == everything
        assert postbox.incidents(alice.desk) == postbox.incidents(bernard.desk) == []


async def test_the_word_for_full_names_the_first_envelope_that_was_not_taken(tmp_path: Path, alice: Side) -> None:
    async with side(tmp_path, "bernard", BERNARD, IncomingLimits(envelopes=1)) as bernard:
        async with puppet(bernard, alice) as (hand, _):
            await greet(hand)
            await hand.say(*(Envelope(FEED, number, b"x") for number in (1, 2, 3)))
            assert await hand.hear() == sign_receipt(BERNARD.seed, FEED, 1, head_of(b"x"))
            assert await hand.hear() == Refusal(FEED, 2, Reason.FULL)


async def test_after_there_is_room_again_what_was_on_its_way_may_come_out_of_order(tmp_path: Path, alice: Side) -> None:
    async with side(tmp_path, "bernard", BERNARD, IncomingLimits(envelopes=2)) as bernard:
        async with puppet(bernard, alice) as (hand, _):
            await greet(hand)
            await hand.say(*(Envelope(FEED, number, b"x") for number in (1, 2, 3)))
            assert [type(await hand.hear()) for _ in range(2)] == [Receipt, Refusal]
            bernard.live[0].look_again()
            for _ in range(3):
                await hand.say(Ping(b"12345678"))
                assert await hand.hear() == Pong(b"12345678")  # there is no room yet, and nothing is said of it
            for number in (1, 2):
                postbox.mark_opened(bernard.desk, FEED, number)
            bernard.live[0].look_again()
            assert await hand.hear() == sign_receipt(BERNARD.seed, FEED, 2, head_of(b"x", b"x"))
            await hand.say(Envelope(FEED, 4, b"on its way before"), Envelope(FEED, 3, b"x"))
            assert await hand.hear() == sign_receipt(BERNARD.seed, FEED, 3, head_of(b"x", b"x", b"x"))


async def test_a_fork_is_told_to_both_and_the_feed_is_frozen(alice: Side, bernard: Side) -> None:
    async with puppet(bernard, alice) as (hand, _):
        await greet(hand)
        await hand.say(Envelope(FEED, 1, b"what the copy sent"))
        await hand.hear()
    fill(alice, "bernard", 1)
    departures.offer(alice.desk, "bernard", {})
    fill(alice, "bernard", 2, OTHER_FEED)
    one, other = await links()
    server, client = bernard.exchange(one, Role.SERVER, alice), alice.exchange(other, Role.CLIENT, bernard)
    results = await asyncio.gather(server.run(), client.run(), return_exceptions=True)
    assert [isinstance(result, ProtocolError) for result in results] == [True, True]
    assert [incident.kind for incident in postbox.incidents(alice.desk)] == [IncidentKind.FORK_SENT]
    async with conversation(bernard, alice):
        await until(lambda: alice.states() == ["sent", "stored", "stored"])


async def test_another_envelope_under_a_held_number_is_refused_and_kept(alice: Side, bernard: Side) -> None:
    async with puppet(bernard, alice) as (hand, _):
        await greet(hand)
        await hand.say(Envelope(FEED, 1, b"one"))
        await hand.hear()
        await hand.say(Envelope(FEED, 1, b"other"), Envelope(FEED, 2, b"two"))
        assert await hand.hear() == Refusal(FEED, 1, Reason.FORK)
        await hand.say(Envelope(OTHER_FEED, 1, b"another feed goes on"))
        assert isinstance(await hand.hear(), Receipt)
    (incident,) = postbox.incidents(bernard.desk)
    assert (incident.kind, incident.envelope) == (IncidentKind.FORK_RECEIVED, b"other")
    assert bernard.received() == [b"one", b"another feed goes on"]


async def test_the_sender_of_a_fork_hears_of_it(alice: Side, bernard: Side) -> None:
    fill(bernard, "alice", 1)
    async with puppet(bernard, alice) as (hand, _):
        await greet(hand)
        assert isinstance(await hand.hear(), Envelope)
        await hand.say(Refusal(FEED, 1, Reason.FORK))
        await until(lambda: postbox.incidents(bernard.desk))
    assert [one.kind for one in postbox.incidents(bernard.desk)] == [IncidentKind.FORK_SENT]


async def test_a_feed_of_somebody_else_is_refused(alice: Side, bernard: Side) -> None:
    async with puppet(bernard, alice) as (hand, _):
        await greet(hand)
        await hand.say(Envelope(FEED, 1, b"one"))
        await hand.hear()
    alice.name = "mallory"
    async with puppet(bernard, alice) as (hand, _):
        await greet(hand)
        await hand.say(Envelope(FEED, 2, b"two"))
        assert await hand.hear() == Refusal(FEED, 2, Reason.FOREIGN)
    assert bernard.received() == [b"one"]


# --- a peer that breaks the rules ------------------------------------------------------------------------------


async def test_a_gap_ends_the_session_and_what_was_in_order_stays(alice: Side, bernard: Side) -> None:
    async with puppet(bernard, alice) as (hand, task):
        await greet(hand)
        await hand.say(Envelope(FEED, 1, b"one"), Envelope(FEED, 3, b"three"))
        assert (await hand.ended())[-1] == Goodbye(Farewell.PROTOCOL)
        with pytest.raises(RemoteProtocolError, match="gap"):
            await task
    assert bernard.received() == [b"one"]


@pytest.mark.parametrize("up_to", [1, 2])
async def test_a_receipt_for_something_else_ends_the_session(alice: Side, bernard: Side, up_to: int) -> None:
    fill(bernard, "alice", 1)
    async with puppet(bernard, alice) as (hand, task):
        await greet(hand)
        await hand.hear()
        await hand.say(sign_receipt(ALICE.seed, FEED, up_to, head_of(b"something else")))
        assert (await hand.ended())[-1] == Goodbye(Farewell.PROTOCOL)
        with pytest.raises(RemoteProtocolError, match="receipt"):
            await task
    assert bernard.states() == ["sent"]


async def test_a_receipt_with_another_signature_ends_the_session(alice: Side, bernard: Side) -> None:
    (envelope,) = fill(bernard, "alice", 1)
    async with puppet(bernard, alice) as (hand, task):
        await greet(hand)
        await hand.hear()
        await hand.say(sign_receipt(MALLORY.seed, FEED, 1, head_of(envelope)))
        with pytest.raises(RemoteProtocolError, match="did not sign"):
            await task
    assert bernard.states() == ["sent"]
    assert postbox.receipts(bernard.desk) == []


async def test_a_refusal_of_what_was_never_sent_ends_the_session(alice: Side, bernard: Side) -> None:
    async with puppet(bernard, alice) as (hand, task):
        await greet(hand)
        await hand.say(Refusal(FEED, 1, Reason.FORK))
        with pytest.raises(RemoteProtocolError, match="never sent"):
            await task
    assert postbox.incidents(bernard.desk) == []


async def test_garbage_ends_the_session(alice: Side, bernard: Side) -> None:
    async with puppet(bernard, alice) as (hand, task):
        await greet(hand)
        await hand.say_bytes(b"\xff" * 5)
        assert (await hand.ended())[-1] == Goodbye(Farewell.PROTOCOL)
        with pytest.raises(RemoteProtocolError):
            await task


async def test_another_version_is_an_error_of_its_own_on_both_sides(alice: Side, bernard: Side) -> None:
    async with puppet(bernard, alice) as (hand, task):
        await hand.hear()
        await hand.say_bytes(b"\0\0\0\4\1\0\2\0\0")
        with pytest.raises(UnknownVersion):
            await task
    async with puppet(bernard, alice) as (hand, task):
        await greet(hand)
        await hand.say(Goodbye(Farewell.VERSION))
        with pytest.raises(UnknownVersion):
            await task


async def test_being_told_of_an_own_mistake_is_an_own_error(alice: Side, bernard: Side) -> None:
    async with puppet(bernard, alice) as (hand, task):
        await greet(hand)
        await hand.say(Goodbye(Farewell.PROTOCOL))
        with pytest.raises(LocalProtocolError):
            await task


async def test_too_many_refused_feeds_end_the_session(tmp_path: Path, alice: Side) -> None:
    async with side(tmp_path, "bernard", BERNARD, IncomingLimits(feeds=1)) as bernard:
        async with puppet(bernard, alice) as (hand, task):
            await greet(hand)
            await hand.say(*(Envelope(number.to_bytes(16, "big"), 1, b"x") for number in range(1100)))
            with pytest.raises(RemoteProtocolError, match="too many feeds"):
                await task
        assert bernard.received() == [b"x"]
