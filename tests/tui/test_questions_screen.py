"""Asking the whole practice (F11), and finding words in one record (/)."""

from localstore import history, practice
from tests.practices import PASSPHRASE
from tests.tui.houses import Houses, visiting
from tests.tui.test_record_screen import open_jeanne
from tui.screens.question import Asked
from tui.screens.questions import Questions
from tui.screens.record import RecordRoom
from tui.widgets.fields import Line
from tui.widgets.words import Words


async def test_a_question_is_asked_answered_and_opens_a_record(houses: Houses) -> None:
    async with visiting(houses.alpha) as visit:
        await visit.unlock()
        await visit.press("f11")
        room = await visit.on(Questions)
        asked = room.query_one("#asked", Line)
        asked.value = "> 8"
        await visit.press("enter")
        await visit.until(lambda: bool(visit.told))  # it names nothing
        asked.value = "allergie"
        await visit.press("enter")
        await visit.until(lambda: room.listing.items)
        assert "1" in room.query_one("#answer-count", Words).words
        asked.value = "rien de tel"
        await visit.press("enter")
        await visit.until(lambda: not room.listing.items)
        asked.value = "allergie"
        await visit.press("enter")
        await visit.until(lambda: room.listing.items)
        await visit.press("enter")
        record = await visit.on(RecordRoom)
        await visit.until(lambda: record.record is not None)
        await visit.press("escape")
        await visit.on(Questions)
    here = practice.unlock(houses.alpha, PASSPHRASE)
    asked_for = [line.detail for line in history.lines(here.connection) if line.action == "practice-asked"]
    assert asked_for == ["allergie", "rien de tel", "allergie"]
    here.close()


async def test_words_are_found_in_a_record(houses: Houses) -> None:
    async with visiting(houses.alpha) as visit:
        room = await open_jeanne(visit)
        await visit.until(lambda: room.listing.items)
        everything = len(room.listing.items)
        await visit.press("slash")
        dialog = await visit.on(Asked)
        dialog.query_one("#asked", Line).value = "etat sta"  # "État stable"
        await visit.press("enter")
        await visit.on(RecordRoom)
        await visit.until(lambda: len(room.listing.items) == 1)
        await visit.press("slash")
        dialog = await visit.on(Asked)
        dialog.query_one("#asked", Line).value = ""
        await visit.press("enter")
        await visit.on(RecordRoom)
        await visit.until(lambda: len(room.listing.items) == everything)
