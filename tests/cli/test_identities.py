"""`confrere patient`: identities that are asked about, the Data Matrix, doubles, merging and un-merging."""

from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import PASSPHRASE, Ended, ask, at, on_terminal, run

GS = "\x1d"
MATRIX = (
    f"IS010000000000000000000000S1277010115400329S21.2.250.1.213.1.4.8{GS}S3SARAH-LOU ANNA{GS}S4GARCIA-HAMMADI{GS}"
    "S5FS621-01-1977S701154"
)
SARAH = ("--family", "García-Hammadi", "--given", "Sarah-Lou", "--birth", "1977-01-21", "--sex", "female")


def new(practice: Path, *options: str) -> Any:
    """Register somebody; the JSON document."""
    return ask(practice, "patient", "new", *options, "--yes")


def told(practice: Path) -> list[tuple[str, str]]:
    """The merges in the history."""
    return [(one["action"], one["detail"]) for one in ask(practice, "history") if "merged" in one["action"]]


@pytest.fixture
def zoe(practice: Path) -> str:
    """The patient who is on record."""
    return str(ask(practice, "patients", "zoe")[0]["id"])


def test_every_field_of_an_identity_has_its_option(practice: Path) -> None:
    made = new(practice, *SARAH, "--email", "s@example.org", "--language", "fr", "--identity-attribute", "homonym",
               "--evidence", "passeport", "--treating-doctor", "Dr Roux", "--treating-doctor-rpps", "10003000006",
               "--ins", "2 77 01 01 154 003 29", "--ins-kind", "nia", "--birth-place", "01154",
               "--identity-status", "validated")  # fmt: skip
    assert (made["email"], made["language"], made["identity_attributes"]) == ("s@example.org", "fr", ["homonym"])
    assert (made["identity_evidence"], made["treating_doctor_rpps"]) == ("passeport", "10003000006")
    assert (made["ins"], made["ins_oid"]) == ("277010115400329", "1.2.250.1.213.1.4.9")
    amended = ask(practice, "patient", "amend", made["id"], "--ins-kind", "nir")
    assert amended["ins_oid"] == "1.2.250.1.213.1.4.8"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            ("--identity-status", "qualified"),
            "This identity status needs all strict traits; missing: code of the birth",
        ),
        (("--ins", "277010115400329", "--ins-kind", "test"), "This INS number is of the range for tests"),
        (("--ins", "177010115400379"), "The INS number says another sex."),
        (("--identity-status", "validated", "--identity-attribute", "doubtful"), "A doubtful or fictitious identity"),
    ],
)
def test_without_a_terminal_what_is_doubtful_is_kept_only_with_yes(
    practice: Path, options: tuple[str, ...], words: str
) -> None:
    before = (practice / "record.db").read_bytes()
    ended = run("--practice", practice, "patient", "new", *SARAH, *options)
    assert ended.code == 4 and words in ended.err and "This was not confirmed. Nothing was done." in ended.err
    assert (practice / "record.db").read_bytes() == before
    assert words in at(practice, "patient", "new", *SARAH, *options, "--yes").err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--birth", "2999-01-01"), "The birth date lies in the future."),
        (("--birth", "1977-01-21", "--deceased", "1970-05"), "The death lies before the birth."),
        (("--birth", "1977-01-21", "--deceased", "2999"), "The death lies in the future."),
    ],
)
def test_what_cannot_be_is_asked_about(practice: Path, options: tuple[str, ...], words: str) -> None:
    ended = run("--practice", practice, "patient", "new", "--family", "Petit", *options)
    assert ended.code == 4 and words in ended.err
    assert len(ask(practice, "patients")) == 1


def test_a_doctors_number_with_a_wrong_key_is_told_and_taken(practice: Path) -> None:
    ended = at(practice, "patient", "new", *SARAH, "--treating-doctor-rpps", "10003000007")
    assert "The RPPS number of the treating doctor is not valid" in ended.err
    assert "It is taken as it was given." in ended.err


def test_to_qualify_an_identity_asks_and_what_stands_already_is_not_asked_again(practice: Path) -> None:
    made = new(practice, *SARAH, "--ins", "277010115400329", "--birth-place", "01154", "--evidence", "passeport")
    command = ["--practice", str(practice), "patient", "amend", made["id"], "--identity-status", "qualified"]
    ended = on_terminal(command, [("Passphrase: ", PASSPHRASE), (r"all the same\?", "n")])
    assert ended.code == 4 and "Only the national service (INSi) qualifies an identity" in ended.out
    ended = on_terminal([*command, "--yes"], [("Passphrase: ", PASSPHRASE)])
    assert ended.code == 0
    again = at(practice, "patient", "amend", made["id"], "--phone", "0102030405")
    assert again.err == ""


def test_somebody_who_is_here_already_is_asked_about(practice: Path) -> None:
    command = ["--practice", str(practice), "patient", "new", "--family", "Dupond-Martin", "--given", "Zoé",
               "--birth", "1958-07-03"]  # fmt: skip
    ended = on_terminal(command, [("Passphrase: ", PASSPHRASE), (r"all the same\?", "n")])
    assert ended.code == 4
    assert "DUPONT-MARTIN Zoé Anne (03 Jul 1958; similar names, same birth date) is in the record already." in ended.out
    assert on_terminal([*command, "--yes"], [("Passphrase: ", PASSPHRASE)]).code == 0
    assert len(ask(practice, "patients")) == 2


