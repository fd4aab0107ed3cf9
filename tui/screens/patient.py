"""The identity of a patient: a new one, or a new version of one."""

import msgspec
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding

from localstore.bodies import PatientBody
from localstore.identity import INS_NIR_OID, is_ins
from tui import drafts, vocabulary
from tui.dates import age, is_after, shown_date, typed_date
from tui.display import safe
from tui.forms import Field, Shape
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
FIELDS = (
    Field("family_name", message("Birth name")),
    Field("given_names", message("First names")),
    Field("birth_date", message("Birth date"), Shape.DATE),
    Field("sex", message("Sex"), Shape.CHOICE, SEXES),
    Field("used_name", message("Used name")),
    Field("birth_place", message("Birth place")),
    Field("ins", message("INS number")),
    Field("identity_status", message("Identity"), Shape.CHOICE, tuple(vocabulary.IDENTITY_STATUS.items())),
    Field("phone", message("Telephone")),
    Field("address", message("Address")),
    Field("postal_code", message("Postal code")),
    Field("town", message("Town")),
    Field("treating_doctor", message("Treating doctor")),
    Field("deceased", message("Deceased on"), Shape.DATE),
)
DATES = ("birth_date", "deceased")
OLDEST = 125  # years; nobody on record lived longer than 122


def begin(body: PatientBody) -> dict[str, str]:
    """What stands on the form at first."""
    raw = {field.name: getattr(body, field.name) for field in FIELDS}
    raw["given_names"] = " ".join(body.given_names)
    return {name: safe(shown_date(said) if name in DATES else said) for name, said in raw.items()}


def fill(body: PatientBody, typed: dict[str, str]) -> tuple[PatientBody, dict[str, str]]:
    """The identity as typed, and what cannot be accepted, by field. What was left as it stood is kept byte for byte."""
    before = begin(body)
    changes: dict[str, object] = {}
    refused: dict[str, str] = {}
    for name, said in typed.items():
        if said == before[name]:
            continue
        changes[name] = said.strip()
        if name == "given_names":
            changes[name] = tuple(said.replace(",", " ").split())
        elif name == "ins":
            changes[name] = number = "".join(said.split()).upper()
            changes["ins_oid"] = (body.ins_oid or INS_NIR_OID) if number else ""
        elif name in DATES:
            iso = typed_date(said)
            if iso is None and not (name == "deceased" and said == "yes"):
                words = text("“{typed}” is not a date: write 12/03/2024, 03/2024 or 2024.")
                refused[name] = words.format(typed=said)
            changes[name] = said if iso is None else iso
    made = msgspec.structs.replace(body, **changes)
    if not made.family_name.strip():
        refused["family_name"] = text("This field is needed.")
    return made, refused


def doubts(body: PatientBody, today: str) -> list[str]:
    """What should be asked again before it is kept."""
    found = []
    if body.ins and not is_ins(body.ins):
        found.append(text("The INS number is not valid: 15 characters, the last two of which are a key."))
    if not body.given_names:
        found.append(text("There is no first name."))
    if not body.birth_date:
        found.append(text("There is no birth date."))
    if is_after(body.birth_date, today):
        found.append(text("The birth date lies in the future."))
    if age(body.birth_date, today) and int(today[:4]) - int(body.birth_date[:4]) > OLDEST:
        found.append(text("The patient would be more than {n} years old.").format(n=OLDEST))
    if body.deceased[:4].isdigit() and body.birth_date and body.deceased < body.birth_date:
        found.append(text("The death lies before the birth."))
    return found


class PatientForm(Room[str]):
    """Gives the patient's identifier once saved."""

    BINDINGS = [Binding("ctrl+s", "save", message("Save"))]

    def __init__(self, record: Record | None = None) -> None:
        super().__init__()
        self._record = record
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
        self.focus_next()

    @work
    async def action_save(self) -> None:
        """Save what is acceptable; ask about what is unlikely, and about somebody who may be here already."""
        form = self.query_one(Form)
        made, refused = fill(self._body, form.typed)
        form.refuse(refused)
        if refused:
            return
        asked = doubts(made, self.gateway.today())
        if not self._record:
            near = await self.attempt(self.gateway.like(made))
            asked += [
                text("{name}, born {date}, is in the record already.").format(
                    name=f"{one.family_name} {' '.join(one.given_names)}", date=shown_date(one.birth_date)
                )
                for one in near or ()
            ]
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
