"""Warnings and codes on the screens: what is asked, what is told, and what a chosen term writes."""

from pathlib import Path

from localstore import practice as practices_room
from localstore import record
from localstore.bodies import MedicationBody, PatientBody
from localstore.terminology import importing
from localstore.values import Concept
from tests.practices import PASSPHRASE
from tests.terminology import files
from tests.tui.houses import Houses, visiting
from tests.tui.test_record_screen import open_jeanne, read
from tui.screens.add import AddEntry
from tui.screens.caution import Warned
from tui.screens.coding import Coder
from tui.screens.consultation import ConsultationRoom
from tui.screens.question import Question
from tui.screens.record import RecordRoom
from tui.widgets.fields import Line
from tui.widgets.listing import Listing
from tui.widgets.words import Words


def prepare(houses: Houses, folder: Path) -> None:
    """Put the tables and a medicine into Jeanne's practice."""
    here = practices_room.unlock(houses.alpha, PASSPHRASE)
    folder.mkdir()
    for path in files.write(folder).values():
        importing.import_file(here, path)
    record.add(here, houses.jeanne, MedicationBody(Concept("Zorglubine\x1b[31m [/]")))
    here.close()


async def test_a_term_is_searched_and_brings_its_words_and_codes(houses: Houses, tmp_path: Path) -> None:
    prepare(houses, tmp_path / "files")
    async with visiting(houses.alpha) as visit:
        room = await open_jeanne(visit)
        count = len(read(room).entries)
        await visit.press("m")
        form = await visit.on(AddEntry)
        await visit.write("dolip")
        await visit.press("f3")
        coder = await visit.on(Coder)
        listing = coder.query_one("#terms", Listing)
        await visit.until(lambda: "DOLIPRANE" in str([one.concept.text for one in listing.items]))
        await visit.press("enter", "enter")
        await visit.on(AddEntry)
        await visit.until(lambda: form.query_one("#field-medicine", Line).value.startswith("DOLIPRANE"))
        await visit.press("ctrl+s")
        await visit.on(RecordRoom)
        await visit.until(lambda: len(read(room).entries) == count + 1)
        body = read(room).entries[-1].body
        assert isinstance(body, MedicationBody)
        assert [one.code for one in body.medicine.codings] == ["60234100"]


async def test_the_same_medicine_twice_wants_a_reason_and_hostile_names_stay_harmless(
    houses: Houses, tmp_path: Path
) -> None:
    prepare(houses, tmp_path / "files")
    async with visiting(houses.alpha) as visit:
        room = await open_jeanne(visit)
        count = len(read(room).entries)
        await visit.press("m")
        await visit.on(AddEntry)
        await visit.write("zorglubine")
        await visit.press("ctrl+s")
        asked = await visit.on(Warned)
        words = asked.query_one(".dialog-words", Words)
        assert "Zorglubine" in words.words and "\x1b" not in str(words.render())
        await visit.press("escape")
        await visit.on(AddEntry)
        assert len(read(room).entries) == count


async def test_a_medicine_before_the_birth_is_asked_about(houses: Houses) -> None:
    async with visiting(houses.alpha) as visit:
        room = await open_jeanne(visit)
        count = len(read(room).entries)
        birth = read(room).patient
        assert isinstance(birth, PatientBody) and birth.birth_date
        await visit.press("m")
        form = await visit.on(AddEntry)
        await visit.write("Amlodipine 5 mg")
        form.query_one("#field-date", Line).value = "1900"
        await visit.press("ctrl+s")
        await visit.on(Question)
        await visit.press("right", "enter")
        await visit.on(RecordRoom)
        await visit.until(lambda: len(read(room).entries) == count + 1)


async def test_a_consultation_begins_with_the_values_that_are_due(houses: Houses) -> None:
    here = practices_room.unlock(houses.alpha, PASSPHRASE)
    record.add(here, houses.jeanne, MedicationBody(Concept("Previscan 20 mg \x1b[31m")))
    here.close()
    async with visiting(houses.alpha) as visit:
        await open_jeanne(visit)
        await visit.press("c")
        room = await visit.on(ConsultationRoom)
        await visit.until(lambda: "INR" in room.query_one("#due", Words).words)
