"""`confrere backup`, `verify`, `restore` and `drill`, and what `confrere doctor` says of them."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import COMMAND, DEADLINE, PASSPHRASE, ROOT, Ended, ask, at, environment, init, on_terminal, run

NEW = "une toute nouvelle phrase de passe"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A place for backups, as on a stick."""
    (tmp_path / "stick").mkdir()
    return tmp_path / "stick"


def names(place: Path) -> list[str]:
    return sorted(path.name for path in place.iterdir())


def checks(practice: Path, *arguments: str) -> dict[str, dict[str, str]]:
    return {one["id"]: one for one in ask(practice, "doctor", *arguments)}


def with_words(words: str, *arguments: str | Path, passphrase: str = NEW) -> Ended:
    """Run a command with the recovery words through a pipe of their own."""
    reading, writing = os.pipe()
    try:
        os.write(writing, words.encode())
        os.close(writing)
        return _run_with(reading, [str(one) for one in arguments], passphrase)
    finally:
        os.close(reading)


def _run_with(words: int, arguments: list[str], passphrase: str) -> Ended:
    """The words through one descriptor, the passphrase through another: for restoring, it is a new one."""
    option = "--new-passphrase-fd" if "restore" in arguments else "--passphrase-fd"
    reading, writing = os.pipe()
    try:
        os.write(writing, passphrase.encode() + b"\n")
        os.close(writing)
        done = subprocess.run(
            [*COMMAND, *arguments, "--words-fd", str(words), option, str(reading)],
            capture_output=True,
            env=environment(),
            cwd=ROOT,
            pass_fds=(words, reading),
            timeout=DEADLINE,
            check=False,
        )
        return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())
    finally:
        os.close(reading)


def test_a_backup_says_where_it_is_and_is_listed(practice: Path) -> None:
    made = ask(practice, "backup")
    assert set(made) == {
        "id", "folder", "made", "bytes", "commits", "line", "removed", "second", "missing_place",
    }  # fmt: skip
    assert Path(made["folder"]).parent == practice / "backups" and made["second"] is None
    listed = ask(practice, "backup", "list", passphrase=None)
    assert [(one["id"], one["state"], one["bytes"]) for one in listed] == [(made["id"], "whole", made["bytes"])]
    told = at(practice, "backup")
    assert "Made and verified: " in told.out and "Removed, as newer ones take their place: " in told.out
    assert (told.err, len(names(practice / "backups"))) == ("", 1)
    assert re.search(r"\d\d\d\d.* whole", at(practice, "backup", "list", passphrase=None).out)


def test_a_backup_goes_to_another_place_when_told_and_never_makes_a_mount_point(practice: Path, place: Path) -> None:
    made = ask(practice, "backup", "--to", place)
    assert names(place) == [made["id"]] and not (practice / "backups").exists()
    assert [one["id"] for one in ask(practice, "backup", "list", "--to", place)] == [made["id"]]
    ended = run("--practice", practice, "backup", "--to", place.parent / "none" / "backups")
    assert (ended.code, ended.out) == (5, "") and "is not a folder" in ended.err


def test_the_second_place_gets_its_backup_when_it_is_there_and_is_missed_when_not(practice: Path, place: Path) -> None:
    settings = practice / "practice.toml"
    settings.write_text(settings.read_text().replace('folder = ""', f'folder = "{place}"'), encoding="utf-8")
    made = ask(practice, "backup")
    assert names(place) == [made["second"]["id"]] and made["missing_place"] == ""
    place.rename(place.with_name("unplugged"))
    ended = run("--practice", practice, "backup", "--json")
    assert (ended.code, ended.document["second"], ended.document["missing_place"]) == (0, None, str(place))
    assert f"The second place, {place}, is not there" in ended.err
    assert not place.exists()


def test_an_unknown_word_after_backup_is_refused(practice: Path) -> None:
    ended = run("--practice", practice, "backup", "lsit")
    assert ended.code == 2 and "only the word list" in ended.err


def test_verify_looks_at_this_practice(practice: Path) -> None:
    found = ask(practice, "verify")
    assert {one["state"] for one in found} == {"sound"}
    assert {"record.db/head", "record.db/pages", "record.db/history", "postbox.db/pages"} <= {o["id"] for o in found}
    assert "sound" in at(practice, "verify").out


@pytest.mark.parametrize("name", ["record.db", "postbox.db"])
def test_verify_names_the_first_damage_of_this_practice(practice: Path, name: str) -> None:
    _spoil(practice / name)
    ended = run("--practice", practice, "verify")
    assert ended.code == 6
    assert f"{name} is damaged" in ended.err and "Nothing was changed." in ended.err


