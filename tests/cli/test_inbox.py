"""The inbox on the command line: beside the own record, possible duplicates told and left, words of others named."""

import re
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from localstore import paths, postbox, record
from localstore.arrivals import receive
from localstore.bodies import AllergyBody, DocumentBody, ProblemBody
from localstore.clock import system_clock
from localstore.feeds import Piece
from localstore.kinds import Kind
from localstore.values import Concept
from sync.receiving import inbox, reception
from sync.sending import sharing
from tests import practices
from tests.cli.running import Ended, at, run
from tests.cli.running import ask as asked
from tests.practices import PASSPHRASE, ZOE

HOSTILE = "Dr \x1b]52;c;ZXZpbA==\x07\x9b31m[/]\u202eX"
ARABIC = "حساسية من البنسلين"
HARMFUL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]")


class House(NamedTuple):
    """Alpha, who has Zoé with her asthma, and two extracts about her from Beta, who passes on a word of somebody whom
    Alpha does not know."""

    alpha: Path
    key: bytes
    beta: str
    zoe: str
    asthma: str
    document: str
    earlier: str


@pytest.fixture(scope="module")
def pristine_house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """One practice, to be copied."""
    folder = tmp_path_factory.mktemp("inbox")
    alpha = practices.make_desk(folder / "alpha", "Alpha", clock=system_clock)
    beta = practices.make_desk(folder / "beta", "Beta", "10001234575", clock=system_clock)
    gamma = practices.make_desk(folder / "gamma", HOSTILE, "10001234583", clock=system_clock)
    gammas_beta, betas_gamma = practices.pair(gamma, beta)
    betas_alpha, alphas_beta = practices.pair(beta, alpha)
    theirs = practices.add_zoe(gamma.practice).id
    record.add(gamma.practice, theirs, AllergyBody(Concept(f"{ARABIC} {HOSTILE}")), "2024-02-02")
    sharing.grant(gamma, theirs, gammas_beta, purpose="soins")
    sharing.share(gamma, theirs, gammas_beta)
    practices.carry(gamma, gammas_beta, beta, betas_gamma)
    reception.collect(beta)
    told = inbox.take(beta, inbox.listing(beta)[0].id, new=True).patient
    record.add(beta.practice, told, ProblemBody(Concept("asthme")), "2001-04")
    sharing.grant(beta, told, betas_alpha, purpose=f"soins {HOSTILE}", kinds=(Kind.PROBLEM, Kind.ALLERGY))
    earlier = sharing.share(beta, told, betas_alpha).document
    document = sharing.share(beta, told, betas_alpha).document
    practices.carry(beta, betas_alpha, alpha, alphas_beta)
    zoe = record.add_patient(alpha.practice, ZOE).id
    asthma = record.add(alpha.practice, zoe, ProblemBody(Concept("Asthme")), "2010").id
    for desk in (alpha, beta, gamma):
        desk.close()
    return House(folder / "alpha", alpha.postbox_key, alphas_beta.id, zoe, asthma, document, earlier)


@pytest.fixture
def house(pristine_house: House, tmp_path: Path) -> House:
    """The practice of this test alone."""
    return pristine_house._replace(alpha=Path(shutil.copytree(pristine_house.alpha, tmp_path / "alpha")))


def ask(house: House, *arguments: str) -> Any:
    return asked(house.alpha, *arguments, passphrase=PASSPHRASE)


def say(house: House, *arguments: str) -> Ended:
    return at(house.alpha, *arguments, passphrase=PASSPHRASE)


def refused(house: House, *arguments: str, code: int = 5) -> str:
    ended = run("--practice", house.alpha, *arguments, "--json", passphrase=PASSPHRASE)
    assert (ended.code, ended.out) == (code, ""), ended.err
    return ended.err


def by_kind(shown: Any) -> dict[str, Any]:
    return {one["kind"]: one for one in shown["entries"]}


def test_each_entry_says_how_it_stands_to_the_own_record(house: House) -> None:
    shown = ask(house, "inbox", "show", house.document)
    assert (shown["beside"], shown["colleague"], shown["supersedes"]) == (house.zoe, "Dr Beta", house.earlier)
    assert shown["as_of"] and shown["scope"]["kinds"] == ["problem", "allergy"]
    problem, allergy = by_kind(shown)["problem"], by_kind(shown)["allergy"]
    assert (problem["relation"], problem["duplicate_of"], problem["already_here"]) == (
        "possible-duplicate", [house.asthma], False,
    )  # fmt: skip
    assert (allergy["relation"], allergy["duplicate_of"], allergy["already_here"]) == ("new", [], False)
    assert (problem["signed_by"], problem["author"]["name"]) == (None, "Dr Beta")
    word = allergy["signed_by"]
    assert (word["standing"], len(word["key"]), bool(word["as_of"])) == ("unknown", 64, True)


def test_beside_somebody_else_nothing_is_alike(house: House) -> None:
    other = ask(house, "patient", "new", "--family", "Durand", "--given", "Ana", "--birth", "1990-01-01")["id"]
    shown = ask(house, "inbox", "show", house.document, "--patient", other)
    assert shown["beside"] == other
    assert {one["relation"] for one in shown["entries"]} == {"new"}


