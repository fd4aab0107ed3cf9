"""One set of rules for what holds, is over or is denied: questions and warnings agree on every body."""

import pytest

from localstore import standing
from localstore.bodies import (
    AllergyBody,
    Body,
    Component,
    DeviceBody,
    FamilyHistoryBody,
    ImmunisationBody,
    MeasurementBody,
    MedicationBody,
    ProblemBody,
    ProcedureBody,
)
from localstore.safety import chart
from localstore.standing import Stance
from localstore.values import Concept

TODAY = "2026-03-01"
THING = Concept("Warfarine")
STATES = (
    "", "active", "on-hold", "unknown", "intended", "recurrence", "inactive", "remission", "resolved", "completed",
    "stopped", "ended", "cancelled", "not-taken", "not-done", "draft", "refuted", "entered-in-error",
)  # fmt: skip
ENDS = ("", "2021", "2026", "2026-02", "2026-03", "2026-02-28", TODAY, "2027")


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("end", ENDS)
def test_questions_and_warnings_agree(state: str, end: str) -> None:
    allergy, medication = AllergyBody(THING, state), MedicationBody(THING, state=state, end=end)
    problem = ProblemBody(THING, state, abatement=end)
    assert chart.holds_allergy(allergy) is (standing.stance(allergy) is Stance.HOLDS)
    for body, holds in (
        (problem, chart.holds_problem(problem, TODAY)),
        (medication, chart.holds_medication(medication, TODAY)),
    ):
        so = standing.stance(body) is Stance.HOLDS and not standing.is_over(standing.end(body), TODAY)
        assert holds is so
    is_past = bool(end) and end < TODAY[: len(end)]
    assert chart.holds_medication(medication, TODAY) is (STATES.index(state) < STATES.index("inactive") and not is_past)


@pytest.mark.parametrize(
    ("body", "stance"),
    [
        (AllergyBody(THING, verification="entered-in-error"), Stance.DENIED),
        (ProblemBody(THING, verification="refuted"), Stance.DENIED),
        (ProblemBody(THING, "resolved"), Stance.OVER),
        (MedicationBody(THING, state="not-taken"), Stance.DENIED),
        (MedicationBody(THING, state="ended"), Stance.OVER),
        (DeviceBody(THING, "draft"), Stance.DENIED),
        (ProcedureBody(THING, "not-done"), Stance.DENIED),
        (ImmunisationBody(THING, state="entered-in-error"), Stance.DENIED),
        (MeasurementBody(THING), Stance.DENIED),
        (MeasurementBody(THING, text="négatif"), Stance.HOLDS),
        (MeasurementBody(THING, text="Annulé : 9 %"), Stance.DENIED),
        (MeasurementBody(THING, components=(Component(THING),)), Stance.DENIED),
        (MeasurementBody(THING, components=(Component(THING, text="bon"),)), Stance.HOLDS),
        (FamilyHistoryBody(THING, (Concept("Absence déclarée : No known problems"),)), Stance.DENIED),
        (FamilyHistoryBody(THING), Stance.HOLDS),
        (ProblemBody(Concept("Pas d'antécédent connu")), Stance.DENIED),
        (ProblemBody(Concept("Absence de règles")), Stance.HOLDS),
        (ProblemBody(Concept("Absences épileptiques connues")), Stance.HOLDS),
    ],
)
def test_a_body_stands_so(body: Body, stance: Stance) -> None:
    assert standing.stance(body) is stance
