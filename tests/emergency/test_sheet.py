"""The sheet as a reader of PDF files sees it: everything is there, nothing lies, same summary, same bytes."""

import unicodedata
from dataclasses import replace
from io import BytesIO

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from localstore.bodies import (
    AllergyBody,
    ConsultationBody,
    ImmunisationBody,
    MedicationBody,
    PatientBody,
    ProblemBody,
    ProcedureBody,
)
from localstore.emergency import fonts, page, sheet, wording
from localstore.emergency.sections import Item, SectionName, Summary
from localstore.emergency.setting import MAX_PIECE, Setting, pieces
from localstore.model import Entry
from localstore.values import Author, Contact
from tests.emergency.charts import (
    JEANNE,
    entry,
    measured,
    monstrous,
    of,
    printed,
    squeezed,
    typical,
    words,
)

HOSTILE = "dose [/] 5 mg <b>gras</b> &amp; \x1b[31m\x1b]52;c;eA==\x07 \u202emalin\u202c " + "W" * 300


def pages(data: bytes) -> list[str]:
    """The text of each page, without white space."""
    return [squeezed(one.extract_text()) for one in PdfReader(BytesIO(data)).pages]


def as_printed(text: str) -> str:
    """Words as they come out of the sheet."""
    return squeezed(Setting(fonts.load().draws).plain(text))


def items(summary: Summary) -> list[Item]:
    """Everything that the summary shows."""
    return [item for section in summary.sections for item in section.items]


def assert_nothing_is_lost(summary: Summary) -> None:
    """Each label, each alert, each detail and each moment stands in the text."""
    text = printed(sheet.render(summary))
    for item in items(summary):
        line = wording.line(item, summary.made)
        for said in (line.label, line.alert, line.detail, *line.when):
            assert as_printed(said) in text, said
    for section in summary.sections:
        if section.total:
            assert squeezed(wording.extent(section)) in text


def test_everything_of_a_typical_record_is_on_one_page() -> None:
    summary = of(JEANNE, *typical())
    assert_nothing_is_lost(summary)
    assert len(pages(sheet.render(summary))) == 1


def test_everything_of_a_monstrous_record_is_printed() -> None:
    summary = of(JEANNE, *monstrous())
    assert len(items(summary)) > 700
    assert_nothing_is_lost(summary)


def test_who_the_patient_is() -> None:
    text = printed(sheet.render(of(JEANNE)))
    for said in (
        "LE GOFF Jeanne Marie",
        "Née le 12 mars 1958 · 67 ans · sexe féminin",
        "Nom de naissance : Le Goff · prénoms : Jeanne, Marie · nom utilisé : Kervella",
        "INS : 258035626004291 (NIR)",
        "Médecin traitant : Dr Claire Dubois, Vannes",
        "À prévenir : Yann Kervella (époux), 06 98 76 54 32",
        "À prévenir : Anne Le Goff (fille), 07 11 22 33 44",
    ):
        assert squeezed(said) in text


def test_who_says_so_and_when() -> None:
    text = printed(sheet.render(of(JEANNE)))
    assert (
        squeezed("le 3 mars 2026 à 9 h 30 (UTC) par Dr Claire Dubois, RPPS 10003518722, Cabinet des Lilas, Vannes")
        in text
    )
    assert squeezed("État du dossier au 3 mars 2026 à 9 h 30 (UTC). Ce qui a été noté depuis n'y figure pas.") in text


def test_every_page_says_whose_it_is_and_its_number() -> None:
    found = pages(sheet.render(of(JEANNE, *monstrous())))
    assert len(found) > 3
    for number, text in enumerate(found, start=1):
        assert squeezed("Le Goff Jeanne Marie, née le 12 mars 1958") in text
        assert squeezed(f"page {number}/{len(found)}") in text
        assert squeezed("Copie établie par Dr Claire Dubois, RPPS 10003518722") in text


