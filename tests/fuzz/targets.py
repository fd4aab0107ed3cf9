"""What is fuzzed. A target takes any bytes; what it lets out, other than what is documented, is a defect.

Where a signature or a MAC stands before the parser, the target makes it right, so that what lies behind is reached too.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import NamedTuple

import msgspec

from localstore import crypto
from localstore.bodies import MeasurementBody, ProblemBody
from localstore.kinds import Kind
from localstore.model import Entry
from localstore.terms import Terms
from localstore.values import Author, Concept, Quantity
from sync.errors import BadCertificate, LotRefused, NotACard, SetAside
from sync.lots import layout
from sync.lots.content import NO_LOT, PREAMBLE_BYTES, Preamble, read_preamble, write_preamble
from sync.lots.content import Content as LotContent
from sync.meeting.conversation import Conversation, Own, Phase, commitment
from sync.meeting.conversation import Kind as MeetingKind
from sync.meeting.conversation import frame as meeting_frame
from sync.papers import conditions, documents, envelope
from sync.papers.conditions import Expected
from sync.papers.documents import CardUpdate, Content, EpochOffer, Extract, Letter, Receipt, RecoveryShare, Withdrawal
from sync.post_office import certificate, knock
from sync.protocol import Envelope, Farewell, Goodbye, Hello, RemoteProtocolError, Role, Session
from sync.protocol.framing import Unframer, frame
from sync.protocol.messages import decode, encode
from sync.trust import card
from sync.trust.card import CardBody
from tests.practices import ZOE
from tests.sync.messages import PEER_KEY, SAMPLES

HE = crypto.signing_key(bytes(32))
ME = crypto.signing_key(bytes([1]) * 32)
FEED, EPOCH, KEY = b"f" * 16, b"e" * 8, b"k" * 32
EXPECTED = Expected(HE.public, True, ME.public, FEED, 1)
MOMENT = "2026-03-01T12:00:00.000Z"


class Target(NamedTuple):
    """A parser under attack: what it is fed to begin with, and one feeding."""

    seeds: Sequence[bytes]
    feed: Callable[[bytes], None]


def _framing(data: bytes) -> None:
    """A stream in pieces: the first byte says how long each is."""
    unframer = Unframer()
    size = (data[0] if data else 0) + 1
    try:
        for start in range(1, len(data), size):
            for message in unframer.receive(data[start : start + size]):
                list(Unframer().receive(frame(message)))
    except RemoteProtocolError:
        pass
    assert unframer.buffered <= len(data), "more is held than came"


def _messages(data: bytes) -> None:
    """The code of a message, then its body: what is accepted has one encoding."""
    code, body = data[0] if data else 0, data[1:]
    try:
        message = decode(code, body)
    except RemoteProtocolError:
        return
    assert encode(message) == (code, body)


def _session(data: bytes) -> None:
    """A whole conversation with a peer who says anything."""
    role = Role.SERVER if data[:1] < b"\x80" else Role.CLIENT
    session = Session(role, PEER_KEY)
    size = (data[1] if len(data) > 1 else 0) + 1
    try:
        for start in range(2, len(data), size):
            session.receive_data(data[start : start + size])
            session.data_to_send()
        session.receive_eof()
    except RemoteProtocolError:
        session.data_to_send()


def _card(data: bytes) -> None:
    """A card as text, as signed bytes, and as a body whose signature is right."""
    for read, given in (
        (card.read, data),
        (card.check, data),
        (card.check, crypto.sign(HE.secret, "card", data) + data),
        (card.read, card.armour(card.Card(_CARD, data))),
    ):
        try:
            found = read(given)
        except NotACard:
            continue
        assert card.read(card.armour(found)) == found


def _document(data: bytes) -> None:
    """A document signed by a verified colleague who may write anything into it."""
    signed = crypto.sign(HE.secret, "document", data) + data
    try:
        document = conditions.accept(signed, EXPECTED)
    except SetAside:
        return
    assert documents.read(signed) == document


def _envelope(data: bytes) -> None:
    """An envelope as it comes, and one whose ciphertext is right around any padded content."""
    header = envelope.Header(envelope.UNDER_EPOCH_KEY, FEED, 1, EPOCH, bytes(24)).encode()
    sealed = header + crypto.encrypt(KEY, bytes(24), data, "envelope", header)
    for given in (data, sealed):
        try:
            envelope.open_sealed(given, KEY)
        except SetAside:
            pass


def _knock(data: bytes) -> None:
    """The first bytes of a connection, an announcement, and a certificate: nobody is recognised by chance."""
    pairs = [knock.Pair("peer", KEY, ME.public, HE.public)]
    assert knock.recognise(data, pairs, 1) is None
    assert knock.announcer(data, pairs, 1) is None
    try:
        certificate.public_key(data)
    except BadCertificate:
        pass


def _lot(data: bytes) -> None:
    """The head of a file, and what a hostile colleague may write inside of one, in pieces as they are deciphered."""
    assert layout.recognise(layout.split_head(data), [knock.Pair("peer", KEY, ME.public, HE.public)]) is None
    content = LotContent(PEER_KEY)
    try:
        start = PREAMBLE_BYTES if read_preamble(data).length else 0
        for at in range(start, len(data), layout.CHUNK_BYTES):
            for message in content.receive(data[at : at + layout.CHUNK_BYTES]):
                assert not isinstance(message, Goodbye) or content.is_complete
    except LotRefused:
        pass


def _meeting(data: bytes) -> None:
    """A pairing with somebody who says anything, after a right commitment or instead of it."""
    own = Own(card.make(_CARD, HE.secret), HE, certificate.make(bytes(32)))
    size = (data[0] if data else 0) + 1
    conversation = Conversation(own, certificate.make(bytes([3]) * 32), bytes(32))
    try:
        for at in range(1, len(data), size):
            conversation.receive(data[at : at + size])
            conversation.data_to_send()
    except RemoteProtocolError:
        pass
    assert conversation.phase is not Phase.AGREED, "nobody here has said yes"


_CARD = CardBody(
    version=1,
    name="Dr Zoé Ünal",
    rpps="10001234567",
    profession="médecin",
    practice="Cabinet",
    town="Lyon",
    signing_key=HE.public,
    pairing_key=crypto.agreement_key(bytes([2]) * 32).public,
    sealing_key=crypto.sealing_pair(bytes([3]) * crypto.SEALING_SECRET_BYTES).public,
    transport_certificate=certificate.make(bytes(32)),
    addresses=("192.0.2.1:7400",),
    made=MOMENT,
)


def _contents() -> list[bytes]:
    asthma = Entry("b" * 32, "c" * 32, "1" * 32, "2019-03", Author("Dr A"), MOMENT, ProblemBody(Concept("Asthme")))
    weight = MeasurementBody(Concept("Poids"), Quantity(Decimal("70.5")))
    measured = Entry("d" * 32, "e" * 32, "1" * 32, "2020", Author("Dr A"), MOMENT, weight, parents=("f" * 32,))
    terms = Terms((Kind.PROBLEM, Kind.MEASUREMENT), "soins", "oral", "Dr A", "2026-03-01", standing=True)
    bodies = (
        EpochOffer(EPOCH, KEY, KEY),
        Extract("2" * 32, terms, "1" * 32, ZOE, (asthma, measured), MOMENT),
        Letter("2" * 32, terms, "1" * 32, ZOE, (asthma,), MOMENT, letter="b" * 32),
        Withdrawal("2" * 32),
        Receipt(FEED, (1, 2), (1,), bytes(128), bytes(128), 3, (4,)),
        RecoveryShare("3" * 32, 2, 3, "academic " * 33),
        CardUpdate(card.make(_CARD, HE.secret).signed),
    )
    return [
        msgspec.msgpack.encode(Content(1, bytes(16), HE.public, ME.public, FEED, 1, MOMENT, body)) for body in bodies
    ]


def _streams() -> list[bytes]:
    frames = [frame(message) for message in SAMPLES]
    return [b"\x40" + b"".join(frames), *(b"\xff" + one for one in frames)]


def _lots() -> list[bytes]:
    messages = [one for one in SAMPLES if isinstance(one, Hello | Envelope)]
    said = b"".join(frame(one) for one in (*messages, Goodbye(Farewell.STOPPING)))
    content = said.ljust(layout.SMALLEST - PREAMBLE_BYTES, b"\0")
    return [write_preamble(Preamble(layout.SMALLEST, NO_LOT)) + content, said]


def _meetings() -> list[bytes]:
    theirs, shown = card.make(_CARD, HE.secret).signed, certificate.make(bytes([3]) * 32)
    commit = meeting_frame(MeetingKind.COMMIT, b"\1" + commitment(bytes([4]) * 32, theirs, shown))
    reveal = meeting_frame(MeetingKind.REVEAL, bytes([4]) * 32 + theirs)
    confirm, refuse = meeting_frame(MeetingKind.CONFIRM, bytes(64)), meeting_frame(MeetingKind.REFUSE)
    return [b"\xff" + commit + reveal + confirm, b"\x10" + commit + refuse, b"\0" + commit + commit]


TARGETS: dict[str, Target] = {
    "framing": Target(_streams(), _framing),
    "messages": Target([bytes([code]) + body for code, body in map(encode, SAMPLES)], _messages),
    "session": Target([role + stream for role in (b"\0", b"\xff") for stream in _streams()], _session),
    "card": Target([msgspec.msgpack.encode(_CARD), card.armour(card.make(_CARD, HE.secret))], _card),
    "document": Target(_contents(), _document),
    "envelope": Target(
        [envelope.pack(b"document"), envelope.seal(b"document", FEED, 1, EPOCH, KEY)],
        _envelope,
    ),
    "lot": Target(_lots(), _lot),
    "meeting": Target(_meetings(), _meeting),
    "knock": Target([bytes(48), b"t=" + bytes(192), certificate.make(bytes(32))], _knock),
}
