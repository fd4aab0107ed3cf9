"""`confrere patient report, keeping, archive, unarchive, archived, erase, rectify`: what the law gives the patient."""

from enum import StrEnum
from typing import Annotated, Any

import typer

from localstore import patients
from localstore.errors import ConfrereError, UnknownPatient
from localstore.model import PatientSummary
from localstore.practice import Practice
from localstore.rights import archive, archiving, erasure, keeping, requests
from localstore.rights.erasure import Ground
from localstore.rights.keeping import Kept
from localstore.rights.requests import Outcome
from localstore.rights.terms_of_keeping import State
from localstore.rights.wording import ENGLISH, FRENCH
from tui import reading
from tui.cli import asking, chart, describing, opening, output, shapes
from tui.cli.commands import Asked, command
from tui.cli.errors import Misused, NotConfirmed
from tui.cli.exchange import Force, OutputFolder
from tui.cli.patients import PatientReference, Why, patient_commands
from tui.dates import shown_date
from tui.rights_words import GROUNDS, STATES, reach
from tui.words.catalogue import text, texts


class Language(StrEnum):
    """The language of a report."""

    FR = "fr"
    EN = "en"


LanguageOption = Annotated[
    Language, typer.Option("--language", metavar="fr|en", help=text("The language of the report."))
]
StateOption = Annotated[
    State | None, typer.Option("--state", metavar="STATE", help=text("active, to-archive, archived or due."))
]
MaybePatient = Annotated[
    str | None,
    typer.Argument(metavar="PATIENT", help=text("An identifier or its beginning, an INS, or words of the name.")),
]
Unused = Annotated[bool, typer.Option("--unused", help=text("Every record that was not used for five years."))]
Yes = Annotated[bool, typer.Option("--yes", help=text("Do not ask."))]
GroundOption = Annotated[
    Ground,
    typer.Option(
        "--ground",
        metavar="GROUND",
        help=text(
            "Why it may be erased: time-over, mistake, duplicate, fictitious, unlawful, legal-obligation or "
            "patient-request."
        ),
    ),
]
Reason = Annotated[
    str, typer.Option("--reason", metavar="WORDS", help=text("The reason in words; it stays in the history."))
]
Confirm = Annotated[
    str | None, typer.Option("--confirm", metavar="NAME", help=text("The patient's family name, to confirm it."))
]
AskedFor = Annotated[str, typer.Option("--asked", metavar="WORDS", help=text("Who asked for which correction."))]
Done = Annotated[str | None, typer.Option("--done", metavar="WORDS", help=text("What was corrected."))]
Refused = Annotated[str | None, typer.Option("--refused", metavar="WORDS", help=text("Why nothing was corrected."))]


# --- what the patient is given, and asks ------------------------------------------------------------------------------


@command(
    patient_commands, "report", text("Everything about one patient, for the patient: a PDF in plain words, and FHIR.")
)
def report(
    asked: Asked,
    patient: PatientReference,
    output_folder: OutputFolder,
    language: LanguageOption = Language.FR,
    why: Why = "",
    force: Force = False,
) -> None:
    """Write both files."""
    from localstore.rights import report as papers  # the PDF library is slow to load

    tongue = ENGLISH if language is Language.EN else FRENCH
    with opening.unlocked(asked) as practice:
        known = patients.resolve(practice.connection, patient)
        written = papers.write(practice, known.id, output_folder, tongue=tongue, why=why, replace=force)
    if asked.as_json:
        files = [{"name": name, "bytes": size} for name, size in written]
        output.document({"id": known.id, "folder": str(output_folder), "files": files})
        return
    for name, size in written:
        output.say(text("{file}: {count} bytes").format(file=output_folder / name, count=size))
    output.note(
        text("The law gives 8 days to hand it over, counted from the request; 2 months for what is older than 5 years.")
    )


