"""Which measurements matter to a doctor who has never seen the patient: the latest of each, found by its LOINC code, or
by its usual name where it has none.

A table and a rule, kept apart from the other sections because the table is what grows. Names are the French words that
the sheet prints. The codes name the same quantity in the units or by the methods that are in use.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple

from localstore.bodies import Component, MeasurementBody
from localstore.folding import fold
from localstore.model import Entry
from localstore.safety.measures import LOINC_SYSTEMS, LONGEST_NAME, measure_of
from localstore.values import Concept


class Group(StrEnum):
    """Where a value belongs in a patient summary."""

    RESULT = "result"
    VITAL_SIGN = "vital-sign"
    SOCIAL = "social"
    PREGNANCY = "pregnancy"


class KeyValue(NamedTuple):
    """A quantity worth printing: its French name, its place, and its LOINC codes."""

    name: str
    group: Group
    codes: frozenset[str]


def _key(name: str, group: Group, codes: str) -> KeyValue:
    return KeyValue(name, group, frozenset(codes.split()))


KEY_VALUES: tuple[KeyValue, ...] = (
    _key("Groupe sanguin", Group.RESULT, "882-1"),
    _key("Groupe ABO", Group.RESULT, "883-9"),
    _key("Rhésus", Group.RESULT, "10331-7"),
    _key("Grossesse", Group.PREGNANCY, "82810-3"),
    _key("Poids", Group.VITAL_SIGN, "29463-7 3141-9"),
    _key("Taille", Group.VITAL_SIGN, "8302-2 3137-7"),
    _key("IMC", Group.VITAL_SIGN, "39156-5"),
    _key("Pression artérielle", Group.VITAL_SIGN, "85354-9 55284-4 35094-2"),
    _key("Pression systolique", Group.VITAL_SIGN, "8480-6"),
    _key("Pression diastolique", Group.VITAL_SIGN, "8462-4"),
    _key("Fréquence cardiaque", Group.VITAL_SIGN, "8867-4"),
    _key("Fréquence respiratoire", Group.VITAL_SIGN, "9279-1"),
    _key("Saturation en oxygène", Group.VITAL_SIGN, "2708-6 59408-5"),
    _key("Température", Group.VITAL_SIGN, "8310-5"),
    _key("Créatinine", Group.RESULT, "2160-0 14682-9 38483-4 77140-2"),
    _key("Débit de filtration glomérulaire", Group.RESULT, "33914-3 62238-1 69405-9 77147-7 98979-8"),
    _key("Potassium", Group.RESULT, "2823-3 6298-4"),
    _key("Sodium", Group.RESULT, "2951-2 2947-0"),
    _key("Glycémie", Group.RESULT, "2339-0 2345-7 1558-6 14749-6 15074-8"),
    _key("HbA1c", Group.RESULT, "4548-4 17856-6 59261-8"),
    _key("Hémoglobine", Group.RESULT, "718-7"),
    _key("Plaquettes", Group.RESULT, "777-3 26515-7"),
    _key("INR", Group.RESULT, "6301-6 34714-6"),
    _key("Tabac", Group.SOCIAL, "72166-2"),
)
# What is none of `safety.measures`, as it is commonly called where it has no code, folded: the whole text says it.
_NAMED = (
    ("882-1", "groupe sanguin, groupe abo et rhesus, blood group, blood type"),
    ("883-9", "groupe abo"),
    ("10331-7", "rhesus, rhesus d, facteur rhesus"),
    ("85354-9", "pression arterielle, tension arterielle, tension, ta, pa, blood pressure"),
    ("33914-3", "debit de filtration glomerulaire, filtration glomerulaire"),
    ("72166-2", "tabac, tabagisme, statut tabagique, smoking status, tobacco smoking status"),
)
_CODE_OF_NAME = {name: code for code, names in _NAMED for name in names.split(", ")}


def loinc_codes(concept: Concept) -> frozenset[str]:
    """The LOINC codes of a concept."""
    return frozenset(coding.code for coding in concept.codings if coding.system in LOINC_SYSTEMS)


def key_of(body: MeasurementBody) -> KeyValue | None:
    """The key value that a measurement is, if it is one. One with a LOINC code that is not listed is none, whatever it
    is called."""
    codes = loinc_codes(body.concept) or _codes_of_name(body.concept)
    return next((key for key in KEY_VALUES if codes & key.codes), None)


def _codes_of_name(concept: Concept) -> frozenset[str]:
    measure = measure_of(concept)
    if measure is not None:
        return measure.codes
    code = _CODE_OF_NAME.get(fold(concept.label)) if len(concept.label) <= LONGEST_NAME else None
    return frozenset({code} if code else ())


def has_value(body: MeasurementBody) -> bool:
    """Whether there is something to print: a quantity, words, or a component with either."""
    parts: tuple[MeasurementBody | Component, ...] = (body, *body.components)
    return any(part.quantity is not None or part.text.strip() for part in parts)


def latest(entries: Iterable[Entry], order: Sequence[str]) -> dict[KeyValue, str]:
    """For each key value that was measured: the id of the latest entry. `order` holds the sort key of each entry."""
    found: dict[KeyValue, tuple[str, str]] = {}
    for entry, when in zip(entries, order, strict=True):
        if not isinstance(entry.body, MeasurementBody) or not has_value(entry.body):
            continue
        key = key_of(entry.body)
        if key is not None and (key not in found or (when, entry.id) > found[key]):
            found[key] = (when, entry.id)
    return {key: identifier for key, (_, identifier) in found.items()}
