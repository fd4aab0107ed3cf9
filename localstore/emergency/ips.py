"""The summary as a FHIR R4 document after the International Patient Summary 2.0.1.

One Composition stands first, then the patient, the people, and a resource for each item that the sheet shows: both
exports are made from the same selection. Problems, allergies and medications are always there, with entries or with an
`emptyReason`; other sections when they have something to say. Every reference is the `urn:uuid` of an entry of the
document, and every id depends on the content only.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec

from localstore.bodies import (
    AllergyBody,
    CarerBody,
    ConsultationBody,
    DeviceBody,
    DirectiveBody,
    DocumentBody,
    FamilyHistoryBody,
    ImmunisationBody,
    MeasurementBody,
    MedicationBody,
    OtherBody,
    ProblemBody,
    ProcedureBody,
)
from localstore.emergency import narrative, people, resources, resources_care, wording
from localstore.emergency.fhirvalues import (
    IPS,
    LOINC,
    TERMINOLOGY,
    URI_SYSTEM,
    Json,
    author_id,
    coded,
    entry_id,
    identifier,
    pruned,
    reference,
)
from localstore.emergency.keyvalues import Group, key_of
from localstore.emergency.sections import Item, Knowledge, Section, SectionName, Summary
from localstore.kinds import Sensitivity

SOURCE = "urn:confrere:emergency-export:v1"  # by this an older export is known from somebody else's file


class Code(NamedTuple):
    """The LOINC code of a section, with the display that IPS gives it."""

    code: str
    display: str


CODES = {
    SectionName.PROBLEMS: Code("11450-4", "Problem list - Reported"),
    SectionName.ALLERGIES: Code("48765-2", "Allergies and adverse reactions Document"),
    SectionName.MEDICATIONS: Code("10160-0", "History of Medication use Narrative"),
    SectionName.IMMUNISATIONS: Code("11369-6", "History of Immunization Narrative"),
    SectionName.PROCEDURES: Code("47519-4", "History of Procedures Document"),
    SectionName.DEVICES: Code("46264-8", "History of medical device use"),
    SectionName.FAMILY: Code("10157-6", "History of family member diseases Narrative"),
    SectionName.DIRECTIVES: Code("42348-3", "Advance directives"),
    SectionName.CARE_TEAM: Code("85847-2", "Patient Care team information"),
    SectionName.HISTORY: Code("11348-0", "History of Past illness Narrative"),
    SectionName.CONSULTATIONS: Code("46240-8", "History of Hospitalizations+Outpatient visits Narrative"),
}
GROUPS = {
    Group.RESULT: (Code("30954-2", "Relevant diagnostic tests/laboratory data Narrative"), "Résultats"),
    Group.VITAL_SIGN: (Code("8716-3", "Vital signs"), "Signes vitaux"),
    Group.SOCIAL: (Code("29762-2", "Social history Narrative"), "Mode de vie"),
    Group.PREGNANCY: (Code("10162-6", "History of pregnancies Narrative"), "Grossesse"),
}
EMPTY_REASONS = {
    Knowledge.NONE: ("nilknown", "Nil Known"),
    Knowledge.NOT_ASKED: ("notasked", "Not Asked"),
    Knowledge.WITHHELD: ("withheld", "Information Withheld"),
}


def build(summary: Summary) -> Json:
    """The document: a Bundle of plain values, numbers as Decimal."""
    patient = reference(people.patient_id(summary))
    sections = _sections(summary)
    clinical = [one for _, items in sections for item in items for one in resources_of(item, patient)]
    made = summary.made.isoformat(timespec="seconds")
    document = identifier("document", people.patient_id(summary), made, *_contents(summary))
    contents = [
        _composition(summary, document, [section for section, _ in sections], made),
        people.patient(summary),
        *(people.practitioner(author) for author in _authors(summary, sections)),
        *([people.organization(summary.practice)] if people.custodian(summary) else []),
        *clinical,
    ]
    return {
        "resourceType": "Bundle",
        "id": document,
        "meta": {"source": SOURCE, "profile": [f"{IPS}Bundle-uv-ips"]},
        "language": narrative.LANGUAGE,
        "identifier": {"system": URI_SYSTEM, "value": f"urn:uuid:{document}"},
        "type": "document",
        "timestamp": made,
        "entry": [{"fullUrl": f"urn:uuid:{one['id']}", "resource": one} for one in contents],
    }


def encode(bundle: Json) -> bytes:
    """The document as JSON: UTF-8, indented, decimals exact, the same bytes for the same bundle."""
    encoder = msgspec.json.Encoder(decimal_format="number")
    return msgspec.json.format(encoder.encode(bundle), indent=2) + b"\n"


def resources_of(item: Item, patient: Json) -> list[Json]:
    """The resource of an item, which its section names, and those that it points to. Raises TypeError for a body that
    no section shows."""
    match item.entry.body:
        case AllergyBody() as body:
            return [resources.allergy(item, body, patient)]
        case ProblemBody() as body:
            return [resources.condition(item, body, patient)]
        case MedicationBody() as body:
            return [resources.medication(item, body, patient)]
        case ImmunisationBody() as body:
            return [resources.immunization(item, body, patient)]
        case MeasurementBody() as body:
            return [resources.observation(item, body, patient)]
        case ConsultationBody() as body:
            return [resources.encounter(item, body, patient)]
        case ProcedureBody() as body:
            return [resources.procedure(item, body, patient)]
        case DeviceBody() as body:
            return resources_care.device_use(item, body, patient)
        case FamilyHistoryBody() as body:
            return [resources_care.family(item, body, patient)]
        case DirectiveBody() | DocumentBody() as body:
            return [resources_care.directive(item, body, patient)]
        case CarerBody() as body:
            return [resources_care.carer(item, body, patient)]
    raise TypeError(f"no resource for {item.entry.kind}")


def _composition(summary: Summary, document: str, sections: Sequence[Json], made: str) -> Json:
    return pruned(
        {
            "resourceType": "Composition",
            "id": identifier("composition", document),
            "meta": {"profile": [f"{IPS}Composition-uv-ips"]},
            "language": narrative.LANGUAGE,
            "text": narrative.of_summary(summary),
            "identifier": {"system": URI_SYSTEM, "value": f"urn:uuid:{document}"},
            "status": "final",
            "type": coded(LOINC, "60591-5", "Patient summary Document"),
            "subject": reference(people.patient_id(summary)),
            "date": made,
            "author": [reference(author_id(summary.author))],
            "title": "Résumé patient international (International Patient Summary)",
            "confidentiality": "R" if _is_restricted(summary) else "N",
            "custodian": people.custodian(summary),
            "event": [{"code": [coded(f"{TERMINOLOGY}v3-ActClass", "PCPR")], "period": {"end": made}}],
            "section": list(sections),
        }
    )


def _sections(summary: Summary) -> list[tuple[Json, tuple[Item, ...]]]:
    """Each section of the composition with the items whose resources it names."""
    found: list[tuple[Json, tuple[Item, ...]]] = []
    for section in summary.sections:
        if section.name is SectionName.MEASUREMENTS:
            found += _measurements(section, summary)
        elif section.name is SectionName.CONTACTS:
            continue  # whom to call is part of the Patient
        elif section.name in (*wording.REQUIRED, *wording.RECOMMENDED) or wording.has_something(section):
            items = _entries(section)
            title = wording.TITLES[section.name]
            text = narrative.of_section(section, summary)
            found.append((_section(title, CODES[section.name], text, items, section), items))
    return found


def _entries(section: Section) -> tuple[Item, ...]:
    """What becomes a resource: the items; the statements of "none" where nothing contradicts them. A device of which
    the record has the words only stays in the narrative; that a family has no known disease has no resource."""
    items = tuple(item for item in section.items if not isinstance(item.entry.body, OtherBody))
    if section.knowledge is not Knowledge.NONE or section.name is SectionName.FAMILY:
        return items
    return section.none_stated + items


def _section(title: str, code: Code, text: Json, items: Iterable[Item], section: Section) -> Json:
    entries = [reference(entry_id(item.entry)) for item in items]
    held_back = section.knowledge is not Knowledge.WITHHELD or section.withheld
    reason = EMPTY_REASONS.get(section.knowledge) if held_back and not entries else None
    return pruned(
        {
            "title": title,
            "code": coded(LOINC, *code),
            "text": text,
            "entry": entries,
            "emptyReason": coded(f"{TERMINOLOGY}list-empty-reason", *reason) if reason else None,
        }
    )


def _measurements(section: Section, summary: Summary) -> list[tuple[Json, tuple[Item, ...]]]:
    """The key values, in the sections where IPS has them. What is left out is said in the first of them."""
    found: list[tuple[Json, tuple[Item, ...]]] = []
    for group, (code, title) in GROUPS.items():
        items = tuple(item for item in section.items if _group(item) is group)
        is_first = not found
        if items or (is_first and not section.items and section.total):
            withheld, omitted = (section.withheld, section.omitted) if is_first else (0, 0)
            part = Section(section.name, items, withheld=withheld, omitted=omitted)
            text = narrative.of_section(part, summary, title)
            found.append((_section(title, code, text, items, part), items))
    return found


def _group(item: Item) -> Group | None:
    key = key_of(item.entry.body) if isinstance(item.entry.body, MeasurementBody) else None
    return key.group if key else None


def _authors(summary: Summary, sections: Iterable[tuple[Json, tuple[Item, ...]]]) -> list[Any]:
    """The author of the document and those of its entries, each once."""
    every = [summary.author, *(item.entry.author for _, items in sections for item in items)]
    return list(dict.fromkeys(every))


def _is_restricted(summary: Summary) -> bool:
    shown = (item.entry for section in summary.sections for item in section.items)
    return any(entry.sensitivity is Sensitivity.RESTRICTED for entry in shown)


def _contents(summary: Summary) -> list[str]:
    """Everything that the document depends on besides its patient and moment, as text."""
    shown = [item.entry.version for section in summary.sections for item in (*section.none_stated, *section.items)]
    counts = [f"{section.withheld}/{section.omitted}/{section.elsewhere}" for section in summary.sections]
    traits = msgspec.msgpack.encode([summary.patient, summary.other_identities, summary.left_out])
    return [*shown, *counts, traits.hex(), summary.author.name, summary.author.rpps, summary.practice]