def test_verify_compares_with_the_backups_that_it_finds(practice: Path, place: Path, tmp_path: Path) -> None:
    """Row 8 of the faults: the whole folder of an earlier day is put back, with its head; a backup elsewhere knows."""
    settings = practice / "practice.toml"
    settings.write_text(settings.read_text().replace('folder = ""', f'folder = "{place}"'), encoding="utf-8")
    shutil.copytree(practice, tmp_path / "yesterday")
    at(practice, "patient", "new", "--family", "Autre", "--given", "Ève", "--birth", "1970")
    at(practice, "backup")
    at(practice, "verify")
    shutil.rmtree(practice)
    shutil.copytree(tmp_path / "yesterday", practice)
    ended = run("--practice", practice, "verify")
    assert ended.code == 6 and "an older copy of the record was put back" in ended.err
    assert "accepted as it stands" in at(practice, "verify", "--accept").err
    at(practice, "verify")


def test_a_lost_head_is_accepted_only_when_asked(practice: Path) -> None:
    (practice / "head").unlink()
    ended = run("--practice", practice, "verify")
    assert ended.code == 6 and "confrere verify --accept" in ended.err
    at(practice, "verify", "--accept")
    assert ask(practice, "history")[-1]["action"] == "head-accepted"


def _spoil(path: Path) -> None:
    """Alter the last page but one: opening does not read it, verifying does."""
    data = bytearray(path.read_bytes())
    start = len(data) - 5000
    data[start : start + 100] = bytes(byte ^ 0xFF for byte in data[start : start + 100])
    path.write_bytes(data)


def test_verify_looks_at_a_backup_without_any_practice(practice: Path, place: Path, tmp_path: Path) -> None:
    made = ask(practice, "backup", "--to", place)
    nowhere = tmp_path / "nowhere"
    found = ask(nowhere, "verify", made["folder"])
    assert (found["id"], found["state"], found["line"]) == (made["id"], "good", made["line"])
    assert "is good." in at(nowhere, "verify", place).out
    _spoil(Path(made["folder"]) / "record.db")
    ended = run("--practice", nowhere, "verify", made["folder"])
    assert (ended.code, ended.out) == (6, "")
    assert f"The backup {made['folder']} is damaged: record.db: " in ended.err
    assert not nowhere.exists()


def test_restore_on_a_clean_machine(practice: Path, place: Path, tmp_path: Path) -> None:
    """Row 27 of the faults: everything mounted is encrypted or deleted; one command brings it back."""
    ask(practice, "backup", "--to", place)
    before = ask(practice, "patients")
    shutil.rmtree(practice)
    done = ask(practice, "restore", place)
    assert done["folder"] == str(practice) and done["kept"] == ""
    assert ask(practice, "patients") == before
    assert at(practice, "history", "verify").code == 0
    ended = run("--practice", practice, "restore", place)
    assert ended.code == 5 and "already exists" in ended.err and "--replace" in ended.err
    told = at(practice, "restore", place, "--replace")
    (kept,) = tmp_path.glob("practice-before-*")
    assert f"is kept in {kept}." in told.out
    assert ask(kept, "patients") == before


def test_restore_stops_the_daemon_of_what_it_replaces(practice: Path, place: Path) -> None:
    ask(practice, "backup", "--to", place)
    at(practice, "daemon", "stop", passphrase=None)
    at(practice, "restore", place, "--replace")
    assert not ask(practice, "daemon", "status", passphrase=None)["running"]


def test_a_passphrase_that_opens_nothing_leaves_nothing(practice: Path, place: Path, tmp_path: Path) -> None:
    ask(practice, "backup", "--to", place)
    ended = run("--practice", tmp_path / "new", "restore", place, passphrase="une autre phrase de passe")  # noqa: S106
    assert (ended.code, ended.out) == (3, "")
    assert names(tmp_path) == ["practice", "stick"]


def test_restore_asks_for_the_passphrase_after_it_has_seen_that_there_is_a_backup(tmp_path: Path) -> None:
    ended = run("--practice", tmp_path / "new", "restore", tmp_path, passphrase=None)
    assert ended.code == 5 and f"There is no good backup in {tmp_path}." in ended.err


def test_restore_with_the_recovery_words_sets_a_new_passphrase(tmp_path: Path, place: Path) -> None:
    made: Any = init(tmp_path / "old")
    ask(tmp_path / "old", "backup", "--to", place)
    shutil.rmtree(tmp_path / "old")
    ended = with_words(made["recovery_words"], "--practice", tmp_path / "new", "restore", place, "--recovery")
    assert ended.code == 0, ended.err
    ended = with_words(made["recovery_words"], "--practice", tmp_path / "new", "drill", place, "--recovery", "--json")
    assert ended.code == 0, ended.err
    assert ended.document["passed"] is True


