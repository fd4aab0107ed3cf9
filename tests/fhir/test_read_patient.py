"""Identities: French ones, foreign ones, odd ones."""

import pytest

from localstore.bodies import PatientBody
from localstore.fhir.codes import FR_BIRTH_GIVEN_NAMES, FR_IDENTITY, FR_INSEE
from localstore.values import Contact
from tests.fhir.reading_of import HL7, Json, coded, patient, read

INS = {"system": "urn:oid:1.2.250.1.213.1.4.8", "value": "277010115400329", "use": "official"}
BIRTH_PLACE = "http://hl7.org/fhir/StructureDefinition/patient-birthPlace"


def reliability(code: str) -> Json:
    return {"url": FR_IDENTITY, "extension": [{"url": "identityStatus", "valueCoding": {"code": code}}]}


def test_a_french_identity() -> None:
    body = patient(
        extension=[
            reliability("VALI"),
            {
                "url": BIRTH_PLACE,
                "valueAddress": {
                    "city": "Mazoires",
                    "extension": [{"url": FR_INSEE, "valueCoding": {"code": "63220"}}],
                },
            },
        ],
        identifier=[{"system": "urn:oid:1.2.3", "value": "IPP"}, INS],
        name=[
            {"use": "usual", "family": "DURAND"},
            {
                "use": "official",
                "family": "DUPONT",
                "given": ["Jean"],
                "extension": [{"url": FR_BIRTH_GIVEN_NAMES, "valueString": "Jean Stéphane Patrick"}],
            },
        ],
        gender="male",
        birthDate="1947-04-03",
    )
    assert (body.family_name, body.used_name) == ("DUPONT", "DURAND")
    assert body.given_names == ("Jean", "Stéphane", "Patrick")
    assert (body.ins, body.ins_oid) == ("277010115400329", "1.2.250.1.213.1.4.8")
    assert (body.identity_status, body.birth_place) == ("qualified", "63220")


@pytest.mark.parametrize("oid", ["1.2.250.1.213.1.4.8", "1.2.250.1.213.1.4.9", "1.2.250.1.213.1.4.10"])
def test_each_kind_of_ins(oid: str) -> None:
    assert patient(identifier=[INS | {"system": f"urn:oid:{oid}"}]).ins_oid == oid


@pytest.mark.parametrize(
    "identifier", [INS | {"use": "old"}, INS | {"system": "urn:oid:1.2.250.1.213.1.4.7"}, INS | {"value": None}]
)
def test_what_is_no_ins(identifier: Json) -> None:
    assert patient(identifier=[identifier]).ins == ""


@pytest.mark.parametrize(
    ("code", "identifier", "status"),
    [
        ("PROV", [], "provisional"),
        ("PROV", [INS], "retrieved"),
        ("VALI", [], "validated"),
        ("VALI", [INS], "qualified"),
        ("DOUT", [INS], "provisional"),
    ],
)
def test_the_status_of_an_identity(code: str, identifier: list[Json], status: str) -> None:
    assert patient(extension=[reliability(code)], identifier=identifier).identity_status == status


def test_an_identity_that_nobody_vouches_for_is_provisional() -> None:
    assert patient(identifier=[INS]).identity_status == "provisional"


@pytest.mark.parametrize(
    ("names", "family", "given"),
    [
        ([{"use": "old", "family": "A"}, {"family": "B", "given": ["b"]}], "B", ("b",)),
        ([{"use": "maiden", "family": "A"}, {"use": "official", "family": "B"}], "B", ()),
        ([{"use": "usual", "family": "A", "given": ["x", None, "y"]}], "A", ("x", "y")),
        ([{"text": "Jean Dupont"}], "Jean Dupont", ()),
        ([{"use": "strange", "family": "C"}], "C", ()),
        ([], "", ()),
    ],
)
def test_names(names: list[Json], family: str, given: tuple[str, ...]) -> None:
    body = patient(name=names)
    assert (body.family_name, body.given_names, body.used_name) == (family, given, "")


