"""`confrere recovery`, and the recovery words of `confrere init`: on paper, asked back, split, held, joined."""

import os
import shutil
import stat
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from pypdf import PdfReader

from localstore import colleagues, correspondence, founding
from localstore.founding import Identity
from localstore.keys import keyring, passphrase, recovery, shares
from localstore.practice import unlock
from sync import desk as desk_room
from sync.desk import Desk
from sync.receiving import reception
from tests.cli.running import PASSPHRASE, RPPS, Ended, ask, at, on_terminal, run
from tests.practices import carry, introduce, pair
from tui.screens import inbox
from tui.values_inbox import InboxLine
from tui.words.catalogue import text

MAKE = ("init", "--name", "Dr Alpha", "--rpps", RPPS, "--kdf-memory", "64")
OTHERS = (("beta", "10003000014"), ("gamma", "10003000022"), ("delta", "10003000030"))
STDIN = ("--words-fd", "0")
DECOY = passphrase.recovery_words(bytes(32))


class Circle(NamedTuple):
    """Alpha with his recovery words; Beta and Gamma, whom he has verified; Delta, whose card alone he has."""

    place: Path
    words: str

    @property
    def alpha(self) -> Path:
        return self.place / "alpha"

    def of(self, name: str) -> Path:
        """The practice of a colleague."""
        return self.place / name


def _found(folder: Path, name: str, rpps: str) -> tuple[Desk, str]:
    identity = Identity(f"Cabinet {name}", "Lyon", f"Dr {name.title()}", rpps)
    words = founding.make(folder, identity, PASSPHRASE, memory=keyring.MIN_MEMORY)
    return _open(folder), words


def _open(folder: Path) -> Desk:
    return desk_room.establish(unlock(folder, PASSPHRASE))


@pytest.fixture(scope="module")
def met(tmp_path_factory: pytest.TempPathFactory) -> Circle:
    """Four practices that have met; to be copied."""
    place = tmp_path_factory.mktemp("met")
    alpha, words = _found(place / "alpha", "alpha", RPPS)
    for name, rpps in OTHERS:
        there, _ = _found(place / name, name, rpps)
        (introduce if name == "delta" else pair)(alpha, there)
        there.close()
    alpha.close()
    return Circle(place, words)


@pytest.fixture(scope="module")
def entrusted(met: Circle, tmp_path_factory: pytest.TempPathFactory) -> Circle:
    """The same, after the words were split among Beta and Gamma and the shares have arrived; to be copied."""
    circle = _copied(met, tmp_path_factory.mktemp("entrusted"))
    _split(circle, "beta", "gamma", "--threshold", "2", "--yes")
    _deliver(circle)
    return circle


@pytest.fixture
def circle(met: Circle, tmp_path: Path) -> Circle:
    """Four practices of this test alone."""
    return _copied(met, tmp_path / "circle")


@pytest.fixture
def held(entrusted: Circle, tmp_path: Path) -> Circle:
    """Four practices of this test alone, the shares in place."""
    return _copied(entrusted, tmp_path / "held")


def _copied(circle: Circle, place: Path) -> Circle:
    shutil.copytree(circle.place, place, dirs_exist_ok=True)
    return Circle(place, circle.words)


def _split(circle: Circle, *arguments: str) -> Any:
    return ask(circle.alpha, "recovery", "split", *arguments, *STDIN, stdin=circle.words.encode())


def _deliver(circle: Circle) -> None:
    """Carry what waits at Alpha, as the daemons do."""
    alpha = _open(circle.alpha)
    for known in colleagues.listing(alpha.record):
        if known.is_verified:
            there = _open(circle.of(known.name.removeprefix("Dr ").lower()))
            (of_alpha,) = colleagues.listing(there.record)
            carry(alpha, known, there, of_alpha)
            reception.collect(there)
            there.close()
    alpha.close()


def _reveal(folder: Path) -> dict[str, Any]:
    (one,) = ask(folder, "recovery", "held")
    shown: dict[str, Any] = ask(folder, "recovery", "reveal", one["id"], "--yes")
    return shown


