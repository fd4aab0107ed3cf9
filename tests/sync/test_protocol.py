"""Sessions: two of them joined by a fake link, every transition of the table, and garbage."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localstore import crypto
from sync.protocol import (
    TRANSITIONS,
    Ended,
    Envelope,
    Event,
    Farewell,
    Goodbye,
    Hello,
    LocalProtocolError,
    Message,
    Ping,
    Pong,
    Receipt,
    RemoteProtocolError,
    Role,
    Session,
    State,
    UnknownVersion,
    sign_receipt,
)
from sync.protocol.framing import frame
from sync.protocol.limits import MAX_PENDING_PONGS
from tests.sync.messages import FEED, HEAD, PEER_KEY, SAMPLES, SEED, messages

OTHER_SEED = b"o" * 32
OTHER_KEY = crypto.signing_key(OTHER_SEED).public
HELLO = Hello()
SAMPLE_OF = {type(sample): sample for sample in SAMPLES}

# How to bring a session to a state: who says what, in order.
PATHS: dict[State, list[tuple[Role, Message]]] = {
    State.OPENING: [],
    State.GREETED: [(Role.SERVER, HELLO)],
    State.LIVE: [(Role.SERVER, HELLO), (Role.CLIENT, HELLO)],
    State.SERVER_LEFT: [
        (Role.SERVER, HELLO),
        (Role.CLIENT, HELLO),
        (Role.SERVER, Goodbye(Farewell.STOPPING)),
    ],
    State.CLIENT_LEFT: [
        (Role.SERVER, HELLO),
        (Role.CLIENT, HELLO),
        (Role.CLIENT, Goodbye(Farewell.STOPPING)),
    ],
    State.CLOSED: [(Role.SERVER, HELLO), (Role.CLIENT, Goodbye(Farewell.STOPPING))],
}
EVERY = [(state, speaker, kind) for state in PATHS for speaker in Role for kind in SAMPLE_OF]


def at(state: State, role: Role) -> Session:
    """A session as `role` sees it, in that state."""
    session = Session(role, PEER_KEY)
    for speaker, message in PATHS[state]:
        if speaker is role:
            session.send(message)
            session.data_to_send()
        else:
            session.receive_data(frame(message))
    assert session.state is state
    return session


class Joined:
    """Two sessions and the link between them."""

    def __init__(self) -> None:
        self.server = Session(Role.SERVER, OTHER_KEY)
        self.client = Session(Role.CLIENT, PEER_KEY)

    def deliver(self) -> tuple[list[Event], list[Event]]:
        """Carry bytes both ways until there are none; what the server and the client heard."""
        heard: tuple[list[Event], list[Event]] = ([], [])
        while (down := self.server.data_to_send()) + (up := self.client.data_to_send()):
            heard[1].extend(self.client.receive_data(down))
            heard[0].extend(self.server.receive_data(up))
        return heard


def test_a_whole_conversation() -> None:
    both = Joined()
    held = sign_receipt(SEED, FEED, 1, HEAD)
    both.server.send(Hello((held,)))
    assert both.deliver() == ([], [Hello((held,))])
    both.client.send(HELLO)
    both.client.send(Envelope(FEED, 2, b"two"))
    assert both.deliver() == ([HELLO, Envelope(FEED, 2, b"two")], [])
    receipt = sign_receipt(SEED, FEED, 2, b"i" * 32)
    both.server.send(receipt)
    both.server.send(Goodbye(Farewell.STOPPING))
    assert both.deliver() == ([], [receipt, Goodbye(Farewell.STOPPING)])
    both.client.send(Goodbye(Farewell.STOPPING))
    both.deliver()
    assert both.server.state is both.client.state is State.CLOSED
    assert both.client.receive_eof() == [Ended()]


@pytest.mark.parametrize(("state", "speaker", "kind"), EVERY)
def test_what_one_may_say(state: State, speaker: Role, kind: type[Message]) -> None:
    session = at(state, speaker)
    target = TRANSITIONS[state].get((speaker, kind))
    assert session.may_send(kind) == (target is not None)
    if target is None:
        with pytest.raises(LocalProtocolError):
            session.send(SAMPLE_OF[kind])
        assert session.data_to_send() == b""
        assert session.state is state
    else:
        session.send(SAMPLE_OF[kind])
        assert session.data_to_send() == frame(SAMPLE_OF[kind])
        assert session.state is target


@pytest.mark.parametrize(("state", "speaker", "kind"), EVERY)
def test_what_the_other_may_say(state: State, speaker: Role, kind: type[Message]) -> None:
    session = at(state, speaker.other)
    target = TRANSITIONS[state].get((speaker, kind))
    if target is None:
        with pytest.raises(RemoteProtocolError):
            session.receive_data(frame(SAMPLE_OF[kind]))
        assert session.state is State.BROKEN
    else:
        assert session.receive_data(frame(SAMPLE_OF[kind])) == [SAMPLE_OF[kind]]
        assert session.state is target


@pytest.mark.parametrize("state", PATHS)
@pytest.mark.parametrize("role", Role)
def test_the_end_of_the_connection_is_understood_in_every_state(state: State, role: Role) -> None:
    session = at(state, role)
    assert session.receive_eof() == [Ended()]
    assert session.state is State.CLOSED


def test_every_state_has_its_row_and_every_row_leads_to_a_state() -> None:
    assert set(TRANSITIONS) == set(State)
    assert set(PATHS) == set(State) - {State.BROKEN}


def test_the_client_is_silent_until_the_server_has_spoken() -> None:
    session = Session(Role.CLIENT, PEER_KEY)
    for message in SAMPLES:
        with pytest.raises(LocalProtocolError):
            session.send(message)
    assert session.data_to_send() == b""


@pytest.mark.parametrize("role", Role)
def test_an_end_in_the_middle_of_a_message_is_the_peers_fault(role: Role) -> None:
    session = at(State.LIVE, role)
    session.receive_data(frame(Envelope(FEED, 1, b"sealed"))[:-1])
    with pytest.raises(RemoteProtocolError):
        session.receive_eof()
    assert session.state is State.BROKEN


def test_after_an_error_only_the_goodbye_goes_out() -> None:
    session = at(State.LIVE, Role.SERVER)
    with pytest.raises(RemoteProtocolError):
        session.receive_data(frame(HELLO))
    assert session.data_to_send() == frame(Goodbye(Farewell.PROTOCOL))
    for verb in (lambda: session.receive_data(b""), session.receive_eof, lambda: session.send(Ping(b"12345678"))):
        with pytest.raises(LocalProtocolError):
            verb()
    assert session.data_to_send() == b""


def test_the_owner_may_end_a_session_for_what_only_he_sees() -> None:
    session = at(State.LIVE, Role.CLIENT)
    error = session.accuse("a gap in a feed")
    assert isinstance(error, RemoteProtocolError)
    assert session.data_to_send() == frame(Goodbye(Farewell.PROTOCOL))
    assert session.state is State.BROKEN


@pytest.mark.parametrize("role", Role)
def test_another_version_is_answered_with_a_farewell_that_says_so(role: Role) -> None:
    session = at(State.OPENING if role is Role.CLIENT else State.GREETED, role)
    with pytest.raises(UnknownVersion):
        session.receive_data((3).to_bytes(4, "big") + b"\1" + b"\0\2?")
    assert session.data_to_send() == frame(Goodbye(Farewell.VERSION))


def test_a_receipt_of_somebody_elses_key_is_refused() -> None:
    forged = sign_receipt(OTHER_SEED, FEED, 1, HEAD)
    with pytest.raises(RemoteProtocolError, match="did not sign"):
        at(State.LIVE, Role.SERVER).receive_data(frame(forged))
    with pytest.raises(RemoteProtocolError, match="did not sign"):
        at(State.OPENING, Role.CLIENT).receive_data(frame(Hello((forged,))))


@pytest.mark.parametrize("field", range(3))
def test_a_receipt_is_signed_as_a_whole(field: int) -> None:
    good = sign_receipt(SEED, FEED, 1, HEAD)
    changed: tuple[tuple[bytes, int, bytes], ...] = ((b"g" * 16, 1, HEAD), (FEED, 2, HEAD), (FEED, 1, b"i" * 32))
    with pytest.raises(RemoteProtocolError, match="did not sign"):
        at(State.LIVE, Role.SERVER).receive_data(frame(Receipt(*changed[field], good.signature)))


def test_a_ping_is_answered_by_the_session() -> None:
    session = at(State.LIVE, Role.SERVER)
    session.receive_data(frame(Ping(b"12345678")))
    assert session.data_to_send() == frame(Pong(b"12345678"))


def test_a_flood_of_pings_is_refused() -> None:
    session = at(State.LIVE, Role.SERVER)
    ping = frame(Ping(b"12345678"))
    session.receive_data(ping * MAX_PENDING_PONGS)
    with pytest.raises(RemoteProtocolError, match="too many pings"):
        session.receive_data(ping)


@pytest.mark.parametrize("state", PATHS)
@pytest.mark.parametrize("role", Role)
@given(data=st.binary(max_size=300) | st.lists(messages, max_size=4).map(lambda m: b"".join(map(frame, m))))
def test_whatever_comes_is_an_event_or_the_peers_error(state: State, role: Role, data: bytes) -> None:
    assert _heard(at(state, role), [data]) == _heard(at(state, role), [bytes([one]) for one in data])


def _heard(session: Session, pieces: list[bytes]) -> tuple[State, bytes]:
    try:
        for piece in pieces:
            session.receive_data(piece)
        session.receive_eof()
    except RemoteProtocolError:
        pass
    return session.state, session.data_to_send()
