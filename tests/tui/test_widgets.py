"""The widgets of the house: by keys, by mouse, by paste."""

from collections.abc import Callable

from textual import events
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.widget import Widget

from tests.tui.hostile import EVERYTHING
from tui.display import safe
from tui.forms import Field, Shape
from tui.values import House, Mail
from tui.widgets.fields import Choice, Line, Lines, Push
from tui.widgets.form import Form
from tui.widgets.frame import Keys, Top, key_name
from tui.widgets.listing import Column, Listing
from tui.widgets.words import Words, shown


class Bench(App[None]):
    """Whatever widgets a test makes for it; notes what the list says."""

    BINDINGS = [Binding("f4", "note", "Noter"), Binding("f5", "note", "Autre", show=False)]

    def __init__(self, *made: Widget | Callable[[], Widget]) -> None:
        super().__init__()
        self._made = made
        self.noted: list[object] = []

    def compose(self) -> ComposeResult:
        for one in self._made:
            yield one if isinstance(one, Widget) else one()

    def action_note(self) -> None:
        self.noted.append("key")

    def on_listing_chosen(self, event: Listing.Chosen) -> None:
        self.noted.append(event.item)


def numbers(count: int) -> Listing[int]:
    """A list of numbers, of which one column is left out where there is no room."""
    columns = [Column("N", 6), Column("Words"), Column("Wide", 10, from_width=60)]
    listing: Listing[int] = Listing(columns, lambda item: [shown(str(item)), shown("word " * 20), shown("w")])
    listing.show(range(count))
    return listing


async def test_a_list_of_a_million_lines_is_walked_by_keys_and_by_mouse() -> None:
    listing = numbers(1_000_000)
    app = Bench(listing)
    async with app.run_test(size=(50, 12)) as pilot:
        listing.focus()
        await pilot.press("down", "down", "pagedown")
        assert listing.item == 12
        await pilot.press("end", "enter")
        assert app.noted == [999_999]
        assert str(listing.render_line(11).text).startswith(" 999999  word")
        await pilot.press("home")
        await pilot.click(listing, offset=(3, 4))
        assert listing.item == 3
        await pilot.click(listing, offset=(3, 4))
        await pilot.pause()
        assert app.noted[1:] and app.noted[-1] == 3
        await pilot.click(listing, offset=(3, 0))
        assert listing.item == 3


async def test_a_list_keeps_its_place_when_it_is_renewed_and_columns_follow_the_width() -> None:
    listing = numbers(100)
    app = Bench(listing)
    async with app.run_test(size=(50, 12)) as pilot:
        listing.focus()
        listing.cursor = 40
        listing.show(range(20, 100), keep=lambda item: item)
        assert listing.item == 40
        assert "Wide" not in listing.render_line(0).text and "…" in listing.render_line(1).text
        await pilot.resize_terminal(100, 12)
        await pilot.pause()
        assert "Wide" in listing.render_line(0).text
        listing.show([])
        assert listing.item is None
        listing.say_empty("Rien.")
        assert "Rien." in listing.render_line(1).text
        await pilot.press("enter")
        assert app.noted == []


async def test_a_choice_is_made_by_keys_and_by_mouse() -> None:
    choice = Choice([("a", "alpha"), ("b", "beta"), ("c", "gamma")], "unknown to the form")
    app = Bench(choice)
    async with app.run_test(size=(60, 5)) as pilot:
        choice.focus()
        assert choice.value == "unknown to the form"
        await pilot.press("home")
        assert choice.value == "a"
        await pilot.press("right", "space", "right", "right")
        assert choice.value == "unknown to the form"
        await pilot.click(choice, offset=(9, 0))
        assert choice.value == "b"


async def test_a_choice_breaks_no_word_over_two_lines() -> None:
    choice = Choice([(str(at), f"words {at}") for at in range(6)])
    app = Bench(choice)
    async with app.run_test(size=(24, 8)) as pilot:
        await pilot.pause()
        lines = [str(line).rstrip() for line in choice.render().plain.splitlines()]
        assert [line.count("words") for line in lines] == [2, 2, 2]
        assert choice.size.height == 3


async def test_what_is_pasted_is_made_safe() -> None:
    line, lines = Line(id="line"), Lines(id="lines")
    app = Bench(line, lines)
    async with app.run_test() as pilot:
        for field in (line, lines):
            field.focus()
            await pilot.pause()
            app.post_message(events.Paste(EVERYTHING))
            await pilot.pause()
        assert lines.text == safe(EVERYTHING, lines=True)
        assert line.value == safe(EVERYTHING.splitlines()[0])


async def test_the_keys_at_the_bottom_can_be_clicked() -> None:
    app = Bench(Keys())
    async with app.run_test(size=(60, 5)) as pilot:
        await pilot.pause()
        shown_keys = app.query_one(Keys).render().plain
        assert "F4 Noter" in shown_keys and "Autre" not in shown_keys
        await pilot.click(Keys, offset=(1 + shown_keys.index("Noter"), 0))
        await pilot.pause()
        assert app.noted == ["key"]


def test_keys_have_names_that_are_on_the_keyboard() -> None:
    assert [key_name(key) for key in ("ctrl+l", "f1", "escape", "a", "F")] == ["^L", "F1", "Esc", "a", "F"]


async def test_the_line_at_the_top_says_how_the_exchange_stands() -> None:
    top = Top()
    app = Bench(top)
    async with app.run_test(size=(100, 5)) as pilot:
        await pilot.pause()
        house = House("Cabinet", "Tours", "Dr A", "", 3)
        for mail, said in (
            (Mail(), "aucun confrère"),
            (Mail(verified=1), "échanges arrêtés"),
            (Mail(verified=1, daemon=True), "échanges en marche"),
            (Mail(new=2, verified=1, daemon=True, connected=1), "2 nouveaux documents"),
        ):
            top.show(house, mail)
            assert said in top.query_one("#mail", Words).words


async def test_a_form_says_what_is_refused_under_its_field_and_goes_there() -> None:
    fields = [Field("one", "Un"), Field("two", "Deux", Shape.LINES)]
    app = Bench(lambda: Form(fields, {"one": "a", "two": "b\x1bc"}), Push("x"))
    async with app.run_test() as pilot:
        await pilot.pause()
        form = app.query_one(Form)
        assert not form.is_changed
        form.refuse({"two": "non"})
        await pilot.pause()
        assert app.focused is form.field("two")
        assert [words.words for words in form.query(".refused").results(Words)] == ["non"]
        form.refuse({})
        await pilot.pause()
        assert not form.query(".refused")