def _refused(folder: Path, *arguments: str, code: int, **how: Any) -> Ended:
    ended = run("--practice", folder, *arguments, **how)
    assert (ended.code, ended.out) == (code, ""), ended.err
    return ended


def _actions(folder: Path) -> list[str]:
    return [line["action"] for line in ask(folder, "history")]


def _words_on(pdf: bytes) -> str:
    (page,) = PdfReader(BytesIO(pdf)).pages
    text = " ".join(page.extract_text().split())
    return " ".join(text.split(f"{number}. ", 1)[1].split()[0] for number in range(1, 25))


def _tells(shown: str, words: list[str]) -> bool:
    """Whether two words that follow one another are shown; one alone may be part of any sentence."""
    return any(f"{one} {after}" in " ".join(shown.split()) for one, after in pairwise(words))


def _same(one: str, other: str) -> bool:
    return passphrase.recovery_key(one) == passphrase.recovery_key(other)


# --- splitting, holding, joining -----------------------------------------------------------------------------------


def test_from_words_to_shares_and_back_on_a_machine_with_nothing(circle: Circle, tmp_path: Path) -> None:
    done = _split(circle, "beta", "gamma", "--threshold", "2", "--yes")
    assert (done["threshold"], done["count"]) == (2, 2)
    assert [one["colleague_name"] for one in done["shares"]] == ["Dr Beta", "Dr Gamma"]
    _deliver(circle)
    typed = "\n".join(_reveal(circle.of(name))["words"] for name in ("gamma", "beta"))
    joined = run(
        "--practice", tmp_path / "nothing", "recovery", "join", *STDIN, "--json", passphrase=None, stdin=typed.encode()
    )
    assert _same(joined.document["recovery_words"], circle.words)
    assert not (tmp_path / "nothing").exists()
    again = joined.document["recovery_words"].encode()
    opens = at(circle.alpha, "recovery", "check", *STDIN, passphrase=None, stdin=again)
    assert opens.out == "These recovery words open this practice.\n"
    renewed = ("user", "passphrase", "--recovery", *STDIN, "--no-confirm", "--json")
    new = at(circle.alpha, *renewed, passphrase=None, stdin=again).document["passphrase"]
    at(circle.alpha, "patients", passphrase=new)
    assert run("--practice", circle.alpha, "patients").code == 3


def test_what_is_held_is_listed_and_nothing_but_reveal_shows_its_words(held: Circle) -> None:
    beta = held.of("beta")
    (one,) = ask(beta, "recovery", "held")
    assert (one["colleague_name"], one["rpps"], one["threshold"], one["count"]) == ("Dr Alpha", RPPS, 2, 2)
    assert (one["colleague_state"], one["newest"]) == ("verified-in-person", True)
    assert "2 of 2" in at(beta, "recovery", "held").out
    (item,) = ask(beta, "inbox")
    assert (item["id"], item["type"], item["state"], item["patient"]) == (one["id"], "recovery-share", "held", None)
    listed = at(beta, "inbox").out
    assert "Dr Alpha" in listed and "Recovery share" in listed and "kept for him" in listed
    everything = [
        at(beta, *words).out
        for words in (("inbox", "--json"), ("inbox", "show", one["id"], "--json"), ("inbox", "show", one["id"]),
                      ("recovery", "held", "--json"), ("history",), ("doctor",))
    ]  # fmt: skip
    everything.append(listed)
    revealed = _reveal(beta)["words"].split()
    assert len(revealed) == shares.WORDS
    assert not any(_tells(shown, revealed) for shown in everything)


