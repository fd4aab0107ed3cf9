"""`confrere patients`, `patient` and `record`."""

import os
from pathlib import Path

import pytest

from localstore import versions
from localstore.database import transaction
from localstore.kinds import Provenance
from localstore.model import Entry
from localstore.practice import Practice, unlock
from tests.cli.running import PASSPHRASE, ask, at, on_terminal, run

INS = "295109912611193"
LISTED = {"id", "family_name", "given_names", "birth_date", "sex", "ins"}
HOSTILE = {
    "colour": "Rouge\x1b[31m",
    "clipboard": "Presse\x1b]52;c;ZXZpbA==\x07papier",
    "direction": "Droite\u202egauche",
    "markup": "Dose [/] [red]5[/red] mg",
    "c1": "Reste\x9b31m",
}


def test_the_listing_has_exactly_the_promised_fields(practice: Path) -> None:
    (zoe,) = ask(practice, "patients")
    assert set(zoe) == LISTED
    assert (zoe["family_name"], zoe["given_names"]) == ("Dupont-Martin", ["Zoé", "Anne"])
    assert (zoe["birth_date"], zoe["sex"], zoe["ins"], len(zoe["id"])) == ("1958-07-03", "female", "", 32)


@pytest.mark.parametrize("words", [("zoe",), ("DUPONT", "martin"), ("03/07/1958",), ("dup", "zo")])
def test_a_search_finds_by_the_beginnings_of_words(practice: Path, words: tuple[str, ...]) -> None:
    assert [one["family_name"] for one in ask(practice, "patients", *words)] == ["Dupont-Martin"]


def test_a_patient_is_registered_and_found_by_ins_and_prefix(practice: Path) -> None:
    made = ask(practice, "patient", "new", "--family", "Petit", "--given", "Luc", "--birth", "3/2/1960", "--ins",
               "2 95 10 99 126 111 93", "--town", "Lyon", "--phone", "0472000000", "--yes")  # fmt: skip
    assert (made["birth_date"], made["ins"], made["town"]) == ("1960-02-03", INS, "Lyon")
    assert made["version"] == made["id"]
    for reference in (made["id"], made["id"][:6], INS, "petit luc"):
        assert ask(practice, "record", reference)["id"] == made["id"]


def test_a_wrong_ins_is_said_and_accepted_without_a_terminal(practice: Path) -> None:
    ended = at(practice, "patient", "new", "--family", "Petit", "--ins", "123456789012244", "--json")
    assert ended.document["ins"] == "123456789012244"
    key = "The INS number is not valid: 15 characters, the last two of which are a key."
    assert ended.err == f"{key}\nIt is taken as it was given.\n"


def test_a_wrong_ins_is_asked_about_on_a_terminal(practice: Path) -> None:
    command = ["--practice", str(practice), "patient", "new", "--family", "Petit", "--ins", "123456789012244"]
    ended = on_terminal(command, [(r"all the same\?", "n")])
    assert ended.code == 4 and "This was not confirmed. Nothing was done." in ended.out
    assert on_terminal(command, [(r"all the same\?", "y"), ("Passphrase: ", PASSPHRASE)]).code == 0
    assert len(ask(practice, "patients")) == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("patient", "new", "--given", "Luc"), "A patient needs a family name."),
        (("patient", "new", "--family", "Petit", "--birth", "31/02/1960"), "“31/02/1960” is not a birth date."),
        (("patient", "amend", "zoe"), "Nothing about this patient would change."),
        (("patient", "amend", "nobody", "--town", "Lyon"), "No patient of this practice matches “nobody”."),
        (("record", "nobody"), "No patient of this practice matches “nobody”."),
        (("record", "0123456789ab"), "No patient of this practice matches “0123456789ab”."),
        (("record", ""), "No patient of this practice matches “”."),
    ],
)
def test_bad_input_is_one_sentence_and_changes_nothing(practice: Path, arguments: tuple[str, ...], said: str) -> None:
    before = (practice / "record.db").read_bytes()
    ended = run("--practice", practice, *arguments, "--json")
    assert (ended.code, ended.out) == (5, "")
    assert ended.err.startswith(said) and ended.err.count("\n") == 1
    assert (practice / "record.db").read_bytes() == before


def test_a_reference_that_several_answer_to_names_them(practice: Path) -> None:
    at(practice, "patient", "new", "--family", "Dupont", "--given", "Zacharie")
    ended = run("--practice", practice, "record", "dupont")
    assert ended.code == 5 and "matches 2 at once: Dupont-Martin Zoé" in ended.err


