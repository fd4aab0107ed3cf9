"""What holds for every command: options before and after, help, languages, wrong usage, exit codes, no secret shown."""

import importlib
import json
import os
import signal
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path

import pytest

from localstore import crypto, errors
from localstore.errors import ConfrereError
from sync import errors as sync_errors
from tests.cli.running import COMMAND, DEADLINE, PASSPHRASE, ROOT, ask, at, environment, run
from tui.cli.main import PLACES, main

EXIT_CODES = {2, 3, 4, 5, 6, 7, 70}


def test_options_stand_before_or_after_the_command(practice: Path) -> None:
    first = run("--practice", practice, "--json", "patients")
    second = run("patients", "--json", "--practice", practice)
    third = run("patients", f"--practice={practice}", "--json", "zoe")
    assert first.code == 0 and first.out == second.out == third.out
    assert first.document[0]["family_name"] == "Dupont-Martin"


def test_options_stand_before_a_family_and_between_its_words(practice: Path) -> None:
    assert run("colleague", "--practice", practice, "list", "--json").document == []
    assert run("--json", "colleague", "list", "--practice", practice).document == []


def test_the_nearer_option_wins(practice: Path, tmp_path: Path) -> None:
    assert run("--practice", tmp_path / "elsewhere", "patients", "--practice", practice).code == 0


def test_the_folder_comes_from_the_environment_too(practice: Path) -> None:
    assert run("patients", "--json", more={"CONFRERE_HOME": str(practice)}).document != []


@pytest.mark.parametrize("arguments", [("--version",), ("patients", "--version"), ("share", "--version")])
def test_the_version_is_one_line(arguments: tuple[str, ...]) -> None:
    ended = run(*arguments, passphrase=None)
    assert (ended.code, ended.out, ended.err) == (0, f"confrere {metadata.version('confrere')}\n", "")


def test_the_version_loads_no_store_and_no_network() -> None:
    code = (
        "import sys\nfrom tui.cli.main import main\nassert main(['--version']) == 0\n"
        "print([name for name in sys.modules if name.split('.')[0] in "
        "('sqlcipher3', 'nacl', 'cryptography', 'textual', 'zeroconf', 'reportlab', 'asyncio', 'ssl', 'rich')])"
    )
    done = subprocess.run([sys.executable, "-c", code], env=environment(), cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]", done.stderr


def test_every_command_has_a_page_in_both_languages(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    page = capsys.readouterr().out
    assert all(f"\n  {name}" in page for name in PLACES)
    for language, heading in (
        ("fr_FR.UTF-8", "Utilisation\u00a0: confrere add"),
        ("en_GB.UTF-8", "Usage: confrere add"),
    ):
        ended = run("add", "--help", passphrase=None, language=language)
        assert ended.code == 0 and ended.out.startswith(heading)
        assert "--systolic" in ended.out and "PATIENT" in ended.out


@pytest.mark.parametrize("name", sorted(set(PLACES)))
def test_every_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name, "--help"]) == 0
    page = capsys.readouterr().out
    assert f"confrere {name}" in page.splitlines()[0]
    assert "--practice DIR" in page and "--json" in page
    importlib.import_module(PLACES[name])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("patiens",), "There is no command “patiens” here; there are: demo, init"),
        (("consent", "grand"), "There is no command “grand” here; there are: grant, revoke, list."),
        (("consent",), "A command is missing."),
        (("patients", "--jsom"), "There is no option --jsom."),
        (("share", "zoe"), "COLLEAGUE is missing."),
        (("share", "zoe", "b", "c"), "There are more words than this command takes."),
        (("add", "zoe", "dream"), "The value of KIND is none of: patient, problem, allergy"),
        (("patients", "--passphrase-fd", "x"), "The value of --passphrase-fd is none that is allowed."),
        (("patients", "--practice"), "The option --practice is used wrongly."),
        ((), "The interface needs a terminal."),
    ],
)
def test_wrong_usage_is_one_sentence_and_exit_code_2(arguments: tuple[str, ...], said: str) -> None:
    ended = run(*arguments, passphrase=None)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(said)
    assert "Nothing was done. See: confrere" in ended.err and ended.err.count("\n") == 1


