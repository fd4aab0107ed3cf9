"""Every kind of entry on its form, what surrounds the patient, and measurements as curves."""

from decimal import Decimal
from functools import partial

import pytest

from localstore.bodies import (
    AppointmentBody,
    Body,
    CarerBody,
    DeviceBody,
    FamilyHistoryBody,
    LetterBody,
    MeasurementBody,
    MedicationBody,
    RecallBody,
    RelativeBody,
)
from localstore.kinds import Kind
from localstore.values import Concept, Quantity
from tests.tui.houses import Houses, visiting
from tests.tui.test_record_screen import open_jeanne, read
from tui.forms import DATE, FORMS
from tui.screens.add import OFFERED, AddEntry, Chooser
from tui.screens.entry import EntryRoom
from tui.screens.record import RecordRoom
from tui.screens.trends import Trends
from tui.widgets.curve import Curve
from tui.widgets.detail import Detail
from tui.widgets.fields import Choice, Flag, Line
from tui.widgets.listing import Listing
from tui.widgets.surroundings import Surroundings

# What is typed on the form of a kind, by field, and the body that it makes.
TYPED: list[tuple[Kind, dict[str, str], Body]] = [
    (
        Kind.DEVICE,
        {"device": "Stimulateur", "date": "2019", "identifier": "SN-1"},
        DeviceBody(Concept("Stimulateur"), identifier="SN-1"),
    ),
    (
        Kind.FAMILY_HISTORY,
        {"relationship": "mère", "conditions": "HTA; AVC", "onset_age": "60", "deceased": "yes"},
        FamilyHistoryBody(Concept("mère"), (Concept("HTA"), Concept("AVC")), 60, "yes"),
    ),
    (
        Kind.LETTER,
        {"title": "Avis", "correspondent": "Dr Roux", "correspondent_rpps": "10003000006"},
        LetterBody("Avis", correspondent="Dr Roux", correspondent_rpps="10003000006"),
    ),
    (
        Kind.RELATIVE,
        {"name": "Yann", "relationship": "époux", "phone": "06"},
        RelativeBody("Yann", Concept("époux"), "06"),
    ),
    (
        Kind.CARER,
        {"name": "Mme Petit", "role": "Infirmière", "end": "03/2027"},
        CarerBody("Mme Petit", Concept("Infirmière"), end="2027-03"),
    ),
    (
        Kind.RECALL,
        {"concept": "Mammographie", "date": "2027-05", "every_months": "24"},
        RecallBody(Concept("Mammographie"), every_months=24),
    ),
    (
        Kind.APPOINTMENT,
        {"date": "12/03/2027 14h30", "minutes": "20", "reason": "Vaccin"},
        AppointmentBody(20, "Vaccin"),
    ),
    (
        Kind.MEASUREMENT,
        {"concept": "TSH", "quantity": "6,1 mUI/L", "low": "0,4", "high": "4"},
        MeasurementBody(
            Concept("TSH"), Quantity(Decimal("6.1"), "mUI/L"), low=Decimal("0.4"), high=Decimal(4)
        ),
    ),
    (
        Kind.MEDICATION,
        {"medicine": "Ramipril", "dose": "5 mg", "frequency": "2"},
        MedicationBody(Concept("Ramipril"), dose=Quantity(Decimal(5), "mg"), frequency=2),
    ),
]  # fmt: skip


async def test_every_kind_has_a_form_that_the_chooser_leads_to(houses: Houses) -> None:
    async with visiting(houses.alpha) as visit:
        room = await open_jeanne(visit)
        before = len(read(room).entries)
        for kind, typed, body in TYPED:
            await visit.press("n")
            await visit.on(Chooser)
            await visit.press(next(one.letter for one in OFFERED if one.kind is kind and not one.vital_signs))
            form = await visit.on(AddEntry)
            for name, said in typed.items():
                form.query_one(f"#field-{name}", Line).value = said
            await visit.press("ctrl+s")
            await visit.on(RecordRoom)
            await visit.until(partial(_holds, room, body))
        assert len(read(room).entries) == before + len(TYPED)
        booked = next(one for one in read(room).entries if one.kind is Kind.APPOINTMENT)
        assert booked.date == "2027-03-12T14:30"


def test_every_kind_but_three_is_offered_and_has_its_own_letter() -> None:
    offered = {one.kind for one in OFFERED}
    assert offered == set(FORMS) == set(Kind) - {Kind.PATIENT, Kind.CONSULTATION, Kind.OTHER}
    assert len({one.letter for one in OFFERED}) == len(OFFERED)


