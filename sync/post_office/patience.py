"""How long the post office waits for anything, and how often it tries again. Values, and one pure function.

Every wait on the network has one of these as its bound. Tests shorten them; nothing else changes them.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """All in seconds."""

    knock: float = 5  # from accepting a connection to its knock; a stranger is kept waiting that long, and no longer
    connect: float = 5  # to open a connection, and for each address of a colleague
    handshake: float = 10  # TLS, both directions; four messages
    greeting: float = 10  # from the handshake to the other side's first words
    keepalive: float = 20  # of silence before asking whether the other side is still there
    idle: float = 60  # without a byte, or without getting one rid: two questions went unanswered
    farewell: float = 2  # to say goodbye when the daemon stops or a colleague is removed
    poll: float = 0.25  # between two looks at the postbox: how soon something new goes out
    again_first: float = 0.5  # before the second attempt
    again_bound: float = 60  # between later ones, at most
    again_near: float = (
        10  # the same for a colleague with an address on a local network, where it costs nobody anything
    )
    unanswered: float = 12  # until a connection counts as dead on which what was sent is not acknowledged (TCP)
    look: float = 3  # between two looks at the settings, and at whether the network or the clock has changed
    status: float = 1  # between two writings of the status file, at least


def before_again(patience: Patience, failures: int, chance: float, near: bool = False) -> float:
    """Seconds until the next attempt after so many failures in a row: doubled each time up to a bound, then spread by
    `chance` (0 to 1) over half to one and a half of it, so that two practices don't run into each other for ever."""
    doublings = min(failures, 16)
    bound = min(patience.again_near, patience.again_bound) if near else patience.again_bound
    return float(min(bound, patience.again_first * 2**doublings)) * (0.5 + chance)