@command(patient_commands, "rectify", text("Note a request for rectification in the history, and what came of it."))
def rectify(
    asked: Asked, patient: PatientReference, asked_for: AskedFor, done: Done = None, refused: Refused = None
) -> None:
    """The correction itself is made with `confrere amend` or `confrere retract`."""
    if (done is None) == (refused is None):
        raise Misused(problem=text("Give either --done or --refused."), command="confrere patient rectify")
    outcome = Outcome.REFUSED if done is None else Outcome.DONE
    with opening.unlocked(asked) as practice:
        known = patients.resolve(practice.connection, patient)
        requests.note(practice, known.id, asked_for, outcome, done or refused or "")
    if asked.as_json:
        output.document({"id": known.id, "outcome": outcome.value})
    else:
        output.say(text("The request was written to the history."))


# --- how long it is kept ----------------------------------------------------------------------------------------------


@command(patient_commands, "keeping", text("List how long records are kept: in use, to be archived, archived, due."))
def listing(asked: Asked, state: StateOption = None) -> None:
    """All records in one state, or all; those whose time ends first at the top."""
    with opening.unlocked(asked) as practice:
        found = keeping.listing(practice, frozenset({state} if state else State))
    if asked.as_json:
        output.document([_shape(one) for one in found])
        return
    headings = [text("Identifier"), text("Name"), text("Born"), text("State"), text("Last care"), text("Kept until")]
    output.table(headings, [_row(one) for one in found])


def _shape(one: Kept) -> dict[str, Any]:
    return shapes.summary(one.patient) | {"state": one.state.value} | one.days._asdict()


def _row(one: Kept) -> tuple[str, ...]:
    return (
        describing.longer(one.patient.id),
        reading.full_name(one.patient),
        shown_date(one.patient.birth_date),
        text(STATES[one.state]),
        shown_date(one.days.last_care),
        shown_date(one.days.kept_until),
    )


# --- the archive ------------------------------------------------------------------------------------------------------


@command(patient_commands, "archive", text("Take a record out of use into the archive, whole; it can be brought back."))
def into_archive(asked: Asked, patient: MaybePatient = None, unused: Unused = False, yes: Yes = False) -> None:
    """One record, or after a question all that were not used for five years."""
    if (patient is None) == (not unused):
        raise Misused(problem=text("Name a patient, or give --unused."), command="confrere patient archive")
    with opening.unlocked(asked) as practice:
        wanted = _wanted(practice, patient)
        _confirm_archiving(wanted, yes)
        done = [archiving.into_archive(practice, one.id) for one in wanted]
    if asked.as_json:
        output.document([shapes.summary(one.patient) | {"archived": one.at} for one in done])
    else:
        words = texts("{count} record archived.", "{count} records archived.", len(done))
        output.say(words.format(count=len(done)))


def _wanted(practice: Practice, patient: str | None) -> list[PatientSummary]:
    if patient is not None:
        return [patients.resolve(practice.connection, patient)]
    return [one.patient for one in keeping.listing(practice, frozenset({State.DORMANT}))]


def _confirm_archiving(wanted: list[PatientSummary], yes: bool) -> None:
    if yes or not wanted:
        return
    words = texts("Archive {count} record: {names}?", "Archive {count} records: {names}?", len(wanted))
    names = ", ".join(reading.full_name(one) for one in wanted[:5]) + (" …" if len(wanted) > 5 else "")
    question = words.format(count=len(wanted), names=names)
    if not (asking.is_possible() and asking.confirms(question)):
        raise NotConfirmed(remedy="Confirm it on a terminal, or with --yes.")


@command(patient_commands, "unarchive", text("Bring a record back from the archive, as it was."))
def unarchive(asked: Asked, patient: PatientReference) -> None:
    """The same versions, sources and files."""
    with opening.unlocked(asked) as practice:
        one = archive.resolve(practice, patient)
        archiving.bring_back(practice, one.id)
    if asked.as_json:
        output.document(shapes.summary(one.patient))
    else:
        output.say(text("The record of {name} is back.").format(name=reading.full_name(one.patient)))


