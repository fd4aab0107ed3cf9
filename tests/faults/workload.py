"""A program that commits, and says so after each commit: what the faults of these tests are made to.

It reads an Order in JSON from stdin, opens the practice and takes one step after the other, each of which is one
commit. On stdout it says `STEP DIGEST COMMITS`: this step is committed, and the record then holds this, after so many
commits. What was said may never be lost. Step 0 is the practice as it was opened.
"""

import os
import sys
import tempfile
from pathlib import Path
from random import Random

import msgspec

from localstore import head, importing, record
from localstore.bodies import AllergyBody, Body, DocumentBody, MedicationBody, PatientBody, ProblemBody
from localstore.practice import Practice
from localstore.values import Concept
from tests.faults.reopening import Keys, contents, reopen

STDOUT = 1


class Order(msgspec.Struct, frozen=True):
    """What to do: how many steps, from which seed, closing and opening the practice after each `reopen_every` steps
    (0: never), and how strictly SQLite waits for the disk (FULL, unless it is to be shown what that is good for)."""

    folder: str
    keys: Keys
    steps: int
    seed: int = 1
    reopen_every: int = 0
    synchronous: str = "FULL"


class Work:
    """The steps, in a fixed order; what they write follows from the seed."""

    def __init__(self, practice: Practice, random: Random, scratch: Path) -> None:
        self.practice = practice
        self._random, self._scratch = random, scratch
        self._patient = self._version = ""

    def step(self, number: int) -> None:
        """Take one step: one transaction."""
        kinds = (
            self._patient_added,
            self._problem,
            self._allergy,
            self._amended,
            self._document,
            self._imported,
            self._medication,
            self._retracted,
            self._document,
            self._read,
        )
        kinds[(number - 1) % len(kinds)](number)

    def _patient_added(self, number: int) -> None:
        body = PatientBody(f"Essai-{number}", ("Zoé",), "1958-07-03", "female")
        self._patient = record.add_patient(self.practice, body).id

    def _add(self, body: Body) -> None:
        self._version = record.add(self.practice, self._patient, body, "2024-03").version

    def _problem(self, number: int) -> None:
        self._add(ProblemBody(Concept(f"Goutte {number}")))

    def _medication(self, number: int) -> None:
        self._add(MedicationBody(Concept(f"Salbutamol {number}")))

    def _allergy(self, number: int) -> None:
        self._add(AllergyBody(Concept(f"Pénicilline {number}"), reaction="urticaire"))

    def _document(self, number: int) -> None:
        content = self._random.randbytes(self._random.randrange(100, 60_000))
        self._add(DocumentBody(f"Courrier {number}", media_type="application/pdf", content=content))

    def _amended(self, number: int) -> None:
        body = AllergyBody(Concept(f"Pénicilline {number}"), reaction="choc")
        self._version = record.amend(self.practice, self._version, body).version

    def _retracted(self, number: int) -> None:
        record.retract(self.practice, self._version, f"autre patient {number}")

    def _read(self, number: int) -> None:
        record.open_chart(self.practice, self._patient, f"lettre {number}")

    def _imported(self, number: int) -> None:
        path = self._scratch / f"{number}.json"
        path.write_bytes(bundle(number, self._random))
        report = importing.import_paths(self.practice, [path])
        assert report.added and not report.broken, report


def bundle(number: int, random: Random) -> bytes:
    """A FHIR bundle of one patient with up to 40 problems."""
    patient = f"urn:uuid:6f2d9b1e-6a4e-4a53-9b51-{random.getrandbits(48):012x}"
    person = {"resourceType": "Patient", "name": [{"family": f"Lefèvre-{number}"}], "birthDate": "1941-11"}
    conditions = [
        {"resourceType": "Condition", "subject": {"reference": patient}, "code": {"text": f"Goutte {number}.{place}"}}
        for place in range(random.randrange(1, 40))
    ]
    entries = [{"fullUrl": patient, "resource": person}]
    entries += [{"fullUrl": f"{patient}-{place}", "resource": one} for place, one in enumerate(conditions)]
    return msgspec.json.encode({"resourceType": "Bundle", "type": "collection", "entry": entries})


def say(number: int, practice: Practice) -> None:
    """Tell the world that a step is committed, and what the record holds."""
    commits = head.current(practice.connection).commits
    os.write(STDOUT, f"{number} {contents(practice.connection)} {commits}\n".encode())


def opened(order: Order) -> Practice:
    """The practice, as the order wants it."""
    practice = reopen(Path(order.folder), order.keys)
    if order.synchronous != "FULL":
        practice.connection.set_authorizer(None)  # the product denies what comes now
        practice.connection.execute(f"PRAGMA synchronous = {order.synchronous}")
    return practice


def main() -> None:
    """Carry out the order on stdin."""
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    practice = opened(order)
    say(0, practice)
    with tempfile.TemporaryDirectory() as scratch:
        work = Work(practice, Random(order.seed), Path(scratch))  # noqa: S311 - contents of a test
        for number in range(1, order.steps + 1):
            work.step(number)
            say(number, work.practice)
            if order.reopen_every and number % order.reopen_every == 0:
                work.practice.close()
                work.practice = opened(order)
                say(number, work.practice)
    work.practice.close()


if __name__ == "__main__":
    main()
