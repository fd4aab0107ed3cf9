"""An identity as a FHIR R4 Patient, after FR Core: birth name official, used name usual, INS under its OID."""

import re
from typing import Any

from localstore.bodies import PatientBody
from localstore.fhir import codes
from localstore.fhir.dates import is_fhir_date
from localstore.fhir.write_values import (
    Json,
    coded,
    coding,
    date_time,
    extension,
    practitioner,
    present,
    said,
    undated,
)
from localstore.values import Coding, Contact

INSEE_LENGTH = 5
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")  # BCP 47, without its rarities
INSEE_CORSICA = ("2A", "2B")


def patient(body: PatientBody) -> Json:
    """The fields of a Patient that come from its body."""
    names = [present(use="official", family=body.family_name, given=[one for one in body.given_names if one])]
    if body.used_name:
        names.append(present(use="usual", family=body.used_name))
    doctor = practitioner(body.treating_doctor, body.treating_doctor_rpps)
    return present(
        extension=_extensions(body),
        identifier=_ins(body),
        name=names,
        telecom=_phone(body.phone) + ([present(system="email", value=body.email)] if body.email else []),
        gender=body.sex if body.sex in codes.GENDERS else "unknown",
        birthDate=body.birth_date if is_fhir_date(body.birth_date) else "",
        **_deceased(body.deceased),
        address=_address(body),
        contact=[one for contact in body.contacts if (one := _contact(contact))],
        communication=_communication(body.language),
        generalPractitioner=[doctor] if doctor else [],
    )


def _extensions(body: PatientBody) -> list[Json]:
    status = codes.IDENTITY_CODES.get(body.identity_status, codes.IDENTITY_CODES["provisional"])
    reliability = extension("identityStatus", valueCoding={"system": codes.FR_IDENTITY_CODES, "code": status})
    found: list[Json] = [{"url": codes.FR_IDENTITY, "extension": [reliability]}]
    if body.identity_status in codes.IDENTITY_CODES:
        found.append(extension(codes.OWN_IDENTITY_STATUS, valueCode=body.identity_status))
    for attribute in body.identity_attributes:
        if code := codes.IDENTITY_ATTRIBUTES.get(attribute):
            coded_as = {"system": codes.FR_IDENTITY_CODES, "code": code}
            found.append(extension(codes.OWN_IDENTITY_ATTRIBUTE, valueCoding=coded_as))
    if body.identity_evidence:
        found.append(extension(codes.OWN_IDENTITY_EVIDENCE, valueString=body.identity_evidence))
    if body.birth_place:
        found.append(extension(codes.BIRTH_PLACE, valueAddress=_birth_place(body.birth_place)))
    if body.birth_date and not is_fhir_date(body.birth_date):
        found.append(extension(codes.OWN_BIRTH_DATE, valueString=body.birth_date))
    if body.deceased and body.deceased != "yes":
        found += undated(codes.OWN_DECEASED, body.deceased)
    return found


def _birth_place(place: str) -> Json:
    if not _is_insee(place):
        return present(text=place)
    commune = coding(Coding(codes.COMMUNES, place))
    return {"extension": [extension(codes.FR_INSEE, valueCoding=commune)]}


def _is_insee(text: str) -> bool:
    """Whether this is the code of a commune: 5 digits, or 2A or 2B and 3 digits."""
    digits = text[2:] if text[:2] in INSEE_CORSICA else text
    return len(text) == INSEE_LENGTH and digits.isascii() and digits.isdigit()


def _communication(language: str) -> list[Json]:
    """The language that he prefers: a code where it is one, else words."""
    if not language:
        return []
    known = _LANGUAGE.fullmatch(language) is not None
    return [{"language": coded(codes.LANGUAGE, language) if known else present(text=language), "preferred": True}]


def _ins(body: PatientBody) -> list[Json]:
    if not body.ins or body.ins_oid not in codes.INS_TYPES:
        return []
    # FR Core: the number of somebody who is still waiting for one (NIA) is temporary.
    kind = codes.INS_TYPES[body.ins_oid]
    use = "temp" if kind == "INS-NIA" else "official"
    return [
        {
            "use": use,
            "type": coded(codes.FR_IDENTIFIER_TYPE, kind),
            **present(system=codes.OID + body.ins_oid, value=body.ins),
        }
    ]


def _phone(phone: str) -> list[Json]:
    return [present(system="phone", value=phone)] if phone else []


def _deceased(deceased: str) -> dict[str, Any]:
    if date_time(deceased):
        return {"deceasedDateTime": deceased}
    return {"deceasedBoolean": True} if deceased else {}


def _address(body: PatientBody) -> list[Json]:
    address = present(line=[body.address] if body.address else [], city=body.town, postalCode=body.postal_code)
    return [address] if address else []


def _contact(contact: Contact) -> Json:
    role = said(contact.relationship)
    return present(
        relationship=[role] if role else [],
        name=present(text=contact.name),
        telecom=_phone(contact.phone),
    )