def test_what_was_typed_wrongly_cannot_command_a_terminal() -> None:
    ended = run("\x1b]52;c;ZXZpbA==\x07", passphrase=None)
    assert ended.code == 2 and "\x1b" not in ended.err and "\x07" not in ended.err


def test_words_are_french_unless_the_locale_is_english(practice: Path) -> None:
    for language, said in (("fr_FR.UTF-8", "Aucun patient"), ("C", "Aucun patient"), ("en_US.UTF-8", "No patient")):
        ended = run("--practice", practice, "record", "nobody", language=language)
        assert ended.code == 5 and ended.err.startswith(said)


def test_json_is_the_same_in_both_languages(practice: Path) -> None:
    at(practice, "add", "zoe", "problem", "--text", "Asthme")
    english, french = (
        at(practice, "record", "zoe", "--json", language=one).out for one in ("en_GB.UTF-8", "fr_FR.UTF-8")
    )
    assert json.loads(english) == json.loads(french)


def test_an_unknown_practice_is_one_sentence_and_is_not_created(tmp_path: Path) -> None:
    for arguments in (("patients",), ("record", "x"), ("doctor",), ("daemon",), ("daemon", "status"), ("card", "show")):
        ended = run("--practice", tmp_path / "none", *arguments, "--json")
        assert (ended.code, ended.out) == (5, ""), arguments
        assert ended.err.startswith(f"There is no practice in {tmp_path / 'none'}. Nothing was created.")
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_passphrase_is_exit_code_3_and_one_sentence(practice: Path) -> None:
    ended = run("--practice", practice, "patients", "--json", passphrase="une autre phrase")  # noqa: S106
    assert (ended.code, ended.out) == (3, "")
    assert ended.err == (
        "This passphrase does not open the practice. Nothing was changed. Check the keyboard and try again.\n"
    )