def test_restore_with_the_words_on_a_terminal(tmp_path: Path, place: Path) -> None:
    made: Any = init(tmp_path / "old")
    ask(tmp_path / "old", "backup", "--to", place)
    ended = on_terminal(
        ["--practice", tmp_path / "new", "restore", place, "--recovery"],
        [
            ("recovery words.*: $", made["recovery_words"]),
            ("New passphrase .*: $", NEW),
            ("again: $", "autre chose"),
            ("New passphrase .*: $", NEW),
            ("again: $", NEW),
        ],
    )
    assert ended.code == 0, ended.out
    assert NEW not in ended.out
    assert (tmp_path / "new" / "record.db").exists()


def test_a_drill_is_one_command_and_doctor_shows_its_day(practice: Path) -> None:
    before = checks(practice)
    assert (before["backup"]["state"], before["restore-drill"]["state"]) == ("warn", "warn")
    made = ask(practice, "backup")
    done = ask(practice, "drill")
    assert (done["id"], done["patients"], done["passed"]) == (made["id"], 1, True) and done["seconds"] > 0
    assert re.search(
        r"Passed in \d+\.\d seconds: .* can be restored and read \(1 patient\)\.", at(practice, "drill").out
    )
    after = checks(practice)
    assert (after["backup"]["state"], after["restore-drill"]["state"]) == ("ok", "ok")
    assert not [name for name in names(practice) if name.startswith(".")]
    actions = [line["action"] for line in ask(practice, "history")]
    assert actions.count("restore-drill") == 2 and "restored" not in actions


def test_a_drill_that_fails_says_so_and_leaves_nothing(practice: Path) -> None:
    ended = run("--practice", practice, "drill")
    assert ended.code == 5 and "There is no backup of this practice." in ended.err
    made = ask(practice, "backup")
    _spoil(Path(made["folder"]) / "record.db")
    ended = run("--practice", practice, "drill")
    assert ended.code == 6 and "record.db" in ended.err
    last = ask(practice, "history")[-1]
    assert (last["action"], last["detail"]) == ("restore-drill", "failed")
    assert not [name for name in names(practice) if name.startswith(".")]


def test_after_replacing_the_backups_are_listed_and_drilled_where_they_were(practice: Path, tmp_path: Path) -> None:
    made = ask(practice, "backup")
    told = at(practice, "restore", made["folder"], "--replace")
    (kept,) = tmp_path.glob("practice-before-*")
    assert f", from {made['folder']}." in told.out
    assert f"is kept in {kept}. Its backups stay where they were." in told.out
    assert [one["id"] for one in ask(practice, "backup", "list", passphrase=None)] == [made["id"]]
    assert ask(practice, "drill")["id"] == made["id"]


def test_a_newer_backup_of_another_practice_is_passed_over_and_said(tmp_path: Path, place: Path) -> None:
    made: Any = init(tmp_path / "old")
    mine = ask(tmp_path / "old", "backup", "--to", place)
    arguments = ("--name", "Dr Omega", "--rpps", "10001234567", "--no-confirm", "--kdf-memory", "64")
    ask(tmp_path / "other", "init", *arguments, passphrase=NEW)
    planted = ask(tmp_path / "other", "backup", "--to", place, passphrase=NEW)
    told = f"A newer backup, {planted['folder']}, was passed over: it opens with another passphrase."
    for command in ("restore", "verify"):
        ended = run("--practice", tmp_path / "new", command, place)
        assert (ended.code, mine["folder"] in ended.out, told in ended.err) == (0, True, True)
    ended = with_words(made["recovery_words"], "--practice", tmp_path / "words", "restore", place, "--recovery")
    assert ended.code == 0 and told in ended.err


def test_a_place_that_fails_keeps_no_other_from_its_backup(practice: Path, place: Path) -> None:
    settings = practice / "practice.toml"
    settings.write_text(settings.read_text().replace('folder = ""', f'folder = "{place}"'), encoding="utf-8")
    (practice / "backups").write_bytes(b"in the way")
    ended = run("--practice", practice, "backup")
    assert (ended.code, len(names(place))) == (5, 1)
    assert f"Made and verified: {place / names(place)[0]}" in ended.err and "is not a folder" in ended.err


def test_help_explains_each(practice: Path) -> None:
    for name in ("backup", "verify", "restore", "drill"):
        ended = run(name, "--help", passphrase=None)
        assert ended.code == 0 and f"confrere {name}" in ended.out
    assert PASSPHRASE not in ended.out
