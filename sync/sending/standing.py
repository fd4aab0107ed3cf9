"""Standing consents: each later change within their scope goes out by itself, whoever saved it; nothing else does.

The record is looked at after everything that may have changed it, and at every look at what arrived: what a crash kept
from going out goes then. Each extract is one transaction, in which the gate is asked again: it holds the write lock, so
another window has either done the same before, or finds it done.
"""

from typing import NamedTuple

from localstore import colleagues, consents, followed, people, versions
from localstore.consents import Consent
from localstore.database import transaction
from localstore.errors import BadInput, TooLarge
from sync import desk as desk_room
from sync.desk import Desk
from sync.sending import covering, gate
from sync.sending.covering import Covered


class Followed(NamedTuple):
    """An extract that went into the outbox by itself: to whom (his name), how many entries it holds, and the titles of
    documents that are too large for it. `refused` is why none could be made, else None."""

    colleague: str
    entries: int
    too_large: tuple[str, ...] = ()
    refused: BadInput | TooLarge | None = None


def follow(desk: Desk) -> list[Followed]:
    """Send what changed within the scope of standing consents since they were last looked at. Costs next to nothing
    where nothing was written. Raises NotYourRole and AccessEnded when whoever works here may not write any more."""
    today = desk.practice.today()
    looked = [_look(desk, consent, today) for consent in followed.due(desk.record, today)]
    done = [one for one in looked if one is not None]
    if done:
        desk_room.dispatch(desk)
    return done


def _look(desk: Desk, num: int, today: str) -> Followed | None:
    try:
        with transaction(desk.record):
            return _follow(desk, num, today) if followed.due(desk.record, today, num) else None
    except (BadInput, TooLarge) as refused:
        # Once for each state of the record: it is tried again when that changes, not at every look.
        with transaction(desk.record):
            consent = consents.by_number(desk.record, num)
            followed.seen(desk.record, num, consent.patient)
        return Followed(colleagues.by_number(desk.record, consent.colleague).name, 0, (), refused)


def _follow(desk: Desk, num: int, today: str) -> Followed | None:
    consent = consents.by_number(desk.record, num)
    owner = people.kept(desk.record, consent.patient)
    if not counts(desk, consent, owner, today):
        followed.seen(desk.record, num, owner, today)
        return None
    found, last = covering.covered(desk.record, owner, consent.terms), followed.last(desk.record, num)
    if last is None or found.digest == last.digest or not found.entries:
        followed.seen(desk.record, num, owner)
        return None
    new = versions.new_id()
    colleague = colleagues.by_number(desk.record, consent.colleague)
    desk.practice.log("extract-followed", patient=owner, subject=new.hex(), detail=colleague.id)
    made = covering.queue(desk, colleague, consent, found, new)
    sent(desk, consent, found)
    return Followed(colleague.name, made.outgoing.entries, made.too_large)


def counts(desk: Desk, consent: Consent, owner: int, today: str) -> bool:
    """Whether this is the consent that counts today between the patient (his local number) and the colleague."""
    return gate.standing(consents.between(desk.record, owner, consent.colleague), today) == consent


def begin(desk: Desk, consent: Consent, before: Consent | None) -> None:
    """Follow a consent from now on, inside the transaction that grants it: what the record holds today goes when the
    doctor shares it, each later change by itself. What a consent in force `before` still had to send, this one has."""
    owner = people.kept(desk.record, consent.patient)
    digest = b"" if _is_behind(desk, before, owner) else covering.covered(desk.record, owner, consent.terms).digest
    # Where the one before has sent something, this one sends it once more if the colleague loses it.
    last = followed.last(desk.record, before.num) if before is not None else None
    followed.put(desk.record, consent.num, owner, digest, last.at if last is not None else "")


def _is_behind(desk: Desk, before: Consent | None, owner: int) -> bool:
    last = followed.last(desk.record, before.num) if before is not None else None
    if before is None or last is None:
        return False
    return covering.covered(desk.record, owner, before.terms).digest != last.digest


def sent(desk: Desk, consent: Consent, found: Covered) -> None:
    """Note what was sent under a standing consent, inside the transaction that queues it."""
    if consent.terms.is_standing:
        followed.put(desk.record, consent.num, found.owner, found.digest, desk.practice.now())
