"""Pairing, changed keys and the card as a code, through the screens; the colleague is a real meeting or a real card."""

import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import msgspec
import pytest
from PIL import Image
from textual.widgets import Digits

from localstore import colleagues, practice, settings
from localstore.colleagues import State
from localstore.settings import Network, Settings
from sync import desk as desk_room
from sync.desk import Desk
from sync.meeting.events import Agreed, Candidate, Ending, Gone, Pace
from sync.meeting.live import Meeting, Whereabouts
from sync.post_office.transport import parse_address
from sync.trust import card, introductions
from tests import practices
from tests.practices import PASSPHRASE
from tests.sync.introduced import doctor
from tests.tui.houses import Houses, Visit, visiting
from tui import codes
from tui.screens.colleagues import AddCard, Colleagues, OwnCardRoom
from tui.screens.inbox import Inbox
from tui.screens.key_changed import KeyChanged
from tui.screens.pair import PairRoom
from tui.screens.qr import CodeRoom
from tui.screens.question import Asked, Question
from tui.screens.verify import Verify
from tui.widgets.fields import Line, Lines
from tui.widgets.words import Words

PACE = Pace(visible=30, comparing=30, step=5, again=0.05)


@pytest.fixture(autouse=True)
def french(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests read English."""
    monkeypatch.setenv("LANGUAGE", "en")


def said(visit: Visit, name: str) -> str:
    """What a text of the screen says."""
    return visit.app.screen.query_one(name, Words).words


def here_only(folder: Path) -> None:
    """The practice listens on the loopback, unannounced."""
    settings.write(folder, Settings(network=Network(("127.0.0.1",), 0, discovery=False)))


@contextmanager
def opened(folder: Path) -> Iterator[Desk]:
    """A practice, for a moment."""
    desk = desk_room.establish(practice.unlock(folder, PASSPHRASE))
    try:
        yield desk
    finally:
        desk.close()


@asynccontextmanager
async def pairing(houses: Houses) -> AsyncIterator[tuple[Visit, PairRoom]]:
    """The interface of alpha, in the room where one pairs."""
    here_only(houses.alpha)
    async with visiting(houses.alpha) as visit:
        await visit.unlock()
        await visit.press("f8")
        await visit.on(Colleagues)
        await visit.press("p")
        room = await visit.on(PairRoom)
        await visit.until(lambda: "127.0.0.1:" in said(visit, "#pair-where"))
        yield visit, room


def calling(visit: Visit, desk: Desk) -> Meeting:
    """A practice that calls where the screen says."""
    address = said(visit, "#pair-where").split()[-1]
    return Meeting(introductions.my_card(desk), desk.signing, Whereabouts(at=parse_address(address)), PACE)


async def candidate(visit: Visit, room: PairRoom, there: Meeting) -> Candidate:
    """Both sides show the same digits and words."""
    event = await there.next()
    assert isinstance(event, Candidate)
    await visit.until(lambda: room.query_one("#pair-digits", Digits).value == event.spoken.digits)
    assert said(visit, "#pair-words") == " · ".join(event.spoken.words)
    return event


async def say(visit: Visit, *keys: str) -> None:
    """Answer the question whether they are the same."""
    await visit.press("ctrl+s")
    await visit.on(Question)
    await visit.press(*keys)


def known_at(folder: Path) -> dict[str, State]:
    """Who is known there, and how far he is trusted."""
    with opened(folder) as desk:
        return {one.name: one.state for one in colleagues.listing(desk.record)}


async def test_two_doctors_compare_and_both_say_yes(houses: Houses) -> None:
    with opened(houses.folder / "gamma") as gamma:
        async with pairing(houses) as (visit, room), calling(visit, gamma) as there:
            met = await candidate(visit, room, there)
            assert "Dr Gamma" in said(visit, "#pair-who") and "another key" not in said(visit, "#pair-who")
            await say(visit, "right", "right", "enter")
            await visit.until(lambda: "Waiting" in said(visit, "#pair-next"))
            await there.confirm(met.number)
            assert isinstance(await there.next(), Agreed)
            await visit.on(Colleagues)
            assert "verified" in visit.told
    assert known_at(houses.alpha)["Dr Gamma"] is State.VERIFIED_BY_PHONE


async def test_a_no_here_is_told_there_and_others_may_still_come(houses: Houses) -> None:
    with opened(houses.folder / "gamma") as gamma:
        async with pairing(houses) as (visit, room):
            async with calling(visit, gamma) as there:
                met = await candidate(visit, room, there)
                await say(visit, "enter")  # Enter alone decides nothing
                await visit.on(PairRoom)
                await visit.press("n")
                assert await there.next() == Gone(met.number, Ending.REFUSED_THERE)
                await visit.until(lambda: room.query_one("#pair-digits", Digits).value == "")
                await visit.until(lambda: "Nothing was kept" in visit.told)
            other = doctor("Delta", "10001234591")
            at = Whereabouts(at=parse_address(said(visit, "#pair-where").split()[-1]))
            async with Meeting(*other, at, PACE) as second:
                await candidate(visit, room, second)
                assert "Dr Delta" in said(visit, "#pair-who")
    assert known_at(houses.alpha) == {"Dr Beta": State.VERIFIED_IN_PERSON, "Dr Gamma": State.RECEIVED}


async def test_leaving_is_a_no_and_nothing_listens_after(houses: Houses) -> None:
    with opened(houses.folder / "gamma") as gamma:
        async with pairing(houses) as (visit, room), calling(visit, gamma) as there:
            met = await candidate(visit, room, there)
            await there.confirm(met.number)
            await visit.press("escape")
            await visit.on(Colleagues)
            assert await there.next() == Gone(met.number, Ending.REFUSED_THERE)
            await visit.until(lambda: not room.busy)
    assert known_at(houses.alpha)["Dr Gamma"] is State.RECEIVED


async def test_the_other_leaves_while_the_question_is_open(houses: Houses) -> None:
    with opened(houses.folder / "gamma") as gamma:
        async with pairing(houses) as (visit, room):
            async with calling(visit, gamma) as there:
                await candidate(visit, room, there)
                await visit.press("ctrl+s")
                await visit.on(Question)
            await visit.until(lambda: "Nothing was kept" in visit.told)
            await visit.on(PairRoom)  # the question went with him
            assert said(visit, "#pair-next") == ""
    assert known_at(houses.alpha)["Dr Gamma"] is State.RECEIVED


async def test_calling_at_an_address(houses: Houses) -> None:
    with opened(houses.folder / "gamma") as gamma:
        where = Whereabouts(interfaces=("127.0.0.1",), announced=False)
        async with (
            pairing(houses) as (visit, room),
            Meeting(introductions.my_card(gamma), gamma.signing, where, PACE) as there,
        ):
            await visit.press("a")
            asked = await visit.on(Asked)
            asked.query_one("#asked", Line).value = f"127.0.0.1:{there.addresses[0].port}"
            await visit.press("enter")
            await visit.on(PairRoom)
            met = await candidate(visit, room, there)
            await there.refuse(met.number)
            await visit.on(Colleagues)
            assert "the colleague said no" in visit.told


@pytest.mark.parametrize("over", ["question", "elsewhere"])
async def test_the_end_of_a_call_takes_no_other_screen_along(houses: Houses, over: str) -> None:
    with opened(houses.folder / "gamma") as gamma:
        where = Whereabouts(interfaces=("127.0.0.1",), announced=False)
        async with (
            pairing(houses) as (visit, room),
            Meeting(introductions.my_card(gamma), gamma.signing, where, PACE) as there,
        ):
            await visit.press("a")
            asked = await visit.on(Asked)
            asked.query_one("#asked", Line).value = f"127.0.0.1:{there.addresses[0].port}"
            await visit.press("enter")
            await visit.on(PairRoom)
            met = await candidate(visit, room, there)
            await visit.press("ctrl+s" if over == "question" else "f7")
            above = await visit.on(Question if over == "question" else Inbox)
            await there.refuse(met.number)
            await visit.until(lambda: "the colleague said no" in visit.told)
            if over == "elsewhere":
                assert visit.app.screen is above
                await visit.press("escape")
            await visit.on(Colleagues)
            await visit.until(lambda: not room.busy)


async def test_an_accord_while_another_screen_lies_above_is_kept_and_leaves_that_screen(houses: Houses) -> None:
    with opened(houses.folder / "gamma") as gamma:
        async with pairing(houses) as (visit, room), calling(visit, gamma) as there:
            met = await candidate(visit, room, there)
            await say(visit, "right", "enter")
            await visit.until(lambda: "Waiting" in said(visit, "#pair-next"))
            await visit.press("f7")
            above = await visit.on(Inbox)
            await there.confirm(met.number)
            await visit.until(lambda: "is verified" in visit.told)
            assert visit.app.screen is above
            await visit.press("escape")
            await visit.on(Colleagues)
    assert known_at(houses.alpha)["Dr Gamma"] is State.VERIFIED_IN_PERSON


async def test_the_card_of_a_stranger_pushes_nothing_off_the_screen(houses: Houses) -> None:
    one, long = doctor("Gamma", "10001234583"), "長" * 80
    body = msgspec.structs.replace(one.card.body, name=long, profession=long, practice=long, town=long)
    made = card.make(body, one.signing.secret)
    here_only(houses.alpha)
    async with visiting(houses.alpha, size=(80, 24)) as visit:
        await visit.unlock()
        await visit.press("f8")
        await visit.on(Colleagues)
        await visit.press("p")
        room = await visit.on(PairRoom)
        await visit.until(lambda: "127.0.0.1:" in said(visit, "#pair-where"))
        at = Whereabouts(at=parse_address(said(visit, "#pair-where").split()[-1]))
        async with Meeting(made, one.signing, at, PACE) as there:
            await candidate(visit, room, there)
            await visit.until(lambda: room.query_one("#pair-words").region.height)
            below = [room.query_one(name).region for name in ("#pair-who", "#pair-digits", "#pair-words", "#pair-next")]
            assert [one.y for one in below] == sorted(one.y for one in below)
            assert below[0].height <= 8 and below[-1].bottom <= 23
            assert "長" not in said(visit, "#pair-next")
            await visit.press("ctrl+s")
            asked = await visit.on(Question)
            assert not any("長" in words.words for words in asked.query(Words))


async def test_an_address_that_is_none_is_told(houses: Houses) -> None:
    async with pairing(houses) as (visit, _):
        await visit.press("a")
        asked = await visit.on(Asked)
        asked.query_one("#asked", Line).value = "nowhere"
        await visit.press("enter")
        await visit.on(Colleagues)
        assert "no network address" in visit.told


# --- changed keys ----------------------------------------------------------------------------------------------------


@pytest.fixture
def reinstalled(tmp_path: Path) -> Iterator[Desk]:
    """A practice under the number of beta, with other keys."""
    made = practices.make_desk(tmp_path / "again", "Beta", "10001234575")
    yield made
    made.close()


async def test_a_meeting_under_another_key_says_so_and_rekeys(houses: Houses, reinstalled: Desk) -> None:
    async with pairing(houses) as (visit, room), calling(visit, reinstalled) as there:
        met = await candidate(visit, room, there)
        assert "another key" in said(visit, "#pair-who")
        await there.confirm(met.number)
        await say(visit, "right", "enter")
        await visit.on(Colleagues)
    with opened(houses.alpha) as alpha:
        beta = colleagues.by_identifier(alpha.record, houses.beta_at_alpha)
        assert beta is not None and beta.is_verified and beta.signing_key == reinstalled.signing.public


async def stopped(visit: Visit, text: str) -> Colleagues:
    """Alpha pastes a card under another key, and is shown what that means."""
    await visit.unlock()
    await visit.press("f8")
    room = await visit.on(Colleagues)
    await visit.until(lambda: len(room.listing.items) == 2)
    await visit.press("a")
    add = await visit.on(AddCard)
    add.query_one("#pasted", Lines).text = text
    await visit.press("ctrl+s")
    changed = await visit.on(KeyChanged)
    await visit.until(lambda: "Nothing is sent" in changed.query_one("#changed-words", Words).words)
    return room


async def test_a_pasted_card_under_another_key_stops_everything_and_the_old_key_can_be_kept(
    houses: Houses, reinstalled: Desk
) -> None:
    text = card.armour(introductions.my_card(reinstalled)).decode()
    async with visiting(houses.alpha) as visit:
        room = await stopped(visit, text)
        await visit.press("escape")
        await visit.on(Colleagues)
        await visit.until(lambda: {one.state for one in room.listing.items} == {"key-changed", "received"})
        await visit.until(lambda: "Another key" in said(visit, "#about-words"))
        await visit.press("v")
        await visit.on(KeyChanged)
        await visit.press("k")
        await visit.on(Question)
        await visit.press("enter")  # Enter alone decides nothing
        await visit.on(KeyChanged)
        await visit.press("k")
        await visit.on(Question)
        await visit.press("right", "enter")
        await visit.on(Colleagues)
        await visit.until(lambda: "key-changed" not in {one.state for one in room.listing.items})
    assert known_at(houses.alpha)["Dr Beta"] is State.VERIFIED_IN_PERSON


async def test_the_new_key_is_compared_by_its_fingerprint(houses: Houses, reinstalled: Desk) -> None:
    text = card.armour(introductions.my_card(reinstalled)).decode()
    async with visiting(houses.alpha) as visit:
        await stopped(visit, text)
        await visit.press("v")
        verify = await visit.on(Verify)
        await visit.until(lambda: len(verify.query(Digits)) == 10)
        digits = "".join(group.value for group in verify.query(Digits).results(Digits))
        verify.query_one("#field-digits", Line).value = digits
        await visit.press("ctrl+s")
        await visit.on(Colleagues)
    with opened(houses.alpha) as alpha:
        beta = colleagues.by_identifier(alpha.record, houses.beta_at_alpha)
        assert beta is not None and beta.is_verified and beta.signing_key == reinstalled.signing.public


# --- the card as a code ----------------------------------------------------------------------------------------------


def drawn(page: list[str]) -> Image.Image:
    """What a screen shows, as a photograph of it: 4 pixels for a module."""
    upper, lower = {"▀": 1, "▄": 0, "█": 1, " ": 0}, {"▀": 0, "▄": 1, "█": 1, " ": 0}
    rows = [[half[letter] for letter in line] for line in page for half in (upper, lower)]
    made = Image.new("L", (len(rows[0]) + 8, len(rows) + 8), 255)
    for down, row in enumerate(rows):
        for across, dark in enumerate(row):
            made.putpixel((across + 4, down + 4), 0 if dark else 255)
    return made.resize((made.width * 4, made.height * 4), Image.Resampling.NEAREST)


def album(photographs: list[Image.Image], image: Path) -> Path:
    """All photographs on one: the reader puts the parts together only where it sees them all."""
    made = Image.new("L", (photographs[0].width, sum(one.height for one in photographs)), 255)
    for place, one in enumerate(photographs):
        made.paste(one, (0, place * one.height))
    made.save(image)
    return image


def read(image: Path) -> str:
    """What a reader of codes sees."""
    if shutil.which("zbarimg") is None:
        pytest.skip("there is no reader of QR codes here (zbarimg)")
    return subprocess.run(
        ["zbarimg", "--quiet", "--raw", str(image)], capture_output=True, text=True, check=True
    ).stdout


@pytest.mark.parametrize(("size", "pages"), [((80, 24), 15), ((120, 40), 5), ((200, 80), 1)])
async def test_the_own_card_as_codes_can_be_read_page_by_page(
    houses: Houses, tmp_path: Path, size: tuple[int, int], pages: int
) -> None:
    async with visiting(houses.alpha, size=size) as visit:
        await visit.unlock()
        await visit.press("f8")
        await visit.on(Colleagues)
        await visit.press("m")
        await visit.on(OwnCardRoom)
        await visit.press("c")
        room = await visit.on(CodeRoom)
        assert room.pages == pages
        photographs = []
        for place in range(pages):
            await visit.until(lambda: f"Code {place + 1} of {pages}" in said(visit, "#code-words"))  # noqa: B023
            shown = said(visit, "#code").split("\n")
            photographs.append(drawn(shown))
            await visit.press("space")
    with opened(houses.alpha) as alpha:
        mine = alpha.signing.public
    assert card.read(read(album(photographs, tmp_path / "album.png")).encode()).body.signing_key == mine


async def test_the_code_is_saved_as_an_image(houses: Houses, tmp_path: Path) -> None:
    async with visiting(houses.alpha) as visit:
        await visit.unlock()
        await visit.app.push_screen(CodeRoom(card.alphanumeric(doctor("Alpha").card)))
        await visit.on(CodeRoom)
        for name, kept in (("card.gif", False), ("card.png", True)):
            await visit.press("ctrl+s")
            asked = await visit.on(Asked)
            asked.query_one("#asked", Line).value = str(tmp_path / name)
            await visit.press("enter")
            await visit.on(CodeRoom)
            await visit.until(lambda: "Written" in visit.told if kept else "ends in .png" in visit.told)  # noqa: B023
    assert card.read(read(tmp_path / "card.png").encode()).body.name == "Dr Alpha"
    assert not (tmp_path / "card.gif").exists()


async def test_a_window_that_is_too_small_says_so(houses: Houses) -> None:
    async with visiting(houses.alpha, size=(60, 15)) as visit:
        await visit.app.push_screen(CodeRoom(card.alphanumeric(doctor("Alpha").card)))
        room = await visit.on(CodeRoom)
        assert room.pages == 0 and "too small" in said(visit, "#code-words")


def test_a_code_of_any_size_holds_the_whole_text() -> None:
    words = card.alphanumeric(doctor("Alpha").card)
    for columns, lines in ((45, 23), (60, 30), (150, 80)):
        for page in codes.pages(words, columns, lines):
            assert len(page) <= lines and {len(line) for line in page} <= set(range(columns + 1))
