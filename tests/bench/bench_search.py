"""Searching patients as a person types, against the bare query on the same connection."""

import itertools
import random
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from localstore import patients, versions
from localstore.bodies import PatientBody
from localstore.database import Connection, rows, transaction
from localstore.kinds import Kind, Provenance
from localstore.synthetic import generator
from tests import practices
from tests.bench.result import Result, percentile

PATIENTS = 100_000
QUERIES = 2_000
TODAY = date(2026, 3, 1)
BARE = (
    "SELECT p.id, p.family_name, p.given_names, p.birth_date, p.sex, p.ins FROM patient_words w"
    " JOIN patient p ON p.num = w.rowid WHERE patient_words MATCH ? LIMIT 50"
)


def run(folder: Path) -> list[Result]:
    """The 99th percentile and the median of a search, in milliseconds."""
    here = practices.make(folder / "practice")
    people = list(generator.identities(1, PATIENTS, TODAY))
    fill(here.connection, people)
    queries = _queries(people)
    expressions = [patients.match_expression(query) for query in queries]
    bare = _times(lambda number: rows(here.connection, BARE, (expressions[number],)))
    ours = _times(lambda number: patients.search(here.connection, queries[number]))
    return [
        Result(f"search-{PATIENTS}-p99", "ms", percentile(ours, 0.99), percentile(bare, 0.99), "lower"),
        Result(f"search-{PATIENTS}-median", "ms", percentile(ours, 0.5), percentile(bare, 0.5), "lower"),
    ]


def fill(connection: Connection, people: list[PatientBody]) -> None:
    """Write patients in bulk, through the same tables as the record does."""
    with transaction(connection):
        origin = versions.origin_number(connection, Provenance.IMPORTED, "bench")
        start = versions.next_number(connection)
        connection.execute("INSERT OR IGNORE INTO author (name, rpps) VALUES ('bench', '')")
        for chunk in itertools.batched(people, 5_000) if hasattr(itertools, "batched") else [people]:
            new = []
            for number, body in enumerate(chunk, start=start):
                new.append(
                    versions.NewVersion(
                        number, versions.new_id(), None, number, body, Kind.PATIENT, "", "2026", 1, origin
                    )
                )
            versions.insert(connection, new)
            for version in new:
                assert isinstance(version.body, PatientBody)
                patients.project(connection, version.num, version.id, version.body, version.num)
            start += len(new)


def _queries(people: list[PatientBody]) -> list[str]:
    """What a person types on the way to a patient: beginnings of one to all letters, with first names and dates."""
    chance = random.Random(7)  # noqa: S311 - a reproducible choice of queries
    queries = []
    for _ in range(QUERIES):
        body = chance.choice(people)
        family, given = body.family_name, (body.given_names or ("",))[0]
        queries.append(
            chance.choice(
                [
                    family[: chance.randint(1, len(family))],
                    f"{family} {given[:2]}",
                    f"{given} {family[:3]}",
                    date.fromisoformat(body.birth_date).strftime("%d/%m/%Y"),
                    body.ins[:10] or family,
                ]
            )
        )
    return queries


def _times(search: Callable[[int], object]) -> list[float]:
    for number in range(200):  # warm the page cache for both alike
        search(number)
    times = []
    for number in range(QUERIES):
        start = time.perf_counter()
        search(number)
        times.append((time.perf_counter() - start) * 1000)
    return times
