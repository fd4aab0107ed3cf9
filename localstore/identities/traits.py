"""What an identity rests on: the strict traits, and what a status or an attribute asks of them. Pure.

The rules are those of the Référentiel national d'identitovigilance (RNIV 1) and of the INS implementation guide. A
doubt is a reason to ask whoever types an identity to look again. Nothing is refused: official examples break these
rules, and what an import brings is kept as it came.
"""

import re
from enum import StrEnum

from localstore.bodies import PatientBody
from localstore.identity import INS_NIA_OID, INS_NIR_OID, TEST_OIDS, is_ins, is_rpps

PROVISIONAL, RETRIEVED, VALIDATED, QUALIFIED = "provisional", "retrieved", "validated", "qualified"
STATUSES = (PROVISIONAL, RETRIEVED, VALIDATED, QUALIFIED)
HOMONYM, DOUBTFUL, FICTITIOUS = "homonym", "doubtful", "fictitious"
ATTRIBUTES = (HOMONYM, DOUBTFUL, FICTITIOUS)
KNOWN_OIDS = frozenset({INS_NIR_OID, INS_NIA_OID, *TEST_OIDS})

# The code of a commune or, from 99, of a country: 5 characters of the Code officiel géographique.
PLACE_CODE = re.compile(r"(?:\d\d|2[AB])\d{3}", re.ASCII)
_SEX_OF_DIGIT = {"1": "male", "2": "female", "7": "male", "8": "female"}  # 7 and 8: numbers for the time being
_WHOLE_DATE = 10


class Trait(StrEnum):
    """A strict trait: what the national identity is compared by."""

    FAMILY_NAME = "family_name"
    GIVEN_NAMES = "given_names"
    BIRTH_DATE = "birth_date"
    SEX = "sex"
    BIRTH_PLACE = "birth_place"


class Doubt(StrEnum):
    """What should be looked at again before an identity is kept."""

    INS_KEY = "ins-key"
    INS_KIND = "ins-kind"
    INS_TEST = "ins-test"
    INS_SEX = "ins-sex"
    INS_BIRTH = "ins-birth"
    STATUS_UNKNOWN = "status-unknown"
    STATUS_TRAITS = "status-traits"
    STATUS_INS = "status-ins"
    STATUS_EVIDENCE = "status-evidence"
    STATUS_ATTRIBUTE = "status-attribute"
    QUALIFIED = "qualified"
    ATTRIBUTE_UNKNOWN = "attribute-unknown"
    DOCTOR_RPPS = "doctor-rpps"


def missing(body: PatientBody) -> tuple[Trait, ...]:
    """The strict traits that are not known, in their usual order. A birth place counts when it is a code; a birth date
    when it is a whole day; a sex when it is male or female."""
    known = {
        Trait.FAMILY_NAME: bool(body.family_name.strip()),
        Trait.GIVEN_NAMES: any(name.strip() for name in body.given_names),
        Trait.BIRTH_DATE: len(body.birth_date) == _WHOLE_DATE,
        Trait.SEX: body.sex in ("male", "female"),
        Trait.BIRTH_PLACE: PLACE_CODE.fullmatch(body.birth_place) is not None,
    }
    return tuple(trait for trait, is_known in known.items() if not is_known)


def allowed(body: PatientBody) -> tuple[str, ...]:
    """The statuses that this identity may have by the rules. Which of them it has, only a person can say: that a
    number was obtained from the national service, and that a paper was looked at."""
    return tuple(status for status in STATUSES if not _objections(body, status))


def doubts(body: PatientBody, before: PatientBody | None = None) -> tuple[Doubt, ...]:
    """What should be looked at again. Of an identity that is corrected, what is new since `before`."""
    found = [*_of_number(body), *_of_status(body)]
    found += [Doubt.ATTRIBUTE_UNKNOWN] * any(one not in ATTRIBUTES for one in body.identity_attributes)
    found += [Doubt.DOCTOR_RPPS] * bool(body.treating_doctor_rpps and not is_rpps(body.treating_doctor_rpps))
    known = frozenset() if before is None else frozenset(doubts(before))
    return tuple(one for one in found if one not in known)


def is_test(body: PatientBody) -> bool:
    """Whether the number is of a range that no person has a number of."""
    return bool(body.ins) and body.ins_oid in TEST_OIDS


def _of_number(body: PatientBody) -> list[Doubt]:
    if not body.ins:
        return []
    if not is_ins(body.ins):
        return [Doubt.INS_KEY]
    found = []
    if body.ins_oid not in KNOWN_OIDS:
        found.append(Doubt.INS_KIND)
    elif is_test(body) and FICTITIOUS not in body.identity_attributes:
        found.append(Doubt.INS_TEST)
    if body.sex in ("male", "female") and _SEX_OF_DIGIT.get(body.ins[0], body.sex) != body.sex:
        found.append(Doubt.INS_SEX)
    if not _fits_birth(body.ins, body.birth_date):
        found.append(Doubt.INS_BIRTH)
    return found


def _fits_birth(ins: str, birth_date: str) -> bool:
    """Whether year and month of a number are those of the birth date, as far as both say them. A month that is none
    (20 and above) stands for one that was not known when the number was given."""
    if birth_date[2:4] and ins[1:3] != birth_date[2:4]:
        return False
    return not (birth_date[5:7] and "01" <= ins[3:5] <= "12" and ins[3:5] != birth_date[5:7])


def _of_status(body: PatientBody) -> list[Doubt]:
    if body.identity_status not in STATUSES:
        return [Doubt.STATUS_UNKNOWN]
    found = _objections(body, body.identity_status)
    # Only the national service can qualify an identity. Offline it can be recorded that it did.
    return found or [Doubt.QUALIFIED] * (body.identity_status == QUALIFIED)


def _objections(body: PatientBody, status: str) -> list[Doubt]:
    if status == PROVISIONAL:
        return []
    found = []
    if missing(body):
        found.append(Doubt.STATUS_TRAITS)
    if status in (RETRIEVED, QUALIFIED) and not (is_ins(body.ins) and body.ins_oid in (INS_NIR_OID, INS_NIA_OID)):
        found.append(Doubt.STATUS_INS)
    if status in (VALIDATED, QUALIFIED):
        found += [Doubt.STATUS_EVIDENCE] * (not body.identity_evidence.strip())
        found += [Doubt.STATUS_ATTRIBUTE] * any(one in (DOUBTFUL, FICTITIOUS) for one in body.identity_attributes)
    return found
