"""`confrere patient`: registering and correcting identities, the INS Data Matrix, doubles, merging and un-merging."""

import sys
from typing import Annotated, Any

import typer

from localstore import patients, record
from localstore.bodies import PatientBody
from localstore.clock import local_day, stamp, system_clock
from localstore.errors import BadInput
from localstore.identities import candidates, datamatrix, homonyms, merging
from localstore.identities.homonyms import Similar
from localstore.identities.pairs import Merged, Preview, Side
from localstore.model import Entry, PatientSummary
from localstore.practice import Practice
from tui import identity_words, reading
from tui.cli import asking, describing, opening, output, shapes
from tui.cli.commands import Asked, command
from tui.cli.errors import NotConfirmed
from tui.cli.identity_options import IDENTITY, filled
from tui.cli.patients import PatientReference, patient_commands
from tui.dates import shown_date
from tui.words.catalogue import text, texts

Yes = Annotated[bool, typer.Option("--yes", help=text("Do not ask: what is unlikely was checked."))]
OtherReference = Annotated[
    str, typer.Argument(metavar="OTHER", help=text("The record that is read as a part of the first from now on."))
]
Reason = Annotated[str, typer.Option("--reason", metavar="WORDS", help=text("Why; it goes into the history."))]
DifferentIns = Annotated[
    bool, typer.Option("--different-ins", help=text("It is one person, although the two INS numbers differ."))
]
Limit = Annotated[int, typer.Option("--limit", min=1, max=10_000, metavar="N", help=text("At most this many pairs."))]
MatrixText = Annotated[
    str, typer.Argument(metavar="TEXT", help=text("What the reader typed; - reads it from the standard input."))
]
NewPatient = Annotated[bool, typer.Option("--new", help=text("Register a new patient, also where one is like it."))]
OfPatient = Annotated[
    str, typer.Option("--patient", metavar="PATIENT", help=text("The patient whose identity it corrects."))
]


@command(patient_commands, "new", text("Register a new patient."), IDENTITY)
def new(asked: Asked, yes: Yes = False, **given: Any) -> None:
    """Register, and print the new patient."""
    body = filled(PatientBody(""), given)
    _settle_doubts(body, None, yes=yes)
    with opening.unlocked(asked) as practice:
        _print(asked, _register(practice, body, yes=yes))


@command(patient_commands, "amend", text("Correct a patient's identity; what is not named stays as it is."), IDENTITY)
def amend(asked: Asked, patient: PatientReference, yes: Yes = False, **given: Any) -> None:
    """Write a new version of the identity, and print it."""
    with opening.unlocked(asked) as practice:
        known = record.chart(practice, patients.resolve(practice.connection, patient).id)
        body = filled(known.patient, given)
        if body == known.patient:
            raise BadInput(what="Nothing about this patient would change.", remedy="Say what to correct.")
        _settle_doubts(body, known.patient, yes=yes)
        _print(asked, record.amend(practice, known.identity[-1].version, body))


def _register(practice: Practice, body: PatientBody, *, yes: bool) -> Entry:
    """Add a patient, after asking where somebody like it is here already."""
    similar = candidates.like(practice.connection, homonyms.of_body("", body))
    _settle(identity_words.already_here(similar), yes=yes, question=text("Register a new patient all the same?"))
    return record.add_patient(practice, body)


def _settle_doubts(body: PatientBody, before: PatientBody | None, *, yes: bool) -> None:
    """Say what is doubtful of an identity, and have it confirmed. A number with a wrong key alone is kept without
    that where nobody can be asked. Raises NotConfirmed."""
    today = local_day(stamp(system_clock()))
    said = [*identity_words.doubts(body, before), *identity_words.unlikely(body, today, before)]
    needed = identity_words.needs_yes(body, before, today)
    _settle(said, yes=yes or not (needed or asking.is_possible()))
    if said and not needed:
        output.note(text("It is taken as it was given."))


