"""Which words to use: English in the code, French from the catalogue `fr/LC_MESSAGES/confrere.po`.

French first: English only where the user's locale asks for it; where it says nothing (`C`, `POSIX`, unset), French.
"""

import gettext
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from localstore.errors import ConfrereError

DOMAIN = "confrere"
FRENCH, ENGLISH = "fr", "en"
_VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")  # in the order of gettext


def language(environment: Mapping[str, str] = os.environ) -> str:
    """`fr` or `en`, by the user's locale."""
    for variable in _VARIABLES:
        wanted = environment.get(variable, "")
        if wanted:
            return ENGLISH if wanted.lower().startswith("en") else FRENCH
    return FRENCH


@cache
def _translations(chosen: str) -> gettext.NullTranslations:
    if chosen == ENGLISH:
        return gettext.NullTranslations()
    return gettext.translation(DOMAIN, Path(__file__).parent, [chosen])


def text(message: str) -> str:
    """`message` in the user's language."""
    return _translations(language()).gettext(message)


def texts(singular: str, plural: str, count: int) -> str:
    """The singular or the plural, as `count` asks for in the user's language."""
    return _translations(language()).ngettext(singular, plural, count)


def sentence(error: ConfrereError) -> str:
    """An error's sentence in the user's language, its details filled in; details that are words are translated too."""
    return error.told(text)
