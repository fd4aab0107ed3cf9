"""Cards, colleagues, consents, sharing, inbox, outbox: two practices, each seen through its command line."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from localstore import colleagues
from localstore.practice import unlock
from sync import desk as desk_room
from sync.desk import Desk
from tests.cli.running import PASSPHRASE, Ended, ask, at, init, on_terminal, run
from tests.practices import carry

SHARED = {"id", "patient", "colleague", "consent", "entries", "left_out", "bytes", "too_large"}


class Pair(NamedTuple):
    """Two practices whose doctors have compared their fingerprint. Alpha has the patient Zoé with three entries."""

    alpha: Path
    beta: Path


@pytest.fixture(scope="module")
def introduced(tmp_path_factory: pytest.TempPathFactory, pristine: Path) -> Pair:
    """Two practices that have each other's card, not verified; to be copied."""
    place = tmp_path_factory.mktemp("introduced")
    pair = Pair(Path(shutil.copytree(pristine, place / "alpha")), place / "beta")
    init(pair.beta, "Dr Beta", "10003000014")
    for own, other in ((pair.alpha, pair.beta), (pair.beta, pair.alpha)):
        at(own, "card", "export", place / "card.txt", "--force")
        at(other, "colleague", "add", place / "card.txt")
    at(pair.alpha, "add", "zoe", "problem", "--text", "Asthme", "--date", "2020")
    at(pair.alpha, "add", "zoe", "allergy", "--text", "Pénicilline")
    at(pair.alpha, "add", "zoe", "problem", "--text", "Confidentiel", "--restricted")
    return pair


@pytest.fixture(scope="module")
def paired(tmp_path_factory: pytest.TempPathFactory, introduced: Pair) -> Pair:
    """The same two, verified on both sides; to be copied."""
    pair = _copied(introduced, tmp_path_factory.mktemp("paired"))
    for folder, other in ((pair.alpha, "beta"), (pair.beta, "alpha")):
        at(folder, "colleague", "verify", other, "--fingerprint", _fingerprint(pair.beta))
    return pair


def _copied(pair: Pair, place: Path) -> Pair:
    return Pair(*(Path(shutil.copytree(folder, place / folder.name)) for folder in pair))


@pytest.fixture
def strangers(introduced: Pair, tmp_path: Path) -> Pair:
    """Two practices of this test alone, not verified."""
    return _copied(introduced, tmp_path)


@pytest.fixture
def pair(paired: Pair, tmp_path: Path) -> Pair:
    """Two verified practices of this test alone."""
    return _copied(paired, tmp_path)


def _fingerprint(folder: Path) -> str:
    return str(ask(folder, "colleague", "list")[0]["fingerprint"])


def _deliver(pair: Pair, back: bool = False) -> int:
    """Carry what waits from Alpha to Beta, or back, as the daemons do."""
    sender, recipient = (_open(pair.beta), _open(pair.alpha)) if back else (_open(pair.alpha), _open(pair.beta))
    (there,), (here,) = colleagues.listing(sender.record), colleagues.listing(recipient.record)
    carried = carry(sender, there, recipient, here)
    sender.close()
    recipient.close()
    return carried


def _open(folder: Path) -> Desk:
    return desk_room.establish(unlock(folder, PASSPHRASE))


def _share(pair: Pair, *terms: str) -> Any:
    at(pair.alpha, "consent", "grant", "zoe", "beta", *terms)
    return ask(pair.alpha, "share", "zoe", "beta")


def _refused(folder: Path, *arguments: str, code: int = 4) -> Ended:
    ended = run("--practice", folder, *arguments, "--json")
    assert (ended.code, ended.out) == (code, ""), ended.err
    assert ended.err.count("\n") == 1
    return ended


# --- colleagues ------------------------------------------------------------------------------------------------


def test_a_card_says_who_and_travels_as_text(strangers: Pair) -> None:
    card = ask(strangers.alpha, "card", "show", "--address", "192.168.1.20:7400")
    assert (card["name"], card["rpps"], card["addresses"]) == ("Dr Alpha", "10003000006", ["192.168.1.20:7400"])
    renewed = ask(strangers.beta, "colleague", "add", "-", stdin=card["card"].encode())
    assert (renewed["name"], renewed["state"], renewed["verified"]) == ("Dr Alpha", "received", "")
    assert at(strangers.alpha, "card", "show").out.startswith("-----BEGIN CONFRERE CARD-----\n")


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"\x00" * 40_000, b"-----BEGIN CONFRERE CARD-----\nAAAA\n-----END CONFRERE CARD-----"]
)
def test_what_is_no_card_adds_nobody(practice: Path, content: bytes) -> None:
    ended = run("--practice", practice, "colleague", "add", "-", stdin=content)
    assert ended.code == 5 and ended.err.startswith("This is not a contact card:")
    assert ask(practice, "colleague", "list") == []