def _settle(said: list[str], *, yes: bool, question: str = "") -> None:
    """Say what is doubtful, and ask whether it is meant so: such numbers and such people exist, so nothing is refused.
    Where nobody can be asked, it takes --yes. Raises NotConfirmed."""
    for words in said:
        output.note(words)
    if said:
        _confirm(question or text("Use it all the same?"), yes=yes, remedy="Check the identity.")


def _confirm(question: str, *, yes: bool, remedy: str) -> None:
    if yes:
        return
    if not asking.is_possible():
        raise NotConfirmed(remedy="If it is right, say so with --yes.")
    if not asking.confirms(question):
        raise NotConfirmed(remedy=remedy)


def _print(asked: Asked, entry: Entry) -> None:
    assert isinstance(entry.body, PatientBody)  # noqa: S101 - the kind of the entry says so
    if asked.as_json:
        output.document(shapes.identity(entry.id, entry.body, entry.version))
    else:
        name, born = reading.full_name(entry.body), shown_date(entry.body.birth_date)
        output.say(f"{describing.longer(entry.id)}  {name}  {born}")


@command(patient_commands, "merge", text("Read two records of one person as one; it can be taken back."))
def merge(
    asked: Asked,
    keep: PatientReference,
    other: OtherReference,
    reason: Reason,
    different_ins: DifferentIns = False,
    yes: Yes = False,
) -> None:
    """Show both, ask, merge, and print the record that is kept with the one that was merged into it."""
    with opening.unlocked(asked) as practice:
        one, two = (patients.resolve(practice.connection, reference).id for reference in (keep, other))
        found = merging.preview(practice, one, two)
        for side in (found.keep, found.other):
            output.note(_side(side))
        output.note(_why(found))
        _confirm(text("Are these two records of one person?"), yes=yes, remedy="Compare both records.")
        merged = merging.merge(practice, one, two, reason, different_ins=different_ins)
    _print_pair(asked, merged)


def _side(side: Side) -> str:
    words = texts("{n} entry", "{n} entries", side.entries).format(n=side.entries)
    dates = " - ".join(shown_date(one) for one in dict.fromkeys((side.since, side.until)) if one)
    name, born = reading.full_name(side.body), shown_date(side.body.birth_date)
    return "  ".join(part for part in (describing.longer(side.id), name, born, side.body.ins, words, dates) if part)


def _why(found: Preview) -> str:
    if found.different_ins:
        return text("Their INS numbers differ: they may be two people.")
    if found.reason is None:
        return text("Nothing in these identities says that they are of one person.")
    return text("They are alike: {reason}.").format(reason=text(identity_words.REASONS[found.reason]))


@command(patient_commands, "unmerge", text("Take a merged record apart again: both are what they were."))
def unmerge(asked: Asked, patient: PatientReference, reason: Reason) -> None:
    """Take apart, and print both."""
    with opening.unlocked(asked) as practice:
        parted = merging.unmerge(practice, patient, reason)
    _print_pair(asked, parted)


def _print_pair(asked: Asked, pair: Merged) -> None:
    if asked.as_json:
        output.document({"id": pair.kept.id, "kept": shapes.summary(pair.kept), "other": shapes.summary(pair.other)})
        return
    output.table([text("Identifier"), text("Name"), text("Born"), text("INS")], [_row(one) for one in pair[:2]])


def _row(one: PatientSummary) -> tuple[str, ...]:
    return describing.longer(one.id), reading.full_name(one), shown_date(one.birth_date), one.ins