@command(patient_commands, "archived", text("List the archive, or read one record of it; the reading needs a reason."))
def archived(asked: Asked, patient: MaybePatient = None, why: Why = "") -> None:
    """Who is in the archive, or one record as it stands there; it stays."""
    if patient is not None and not why.strip():
        raise Misused(problem=text("To read an archived record, say why."), command="confrere patient archived")
    with opening.unlocked(asked) as practice:
        if patient is None:
            listed = [keeping.of_archived(practice, one) for one in archive.listing(practice)]
            found = None
        else:
            found = archiving.read(practice, archive.resolve(practice, patient).id, why)
    if found is None:
        _list_archived(asked, listed)
    elif asked.as_json:
        shown = [one for one in found.entries if one.kind in chart.SHOWN_KINDS]
        entries = [shapes.entry(one, current=True, competing=one.id in found.competing()) for one in shown]
        output.document(shapes.record(found, entries, chart.knowledge(found.entries), found.patient))
    else:
        chart.show(found, list(found.entries), chart.SHOWN_KINDS)


def _list_archived(asked: Asked, listed: list[Kept]) -> None:
    if asked.as_json:
        output.document([_shape(one) for one in listed])
        return
    headings = [text("Identifier"), text("Name"), text("Born"), text("State"), text("Last care"), text("Kept until")]
    output.table(headings, [_row(one) for one in listed])


# --- erasing ----------------------------------------------------------------------------------------------------------


@command(patient_commands, "erase", text("Erase everything about one patient for good, where the law allows it."))
def erase(
    asked: Asked, patient: PatientReference, ground: GroundOption, reason: Reason = "", confirm: Confirm = None
) -> None:
    """Erase, after the family name was typed; and say what could not be reached."""
    from sync.sending import erasing  # the exchange is needed by no other command here
    from tui.cli.desk import at_the_desk

    with at_the_desk(asked) as desk:
        known = _anywhere(desk.practice, patient)
        erasure.check(desk.practice, known.id, ground, reason)
        _confirm_erasing(known, ground, confirm)
        gone = erasing.erase(desk, known.id, ground, reason)
    holders = [one._asdict() for one in gone.holders]
    if asked.as_json:
        told = {"versions": gone.erased.versions, "received": gone.received, "kept_back": gone.kept_back}
        left = {"backups_until": gone.erased.backups_until, "shared_left": gone.erased.shared_left, "holders": holders}
        output.document({"id": known.id} | told | left)
        return
    words = texts("Erased: {count} version.", "Erased: {count} versions.", gone.erased.versions)
    output.say(words.format(count=gone.erased.versions))
    for line in _left(gone):
        output.note(line)


def _anywhere(practice: Practice, reference: str) -> PatientSummary:
    """The patient, in use or in the archive."""
    try:
        return patients.resolve(practice.connection, reference)
    except UnknownPatient as unknown:
        try:
            return archive.resolve(practice, reference).patient
        except ConfrereError:
            raise unknown from None


def _confirm_erasing(known: PatientSummary, ground: Ground, typed: str | None) -> None:
    if typed is None:
        if not asking.is_possible():
            raise NotConfirmed(remedy="Confirm it on a terminal, or with --confirm and the family name.")
        output.note(text("This cannot be undone. Ground: {ground}.").format(ground=text(GROUNDS[ground])))
        question = text("To erase {name}, born {date}, type the family name: ")
        born = shown_date(known.birth_date)
        typed = asking.answer(question.format(name=reading.full_name(known), date=born))
    erasure.require_named(known, typed)


def _left(gone: Any) -> list[str]:
    """What erasing could not reach, each in a sentence."""
    until = shown_date(gone.erased.backups_until)
    found = [
        text("Backups still hold this record: the last one goes by {date}, if one is made each month.").format(
            date=until
        ),
        text("Lines of the history stay until their months are dropped, with the words that were typed in them."),
        text("Files that were exported or printed are not reached."),
    ]
    for one in gone.holders:
        if one.held and one.asked:
            words = text("{name} holds extracts of it, and was asked to remove them.")
        elif one.held:
            words = text("{name} holds extracts of it, and cannot be asked through Confrère: call or write.")
        else:
            words = text("{name} has attested that his extracts of it are removed.")
        found.append(words.format(name=one.name))
    found += reach(gone.received, gone.erased.shared_left)
    if not gone.erased.log_emptied:
        found.append(text("Another window is open: traces stay in its log until it is closed."))
    return found
