"""Links between records: relatives who have one here too, and the colleagues who could be named in a care team.

A link is an entry of its own on each side, written by a person: nothing is linked back by itself. A link is followed
only where it was written here: an identifier that came from elsewhere means nothing in this practice.
"""

from typing import NamedTuple

from localstore import colleagues, patients, record, versions
from localstore.bodies import PatientBody, RelativeBody
from localstore.database import transaction
from localstore.errors import BadInput, UnknownPatient
from localstore.folding import fold
from localstore.kinds import Provenance, Status
from localstore.model import Entry, PatientSummary
from localstore.practice import Practice
from localstore.roles import Right
from localstore.values import Concept


class Relative(NamedTuple):
    """A relative as the record tells of him. `linked` is who he is here, where the entry says so and he is; `back` is
    whether his record links to this patient."""

    entry: Entry
    linked: PatientSummary | None
    back: bool

    @property
    def body(self) -> RelativeBody:
        """What is said of him."""
        body = self.entry.body
        assert isinstance(body, RelativeBody)  # noqa: S101 - the kind of the entry says so
        return body


class Colleague(NamedTuple):
    """A colleague known here, as a care team would name him."""

    name: str
    rpps: str


def relatives(practice: Practice, patient: str, why: str = "") -> tuple[Relative, ...]:
    """The relatives of a patient; the reading goes into the history. Raises UnknownPatient, NotYourRole."""
    practice.require(Right.READ)
    chart = record.open_chart(practice, patient, why)
    return tuple(_relative(practice, chart.id, entry) for entry in _standing(chart))


def _standing(chart: record.Chart) -> list[Entry]:
    return [one for one in chart.entries if isinstance(one.body, RelativeBody) and one.status is Status.FINAL]


def _relative(practice: Practice, patient: str, entry: Entry) -> Relative:
    linked = linked_to(practice, entry)
    return Relative(entry, linked, linked is not None and _links_to(practice, linked.id, patient))


def linked_to(practice: Practice, entry: Entry) -> PatientSummary | None:
    """The patient whom a relative's entry links to, where he has a record here."""
    body = entry.body
    if not isinstance(body, RelativeBody) or not body.patient or entry.provenance is not Provenance.OWN:
        return None
    try:
        num = patients.number(practice.connection, body.patient)
    except UnknownPatient:
        return None
    shown = patients.shown_version(practice.connection, num)
    ((_, identity),) = versions.by_number(practice.connection, [num if shown is None else shown])
    who = identity.body
    assert isinstance(who, PatientBody)  # noqa: S101 - the list of patients shows identities
    here = versions.identifier(practice.connection, num)
    return PatientSummary(here, who.family_name, who.given_names, who.birth_date, who.sex, who.ins)


def _links_to(practice: Practice, record_of: str, patient: str) -> bool:
    return any(
        (found := linked_to(practice, one)) is not None and found.id == patient
        for one in _standing(record.chart(practice, record_of))
    )


def link(practice: Practice, patient: str, other: str, relationship: str, back: str = "") -> list[Entry]:
    """Say that another patient of the practice is a relative: `relationship` is his to the patient. With `back`, what
    the patient is to him, his record says so too. Returns the entries written. Raises UnknownPatient, and BadInput for
    a link to oneself or one that is there."""
    practice.require(Right.READ)
    with transaction(practice.connection):
        chart, who = record.chart(practice, patient), record.chart(practice, other)
        if chart.id == who.id:
            raise BadInput(what="A patient is no relative of himself.", remedy="Choose another patient.")
        if _links_to(practice, chart.id, who.id):
            raise BadInput(what="These two records are linked already.", remedy="Amend the entry that is there.")
        made = [record.add(practice, chart.id, _body(who, relationship))]
        if back and not _links_to(practice, who.id, chart.id):
            made.append(record.add(practice, who.id, _body(chart, back)))
        return made


def _body(of: record.Chart, relationship: str) -> RelativeBody:
    name = " ".join((of.patient.family_name, *of.patient.given_names[:1]))
    return RelativeBody(name, Concept(relationship.strip()), of.patient.phone, of.id)


# From the relative's word for the patient to the patient's for the relative, where both are plain French words.
_BACK = {
    "mere": ("fils", "fille", "enfant"),
    "pere": ("fils", "fille", "enfant"),
    "fils": ("père", "mère", "parent"),
    "fille": ("père", "mère", "parent"),
    "enfant": ("père", "mère", "parent"),
    "frere": ("frère", "sœur", "frère ou sœur"),
    "soeur": ("frère", "sœur", "frère ou sœur"),
    "mari": ("mari", "femme", "conjoint"),
    "femme": ("mari", "femme", "conjoint"),
    "epoux": ("époux", "épouse", "conjoint"),
    "epouse": ("époux", "épouse", "conjoint"),
    "conjoint": ("conjoint", "conjointe", "conjoint"),
    "conjointe": ("conjoint", "conjointe", "conjoint"),
    "grand pere": ("petit-fils", "petite-fille", "petit-enfant"),
    "grand mere": ("petit-fils", "petite-fille", "petit-enfant"),
    "petit fils": ("grand-père", "grand-mère", "grand-parent"),
    "petite fille": ("grand-père", "grand-mère", "grand-parent"),
}


def reverse(relationship: str, sex: str) -> str:
    """What the patient, of this sex, is to a relative who is `relationship` to him; empty where that is not plain."""
    words = _BACK.get(fold(relationship))
    if words is None:
        return ""
    return words[{"male": 0, "female": 1}.get(sex, 2)]


def known_colleagues(practice: Practice) -> tuple[Colleague, ...]:
    """The colleagues of the practice's address book, by name, to be named in a care team."""
    practice.require(Right.READ)
    return tuple(Colleague(one.name, one.rpps) for one in colleagues.listing(practice.connection))