@command(patient_commands, "duplicates", text("List records that may be of one person, the likeliest first."))
def duplicates(asked: Asked, limit: Limit = candidates.LISTED) -> None:
    """Pairs, each with the reason."""
    with opening.unlocked(asked) as practice:
        found = candidates.doubles(practice.connection, limit)
    if asked.as_json:
        output.document(
            [
                {
                    "id": f"{one.one.id}-{one.other.id}",
                    "reason": one.reason.value,
                    "patients": [shapes.summary(one.one), shapes.summary(one.other)],
                }
                for one in found
            ]
        )
        return
    headings = [text("Identifier"), text("Name"), text("Born"), text("INS"), text("Reason")]
    rows = [(*_row(side), text(identity_words.REASONS[one.reason])) for one in found for side in (one.one, one.other)]
    output.table(headings, rows)
    if found:
        output.note(text("Twins are among them, and cousins. Merge two with: confrere patient merge KEEP OTHER"))


@command(patient_commands, "scan", text("Read the INS Data Matrix of a document: find the patient, or register one."))
def scan(
    asked: Asked, matrix: MatrixText = "-", patient: OfPatient = "", new: NewPatient = False, yes: Yes = False
) -> None:
    """Show what was read; find whose it is; register or correct after asking."""
    if new and patient:
        raise BadInput(what="A new patient and a known one exclude each other.", remedy="Choose --new or --patient.")
    typed = sys.stdin.buffer.read(4 * datamatrix.MAX_LENGTH).decode("utf-8", "replace") if matrix == "-" else matrix
    scanned = datamatrix.read(typed)
    for label, words in identity_words.described(scanned.body):
        output.note(text("{name}: {value}").format(name=label, value=words))
    if scanned.unknown:
        output.note(text("Fields that are not known here: {fields}.").format(fields=", ".join(scanned.unknown)))
    with opening.unlocked(asked) as practice:
        known = patients.resolve(practice.connection, patient).id if patient else ""
        if not new and not patient:
            known = _meant(practice, scanned)
        _print(asked, _correct(practice, known, scanned, yes=yes) if known else _new_of(practice, scanned, yes=yes))


def _meant(practice: Practice, scanned: datamatrix.Scanned) -> str:
    """The one patient whom the number, or else the names and the birth date, name; empty for nobody."""
    similar = candidates.like(practice.connection, homonyms.of_body("", scanned.body))
    for reason in (homonyms.Reason.SAME_INS, homonyms.Reason.SAME_NAMES_AND_BIRTH):
        meant = [one for one in similar if one.reason is reason]
        if len(meant) > 1:
            raise BadInput(
                what="Several patients may be meant: {names}.", names=_names(meant), remedy="Say which with --patient."
            )
        if meant:
            return meant[0].patient.id
    return ""


def _names(similar: list[Similar]) -> str:
    return ", ".join(f"{identity_words.who(one)} {describing.longer(one.patient.id)}" for one in similar[:5])


def _correct(practice: Practice, known: str, scanned: datamatrix.Scanned, *, yes: bool) -> Entry:
    chart = record.chart(practice, known)
    body = datamatrix.onto(chart.patient, scanned.body)
    shown = chart.identity[-1]
    if body == chart.patient:
        output.note(text("The identity on record says the same."))
        return shown
    before, after = dict(identity_words.described(chart.patient)), dict(identity_words.described(body))
    changes = [
        text("{field}: “{before}” becomes “{after}”.").format(field=field, before=before.get(field, ""), after=words)
        for field, words in after.items()
        if words != before.get(field, "")
    ]
    _settle_doubts(body, chart.patient, yes=yes)
    # The reader is what was asked to correct it: where nobody can be asked, what changes is told, and made.
    _settle(changes, yes=yes or not asking.is_possible(), question=text("Correct the identity?"))
    return record.amend(practice, shown.version, body)


def _new_of(practice: Practice, scanned: datamatrix.Scanned, *, yes: bool) -> Entry:
    _settle_doubts(scanned.body, None, yes=yes)
    if not yes and asking.is_possible() and not asking.confirms(text("Nobody here has this identity. Register it?")):
        raise NotConfirmed(remedy="Search by name, or say whom with --patient.")
    return _register(practice, scanned.body, yes=yes)
