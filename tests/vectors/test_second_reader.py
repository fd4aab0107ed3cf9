"""Somebody who has nothing but the pages and the vectors reads them all, and refuses what is to be refused."""

import struct

import msgspec.msgpack
import pytest

from tests.vectors.second import basics, cards, documents, wire
from tests.vectors.second.basics import Refused
from tests.vectors.second.documents import Due
from tests.vectors.sheets import read

LABELS, PADDING, CARDS, FEEDS = read("labels"), read("padding"), read("cards"), read("feeds")
MESSAGES, KNOCKS, DOCUMENTS = read("messages"), read("knocks"), read("documents")
REFUSALS, ENVELOPES = read("refusals"), read("envelopes")
DUE = Due(CARDS["alpha.signing.public"], CARDS["beta.signing.public"], FEEDS["feed"], 3)
ALPHA, BETA = cards.read(CARDS["alpha.card.signed"]), cards.read(CARDS["beta.card.signed"])
BETA_KEY = CARDS["beta.transport.public"]
SPOKEN = [name for name in MESSAGES if not name.startswith("broken.")]
NUMBER = struct.Struct(">q")


def test_labels_digests_signatures_encryption() -> None:
    given = LABELS
    first, second = given["parts.a"], given["parts.b"]
    assert given["label.card"] == basics.label("card")
    assert given["digest.none"] == basics.digest("feed-head")
    assert given["digest.one"] == basics.digest("feed-head", first)
    assert given["digest.two"] == basics.digest("feed-head", first, second)
    assert given["digest.split"] == basics.digest("feed-head", first + second[:1], second[1:]) != given["digest.two"]
    assert given["digest.of-16"] == basics.digest("feed-head", first, second, size=16)
    assert given["keyed.of-32"] == basics.keyed(given["keyed.key"], "knock", first, second)
    assert given["keyed.of-12"] == basics.keyed(given["keyed.key"], "knock", first, second, size=12)
    assert given["sign.public"] == basics.public_of(given["sign.seed"])
    assert given["sign.signature"] == basics.signature_of(given["sign.seed"], "document", given["sign.message"])
    sealed, key = given["encrypt.sealed"], given["keyed.key"]
    opened = basics.decrypted(key, given["encrypt.nonce"], sealed, "envelope", given["encrypt.associated"])
    assert opened == given["encrypt.plain"]
    assert given["hpke.public"] == basics.sealing_public(given["hpke.secret"])
    context = given["hpke.context"]
    assert basics.unsealed(given["hpke.secret"], given["hpke.sealed"], "envelope-offer", context) == given["hpke.plain"]


def test_padding() -> None:
    for name, length in PADDING.items():
        assert basics.padded(int(name.removeprefix("padded."))) == int.from_bytes(length, "big")


@pytest.mark.parametrize("who", ["alpha", "beta"])
def test_cards(who: str) -> None:
    signed = CARDS[f"{who}.card.signed"]
    assert cards.of_text(CARDS[f"{who}.card.armour"].decode()) == signed
    assert cards.of_code(CARDS[f"{who}.card.alphanumeric"].decode()) == signed
    assert signed[64:] == CARDS[f"{who}.card.body"]
    card = cards.read(signed)
    assert card["signing_key"] == basics.public_of(CARDS[f"{who}.signing.secret"]) == CARDS[f"{who}.signing.public"]
    assert card["sealing_key"] == basics.sealing_public(CARDS[f"{who}.sealing.secret"])
    assert card["transport_certificate"] == CARDS[f"{who}.certificate"]
    assert cards.transport_key(card["transport_certificate"]) == basics.public_of(CARDS[f"{who}.transport.secret"])
    assert cards.identity(card) == CARDS[f"{who}.identity"]


def test_what_two_cards_have_in_common() -> None:
    assert cards.agreed(CARDS["alpha.pairing.secret"], BETA["pairing_key"]) == CARDS["pair.agreed"]
    assert cards.agreed(CARDS["beta.pairing.secret"], ALPHA["pairing_key"]) == CARDS["pair.agreed"]
    assert cards.pair_secret(CARDS["pair.agreed"], ALPHA, BETA) == CARDS["pair.secret"]
    assert cards.fingerprint(ALPHA, BETA) == cards.fingerprint(BETA, ALPHA) == CARDS["pair.fingerprint"].decode()


@pytest.mark.parametrize("name", [name for name in CARDS if name.startswith("refused.")])
def test_a_card_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(Refused):
        cards.read(CARDS[name])


def test_feeds() -> None:
    both = (FEEDS["incarnation"], ALPHA["signing_key"], BETA["signing_key"])
    assert FEEDS["feed"] == basics.digest("feed", *both, size=16)
    assert FEEDS["feed-again"] == basics.digest("feed", *both, (1).to_bytes(8, "big"), size=16)
    sealed_to = basics.digest("sealing-key", BETA["sealing_key"])
    assert FEEDS["sealing-key"] == sealed_to
    assert FEEDS["epoch"] == basics.digest("epoch", *both[:2], sealed_to, size=16)[:8]
    assert FEEDS["epoch-again"] == basics.digest("epoch", *both[:2], sealed_to, FEEDS["feed-again"], size=16)[:8]
    head = bytes(32)
    for place in range(1, 4):
        assert FEEDS[f"head.{place - 1}"] == head
        head = wire.next_head(head, FEEDS[f"envelope.{place}"])
    assert FEEDS["receipt.statement"] == FEEDS["feed"] + (3).to_bytes(8, "big") + head
    basics.verify(BETA_KEY, "receipt", FEEDS["receipt.statement"], FEEDS["receipt.signature"])


