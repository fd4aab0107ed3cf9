"""Text from outside, in every field, on every screen and in every widget: it is read, and never obeyed."""

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from textual.app import App, ComposeResult
from textual.content import Content

from localstore import patients, record, settings, versions
from localstore.bodies import BODIES, Body, Component, PatientBody, ProblemBody
from localstore.database import transaction
from localstore.kinds import Provenance
from localstore.model import Entry
from localstore.practice import Practice
from localstore.values import Attachment, Author, Coding, Concept, Contact, Quantity
from sync.post_office import status
from sync.sending import sharing
from tests.practices import PASSPHRASE, carry, make_desk, pair
from tests.tui.hostile import MARKER, PAYLOADS, hostile
from tests.tui.terminal import CONTROL_SEQUENCE, OTHER_SEQUENCES, on_terminal
from tui import filling
from tui.forms import FIELDS
from tui.widgets.detail import in_full
from tui.widgets.fields import Choice, Flag, Line, Lines, Push
from tui.widgets.listing import Column, Listing
from tui.widgets.words import Words, shown

HARMFUL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
COMMANDS = ("clipboard", "title", "clear", "c1", "bidi", "controls")
PILED = re.compile("\N{COMBINING ACUTE ACCENT}{5}")


class Shelf(App[None]):
    """One widget of each kind, all with the same text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def compose(self) -> ComposeResult:
        yield Words(self.text)
        yield Words((self.text, "bold"), Content(self.text))
        yield Line(self.text, placeholder=self.text)
        yield Lines(self.text)
        yield Flag(self.text)
        yield Push(self.text)
        yield Choice([(self.text, self.text), ("b", "b")], self.text)
        yield Listing([Column(self.text), Column(self.text, 9)], lambda item: [shown(item), shown((item, "bold"))])

    def on_mount(self) -> None:
        listing: Listing[str] = self.query_one(Listing)
        listing.show([self.text] * 3)
        self.query_one(Lines).insert(self.text)
        self.query_one(Line).insert(self.text, 0)
        self.query_one(Words).update(self.text)
        self.notify(shown(self.text).plain, markup=False)


@pytest.mark.parametrize("name", PAYLOADS)
async def test_every_widget_shows_it_and_none_passes_it_on(name: str) -> None:
    text = f"{MARKER} {PAYLOADS[name]}"
    app = Shelf(text)
    async with app.run_test(size=(120, 60)) as pilot:
        await pilot.pause()
        painted = "\n".join(
            "".join(segment.text for segment in strip) for strip in app.screen._compositor.render_strips()
        )
        assert painted.count(MARKER) >= 8
        assert not HARMFUL.search(painted) and not PILED.search(painted)
        if name == "markup":
            assert painted.count("dose [/] 5 mg [bold red]x[/nonsense]") >= 3
        assert app.query_one(Line).value.count(MARKER) == 2


def _infested(name: str, kind: Any) -> Any:
    """A value of this type, hostile wherever it is text."""
    concept = Concept(
        hostile(name), (Coding(hostile("system"), hostile("code"), hostile("label"), hostile("version")),)
    )
    quantity = Quantity(Decimal("1.5"), hostile("unit"), hostile("ucum"), "<")
    values: dict[Any, Any] = {
        str: hostile(name),
        int: 3,
        bool: name != "none_known",
        bytes: hostile(name).encode(),
        Concept: concept,
        tuple[Concept, ...]: (concept, concept),
        tuple[Component, ...]: (Component(concept, quantity), Component(concept, None, hostile("part"))),
        Quantity | None: quantity,
        Decimal | None: Decimal("0.5"),
        int | None: 40,
        Attachment | None: Attachment("a" * 32, 9, "b" * 64, hostile("media"), hostile("file")),
    }
    return values[kind]


def bodies() -> list[Body]:
    """A body of each kind, hostile in every field; a body may say yes to everything but that there is none."""
    return [
        kind(**{field.name: _infested(field.name, field.type) for field in msgspec.structs.fields(kind)})
        for kind in BODIES.values()
        if kind is not PatientBody
    ]


PATIENT = PatientBody(
    family_name=hostile("family"),
    given_names=(hostile("given"), hostile("second")),
    birth_date="1958-03-12",
    sex=hostile("sex"),
    used_name=hostile("used"),
    birth_place=hostile("place"),
    ins=hostile("ins"),
    identity_status=hostile("identity"),
    phone=hostile("phone"),
    address=hostile("address"),
    town=hostile("town"),
    treating_doctor=hostile("doctor"),
    contacts=(Contact(hostile("contact"), hostile("relation"), hostile("phone")),),
)


def insert(here: Practice, owner: int, body: Body, date: str) -> None:
    """Write an entry as an import or a colleague may bring one: author, origin and date are foreign text too."""
    connection = here.connection
    with transaction(connection):
        new = versions.NewVersion(
            num=versions.next_number(connection),
            id=versions.new_id(),
            entry=None,
            patient=owner,
            body=body,
            kind=Entry("", "", "", "", Author(""), "", body).kind,
            date=date,
            recorded=hostile("recorded"),
            author=versions.author_number(connection, Author(hostile("author"), hostile("rpps"))),
            origin=versions.origin_number(connection, Provenance.IMPORTED, hostile("origin")),
        )
        versions.insert(connection, [new])


@pytest.fixture
def infested(tmp_path: Path) -> Iterator[Path]:
    """A practice of which every text is hostile: two homonyms, an entry of each kind, a colleague."""
    folder = tmp_path / "infested"
    desk = make_desk(folder, hostile("practice")[:150], hostile("rpps")[:150])
    desk.practice.connection.execute("UPDATE practice SET name = ?, town = ?", (hostile("name"), hostile("town")))
    ids = [record.add_patient(desk.practice, PATIENT).id for _ in range(2)]
    owner = patients.number(desk.record, ids[0])
    for body in bodies():
        insert(desk.practice, owner, body, "2020-01-01")
        insert(desk.practice, owner, body, hostile("date"))
    other = make_desk(tmp_path / "other", hostile("colleague")[:150], "10001234573")
    of_other, of_desk = pair(desk, other)
    theirs = record.add_patient(other.practice, PATIENT).id
    record.add(other.practice, theirs, ProblemBody(Concept(hostile("theirs"))))
    sharing.grant(other, theirs, of_desk, purpose=hostile("purpose")[:300])
    sharing.share(other, theirs, of_desk)
    assert carry(other, of_desk, desk, of_other) == 3
    desk.close()
    other.close()
    settings.write(folder, settings.Settings(settings.Network(interfaces=("127.0.0.1",), discovery=False)))
    yield folder
    status.stop(folder)


def obeyed(output: bytes) -> list[bytes]:
    """What a terminal would obey in the output, apart from what Textual itself says."""
    rest = OTHER_SEQUENCES.sub(b"", CONTROL_SEQUENCE.sub(b"", output)).decode("utf-8", errors="replace")
    return [found.group().encode() for found in HARMFUL.finditer(rest.replace("\r", ""))]


# What is typed, and a word of the screen that it leads to.
WALK = (
    ("\r", f"{MARKER}reason"),
    ("\r", "Corriger"),
    ("e", "Corriger la consultation"),
    ("\x1b", "rreur"),
    ("\x1b", "Exporter"),
    ("a", "Nouvelle allergie"),
    ("\x1b", "Exporter"),
    ("c", "Signer"),
    ("\x1b", "Exporter"),
    ("s", "Partager ce dossier"),
    ("\x1b", "Exporter"),
    ("g", "12/03/1958"),
    ("\x1b", "Exporter"),
    ("h", "Historique de ce dossier"),
    ("\x1b", "Exporter"),
    ("e", "FHIR"),
    ("\x1b", "Filtrer"),
    ("t", "Nom de naissance"),
    ("\x1b", "Exporter"),
    ("\x1b[18~", "Partiel"),
    ("\r", f"{MARKER}theirs"),
    ("\x1b", "Reçus"),
    ("\x1b", "Exporter"),
    ("\x1b[19~", "Confrères"),
    ("v", "Comparer"),
    ("\x1b", "Ma carte"),
    ("m", "BEGIN CONFRERE CARD"),
    ("\x1b", "Ajouter une carte"),
    ("\x1b", "Exporter"),
)


def test_on_a_real_terminal_no_screen_lets_a_hostile_byte_through(infested: Path) -> None:
    with on_terminal("-m", "tui.start", "--practice", str(infested)) as terminal:
        terminal.says("Phrase de passe")
        terminal.type(PASSPHRASE + "\r")
        terminal.says(MARKER)
        for keys, words in WALK:
            so_far = len(terminal.output)
            terminal.type(keys)
            terminal.says(words, after=so_far)
        terminal.type("\x11")
        assert terminal.ended() == 0
        assert terminal.output.count(MARKER.encode()) > 100
        assert obeyed(terminal.output) == []
        assert not PILED.search(terminal.words())
        assert [name for name in COMMANDS if PAYLOADS[name].encode() in terminal.output] == []


@pytest.mark.parametrize("body", bodies(), ids=lambda body: type(body).__name__)
def test_every_field_of_every_kind_is_made_safe_in_full_and_on_its_form(body: Body) -> None:
    """What the detail shows and what a form is filled with, without a terminal: no field is left out, none harms."""
    entry = Entry("e", "v", "p", hostile("date"), Author(hostile("author")), hostile("recorded"), body)
    parts = shown(*in_full(entry, competing=True), lines=True).plain
    assert MARKER in parts and not HARMFUL.search(parts) and not PILED.search(parts)
    if entry.kind in FIELDS:
        typed = filling.texts_of(entry.kind, body, entry.date)
        assert not HARMFUL.search("".join(typed.values()))
        again = filling.fill_in(entry.kind, typed, "2026-03-01", body, entry.date)
        assert (again.body, again.date) == (body, entry.date)  # showing never rewrites


def test_a_hostile_byte_would_be_found() -> None:
    genuine = b"\x1b[?1049h\x1b[1;2Hdose [/] 5 mg\r\n"
    assert obeyed(genuine) == []
    assert [name for name in COMMANDS if not obeyed(genuine + PAYLOADS[name].encode())] == ["clear"]
