"""Allergies and duplicates at prescribing: what must warn, what must not, and that no name breaks a check."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localstore.bodies import AllergyBody, ImmunisationBody, MedicationBody
from localstore.kinds import Status
from localstore.safety import contraindications, freshness, substances
from localstore.safety.cautions import Caution, Severity
from localstore.safety.checking import warnings
from localstore.safety.combinations import COMBINATIONS
from localstore.safety.naming import named as what_is_named
from localstore.safety.prescribing import allergy_cautions
from localstore.values import Coding, Concept
from tests.safety.charts import ATC, TODAY, WOMAN, allergy, entry, medicine, named


def of_allergy(known: AllergyBody, given_to: MedicationBody) -> list[str]:
    """The codes of what an allergy says of a medicine."""
    return [one.code for one in warnings([entry(known)], WOMAN, given_to, TODAY) if one.code.startswith("allergy")]


@pytest.mark.parametrize(
    ("known", "given_to", "code"),
    [
        (allergy("Amoxicilline"), medicine("AMOXICILLINE BIOGARAN 1 g, comprimé dispersible"), "allergy"),
        (allergy("amoxicillin"), medicine("Amoxicilline 500 mg"), "allergy"),
        (allergy("Augmentin"), medicine("Amoxicilline 500 mg"), "allergy"),
        (allergy("Allergie à la pénicilline"), medicine("Amoxicilline 500 mg"), "allergy-group"),
        (allergy("Pénicillines"), medicine("PIVMECILLINAM 400 mg"), "allergy-group"),
        (allergy("Penicillin V (substance)"), medicine("Oracilline 1 M UI"), "allergy"),
        (allergy("Cloxacilline"), medicine("Amoxicilline"), "allergy-group"),
        (allergy("Amoxicilline"), medicine("Céfalexine 500 mg"), "allergy-related"),
        (allergy("Céfixime"), medicine("Amoxicilline 1 g"), "allergy-related"),
        (allergy("Bêta-lactamines"), medicine("Ceftriaxone 1 g"), "allergy-group"),
        (allergy("Aspirine"), medicine("Ibuprofène 400 mg"), "allergy-group"),
        (allergy("AINS"), medicine("Kétoprofène 100 mg"), "allergy-group"),
        (allergy("Bactrim"), medicine("SULFASALAZINE 500 mg"), "allergy-group"),
        (allergy("Ramipril", reaction="angio-œdème"), medicine("Périndopril 4 mg"), "allergy-group"),
        (allergy("Doliprane"), medicine("Paracétamol 1 g"), "allergy"),
        (allergy("a", "J01CA04"), medicine("b", "J01CA04"), "allergy"),
        (allergy("a", "J01CA04"), medicine("b", "J01CA01"), "allergy-group"),
        (allergy("a", "J01C"), medicine("b", "J01CF02"), "allergy-group"),
        (allergy("a", "J01CA04"), medicine("Orbénine"), "allergy-group"),
        (allergy("Fer"), medicine("Fer (sulfate) 80 mg, comprimé"), "allergy"),
        (allergy("Zorglubine"), medicine("ZORGLUBINE 5 mg"), "allergy"),
        (allergy("β-lactamines"), medicine("Amoxicilline"), "allergy-group"),
        (allergy("B-lactamines"), medicine("Amoxicilline"), "allergy-group"),
        (allergy("ß-lactamines"), medicine("Ceftriaxone 1 g"), "allergy-group"),
        (allergy("bétalactames"), medicine("Cloxacilline"), "allergy-group"),
        (allergy("péni G"), medicine("Amoxicilline"), "allergy-group"),
        (allergy("péni G"), medicine("Extencilline 2,4 M UI"), "allergy"),
        (allergy("Péni"), medicine("Augmentin"), "allergy-group"),
        (allergy("C3G"), medicine("Ceftriaxone"), "allergy-group"),
        (allergy("Insuline"), medicine("Lantus 100 U/mL"), "allergy-group"),
        (allergy("Chlorure de potassium"), medicine("Potassium (chlorure) 600 mg, gélule"), "allergy"),
        (allergy("Potassium"), medicine("Chlorure de potassium"), "allergy"),
        (allergy("Vitamine B12"), medicine("Vitamine B12 1000 µg, ampoule"), "allergy"),
        (allergy("Vitamine D"), medicine("Vitamine D Zyma 100 000 UI"), "allergy"),
    ],
)
def test_an_allergy_that_the_medicine_meets_is_told(known: AllergyBody, given_to: MedicationBody, code: str) -> None:
    assert of_allergy(known, given_to) == [code]


@pytest.mark.parametrize(
    ("known", "given_to"),
    [
        (allergy("Amoxicilline"), medicine("Clarithromycine")),
        (allergy("Amoxicilline", clinical_status="resolved"), medicine("Amoxicilline")),
        (allergy("Amoxicilline", clinical_status="inactive"), medicine("Amoxicilline")),
        (allergy("Amoxicilline", verification="refuted"), medicine("Amoxicilline")),
        (AllergyBody(named("Amoxicilline"), none_known=True), medicine("Amoxicilline")),
        (allergy("Amoxicilline"), medicine("Amoxicilline", state="stopped")),
        (allergy("Amoxicilline"), medicine("Amoxicilline", end="2020")),
        (allergy("Bactrim"), medicine("Furosémide 40 mg")),
        (allergy("Bactrim"), medicine("Hydrochlorothiazide 25 mg, comprimé")),
        (allergy("Acide acétylsalicylique"), medicine("Acide folique 5 mg, comprimé")),
        (allergy("Valproate de sodium"), medicine("Alginate de sodium")),
        (allergy("Iode"), medicine("Amiodarone 200 mg")),
        (allergy("Losartan"), medicine("Périndopril")),
        (allergy("a", "J01CA04"), medicine("b", "J01FA10")),
        (allergy("a", "J01"), medicine("b", "A02BC01")),
        (allergy("Arachide"), medicine("Paracétamol 1 g, comprimé")),
        (allergy("Ramipril Biogaran"), medicine("Amlodipine Biogaran")),
        (allergy(""), medicine("Paracétamol")),
        (allergy("Amoxicilline"), MedicationBody(none_known=True)),
        (allergy("Vitamine B12"), medicine("Vitamine D3 100 000 UI, ampoule")),
        (allergy("Vitamine B12"), medicine("Vitamine B1 250 mg")),
        (allergy("Sodium"), medicine("Diclofénac sodium 50 mg")),
        (allergy("Chlorure de potassium"), medicine("Chlorure de sodium 0,9 %")),
        (allergy("Potassium"), medicine("Losartan potassium 50 mg")),
        (allergy("Losartan potassium"), medicine("Potassium 600 mg")),
        (allergy("Magnésium"), medicine("Oméprazole magnésium")),
        (allergy("Calcium"), medicine("Atorvastatine calcique")),
        (allergy("Sulfate de zinc"), medicine("Morphine (sulfate) 10 mg")),
        (allergy("Pansement adhésif"), medicine("Nicotine 21 mg, dispositif adhésif")),
        (allergy("Adhésif"), medicine("Nicotine 21 mg/24 h, dispositif transdermique adhésif")),
    ],
)
def test_what_the_medicine_does_not_meet_is_not_told(known: AllergyBody, given_to: MedicationBody) -> None:
    assert of_allergy(known, given_to) == []


def test_an_allergy_that_was_entered_in_error_says_nothing() -> None:
    void = entry(allergy("Amoxicilline"), status=Status.ENTERED_IN_ERROR)
    assert warnings([void], WOMAN, medicine("Amoxicilline"), TODAY) == ()


def test_the_warning_says_the_substance_and_the_reaction_and_wants_a_reason() -> None:
    known = AllergyBody(named("Amoxicilline"), reaction="œdème", manifestations=(Concept("choc"), Concept("œdème")))
    [found] = warnings([entry(known)], WOMAN, medicine("Amoxicilline"), TODAY)
    assert found.severity is Severity.DANGER and found.source
    assert found.told(str) == "The patient is allergic to it: Amoxicilline (reaction: œdème, choc)."


def test_a_vaccine_meets_an_allergy_too() -> None:
    new = ImmunisationBody(Concept("Vaccin à la néomycine"))
    assert [one.code for one in warnings([entry(allergy("Néomycine"))], WOMAN, new, TODAY)] == ["allergy"]


def duplicates(taken: MedicationBody, new: MedicationBody) -> list[str]:
    """The codes of what a medicine that is taken says of a new one."""
    return [one.code for one in warnings([entry(taken)], WOMAN, new, TODAY) if one.code.startswith("duplicate")]


@pytest.mark.parametrize(
    ("taken", "new", "codes"),
    [
        (medicine("Paracétamol 1 g, comprimé"), medicine("DOLIPRANE 500 mg"), ["duplicate"]),
        (medicine("a", "N02BE01"), medicine("b", "N02BE01"), ["duplicate"]),
        (medicine("a", "C10AA05"), medicine("b", "C10AA01"), ["duplicate-group"]),
        (medicine("Ibuprofène"), medicine("Kétoprofène"), ["duplicate-group"]),
        (medicine("Oméprazole 20 mg"), medicine("Pantoprazole 20 mg"), ["duplicate-group"]),
        (medicine("Insuline glargine 100 U/mL"), medicine("Insuline asparte 100 U/mL"), []),
        (medicine("Vitamine D"), medicine("Vitamine B12"), []),
        (medicine("Furosémide 40 mg"), medicine("Spironolactone 25 mg"), []),
        (medicine("Insuline glargine", "A10AE04"), medicine("Insuline asparte", "A10AB05"), []),
        (medicine("Coaprovel 150 mg/12,5 mg"), medicine("Hydrochlorothiazide 12,5 mg"), ["duplicate"]),
        (medicine("Coaprovel"), medicine("Candésartan 8 mg"), ["duplicate-group"]),
        (medicine("Diclofénac sodium"), medicine("Alginate de sodium"), []),
        (medicine("Chlorure de potassium"), medicine("Chlorure de sodium"), []),
        (medicine("a", "C10"), medicine("b", "C10"), []),
        (medicine("Paracétamol", state="stopped"), medicine("Paracétamol"), []),
        (medicine("Paracétamol", end="2026-02"), medicine("Paracétamol"), []),
        (medicine("Paracétamol", end="2026-03"), medicine("Paracétamol"), ["duplicate"]),
        (MedicationBody(none_known=True), medicine("Paracétamol"), []),
    ],
)
def test_the_same_medicine_twice(taken: MedicationBody, new: MedicationBody, codes: list[str]) -> None:
    assert duplicates(taken, new) == codes


BRANDS = {
    brand.strip(): tuple(one.strip() for one in held.split("+"))
    for held, _, brands in (line.partition(":") for line in COMBINATIONS.strip().splitlines())
    for brand in brands.split(",")
}


def test_a_brand_of_several_substances_meets_each_of_them() -> None:
    assert len(BRANDS) > 150
    for brand, held in BRANDS.items():
        new = medicine(f"{brand.upper()}, comprimé")
        assert len(held) > 1 and set(held) <= what_is_named(new.medicine).substances, brand
        for substance in held:
            assert of_allergy(allergy(substance), new)[:1] == ["allergy"], (brand, substance)
            assert duplicates(medicine(substance.capitalize()), new)[:1] == ["duplicate"], (brand, substance)


@pytest.mark.parametrize("brand", ["Ixprim", "Zaldiar", "Lamaline", "Izalgi", "Codoliprane", "Di-Antalvic", "Klipal"])
def test_paracetamol_is_found_where_it_hides(brand: str) -> None:
    assert duplicates(medicine("Doliprane 1 g"), medicine(brand)) == ["duplicate"]
    assert of_allergy(allergy("Paracétamol"), medicine(brand)) == ["allergy"]


@pytest.mark.parametrize(
    ("known", "brand", "code"),
    [
        (allergy("AINS"), "Artotec", "allergy-group"),
        (allergy("Aspirine"), "DuoPlavin 75 mg/100 mg", "allergy"),
        (allergy("Ramipril", reaction="angio-œdème"), "Bipreterax 5 mg/1,25 mg", "allergy-group"),
        (allergy("Sulfamides"), "Pédiazole", "allergy-group"),
        (allergy("Abacavir"), "Triumeq", "allergy"),
        (allergy("Métronidazole"), "Birodogyl", "allergy"),
        (allergy("Macrolides"), "Birodogyl", "allergy-group"),
        (allergy("Tétracyclines"), "Pylera", "allergy-group"),
        (allergy("Metformine"), "Janumet", "allergy"),
        (allergy("Lidocaïne"), "Emla 5 %", "allergy"),
    ],
)
def test_a_family_meets_the_brands_that_hold_one_of_it(known: AllergyBody, brand: str, code: str) -> None:
    assert of_allergy(known, medicine(brand)) == [code]


def test_an_amended_medicine_is_no_duplicate_of_itself() -> None:
    taken = entry(medicine("Paracétamol"), id="same")
    assert warnings([taken], WOMAN, medicine("Paracétamol 500 mg"), TODAY, replaces="same") == ()


def test_a_new_allergy_asks_about_what_is_taken() -> None:
    found = warnings([entry(medicine("Augmentin"))], WOMAN, allergy("Pénicilline"), TODAY)
    assert [(one.code, one.severity) for one in found] == [("allergy-taken", Severity.DOUBT)]
    refuted = allergy("Pénicilline", verification="refuted")
    assert warnings([entry(medicine("Augmentin"))], WOMAN, refuted, TODAY) == ()


def test_the_tables_name_nothing_that_is_not_known() -> None:
    known = {one for found in substances.NAMES.values() for one in found}
    for family in substances.FAMILIES.values():
        assert set(family.members) <= known, family.key
    for one in contraindications.CONTRAINDICATIONS:
        assert set(one.substances) <= known and set(one.families) <= set(substances.FAMILIES), one.key
    for purpose in freshness.PURPOSES:
        assert set(purpose.substances) <= known and set(purpose.families) <= set(substances.FAMILIES), purpose.key
    assert substances.PURPOSE_ONLY <= set(substances.FAMILIES)


NAMES = st.one_of(
    st.text(max_size=60),
    st.sampled_from(["\x1b[31mAmoxicilline", "{substance}{0}", "[/] 5 mg", "\u202eenilliciP", "a" * 5000, "%s\x00"]),
    st.sampled_from(sorted(substances.NAMES)),
)
CONCEPTS = st.builds(
    Concept,
    NAMES,
    st.lists(
        st.builds(Coding, st.sampled_from([ATC, "x", ""]), st.text("JC01AZ0 9é", max_size=8), NAMES), max_size=3
    ).map(tuple),
)


@given(CONCEPTS, CONCEPTS)
def test_no_name_breaks_a_check(known: Concept, new: Concept) -> None:
    entries = [entry(AllergyBody(known)), entry(MedicationBody(known))]
    for found in warnings(entries, WOMAN, MedicationBody(new), TODAY):
        assert isinstance(found, Caution) and found.told(str)


@given(CONCEPTS)
def test_what_is_named_at_all_meets_itself(concept: Concept) -> None:
    found = what_is_named(concept)
    told = list(allergy_cautions([entry(AllergyBody(concept))], concept))
    assert bool(told) or not (found.codes or found.substances or found.families or found.telling)


@given(CONCEPTS, CONCEPTS)
def test_being_of_the_same_group_works_both_ways_round(one: Concept, other: Concept) -> None:
    def met(known: Concept, new: Concept) -> bool:
        return any(found.code == "allergy" for found in allergy_cautions([entry(AllergyBody(known))], new))

    assert met(one, other) == met(other, one)


def test_braces_in_a_name_stay_as_they_are() -> None:
    [found] = warnings([entry(allergy("{zorglub} {x}"))], WOMAN, medicine("{zorglub} {x}"), TODAY)
    assert found.told(str) == "The patient is allergic to it: {zorglub} {x} (reaction: urticaire)."
