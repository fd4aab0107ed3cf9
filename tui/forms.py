"""The fields of each kind of entry: how each is typed, its label, its choices. Pure tables.

The forms are made of them (`tui.filling`), and the full view of an entry reads them in the same order (`tui.details`).
"""

from enum import Enum, auto
from typing import NamedTuple

from localstore.kinds import Kind
from tui import statuses, vocabulary
from tui.words.marking import message


class Shape(Enum):
    """How a field is typed. `CONCEPTS`: several, with semicolons between them; `QUANTITY`: a number and its unit;
    `VALUE`: what was measured; `DEATH`: a date, or yes; `MOMENT`: a day with its time."""

    LINE = auto()
    LINES = auto()
    DATE = auto()
    MOMENT = auto()
    DEATH = auto()
    CHOICE = auto()
    FLAG = auto()
    COUNT = auto()
    NUMBER = auto()
    QUANTITY = auto()
    VALUE = auto()
    CONCEPTS = auto()


class Field(NamedTuple):
    """One field. `choices` are (value, msgid); the first is what a new entry begins with."""

    name: str
    label: str
    shape: Shape = Shape.LINE
    choices: tuple[tuple[str, str], ...] = ()


def _choice(name: str, label: str, table: dict[str, str], *, blank: bool = False) -> Field:
    return Field(name, label, Shape.CHOICE, (("", "—"),) * blank + tuple(table.items()))


YES, NO = "yes", ""
DATE = "date"
NONE_KNOWN = "none_known"
_DATE = Field(DATE, message("Date"), Shape.DATE)
_SINCE = Field(DATE, message("Since"), Shape.DATE)
_NOTE = Field("note", message("Note"))
_BEGINNING = Field("onset", message("Beginning"), Shape.DATE)
_END = Field("end", message("End"), Shape.DATE)
_REASON = Field("reason", message("Reason"))
_BODY_SITE = Field("body_site", message("Body site"))
_PERFORMER = Field("performer", message("Done by"))
_MANUFACTURER = Field("manufacturer", message("Manufacturer"))
_RPPS = message("RPPS number")

