"""Cautions in the user's words. Pure. What they quote of the record is made safe by whoever shows it."""

from collections.abc import Iterable

from localstore.safety.cautions import Caution, Severity
from tui.dates import shown_date
from tui.words.catalogue import ENGLISH, language, text
from tui.words.marking import message

# The checks whose overriding the history tells of, by their names there.
CHECKS = {
    "allergy": message("allergy"),
    "allergy-group": message("allergy to the same group"),
    "duplicate": message("the same medicine twice"),
    "pregnancy": message("pregnancy"),
    "dicom": message("a picture that says that it is of somebody else"),
}
# In what a picture may differ from the patient (localstore.documents.dicom).
TRAITS = {
    "name": message("name"),
    "birth-date": message("birth date"),
    "sex": message("sex"),
    "ins": message("INS"),
}


def told(caution: Caution) -> str:
    """The sentence of a caution."""
    return caution.told(text, _shown)


def sentences(found: Iterable[Caution]) -> str:
    """The sentences, one in a line, those that endanger the patient with their source."""
    return "\n".join(f"{told(one)} [{one.source}]" if one.severity is Severity.DANGER else told(one) for one in found)


def overridden(detail: str) -> str:
    """What the history holds of an overridden warning: the check by its name, and the reason as it was given."""
    code, separator, reason = detail.partition(": ")
    if code == "dicom" and reason in TRAITS:
        return f"{text(CHECKS[code])} ({text(TRAITS[reason])})"
    return f"{text(CHECKS[code])} — {reason}" if separator and code in CHECKS else detail


def _shown(name: str, value: str) -> str:
    if name == "date":
        return shown_date(value)
    return value.replace(".", ",") if name == "value" and language() != ENGLISH else value
