"""The sync protocol as pure values and one state table: no socket, no clock, no store.

Read in this order: events, messages, framing, state, session. The page is docs/protocol.md.
"""

from sync.protocol.errors import LocalProtocolError, ProtocolError, RemoteProtocolError, UnknownVersion
from sync.protocol.events import (
    Ended,
    Envelope,
    Event,
    Farewell,
    Goodbye,
    Hello,
    Message,
    Ping,
    Pong,
    Reason,
    Receipt,
    Refusal,
    sign_receipt,
)
from sync.protocol.session import Session
from sync.protocol.state import TRANSITIONS, Role, State, diagram

__all__ = [
    "TRANSITIONS",
    "Ended",
    "Envelope",
    "Event",
    "Farewell",
    "Goodbye",
    "Hello",
    "LocalProtocolError",
    "Message",
    "Ping",
    "Pong",
    "ProtocolError",
    "Reason",
    "Receipt",
    "Refusal",
    "RemoteProtocolError",
    "Role",
    "Session",
    "State",
    "UnknownVersion",
    "diagram",
    "sign_receipt",
]