def test_in_words_it_tells_the_same_and_commands_no_terminal(house: House) -> None:
    said = say(house, "inbox", "show", house.document).out
    assert not HARMFUL.search(said)
    for words in ("possible duplicate", house.asthma[:16], "Asthme", ARABIC, "Only what the consent covers:", "As of "):
        assert words in said, words
    assert "signed with a key that is not known here" in said and "Dr Beta says that it is that of" in said


def test_that_the_own_record_was_read_beside_it_is_in_the_history(house: House) -> None:
    ask(house, "inbox", "show", house.document)
    lines = ask(house, "history", "zoe")
    assert any(one["action"] == "record-read" and one["detail"] == "beside an extract" for one in lines)


def test_all_but_what_may_be_there_is_taken_over(house: House) -> None:
    problem = by_kind(ask(house, "inbox", "show", house.document))["problem"]
    taken = ask(house, "inbox", "take", house.document, "--except-duplicates")
    assert (taken["added"], taken["left"], taken["patient"]) == (1, [problem["id"]], house.zoe)
    shown = by_kind(ask(house, "inbox", "show", house.document))
    assert (shown["allergy"]["relation"], shown["allergy"]["already_here"]) == ("already-here", True)
    kinds = [one["kind"] for one in ask(house, "record", "zoe")["entries"]]
    assert sorted(kinds) == ["allergy", "problem"]
    again = ask(house, "inbox", "take", house.document, "--except-duplicates")
    assert (again["added"], again["already_here"], again["left"]) == (0, 1, [problem["id"]])
    assert "1 possible duplicate was left." in say(house, "inbox", "take", house.document, "--except-duplicates").out


def test_a_duplicate_is_taken_where_it_is_named_or_nothing_is_excepted(house: House) -> None:
    problem = by_kind(ask(house, "inbox", "show", house.document))["problem"]
    assert ask(house, "inbox", "take", house.document, "--only", problem["id"][:8])["added"] == 1
    everything = ask(house, "inbox", "take", house.document)
    assert (everything["added"], everything["already_here"], everything["left"]) == (1, 1, [])


def test_where_all_may_be_there_nothing_is_taken(house: House) -> None:
    at(house.alpha, "add", "zoe", "allergy", "--text", f"{ARABIC} {HOSTILE}", passphrase=PASSPHRASE)
    ask(house, "inbox")
    said = refused(house, "inbox", "take", house.document, "--except-duplicates")
    assert said.startswith("Every entry of this extract is a possible duplicate.") and said.count("\n") == 1
    assert "--only" in refused(house, "inbox", "take", house.document, "--only", "a" * 8, "--except-duplicates", code=2)


def test_into_a_new_patient_nothing_is_a_duplicate(house: House) -> None:
    taken = ask(house, "inbox", "take", house.document, "--new", "--except-duplicates")
    assert (taken["added"], taken["left"]) == (2, [])


def test_what_was_replaced_says_by_which(house: House) -> None:
    items = {one["id"]: one for one in ask(house, "inbox")}
    assert items[house.earlier]["superseded_by"] == house.document
    assert items[house.document]["superseded_by"] == ""
    said = say(house, "inbox", "show", house.earlier).out
    assert f"A later extract has taken its place: {house.document[:8]}." in said


@pytest.mark.parametrize("count", [1, 3])
def test_what_is_set_aside_is_listed_with_its_reason_and_counted(house: House, count: int) -> None:
    alpha = postbox.open_postbox(paths.postbox(house.alpha), house.key)
    for number in range(count):
        receive(alpha, house.beta, [Piece(bytes([number]) * 16, 1, b"no envelope at all" * 10)])
    alpha.close()
    said = say(house, "inbox")
    assert said.out.count("set aside: ") == count
    words = "document is set aside: nothing in it" if count == 1 else "documents are set aside: nothing in them"
    assert f"{count} {words} was believed." in said.err


def test_three_hundred_entries_are_told_one_by_one(tmp_path: Path) -> None:
    alpha, beta, of_beta, of_alpha = practices.two_desks(tmp_path)
    theirs, zoe = practices.add_zoe(beta.practice).id, practices.add_zoe(alpha.practice).id
    for number in range(300):
        record.add(beta.practice, theirs, DocumentBody(f"Examen {number}"), f"{1990 + number % 30}-05-06")
        if number % 3 == 0:
            record.add(alpha.practice, zoe, DocumentBody(f"examen {number}"), f"{1990 + number % 30}-05")
    sharing.grant(beta, theirs, of_alpha, purpose="soins", kinds=(Kind.DOCUMENT,))
    document = sharing.share(beta, theirs, of_alpha).document
    practices.carry(beta, of_alpha, alpha, of_beta)
    alpha.close()
    house = House(tmp_path / "alpha", b"", "", zoe, "", document, "")
    shown = ask(house, "inbox", "show", document)
    assert len(shown["entries"]) == 300
    assert sum(one["relation"] == "possible-duplicate" for one in shown["entries"]) == 100
    taken = ask(house, "inbox", "take", document, "--except-duplicates")
    assert (taken["added"], len(taken["left"])) == (200, 100)
