"""`verify` finds what follows from entries and was altered: the words and codes by which anything is found again."""

import json
from collections.abc import Iterator
from decimal import Decimal

import pytest

from localstore import importing, inspection, record
from localstore.bodies import AllergyBody, MeasurementBody, MedicationBody, PatientBody
from localstore.database import rows
from localstore.identities import merging
from localstore.practice import Practice
from localstore.values import Coding, Concept, Quantity
from tests import practices

ADDRESS = "urn:uuid:00000000-0000-4000-8000-000000000001"


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practice]:
    tmp_path = tmp_path_factory.mktemp("index")
    made = practices.make(tmp_path / "practice")
    alpha, bravo, charlie = (
        record.add_patient(made, PatientBody(name, ("Anne",), "1950-01-01")).id
        for name in ("Alpha", "Bravo", "Charlie")
    )
    record.add(
        made, alpha, AllergyBody(Concept("Pénicilline", (Coding("http://www.whocc.no/atc", "J01CE01"),))), "2020"
    )
    record.add(made, bravo, MedicationBody(Concept("Warfarine"), end="2021"), "2020")
    record.add(made, bravo, MeasurementBody(Concept("HbA1c"), Quantity(Decimal(8), "%", "", "<")), "2020")
    merging.merge(made, alpha, bravo, "doublon")
    merging.merge(made, charlie, alpha, "doublon")
    file = tmp_path / "one.json"
    entry = {"fullUrl": ADDRESS, "resource": {"resourceType": "Patient", "name": [{"family": "Delta"}]}}
    file.write_text(json.dumps({"resourceType": "Bundle", "type": "collection", "entry": [entry]}), encoding="utf-8")
    importing.import_paths(made, [file])
    yield made
    made.close()


CHECKS = {"patients": inspection.listed_patients, "index": inspection.meanings}


def test_what_nobody_altered_is_sound(here: Practice) -> None:
    assert [one for one in inspection.findings(here.connection) if not one.is_sound] == []


@pytest.mark.parametrize(
    ("sql", "check"),
    [
        ("DELETE FROM patient_words", "patients"),
        ("UPDATE patient_words SET words = 'nobody'", "patients"),
        ("INSERT INTO patient_words (rowid, words) VALUES (77, 'nobody')", "patients"),
        ("DELETE FROM concept_words", "index"),
        ("UPDATE concept_words SET words = 'amoxicilline' WHERE rowid = 1", "index"),
        ("DELETE FROM concept_code", "index"),
        ("UPDATE concept_code SET code = 'J01CA04'", "index"),
        ("UPDATE concept SET label = 'Amoxicilline'", "index"),
        ("DELETE FROM source_name", "index"),
        ("UPDATE source_name SET key = randomblob(16)", "index"),
        ("UPDATE version SET until = '' WHERE until <> ''", "index"),
        ("UPDATE version SET stance = 2", "index"),
        ("UPDATE measured SET bound = ''", "index"),
    ],
)
def test_what_was_altered_is_found(here: Practice, sql: str, check: str) -> None:
    here.connection.execute("BEGIN IMMEDIATE")
    try:
        assert here.connection.execute(sql).rowcount > 0
        assert not CHECKS[check](here.connection).is_sound
    finally:
        here.connection.execute("ROLLBACK")


def test_the_records_of_one_person_are_found_under_the_last_one(here: Practice) -> None:
    words = [one for (one,) in rows(here.connection, "SELECT words FROM patient_words") if "charlie" in one]
    assert len(words) == 1 and {"alpha", "bravo", "charlie"} <= set(words[0].split())