def test_contact_data() -> None:
    body = patient(
        telecom=[
            {"system": "email", "value": "a@b.fr"},
            {"system": "phone", "value": "1", "use": "old"},
            {"system": "phone", "value": "tel:+33612345678"},
        ],
        address=[
            {"use": "old", "city": "Lyon"},
            {"line": ["3 rue des Lilas", "bât. B"], "postalCode": "31000", "city": "Toulouse"},
        ],
        generalPractitioner=[{"display": "Dr Petit"}],
        contact=[
            {
                "name": {"family": "Benali", "given": ["Inès"]},
                "relationship": [coded("DAU", HL7 + "v3-RoleCode")],
                "telecom": [{"system": "phone", "value": "0612345678"}],
            }
        ],
    )
    assert (body.phone, body.email) == ("+33612345678", "a@b.fr")
    assert (body.address, body.postal_code, body.town) == ("3 rue des Lilas, bât. B", "31000", "Toulouse")
    assert body.treating_doctor == "Dr Petit"
    assert body.contacts == (Contact("Inès Benali", "fille", "0612345678"),)


RPPS = {"system": "https://rpps.esante.gouv.fr", "value": "10003461033"}
NATIONAL = {"system": "urn:oid:1.2.250.1.71.4.2.1", "value": "810003461033"}


@pytest.mark.parametrize(
    ("reference", "number"),
    [
        ({"display": "Dr Petit", "identifier": RPPS}, "10003461033"),
        ({"reference": "Practitioner/1"}, "10003461033"),
        ({"reference": "PractitionerRole/1", "display": "Dr Petit"}, "10003461033"),
        ({"reference": "Practitioner/2", "display": "Dr Petit"}, ""),
        ({"display": "Dr Petit", "identifier": {"system": "urn:oid:1.2.3", "value": "10003461033"}}, ""),
    ],
)
def test_the_number_of_the_treating_doctor(reference: Json, number: str) -> None:
    neighbours: dict[str, Json] = {
        "Practitioner/1": {
            "resourceType": "Practitioner",
            "name": [{"text": "Dr Petit"}],
            "identifier": [NATIONAL | {"value": "012345678"}, NATIONAL],
        },
        "PractitionerRole/1": {"resourceType": "PractitionerRole", "practitioner": {"reference": "Practitioner/1"}},
        "Practitioner/2": {"resourceType": "Practitioner", "identifier": 5},
    }
    body = read("Patient", generalPractitioner=[reference], neighbours=neighbours).body
    assert isinstance(body, PatientBody)
    assert (body.treating_doctor, body.treating_doctor_rpps) == ("Dr Petit", number)


def test_the_language_that_he_prefers() -> None:
    french, portuguese = coded("fr", "urn:ietf:bcp:47"), coded("pt", "urn:ietf:bcp:47")
    spoken = [{"language": french}, {"language": portuguese, "preferred": True}]
    assert patient(communication=spoken).language == "pt"
    assert patient(communication=spoken[:1]).language == "fr"
    assert patient(communication=[{"language": {"text": "breton"}}]).language == "breton"


@pytest.mark.parametrize(
    ("code", "attribute"), [("HOMA", "homonym"), ("DOUT", "doubtful"), ("FICT", "fictitious"), ("CACH", "")]
)
def test_the_attributes_of_an_identity(code: str, attribute: str) -> None:
    body = patient(extension=[reliability(code)])
    assert body.identity_attributes == ((attribute,) if attribute else ())
    assert body.identity_status == "provisional"


def test_what_an_identity_was_checked_against() -> None:
    checked = reliability("VALI")
    checked["extension"].append({"url": "validationMode", "valueCoding": {"code": "PA", "display": "Passeport"}})
    assert patient(extension=[checked]).identity_evidence == "Passeport"


@pytest.mark.parametrize(
    ("fields", "deceased"),
    [
        ({"deceasedBoolean": True}, "yes"),
        ({"deceasedBoolean": False}, ""),
        ({"deceasedDateTime": "2019-04"}, "2019-04"),
        ({"deceasedDateTime": "2019-13-45"}, "yes"),
        ({}, ""),
    ],
)
def test_death(fields: Json, deceased: str) -> None:
    assert patient(**fields).deceased == deceased


def test_an_absurd_birth_date_is_no_birth_date_and_is_remarked() -> None:
    found = read("Patient", birthDate="2019-13-45")
    assert getattr(found.body, "birth_date", None) == ""
    assert len(found.remarks) == 1 and "2019-13-45" in found.remarks[0]


def test_an_unknown_sex_is_unknown_and_is_remarked() -> None:
    found = read("Patient", gender="M")
    assert getattr(found.body, "sex", None) == "unknown"
    assert len(found.remarks) == 1 and "M" in found.remarks[0]


def test_a_foreign_birth_place_is_words() -> None:
    place = {"city": "Porto", "country": "PT"}
    assert patient(extension=[{"url": BIRTH_PLACE, "valueAddress": place}]).birth_place == "Porto, PT"
