"""Two records beside each other, and what was scanned beside who is on record. Pure values, no I/O."""

from typing import NamedTuple

from localstore.bodies import PatientBody
from localstore.identities.homonyms import Reason, Similar
from localstore.model import PatientSummary


class Side(NamedTuple):
    """One of two records: whose it is, how many entries stand in it, and the first and the last of their dates."""

    id: str
    body: PatientBody
    entries: int
    since: str
    until: str


class Preview(NamedTuple):
    """Two records that may be of one person. `reason` says why they could be, if anything does; `different_ins` that
    their numbers say otherwise."""

    keep: Side
    other: Side
    reason: Reason | None
    different_ins: bool


class Merged(NamedTuple):
    """The record that is read, and the one that is read as a part of it, or was."""

    kept: PatientSummary
    other: PatientSummary


class Found(NamedTuple):
    """What a Data Matrix says, the fields of it that are not known, and who of those on record could be meant."""

    body: PatientBody
    unknown: tuple[str, ...]
    similar: tuple[Similar, ...]
