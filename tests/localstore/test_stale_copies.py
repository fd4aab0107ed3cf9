"""Copies of one identity or entry that come in the wrong order, and what a person decided meanwhile."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from localstore import history, importing, patients, record
from localstore.bodies import PatientBody, ProblemBody
from localstore.fhir.dates import instant
from localstore.kinds import Sensitivity
from localstore.practice import Practice
from tests import practices
from tests.localstore.test_importing import PATIENT, bundle, condition

NEW, MIDDLE, OLD = "2024-01-01T00:00:00Z", "2015-01-01T00:00:00Z", "2010-01-01T00:00:00Z"
Send = Callable[..., importing.Report]


@pytest.fixture
def here(tmp_path: Path) -> Practice:
    return practices.make(tmp_path / "alpha")


@pytest.fixture
def send(here: Practice, tmp_path: Path) -> Send:
    def run(*resources: dict[str, Any], name: str = "file.json") -> importing.Report:
        path = tmp_path / name
        path.write_bytes(bundle(*resources))
        return importing.import_paths(here, [path])

    return run


def identity(family: str, updated: str = "") -> dict[str, Any]:
    return PATIENT | {"name": [{"family": family}]} | ({"meta": {"lastUpdated": updated}} if updated else {})


def shown(here: Practice) -> tuple[str, str, set[str]]:
    """The family name in the list and in the record, and those of all identities that stand."""
    (one,) = patients.listing(here.connection)
    chart = record.chart(here, one.id)
    standing = {e.body.family_name for e in chart.identity if isinstance(e.body, PatientBody)}
    return one.family_name, chart.patient.family_name, standing


def test_the_record_shows_the_identity_that_the_list_shows(here: Practice, send: Send) -> None:
    send(identity("Nouveau", NEW))
    send(identity("Ancien", OLD))
    assert shown(here) == ("Nouveau", "Nouveau", {"Nouveau", "Ancien"})


def test_a_copy_is_compared_with_the_newest_and_not_with_the_last(here: Practice, send: Send) -> None:
    for family, updated in (("Nouveau", NEW), ("Ancien", OLD), ("Moyen", MIDDLE)):
        send(identity(family, updated))
    assert shown(here) == ("Nouveau", "Nouveau", {"Nouveau", "Moyen", "Ancien"})
    send(identity("Suivant", "2025-01-01T00:00:00Z"))
    assert shown(here) == ("Suivant", "Suivant", {"Suivant", "Moyen", "Ancien"})


def test_moments_are_compared_and_not_their_texts(here: Practice, send: Send) -> None:
    send(identity("Nouveau", NEW))
    send(identity("Ancien", "2024-01-01T01:00:00+03:00"))
    assert shown(here) == ("Nouveau", "Nouveau", {"Nouveau", "Ancien"})


@pytest.mark.parametrize("odd", ["", "2030", "2030-01-01", "tomorrow", "2030-01-01T00:00:00"])
def test_what_cannot_be_compared_stands_beside(here: Practice, send: Send, odd: str) -> None:
    send(identity("Connu", NEW))
    send(identity("Sans moment", odd))
    assert shown(here) == ("Connu", "Connu", {"Connu", "Sans moment"})


def test_an_amended_identity_stays_shown_beside_a_newer_import(here: Practice, send: Send) -> None:
    send(identity("Venu", OLD))
    (one,) = patients.listing(here.connection)
    record.amend(here, record.chart(here, one.id).identity[-1].version, PatientBody("Corrigé"))
    send(identity("Revenu", NEW))
    assert shown(here) == ("Corrigé", "Corrigé", {"Corrigé", "Revenu"})


def test_what_was_restricted_here_comes_again_restricted(here: Practice, send: Send) -> None:
    send(PATIENT, condition("c1", "Asthme"))
    (one,) = patients.listing(here.connection)
    (entry,) = record.chart(here, one.id).entries
    record.amend(here, entry.version, entry.body, sensitivity=Sensitivity.RESTRICTED)
    send(PATIENT, condition("c1", "Asthme sévère"))
    entries = record.chart(here, one.id).entries
    assert len(entries) == 2
    assert {each.sensitivity for each in entries} == {Sensitivity.RESTRICTED}
    assert {each.body.concept.text for each in entries if isinstance(each.body, ProblemBody)} == {
        "Asthme",
        "Asthme sévère",
    }


def test_an_import_is_told_in_the_history_of_each_patient(here: Practice, send: Send) -> None:
    send(PATIENT, PATIENT | {"id": "p2"}, condition("c1", "Asthme"), name="Durand.json")
    lines = [line for line in history.lines(here.connection) if line.action == "imported"]
    assert [(line.patient != "", line.detail) for line in lines[1:]] == [(True, "2 written"), (True, "1 written")]
    assert not any("Durand" in line.detail for line in lines if line.patient)
    number = patients.number(here.connection, lines[1].patient)
    assert [line.action for line in history.lines(here.connection, number)] == ["imported"]
    send(PATIENT, name="again.json")
    assert len([line for line in history.lines(here.connection) if line.action == "imported"]) == len(lines)


def test_instants() -> None:
    east, west = instant("2024-01-01T01:00:00+03:00"), instant("2024-01-01T00:00:00Z")
    assert east is not None and west is not None and east < west
    assert instant("2016-12-31T23:59:60Z") is not None
    assert [instant(text) for text in ("", "2024", "2024-01-01", "2024-01-01T00:00:00", "x" * 30)] == [None] * 5
