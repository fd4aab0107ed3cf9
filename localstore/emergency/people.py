"""The people of a patient summary as FHIR R4 resources: the patient, the authors, the practice."""

import msgspec

from localstore.bodies import PatientBody, RelativeBody
from localstore.emergency import identity
from localstore.emergency.fhirvalues import (
    IPS,
    Json,
    absent,
    author_id,
    clean,
    coded,
    dated,
    fhir_date,
    fhir_day,
    identifier,
    pruned,
    reference,
)
from localstore.emergency.resources_care import trusted_or_called
from localstore.emergency.sections import SectionName, Summary
from localstore.values import Author, Contact

RPPS = "https://rpps.esante.gouv.fr"
FRENCH_IDENTIFIERS = "https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0203"
INS_CODES = {
    "1.2.250.1.213.1.4.8": "INS-NIR",
    "1.2.250.1.213.1.4.9": "INS-NIA",
    "1.2.250.1.213.1.4.10": "INS-NIR-TEST",
}
BIRTH_PLACE = "http://hl7.org/fhir/StructureDefinition/patient-birthPlace"
GENDERS = frozenset({"male", "female", "other", "unknown"})


def patient_id(summary: Summary) -> str:
    """The id of the patient's resource."""
    traits = summary.patient_id or msgspec.msgpack.encode(summary.patient).hex()
    return identifier("patient", traits)


def organization_id(practice: str) -> str:
    """The id of the practice's resource."""
    return identifier("practice", practice)


def patient(summary: Summary) -> Json:
    """Patient, after Patient-uv-ips: a name and a birth date, or why they are absent."""
    body = summary.patient
    return pruned(
        {
            "resourceType": "Patient",
            "id": patient_id(summary),
            "meta": {"profile": [f"{IPS}Patient-uv-ips"]},
            "extension": _birth_place(body),
            "identifier": _insurance(body),
            "name": _names(body),
            "telecom": _phone(body.phone),
            "gender": body.sex if body.sex in GENDERS else "unknown",
            **_birth_date(body),
            **_death(body),
            "address": _address(body),
            "contact": [*_relatives(summary), *(_contact(one) for one in identity.other_contacts(summary))],
            "generalPractitioner": _treating_doctor(body),
        }
    )


def _treating_doctor(body: PatientBody) -> list[Json]:
    name, number = clean(body.treating_doctor), clean(body.treating_doctor_rpps)
    who = pruned({"display": name, "identifier": {"system": RPPS, "value": number} if number else None})
    return [who] if who else []


def _birth_place(body: PatientBody) -> list[Json]:
    place = clean(body.birth_place)
    return [{"url": BIRTH_PLACE, "valueAddress": {"text": place}}] if place else []


def _insurance(body: PatientBody) -> list[Json]:
    """The INS travels only when the identity is qualified (Référentiel INS)."""
    number = clean(body.ins)
    if not number or body.identity_status != identity.QUALIFIED:
        return []
    kind = INS_CODES.get(body.ins_oid)
    return [
        pruned(
            {
                "use": "official",
                "type": coded(FRENCH_IDENTIFIERS, kind) if kind else None,
                "system": f"urn:oid:{body.ins_oid}" if kind else None,
                "value": number,
            }
        )
    ]


def _names(body: PatientBody) -> list[Json]:
    given = [clean(name) for name in body.given_names if clean(name)]
    words = clean(f"{body.family_name} {' '.join(given)}")
    if not words:
        return [absent()]
    names = [pruned({"use": "official", "text": words, "family": clean(body.family_name), "given": given})]
    if clean(body.used_name):
        used = clean(f"{body.used_name} {' '.join(given)}")
        names.append(pruned({"use": "usual", "text": used, "family": clean(body.used_name), "given": given}))
    return names


def _birth_date(body: PatientBody) -> Json:
    day = fhir_day(body.birth_date)
    return dated("birthDate", day or "")


def _death(body: PatientBody) -> Json:
    if not body.deceased:
        return {}
    date = fhir_date(body.deceased)
    return {"deceasedDateTime": date} if date else {"deceasedBoolean": True}


def _address(body: PatientBody) -> list[Json]:
    line = clean(body.address)
    built = pruned(
        {
            "line": [line] if line else None,
            "city": clean(body.town),
            "postalCode": clean(body.postal_code),
        }
    )
    return [built] if built else []


def _phone(number: str) -> list[Json]:
    return [{"system": "phone", "value": clean(number)}] if clean(number) else []


def _relatives(summary: Summary) -> list[Json]:
    """The relatives to be called, the person of trust first."""
    return [
        pruned(
            {
                "relationship": trusted_or_called(body.trusted, body.relationship),
                "name": {"text": clean(body.name) or "nom non renseigné"},
                "telecom": _phone(body.phone),
            }
        )
        for item in summary.section(SectionName.CONTACTS).items
        if isinstance(body := item.entry.body, RelativeBody)
    ]


def _contact(person: Contact) -> Json:
    """A person to call (pat-1: with at least a name)."""
    relationship = clean(person.relationship)
    return pruned(
        {
            "relationship": [{"text": relationship}] if relationship else None,
            "name": {"text": clean(person.name) or "nom non renseigné"},
            "telecom": _phone(person.phone),
        }
    )


def practitioner(author: Author) -> Json:
    """Practitioner: somebody who states an entry, or the whole document."""
    number, name = clean(author.rpps), clean(author.name)
    rpps = {"type": coded(FRENCH_IDENTIFIERS, "RPPS"), "system": RPPS, "value": number}
    return pruned(
        {
            "resourceType": "Practitioner",
            "id": author_id(author),
            "meta": {"profile": [f"{IPS}Practitioner-uv-ips"]},
            "identifier": [rpps] if number else None,
            "name": [{"text": name} if name else absent()],
        }
    )


def organization(practice: str) -> Json:
    """Organization: the practice that keeps the record."""
    return {
        "resourceType": "Organization",
        "id": organization_id(practice),
        "meta": {"profile": [f"{IPS}Organization-uv-ips"]},
        "name": clean(practice),
    }


def custodian(summary: Summary) -> Json | None:
    """The reference to the practice, where it has a name."""
    return reference(organization_id(summary.practice)) if clean(summary.practice) else None
