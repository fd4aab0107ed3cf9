"""`confrere add` and `amend` with warnings: told, overridden with a reason, never blocked; `confrere terms`."""

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import COMMAND, DEADLINE, PASSPHRASE, ROOT, ask, at, environment, on_terminal, run
from tests.terminology import files

ALLERGY = ("add", "Zoé", "allergy", "--text", "Amoxicilline", "--reaction", "œdème")
MEDICINE = ("add", "Zoé", "medication", "--text", "Augmentin 1 g")


def overridden(practice: Path) -> list[str]:
    """What the history says of warnings that were overridden."""
    return [line["detail"] for line in ask(practice, "history", "Zoé") if line["action"] == "warning-overridden"]


def test_a_medicine_that_meets_an_allergy_needs_a_reason(practice: Path) -> None:
    at(practice, *ALLERGY)
    refused = run("--practice", practice, *MEDICINE)
    assert refused.code == 4 and not refused.out
    assert "The patient is allergic to it: Amoxicilline (reaction: œdème)." in refused.err
    assert "--override" in refused.err and overridden(practice) == []
    added = at(practice, *MEDICINE, "--override", "tolérée en 2024 sous surveillance")
    assert "Augmentin" in added.out and "œdème" in added.err
    assert overridden(practice) == ["allergy: tolérée en 2024 sous surveillance"]


def test_the_reason_can_be_given_on_the_terminal(practice: Path) -> None:
    at(practice, *ALLERGY)
    words = ("--practice", practice, *MEDICINE)
    ended = on_terminal(words, [("[Pp]assphrase", PASSPHRASE), ("Why is it written", "")])
    assert ended.code == 4
    ended = on_terminal(words, [("[Pp]assphrase", PASSPHRASE), ("Why is it written", "une seule prise")])
    assert ended.code == 0, ended.out
    assert overridden(practice) == ["allergy: une seule prise"]


def test_the_same_medicine_twice_needs_a_reason_and_amending_it_does_not(practice: Path) -> None:
    first = ask(practice, "add", "Zoé", "medication", "--text", "Paracétamol 1 g")
    assert run("--practice", practice, "add", "Zoé", "medication", "--text", "Doliprane").code == 4
    at(practice, "amend", first["version"], "--dosage", "1 g")


def test_what_is_unlikely_is_told_and_written(practice: Path) -> None:
    weight = ("add", "Zoé", "measurement", "--text", "Poids", "--value", "725", "--unit", "kg")
    added = at(practice, *weight)
    assert "Weight: 725 kg is unusual." in added.err and "725" in added.out
    future = at(practice, "add", "Zoé", "problem", "--text", "Toux", "--date", "2999-01-01")
    assert "lies in the future" in future.err
    usual = at(practice, "add", "Zoé", "measurement", "--text", "Poids", "--value", "72", "--unit", "kg")
    assert usual.err == ""
    ended = on_terminal(("--practice", practice, *weight), [("[Pp]assphrase", PASSPHRASE), ("Is this right", "n")])
    assert ended.code == 4


def test_warnings_are_in_french_for_who_reads_french(practice: Path) -> None:
    added = at(practice, "add", "Zoé", "measurement", "--systolic", "80", "--diastolic", "130", language="fr_FR.UTF-8")
    assert "systolique" in added.err


def test_hostile_text_of_a_record_does_not_reach_the_terminal(practice: Path) -> None:
    at(practice, "add", "Zoé", "allergy", "--text", "Zorglubine\x1b[31m", "--reaction", "\u202e{x}")
    refused = run("--practice", practice, "add", "Zoé", "medication", "--text", "Zorglubine\x1b[31m")
    assert refused.code == 4 and "\x1b" not in refused.err and "\u202e" not in refused.err and "{x}" in refused.err


@pytest.fixture
def coded(practice: Path, tmp_path: Path) -> Path:
    """A practice with all tables."""
    (tmp_path / "files").mkdir()
    made = files.write(tmp_path / "files")
    told = ask(practice, "terms", "import", *made.values(), "--edition", "2026-01")
    assert [one["rows"] for one in told["tables"]] == [3, 1, 3, 1, 4, 3]
    return practice


def codes(entry: Any, field: str) -> list[str]:
    """The codes of a concept of a printed entry."""
    return [one["code"] for one in entry["body"][field]["codings"]]


