"""Lots through the screens: writing one for a colleague, reading the one that he gives."""

from pathlib import Path

from localstore import colleagues, practice
from sync import desk as desk_room
from sync import handing
from sync.receiving import reception
from sync.sending import sharing
from tests.practices import PASSPHRASE
from tests.tui.houses import Houses, Visit, visiting
from tui.lot_words import read_words, written_words
from tui.screens.colleagues import Colleagues
from tui.screens.inbox import Inbox
from tui.screens.lots import ReadLot, WriteLot
from tui.values_lots import LotRead, LotWritten
from tui.widgets.fields import Line
from tui.widgets.words import Words


def said(visit: Visit) -> str:
    """What the room says of the lot."""
    return visit.app.screen.query_one("#done", Words).words


def gave(path: Path, *, stored: int = 0, already_here: int = 0) -> LotRead:
    """A lot of Dr Beta that gave so much."""
    return LotRead("Dr Beta", str(path), True, stored, already_here, 0, 0, 0, 0, 0, 0, 0, 0)


def nothing(_done: int, _total: int) -> None:
    """Nobody looks."""


async def test_a_lot_is_written_for_a_colleague_and_never_over_another(houses: Houses, tmp_path: Path) -> None:
    path = tmp_path / "beta.lot"
    async with visiting(houses.alpha) as visit:
        await visit.unlock()
        await visit.press("f8")
        room = await visit.on(Colleagues)
        await visit.until(lambda: room.listing.item)
        await visit.until(lambda: [one for one in room.listing.items if one.name == "Dr Beta"])
        assert room.listing.item is not None and room.listing.item.name == "Dr Beta"
        await visit.press("w")
        lot = await visit.on(WriteLot)
        lot.query_one("#path", Line).value = str(path)
        await visit.press("enter")
        await visit.until(lambda: said(visit))
        size = path.stat().st_size
        assert said(visit) == "\n".join(written_words(LotWritten("Dr Beta", str(path), 0, size, False)))
        before = path.read_bytes()
        await visit.press("ctrl+s")
        await visit.until(lambda: str(path) in visit.told and not said(visit))
        assert path.read_bytes() == before
        assert not lot.busy


async def test_a_lot_is_read_and_what_it_brings_is_in_the_mail(houses: Houses, tmp_path: Path) -> None:
    path = tmp_path / "alpha.lot"
    beta = desk_room.establish(practice.unlock(houses.beta, PASSPHRASE))
    (alpha,) = colleagues.listing(beta.record)
    sharing.grant(beta, houses.theirs, alpha, purpose="soins")
    sharing.share(beta, houses.theirs, alpha)
    handing.write(beta, alpha, path, nothing)
    reception.collect(beta)
    beta.close()
    async with visiting(houses.alpha) as visit:
        await visit.unlock()
        await visit.press("f7")
        await visit.on(Inbox)
        await visit.press("l")
        lot = await visit.on(ReadLot)
        lot.query_one("#path", Line).value = str(path)
        await visit.press("enter")
        await visit.until(lambda: said(visit))
        assert said(visit) == "\n".join(read_words(gave(path, stored=3)))
        await visit.until(lambda: visit.app.mail.new == 1)
        await visit.press("ctrl+s")
        await visit.until(lambda: said(visit) == "\n".join(read_words(gave(path, already_here=3))))
        lot.query_one("#path", Line).value = str(tmp_path / "none.lot")
        await visit.press("ctrl+s")
        await visit.until(lambda: not said(visit))
        await visit.press("escape")
        await visit.on(Inbox)
