"""Lives that hold together raise no alarm; and the same lives with one wrong thing in them do."""

from datetime import date

from localstore.bodies import AllergyBody, MedicationBody
from localstore.safety.cautions import Caution, Severity
from localstore.safety.checking import warnings
from localstore.synthetic import generator
from localstore.values import Concept
from tests.safety.charts import entry

TODAY = "2026-11-21"
LIVES = tuple(generator.patients(2026, 200, date.fromisoformat(TODAY)))


def written_one_by_one(life: generator.SyntheticPatient) -> list[Caution]:
    """What was said while the record of a life was written, entry after entry."""
    entries = [entry(one.body, one.date, id=str(place)) for place, one in enumerate(life.entries)]
    found: list[Caution] = []
    for place, one in enumerate(life.entries):
        day = one.date if isinstance(one.body, MedicationBody) else TODAY
        found += warnings(entries[:place], life.body, one.body, day or TODAY, date=one.date)
    return found


def test_a_life_that_holds_together_raises_no_alarm() -> None:
    """Nobody heeds what cries without a reason: neither danger nor doubt in 200 lives."""
    said = [one for life in LIVES for one in written_one_by_one(life) if one.severity is not Severity.NOTICE]
    assert said == []
    assert sum(len(life.entries) for life in LIVES) > 8_000


def test_what_somebody_is_allergic_to_is_always_told() -> None:
    allergic = 0
    for life in LIVES:
        entries = [entry(one.body, one.date) for one in life.entries]
        for one in life.entries:
            body = one.body
            if isinstance(body, AllergyBody) and body.category == "medication" and body.clinical_status == "active":
                given = MedicationBody(Concept(f"{body.substance.label} 500 mg, comprimé"))
                assert Severity.DANGER in {found.severity for found in warnings(entries, life.body, given, TODAY)}
                allergic += 1
    assert allergic > 3
