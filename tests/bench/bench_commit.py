"""Durable commits of a small entry, against bare SQLCipher that inserts a row with the same body."""

import os
import time
from pathlib import Path

from localstore import opening, record
from localstore.bodies import Body, MedicationBody, encode_body
from localstore.database import Connection
from localstore.values import Concept
from tests import practices
from tests.bench.result import Result, percentile

ROUNDS = 20
PAGE = 4096  # bytes
COMMITS = 100  # in a round, first of one, then of the other: what else the machine does slows both alike
TABLE = "CREATE TABLE entry (num INTEGER PRIMARY KEY, patient INTEGER NOT NULL, body BLOB NOT NULL)"
INDEX = "CREATE INDEX entry_of_patient ON entry (patient)"


def run(folder: Path) -> list[Result]:
    """Commits per second: ours with its history line, its signature and its head. And how much longer one of ours takes
    than a bare one, against one page made durable: on a disk that waits for its medium the first vanishes."""
    here = practices.make(folder / "practice")
    patient = practices.add_zoe(here).id
    bare = opening.create(folder / "floor.db", bytes(32), 1, [[TABLE, INDEX]])
    ours = floor = 0.0
    for first in range(-COMMITS, ROUNDS * COMMITS, COMMITS):  # the round before the first warms both
        bodies = [_body(number) for number in range(first, first + COMMITS)]
        start = time.perf_counter()
        for body in bodies:
            _insert(bare, body)
        between = time.perf_counter()
        for body in bodies:
            record.add(here, patient, body, "2026-03-01")
        if first >= 0:
            floor += between - start
            ours += time.perf_counter() - between
    commits = ROUNDS * COMMITS
    return [
        Result("commit", "commits/s", commits / ours, commits / floor, "higher"),
        Result("commit-beyond-bare", "ms", (ours - floor) / commits * 1000, _fsync(folder / "file") * 1000, "lower"),
    ]


def _fsync(path: Path) -> float:
    """The median of one page written and made durable, in seconds: what a commit cannot do without on this disk."""
    times = []
    with open(path, "wb", buffering=0) as file:
        for _ in range(COMMITS):
            start = time.perf_counter()
            file.write(bytes(PAGE))
            os.fsync(file.fileno())
            times.append(time.perf_counter() - start)
    return percentile(times, 0.5)


def _body(number: int) -> Body:
    return MedicationBody(Concept(f"Amoxicilline 1 g, comprimé {number}"), "1 matin et soir pendant 6 jours")


def _insert(connection: Connection, body: Body) -> None:
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO entry (patient, body) VALUES (?, ?)", (1, encode_body(body)))
    connection.execute("COMMIT")
