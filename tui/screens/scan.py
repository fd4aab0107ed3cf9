"""What was read of an INS Data Matrix, and what to do with it."""

from localstore.identities.homonyms import Reason
from localstore.identities.pairs import Found
from tui import identity_words
from tui.screens.question import Question
from tui.words.catalogue import text

NEW, LEAVE, KNOWN = "new", "leave", "known"
MOST = 3  # patients to choose from; who is none of them is found by name
_CERTAIN = (Reason.SAME_INS, Reason.SAME_NAMES_AND_BIRTH)


class ScanQuestion(Question):
    """Gives `new`, `leave`, or `known-` with the place of the patient among those who could be meant."""

    def __init__(self, found: Found) -> None:
        lines = [f"{label}: {words}" for label, words in identity_words.described(found.body)]
        if found.unknown:
            fields = ", ".join(found.unknown)
            lines.append(text("Fields that are not known here: {fields}.").format(fields=fields))
        lines += identity_words.doubts(found.body)
        people = found.similar[:MOST]
        lines += ["", *identity_words.already_here(people)] if people else []
        known = [(f"{KNOWN}-{place}", identity_words.who(one)) for place, one in enumerate(people)]
        is_certain = bool(people) and people[0].reason in _CERTAIN
        new = (NEW, text("Register a new patient"))
        answers = [*known, new] if is_certain or not known else [new, *known]
        super().__init__(text("INS Data Matrix"), "\n".join(lines), [*answers, (LEAVE, text("Leave"))])


def chosen(answer: str | None) -> int | None:
    """The place of the patient who was chosen, or None."""
    kind, _, place = (answer or "").partition("-")
    return int(place) if kind == KNOWN else None
