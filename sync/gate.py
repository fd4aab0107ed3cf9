"""The consent gate: the one place that decides whether an entry may leave. Pure."""

from collections.abc import Iterable
from typing import NamedTuple

from localstore.consents import Consent
from localstore.model import Entry, Kind, Sensitivity
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
    """The consent that counts: the newest one that is valid today; an older one does not widen a newer one."""
    return next((consent for consent in consents if is_valid(consent, today)), None)


def covers(terms: Terms, entry: Entry) -> bool:
    """Whether one entry may leave under these terms."""
    return (
        entry.kind is not Kind.PATIENT
        and entry.kind in terms.kinds
        and _sensitivity_allows(terms, entry)
        and _date_allows(terms, entry)
    )


def _sensitivity_allows(terms: Terms, entry: Entry) -> bool:
    return entry.sensitivity is not Sensitivity.RESTRICTED or entry.id in terms.restricted


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
    """The entries that may leave. One entered in error leaves with its mark, to correct what was sent before."""
    every = [entry for entry in entries if entry.kind is not Kind.PATIENT]
    passed = tuple(entry for entry in every if covers(terms, entry))
    return Passed(passed, len(every) - len(passed))
