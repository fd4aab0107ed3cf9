"""A question to a practice of a million entries, against its bare SQL on the same connection."""

import random
import time
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median

from localstore import versions
from localstore.bodies import AllergyBody, Body, MeasurementBody, PatientBody, ProblemBody
from localstore.database import Connection, rows, transaction
from localstore.kinds import Kind, Provenance
from localstore.questions import answering, asking
from localstore.values import Coding, Concept, Quantity
from tests import practices
from tests.bench.bench_search import fill
from tests.bench.result import Result

ENTRIES = 1_000_000
PATIENTS = 10_000
AT_ONCE = 20_000
ROUNDS = 15
TODAY = date(2026, 3, 1)
A1C = Concept("HbA1c", (Coding("http://loinc.org", "4548-4", "Hemoglobin A1c"),))
SUBSTANCES = [f"Substance {number}" for number in range(200)]
PROBLEMS = [f"Problème {number}" for number in range(1_000)]
# What each question asks, as somebody would write it who knows the tables.
BARE = {
    "allergie substance 17": (
        "SELECT p.id, p.family_name, p.given_names, p.birth_date, v.id, v.date"
        " FROM version v JOIN patient p ON p.num = v.patient WHERE v.current = 1 AND v.status = ''"
        " AND v.concept = (SELECT num FROM concept WHERE label = 'Substance 17') AND v.kind = 'allergy'"
    ),
    "HbA1c > 8 depuis 1 an": (
        "SELECT p.id, p.family_name, p.given_names, p.birth_date, v.id, v.date, m.value, m.unit"
        " FROM measured m JOIN version v ON v.num = m.version JOIN patient p ON p.num = v.patient"
        " WHERE v.current = 1 AND v.status = '' AND m.concept = (SELECT num FROM concept WHERE label = 'HbA1c')"
        " AND m.value > 8 AND v.date >= '2025-03-01'"
    ),
}


def run(folder: Path) -> list[Result]:
    """Milliseconds of two questions, each with thousands of answers."""
    here = practices.make(folder / "practice")
    fill(here.connection, [PatientBody(f"Nom{number}", ("Prénom",), "1960-01-01") for number in range(PATIENTS)])
    _fill(here.connection)
    results = []
    for typed, sql in BARE.items():
        question = asking.read(typed, TODAY)
        ours, bare, count = [], [], 0
        for _ in range(ROUNDS):
            start = time.perf_counter()
            count = len(answering.ask(here, question, typed).answers)
            between = time.perf_counter()
            assert len(rows(here.connection, sql)) == count > ENTRIES // 1_000
            ours.append((between - start) * 1000)
            bare.append((time.perf_counter() - between) * 1000)
        name = f"question-{'allergy' if typed.startswith('allergie') else 'value'}-{count}-of-{ENTRIES}"
        results.append(Result(name, "ms", median(ours), median(bare), "lower"))
    here.close()
    return results


def _fill(connection: Connection) -> None:
    """Write the entries in bulk, through the same tables as the record does."""
    chance = random.Random(7)  # noqa: S311 - reproducible
    first = versions.next_number(connection)
    origin = versions.origin_number(connection, Provenance.IMPORTED, "bench")
    for start in range(first, first + ENTRIES, AT_ONCE):
        with transaction(connection):
            versions.insert(
                connection,
                [
                    versions.NewVersion(
                        number, versions.new_id(), None, chance.randint(1, PATIENTS), body, kind, day, "2026", 1, origin
                    )
                    for number, (body, kind, day) in zip(range(start, start + AT_ONCE), _bodies(chance), strict=False)
                ],
            )


def _bodies(chance: random.Random) -> Iterator[tuple[Body, Kind, str]]:
    while True:
        day = (TODAY - timedelta(days=chance.randint(0, 3650))).isoformat()
        kind = chance.random()
        if kind < 0.3:
            yield AllergyBody(Concept(chance.choice(SUBSTANCES))), Kind.ALLERGY, day
        elif kind < 0.6:
            value = Quantity(Decimal(chance.randint(40, 140)) / 10, "%", "%")
            yield MeasurementBody(A1C, value), Kind.MEASUREMENT, day
        else:
            yield ProblemBody(Concept(chance.choice(PROBLEMS))), Kind.PROBLEM, day