def test_nothing_leaves_before_the_fingerprint_was_compared(strangers: Pair) -> None:
    at(strangers.alpha, "consent", "grant", "zoe", "beta")
    said = _refused(strangers.alpha, "share", "zoe", "beta").err
    assert said.startswith("Dr Beta is not a verified colleague. Nothing was sent.")
    assert ask(strangers.alpha, "outbox") == []


def test_another_fingerprint_is_refused_and_so_is_none(strangers: Pair) -> None:
    verify = ("colleague", "verify", "beta")
    assert "The fingerprint is not the same" in _refused(strangers.alpha, *verify, "--fingerprint", "12345 " * 5).err
    assert "--fingerprint" in _refused(strangers.alpha, *verify).err
    assert ask(strangers.alpha, "colleague", "list")[0]["state"] == "received"


def test_a_fingerprint_is_typed_on_a_terminal(strangers: Pair) -> None:
    command = ["--practice", str(strangers.alpha), "colleague", "verify", "beta", "--by", "phone"]
    answers = [("Passphrase: ", PASSPHRASE), (r"reads out: $", _fingerprint(strangers.beta))]
    ended = on_terminal(command, answers)
    assert ended.code == 0 and "verified by phone" in ended.out
    assert ask(strangers.alpha, "colleague", "list")[0]["state"] == "verified-by-phone"


def test_parting_is_confirmed(pair: Pair) -> None:
    assert "--yes" in _refused(pair.alpha, "colleague", "remove", "beta").err
    assert ask(pair.alpha, "colleague", "remove", "beta", "--yes")["state"] == "removed"
    assert ask(pair.alpha, "colleague", "list") == []
    assert "No colleague matches “beta”." in _refused(pair.alpha, "share", "zoe", "beta", code=5).err


# --- consents --------------------------------------------------------------------------------------------------


def test_without_consent_the_one_that_is_needed_is_named(pair: Pair) -> None:
    zoe, beta = ask(pair.alpha, "patients")[0]["id"], ask(pair.alpha, "colleague", "list")[0]["id"]
    said = _refused(pair.alpha, "share", "zoe", "beta").err
    assert said.startswith("Dupont-Martin Zoé has no valid consent for Dr Beta. Nothing was sent.")
    assert f"confrere consent grant {zoe} {beta[:8]}" in said
    at(pair.alpha, "consent", "grant", zoe, beta[:8])
    at(pair.alpha, "share", zoe, beta[:8])


def test_a_consent_says_what_was_agreed(pair: Pair) -> None:
    entries = ask(pair.alpha, "record", "zoe", "--kind", "problem")["entries"]
    hidden = next(one for one in entries if one["sensitivity"] == "restricted")
    granted = ask(pair.alpha, "consent", "grant", "zoe", "beta", "--kinds", "problem,allergy", "--given", "written",
                  "--purpose", "avis", "--from", "2026-01-01", "--until", "31/12/2199", "--since", "2019",
                  "--before", "2199-06", "--restricted", hidden["id"][:8])  # fmt: skip
    assert (granted["kinds"], granted["given"], granted["purpose"]) == (["problem", "allergy"], "written", "avis")
    assert (granted["from"], granted["until"], granted["since"], granted["before"]) == (
        "2026-01-01", "2199-12-31", "2019", "2199-06",
    )  # fmt: skip
    assert (granted["restricted"], granted["state"]) == ([hidden["id"]], "standing")
    assert ask(pair.alpha, "consent", "list", "zoe") == [granted]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--kinds", "problem,dreams"), "“dreams” is no kind of entry."),
        (("--until", "2020-01-01"), "The consent would end before it begins."),
        (("--from", "2026"), "“2026” is not a day."),
        (("--since", "soon"), "“soon” is not a date."),
        (("--purpose", " "), "A consent needs a purpose, in a few words."),
        (("--restricted", "0123456789"), "No entry of this practice has the identifier “0123456789”."),
    ],
)
def test_a_consent_that_cannot_be_is_not_recorded(strangers: Pair, options: tuple[str, ...], said: str) -> None:
    before = (strangers.alpha / "record.db").read_bytes()
    assert _refused(strangers.alpha, "consent", "grant", "zoe", "beta", *options, code=5).err.startswith(said)
    assert (strangers.alpha / "record.db").read_bytes() == before


def test_revoking_before_anything_left_keeps_it_back(pair: Pair) -> None:
    shared = _share(pair)
    revoked = ask(pair.alpha, "consent", "revoke", "zoe", "beta")
    assert (revoked["id"], revoked["never_sent"], revoked["removal_requested"]) == (shared["consent"], 1, 0)
    _deliver(pair)
    assert ask(pair.beta, "inbox") == []
    _refused(pair.alpha, "share", "zoe", "beta")
    assert _refused(pair.alpha, "consent", "revoke", "zoe", "beta", code=5).err.startswith(
        "A consent in force for Dr Beta"
    )


