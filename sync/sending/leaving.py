"""The gate at the door: whether what was sealed under a consent may still leave, asked as it is handed to the postbox.

Between sealing and this a consent may have been revoked or replaced in another window, or a day may have passed.
"""

from localstore import consents, correspondence, people
from localstore.consents import Consent
from localstore.database import Connection
from localstore.practice import Practice
from sync.papers.documents import ABOUT_A_PATIENT
from sync.sending import gate


def may_leave(practice: Practice, feed: bytes, sequence: int) -> bool:
    """Whether the consent under which a document speaks of a patient allows it today; true for any other document."""
    num = correspondence.consent_of(practice.connection, feed, sequence, ABOUT_A_PATIENT)
    return num is None or holds(practice.connection, consents.by_number(practice.connection, num), practice.today())


def holds(connection: Connection, consent: Consent, today: str) -> bool:
    """Whether what was sealed under a consent may leave on this day (ISO date): it is valid, and is the newest of the
    two, or the newest is valid and covers as much. So neither narrowing a consent nor revoking the one that followed it
    lets out what waited."""
    owner = people.kept(connection, consent.patient)
    newest = gate.standing(consents.between(connection, owner, consent.colleague), today)
    if newest is None or not gate.is_valid(consent, today):
        return False
    return newest.num == consent.num or gate.includes(newest.terms, consent.terms)
