"""Creating a practice, unlocking it, and locking: by key, after idling, with something unsaved."""

import shutil
import threading
from pathlib import Path

from localstore import paths, practice
from localstore.bodies import DocumentBody
from localstore.keys import passphrase
from localstore.kinds import Sensitivity
from tests.tui.houses import Houses, visiting
from tests.tui.test_record_screen import open_jeanne
from tui import drafts
from tui.app import Ending
from tui.screens.add import AddEntry
from tui.screens.consultation import ConsultationRoom
from tui.screens.create import CreateIdentity, CreatePassphrase, RecoveryWords
from tui.screens.importing import Importing
from tui.screens.parting import Parting
from tui.screens.question import Question
from tui.screens.record import RecordRoom
from tui.screens.search import Search
from tui.screens.unlock import Unlock
from tui.widgets.fields import Line, Secret
from tui.widgets.form import Form
from tui.widgets.words import Words


async def test_a_practice_is_created_and_opened(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    async with visiting(folder) as visit:
        identity = await visit.on(CreateIdentity)
        for name, value in (("doctor", "Dr Zoé Petit"), ("rpps", "10001234574"), ("town", "Lille")):
            identity.query_one(f"#field-{name}", Line).value = value
        await visit.press("ctrl+s")
        question = await visit.on(Question)
        assert "10001234574" in question.query_one(".dialog-words", Words).words
        await visit.press("enter")
        await visit.on(CreateIdentity)
        identity.query_one("#field-rpps", Line).value = "10001234573"
        await visit.press("ctrl+s")
        chosen = await visit.on(CreatePassphrase)
        assert passphrase.estimated_bits(chosen.query_one("#suggested", Words).words) >= 80
        chosen.query_one("#first", Secret).value = "abc"
        await visit.until(lambda: "trop facile" in chosen.query_one("#strength", Words).words)
        chosen.query_one("#first", Secret).value = "abcd"
        await visit.press("ctrl+s")
        await visit.until(lambda: "deux fois" in visit.told)
        await visit.press("ctrl+o")
        secret = chosen.query_one("#again", Secret).value
        await visit.until(lambda: "solide" in chosen.query_one("#strength", Words).words)
        await visit.press("ctrl+s")
        recovery = await visit.on(RecoveryWords)
        shown = recovery._words
        assert len(shown) == 24
        assert all(word in recovery.query_one("#words", Words).words for word in shown)
        await visit.press("enter")
        await visit.until(lambda: not recovery.query_one("#words").display)
        for place in recovery._asked:
            recovery.query_one(f"#word-{place}", Line).value = "autre"
        await visit.press("ctrl+s")
        await visit.until(lambda: "Pas" in visit.told or "pas" in visit.told)
        for place in recovery._asked:
            recovery.query_one(f"#word-{place}", Line).value = shown[place].upper()
        await visit.press("ctrl+s")
        door = await visit.on(Unlock)
        door.query_one("#passphrase", Secret).value = secret
        await visit.press("enter")
        await visit.on(Search)
        assert visit.app.house is not None and visit.app.house.practice == "Cabinet de Dr Zoé Petit"


async def test_a_wrong_passphrase_is_said_and_the_next_one_opens(houses: Houses) -> None:
    async with visiting(houses.alpha) as visit:
        door = await visit.on(Unlock)
        await visit.write("faux")
        await visit.press("enter")
        await visit.until(lambda: "n'ouvre pas" in door.query_one("#door-words", Words).words)
        assert door.query_one("#passphrase", Secret).value == ""
        await visit.press("f7", "f8", "ctrl+l")  # what belongs to an open practice does nothing here
        assert visit.app.screen is door
        await visit.unlock()


async def test_the_key_locks(houses: Houses) -> None:
    async with visiting(houses.alpha) as visit:
        await open_jeanne(visit)
        await visit.press("ctrl+l")
        await visit.until(lambda: visit.app.return_value is Ending.LOCK)


async def test_the_curtain_falls_at_once_and_a_second_key_waits_for_nothing(houses: Houses) -> None:
    shutil.rmtree(paths.backups(houses.alpha), ignore_errors=True)
    under_way = threading.Event()
    async with visiting(houses.alpha) as visit:
        await open_jeanne(visit)
        visit.app.gateway._executor.submit(under_way.wait)  # something long, on the one thread of the record
        try:
            await visit.press("ctrl+l")
            curtain = await visit.on(Parting)
            assert visit.app.return_value is None
            assert "Jeanne" not in "".join(words.words for words in curtain.query(Words))
            await visit.press("ctrl+l")
            await visit.until(lambda: visit.app.return_value is Ending.LOCK)
            assert visit.app.in_a_hurry
        finally:
            under_way.set()
    assert not list(paths.backups(houses.alpha).glob("confrere-*"))


async def test_the_day_s_backup_is_made_at_the_lock(houses: Houses) -> None:
    shutil.rmtree(paths.backups(houses.alpha), ignore_errors=True)
    async with visiting(houses.alpha) as visit:
        await open_jeanne(visit)
        await visit.press("ctrl+l")
        await visit.until(lambda: visit.app.return_value is Ending.LOCK)
        assert visit.app.parting_words == "" and not visit.app.in_a_hurry
    assert len(list(paths.backups(houses.alpha).glob("confrere-*"))) == 1


async def test_idling_locks_and_keeps_what_was_typed_as_a_draft_that_can_be_resumed(houses: Houses) -> None:
    async with visiting(houses.alpha, idle_seconds=3600) as visit:
        await open_jeanne(visit)
        await visit.press("c")
        form = await visit.on(ConsultationRoom)
        await visit.write("Vertiges")
        form.query_one("#value-pulse", Line).value = "72"
        visit.app._last_input -= 3601
        await visit.until(lambda: visit.app.return_value is Ending.LOCK)
    opened = practice.unlock(houses.alpha, "une phrase de passe pour les essais")
    opened.close()
    async with visiting(houses.alpha) as visit:
        room = await open_jeanne(visit)
        assert room.record is not None and drafts.waiting(room.record.entries)
        await visit.until(lambda: "non signée" in visit.told)
        await visit.press("c")
        await visit.on(Question)
        await visit.press("enter")
        form = await visit.on(ConsultationRoom)
        assert form.query_one(Form).typed["reason"] == "Vertiges"
        assert form.query_one("#value-pulse", Line).value == "72"
        assert not form.unsaved
        await visit.press("ctrl+s")
        await visit.on(RecordRoom)
        await visit.until(lambda: room.record and not drafts.waiting(room.record.entries))
        assert room.record.entries[-2].author.name == "Dr Alpha"


async def test_idling_keeps_what_was_typed_on_another_form_as_a_note(houses: Houses) -> None:
    async with visiting(houses.alpha, idle_seconds=3600) as visit:
        await open_jeanne(visit)
        await visit.press("a")
        await visit.on(AddEntry)
        await visit.write("Latex")
        visit.app._last_input -= 3601
        await visit.until(lambda: visit.app.return_value is Ending.LOCK)
        record = await visit.app.gateway.renew_record(houses.jeanne)
        kept = record.entries[-1]
        assert isinstance(kept.body, DocumentBody) and kept.body.text == "Allergie à : Latex"
        assert kept.sensitivity is Sensitivity.RESTRICTED


async def test_an_import_that_is_under_way_is_waited_for(houses: Houses) -> None:
    async with visiting(houses.alpha, idle_seconds=3600) as visit:
        await visit.unlock()
        await visit.press("ctrl+o")
        room = await visit.on(Importing)
        room._importing = True
        visit.app._last_input -= 3601
        await visit.app.tick()
        assert visit.app.return_value is None
        room._importing = False
        visit.app._last_input -= 3601
        await visit.until(lambda: visit.app.return_value is Ending.LOCK)


async def test_a_machine_that_slept_is_locked(houses: Houses) -> None:
    async with visiting(houses.alpha, idle_seconds=3600) as visit:
        await visit.unlock()
        assert visit.app._last_tick is not None
        visit.app._last_tick = visit.app._last_tick.replace(year=2020)
        await visit.until(lambda: visit.app.return_value is Ending.LOCK)
