"""Histories as medicine: what a general practitioner would laugh at must not be there."""

import re
from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import pytest
from stdnum import luhn

from localstore.bodies import (
    AllergyBody,
    ConsultationBody,
    ImmunisationBody,
    MeasurementBody,
    MedicationBody,
    ProblemBody,
    ProcedureBody,
)
from localstore.synthetic.generator import SyntheticPatient
from tests.synthetic.patients import COUNT, TODAY, age, birth, bodies, not_before, patients, problems, values

EVERYONE = patients()

HBA1C, CREATININE, FILTRATION, INR, TSH, PSA = "4548-4", "14682-9", "62238-1", "6301-6", "3016-3", "2857-1"
TOTAL, HDL, LDL, TRIGLYCERIDES = "2093-3", "2085-9", "13457-7", "2571-8"
WEIGHT, HEIGHT, HEAD = "29463-7", "8302-2", "9843-4"


def medicines(patient: SyntheticPatient) -> list[tuple[str, MedicationBody]]:
    """The medicines with their names in lower case."""
    return [(body.medicine.text.lower(), body) for _, body in bodies(patient, MedicationBody) if not body.none_known]


def during(body: MedicationBody, start: str, end: str) -> bool:
    """Whether a medicine was taken at some time between two dates."""
    return (not body.end or not_before(body.end, start)) and not_before(end, body.start)


def test_problems_have_icd_10_codes() -> None:
    for patient in EVERYONE:
        for _, body in bodies(patient, ProblemBody):
            if not body.none_known:
                coding = body.concept.codings[0]
                assert coding.system == "http://hl7.org/fhir/sid/icd-10"
                assert re.fullmatch(r"[A-TV-Z]\d\d(\.\d)?", coding.code), coding


def test_measurements_have_loinc_codes_with_right_check_digits_and_units() -> None:
    for patient in EVERYONE:
        for _, body in bodies(patient, MeasurementBody):
            for concept in (body.concept, *(part.concept for part in body.components)):
                coding = concept.codings[0]
                assert coding.system == "http://loinc.org" and concept.text and coding.label
                assert luhn.is_valid(coding.code.replace("-", "")), coding
            assert body.text or body.components or (body.quantity and body.quantity.code)


def test_a_long_treatment_begins_no_earlier_than_its_diagnosis() -> None:
    seen = 0
    for patient in EVERYONE:
        onsets: dict[str, list[str]] = {}
        for _, problem in bodies(patient, ProblemBody):
            onsets.setdefault(problem.concept.text, []).append(problem.onset)
        for _, body in medicines(patient):
            if body.reason in onsets:
                seen += 1
                assert any(not_before(body.start, onset) for onset in onsets[body.reason]), body
    assert seen > COUNT


def test_every_medicine_has_a_reason_that_the_record_knows() -> None:
    others = {"Contraception", "Grossesse", "Prévention du rachitisme"}
    for patient in EVERYONE:
        known = set(problems(patient)) | others
        told = {(day, body.conclusion.rstrip(".")) for day, body in bodies(patient, ConsultationBody)}
        for _, body in medicines(patient):
            grave = body.reason.startswith("Allergie grave")
            trimmed = len(patient.entries) >= 119
            assert body.reason in known or grave or (body.start, body.reason) in told or trimmed, body


FORBIDDEN_BY = {
    "Amoxicilline (pénicillines)": ("amoxicilline", "pivmécillinam", "céf"),
    "Anti-inflammatoires non stéroïdiens": (
        "ibuprofène",
        "kétoprofène",
        "naproxène",
        "diclofénac",
        "acétylsalicylique",
    ),
    "Cotrimoxazole (sulfamides)": ("cotrimoxazole", "furosémide", "indapamide", "hydrochlorothiazide", "gliclazide"),
    "Inhibiteurs de l'enzyme de conversion": ("ramipril", "périndopril"),
}


def test_allergies_never_contradict_what_is_prescribed() -> None:
    allergic = 0
    for patient in EVERYONE:
        words = [w for _, body in bodies(patient, AllergyBody) for w in FORBIDDEN_BY.get(body.substance.text, ())]
        allergic += bool(words)
        assert not [(name, word) for name, _ in medicines(patient) for word in words if word in name]
    assert allergic > 20


def test_allergies_are_known_or_known_to_be_none_or_not_asked() -> None:
    states: Counter[str] = Counter()
    for patient in EVERYONE:
        found = [body for _, body in bodies(patient, AllergyBody)]
        assert len(found) == 1 or not any(body.none_known for body in found)
        states["not asked" if not found else "none" if found[0].none_known else "known"] += 1
    assert 0.4 < states["none"] / COUNT < 0.7
    assert 0.12 < states["not asked"] / COUNT < 0.35
    assert 0.12 < states["known"] / COUNT < 0.35


