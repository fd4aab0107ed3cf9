"""The conversation of two practices that pair: commit, reveal, compare, confirm. Pure: bytes in, events and bytes out.

    frame    0: kind (1)   1: length (2, big-endian)   3: payload
    commit   version (1), commitment (32)
    reveal   nonce (32), the card as it was signed
    confirm  Ed25519 of the card's practitioner key over the transcript and the signer's own commitment (64)
    refuse   nothing

    side        sends                     when
    both        commit                    at once
    both        reveal                    the other's commit is here
    both        confirm or refuse         its doctor has said so

A commitment is a digest over nonce, card and the certificate that its sender shows on this very connection. Whoever
passes a commitment on, over two connections of his own, passes on one that does not hold. Whoever makes his own has to
do so before he sees anything that the digits are drawn from.
"""

from enum import Enum, IntEnum
from typing import NamedTuple

from localstore import crypto
from localstore.crypto import KeyPair
from sync.errors import NotACard
from sync.meeting.words import Spoken, spoken
from sync.protocol.errors import LocalProtocolError, RemoteProtocolError, UnknownVersion
from sync.trust import card
from sync.trust.card import Card

VERSION = 1
HEADER_BYTES = 3
NONCE_BYTES = 32
COMMITMENT_BYTES = 32


class Kind(IntEnum):
    """What a frame is."""

    COMMIT = 1
    REVEAL = 2
    CONFIRM = 3
    REFUSE = 4


# The shortest and the longest payload of each kind, in bytes: known before any of it is kept.
LIMITS = {
    Kind.COMMIT: (1 + COMMITMENT_BYTES, 1 + COMMITMENT_BYTES),
    Kind.REVEAL: (NONCE_BYTES + crypto.SIGNATURE_BYTES + 1, NONCE_BYTES + card.MAX_CARD_BYTES),
    Kind.CONFIRM: (crypto.SIGNATURE_BYTES, crypto.SIGNATURE_BYTES),
    Kind.REFUSE: (0, 0),
}


class Phase(Enum):
    """Where a conversation stands."""

    COMMITTING = "committing"  # the other's commit is awaited
    REVEALING = "revealing"  # his reveal
    COMPARING = "comparing"  # the doctors
    AGREED = "agreed"  # both have said yes
    REFUSED = "refused"  # one of them has said no
    BROKEN = "broken"  # the other side did not keep to this


# What may come when; everything else breaks the conversation.
ALLOWED = {
    Phase.COMMITTING: frozenset({Kind.COMMIT, Kind.REFUSE}),
    Phase.REVEALING: frozenset({Kind.REVEAL, Kind.REFUSE}),
    Phase.COMPARING: frozenset({Kind.CONFIRM, Kind.REFUSE}),
}


class Own(NamedTuple):
    """What one side brings: its card, the key that signed it, and the certificate (DER) that it made for this
    meeting."""

    card: Card
    signing: KeyPair
    certificate: bytes


class _Part(NamedTuple):
    """One side's part of the exchange."""

    commitment: bytes
    nonce: bytes
    card: bytes
    certificate: bytes


def commitment(nonce: bytes, signed_card: bytes, certificate: bytes) -> bytes:
    """32 bytes that say nothing of what they bind."""
    return crypto.digest("pairing-commit", nonce, signed_card, certificate)


def transcript(one: _Part, other: _Part) -> bytes:
    """32 bytes that stand for the whole exchange, the same for both sides."""
    return crypto.digest("pairing-exchange", *(piece for part in sorted((one, other)) for piece in part))


def frame(kind: Kind, payload: bytes = b"") -> bytes:
    """One frame."""
    return bytes([kind]) + len(payload).to_bytes(2, "big") + payload


