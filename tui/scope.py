"""The scope of a consent, in words. Pure."""

from tui import vocabulary
from tui.dates import shown_date
from tui.values import Scope
from tui.words.catalogue import text, texts


def told_scope(scope: Scope) -> str:
    """What a consent covers, in one line."""
    parts = [", ".join(vocabulary.kinds(kind).lower() for kind in scope.kinds)]
    if scope.since:
        parts.append(text("from {date}").format(date=shown_date(scope.since)))
    if scope.before:
        parts.append(text("up to {date}").format(date=shown_date(scope.before)))
    if scope.restricted:
        count = len(scope.restricted)
        words = texts("{n} restricted entry named", "{n} restricted entries named", count)
        parts.append(words.format(n=count))
    if scope.standing:
        parts.append(text("later changes go by themselves"))
    return " · ".join(parts)