def test_both_histories_tell_of_it(held: Circle) -> None:
    assert _actions(held.alpha).count("recovery-split") == 2
    assert _actions(held.of("beta")).count("recovery-share-received") == 1
    assert "recovery-share-revealed" not in _actions(held.of("beta"))
    _reveal(held.of("beta"))
    assert _actions(held.of("beta"))[-1] == "recovery-share-revealed"
    sent = ask(held.alpha, "outbox")
    assert {(one["type"], one["colleague_name"]) for one in sent} == {
        ("recovery-share", "Dr Beta"), ("recovery-share", "Dr Gamma")
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "typed", "code", "said"),
    [
        (("beta", "delta", "--threshold", "2", "--yes"), None, 4, "Dr Delta is not a verified colleague."),
        (("beta", "gamma", "--threshold", "2"), None, 4, "This was not confirmed."),
        (("beta", "gamma", "--threshold", "2", "--yes"), DECOY, 3, "do not open this practice"),
        (("beta", "gamma", "--threshold", "2", "--yes"), "nonsense", 5, "Recovery word number 1 is misspelt"),
        (("beta", "gamma", "--threshold", "3", "--yes"), None, 5, "Of 2 shares, 2 to 2 can be needed"),
        (("beta", "--threshold", "2", "--yes"), None, 5, "into 2 to 16 shares"),
        (("beta", "gamma", "--yes"), None, 2, "--threshold is missing."),
    ],
)
def test_what_cannot_be_split_sends_nothing(
    met: Circle, arguments: tuple[str, ...], typed: str | None, code: int, said: str
) -> None:
    given = (typed if typed is not None else met.words).encode()
    ended = _refused(met.alpha, "recovery", "split", *arguments, *STDIN, code=code, stdin=given)
    assert said in ended.err
    assert not _tells(ended.err, met.words.split())
    alpha = _open(met.alpha)
    assert correspondence.outgoing(alpha.record) == []
    alpha.close()


def test_without_a_terminal_the_words_need_a_descriptor(met: Circle) -> None:
    for words in (("split", "beta", "gamma", "--threshold", "2", "--yes"), ("check",), ("join",)):
        assert "--words-fd" in _refused(met.alpha, "recovery", *words, code=3).err


def test_a_share_is_not_shown_before_its_owner_was_recognised(held: Circle) -> None:
    beta = held.of("beta")
    (one,) = ask(beta, "recovery", "held")
    ended = _refused(beta, "recovery", "reveal", one["id"], code=4)
    assert "Whoever has 2 such shares and a copy of the files of Dr Alpha opens the record there." in ended.err
    asked = [("Passphrase: ", PASSPHRASE), (r"Have you recognised Dr Alpha, .*\[y/N\] ", "n")]
    refused = on_terminal(["--practice", beta, "recovery", "reveal", one["id"]], asked)
    assert refused.code == 4 and "33 words:" not in refused.out
    assert "recovery-share-revealed" not in _actions(beta)
    asked[1] = (asked[1][0], "y")
    shown = on_terminal(["--practice", beta, "recovery", "reveal", one["id"]], asked)
    assert shown.code == 0 and "The share of Dr Alpha, 33 words:" in shown.out and "33. " in shown.out
    assert _refused(beta, "recovery", "reveal", "ffffff", "--yes", code=5).err.startswith("The received document")


def test_shares_and_words_are_typed_on_a_terminal(circle: Circle, tmp_path: Path) -> None:
    one, two, three = shares.split(bytes(32), 2, 3)
    misspelt = two.replace(two.split()[5], "zzzz")
    answers = [
        ("Share 1, 33 words on one line: ", one), ("1 more share is needed.\n.*Share 2, ", misspelt),
        (r"(?s)Word \d+ of share 2 is misspelt.*Share 2, ", one),
        ("1 more share is needed.\n.*Share 3, ", three),
    ]  # fmt: skip
    answers = [(question.replace("\n", r"\r?\n"), answer) for question, answer in answers]
    ended = on_terminal(["--practice", tmp_path / "nothing", "recovery", "join"], answers)
    assert ended.code == 0, ended.out
    assert all(word in ended.out for word in ("The recovery words:", "24. "))
    words = circle.words.split()
    typed = [("on several: ", " ".join(words[:10])), ("10 words so far", " ".join(words[10:]).upper())]
    assert on_terminal(["--practice", circle.alpha, "recovery", "check"], typed).code == 0


def test_the_screen_tells_of_a_share_without_its_words() -> None:
    line = InboxLine("a" * 32, "Dr Alpha", "recovery-share", "held", "2026-03-01T12:00:00.000Z", "")
    said = text("A share of this colleague's recovery words, kept for him. Its words are not shown here.")
    assert inbox.about(line)[0] == said