def test_an_allergy_has_a_category_a_reaction_and_a_criticality() -> None:
    for patient in EVERYONE:
        for _, body in bodies(patient, AllergyBody):
            if not body.none_known:
                assert body.category in ("medication", "food", "environment")
                assert body.criticality in ("high", "low") and body.reaction and body.substance.text


NSAIDS = ("ibuprofène", "kétoprofène", "naproxène")


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        ("Maladie rénale chronique, stade 3", NSAIDS),
        ("Insuffisance cardiaque chronique", NSAIDS),
        ("Fibrillation atriale", (*NSAIDS, "acétylsalicylique", "clopidogrel")),
        ("Asthme", ("bisoprolol", "propranolol")),
        ("Goutte", ("indapamide", "hydrochlorothiazide")),
        ("Tabagisme actif", ("éthinylestradiol",)),
    ],
)
def test_what_does_not_go_with_a_disease_is_not_taken_with_it(problem: str, words: tuple[str, ...]) -> None:
    for patient in EVERYONE:
        known = problems(patient).get(problem)
        if known is None:
            continue
        after = (date.fromisoformat(known.onset) + timedelta(days=1)).isoformat() if len(known.onset) == 10 else TODAY
        taken = [n for n, body in medicines(patient) if any(w in n for w in words) and during(body, str(after), "9999")]
        assert taken == [], (patient.body, taken)


def test_the_old_get_no_anti_inflammatory_tablets() -> None:
    for patient in EVERYONE:
        for name, body in medicines(patient):
            if any(word in name for word in NSAIDS):
                assert age(patient, date.fromisoformat(body.start)) < 75


@pytest.mark.parametrize(
    "family",
    [
        ("ramipril", "périndopril", "irbésartan", "candésartan"),
        ("atorvastatine", "rosuvastatine", "pravastatine"),
        ("apixaban", "rivaroxaban", "warfarine", "fluindione"),
        ("bisoprolol", "propranolol"),
        ("oméprazole", "pantoprazole"),
        ("metformine",),
        ("lévothyroxine",),
    ],
)
def test_no_family_of_medicines_is_taken_twice_at_a_time(family: tuple[str, ...]) -> None:
    seen = 0
    for patient in EVERYONE:
        active = [n for n, body in medicines(patient) if body.state == "active" and any(w in n for w in family)]
        seen += len(active)
        assert len(active) <= 1, active
    assert seen > 3


@pytest.mark.parametrize(("word", "year"), [("apixaban", 2013), ("dapagliflozine", 2020), ("adalimumab", 2004)])
def test_no_medicine_is_taken_before_it_existed(word: str, year: int) -> None:
    starts = [int(body.start[:4]) for patient in EVERYONE for name, body in medicines(patient) if word in name]
    assert all(start >= year for start in starts)


def test_doses_of_children_follow_their_weight() -> None:
    seen = 0
    for patient in EVERYONE:
        weights = dict(values(patient, WEIGHT))
        for name, body in medicines(patient):
            dose = re.match(r"(\d+) mg", body.dosage)
            weight = weights.get(body.start)
            if dose and weight and "suspension buvable" in name:
                seen += 1
                per_kg = int(dose[1]) / weight
                low, high = (9, 17) if "paracétamol" in name else (15, 45)
                assert low <= per_kg <= high or int(dose[1]) in (500, 1000, 1500), (name, body.dosage, weight)
    assert seen > 50


def test_weights_are_those_of_the_age() -> None:
    for patient in EVERYONE:
        for day, weight in values(patient, WEIGHT):
            years = age(patient, date.fromisoformat(day))
            low, high = (
                (2.2, 5.2) if years < 0.05 else (2.5 + 2.0 * years, 8 + 6.5 * years) if years < 17 else (36, 160)
            )
            assert low <= weight <= high, (years, weight)


def test_heights_are_those_of_the_age_and_children_grow() -> None:
    for patient in EVERYONE:
        found = values(patient, HEIGHT)
        for day, height in found:
            years = age(patient, date.fromisoformat(day))
            assert 43 <= height <= 205 and (years < 18 or height > 138) and (years > 3 or height < 112)
        assert all(later >= earlier for (_, earlier), (_, later) in pairwise(found))


