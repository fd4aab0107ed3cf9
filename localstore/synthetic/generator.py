"""Synthetic French patients from a seed: for the demo, the tests and the benchmarks. No real person.

The same seed gives the same patients in every version of Python, and patient k is the same however many are asked for.
INS numbers bear the test identifier, practitioners' numbers the test prefix, telephones are those reserved for fiction.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from localstore.bodies import PatientBody
from localstore.synthetic import histories, people
from localstore.synthetic.draw import stream
from localstore.synthetic.life import SyntheticEntry
from localstore.synthetic.people import Practitioner

__all__ = ["Practitioner", "SyntheticEntry", "SyntheticPatient", "identities", "patients", "practitioners"]

# The day on which patients without a history are as old as they are, when no other is given.
REFERENCE_DAY = date(2026, 1, 1)


class SyntheticPatient(NamedTuple):
    """A patient: the identity, and what the record says, oldest first."""

    body: PatientBody
    entries: tuple[SyntheticEntry, ...]


def practitioners(seed: int, count: int) -> list[Practitioner]:
    """Fictional general practitioners with numbers of the test range; all different up to 100,000."""
    return [people.practitioner(seed, order) for order in range(count)]


def identities(
    seed: int, count: int, today: date = REFERENCE_DAY, doctors: Sequence[Practitioner] = ()
) -> Iterator[PatientBody]:
    """Identities alone, fast: the same as those of `patients` for the same arguments.

    No INS number appears twice in the first million. With `doctors`, nine in ten live in the doctors' towns, and all
    are treated by one of them.
    """
    return people.identities(seed, count, today, doctors)


def patients(seed: int, count: int, today: date, doctors: Sequence[Practitioner] = ()) -> Iterator[SyntheticPatient]:
    """Patients with histories of 5 to 120 entries that end at `today`, or before the death of those who died."""
    for order, body in enumerate(people.identities(seed, count, today, doctors)):
        yield SyntheticPatient(body, histories.write(body, stream("history", seed, order), today))
