"""Pregnancy: when the record says of one, when it is over, and what it rules out."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localstore.bodies import Body, ImmunisationBody, MeasurementBody, MedicationBody, ProblemBody, ProcedureBody
from localstore.safety.checking import warnings
from localstore.safety.pregnancy import Pregnancy, current
from localstore.values import Concept
from tests.safety.charts import LOINC, MAN, TODAY, WOMAN, entry, medicine, named, problem

ICPC = "http://hl7.org/fhir/sid/icpc-2"
PREGNANT = problem("Grossesse", "77386006")


def status(text: str, code: str = "82810-3") -> MeasurementBody:
    """What was found or said of a pregnancy."""
    return MeasurementBody(named("", code, LOINC), text=text)


@pytest.mark.parametrize(
    "body",
    [
        PREGNANT,
        problem("x", "W78", ICPC),
        problem("x", "Z34.9", "http://hl7.org/fhir/sid/icd-10"),
        problem("Grossesse en cours, 12 SA"),
        problem("Enceinte"),
        status("Pregnant"),
        status("Enceinte"),
        status("Positif", "2106-3"),
        status("2026-08-01", "11778-8"),
    ],
)
def test_a_pregnancy_is_seen(body: Body) -> None:
    assert current([entry(body)], WOMAN, TODAY) is not None
    assert current([entry(body)], MAN, TODAY) is None


@pytest.mark.parametrize(
    "body",
    [
        problem("Désir de grossesse"),
        problem("Grossesse extra-utérine"),
        problem("Antécédent de grossesse gémellaire"),
        problem("Diabète gestationnel"),
        problem("Grossesse", "77386006", clinical_status="resolved"),
        problem("Grossesse", "77386006", verification="refuted"),
        problem("Grossesse", "77386006", abatement="2026-02-01"),
        status("Not pregnant"),
        status("Non enceinte"),
        status("Négatif", "2106-3"),
        problem("Hypertension"),
        ProblemBody(named("Grossesse", "77386006"), none_known=True),
    ],
)
def test_what_is_no_pregnancy_is_not_taken_for_one(body: Body) -> None:
    assert current([entry(body)], WOMAN, TODAY) is None


@pytest.mark.parametrize(
    ("later", "goes_on"),
    [
        (entry(status("Not pregnant"), "2026-02-01"), False),
        (entry(ProcedureBody(Concept("Accouchement par césarienne")), "2026-02-20"), False),
        (entry(problem("Fausse couche spontanée", onset="2026-02-10"), "2026-02-10"), False),
        (entry(problem("x", "W90", ICPC), "2026-02-10"), False),
        (entry(ProcedureBody(Concept("Accouchement")), "2020-01-01"), True),
        (entry(ProcedureBody(Concept("Accouchement")), "2026-07-01"), True),
        (entry(ProcedureBody(Concept("Appendicectomie")), "2026-02-01"), True),
    ],
)
def test_an_end_counts_when_it_came_after(later: object, goes_on: bool) -> None:
    assert (current([entry(PREGNANT, "2026-01-10"), later], WOMAN, TODAY) is not None) is goes_on  # type: ignore[list-item]


def test_a_pregnancy_ends_by_itself() -> None:
    assert current([entry(PREGNANT, "2025-06-01")], WOMAN, TODAY) is not None
    assert current([entry(PREGNANT, "2025-05-01")], WOMAN, TODAY) is None
    dated = ProblemBody(named("Grossesse", "77386006"), note="Terme prévu le 01/02/2026")
    assert current([entry(dated, "2025-08-01")], WOMAN, "2026-02-20") is not None
    assert current([entry(dated, "2025-08-01")], WOMAN, "2026-02-23") is None


def test_weeks_are_counted_from_the_expected_date() -> None:
    assert Pregnancy(date(2026, 1, 1), date(2026, 3, 1)).weeks(date(2026, 3, 1)) == 41
    assert Pregnancy(date(2026, 1, 1), date(2026, 3, 8)).weeks(date(2026, 3, 1)) == 40
    assert Pregnancy(date(2026, 1, 1), date(2026, 3, 7)).weeks(date(2026, 3, 1)) == 40
    assert Pregnancy(date(2026, 1, 1), None).weeks(date(2026, 3, 1)) is None


def told(medicine_given: Body, *bodies: Body) -> list[str]:
    """The severities of what pregnancy says of a medicine."""
    entries = [entry(body) for body in bodies]
    found = warnings(entries, WOMAN, medicine_given, TODAY)
    return [one.severity.value for one in found if one.code == "pregnancy"]


@pytest.mark.parametrize(
    ("new", "severities"),
    [
        (medicine("Isotrétinoïne 20 mg"), ["danger"]),
        (medicine("x", "D10BA01"), ["danger"]),
        (medicine("Dépakine"), ["danger"]),
        (medicine("Méthotrexate 15 mg"), ["danger"]),
        (medicine("Ramipril 5 mg"), ["danger"]),
        (medicine("x", "C09DA04"), ["danger"]),
        (medicine("Ibuprofène 400 mg"), ["danger"]),
        (medicine("Kardegic 75 mg"), []),
        (medicine("Acide acétylsalicylique 75 mg, poudre en sachet"), []),
        (medicine("x", "B01AC06"), []),
        (medicine("Aspirine 1 g"), ["danger"]),
        (medicine("Doxycycline 100 mg"), ["danger"]),
        (medicine("Carbamazépine"), ["doubt"]),
        (medicine("Paracétamol 1 g"), []),
        (medicine("Amoxicilline 1 g"), []),
        (ImmunisationBody(Concept("Vaccin ROR (Priorix)")), ["danger"]),
        (ImmunisationBody(Concept("Vaccin grippe")), []),
        (medicine("Isotrétinoïne", state="stopped"), []),
    ],
)
def test_what_pregnancy_rules_out(new: MedicationBody | ImmunisationBody, severities: list[str]) -> None:
    assert told(new, PREGNANT) == severities
    assert told(new) == []


@pytest.mark.parametrize(("due", "expected"), [("2026-08-01", []), ("2026-05-01", ["danger"])])
def test_antiinflammatory_medicines_are_ruled_out_from_24_weeks_on(due: str, expected: list[str]) -> None:
    assert told(medicine("Ibuprofène"), PREGNANT, status(due, "11778-8")) == expected


def test_a_new_pregnancy_asks_about_what_is_taken_and_about_a_man() -> None:
    found = warnings([entry(medicine("Ramipril"))], WOMAN, PREGNANT, TODAY)
    assert [one.code for one in found] == ["pregnancy-taken"]
    assert [one.code for one in warnings([], MAN, PREGNANT, TODAY)] == ["other-sex"]


@given(st.text(max_size=80), st.text(max_size=80), st.text(max_size=12))
def test_no_text_breaks_the_look_for_a_pregnancy(name: str, note: str, day: str) -> None:
    bodies: list[Body] = [
        ProblemBody(Concept(f"Grossesse {name}"), note=f"terme {note}"),
        status(name),
        status(name, "11778-8"),
    ]
    current([entry(body, day) for body in bodies], WOMAN, TODAY)


@given(st.dates(date(1990, 1, 1), date(2040, 1, 1)), st.integers(0, 600))
def test_no_pregnancy_lasts_longer_than_any_does(begun: date, later: int) -> None:
    today = date.fromordinal(begun.toordinal() + later)
    found = current([entry(PREGNANT, str(begun))], WOMAN, str(today))
    assert (found is not None) == (later <= 42 * 7)
