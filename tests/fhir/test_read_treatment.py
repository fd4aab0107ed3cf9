"""Medicines, dosages and vaccinations."""

from decimal import Decimal

import pytest

from localstore.fhir import remarks
from localstore.kinds import Status
from localstore.values import Coding, Concept, Quantity
from tests.fhir.reading_of import IPS, Json, coded, immunisation, medication, read

ATC = "http://www.whocc.no/atc"
METFORMIN = coded("A10BA02", ATC, "metformine")


def test_a_statement() -> None:
    body = medication(
        status="active",
        medicationCodeableConcept=METFORMIN,
        effectivePeriod={"start": "2015-03", "end": "2016"},
        reasonCode=[{"text": "Diabète"}, coded("1", display="HTA")],
        dosage=[{"text": "1 cp matin et soir"}, {"text": "à jeun"}],
    )
    assert body.medicine == Concept("", (Coding(ATC, "A10BA02", "metformine"),))
    assert (body.state, body.start, body.end) == ("active", "2015-03", "2016")
    assert (body.reason, body.dosage) == ("Diabète; HTA", "1 cp matin et soir; à jeun")


def test_a_request() -> None:
    found = read(
        "MedicationRequest",
        status="active",
        intent="order",
        medicationCodeableConcept=METFORMIN,
        authoredOn="2024-01-02",
        reasonReference=[{"reference": "urn:uuid:1"}],
        dosageInstruction=[{"timing": {"repeat": {"boundsPeriod": {"start": "2024-01-05", "end": "2024-02-05"}}}}],
        neighbours={"urn:uuid:1": {"resourceType": "Condition", "code": {"text": "Diabète"}}},
    )
    body = found.body
    assert found.date == "2024-01-02"
    assert body == medication(
        status="active",
        medicationCodeableConcept=METFORMIN,
        effectivePeriod={"start": "2024-01-05", "end": "2024-02-05"},
        reasonCode=[{"text": "Diabète"}],
    )


@pytest.mark.parametrize("state", ["active", "on-hold", "completed", "stopped", "cancelled", "unknown"])
def test_the_states_that_the_record_knows(state: str) -> None:
    assert medication("MedicationRequest", status=state, medicationCodeableConcept=METFORMIN).state == state


@pytest.mark.parametrize(
    ("status", "state", "words"),
    [
        ("not-taken", "stopped", "Non pris, selon la source."),
        ("intended", "unknown", "Statut dans la source : prévu."),
        ("draft", "unknown", "Statut dans la source : brouillon."),
        ("aktiv", "unknown", "Statut dans la source : aktiv."),
        (None, "unknown", ""),
    ],
)
def test_other_states_are_never_active(status: str | None, state: str, words: str) -> None:
    body = medication(status=status, medicationCodeableConcept=METFORMIN)
    assert (body.state, body.note) == (state, words)


def test_a_proposal_is_not_active() -> None:
    body = medication("MedicationRequest", status="active", intent="proposal", medicationCodeableConcept=METFORMIN)
    assert (body.state, body.note) == ("unknown", "Statut dans la source : proposition.")


def test_a_prohibition_is_no_prescription() -> None:
    body = medication("MedicationRequest", status="active", doNotPerform=True, medicationCodeableConcept=METFORMIN)
    assert (body.state, body.medicine) == ("cancelled", Concept("Ne pas donner : metformine"))


def test_what_was_entered_in_error_has_that_status() -> None:
    for kind in ("MedicationRequest", "MedicationStatement", "Immunization"):
        assert read(kind, status="entered-in-error").status is Status.ENTERED_IN_ERROR


@pytest.mark.parametrize("code", [coded("787481004"), coded("no-known-medications", IPS)])
@pytest.mark.parametrize("status", ["active", "unknown", "completed"])
def test_no_known_medication(code: Json, status: str) -> None:
    body = medication(status=status, medicationCodeableConcept=code)
    assert (body.none_known, body.medicine, body.state) == (True, Concept(), status)


def test_no_known_medication_that_does_not_stand_is_not_none() -> None:
    body = medication(status="not-taken", medicationCodeableConcept=coded("787481004", display="No known"))
    assert (body.none_known, body.state) == (False, "unknown")


@pytest.mark.parametrize("code", [coded("no-medication-info", IPS, "No info"), coded("1287211007", display="No info")])
def test_missing_information_is_not_none(code: Json) -> None:
    body = medication(status="active", medicationCodeableConcept=code)
    assert (body.none_known, body.state) == (False, "unknown")
    assert body.medicine == Concept("Pas d'information disponible : No info")


MEDICATION: Json = {"resourceType": "Medication", "id": "med", "code": METFORMIN}


def test_a_medicine_is_found_in_the_bundle() -> None:
    body = medication(medicationReference={"reference": "urn:uuid:2"}, neighbours={"urn:uuid:2": MEDICATION})
    assert body.medicine.label == "metformine"


