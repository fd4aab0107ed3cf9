"""`confrere user`, and what the other commands say to a secretary: real processes, real passphrases over pipes."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from localstore import paths, users
from localstore.keys import keyring, passphrase
from localstore.practice import unlock
from tests.cli.running import COMMAND, DEADLINE, PASSPHRASE, ROOT, Ended, ask, at, environment, init, on_terminal, run

SECRETARY = "la phrase de passe de notre secretaire"
LOCUM = "la phrase de passe de notre remplacante"
NOT_ALLOWED = (
    "Your role in this practice (secretary) does not allow this. Nothing was done. Ask a doctor of the practice.\n"
)


@contextmanager
def piped(*lines: str) -> Iterator[int]:
    """A descriptor from which these lines can be read."""
    reading, writing = os.pipe()
    try:
        os.write(writing, "".join(line + "\n" for line in lines).encode())
        os.close(writing)
        yield reading
    finally:
        os.close(reading)


def with_new(folder: Path, new: str, *arguments: str, passphrase: str = PASSPHRASE) -> Ended:
    """Run a command whose new passphrase comes over a pipe of its own: after the old one, over the same one."""
    with piped(passphrase, new) as descriptor:
        fds = ("--passphrase-fd", str(descriptor), "--new-passphrase-fd", str(descriptor))
        done = subprocess.run(
            [*COMMAND, "--practice", str(folder), *arguments, *fds],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=environment(),
            cwd=ROOT,
            pass_fds=(descriptor,),
            start_new_session=True,
            timeout=DEADLINE,
            check=False,
        )
    return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())


def add(folder: Path, name: str, role: str, secret: str, *more: str) -> Any:
    """Add a user; the JSON document."""
    ended = with_new(folder, secret, "user", "add", "--name", name, "--role", role, *more, "--json")
    assert ended.code == 0, ended.err
    return ended.document


def refused(folder: Path, *arguments: str | Path, passphrase: str = SECRETARY) -> None:
    """A command that a secretary must not run: one sentence, exit code 4, nothing on stdout."""
    ended = run("--practice", folder, *arguments, passphrase=passphrase)
    assert (ended.code, ended.out, ended.err) == (4, "", NOT_ALLOWED)


def state(folder: Path) -> tuple[bytes, bytes]:
    """How far the record has come, and the keyring: what a refused command must leave as it is."""
    return paths.head(folder).read_bytes(), paths.keyring(folder).read_bytes()


def test_users_are_added_listed_given_another_day_and_removed(practice: Path) -> None:
    secretary = add(practice, "Mme Zeta", "secretary", SECRETARY)
    locum = add(practice, "Dr Epsilon", "locum", LOCUM, "--until", "31/12/2099", "--rpps", "10003000014")
    assert (locum["role"], locum["until"], locum["rpps"]) == ("locum", "2099-12-31", "10003000014")
    at(practice, "patients", passphrase=LOCUM)
    at(practice, "record", "dupont", passphrase=LOCUM)
    found = {one["name"]: one for one in ask(practice, "user", "list")}
    keys = {"id", "name", "role", "rpps", "profession", "until", "removed", "last_seen"}
    assert all(set(one) == keys for one in found.values())
    assert found["Mme Zeta"]["last_seen"] == "" and found["Dr Epsilon"]["last_seen"]
    assert run("--practice", practice, "user", "until", "epsilon", "never").code == 5  # a locum's access ends
    assert ask(practice, "user", "until", "epsilon", "2099-01-31")["until"] == "2099-01-31"
    gone = ask(practice, "user", "remove", secretary["id"], "--yes")
    assert gone["removed"] and gone["key_changed"] is False
    assert run("--practice", practice, "patients", passphrase=SECRETARY).code == 3
    names = {(one["action"], one["user_name"]) for one in ask(practice, "history")}
    assert {("record-read", "Dr Epsilon"), ("user-removed", "Dr Alpha")} <= names
    assert "Mme Zeta" in at(practice, "history").out


def test_a_generated_passphrase_is_printed_once_and_opens(practice: Path) -> None:
    made = ask(practice, "user", "add", "--name", "Mme Zeta", "--role", "secretary", "--no-confirm")
    assert passphrase.estimated_bits(made["passphrase"]) >= passphrase.ENOUGH_BITS
    assert len(ask(practice, "patients", passphrase=made["passphrase"])) == 1
    memory = {wrap.memory for wrap in keyring.read(practice).wraps if wrap.user != keyring.RECOVERY}
    assert memory == {64 * keyring.MIB}  # as much as the practice chose


NOT_TAKEN: list[tuple[tuple[str, ...], int, str]] = [
    (("add", "--name", " ", "--role", "doctor"), 5, "The name is missing."),
    (("add", "--name", "Dr Alpha", "--role", "doctor"), 5, "A user of this name already exists."),
    (("add", "--name", "Dr E", "--role", "locum"), 5, "The access of a locum ends on a day."),
    (("add", "--name", "Dr E", "--role", "locum", "--until", "2020-01-01"), 5, "2020-01-01 is over."),
    (("add", "--name", "Dr E", "--role", "locum", "--until", "2099-13-01"), 5, "is not a day."),
    (("add", "--name", "Dr E", "--role", "chief"), 2, "--role"),
    (("add", "--name", "Dr E"), 2, "--role is missing."),
    (("until", "Alpha", "2099-01-01"), 4, "The practice's card is in this doctor's name."),
    (("until", "Nobody", "never"), 5, "No single user of this practice matches"),
    (("remove", "Alpha", "--yes"), 4, "The practice's card is in this doctor's name."),
    (("remove", "Nobody", "--yes"), 5, "No single user of this practice matches"),
    (("change-key",), 4, "This was not confirmed."),
]


def test_what_is_not_taken_is_said_in_a_sentence_and_changes_nothing(practice: Path) -> None:
    at(practice, "patients")
    before = state(practice)
    for arguments, code, said in NOT_TAKEN:
        if arguments[0] == "add":
            ended = with_new(practice, "une nouvelle phrase", "user", *arguments)
        else:
            ended = run("--practice", practice, "user", *arguments)
        assert (ended.code, ended.out) == (code, ""), arguments
        assert said in ended.err.splitlines()[-1]
        assert state(practice) == before, arguments


def test_without_a_terminal_there_is_nobody_to_choose_a_passphrase(practice: Path) -> None:
    ended = run("--practice", practice, "user", "add", "--name", "Mme Zeta", "--role", "secretary")
    assert ended.code == 3
    assert "through --new-passphrase-fd N" in ended.err


def test_a_secretary_sees_identities_and_is_told_why_there_is_no_more(practice: Path, tmp_path: Path) -> None:
    add(practice, "Mme Zeta", "secretary", SECRETARY)
    at(practice, "add", "dupont", "allergy", "--label", "Pénicilline")
    shown = at(practice, "record", "dupont", "--all-versions", passphrase=SECRETARY).out
    assert "DUPONT-MARTIN" in shown and "not open to your role" in shown
    assert "nicilline" not in shown and "not asked" not in shown
    chart = ask(practice, "record", "dupont", "--all-versions", passphrase=SECRETARY)
    assert (chart["identity_only"], chart["knowledge"]) == (True, {})
    assert {one["kind"] for one in chart["entries"]} <= {"patient"}
    ask(practice, "patient", "amend", "dupont", "--phone", "0102030405", passphrase=SECRETARY)
    other = ask(practice, "patient", "new", "--family", "Autre", passphrase=SECRETARY)["id"]
    before = state(practice)
    for command in (
        ("export", "dupont", "-o", tmp_path / "out.json"),
        ("emergency", "dupont", "-o", tmp_path / "out"),
        ("import", tmp_path),
        ("history",),
        ("history", "drop", "--before", "2001-01"),
        ("inbox",),
        ("outbox",),
        ("consent", "list", "dupont"),
        ("document", "list", "dupont"),
        ("patient", "merge", "dupont", other, "--reason", "double", "--yes"),
        ("user", "add", "--name", "X", "--role", "doctor", "--no-confirm"),
        ("user", "until", "Alpha", "never"),
        ("user", "remove", "Alpha", "--yes"),
        ("user", "change-key", "--yes"),
        ("user", "passphrase", "Alpha", "--no-confirm"),
    ):
        if command[0] == "import":
            (tmp_path / "bundle.json").write_text('{"resourceType": "Patient", "name": [{"family": "X"}]}')
        refused(practice, *command)
    assert not (tmp_path / "out.json").exists() and not (tmp_path / "out").exists()
    assert state(practice)[1] == before[1]
    at(practice, "history", "verify", passphrase=SECRETARY)


def test_a_reading_in_an_emergency_carries_its_reason(practice: Path, tmp_path: Path) -> None:
    at(practice, "record", "dupont", "--why", "appel du SAMU")
    at(practice, "emergency", "dupont", "-o", tmp_path / "out", "--why", "transfert")
    told = {one["action"]: one["detail"] for one in ask(practice, "history", "dupont")}
    assert (told["record-read"], told["emergency-exported"]) == ("appel du SAMU", "transfert")


def test_after_the_last_day_a_sentence_and_the_doctor_is_told_once(practice: Path) -> None:
    locum = add(practice, "Dr Epsilon", "locum", LOCUM, "--until", "2099-12-31")
    here = unlock(practice, PASSPHRASE)
    users.set_until(here.connection, locum["id"], "2026-01-31")
    here.close()
    ended = run("--practice", practice, "patients", passphrase=LOCUM)
    assert (ended.code, ended.out) == (4, "")
    assert ended.err.startswith("Your access to this practice ended on 2026-01-31. Nothing was opened.")
    assert "The access of Dr Epsilon ended on 2026-01-31." in at(practice, "patients").err
    assert "Epsilon" not in at(practice, "patients").err
    renewed = at(practice, "user", "until", "epsilon", "2099-01-31")
    assert f"confrere user passphrase {locum['id']}" in renewed.err
    assert run("--practice", practice, "patients", passphrase=LOCUM).code == 3
    assert with_new(practice, LOCUM, "user", "passphrase", "epsilon").code == 0
    at(practice, "patients", passphrase=LOCUM)


# --- passphrases -----------------------------------------------------------------------------------------------------


def test_one_s_own_passphrase_and_that_of_somebody_who_forgot_his(practice: Path) -> None:
    add(practice, "Mme Zeta", "secretary", SECRETARY)
    done = with_new(practice, "une phrase toute nouvelle", "user", "passphrase", passphrase=SECRETARY)
    assert done.code == 0, done.err
    assert run("--practice", practice, "patients", passphrase=SECRETARY).code == 3
    at(practice, "patients", passphrase="une phrase toute nouvelle")  # noqa: S106
    assert with_new(practice, "et encore une", "user", "passphrase", "Zeta").code == 0
    at(practice, "patients", passphrase="et encore une")  # noqa: S106
    taken = with_new(practice, PASSPHRASE, "user", "passphrase", "Zeta")
    assert taken.code == 5 and "cannot be used" in taken.err


@pytest.mark.parametrize("how", [("--json",), ()])
@pytest.mark.parametrize("whose", [(), ("Zeta",)])
def test_a_generated_passphrase_that_nobody_could_read_does_not_become_valid(
    practice: Path, how: tuple[str, ...], whose: tuple[str, ...]
) -> None:
    add(practice, "Mme Zeta", "secretary", SECRETARY)
    before = paths.keyring(practice).read_bytes()
    reading, writing = os.pipe()
    os.close(reading)
    try:
        run("--practice", practice, "user", "passphrase", *whose, "--no-confirm", *how, stdout=writing)
    finally:
        os.close(writing)
    assert paths.keyring(practice).read_bytes() == before
    for secret in (PASSPHRASE, SECRETARY):
        at(practice, "patients", passphrase=secret)


def test_a_generated_passphrase_is_shown_first_and_then_said_to_be_valid(practice: Path) -> None:
    ended = at(practice, "user", "passphrase", "--no-confirm")
    first, *_ = ended.out.splitlines()
    assert first.startswith("Passphrase: ")
    assert ended.err.splitlines()[-1] == "The passphrase that was shown is valid from now on."
    at(practice, "patients", passphrase=first.removeprefix("Passphrase: "))


def test_the_recovery_words_give_a_new_passphrase_without_any(tmp_path: Path) -> None:
    folder = tmp_path / "p"
    words = init(folder)["recovery_words"]
    add(folder, "Mme Zeta", "secretary", SECRETARY)
    for named, secret, name in (((), "la nouvelle", "Dr Alpha"), (("zeta",), "l'autre nouvelle", "Mme Zeta")):
        done = with_new(folder, secret, "user", "passphrase", "--recovery", *named, "--json", passphrase=words)
        assert done.code == 0, done.err
        assert done.document["name"] == name
        at(folder, "patients", passphrase=secret)
    assert run("--practice", folder, "patients").code == 3
    wrong = words.replace(words.split()[0], words.split()[1], 1)
    ended = with_new(folder, "x", "user", "passphrase", "--recovery", passphrase=wrong)
    assert ended.code == 5 and ended.out == ""
    at(folder, "history", "verify", passphrase="la nouvelle")  # noqa: S106


def test_on_a_terminal_the_new_passphrase_is_asked_twice_and_never_shown(practice: Path) -> None:
    ended = on_terminal(
        ["--practice", practice, "user", "passphrase"],
        [
            ("Passphrase: ", PASSPHRASE),
            ("generated one\\): ", SECRETARY + " longue"),
            ("again: ", "autre chose"),
            ("generated one\\): ", SECRETARY + " longue"),
            ("again: ", SECRETARY + " longue"),
        ],
    )
    assert ended.code == 0, ended.out
    assert "The two are not the same." in ended.out and SECRETARY not in ended.out
    at(practice, "patients", passphrase=SECRETARY + " longue")


# --- the record's key ------------------------------------------------------------------------------------------------


def test_removing_with_a_new_key_shuts_out_whoever_kept_the_old_one(practice: Path) -> None:
    add(practice, "Dr Epsilon", "locum", LOCUM, "--until", "2099-12-31")
    here = unlock(practice, LOCUM)
    kept = here.key
    here.close()
    gone = ask(practice, "user", "remove", "epsilon", "--yes", "--change-key")
    assert gone["key_changed"] is True
    here = unlock(practice, PASSPHRASE)
    assert here.key != kept
    here.close()
    assert ask(practice, "history", "verify")["intact"]
    assert run("--practice", practice, "patients", passphrase=LOCUM).code == 3
    changed = run("--practice", practice, "user", "change-key", "--yes")
    assert changed.code == 0 and "stay readable with the old key" in changed.err


def test_on_a_terminal_the_new_key_is_offered(practice: Path) -> None:
    add(practice, "Mme Zeta", "secretary", SECRETARY)
    before = keyring.read(practice)
    ended = on_terminal(
        ["--practice", practice, "user", "remove", "zeta"],
        [("Passphrase: ", PASSPHRASE), ("Remove Mme Zeta.*N\\] ", "y"), ("key as well.*N\\] ", "y")],
    )
    assert ended.code == 0, ended.out
    assert "stay readable with the old key" in ended.out and "has a new key" in ended.out
    assert keyring.read(practice) != before
    at(practice, "record", "dupont")


@pytest.mark.parametrize("command", [("change-key",), ("remove", "zeta", "--change-key")])
def test_the_key_is_not_changed_while_another_window_is_open(practice: Path, command: tuple[str, ...]) -> None:
    add(practice, "Mme Zeta", "secretary", SECRETARY)
    before = state(practice)
    window = unlock(practice, PASSPHRASE)
    try:
        ended = run("--practice", practice, "user", *command, "--yes")
    finally:
        window.close()
    assert (ended.code, ended.out) == (6, "")
    assert ended.err.startswith("Another window has this practice open")
    assert state(practice) == before
    assert not list(practice.glob("*.rekeyed*"))


# --- the history -----------------------------------------------------------------------------------------------------


def test_what_is_not_old_enough_stays_in_the_history(practice: Path) -> None:
    lines = len(ask(practice, "history"))
    late = run("--practice", practice, "history", "drop", "--before", "2024-01", "--yes")
    assert late.code == 4 and "The history of the last 20 years is kept." in late.err
    assert run("--practice", practice, "history", "drop").code == 2
    assert run("--practice", practice, "history", "--before", "2001-01").code == 2
    assert run("--practice", practice, "history", "drop", "--before", "hier", "--yes").code == 5
    nothing = ask(practice, "history", "drop", "--before", "2001-01", "--yes")
    assert nothing == {"id": "history", "before": "2001-01", "months": 0, "dropped": 0}
    assert ask(practice, "history", "segments") == []
    assert len(ask(practice, "history")) == lines
