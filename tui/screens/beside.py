"""What the room of an extract says: whose it is, how its entries stand to the own record, what was taken over. Pure."""

from collections.abc import Collection, Sequence

import msgspec
from textual.content import Content

from localstore.kinds import Provenance
from localstore.model import Entry
from tui import inbox_words, vocabulary
from tui.dates import shown_date, shown_moment
from tui.reading import full_name
from tui.scope import told_scope
from tui.values_inbox import Beside, Extract, InboxLine, Takeover
from tui.widgets.banner import cut
from tui.widgets.entries import line
from tui.widgets.words import Part, shown
from tui.words.catalogue import text, texts

HERE, CHOSEN, LEFT, ABOUT_IT = "✓", "●", "○", "▸"
_CHIPS = {
    "possible-duplicate": "$background on $warning",
    "other-version": "$background on $accent",
    "earlier": "$background on $text-muted",
}


def banner(found: Extract) -> list[Part]:
    """The patient, from whom, as of when, what for, and how much of the record it is."""
    one = found.line
    assert one.patient is not None and one.scope is not None  # noqa: S101 - checked when it was loaded
    state = vocabulary.word(vocabulary.RECEIVED_STATE, one.state)
    parts: list[Part] = [
        (cut(full_name(one.patient)), "bold"),
        f"  {cut(vocabulary.word(vocabulary.SEX, one.patient.sex))}  {cut(shown_date(one.patient.birth_date))}",
        (f"  {state}", "$text-accent"),
    ]
    if one.superseded_by:
        parts.append((f"  ▲ {text('A later extract has taken its place.')}", "$text-warning"))
    return parts + [
        "\n",
        text("From {name}, as of {moment}. {purpose}").format(
            name=cut(one.colleague), moment=shown_moment(one.as_of), purpose=cut(one.scope.purpose, 120)
        ),
        "\n",
        (text("Partial: only {scope}.").format(scope=told_scope(one.scope)), "$text-warning"),
    ]


def received_title(found: Extract, chosen: Collection[str]) -> list[Part]:
    """How many entries came, how many are chosen, and how many may be here already in other words."""
    count = len(found.entries)
    said = [texts("{n} chosen", "{n} chosen", len(chosen)).format(n=len(chosen))]
    if here := _count(found, "already-here"):
        said.append(text("{n} of them here already").format(n=here))
    if doubtful := _count(found, "possible-duplicate"):
        said.append(texts("{n} possible duplicate", "{n} possible duplicates", doubtful).format(n=doubtful))
    words = texts("{n} entry received", "{n} entries received", count).format(n=count)
    return [(words, "bold"), (f"  {' · '.join(said)}", "$text-muted")]


def _count(found: Extract, relation: str) -> int:
    return sum(one.relation == relation for one in found.entries)


def own_title(found: Extract) -> list[Part]:
    """Whose record stands beside it, or what to do where none does."""
    if found.own is not None:
        name = full_name(found.own.patient)
        born = shown_date(found.own.patient.birth_date)
        return [(text("Own record"), "bold"), (f"  {name}  {born}", "$text-muted")]
    if found.candidates:
        said = texts(
            "{n} patient could be meant: O chooses.", "{n} patients could be meant: O chooses.", len(found.candidates)
        )
        return [(said.format(n=len(found.candidates)), "$text-warning")]
    return [(text("No own patient matches: N adds one, O chooses one."), "$text-warning")]


def row(one: Beside, is_chosen: bool) -> Sequence[Content]:
    """One entry received: whether it is chosen or here, and how it stands to the own record, before what it says."""
    mark = (HERE, "$text-success") if one.relation == "already-here" else (CHOSEN if is_chosen else LEFT, "bold")
    date, kind, what = line(one.entry, False)
    chip = _CHIPS.get(one.relation)
    return [shown(mark), date, kind, shown((inbox_words.relation(one.relation), chip), " ", what) if chip else what]


def own_row(entry: Entry, is_about_it: bool, is_competing: bool) -> Sequence[Content]:
    """One own entry; what is about the same thing as the one under the cursor is marked."""
    return [shown((ABOUT_IT if is_about_it else "", "bold $text-warning")), *line(entry, is_competing)]


def as_received(found: InboxLine, one: Beside) -> Entry:
    """The entry as it would stand in the own record: what its author calls his own came from him."""
    return msgspec.structs.replace(one.entry, provenance=Provenance.RECEIVED, origin=found.colleague)


def told_of(found: InboxLine, one: Beside | None) -> list[Part]:
    """Who states the entry under the cursor, how it stands to the own record, and whose word comes with it."""
    if one is None:
        return []
    stated = text("{name}, as of {moment}").format(
        name=cut(one.entry.author.name), moment=shown_moment(one.entry.recorded)
    )
    parts: list[Part] = [(stated, "bold")]
    if relation := inbox_words.relation(one.relation):
        parts.append((f" · {relation}", "$text-warning"))
    word = found.words.get(one.entry.version)
    if word is not None:
        said = inbox_words.signed(cut(word.name), word.as_of, word.standing, cut(found.colleague))
        parts.append((f" · {said}", "$text-success" if word.standing in ("own", "verified") else "$text-warning"))
    return parts


def told(done: Takeover) -> str:
    """What taking over did."""
    lines = [
        texts(
            "{n} entry was added, with its author.", "{n} entries were added, with their authors.", done.added
        ).format(n=done.added)
    ]
    if done.already_here:
        lines.append(
            texts("{n} was here already.", "{n} were here already.", done.already_here).format(n=done.already_here)
        )
    if done.competing:
        words = texts(
            "{n} now stands beside a version of your own: both are shown.",
            "{n} now stand beside versions of your own: both are shown.",
            done.competing,
        )
        lines.append(words.format(n=done.competing))
    return "\n".join(lines)


def asked(found: Extract, chosen: Collection[str]) -> str:
    """What is about to be taken over, and what of it may be in the record already."""
    words = texts("{n} entry is chosen.", "{n} entries are chosen.", len(chosen)).format(n=len(chosen))
    if doubtful := doubtful_among(found, chosen):
        said = texts(
            "{n} of them may be in the record already, in other words.",
            "{n} of them may be in the record already, in other words.",
            doubtful,
        )
        words += " " + said.format(n=doubtful)
    return words


def doubtful_among(found: Extract, chosen: Collection[str]) -> int:
    """How many of the chosen ones are possible duplicates."""
    return sum(one.relation == "possible-duplicate" and one.entry.version in chosen for one in found.entries)
