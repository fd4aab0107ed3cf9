"""The words for the states of retention and the grounds of an erasure, by their codes; how far one reached. Pure."""

from tui.words.catalogue import text, texts
from tui.words.marking import message

STATES: dict[str, str] = {
    "active": message("in use"),
    "to-archive": message("to be archived"),
    "archived": message("archived"),
    "due": message("due for erasure"),
}
GROUNDS: dict[str, str] = {
    "time-over": message("its time is over"),
    "mistake": message("registered by mistake"),
    "duplicate": message("an empty duplicate"),
    "fictitious": message("a fictitious patient"),
    "unlawful": message("recorded unlawfully"),
    "legal-obligation": message("ordered by a court or an authority"),
    "patient-request": message("a justified request of the patient"),
}


def reach(received: int, shared_left: int) -> list[str]:
    """How far an erasure reached beyond the record: documents that colleagues had sent, and what had to stay."""
    found = []
    if received:
        words = texts(
            "{count} document that a colleague had sent about this person is gone too.",
            "{count} documents that colleagues had sent about this person are gone too.",
            received,
        )
        found.append(words.format(count=received))
    if shared_left:
        words = text(
            "What came along and belongs to nobody (an organisation, a device) stays where it came together with what "
            "others need: {count}."
        )
        found.append(words.format(count=shared_left))
    return found
