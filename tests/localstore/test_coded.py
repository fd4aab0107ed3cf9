"""Coded fields and dates: a word that is none of theirs is refused, and what came stays amendable."""

from pathlib import Path

import pytest

from localstore import coded, record
from localstore.bodies import AllergyBody, Body, MedicationBody, ProblemBody, ProcedureBody
from localstore.errors import BadInput
from localstore.values import Concept
from tests import practices


@pytest.mark.parametrize(
    "body",
    [
        AllergyBody(Concept("x"), clinical_status="bidule"),
        AllergyBody(Concept("x"), criticality="énorme"),
        MedicationBody(Concept("x"), state="actif"),
        MedicationBody(Concept("x"), start="hier"),
        ProblemBody(Concept("x"), onset="2015-13"),
        ProcedureBody(Concept("x"), state="fait"),
    ],
)
def test_a_word_that_is_no_code_and_a_date_that_is_none_are_refused(tmp_path: Path, body: Body) -> None:
    here = practices.make(tmp_path / "alpha")
    zoe = practices.add_zoe(here)
    with pytest.raises(BadInput):
        record.add(here, zoe.id, body)
    assert record.chart(here, zoe.id).entries == ()
    coded.check(body, body)  # as it came, while something else is amended


def test_every_default_is_allowed() -> None:
    for kind in coded.CODES:
        for field, allowed in coded.CODES[kind].items():
            assert getattr(kind(Concept("x")), field) in allowed


def test_what_an_import_brought_can_be_amended_elsewhere() -> None:
    came = ProcedureBody(Concept("x"), state="entered-in-error")
    coded.check(ProcedureBody(Concept("y"), state="entered-in-error"), came)
    with pytest.raises(BadInput):
        coded.check(ProcedureBody(Concept("y"), state="autre"), came)
