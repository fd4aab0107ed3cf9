"""Charts for the checks: entries made of bodies, without a store."""

from localstore.bodies import AllergyBody, Body, MeasurementBody, MedicationBody, PatientBody, ProblemBody
from localstore.kinds import Status
from localstore.model import Entry
from localstore.values import Author, Coding, Concept, Quantity

TODAY = "2026-03-01"
ATC, LOINC, SNOMED = "http://www.whocc.no/atc", "http://loinc.org", "http://snomed.info/sct"
WOMAN = PatientBody("Dupont", ("Zoé",), "1990-07-03", "female")
MAN = PatientBody("Martin", ("Paul",), "1950-01-01", "male")


def entry(body: Body, date: str = "2026-01-10", *, id: str = "", status: Status = Status.FINAL) -> Entry:
    """A version that stands, unless its status says otherwise."""
    name = id or f"{hash((body, date)) & 0xFFFFFFFF:08x}"
    return Entry(name, name, "p", date, Author("Dr A"), "2026-01-10T08:00:00Z", body, status=status)


def named(text: str, code: str = "", system: str = ATC) -> Concept:
    """A concept in words, with a code where one is given."""
    return Concept(text, (Coding(system, code),) if code else ())


def allergy(text: str, code: str = "", reaction: str = "urticaire", **more: str) -> AllergyBody:
    """An allergy."""
    return AllergyBody(named(text, code), reaction=reaction, **more)  # type: ignore[arg-type]


def medicine(text: str, code: str = "", state: str = "active", end: str = "") -> MedicationBody:
    """A medicine."""
    return MedicationBody(named(text, code), state=state, end=end)


def problem(text: str, code: str = "", system: str = SNOMED, **more: str) -> ProblemBody:
    """A problem."""
    return ProblemBody(named(text, code, system), **more)  # type: ignore[arg-type]


def measured(code: str, value: str, unit: str, text: str = "") -> MeasurementBody:
    """A measurement by its LOINC code."""
    from decimal import Decimal

    return MeasurementBody(named(text, code, LOINC), Quantity(Decimal(value), unit))
