"""What commands say at once: what competes, what contradicts itself, what is allowed, what an interruption left."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

from tests.cli.running import COMMAND, DEADLINE, PASSPHRASE, ROOT, ask, at, environment, run


def problem(practice: Path, words: str) -> str:
    """The version of a new problem."""
    return str(ask(practice, "add", "zoe", "problem", "--text", words)["version"])


def test_to_amend_what_was_replaced_says_that_it_competes(practice: Path) -> None:
    first = problem(practice, "Asthme")
    assert "compete" not in at(practice, "amend", first, "--note", "un").err
    ended = at(practice, "amend", first, "--note", "deux", "--json")
    assert "Another version had replaced that one" in ended.err and ended.document["body"]["note"] == "deux"
    assert at(practice, "record", "zoe").out.count("COMPETING VERSIONS") == 2
    assert "both compete" in at(practice, "retract", first, "--reason", "x").err


def test_what_is_retracted_is_not_retracted_again(practice: Path) -> None:
    gone = ask(practice, "retract", problem(practice, "Asthme"), "--reason", "autre patient")
    ended = run("--practice", practice, "retract", gone["version"], "--reason", "encore")
    assert ended.code == 5 and "This entry is marked as entered in error already." in ended.err
    assert len([one for one in ask(practice, "history") if one["action"] == "entry-retracted"]) == 1


def test_words_that_no_entry_holds_are_said_to_find_nothing(practice: Path) -> None:
    problem(practice, "Asthme")
    nothing = at(practice, "record", "zoe", "--find", "zzz").out
    assert "No entry holds these words." in nothing and "Problems" not in nothing
    found = at(practice, "record", "zoe", "--find", "asthme").out
    assert "Problems: known" in found and "Allergies" not in found


def test_a_contradiction_is_marked(practice: Path) -> None:
    at(practice, "add", "zoe", "device", "--none", "--date", "2026")
    assert "▲" not in at(practice, "record", "zoe").out
    at(practice, "add", "zoe", "device", "--text", "Stimulateur")
    assert "▲ No known device (asked in 2026) contradicts:" in at(practice, "record", "zoe").out


def test_the_words_that_an_option_takes_are_listed(practice: Path) -> None:
    for command, choices in (
        (("record", "zoe", "--kind", "zz"), "patient, problem, allergy"),
        (("patient", "new", "--family", "x", "--sex", "zz"), "male, female, other, unknown."),
        (("ask", "asthme", "--by", "zz"), "label, kind, year, month, sex, age"),
    ):
        ended = run("--practice", practice, *command)
        assert ended.code == 2 and choices in ended.err


def test_the_dead_are_said_to_be_dead_in_the_list(practice: Path) -> None:
    new = ("patient", "new", "--family", "Petit", "--birth", "1909-05-01", "--deceased", "1978-04-30")
    at(practice, *new)
    assert "deceased 1978, 68 years" in at(practice, "patients").out
    assert {"id", "family_name", "given_names", "birth_date", "sex", "ins"} == set(
        ask(practice, "patients", "petit")[0]
    )
    at(practice, "patient", "amend", "petit", "--deceased", "")
    assert "deceased" not in at(practice, "patients").out
    assert at(practice, "verify").code == 0


def test_an_interrupted_import_says_what_it_kept(practice: Path, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(400):
        body = {"resourceType": "Patient", "id": f"p{number}", "name": [{"family": f"N{number}"}]}
        (folder / f"{number:03}.json").write_text(json.dumps(body))
    reading, writing = os.pipe()
    os.write(writing, PASSPHRASE.encode() + b"\n")
    os.close(writing)
    command = [*COMMAND, "--practice", practice, "import", folder, "--passphrase-fd", str(reading)]
    log = practice / "record.db-wal"
    with subprocess.Popen(
        list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(), cwd=ROOT,
        pass_fds=(reading,), text=True, start_new_session=True,
    ) as process:  # fmt: skip
        os.close(reading)
        end = time.monotonic() + DEADLINE
        while not (log.exists() and log.stat().st_size > 200_000) and time.monotonic() < end:
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=DEADLINE)
    assert process.returncode == 130
    assert "The same command goes on: what is here already stays as it is." in told and "Interrupted." in told
    kept = int(next(line for line in told.splitlines() if "kept" in line).split()[0])
    found = len(ask(practice, "patients")) - 1
    assert kept <= found <= kept + 1  # it may have ended between a file and the count of it
    assert ask(practice, "import", folder)["unchanged"] == found
    assert len(ask(practice, "patients")) == 401