def test_a_wrong_passphrase_costs_one_derivation(practice: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    genuine = crypto.stretch

    def counted(secret: str, salt: bytes, *, memory_bytes: int, passes: int) -> bytes:
        made.append(secret)
        return genuine(secret, salt, memory_bytes=memory_bytes, passes=passes)

    monkeypatch.setattr(crypto, "stretch", counted)
    reading, writing = os.pipe()
    os.write(writing, b"une autre phrase\n")
    os.close(writing)
    assert main(["--practice", str(practice), "patients", "--passphrase-fd", str(reading)]) == 3
    os.close(reading)
    assert made == ["une autre phrase"]


def test_without_a_terminal_and_without_a_descriptor_the_practice_stays_locked(practice: Path) -> None:
    ended = run("--practice", practice, "patients", "--json", passphrase=None)
    assert (ended.code, ended.out) == (3, "")
    assert "no terminal to ask for the passphrase" in ended.err and ended.err.count("\n") == 1


@pytest.mark.parametrize(
    ("passphrase", "said"),
    [
        (b"\xff\xfe", "The passphrase is not in UTF-8."),
        (b"", "The passphrase is empty."),
        (b"x" * 1025, "longer than 1024"),
    ],
)
def test_what_is_no_passphrase_is_bad_input(practice: Path, passphrase: bytes, said: str) -> None:
    ended = run("--practice", practice, "patients", passphrase=passphrase)
    assert ended.code == 5 and said in ended.err


def test_a_descriptor_that_is_not_open_is_bad_input(practice: Path) -> None:
    ended = run("--practice", practice, "patients", "--passphrase-fd", "971", passphrase=None)
    assert ended.code == 5 and ended.err.startswith("The file descriptor 971 cannot be read or written:")


def test_only_the_first_line_of_the_descriptor_is_read(practice: Path) -> None:
    body = json.dumps({"concept": {"text": "Asthme"}})
    stdin = f"{PASSPHRASE}\r\n{body}".encode()
    command = ("--practice", practice, "add", "zoe", "problem", "--body", "-", "--passphrase-fd", "0", "--json")
    assert run(*command, passphrase=None, stdin=stdin).document["body"]["concept"]["text"] == "Asthme"


def test_the_passphrase_stands_in_no_argument_and_no_environment(practice: Path) -> None:
    reading, writing = os.pipe()
    command = [*COMMAND, "--practice", str(practice), "patients", "--passphrase-fd", str(reading)]
    held = subprocess.Popen(command, env=environment(), cwd=ROOT, pass_fds=(reading,), stdout=subprocess.PIPE)
    os.close(reading)
    os.write(writing, PASSPHRASE.encode())  # without an end of line: it goes on reading
    place = Path(f"/proc/{held.pid}")
    if not place.exists():
        held.kill()
        pytest.skip("this system has no /proc to look into")
    assert all(PASSPHRASE.encode() not in (place / name).read_bytes() for name in ("cmdline", "environ"))
    os.write(writing, b"\n")
    os.close(writing)
    assert b"DUPONT" in held.communicate(timeout=DEADLINE)[0] and held.returncode == 0


def test_an_interrupt_is_one_line_and_130(practice: Path) -> None:
    reading, writing = os.pipe()
    command = [*COMMAND, "--practice", str(practice), "patients", "--passphrase-fd", str(reading)]
    held = subprocess.Popen(command, env=environment(), cwd=ROOT, pass_fds=(reading,), stderr=subprocess.PIPE)
    _until_it_waits(held.pid)
    held.send_signal(signal.SIGINT)
    _, said = held.communicate(timeout=DEADLINE)
    os.close(writing)
    os.close(reading)
    assert (held.returncode, said.decode()) == (130, "Interrupted.\n")


def _until_it_waits(pid: int) -> None:
    """Wait until a process reads from a pipe that has nothing for it."""
    channel = Path(f"/proc/{pid}/wchan")
    deadline = time.monotonic() + DEADLINE
    while time.monotonic() < deadline:
        if channel.exists() and "pipe" in channel.read_text(encoding="ascii"):
            return
        time.sleep(0.02)
    pytest.skip("this system does not say what a process waits for")


def test_a_reader_who_leaves_is_no_error_to_talk_about(practice: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    ended = run("--practice", practice, "patients", "--json", stdout=writing)
    os.close(writing)
    assert (ended.code, ended.err) == (141, "")


def test_our_own_fault_is_one_sentence_without_values() -> None:
    code = (
        "from tui.cli import main\n"
        "def fail(_):\n    patient = 'Dupont'\n    raise KeyError(patient)\n"
        "main._run = fail\nmain.run()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], env=environment(), cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (70, "")
    assert done.stderr == "An internal error occurred. Nothing more was changed. Please report it: KeyError\n"


def test_a_chart_opens_without_the_half_of_the_house_that_shares() -> None:
    code = (
        "import sys, tui.cli.patients, tui.cli.entries\nprint([one for one in sys.modules if one.startswith('sync')])"
    )
    done = subprocess.run([sys.executable, "-c", code], env=environment(), cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr


def test_every_error_has_one_of_the_exit_codes() -> None:
    every = [ConfrereError]
    for one in every:
        every += one.__subclasses__()
    assert {one.exit_code for one in every} <= EXIT_CODES
    assert {errors.BadInput.exit_code, errors.Refused.exit_code, errors.DamagedStore.exit_code} == {4, 5, 6}
    assert sync_errors.NotReached.exit_code == 7


def test_json_goes_to_stdout_and_words_to_stderr(practice: Path) -> None:
    ended = at(practice, "patients", "zoe", "--json")
    assert ended.err == "" and ended.out.count("\n") == 1
    ended = at(practice, "patients", "nobody")
    assert ended.out == "" and "Nothing to list." in ended.err
    assert ask(practice, "patients", "nobody") == []
