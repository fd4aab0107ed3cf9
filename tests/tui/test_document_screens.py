"""Files on the screens: adding one, reading it, opening it outside, and that nothing of it stays."""

from pathlib import Path

import pydicom
import pytest
from PIL import Image

from localstore.bodies import DocumentBody
from localstore.documents import memory
from localstore.model import Entry
from tests.tui.houses import Houses, Visit, visiting
from tests.tui.test_record_screen import open_jeanne, read
from tui.screens.add import AddEntry
from tui.screens.document import DocumentRoom
from tui.screens.entry import EntryRoom
from tui.screens.question import Notice, Question
from tui.screens.record import RecordRoom
from tui.widgets.fields import Line
from tui.widgets.picture import UPPER_HALF, PictureBox
from tui.widgets.words import Words


async def add(visit: Visit, room: RecordRoom, file: Path, *, confirm: bool = False) -> Entry:
    """Add a file on the form for documents; the entry."""
    count = len(read(room).entries)
    await visit.press("d")
    form = await visit.on(AddEntry)
    form.query_one("#file", Line).value = str(file)
    await visit.press("ctrl+s")
    if confirm:
        question = await visit.on(Question)
        assert "MARTIN" in "\n".join(words.words for words in question.query(Words))
        await visit.press("right", "enter")
    await visit.on(RecordRoom)
    await visit.until(lambda: len(read(room).entries) == count + 1)
    return read(room).entries[-1]


async def opened(visit: Visit, room: RecordRoom, entry: Entry) -> DocumentRoom:
    """The file of an entry, read."""
    room.open_entry(entry)
    await visit.on(EntryRoom)
    await visit.press("o")
    document = await visit.on(DocumentRoom)
    await visit.until(lambda: document.shown is not None)
    await visit.pilot.pause()
    return document


async def test_a_text_is_read_in_the_terminal(houses: Houses, tmp_path: Path) -> None:
    (tmp_path / "cr.txt").write_bytes("Écho : rien\x1b[2J à signaler".encode("windows-1252"))
    async with visiting(houses.alpha) as visit:
        room = await open_jeanne(visit)
        entry = await add(visit, room, tmp_path / "cr.txt")
        assert isinstance(entry.body, DocumentBody) and entry.body.attachment is not None and not entry.body.content
        document = await opened(visit, room, entry)
        words = document.query_one("#document-words", Words).words
        assert "Écho : rien" in words and "\x1b" not in words
        assert not document.query_one(PictureBox).display


async def test_a_picture_is_drawn(houses: Houses, tmp_path: Path) -> None:
    Image.new("RGB", (60, 40), (10, 200, 30)).save(tmp_path / "x.png")
    async with visiting(houses.alpha) as visit:
        room = await open_jeanne(visit)
        document = await opened(visit, room, await add(visit, room, tmp_path / "x.png"))
        box = document.query_one(PictureBox)
        assert box.display and box.picture is not None and box.picture.width == 60
        line = box.render_line(0)
        style = next(iter(line)).style
        assert line.text.startswith(UPPER_HALF * 60) and style is not None and style.color is not None
        assert style.color.triplet == (10, 200, 30)


async def test_a_picture_of_somebody_else_is_asked_about(houses: Houses, tmp_path: Path) -> None:
    dataset = pydicom.dcmread(Path(pydicom.__file__).parent / "data" / "test_files" / "CT_small.dcm")
    dataset.PatientName = "MARTIN^PAUL"
    dataset.save_as(tmp_path / "ct.dcm")
    async with visiting(houses.alpha) as visit:
        room = await open_jeanne(visit)
        document = await opened(visit, room, await add(visit, room, tmp_path / "ct.dcm", confirm=True))
        assert document.query_one(PictureBox).display
        assert "MARTIN" in document.query_one("#document-differs", Words).words


async def test_what_was_opened_outside_is_gone_at_the_lock(
    houses: Houses, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not memory.in_memory({}):
        pytest.skip("there is no memory to mount")
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/dev/shm")
    settings = houses.alpha / "practice.toml"
    words = settings.read_text() if settings.exists() else ""
    settings.write_text(words.replace('[documents]\nviewer = ""\n', "") + '\n[documents]\nviewer = "true"\n')
    (tmp_path / "x.pdf").write_bytes(b"%PDF-1.7 rien")
    async with visiting(houses.alpha) as visit:
        room = await open_jeanne(visit)
        document = await opened(visit, room, await add(visit, room, tmp_path / "x.pdf"))
        await visit.press("o")
        notice = await visit.on(Notice)
        told = "\n".join(one.words for one in notice.query(Words))
        path = Path(next(line for line in told.splitlines() if line.startswith("/dev/shm/")))
        assert _read(path) == b"%PDF-1.7 rien"
        await visit.press("enter")
        assert await visit.on(DocumentRoom) is document
    assert _read(path) is None


def _read(path: Path) -> bytes | None:
    """What a file in memory holds; None where not even its folder is left."""
    return path.read_bytes() if path.parents[1].exists() else None
