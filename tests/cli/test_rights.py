"""What the law gives the patient, from the command line: report, keeping, archive, erasure, rectification."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli import running
from tests.cli.running import ask, at, run


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A practice with nobody in it."""
    folder = tmp_path_factory.mktemp("rights") / "practice"
    running.init(folder)
    return folder


def patient(folder: Path, family: str) -> str:
    """A new patient with a problem; the identifier."""
    identifier: str = ask(folder, "patient", "new", "--family", family, "--given", "Odile", "--birth", "1950-01-02")[
        "id"
    ]
    ask(folder, "add", identifier, "problem", "--label", "Asthme", "--date", "2019")
    return identifier


@pytest.fixture
def practice(made: Path) -> Path:
    """The same practice for all: each test has patients of its own."""
    return made


def test_the_report(practice: Path, tmp_path: Path) -> None:
    zoe = patient(practice, "Rapport")
    told = ask(practice, "patient", "report", zoe, "-o", tmp_path / "out", "--why", "demande écrite")
    assert {one["name"] for one in told["files"]} == {"dossier.pdf", "dossier.json"}
    assert (tmp_path / "out" / "dossier.pdf").read_bytes().startswith(b"%PDF-")
    assert json.loads((tmp_path / "out" / "dossier.json").read_bytes())["resourceType"] == "Bundle"
    refused = run("--practice", practice, "patient", "report", zoe, "-o", tmp_path / "out")
    assert refused.code == 5
    said = at(practice, "patient", "report", zoe, "-o", tmp_path / "out", "--force", "--language", "en")
    assert "8 days" in said.err
    lines = ask(practice, "history", zoe)
    assert [one["detail"] for one in lines if one["action"] == "patient-report"] == ["demande écrite", ""]


def test_into_the_archive_and_back(practice: Path) -> None:
    zoe = patient(practice, "Archivable")
    before = ask(practice, "record", zoe)
    assert ask(practice, "patient", "archive", zoe, "--yes")[0]["id"] == zoe
    assert [one["id"] for one in ask(practice, "patient", "archived")] == [zoe]
    assert run("--practice", practice, "record", zoe).code == 5
    assert run("--practice", practice, "patient", "archived", "Archivable").code == 2
    read = ask(practice, "patient", "archived", "Archivable", "--why", "il est revenu")
    assert [one["version"] for one in read["entries"]] == [one["version"] for one in before["entries"]]
    at(practice, "verify")
    states = {one["id"]: one["state"] for one in ask(practice, "patient", "keeping")}
    assert states[zoe] == "archived"
    at(practice, "patient", "unarchive", "Archivable")
    after = ask(practice, "record", zoe)
    assert after["entries"] == before["entries"]
    found: list[Any] = ask(practice, "verify")
    assert {one["state"] for one in found} == {"sound"}
    assert "archive.db/archived" in {one["id"] for one in found}


def test_erasing_asks_the_law_and_the_name(practice: Path) -> None:
    zoe = patient(practice, "Effaçable")
    command = ("patient", "erase", zoe, "--ground")
    too_early = run("--practice", practice, *command, "time-over", "--confirm", "effaçable")
    assert (too_early.code, "kept until" in too_early.err) == (4, True)
    assert run("--practice", practice, *command, "mistake", "--confirm", "Effacable").code == 5
    reason = ("mistake", "--reason", "inscrite par erreur")
    assert run("--practice", practice, *command, *reason).code == 4
    assert run("--practice", practice, *command, *reason, "--confirm", "Martin").code == 4
    done = ask(practice, *command, *reason, "--confirm", "EFFACABLE")
    assert done["versions"] == 2
    assert done["holders"] == []
    assert run("--practice", practice, "record", zoe).code == 5
    assert {one["state"] for one in ask(practice, "verify")} == {"sound"}


def test_the_name_is_typed_on_a_terminal(practice: Path) -> None:
    zoe = patient(practice, "Terminale")
    ended = running.on_terminal(
        ["--practice", practice, "patient", "erase", zoe, "--ground", "fictitious", "--reason", "essai"],
        [("Passphrase", running.PASSPHRASE), ("type the family name", "terminale")],
    )
    assert ended.code == 0, ended.out
    assert "Backups still hold this record" in ended.out


def test_a_request_is_noted(practice: Path) -> None:
    zoe = patient(practice, "Rectifiée")
    at(practice, "patient", "rectify", zoe, "--asked", "Mme R. : date de l'asthme", "--done", "2018")
    at(practice, "patient", "rectify", zoe, "--asked", "le mot chronique", "--refused", "diagnostic établi")
    assert run("--practice", practice, "patient", "rectify", zoe, "--asked", "x").code == 2
    details = [one["detail"] for one in ask(practice, "history", zoe) if one["action"] == "rectification-requested"]
    assert details == ["Mme R. : date de l'asthme -> done: 2018", "le mot chronique -> refused: diagnostic établi"]


def test_nobody_is_archived_unasked(practice: Path) -> None:
    zoe = patient(practice, "Restante")
    assert run("--practice", practice, "patient", "archive", zoe).code == 4
    assert run("--practice", practice, "patient", "archive").code == 2
    assert ask(practice, "patient", "archive", "--unused", "--yes") == []
    assert zoe in {one["id"] for one in ask(practice, "patient", "keeping", "--state", "active")}
