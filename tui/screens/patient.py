"""The identity of a patient: a new one, or a new version of one."""

import msgspec
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding

from localstore.bodies import PatientBody
from localstore.identities import datamatrix
from localstore.identity import INS_NIA_OID, INS_NIR_OID, INS_TEST_OID
from localstore.values import Contact
from tui import drafts, identity_words, vocabulary
from tui.dates import shown_date, typed_date
from tui.display import safe
from tui.forms import NO, YES, Field, Shape
from tui.screens.question import Question
from tui.screens.room import Room
from tui.values import Record
from tui.widgets.banner import Banner
from tui.widgets.fields import Line
from tui.widgets.form import Form
from tui.widgets.words import Words
from tui.words.catalogue import text
from tui.words.marking import message

SEXES = (
    ("female", message("female")),
    ("male", message("male")),
    ("other", message("other")),
    ("unknown", message("not known")),
)
INS_KINDS = (
    ("", message("not said")),
    (INS_NIR_OID, message("NIR")),
    (INS_NIA_OID, message("NIA, for the time being")),
    (INS_TEST_OID, message("for tests")),
)
FIELDS = (
    Field("family_name", message("Birth name")),
    Field("given_names", message("First names")),
    Field("birth_date", message("Birth date"), Shape.DATE),
    Field("sex", message("Sex"), Shape.CHOICE, SEXES),
    Field("used_name", message("Used name")),
    Field("birth_place", message("Birth place")),
    Field("ins", message("INS number")),
    Field("ins_oid", message("Kind of INS number"), Shape.CHOICE, INS_KINDS),
    Field("identity_status", message("Identity"), Shape.CHOICE, tuple(vocabulary.IDENTITY_STATUS.items())),
    Field("identity_evidence", message("Checked against")),
    *(Field(f"is_{name}", words, Shape.FLAG) for name, words in identity_words.ATTRIBUTES.items()),
    Field("phone", message("Telephone")),
    Field("email", message("E-mail")),
    Field("address", message("Address")),
    Field("postal_code", message("Postal code")),
    Field("town", message("Town")),
    Field("language", message("Language")),
    Field("treating_doctor", message("Treating doctor")),
    Field("treating_doctor_rpps", message("RPPS number")),
    Field("contacts", message("Persons to call")),
    Field("deceased", message("Deceased on"), Shape.DATE),
)
FLAGS = {f"is_{name}": name for name in identity_words.ATTRIBUTES}
DATES = ("birth_date", "deceased")


def begin(body: PatientBody) -> dict[str, str]:
    """What stands on the form at first."""
    raw = {field.name: getattr(body, field.name) for field in FIELDS if field.name not in FLAGS}
    raw["given_names"] = " ".join(body.given_names)
    raw["contacts"] = "; ".join(", ".join((one.name, one.relationship, one.phone)) for one in body.contacts)
    shown = {name: safe(shown_date(said) if name in DATES else said) for name, said in raw.items()}
    return shown | {flag: YES if name in body.identity_attributes else NO for flag, name in FLAGS.items()}


def fill(body: PatientBody, typed: dict[str, str]) -> tuple[PatientBody, dict[str, str]]:
    """The identity as typed, and what cannot be accepted, by field. What was left as it stood is kept byte for byte."""
    before = begin(body)
    changes: dict[str, object] = {}
    refused: dict[str, str] = {}
    for name, said in typed.items():
        if said == before[name] or name in FLAGS:
            continue
        changes[name] = said.strip()
        if name == "given_names":
            changes[name] = tuple(said.replace(",", " ").split())
        elif name == "contacts":
            changes[name] = _contacts(said)
        elif name == "ins":
            changes[name] = "".join(said.split()).upper()
        elif name in DATES:
            iso = typed_date(said)
            if iso is None and not (name == "deceased" and said == "yes"):
                words = text("“{typed}” is not a date: write 12/03/2024, 03/2024 or 2024.")
                refused[name] = words.format(typed=said)
            changes[name] = said if iso is None else iso
    made = msgspec.structs.replace(body, **changes, identity_attributes=_attributes(body, typed))
    if "ins" in changes or "ins_oid" in changes:
        made = msgspec.structs.replace(made, ins_oid=(made.ins_oid or INS_NIR_OID) if made.ins else "")
    if not made.family_name.strip():
        refused["family_name"] = text("This field is needed.")
    return made, refused


