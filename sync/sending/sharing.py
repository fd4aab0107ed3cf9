"""Consent and sharing: granting, the extract that a consent allows, revoking.

What a consent covers: `covering`. What goes out by itself: `standing`. What revoking reaches: `withdrawing`.
"""

from typing import NamedTuple

import msgspec

from localstore import colleagues, consents, correspondence, followed, patients, people, versions
from localstore.colleagues import Colleague
from localstore.consents import Consent
from localstore.correspondence import Outgoing
from localstore.database import transaction
from localstore.errors import BadInput, TooLarge
from localstore.kinds import STAYS_HERE, Kind
from localstore.partial_date import is_date
from localstore.roles import Right
from localstore.terms import Terms
from sync import desk as desk_room
from sync.desk import Desk
from sync.sending import covering, gate, leaving, standing, withdrawing
from sync.sending.withdrawing import Revoked

MAX_PURPOSE_LENGTH = 500
WAYS_OF_GIVING = ("oral", "written")


class Shared(NamedTuple):
    """What was sealed: the extract's identifier, its consent, how many entries it holds, how many the consent does not
    cover, the size of the envelope in bytes, and the titles of the documents that are too large for an extract."""

    document: str
    consent: str
    entries: int
    left_out: int
    envelope_bytes: int
    too_large: tuple[str, ...] = ()


def grant(
    desk: Desk,
    patient: str,
    colleague: Colleague,
    *,
    kinds: tuple[Kind, ...] = consents.DEFAULT_KINDS,
    purpose: str,
    given: str = "oral",
    begins: str = "",
    ends: str = "",
    restricted: tuple[str, ...] = (),
    since: str = "",
    before: str = "",
    stands: bool = False,
) -> Consent:
    """Record a consent; one that `stands` lets each later change within its scope go out by itself. Raises
    UnknownPatient, BadInput (a date, the purpose, a restricted entry that is not there)."""
    today = desk.practice.today()
    terms = Terms(
        kinds=kinds,
        purpose=purpose.strip(),
        given=given,
        recorded_by=desk.practice.user.name,
        begins=begins or today,
        ends=ends,
        restricted=restricted,
        since=since,
        before=before,
        standing=True if stands else msgspec.UNSET,
    )
    _check_terms(terms)
    with transaction(desk.record):
        owner = patients.number(desk.record, patient)
        known = {entry.id for _, entry in versions.current_of_patient(desk.record, owner)}
        if set(restricted) - known:
            raise BadInput(
                what="A restricted entry that was named is not in this record.", remedy="Check --restricted."
            )
        new = versions.new_id()
        earlier = gate.standing(consents.between(desk.record, owner, colleague.num), today)
        consents.insert(desk.record, new, owner, colleague.num, terms, desk.practice.now())
        granted = consents.by_identifier(desk.record, new.hex())
        if stands:
            standing.begin(desk, granted, earlier)
        desk.practice.log("consent-granted", patient=owner, subject=new.hex(), detail=colleague.id)
    return granted


def _check_terms(terms: Terms) -> None:
    for text in (terms.begins, terms.ends):
        if text and (len(text) != 10 or not is_date(text)):
            raise BadInput(what="“{date}” is not a day.", date=text, remedy="Write it as 2027-03-12.")
    for text in (terms.since, terms.before):
        if text and (len(text) > 10 or not is_date(text)):
            remedy = "Write it as 2024-03-12, 2024-03 or 2024."
            raise BadInput(what="“{date}” is not a date.", date=text, remedy=remedy)
    if terms.ends and terms.ends < terms.begins:
        raise BadInput(what="The consent would end before it begins.", remedy="Check the dates.")
    if terms.given not in WAYS_OF_GIVING:
        raise BadInput(what="A consent is given orally or in writing.", remedy="Say oral or written.")
    if not terms.purpose or len(terms.purpose) > MAX_PURPOSE_LENGTH:
        raise BadInput(what="A consent needs a purpose, in a few words.", remedy="Give it with --purpose.")
    if STAYS_HERE.intersection(terms.kinds):
        raise BadInput(what="Appointments never leave the practice.", remedy="Leave them out of --kinds.")
    if not terms.kinds or Kind.PATIENT in terms.kinds:
        raise BadInput(what="A consent names the kinds of entries that it covers.", remedy="Check --kinds.")


