"""Keeping a file from a form: whose a picture says that it is, asked first; and how far it is, said meanwhile."""

from localstore.bodies import DocumentBody
from tui.screens.dialog import Rooms
from tui.screens.question import Question
from tui.values import NewEntry
from tui.values_documents import FileLook
from tui.words.catalogue import text

TOLD_EVERY = 100_000_000  # bytes: larger files say how far they are


async def despite_the_name(room: Rooms, file: FileLook) -> bool:
    """Whether a file is to be kept: of a picture that says that it is of somebody else, a person decides."""
    if not file.differs:
        return True
    words = "\n".join((file.about, *(sentence for _, sentence in file.differs)))
    question = Question(
        text("This picture says that it is of somebody else"),
        words,
        [("mend", text("Look again")), ("keep", text("Keep it in this record all the same"))],
        grave=True,
    )
    return await room.app.push_screen_wait(question) == "keep"  # type: ignore[attr-defined,no-any-return]


async def keep_file(room: Rooms, patient: str, typed: str, file: FileLook, new: NewEntry) -> bool:
    """Keep a file with its entry; whether it was kept. What differs was confirmed before."""
    if not isinstance(new.body, DocumentBody):
        raise TypeError("only a document has a file here")
    told = [0]

    def tell(done: int, total: int) -> None:
        if done - told[0] >= TOLD_EVERY:
            told[0] = done
            room.building.tell(text("{done} of {total} MB kept.").format(done=done // 10**6, total=total // 10**6))

    despite = [trait for trait, _ in file.differs]
    kept = room.gateway.add_file(patient, typed, new.body, new.date, new.restricted, despite, tell)
    return await room.attempt(kept) is not None
