"""A record in words: who, then each kind of entry, with the three states of knowledge kept apart."""

from collections.abc import Sequence

from localstore.bodies import PatientBody
from localstore.kinds import Kind, Provenance, Status
from localstore.model import Entry
from localstore.record import Chart
from tui import reading, vocabulary
from tui.cli import describing, output
from tui.dates import asked_on, shown_date, shown_moment
from tui.essentials import ASKED, ESSENTIAL, Called, known, to_call
from tui.identity_words import registered_as
from tui.words.catalogue import text

KNOWN, NONE_KNOWN, NOT_ASKED = "known", "none-known", "not-asked"
SHOWN_KINDS = tuple(kind for kind in Kind if kind is not Kind.PATIENT)
_ALWAYS_SHOWN = (*ESSENTIAL, *ASKED)  # silence here would read as "none"
_ORDER = (*_ALWAYS_SHOWN, *(kind for kind in SHOWN_KINDS if kind not in _ALWAYS_SHOWN))


def knowledge(entries: Sequence[Entry]) -> dict[str, str]:
    """For each kind: `known`, `none-known` (asked, and there is none) or `not-asked`."""
    return {kind.value: _knowledge([one for one in entries if one.kind is kind]) for kind in SHOWN_KINDS}


def _knowledge(entries: Sequence[Entry]) -> str:
    standing = [one for one in entries if one.status is Status.FINAL]
    if any(not _states_none(one) for one in standing):
        return KNOWN
    return NONE_KNOWN if standing else NOT_ASKED


def _states_none(entry: Entry) -> bool:
    return bool(getattr(entry.body, "none_known", False))


def show(chart: Chart, entries: Sequence[Entry], kinds: Sequence[Kind], *, sought: bool = False) -> None:
    """Print the record; `entries` are those to list. Where they were `sought` by their words, what was not found is
    not spoken of: it says nothing of what is known."""
    _show_identity(chart)
    if sought and not entries:
        output.say("")
        output.say(text("No entry holds these words."))
        return
    states = knowledge(chart.entries)
    for kind in (one for one in _ORDER if one in kinds):
        listed = [one for one in entries if one.kind is kind]
        if listed or (not sought and (kind in _ALWAYS_SHOWN or len(kinds) == 1)):
            output.say("")
            output.say(field(vocabulary.kinds(kind), _state_words(chart, kind, states[kind.value])))
            if listed:
                table(sorted(listed, key=lambda one: one.date, reverse=True), chart.competing())


def show_closed(chart: Chart) -> None:
    """Print the identity alone, and why there is no more."""
    _show_identity(chart)
    output.say(text("The medical part of a record is not open to your role: this says nothing of what it holds."))


def _state_words(chart: Chart, kind: Kind, state: str) -> str:
    if state == NOT_ASKED:
        return text("not asked")
    if state == NONE_KNOWN:
        return text(reading.NONE_KNOWN[kind])
    found = known(chart.entries, kind)
    if not found.contradicts or found.none is None:
        return text("known")
    asked = asked_on(found.none.date or found.none.recorded[:10])
    return f"▲ {text(reading.NONE_KNOWN[kind])} ({asked}) {text('contradicts:')}"


def _show_identity(chart: Chart) -> None:
    for one in chart.identity:
        if isinstance(one.body, PatientBody):
            output.say(f"{reading.full_name(one.body)} {describing.marks(one, len(chart.identity) > 1)}".rstrip())
            for name, value in _particulars(one.body, to_call(one.body, chart.entries)):
                output.say("  " + field(name, value))
    output.say("  " + field(text("Identifier"), chart.id))
    if chart.also_registered:
        output.say("  " + registered_as(chart.also_registered))


def _particulars(body: PatientBody, called: Sequence[Called]) -> list[tuple[str, str]]:
    contacts = "; ".join(_person(one) for one in called)
    place = " ".join(filter(None, (body.address, body.postal_code, body.town)))
    found = [
        (text("Used name"), body.used_name),
        (text("Born"), " ".join(filter(None, (shown_date(body.birth_date), body.birth_place)))),
        (text("Sex"), vocabulary.word(vocabulary.SEX, body.sex)),
        (text("INS"), body.ins),
        (text("Identity"), vocabulary.word(vocabulary.IDENTITY_STATUS, body.identity_status)),
        (text("Deceased"), shown_date(body.deceased)),
        (text("Telephone"), body.phone),
        (text("Address"), place),
        (text("Treating doctor"), body.treating_doctor),
        (text("Persons to call"), contacts),
    ]
    return [(name, value) for name, value in found if value]


def _person(one: Called) -> str:
    trusted = f"({text('person of trust')})" if one.trusted else ""
    return " ".join(filter(None, (one.name, one.relationship, trusted, one.phone)))


def field(name: str, value: object) -> str:
    """A name and its value in a line, punctuated as the language has it."""
    return text("{name}: {value}").format(name=name, value=value)


def table(entries: Sequence[Entry], competing: frozenset[str]) -> None:
    """Entries, one line each; the identifier is that of the version, which is what can be amended."""
    headings = [text("Version"), text("Date"), text("Entry"), text("From")]
    output.table(headings, [_row(one, one.id in competing) for one in entries])


def _row(entry: Entry, competing: bool) -> tuple[str, str, str, str]:
    words = " ".join(filter(None, (describing.marks(entry, competing), describing.words(entry))))
    return describing.longer(entry.version), shown_date(entry.date), words, _source(entry)


def _source(entry: Entry) -> str:
    if entry.provenance is Provenance.RECEIVED:
        said = text("{author}, received from {colleague}, as of {date}")
        return said.format(author=entry.author.name, colleague=entry.origin, date=shown_moment(entry.recorded))
    if entry.provenance is Provenance.IMPORTED:
        return text("imported from {file}").format(file=entry.origin)
    return entry.author.name
