"""The pure half of the interface: dates, homonyms, the three states of knowledge, forms, vital signs, drafts."""

import time
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localstore.bodies import (
    AllergyBody,
    Body,
    Component,
    ConsultationBody,
    DocumentBody,
    MeasurementBody,
    PatientBody,
    ProblemBody,
)
from localstore.kinds import Kind, Provenance, Status
from localstore.model import Entry
from localstore.values import Author, Coding, Concept, Quantity
from tests.tui.hostile import EVERYTHING
from tui import drafts, essentials, filling, forms, vitals
from tui.amounts import measured
from tui.dates import age, is_after, shown_date, shown_length, shown_moment, typed_date
from tui.details import rows
from tui.essentials import State
from tui.reading import beside, title
from tui.screens import patient

TODAY = "2026-03-01"


def entry(body: Body, day: str = "", *, status: Status = Status.FINAL, version: str = "v") -> Entry:
    """An entry about nobody in particular."""
    return Entry("e" + version, version, "p", day, Author("Dr A"), "2026-01-01T00:00:00.000Z", body, status=status)


# --- dates -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "iso"),
    [
        ("", ""), (" 12/03/2024 ", "2024-03-12"), ("12.3.2024", "2024-03-12"), ("12032024", "2024-03-12"),
        ("03/2024", "2024-03"), ("2024", "2024"), ("2024-03-12", "2024-03-12"), ("2024-03", "2024-03"),
        ("31/02/2024", None), ("13/2024", None), ("hier", None), ("24", None), ("0000", None), ("1/1/20245", None),
    ],
)  # fmt: skip
def test_a_typed_date_is_understood_or_refused(typed: str, iso: str | None) -> None:
    assert typed_date(typed) == iso


@given(st.dates(min_value=date(1000, 1, 1)))
def test_a_date_that_is_shown_can_be_typed_again(day: date) -> None:
    iso = day.isoformat()
    assert [typed_date(shown_date(text)) for text in (iso, iso[:7], iso[:4])] == [iso, iso[:7], iso[:4]]


