"""What goes into the emergency export, and in which order; above all, that nothing disappears."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from localstore.bodies import (
    AllergyBody,
    Body,
    ConsultationBody,
    DocumentBody,
    ImmunisationBody,
    MeasurementBody,
    MedicationBody,
    OtherBody,
    PatientBody,
    ProblemBody,
    ProcedureBody,
)
from localstore.emergency import keyvalues
from localstore.emergency.sections import Knowledge, Section, SectionName, Summary
from localstore.emergency.summary import LAST_CONSULTATIONS, NO_LABEL, standing, summarise
from localstore.errors import ConfrereError
from localstore.kinds import Kind, Sensitivity, Status
from localstore.model import Entry
from localstore.values import Coding, Concept
from tests.emergency.charts import (
    AUTHOR,
    JEANNE,
    LOINC,
    MADE,
    PATIENT_ID,
    PRACTICE,
    coded,
    entry,
    measured,
    monstrous,
    of,
    pressure,
    typical,
    words,
)

REQUIRED = (SectionName.ALLERGIES, SectionName.PROBLEMS, SectionName.MEDICATIONS)


def labels(section: Section) -> list[str]:
    """The labels of a section, in order."""
    return [item.label for item in section.items]


def accounted(summary: Summary) -> int:
    """How many entries the summary shows, counts or leaves out by name."""
    in_sections = sum(len(section.none_stated) + section.total + section.elsewhere for section in summary.sections)
    return in_sections + sum(one.count for one in summary.left_out)


# --- three states of knowledge -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(SectionName))
def test_an_empty_record_knows_nothing_and_never_none(name: SectionName) -> None:
    section = of(JEANNE).section(name)
    assert section.knowledge is Knowledge.NOT_ASKED
    assert (section.shown, section.total) == (0, 0)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        (SectionName.ALLERGIES, AllergyBody(none_known=True)),
        (SectionName.PROBLEMS, ProblemBody(none_known=True)),
        (SectionName.MEDICATIONS, MedicationBody(none_known=True)),
    ],
)
def test_none_is_known_only_when_it_was_asked(name: SectionName, body: Body) -> None:
    summary = of(JEANNE, entry(body, "2024-05-01"))
    assert summary.section(name).knowledge is Knowledge.NONE
    assert [item.date for item in summary.section(name).none_stated] == ["2024-05-01"]
    assert {summary.section(other).knowledge for other in REQUIRED if other is not name} == {Knowledge.NOT_ASKED}


def test_none_known_stays_none_whatever_status_came_with_it() -> None:
    summary = of(
        JEANNE,
        entry(ProblemBody(none_known=True, clinical_status="resolved")),
        entry(MedicationBody(none_known=True, state="completed")),
    )
    assert summary.section(SectionName.PROBLEMS).knowledge is Knowledge.NONE
    assert summary.section(SectionName.MEDICATIONS).knowledge is Knowledge.NONE


def test_something_known_wins_over_none_and_says_so() -> None:
    none = entry(AllergyBody(none_known=True), recorded="2025-01-01T00:00:00.000Z")
    latex = entry(AllergyBody(words("Latex")), recorded="2024-01-01T00:00:00.000Z")
    section = of(JEANNE, none, latex).section(SectionName.ALLERGIES)
    assert section.knowledge is Knowledge.KNOWN
    assert [item.entry for item in section.contradicted] == [none]


def test_none_that_was_true_before_does_not_contradict() -> None:
    none = entry(AllergyBody(none_known=True), recorded="2020-01-01T00:00:00.000Z")
    latex = entry(AllergyBody(words("Latex")), recorded="2024-01-01T00:00:00.000Z")
    section = of(JEANNE, none, latex).section(SectionName.ALLERGIES)
    assert section.contradicted == ()
    assert len(section.none_stated) == 1


def test_only_resolved_allergies_are_not_a_known_allergy_and_not_none() -> None:
    section = of(JEANNE, entry(AllergyBody(words("Lait"), clinical_status="resolved"))).section(SectionName.ALLERGIES)
    assert section.knowledge is Knowledge.NOT_ASKED
    assert [(item.label, item.current) for item in section.items] == [("Lait", False)]


# --- restricted entries ------------------------------------------------------------------------------------------


def test_a_restricted_entry_is_left_out_and_counted() -> None:
    summary = of(JEANNE, entry(AllergyBody(words("Latex"))), entry(AllergyBody(words("Secret")), restricted=True))
    section = summary.section(SectionName.ALLERGIES)
    assert labels(section) == ["Latex"]
    assert (section.shown, section.total, section.withheld, section.complete) == (1, 2, 1, False)


def test_a_restricted_entry_that_is_named_is_shown() -> None:
    secret = entry(ProblemBody(words("Dépression")), restricted=True)
    section = of(JEANNE, secret, named=[secret.id]).section(SectionName.PROBLEMS)
    assert labels(section) == ["Dépression"]
    assert section.complete


def test_what_is_held_back_never_reads_as_none() -> None:
    summary = of(JEANNE, entry(AllergyBody(none_known=True)), entry(AllergyBody(words("Secret")), restricted=True))
    assert summary.section(SectionName.ALLERGIES).knowledge is Knowledge.WITHHELD


def test_a_restricted_statement_of_none_is_not_told() -> None:
    section = of(JEANNE, entry(AllergyBody(none_known=True), restricted=True)).section(SectionName.ALLERGIES)
    assert section.none_stated == ()
    assert section.withheld == 1


# --- versions ----------------------------------------------------------------------------------------------------


def test_two_standing_versions_are_both_shown_and_marked() -> None:
    first = entry(MedicationBody(words("Warfarine")), key="1" * 32, version="a" * 32)
    second = entry(MedicationBody(words("Apixaban")), key="1" * 32, version="b" * 32)
    other = entry(MedicationBody(words("Paracétamol")))
    items = of(JEANNE, first, second, other).section(SectionName.MEDICATIONS).items
    assert {(item.label, item.competing) for item in items} == {
        ("Warfarine", True),
        ("Apixaban", True),
        ("Paracétamol", False),
    }


def test_a_replaced_version_is_gone() -> None:
    old = entry(AllergyBody(words("Lait")), key="1" * 32, version="a" * 32)
    new = entry(AllergyBody(words("Lait de vache")), key="1" * 32, version="b" * 32, parents=["a" * 32])
    assert labels(of(JEANNE, old, new).section(SectionName.ALLERGIES)) == ["Lait de vache"]


def test_the_same_version_twice_is_one() -> None:
    one = entry(AllergyBody(words("Lait")))
    assert [(found.entry, found.competing) for found in standing([one, one])] == [(one, False)]


def test_a_retracted_entry_is_void() -> None:
    old = entry(AllergyBody(words("Lait")), key="1" * 32, version="a" * 32)
    void = entry(AllergyBody(words("Lait")), key="1" * 32, version="b" * 32, parents=["a" * 32], retracted=True)
    summary = of(JEANNE, old, void)
    assert summary.section(SectionName.ALLERGIES).total == 0
    assert accounted(summary) == 0


def test_what_one_amended_and_another_retracted_is_shown_and_marked() -> None:
    old = entry(AllergyBody(words("Lait")), key="1" * 32, version="a" * 32)
    new = entry(AllergyBody(words("Lait cru")), key="1" * 32, version="b" * 32, parents=["a" * 32])
    void = entry(AllergyBody(words("Lait")), key="1" * 32, version="c" * 32, parents=["a" * 32], retracted=True)
    items = of(JEANNE, old, new, void).section(SectionName.ALLERGIES).items
    assert [(item.label, item.competing) for item in items] == [("Lait cru", True)]


# --- the sections ------------------------------------------------------------------------------------------------


def test_allergies_stand_by_their_danger_and_what_is_over_comes_last() -> None:
    summary = of(
        JEANNE,
        entry(AllergyBody(words("faible"), criticality="low")),
        entry(AllergyBody(words("ancienne"), criticality="high", clinical_status="resolved")),
        entry(AllergyBody(words("inconnue"))),
        entry(AllergyBody(words("élevée"), criticality="high")),
        entry(AllergyBody(words("non évaluable"), criticality="unable-to-assess")),
    )
    order = labels(summary.section(SectionName.ALLERGIES))
    assert (order[0], order[3:]) == ("élevée", ["faible", "ancienne"])


@pytest.mark.parametrize("status", ["inactive", "resolved", "refuted"])
def test_an_allergy_that_no_longer_holds_is_not_current(status: str) -> None:
    (item,) = of(JEANNE, entry(AllergyBody(words("x"), clinical_status=status))).section(SectionName.ALLERGIES).items
    assert not item.current


def test_an_unknown_status_counts_as_current() -> None:
    summary = of(
        JEANNE,
        entry(AllergyBody(words("x"), clinical_status="strange")),
        entry(MedicationBody(words("y"), state="strange")),
        entry(ProblemBody(words("z"), clinical_status="strange")),
    )
    assert summary.section(SectionName.ALLERGIES).items[0].current
    assert labels(summary.section(SectionName.MEDICATIONS)) == ["y"]
    assert labels(summary.section(SectionName.PROBLEMS)) == ["z"]


@pytest.mark.parametrize("status", ["inactive", "remission", "resolved"])
def test_a_past_problem_is_history(status: str) -> None:
    summary = of(JEANNE, entry(ProblemBody(words("Asthme"), clinical_status=status)))
    assert labels(summary.section(SectionName.HISTORY)) == ["Asthme"]
    assert summary.section(SectionName.PROBLEMS).total == 0


def test_problems_are_the_most_recent_first_and_circumstances_after_diseases() -> None:
    summary = of(
        JEANNE,
        entry(ProblemBody(words("Full-time employment (finding)"), onset="2024")),
        entry(ProblemBody(words("HTA"), onset="2012")),
        entry(ProblemBody(words("sans date")), ""),
        entry(ProblemBody(words("Diabète"), onset="2014-09")),
    )
    assert labels(summary.section(SectionName.PROBLEMS)) == [
        "Diabète",
        "HTA",
        "sans date",
        "Full-time employment (finding)",
    ]


def test_a_treatment_that_has_ended_is_counted_beside_the_current_ones() -> None:
    summary = of(
        JEANNE,
        entry(MedicationBody(words("Metformine"), start="2014")),
        entry(MedicationBody(words("Furosémide"), start="2024-11-20")),
        entry(MedicationBody(words("Paracétamol"), start="2025", state="on-hold")),
        *(entry(MedicationBody(words("Ancien"), state=state)) for state in ("stopped", "completed", "cancelled")),
    )
    section = summary.section(SectionName.MEDICATIONS)
    assert labels(section) == ["Furosémide", "Metformine", "Paracétamol"]
    assert (section.total, section.elsewhere, section.complete) == (3, 3, True)


def test_the_last_consultations_are_five_of_all() -> None:
    visits = [entry(ConsultationBody(reason=f"motif {n:02d}"), f"2020-01-{n:02d}") for n in range(1, 31)]
    section = of(JEANNE, *visits).section(SectionName.CONSULTATIONS)
    assert labels(section) == [f"motif {n:02d}" for n in (30, 29, 28, 27, 26)]
    assert (section.shown, section.total) == (LAST_CONSULTATIONS, 30)


def test_a_consultation_without_a_reason_has_a_label() -> None:
    bodies = (
        ConsultationBody(type=words("Visite à domicile")),
        ConsultationBody(conclusion="RAS"),
        ConsultationBody(),
    )
    summary = of(JEANNE, *(entry(body) for body in bodies))
    assert sorted(labels(summary.section(SectionName.CONSULTATIONS))) == [
        "Motif non noté",
        "RAS",
        "Visite à domicile",
    ]


def test_of_each_key_value_the_latest_is_shown_and_the_others_are_counted() -> None:
    summary = of(
        JEANNE,
        measured("29463-7", "Body weight", "80", "kg", "2024-01-01"),
        measured("29463-7", "Body weight", "78", "kg", "2025-06"),
        measured("4548-4", "HbA1c", "7.1", "%", "2025-01-01", "laboratory"),
        measured("99999-9", "Autre chose", "1", "g", "2025-01-01"),
        pressure("136", "82", "2026-02-10"),
    )
    section = summary.section(SectionName.MEASUREMENTS)
    assert [(item.label, item.date) for item in section.items] == [
        ("Poids", "2025-06"),
        ("Pression artérielle", "2026-02-10"),
        ("HbA1c", "2025-01-01"),
    ]
    assert (section.shown, section.total) == (3, 5)


def test_of_two_values_of_a_day_the_one_written_last_is_shown() -> None:
    early = measured("29463-7", "Poids", "80", "kg", "2024-01-01")
    late = msgspec.structs.replace(
        measured("29463-7", "Poids", "81", "kg", "2024-01-01"), recorded="2026-01-01T00:00:00.000Z"
    )
    items = of(JEANNE, late, early).section(SectionName.MEASUREMENTS).items
    assert [item.entry for item in items] == [late]


def test_both_standing_versions_of_a_key_value_are_shown() -> None:
    one = measured("29463-7", "Poids", "80", "kg", "2024-01-01")
    other = msgspec.structs.replace(measured("29463-7", "Poids", "8", "kg", "2024-01-01"), id=one.id, version="f" * 32)
    items = of(JEANNE, one, other).section(SectionName.MEASUREMENTS).items
    assert [item.competing for item in items] == [True, True]


def test_a_measurement_without_a_value_is_no_key_value() -> None:
    empty = entry(MeasurementBody(coded(LOINC, "29463-7", "Poids")))
    section = of(JEANNE, empty).section(SectionName.MEASUREMENTS)
    assert (section.shown, section.total) == (0, 1)


def test_no_code_means_two_key_values() -> None:
    codes = [code for key in keyvalues.KEY_VALUES for code in key.codes]
    assert len(codes) == len(set(codes))


def test_implants_come_from_what_an_import_kept() -> None:
    summary = of(JEANNE, entry(OtherBody("Device", "Stimulateur cardiaque")), entry(OtherBody("Claim", "facture")))
    assert labels(summary.section(SectionName.DEVICES)) == ["Stimulateur cardiaque"]
    assert [(one.kind, one.count) for one in summary.left_out] == [(Kind.OTHER, 1)]


def test_advance_directives_are_found_among_documents() -> None:
    summary = of(
        JEANNE,
        entry(DocumentBody(title="Mes directives anticipées")),
        entry(DocumentBody(title="Formulaire", type=coded(LOINC, "42348-3", "Advance directives"))),
        entry(DocumentBody(title="Compte rendu")),
    )
    assert sorted(labels(summary.section(SectionName.DIRECTIVES))) == ["Formulaire", "Mes directives anticipées"]
    assert [(one.kind, one.count) for one in summary.left_out] == [(Kind.DOCUMENT, 1)]


def test_a_label_is_never_empty() -> None:
    summary = of(JEANNE, entry(AllergyBody()), entry(ProcedureBody(words("  "))), entry(ProblemBody(Concept())))
    found = [item.label for section in summary.sections for item in section.items]
    assert found == [NO_LABEL] * 3


def test_another_version_of_the_identity_is_told() -> None:
    other = msgspec.structs.replace(JEANNE, birth_date="1958-12-03")
    summary = of(JEANNE, entry(JEANNE), entry(other), entry(other, restricted=True))
    assert summary.other_identities == (other,)


def test_sections_are_complete_and_in_reading_order() -> None:
    summary = of(JEANNE, *typical())
    assert [section.name for section in summary.sections] == list(SectionName)
    assert (summary.patient, summary.author, summary.practice, summary.made) == (JEANNE, AUTHOR, PRACTICE, MADE)
    assert summary.patient_id == PATIENT_ID


def test_entries_of_two_patients_are_refused() -> None:
    mine, yours = entry(AllergyBody(words("x"))), entry(AllergyBody(words("y")))
    with pytest.raises(ConfrereError, match="several patients"):
        of(JEANNE, mine, msgspec.structs.replace(yours, patient="b" * 32))


def test_a_moment_without_its_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        summarise(JEANNE, [], AUTHOR, PRACTICE, datetime(2026, 3, 3))  # noqa: DTZ001


def test_the_order_of_the_entries_does_not_matter() -> None:
    chart = typical()
    assert of(JEANNE, *chart) == of(JEANNE, *reversed(chart))


def test_nothing_of_a_monstrous_record_is_left_out() -> None:
    summary = of(JEANNE, *monstrous())
    assert accounted(summary) == len(monstrous())
    assert summary.section(SectionName.PROBLEMS).shown + summary.section(SectionName.HISTORY).shown == 300
    assert summary.section(SectionName.MEDICATIONS).shown == 60


# --- the law -----------------------------------------------------------------------------------------------------

_text = st.text(max_size=8)
_concepts = st.builds(
    Concept, _text, st.tuples(st.builds(Coding, st.just(LOINC), st.sampled_from(["29463-7", "1-8"]), _text))
)
_statuses = st.sampled_from(["active", "resolved", "inactive", "refuted", "?"])
_bodies: st.SearchStrategy[Body] = st.one_of(
    st.builds(AllergyBody, _concepts, _statuses, st.sampled_from(["high", "low", ""]), none_known=st.booleans()),
    st.builds(ProblemBody, _concepts, _statuses, none_known=st.booleans()),
    st.builds(MedicationBody, _concepts, state=st.sampled_from(["active", "stopped", "?"]), none_known=st.booleans()),
    st.builds(ImmunisationBody, _concepts),
    st.builds(MeasurementBody, _concepts, text=_text),
    st.builds(ConsultationBody, _text),
    st.builds(ProcedureBody, _concepts),
    st.builds(DocumentBody, st.sampled_from(["Directives anticipées", "Lettre"])),
    st.builds(OtherBody, st.sampled_from(["Device", "Claim"]), _text),
)
_ids = st.sampled_from(["0" * 32, "1" * 32, "2" * 32, "3" * 32])


@st.composite
def records(draw: st.DrawFn) -> list[Entry]:
    """Any record: several versions of few entries, some replaced, some retracted, some restricted."""
    count = draw(st.integers(0, 25))
    made: list[Entry] = []
    for number in range(count):
        identifier = draw(_ids)
        before = [one.version for one in made if one.id == identifier]
        version = entry(
            draw(_bodies),
            draw(st.sampled_from(["2020", "2021-05", "2021-05-06", "", "jamais"])),
            key=identifier,
            version=f"{number:032x}",
            parents=draw(st.lists(st.sampled_from(before), unique=True)) if before else (),
            restricted=draw(st.booleans()),
            retracted=draw(st.booleans()),
        )
        made.append(version)
    return made


@given(records())
def test_every_standing_version_is_in_exactly_one_place(record: Sequence[Entry]) -> None:
    replaced = {(one.id, parent) for one in record for parent in one.parents}
    standing_versions = [one for one in record if one.status is Status.FINAL and (one.id, one.version) not in replaced]
    summary = of(JEANNE, *record)
    shown = [item.entry for section in summary.sections for item in (*section.none_stated, *section.items)]
    assert accounted(summary) == len(standing_versions)
    assert len({one.version for one in shown}) == len(shown)
    assert {one.version for one in shown} <= {one.version for one in standing_versions}
    assert not [one for one in shown if one.sensitivity is Sensitivity.RESTRICTED]


@given(records())
def test_naming_everything_withholds_nothing(record: Sequence[Entry]) -> None:
    summary = of(JEANNE, *record, named=[one.id for one in record])
    assert [section.withheld for section in summary.sections if section.withheld] == []


def test_the_summary_of_no_patient_in_particular() -> None:
    nobody = PatientBody(family_name="")
    assert replace(of(nobody), patient=JEANNE) == of(JEANNE)


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("Poids", "Poids"), ("taille", "Taille"), ("TA", "Pression artérielle"), ("HbA1c", "HbA1c"),
        ("Hémoglobine glyquée", "HbA1c"), ("Tension artérielle", "Pression artérielle"),
        ("DFG", "Débit de filtration glomérulaire"),
        ("Groupe sanguin", "Groupe sanguin"), ("Tour de taille", ""), ("Poids de naissance", ""),
    ],
)  # fmt: skip
def test_a_key_value_without_a_code_is_known_by_its_usual_name(label: str, name: str) -> None:
    found = keyvalues.key_of(MeasurementBody(Concept(label)))
    assert (found.name if found else "") == name
    coded_otherwise = Concept(label, (Coding(LOINC, "8280-0"),))
    assert keyvalues.key_of(MeasurementBody(coded_otherwise)) is None  # a code says what it is, whatever it is called
