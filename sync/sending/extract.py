"""Extracts: what one consent lets one colleague know about one patient. Pure; the gate has chosen the entries."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from localstore.bodies import Body, PatientBody, RelativeBody
from localstore.fhir.references import collect_references, names_of, normal
from localstore.folding import fold
from localstore.kinds import OF_THE_AGENDA, Kind, Sensitivity
from localstore.model import Entry
from localstore.terms import Terms
from localstore.values import Concept
from sync.papers.documents import Extract

QUALIFIED = "qualified"
PEOPLE = frozenset({"Patient", "RelatedPerson", "Person"})
SUBJECTS = ("subject", "patient", "beneficiary", "individual", "for")
PLAIN_REFERENCE = frozenset({"reference", "type"})
SHORTEST_VALUE = 5  # a shorter one is found in any text
SHORTEST_WORD = 3  # letters of what an entry is about: VIH, IVG
GATHERING = frozenset({"Composition", "List"})  # resources that tell in words, or by name, what others hold
NARRATIVE = "div"  # the element of a narrative, wherever it stands in a resource
# Elements that name who did something. A reference of words alone tells of something else in any other.
_WHO = frozenset(
    {"asserter", "recorder", "performer", "requester", "author", "individual", "serviceProvider", "organization",
     "practitioner", "custodian", "managingOrganization", *SUBJECTS}
)  # fmt: skip
_TITLES = ("reason", "label", "title")


class Staying(NamedTuple):
    """What of a record does not travel with an extract: the names by which resources refer to it; the words, folded,
    for what nobody may learn of (restricted entries, appointments); every identity under which the patient is or was
    registered."""

    names: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    identities: tuple[PatientBody, ...] = ()


def staying(every: Sequence[Entry], travels: Sequence[Entry]) -> Staying:
    """What stays of a record of which `every` version is given with its source, when `travels` goes."""
    going = {entry.id for entry in travels}
    stays = [entry for entry in every if entry.id not in going and entry.kind is not Kind.PATIENT]
    secret = [one for one in stays if one.sensitivity is Sensitivity.RESTRICTED or one.kind is Kind.APPOINTMENT]
    return Staying(
        frozenset(name for entry in stays for name in _names(entry)),
        frozenset(word for entry in secret for word in _words(entry.body)),
        tuple(entry.body for entry in every if isinstance(entry.body, PatientBody)),
    )


def _names(entry: Entry) -> Iterator[str]:
    yield f"urn:uuid:{UUID(hex=entry.id)}"
    if entry.source:
        yield from (normal(name) for name in names_of(msgspec.json.decode(entry.source), entry.source_url))


def _words(body: Body) -> Iterator[str]:
    """What an entry is about, as its own words say it."""
    for name in body.__struct_fields__:
        value = getattr(body, name)
        if isinstance(value, Concept):
            said = [value.label, *(coding.label for coding in value.codings)]
        else:
            said = [value] if name in _TITLES and isinstance(value, str) else []
        yield from (word for one in said if len(word := fold(one)) >= SHORTEST_WORD)


def identity_to_share(patient: PatientBody) -> PatientBody:
    """What recognises the patient, and nothing else of the identity: no address, no telephone, no relatives.

    The INS travels only when the identity is qualified (the national identity-vigilance reference, RNIV).
    """
    with_ins = patient.identity_status == QUALIFIED
    return PatientBody(
        family_name=patient.family_name,
        given_names=patient.given_names,
        used_name=patient.used_name,
        birth_date=patient.birth_date,
        birth_place=patient.birth_place,
        sex=patient.sex,
        deceased=patient.deceased,
        ins=patient.ins if with_ins else "",
        ins_oid=patient.ins_oid if with_ins else "",
        identity_status=patient.identity_status,
    )


def build(
    consent: str,
    terms: Terms,
    patient_id: str,
    patient: PatientBody,
    entries: Sequence[Entry],
    as_of: str,
    supersedes: str,
    stays: Staying = Staying(),  # noqa: B008 - a value that nobody can change
) -> Extract:
    """The extract. Where an entry came from inside this practice (a file name, another colleague) stays here, and so
    does a verbatim source that tells more of the patient than `identity_to_share` does, or of something that `stays`.
    What was written in records that were merged into this one goes as this patient's."""
    return Extract(
        consent=consent,
        terms=terms,
        patient_id=patient_id,
        patient=identity_to_share(patient),
        entries=tuple(_entry_to_share(entry, patient_id, patient, stays) for entry in entries),
        as_of=as_of,
        supersedes=supersedes,
    )


