"""What else must not be overlooked beside allergies, problems and medicines: whether other things were asked about,
what is implanted, what the patient decided, whom to call."""

from collections.abc import Iterable

from localstore.bodies import DirectiveBody, PatientBody
from localstore.kinds import Kind, Status
from localstore.model import Entry
from tui import vocabulary
from tui.dates import asked_on
from tui.essentials import ASKED, Known, State, is_past, known, to_call
from tui.reading import title
from tui.values import Record
from tui.widgets.words import Part, Words
from tui.words.catalogue import text
from tui.words.marking import message

MOST_NAMED = 3  # of one line; the others are counted, and stand in the list
# Apart by kind, for French agrees with what it speaks of.
NONE = {
    Kind.IMMUNISATION: message("no vaccination"),
    Kind.PROCEDURE: message("no procedure"),
    Kind.DEVICE: message("no device"),
    Kind.FAMILY_HISTORY: message("no family history"),
}


class Surroundings(Words):
    """Four short lines; what a line cannot name is counted, never dropped unsaid."""

    DEFAULT_CSS = """
    Surroundings { height: auto; max-height: 4; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def show(self, record: Record) -> None:
        """Show those of a record."""
        lines = [_asked(record), _devices(record), _directives(record), _called(record.patient, record.entries)]
        parts = [part for line in lines if line for part in (*line, "\n")]
        self.say(*parts[:-1])


def _asked(record: Record) -> list[Part]:
    """Of each kind that is asked about: how many there are, that there is none, or that nobody asked."""
    parts: list[Part] = []
    for kind in ASKED:
        if kind is Kind.DEVICE:
            continue  # which there are says the next line
        parts += ["  ·  " if parts else "", (f"{vocabulary.kinds(kind)} ", "$text-muted")]
        parts += _state(kind, known(record.entries, kind))
    return parts


def _state(kind: Kind, found: Known) -> list[Part]:
    if found.none is not None:
        said = f"{text(NONE[kind])} ({asked_on(found.none.date or found.none.recorded[:10])})"
        count = len(found.current)
        return [(f"▲ {count}, {said}", "$text-warning")] if count else [(said, "$text-success")]
    if found.state is State.NOT_ASKED:
        return [(text("not recorded: ask"), "italic $text-warning")]
    return [str(len(found.current) + len(found.past))]


def _devices(record: Record) -> list[Part]:
    found = known(record.entries, Kind.DEVICE)
    head: Part = (f"{vocabulary.kinds(Kind.DEVICE)} ", "$text-muted")
    if not found.current or found.contradicts:
        return [head, *_state(Kind.DEVICE, found)]
    return [head, (_named(found.current), "bold")]


def _directives(record: Record) -> list[Part]:
    found = [
        one
        for one in record.entries
        if isinstance(one.body, DirectiveBody) and one.status is Status.FINAL and not is_past(one)
    ]
    if not found:
        return []
    return [(f"{vocabulary.kinds(Kind.DIRECTIVE)} ", "$text-muted"), (_named(found), "bold $text-accent")]


def _named(entries: Iterable[Entry]) -> str:
    titles = [title(one) for one in entries]
    more = len(titles) - MOST_NAMED
    return " · ".join([*titles[:MOST_NAMED], *([text("and {n} more").format(n=more)] if more > 0 else [])])


def _called(patient: PatientBody, entries: Iterable[Entry]) -> list[Part]:
    found = to_call(patient, entries)
    head: Part = (f"{text('To call')} ", "$text-muted")
    if not found:
        return [head, (text("not recorded"), "italic $text-warning")]
    said = []
    for one in found[:MOST_NAMED]:
        role = ", ".join(filter(None, (one.relationship, text("person of trust") if one.trusted else "")))
        said.append(" ".join(filter(None, (one.name, f"({role})" if role else "", one.phone))))
    more = len(found) - MOST_NAMED
    return [head, " · ".join([*said, *([text("and {n} more").format(n=more)] if more > 0 else [])])]
