"""The colours, twice: for a light and for a dark room. Nothing else names a colour.

Few and quiet: one tone for what can be used, amber for what should be looked at twice, red for what can kill.
"""

from textual.theme import Theme

LIGHT, DARK = "confrere-light", "confrere-dark"

_DARK = Theme(
    name=DARK,
    primary="#6fb7b0",
    secondary="#8aa6c1",
    accent="#d9b36c",
    warning="#e0a84f",
    error="#e8736c",
    success="#86b97b",
    foreground="#d7dde0",
    background="#11171a",
    surface="#172024",
    panel="#1d282d",
    dark=True,
    variables={
        "text-muted": "#8c9a9f",
        "text-disabled": "#647176",
        "border": "#31454b",
        "border-blurred": "#2a3a40",
        "footer-background": "#172024",
        "footer-key-foreground": "#6fb7b0",
        "footer-description-foreground": "#9aa7ab",
        "block-cursor-background": "#2f5a58",
        "block-cursor-foreground": "#eef4f4",
        "block-cursor-text-style": "none",
        "input-cursor-background": "#d7dde0",
        "scrollbar": "#31454b",
        "scrollbar-background": "#141c1f",
        "scrollbar-hover": "#456067",
        "scrollbar-active": "#6fb7b0",
    },
)
_LIGHT = Theme(
    name=LIGHT,
    primary="#0f6b66",
    secondary="#3f5f7f",
    accent="#8a5a00",
    warning="#9a5b00",
    error="#b3261e",
    success="#2f6d2a",
    foreground="#1d2a2c",
    background="#fbfaf7",
    surface="#f2f1ec",
    panel="#e9e8e1",
    dark=False,
    variables={
        "text-muted": "#5a676a",
        "text-disabled": "#8b9698",
        "border": "#c3c9c4",
        "border-blurred": "#d6d9d3",
        "footer-background": "#eeede7",
        "footer-key-foreground": "#0f6b66",
        "footer-description-foreground": "#566366",
        "block-cursor-background": "#cfe3e0",
        "block-cursor-foreground": "#12201f",
        "block-cursor-text-style": "none",
        "primary-muted": "#cfe3e0",
        "warning-muted": "#f6e3bf",
        "error-muted": "#f7d6d2",
        "input-cursor-background": "#1d2a2c",
        "input-cursor-foreground": "#fbfaf7",
        "scrollbar": "#c3c9c4",
        "scrollbar-background": "#f2f1ec",
        "scrollbar-hover": "#a9b4b0",
        "scrollbar-active": "#0f6b66",
    },
)
THEMES = (_LIGHT, _DARK)


def other(name: str) -> str:
    """The theme that is not this one."""
    return LIGHT if name == DARK else DARK
