"""What a line of the history says besides its action, in the user's words: no names that the program has. Pure."""

from localstore.kinds import Kind
from tui import cautions, vocabulary
from tui.words.catalogue import text
from tui.words.marking import message

OUTCOMES = {
    "done": message("corrected"),
    "refused": message("refused"),
}
_OF_ENTRIES = frozenset({"entry-added", "entry-amended"})


def told(action: str, detail: str) -> str:
    """The detail of a line in words; as it is, where it is what a person typed."""
    if action == "warning-overridden":
        return cautions.overridden(detail)
    if action in _OF_ENTRIES and detail in {kind.value for kind in Kind}:
        return vocabulary.kind(Kind(detail))
    if action == "rectification-requested":
        return _request(detail)
    return detail


def _request(detail: str) -> str:
    for code, words in OUTCOMES.items():
        asked, parted, answer = detail.partition(f" -> {code}: ")
        if parted:
            return text("{asked} — {outcome}: {answer}").format(asked=asked, outcome=text(words), answer=answer)
    return detail
