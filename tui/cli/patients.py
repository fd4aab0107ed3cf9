"""`confrere patients`, `patient new`, `patient amend`, `record`: finding patients and reading their records."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Annotated, Any

import msgspec
import typer

from localstore import identity, patients, record
from localstore.bodies import PatientBody
from localstore.errors import BadInput
from localstore.kinds import Kind
from localstore.model import Entry, PatientSummary
from localstore.record import Chart
from tui import reading, vocabulary
from tui.cli import asking, chart, describing, opening, output, shapes
from tui.cli.commands import Asked, command, family
from tui.cli.describing import iso_date
from tui.cli.errors import NotConfirmed
from tui.dates import shown_date
from tui.words.catalogue import text, texts

commands = family()
patient_commands = family("patient", help=text("Register a patient, or correct an identity."))
commands.add_typer(patient_commands, name="patient")


class Sex(StrEnum):
    """The administrative sex (FHIR AdministrativeGender)."""

    MALE = "male"
    FEMALE = "female"
    OTHER = "other"
    UNKNOWN = "unknown"


class IdentityStatus(StrEnum):
    """How far the national identity is established (RNIV)."""

    PROVISIONAL = "provisional"
    RETRIEVED = "retrieved"
    VALIDATED = "validated"
    QUALIFIED = "qualified"


Words = Annotated[list[str] | None, typer.Argument(metavar="WORDS", help=text("Names, a birth date, an INS."))]
PatientReference = Annotated[
    str, typer.Argument(metavar="PATIENT", help=text("An identifier or its beginning, an INS, or words of the name."))
]
IDENTITY = {
    "family_name": Annotated[str | None, typer.Option("--family", metavar="NAME", help=text("The birth name."))],
    "given_names": Annotated[
        list[str] | None,
        typer.Option("--given", metavar="NAME", help=text("A given name; may be given several times.")),
    ],
    "birth_date": Annotated[
        str | None, typer.Option("--birth", metavar="DATE", help=text("The birth date: 1958-07-03."))
    ],
    "sex": Annotated[Sex | None, typer.Option("--sex", help=text("male, female, other or unknown."))],
    "ins": Annotated[
        str | None, typer.Option("--ins", metavar="NUMBER", help=text("The INS: 13 characters and a key of 2."))
    ],
    "identity_status": Annotated[
        IdentityStatus | None,
        typer.Option("--identity-status", help=text("provisional, retrieved, validated or qualified.")),
    ],
    "used_name": Annotated[
        str | None, typer.Option("--used-name", metavar="NAME", help=text("The name in daily use."))
    ],
    "birth_place": Annotated[
        str | None,
        typer.Option("--birth-place", metavar="PLACE", help=text("The INSEE code of the place of birth, or words.")),
    ],
    "phone": Annotated[str | None, typer.Option("--phone", metavar="NUMBER", help=text("A telephone number."))],
    "address": Annotated[str | None, typer.Option("--address", metavar="WORDS", help=text("Number and street."))],
    "postal_code": Annotated[str | None, typer.Option("--postal-code", metavar="CODE", help=text("The postal code."))],
    "town": Annotated[str | None, typer.Option("--town", metavar="TOWN", help=text("The town."))],
    "treating_doctor": Annotated[
        str | None, typer.Option("--treating-doctor", metavar="NAME", help=text("The treating doctor."))
    ],
    "deceased": Annotated[
        str | None, typer.Option("--deceased", metavar="DATE", help=text("The date of death, or yes."))
    ],
}
KindOption = Annotated[Kind | None, typer.Option("--kind", metavar="KIND", help=text("Only entries of this kind."))]
Why = Annotated[
    str, typer.Option("--why", metavar="WORDS", help=text("Why, in an emergency; it goes into the history."))
]
AllVersions = Annotated[bool, typer.Option("--all-versions", help=text("Show what was amended, too."))]


@command(commands, "patients", text("List the patients, or search them by name, birth date or INS."))
def listing(asked: Asked, words: Words = None) -> None:
    """All patients, or those whom all the words fit."""
    with opening.unlocked(asked) as practice:
        found = patients.search(practice.connection, " ".join(words or ()), patients.LIST_LIMIT)
    if asked.as_json:
        output.document([shapes.summary(one) for one in found])
        return
    headings = [text("Identifier"), text("Name"), text("Born"), text("Sex"), text("INS")]
    output.table(headings, [_row(one) for one in found])
    output.note(texts("{count} patient.", "{count} patients.", len(found)).format(count=len(found)))


def _row(one: PatientSummary) -> tuple[str, ...]:
    return (
        describing.longer(one.id),
        reading.full_name(one),
        shown_date(one.birth_date),
        vocabulary.word(vocabulary.SEX, one.sex),
        one.ins,
    )


@command(patient_commands, "new", text("Register a new patient."), IDENTITY)
def new(asked: Asked, **given: Any) -> None:
    """Register, and print the new patient."""
    body = _filled(PatientBody(""), given)
    _check_ins(body.ins)
    with opening.unlocked(asked) as practice:
        _print(asked, record.add_patient(practice, body))


@command(patient_commands, "amend", text("Correct a patient's identity; what is not named stays as it is."), IDENTITY)
def amend(asked: Asked, patient: PatientReference, **given: Any) -> None:
    """Write a new version of the identity, and print it."""
    with opening.unlocked(asked) as practice:
        known = record.chart(practice, patients.resolve(practice.connection, patient).id)
        body = _filled(known.patient, given)
        if body == known.patient:
            raise BadInput(what="Nothing about this patient would change.", remedy="Say what to correct.")
        if body.ins != known.patient.ins:
            _check_ins(body.ins)
        _print(asked, record.amend(practice, known.identity[-1].version, body))


def _filled(body: PatientBody, given: Mapping[str, Any]) -> PatientBody:
    """The identity with the options that were given."""
    changed = {field: value for field, value in given.items() if value is not None}
    reading: dict[str, Callable[[Any], Any]] = {
        "given_names": tuple,
        "birth_date": iso_date,
        "sex": str,
        "identity_status": str,
        "ins": plain_ins,
    }
    return msgspec.structs.replace(body, **{name: reading.get(name, str)(value) for name, value in changed.items()})


def plain_ins(typed: str) -> str:
    """An INS without the spaces that it is printed with."""
    return "".join(typed.split()).upper()


def _check_ins(number: str) -> None:
    """Ask again when the key is wrong: such numbers exist, so nothing is refused (localstore.identity)."""
    if not number or identity.is_ins(number):
        return
    output.note(
        text("“{number}” is not a valid INS: it has 15 characters, of which the last two are a key.").format(
            number=number
        )
    )
    if asking.is_possible() and not asking.confirms(text("Use it all the same?")):
        raise NotConfirmed(remedy="Check the number.")


def _print(asked: Asked, entry: Entry) -> None:
    assert isinstance(entry.body, PatientBody)  # noqa: S101 - the kind of the entry says so
    if asked.as_json:
        output.document(shapes.identity(entry.id, entry.body, entry.version))
    else:
        output.say(
            f"{describing.longer(entry.id)}  {reading.full_name(entry.body)}  {shown_date(entry.body.birth_date)}"
        )


@command(commands, "record", text("Show one patient's record; the reading is written to the history."))
def show(
    asked: Asked,
    patient: PatientReference,
    kind: KindOption = None,
    all_versions: AllVersions = False,
    why: Why = "",
) -> None:
    """The current entries, or every version of them; to whom the medical part is closed, the identity."""
    with opening.unlocked(asked) as practice:
        known = patients.resolve(practice.connection, patient)
        opened = record.open_chart(practice, known.id, why)
        entries = record.every_version(practice, known.id) if all_versions else [*opened.identity, *opened.entries]
        is_closed = not record.reads_everything(practice)
    kinds = (kind,) if kind else chart.SHOWN_KINDS
    chosen = [entry for entry in entries if entry.kind in kinds]
    if asked.as_json:
        knowledge = {} if is_closed else chart.knowledge(opened.entries)
        shape = shapes.record(opened, _shapes(opened, chosen), knowledge, opened.patient)
        output.document(shape | ({"identity_only": True} if is_closed else {}))
    elif is_closed:
        chart.show_closed(opened)
    else:
        chart.show(opened, chosen, kinds)


def _shapes(opened: Chart, entries: list[Entry]) -> list[dict[str, object]]:
    standing = {entry.version for entry in (*opened.identity, *opened.entries)}
    competing = opened.competing()
    return [
        shapes.entry(one, current=one.version in standing, competing=one.id in competing and one.version in standing)
        for one in entries
    ]
