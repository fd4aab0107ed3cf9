"""Vectors of live pairing: what both sides say, and what they compare."""

from localstore import crypto
from sync.meeting.conversation import Conversation, Own, Phase
from sync.meeting.words import spoken
from sync.post_office import certificate
from tests.vectors.people import ALPHA, BETA, Person
from tests.vectors.sheets import Sheet


def meetings(before: dict[str, bytes]) -> Sheet:
    """One conversation to its end."""
    sheet = Sheet("Live pairing of Alpha and Beta, whose cards are in cards.txt: docs/pairing.md.", before)
    sheet.say("The certificates that they made for this meeting, by the seeds of their keys; and their nonces.")
    sides = []
    for name, person, first in (("alpha", ALPHA, 0x21), ("beta", BETA, 0x31)):
        der = certificate.make(sheet.put(f"{name}.meeting.seed", bytes([first]) * 32))
        sheet.put(f"{name}.meeting.certificate", der)
        sides.append((name, person, der, sheet.put(f"{name}.nonce", bytes([first + 1]) * 32)))
    (_, _, of_alpha, _), (_, _, of_beta, _) = sides
    alpha = Conversation(_own(ALPHA, of_alpha), of_beta, sides[0][3])
    beta = Conversation(_own(BETA, of_beta), of_alpha, sides[1][3])
    sheet.say("What each says: commit, then reveal.")
    for step in ("commit", "reveal"):
        said = [sheet.put(f"{name}.{step}", one.data_to_send()) for name, one in (("alpha", alpha), ("beta", beta))]
        alpha.receive(said[1])
        beta.receive(said[0])
    assert alpha.compared is not None
    sheet.say("What both see.")
    sheet.text("digits", alpha.compared.digits)
    sheet.text("words", " ".join(alpha.compared.words))
    refusing = Conversation(_own(ALPHA, of_alpha), of_beta, sides[0][3])
    refusing.data_to_send()
    sheet.say("The confirmations; and what one says instead whose doctor says no.")
    for name, one in (("alpha", alpha), ("beta", beta)):
        one.confirm()
        sheet.put(f"{name}.confirm", one.data_to_send())
    alpha.receive(sheet.values["beta.confirm"])
    beta.receive(sheet.values["alpha.confirm"])
    assert alpha.phase is beta.phase is Phase.AGREED
    refusing.refuse()
    sheet.put("refuse", refusing.data_to_send())
    return sheet


def words(before: dict[str, bytes]) -> Sheet:
    """Digits and words of other transcripts."""
    sheet = Sheet("Digits and words of transcripts: docs/pairing.md. The first is the one that is given there.", before)
    for number in range(8):
        drawn = crypto.digest("pairing-exchange", bytes([number])) if number else bytes(32)
        transcript = sheet.put(f"transcript.{number}", drawn)
        found = spoken(transcript)
        sheet.text(f"digits.{number}", found.digits)
        sheet.text(f"words.{number}", " ".join(found.words))
    return sheet


def _own(person: Person, der: bytes) -> Own:
    return Own(person.card, person.signing, der)
