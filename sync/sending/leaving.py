"""The gate at the door: whether what was sealed under a consent may still leave, asked as it is handed to the postbox.

Between sealing and this a consent may have been revoked in another window, or a day may have passed.
"""

from localstore import consents, correspondence
from localstore.practice import Practice
from sync.papers.documents import ABOUT_A_PATIENT
from sync.sending import gate


def may_leave(practice: Practice, feed: bytes, sequence: int) -> bool:
    """Whether the consent under which a document speaks of a patient stands today; true for any other document."""
    num = correspondence.consent_of(practice.connection, feed, sequence, ABOUT_A_PATIENT)
    return num is None or gate.is_valid(consents.by_number(practice.connection, num), practice.today())
