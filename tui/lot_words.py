"""What a lot held and what became of it, in words. Pure."""

from collections.abc import Iterator

from tui.values_lots import LotRead, LotWritten
from tui.words.catalogue import text, texts


def written_words(lot: LotWritten) -> list[str]:
    """What was written for a colleague, one sentence after the other."""
    words = texts(
        "{file}: {count} document for {name}, and the receipts for what came from him; {size} kB.",
        "{file}: {count} documents for {name}, and the receipts for what came from him; {size} kB.",
        lot.envelopes,
    )
    found = [words.format(file=lot.file, count=lot.envelopes, name=lot.name, size=-(-lot.size // 1000))]
    if lot.more:
        found.append(text("More waits than one lot holds: write the next one when his answer was read here."))
    return found


def read_words(lot: LotRead) -> list[str]:
    """What a lot of a colleague gave, one sentence after the other."""
    new = texts("{file}, from {name}: {count} new document", "{file}, from {name}: {count} new documents", lot.stored)
    here = texts("{count} was here already", "{count} were here already", lot.already_here)
    confirmed = texts("{count} of ours is confirmed", "{count} of ours are confirmed", lot.confirmed)
    parts = [new.format(file=lot.file, name=lot.name, count=lot.stored)]
    parts += [here.format(count=lot.already_here)] if lot.already_here else []
    parts += [confirmed.format(count=lot.confirmed)] if lot.confirmed else []
    return [text("; ").join(parts) + ".", *troubles(lot)]


def troubles(lot: LotRead) -> Iterator[str]:
    """What was not taken from a lot, or is otherwise than it should be."""
    if not lot.whole:
        yield text(
            "The file was cut off: what stood before the cut was taken. Copy it once more, or ask for another lot."
        )
    for count, words in (
        (lot.full, text("Not taken, because too much lies unopened: {count}. Read the lot again.")),
        (
            lot.fork,
            text("Refused, because other documents have their numbers: {count}. Ask him: he may work on a copy."),
        ),
        (lot.foreign, text("Refused, because they belong to somebody else's feed: {count}.")),
        (lot.too_many_feeds, text("Refused, because the colleague has begun anew too often: {count}.")),
        (lot.gap, text("Not taken, because documents before them are missing: {count}. Read the older lots first.")),
        (lot.disputed, text("Confirmed, and not as sent from here: {count}. This practice may be an old copy.")),
    ):
        if count:
            yield words.format(count=count)
    if lot.lost_there:
        yield text("He has put a backup back and lost documents that he had: the next lot begins anew for him.")
