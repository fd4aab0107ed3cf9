"""A flag that is set can be told from one that is not without seeing colours."""

from textual.app import App, ComposeResult

from tui.widgets.fields import Flag


class OneFlag(App[None]):
    """One flag, set."""

    def compose(self) -> ComposeResult:
        """The flag."""
        yield Flag("Restreint", True)


async def test_the_mark_is_there_only_when_it_is_set() -> None:
    app = OneFlag()
    async with app.run_test() as pilot:
        flag = app.query_one(Flag)
        seen = []
        for _ in range(3):
            seen.append("✓" in str(flag.render()))
            flag.toggle()
            await pilot.pause()
        assert seen == [True, False, True]
