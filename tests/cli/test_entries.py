"""`confrere add`, `amend` and `retract`."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import ask, at, run

ENTRY = {
    "id", "version", "parents", "patient", "kind", "date", "status", "sensitivity", "author", "recorded", "provenance",
    "origin", "body",
}  # fmt: skip
KINDS: list[tuple[str, list[str], dict[str, Any]]] = [
    (
        "problem",
        [
            "--text",
            "Asthme",
            "--code",
            "http://hl7.org/fhir/sid/icd-10|J45|Asthme",
            "--onset",
            "1990",
            "--severity",
            "x",
        ],
        {
            "concept": {
                "text": "Asthme",
                "codings": [
                    {"system": "http://hl7.org/fhir/sid/icd-10", "code": "J45", "label": "Asthme", "version": ""}
                ],
            },
            "onset": "1990",
            "clinical_status": "active",
        },
    ),
    (
        "allergy",
        ["--label", "Pénicilline", "--reaction", "urticaire", "--criticality", "high", "--category", "medication"],
        {"reaction": "urticaire", "criticality": "high", "none_known": False},
    ),
    (
        "medication",
        ["--text", "Ventoline", "--dosage", "2 bouffées", "--start", "2020-05", "--note", "n"],
        {"dosage": "2 bouffées", "start": "2020-05", "state": "active"},
    ),
    ("immunisation", ["--text", "DTP", "--lot", "A12", "--dose", "2", "--site", "bras"], {"lot": "A12", "dose": "2"}),
    (
        "measurement",
        ["--text", "Poids", "--value", "72,50", "--unit", "kg"],
        {"quantity": {"value": 72.50, "unit": "kg", "code": "", "comparator": ""}},
    ),
    ("measurement", ["--text", "Bandelette", "--value", "négative"], {"text": "négative", "quantity": None}),
    ("consultation", ["--reason", "Toux", "--findings", "Sibilants", "--plan", "Repos"], {"plan": "Repos"}),
    ("procedure", ["--text", "Appendicectomie", "--end", "1999"], {"end": "1999"}),
    ("document", ["--title", "Courrier", "--text", "Cher confrère"], {"title": "Courrier", "text": "Cher confrère"}),
    (
        "problem",
        ["--text", "Goutte", "--verification", "confirmed", "--body-site", "pied", "--long-term"],
        {"verification": "confirmed", "body_site": {"text": "pied", "codings": []}, "long_term": True},
    ),
    (
        "allergy",
        [
            "--text",
            "Latex",
            "--sign",
            "prurit",
            "--sign",
            "http://snomed.info/sct|39579001|Anaphylaxie",
            "--severity",
            "severe",
            "--type",
            "allergy",
        ],
        {"severity": "severe", "type": "allergy"},
    ),
    (
        "medication",
        [
            "--text",
            "Ramipril",
            "--dose",
            "5 mg",
            "--frequency",
            "2",
            "--period",
            "d",
            "--route",
            "orale",
            "--course",
            "continuous",
            "--as-needed",
        ],
        {"dose": {"value": 5, "unit": "mg", "code": "", "comparator": ""}, "frequency": 2, "as_needed": True},
    ),
    (
        "immunisation",
        [
            "--text",
            "Revaxis",
            "--against",
            "Tétanos",
            "--against",
            "Diphtérie",
            "--expiry",
            "2027-05",
            "--performer",
            "Infirmière",
            "--manufacturer",
            "Sanofi",
            "--route",
            "IM",
        ],
        {"expiry": "2027-05", "performer": "Infirmière", "manufacturer": "Sanofi"},
    ),
    (
        "measurement",
        ["--text", "TSH", "--value", "6,1", "--unit", "mUI/L", "--low", "0,4", "--high", "4.0", "--method", "ECL"],
        {"low": 0.4, "high": 4.0},
    ),
    (
        "consultation",
        ["--reason", "Toux", "--mode", "home", "--practitioner", "Dr B", "--place", "Domicile"],
        {"mode": "home", "practitioner": "Dr B", "place": "Domicile"},
    ),
    (
        "procedure",
        ["--text", "PTH", "--outcome", "bon", "--performer", "Dr C", "--body-site", "hanche", "--state", "completed"],
        {"outcome": "bon", "performer": "Dr C"},
    ),
    (
        "device",
        ["--text", "Stimulateur", "--identifier", "UDI-1", "--manufacturer", "M", "--end", "2025"],
        {"identifier": "UDI-1", "manufacturer": "M", "end": "2025", "state": "active"},
    ),
    (
        "family-history",
        ["--relationship", "mère", "--disease", "HTA", "--disease", "AVC", "--onset-age", "60", "--deceased", "yes"],
        {"onset_age": 60, "deceased": "yes", "relationship": {"text": "mère", "codings": []}},
    ),
    (
        "directive",
        ["--type", "Directives anticipées", "--text", "Pas de réanimation", "--place", "au cabinet"],
        {"text": "Pas de réanimation", "place": "au cabinet", "state": "active"},
    ),
    (
        "letter",
        [
            "--title",
            "Avis",
            "--text",
            "Cher confrère",
            "--correspondent",
            "Dr D",
            "--rpps",
            "10003000006",
            "--direction",
            "received",
        ],
        {"direction": "received", "correspondent": "Dr D", "correspondent_rpps": "10003000006"},
    ),
    (
        "relative",
        ["--name", "Yann", "--relationship", "époux", "--phone", "06", "--to-call", "--trusted"],
        {"name": "Yann", "to_call": True, "trusted": True, "phone": "06"},
    ),
    (
        "carer",
        ["--name", "Mme Roux", "--role", "infirmière", "--organisation", "SSIAD", "--end", "2026"],
        {"name": "Mme Roux", "organisation": "SSIAD", "end": "2026"},
    ),
    (
        "recall",
        ["--text", "Mammographie", "--every", "24", "--state", "done", "--done", "2026-03", "--reason", "dépistage"],
        {"every_months": 24, "state": "done", "done": "2026-03"},
    ),
    ("other", ["--body", '{"resource_type": "Basic", "label": "x"}'], {"resource_type": "Basic"}),
]


@pytest.mark.parametrize(
    ("kind", "options", "body"), KINDS, ids=[f"{kind}-{at}" for at, (kind, *_) in enumerate(KINDS)]
)
def test_each_kind_has_its_natural_options(practice: Path, kind: str, options: list[str], body: dict[str, Any]) -> None:
    added = ask(practice, "add", "zoe", kind, "--date", "12/3/2024", *options)
    assert set(added) == ENTRY
    assert (added["kind"], added["date"], added["status"]) == (kind, "2024-03-12", "final")
    assert added["author"] == {"name": "Dr Alpha", "rpps": "10003000006"}
    assert body.items() <= added["body"].items()
    assert ask(practice, "record", "zoe", "--kind", kind)["entries"][-1]["body"] == added["body"]


def test_an_appointment_has_its_day_and_its_time(practice: Path) -> None:
    options = ("--minutes", "20", "--reason", "Vaccin", "--practitioner", "Dr B")
    added = ask(practice, "add", "zoe", "appointment", "--date", "12/3/2024 14h30", *options)
    assert (added["date"], added["body"]["minutes"], added["body"]["state"]) == ("2024-03-12T14:30", 20, "booked")
    assert "12 Mar 2024" in at(practice, "record", "zoe").out
    moved = ask(practice, "amend", added["version"], "--date", "2024-03-12T15:00", "--state", "noshow")
    assert (moved["date"], moved["body"]["state"]) == ("2024-03-12T15:00", "noshow")


def test_what_was_asked_and_is_not_there_reads_as_none_and_nothing_else_does(practice: Path) -> None:
    asked = ("problem", "allergy", "medication", "immunisation", "procedure", "device", "family-history")
    before = ask(practice, "record", "zoe")["knowledge"]
    assert {before[kind] for kind in asked} == {"not-asked"}
    assert at(practice, "record", "zoe").out.count("not asked") == len(asked)
    for kind in asked:
        assert ask(practice, "add", "zoe", kind, "--none", "--date", "2024")["body"]["none_known"] is True
    after = ask(practice, "record", "zoe")["knowledge"]
    assert {after[kind] for kind in asked} == {"none-known"}
    assert "not asked" not in at(practice, "record", "zoe").out


def test_a_yes_can_be_taken_back_and_a_relative_is_a_person_to_call(practice: Path) -> None:
    first = ask(practice, "add", "zoe", "relative", "--name", "Yann Le Bihan", "--to-call", "--record", "zoe")
    assert first["body"]["patient"] == first["patient"]
    assert "Persons to call: Yann Le Bihan" in at(practice, "record", "zoe").out
    assert ask(practice, "amend", first["version"], "--no-to-call")["body"]["to_call"] is False
    assert "Persons to call: Yann Le Bihan" not in at(practice, "record", "zoe").out


def test_a_blood_pressure_is_coded_so_that_others_find_it(practice: Path) -> None:
    body = ask(practice, "add", "zoe", "measurement", "--systolic", "130", "--diastolic", "80")["body"]
    assert body["concept"]["codings"][0]["code"] == "85354-9"
    assert [(one["concept"]["codings"][0]["code"], one["quantity"]["value"]) for one in body["components"]] == [
        ("8480-6", 130), ("8462-4", 80),
    ]  # fmt: skip
    assert "130/80 mmHg" in at(practice, "record", "zoe").out


def test_a_file_is_kept_whole(practice: Path, tmp_path: Path) -> None:
    (tmp_path / "scan.pdf").write_bytes(b"%PDF-1.4 \x00\xff")
    added = ask(practice, "add", "zoe", "document", "--file", tmp_path / "scan.pdf")
    body = added["body"]
    assert (body["title"], body["attachment"]["media_type"]) == ("scan.pdf", "application/pdf")
    at(practice, "document", "save", added["version"], tmp_path / "out.pdf")
    assert (tmp_path / "out.pdf").read_bytes() == b"%PDF-1.4 \x00\xff"


def test_a_body_printed_by_record_can_be_added_again(practice: Path) -> None:
    first = ask(practice, "add", "zoe", "allergy", "--text", "Arachide", "--reaction", "œdème")
    again = ask(practice, "add", "zoe", "allergy", "--body", "-", stdin=json.dumps(first["body"]).encode())
    assert again["body"] == first["body"] and again["id"] != first["id"]


def test_an_amendment_changes_what_was_named_and_nothing_else(practice: Path) -> None:
    first = ask(practice, "add", "zoe", "medication", "--text", "Ventoline", "--dosage", "1", "--restricted")
    amended = ask(practice, "amend", first["version"][:8], "--dosage", "2", "--date", "2024")
    assert amended["body"] == first["body"] | {"dosage": "2"}
    assert (amended["id"], amended["parents"], amended["date"]) == (first["id"], [first["version"]], "2024")
    assert amended["sensitivity"] == "restricted"
    assert ask(practice, "amend", amended["version"], "--normal")["sensitivity"] == "normal"
    assert len(ask(practice, "record", "zoe", "--all-versions")["entries"]) == 3


def test_a_retraction_stays_readable_with_its_reason_in_the_history(practice: Path) -> None:
    first = ask(practice, "add", "zoe", "problem", "--text", "Diabète")
    retracted = ask(practice, "retract", first["version"], "--reason", "autre patient")
    assert (retracted["status"], retracted["body"]) == ("entered-in-error", first["body"])
    assert ask(practice, "history", "zoe")[-1]["detail"] == "autre patient"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("add", "zoe", "problem"), 5, "This entry would say nothing."),
        (("add", "zoe", "problem", "--dosage", "2"), 2, "An entry of kind problem takes no --dosage."),
        (("add", "zoe", "patient", "--text", "x"), 2, "A patient is registered with: confrere patient new."),
        (("add", "zoe", "problem", "--text", "x", "--date", "2024-13"), 5, "“2024-13” is not a date."),
        (("add", "zoe", "appointment", "--date", "2024-03-12"), 5, "An appointment has a day and a time."),
        (("add", "zoe", "relative", "--phone", "06"), 5, "This entry would say nothing."),
        (("add", "zoe", "device", "--text", "x", "--state", "broken"), 5, "“broken” is none of the words for state"),
        (("add", "zoe", "carer", "--name", "x", "--end", "soon"), 5, "“soon” is not a date."),
        (("add", "zoe", "recall", "--text", "x", "--every", "9999"), 5, "9999 is not possible for every-months"),
        (("add", "zoe", "measurement", "--systolic", "130"), 5, "A blood pressure has two figures."),
        (("add", "zoe", "measurement", "--text", "x", "--value", "y", "--unit", "kg"), 5, "“y” is not a number."),
        (("add", "zoe", "measurement", "--text", "x", "--value", "inf", "--unit", "kg"), 5, "“inf” is not a number."),
        (("add", "zoe", "problem", "--text", "x", "--code", "J45"), 5, "A code is written SYSTEM|CODE|LABEL."),
        (("add", "zoe", "problem", "--body", "{"), 5, "The body is not one of this kind, written in JSON."),
        (("add", "zoe", "problem", "--body", '{"a": 1}'), 5, "The body is not one of this kind, written in JSON."),
        (("add", "zoe", "problem", "--body", "[]"), 5, "The body is not one of this kind, written in JSON."),
        (("add", "zoe", "problem", "--body", "{}", "--note", "x"), 2, "--body says everything already."),
        (
            ("add", "zoe", "document", "--file", "/nowhere/x.pdf"),
            5,
            "/nowhere/x.pdf cannot be read or written: No such",
        ),
        (("add", "zoe", "document", "--file", "/"), 5, "This is no plain file."),
        (("add", "nobody", "problem", "--text", "x"), 5, "No patient of this practice matches “nobody”."),
        (("amend", "0123456789", "--text", "x"), 5, "No entry of this practice has the identifier “0123456789”."),
        (("retract", "zz", "--reason", "x"), 5, "“zz” is too short for the beginning of an identifier."),
        (("retract", "0123456789"), 2, "--reason is missing."),
    ],
)
def test_bad_input_is_one_sentence_and_changes_nothing(
    practice: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    before = (practice / "record.db").read_bytes()
    ended = run("--practice", practice, *arguments, "--json")
    assert (ended.code, ended.out) == (code, ""), ended.err
    assert ended.err.startswith(said) and ended.err.count("\n") == 1
    assert (practice / "record.db").read_bytes() == before


def test_too_large_a_file_is_not_read(practice: Path, tmp_path: Path) -> None:
    with open(tmp_path / "big.pdf", "wb") as file:
        file.write(b"%PDF-1.7")
        file.truncate(1024**3 + 1)
    ended = run("--practice", practice, "add", "zoe", "document", "--file", tmp_path / "big.pdf")
    assert ended.code == 5 and ended.err.startswith("This document is larger than the limit of 1024 MiB.")
