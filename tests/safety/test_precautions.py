"""The checks on a real record: what they look at, for whom, and what overriding leaves behind."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from localstore import practice as practices_room
from localstore import precautions, record, staff
from localstore.bodies import AllergyBody, MedicationBody
from localstore.keys import keyring
from localstore.practice import Practice
from localstore.roles import SECRETARY
from localstore.safety.cautions import override_words
from localstore.values import Concept
from tests import practices

PENICILLIN = AllergyBody(Concept("Pénicilline"), reaction="choc")
AMOXICILLIN = MedicationBody(Concept("Amoxicilline 1 g"))


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Practice]:
    """A practice."""
    made = practices.make(tmp_path / "practice")
    yield made
    made.close()


def test_a_warning_never_blocks_and_its_overriding_is_told_by_the_history(here: Practice) -> None:
    patient = practices.add_zoe(here).id
    record.add(here, patient, PENICILLIN)
    found = precautions.before_adding(here, patient, AMOXICILLIN)
    assert [one.code for one in found] == ["allergy-group"]
    words = override_words(found, " tolérée en 2024 ")
    assert words == ("allergy-group: tolérée en 2024",)
    entry = record.add(here, patient, AMOXICILLIN, overrides=words)
    [line] = precautions.overridden(here, entry)
    assert (line.detail, line.patient, line.user) == (words[0], patient, here.user.id)


def test_an_amended_entry_does_not_count_against_itself_and_keeps_its_lines(here: Practice) -> None:
    patient = practices.add_zoe(here).id
    record.add(here, patient, PENICILLIN)
    entry = record.add(here, patient, AMOXICILLIN, overrides=("allergy-group: a",))
    found = precautions.before_adding(here, patient, AMOXICILLIN, replaces=entry.id)
    assert [one.code for one in found] == ["allergy-group"]
    amended = record.amend(here, entry.version, AMOXICILLIN, overrides=("allergy-group: b",))
    assert [line.detail for line in precautions.overridden(here, amended)] == ["allergy-group: a", "allergy-group: b"]
    other = record.add(here, patient, PENICILLIN)
    assert precautions.overridden(here, other) == []


def test_looking_writes_nothing(here: Practice) -> None:
    patient = practices.add_zoe(here).id
    record.add(here, patient, PENICILLIN)
    before = here.connection.total_changes
    precautions.before_adding(here, patient, AMOXICILLIN)
    assert here.connection.total_changes == before


def test_the_checks_tell_nothing_to_whom_the_medical_part_is_closed(here: Practice, tmp_path: Path) -> None:
    patient = practices.add_zoe(here).id
    record.add(here, patient, PENICILLIN)
    secret = "une autre phrase de passe, longue"  # noqa: S105
    staff.add(here, "Sophie Secrétaire", SECRETARY, secret, memory=keyring.MIN_MEMORY)
    here.close()
    with_her = practices_room.unlock(tmp_path / "practice", secret, clock=practices.SteppingClock())
    assert precautions.before_adding(with_her, patient, AMOXICILLIN) == ()
    with_her.close()