def test_a_medicine_is_found_in_the_resource() -> None:
    assert medication(medicationReference={"reference": "#med"}, contained=[MEDICATION]).medicine.label == "metformine"


def test_a_medicine_without_a_code_is_named_by_its_ingredients() -> None:
    parts = [{"itemCodeableConcept": {"text": "paracétamol"}}, {"itemReference": {"display": "codéine"}}]
    found = {"resourceType": "Medication", "id": "med", "ingredient": parts}
    assert medication(medicationReference={"reference": "#med"}, contained=[found]).medicine.label == (
        "paracétamol, codéine"
    )


def test_a_medicine_out_of_reach_keeps_its_display() -> None:
    body = medication(medicationReference={"reference": "Medication/9", "display": "Doliprane"})
    assert body.medicine == Concept("Doliprane")


def test_a_medicine_in_a_broken_neighbour_keeps_its_words() -> None:
    broken = {"resourceType": "Medication", "id": "med", "code": 5, "description": "Doliprane"}
    body = medication(medicationReference={"reference": "#med"}, contained=[broken])
    assert body.medicine == Concept("Doliprane")


def test_negations_are_seen_through_a_reference() -> None:
    none = {"resourceType": "Medication", "id": "none", "code": coded("787481004")}
    assert medication(status="active", medicationReference={"reference": "#none"}, contained=[none]).none_known


def repeat(**fields: object) -> Json:
    return {"timing": {"repeat": fields}}


@pytest.mark.parametrize(
    ("dosage", "words"),
    [
        (repeat(frequency=1, period=1, periodUnit="d"), "1 fois par jour"),
        (repeat(frequency=2, period=1, periodUnit="wk"), "2 fois par semaine"),
        (repeat(frequency=1, period=6, periodUnit="h"), "toutes les 6 heures"),
        (repeat(frequency=3, period=2, periodUnit="d"), "3 fois tous les 2 jours"),
        (repeat(frequency=2, frequencyMax=3, period=1, periodUnit="d"), "2–3 fois par jour"),
        (repeat(frequency=1, period=4, periodMax=6, periodUnit="h"), "toutes les 4–6 heures"),
        (repeat(when=["CM", "HS"]), "au petit-déjeuner, au coucher"),
        (repeat(dayOfWeek=["mon", "fri"], timeOfDay=["08:00:00"]), "lundi, vendredi, à 08:00:00"),
        (repeat(boundsDuration={"value": 7, "unit": "jours"}, count=14), "pendant 7 jours, 14 prises au total"),
        ({"timing": {"code": {"text": "BID"}}}, "BID"),
        ({"asNeededBoolean": True}, "si besoin"),
        ({"asNeededCodeableConcept": {"text": "douleur"}}, "si besoin (douleur)"),
        ({"asNeededBoolean": False, "sequence": 1}, ""),
        ({"doseAndRate": [{"doseQuantity": {"value": 1.0, "unit": "cp"}}], "route": {"text": "oral"}}, "1 cp, oral"),
        ({"doseAndRate": [{"doseRange": {"low": {"value": 1}, "high": {"value": 2, "unit": "cp"}}}]}, "1 – 2 cp"),
        (
            {"doseAndRate": [{"rateRatio": {"numerator": {"value": 1, "unit": "L"}, "denominator": {"unit": "h"}}}]},
            "1 L par h",
        ),
        (
            {"maxDosePerPeriod": {"numerator": {"value": 4, "unit": "g"}, "denominator": {"value": 24, "unit": "h"}}},
            "maximum 4 g par 24 h",
        ),
        ({"additionalInstruction": [{"text": "à jeun"}], "patientInstruction": "avec eau"}, "à jeun, avec eau"),
        ({"text": "1 par jour", "asNeededBoolean": True}, "1 par jour"),
        ({"text": "1 par jour", "modifierExtension": [{"url": "x"}]}, remarks.UNREADABLE),
    ],
)
def test_a_dosage_in_words(dosage: Json, words: str) -> None:
    assert medication(status="active", dosage=[dosage]).dosage == words


TWICE_A_DAY = repeat(frequency=2, period=1.0, periodUnit="d")
ONE_TABLET = {"doseAndRate": [{"doseQuantity": {"value": 1, "unit": "cp"}}]}


def test_a_dosage_in_numbers() -> None:
    body = medication(dosage=[TWICE_A_DAY | ONE_TABLET | {"route": {"text": "oral"}, "asNeededBoolean": True}])
    assert (body.dose, body.frequency, body.period) == (Quantity(Decimal(1), "cp"), 2, "d")
    assert (body.route, body.as_needed) == (Concept("oral"), True)
    assert body.dosage == "1 cp, 2 fois par jour, oral, si besoin"


