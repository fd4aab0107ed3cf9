"""What comes in and goes out as files: import, emergency export, FHIR export."""

import json
from pathlib import Path

from tests.tui.houses import Houses, visiting
from tui.screens.exports import Exports
from tui.screens.importing import Importing
from tui.screens.question import Notice
from tui.screens.record import RecordRoom
from tui.screens.search import Search
from tui.widgets.fields import Line
from tui.widgets.listing import Listing
from tui.widgets.words import Words

BUNDLE = {
    "resourceType": "Bundle",
    "type": "collection",
    "entry": [
        {
            "fullUrl": "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0",
            "resource": {
                "resourceType": "Patient",
                "name": [{"family": "Nguyen", "given": ["Linh"]}],
                "birthDate": "1990-05-05",
                "gender": "female",
            },
        },
        {"fullUrl": "urn:uuid:1c3151bd-1cbf-4d64-b04d-cd9187a4c6e0", "resource": {"no": "type"}},
    ],
}


async def test_an_import_says_what_came_of_it_and_names_what_was_broken(houses: Houses, tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "good.json").write_text(json.dumps(BUNDLE))
    (tmp_path / "files" / "cut.json").write_text(json.dumps(BUNDLE)[:90])
    async with visiting(houses.alpha) as visit:
        await visit.unlock()
        await visit.press("ctrl+o")
        room = await visit.on(Importing)
        room.query_one("#path", Line).value = str(tmp_path / "nowhere")
        await visit.press("enter")
        await visit.until(lambda: visit.told)
        room.query_one("#path", Line).value = str(tmp_path / "files")
        await visit.press("enter")
        broken = room.query_one("#broken", Listing)
        await visit.until(lambda: len(broken.items) == 2)
        assert "1 nouveau patient" in room.query_one("#progress", Words).words
        assert {part.file for part in broken.items} == {"good.json", "cut.json"}
        await visit.press("escape")
        search = await visit.on(Search)
        await visit.until(lambda: len(search.listing.items) == 4)


async def test_both_exports_are_written_and_a_file_in_the_way_is_left_alone(houses: Houses, tmp_path: Path) -> None:
    async with visiting(houses.alpha) as visit:
        await visit.unlock()
        await visit.app.push_screen(RecordRoom(houses.jeanne))
        room = await visit.on(RecordRoom)
        await visit.until(lambda: room.record)
        for button, made in (("#emergency", "out/fiche-urgence.pdf"), ("#fhir", f"out/{houses.jeanne[:8]}.json")):
            await visit.press("e")
            exports = await visit.on(Exports)
            exports.query_one("#folder", Line).value = str(tmp_path / "out")
            await visit.pilot.click(button)
            await visit.on(Notice)
            assert (tmp_path / made).stat().st_size > 1000
            await visit.press("enter")
            await visit.on(RecordRoom)
        bundle = json.loads((tmp_path / "out" / f"{houses.jeanne[:8]}.json").read_bytes())
        assert bundle["resourceType"] == "Bundle"
        await visit.press("e")
        exports = await visit.on(Exports)
        exports.query_one("#folder", Line).value = str(tmp_path / "out")
        await visit.pilot.click("#fhir")
        await visit.until(lambda: visit.told)
        assert isinstance(visit.app.screen, Exports)
