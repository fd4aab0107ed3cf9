"""What a person may call something: the beginning of an identifier, resolved within a list. Pure."""

from collections.abc import Iterable, Sequence

from localstore.errors import Ambiguous, TooShort, UnknownEntry
from localstore.model import Entry

SHORTEST_ID_PREFIX = 6


def entry_ids(entries: Sequence[Entry], references: Iterable[str]) -> tuple[str, ...]:
    """The identifiers of the entries meant by their identifiers, those of their versions, or the beginnings of them.

    Raises TooShort, UnknownEntry, Ambiguous.
    """
    return tuple(_entry_id(entries, reference) for reference in references)


def _entry_id(entries: Sequence[Entry], reference: str) -> str:
    wanted = reference.strip().lower()
    if len(wanted) < SHORTEST_ID_PREFIX:
        raise TooShort(reference=reference, count=SHORTEST_ID_PREFIX)
    found = {one.id for one in entries if one.id.startswith(wanted) or one.version.startswith(wanted)}
    if not found:
        raise UnknownEntry(reference=reference)
    if len(found) > 1:
        raise Ambiguous(reference=reference, count=len(found), names=", ".join(sorted(found)))
    return found.pop()
