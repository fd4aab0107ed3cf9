"""The pages say what is there: every module and every command by its name, and nothing that does not exist."""

import ast
import re
import shlex
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import typer

from localstore.errors import ConfrereError
from tests.checks.source import PACKAGES, ROOT, functions, name_of, python_files, tree_of
from tui.cli.main import INTERRUPTED, OWN_FAULT, PLACES, READER_GONE

DOCS = ROOT / "docs"
ARCHITECTURE, MODULES = DOCS / "architecture.md", DOCS / "modules.md"
EXTRACTS, GUIDE = DOCS / "extracts.md", DOCS / "guide-utilisateur.md"
README = ROOT / "README.md"
PAGES = [README, ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]

# Folders of which the plan says what all of it is, and names no file.
WHOLE = {"localstore/synthetic/"}
LONGEST_ARCHITECTURE = 150  # lines: a newcomer reads it whole

HEADING = re.compile(r"^### `([\w/]+/)`$")
ROOM = re.compile(r"^- ((?:`\w+`(?:, )?)+):")
LINK = re.compile(r"\]\(([^)\s#]*)(?:#([^)\s]*))?\)")
BLOCK = re.compile(r"^```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
TEST = re.compile(r"`(test_\w+)::(test_\w+)`")
NAME = re.compile(r"`(\w+)\.(\w+)`")
_NAMED = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
FILE_ENDINGS = {"db", "toml", "json", "lock", "md", "py", "po", "pdf", "resources"}


class Node(NamedTuple):
    """A command or a family of commands: its options, its sub-commands, and whether its name alone does something."""

    options: frozenset[str]
    inner: "dict[str, Node]"
    alone: bool


def text_of(path: Path) -> str:
    """A page."""
    return path.read_text(encoding="utf-8")


# --- modules ---------------------------------------------------------------------------------------------------------


def rooms(page: str) -> dict[str, list[str]]:
    """The modules that a page lists, by the folder under whose heading they stand."""
    found: dict[str, list[str]] = {}
    folder = None
    for line in page.splitlines():
        if line.startswith("#"):
            heading = HEADING.match(line)
            folder = heading[1] if heading else None
            if folder:
                found[folder] = []
        elif folder and (room := ROOM.match(line)):
            found[folder] += SPAN.findall(room[1])
    return found


def modules() -> dict[str, list[str]]:
    """The modules that there are, by folder."""
    found: dict[str, list[str]] = {}
    for path in python_files(*PACKAGES):
        if path.name != "__init__.py":
            found.setdefault(f"{name_of(path.parent)}/", []).append(path.stem)
    return found


def test_every_module_stands_once_under_the_heading_of_its_folder_and_no_other_does() -> None:
    listed, there = rooms(text_of(MODULES)), modules()
    told = [f"{folder}{name}" for folder, names in listed.items() for name in names]
    real = [f"{folder}{name}" for folder, names in there.items() if folder not in WHOLE for name in names]
    assert [name for name in real if told.count(name) != 1] == []
    assert [name for name in told if name not in real] == []
    assert set(listed) == set(there)


def test_the_architecture_can_be_read_whole() -> None:
    assert len(text_of(ARCHITECTURE).splitlines()) <= LONGEST_ARCHITECTURE


def test_a_room_is_found() -> None:
    page = "### `sync/`\n\n- `desk`, `door`: rooms, and `another`.\n- none\n\n## Other\n\n- `line`: elsewhere\n"
    assert rooms(page) == {"sync/": ["desk", "door"]}


def defined(stem: str) -> set[str]:
    """The names that the modules of this stem define at their top, and the attributes of their classes."""
    names: set[str] = set()
    for path in python_files(*PACKAGES):
        if path.stem == stem or name_of(path.parent).endswith(f"/{stem}"):
            tree = tree_of(path)
            names |= {node.name for node in tree.body if isinstance(node, _NAMED)}
            names |= {ast.unparse(node.target) for node in tree.body if isinstance(node, ast.AnnAssign)}
            names |= {name.id for node in tree.body if isinstance(node, ast.Assign) for name in _targets(node)}
    return names


def _targets(node: ast.Assign) -> Iterator[ast.Name]:
    return (one for target in node.targets for one in ast.walk(target) if isinstance(one, ast.Name))


def test_every_function_that_the_architecture_names_exists() -> None:
    stems = {stem for names in modules().values() for stem in names}
    pages = text_of(ARCHITECTURE) + text_of(EXTRACTS)
    named = [(stem, name) for stem, name in NAME.findall(pages) if name not in FILE_ENDINGS]
    ours = [(stem, name) for stem, name in named if stem in stems]
    assert len(ours) > 30
    assert [f"{stem}.{name}" for stem, name in ours if name not in defined(stem)] == []


# --- commands --------------------------------------------------------------------------------------------------------


def command_line() -> Node:
    """Every command, as typer has it."""
    inner = {}
    for name, place in PLACES.items():
        family: Any = typer.main.get_group(import_module(place).commands)
        inner[name] = _node(family.commands[name])
    options = inner["doctor"].options | {"--version", "--help"}
    return Node(options, inner, alone=True)


def _node(command: Any) -> Node:
    options = frozenset(option for one in command.params for option in (*one.opts, *one.secondary_opts))
    commands = getattr(command, "commands", {})
    may_stand_alone = not commands or command.name in ("inbox", "daemon", "agenda", "recalls")
    return Node(options, {name: _node(one) for name, one in commands.items()}, may_stand_alone)


def paths_of(node: Node, before: str = "confrere") -> Iterator[str]:
    """Every command in full: `confrere colleague verify`."""
    for name, one in node.inner.items():
        if not one.inner:
            yield f"{before} {name}"
        yield from paths_of(one, f"{before} {name}")


def commands_in(page: str) -> Iterator[list[str]]:
    """The words of every command that a page shows, in its blocks and in its running text, after `confrere`."""
    shown = [line for block in BLOCK.findall(page) for line in block.splitlines()]
    shown += SPAN.findall(BLOCK.sub("", page))
    for line in shown:
        if "confrere" not in line:
            continue  # running text may hold an apostrophe, which is a quotation mark to a shell
        for part in re.split(r"&&|\||;", line):
            words = shlex.split(part, comments=True)
            names = [at for at, word in enumerate(words) if word == "confrere" or word.endswith("/confrere")]
            if names and not any(re.match(r"[a-z]", word) for word in words[: names[0]]):
                yield words[names[0] + 1 :]


def wrong_in(words: list[str], root: Node) -> list[str]:
    """What of a command line does not exist: a command, or an option of it."""
    node, options = root, set(root.options)
    for word in words:
        if word in node.inner:
            node = node.inner[word]
            options |= node.options
        elif node.inner and re.fullmatch(r"[a-z][a-z-]*", word):
            return [word]
    if not node.alone:
        return [" ".join(words)]
    return [word for word in words if word.startswith("-") and word != "-" and word.split("=")[0] not in options]


def test_every_command_is_explained_in_the_guide_or_the_readme() -> None:
    pages = text_of(GUIDE) + text_of(README)
    shown = {" ".join(["confrere", *words]) for words in commands_in(pages)}
    every = list(paths_of(command_line()))
    assert len(every) >= 30
    assert [path for path in every if not any(f"{one} ".startswith(f"{path} ") for one in shown)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_that_a_page_shows_exists(page: Path) -> None:
    root = command_line()
    assert [(words, wrong) for words in commands_in(text_of(page)) if (wrong := wrong_in(words, root))] == []


@pytest.mark.parametrize(
    "line", ["confrere befriend", "confrere colleague befriend X", "confrere share A B --now", "confrere colleague"]
)
def test_a_command_that_does_not_exist_is_found(line: str) -> None:
    (words,) = commands_in(f"Try `{line}`.")
    assert wrong_in(words, command_line())


@pytest.mark.parametrize(
    "line", ["confrere", "confrere --help", ".venv/bin/confrere record DUPONT --kind allergy", "confrere inbox"]
)
def test_a_command_that_exists_is_found(line: str) -> None:
    (words,) = commands_in(f"```sh\n{line}  # as is\n```\n")
    assert wrong_in(words, command_line()) == []


def test_the_guide_lists_every_exit_code_and_no_other() -> None:
    listed = {int(code) for code in re.findall(r"^\| (\d+) \|", text_of(GUIDE), flags=re.MULTILINE)}
    for module in ("sync.errors", "sync.protocol.errors", "tui.cli.checks", "tui.cli.errors"):
        import_module(module)  # a class is known once it was made
    raised = {one.exit_code for one in _with_subclasses(ConfrereError)}
    assert listed == {0, *raised, OWN_FAULT, INTERRUPTED, READER_GONE}


def _with_subclasses(one: type[ConfrereError]) -> Iterator[type[ConfrereError]]:
    yield one
    for inner in one.__subclasses__():
        yield from _with_subclasses(inner)


# --- tests and links -------------------------------------------------------------------------------------------------


def test_every_test_that_the_threat_model_calls_exists() -> None:
    called = set(TEST.findall(text_of(DOCS / "threat-model.md")))
    there = {
        (path.stem, name.rpartition(".")[2]) for path in python_files("tests") for name, _ in functions(tree_of(path))
    }
    assert len(called) > 30
    assert sorted(called - there) == []


def slug(heading: str) -> str:
    """The anchor of a heading, as web pages of repositories make it."""
    return re.sub(r"[^\w\- ]", "", heading.lower().replace("`", "")).strip().replace(" ", "-")


def broken_links(page: Path, root: Path = ROOT) -> Iterator[str]:
    """The relative links of a page that lead nowhere, or out of the project."""
    for target, anchor in LINK.findall(BLOCK.sub("", text_of(page))):
        if re.match(r"[a-z]+:", target):
            continue
        there = (page.parent / target).resolve() if target else page
        if not there.exists() or not there.is_relative_to(root):
            yield target
        elif anchor and anchor not in map(slug, re.findall(r"^#+ (.+)$", text_of(there), flags=re.MULTILINE)):
            yield f"{target}#{anchor}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    assert list(broken_links(page)) == []


def test_a_link_that_leads_nowhere_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# One `two`\n[a](missing.md) [b](#one-two) [c](#three) [d](https://example.org/x)\n")
    assert list(broken_links(page, tmp_path)) == ["missing.md", "#three"]
