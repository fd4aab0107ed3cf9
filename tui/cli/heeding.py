"""What the checks say before an entry is written by a command: printed on stderr, asked about on a terminal.

Nothing is blocked. What endangers the patient wants a reason, with `--override` or on the terminal; it goes into the
history. What is merely unlikely is said, and asked about where somebody can answer.
"""

from typing import Annotated

import typer

from localstore import precautions
from localstore.bodies import Body
from localstore.practice import Practice
from localstore.safety.cautions import Caution, Severity, need_reason, override_words
from tui import cautions
from tui.cli import asking, output
from tui.cli.errors import NoReason, NotConfirmed
from tui.words.catalogue import text

Override = Annotated[
    str,
    typer.Option(
        "--override", metavar="REASON", help=text("Why it is written in spite of a warning; kept in the history.")
    ),
]


def heed(practice: Practice, patient: str, body: Body, date: str, reason: str, replaces: str = "") -> tuple[str, ...]:
    """Say what there is to say of a body that is to be written; the words for the history, where a warning is
    overridden. `replaces` names the entry that is amended. Raises NoReason, NotConfirmed."""
    found = precautions.before_adding(practice, patient, body, date, replaces)
    for line in cautions.sentences(found).splitlines():
        output.note(line)
    if need_reason(found):
        reason = reason.strip() or _asked()
        return override_words(found, reason)
    _confirm(found, reason)
    return ()


def _asked() -> str:
    said = ""
    if asking.is_possible():
        said = asking.answer(text("Why is it written all the same? (nothing: it is not)") + " ").strip()
    if not said:
        raise NoReason
    return said


def _confirm(found: tuple[Caution, ...], reason: str) -> None:
    doubted = any(one.severity is Severity.DOUBT for one in found)
    if doubted and not reason.strip() and asking.is_possible() and not asking.confirms(text("Is this right?")):
        raise NotConfirmed(remedy="Correct what is wrong, and run the command again.")