def _entry_to_share(entry: Entry, patient_id: str, patient: PatientBody, stays: Staying) -> Entry:
    body = travelling(entry.body)
    if entry.source and (source_tells_more(entry.source, patient, stays.identities) or tells_of(entry.source, stays)):
        return msgspec.structs.replace(entry, patient=patient_id, body=body, origin="", source=b"", source_url="")
    return msgspec.structs.replace(entry, patient=patient_id, body=body, origin="")


def travelling(body: Body) -> Body:
    """A body as it travels: that a relative is a patient of this practice too is nobody else's business, and what such
    a link names elsewhere means nothing here."""
    return msgspec.structs.replace(body, patient="") if isinstance(body, RelativeBody) else body


def tells_of(source: bytes, stays: Staying) -> bool:
    """Whether a resource, as it came, tells of something that does not travel: it refers to it, has its words, or is
    one of those in whose narratives anything may stand. Of an appointment whatever the record holds. When in doubt."""
    resource = _resource(source)
    if resource is None:
        return True
    if any(_shows(key, node) for key, node in _nodes(resource)):
        return True
    if not stays.names:
        return False
    referred = set(collect_references(resource))
    referred |= {"/".join(one.split("/")[-2:]) for one in referred}  # an address elsewhere, as type and id
    if referred & stays.names or resource.get("resourceType") in GATHERING:
        return True
    if any(NARRATIVE in node or _is_of_words(key, node) for key, node in _nodes(resource)):
        return True
    text = f" {fold(' '.join(_texts(resource)))} "
    return any(f" {word} " in text for word in stays.words)


def _nodes(resource: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object in a resource, with the name of the element that it is the value of."""
    pending: list[tuple[str, Any]] = [("", resource)]
    while pending:
        key, node = pending.pop()
        if isinstance(node, dict):
            yield key, node
            pending += list(node.items())
        elif isinstance(node, list):
            pending += [(key, one) for one in node]


def _texts(resource: dict[str, Any]) -> Iterator[str]:
    for _, node in _nodes(resource):
        for value in node.values():
            yield from (one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str))


def _shows(key: str, node: dict[str, Any]) -> bool:
    """Whether something in a resource is an appointment, or tells in words of one."""
    kinds = (node.get("resourceType"), node.get("type"), str(node.get("reference", "")).split("/")[0])
    is_one = any(isinstance(kind, str) and kind in OF_THE_AGENDA for kind in kinds)
    return is_one or (key == "appointment" and "display" in node)


def _is_of_words(key: str, node: dict[str, Any]) -> bool:
    """Whether this is a reference that has words only: nobody can say to what. A code has words too, and a code."""
    is_reference = "display" in node and not {"reference", "code", "system"} & set(node)
    return is_reference and key not in _WHO


def _resource(source: bytes) -> dict[str, Any] | None:
    try:
        resource = msgspec.json.decode(source)
    except (msgspec.DecodeError, RecursionError):
        return None
    return resource if isinstance(resource, dict) else None


def source_tells_more(source: bytes, patient: PatientBody, earlier: Sequence[PatientBody] = ()) -> bool:
    """Whether a resource, as it came, would carry what the extract withholds: a number, an address, relatives.

    It does when it contains a person, names its patient otherwise than by a plain reference, or holds one of the
    identity's withheld values anywhere, in a narrative for instance; also one of an `earlier` identity, a competing
    one, or that of a record that was merged into this. When in doubt it stays.
    """
    resource = _resource(source)
    if resource is None or resource.get("resourceType") in PEOPLE:
        return True
    contained = resource.get("contained")
    if any(isinstance(one, dict) and one.get("resourceType") in PEOPLE for one in contained or ()):
        return True
    if any(set(_as_mapping(resource.get(name))) - PLAIN_REFERENCE for name in SUBJECTS):
        return True
    text = _squeezed(msgspec.json.encode(resource).decode())
    withheld = {value for one in (patient, *earlier) for value in _withheld(one)} - set(_told(patient))
    return any(_squeezed(value) in text for value in withheld)


def _squeezed(text: str) -> str:
    """Without spaces: a number is written with or without them."""
    return "".join(text.split())


def _as_mapping(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _told(patient: PatientBody) -> list[str]:
    """The numbers that travel with the identity."""
    return [patient.ins, patient.ins[:13]] if patient.identity_status == QUALIFIED else []


def _withheld(patient: PatientBody) -> list[str]:
    numbers = [patient.ins, patient.ins[:13]] if patient.identity_status != QUALIFIED else []
    relatives = [text for contact in patient.contacts for text in (contact.name, contact.phone)]
    return [text for text in (*numbers, patient.phone, patient.address, *relatives) if len(text) >= SHORTEST_VALUE]