def test_an_identity_that_is_not_qualified_does_not_print_its_number() -> None:
    text = printed(sheet.render(of(msgspec.structs.replace(JEANNE, identity_status="provisional"))))
    assert JEANNE.ins not in text
    assert squeezed("INS non imprimé : identité provisoire") in text


def test_an_identity_of_which_little_is_known() -> None:
    text = printed(sheet.render(of(PatientBody(family_name=""))))
    for said in (
        "NOM NON RENSEIGNÉ",
        "Date de naissance non renseignée",
        "sexe non renseigné",
        "INS : non renseigné",
        "Médecin traitant : non renseigné",
        "Personne à prévenir : non renseigné",
    ):
        assert squeezed(said) in text


def test_a_conflict_of_identities_and_a_death_are_told() -> None:
    other = PatientBody(family_name="Legoff", given_names=("Jane",), birth_date="1958-12-03", sex="female")
    text = printed(sheet.render(of(msgspec.structs.replace(JEANNE, deceased="2026-01-02"), entry(other))))
    assert squeezed("Décès noté le 2 janvier 2026") in text
    assert squeezed("IDENTITÉ EN CONFLIT, à vérifier. Autre version : Legoff Jane, née le 3 décembre 1958") in text


@pytest.mark.parametrize("title", ["Allergies", "Traitement en cours", "Problèmes actifs"])
def test_not_asked_never_reads_as_none(title: str) -> None:
    text = printed(sheet.render(of(JEANNE)))
    assert squeezed(f"{title} : non renseigné. Ne pas en conclure qu'il n'y en a pas.") in text
    assert "aucun" not in text.lower()


def test_only_resolved_allergies_are_no_answer_about_the_current_ones() -> None:
    text = printed(sheet.render(of(JEANNE, entry(AllergyBody(words("Lait"), clinical_status="resolved")))))
    assert squeezed("Allergies actuelles : non renseigné. Ne pas en conclure") in text
    assert squeezed("Lait résolue") in text


def test_known_none_says_when_it_was_asked_and_by_whom() -> None:
    text = printed(
        sheet.render(
            of(
                JEANNE,
                entry(AllergyBody(none_known=True), "2024-05-01"),
                entry(MedicationBody(none_known=True), "2024-05"),
                entry(ProblemBody(none_known=True), ""),
            )
        )
    )
    for said in (
        "Allergies : aucune connue (demandé le 1er mai 2024 par Dr Claire Dubois)",
        "Traitement en cours : aucun connu (demandé en mai 2024 par Dr Claire Dubois)",
        "Problèmes actifs : aucun connu (demandé le 2 novembre 2025 par Dr Claire Dubois)",
    ):
        assert squeezed(said) in text
    assert "nonrenseigné.Nepas" not in text


def test_a_section_that_is_partial_says_how_much_and_why() -> None:
    visits = [entry(ConsultationBody(reason=f"motif {n}"), f"2020-01-{n:02d}") for n in range(10, 30)]
    secret = entry(AllergyBody(words("Secret")), restricted=True)
    text = printed(sheet.render(of(JEANNE, secret, *visits)))
    assert squeezed("ALLERGIES — partiel : 0 sur 1") in text
    assert squeezed("1 élément restreint non communiqué") in text
    assert squeezed("Dernières consultations — partiel : 5 sur 20") in text
    assert squeezed("15 consultations plus anciennes : non repris ici") in text
    assert "Secret" not in text


def test_what_has_no_place_is_counted_and_what_was_not_asked_is_named() -> None:
    text = printed(sheet.render(of(JEANNE, *typical())))
    assert squeezed("4 traitements terminés ou arrêtés : non repris ici") in text
    assert squeezed("Dans le dossier, sans place ici : 1 document, 1 élément importé sans rubrique.") in text
    assert (
        squeezed("Non renseigné dans ce dossier : dispositifs et implants, antécédents familiaux, équipe de soins.")
        in text
    )