def test_an_identity_is_amended_and_both_versions_remain(practice: Path) -> None:
    amended = ask(practice, "patient", "amend", "zoe", "--used-name", "Durand", "--identity-status", "qualified",
                  "--yes")  # fmt: skip
    assert (amended["used_name"], amended["identity_status"], amended["given_names"]) == (
        "Durand", "qualified", ["Zoé", "Anne"],
    )  # fmt: skip
    assert [one["family_name"] for one in ask(practice, "patients", "durand")] == ["Dupont-Martin"]
    versions_of_zoe = ask(practice, "record", "zoe", "--kind", "patient", "--all-versions")["entries"]
    assert [one["current"] for one in versions_of_zoe] == [False, True]
    assert versions_of_zoe[1]["parents"] == [versions_of_zoe[0]["version"]]


def test_three_states_of_knowledge_are_kept_apart(practice: Path) -> None:
    at(practice, "add", "zoe", "allergy", "--none")
    at(practice, "add", "zoe", "problem", "--text", "Asthme")
    record = ask(practice, "record", "zoe")
    knowledge = {kind: record["knowledge"][kind] for kind in ("problem", "allergy", "medication")}
    assert knowledge == {"problem": "known", "allergy": "none-known", "medication": "not-asked"}
    shown = at(practice, "record", "zoe", language="fr_FR.UTF-8").out
    lines = shown.replace("\u00a0", " ").splitlines()
    assert {"Allergies : Aucune allergie connue", "Problèmes : renseigné"} <= set(lines)
    assert {"Médicaments : non renseigné", "Vaccinations : non renseigné"} <= set(lines)


def test_reading_a_record_is_written_to_the_history(practice: Path) -> None:
    assert "record-read" not in [line["action"] for line in ask(practice, "history")]
    at(practice, "record", "zoe")
    assert [line["action"] for line in ask(practice, "history", "zoe")][-1] == "record-read"


def test_competing_versions_and_errors_are_marked(practice: Path) -> None:
    first = ask(practice, "add", "zoe", "problem", "--text", "Asthme")
    wrong = ask(practice, "add", "zoe", "problem", "--text", "Diabète")
    at(practice, "retract", wrong["version"], "--reason", "autre patient")
    at(practice, "amend", first["version"], "--severity", "modéré")
    opened = unlock(practice, PASSPHRASE)
    _write_beside(opened, first["version"])
    opened.close()
    entries = ask(practice, "record", "zoe", "--kind", "problem")["entries"]
    assert [one["competing"] for one in entries if one["id"] == first["id"]] == [True, True]
    assert [one["status"] for one in entries if one["id"] == wrong["id"]] == ["entered-in-error"]
    shown = at(practice, "record", "zoe").out
    assert shown.count("[COMPETING VERSIONS]") == 2 and shown.count("[ENTERED IN ERROR]") == 1


def _write_beside(practice: Practice, version: str) -> None:
    """A second successor of a version, as a colleague's practice would send it."""
    connection = practice.connection
    num = versions.number(connection, version)
    assert num is not None
    old: Entry = versions.by_number(connection, [num])[0][1]
    with transaction(connection):
        new = versions.NewVersion(
            num=versions.next_number(connection), id=versions.new_id(), entry=num,
            patient=versions.patient_of(connection, num), body=old.body, kind=old.kind, date=old.date,
            recorded=practice.now(), author=versions.author_number(connection, old.author),
            origin=versions.origin_number(connection, Provenance.RECEIVED, "Dr Beta"),
            parents=(bytes.fromhex(version),),
        )  # fmt: skip
        versions.insert(connection, [new])


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory, pristine: Path) -> Path:
    """A practice whose patients have the names of HOSTILE."""
    folder = tmp_path_factory.mktemp("hostile") / "practice"
    folder.mkdir()
    for file in pristine.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    os.chmod(folder, 0o700)
    for name in HOSTILE.values():
        at(folder, "patient", "new", "--family", name)
    return folder


def test_hostile_names_command_no_pipe_and_no_terminal(hostile: Path) -> None:
    piped = at(hostile, "patients").out
    terminal = on_terminal(["--practice", hostile, "patients"], [("Passphrase: ", PASSPHRASE)]).out
    for shown in (piped, terminal):
        assert not set(shown) & {"\x1b", "\x07", "\x9b", "\u202e"}
        assert "DOSE [/] [RED]5[/RED] MG" in shown
        assert "ROUGE\ufffd[31M" in shown and "DROITE\ufffdGAUCHE" in shown
    rows = [line for line in piped.splitlines() if "sex unknown" in line]
    assert len(rows) == len(HOSTILE)


def test_hostile_names_are_exact_in_json_and_still_command_nothing(hostile: Path) -> None:
    ended = at(hostile, "patients", "--json")
    assert {one["family_name"] for one in ended.document} == {*HOSTILE.values(), "Dupont-Martin"}
    assert not set(ended.out) & {"\x1b", "\x07", "\x9b", "\u202e"}
    assert "Zoé" in ended.out  # what is harmless is not escaped
