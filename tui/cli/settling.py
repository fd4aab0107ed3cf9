"""`confrere settle`: which of the versions that compete stands; `confrere family`: relatives who are patients here."""

from typing import Annotated, Any

import typer

from localstore import patients, record, versions
from localstore.agenda import family as families
from localstore.agenda.family import Relative
from localstore.errors import BadInput, UnknownEntry
from localstore.model import PatientSummary
from localstore.practice import Practice
from tui import reading
from tui.cli import chart, describing, opening, output, shapes
from tui.cli.commands import Asked, command, family
from tui.cli.patients import PatientReference
from tui.dates import shown_date
from tui.words.catalogue import text

commands = family()

EntryReference = Annotated[
    str,
    typer.Argument(metavar="ENTRY", help=text("The identifier of an entry or of a version of it, or its beginning.")),
]
VersionReference = Annotated[
    str, typer.Argument(metavar="VERSION", help=text("The identifier of a version, or its beginning."))
]
Other = Annotated[
    str | None, typer.Option("--link", metavar="PATIENT", help=text("Another patient of the practice, to be linked."))
]
As = Annotated[str, typer.Option("--as", metavar="WORDS", help=text("What he is to the patient: mère, frère."))]
Back = Annotated[
    bool, typer.Option("--back", help=text("Link his record to this patient too, where the word for it is plain."))
]


@command(commands, "settle", text("Say which of the versions that compete stands; all of them stay readable."))
def settle(asked: Asked, entry: EntryReference, version: VersionReference) -> None:
    """Settle, and print the version that stands now."""
    with opening.unlocked(asked) as practice:
        wanted = versions.resolve(practice.connection, version)
        if _entry_of(practice, entry) != _entry_of(practice, wanted):
            raise BadInput(what="This version is one of another entry.", remedy="See: confrere record --all-versions")
        settled = record.settle(practice, wanted)
    if asked.as_json:
        output.document(shapes.entry(settled))
    else:
        chart.table([settled], frozenset())


def _entry_of(practice: Practice, reference: str) -> int:
    """The local number of the entry that a version belongs to. Raises UnknownEntry, Ambiguous."""
    named = versions.entry_number(practice.connection, reference.strip().lower())
    if named is not None:
        return named
    num = versions.number(practice.connection, versions.resolve(practice.connection, reference))
    if num is None:
        raise UnknownEntry(reference=reference)
    return versions.entry_of(practice.connection, num)


@command(commands, "family", text("List a patient's relatives, and link those who are patients here."))
def relatives(
    asked: Asked, patient: PatientReference, other: Other = None, relationship: As = "", back: Back = False
) -> None:
    """The relatives; with --link, a new link first."""
    with opening.unlocked(asked) as practice:
        known = patients.resolve(practice.connection, patient)
        if other is not None:
            _link(practice, known, patients.resolve(practice.connection, other), relationship, back)
        found = families.relatives(practice, known.id)
    if asked.as_json:
        output.document([_shape(one) for one in found])
        return
    headings = [text("Version"), text("Name"), text("Relationship"), text("Telephone"), text("His record here")]
    output.table(headings, [_row(one) for one in found])


def _link(practice: Practice, known: PatientSummary, other: PatientSummary, relationship: str, back: bool) -> None:
    if not relationship.strip():
        raise BadInput(what="A link says what the relative is to the patient.", remedy="Give it with --as.")
    reverse = families.reverse(relationship, known.sex)
    if back and not reverse:
        raise BadInput(
            what="What the patient is to “{relationship}” is not plain.",
            relationship=relationship,
            remedy="Leave --back out, and link the other record with a command of its own.",
        )
    families.link(practice, known.id, other.id, relationship, reverse if back else "")


def _row(one: Relative) -> list[str]:
    linked = ""
    if one.linked is not None:
        born = shown_date(one.linked.birth_date)
        linked = f"{describing.longer(one.linked.id)} {reading.full_name(one.linked)} {born}"
    body = one.body
    return [describing.longer(one.entry.version), body.name, body.relationship.label, body.phone, linked]


def _shape(one: Relative) -> dict[str, Any]:
    linked = shapes.summary(one.linked) if one.linked else None
    return {**shapes.entry(one.entry), "linked": linked, "linked_back": one.back}
