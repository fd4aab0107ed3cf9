"""Who writes and reads lots: this practice's transport identity, and the pairs that its postbox knows."""

from typing import NamedTuple

from localstore import postbox
from localstore.database import Connection
from sync.errors import BadCertificate
from sync.post_office import certificate
from sync.post_office.knock import Pair


class Parties(NamedTuple):
    """The seed of the own transport key (it signs receipts), and the pairs by peer."""

    seed: bytes
    pairs: dict[str, Pair]


def parties(connection: Connection) -> Parties:
    """Who can exchange lots with this practice: the same as over the network. Raises DamagedStore, BadCertificate."""
    transport = postbox.transport(connection)
    own = certificate.public_key(transport.certificate)
    pairs = {}
    for peer in postbox.peers(connection):
        try:
            key = certificate.public_key(peer.certificate)
        except BadCertificate:
            continue  # the daemon does not talk with him either
        pairs[peer.id] = Pair(peer.id, peer.pair_secret, own, key)
    return Parties(transport.seed, pairs)
