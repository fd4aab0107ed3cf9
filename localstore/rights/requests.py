"""A request to have a record corrected (RGPD art. 16): who asked for what, and what came of it, in the history.

The correction itself is an amendment or a retraction like any other. A refusal is answered with its reason, within one
month (RGPD art. 12.3 and 12.4).
"""

from enum import StrEnum

from localstore import patients
from localstore.database import transaction
from localstore.errors import BadInput
from localstore.practice import Practice

ACTION = "rectification-requested"
MAX_WORDS = 500  # characters; they stay in the history


class Outcome(StrEnum):
    """What came of a request."""

    DONE = "done"
    REFUSED = "refused"


def note(practice: Practice, patient: str, asked: str, outcome: Outcome, answer: str) -> None:
    """Write down a request and its outcome; `answer` says what was corrected, or why nothing was.

    Raises NotYourRole, UnknownPatient, BadInput for words that are missing or too long.
    """
    for words in (asked, answer):
        if not words.strip() or len(words) > MAX_WORDS:
            what = "A request for rectification needs what was asked and what came of it, in a few words each."
            raise BadInput(what=what, remedy="Give both.")
    with transaction(practice.connection):
        owner = patients.number(practice.connection, patient)
        practice.log(ACTION, patient=owner, subject=patient, detail=f"{asked.strip()} -> {outcome}: {answer.strip()}")
