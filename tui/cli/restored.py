"""What a restored backup cost, here or at a colleague's, in words: after collecting, and for `confrere doctor`."""

from collections.abc import Iterator

from localstore import keystore, paths, postbox
from localstore.practice import Practice
from sync import restoration
from sync.receiving.reception import Collected
from sync.restoration import Finding
from tui.cli import output
from tui.cli.checks import Check, State
from tui.words.catalogue import text, texts


def announce(collected: Collected) -> None:
    """Say on stderr what was found to be lost, once."""
    here, there = collected.lost_here, collected.lost_there
    if here:
        words = texts(
            "{count} document that had come from a colleague is lost with the backup that was restored.",
            "{count} documents that had come from colleagues are lost with the backup that was restored.",
            here,
        )
        output.note(words.format(count=here) + " " + text("Ask the colleague to share again."))
    if there:
        words = texts(
            "{count} document that was sent is lost at a colleague's, who restored a backup.",
            "{count} documents that were sent are lost at colleagues', who restored a backup.",
            there,
        )
        output.note(words.format(count=there) + " " + text("See: confrere outbox"))


def checks(practice: Practice) -> list[Check]:
    """The lines about restored backups; none where nothing was lost."""
    key = keystore.get(practice.connection, keystore.POSTBOX)
    if key is None or not paths.postbox(practice.folder).exists():
        return []
    opened = postbox.open_postbox(paths.postbox(practice.folder), key)
    try:
        found = restoration.findings(practice.connection, opened)
    finally:
        opened.close()
    return [line for one in found for line in _lines(one)]


def _lines(one: Finding) -> Iterator[Check]:
    if one.unknown_here:
        words = texts(
            "{name} holds {count} document of this practice that the restored record knows nothing of.",
            "{name} holds {count} documents of this practice that the restored record knows nothing of.",
            one.unknown_here,
        )
        found = words.format(name=one.name, count=one.unknown_here)
        yield Check("restored", State.WARN, found, text("Ask the colleague what he has received."))
    if one.undelivered:
        words = texts(
            "{count} extract for {name} was not delivered, because a backup was restored.",
            "{count} extracts for {name} were not delivered, because a backup was restored.",
            one.undelivered,
        )
        found = words.format(name=one.name, count=one.undelivered)
        yield Check("restored", State.WARN, found, text("Share again where the consent stands. See: confrere outbox"))