def test_tables_are_listed_searched_and_removed(coded: Path) -> None:
    assert {one["system"] for one in ask(coded, "terms", "list")["tables"]} == {"atc", "bdpm", "cisp2"}
    assert "public drug database (medicines)" in at(coded, "terms", "list").out
    assert [one["code"] for one in ask(coded, "terms", "search", "amox", "--system", "atc")["terms"]] == ["J01CA04"]
    assert "bdpm:60234100" in at(coded, "terms", "search", "3400921601196").out
    assert ask(coded, "terms", "remove", "bdpm") == {"removed": 8}
    assert run("--practice", coded, "terms", "remove", "bdpm").code == 5
    assert run("--practice", coded, "terms", "remove", "snomed").code == 2


def test_a_broken_table_is_named_with_its_line(practice: Path, tmp_path: Path) -> None:
    (tmp_path / "atc.csv").write_text("J01CA04;Amoxicilline\nnonsense;x\n")
    ended = run("--practice", practice, "terms", "import", tmp_path / "atc.csv")
    assert ended.code == 5 and "atc.csv, line 2: this is no code of the system." in ended.err
    assert run("--practice", practice, "terms", "import", tmp_path / "none.csv", "--system", "atc").code == 5


def test_a_code_of_a_table_brings_its_words(coded: Path) -> None:
    entry = ask(coded, "add", "Zoé", "allergy", "--code", "atc:J01CA04")
    assert entry["body"]["substance"]["text"] == "Amoxicilline" and codes(entry, "substance") == ["J01CA04"]
    entry = ask(coded, "add", "Zoé", "medication", "--code", "bdpm:60234100", "--text", "Doliprane")
    assert entry["body"]["medicine"]["text"] == "Doliprane" and codes(entry, "medicine") == ["60234100"]
    assert run("--practice", coded, "add", "Zoé", "problem", "--code", "cisp2:Z99").code == 5
    assert run("--practice", coded, "add", "Zoé", "medication", "--code", "bdpm:61266250").code == 4


def test_words_that_mean_one_term_alone_are_coded_when_asked(coded: Path) -> None:
    entry = ask(coded, "add", "Zoé", "medication", "--text", "Clamoxyl 500", "--code", "auto")
    assert codes(entry, "medicine") == ["61266250", "J01CA04"] and entry["body"]["medicine"]["text"] == "Clamoxyl 500"
    entry = ask(coded, "add", "Zoé", "problem", "--text", "Fièvre", "--code", "auto")
    assert codes(entry, "concept") == ["A03"]
    assert run("--practice", coded, "add", "Zoé", "problem", "--text", "x", "--code", "auto").code == 5
    assert run("--practice", coded, "add", "Zoé", "document", "--text", "x", "--code", "auto").code == 2


def test_a_code_without_a_table_says_which_table_is_missing(practice: Path) -> None:
    ended = run("--practice", practice, "add", "Zoé", "medication", "--code", "atc:J01CA04")
    assert ended.code == 5 and "“atc”" in ended.err


def test_an_import_that_is_killed_leaves_the_table_that_was_there(coded: Path, tmp_path: Path) -> None:
    path = tmp_path / "CIS_bdpm.txt"
    path.write_text("".join(f"{10_000_000 + at}\tNOUVEAU {at} mg, comprimé\tx\n" for at in range(400_000)))
    reading, writing = os.pipe()
    os.write(writing, PASSPHRASE.encode() + b"\n")
    os.close(writing)
    words = [*COMMAND, "--practice", str(coded), "terms", "import", str(path), "--passphrase-fd", str(reading)]
    process = subprocess.Popen(words, pass_fds=(reading,), env=environment(), cwd=ROOT, start_new_session=True)
    os.close(reading)
    log = coded / "record.db-wal"
    deadline = time.monotonic() + DEADLINE
    while not (log.exists() and log.stat().st_size > 2_000_000):  # the import is under way
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.01)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    assert [one["rows"] for one in ask(coded, "terms", "list")["tables"] if one["part"] == "medicines"] == [3]
    assert "DOLIPRANE" in at(coded, "terms", "search", "doliprane").out
    assert ask(coded, "terms", "search", "nouveau")["terms"] == []
