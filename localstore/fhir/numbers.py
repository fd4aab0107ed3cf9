"""The French numbers among a resource's identifiers whose check digits do not fit: reason to warn, never to refuse."""

from typing import Any, NamedTuple

from localstore.identity import INS_NIA_OID, INS_NIR_OID, TEST_OIDS, is_finess, is_ins, is_rpps

# The systems under which the numbers travel (HL7 France, FR Core; ANS, annexe "identifiants"). IDNPS and IDNST put a
# digit before the number that says which kind it is.
_INS = frozenset(f"urn:oid:{oid}" for oid in (INS_NIR_OID, INS_NIA_OID, *TEST_OIDS))
_RPPS, _IDNPS = "https://rpps.esante.gouv.fr", "urn:oid:1.2.250.1.71.4.2.1"
_FINESS, _IDNST = "https://finess.esante.gouv.fr", "urn:oid:1.2.250.1.71.4.2.2"
_IDNPS_RPPS, _IDNST_FINESS = "8", "1"


class WrongNumber(NamedTuple):
    """Which identifier of a resource, by its place in the list, and what kind of number it says to be."""

    place: str
    kind: str


def wrong_numbers(resource: dict[str, Any]) -> list[WrongNumber]:
    """The identifiers of a decoded resource with wrong check digits."""
    identifiers = resource.get("identifier")
    found = []
    for index, one in enumerate(identifiers if type(identifiers) is list else ()):
        system, value = (one.get("system"), one.get("value")) if type(one) is dict else (None, None)
        if type(system) is str and type(value) is str and (kind := _wrong_kind(system, value)):
            found.append(WrongNumber(f"identifier[{index}]", kind))
    return found


def _wrong_kind(system: str, value: str) -> str:
    if system in _INS:
        return "" if is_ins(value) else "INS"
    if system == _RPPS or (system == _IDNPS and value.startswith(_IDNPS_RPPS)):
        number = value if system == _RPPS else value[1:]
        return "" if is_rpps(number) else "RPPS"
    if system == _FINESS or (system == _IDNST and value.startswith(_IDNST_FINESS)):
        number = value if system == _FINESS else value[1:]
        return "" if is_finess(number) else "FINESS"
    return ""
