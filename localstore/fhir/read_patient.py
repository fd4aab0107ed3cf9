"""Identities: French ones (INS, FR Core) and everybody else's, as the source claims them."""

from localstore.bodies import PatientBody
from localstore.fhir import codes, remarks
from localstore.fhir.read_practitioner import email, phone, rpps
from localstore.fhir.read_values import code_in, words
from localstore.fhir.reading import Reading, own, own_text
from localstore.fhir.shapes import (
    Address,
    CodeableConcept,
    HumanName,
    Identifier,
    Patient,
    PatientContact,
)
from localstore.kinds import Status
from localstore.values import Contact

# Which name is the identity's, best first: the official one is the birth name in France (FR Core).
NAME_USES = ("official", None, "usual", "temp", "maiden", "anonymous", "nickname", "old")
DECEASED = "yes"
VALIDATED = "VALI"
_ATTRIBUTES = {code: attribute for attribute, code in codes.IDENTITY_ATTRIBUTES.items()}


def patient(source: Patient, reading: Reading) -> tuple[PatientBody, str, Status]:
    """A Patient. It has no clinical date."""
    official = _name(source.name)
    family, given = _names(official)
    number, oid = _ins(source.identifier)
    address = _address(source.address)
    doctor = source.generalPractitioner[0] if source.generalPractitioner else None
    in_error = reading.own_text(codes.OWN_STATUS) == codes.ENTERED_IN_ERROR
    body = PatientBody(
        family_name=family,
        given_names=given,
        birth_date=reading.date(source.birthDate).partition("T")[0] or reading.own_text(codes.OWN_BIRTH_DATE),
        sex=_sex(source.gender, reading),
        used_name=_used_name(source.name, official),
        birth_place=_birth_place(reading),
        ins=number,
        ins_oid=oid,
        identity_status=_identity_status(reading, bool(number)),
        identity_attributes=_identity_attributes(reading),
        identity_evidence=_identity_evidence(reading),
        deceased=_deceased(source, reading),
        phone=phone(source.telecom),
        email=email(source.telecom),
        address=_street(address),
        postal_code=(address.postalCode or "") if address else "",
        town=(address.city or "") if address else "",
        language=_language(source),
        treating_doctor=reading.name_of(doctor),
        treating_doctor_rpps=rpps(doctor, reading),
        contacts=tuple([_contact(contact, reading) for contact in source.contact or ()]),
    )
    return body, "", Status.ENTERED_IN_ERROR if in_error else Status.FINAL


def _name(names: list[HumanName] | None) -> HumanName | None:
    for use in NAME_USES:
        for name in names or ():
            if name.use == use:
                return name
    return names[0] if names else None


def _names(name: HumanName | None) -> tuple[str, tuple[str, ...]]:
    """The family name, and all given names of the birth certificate where FR Core's extension lists them."""
    if name is None:
        return "", ()
    given = tuple([one for one in name.given or () if one])
    listed = tuple(own_text(name.extension, codes.FR_BIRTH_GIVEN_NAMES).split())
    if len(given) == 1 and len(listed) > 1 and listed[0] == given[0]:
        given = listed
    return name.family or ("" if given else name.text or ""), given


def _used_name(names: list[HumanName] | None, official: HumanName | None) -> str:
    for name in names or ():
        if name.use == "usual" and name is not official and name.family:
            return name.family
    return ""


def _sex(gender: str | None, reading: Reading) -> str:
    if gender in codes.GENDERS:
        return gender
    if gender:
        reading.remarks.append(remarks.SEX.format(gender))
    return "unknown"


def _ins(identifiers: list[Identifier] | None) -> tuple[str, str]:
    """The INS and the OID that says which kind it is. A disabled one (`old`) is none."""
    for identifier in identifiers or ():
        system = identifier.system or ""
        oid = system.removeprefix(codes.OID)
        if oid in codes.INS_TYPES and identifier.value and identifier.use != "old":
            return identifier.value, oid
    return "", ""


