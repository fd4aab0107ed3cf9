"""Cards of doctors for the tests of pairing: real keys, made once."""

from functools import cache
from typing import NamedTuple

from localstore import crypto
from localstore.crypto import KeyPair
from sync.meeting.conversation import Conversation, Own
from sync.post_office import certificate
from sync.trust import card
from sync.trust.card import Card, CardBody


class Doctor(NamedTuple):
    """A card with the key that signed it."""

    card: Card
    signing: KeyPair

    def own(self, der: bytes) -> Own:
        """What he brings to a meeting, under this certificate."""
        return Own(self.card, self.signing, der)


@cache
def doctor(name: str, rpps: str = "10001234567") -> Doctor:
    """A doctor of this name, with new keys."""
    signing = crypto.signing_key()
    body = CardBody(
        version=card.VERSION,
        name=f"Dr {name}",
        rpps=rpps,
        profession="Médecin",
        practice=f"Cabinet {name}",
        town="Lyon",
        signing_key=signing.public,
        pairing_key=crypto.agreement_key().public,
        sealing_key=crypto.sealing_key().public,
        transport_certificate=certificate.make(crypto.random_bytes(32)),
        addresses=(),
        made="2026-03-01T12:00:00.000Z",
    )
    return Doctor(card.make(body, signing.secret), signing)


def der(number: int) -> bytes:
    """A certificate of a meeting."""
    return certificate.make(bytes([number]) * 32)


def two(nonces: tuple[bytes, bytes] = (b"a" * 32, b"b" * 32)) -> tuple[Conversation, Conversation]:
    """Both ends of one conversation: Alpha and Beta."""
    alpha = Conversation(doctor("Alpha").own(der(1)), der(2), nonces[0])
    beta = Conversation(doctor("Beta", "10001234575").own(der(2)), der(1), nonces[1])
    return alpha, beta


def carry(one: Conversation, other: Conversation) -> None:
    """Carry what both have to say until neither has more."""
    while (data := one.data_to_send()) + (back := other.data_to_send()):
        other.receive(data)
        one.receive(back)
