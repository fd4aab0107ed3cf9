"""Extracts: what one consent lets one colleague know about one patient. Pure; the gate has chosen the entries."""

from collections.abc import Sequence

import msgspec

from localstore.bodies import Body, PatientBody, RelativeBody
from localstore.model import Entry
from localstore.terms import Terms
from sync.documents import Extract

QUALIFIED = "qualified"
PEOPLE = frozenset({"Patient", "RelatedPerson", "Person"})
SUBJECTS = ("subject", "patient", "beneficiary", "individual", "for")
PLAIN_REFERENCE = frozenset({"reference", "type"})
SHORTEST_VALUE = 5  # a shorter one is found in any text


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
    also: Sequence[PatientBody] = (),
) -> Extract:
    """The extract. Where an entry came from inside this practice (a file name, another colleague) stays here, and so
    does a verbatim source that tells more of the patient than `identity_to_share` does. `also` are the identities under
    which the patient is registered besides: what was written in those records goes as this patient's."""
    return Extract(
        consent=consent,
        terms=terms,
        patient_id=patient_id,
        patient=identity_to_share(patient),
        entries=tuple(_entry_to_share(entry, patient_id, (patient, *also)) for entry in entries),
        as_of=as_of,
        supersedes=supersedes,
    )


def _entry_to_share(entry: Entry, patient_id: str, identities: Sequence[PatientBody]) -> Entry:
    body = travelling(entry.body)
    if entry.source and any(source_tells_more(entry.source, one) for one in identities):
        return msgspec.structs.replace(entry, patient=patient_id, body=body, origin="", source=b"", source_url="")
    return msgspec.structs.replace(entry, patient=patient_id, body=body, origin="")


def travelling(body: Body) -> Body:
    """A body as it travels: that a relative is a patient of this practice too is nobody else's business, and what such
    a link names elsewhere means nothing here."""
    return msgspec.structs.replace(body, patient="") if isinstance(body, RelativeBody) else body


def source_tells_more(source: bytes, patient: PatientBody) -> bool:
    """Whether a resource, as it came, would carry what the extract withholds: a number, an address, relatives.

    It does when it contains a person, names its patient otherwise than by a plain reference, or holds one of the
    identity's withheld values anywhere, in a narrative for instance. When in doubt it stays.
    """
    try:
        resource = msgspec.json.decode(source)
    except (msgspec.DecodeError, RecursionError):
        return True
    if not isinstance(resource, dict) or resource.get("resourceType") in PEOPLE:
        return True
    contained = resource.get("contained")
    if any(isinstance(one, dict) and one.get("resourceType") in PEOPLE for one in contained or ()):
        return True
    if any(set(_as_mapping(resource.get(name))) - PLAIN_REFERENCE for name in SUBJECTS):
        return True
    text = _squeezed(msgspec.json.encode(resource).decode())
    return any(_squeezed(value) in text for value in _withheld(patient))


def _squeezed(text: str) -> str:
    """Without spaces: a number is written with or without them."""
    return "".join(text.split())


def _as_mapping(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _withheld(patient: PatientBody) -> list[str]:
    numbers = [patient.ins, patient.ins[:13]] if patient.identity_status != QUALIFIED else []
    relatives = [text for contact in patient.contacts for text in (contact.name, contact.phone)]
    return [text for text in (*numbers, patient.phone, patient.address, *relatives) if len(text) >= SHORTEST_VALUE]
