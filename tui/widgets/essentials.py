"""Allergies, problems and medicines, always in view; each in its state of knowledge."""

from typing import Any

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from localstore.kinds import Kind
from localstore.model import Entry
from tui import vocabulary
from tui.dates import asked_on
from tui.essentials import ESSENTIAL, Known, State, known
from tui.values import Record
from tui.widgets.entries import prompt
from tui.widgets.words import Part, Words, shown
from tui.words.catalogue import text
from tui.words.marking import message

NOT_ASKED = message("not recorded: ask the patient")
NONE = {
    Kind.ALLERGY: message("no known allergy"),
    Kind.PROBLEM: message("no known problem"),
    Kind.MEDICATION: message("no current medicine"),
}


class Panel(OptionList):
    """One kind: its entries, each to be opened."""

    BINDINGS = [Binding("j", "cursor_down", show=False), Binding("k", "cursor_up", show=False)]

    class Opened(Message):
        """An entry was chosen."""

        def __init__(self, entry: Entry) -> None:
            super().__init__()
            self.entry = entry

    def __init__(self, kind: Kind, **options: Any) -> None:
        super().__init__(markup=False, compact=True, **options)
        self.kind = kind
        self._entries: dict[str, Entry] = {}
        self.border_title = vocabulary.kinds(kind)

    def show(self, found: Known, competing: frozenset[str]) -> None:
        """Show what is known, what no longer holds after it, what was entered in error last."""
        self._entries = {}
        options: list[Option] = []
        statement = _statement(self.kind, found)
        if statement is not None:
            options.append(Option(shown(*statement), id="none" if found.none else None, disabled=found.none is None))
            if found.none is not None:
                self._entries["none"] = found.none
        for entry in (*found.current, *found.past, *found.void):
            self._entries[entry.version] = entry
            bullet = ("• ", "$text-muted")
            options.append(Option(shown(bullet, prompt(entry, entry.id in competing)), id=entry.version))
        self.set_options(options)
        self.highlighted = None
        count = f"  {len(found.current)}" if found.current else ""
        self.border_title = vocabulary.kinds(self.kind) + count
        for state in State:
            self.set_class(found.state is state, f"-{state.name.lower().replace('_', '-')}")

    def entry_of(self, option: str | None) -> Entry | None:
        """The entry of an option."""
        return self._entries.get(option or "")

    def on_focus(self) -> None:
        if self.highlighted is None and self.option_count:
            self.action_first()

    def on_blur(self) -> None:
        self.highlighted = None

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if event.option_id in self._entries:
            self.post_message(self.Opened(self._entries[event.option_id]))


def _statement(kind: Kind, found: Known) -> list[Part] | None:
    """The line that says that there is none, or that nobody asked; None where the entries speak for themselves."""
    if found.none is not None:
        asked = asked_on(found.none.date or found.none.recorded[:10])
        said: list[Part] = [(text(NONE[kind]), "bold $text-success"), (f" ({asked})", "$text-muted")]
        warned: list[Part] = [("▲ ", "$text-warning"), *said, (f" {text('contradicts:')}", "$text-warning")]
        return warned if found.contradicts else said
    return [(text(NOT_ASKED), "italic $text-warning")] if found.state is State.NOT_ASKED else None


class Essentials(Container):
    """The three panels."""

    def compose(self) -> ComposeResult:
        for kind in ESSENTIAL:
            yield Panel(kind, id=f"panel-{kind.value}", classes="panel")

    def show(self, record: Record) -> None:
        """Show those of a record."""
        for panel in self.query(Panel):
            panel.show(known(record.entries, panel.kind), record.competing)


class EssentialLines(Words):
    """The same in three lines, for the screens where something is typed."""

    def show(self, record: Record) -> None:
        """Show those of a record; what does not fit is counted by the ellipsis of the line, never dropped unsaid."""
        parts: list[Part] = []
        for kind in ESSENTIAL:
            found = known(record.entries, kind)
            parts += [(f"{vocabulary.kinds(kind)} ", "$text-muted"), *_brief(kind, found), "\n"]
        self.say(*parts[:-1])


def _brief(kind: Kind, found: Known) -> list[Part]:
    parts: list[Part] = list(_statement(kind, found) or ())
    for entry in found.current:
        parts += [" · " if parts else "", prompt(entry, False).first_line]
    count = len(found.current)
    return [(f"{count}  ", "bold"), *parts] if count > 1 else parts
