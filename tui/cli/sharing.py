"""`confrere share`, `inbox` and `outbox`: what leaves, what arrived, and how far each came."""

from typing import Annotated, Any

import typer

from localstore import colleagues, correspondence, patients, postbox, record, versions
from localstore.correspondence import Outgoing
from localstore.kinds import Kind
from localstore.postbox import DeliveryState
from localstore.roles import Right
from sync import inbox, sharing
from sync.desk import Desk
from sync.documents import DocumentType
from sync.inbox import Item
from tui import reading, vocabulary
from tui.cli import chart, describing, output, shapes
from tui.cli.colleagues import ColleagueReference
from tui.cli.commands import Asked, command, family
from tui.cli.consents import terms_shape
from tui.cli.desk import at_the_desk
from tui.cli.errors import Misused
from tui.cli.patients import PatientReference
from tui.cli.references import entry_ids
from tui.dates import shown_date, shown_moment
from tui.words.catalogue import text

commands = family()

REMOVED, WITHDRAWN, OPENED = "removed", "withdrawn", "opened"
# The others are between the programs.
_OF_THE_DOCTOR = frozenset(
    {DocumentType.EXTRACT, DocumentType.WITHDRAWAL, DocumentType.RECOVERY_SHARE, correspondence.KEPT_BACK}
)

DocumentReference = Annotated[
    str, typer.Argument(metavar="ID", help=text("The identifier of a received document, or its beginning."))
]
IntoPatient = Annotated[
    str | None, typer.Option("--patient", metavar="PATIENT", help=text("Into the record of this patient."))
]
IntoNew = Annotated[bool, typer.Option("--new", help=text("Into a new patient."))]
Only = Annotated[
    list[str] | None, typer.Option("--only", metavar="ENTRY", help=text("Only this entry; may be repeated."))
]
Everything = Annotated[bool, typer.Option("--all", help=text("What the programs say to each other, too."))]


@command(commands, "share", text("Make an extract of what the consent covers, and queue it for a colleague."))
def share(asked: Asked, patient: PatientReference, colleague: ColleagueReference) -> None:
    """Sign, seal and queue; the daemon delivers."""
    with at_the_desk(asked) as desk:
        known = patients.resolve(desk.record, patient)
        recipient = colleagues.resolve(desk.record, colleague)
        shared = sharing.share(desk, known.id, recipient)
    if asked.as_json:
        output.document(
            {
                "id": shared.document,
                "patient": known.id,
                "colleague": recipient.id,
                "consent": shared.consent,
                "entries": shared.entries,
                "left_out": shared.left_out,
                "bytes": shared.envelope_bytes,
                "too_large": list(shared.too_large),
            }
        )
        return
    for title in shared.too_large:
        output.note(text("Too large for an extract, it stays here: “{title}”.").format(title=title))
    words = text("Queued for {name}: {count} entries; {left_out} are outside of the consent; {bytes} bytes sealed.")
    output.say(
        words.format(name=recipient.name, count=shared.entries, left_out=shared.left_out, bytes=shared.envelope_bytes)
    )


def list_inbox(asked: Asked) -> None:
    """Everything that arrived for the doctor, newest first."""
    with at_the_desk(asked) as desk:
        items = inbox.listing(desk)
    if asked.as_json:
        output.document([_item_shape(item) | {"entry_count": len(item.entries)} for item in items])
        return
    output.table(_inbox_headings(), [_item_row(item) for item in items])


inbox_commands = family("inbox", help=text("What has arrived: looking at it, taking it over."), bare=list_inbox)
commands.add_typer(inbox_commands, name="inbox")
command(inbox_commands, "list", text("List what has arrived."))(list_inbox)


def _inbox_headings() -> list[str]:
    return [text("Identifier"), text("Arrived"), text("From"), text("State"), text("Patient"), text("Entries")]


def _item_row(item: Item) -> tuple[object, ...]:
    name = " ".join((reading.full_name(item.patient), shown_date(item.patient.birth_date))) if item.patient else ""
    if item.type == DocumentType.RECOVERY_SHARE:
        name = vocabulary.word(vocabulary.DOCUMENT_TYPE, item.type)
    state = ": ".join(
        filter(None, (vocabulary.word(vocabulary.RECEIVED_STATE, item.state), text(item.reason) if item.reason else ""))
    )
    entries = len(item.entries) or ""
    return describing.short(item.id), shown_moment(item.arrived), item.colleague, state, name, entries


