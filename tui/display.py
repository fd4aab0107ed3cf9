"""The one boundary between text from outside and a screen. Pure.

A name, a note, a file name may hold escape sequences, codes that write to the clipboard, marks that turn the
reading direction around. Terminals obey them. What passes through `safe` is only ever read; the stored text stays as it
was signed.
"""

import unicodedata

# Control (Cc), format such as bidi marks and zero-width (Cf), surrogates, private use, unassigned, line separators.
_HARMFUL = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
MAX_COMBINING = 4  # marks piled on one letter cover the lines above and below
_ALLOWED_FORMAT = frozenset(
    {"\N{ZERO WIDTH NON-JOINER}", "\N{ZERO WIDTH JOINER}"}
)  # needed by Persian and Indic scripts


def safe(text: object, *, lines: bool = False) -> str:
    """`text` with every character that could command a terminal replaced by U+FFFD.

    Line breaks become spaces unless `lines`, where they are kept and tabs become spaces.
    """
    shown: list[str] = []
    marks = 0
    for letter in str(text).replace("\r\n", "\n"):
        marks = marks + 1 if unicodedata.combining(letter) else 0
        if letter == "\n":
            shown.append("\n" if lines else " ")
        elif letter == "\t":
            shown.append(" ")
        elif marks > MAX_COMBINING:
            continue
        elif letter not in _ALLOWED_FORMAT and unicodedata.category(letter) in _HARMFUL:
            shown.append(REPLACEMENT)
        else:
            shown.append(letter)
    return "".join(shown)
