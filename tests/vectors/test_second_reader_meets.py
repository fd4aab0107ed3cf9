"""The second reader pairs, and reads lots."""

import unicodedata

import pytest
from mnemonic import Mnemonic

from tests.vectors.second import basics, cards, meetings
from tests.vectors.second.basics import Refused
from tests.vectors.second.meetings import Side
from tests.vectors.sheets import read

CARDS, FEEDS, MEETINGS, WORDS, LOTS = read("cards"), read("feeds"), read("meetings"), read("words"), read("lots")
ALPHA_KEY, BETA_KEY = CARDS["alpha.transport.public"], CARDS["beta.transport.public"]
FRENCH = [unicodedata.normalize("NFC", word) for word in Mnemonic("french").wordlist]


def side(who: str) -> Side:
    """One side of the meeting."""
    certificate = MEETINGS[f"{who}.meeting.certificate"]
    assert cards.transport_key(certificate) == basics.public_of(MEETINGS[f"{who}.meeting.seed"])
    return meetings.side(MEETINGS[f"{who}.commit"], MEETINGS[f"{who}.reveal"], certificate)


def words(transcript: bytes) -> str:
    """The words of a transcript."""
    return " ".join(FRENCH[place] for place in meetings.places(transcript))


def test_a_meeting() -> None:
    alpha, beta = side("alpha"), side("beta")
    assert (alpha.card, alpha.nonce) == (CARDS["alpha.card.signed"], MEETINGS["alpha.nonce"])
    transcript = meetings.transcript(alpha, beta)
    assert meetings.transcript(beta, alpha) == transcript
    assert meetings.digits(transcript) == MEETINGS["digits"].decode()
    assert words(transcript) == MEETINGS["words"].decode()
    for who, one in (("alpha", alpha), ("beta", beta)):
        meetings.check_confirmation(MEETINGS[f"{who}.confirm"], transcript, one, CARDS[f"{who}.signing.public"])
    with pytest.raises(Refused, match="signature"):
        meetings.check_confirmation(MEETINGS["alpha.confirm"], transcript, beta, CARDS["alpha.signing.public"])
    assert meetings.unframed(MEETINGS["refuse"], meetings.REFUSE) == b""


def test_what_was_not_promised_is_refused() -> None:
    with pytest.raises(Refused, match="commitment"):
        meetings.side(MEETINGS["alpha.commit"], MEETINGS["beta.reveal"], MEETINGS["alpha.meeting.certificate"])
    with pytest.raises(Refused, match="commitment"):
        meetings.side(MEETINGS["alpha.commit"], MEETINGS["alpha.reveal"], MEETINGS["beta.meeting.certificate"])


@pytest.mark.parametrize("number", range(8))
def test_digits_and_words(number: int) -> None:
    transcript = WORDS[f"transcript.{number}"]
    assert meetings.digits(transcript) == WORDS[f"digits.{number}"].decode()
    assert words(transcript) == WORDS[f"words.{number}"].decode()
    assert number or (meetings.digits(transcript), words(transcript)) == ("223 614", "journal neige censurer")


def test_the_epoch_of_cards() -> None:
    both = (CARDS["alpha.signing.public"], CARDS["beta.signing.public"])
    assert FEEDS["card-epoch"] == basics.digest("card-epoch-name", *both, size=16)[:8]
    assert FEEDS["card-epoch.key"] == basics.keyed(CARDS["pair.agreed"], "card-epoch", *both)
    named = (FEEDS["incarnation"], both[0], FEEDS["sealing-key"])
    assert FEEDS["epoch-after-ended"] == basics.digest("epoch", *named, (1).to_bytes(8, "big"), size=16)[:8]


def test_a_lot() -> None:
    secret = CARDS["pair.secret"]
    assert meetings.hint_and_key(secret, ALPHA_KEY, BETA_KEY, LOTS["lot"]) == (LOTS["hint"], LOTS["key"])
    content = meetings.content_of(LOTS["file"], secret, ALPHA_KEY, BETA_KEY)
    assert content == LOTS["content"]
    lot = meetings.read_content(content, ALPHA_KEY)
    assert lot.echo == LOTS["echo"]
    assert [name for name, _ in lot.messages] == ["Hello", "Refusal", *["Envelope"] * 4]
    assert lot.messages[2] == ("Envelope", (FEEDS["feed"], 1, FEEDS["envelope.1"]))


def test_an_empty_lot_is_like_any() -> None:
    content = meetings.content_of(LOTS["empty.file"], CARDS["pair.secret"], ALPHA_KEY, BETA_KEY)
    assert len(content) == 16 * 1024
    assert meetings.read_content(content, ALPHA_KEY).messages == [("Hello", ())]


@pytest.mark.parametrize("place", [0, 16, 32, 56, 16_500, -1])
def test_an_altered_lot_is_refused(place: int) -> None:
    file = bytearray(LOTS["file"])
    file[place] ^= 1
    with pytest.raises(Refused):
        meetings.content_of(bytes(file), CARDS["pair.secret"], ALPHA_KEY, BETA_KEY)


def test_a_lot_that_was_cut_or_brought_back_is_refused() -> None:
    with pytest.raises(Refused, match="cut"):
        meetings.content_of(LOTS["file"][: 56 + 16 * 1024 + 17], CARDS["pair.secret"], ALPHA_KEY, BETA_KEY)
    with pytest.raises(Refused, match="stranger"):
        meetings.content_of(LOTS["file"], CARDS["pair.secret"], BETA_KEY, ALPHA_KEY)
