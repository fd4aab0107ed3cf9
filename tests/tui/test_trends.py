"""Measurements as series and as curves, and what is typed on a form as values: the pure half."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localstore.bodies import Component, DeviceBody, FamilyHistoryBody, MeasurementBody, MedicationBody
from localstore.kinds import Kind, Status
from localstore.model import Entry
from localstore.values import Author, Coding, Concept, Quantity
from tests.tui.hostile import EVERYTHING
from tui import filling
from tui.dates import shown_date, typed_moment
from tui.forms import FORMS
from tui.screens.trends import beside
from tui.trends import Point, Series, keys_of, series
from tui.widgets.curve import HEIGHT, drawing

TODAY = "2026-03-01"
POTASSIUM = Concept("Potassium", (Coding("http://loinc.org", "2823-3"),))


def measured(day: str, value: str, unit: str = "mmol/L", concept: Concept = POTASSIUM, **more: Decimal) -> Entry:
    """One measurement on a day."""
    body = MeasurementBody(concept, Quantity(Decimal(value), unit), **more)  # type: ignore[arg-type]
    return Entry("e" + day, "v" + day + value, "p", day, Author("Dr A"), "2026-01-01T00:00:00Z", body)


def pressure(day: str, upper: str, lower: str) -> Entry:
    """A blood pressure on a day."""
    parts = tuple(
        Component(Concept(name, (Coding("http://loinc.org", code),)), Quantity(Decimal(value), "mmHg"))
        for name, code, value in (("Systolique", "8480-6", upper), ("Diastolique", "8462-4", lower))
    )
    body = MeasurementBody(Concept("Pression"), components=parts)
    return Entry("e" + day, "v" + day, "p", day, Author("Dr A"), "2026-01-01T00:00:00Z", body)


# --- series ----------------------------------------------------------------------------------------------------------


def test_values_of_one_code_and_one_unit_belong_together_oldest_first() -> None:
    entries = [measured("2026-02-01", "5.0", high=Decimal("4.5")), measured("2025-03", "4.1"), measured("2024", "4.4")]
    entries += [measured("2023-01-01", "40", "mg/L"), measured("2022", "41", concept=Concept("Kaliémie"))]
    (found,) = series(entries)
    assert [str(point.value) for point in found.points] == ["4.4", "4.1", "5.0"]
    assert (found.label, found.unit, found.low, found.high) == ("Potassium", "mmol/L", None, Decimal("4.5"))


def test_both_pressures_are_drawn_together_and_a_single_value_is_no_curve() -> None:
    found = series([pressure("2025-01-01", "130", "80"), pressure("2026-01-01", "140", "90"), measured("2026", "4")])
    assert [one.label for one in found] == ["Diastolique", "Systolique"]
    assert [one.label for one in beside(found[0], found)] == ["Diastolique", "Systolique"]
    assert set(keys_of(pressure("2025", "1", "2"))) == {one.key for one in found}


@pytest.mark.parametrize("day", ["", "hier", "2024-13", "2024-02-30", EVERYTHING])
def test_what_has_no_day_is_on_no_curve(day: str) -> None:
    assert series([measured(day, "4"), measured(day, "5")]) == []


def test_a_value_known_only_as_more_than_a_number_says_so() -> None:
    entries = [measured("2024", "4.4"), measured("2025", "4.1")]
    over = Quantity(Decimal(5), "mmol/L", comparator=">")
    body = MeasurementBody(POTASSIUM, over)
    entries.append(Entry("e", "v", "p", "2026", Author("Dr A"), "2026-01-01T00:00:00Z", body))
    (found,) = series(entries)
    assert [(str(point.value), point.comparator) for point in found.points] == [("4.4", ""), ("4.1", ""), ("5", ">")]


def test_what_was_entered_in_error_is_on_no_curve() -> None:
    void = measured("2024", "9")
    wrong = Entry("x", "w", "p", "2024", Author("A"), "", void.body, status=Status.ENTERED_IN_ERROR)
    assert series([void, wrong]) == []


# --- the picture -----------------------------------------------------------------------------------------------------

VALUES = st.decimals(min_value=Decimal(-(10**9)), max_value=Decimal(10**9), allow_nan=False, allow_infinity=False)
DAYS = st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 12, 31)).map(date.isoformat)
POINTS = st.lists(st.builds(Point, DAYS, VALUES, st.just("v")), min_size=1, max_size=12)


@given(POINTS, st.none() | VALUES, st.none() | VALUES, st.integers(24, 120), st.integers(4, 30))
def test_a_picture_fills_its_room_and_never_more(
    points: list[Point], low: Decimal | None, high: Decimal | None, width: int, height: int
) -> None:
    ordered = tuple(sorted(points, key=lambda point: point.day))
    picture = drawing([Series(("k", "u"), "Potassium", "mmol/L", ordered, low, high)], width, height)
    lines = picture.plain.split("\n")
    assert len(lines) == height and all(len(line) <= width for line in lines)
    dots = [letter for line in lines for letter in line if "\u2801" <= letter <= "\u28ff"]
    assert dots


def test_a_rise_rises_and_a_small_change_stays_small() -> None:
    def rows(*values: str) -> list[int]:
        """The lines on which the curve begins and ends, counted from the top."""
        points = tuple(Point(f"202{at}-01-01", Decimal(value), "v") for at, value in enumerate(values))
        lines = drawing([Series(("k", "u"), "x", "", points)], 60, HEIGHT).plain.split("\n")[1:-1]
        ends = (9, max(len(line.rstrip()) for line in lines) - 1)
        return [next(row for row, line in enumerate(lines) if line[end : end + 1].strip()) for end in ends]

    first, last = rows("4", "8")
    assert first > last
    first, last = rows("100", "101")
    assert abs(first - last) <= 1


def test_hostile_words_are_made_safe_in_a_picture() -> None:
    points = (Point("2024", Decimal(1), "v"), Point("2025", Decimal(2), "v"))
    assert "\x1b" not in drawing([Series(("k", "u"), EVERYTHING, EVERYTHING, points)], 80, HEIGHT).plain


# --- what is typed ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "iso"),
    [
        ("12/03/2026 14:30", "2026-03-12T14:30"), ("12/03/2026 9h", "2026-03-12T09:00"), ("12.3.2026 à 9h05",
        "2026-03-12T09:05"), ("2026-03-12T14:30", "2026-03-12T14:30"), ("12/03/2026", None), ("03/2026 14:30", None),
        ("12/03/2026 25:00", None), ("31/02/2026 10:00", None), ("", None), ("demain 10h", None),
    ],
)  # fmt: skip
def test_a_moment_has_its_day_and_its_time(typed: str, iso: str | None) -> None:
    assert typed_moment(typed) == iso


@given(st.dates(date(1000, 1, 1)))
def test_a_moment_that_is_shown_can_be_typed_again(day: date) -> None:
    iso = f"{day.isoformat()}T08:05"
    assert typed_moment(shown_date(iso, time=True)) == iso


@pytest.mark.parametrize(
    ("kind", "field", "said", "accepted"),
    [
        (Kind.MEDICATION, "dose", "500 mg", True), (Kind.MEDICATION, "dose", "<5,5", True),
        (Kind.MEDICATION, "dose", "beaucoup", False), (Kind.MEDICATION, "frequency", "3", True),
        (Kind.MEDICATION, "frequency", "100", False), (Kind.MEDICATION, "frequency", "-1", False),
        (Kind.MEDICATION, "frequency", "٣", False), (Kind.FAMILY_HISTORY, "onset_age", "", True),
        (Kind.FAMILY_HISTORY, "onset_age", "131", False), (Kind.FAMILY_HISTORY, "deceased", "yes", True),
        (Kind.MEASUREMENT, "low", "1e999999", False), (Kind.MEASUREMENT, "low", "3,5", True),
        (Kind.MEASUREMENT, "low", "nan", False), (Kind.APPOINTMENT, "minutes", "0", False),
        (Kind.CARER, "end", "bientôt", False), (Kind.RECALL, "done", "2025", True),
    ],
)  # fmt: skip
def test_what_a_field_can_hold_is_kept_and_the_rest_refused(kind: Kind, field: str, said: str, accepted: bool) -> None:
    typed = filling.begin(kind, TODAY) | {field: said}
    assert (field not in filling.fill(kind, typed, TODAY).refused) is accepted


def test_a_concept_that_was_there_keeps_its_codes_beside_a_new_one() -> None:
    coded = Concept("HTA", (Coding("s", "I10"),))
    held = Entry("e", "v", "p", "", Author("A"), "", FamilyHistoryBody(Concept("mère"), (coded,)))
    typed = filling.begin(Kind.FAMILY_HISTORY, TODAY, held) | {"conditions": "HTA; AVC"}
    body = filling.fill(Kind.FAMILY_HISTORY, typed, TODAY, held).body
    assert isinstance(body, FamilyHistoryBody) and body.conditions == (coded, Concept("AVC"))


def test_a_value_typed_again_keeps_its_unit_code_and_words_become_words() -> None:
    held = measured("2024-01-01", "4.1")
    typed = filling.begin(Kind.MEASUREMENT, TODAY, held)
    assert typed["quantity"] == "4.1 mmol/L"
    again = filling.fill(Kind.MEASUREMENT, typed | {"quantity": "4,4"}, TODAY, held).body
    assert isinstance(again, MeasurementBody) and again.quantity == Quantity(Decimal("4.4"), "mmol/L")
    worded = filling.fill(Kind.MEASUREMENT, typed | {"quantity": "négatif"}, TODAY, held).body
    assert isinstance(worded, MeasurementBody) and (worded.quantity, worded.text) == (None, "négatif")


def test_a_wrong_number_of_a_doctor_is_doubted_and_a_plan_for_the_future_is_not() -> None:
    carer = filling.begin(Kind.CARER, TODAY) | {"name": "Dr B", "rpps": "12345678901", "end": "2030"}
    assert len(filling.fill(Kind.CARER, carer, TODAY).doubts) == 1
    recall = filling.begin(Kind.RECALL, TODAY) | {"concept": "Vaccin", "date": "2030"}
    assert filling.fill(Kind.RECALL, recall, TODAY).doubts == []


@pytest.mark.parametrize("kind", [kind for kind in FORMS if any(f.name == "none_known" for f in FORMS[kind])])
def test_none_known_needs_nothing_else_and_suffers_nothing_else(kind: Kind) -> None:
    none = filling.begin(kind, TODAY) | {"none_known": "yes"}
    filled = filling.fill(kind, none, TODAY)
    assert filled.refused == {} and getattr(filled.body, "none_known", False)
    both = none | {FORMS[kind][0].name: "Quelque chose"}
    assert list(filling.fill(kind, both, TODAY).refused) == ["none_known"]


def test_a_flag_and_a_choice_are_kept() -> None:
    typed = filling.begin(Kind.MEDICATION, TODAY) | {"medicine": "x", "as_needed": "yes", "period": "d"}
    body = filling.fill(Kind.MEDICATION, typed, TODAY).body
    assert isinstance(body, MedicationBody) and body.as_needed and body.period == "d"
    device = filling.begin(Kind.DEVICE, TODAY) | {"device": "Stent", "state": "completed"}
    assert filling.fill(Kind.DEVICE, device, TODAY).body == DeviceBody(Concept("Stent"), "completed")
