"""The one door of the checks: everything that is to be said before an entry is written. Pure.

Nothing is blocked: who writes is told, asked, or gives a reason (`cautions.Severity`).
"""

from collections.abc import Iterable, Iterator

from localstore.bodies import (
    AllergyBody,
    Body,
    ImmunisationBody,
    MeasurementBody,
    MedicationBody,
    PatientBody,
)
from localstore.model import Entry
from localstore.safety import chart, freshness, plausibility, prescribing
from localstore.safety.cautions import Caution, gravest_first
from localstore.safety.pregnancy import new_pregnancy_cautions, prescribing_cautions


def warnings(
    entries: Iterable[Entry], patient: PatientBody, new: Body, today: str, *, date: str = "", replaces: str = ""
) -> tuple[Caution, ...]:
    """What is to be said of a new body, the gravest first.

    `entries` are those of the patient's chart; `date` is that of the new entry (empty: none), `today` the day of
    writing (ISO 8601); `replaces` is the identifier of the entry that is amended: it does not count against itself.
    """
    others = [entry for entry in entries if not replaces or entry.id != replaces]
    found = list(plausibility.date_cautions(new, date, patient, today))
    found += new_pregnancy_cautions(others, patient, new, today)
    match new:
        case MedicationBody() if chart.holds_medication(new, today):
            found += _of_medicine(others, patient, new, today)
        case ImmunisationBody() if new.state == "completed" and not new.none_known:
            found += prescribing.allergy_cautions(others, new.vaccine)
            found += prescribing_cautions(others, patient, new, today) if not date or date[:10] == today[:10] else ()
        case MeasurementBody():
            found += plausibility.value_cautions(new, patient, date or today)
        case AllergyBody():
            found += prescribing.allergies_of_taken(others, new, today)
    return gravest_first(found)


def _of_medicine(others: list[Entry], patient: PatientBody, new: MedicationBody, today: str) -> Iterator[Caution]:
    yield from prescribing.allergy_cautions(others, new.medicine)
    yield from prescribing.duplicate_cautions(others, new.medicine, today)
    yield from prescribing_cautions(others, patient, new, today)
    yield from freshness.age_cautions(others, patient, new.medicine, today)
