"""Fields whose words are codes, fields that are dates, fields that are counts: what a person or a program writes here
must be one. Pure.

A word that is none of them would stand on an emergency sheet, and be left out of the document beside it.
"""

from localstore.bodies import (
    AllergyBody,
    AppointmentBody,
    Body,
    CarerBody,
    ConsultationBody,
    DeviceBody,
    DirectiveBody,
    FamilyHistoryBody,
    ImmunisationBody,
    LetterBody,
    MedicationBody,
    ProblemBody,
    ProcedureBody,
    RecallBody,
)
from localstore.errors import BadInput
from localstore.partial_date import is_date

# The value sets of FHIR R4 that these fields are written as; of a consultation's mode, our own words for ActEncounter.
CODES: dict[type, dict[str, tuple[str, ...]]] = {
    ProblemBody: {
        "clinical_status": ("active", "recurrence", "relapse", "inactive", "remission", "resolved"),
        "verification": ("", "unconfirmed", "provisional", "differential", "confirmed", "refuted"),
    },
    AllergyBody: {
        "clinical_status": ("active", "inactive", "resolved"),
        "verification": ("", "unconfirmed", "presumed", "confirmed", "refuted"),
        "type": ("", "allergy", "intolerance"),
        "criticality": ("", "high", "low", "unable-to-assess"),
        "category": ("", "medication", "food", "environment", "biologic"),
        "severity": ("", "mild", "moderate", "severe"),
    },
    MedicationBody: {
        "state": ("active", "on-hold", "completed", "stopped", "cancelled", "unknown"),
        "period": ("", "h", "d", "wk", "mo"),
        "course": ("", "acute", "continuous"),
    },
    ImmunisationBody: {"state": ("completed", "not-done")},
    ConsultationBody: {"mode": ("", "office", "home", "remote", "emergency", "inpatient")},
    ProcedureBody: {
        "state": ("preparation", "in-progress", "not-done", "on-hold", "stopped", "completed", "unknown"),
    },
    DeviceBody: {"state": ("active", "completed", "stopped")},
    DirectiveBody: {"state": ("active", "inactive")},
    LetterBody: {"direction": ("sent", "received")},
    RecallBody: {"state": ("due", "done", "cancelled")},
    AppointmentBody: {"state": ("booked", "arrived", "fulfilled", "cancelled", "noshow")},
}
DATES: dict[type, tuple[str, ...]] = {
    ProblemBody: ("onset", "abatement"),
    AllergyBody: ("onset",),
    MedicationBody: ("start", "end"),
    ImmunisationBody: ("expiry",),
    ConsultationBody: ("end",),
    ProcedureBody: ("end",),
    DeviceBody: ("end",),
    FamilyHistoryBody: ("deceased",),
    CarerBody: ("end",),
    RecallBody: ("done",),
}
ONLY_THE_FACT = "yes"  # of a death of which nobody knows the date
# The least and the most of a count. Nobody took a medicine 99 times in an hour, nor was 150 years old.
COUNTS: dict[type, dict[str, tuple[int, int]]] = {
    MedicationBody: {"frequency": (0, 99)},
    FamilyHistoryBody: {"onset_age": (0, 130)},
    RecallBody: {"every_months": (0, 1200)},
    AppointmentBody: {"minutes": (1, 1440)},
}


def check(body: Body, before: Body | None = None) -> None:
    """Raise BadInput for a code, a date or a count that is none, where it differs from `before`: what an import brought
    may stay as it came while something else is amended."""
    for field, allowed in CODES.get(type(body), {}).items():
        value = getattr(body, field)
        if value not in allowed and value != getattr(before, field, None):
            raise BadInput(
                what="“{value}” is none of the words for {field}: {allowed}.",
                value=value,
                field=field.replace("_", "-"),
                allowed=", ".join(word for word in allowed if word),
                remedy="Use one of these.",
            )
    for field in DATES.get(type(body), ()):
        value = getattr(body, field)
        if not (_is_written(field, value) or value == getattr(before, field, None)):
            raise BadInput(
                what="“{date}” is not a date.", date=value, remedy="Write it as 2024-03-12, 2024-03 or 2024."
            )
    for field, (least, most) in COUNTS.get(type(body), {}).items():
        value = getattr(body, field)
        if value is not None and not least <= value <= most and value != getattr(before, field, None):
            raise BadInput(
                what="{value} is not possible for {field}: it lies between {least} and {most}.",
                value=value,
                field=field.replace("_", "-"),
                least=least,
                most=most,
                remedy="Check the number.",
            )


def _is_written(field: str, value: str) -> bool:
    return not value or is_date(value) or (field == "deceased" and value == ONLY_THE_FACT)
