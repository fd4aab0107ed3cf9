"""What makes a document an International Patient Summary 2.0.1: a list of small functions, one condition each.

Written from the profiles (Bundle-uv-ips, Composition-uv-ips and those of the entries) and from R4's rules for
documents, apart from the code that builds them. Each function gives the places where its condition does not hold.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any
from xml.etree import ElementTree

Json = dict[str, Any]
IPS = "http://hl7.org/fhir/uv/ips/StructureDefinition/"
ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
REQUIRED_SECTIONS = {"11450-4": "Condition", "48765-2": "AllergyIntolerance", "10160-0": "MedicationStatement"}
OTHER_SECTIONS = {
    "11369-6": "Immunization",
    "47519-4": "Procedure",
    "30954-2": "Observation",
    "8716-3": "Observation",
    "29762-2": "Observation",
    "10162-6": "Observation",
    "11348-0": "Condition",
    "42348-3": "DocumentReference",
    "46240-8": "Encounter",
    "46264-8": "DeviceUseStatement",
    "10157-6": "FamilyMemberHistory",
    "85847-2": "CareTeam",
}
RECOMMENDED_SECTIONS = ("11369-6", "47519-4", "46264-8")
EMPTY_REASONS = {"nilknown", "notasked", "withheld", "unavailable", "notstarted", "closed"}
UUID = re.compile(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
DATE_TIME = re.compile(r"\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2}))?)?)?")
XHTML = "{http://www.w3.org/1999/xhtml}"
NARRATIVE_ELEMENTS = {"div", "p", "ul", "li", "b"}


def resources(bundle: Json) -> list[Json]:
    """The resources, in order."""
    return [one["resource"] for one in bundle["entry"]]


def of_type(bundle: Json, name: str) -> list[Json]:
    """The resources of a type."""
    return [one for one in resources(bundle) if one["resourceType"] == name]


def sections(bundle: Json) -> list[Json]:
    """The sections of the composition."""
    return list(resources(bundle)[0].get("section", []))


def code_of(section: Json) -> str:
    """The LOINC code of a section."""
    return str(section["code"]["coding"][0]["code"])


def references(value: Any) -> Iterator[str]:
    """Every literal reference below a value."""
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        for one in value.values():
            yield from references(one)
    elif isinstance(value, list):
        for one in value:
            yield from references(one)


def empties(value: Any, path: str = "") -> Iterator[str]:
    """The paths of empty values."""
    if value in ("", None, [], {}) or (isinstance(value, str) and not value.strip()):
        yield path
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from empties(one, f"{path}.{name}")
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from empties(one, f"{path}[{number}]")


def is_absent(value: Any) -> bool:
    """Whether the element says why its value is absent."""
    return isinstance(value, dict) and any(one["url"] == ABSENT for one in value.get("extension", []))


def has(resource: Json, *names: str) -> bool:
    """Whether one of the elements is there, or says why it is not."""
    return any(name in resource or is_absent(resource.get(f"_{name}")) for name in names)


def is_a_document(bundle: Json) -> list[str]:
    """Bundle-uv-ips: type document, with an identifier and a timestamp (bdl-9, bdl-10)."""
    faults = [] if bundle.get("type") == "document" else ["type"]
    faults += [] if {"system", "value"} <= bundle.get("identifier", {}).keys() else ["identifier"]
    return faults + ([] if DATE_TIME.fullmatch(bundle.get("timestamp", "")) else ["timestamp"])


def one_composition_first(bundle: Json) -> list[str]:
    """Exactly one Composition, and it comes first (bdl-11)."""
    types = [one["resourceType"] for one in resources(bundle)]
    return [] if types.count("Composition") == 1 and types[0] == "Composition" else types


def one_patient(bundle: Json) -> list[str]:
    """Exactly one Patient, and it is the subject."""
    patients = [one["fullUrl"] for one in bundle["entry"] if one["resource"]["resourceType"] == "Patient"]
    return [] if patients == [resources(bundle)[0]["subject"]["reference"]] else patients or ["no patient"]


def full_urls_are_uuids(bundle: Json) -> list[str]:
    """Each entry has a urn:uuid fullUrl that ends with the id of its resource, used once (bdl-7)."""
    urls = [one["fullUrl"] for one in bundle["entry"]]
    faults = [url for url in urls if not UUID.fullmatch(url) or urls.count(url) > 1]
    return faults + [one["fullUrl"] for one in bundle["entry"] if not one["fullUrl"].endswith(one["resource"]["id"])]


def references_resolve(bundle: Json) -> list[str]:
    """Every literal reference is the fullUrl of an entry."""
    urls = {one["fullUrl"] for one in bundle["entry"]}
    return [reference for reference in references(bundle) if reference not in urls]


def everything_is_referenced(bundle: Json) -> list[str]:
    """A document holds nothing that its composition does not lead to (R4, documents)."""
    known = set(references(bundle)) | {bundle["entry"][0]["fullUrl"]}
    return [one["fullUrl"] for one in bundle["entry"] if one["fullUrl"] not in known]


def composition_is_a_patient_summary(bundle: Json) -> list[str]:
    """Composition-uv-ips: final, LOINC 60591-5, subject, date, author, title, sections."""
    composition = resources(bundle)[0]
    coding = {"system": "http://loinc.org", "code": "60591-5"}.items()
    faults = [] if coding <= composition["type"]["coding"][0].items() else ["type"]
    faults += [] if composition.get("status") == "final" else ["status"]
    return faults + [name for name in ("subject", "date", "author", "title", "section") if not composition.get(name)]


def author_and_custodian_are_there(bundle: Json) -> list[str]:
    """The author is a Practitioner with a name, the custodian an Organization with a name."""
    by_url = {one["fullUrl"]: one["resource"] for one in bundle["entry"]}
    composition = resources(bundle)[0]
    people = [by_url[one["reference"]] for one in composition["author"]]
    faults = [one["id"] for one in people if one["resourceType"] != "Practitioner" or not one.get("name")]
    custodian = by_url[composition["custodian"]["reference"]]
    return faults + ([] if custodian["resourceType"] == "Organization" and custodian.get("name") else ["custodian"])


def required_sections_are_there_once(bundle: Json) -> list[str]:
    """Problems, allergies and medications: once each."""
    codes = [code_of(section) for section in sections(bundle)]
    return [code for code in REQUIRED_SECTIONS if codes.count(code) != 1]


def no_section_twice(bundle: Json) -> list[str]:
    """Each section of the profile at most once."""
    codes = [code_of(section) for section in sections(bundle)]
    return [code for code in codes if codes.count(code) > 1]


def required_sections_have_entries_or_a_reason(bundle: Json) -> list[str]:
    """ips-comp-1, and cmp-2: an emptyReason only where there is no entry."""
    faults = []
    for section in sections(bundle):
        filled, reason = bool(section.get("entry")), section.get("emptyReason")
        if filled and reason or (code_of(section) in REQUIRED_SECTIONS and not filled and not reason):
            faults.append(code_of(section))
    return faults


def empty_reasons_are_of_the_value_set(bundle: Json) -> list[str]:
    """An emptyReason is a code of list-empty-reason."""
    reasons = [section["emptyReason"]["coding"][0] for section in sections(bundle) if "emptyReason" in section]
    system = "http://terminology.hl7.org/CodeSystem/list-empty-reason"
    return [one["code"] for one in reasons if one["code"] not in EMPTY_REASONS or one["system"] != system]


def sections_have_title_code_and_text(bundle: Json) -> list[str]:
    """Each section has a title, a LOINC code and a narrative."""
    return [
        section.get("title", "?")
        for section in sections(bundle)
        if not section.get("title")
        or not section.get("text", {}).get("div")
        or section["code"]["coding"][0]["system"] != "http://loinc.org"
    ]


def entries_are_of_the_type_of_their_section(bundle: Json) -> list[str]:
    """Problems are Conditions, and so on; a section that is unknown is a fault too."""
    by_url = {one["fullUrl"]: one["resource"]["resourceType"] for one in bundle["entry"]}
    types = REQUIRED_SECTIONS | OTHER_SECTIONS
    return [
        f"{code_of(section)}: {by_url.get(entry['reference'])}"
        for section in sections(bundle)
        for entry in section.get("entry", [])
        if by_url.get(entry["reference"]) != types.get(code_of(section))
    ]


def narratives_are_safe_xhtml(bundle: Json) -> list[str]:
    """Each narrative is XHTML with text, of plain elements only, and says its language twice (txt-1, txt-2)."""
    narratives = [section["text"] for section in sections(bundle)]
    narratives += [one["text"] for one in resources(bundle) if "text" in one]
    faults = []
    for one in narratives:
        root = ElementTree.fromstring(one["div"])  # noqa: S314 - written by this program
        names = {element.tag.removeprefix(XHTML) for element in root.iter()}
        language = root.get("{http://www.w3.org/XML/1998/namespace}lang")
        if root.tag != f"{XHTML}div" or not names <= NARRATIVE_ELEMENTS or not "".join(root.itertext()).strip():
            faults.append(one["div"])
        elif not language or language != root.get("lang") or one["status"] != "generated":
            faults.append(one["div"][:80])
    return faults


def profiles_are_named(bundle: Json) -> list[str]:
    """Bundle, Composition, Patient and the resources of IPS profiles say which profile they follow."""
    profiled = {
        "Composition", "Patient", "Practitioner", "Organization", "Condition", "AllergyIntolerance",
        "MedicationStatement", "Immunization", "Procedure", "Device", "DeviceUseStatement",
    }  # fmt: skip
    faults = [] if f"{IPS}Bundle-uv-ips" in bundle["meta"]["profile"] else ["Bundle"]
    return faults + [
        one["resourceType"]
        for one in resources(bundle)
        if one["resourceType"] in profiled
        and f"{IPS}{one['resourceType']}-uv-ips" not in one.get("meta", {}).get("profile", [])
    ]


def patient_has_name_and_birth_date(bundle: Json) -> list[str]:
    """Patient-uv-ips: a name with family, given or text (ips-pat-1), a birth date; or why they are absent."""
    patient = of_type(bundle, "Patient")[0]
    named = [one for one in patient.get("name", []) if {"family", "given", "text"} & one.keys() or is_absent(one)]
    faults = [] if named else ["name"]
    return faults + ([] if has(patient, "birthDate") else ["birthDate"])


def subjects_are_the_patient(bundle: Json) -> list[str]:
    """Each clinical resource is about the patient, by reference."""
    patient = resources(bundle)[0]["subject"]["reference"]
    people = {"Composition", "Patient", "Practitioner", "Organization"}
    clinical = [one for one in resources(bundle) if one["resourceType"] not in people]
    return [one["id"] for one in clinical if (one.get("subject") or one["patient"])["reference"] != patient]


def conditions_follow_their_profile(bundle: Json) -> list[str]:
    """Condition-uv-ips: code 1..1; con-3: a clinical status; con-4: no abatement while it lasts."""
    faults = [one["id"] for one in of_type(bundle, "Condition") if "code" not in one or "clinicalStatus" not in one]
    over = {"inactive", "remission", "resolved"}
    return faults + [
        one["id"]
        for one in of_type(bundle, "Condition")
        if "abatementDateTime" in one and one["clinicalStatus"]["coding"][0]["code"] not in over
    ]


def allergies_follow_their_profile(bundle: Json) -> list[str]:
    """AllergyIntolerance-uv-ips: code 1..1; ait-1: a clinical status."""
    return [
        one["id"] for one in of_type(bundle, "AllergyIntolerance") if "code" not in one or "clinicalStatus" not in one
    ]


def medications_follow_their_profile(bundle: Json) -> list[str]:
    """MedicationStatement-uv-ips: medication, effective[x] 1..1 or why it is absent, never entered in error."""
    return [
        one["id"]
        for one in of_type(bundle, "MedicationStatement")
        if "medicationCodeableConcept" not in one
        or not has(one, "effectiveDateTime", "effectivePeriod")
        or one["status"] == "entered-in-error"
    ]


def immunizations_follow_their_profile(bundle: Json) -> list[str]:
    """Immunization-uv-ips: vaccineCode, occurrence[x] 1..1 or why it is absent."""
    return [
        one["id"]
        for one in of_type(bundle, "Immunization")
        if "vaccineCode" not in one or not has(one, "occurrenceDateTime", "occurrenceString")
    ]


def procedures_follow_their_profile(bundle: Json) -> list[str]:
    """Procedure-uv-ips: code, performed[x] 1..1 or why it is absent."""
    return [
        one["id"]
        for one in of_type(bundle, "Procedure")
        if "code" not in one or not has(one, "performedDateTime", "performedPeriod")
    ]


def devices_follow_their_profile(bundle: Json) -> list[str]:
    """DeviceUseStatement-uv-ips: timing[x] 1..1 or why it is absent, a device of the same patient, with its type."""
    by_url = {one["fullUrl"]: one["resource"] for one in bundle["entry"]}
    return [
        one["id"]
        for one in of_type(bundle, "DeviceUseStatement")
        if not has(one, "timingDateTime", "timingPeriod")
        or one["status"] not in {"active", "completed", "stopped"}
        or "type" not in (device := by_url[one["device"]["reference"]])
        or device["patient"] != one["subject"]
    ]


def family_histories_say_whose_and_of_whom(bundle: Json) -> list[str]:
    """FamilyMemberHistory (R4): status and relationship 1..1; fhs-1, fhs-2: not two ages, not two deaths."""
    return [
        one["id"]
        for one in of_type(bundle, "FamilyMemberHistory")
        if one["status"] not in {"completed", "partial", "health-unknown"}
        or "relationship" not in one
        or {"deceasedBoolean", "deceasedDate"} <= one.keys()
        or any("code" not in condition for condition in one.get("condition", []))
    ]


def recommended_sections_are_never_silent(bundle: Json) -> list[str]:
    """Immunizations, procedures, devices: an empty list never reads as "none"."""
    found = {code_of(section): section for section in sections(bundle)}
    faults = [code for code in RECOMMENDED_SECTIONS if code not in found]
    return faults + [
        code
        for code in RECOMMENDED_SECTIONS
        if code in found and not found[code].get("entry") and not _explained(found[code])
    ]


def _explained(section: Json) -> bool:
    """Whether an empty section says why, or has in words what has no resource."""
    return "emptyReason" in section or "<li>" in section["text"]["div"]


def observations_follow_their_profile(bundle: Json) -> list[str]:
    """Effective[x], performer, and a value or components; laboratory results name their category (ips results)."""
    return [
        one["id"]
        for one in of_type(bundle, "Observation")
        if not has(one, "effectiveDateTime")
        or not one.get("performer")
        or not ({"valueQuantity", "valueString", "component"} & one.keys())
    ]


def codings_are_whole(bundle: Json) -> list[str]:
    """A concept has codes or words; a UCUM code has its system (qty-3)."""
    faults = [
        one["id"]
        for one in resources(bundle)
        for name in ("code", "vaccineCode", "medicationCodeableConcept")
        if name in one and not ({"coding", "text"} & one[name].keys())
    ]
    values = [one["valueQuantity"] for one in of_type(bundle, "Observation") if "valueQuantity" in one]
    return faults + [str(value) for value in values if "code" in value and "system" not in value]


def nothing_is_empty(bundle: Json) -> list[str]:
    """FHIR knows no empty string, object or list."""
    return list(empties(bundle))


CONDITIONS: tuple[Callable[[Json], list[str]], ...] = (
    is_a_document,
    one_composition_first,
    one_patient,
    full_urls_are_uuids,
    references_resolve,
    everything_is_referenced,
    composition_is_a_patient_summary,
    author_and_custodian_are_there,
    required_sections_are_there_once,
    no_section_twice,
    required_sections_have_entries_or_a_reason,
    empty_reasons_are_of_the_value_set,
    sections_have_title_code_and_text,
    entries_are_of_the_type_of_their_section,
    narratives_are_safe_xhtml,
    profiles_are_named,
    patient_has_name_and_birth_date,
    subjects_are_the_patient,
    conditions_follow_their_profile,
    allergies_follow_their_profile,
    medications_follow_their_profile,
    immunizations_follow_their_profile,
    procedures_follow_their_profile,
    devices_follow_their_profile,
    family_histories_say_whose_and_of_whom,
    recommended_sections_are_never_silent,
    observations_follow_their_profile,
    codings_are_whole,
    nothing_is_empty,
)