def share(desk: Desk, patient: str, colleague: Colleague) -> Shared:
    """Make, sign, seal and queue an extract of what the consent covers.

    The gate is asked in the very transaction that queues: nothing can be revoked in between. Raises NotYourRole,
    NotVerified, NoConsent, BadInput (the consent covers nothing), TooLarge.
    """
    desk.practice.require(Right.SHARE)
    with transaction(desk.record):
        colleague = colleagues.by_number(desk.record, colleague.num)
        owner = patients.number(desk.record, patient)
        consent = covering.require(desk, owner, patient, colleague)
        found, new = covering.covered(desk.record, owner, consent.terms), versions.new_id()
        desk.practice.log("extract-shared", patient=owner, subject=new.hex(), detail=colleague.id)
        outgoing, too_large = covering.queue(desk, colleague, consent, found, new)
        standing.sent(desk, consent, found)
    for conflict in desk_room.dispatch(desk):
        if correspondence.envelope_of(desk.record, outgoing.feed, outgoing.sequence) is not None:
            raise conflict
    size = len(outgoing.envelope or b"")
    return Shared(outgoing.document_id, consent.id, outgoing.entries, found.left_out, size, too_large)


def seal_anew(desk: Desk, sent: Outgoing) -> bool:
    """Send an extract that its recipient could not open any more once again, as the record is now; inside the caller's
    transaction. False where nothing goes: no consent counts any more, it covers nothing that can travel, or something
    else than then, and is not one under which later changes go by themselves."""
    consent = covering.again(desk, sent)
    if consent is None:
        return False
    colleague = colleagues.by_number(desk.record, consent.colleague)
    found = covering.covered(desk.record, people.kept(desk.record, consent.patient), consent.terms)
    if not covering.may_go_again(desk, sent, consent, found):
        return False
    try:
        covering.queue(desk, colleague, consent, found, versions.new_id())
    except (BadInput, TooLarge):
        return False
    standing.sent(desk, consent, found)
    return True


def revoke(desk: Desk, consent: Consent) -> Revoked:
    """End a consent in one gesture, with every other one of this patient for the same colleague, those that it replaced
    too; and say honestly what that reaches.

    What never left is replaced by an empty document under the same number; for what left, the removal is requested. A
    revoked consent is left as it is. From the first commit on, nothing more is sealed for the colleague about the
    patient.
    """
    with transaction(desk.record):
        ending = _still_given(desk, consent)
        for one in ending:
            consents.revoke(desk.record, one.num, desk.practice.now())
            followed.forget(desk.record, one.num)
            desk.practice.log("consent-revoked", patient=one.patient, subject=one.id)
    done = [withdrawing.settle(desk, one) for one in ending]
    desk_room.dispatch(desk)
    return withdrawing.together(done)


def _still_given(desk: Desk, consent: Consent) -> list[Consent]:
    """This consent and the others of the same two, newest first; nothing where it was revoked before, here or in
    another window."""
    if consents.by_number(desk.record, consent.num).revoked:
        return []
    owner = people.kept(desk.record, consent.patient)
    return [one for one in consents.between(desk.record, owner, consent.colleague) if not one.revoked]


def settle_revocations(desk: Desk) -> int:
    """Finish what a crash interrupted between a revocation and its consequences, and keep back what still waits under a
    consent that has ended meanwhile, or was replaced by one that does not cover as much; returns how many consents were
    concerned."""
    withdrawing.finish(desk)
    concerned, today = 0, desk.practice.today()
    for consent in consents.ended(desk.record, today):
        if not consent.revoked:
            concerned += not leaving.holds(desk.record, consent, today) and withdrawing.keep_back(desk, consent) > 0
        elif withdrawing.is_open(desk, consent):
            done = withdrawing.settle(desk, consent)
            concerned += bool(done.never_sent or done.removal_requested)
    return concerned