async def test_what_cannot_be_is_refused_where_it_is_wrong(houses: Houses) -> None:
    async with visiting(houses.alpha) as visit:
        room = await open_jeanne(visit)
        room.add_of(Kind.APPOINTMENT)
        form = await visit.on(AddEntry)
        form.query_one("#field-date", Line).value = "12/03/2027"
        form.query_one("#field-minutes", Line).value = "0"
        await visit.press("ctrl+s")
        await visit.until(lambda: len(form.query(".-refused")) == 2)


async def test_what_was_asked_and_whom_to_call_can_be_seen_and_silence_is_not_none(houses: Houses) -> None:
    async with visiting(houses.alpha) as visit:
        room = await open_jeanne(visit)
        said = room.query_one(Surroundings)
        silent = said.words
        for kind in (Kind.DEVICE, Kind.PROCEDURE, Kind.FAMILY_HISTORY, Kind.IMMUNISATION):
            room.add_of(kind)
            form = await visit.on(AddEntry)
            form.query_one("#field-none_known", Flag).value = True
            await visit.press("ctrl+s")
            await visit.on(RecordRoom)
            await visit.until(partial(_says_none, room, kind))
        await visit.until(lambda: said.words != silent)
        today = "/".join(reversed(read(room).today.split("-")))
        assert said.words.count(today) >= 3 > silent.count(today)
        room.add_of(Kind.RELATIVE)
        form = await visit.on(AddEntry)
        form.query_one("#field-name", Line).value = "Yann Le Bihan"
        form.query_one("#field-to_call", Flag).value = True
        await visit.press("ctrl+s")
        await visit.on(RecordRoom)
        await visit.until(lambda: "Yann Le Bihan" in said.words)


async def test_a_measurement_that_was_made_twice_is_drawn_with_its_values_beside(houses: Houses) -> None:
    async with visiting(houses.alpha) as visit:
        room = await open_jeanne(visit)
        for count, day, value in ((1, "01/02/2026", "5,0 mmol/L"), (2, "03/2025", "4,1 mmol/L")):
            room.add_of(Kind.MEASUREMENT)
            form = await visit.on(AddEntry)
            for name, said in (("concept", "Potassium"), (DATE, day), ("quantity", value), ("high", "4,5")):
                form.query_one(f"#field-{name}", Line).value = said
            await visit.press("ctrl+s")
            await visit.on(RecordRoom)
            await visit.until(partial(_has_potassium, room, count))
        at = next(place for place, one in enumerate(room.listing.items) if _is_potassium(one.body))
        room.listing.cursor = at
        curve = room.query_one(Detail).query_one(Curve)
        await visit.until(lambda: [len(one.points) for one in curve.drawn] == [2])
        await visit.press("g")
        trends = await visit.on(Trends)
        series = trends.query_one("#series", Listing)
        series.cursor = next(place for place, one in enumerate(series.items) if one.label == "Potassium")
        values = trends.query_one("#values", Listing)
        await visit.until(lambda: [one[1].date for one in values.items] == ["2026-02-01", "2025-03"])
        assert [str(one[1].value) for one in values.items] == ["5.0", "4.1"]


def _holds(room: RecordRoom, body: Body) -> bool:
    return body in [one.body for one in read(room).entries]


def _says_none(room: RecordRoom, kind: Kind) -> bool:
    return any(one.kind is kind and getattr(one.body, "none_known", False) for one in read(room).entries)


def _has_potassium(room: RecordRoom, count: int) -> bool:
    return sum(_is_potassium(one.body) for one in read(room).entries) == count


def _is_potassium(body: object) -> bool:
    return isinstance(body, MeasurementBody) and body.concept.text == "Potassium"


@pytest.mark.parametrize("kind", [Kind.DEVICE, Kind.LETTER])
async def test_what_was_written_is_corrected_on_the_same_form(houses: Houses, kind: Kind) -> None:
    async with visiting(houses.alpha) as visit:
        room = await open_jeanne(visit)
        room.add_of(kind)
        form = await visit.on(AddEntry)
        form.query_one(f"#field-{FORMS[kind][0].name}", Line).value = "Premier"
        await visit.press("ctrl+s")
        await visit.on(RecordRoom)
        await visit.until(lambda: any(one.kind is kind for one in room.listing.items))
        first = next(one for one in room.listing.items if one.kind is kind)
        room.open_entry(first)
        await visit.on(EntryRoom)
        await visit.press("e")
        form = await visit.on(AddEntry)
        form.query_one("#field-state" if kind is Kind.DEVICE else "#field-direction", Choice).chosen = 1
        await visit.press("ctrl+s")
        await visit.on(RecordRoom)
        await visit.until(lambda: first.version not in {one.version for one in read(room).entries})
        again = next(one for one in read(room).entries if one.id == first.id)
        assert getattr(again.body, "state", "") == "completed" or getattr(again.body, "direction", "") == "received"