@pytest.mark.parametrize(
    "dosage",
    [
        [TWICE_A_DAY, TWICE_A_DAY],  # of which one counts on which day, the words say
        [repeat(frequency=2, frequencyMax=3, period=1, periodUnit="d")],
        [repeat(frequency=1, period=6, periodUnit="h")],
        [repeat(frequency=1, period=1, periodUnit="d", dayOfWeek=["mon"])],
        [repeat(frequency=1.5, period=1, periodUnit="d")],
        [repeat(frequency=1, period=1, periodUnit="a")],
        [TWICE_A_DAY | {"modifierExtension": [{"url": "x"}]}],
    ],
)
def test_what_is_no_simple_rhythm_stays_in_words(dosage: list[Json]) -> None:
    body = medication(dosage=dosage)
    assert (body.frequency, body.period) == (0, "")
    assert body.dosage


@pytest.mark.parametrize(
    "dose",
    [
        [{"doseRange": {"low": {"value": 1}, "high": {"value": 2, "unit": "cp"}}}],
        [{"doseQuantity": {"value": 1, "unit": "cp"}}, {"doseQuantity": {"value": 2, "unit": "cp"}}],
        [{"doseQuantity": {"value": 1, "unit": "cp", "comparator": "ad"}}],
    ],
)
def test_what_is_no_single_dose_stays_in_words(dose: list[Json]) -> None:
    body = medication(dosage=[{"doseAndRate": dose}])
    assert body.dose is None and body.dosage


COURSE = "http://terminology.hl7.org/CodeSystem/medicationrequest-course-of-therapy"


def test_the_course_of_a_request() -> None:
    assert medication("MedicationRequest", courseOfTherapyType=coded("acute", COURSE)).course == "acute"
    body = medication("MedicationRequest", courseOfTherapyType=coded("seasonal", COURSE))
    assert (body.course, body.note) == ("", "Type de traitement selon la source : saisonnier.")


def test_a_vaccination() -> None:
    found = read(
        "Immunization",
        status="completed",
        vaccineCode={"text": "ROR"},
        occurrenceDateTime="2020-05-06",
        lotNumber="B52b",
        site={"text": "bras gauche"},
        protocolApplied=[{"series": "rappel", "doseNumberPositiveInt": 2, "seriesDosesPositiveInt": 3}],
    )
    assert found.date == "2020-05-06"
    assert found.body == immunisation(
        status="completed",
        vaccineCode={"text": "ROR"},
        lotNumber="B52b",
        site={"text": "bras gauche"},
        protocolApplied=[{"doseNumberString": "2/3 – rappel"}],
    )


def test_a_vaccination_that_was_not_done() -> None:
    body = immunisation(status="not-done", vaccineCode={"text": "ROR"}, statusReason={"text": "refus"})
    assert (body.state, body.reason) == ("not-done", "refus")


@pytest.mark.parametrize(("code", "none_known"), [("no-known-immunizations", True), ("no-immunization-info", False)])
def test_absence_of_vaccinations_is_no_vaccination(code: str, none_known: bool) -> None:
    body = immunisation(status="completed", vaccineCode=coded(code, IPS))
    assert (body.state, body.vaccine.codings, body.none_known) == ("not-done", (), none_known)


def test_no_known_vaccination_in_snomed() -> None:
    assert immunisation(status="not-done", vaccineCode=coded("787482006")).none_known


def test_more_of_a_vaccination() -> None:
    body = immunisation(
        status="completed",
        vaccineCode={"text": "ROR"},
        expirationDate="2026-04",
        manufacturer={"display": "GSK"},
        route={"text": "sous-cutanée"},
        performer=[
            {"function": coded("OP", "http://terminology.hl7.org/CodeSystem/v2-0443"), "actor": {"display": "Dr A"}},
            {"function": coded("AP", "http://terminology.hl7.org/CodeSystem/v2-0443"), "actor": {"display": "Dr B"}},
        ],
        protocolApplied=[{"targetDisease": [{"text": "rougeole"}, {"text": "rubéole"}], "doseNumberString": "1"}],
    )
    assert (body.expiry, body.manufacturer, body.route.text, body.performer) == (
        "2026-04", "GSK", "sous-cutanée", "Dr B",
    )  # fmt: skip
    assert ([target.text for target in body.targets], body.dose) == (["rougeole", "rubéole"], "1")


def test_a_dose_that_does_not_protect_says_so() -> None:
    assert "ne compte pas" in immunisation(status="completed", vaccineCode={"text": "ROR"}, isSubpotent=True).note


def test_a_date_in_words_goes_into_the_note() -> None:
    body = immunisation(status="completed", vaccineCode={"text": "ROR"}, occurrenceString="vers 6 ans")
    assert body.note == "Date selon la source : vers 6 ans."
