"""The consent gate: the one place that decides whether an entry may leave. Pure."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from localstore.bodies import OtherBody
from localstore.consents import Consent
from localstore.kinds import OF_THE_AGENDA, STAYS_HERE, Kind, Sensitivity
from localstore.model import Entry
from localstore.terms import Terms


class Passed(NamedTuple):
    """The entries that a consent covers, and how many it does not."""

    entries: tuple[Entry, ...]
    left_out: int


def is_valid(consent: Consent, today: str) -> bool:
    """Whether the consent stands on this day (ISO date): not revoked, begun, not ended."""
    terms = consent.terms
    return not consent.revoked and terms.begins <= today and (not terms.ends or today <= terms.ends)


def standing(consents: Iterable[Consent], today: str) -> Consent | None:
    """The consent that counts: the newest one, if it is valid today. It replaces those before it, so that neither
    revoking nor ending it brings an older, perhaps wider one back. `consents` are given newest first."""
    newest = next(iter(consents), None)
    return newest if newest is not None and is_valid(newest, today) else None


def restricted_ids(entries: Iterable[Entry]) -> frozenset[str]:
    """The entries of which any version that stands is restricted: two versions that compete are protected alike."""
    return frozenset(entry.id for entry in entries if entry.sensitivity is Sensitivity.RESTRICTED)


def stays_here(entry: Entry) -> bool:
    """Whether an entry never leaves, whatever a consent says: the identity travels apart, appointments not at all."""
    if isinstance(entry.body, OtherBody) and entry.body.resource_type in OF_THE_AGENDA:
        return True
    return entry.kind is Kind.PATIENT or entry.kind in STAYS_HERE


def covers(terms: Terms, entry: Entry, restricted: Collection[str]) -> bool:
    """Whether one entry may leave under these terms; `restricted` are the `restricted_ids` of its whole record."""
    return (
        not stays_here(entry)
        and entry.kind in terms.kinds
        and (entry.id not in restricted or entry.id in terms.restricted)
        and _date_allows(terms, entry)
    )


def includes(wider: Terms, narrower: Terms) -> bool:
    """Whether the first terms cover whatever the second cover, of any record and whatever is entered in it."""
    is_bounded = bool(narrower.since or narrower.before)
    return (
        set(narrower.kinds) <= set(wider.kinds)
        and set(narrower.restricted) <= set(wider.restricted)
        and (is_bounded or not (wider.since or wider.before))  # a bound keeps out what has no date
        and _earliest(wider.since) <= _earliest(narrower.since)
        and _latest(narrower.before) <= _latest(wider.before)
    )


def _date_allows(terms: Terms, entry: Entry) -> bool:
    # A partial date is inside only if all of it is: `2019` does not pass a bound of `2019-06`, since it may lie before.
    # An entry without a date cannot be placed inside any bound.
    if not (terms.since or terms.before):
        return True
    day = entry.date[:10]
    if not day:
        return False
    return _earliest(day) >= _earliest(terms.since) and _latest(day) <= _latest(terms.before)


def _earliest(date: str) -> str:
    return (date + "-01-01"[len(date) - 4 :]) if date else ""


def _latest(date: str) -> str:
    return (date + "-12-31"[len(date) - 4 :]) if date else "9999-12-31"


def select(terms: Terms, entries: Iterable[Entry]) -> Passed:
    """The entries of a record that may leave; what never leaves is not counted among those that the consent does not
    cover. One entered in error leaves with its mark, to correct what was sent."""
    every = [entry for entry in entries if not stays_here(entry)]
    restricted = restricted_ids(every)
    passed = tuple(entry for entry in every if covers(terms, entry, restricted))
    return Passed(passed, len(every) - len(passed))
