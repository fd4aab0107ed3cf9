"""What frames every screen: the line at the top and the keys at the bottom."""

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import Screen
from textual.style import Style
from textual.widget import Widget

from tui.by_itself import told_followed, told_put_off
from tui.values import Alarms, Arrivals, House, Mail
from tui.widgets.words import Part, Words, shown
from tui.words.catalogue import text, texts

_FIRST = {"f1": 0, "escape": 1, "ctrl+s": 2}  # what must never be pushed out of the line
_KEY_NAMES = {"escape": "Esc", "enter": "⏎", "question_mark": "?", "space": "␣", "delete": "Del", "slash": "/"}


class Top(Horizontal):
    """Whose practice this is; on the right, what arrived and whether the daemon runs."""

    DEFAULT_CSS = """
    Top { dock: top; height: 1; background: $panel; padding: 0 1; }
    Top > #house { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    Top > #mail { width: auto; height: 1; text-align: right; padding-left: 2; }
    """

    def compose(self) -> ComposeResult:
        yield Words(("Confrère", "bold $primary"), id="house")
        yield Words(id="mail")

    def show(self, house: House | None, mail: Mail) -> None:
        """Show the practice and its mail; only the program's name while it is locked."""
        if house is None:
            return
        where = f" · {house.town}" if house.town else ""
        self.query_one("#house", Words).say(
            ("Confrère", "bold $primary"), f"  {house.practice}{where}", (f"  {house.doctor}", "$text-muted")
        )
        self.query_one("#mail", Words).say(*_mail(mail))


def _mail(mail: Mail) -> list[Part]:
    parts: list[Part] = []
    if mail.new:
        words = texts("{n} new document", "{n} new documents", mail.new).format(n=mail.new)
        parts += [(f" {words} ", "bold $background on $accent"), "  "]
    if mail.daemon:
        said = texts("{n} colleague connected", "{n} colleagues connected", mail.connected).format(n=mail.connected)
        parts += [("● ", "$text-success"), (said if mail.connected else text("exchange on"), "$text-muted")]
    elif mail.verified:
        parts += [("○ ", "$text-warning"), (text("exchange off"), "$text-warning")]
    else:
        parts += [("○ ", "$text-muted"), (text("no colleague yet"), "$text-muted")]
    return parts


def alarmed(alarms: Alarms) -> list[str]:
    """What a doctor must know as soon as he is in, a sentence for each."""
    said = []
    for name in alarms.contradicted_by:
        words = text("{name} knows of lines that are not in this history: an older copy of the practice was put back.")
        said.append(words.format(name=name) + " " + text("Check with: confrere verify"))
    if alarms.backup_days:
        words = texts("The last backup is {n} day old.", "The last backup is {n} days old.", alarms.backup_days)
        said.append(words.format(n=alarms.backup_days))
    return said


def told(arrivals: Arrivals) -> list[str]:
    """What a collection brought, a sentence for each sort; nothing for what it did not bring."""
    extracts, withdrawals, set_aside = arrivals.extracts, arrivals.withdrawals, arrivals.set_aside
    every = (
        (extracts, texts("{n} extract arrived.", "{n} extracts arrived.", extracts)),
        (arrivals.letters, texts("{n} letter arrived.", "{n} letters arrived.", arrivals.letters)),
        (withdrawals, texts("{n} extract was withdrawn.", "{n} extracts were withdrawn.", withdrawals)),
        (set_aside, texts("{n} document was set aside.", "{n} documents were set aside.", set_aside)),
    )
    return [words.format(n=count) for count, words in every if count]


def went_by_itself(arrivals: Arrivals) -> list[str]:
    """What went out by itself after something was saved, and what could not."""
    lines = [words for one in arrivals.followed for words in told_followed(one)]
    return [*lines, told_put_off(arrivals.put_off)] if arrivals.put_off else lines


def key_name(key: str) -> str:
    """A key as the line at the bottom and the help write it."""
    if key.startswith("ctrl+"):
        return "^" + key.removeprefix("ctrl+").upper()
    return _KEY_NAMES.get(key, key.upper() if key.startswith("f") and key[1:].isdigit() else key)


class Keys(Widget):
    """What can be done here, by key or by click. Keys of one group share its words. What does not fit stands in the
    help, whose key comes first."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    Keys {
        dock: bottom; height: 1; padding: 0 1;
        background: $footer-background; color: $footer-description-foreground;
    }
    """

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._renew)

    def _renew(self, _screen: Screen[object]) -> None:
        self.refresh()

    def render(self) -> Content:
        """The keys that fit the line."""
        parts: list[Content] = []
        width = self.content_size.width
        for content in self._contents():
            if sum(part.cell_length + 2 for part in parts) + content.cell_length > width:
                break
            parts.append(content)
        return Content("  ").join(parts)

    def _contents(self) -> list[Content]:
        groups: dict[str, list[Binding]] = {}
        for _, binding, enabled, _ in self.screen.active_bindings.values():
            if binding.show and enabled and binding.description:
                name = binding.group.description if binding.group else binding.description
                groups.setdefault(name, []).append(binding)
        first = sorted(groups, key=lambda name: _FIRST.get(groups[name][0].key, len(_FIRST)))
        return [self._one(name, groups[name]) for name in first]

    def _one(self, name: str, bindings: list[Binding]) -> Content:
        clicks = [(binding, Style.from_meta({"key": binding.key})) for binding in bindings]
        keys = [shown((key_name(one.key), "bold $footer-key-foreground")).stylize(click) for one, click in clicks]
        words = shown(text(name)).stylize(clicks[0][1])
        return Content(" ").join([*keys, words])

    def on_click(self, event: events.Click) -> None:
        key = event.style.meta.get("key")
        if isinstance(key, str):
            self.app.simulate_key(key)
