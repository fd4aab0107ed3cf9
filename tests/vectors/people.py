"""Two practices with keys that everybody knows, for vectors. Never use them for anything else."""

from typing import NamedTuple

from localstore import crypto
from localstore.crypto import KeyPair
from sync.post_office import certificate
from sync.trust import card, pairing
from sync.trust.card import Card, CardBody

MADE = "2026-03-01T09:30:00.000Z"


class Person(NamedTuple):
    """A practice: its key pairs, its transport seed and certificate, and its card."""

    signing: KeyPair
    pairing: KeyPair
    sealing: KeyPair
    transport: KeyPair
    certificate: bytes
    card: Card


def _person(first: int, name: str, rpps: str, town: str, addresses: tuple[str, ...]) -> Person:
    signing, agreeing = crypto.signing_key(bytes([first]) * 32), crypto.agreement_key(bytes([first + 1]) * 32)
    sealing, transport = crypto.sealing_pair(bytes([first + 2]) * 96), crypto.signing_key(bytes([first + 3]) * 32)
    der = certificate.make(transport.secret)
    keys = (signing.public, agreeing.public, sealing.public, der)
    body = CardBody(card.VERSION, name, rpps, "médecin généraliste", f"Cabinet {town}", town, *keys, addresses, MADE)
    return Person(signing, agreeing, sealing, transport, der, card.make(body, signing.secret))


ALPHA = _person(0x01, "Dr Zoé Alpha", "10001234567", "Lyon", ("alpha.example:4711", "[2001:db8::1]:4711"))
BETA = _person(0x11, "Dr Beta", "10001234575", "Brest", ())
SECRET = pairing.pair_secret(ALPHA.pairing.secret, ALPHA.card, BETA.card)
