"""Searching patients as a person types, against the bare query on the same connection."""

import itertools
import random
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from localstore import patients, searching, versions
from localstore.bodies import PatientBody
from localstore.database import Connection, rows, transaction
from localstore.kinds import Kind, Provenance
from localstore.synthetic import generator
from tests import practices
from tests.bench.result import Result, percentile

SIZES = (1_000, 100_000, 1_000_000)
CHUNK = 10_000
QUERIES = 2_000
WARMING = 200
TODAY = date(2026, 3, 1)
BARE = (
    "SELECT p.id, p.family_name, p.given_names, p.birth_date, p.sex, p.ins FROM patient_words w"
    " JOIN patient p ON p.num = w.rowid WHERE patient_words MATCH ? LIMIT 50"
)


def run(folder: Path) -> list[Result]:
    """The 99th percentile and the median of a search, in milliseconds, as the practice grows; and how much longer each
    takes at the largest size than at the smallest, against the same of the bare query."""
    here = practices.make(folder / "practice")
    everybody = generator.identities(1, SIZES[-1], TODAY)
    results: list[Result] = []
    known: list[PatientBody] = []
    for size in SIZES:
        while len(known) < size:
            people = list(itertools.islice(everybody, min(CHUNK, size - len(known))))
            fill(here.connection, people)
            known += people
        results += _measured(here.connection, _queries(known), size)
    smallest, largest = results[0], results[-2]
    growth, bare = largest.value / smallest.value, largest.floor / smallest.floor
    here.close()
    return [*results, Result(f"search-growth-{SIZES[0]}-{SIZES[-1]}", "times", growth, bare, "lower")]


def _measured(connection: Connection, queries: list[str], size: int) -> list[Result]:
    expressions = [searching.match_expression(query) for query in queries]
    ours, bare = _times(
        lambda number: patients.search(connection, queries[number]),
        lambda number: rows(connection, BARE, (expressions[number],)),
    )
    return [
        Result(f"search-{size}-p99", "ms", percentile(ours, 0.99), percentile(bare, 0.99), "lower"),
        Result(f"search-{size}-median", "ms", percentile(ours, 0.5), percentile(bare, 0.5), "lower"),
    ]


def fill(connection: Connection, people: list[PatientBody]) -> None:
    """Write patients in bulk, through the same tables as the record does."""
    with transaction(connection):
        origin = versions.origin_number(connection, Provenance.IMPORTED, "bench")
        start = versions.next_number(connection)
        connection.execute("INSERT OR IGNORE INTO author (name, rpps) VALUES ('bench', '')")
        new = [
            versions.NewVersion(number, versions.new_id(), None, number, body, Kind.PATIENT, "", "2026", 1, origin)
            for number, body in enumerate(people, start=start)
        ]
        versions.insert(connection, new)
        for version, body in zip(new, people, strict=True):
            patients.project(connection, version.num, version.id, body, version.num)


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


def _times(ours: Callable[[int], object], bare: Callable[[int], object]) -> tuple[list[float], list[float]]:
    """The milliseconds of each query, one after the other of both: whatever else the machine does slows both alike."""
    for number in range(WARMING):  # the page cache, for both
        ours(number)
        bare(number)
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(QUERIES):
        for search, taken in zip((ours, bare), times, strict=True):
            start = time.perf_counter()
            search(number)
            taken.append((time.perf_counter() - start) * 1000)
    return times