def test_two_records_are_merged_found_under_both_names_and_taken_apart(practice: Path, zoe: str) -> None:
    other = new(practice, "--family", "Petit", "--given", "Zoé", "--birth", "1958-07-03")["id"]
    at(practice, "add", other, "problem", "--text", "Asthme")
    asked = run("--practice", practice, "patient", "merge", zoe, other, "--reason", "nom de jeune fille")
    assert asked.code == 4 and told(practice) == []
    merged = ask(practice, "patient", "merge", zoe, other, "--reason", "nom de jeune fille", "--yes")
    assert (merged["id"], merged["kept"]["id"], merged["other"]["id"]) == (zoe, zoe, other)
    assert [one["id"] for one in ask(practice, "patients")] == [zoe]
    assert [one["id"] for one in ask(practice, "patients", "petit")] == [zoe]
    read = ask(practice, "record", other)
    assert read["id"] == zoe and [one["body"]["concept"]["text"] for one in read["entries"] if one["kind"] == "problem"]
    assert [one["family_name"] for one in read["also_registered"]] == ["Petit"]
    shown = at(practice, "record", zoe)
    assert "Also registered as: PETIT Zoé (03 Jul 1958)" in shown.out + shown.err
    parted = ask(practice, "patient", "unmerge", other[:12], "--reason", "deux sœurs")
    assert (parted["kept"]["id"], parted["other"]["id"]) == (zoe, other)
    assert len(ask(practice, "patients")) == 2
    assert told(practice) == [("patients-merged", "nom de jeune fille"), ("patients-unmerged", "deux sœurs")]
    assert at(practice, "verify").code == 0


def test_a_merge_asks_and_shows_both(practice: Path, zoe: str) -> None:
    other = new(practice, "--family", "Petit", "--given", "Zoé", "--birth", "1958-07-03")["id"]
    command = ["--practice", str(practice), "patient", "merge", zoe, other, "--reason", "double"]
    ended = on_terminal(command, [("Passphrase: ", PASSPHRASE), (r"one person\?", "n")])
    assert ended.code == 4 and "PETIT Zoé" in ended.out and "DUPONT-MARTIN Zoé Anne" in ended.out
    assert told(practice) == []


def failing(practice: Path, *words: str) -> Ended:
    """A command that is refused."""
    ended = run("--practice", practice, *words)
    assert ended.code in (4, 5), ended
    return ended


def test_what_cannot_be_merged(practice: Path, zoe: str) -> None:
    one = new(practice, *SARAH, "--ins", "277010115400329")["id"]
    other = new(practice, *SARAH, "--ins", "279035121518989", "--yes")["id"]
    assert "one record already" in failing(practice, "patient", "merge", zoe, zoe, "--reason", "x", "--yes").err
    assert "no reason" in failing(practice, "patient", "merge", zoe, one, "--reason", " ", "--yes").err
    assert failing(practice, "patient", "merge", one, other, "--reason", "double", "--yes").code == 4
    at(practice, "patient", "merge", one, other, "--reason", "vérifié", "--different-ins", "--yes")
    assert "was merged" in failing(practice, "patient", "unmerge", zoe, "--reason", "x").err


def test_doubles_are_listed_with_the_reason(practice: Path, zoe: str) -> None:
    other = new(practice, "--family", "Dupond-Martin", "--given", "Zoé", "--birth", "1958-07-03")["id"]
    (pair,) = ask(practice, "patient", "duplicates")
    assert pair["reason"] == "near-names-and-birth"
    assert {one["id"] for one in pair["patients"]} == {zoe, other}
    assert "similar names, same birth date" in at(practice, "patient", "duplicates").out


def test_a_matrix_registers_a_patient_then_finds_it(practice: Path) -> None:
    made = ask(practice, "patient", "scan", "-", stdin=MATRIX.encode() + b"\r\n")
    assert (made["family_name"], made["given_names"], made["ins"]) == (
        "GARCIA-HAMMADI", ["SARAH-LOU", "ANNA"], "277010115400329",
    )  # fmt: skip
    assert (made["birth_date"], made["birth_place"], made["identity_status"]) == ("1977-01-21", "01154", "provisional")
    again = ask(practice, "patient", "scan", MATRIX.replace(GS, "<GS>"))
    assert again["version"] == made["version"]
    assert len(ask(practice, "patients")) == 2


def test_a_matrix_corrects_the_identity_of_the_one_who_is_meant_and_keeps_the_spelling(practice: Path) -> None:
    known = new(practice, "--family", "García-Hammadi", "--given", "Sarah-Lou", "--birth", "1977-01-21")
    found = at(practice, "patient", "scan", MATRIX)
    assert "“” becomes “277010115400329”" in found.err
    (sarah,) = ask(practice, "patients", "garcia")
    assert (sarah["id"], sarah["family_name"], sarah["ins"]) == (known["id"], "García-Hammadi", "277010115400329")


def test_a_matrix_of_somebody_else_corrects_nobody_without_being_told_whom(practice: Path, zoe: str) -> None:
    ended = on_terminal(
        ["--practice", str(practice), "patient", "scan", MATRIX],
        [("Passphrase: ", PASSPHRASE), (r"Register it\?", "n")],
    )
    assert ended.code == 4 and len(ask(practice, "patients")) == 1
    made = ask(practice, "patient", "scan", MATRIX, "--patient", zoe)
    assert made["id"] == zoe and made["ins"] == "277010115400329"


@pytest.mark.parametrize("text", ["", "Dupont", MATRIX[:80], MATRIX.replace("IS01", "IS09")])
def test_what_is_no_matrix_is_refused(practice: Path, text: str) -> None:
    ended = run("--practice", practice, "patient", "scan", "-", stdin=text.encode())
    assert ended.code == 5 and "INS Data Matrix" in ended.err