# --- what travels ----------------------------------------------------------------------------------------------


def test_what_the_consent_covers_arrives_and_is_taken_over(pair: Pair) -> None:
    shared = _share(pair)
    assert set(shared) == SHARED and (shared["entries"], shared["left_out"]) == (2, 1)
    (queued,) = ask(pair.alpha, "outbox")
    assert (queued["id"], queued["type"], queued["state"], queued["entries"]) == (shared["id"], "extract", "queued", 2)
    assert _deliver(pair) == 3  # the key of the epoch, an anchor, and the extract
    first = at(pair.beta, "inbox", "--json")
    assert first.err == "1 new extract arrived. See: confrere inbox\n"
    (item,) = first.document
    assert (item["id"], item["colleague"], item["state"], item["entry_count"]) == (shared["id"], "Dr Alpha", "new", 2)
    assert ask(pair.beta, "inbox", "list") == [item]
    assert ask(pair.alpha, "outbox")[0]["state"] == "sent"
    shown = ask(pair.beta, "inbox", "show", shared["id"][:8])
    sent = [one["body"] for one in ask(pair.alpha, "record", "zoe")["entries"] if one["sensitivity"] == "normal"]
    assert [one["body"] for one in shown["entries"]] == sent
    assert (
        "No patient of this practice has this identity." in _refused(pair.beta, "inbox", "take", item["id"], code=5).err
    )
    taken = ask(pair.beta, "inbox", "take", item["id"], "--new")
    assert (taken["added"], taken["already_here"]) == (2, 0)
    assert ask(pair.beta, "inbox", "take", item["id"], "--patient", taken["patient"])["added"] == 0
    entries = ask(pair.beta, "record", taken["patient"])["entries"]
    assert {(one["provenance"], one["origin"], one["author"]["name"]) for one in entries} == {
        ("received", "Dr Alpha", "Dr Alpha")
    }  # fmt: skip
    _deliver(pair, back=True)
    assert ask(pair.alpha, "outbox")[0]["state"] == "opened"


def test_what_was_withdrawn_disappears_and_the_removal_is_attested(pair: Pair) -> None:
    shared = _share(pair)
    _deliver(pair)
    ask(pair.beta, "inbox")
    _deliver(pair, back=True)
    revoked = ask(pair.alpha, "consent", "revoke", shared["consent"][:8])
    assert (revoked["never_sent"], revoked["removal_requested"]) == (0, 1)
    assert [one["state"] for one in ask(pair.alpha, "outbox")] == ["withdrawn", "queued"]
    _deliver(pair)
    ended = at(pair.beta, "inbox", "--json", language="fr_FR.UTF-8")
    assert ended.err == "1 extrait a été retiré par son auteur. Voir\u00a0: confrere inbox\n"
    assert (ended.document[0]["state"], ended.document[0]["entry_count"]) == ("withdrawn", 0)
    _deliver(pair, back=True)
    assert ask(pair.alpha, "outbox")[0]["state"] == "removed"


def test_one_entry_of_an_extract_is_taken(pair: Pair) -> None:
    shared = _share(pair)
    _deliver(pair)
    entry = ask(pair.beta, "inbox", "show", shared["id"])["entries"][0]
    taken = ask(pair.beta, "inbox", "take", shared["id"], "--new", "--only", entry["id"][:8])
    assert taken["added"] == 1
    assert [one["id"] for one in ask(pair.beta, "record", taken["patient"])["entries"]] == [entry["id"]]


def test_a_document_that_is_not_there_is_one_sentence(practice: Path) -> None:
    for arguments in (("inbox", "show", "0123456789"), ("inbox", "take", "0123456789", "--new")):
        assert "The received document “0123456789” was not found." in _refused(practice, *arguments, code=5).err
    assert (
        "Either --patient or --new."
        in _refused(practice, "inbox", "take", "0", "--new", "--patient", "zoe", code=2).err
    )


def test_a_hostile_colleague_commands_no_terminal(
    practice: Path, other_practice: Callable[[], Path], tmp_path: Path
) -> None:
    init(tmp_path / "evil", "Dr \x1b]52;c;ZXZpbA==\x07 [/]\u202eX", "10003000022")
    card = at(tmp_path / "evil", "card", "show").out
    assert "\x1b" not in at(practice, "colleague", "add", "-", stdin=card.encode()).out
    shown = at(practice, "colleague", "list").out
    assert not set(shown) & {"\x1b", "\x07", "\u202e"} and "[/]" in shown
    # What commands a terminal is in no card that this program makes, and none that it takes (test_card_texts).
    assert ask(practice, "colleague", "list")[0]["name"] == "Dr ]52;c;ZXZpbA== [/]X"
