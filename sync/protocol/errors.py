"""What can go wrong between two post offices, and whose fault it is.

    ProtocolError                     70
    ├── LocalProtocolError            70  this side asked for something that the protocol forbids
    └── RemoteProtocolError            7  the other side did, or bytes were altered on the way
        └── UnknownVersion             7  the other side speaks a protocol that this release does not know

After a RemoteProtocolError the session is over: send what `data_to_send` still gives, then close the connection. What
was received before it stands, and nothing of the offending message was used.
"""

from localstore.errors import ConfrereError


class ProtocolError(ConfrereError):
    """The base of both. `reason` is a few English words, without names and without any byte that came from outside."""

    sentence = "The sync protocol was not followed ({reason}). Nothing was lost. Please report it."


class LocalProtocolError(ProtocolError):
    """This program tried to say something that the state of the session, or a limit, forbids."""

    sentence = (
        "This program broke the sync protocol ({reason}). Nothing was sent and nothing was lost. Please report it."
    )


class RemoteProtocolError(ProtocolError):
    """The other side broke the protocol."""

    exit_code = 7
    sentence = (
        "A colleague's program broke the sync protocol ({reason}). What had arrived before was kept, the rest was "
        "refused. It is tried again by itself; if this lasts, tell the colleague."
    )


class UnknownVersion(RemoteProtocolError):
    """The other side speaks another version of the protocol."""

    sentence = (
        "A colleague's program speaks another version of the sync protocol ({reason}). Nothing was exchanged. "
        "Upgrade the older of the two programs."
    )