def test_a_date_is_shown_in_the_users_language(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [shown_date(iso) for iso in ("2024-03-12", "2024-03", "2024", "x", "2024-13")] == [
        "12/03/2024", "03/2024", "2024", "x", "2024-13",
    ]  # fmt: skip
    assert shown_date("2024-03-12T08:30", time=True) == "12/03/2024 08:30"
    assert shown_moment("no moment") == "no moment"
    monkeypatch.setenv("LANGUAGE", "en")
    assert [shown_date(iso) for iso in ("2024-03-12", "2024-03")] == ["12 Mar 2024", "Mar 2024"]


@pytest.fixture
def paris(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine in Paris."""
    monkeypatch.setenv("TZ", "Europe/Paris")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("paris")
@pytest.mark.parametrize(
    ("iso", "shown", "with_time"),
    [
        ("2025-01-01T23:30:00Z", "02/01/2025", "02/01/2025 00:30"),
        ("2025-07-31T22:15:00.123Z", "01/08/2025", "01/08/2025 00:15"),
        ("2025-01-01T23:30:00+01:00", "01/01/2025", "01/01/2025 23:30"),
        ("2025-01-01T23:30", "01/01/2025", "01/01/2025 23:30"),
        ("2025-01-01T99:30:00Z", "01/01/2025", "01/01/2025 99:30"),
        ("9999-12-31T23:30:00Z", "31/12/9999", "31/12/9999 23:30"),
        ("1958-07-03", "03/07/1958", "03/07/1958"),
        ("1958-07", "07/1958", "07/1958"),
        ("1958", "1958", "1958"),
    ],
)
def test_a_moment_is_shown_on_the_calendar_of_the_practice(iso: str, shown: str, with_time: str) -> None:
    assert (shown_date(iso), shown_date(iso, time=True)) == (shown, with_time)


@pytest.mark.usefixtures("paris")
def test_a_moment_is_in_the_future_by_the_day_here() -> None:
    assert not is_after("2026-03-02T02:00:00+05:00", TODAY)
    assert is_after("2026-03-01T23:30:00Z", TODAY)


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(10, "10\u00a0min"), (60, "1\u00a0h"), (80, "1\u00a0h\u00a020"), (125, "2\u00a0h\u00a005"), (660, "11\u00a0h")],
)
def test_how_long_is_said_in_hours(minutes: int, said: str) -> None:
    assert shown_length(minutes).replace(" ", "\u00a0") == said


@pytest.mark.parametrize(
    ("birth", "said"),
    [
        ("1958-03-02", "67 ans"), ("1958-03-01", "68 ans"), ("2026-02-10", "19 jours"), ("2024-05-02", "21 mois"),
        ("1958", "~ 68 ans"), ("1958-03", "~ 68 ans"), ("", ""), ("2027-01-01", ""), ("bientôt", ""),
    ],
)  # fmt: skip
def test_an_age_is_said_as_far_as_the_birth_date_goes(birth: str, said: str) -> None:
    assert age(birth, TODAY) == said


@pytest.mark.parametrize(
    ("iso", "after"), [("2026-03-02", True), (TODAY, False), ("2026", False), ("2026-04", True), ("", False)]
)
def test_the_future_is_recognised_as_far_as_a_date_goes(iso: str, after: bool) -> None:
    assert is_after(iso, TODAY) is after


# --- what is known ---------------------------------------------------------------------------------------------------

NONE = AllergyBody(none_known=True)
MILD, SEVERE = AllergyBody(Concept("Latex")), AllergyBody(Concept("Iode"), criticality="high")
OLD = AllergyBody(Concept("Lait"), clinical_status="resolved")


@pytest.mark.parametrize(
    ("bodies", "state", "contradicts"),
    [
        ([], State.NOT_ASKED, False),
        ([NONE], State.NONE, False),
        ([MILD], State.KNOWN, False),
        ([MILD, NONE], State.KNOWN, True),
        ([OLD], State.KNOWN, False),
        ([OLD, NONE], State.NONE, False),
    ],
)
def test_known_none_and_not_asked_are_kept_apart(bodies: list[Body], state: State, contradicts: bool) -> None:
    found = essentials.known([entry(body, version=str(at)) for at, body in enumerate(bodies)], Kind.ALLERGY)
    assert (found.state, found.contradicts) == (state, contradicts)


def test_what_was_entered_in_error_is_known_to_nobody_and_still_shown() -> None:
    found = essentials.known([entry(MILD, status=Status.ENTERED_IN_ERROR)], Kind.ALLERGY)
    assert (found.state, len(found.void), found.current) == (State.NOT_ASKED, 1, ())


def test_the_severe_ones_come_first() -> None:
    found = essentials.known([entry(SEVERE, "2001", version="a"), entry(MILD, "2020", version="b")], Kind.ALLERGY)
    assert [one.body for one in found.current] == [SEVERE, MILD]


# --- forms -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", forms.FORMS)
def test_an_empty_form_is_refused_at_the_field_that_says_what_it_is_about(kind: Kind) -> None:
    refused = filling.fill(kind, filling.begin(kind, TODAY), TODAY).refused
    assert list(refused) == [forms.FORMS[kind][0].name]


def test_what_is_shown_and_left_as_it_is_keeps_what_the_record_holds() -> None:
    body = ProblemBody(Concept(EVERYTHING, (Coding("s", "c"),)), onset="2020-05-06T10:00:00Z", note=EVERYTHING)
    held = entry(body, "2020-05-06T10:00:00Z")
    typed = filling.begin(Kind.PROBLEM, TODAY, held)
    assert "\x1b" not in "".join(typed.values())
    filled = filling.fill(Kind.PROBLEM, typed | {"severity": "grave"}, TODAY, held)
    assert filled.date == held.date and isinstance(filled.body, ProblemBody)
    assert (filled.body.concept, filled.body.note, filled.body.severity) == (body.concept, EVERYTHING, "grave")


def test_doubts_are_asked_and_contradictions_refused() -> None:
    typed = filling.begin(Kind.PROBLEM, TODAY) | {"concept": "Asthme", "onset": "2027", "abatement": "2019"}
    assert len(filling.fill(Kind.PROBLEM, typed, TODAY).doubts) == 2
    both = filling.begin(Kind.ALLERGY, TODAY) | {"substance": "Latex", "none_known": "yes"}
    assert list(filling.fill(Kind.ALLERGY, both, TODAY).refused) == ["none_known"]
    wrong = filling.begin(Kind.ALLERGY, TODAY) | {"substance": "Latex", "onset": "hier"}
    assert list(filling.fill(Kind.ALLERGY, wrong, TODAY).refused) == ["onset"]
    planned = filling.begin(Kind.MEDICATION, TODAY) | {"medicine": "Amoxicilline", "end": "10/03/2026"}
    assert filling.fill(Kind.MEDICATION, planned, TODAY).doubts == []


def test_an_identity_is_filled_and_doubted() -> None:
    body = PatientBody("Moreau", ("Jeanne",), "1958-03-12", "female", phone=EVERYTHING)
    made, refused = patient.fill(body, patient.begin(body) | {"given_names": "Jeanne, Lucie", "ins": "2 58 03"})
    assert refused == {} and made.phone == EVERYTHING
    assert (made.given_names, made.ins, made.ins_oid != "") == (("Jeanne", "Lucie"), "25803", True)
    assert len(patient.doubts(made, TODAY)) == 1
    assert len(patient.doubts(PatientBody("X", (), "2030-01-01"), TODAY)) == 2
    assert patient.doubts(PatientBody("X", ("Y",), "1880"), TODAY)
    _, refused = patient.fill(body, patient.begin(body) | {"family_name": " ", "birth_date": "12/13/1958"})
    assert set(refused) == {"family_name", "birth_date"}


# --- vital signs and readings ----------------------------------------------------------------------------------------


def test_both_pressures_make_one_measurement_and_each_doubt_is_told() -> None:
    typed = {"systolic": "80", "diastolic": "120", "weight": "7,25", "pulse": "", "height": "9"}
    pressure, weight, height = vitals.measurements(typed)
    assert (measured(pressure), measured(weight), measured(height)) == ("80/120 mmHg", "7,25 kg", "9 cm")
    assert vitals.unreadable({"pulse": "x", "weight": "", "height": "1e9999", "breaths": "-3"}) == [
        "pulse", "height", "breaths",
    ]  # fmt: skip


@given(st.dictionaries(st.sampled_from(sorted(vitals.BY_NAME)), st.text(max_size=12)))
def test_whatever_is_typed_makes_measurements_of_numbers_only(typed: dict[str, str]) -> None:
    good = {name: said for name, said in typed.items() if vitals.value(said) is not None}
    assert len(vitals.measurements(typed)) <= len(good)


def test_a_measurement_is_typed_again() -> None:
    pressure = vitals.measurements({"systolic": "130", "diastolic": "80"})[0]
    assert vitals.editable(pressure) == "130/80"
    again = vitals.edited(pressure, "125/75")
    assert again is not None and measured(again) == "125/75 mmHg"
    assert vitals.edited(pressure, "125") is None and vitals.edited(pressure, "a/b") is None
    weight = MeasurementBody(Concept("Poids"), Quantity(Decimal("72.50"), "kg"))
    assert vitals.editable(weight) == "72.50"
    words = MeasurementBody(Concept("Groupe sanguin"), text="A+")
    changed = vitals.edited(words, "O+")
    assert changed is not None and changed.text == "O+"
    assert vitals.editable(MeasurementBody(Concept("x"), components=(Component(Concept("y"), text="z"),))) is None


def test_every_kind_of_entry_has_a_title_and_rows() -> None:
    for body in (
        NONE,
        MILD,
        ProblemBody(),
        ConsultationBody(conclusion="c"),
        DocumentBody(text="t"),
        MeasurementBody(Concept()),
    ):
        one = entry(body)
        assert title(one) and all(said for _, said in rows(one)) and isinstance(beside(one), str)


# --- drafts ----------------------------------------------------------------------------------------------------------

DRAFT = drafts.Draft(ConsultationBody("Toux"), {"pulse": "72"}, "01/03/2026")


def test_a_draft_can_be_read_without_this_program_and_resumed_with_it() -> None:
    kept = drafts.document(DRAFT)
    assert "Toux" in kept.text and "72" in kept.text
    held = entry(kept)
    assert drafts.waiting([entry(MILD), held]) == (held, DRAFT)


def test_only_a_draft_that_was_made_here_and_stands_is_resumed() -> None:
    kept = drafts.document(DRAFT)
    foreign = Entry("e", "v", "p", "", Author("x"), "", kept, provenance=Provenance.RECEIVED)
    broken = entry(DocumentBody("t", media_type=drafts.MEDIA_TYPE, content=b"\xc1"))
    assert drafts.waiting([foreign, broken, entry(kept, status=Status.ENTERED_IN_ERROR)]) is None


def test_an_empty_form_is_no_draft() -> None:
    assert drafts.Draft(ConsultationBody(), {"pulse": " "}, "").is_empty and not DRAFT.is_empty
