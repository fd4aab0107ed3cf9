"""The patient's rights on the screens: the report, into the archive and back, erasing with the name typed."""

from pathlib import Path

from localstore import practice
from localstore.rights import archive
from tests.practices import PASSPHRASE
from tests.tui.houses import Houses, visiting
from tui.screens.archive import ArchivedRecord, ArchiveRoom
from tui.screens.erasing import Erasing
from tui.screens.question import Asked, Notice, Question
from tui.screens.record import RecordRoom
from tui.screens.rights import Rights
from tui.screens.search import Search
from tui.widgets.fields import Choice, Line, Push
from tui.widgets.listing import Listing
from tui.widgets.words import Words


def in_archive(houses: Houses) -> list[str]:
    """Who is in the archive of the practice."""
    opened = practice.unlock(houses.alpha, PASSPHRASE)
    try:
        return [one.id for one in archive.listing(opened)]
    finally:
        opened.close()


async def test_the_report_is_written_and_the_record_archived_read_and_brought_back(
    houses: Houses, tmp_path: Path
) -> None:
    async with visiting(houses.alpha) as visit:
        await visit.unlock()
        await visit.app.push_screen(RecordRoom(houses.jeanne))
        record = await visit.on(RecordRoom)
        await visit.until(lambda: record.record is not None)
        await visit.press("w")
        room = await visit.on(Rights)
        await visit.until(lambda: "20" in room.query_one("#kept", Words).words)
        await visit.press("r")
        asked = await visit.on(Asked)
        asked.query_one("#asked", Line).value = str(tmp_path / "report")
        await visit.press("enter")
        await visit.on(Notice)
        assert (tmp_path / "report" / "dossier.pdf").exists()
        await visit.press("enter")
        await visit.on(Rights)
        await visit.press("a")
        question = await visit.on(Question)
        question.query_one("#answer-archive", Push).press()
        search = await visit.on(Search)
        await visit.until(lambda: all(one.id != houses.jeanne for one in search.listing.items))
        await visit.press("f3")
        listed = await visit.on(ArchiveRoom)
        await visit.until(lambda: [one.patient.id for one in listed.listing.items] == [houses.jeanne])
        await visit.press("enter")
        asked = await visit.on(Asked)
        asked.query_one("#asked", Line).value = "elle a rappelé"
        await visit.press("enter")
        archived = await visit.on(ArchivedRecord)
        assert archived.query_one("#entries", Listing).items
        await visit.press("escape")
        await visit.on(ArchiveRoom)
        await visit.press("a")
        await visit.on(Question)
        await visit.press("escape")
        await visit.on(ArchiveRoom)
        await visit.press("u")
        await visit.until(lambda: not listed.listing.items)
    assert in_archive(houses) == []


async def test_a_record_is_erased_only_when_the_name_was_typed(houses: Houses) -> None:
    async with visiting(houses.alpha) as visit:
        await visit.unlock()
        await visit.app.push_screen(RecordRoom(houses.paul))
        record = await visit.on(RecordRoom)
        await visit.until(lambda: record.record is not None)
        await visit.press("w")
        await visit.on(Rights)
        await visit.press("x")
        dialog = await visit.on(Erasing)
        choice = dialog.query_one("#ground", Choice)
        choice.chosen = [code for code, _ in choice.choices].index("mistake")
        dialog.query_one("#reason", Line).value = "inscrit deux fois"
        dialog.query_one("#name", Line).value = "Moreau"
        dialog.query_one("#erase", Push).press()
        await visit.until(lambda: visit.told)
        assert visit.app.screen is dialog
        dialog.query_one("#name", Line).value = "martin"
        dialog.query_one("#erase", Push).press()
        await visit.on(Notice)
        await visit.press("enter")
        search = await visit.on(Search)
        await visit.until(lambda: all(one.id != houses.paul for one in search.listing.items))