def test_heads_of_infants_grow() -> None:
    heads = [values(patient, HEAD) for patient in EVERYONE]
    assert sum(map(len, heads)) > 50
    for found in heads:
        assert all(31 <= value <= 54 for _, value in found)
        assert all(later >= earlier for (_, earlier), (_, later) in pairwise(found))


def test_blood_pressures_are_possible() -> None:
    for patient in EVERYONE:
        for _, body in bodies(patient, MeasurementBody):
            if body.components:
                systolic, diastolic = (float(p.quantity.value) for p in body.components if p.quantity is not None)
                assert 70 <= systolic <= 200 and 40 <= diastolic <= 115 and systolic - diastolic >= 18


def pressures(patient: SyntheticPatient) -> list[tuple[str, float]]:
    """Systolic pressures with their dates."""
    return [
        (day, float(body.components[0].quantity.value))
        for day, body in bodies(patient, MeasurementBody)
        if body.components and body.components[0].quantity is not None
    ]


def test_hypertension_is_found_high_and_comes_down_under_treatment() -> None:
    found, later = [], []
    for patient in EVERYONE:
        problem = problems(patient).get("Hypertension artérielle essentielle")
        if problem is not None and len(problem.onset) == 10:
            measured = pressures(patient)
            found += [value for day, value in measured if day == problem.onset]
            months = (date.fromisoformat(problem.onset) + timedelta(days=500)).isoformat()
            later += [value for day, value in measured if day > months]
    assert len(found) > 10 and len(later) > 10
    assert min(found) >= 140 and sum(later) / len(later) < sum(found) / len(found) - 12


@pytest.mark.parametrize(
    ("code", "names"),
    [
        (HBA1C, ("Diabète de type 2", "Diabète de type 1")),
        (INR, ("Fibrillation atriale",)),
        (PSA, ("Hypertrophie bénigne de la prostate",)),
    ],
)
def test_values_are_followed_where_there_is_a_reason(code: str, names: tuple[str, ...]) -> None:
    followed = [patient for patient in EVERYONE if values(patient, code)]
    assert followed and all(set(names) & set(problems(patient)) for patient in followed)


def test_hba1c_is_that_of_diabetes() -> None:
    found = [value for patient in EVERYONE for _, value in values(patient, HBA1C)]
    assert 5.5 < min(found) and max(found) < 12 and 6.4 < sum(found) / len(found) < 7.6


def ckd_epi(creatinine: float, female: bool, years: float) -> float:
    """CKD-EPI 2009 from creatinine in µmol/L, written after the paper and not after the generator."""
    serum = creatinine / 88.4
    kappa, alpha = (0.7, -0.329) if female else (0.9, -0.411)
    low, high = min(serum / kappa, 1.0), max(serum / kappa, 1.0)
    return float(141 * low**alpha * high**-1.209 * 0.993**years * (1.018 if female else 1.0))


def test_filtration_is_what_creatinine_makes_it() -> None:
    seen = 0
    for patient in EVERYONE:
        filtered = dict(values(patient, FILTRATION))
        for day, creatinine in values(patient, CREATININE):
            years = age(patient, date.fromisoformat(day))
            seen += 1
            assert abs(ckd_epi(creatinine, patient.body.sex == "female", years) - filtered[day]) < 1.2
    assert seen > 100


def test_kidney_disease_of_stage_3_has_the_filtration_of_stage_3() -> None:
    seen = 0
    for patient in EVERYONE:
        problem = problems(patient).get("Maladie rénale chronique, stade 3")
        for day, value in values(patient, FILTRATION):
            soon = (date.fromisoformat(day) + timedelta(days=8)).isoformat()
            if problem is None or not not_before(soon, problem.onset):
                assert value >= 60
            elif day > problem.onset:
                seen += 1
                assert 28 <= value < 60
    assert seen > 5


def test_ldl_is_what_the_other_lipids_make_it() -> None:
    seen = 0
    for patient in EVERYONE:
        hdl, ldl, fat = (dict(values(patient, code)) for code in (HDL, LDL, TRIGLYCERIDES))
        for day, total in values(patient, TOTAL):
            seen += 1
            assert abs(total - hdl[day] - fat[day] / 5 - ldl[day]) < 0.011
    assert seen > 100


def test_tsh_comes_down_under_levothyroxine() -> None:
    for patient in EVERYONE:
        found = values(patient, TSH)
        if "Hypothyroïdie" in problems(patient) and len(found) > 2:
            assert found[-1][1] <= 9


PREGNANCY = re.compile("Accouchement|Grossesse")


