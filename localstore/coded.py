"""Fields whose words are codes, and fields that are dates: what a person or a program writes here must be one. Pure.

A word that is none of them would stand on an emergency sheet, and be left out of the document beside it.
"""

from localstore.bodies import (
    AllergyBody,
    Body,
    ConsultationBody,
    ImmunisationBody,
    MedicationBody,
    ProblemBody,
    ProcedureBody,
)
from localstore.errors import BadInput
from localstore.partial_date import is_date

# The value sets of FHIR R4 that these fields are written as.
CODES: dict[type, dict[str, tuple[str, ...]]] = {
    ProblemBody: {"clinical_status": ("active", "recurrence", "relapse", "inactive", "remission", "resolved")},
    AllergyBody: {
        "clinical_status": ("active", "inactive", "resolved"),
        "criticality": ("", "high", "low", "unable-to-assess"),
        "category": ("", "medication", "food", "environment", "biologic"),
    },
    MedicationBody: {"state": ("active", "on-hold", "completed", "stopped", "cancelled", "unknown")},
    ImmunisationBody: {"state": ("completed", "not-done")},
    ProcedureBody: {
        "state": ("preparation", "in-progress", "not-done", "on-hold", "stopped", "completed", "unknown"),
    },
}
DATES: dict[type, tuple[str, ...]] = {
    ProblemBody: ("onset", "abatement"),
    AllergyBody: ("onset",),
    MedicationBody: ("start", "end"),
    ConsultationBody: ("end",),
    ProcedureBody: ("end",),
}


def check(body: Body, before: Body | None = None) -> None:
    """Raise BadInput for a code or a date that is none, where it differs from `before`: what an import brought may stay
    as it came while something else is amended."""
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
        if value and not is_date(value) and value != getattr(before, field, None):
            raise BadInput(
                what="“{date}” is not a date.", date=value, remedy="Write it as 2024-03-12, 2024-03 or 2024."
            )
