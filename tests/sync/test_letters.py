"""Letters: written, sent, read, answered, withdrawn; and what a consent does not cover stays."""

from pathlib import Path

import pytest

from localstore import consents, correspondence, record
from localstore.bodies import LetterBody, ProblemBody
from localstore.database import transaction
from localstore.errors import BadInput
from localstore.kinds import Kind, Sensitivity
from localstore.values import Concept
from sync.errors import NoConsent, NotCovered
from sync.papers.documents import DocumentType
from sync.receiving import inbox
from sync.sending import letters, sharing
from tests.sync.meetings import Town

WORDS = "Cher confrère,\n\nMerci de recevoir ce patient.\n\nBien confraternellement"


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


def kept(town: Town) -> list[LetterBody]:
    house = town.alpha
    entries = record.chart(house.desk.practice, house.patient).entries
    return [entry.body for entry in entries if isinstance(entry.body, LetterBody)]


def asthma(town: Town) -> str:
    house = town.alpha
    return next(
        entry.id
        for entry in record.chart(house.desk.practice, house.patient).entries
        if isinstance(entry.body, ProblemBody)
    )


def test_a_letter_is_in_the_own_record_and_arrives_with_what_is_enclosed(town: Town) -> None:
    alpha, beta = town.alpha, town.beta
    alpha.consent()
    record.add(alpha.desk.practice, alpha.patient, ProblemBody(Concept("Fracture du poignet")))
    sent = letters.send(alpha.desk, alpha.patient, alpha.other, "Avis", WORDS, [asthma(town)])
    assert sent.enclosed == 1
    assert [(one.title, one.direction, one.correspondent, one.text) for one in kept(town)] == [
        ("Avis", "sent", "Dr Beta", WORDS)
    ]
    town.exchange()
    (item,) = inbox.listing(beta.desk)
    assert (item.type, item.letter, item.supersedes) == (DocumentType.LETTER, sent.letter.id, "")
    assert {entry.kind for entry in item.entries} == {Kind.LETTER, Kind.PROBLEM}
    assert len(item.entries) == 2, "what was not enclosed stays"
    taken = inbox.take(beta.desk, item.id, new=True)
    assert taken.added == 2


@pytest.mark.parametrize("what", ["no consent", "letters not covered", "restricted", "another's", "empty", "too many"])
def test_what_is_refused_writes_and_sends_nothing(town: Town, what: str) -> None:
    alpha = town.alpha
    enclosed, words, error = [asthma(town)], WORDS, (NotCovered, BadInput, NoConsent)
    match what:
        case "letters not covered":
            sharing.grant(alpha.desk, alpha.patient, alpha.other, kinds=(Kind.PROBLEM,), purpose="soins")
        case "restricted":
            alpha.consent()
            secret = ProblemBody(Concept("Secret"))
            new = record.add(alpha.desk.practice, alpha.patient, secret, "", Sensitivity.RESTRICTED)
            enclosed = [new.id]
        case "another's":
            alpha.consent()
            enclosed = ["f" * 32]
        case "empty":
            alpha.consent()
            words = "  \n "
        case "too many":
            alpha.consent()
            enclosed = [f"{number:032x}" for number in range(letters.MAX_ENCLOSED + 1)]
    before = record.chart(alpha.desk.practice, alpha.patient).entries
    with pytest.raises(error):
        letters.send(alpha.desk, alpha.patient, alpha.other, "Avis", words, enclosed)
    assert record.chart(alpha.desk.practice, alpha.patient).entries == before
    assert correspondence.outgoing(alpha.desk.record) == []


def test_an_answer_names_the_letter_that_it_answers(town: Town) -> None:
    alpha, beta = town.alpha, town.beta
    alpha.consent()
    sent = letters.send(alpha.desk, alpha.patient, alpha.other, "Avis", WORDS)
    town.exchange()
    (item,) = inbox.listing(beta.desk)
    unread = letters.answering(beta.desk, correspondence.by_identifier(beta.desk.record, item.id))
    assert (unread.title, unread.letter, unread.patient) == ("Avis", sent.letter.id, "")
    taken = inbox.take(beta.desk, item.id, new=True)
    begun = letters.answering(beta.desk, correspondence.by_identifier(beta.desk.record, item.id))
    assert begun.patient == taken.patient
    sharing.grant(beta.desk, taken.patient, begun.colleague, purpose="soins")
    letters.send(beta.desk, taken.patient, begun.colleague, "Réponse", WORDS, answers=begun.letter)
    town.exchange()
    (answer,) = inbox.listing(alpha.desk)
    assert answer.answers == sent.letter.id
    assert inbox.take(alpha.desk, answer.id, alpha.patient).added == 1


def test_revoking_takes_a_letter_back_too(town: Town) -> None:
    alpha, beta = town.alpha, town.beta
    consent = alpha.consent()
    letters.send(alpha.desk, alpha.patient, alpha.other, "Avis", WORDS)
    town.exchange()
    assert alpha.revoke(consent).removal_requested == 1
    town.exchange()
    (item,) = inbox.listing(beta.desk)
    assert (item.state, item.entries) == (correspondence.ReceivedState.WITHDRAWN, ())
    letter = next(one for one in correspondence.outgoing(alpha.desk.record) if one.type == DocumentType.LETTER)
    assert letter.removed


def test_an_extract_after_a_letter_supersedes_no_letter(town: Town) -> None:
    alpha, beta = town.alpha, town.beta
    alpha.consent()
    first = alpha.share()
    letters.send(alpha.desk, alpha.patient, alpha.other, "Avis", WORDS)
    alpha.share()
    town.exchange()
    items = {item.id: item for item in inbox.listing(beta.desk)}
    assert [item.supersedes for item in items.values() if item.supersedes] == [first.document]


def test_a_letter_is_sealed_anew_with_what_was_enclosed(town: Town) -> None:
    alpha, beta = town.alpha, town.beta
    consent = alpha.consent()
    letters.send(alpha.desk, alpha.patient, alpha.other, "Avis", WORDS, [asthma(town)])
    (sent,) = [one for one in correspondence.outgoing(alpha.desk.record) if one.type == DocumentType.LETTER]
    with transaction(alpha.desk.record):
        assert letters.seal_anew(alpha.desk, sent)
    town.exchange()
    assert [len(item.entries) for item in inbox.listing(beta.desk)] == [2, 2]
    alpha.revoke(consents.by_identifier(alpha.desk.record, consent.id))
    with transaction(alpha.desk.record):
        assert not letters.seal_anew(alpha.desk, sent)
