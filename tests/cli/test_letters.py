"""`confrere letter`: two practices, each seen through its command line."""

from pathlib import Path
from typing import Any, NamedTuple

import pytest

from localstore import colleagues, practice
from sync import desk as desk_room
from tests import practices
from tests.cli.running import Ended, run
from tests.practices import carry

WORDS = "Cher confrère,\n\nMerci de voir Zoé.\n"
BAD_INPUT, REFUSED, USAGE = 5, 4, 2


class Two(NamedTuple):
    """Two paired practices; alpha has a patient with an asthma."""

    alpha: Path
    beta: Path
    patient: str
    asthma: str

    def at(self, folder: Path, *arguments: str | Path, stdin: bytes = b"") -> Ended:
        """A command at one of them, that succeeds."""
        ended = run("--practice", folder, *arguments, passphrase=practices.PASSPHRASE, stdin=stdin)
        assert ended.code == 0, ended.err
        return ended

    def refused(self, *arguments: str | Path, code: int, stdin: bytes = b"") -> str:
        """A command at alpha that is refused: the sentence."""
        ended = run("--practice", self.alpha, *arguments, passphrase=practices.PASSPHRASE, stdin=stdin)
        assert ended.code == code, ended.err
        return ended.err

    def deliver(self) -> None:
        """Carry what waits, both ways."""
        opened = [practice.unlock(folder, practices.PASSPHRASE) for folder in (self.alpha, self.beta)]
        alpha, beta = (desk_room.establish(one) for one in opened)
        (of_beta,), (of_alpha,) = colleagues.listing(alpha.record), colleagues.listing(beta.record)
        carry(alpha, of_beta, beta, of_alpha)
        carry(beta, of_alpha, alpha, of_beta)
        alpha.close()
        beta.close()


@pytest.fixture
def two(tmp_path: Path) -> Two:
    alpha, beta, _, _ = practices.two_desks(tmp_path)
    patient = practices.add_zoe(alpha.practice).id
    alpha.close()
    beta.close()
    made = Two(tmp_path / "alpha", tmp_path / "beta", patient, "")
    asthma: Any = made.at(made.alpha, "add", patient, "problem", "--text", "Asthme", "--json").document
    return made._replace(asthma=asthma["id"])


def test_a_letter_is_sent_read_and_answered(two: Two) -> None:
    two.at(two.alpha, "consent", "grant", two.patient, "beta", "--kinds", "problem,letter")
    options = ("--title", "Avis", "--from", "-", "--enclose", two.asthma[:8], "--json")
    sent = two.at(two.alpha, "letter", "send", two.patient, "beta", *options, stdin=WORDS.encode()).document
    assert sent["enclosed"] == 1
    record = two.at(two.alpha, "record", two.patient, "--json").document
    assert sent["letter"] in str(record)
    (waiting,) = two.at(two.alpha, "outbox", "--json").document
    assert (waiting["type"], waiting["entries"]) == ("letter", 2)
    two.deliver()
    (item,) = two.at(two.beta, "inbox", "--json").document
    assert (item["type"], item["subject"]) == ("letter", "Avis")
    assert "Letter: Avis" in two.at(two.beta, "inbox").out
    assert "Merci de voir Zoé." in two.at(two.beta, "inbox", "show", item["id"]).out
    taken = two.at(two.beta, "inbox", "take", item["id"], "--new", "--json").document
    two.at(two.beta, "consent", "grant", taken["patient"], "alpha")
    two.at(two.beta, "letter", "answer", item["id"], "--text", "Vue ce jour.")
    two.deliver()
    (answer,) = two.at(two.alpha, "inbox", "--json").document
    shown = two.at(two.alpha, "inbox", "show", answer["id"]).out
    assert "Vue ce jour." in shown
    assert "Answer: Avis" in shown
    assert "It answers the letter of" in shown
    assert ": Avis." in shown


def test_what_cannot_be_sent_is_one_sentence_and_nothing_is_written(two: Two, tmp_path: Path) -> None:
    send = ("letter", "send", two.patient, "beta")
    before = two.at(two.alpha, "record", two.patient, "--json").out
    assert "consent" in two.refused(*send, "--text", "Bonjour", code=REFUSED)
    two.at(two.alpha, "consent", "grant", two.patient, "beta", "--kinds", "letter")
    refused = two.refused(*send, "--text", "Bonjour", "--enclose", two.asthma, code=REFUSED)
    assert "does not cover" in refused
    assert "Asthme" in refused
    assert "needs a text" in two.refused(*send, "--text", "   ", code=BAD_INPUT)
    assert "Either --text or --from" in two.refused(*send, code=USAGE)
    two.refused(*send, "--from", tmp_path / "nowhere", code=BAD_INPUT)
    assert "UTF-8" in two.refused(*send, "--from", "-", code=BAD_INPUT, stdin=b"\xff\xfe")
    assert two.at(two.alpha, "record", two.patient, "--json").out == before
    assert two.at(two.alpha, "outbox", "--json").document == []


def test_four_characters_of_an_identifier_are_said_to_be_too_few(two: Two) -> None:
    two.at(two.alpha, "consent", "grant", two.patient, "beta", "--kinds", "problem,letter")
    two.at(two.alpha, "letter", "send", two.patient, "beta", "--text", "Bonjour")
    two.deliver()
    (item,) = two.at(two.beta, "inbox", "--json").document
    two.at(two.beta, "inbox", "show", item["id"][:6])
    ended = run("--practice", two.beta, "inbox", "show", item["id"][:4], passphrase=practices.PASSPHRASE)
    assert ended.code == BAD_INPUT
    assert "at least 6 of its characters" in ended.err
    assert "at least 6" in two.refused("consent", "revoke", "5d41", code=BAD_INPUT)
    enclosing = ("letter", "send", two.patient, "beta", "--text", "Bonjour", "--enclose", two.asthma[:4])
    assert "at least 6" in two.refused(*enclosing, code=BAD_INPUT)