def test_competing_versions_are_marked() -> None:
    one = entry(MedicationBody(words("Warfarine")), key="1" * 32, version="a" * 32)
    other = entry(MedicationBody(words("Apixaban")), key="1" * 32, version="b" * 32)
    text = printed(sheet.render(of(JEANNE, one, other)))
    assert text.count(squeezed(wording.COMPETING.format(n=2))) == 2


def test_a_danger_is_said_loudly_and_an_old_allergy_is_not() -> None:
    text = printed(
        sheet.render(
            of(
                JEANNE,
                entry(AllergyBody(words("Pénicilline"), criticality="high", reaction="choc", onset="1994")),
                entry(AllergyBody(words("Lait"), criticality="high", clinical_status="resolved")),
            )
        )
    )
    assert squeezed("Pénicilline RISQUE ÉLEVÉ réaction : choc depuis 1994") in text
    assert squeezed("Lait résolue notée le 12 mars 2021") in text


def test_equal_lines_are_brought_together_with_all_their_dates() -> None:
    given_at = (("A", "2", "2024-10-15"), ("", "rappel", "2023-10"))
    shots = [entry(ImmunisationBody(words("Grippe"), lot=lot, dose=dose), date) for lot, dose, date in given_at]
    acts = [entry(ProcedureBody(words("Dialyse")), date) for date in ("2025-01-02", "2025-01-02", "2025-01-04")]
    text = printed(sheet.render(of(JEANNE, *shots, *acts)))
    assert squeezed("Grippe 15 octobre 2024 (dose 2, lot A), octobre 2023 (rappel)") in text
    assert squeezed("Dialyse 4 janvier 2025, 2 janvier 2025 (× 2)") in text


def test_a_treatment_past_its_end_is_shown_and_said_to_be() -> None:
    text = printed(
        sheet.render(of(JEANNE, entry(MedicationBody(words("Amoxicilline"), start="2026-01", end="2026-02-01"))))
    )
    assert squeezed("Amoxicilline depuis janvier 2026 jusqu'au 1er février 2026 (date passée)") in text


def test_the_same_summary_gives_the_same_bytes() -> None:
    summary = of(JEANNE, *typical())
    first = sheet.render(summary)
    sheet.render(of(JEANNE, *monstrous()))
    assert sheet.render(summary) == first


def test_another_moment_gives_other_bytes() -> None:
    summary = of(JEANNE)
    assert sheet.render(replace(summary, made=summary.made.replace(minute=31))) != sheet.render(summary)


@pytest.mark.parametrize(
    "name", ["Nguyễn Thị Hạnh", "Łukasz Żółć", "Ελένη Παππά", "Иванова Мария", "Կարեն", "გიორგი", "Çağlar Öztürk"]
)
def test_names_of_many_scripts_are_printed_as_they_are(name: str) -> None:
    assert squeezed(name) in printed(sheet.render(of(PatientBody(family_name=name))))


def test_an_arabic_name_is_drawn_joined() -> None:
    text = printed(sheet.render(of(PatientBody(family_name="محمد"))))
    # The reader turns right-to-left glyphs back into reading order; compatibility forms are the letters' shapes.
    assert "محمد" in unicodedata.normalize("NFKC", text)
    assert "\ufee3\ufea4\ufee4\ufeaa" in text


def test_what_has_no_glyph_is_printed_as_code_points() -> None:
    assert squeezed("[U+738B U+5C0F U+660E]") in printed(sheet.render(of(PatientBody(family_name="王小明"))))


