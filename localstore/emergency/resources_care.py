"""The resources of what surrounds the patient: devices, the family's diseases, directives, the care team.

Apart from `resources`, which has the findings and the treatments. The same rules: nothing is guessed, and what FHIR
cannot carry is said in words.
"""

from base64 import b64encode

from localstore.bodies import CarerBody, DeviceBody, DirectiveBody, DocumentBody, FamilyHistoryBody
from localstore.emergency.fhirvalues import (
    IPS,
    LOINC,
    SNOMED,
    TERMINOLOGY,
    Json,
    author_id,
    base,
    clean,
    coded,
    concept,
    dated,
    fhir_date,
    identifier,
    media_type,
    notes,
    odd_date,
    period,
    pruned,
    reference,
    said,
)
from localstore.emergency.sections import Item
from localstore.values import Attachment, Concept

RPPS = "https://rpps.esante.gouv.fr"
NO_DEVICE = coded(SNOMED, "787483001", "No known device use (situation)")
DEVICE_STATES = frozenset({"active", "completed", "stopped"})
DIRECTIVES = coded(LOINC, "42348-3", "Advance directives")


def device_use(item: Item, body: DeviceBody, patient: Json) -> list[Json]:
    """DeviceUseStatement, and the Device that it points to; or the statement that there is none."""
    state = body.state if body.state in DEVICE_STATES else "active"
    span = period(item.date, body.end)
    device = _device(item, body, patient)
    use = pruned(
        {
            **base("DeviceUseStatement", item.entry, f"{IPS}DeviceUseStatement-uv-ips"),
            "status": state,
            "subject": patient,
            **({"timingPeriod": span} if span else dated("timingDateTime", "")),
            "recordedOn": fhir_date(item.entry.recorded),
            "source": reference(author_id(item.entry.author)),
            "device": reference(device["id"]),
            "bodySite": concept(body.body_site) if body.body_site != Concept() else None,
            "note": notes(
                body.note,
                odd_date(item.date),
                f"Fin notée : {body.end}" if body.end and "end" not in span else "",
                f"État : {body.state}" if state != body.state else "",
            ),
        }
    )
    return [use, device]


def _device(item: Item, body: DeviceBody, patient: Json) -> Json:
    identity = clean(body.identifier)
    return pruned(
        {
            "resourceType": "Device",
            "id": identifier("device", item.entry.id, item.entry.version),
            "meta": {"profile": [f"{IPS}Device-uv-ips"]},
            "identifier": [{"value": identity}] if identity else None,
            "manufacturer": clean(body.manufacturer),
            "type": NO_DEVICE if body.none_known else concept(body.device),
            "patient": patient,
        }
    )


def family(item: Item, body: FamilyHistoryBody, patient: Json) -> Json:
    """FamilyMemberHistory: what one relative had. The age is that of the first disease."""
    conditions: list[Json] = [{"code": concept(one)} for one in body.conditions]
    if body.onset_age is not None and conditions:
        conditions[0]["onsetAge"] = {
            "value": body.onset_age,
            "unit": "ans",
            "system": "http://unitsofmeasure.org",
            "code": "a",
        }
    died = fhir_date(body.deceased)
    return pruned(
        {
            **base("FamilyMemberHistory", item.entry),
            "status": "completed",
            "patient": patient,
            "date": fhir_date(item.entry.date),
            "relationship": concept(body.relationship),
            "deceasedDate": died,
            "deceasedBoolean": True if body.deceased and not died else None,
            "note": notes(
                body.note,
                odd_date(body.deceased) if body.deceased != "yes" else "",
                f"À partir de {body.onset_age} ans" if body.onset_age is not None and not conditions else "",
            ),
            "condition": conditions,
        }
    )


def directive(item: Item, body: DirectiveBody | DocumentBody, patient: Json) -> Json:
    """DocumentReference: an advance directive, with its text or its file. A file that lies in the record in pieces is
    named, with its type, and not carried."""
    words = body.text
    if isinstance(body, DirectiveBody) and body.place.strip():
        words = "\n\n".join(part for part in (words, f"Original : {body.place}") if part)
    found = [_attachment(words.encode("utf-8", "replace"), "text/plain; charset=utf-8", item.label)] if words else []
    if body.content:
        found = [_attachment(body.content, body.media_type, item.label), *found[: int(isinstance(body, DirectiveBody))]]
    if body.attachment is not None:
        found.append(_filed(body.attachment))
    return pruned(
        {
            **base("DocumentReference", item.entry),
            "status": "current",
            "type": concept(body.type) if body.type.codings else DIRECTIVES,
            "subject": patient,
            "author": [reference(author_id(item.entry.author))],
            "description": clean(item.label),
            "content": [{"attachment": one} for one in found or [{"title": clean(item.label)}]],
            "context": pruned({"period": period(item.date, "")}),
        }
    )


def _attachment(content: bytes, kind: str, title: str) -> Json:
    data = b64encode(content).decode("ascii")
    return pruned({"contentType": media_type(kind), "data": data, "title": clean(title)})


def _filed(attachment: Attachment) -> Json:
    title = clean(attachment.name) or "fichier"
    return {"contentType": media_type(attachment.media_type), "title": f"{title} (dans le dossier, non joint)"}


def carer(item: Item, body: CarerBody, patient: Json) -> Json:
    """CareTeam with one participant: a carer of the patient, with his function, number and telephone."""
    number, phone = clean(body.rpps), clean(body.phone)
    who = pruned(
        {
            "type": "Practitioner",
            "identifier": {"system": RPPS, "value": number} if number else None,
            "display": clean(body.name) or "nom non renseigné",
        }
    )
    organisation = clean(body.organisation)
    participant = {
        "role": [concept(body.role)] if body.role != Concept() else None,
        "member": who,
        "onBehalfOf": {"display": organisation} if organisation else None,
    }
    return pruned(
        {
            **base("CareTeam", item.entry),
            "status": "active",
            "category": [coded(LOINC, "LA28865-6", "Longitudinal care-coordination focused care team")],
            "name": clean(body.name),
            "subject": patient,
            "period": period(item.date, body.end),
            "participant": [pruned(participant)],
            "telecom": [{"system": "phone", "value": phone}] if phone else None,
            "note": notes(body.note, odd_date(item.date), odd_date(body.end)),
        }
    )


def trusted_or_called(trusted: bool, relationship: Concept) -> list[Json]:
    """What a person to call is to the patient: his relationship, and that he is called in an emergency."""
    found = [concept(relationship)] if relationship != Concept() else []
    found.append(coded(f"{TERMINOLOGY}v2-0131", "C", "Emergency Contact"))
    return [*found, said("Personne de confiance")] if trusted else found
