"""Whether the files of the record and the bodies that name them belong together, piece by piece. Reading only."""

from localstore.blocks import Blocks
from localstore.bodies import decode_body
from localstore.database import Connection
from localstore.documents import storing, stowing

_NAMING = "SELECT body, block, place FROM version WHERE kind IN ('document', 'letter', 'directive') ORDER BY num"


def fault(connection: Connection) -> str:
    """What is wrong with the files of the record (a key of the catalogue); empty when nothing is."""
    kept = {one.num: one for one in storing.listed(connection)}
    wanted = _named(connection)
    there = {num: (one.size, one.digest.hex()) for num, one in kept.items()}
    found = {num for num, size_and_digest in wanted if there.get(num) == size_and_digest}
    if len(found) != len({num for num, _ in wanted}):
        return "a document in it is gone, or another one"
    if set(kept) - found:
        return "it keeps a document that nothing refers to"
    if storing.has_loose_pieces(connection) or not all(storing.is_whole(connection, one) for one in kept.values()):
        return "a document in it was altered"
    return ""


def _named(connection: Connection) -> set[tuple[int, tuple[int, str]]]:
    """The files that bodies name, as (number, (size, digest)); the number is 0 for one that is not there."""
    blocks, wanted = Blocks(connection), set()
    for encoded, block, place in connection.execute(_NAMING):
        body = decode_body(blocks.body(block, place) if block is not None else encoded)
        attachment = stowing.attachment_of(body)
        if attachment is not None:
            kept = storing.find(connection, attachment.id)
            wanted.add((kept.num if kept else 0, (attachment.size, attachment.digest)))
    return wanted
