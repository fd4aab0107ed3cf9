"""`confrere init` and `confrere doctor`."""

import os
import re
import stat
from pathlib import Path

import pytest

from localstore.keys import keyring, passphrase
from tests.cli.running import PASSPHRASE, RPPS, at, init, on_terminal, run

MAKE = ("init", "--name", "Dr Alpha", "--rpps", RPPS, "--kdf-memory", "64")


def test_init_prints_one_document_whose_recovery_words_open_the_practice(tmp_path: Path) -> None:
    made = init(tmp_path / "p")
    assert set(made) == {"id", "practice", "name", "rpps", "folder", "recovery_words"}
    assert (made["name"], made["rpps"], made["folder"]) == ("Dr Alpha", RPPS, str(tmp_path / "p"))
    ring = keyring.read(tmp_path / "p")
    assert ring.practice.hex() == made["id"]
    (key,) = keyring.unlock_with_recovery(ring, passphrase.recovery_key(made["recovery_words"]))
    assert len(key) == 32
    assert {wrap.memory for wrap in ring.wraps if wrap.user != keyring.RECOVERY} == {64 * keyring.MIB}


def test_init_makes_a_folder_that_only_its_owner_can_read(practice: Path) -> None:
    assert {path.name for path in practice.iterdir()} >= {"keyring", "record.db", "postbox.db", "practice.toml"}
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in practice.iterdir()}
    assert set(modes.values()) == {0o600}, modes


def test_without_a_passphrase_one_is_made_and_opens_the_practice(tmp_path: Path) -> None:
    made = run("--practice", tmp_path / "p", *MAKE, "--no-confirm", "--json", passphrase=None).document
    assert passphrase.estimated_bits(made["passphrase"]) >= passphrase.ENOUGH_BITS
    at(tmp_path / "p", "patients", passphrase=made["passphrase"])


def test_without_a_terminal_there_is_nobody_to_choose_a_passphrase(tmp_path: Path) -> None:
    ended = run("--practice", tmp_path / "p", *MAKE, passphrase=None)
    assert (ended.code, ended.out) == (3, "")
    assert ended.err == (
        "There is no terminal to choose a passphrase on. Nothing was created. Give it through --passphrase-fd N, or "
        "have one made with --no-confirm.\n"
    )
    assert not (tmp_path / "p").exists()


def test_weak_passphrases_and_wrong_numbers_are_said_and_accepted(tmp_path: Path) -> None:
    ended = run("--practice", tmp_path / "p", *MAKE[:3], "--rpps", "10003000007", *MAKE[5:], passphrase="tulipe")  # noqa: S106
    assert ended.code == 0
    assert "“10003000007” is not a valid RPPS number" in ended.err
    assert re.search(r"worth about \d+ bits; 80 are advised", ended.err)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("init", "--name", "", "--rpps", RPPS, "--kdf-memory", "64"), 5, "The name is missing."),
        ((*MAKE[:-1], "63"), 5, "must be 64 to 1,024 MiB"),
        (("init", "--name", "Dr Alpha"), 2, "--rpps is missing."),
        (("init", "--rpps", RPPS), 2, "--name is missing."),
    ],
)
def test_what_init_does_not_take_leaves_nothing(
    tmp_path: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    ended = run("--practice", tmp_path / "p", *arguments)
    assert (ended.code, ended.out) == (code, "")
    assert said in ended.err and ended.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_an_existing_practice_or_a_folder_with_something_in_it_is_left_alone(practice: Path, tmp_path: Path) -> None:
    before = (practice / "keyring").read_bytes()
    assert run("--practice", practice, *MAKE).code == 5
    assert (practice / "keyring").read_bytes() == before
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("dear", encoding="utf-8")
    ended = run("--practice", tmp_path / "full", *MAKE)
    assert ended.code == 5 and "already exists. It was left as it is." in ended.err
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["letter.txt"]


def test_init_on_a_terminal_asks_twice_and_asks_words_back_and_shows_no_secret(tmp_path: Path) -> None:
    word = (r"Recovery word number (\d+): $", r"=\b{}\. (\w+)")
    ended = on_terminal(
        ["--practice", tmp_path / "p", *MAKE],
        [("generated one\\): ", PASSPHRASE), ("again: ", "autre chose"), ("generated one\\): ", PASSPHRASE),
         ("again: ", PASSPHRASE), word, word, word],
    )  # fmt: skip
    assert ended.code == 0, ended.out
    assert "The two are not the same." in ended.out
    assert "That is another word" not in ended.out
    assert PASSPHRASE not in ended.out
    at(tmp_path / "p", "patients")


def test_doctor_says_what_to_mend(practice: Path) -> None:
    os.chmod(practice / "keyring", 0o644)
    found = {one["id"]: one for one in at(practice, "doctor", "--json").document}
    assert found["permissions"]["state"] == "warn" and "chmod 600" in found["permissions"]["remedy"]
    assert found["passphrase-cost"]["state"] == "warn" and "64 MiB" in found["passphrase-cost"]["found"]
    assert found["daemon"]["state"] == "warn" and "confrere daemon" in found["daemon"]["remedy"]
    assert {found[name]["state"] for name in ("sqlcipher", "record.db", "history", "postbox", "settings")} == {"ok"}


def test_doctor_without_a_passphrase_says_what_it_did_not_look_at(practice: Path) -> None:
    found = {one["id"]: one for one in at(practice, "doctor", "--json", passphrase=None).document}
    assert found["record"]["state"] == "warn" and "history was not checked" in found["record"]["found"]


def test_doctor_ends_with_6_when_something_is_damaged(practice: Path) -> None:
    (practice / "postbox.db").unlink()
    ended = run("--practice", practice, "doctor")
    assert ended.code == 6
    assert "postbox.db is missing." in ended.out
