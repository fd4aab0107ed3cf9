"""What a well-made entry looks like, whoever signed it. Pure.

A verified colleague's program may be wrong, or somebody else's. His entries are shown, exported and taken over beside
our own, so they keep to the forms and limits that our own keep to.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from localstore.bodies import MAX_DOCUMENT_BYTES, Body, PatientBody, encode_body
from localstore.kinds import STAYS_HERE, Kind
from localstore.model import Entry
from localstore.partial_date import is_date
from localstore.terms import Terms

MAX_BODY_BYTES = 1024 * 1024  # as the record's own limit of a text
MAX_SOURCE_BYTES = 16 * 1024 * 1024
MAX_PARENTS = 64  # versions that one can reconcile at once
MAX_DATE_LENGTH = 40
MAX_NAME_LENGTH = 200
MAX_PURPOSE_LENGTH = 1000  # of a consent: five times what is taken here
MAX_RESTRICTED = 10_000  # entries that a consent names one by one
MAX_DIGITS = 60  # of a measured value, and of its exponent: more is no measurement, and takes forever to print
_MAY_HOLD_NUMBERS = (Decimal, msgspec.Struct, tuple)
_MOMENT = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)


def is_identifier(text: str) -> bool:
    """32 lower-case hex digits."""
    return len(text) == 32 and not set(text) - set("0123456789abcdef")


def is_moment(text: str) -> bool:
    """A moment as `localstore.clock.stamp` writes it."""
    if not _MOMENT.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def fault_of_entry(entry: Entry) -> str:
    """Why an entry may not be let in; empty when it may."""
    if entry.kind is Kind.PATIENT:
        return "an entry in it is an identity"
    if entry.kind in STAYS_HERE:
        return "an entry in it is an appointment, which never leaves a practice"
    if len(set(entry.parents)) != len(entry.parents) or len(entry.parents) > MAX_PARENTS:
        return "the parents of an entry are malformed"
    if entry.version in entry.parents:
        return "an entry in it replaces itself"
    if entry.date and (len(entry.date) > MAX_DATE_LENGTH or not is_date(entry.date)):
        return "a date in it is malformed"
    if not is_moment(entry.recorded):
        return "a moment in it is malformed"
    if len(entry.author.name) > MAX_NAME_LENGTH or len(entry.author.rpps) > MAX_NAME_LENGTH:
        return "the author of an entry has too long a name"
    if len(entry.source) > MAX_SOURCE_BYTES or len(entry.source_url) > MAX_NAME_LENGTH * 10:
        return "the source of an entry is larger than the limit"
    return fault_of_body(entry.body)


def fault_of_terms(terms: Terms) -> str:
    """Why what a patient is said to have agreed to may not be let in; empty when it may. By it an extract is judged."""
    days, names = (terms.begins, terms.ends, terms.since, terms.before), (terms.given, terms.recorded_by)
    if any(day and (len(day) > len("2026-03-01") or not is_date(day)) for day in days):
        return "a date in it is malformed"
    if any(len(name) > MAX_NAME_LENGTH for name in names) or len(terms.purpose) > MAX_PURPOSE_LENGTH:
        return "a text in it is larger than the limit"
    if len(terms.kinds) > len(Kind) or len(terms.restricted) > MAX_RESTRICTED:
        return "it holds more entries than the limit"
    return "" if all(map(is_identifier, terms.restricted)) else "an identifier in it is malformed"


def fault_of_body(body: Body) -> str:
    """Why a body may not be let in; empty when it may."""
    if getattr(body, "attachment", None) is not None:
        return "a document in it is not there, only the name of its file"
    content = len(getattr(body, "content", b""))
    if content > MAX_DOCUMENT_BYTES or any(not _is_bounded(number) for number in _numbers(body)):
        return "a document or a number in it is larger than the limit"
    if len(encode_body(body)) - content > MAX_BODY_BYTES:
        return "a text in it is larger than the limit"
    if isinstance(body, PatientBody) and body.birth_date and not is_date(body.birth_date):
        return "a date in it is malformed"
    return ""


def _is_bounded(number: Decimal) -> bool:
    _, digits, exponent = number.as_tuple()
    return isinstance(exponent, int) and len(digits) <= MAX_DIGITS and abs(exponent) <= MAX_DIGITS


def _numbers(value: Any) -> Iterator[Decimal]:
    if isinstance(value, Decimal):
        yield value
    elif isinstance(value, msgspec.Struct | tuple):
        inside = value if isinstance(value, tuple) else msgspec.structs.astuple(value)
        for one in inside:
            if isinstance(one, _MAY_HOLD_NUMBERS):  # most are texts, and an extract has many entries
                yield from _numbers(one)
