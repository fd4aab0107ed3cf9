"""All transitions of a session, in one table that does not know which side we are.

A session has one state, moved by what either side says. Both sides run the same table: what it does not list for the
side that speaks, that side may not say. The client is silent until the server has spoken, because in TLS 1.3 a client
sees a finished handshake before the server has refused it.
"""

from enum import StrEnum

from sync.protocol.events import Ended, Envelope, Event, Goodbye, Hello, Ping, Pong, Receipt, Refusal


class Role(StrEnum):
    """Who opened the connection: the client did."""

    SERVER = "server"
    CLIENT = "client"

    @property
    def other(self) -> "Role":
        """The other side."""
        return Role.CLIENT if self is Role.SERVER else Role.SERVER


class State(StrEnum):
    """How far a session has come."""

    OPENING = "opening"  # nobody has spoken; only the server may
    GREETED = "greeted"  # the server has said what it holds; the client is to answer
    LIVE = "live"  # both know what the other lacks; envelopes and receipts flow
    SERVER_LEFT = "server_left"  # the server says nothing more; the client may finish its sentence
    CLIENT_LEFT = "client_left"  # the same, mirrored
    CLOSED = "closed"  # both have left, or the connection ended
    BROKEN = "broken"  # somebody broke the protocol; entered on a RemoteProtocolError, from any state


_TALK: tuple[type[Event], ...] = (Envelope, Receipt, Refusal, Ping, Pong)
Moves = dict[tuple[Role, type[Event]], State]

TRANSITIONS: dict[State, Moves] = {
    State.OPENING: {
        (Role.SERVER, Hello): State.GREETED,
        (Role.SERVER, Goodbye): State.CLOSED,
        (Role.SERVER, Ended): State.CLOSED,
        (Role.CLIENT, Ended): State.CLOSED,
    },
    State.GREETED: {
        (Role.CLIENT, Hello): State.LIVE,
        (Role.CLIENT, Goodbye): State.CLOSED,
        (Role.SERVER, Goodbye): State.SERVER_LEFT,
        (Role.SERVER, Ended): State.CLOSED,
        (Role.CLIENT, Ended): State.CLOSED,
    },
    State.LIVE: {
        **{(role, talk): State.LIVE for role in Role for talk in _TALK},
        (Role.SERVER, Goodbye): State.SERVER_LEFT,
        (Role.CLIENT, Goodbye): State.CLIENT_LEFT,
        (Role.SERVER, Ended): State.CLOSED,
        (Role.CLIENT, Ended): State.CLOSED,
    },
    State.SERVER_LEFT: {
        (Role.CLIENT, Hello): State.SERVER_LEFT,  # it crossed the server's goodbye on the way
        **{(Role.CLIENT, talk): State.SERVER_LEFT for talk in _TALK},
        (Role.CLIENT, Goodbye): State.CLOSED,
        (Role.SERVER, Ended): State.CLOSED,
        (Role.CLIENT, Ended): State.CLOSED,
    },
    State.CLIENT_LEFT: {
        **{(Role.SERVER, talk): State.CLIENT_LEFT for talk in _TALK},
        (Role.SERVER, Goodbye): State.CLOSED,
        (Role.SERVER, Ended): State.CLOSED,
        (Role.CLIENT, Ended): State.CLOSED,
    },
    State.CLOSED: {
        (Role.SERVER, Ended): State.CLOSED,
        (Role.CLIENT, Ended): State.CLOSED,
    },
    State.BROKEN: {},
}


def after(state: State, speaker: Role, event: type[Event]) -> State | None:
    """The state after `speaker` said `event`, or None where that is forbidden."""
    return TRANSITIONS[state].get((speaker, event))


def diagram() -> str:
    """The table as a Mermaid state diagram; docs/protocol.md shows it and a test compares the two."""
    lines = ["stateDiagram-v2", f"    [*] --> {State.OPENING}"]
    for state, moves in TRANSITIONS.items():
        labels: dict[State, list[str]] = {}
        for (speaker, event), target in moves.items():
            labels.setdefault(target, []).append(f"{speaker} {event.__name__}")
        lines += [f"    {state} --> {target}: {', '.join(words)}" for target, words in labels.items()]
    lines.append(f"    {State.CLOSED} --> [*]")
    return "\n".join(lines)