@command(inbox_commands, "show", text("Show a received extract: scope, author, entries. Nothing is merged."))
def show(asked: Asked, identifier: DocumentReference) -> None:
    """One received document; the reading is written to the history."""
    with at_the_desk(asked) as desk:
        item = inbox.show(desk, identifier)
    if asked.as_json:
        output.document(_item_shape(item) | {"entries": [shapes.entry(one) for one in item.entries]})
        return
    output.table(_inbox_headings(), [_item_row(item)])
    if item.terms is not None:
        kinds = ", ".join(vocabulary.kinds(kind).lower() for kind in item.terms.kinds)
        output.say(text("As of {moment}.").format(moment=shown_moment(item.as_of)))
        output.say(text("Only what the consent covers: {kinds}.").format(kinds=kinds))
    chart.table([one for one in item.entries if one.kind is not Kind.PATIENT], frozenset())


@command(inbox_commands, "take", text("Take the entries of an extract over into the own record."))
def take(
    asked: Asked,
    identifier: DocumentReference,
    patient: IntoPatient = None,
    new: IntoNew = False,
    only: Only = None,
) -> None:
    """Into the patient who is meant; entries keep their identifiers and their authors."""
    if patient is not None and new:
        raise Misused(problem="Either --patient or --new.", command="confrere inbox take")
    with at_the_desk(asked) as desk:
        document = correspondence.by_identifier(desk.record, identifier)
        owner = patients.resolve(desk.record, patient).id if patient is not None else ""
        chosen = None
        if only:
            chosen = entry_ids(next(one.entries for one in inbox.listing(desk) if one.id == document.id), only)
        taken = inbox.take(desk, document.id, owner, new=new, only=chosen)
    if asked.as_json:
        numbers = {"added": taken.added, "already_here": taken.already_here}
        output.document({"id": document.id, "patient": taken.patient} | numbers)
        return
    words = text("Taken over into {patient}: {added} entries; {already_here} were here already.")
    identified = describing.longer(taken.patient)
    output.say(words.format(patient=identified, added=taken.added, already_here=taken.already_here))


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
        "supersedes": item.supersedes,
    }


@command(commands, "outbox", text("List what was sent, and how far it came."))
def outbox(asked: Asked, everything: Everything = False) -> None:
    """Each document with its state: queued, sent, stored, opened, removed, withdrawn, or lost with a backup."""
    with at_the_desk(asked) as desk:
        desk.practice.require(Right.READ)
        sent = correspondence.outgoing(desk.record)
        listed = [one for one in sent if everything or one.type in _OF_THE_DOCTOR]
        found = [_outgoing_shape(desk, one, state) for one, state in zip(listed, _states(desk, listed), strict=True)]
        names = {one["patient"]: _patient_name(desk, one["patient"]) for one in found if one["patient"]}
    if asked.as_json:
        output.document(found)
        return
    headings = [
        text("Identifier"),
        text("Made"),
        text("To"),
        text("What"),
        text("Patient"),
        text("Entries"),
        text("State"),
    ]
    output.table(headings, [_outgoing_row(one, names) for one in found])


def _states(desk: Desk, sent: list[Outgoing]) -> list[str]:
    delivered = {(one.feed, one.sequence): one.state for one in postbox.progress(desk.postbox)}
    asked = sharing.withdrawn(desk)
    return [_state(one, delivered.get((one.feed, one.sequence)), (one.feed, one.sequence) in asked) for one in sent]


def _state(sent: Outgoing, delivered: DeliveryState | None, withdrawn: bool) -> str:
    """The furthest that is known: what the colleague's software attested, then what was asked of it, then receipts."""
    if sent.removed:
        return REMOVED
    if withdrawn:
        return WITHDRAWN
    if sent.opened:
        return OPENED
    return (delivered or DeliveryState.QUEUED).value


def _outgoing_shape(desk: Desk, sent: Outgoing, state: str) -> dict[str, Any]:
    colleague = colleagues.by_number(desk.record, sent.colleague)
    return {
        "id": sent.document_id,
        "colleague": colleague.id,
        "colleague_name": colleague.name,
        "type": sent.type,
        "made": sent.made,
        "patient": versions.identifier(desk.record, sent.patient) if sent.patient is not None else "",
        "entries": sent.entries,
        "state": state,
        "opened": sent.opened,
        "removed": sent.removed,
    }


def _patient_name(desk: Desk, identifier: str) -> str:
    return reading.full_name(record.chart(desk.practice, identifier).patient)


def _outgoing_row(one: dict[str, Any], names: dict[str, str]) -> tuple[object, ...]:
    states = {
        "queued": text("queued"),
        "sent": text("sent"),
        "stored": text("stored"),
        "lost": text("not delivered"),
        OPENED: text("opened"),
        REMOVED: text("removed by the colleague's software"),
        WITHDRAWN: text("removal requested"),
    }
    return (
        describing.short(one["id"]),
        shown_moment(one["made"]),
        one["colleague_name"],
        vocabulary.word(vocabulary.DOCUMENT_TYPE, one["type"]),
        names.get(one["patient"], ""),
        one["entries"] or "",
        states[one["state"]],
    )
