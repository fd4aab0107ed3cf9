"""Portions of what arrived: each is opened in one commit of the record."""

from collections.abc import Iterable, Iterator

from localstore import colleagues, correspondence, postbox
from localstore.colleagues import Colleague
from sync.desk import Desk

OPENED_AT_ONCE = 100  # envelopes in one commit
OPENED_BYTES = 8 * 1024 * 1024  # and about so much, so that no other window waits long


class Portion:
    """What is the same for all documents of one portion: who colleagues are, and how far each feed has come."""

    def __init__(self, desk: Desk) -> None:
        self._record = desk.record
        self._authors: dict[str, Colleague | None] = {}
        self._reached: dict[bytes, int] = {}

    def author(self, peer: str) -> Colleague | None:
        """The colleague of that name in the postbox."""
        if peer not in self._authors:
            self._authors[peer] = colleagues.by_identifier(self._record, peer)
        return self._authors[peer]

    def reached(self, feed: bytes) -> int:
        """The number of the last document of a feed that was dealt with."""
        if feed not in self._reached:
            self._reached[feed] = correspondence.last_sequence(self._record, feed)
        return self._reached[feed]

    def went_on(self, feed: bytes, sequence: int, outcome: str) -> None:
        """A document was dealt with; after a card its author is read again."""
        self._reached[feed] = sequence
        if outcome == "cards":
            self._authors.clear()


def portions(arrived: Iterable[postbox.Arrived]) -> Iterator[list[postbox.Arrived]]:
    """What is opened in one commit."""
    some, size = list[postbox.Arrived](), 0
    for one in arrived:
        some.append(one)
        size += len(one.envelope)
        if len(some) >= OPENED_AT_ONCE or size >= OPENED_BYTES:
            yield some
            some, size = [], 0
    if some:
        yield some


class Attested:
    """What documents give cause to attest to colleagues, feed by feed; and how many one says are lost here."""

    def __init__(self) -> None:
        self.opened: dict[tuple[int, bytes], list[int]] = {}
        self.removed: dict[tuple[int, bytes], list[int]] = {}
        self.late: dict[tuple[int, bytes], list[int]] = {}
        self.missing = 0

    def add(self, other: "Attested") -> None:
        """And what these give cause to."""
        for mine, theirs in ((self.opened, other.opened), (self.removed, other.removed), (self.late, other.late)):
            for place, numbers in theirs.items():
                mine.setdefault(place, []).extend(numbers)
