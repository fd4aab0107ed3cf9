"""The tables of `archive.db`, as migrations: each is applied once, in one transaction with its number.

A migration that was released is never changed; the next one is added behind it.
"""

from localstore.opening import Migration

APPLICATION = 0x43415243  # "CARC"; SQLite keeps it in the file, and another file is not taken for this one

MIGRATIONS: list[Migration] = [
    (
        # One record. `removal` is its name in record.db; `summary` the line of a list of patients, `days` those of its
        # retention.
        "CREATE TABLE archived (removal BLOB PRIMARY KEY, patient BLOB NOT NULL, at TEXT NOT NULL,"
        " summary BLOB NOT NULL, days BLOB NOT NULL) WITHOUT ROWID",
        "CREATE INDEX archived_patient ON archived (patient)",
        # Its rows, in their order: of which table of record.db, and the values as MessagePack.
        "CREATE TABLE piece (num INTEGER PRIMARY KEY, removal BLOB NOT NULL REFERENCES archived (removal),"
        " name TEXT NOT NULL, data BLOB NOT NULL)",
        "CREATE INDEX piece_of ON piece (removal)",
    ),
]
