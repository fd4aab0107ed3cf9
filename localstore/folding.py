"""Text as a search compares it: without accents, case, hyphens or apostrophes. Pure."""

import re
import unicodedata

_WORDS = re.compile(r"[^\W_]+")  # letters and digits of any script
# Letters that Unicode does not decompose but that French readers take for two.
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "đ": "d", "ł": "l", "ı": "i"})


def fold(text: str) -> str:
    """Lower case, without marks; everything that is neither letter nor digit becomes one space.

    `fold("Jean-François D'Ornano")` is `"jean francois d ornano"`. Letters of other scripts are kept.
    """
    if text.isascii():
        folded = text.lower()
    else:
        # Decomposed before the case is folded (a mathematical A has none), and after (that may compose).
        lowered = unicodedata.normalize("NFKD", text).casefold().translate(_LIGATURES)
        decomposed = unicodedata.normalize("NFKD", lowered)
        folded = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(_WORDS.findall(folded))
