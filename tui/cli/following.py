"""What goes out by itself once a command has saved something: the standing consents, followed and told.

Apart from `opening`, which knows nothing of sharing: a practice in which nothing is standing never loads it.
"""

from localstore.errors import ConfrereError
from localstore.practice import Practice
from sync import desk as desk_room
from sync.desk import Desk
from sync.sending import standing
from tui.by_itself import told_followed, told_put_off
from tui.cli import opening, output
from tui.values import Followed
from tui.words.catalogue import sentence


def follow_from(practice: Practice) -> None:
    """As `follow`, for a command that has no desk."""
    try:
        with opening.store_errors():
            desk = desk_room.establish(practice)
    except ConfrereError as error:
        output.note(told_put_off(sentence(error)))
        return
    try:
        follow(desk)
    finally:
        desk.postbox.close()


def follow(desk: Desk) -> None:
    """Send what changed under standing consents, and say so on stderr. What was saved is saved, whatever keeps it from
    going out: then it is tried again at the next look, and the reason is told."""
    try:
        with opening.store_errors():
            done = standing.follow(desk)
    except ConfrereError as error:
        output.note(told_put_off(sentence(error)))
        return
    for one in done:
        refused = sentence(one.refused) if one.refused is not None else ""
        for words in told_followed(Followed(one.colleague, one.entries, one.too_large, refused)):
            output.note(words)
