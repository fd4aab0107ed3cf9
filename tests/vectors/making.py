"""All files of vectors, by name, and how each is made."""

from collections.abc import Callable

from tests.vectors import cards, documents, envelopes, feeds, lots, meetings, primitives, refusals
from tests.vectors.sheets import Sheet, read

SHEETS: dict[str, Callable[[dict[str, bytes]], Sheet]] = {
    "labels": primitives.labels,
    "padding": primitives.padding,
    "cards": cards.cards,
    "feeds": feeds.feeds,
    "messages": feeds.messages,
    "knocks": feeds.knocks,
    "documents": documents.signed,
    "refusals": refusals.refused,
    "envelopes": envelopes.envelopes,
    "meetings": meetings.meetings,
    "words": meetings.words,
    "lots": lots.lots,
}


def make(name: str) -> Sheet:
    """One file, as it is made now."""
    return SHEETS[name](read(name))
