"""What a check has to say before an entry is written. Pure values.

Nothing is ever blocked: a caution is told, asked about, or overridden with a reason that goes into the history.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

_FIELD = re.compile(r"\{(\w+)\}")
_NOTHING: Mapping[str, str] = MappingProxyType({})


class Severity(StrEnum):
    """What a caution asks of whoever writes the entry."""

    NOTICE = "notice"  # told, and nothing is asked
    DOUBT = "doubt"  # probably a slip of the hand: asked about, and kept all the same
    DANGER = "danger"  # may harm the patient: overridden with a reason, which goes into the history


_GRAVEST_FIRST = (Severity.DANGER, Severity.DOUBT, Severity.NOTICE)


class Caution(NamedTuple):
    """One thing to say. `code` names the check; `words` is an English sentence with `{names}` of `details`, which are
    texts of the record, foreign ones too, and of `labels`, which are translated. `source` is the rule's."""

    code: str
    words: str
    severity: Severity
    source: str
    details: Mapping[str, str] = _NOTHING
    labels: Mapping[str, str] = _NOTHING

    def told(self, translate: Callable[[str], str], show: Callable[[str, str], str] = lambda _, value: value) -> str:
        """The sentence, translated and filled in; `show` gives a detail, by its name, as the reader writes it.

        Details come from outside, and `str.format` would obey what they hold in braces: they are put in as they are.
        """
        known = {name: show(name, value) for name, value in self.details.items()}
        known |= {name: translate(value) for name, value in self.labels.items()}
        return _FIELD.sub(lambda found: known.get(found[1], found[0]), translate(self.words))


def gravest_first(found: Iterable[Caution]) -> tuple[Caution, ...]:
    """The cautions without repetition, the gravest first, otherwise in the order in which they were found."""
    unique: dict[tuple[str, tuple[tuple[str, str], ...]], Caution] = {}
    for one in found:
        unique.setdefault((one.words, (*sorted(one.details.items()), *sorted(one.labels.items()))), one)
    return tuple(sorted(unique.values(), key=lambda one: _GRAVEST_FIRST.index(one.severity)))


def need_reason(found: Iterable[Caution]) -> tuple[Caution, ...]:
    """Those that are overridden with a reason."""
    return tuple(one for one in found if one.severity is Severity.DANGER)


def override_words(found: Iterable[Caution], reason: str) -> tuple[str, ...]:
    """The words for the history: each check that wanted a reason, by its name, with the reason that was given."""
    codes = dict.fromkeys(one.code for one in need_reason(found))
    return tuple(f"{code}: {reason.strip()}" for code in codes)
