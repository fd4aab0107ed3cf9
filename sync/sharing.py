"""Consent and sharing: granting, the extract that a consent allows, revoking."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from localstore import colleagues, consents, correspondence, incarnations, patients, postbox, record, versions
from localstore.bodies import PatientBody
from localstore.colleagues import Colleague
from localstore.consents import Consent
from localstore.correspondence import Outgoing
from localstore.database import transaction
from localstore.documents import stowing
from localstore.errors import BadInput, TooLarge
from localstore.kinds import STAYS_HERE, Kind
from localstore.model import Entry
from localstore.partial_date import is_date
from localstore.record import Chart
from localstore.roles import Right
from localstore.terms import Terms
from sync import anchoring, extract, gate
from sync import desk as desk_room
from sync.desk import Desk
from sync.documents import DocumentType, Receipt, Withdrawal
from sync.errors import NoConsent, NotVerified

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


class Revoked(NamedTuple):
    """What a revocation did: envelopes that never left, extracts for which removal was requested, and extracts for
    which it could not be, because the colleague is no longer one to whom anything is sealed."""

    consent: str
    never_sent: int
    removal_requested: int
    out_of_reach: int = 0


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
) -> Consent:
    """Record a consent. Raises UnknownPatient, BadInput (a date, the purpose, a restricted entry that is not there)."""
    today = desk.practice.today()
    terms = Terms(
        kinds, purpose.strip(), given, desk.practice.user.name, begins or today, ends, restricted, since, before
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
        consents.insert(desk.record, new, owner, colleague.num, terms, desk.practice.now())
        desk.practice.log("consent-granted", patient=owner, subject=new.hex(), detail=colleague.id)
    return consents.by_identifier(desk.record, new.hex())


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
        if not colleague.is_verified:
            raise NotVerified(name=colleague.name, id=colleague.id[:8])
        owner = patients.number(desk.record, patient)
        chart = record.chart(desk.practice, patient)
        consent = _require_consent(desk, owner, chart.patient, patient, colleague)
        passed = gate.select(consent.terms, chart.entries)
        if not passed.entries:
            raise BadInput(
                what="The consent covers no entry of this record.", remedy="Check its scope, or add entries."
            )
        entries, too_large = _with_files(desk, record.with_sources(desk.practice, patient, passed.entries))
        new = versions.new_id()
        desk.practice.log("extract-shared", patient=owner, subject=new.hex(), detail=colleague.id)
        # With the line above in it, and before the extract: so the receipt for the extract gives it back already.
        own = desk_room.feed_towards(desk, colleague)
        desk_room.post(desk, colleague, anchoring.receipt(desk, colleague, own))
        outgoing = _post_extract(desk, colleague, consent, owner, chart, entries, new)
    for conflict in desk_room.dispatch(desk):
        if correspondence.envelope_of(desk.record, outgoing.feed, outgoing.sequence) is not None:
            raise conflict
    size = len(outgoing.envelope or b"")
    return Shared(outgoing.document_id, consent.id, len(entries), passed.left_out, size, too_large)


def _with_files(desk: Desk, entries: Sequence[Entry]) -> tuple[list[Entry], tuple[str, ...]]:
    """The entries with their files inside, and the titles of those that are too large to travel. Raises BadInput where
    there is nothing else."""
    travelling, too_large = [], []
    for entry in entries:
        try:
            travelling.append(msgspec.structs.replace(entry, body=stowing.unstow(desk.record, entry.body)))
        except TooLarge:
            too_large.append(getattr(entry.body, "title", "") or entry.id[:8])
    if not travelling:
        raise BadInput(
            what="Every document that the consent covers is too large for an extract.",
            remedy="Save it as a file, and hand it over otherwise.",
        )
    return travelling, tuple(too_large)


def _require_consent(desk: Desk, owner: int, body: PatientBody, patient: str, colleague: Colleague) -> Consent:
    found = gate.standing(consents.between(desk.record, owner, colleague.num), desk.practice.today())
    if found is None:
        name = " ".join((body.family_name, *body.given_names[:1]))
        raise NoConsent(patient=name, name=colleague.name, patient_id=patient, id=colleague.id[:8])
    return found


def _post_extract(
    desk: Desk,
    colleague: Colleague,
    consent: Consent,
    owner: int,
    chart: Chart,
    entries: list[Entry],
    identifier: bytes,
) -> Outgoing:
    earlier = [
        sent.document_id
        for sent in correspondence.outgoing(desk.record)
        if sent.patient == owner and sent.colleague == colleague.num and sent.type == DocumentType.EXTRACT
    ]
    now, last = desk.practice.now(), earlier[-1] if earlier else ""
    every = record.with_sources(desk.practice, chart.id, record.every_version(desk.practice, chart.id))
    stays = extract.staying(every, entries)
    body = extract.build(consent.id, consent.terms, chart.id, chart.patient, entries, now, last, stays)
    return desk_room.post(
        desk, colleague, body, patient=owner, consent=consent.num, entries=len(entries), identifier=identifier
    )


def revoke(desk: Desk, consent: Consent) -> Revoked:
    """End a consent in one gesture, and say honestly what that reaches.

    What never left is replaced by an empty document under the same number; for what left, the removal is requested. A
    revoked consent is left as it is. From the first commit on, nothing more is sealed under this consent.
    """
    if consent.revoked:
        return Revoked(consent.id, 0, 0)
    with transaction(desk.record):
        consents.revoke(desk.record, consent.num, desk.practice.now())
        desk.practice.log("consent-revoked", patient=consent.patient, subject=consent.id)
    done = _settle(desk, consent)
    desk_room.dispatch(desk)
    return done


def settle_revocations(desk: Desk) -> int:
    """Finish what a crash interrupted between a revocation and its consequences, and keep back what still waits under a
    consent that has ended meanwhile; returns how many consents were concerned."""
    today = desk.practice.today()
    concerned = 0
    for consent in consents.ended(desk.record, today):
        if consent.revoked:
            before = len(_extracts_under(desk, consent))
            after = _settle(desk, consent)
            concerned += bool(before and (after.never_sent or after.removal_requested))
        else:
            with transaction(desk.record):
                kept_back = [one for one in _extracts_under(desk, consent) if _keep_back(desk, one)]
            concerned += bool(kept_back)
    return concerned


def _extracts_under(desk: Desk, consent: Consent) -> list[Outgoing]:
    """The extracts under a consent whose removal is still to be asked for. What was attested counts, unless the
    colleague lost the withdrawal with his backup: then he may have the extract back."""
    sent = correspondence.of_consent(desk.record, consent.num)
    asked = requested(sent, _present_feed(desk, consent))
    colleague = colleagues.by_number(desk.record, consent.colleague)
    kept = {one.feed: one.kept for one in incarnations.ended(desk.postbox, colleague.id) if one.kept is not None}
    forgotten = any(
        one.type == DocumentType.WITHDRAWAL and one.sequence > kept.get(one.feed, one.sequence) for one in sent
    )
    extracts = [one for one in sent if one.type == DocumentType.EXTRACT and (one.feed, one.sequence) not in asked]
    return [one for one in extracts if forgotten or not one.removed]


def _present_feed(desk: Desk, consent: Consent) -> bytes:
    return desk_room.feed_towards(desk, colleagues.by_number(desk.record, consent.colleague))


def requested(sent: Sequence[Outgoing], present: bytes) -> set[tuple[bytes, int]]:
    """Of what was sent to one colleague under one consent: the extracts that a withdrawal has followed on the feed that
    is still open, `present`. One on a feed that ended may never have come."""
    last = max((one.sequence for one in sent if one.type == DocumentType.WITHDRAWAL and one.feed == present), default=0)
    followed = [one for one in sent if last and (one.feed != present or one.sequence < last)]
    return {(one.feed, one.sequence) for one in followed if one.type == DocumentType.EXTRACT}


def withdrawn(desk: Desk) -> set[tuple[bytes, int]]:
    """The extracts (feed and number) whose removal was asked for, of all that was ever sent."""
    by_consent: dict[int, list[Outgoing]] = {}
    for one in correspondence.outgoing(desk.record):
        if one.consent is not None:
            by_consent.setdefault(one.consent, []).append(one)
    found: set[tuple[bytes, int]] = set()
    for sent in by_consent.values():
        colleague = colleagues.by_number(desk.record, sent[0].colleague)
        found |= requested(sent, desk_room.feed_towards(desk, colleague))
    return found


def _settle(desk: Desk, consent: Consent) -> Revoked:
    with transaction(desk.record):
        colleague = colleagues.by_number(desk.record, consent.colleague)
        sent = _extracts_under(desk, consent)
        kept_back = [one for one in sent if _keep_back(desk, one)]
        gone = len(sent) - len(kept_back) or int(_may_be_forgotten(desk, consent))
        if gone and colleague.is_verified:
            desk_room.post(desk, colleague, Withdrawal(consent.id), patient=consent.patient, consent=consent.num)
            return Revoked(consent.id, len(kept_back), gone)
    return Revoked(consent.id, len(kept_back), 0, gone)


def _may_be_forgotten(desk: Desk, consent: Consent) -> bool:
    """Whether an extract may have left under a consent without this record's knowing: after the backup that was
    restored since. Then its removal is requested once, on trust."""
    serving = incarnations.serving(desk.postbox)
    if serving is None or not serving.restored or not consent.granted <= serving.since:
        return False
    revoked = consents.by_number(desk.record, consent.num).revoked
    present = _present_feed(desk, consent)
    asked = any(
        one.type == DocumentType.WITHDRAWAL and one.feed == present
        for one in correspondence.of_consent(desk.record, consent.num)
    )
    return revoked > serving.since and not asked


def _keep_back(desk: Desk, sent: Outgoing) -> bool:
    """Put an empty document in the place of an extract that has not been offered to the network yet; False when it has.

    It is sealed under the epoch that the extract was sealed under or a later one: nothing new is begun for this.
    """
    epoch = correspondence.latest_epoch(desk.record, sent.colleague)
    colleague = colleagues.by_number(desk.record, sent.colleague)
    if epoch is None or sent.feed != desk_room.feed_towards(desk, colleague):
        return False  # in a feed that ended, nobody can say that it never left
    _, sealed = desk_room.sign_and_seal(desk, colleague, Receipt(sent.feed), sent.feed, sent.sequence, *epoch)
    posted = any((at.feed, at.sequence) == (sent.feed, sent.sequence) for at in postbox.progress(desk.postbox))
    if not posted:
        correspondence.replace_envelope(desk.record, sent.feed, sent.sequence, sealed)
    elif postbox.replace_unsent(desk.postbox, sent.feed, sent.sequence, sealed):
        correspondence.mark_posted(desk.record, sent.feed, sent.sequence)
    else:
        return False
    correspondence.mark_kept_back(desk.record, sent.feed, sent.sequence)
    return True
