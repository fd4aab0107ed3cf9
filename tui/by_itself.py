"""What went out by itself under a standing consent, in words. Pure."""

from tui.values import Followed
from tui.words.catalogue import text, texts


def told_followed(one: Followed) -> list[str]:
    """To whom something went, and what of it was too large; or why nothing could go."""
    if one.refused:
        words = text("Nothing could go to {name} under the standing consent: {reason}")
        return [words.format(name=one.colleague, reason=one.refused)]
    words = texts(
        "Under the standing consent, {name} gets this by itself: {count} entry.",
        "Under the standing consent, {name} gets this by itself: {count} entries.",
        one.entries,
    )
    large = text("Too large for an extract, or malformed; it stays here: “{title}”.")
    return [words.format(name=one.colleague, count=one.entries), *(large.format(title=one) for one in one.too_large)]


def told_put_off(reason: str) -> str:
    """That what was saved has not gone out, and why (a sentence)."""
    words = text("What was saved has not gone out under the standing consents yet; the next look tries again. {reason}")
    return words.format(reason=reason)