@pytest.mark.parametrize("name", SPOKEN)
def test_messages(name: str) -> None:
    said, fields = wire.message(MESSAGES[name], BETA_KEY)
    kind, _, rest = name.partition(".")
    assert said == kind.capitalize()
    if kind in ("refusal", "goodbye"):
        assert fields[-1] == int(rest)


def test_what_messages_say() -> None:
    feed, head = FEEDS["feed"], FEEDS["head.1"]
    assert wire.message(MESSAGES["envelope"], BETA_KEY) == ("Envelope", (feed, 1, b"one"))
    assert wire.message(MESSAGES["receipt"], BETA_KEY) == ("Receipt", (feed, 1, head))
    held = wire.message(MESSAGES["hello.two"], BETA_KEY)[1]
    assert held == tuple(sorted([(feed, 1, head), (b"\xfe" * 16, 0, bytes(32))]))


@pytest.mark.parametrize("name", [name for name in MESSAGES if name.startswith("broken.")])
def test_what_breaks_a_session(name: str) -> None:
    with pytest.raises(Refused):
        wire.message(MESSAGES[name], BETA_KEY)


def test_a_receipt_of_somebody_else_breaks_a_session() -> None:
    with pytest.raises(Refused, match="signature"):
        wire.message(MESSAGES["receipt"], CARDS["alpha.transport.public"])


@pytest.mark.parametrize("slot", ["slot", "early-slot"])
def test_knocks(slot: str) -> None:
    (number,) = NUMBER.unpack(KNOCKS[slot])
    ours, theirs = CARDS["alpha.transport.public"], BETA_KEY
    there = wire.knock(CARDS["pair.secret"], number, ours, theirs, KNOCKS["nonce"])
    back = wire.knock(CARDS["pair.secret"], number, theirs, ours, KNOCKS["nonce"])
    assert (there, back) == (KNOCKS[f"{slot}.knock.alpha-to-beta"], KNOCKS[f"{slot}.knock.beta-to-alpha"])


@pytest.mark.parametrize("which", ["text", "former"])
def test_announcements(which: str) -> None:
    (slot,) = NUMBER.unpack(KNOCKS["slot"])
    text, secret = KNOCKS[f"announcement.{which}"], CARDS["pair.secret"]
    assert wire.is_announced(text, secret, slot, CARDS["alpha.transport.public"], BETA_KEY)
    assert not wire.is_announced(text, secret, slot, BETA_KEY, CARDS["alpha.transport.public"])
    assert not wire.is_announced(text, secret, slot + 1, CARDS["alpha.transport.public"], BETA_KEY)


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if name not in ("feed", "sequence")])
def test_documents(name: str) -> None:
    content = documents.believed(DOCUMENTS[name], DUE)
    assert content["body"]["type"] == name.partition(".")[0]
    assert content["created"] == "2026-03-01T12:00:00.000Z"


def test_what_documents_say() -> None:
    body = documents.believed(DOCUMENTS["extract"], DUE)["body"]
    assert [entry["body"]["kind"] for entry in body["entries"]] == ["problem", "measurement", "document", "problem"]
    assert body["entries"][1]["body"]["quantity"] == {"value": "71.50", "unit": "kg", "code": "kg"}
    assert body["patient"]["family_name"] == "Dupont-Martin"
    assert documents.believed(DOCUMENTS["extract.default"], DUE)["body"]["patient"]["sex"] == "unknown"
    passed_on = documents.believed(DOCUMENTS["extract.passing-on"], DUE)["body"]
    (word,) = passed_on["originals"]
    assert word["author"] == BETA["signing_key"]
    assert len(word["path"]) == 2
    card = documents.believed(DOCUMENTS["card-update"], DUE)["body"]["card"]
    assert cards.read(card)["signing_key"] == DUE.author


@pytest.mark.parametrize("name", REFUSALS)
def test_documents_that_nobody_may_believe(name: str) -> None:
    with pytest.raises(Refused) as refusal:
        documents.believed(REFUSALS[name], DUE)
    assert refusal.value.cause == name.partition(".")[0]


def test_envelopes() -> None:
    opened = wire.open_envelope(ENVELOPES["envelope"], ENVELOPES["epoch.key"])
    assert opened == (1, FEEDS["feed"], 3, ENVELOPES["epoch"], ENVELOPES["document"])
    assert documents.believed(opened.document, DUE)["body"]["type"] == "extract"
    assert ENVELOPES["envelope"][:62] == ENVELOPES["header"]
    offer = wire.open_envelope(ENVELOPES["offer.envelope"], CARDS["beta.sealing.secret"])
    assert offer == (2, FEEDS["feed"], 3, ENVELOPES["epoch"], ENVELOPES["offer.document"])
    body = documents.believed(offer.document, DUE)["body"]
    assert (body["epoch"], body["key"]) == (offer.epoch, ENVELOPES["epoch.key"])
    assert body["sealing_key"] == FEEDS["sealing-key"]


def test_a_card_under_the_epoch_of_cards() -> None:
    opened = wire.open_envelope(ENVELOPES["card.envelope"], FEEDS["card-epoch.key"])
    assert (opened.epoch, opened.document) == (FEEDS["card-epoch"], ENVELOPES["card.document"])
    assert documents.believed(opened.document, DUE)["body"]["type"] == "card-update"


@pytest.mark.parametrize("name", [name for name in ENVELOPES if name.startswith("refused.")])
def test_envelopes_that_are_refused(name: str) -> None:
    with pytest.raises(Refused):
        wire.open_envelope(ENVELOPES[name], ENVELOPES["epoch.key"])


def test_another_key_opens_nothing() -> None:
    with pytest.raises(Refused, match="encryption"):
        wire.open_envelope(ENVELOPES["envelope"], bytes(32))
    assert msgspec.msgpack.decode(ENVELOPES["document"][64:])["sequence"] == 3