# --- checking and renewing -------------------------------------------------------------------------------------------


def test_checking_changes_nothing(circle: Circle, tmp_path: Path) -> None:
    before = {path.name: path.read_bytes() for path in circle.alpha.iterdir()}
    for typed, code in ((circle.words, 0), (DECOY, 3), ("", 5), ("\xff", 5)):
        given = typed.encode("latin-1") if typed == "\xff" else typed.encode()
        ended = run("--practice", circle.alpha, "recovery", "check", *STDIN, passphrase=None, stdin=given)
        assert ended.code == code, ended.err
    assert {path.name: path.read_bytes() for path in circle.alpha.iterdir()} == before
    _refused(tmp_path / "nothing", "recovery", "check", *STDIN, code=5, stdin=circle.words.encode())


def test_new_words_open_and_the_old_ones_do_not(circle: Circle, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.pdf"
    ended = at(circle.alpha, "recovery", "renew", "--no-confirm", "--pdf", sheet)
    assert f"{sheet} opens the record: print it, then delete it." in ended.err
    assert stat.S_IMODE(sheet.stat().st_mode) == 0o600
    new = _words_on(sheet.read_bytes())
    assert recovery.opens(circle.alpha, new) and not recovery.opens(circle.alpha, circle.words)
    assert all(f"{at + 1}. {word}" in ended.out for at, word in enumerate(new.split()))
    assert _actions(circle.alpha)[-1] == "recovery-renewed"
    at(circle.alpha, "patients")


@pytest.mark.parametrize("how", [("--json",), ("--pdf", "-"), ()])
def test_words_that_nobody_could_read_do_not_become_valid(circle: Circle, how: tuple[str, ...]) -> None:
    before = (circle.alpha / "keyring").read_bytes()
    reading, writing = os.pipe()
    os.close(reading)
    try:
        run("--practice", circle.alpha, "recovery", "renew", "--no-confirm", *how, stdout=writing)
    finally:
        os.close(writing)
    assert (circle.alpha / "keyring").read_bytes() == before
    assert recovery.opens(circle.alpha, circle.words)
    assert "recovery-renewed" not in _actions(circle.alpha)


def test_it_is_said_which_words_are_valid(circle: Circle) -> None:
    ended = at(circle.alpha, "recovery", "renew", "--no-confirm")
    first, *_, last = ended.err.splitlines()
    assert first == "Until it is said that the new words are valid, the old ones are: keep them."
    assert last == "The new words are valid from now on. The old ones, and their shares, open nothing more."


def test_words_are_renewed_only_when_it_is_confirmed_and_the_sheet_can_be_written(
    circle: Circle, tmp_path: Path
) -> None:
    there = tmp_path / "there.pdf"
    there.write_bytes(b"of another practice")
    before = (circle.alpha / "keyring").read_bytes()
    assert (
        "already exists. It was left as it is."
        in _refused(circle.alpha, "recovery", "renew", "--no-confirm", "--pdf", str(there), code=5).err
    )
    _refused(circle.alpha, "recovery", "renew", "--no-confirm", "--pdf", str(tmp_path / "no" / "x.pdf"), code=5)
    _refused(circle.alpha, "recovery", "renew", code=4)
    _refused(circle.alpha, "recovery", "renew", "--no-confirm", "--pdf", "-", "--json", code=2)
    assert (circle.alpha / "keyring").read_bytes() == before and there.read_bytes() == b"of another practice"


def test_renewing_on_a_terminal_asks_first_and_asks_words_back(circle: Circle) -> None:
    word = (r"Recovery word number (\d+): $", r"=\b{}\. (\w+)")
    answers = [("Passphrase: ", PASSPHRASE), (r"Make new words\? \[y/N\] ", "y"), word, word, word]
    ended = on_terminal(["--practice", circle.alpha, "recovery", "renew"], answers)
    assert ended.code == 0 and "That is another word" not in ended.out
    assert not recovery.opens(circle.alpha, circle.words)


# --- init -------------------------------------------------------------------------------------------------------


def test_init_prints_a_private_sheet_whose_words_open(tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.pdf"
    made = run("--practice", tmp_path / "p", *MAKE, "--town", "Lyon", "--no-confirm", "--json", "--recovery-pdf", sheet)
    assert made.code == 0, made.err
    assert _same(_words_on(sheet.read_bytes()), made.document["recovery_words"])
    assert recovery.opens(tmp_path / "p", _words_on(sheet.read_bytes()))
    assert stat.S_IMODE(sheet.stat().st_mode) == 0o600
    assert made.err == f"{sheet} opens the record: print it, then delete it.\n"
    (page,) = PdfReader(sheet).pages
    assert "Dr Alpha, Lyon" in page.extract_text()


def test_init_never_writes_over_a_sheet_and_then_makes_nothing(tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.pdf"
    sheet.write_bytes(b"of another practice")
    for target in (sheet, tmp_path / "no" / "sheet.pdf"):
        ended = run("--practice", tmp_path / "p", *MAKE, "--no-confirm", "--recovery-pdf", target)
        assert (ended.code, ended.out) == (5, ""), ended.err
    assert sheet.read_bytes() == b"of another practice"
    assert not (tmp_path / "p").exists()


def test_init_sends_the_sheet_to_a_pipe_and_the_words_nowhere_else(tmp_path: Path) -> None:
    printer = tmp_path / "printer"
    with open(printer, "wb") as stdout:
        ended = run("--practice", tmp_path / "p", *MAKE, "--no-confirm", "--recovery-pdf", "-", stdout=stdout.fileno())
    assert ended.code == 0, ended.err
    words = _words_on(printer.read_bytes())
    assert recovery.opens(tmp_path / "p", words)
    assert "The sheet opens the record" in ended.err and "is ready in" in ended.err
    assert not _tells(ended.err, words.split())
    assert {path.name for path in tmp_path.iterdir()} == {"p", "printer"}


def test_init_sends_no_pdf_to_a_terminal_or_into_json(tmp_path: Path) -> None:
    ended = run("--practice", tmp_path / "p", *MAKE, "--no-confirm", "--json", "--recovery-pdf", "-")
    assert ended.code == 2 and "Either --json or the sheet on stdout." in ended.err
    shown = on_terminal(["--practice", tmp_path / "p", *MAKE, "--no-confirm", "--recovery-pdf", "-"])
    assert shown.code == 2 and "%PDF" not in shown.out
    assert not (tmp_path / "p").exists()


def _init_on_terminal(folder: Path, *answers: tuple[str, str]) -> Ended:
    chosen = [("generated one\\): ", PASSPHRASE), ("again: ", PASSPHRASE)]
    return on_terminal(["--practice", folder, *MAKE], [*chosen, *answers])


def test_init_asks_until_the_words_are_right(tmp_path: Path) -> None:
    right, wrong = (r"Recovery word number (\d+): $", r"=\b{}\. (\w+)"), (r"Recovery word number \d+: $", "autre")
    ended = _init_on_terminal(tmp_path / "p", wrong, wrong, wrong, wrong, right, right, right)
    assert ended.code == 0, ended.out
    assert ended.out.count("That is another word. Check what you wrote down.") == 4
    assert "Without these words" not in ended.out


def test_init_ends_without_the_words_only_when_that_is_said(tmp_path: Path) -> None:
    nothing, question = (r"Recovery word number \d+: $", ""), r"Go on without knowing .*\? \[y/N\] "
    ended = _init_on_terminal(tmp_path / "p", nothing, (question, "n"), nothing, (question, "y"))
    assert ended.code == 0, ended.out
    assert ended.out.count("Recovery word number") == 2
    assert "Without these words, a forgotten passphrase loses everything" in ended.out


def test_init_says_when_nobody_was_there_to_ask(tmp_path: Path) -> None:
    said = "The recovery words were not asked back: nobody is at a terminal."
    assert said in run("--practice", tmp_path / "p", *MAKE).err
    assert said not in run("--practice", tmp_path / "q", *MAKE, "--no-confirm").err
