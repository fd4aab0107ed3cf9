"""The French catalogue: nothing that people are shown is missing from it, and what is in it can be shown."""

import ast
import errno
import gettext
import os
import re

from tests.checks.source import PACKAGES, name_of, python_files, tree_of
from tests.checks.words import (
    MO_FILE,
    PO_FILE,
    Said,
    all_literals,
    catalogue,
    error_classes,
    everything_said,
    put_together,
    said,
)

PLACEHOLDER = re.compile(r"\{[^{}]*\}")
# Words of the system, which come with an error of its own.
OF_THE_SYSTEM = frozenset(os.strerror(number) for number in errno.errorcode)


def ids() -> dict[tuple[str, str], tuple[str, ...]]:
    """The catalogue as (singular, plural or nothing) -> translations."""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for message in catalogue():
        if message.id:
            pair = (message.id, "") if isinstance(message.id, str) else (message.id[0], message.id[1])
            found[pair] = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
    return found


def test_everything_that_is_said_has_french() -> None:
    known = ids()
    missing = [f"{one.place}: {one.singular!r}" for one in everything_said() if (one.singular, one.plural) not in known]
    assert missing == []


def test_nothing_is_translated_to_nothing_or_left_to_be_checked() -> None:
    assert [pair for pair, translations in ids().items() if not all(translations)] == []
    assert [message.id for message in catalogue() if message.fuzzy and message.id] == []


def test_every_translation_has_the_placeholders_of_its_original() -> None:
    wrong = [
        singular
        for (singular, plural), translations in ids().items()
        for original, translation in zip((singular, plural or singular), translations, strict=False)
        if set(PLACEHOLDER.findall(original)) != set(PLACEHOLDER.findall(translation))
    ]
    assert wrong == []


def edges(words: str) -> tuple[bool, bool, str]:
    """Whether there is room before and after, and whether it ends by asking or announcing something."""
    end = words.rstrip()[-1:]
    return words.startswith(" "), words.endswith(" "), end if end in (":", "?") else ""


def test_every_translation_begins_and_ends_as_its_original() -> None:
    assert [pair for pair, translations in ids().items() if edges(pair[0]) != edges(translations[0])] == []


def test_nothing_is_in_the_catalogue_that_is_nowhere_in_the_source() -> None:
    written = all_literals() | OF_THE_SYSTEM
    assert [singular for singular, _ in ids() if singular not in written] == []


def test_no_original_stands_twice() -> None:
    originals = re.findall(r'^msgid (".*"(?:\n".*")*)', PO_FILE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    joined = ["".join(ast.literal_eval(line) for line in original.splitlines()) for original in originals]
    assert sorted(one for one in set(joined) if joined.count(one) > 1) == []


def test_the_compiled_catalogue_says_the_same() -> None:
    with open(MO_FILE, "rb") as file:
        compiled = gettext.GNUTranslations(file)
    for (singular, plural), translations in ids().items():
        if plural:
            assert tuple(compiled.ngettext(singular, plural, count) for count in (1, 2)) == translations
        else:
            assert compiled.gettext(singular) == translations[0]
    assert (
        compiled.ngettext("{count} patient.", "{count} patients.", 0)
        == ids()["{count} patient.", "{count} patients."][0]
    )


def test_words_for_people_are_not_put_together_where_no_catalogue_can_hold_them() -> None:
    paths = python_files(*PACKAGES)
    errors = error_classes([tree_of(path) for path in paths])
    found = [f"{name_of(path)}:{line}" for path in paths for line in put_together(tree_of(path), errors)]
    assert found == []


def test_what_is_said_is_found() -> None:
    source = (
        "class Gone(NotFound):\n    sentence = 'It is gone. ' 'Look.'\n"
        "def find(yes):\n    text('Hello')\n    texts('one', 'many', 2)\n    message('later')\n"
        "    remedy = 'Try.'\n    raise Gone(what='A' if yes else 'B', remedy=remedy, file='c')\n"
    )
    tree = ast.parse(source)
    errors = error_classes([ast.parse("class NotFound(ConfrereError): ..."), tree])
    found = {one[:2] for one in said("tui/a.py", tree, errors)}
    single = ("It is gone. Look.", "Hello", "later", "Try.", "A", "B")
    assert found == {("one", "many"), *((words, "") for words in single)}
    assert Said("Hello", "", "tui/a.py:4") in list(said("tui/a.py", tree, errors))


def test_what_is_put_together_is_found() -> None:
    errors = {"BadInput"}
    assert list(put_together(ast.parse("BadInput(what=f'{x} is bad')"), errors)) == [1]
    assert list(put_together(ast.parse("BadInput(what=f'{x}', file=f'a {x}')"), errors)) == []
