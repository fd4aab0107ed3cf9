"""People of care that a resource refers to: their numbers and how to reach them, as far as the source says."""

import msgspec

from localstore.fhir import codes
from localstore.fhir.people_shapes import Person
from localstore.fhir.reading import Reading
from localstore.fhir.shapes import ContactPoint, Identifier, Reference

RPPS_LENGTH = 11
RPPS_PREFIX = "8"  # of a national number (IDNPS) that is an RPPS number
PHONES = ("phone", "sms")


def rpps(reference: Reference | None, reading: Reading) -> str:
    """The RPPS number of whom a reference means, empty where the source does not tell it."""
    if reference is None:
        return ""
    if found := _rpps_in([reference.identifier] if reference.identifier else None):
        return found
    person = referred(reference, reading)
    if person is None:
        return ""
    if person.practitioner is not None and not _rpps_in(person.identifier):
        person = referred(person.practitioner, reading) or person  # a PractitionerRole names the one who has it
    return _rpps_in(person.identifier)


def referred(reference: Reference | None, reading: Reading) -> Person | None:
    """What a reference points to, in the shape of a person; None where it is out of reach or broken."""
    found = reading.referred(reference)
    if found is None:
        return None
    try:
        return msgspec.convert(found, Person)
    except msgspec.ValidationError:
        return None  # a broken neighbour; it is reported in its place


def _rpps_in(identifiers: list[Identifier] | None) -> str:
    for identifier in identifiers or ():
        value = identifier.value or ""
        if identifier.system == codes.RPPS and value:
            return value
        national = identifier.system == codes.NATIONAL_PRACTITIONER and value.startswith(RPPS_PREFIX)
        if national and len(value) == RPPS_LENGTH + 1:
            return value[1:]
    return ""


def phone(points: list[ContactPoint] | None) -> str:
    """The first telephone number that is in use."""
    for point in points or ():
        if point.value and point.system in PHONES and point.use != "old":
            return point.value.removeprefix("tel:")
    return ""


def email(points: list[ContactPoint] | None) -> str:
    """The first electronic address that is in use."""
    for point in points or ():
        if point.value and point.system == "email" and point.use != "old":
            return point.value.removeprefix("mailto:")
    return ""
