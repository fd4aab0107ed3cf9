"""`confrere patients`, `patient new`, `patient amend`, `record`: finding patients and reading their records."""

from collections.abc import Mapping
from typing import Annotated

import typer

from localstore import patients, record
from localstore.kinds import Kind
from localstore.model import Entry, PatientSummary
from localstore.record import Chart
from tui import finding, reading, vocabulary
from tui.cli import chart, describing, opening, output, shapes
from tui.cli.commands import Asked, command, family
from tui.dates import shown_date
from tui.words.catalogue import text, texts

commands = family()
patient_commands = family("patient", help=text("Register a patient, or correct an identity."))
commands.add_typer(patient_commands, name="patient")


Words = Annotated[list[str] | None, typer.Argument(metavar="WORDS", help=text("Names, a birth date, an INS."))]
PatientReference = Annotated[
    str, typer.Argument(metavar="PATIENT", help=text("An identifier or its beginning, an INS, or words of the name."))
]
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
        died = {} if asked.as_json else patients.deaths(practice.connection, found)
    if asked.as_json:
        output.document([shapes.summary(one) for one in found])
        return
    headings = [text("Identifier"), text("Name"), text("Born"), text("Sex"), text("INS")]
    if died:
        headings.append(text("Deceased"))
    output.table(headings, [_row(one, died) for one in found])
    output.note(texts("{count} patient.", "{count} patients.", len(found)).format(count=len(found)))


def _row(one: PatientSummary, died: Mapping[str, str]) -> tuple[str, ...]:
    told = reading.told_death(one.birth_date, died[one.id]) if one.id in died else ""
    return (
        describing.longer(one.id),
        reading.full_name(one),
        shown_date(one.birth_date),
        vocabulary.word(vocabulary.SEX, one.sex),
        one.ins,
        *([told] if died else []),
    )


Find = Annotated[str, typer.Option("--find", metavar="WORDS", help=text("Only entries that hold all these words."))]


@command(commands, "record", text("Show one patient's record; the reading is written to the history."))
def show(
    asked: Asked,
    patient: PatientReference,
    kind: KindOption = None,
    find: Find = "",
    all_versions: AllVersions = False,
    why: Why = "",
) -> None:
    """The current entries, or every version of them, as far as they hold all the words; to whom the medical part is
    closed, the identity."""
    with opening.unlocked(asked) as practice:
        known = patients.resolve(practice.connection, patient)
        opened = record.open_chart(practice, known.id, why)
        entries = record.every_version(practice, known.id) if all_versions else [*opened.identity, *opened.entries]
        is_closed = not record.reads_everything(practice)
    kinds = (kind,) if kind else chart.SHOWN_KINDS
    chosen = [entry for entry in entries if entry.kind in kinds and finding.finds(find, entry)]
    if asked.as_json:
        knowledge = {} if is_closed else chart.knowledge(opened.entries)
        shape = shapes.record(opened, _shapes(opened, chosen), knowledge, opened.patient)
        output.document(shape | ({"identity_only": True} if is_closed else {}))
    elif is_closed:
        chart.show_closed(opened)
    else:
        chart.show(opened, chosen, kinds, sought=bool(find.strip()))
        if opened.competing():
            output.note(text("Some versions compete. Say which one stands with: confrere settle ENTRY VERSION"))


def _shapes(opened: Chart, entries: list[Entry]) -> list[dict[str, object]]:
    standing = {entry.version for entry in (*opened.identity, *opened.entries)}
    competing = opened.competing()
    return [
        shapes.entry(one, current=one.version in standing, competing=one.id in competing and one.version in standing)
        for one in entries
    ]