def _attributes(body: PatientBody, typed: dict[str, str]) -> tuple[str, ...]:
    """The attributes that are marked, and those of an import that have no mark here, in the order in which they
    came."""
    marked = {name: typed.get(flag, NO) == YES for flag, name in FLAGS.items()}
    stay = [one for one in body.identity_attributes if marked.get(one, True)]
    return (*stay, *(name for name, is_marked in marked.items() if is_marked and name not in stay))


def _contacts(said: str) -> tuple[Contact, ...]:
    """Persons to call, as `name, relationship, telephone`, with semicolons between them."""
    found = []
    for person in said.split(";"):
        name, relationship, phone = ([part.strip() for part in person.split(",", 2)] + ["", ""])[:3]
        if name:
            found.append(Contact(name, relationship, phone))
    return tuple(found)


def doubts(body: PatientBody, today: str, before: PatientBody | None = None) -> list[str]:
    """What should be asked again before it is kept; of an identity that is corrected, what is new."""
    found = identity_words.doubts(body, before)
    if not body.given_names:
        found.append(text("There is no first name."))
    if not body.birth_date:
        found.append(text("There is no birth date."))
    found += identity_words.unlikely(body, today, before)
    return found


class PatientForm(Room[str]):
    """Gives the patient's identifier once saved."""

    BINDINGS = [Binding("ctrl+s", "save", message("Save"))]

    def __init__(self, record: Record | None = None, scanned: PatientBody | None = None) -> None:
        """`scanned`: what a Data Matrix says; it stands on the form and is not saved yet."""
        super().__init__()
        self._record = record
        self._scanned = scanned
        self._body = record.patient if record else PatientBody(family_name="")

    def content(self) -> ComposeResult:
        if self._record:
            yield Banner()
        title = text("Identity") if self._record else text("New patient")
        yield Words((title, "bold $primary"), classes="page-title")
        yield Form(FIELDS, begin(self._body))

    def on_mount(self) -> None:
        if self._record:
            self.query_one(Banner).show(self._record)
        self.query_one(Form).field("family_name").focus()
        if self._scanned is not None:
            self.put(self._scanned)

    def put(self, scanned: PatientBody) -> None:
        """Put what was scanned into the fields."""
        self.query_one(Form).put(begin(datamatrix.onto(self._body, scanned)))
        self.building.tell(text("The INS Data Matrix was read. Compare it, then save with Ctrl+S."))

    @work
    async def _read_matrix(self, typed: str, field: str) -> None:
        """A reader typed a Data Matrix into one of the fields: that field says again what it said."""
        form = self.query_one(Form)
        form.put({field: begin(self._body)[field]})
        found = await self.attempt(self.gateway.scan(typed))
        if found is not None:
            self.put(found.body)

    def _matrix(self) -> tuple[str, str] | None:
        """The text of a Data Matrix that stands in one of the fields, and which."""
        typed = self.query_one(Form).typed
        return next(((said, name) for name, said in typed.items() if datamatrix.is_matrix(said)), None)

    @property
    def unsaved(self) -> bool:
        """Whether something was typed."""
        return self.query_one(Form).is_changed

    async def keep(self) -> None:
        """Keep what was typed as a note in the record, where there is one already."""
        note = drafts.note(self.query_one(Form).said)
        if note is not None and self._record is not None:
            await self.attempt(self.gateway.keep_note(self._record.id, note))

    @on(Line.Submitted)
    def next_field(self) -> None:
        """Enter goes from field to field."""
        if matrix := self._matrix():
            self._read_matrix(*matrix)
        else:
            self.focus_next()

    @work
    async def action_save(self) -> None:
        """Save what is acceptable; ask about what is unlikely, and about somebody who may be here already."""
        form = self.query_one(Form)
        if matrix := self._matrix():
            self._read_matrix(*matrix)
            return
        made, refused = fill(self._body, form.typed)
        form.refuse(refused)
        if refused:
            return
        asked = doubts(made, self.gateway.today(), self._record.patient if self._record else None)
        if not self._record:
            asked += identity_words.already_here(await self.attempt(self.gateway.like(made)) or ())
        if asked and not await self._confirm(asked):
            return
        saved = await self.attempt(self._save(made))
        if saved:
            self.dismiss(saved)

    async def _confirm(self, asked: list[str]) -> bool:
        answers = [("mend", text("Look again")), ("keep", text("Save all the same"))]
        question = Question(text("Is this right?"), "\n".join(asked), answers)
        return await self.app.push_screen_wait(question) == "keep"

    async def _save(self, body: PatientBody) -> str:
        if self._record is None:
            return await self.gateway.add_patient(body)
        await self.gateway.amend(self._record.identity[-1].version, body)
        return self._record.id