def hostile_record() -> list[Entry]:
    """Hostile text in each place that has room for it."""
    return [
        entry(AllergyBody(words(HOSTILE), reaction=HOSTILE, criticality="<&", category=HOSTILE), HOSTILE),
        entry(ProblemBody(words(HOSTILE), severity=HOSTILE, onset=HOSTILE, abatement=HOSTILE)),
        entry(MedicationBody(words(HOSTILE), dosage=HOSTILE * 20, state="<para>", end=HOSTILE)),
        entry(ImmunisationBody(words(HOSTILE), lot=HOSTILE, state=HOSTILE)),
        entry(ConsultationBody(reason=HOSTILE, conclusion=HOSTILE), "2020-13-45"),
        entry(ProcedureBody(words(HOSTILE), reason=HOSTILE)),
        measured("29463-7", HOSTILE, "78", HOSTILE, HOSTILE),
    ]


def test_hostile_text_is_neutral_and_complete() -> None:
    patient = PatientBody(
        family_name=HOSTILE, given_names=(HOSTILE,), birth_date="<i>", sex="<u>", contacts=(Contact(HOSTILE),)
    )
    summary = replace(of(patient, *hostile_record()), author=Author(HOSTILE, "<1>"), practice=HOSTILE)
    data = sheet.render(summary)
    text = printed(data)
    for control in ("\x1b", "\x07", "\u202e", "\u202c"):
        assert control not in text
    assert "[U+202E]" in text
    for item in items(summary):
        assert as_printed(item.label) in text
    for field in PdfReader(BytesIO(data)).metadata or {}:
        assert "\x1b" not in str((PdfReader(BytesIO(data)).metadata or {})[field])


def test_a_text_of_many_pages_is_printed_whole() -> None:
    tokens = [f"prise{n:04d}" for n in range(8000)]
    found = pages(sheet.render(of(JEANNE, entry(MedicationBody(words("Long"), dosage=" ".join(tokens))))))
    text = "".join(found)
    assert len(found) > 5
    assert [token for token in tokens if token not in text] == []


def test_more_allergies_than_the_box_holds_are_named_there_and_listed_below() -> None:
    many = [
        entry(AllergyBody(words(f"Substance au nom assez long n° {n:02d}"), reaction="urticaire")) for n in range(70)
    ]
    first, *others = pages(sheet.render(of(JEANNE, *many)))
    assert squeezed("Liste complète ci-dessous.") in first
    assert squeezed("ALLERGIES — complet : 70") in first
    assert [
        n for n in range(70) if f"n°{n:02d}urticaire" not in "".join([first, *others]).replace("réaction:", "")
    ] == []


def test_pieces_put_together_are_the_whole() -> None:
    assert pieces("court") == ["court"]
    text = "mot " * 2000 + "W" * 5000
    assert "".join(pieces(text)) == text
    assert max(map(len, pieces(text))) <= MAX_PIECE


def test_what_is_repeated_on_each_page_is_cut_visibly() -> None:
    fonts.load()
    assert page.fitted("Le Goff", fonts.BOLD, 8, 200) == "Le Goff"
    assert page.fitted("W" * 100_000, fonts.BOLD, 8, 200).endswith("W…")
    assert page.fitted("W" * 40, fonts.BOLD, 8, 200).endswith("W…")


# Readers turn right-to-left runs round again, each in its own way: those runs have tests of their own.
_texts = st.text(
    st.characters().filter(lambda one: unicodedata.bidirectional(one) not in ("R", "AL", "AN")), max_size=60
)


@settings(max_examples=max(25, settings().max_examples // 20))
@given(st.lists(st.tuples(_texts, _texts, _texts), max_size=6), _texts)
def test_any_text_in_any_place_is_printed(lines: list[tuple[str, str, str]], name: str) -> None:
    record = [
        body
        for label, detail, date in lines
        for body in (
            entry(AllergyBody(words(label), reaction=detail, onset=date)),
            entry(MedicationBody(words(detail), dosage=label), date),
            entry(ProblemBody(words(date), note=label, onset=detail)),
        )
    ]
    summary = of(PatientBody(family_name=name, given_names=(name,)), *record)
    text = printed(sheet.render(summary))
    for item in items(summary):
        assert as_printed(item.label) in text


def test_every_section_has_a_title() -> None:
    assert set(wording.TITLES) == set(SectionName)
