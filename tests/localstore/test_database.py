"""What SQLite refuses, each in its own words; what a connection may not be told any more."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from localstore import database, opening, record
from localstore.database import Connection, DatabaseError
from localstore.errors import Busy, DamagedStore, NoRoomToRead
from tests import practices

KEY = bytes(32)
TABLES = [["CREATE TABLE a (x)"]]


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    connection = opening.create(tmp_path / "some.db", KEY, 7, TABLES)
    yield connection
    connection.close()


@pytest.mark.parametrize(
    "statement",
    [
        "hexkey = '00'",
        "hexrekey = '00'",
        "textkey = 'a'",
        "textrekey = 'a'",
        "cipher_profile = 'never'",
        "cipher_log = 'never'",
        "cipher_plaintext_header_size = 32",
        "synchronous = OFF",
        "journal_mode = DELETE",
        "secure_delete = OFF",
    ],
)
def test_a_setting_is_denied_after_opening(connection: Connection, statement: str) -> None:
    with pytest.raises(DatabaseError, match="not authorized"):
        connection.execute(f"PRAGMA {statement}")


def test_another_writer_makes_busy(tmp_path: Path, connection: Connection) -> None:
    other = opening.open_existing(tmp_path / "some.db", KEY, 7, TABLES)
    other.set_authorizer(None)
    other.execute("PRAGMA busy_timeout = 1")
    with database.transaction(connection), pytest.raises(Busy), database.transaction(other):
        pass
    other.close()


def test_what_is_not_busy_is_not_called_so(tmp_path: Path, connection: Connection) -> None:
    connection.set_authorizer(None)
    connection.execute("PRAGMA query_only = ON")
    with pytest.raises(DatabaseError, match="readonly"), database.transaction(connection):
        connection.execute("INSERT INTO a VALUES (1)")
    connection.execute("PRAGMA query_only = OFF")
    connection.execute("BEGIN EXCLUSIVE")  # in this mode, readers go on; so the file is not damaged either
    opening.open_existing(tmp_path / "some.db", KEY, 7, TABLES).close()
    connection.execute("ROLLBACK")


def test_a_locked_file_is_busy_and_not_damaged(tmp_path: Path) -> None:
    path = tmp_path / "some.db"
    holder = opening.create(path, KEY, 7, TABLES)
    holder.set_authorizer(None)
    holder.execute("PRAGMA journal_mode = DELETE")
    holder.execute("BEGIN EXCLUSIVE")
    other, wanted = database.connect(path), opening.Opening(path, KEY, 7)
    for step in opening.KEYING:
        step(other, wanted)
    other.execute("PRAGMA busy_timeout = 1")
    with pytest.raises(Busy):
        opening.require_identity(other, wanted)
    other.close()
    holder.close()


def test_a_plaintext_file_is_never_opened(tmp_path: Path) -> None:
    import sqlite3

    path = tmp_path / "plain.db"
    plain = sqlite3.connect(path)
    plain.execute("PRAGMA application_id = 7")
    plain.execute("CREATE TABLE a (x)")
    plain.commit()
    plain.close()
    before = path.read_bytes()
    assert before.startswith(opening.SQLITE_MAGIC)
    with pytest.raises(DamagedStore):
        opening.open_existing(path, KEY, 7, TABLES)
    assert path.read_bytes() == before


def test_on_a_full_disk_no_record_opens_and_nothing_is_lost(tmp_path: Path) -> None:
    here = practices.make(tmp_path / "alpha")
    zoe = practices.add_zoe(here)
    here.connection.set_authorizer(None)
    pages = here.connection.execute("PRAGMA page_count").fetchone()[0]
    here.connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(NoRoomToRead):
        for _ in range(2000):
            record.open_chart(here, zoe.id)
    assert record.chart(here, zoe.id).patient == practices.ZOE
