"""Erasing a record as far as it reached: what waits is kept back, colleagues are asked to remove what they hold, and
then the record leaves.

The consents end first, each in its own transaction, as when one is taken back: what a crash leaves is a whole record
that is no longer shared. The erasure itself is one transaction (`localstore.rights.erasure`).
"""

from typing import NamedTuple

from localstore import colleagues, consents, correspondence, history, patients, people
from localstore.consents import Consent
from localstore.correspondence import Received, ReceivedState
from localstore.database import transaction
from localstore.folding import fold
from localstore.rights import archive, erasure, removals
from localstore.rights.erasure import Erased, Ground
from sync.desk import Desk
from sync.papers import documents
from sync.papers.documents import ABOUT_A_PATIENT, DocumentType, Extract
from sync.sending import sharing

_SENT = frozenset({"extract-shared", "extract-followed", "letter-sent", "sealed-anew"})


class Holder(NamedTuple):
    """A colleague who was sent extracts: how many he may still hold, whether their removal was asked for, or cannot be
    because nothing is sealed to him any more, and how many he has attested to have removed."""

    name: str
    held: int
    asked: bool
    removed: int


class Gone(NamedTuple):
    """What erasing did: in this practice, and at whose it cannot reach. `kept_back`: extracts that never left."""

    erased: Erased
    kept_back: int
    received: int
    holders: tuple[Holder, ...]


def erase(desk: Desk, patient: str, ground: Ground, reason: str = "") -> Gone:
    """Erase everything about a patient, and ask colleagues to remove what they hold. Raises as `erasure.check`; nothing
    is changed then, here or there."""
    erasure.check(desk.practice, patient, ground, reason)
    owners = _owners(desk, patient)
    agreed = [consent for owner in owners for consent in consents.of_patient(desk.record, owner)]
    kept_back = sum(sharing.revoke(desk, consent).never_sent for consent in agreed)
    holders = (*(_holder(desk, consent) for consent in agreed), *_sent_as_part(desk, owners, agreed))
    received = _tie(desk, patient, owners)
    return Gone(erasure.erase(desk.practice, patient, ground, reason), kept_back, received, _together(holders))


def _owners(desk: Desk, patient: str) -> list[int]:
    found = archive.find(desk.practice, patient)
    removal = removals.by_identifier(desk.record, found.removal) if found else None
    if removal is not None:
        return removals.patients_of(desk.record, removal.num)
    return people.members(desk.record, patients.number(desk.record, patient))


def _holder(desk: Desk, consent: Consent) -> Holder | None:
    """What the colleague of one consent may hold under it."""
    colleague = colleagues.by_number(desk.record, consent.colleague)
    sent = correspondence.of_consent(desk.record, consent.num)
    extracts = [one for one in sent if one.type in ABOUT_A_PATIENT]
    removed = sum(bool(one.removed) for one in extracts)
    asked = any(one.type == DocumentType.WITHDRAWAL for one in sent)
    return Holder(colleague.name, len(extracts) - removed, asked, removed) if extracts else None


def _sent_as_part(desk: Desk, owners: list[int], agreed: list[Consent]) -> list[Holder]:
    """Who holds entries of this record in extracts about another one, as a part of which it was read for a while. Those
    are under the other patient's consent, and stay: whoever erases is told to ask for these entries himself."""
    own = {consent.num for consent in agreed}
    lines = (line for owner in owners for line in history.lines(desk.record, owner))
    named = {line.subject for line in lines if line.action in _SENT}
    found = []
    for one in correspondence.outgoing(desk.record) if named else ():
        if one.document_id in named and one.type in ABOUT_A_PATIENT and one.consent not in own:
            colleague = colleagues.by_number(desk.record, one.colleague)
            found.append(Holder(colleague.name, int(not one.removed), False, int(bool(one.removed))))
    return found


def _together(holders: tuple[Holder | None, ...]) -> tuple[Holder, ...]:
    """One line for each colleague, by name; removal counts as asked for only where all of it was."""
    found: dict[str, Holder] = {}
    for one in filter(None, holders):
        had = found.get(one.name, Holder(one.name, 0, True, 0))
        found[one.name] = Holder(
            one.name, had.held + one.held, had.asked and (one.asked or not one.held), had.removed + one.removed
        )
    return tuple(found[name] for name in sorted(found))


def _tie(desk: Desk, patient: str, owners: list[int]) -> int:
    """Tie to the record what came about this very person and was not taken over: it is erased with it. Returns how many
    documents go. Only the same INS, or where one of the two has none the same names and birth date, nothing less."""
    mine = archive.find(desk.practice, patient)
    summary = mine.patient if mine else patients.resolve(desk.record, patient)
    names = (fold(summary.family_name), fold(" ".join(summary.given_names[:1])), summary.birth_date)
    with transaction(desk.record):
        for received in correspondence.received(desk.record):
            about = _about(received)
            if about is None or received.patient is not None:
                continue
            theirs = (fold(about.patient.family_name), fold(" ".join(about.patient.given_names[:1])))
            if summary.ins and about.patient.ins:
                is_same = about.patient.ins == summary.ins  # where both have one, it decides: homonyms are two people
            else:
                is_same = bool(summary.birth_date) and (*theirs, about.patient.birth_date) == names
            if is_same:
                correspondence.set_received_state(desk.record, received.num, received.state, patient=owners[0])
    return sum(one.patient in owners and bool(one.document) for one in correspondence.received(desk.record))


def _about(received: Received) -> Extract | None:
    """The extract, where the document still holds one."""
    if received.state is ReceivedState.SET_ASIDE or received.type not in ABOUT_A_PATIENT or not received.document:
        return None
    body = documents.read(received.document).content.body
    return body if isinstance(body, Extract) else None
