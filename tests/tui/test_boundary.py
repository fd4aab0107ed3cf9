"""Where text reaches the screen: through the widgets of the house, which make it safe, and by no other way."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.content import Content

from tests.checks.source import ROOT, name_of, python_files, tree_of
from tui.display import safe
from tui.widgets.words import Words, shown

SCREENS = python_files("tui/screens")
EVERYTHING = [*SCREENS, *python_files("tui/widgets"), ROOT / "tui" / "app.py"]
# What a screen may take from Textual: none of it shows a text that was not written here.
HARMLESS = {"Digits", "ProgressBar"}
# Names whose use would parse markup, or bring text past the boundary.
FORBIDDEN = {
    "from_markup",
    "from_text",
    "from_rich_text",
    "Markdown",
    "Static",
    "Label",
    "DataTable",
    "RichLog",
    "Tree",
}
ALLOWED_IN = {"tui/widgets/words.py": {"Static"}, "tui/widgets/fields.py": {"Button"}}


def imported(tree: ast.Module, module: str) -> set[str]:
    """The names that a tree imports from a module."""
    return {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == module
        for alias in node.names
    }


def names_in(tree: ast.Module) -> set[str]:
    """Every name and attribute that a tree uses."""
    found = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return found | {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def calls(tree: ast.Module, name: str) -> Iterator[ast.Call]:
    """The calls of a function of that name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == name:
            yield node


@pytest.mark.parametrize("path", SCREENS, ids=lambda path: path.name)
def test_a_screen_takes_no_widget_for_text_from_textual(path: Path) -> None:
    assert imported(tree_of(path), "textual.widgets") <= HARMLESS
    assert not imported(tree_of(path), "rich.text")


@pytest.mark.parametrize("path", EVERYTHING, ids=name_of)
def test_nothing_parses_markup(path: Path) -> None:
    assert names_in(tree_of(path)) & FORBIDDEN <= ALLOWED_IN.get(name_of(path), set())


def test_titles_of_borders_are_words_of_the_house() -> None:
    assigned = {
        name_of(path)
        for path in EVERYTHING
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute) and node.attr in ("border_title", "border_subtitle", "tooltip")
    }
    assert assigned == {"tui/widgets/essentials.py"}  # the name of a kind and a number


def test_what_is_told_in_the_corner_is_never_parsed() -> None:
    (told,) = [call for path in EVERYTHING for call in calls(tree_of(path), "notify")]
    assert any(keyword.arg == "markup" and not getattr(keyword.value, "value", True) for keyword in told.keywords)


def test_a_content_that_was_made_elsewhere_is_made_safe() -> None:
    assert shown(Content("a\x1b[2Jb")).plain == safe("a\x1b[2Jb")
    assert (
        shown(("x\x9by", "bold"), "z\N{RIGHT-TO-LEFT OVERRIDE}").plain
        == "x\N{REPLACEMENT CHARACTER}yz\N{REPLACEMENT CHARACTER}"
    )
    assert shown("[bold]no[/]").plain == "[bold]no[/]"


def test_words_show_text_only() -> None:
    with pytest.raises(TypeError):
        Words().update(object())  # type: ignore[arg-type]
