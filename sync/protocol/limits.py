"""Every number that bounds a session, by name and with its reason. Nothing is read from a peer without one.

The sizes of feeds, heads and envelopes are those of `localstore.feeds`, which the store shares.
"""

VERSION = 1  # the one version of this protocol; another one is refused with a sentence, never negotiated
SIGNATURE_BYTES = 64  # Ed25519
TOKEN_BYTES = 8  # what a ping carries, so that its pong can be told from another's
MAX_PENDING_PONGS = 16  # questions answered but not yet sent; an honest peer asks one at a time
