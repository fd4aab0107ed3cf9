"""What is to be said before an entry is written: the chart and the imported tables, looked at by the checks.

The checks themselves are pure (`localstore.safety`); here they get what they look at. Nothing is written, and no
reading is logged: this is part of the writing that follows, which is.
"""

import msgspec

from localstore import history, patients, record
from localstore.bodies import AllergyBody, Body, ImmunisationBody, MedicationBody
from localstore.model import Entry
from localstore.practice import Practice
from localstore.safety import freshness
from localstore.safety.cautions import Caution, gravest_first
from localstore.safety.checking import warnings
from localstore.terminology import coding

OVERRIDDEN = "warning-overridden"


def before_adding(
    practice: Practice, patient: str, body: Body, date: str = "", replaces: str = ""
) -> tuple[Caution, ...]:
    """The cautions about a body that is to be added, the gravest first; `replaces` names the entry that is amended.
    Nothing where the medical part of records is closed to whoever works here. Raises UnknownPatient."""
    if not record.reads_everything(practice):
        return ()
    chart = record.chart(practice, patient)
    entries = [_completed(practice, entry) for entry in chart.entries]
    new = _completed_body(practice, body)
    return warnings(entries, chart.patient, new, practice.today(), date=date, replaces=replaces)


def due(practice: Practice, patient: str) -> tuple[Caution, ...]:
    """The values that what the patient has and takes asks for, and that are old or were never taken."""
    if not record.reads_everything(practice):
        return ()
    chart = record.chart(practice, patient)
    entries = [_completed(practice, entry) for entry in chart.entries]
    return gravest_first(freshness.due(entries, chart.patient, practice.today()))


def overridden(practice: Practice, entry: Entry) -> list[history.Line]:
    """The lines of the history about warnings that were overridden when versions of the entry were written."""
    owner = patients.number(practice.connection, entry.patient)
    lines = history.lines(practice.connection, owner)
    return [line for line in lines if line.action == OVERRIDDEN and line.subject == entry.id]


def _completed(practice: Practice, entry: Entry) -> Entry:
    body = _completed_body(practice, entry.body)
    return entry if body is entry.body else msgspec.structs.replace(entry, body=body)


def _completed_body(practice: Practice, body: Body) -> Body:
    """The body with the ATC codes and substances that the tables know of its medicine."""
    match body:
        case MedicationBody(medicine=known):
            field = "medicine"
        case AllergyBody(substance=known):
            field = "substance"
        case ImmunisationBody(vaccine=known):
            field = "vaccine"
        case _:
            return body
    made = coding.completed(practice.connection, known)
    return body if made is known else msgspec.structs.replace(body, **{field: made})
