"""Opening a practice together with its desk, for the commands that share or look at what arrived."""

from collections.abc import Iterator
from contextlib import contextmanager

from sync import desk as desk_room
from sync.desk import Desk
from sync.receiving import reception
from sync.sending import sharing
from tui.cli import following, opening, output, restored
from tui.cli.commands import Asked
from tui.words.catalogue import text, texts


@contextmanager
def at_the_desk(asked: Asked) -> Iterator[Desk]:
    """The practice with its desk, after what has arrived was opened and what was interrupted was finished; what changed
    under a standing consent goes out at the end, when a command that takes one back has done so."""
    with opening.unlocked(asked) as practice:
        desk = desk_room.establish(practice)
        try:
            sharing.settle_revocations(desk)
            collected = reception.collect(desk)
            announce(collected)
            restored.announce(collected)
            yield desk
            following.follow(desk)
        finally:
            desk.postbox.close()


def announce(collected: reception.Collected) -> None:
    """Say on stderr what is new in the inbox."""
    for count, words in (
        (
            collected.extracts,
            texts("{count} new extract arrived.", "{count} new extracts arrived.", collected.extracts),
        ),
        (collected.letters, texts("{count} new letter arrived.", "{count} new letters arrived.", collected.letters)),
        (
            collected.withdrawals,
            texts(
                "{count} extract was withdrawn by its author.",
                "{count} extracts were withdrawn by their authors.",
                collected.withdrawals,
            ),
        ),
        (
            collected.shares,
            texts(
                "{count} share of a colleague's recovery words is now kept here.",
                "{count} shares of colleagues' recovery words are now kept here.",
                collected.shares,
            ),
        ),
        (
            collected.set_aside + collected.late,
            texts(
                "{count} document was set aside, with its reason.",
                "{count} documents were set aside, with their reasons.",
                collected.set_aside + collected.late,
            ),
        ),
    ):
        if count:
            output.note(words.format(count=count) + " " + text("See: confrere inbox"))
    if collected.sealed_anew:
        words = texts(
            "{count} document that a colleague could no longer open was dealt with.",
            "{count} documents that colleagues could no longer open were dealt with.",
            collected.sealed_anew,
        )
        output.note(words.format(count=collected.sealed_anew) + " " + text("See: confrere outbox"))
