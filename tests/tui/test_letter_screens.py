"""Writing to a colleague from a record: what is enclosed, what is refused, and what the lock keeps."""

from localstore import colleagues, practice, record
from localstore.bodies import DocumentBody, LetterBody
from localstore.kinds import Kind
from sync import desk as desk_room
from sync.receiving import inbox, reception
from sync.sending import letters, sharing
from tests.practices import PASSPHRASE
from tests.tui.houses import Houses, Visit, carry, visiting
from tui.screens.extract import ExtractRoom
from tui.screens.inbox import Inbox
from tui.screens.letter import LetterRoom
from tui.screens.question import Notice, Question
from tui.screens.record import RecordRoom
from tui.screens.share import Share
from tui.widgets.fields import Line, Lines
from tui.widgets.form import Form
from tui.widgets.listing import Listing

WORDS = "Cher confrère,\n\nMerci de voir Jeanne.\n"


def consent(houses: Houses) -> None:
    """Jeanne agrees that Dr Beta is told of everything but her measurements."""
    alpha = desk_room.establish(practice.unlock(houses.alpha, PASSPHRASE))
    beta = colleagues.by_identifier(alpha.record, houses.beta_at_alpha)
    assert beta is not None
    sharing.grant(alpha, houses.jeanne, beta, purpose="Avis", kinds=(Kind.ALLERGY, Kind.PROBLEM, Kind.LETTER))
    alpha.close()


async def open_share(visit: Visit, houses: Houses) -> Share:
    await visit.unlock()
    await visit.app.push_screen(RecordRoom(houses.jeanne))
    room = await visit.on(RecordRoom)
    await visit.until(lambda: room.record)
    await visit.press("s")
    share = await visit.on(Share)
    await visit.until(lambda: len(share.listing.items) == 2)
    return share


async def open_letter(visit: Visit, houses: Houses) -> LetterRoom:
    share = await open_share(visit, houses)
    await visit.until(lambda: share.listing.item and share.in_force(share.listing.item))
    await visit.press("l")
    letter = await visit.on(LetterRoom)
    await visit.until(lambda: letter.query_one("#enclosable", Listing).items)
    return letter


async def test_without_a_consent_there_is_no_letter(houses: Houses) -> None:
    async with visiting(houses.alpha) as visit:
        await open_share(visit, houses)
        await visit.press("l")
        await visit.until(lambda: "consentement" in visit.told or "accord" in visit.told)
        assert isinstance(visit.app.screen, Share)


async def test_a_letter_goes_with_what_was_enclosed_and_nothing_else(houses: Houses) -> None:
    consent(houses)
    async with visiting(houses.alpha) as visit:
        letter = await open_letter(visit, houses)
        listing = letter.query_one("#enclosable", Listing)
        assert {entry.kind for entry in listing.items} == {Kind.ALLERGY, Kind.PROBLEM}
        await visit.press("ctrl+s")
        await visit.until(lambda: letter.query(".-refused"))
        letter.query_one("#field-title", Line).value = "Avis"
        letter.query_one("#field-text", Lines).text = WORDS
        await visit.press("f10")
        await visit.until(lambda: listing.has_focus)
        enclosed = listing.items[1]
        await visit.press("down", "enter")
        await visit.press("ctrl+s")
        share = await visit.on(Share)
        assert share is visit.app.screen
    assert carry(houses, from_beta=False) == 3  # the key of the epoch, an anchor, and the letter
    beta = desk_room.establish(practice.unlock(houses.beta, PASSPHRASE))
    reception.collect(beta)
    (item,) = inbox.listing(beta)
    (said,) = [entry.body for entry in item.entries if entry.id == item.letter]
    assert isinstance(said, LetterBody)
    assert (said.title, said.text) == ("Avis", WORDS.strip())
    assert {entry.id for entry in item.entries} == {item.letter, enclosed.id}
    beta.close()


async def test_what_was_typed_is_kept_by_the_lock_and_asked_about_on_leaving(houses: Houses) -> None:
    consent(houses)
    async with visiting(houses.alpha) as visit:
        letter = await open_letter(visit, houses)
        assert not letter.unsaved
        letter.query_one("#field-text", Lines).text = WORDS
        assert letter.query_one(Form).is_changed
        assert letter.unsaved
        await letter.keep()
    alpha = practice.unlock(houses.alpha, PASSPHRASE)
    kept = [entry.body for entry in record.chart(alpha, houses.jeanne).entries if entry.kind is Kind.DOCUMENT]
    assert [body for body in kept if isinstance(body, DocumentBody) and "Merci de voir Jeanne" in body.text]
    alpha.close()


async def test_a_letter_is_answered_from_the_room_in_which_it_was_read(houses: Houses) -> None:
    beta = desk_room.establish(practice.unlock(houses.beta, PASSPHRASE))
    alpha = colleagues.by_identifier(beta.record, houses.alpha_at_beta)
    assert alpha is not None
    sharing.grant(beta, houses.theirs, alpha, purpose="Avis", kinds=(Kind.LETTER,))
    letters.send(beta, houses.theirs, alpha, "Avis", WORDS)
    beta.close()
    carry(houses, from_beta=True)
    consent(houses)
    async with visiting(houses.alpha) as visit:
        await visit.unlock()
        await visit.press("f7")
        inbox_room = await visit.on(Inbox)
        await visit.until(lambda: inbox_room.query_one("#inbox", Listing).items)
        await visit.press("enter")
        room = await visit.on(ExtractRoom)
        await visit.until(lambda: room.query_one("#theirs", Listing).items)
        await visit.press("r")
        await visit.until(lambda: "Reprenez" in visit.told)
        await visit.press("t")
        await visit.on(Question)
        await visit.press("enter")
        await visit.on(Notice)
        await visit.press("enter")
        await visit.on(ExtractRoom)
        await visit.press("r")
        letter = await visit.on(LetterRoom)
        assert letter.query_one("#field-title", Line).value == "Réponse\u00a0: Avis"


async def test_nothing_but_the_letter_is_added_from_a_letter(houses: Houses) -> None:
    consent(houses)
    async with visiting(houses.alpha) as visit:
        letter = await open_letter(visit, houses)
        offered = {binding.action for _, binding, enabled, _ in letter.active_bindings.values() if enabled}
        assert not {action for action in offered if action.startswith(("add(", "choose_kind"))}
        await visit.press("f2")
        assert visit.app.screen is letter
