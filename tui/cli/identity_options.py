"""The options of `confrere patient new` and `patient amend`: an identity, field by field."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Annotated, Any

import msgspec
import typer

from localstore.bodies import PatientBody
from localstore.identity import INS_NIA_OID, INS_NIR_OID, INS_TEST_OID
from tui.cli.describing import iso_date
from tui.words.catalogue import text


class Sex(StrEnum):
    """The administrative sex (FHIR AdministrativeGender)."""

    MALE = "male"
    FEMALE = "female"
    OTHER = "other"
    UNKNOWN = "unknown"


class IdentityStatus(StrEnum):
    """How far the national identity is established (RNIV)."""

    PROVISIONAL = "provisional"
    RETRIEVED = "retrieved"
    VALIDATED = "validated"
    QUALIFIED = "qualified"


class InsKind(StrEnum):
    """Which range a number is of."""

    NIR = "nir"
    NIA = "nia"
    TEST = "test"


class Attribute(StrEnum):
    """What is said of an identity besides its status (RNIV)."""

    HOMONYM = "homonym"
    DOUBTFUL = "doubtful"
    FICTITIOUS = "fictitious"


OIDS = {"nir": INS_NIR_OID, "nia": INS_NIA_OID, "test": INS_TEST_OID}
IDENTITY = {
    "family_name": Annotated[str | None, typer.Option("--family", metavar="NAME", help=text("The birth name."))],
    "given_names": Annotated[
        list[str] | None,
        typer.Option("--given", metavar="NAME", help=text("A given name; may be given several times.")),
    ],
    "birth_date": Annotated[
        str | None, typer.Option("--birth", metavar="DATE", help=text("The birth date: 1958-07-03."))
    ],
    "sex": Annotated[Sex | None, typer.Option("--sex", help=text("male, female, other or unknown."))],
    "ins": Annotated[
        str | None, typer.Option("--ins", metavar="NUMBER", help=text("The INS: 13 characters and a key of 2."))
    ],
    "ins_oid": Annotated[
        InsKind | None, typer.Option("--ins-kind", help=text("Which range the INS is of: nir, nia or test."))
    ],
    "identity_status": Annotated[
        IdentityStatus | None,
        typer.Option("--identity-status", help=text("provisional, retrieved, validated or qualified.")),
    ],
    "identity_attributes": Annotated[
        list[Attribute] | None,
        typer.Option("--identity-attribute", help=text("homonym, doubtful or fictitious; may be given several times.")),
    ],
    "identity_evidence": Annotated[
        str | None,
        typer.Option("--evidence", metavar="WORDS", help=text("What the identity was checked against: passport.")),
    ],
    "used_name": Annotated[
        str | None, typer.Option("--used-name", metavar="NAME", help=text("The name in daily use."))
    ],
    "birth_place": Annotated[
        str | None,
        typer.Option("--birth-place", metavar="PLACE", help=text("The INSEE code of the place of birth, or words.")),
    ],
    "phone": Annotated[str | None, typer.Option("--phone", metavar="NUMBER", help=text("A telephone number."))],
    "email": Annotated[str | None, typer.Option("--email", metavar="ADDRESS", help=text("An e-mail address."))],
    "address": Annotated[str | None, typer.Option("--address", metavar="WORDS", help=text("Number and street."))],
    "postal_code": Annotated[str | None, typer.Option("--postal-code", metavar="CODE", help=text("The postal code."))],
    "town": Annotated[str | None, typer.Option("--town", metavar="TOWN", help=text("The town."))],
    "treating_doctor": Annotated[
        str | None, typer.Option("--treating-doctor", metavar="NAME", help=text("The treating doctor."))
    ],
    "treating_doctor_rpps": Annotated[
        str | None,
        typer.Option("--treating-doctor-rpps", metavar="NUMBER", help=text("The RPPS number of the treating doctor.")),
    ],
    "language": Annotated[
        str | None, typer.Option("--language", metavar="CODE", help=text("The patient's language: fr, en, ar."))
    ],
    "deceased": Annotated[
        str | None, typer.Option("--deceased", metavar="DATE", help=text("The date of death, or yes."))
    ],
}


def filled(body: PatientBody, given: Mapping[str, Any]) -> PatientBody:
    """The identity with the options that were given. A number whose range is not said is taken for a NIR."""
    changed = {field: value for field, value in given.items() if value is not None}
    reading: dict[str, Callable[[Any], Any]] = {
        "given_names": tuple,
        "birth_date": iso_date,
        "ins": plain_ins,
        "ins_oid": lambda kind: OIDS[str(kind)],
        "identity_attributes": lambda several: tuple(dict.fromkeys(str(one) for one in several)),
    }
    made = msgspec.structs.replace(body, **{name: reading.get(name, str)(value) for name, value in changed.items()})
    if not made.ins or not made.ins_oid:
        made = msgspec.structs.replace(made, ins_oid=INS_NIR_OID if made.ins else "")
    return made


def plain_ins(typed: str) -> str:
    """An INS without the spaces that it is printed with."""
    return "".join(typed.split()).upper()