class Conversation:
    """One side of one conversation, over a connection on which the other shows `their_certificate` (DER).

    `nonce` is 32 fresh random bytes. After `phase` became COMPARING, `their_card` and `compared` are there.
    """

    def __init__(self, own: Own, their_certificate: bytes, nonce: bytes) -> None:
        self._own = own
        self._mine = _Part(commitment(nonce, own.card.signed, own.certificate), nonce, own.card.signed, own.certificate)
        self.their_certificate = their_certificate
        self._their_commitment = b""
        self._transcript = b""
        self._buffer = bytearray()
        self._leaving = [frame(Kind.COMMIT, bytes([VERSION]) + self._mine.commitment)]
        self._mine_said = self._theirs_said = False
        self.phase = Phase.COMMITTING
        self.their_card: Card | None = None
        self.compared: Spoken | None = None

    def data_to_send(self) -> bytes:
        """What is to be sent now; it is given once."""
        data = b"".join(self._leaving)
        self._leaving.clear()
        return data

    def receive(self, data: bytes) -> None:
        """Take in some bytes; what comes after the end of a conversation is not looked at.

        Raises RemoteProtocolError; then the conversation is over, and nothing of it counts.
        """
        if self.phase not in ALLOWED:
            return
        try:
            self._buffer += data
            while self.phase in ALLOWED and (found := self._next_frame()) is not None:
                self._handle(*found)
        except RemoteProtocolError:
            self.phase = Phase.BROKEN
            self._buffer.clear()
            raise

    @property
    def has_revealed(self) -> bool:
        """Whether this side's card is on its way, or there."""
        return bool(self._their_commitment)

    @property
    def can_confirm(self) -> bool:
        """Whether this side's doctor is asked for his yes, and has not given it."""
        return self.phase is Phase.COMPARING and not self._mine_said

    def confirm(self) -> None:
        """This side's doctor has said yes. Raises LocalProtocolError where there is nothing to say yes to."""
        if not self.can_confirm:
            raise LocalProtocolError(reason="there is nothing to confirm")
        words = self._transcript + self._mine.commitment
        self._leaving.append(frame(Kind.CONFIRM, crypto.sign_with(self._own.signing, "pairing-confirm", words)))
        self._mine_said = True
        self._agree()

    def refuse(self) -> None:
        """This side's doctor has said no, or has left. After the end of a conversation it changes nothing."""
        if self.phase in ALLOWED:
            self._leaving.append(frame(Kind.REFUSE))
            self.phase = Phase.REFUSED

    def _agree(self) -> None:
        if self._mine_said and self._theirs_said:
            self.phase = Phase.AGREED

    def _next_frame(self) -> tuple[Kind, bytes] | None:
        """The next whole frame. What may not come now, or is too long, is refused by its header."""
        if not self._buffer:
            return None
        kind = next((one for one in ALLOWED[self.phase] if one == self._buffer[0]), None)
        if kind is None:
            raise RemoteProtocolError(reason="a message at the wrong moment")
        if len(self._buffer) < HEADER_BYTES:
            return None
        size = int.from_bytes(self._buffer[1:HEADER_BYTES], "big")
        shortest, longest = LIMITS[kind]
        if not shortest <= size <= longest:
            raise RemoteProtocolError(reason="a message of the wrong length")
        if len(self._buffer) < HEADER_BYTES + size:
            return None
        payload = bytes(self._buffer[HEADER_BYTES : HEADER_BYTES + size])
        del self._buffer[: HEADER_BYTES + size]
        return kind, payload

    def _handle(self, kind: Kind, payload: bytes) -> None:
        if kind is Kind.COMMIT:
            self._committed(payload)
        elif kind is Kind.REVEAL:
            self._revealed(payload)
        elif kind is Kind.CONFIRM:
            self._confirmed(payload)
        else:
            self.phase = Phase.REFUSED

    def _committed(self, payload: bytes) -> None:
        if payload[0] != VERSION:
            raise UnknownVersion(reason="another version of pairing")
        if payload[1:] == self._mine.commitment:
            raise RemoteProtocolError(reason="our own words came back")
        self._their_commitment = payload[1:]
        self._leaving.append(frame(Kind.REVEAL, self._mine.nonce + self._mine.card))
        self.phase = Phase.REVEALING

    def _revealed(self, payload: bytes) -> None:
        nonce, signed = payload[:NONCE_BYTES], payload[NONCE_BYTES:]
        if not crypto.equal(commitment(nonce, signed, self.their_certificate), self._their_commitment):
            raise RemoteProtocolError(reason="what was revealed is not what was promised")
        try:
            theirs = card.check(signed)
        except NotACard as error:
            raise RemoteProtocolError(reason="what was revealed is no contact card") from error
        if theirs.body.signing_key == self._own.card.body.signing_key:
            raise RemoteProtocolError(reason="our own card came back")
        self._transcript = transcript(self._mine, _Part(self._their_commitment, nonce, signed, self.their_certificate))
        self.their_card, self.compared = theirs, spoken(self._transcript)
        self.phase = Phase.COMPARING

    def _confirmed(self, payload: bytes) -> None:
        theirs = self.their_card
        if theirs is None or self._theirs_said:
            raise RemoteProtocolError(reason="a message at the wrong moment")
        try:
            words = self._transcript + self._their_commitment
            crypto.verify(theirs.body.signing_key, "pairing-confirm", words, payload)
        except crypto.CryptoError as error:
            raise RemoteProtocolError(reason="a confirmation that is not the colleague's") from error
        self._theirs_said = True
        self._agree()