FIELDS: dict[Kind, tuple[Field, ...]] = {
    Kind.ALLERGY: (
        Field("substance", message("Allergy to")),
        _choice("criticality", message("Risk"), vocabulary.CRITICALITY, blank=True),
        Field("reaction", message("Reaction")),
        Field("manifestations", message("Signs"), Shape.CONCEPTS),
        _choice("severity", message("Worst reaction"), statuses.REACTION_SEVERITY, blank=True),
        _choice("category", message("It is"), vocabulary.ALLERGY_CATEGORY, blank=True),
        _choice("type", message("Nature"), statuses.ALLERGY_TYPE, blank=True),
        _choice("verification", message("Certainty"), statuses.ALLERGY_VERIFICATION, blank=True),
        _choice("clinical_status", message("Status"), vocabulary.ALLERGY_STATUS),
        _BEGINNING,
        _DATE,
        _NOTE,
        Field(NONE_KNOWN, message("No known allergy (asked)"), Shape.FLAG),
    ),
    Kind.PROBLEM: (
        Field("concept", message("Problem")),
        _choice("clinical_status", message("Status"), vocabulary.PROBLEM_STATUS),
        _choice("verification", message("Certainty"), statuses.PROBLEM_VERIFICATION, blank=True),
        _BEGINNING,
        Field("abatement", message("End"), Shape.DATE),
        Field("severity", message("Severity")),
        _BODY_SITE,
        Field("long_term", message("Recognised long-term condition (ALD)"), Shape.FLAG),
        _DATE,
        _NOTE,
        Field(NONE_KNOWN, message("No known problem (asked)"), Shape.FLAG),
    ),
    Kind.MEDICATION: (
        Field("medicine", message("Medicine")),
        Field("dosage", message("Dosage")),
        Field("dose", message("Dose at a time"), Shape.QUANTITY),
        Field("frequency", message("Times"), Shape.COUNT),
        _choice("period", message("In each"), statuses.PERIOD, blank=True),
        Field("route", message("Route")),
        Field("as_needed", message("Only as needed"), Shape.FLAG),
        _choice("course", message("Course"), statuses.COURSE, blank=True),
        _choice("state", message("State"), vocabulary.MEDICATION_STATE),
        Field("start", message("Beginning"), Shape.DATE),
        _END,
        _REASON,
        _DATE,
        _NOTE,
        Field(NONE_KNOWN, message("No current medicine (asked)"), Shape.FLAG),
    ),
    Kind.IMMUNISATION: (
        Field("vaccine", message("Vaccine")),
        Field("targets", message("Against"), Shape.CONCEPTS),
        _DATE,
        _choice("state", message("State"), vocabulary.IMMUNISATION_STATE),
        Field("dose", message("Dose")),
        Field("lot", message("Lot")),
        Field("expiry", message("Expiry date"), Shape.DATE),
        _MANUFACTURER,
        Field("site", message("Site")),
        Field("route", message("Route")),
        _PERFORMER,
        _REASON,
        _NOTE,
        Field(NONE_KNOWN, message("No known vaccination (asked)"), Shape.FLAG),
    ),
    Kind.MEASUREMENT: (
        Field("concept", message("Measurement")),
        Field("quantity", message("Value"), Shape.VALUE),
        _DATE,
        Field("low", message("Normal from"), Shape.NUMBER),
        Field("high", message("Normal up to"), Shape.NUMBER),
        Field("interpretation", message("Interpretation")),
        _choice("category", message("Category"), vocabulary.CATEGORY, blank=True),
        Field("method", message("Method")),
        _BODY_SITE,
        _NOTE,
    ),
    Kind.CONSULTATION: (
        Field("reason", message("Reason")),
        Field("findings", message("Findings"), Shape.LINES),
        Field("conclusion", message("Conclusion"), Shape.LINES),
        Field("plan", message("Plan"), Shape.LINES),
        _DATE,
        _choice("mode", message("How"), statuses.MODE, blank=True),
        Field("type", message("Type")),
        Field("practitioner", message("Practitioner")),
        Field("place", message("Place")),
        _END,
    ),
    Kind.PROCEDURE: (
        Field("concept", message("Procedure")),
        _DATE,
        _END,
        _choice("state", message("State"), statuses.PROCEDURE_STATE),
        _BODY_SITE,
        _PERFORMER,
        _REASON,
        Field("outcome", message("Outcome")),
        _NOTE,
        Field(NONE_KNOWN, message("No known procedure (asked)"), Shape.FLAG),
    ),
    Kind.DEVICE: (
        Field("device", message("Device")),
        _SINCE,
        _choice("state", message("State"), statuses.DEVICE_STATE),
        Field("identifier", message("UDI or serial number")),
        _MANUFACTURER,
        _BODY_SITE,
        _END,
        _NOTE,
        Field(NONE_KNOWN, message("No known device (asked)"), Shape.FLAG),
    ),
    Kind.FAMILY_HISTORY: (
        Field("relationship", message("Relationship")),
        Field("conditions", message("Diseases"), Shape.CONCEPTS),
        Field("onset_age", message("Age at onset"), Shape.COUNT),
        Field("deceased", message("Deceased on"), Shape.DEATH),
        _DATE,
        _NOTE,
        Field(NONE_KNOWN, message("No known family history (asked)"), Shape.FLAG),
    ),
    Kind.DIRECTIVE: (
        Field("type", message("Type")),
        Field("text", message("Text"), Shape.LINES),
        _DATE,
        _choice("state", message("State"), statuses.DIRECTIVE_STATE),
        Field("place", message("Kept where")),
    ),
    Kind.DOCUMENT: (
        Field("title", message("Title")),
        _DATE,
        Field("type", message("Type")),
        Field("text", message("Text"), Shape.LINES),
    ),
    Kind.LETTER: (
        Field("title", message("Subject")),
        _choice("direction", message("Direction"), statuses.DIRECTION),
        Field("correspondent", message("Correspondent")),
        Field("correspondent_rpps", _RPPS),
        _DATE,
        Field("text", message("Text"), Shape.LINES),
    ),
    Kind.RELATIVE: (
        Field("name", message("Name")),
        Field("relationship", message("Relationship")),
        Field("phone", message("Telephone")),
        Field("to_call", message("To be called in an emergency"), Shape.FLAG),
        Field("trusted", message("Designated person of trust"), Shape.FLAG),
        _DATE,
        _NOTE,
    ),
    Kind.CARER: (
        Field("name", message("Name")),
        Field("role", message("Profession or role")),
        Field("phone", message("Telephone")),
        Field("organisation", message("Institution")),
        Field("rpps", _RPPS),
        _SINCE,
        _END,
        _NOTE,
    ),
    Kind.RECALL: (
        Field("concept", message("What is due")),
        Field(DATE, message("Due on"), Shape.DATE),
        _choice("state", message("State"), statuses.RECALL_STATE),
        Field("done", message("Done on"), Shape.DATE),
        Field("every_months", message("Again every (months)"), Shape.COUNT),
        _REASON,
        _NOTE,
    ),
    Kind.APPOINTMENT: (
        Field(DATE, message("Day and time"), Shape.MOMENT),
        Field("minutes", message("Minutes"), Shape.COUNT),
        _REASON,
        _choice("state", message("State"), statuses.APPOINTMENT_STATE),
        Field("practitioner", message("Practitioner")),
        _NOTE,
    ),
}
# A consultation has a screen of its own; what an import brought without a kind has no form.
FORMS: dict[Kind, tuple[Field, ...]] = {
    kind: fields for kind, fields in FIELDS.items() if kind is not Kind.CONSULTATION
}
