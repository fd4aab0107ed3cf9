"""`confrere inbox`: what has arrived, looking at it, and taking it over into the own record."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from localstore import correspondence, patients, record, versions
from localstore.bodies import LetterBody
from localstore.correspondence import ReceivedState
from localstore.errors import BadInput
from sync.desk import Desk
from sync.papers.documents import ABOUT_A_PATIENT
from sync.receiving import inbox
from sync.receiving.beside import Beside, Relation
from sync.receiving.inbox import Item
from tui import inbox_words, reading, vocabulary
from tui.cli import describing, output, shapes
from tui.cli.commands import Asked, command, family
from tui.cli.consents import terms_shape
from tui.cli.desk import at_the_desk
from tui.cli.errors import Misused
from tui.cli.references import entry_ids
from tui.dates import shown_date, shown_moment
from tui.gateways.inbox import scope_of
from tui.scope import told_scope
from tui.words.catalogue import text, texts

commands = family()

DocumentReference = Annotated[
    str,
    typer.Argument(
        metavar="ID", help=text("The identifier of a received document, or at least six characters of its beginning.")
    ),
]
IntoPatient = Annotated[
    str | None, typer.Option("--patient", metavar="PATIENT", help=text("Into the record of this patient."))
]
BesidePatient = Annotated[
    str | None, typer.Option("--patient", metavar="PATIENT", help=text("Beside the record of this patient."))
]
IntoNew = Annotated[bool, typer.Option("--new", help=text("Into a new patient."))]
Only = Annotated[
    list[str] | None, typer.Option("--only", metavar="ENTRY", help=text("Only this entry; may be repeated."))
]
ExceptDuplicates = Annotated[
    bool, typer.Option("--except-duplicates", help=text("Not what may be in the record already, in other words."))
]


def list_inbox(asked: Asked) -> None:
    """Everything that arrived for the doctor, newest first."""
    with at_the_desk(asked) as desk:
        items = inbox.listing(desk)
    if asked.as_json:
        output.document([_item_shape(item) | {"entry_count": len(item.entries)} for item in items])
        return
    output.table(_inbox_headings(), [_item_row(item) for item in items])
    if count := inbox.count_set_aside(items):
        words = texts(
            "{count} document is set aside: nothing in it was believed.",
            "{count} documents are set aside: nothing in them was believed.",
            count,
        )
        output.note(words.format(count=count))


inbox_commands = family("inbox", help=text("What has arrived: looking at it, taking it over."), bare=list_inbox)
commands.add_typer(inbox_commands, name="inbox")
command(inbox_commands, "list", text("List what has arrived."))(list_inbox)


def _inbox_headings() -> list[str]:
    return [
        text("Identifier"),
        text("Arrived"),
        text("From"),
        text("State"),
        text("What"),
        text("Patient"),
        text("Entries"),
    ]


def _item_row(item: Item) -> tuple[object, ...]:
    name = " ".join((reading.full_name(item.patient), shown_date(item.patient.birth_date))) if item.patient else ""
    state = ": ".join(
        filter(None, (vocabulary.word(vocabulary.RECEIVED_STATE, item.state), text(item.reason) if item.reason else ""))
    )
    entries = len(item.entries) or ""
    what = inbox_words.what(item.type, item.entries, item.letter)
    return describing.short(item.id), shown_moment(item.arrived), item.colleague, state, what, name, entries


@command(inbox_commands, "show", text("Show a received extract beside the own record. Nothing is merged."))
def show(asked: Asked, identifier: DocumentReference, patient: BesidePatient = None) -> None:
    """One received document: scope, author, and each entry with what is here about the same thing; the reading is
    written to the history."""
    with at_the_desk(asked) as desk:
        item = inbox.show(desk, identifier)
        owner = _owner(desk, item, patient)
        compared = _compared(desk, item, owner)
        answered = _told_answered(desk, item.answers) if item.answers else ""
    if asked.as_json:
        entries = [_entry_shape(item, one) for one in compared]
        output.document(_item_shape(item) | {"beside": owner, "entries": entries})
        return
    output.table(_inbox_headings(), [_item_row(item)])
    _tell_scope(item)
    if answered:
        output.say(answered)
    _tell_letter(item)
    _tell_entries(item, compared)


def _owner(desk: Desk, item: Item, patient: str | None) -> str:
    return patients.resolve(desk.record, patient).id if patient is not None else inbox.likely_owner(desk, item)


def _compared(desk: Desk, item: Item, owner: str) -> tuple[Beside, ...]:
    """The entries beside those of the own record `owner`, where there is one; that this was read is written down."""
    own = record.open_chart(desk.practice, owner, "beside an extract").entries if owner and item.entries else ()
    return inbox.compared(desk, item, own)


def _tell_scope(item: Item) -> None:
    if item.superseded_by:
        words = text("A later extract has taken its place: {id}.")
        output.say(words.format(id=describing.short(item.superseded_by)))
    if item.state is ReceivedState.WITHDRAWN or (item.type in ABOUT_A_PATIENT and item.patient is None):
        output.say(text("Its author withdrew it: nothing of it is kept here, but what was taken over."))
    if item.terms is not None:
        output.say(text("As of {moment}.").format(moment=shown_moment(item.as_of)))
        output.say(text("Only what the consent covers: {kinds}.").format(kinds=told_scope(scope_of(item.terms))))


def _told_answered(desk: Desk, letter: str) -> str:
    """Which of the letters that were sent an answer answers: by its day and subject, where it is still here."""
    first = versions.entry_number(desk.record, letter)
    sent = versions.of_entry(desk.record, first)[-1][1] if first is not None else None
    if sent is None or not isinstance(sent.body, LetterBody):
        return text("It answers a letter that is not here: {id}.").format(id=describing.short(letter))
    words = text("It answers the letter of {date}: {title}.")
    return words.format(date=shown_date(sent.date), title=sent.body.title or text("without a subject"))


def _tell_letter(item: Item) -> None:
    """A letter, whole: it is what the doctor is to read."""
    for entry in item.entries:
        if entry.id == item.letter and isinstance(entry.body, LetterBody):
            words = filter(None, (entry.body.title, entry.body.text))
            output.say("\n" + "\n\n".join(words) + f"\n{entry.author.name}\n", lines=True)


def _tell_entries(item: Item, compared: Sequence[Beside]) -> None:
    if not compared:
        return
    headings = [text("Version"), text("Date"), text("Entry"), text("From"), text("In the own record")]
    output.table(headings, [_entry_row(one) for one in compared])
    for one in compared:
        word = item.words.get(one.entry.version)
        if word is not None:
            said = inbox_words.signed(word.name, word.as_of, word.standing, item.colleague)
            output.say(f"{describing.longer(one.entry.version)}: {said}")


def _entry_row(one: Beside) -> tuple[str, str, str, str, str]:
    entry = one.entry
    words = " ".join(filter(None, (describing.marks(entry, False), describing.words(entry))))
    own = ", ".join(
        f"{describing.longer(other.version)} {shown_date(other.date)} {describing.words(other)}" for other in one.own
    )
    relation = inbox_words.relation(one.relation.value)
    here = text("{name}: {value}").format(name=relation, value=own) if own and relation else relation
    return describing.longer(entry.version), shown_date(entry.date), words, entry.author.name, here


@command(inbox_commands, "take", text("Take the entries of an extract over into the own record."))
def take(
    asked: Asked,
    identifier: DocumentReference,
    patient: IntoPatient = None,
    new: IntoNew = False,
    only: Only = None,
    except_duplicates: ExceptDuplicates = False,
) -> None:
    """Into the patient who is meant; entries keep their identifiers and their authors."""
    if patient is not None and new:
        raise Misused(problem="Either --patient or --new.", command="confrere inbox take")
    if only and except_duplicates:
        raise Misused(problem="Either --only or --except-duplicates.", command="confrere inbox take")
    with at_the_desk(asked) as desk:
        document = correspondence.by_identifier(desk.record, identifier)
        item = next(one for one in inbox.listing(desk) if one.id == document.id)
        owner = patients.resolve(desk.record, patient).id if patient is not None else ""
        chosen = entry_ids(item.entries, only) if only else None
        left: list[Beside] = []
        if except_duplicates and not new:
            compared = _compared(desk, item, _owner(desk, item, patient))
            left = [one for one in compared if one.relation is Relation.DUPLICATE]
            chosen = _others(compared)
        taken = inbox.take(desk, document.id, owner, new=new, only=chosen)
    if asked.as_json:
        numbers = {"added": taken.added, "already_here": taken.already_here, "competing": taken.competing}
        duplicates = [one.entry.id for one in left]
        output.document({"id": document.id, "patient": taken.patient, "left": duplicates} | numbers)
        return
    words = text("Taken over into {patient}: {added} entries; {already_here} were here already.")
    identified = describing.longer(taken.patient)
    output.say(words.format(patient=identified, added=taken.added, already_here=taken.already_here))
    if left:
        said = texts("{n} possible duplicate was left.", "{n} possible duplicates were left.", len(left))
        output.say(said.format(n=len(left)))


def _others(compared: Sequence[Beside]) -> tuple[str, ...]:
    """The versions that are no possible duplicates. Raises BadInput where there are none."""
    found = tuple(one.entry.version for one in compared if one.relation is not Relation.DUPLICATE)
    if compared and not found:
        raise BadInput(
            what="Every entry of this extract is a possible duplicate.",
            remedy="Look at them with confrere inbox show, and name with --only what you want.",
        )
    return found


def _item_shape(item: Item) -> dict[str, Any]:
    return {
        "id": item.id,
        "colleague": item.colleague,
        "type": item.type,
        "state": item.state.value,
        "arrived": item.arrived,
        "reason": item.reason,
        "patient": shapes.plain(item.patient),
        "scope": terms_shape(item.terms) if item.terms else None,
        "as_of": item.as_of,
        "subject": inbox_words.subject(item.entries, item.letter),
        "answers": item.answers,
        "supersedes": item.supersedes,
        "superseded_by": item.superseded_by,
    }


def _entry_shape(item: Item, one: Beside) -> dict[str, Any]:
    word = item.words.get(one.entry.version)
    return shapes.entry(one.entry, already_here=one.relation is Relation.HERE) | {
        "relation": one.relation.value,
        "duplicate_of": list(one.duplicate_of),
        "signed_by": shapes.plain(word) if word is not None else None,
    }
