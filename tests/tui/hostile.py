"""Text that commands a terminal, or that a careless program takes for markup."""

PAYLOADS = {
    "markup": "dose [/] 5 mg [bold red]x[/nonsense] [@click=app.quit]y[/]",
    "clipboard": "a\x1b]52;c;cGF0aWVudA==\x07b",
    "title": "a\x1b]0;title\x1b\\b",
    "clear": "a\x1b[2J\x1b[Hb",
    "c1": "a\x9b31mb\x90x\x9c\x85",
    "bidi": "a\N{RIGHT-TO-LEFT OVERRIDE}gpj.exe\N{LEFT-TO-RIGHT ISOLATE}b",
    "pile": "e" + "\N{COMBINING ACUTE ACCENT}" * 60 + "z",
    "controls": "a\x00\x08\x7f\r\nb\tc\N{ZERO WIDTH SPACE}\N{BYTE ORDER MARK}",
    "wide": "\N{FULLWIDTH LATIN CAPITAL LETTER A}\N{CJK UNIFIED IDEOGRAPH-4E2D}\N{WOMAN}\N{ZERO WIDTH JOINER}",
}
EVERYTHING = " ".join(PAYLOADS.values())
MARKER = "HOSTILE"  # in front of each, so that it is known to have been shown


def hostile(words: str) -> str:
    """Words that are followed by every payload."""
    return f"{MARKER}{words} {EVERYTHING}"