def _identity_status(reading: Reading, has_ins: bool) -> str:
    """Our own word for it if there is one, else what FR Core's code means with or without an INS."""
    stated = reading.own_text(codes.OWN_IDENTITY_STATUS)
    reliability = own(reading.extensions, codes.FR_IDENTITY)
    status = own(reliability.extension, "identityStatus") if reliability else None
    code = status.valueCoding.code if status and status.valueCoding else None
    if stated in codes.IDENTITY_CODES and code in (None, codes.IDENTITY_CODES[stated]):
        return stated
    if code == VALIDATED:
        return "qualified" if has_ins else "validated"
    return "retrieved" if code == "PROV" and has_ins else "provisional"


def _identity_attributes(reading: Reading) -> tuple[str, ...]:
    """Homonym, doubtful, fictitious: from our own extensions, and from FR Core's code where it says nothing else."""
    stated = [one.valueCoding for one in reading.extensions or () if one.url == codes.OWN_IDENTITY_ATTRIBUTE]
    found = [coding.code for coding in stated if coding is not None]
    reliability = own(reading.extensions, codes.FR_IDENTITY)
    for one in (reliability.extension or ()) if reliability else ():
        if one.url == "identityStatus" and one.valueCoding:
            found.append(one.valueCoding.code)
    return tuple([_ATTRIBUTES[code] for code in found if code in _ATTRIBUTES])


def _identity_evidence(reading: Reading) -> str:
    """What the identity was checked against: our own words for it, else FR Core's mode of validation."""
    if stated := reading.own_text(codes.OWN_IDENTITY_EVIDENCE):
        return stated
    reliability = own(reading.extensions, codes.FR_IDENTITY)
    mode = own(reliability.extension, "validationMode") if reliability else None
    return (mode.valueCoding.display or mode.valueCoding.code or "") if mode and mode.valueCoding else ""


def _language(source: Patient) -> str:
    """The language that he prefers, else the first one."""
    spoken = source.communication or []
    chosen = next((one for one in spoken if one.preferred), spoken[0] if spoken else None)
    return code_in(chosen.language, codes.LANGUAGE) or words(chosen.language) if chosen else ""


def _birth_place(reading: Reading) -> str:
    """The INSEE code of the commune, else the words of the place."""
    extension = own(reading.extensions, codes.BIRTH_PLACE)
    place = extension.valueAddress if extension else None
    if place is None:
        return ""
    insee = own(place.extension, codes.FR_INSEE)
    if insee and insee.valueCoding and insee.valueCoding.code:
        return insee.valueCoding.code
    return place.text or ", ".join([part for part in (place.city, place.state, place.country) if part])


def _deceased(source: Patient, reading: Reading) -> str:
    if source.deceasedDateTime:
        return reading.date(source.deceasedDateTime) or DECEASED
    return (reading.own_text(codes.OWN_DECEASED) or DECEASED) if source.deceasedBoolean else ""


def _address(addresses: list[Address] | None) -> Address | None:
    current = [address for address in addresses or () if address.use != "old"]
    return next((address for address in current if address.use == "home"), current[0] if current else None)


def _street(address: Address | None) -> str:
    if address is None:
        return ""
    lines = ", ".join([line for line in address.line or () if line])
    return lines or ("" if address.city or address.postalCode else address.text or "")


def _contact(source: PatientContact, reading: Reading) -> Contact:
    name = source.name.text if source.name and source.name.text else ""
    family, given = _names(source.name)
    name = name or " ".join([*given, family]).strip() or reading.name_of(source.organization)
    roles = [_role(relationship) for relationship in source.relationship or ()]
    return Contact(name, "; ".join([role for role in roles if role]), phone(source.telecom))


def _role(source: CodeableConcept) -> str:
    label = words(source)
    return label if source.text else remarks.ROLES.get(label, label)  # what is said in words is no code