def test_children_are_born_to_women_of_an_age_to_have_them() -> None:
    births = 0
    for patient in EVERYONE:
        events = [(day, body.concept.text) for day, body in bodies(patient, ProcedureBody)]
        events += [(body.onset, name) for name, body in problems(patient).items()]
        for day, text in events:
            if PREGNANCY.search(text):
                births += 1
                assert patient.body.sex == "female" and 18 <= int(day[:4]) - birth(patient).year <= 44
    assert births > 100


def test_a_pregnancy_lasts_nine_months_at_most_after_it_is_known() -> None:
    for patient in EVERYONE:
        body = problems(patient).get("Grossesse")
        if body is not None:
            end = date.fromisoformat(body.abatement) if body.abatement else TODAY
            assert timedelta(0) <= end - date.fromisoformat(body.onset) < timedelta(days=250)
            assert "DDR" in body.note and "terme" in body.note


def test_no_contraceptive_is_taken_in_pregnancy() -> None:
    for patient in EVERYONE:
        current = problems(patient).get("Grossesse")
        taken = [body for _, body in medicines(patient) if body.reason == "Contraception"]
        assert len(taken) <= 1
        if current is not None:
            end = current.abatement or TODAY.isoformat()
            assert not [body for body in taken if during(body, current.onset, end)]


def test_vaccines_of_infancy_are_given_at_their_age() -> None:
    seen = 0
    for patient in EVERYONE:
        for day, body in bodies(patient, ImmunisationBody):
            years = age(patient, date.fromisoformat(day))
            if body.vaccine.text in ("Hexyon", "Vaxelis", "Infanrix Hexa"):
                seen += 1
                assert 0.13 < years < 1.7
            if body.vaccine.text in ("Priorix", "M-M-RVaxPro"):
                assert 0.95 < years < 1.7
            if body.vaccine.text == "Gardasil 9":
                assert 11 <= years < 14
            if body.vaccine.text in ("Shingrix", "Abrysvo", "Arexvy", "Efluelda"):
                assert years >= 64.9
    assert seen > 50


@pytest.mark.parametrize(
    ("vaccine", "first"),
    [("Comirnaty", "2021-01"), ("Hexyon", "2013"), ("Prevenar 20", "2024"), ("Shingrix", "2025"), ("Bexsero", "2022")],
)
def test_no_vaccine_is_given_before_it_came(vaccine: str, first: str) -> None:
    given = [d for p in EVERYONE for d, body in bodies(p, ImmunisationBody) if body.vaccine.text == vaccine]
    assert given and min(given) >= first


def test_vaccines_have_lots_and_doses_of_a_series_are_in_order() -> None:
    order = {"1re dose": 1, "2e dose": 2, "3e dose": 3, "rappel": 4}
    for patient in EVERYONE:
        series: dict[str, list[int]] = {}
        for _, body in bodies(patient, ImmunisationBody):
            assert re.fullmatch(r"[A-Z]{2}\d[A-Z]\d{3}", body.lot)
            if body.dose in order and body.vaccine.text not in ("Revaxis", "Repevax", "Boostrix Tetra"):
                series.setdefault(body.vaccine.text, []).append(order[body.dose])
        assert all(doses == sorted(doses) for doses in series.values()), series


@pytest.mark.parametrize(
    ("problem", "low", "high"),
    [
        ("Hypertension artérielle essentielle", 0.4, 0.75),
        ("Diabète de type 2", 0.08, 0.3),
        ("Hypercholestérolémie", 0.25, 0.6),
        ("Fibrillation atriale", 0.03, 0.2),
        ("Maladie d'Alzheimer", 0.01, 0.15),
    ],
)
def test_diseases_of_age_are_as_common_as_they_are(problem: str, low: float, high: float) -> None:
    old = [patient for patient in EVERYONE if age(patient, TODAY) >= 65]
    young = [patient for patient in EVERYONE if age(patient, TODAY) < 28]
    assert low < sum(problem in problems(patient) for patient in old) / len(old) < high
    assert not any(problem in problems(patient) for patient in young)


@pytest.mark.parametrize("problem", ["Asthme", "Épisode dépressif moyen", "Tabagisme actif", "Migraine sans aura"])
def test_diseases_of_every_age_are_there(problem: str) -> None:
    assert 0.02 < sum(problem in problems(patient) for patient in EVERYONE) / COUNT < 0.2


def test_a_problem_is_written_once() -> None:
    passing = {"Grossesse"}
    for patient in EVERYONE:
        chronic = [
            body.concept.text
            for _, body in bodies(patient, ProblemBody)
            if body.clinical_status != "resolved" and body.concept.text not in passing
        ]
        assert len(chronic) == len(set(chronic))
