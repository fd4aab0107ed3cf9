"""Each step of opening, and what happens without it.

Where the defaults of the SQLCipher in use are safe by themselves, a test begins from the unsafe value that another
build may have: the step must overcome it.
"""

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from localstore import database, opening, paths, practice, record
from localstore.database import Connection, DatabaseError
from localstore.errors import ConfrereError, DamagedStore, StaleStore
from localstore.head import HeadFile
from localstore.migrations import APPLICATION_ID
from localstore.opening import Opening, Step
from tests import practices

KEY = bytes(range(32))
APPLICATION = 7
TABLES = [["CREATE TABLE parent (num INTEGER PRIMARY KEY, words TEXT)", "CREATE TABLE child (p REFERENCES parent)"]]
MARKER = "Zoe-Dupont-Martin-1958"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    opening.create(tmp_path / "some.db", KEY, APPLICATION, TABLES).close()
    return tmp_path / "some.db"


def take(path: Path, steps: tuple[Step, ...], *, without: Step | None = None, before: str = "") -> Connection:
    """A connection for which these steps were taken, except one; `before` is a setting of an unsafe build."""
    connection, wanted = database.connect(path), Opening(path, KEY, APPLICATION)
    for step in steps:
        if step is not without:
            step(connection, wanted)
        if before and step is opening.give_key:
            connection.execute(before)
    return connection


def pair(path: Path, step: Step, before: str = "") -> Iterator[tuple[bool, Connection]]:
    """A connection without the step, then one with it, as (whether the step was taken, connection)."""
    for taken in (False, True):
        connection = take(path, opening.STEPS, without=None if taken else step, before=before)
        yield taken, connection
        connection.close()


def one(connection: Connection, sql: str) -> Any:
    """The only value of a query."""
    return connection.execute(sql).fetchone()[0]


def test_the_steps_are_those_of_the_decision_in_their_order() -> None:
    assert [step.__name__ for step in opening.STEPS] == [
        "silence_log",
        "give_key",
        "require_cipher",
        "wait_for_writers",
        "require_identity",
        "require_head",
        "write_ahead",
        "sync_fully",
        "keep_temporary_in_memory",
        "delete_securely",
        "enforce_foreign_keys",
        "distrust_schema",
        "bound_cache",
        "forbid_extensions",
        "restrict",
    ]


def test_opening_takes_exactly_these_steps_each_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[str] = []

    def noted(step: Step) -> Step:
        def take_it(connection: Connection, wanted: Opening) -> None:
            taken.append(step.__name__)
            step(connection, wanted)

        return take_it

    monkeypatch.setattr(opening, "STEPS", tuple(map(noted, steps := opening.STEPS)))
    opening.open_existing(path, KEY, APPLICATION, TABLES).close()
    assert taken == [step.__name__ for step in steps]


@pytest.mark.parametrize("silent", [False, True])
def test_without_the_log_level_sqlcipher_writes_across_the_screen(path: Path, silent: bool) -> None:
    steps = "opening.KEYING" if silent else "opening.KEYING[1:]"
    program = f"""
from pathlib import Path
from localstore import database, opening
connection, path = database.connect(Path({str(path)!r})), Path({str(path)!r})
for step in {steps}:
    step(connection, opening.Opening(path, bytes(32), 7))
try:
    connection.execute("SELECT * FROM sqlite_schema")
except database.DatabaseError:
    print("refused")
"""  # noqa: S608 - a program, not a statement
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ended.stdout == "refused\n"
    assert ("hmac check failed" in ended.stderr) is not silent
    if silent:
        assert ended.stderr == ""


def test_without_a_key_everything_is_plaintext(tmp_path: Path) -> None:
    (tmp_path / "plain.db").touch()
    connection = database.connect(tmp_path / "plain.db")
    connection.execute("CREATE TABLE a (x)")
    connection.execute("INSERT INTO a VALUES (?)", (MARKER,))
    connection.close()
    assert MARKER.encode() in (tmp_path / "plain.db").read_bytes()


def test_a_key_of_63_digits_would_become_a_passphrase(tmp_path: Path) -> None:
    short = KEY.hex()[:63]
    (tmp_path / "some.db").touch()
    connection = database.connect(tmp_path / "some.db")
    connection.execute(f"PRAGMA key = \"x'{short}'\"")
    connection.execute("CREATE TABLE a (x)")  # accepted in silence, under a key that nobody chose
    connection.close()
    with pytest.raises(ValueError, match="64"):
        opening.give_key(database.connect(tmp_path / "some.db"), Opening(tmp_path / "some.db", KEY[:31], APPLICATION))


def test_a_sqlite_without_a_cipher_takes_the_key_and_writes_plaintext(tmp_path: Path) -> None:
    wanted = Opening(tmp_path / "plain.db", KEY, APPLICATION)
    plain = sqlite3.connect(wanted.path, isolation_level=None)
    opening.silence_log(plain, wanted)
    opening.give_key(plain, wanted)
    plain.execute("CREATE TABLE a (x)")
    plain.execute("INSERT INTO a VALUES (?)", (MARKER,))
    assert MARKER.encode() in wanted.path.read_bytes()
    with pytest.raises(ConfrereError, match="plaintext"):
        opening.require_cipher(plain, wanted)
    plain.close()


def test_without_waiting_the_second_writer_fails_at_once(path: Path) -> None:
    holder = take(path, opening.STEPS)
    for waits, second in pair(path, opening.wait_for_writers, "PRAGMA busy_timeout = 0"):
        holder.execute("BEGIN IMMEDIATE")
        if not waits:
            with pytest.raises(DatabaseError, match="locked"):
                second.execute("BEGIN IMMEDIATE")
            holder.execute("ROLLBACK")
            continue
        about_to = threading.Event()

        def let_go(begun: threading.Event = about_to) -> None:
            begun.wait()
            holder.execute("ROLLBACK")

        other = threading.Thread(target=let_go)
        other.start()
        about_to.set()
        second.execute("BEGIN IMMEDIATE")
        other.join()
    holder.close()


@pytest.mark.parametrize("size", [0, 1])
def test_without_the_identity_a_file_cut_to_nothing_is_an_empty_database(path: Path, size: int) -> None:
    os.truncate(path, size)
    connection = take(path, opening.KEYING)
    assert one(connection, "SELECT count(*) FROM sqlite_schema") == 0
    assert one(connection, "PRAGMA integrity_check") == "ok"
    assert connection.execute("PRAGMA cipher_integrity_check").fetchall() == []
    with pytest.raises(DamagedStore):
        opening.require_identity(connection, Opening(path, KEY, APPLICATION))
    connection.close()
    with pytest.raises(DamagedStore):
        opening.open_existing(path, KEY, APPLICATION, TABLES)
    assert path.stat().st_size == size


def test_without_the_identity_another_database_under_the_same_key_would_do(path: Path) -> None:
    with pytest.raises(DamagedStore, match="expected"):
        opening.open_existing(path, KEY, APPLICATION + 1, TABLES)


def test_without_the_head_a_flipped_bit_takes_commits_away_in_silence(tmp_path: Path) -> None:
    here = practices.make(tmp_path / "alpha")
    for _ in range(20):
        practices.add_zoe(here)
    copy = tmp_path / "copy"
    shutil.copytree(tmp_path / "alpha", copy)  # with the log, as a killed process leaves it
    here.close()
    log = copy / "record.db-wal"
    damaged = bytearray(log.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    log.write_bytes(damaged)
    wanted = Opening(paths.record(copy), here.key, APPLICATION_ID, HeadFile(paths.head(copy), here.key))
    connection = database.connect(wanted.path)
    for step in (*opening.KEYING, opening.require_identity):
        step(connection, wanted)
    assert 0 <= one(connection, "SELECT count(*) FROM patient") < 20
    assert one(connection, "PRAGMA integrity_check") == "ok"
    with pytest.raises(StaleStore):
        opening.require_head(connection, wanted)
    connection.close()


def test_without_the_write_ahead_log_a_writer_keeps_readers_out(path: Path) -> None:
    for ahead, writer in pair(path, opening.write_ahead, "PRAGMA busy_timeout = 0"):
        if not ahead:
            writer.set_authorizer(None)
            writer.execute("PRAGMA journal_mode = DELETE")  # of a database that nothing has set otherwise
        reader = take(path, opening.KEYING)
        reader.execute("PRAGMA busy_timeout = 0")
        writer.execute("BEGIN EXCLUSIVE")
        if ahead:
            assert one(reader, "SELECT count(*) FROM parent") == 0
        else:
            with pytest.raises(DatabaseError, match="locked"):
                reader.execute("SELECT count(*) FROM parent")
        writer.execute("ROLLBACK")
        reader.close()


@pytest.mark.parametrize("fully", [False, True])
def test_without_full_synchrony_a_commit_does_not_wait_for_the_disk(path: Path, tmp_path: Path, fully: bool) -> None:
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    commits, trace = 25, tmp_path / "trace"
    program = f"""
from pathlib import Path
from localstore import database, opening
path = Path({str(path)!r})
connection = database.connect(path)
for step in opening.STEPS:
    if step is opening.sync_fully:
        connection.execute("PRAGMA synchronous = NORMAL")
    if {fully} or step is not opening.sync_fully:
        step(connection, opening.Opening(path, bytes(range(32)), 7))
connection.execute("INSERT INTO parent VALUES (1, 'x')")
open({str(tmp_path / "begin")!r}, "w").close()
for number in range({commits}):
    with database.transaction(connection):
        connection.execute("INSERT INTO parent VALUES (NULL, 'x')")
open({str(tmp_path / "end")!r}, "w").close()
"""  # noqa: S608 - a program, not a statement
    command = ["strace", "-f", "-o", str(trace), "-e", "trace=fsync,fdatasync,openat", sys.executable, "-c", program]
    ended = subprocess.run(command, capture_output=True, text=True)
    if "ptrace" in ended.stderr:
        pytest.skip("strace may not trace here")
    assert ended.returncode == 0, ended.stderr
    _, _, rest = trace.read_text().partition(str(tmp_path / "begin"))
    between, _, _ = rest.partition(str(tmp_path / "end"))
    waits = between.count("fsync(") + between.count("fdatasync(")
    assert waits >= commits if fully else waits == 0


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="looks at deleted files through /proc")
def test_without_temporary_tables_in_memory_a_big_sort_writes_plaintext(path: Path) -> None:
    for in_memory, connection in pair(path, opening.keep_temporary_in_memory, "PRAGMA temp_store = FILE"):
        if not in_memory:
            with database.transaction(connection):
                words = [(f"{MARKER} {number:06} {'x' * 400}",) for number in range(40_000)]
                connection.executemany("INSERT INTO parent (words) VALUES (?)", words)
        cursor = connection.execute("SELECT words FROM parent ORDER BY substr(words, 30) DESC")
        cursor.fetchone()
        assert (MARKER.encode() in b"".join(deleted_files())) is not in_memory
        cursor.close()


def deleted_files() -> Iterator[bytes]:
    """The beginnings of the files that this process has open and that have no name any more."""
    for link in Path("/proc/self/fd").iterdir():
        try:
            if os.readlink(link).endswith(" (deleted)"):
                with open(link, "rb") as file:
                    yield file.read(8 * 1024 * 1024)
        except OSError:
            continue


def test_without_secure_deletion_what_was_deleted_stays_in_its_page(path: Path) -> None:
    for securely, connection in pair(path, opening.delete_securely, "PRAGMA secure_delete = OFF"):
        if not securely:
            connection.set_authorizer(None)
            connection.execute("PRAGMA secure_delete = OFF")  # SQLCipher itself sets it when it is given a key
        connection.execute("INSERT INTO parent VALUES (1, ?)", (MARKER,))
        connection.execute("DELETE FROM parent")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert (MARKER.encode() in decrypted(path)) is not securely
        connection.execute("INSERT INTO parent VALUES (2, ?)", ("y" * len(MARKER) * 4,))
        connection.execute("DELETE FROM parent")


def decrypted(path: Path) -> bytes:
    """All pages of a database: AES-256-CBC under the raw key, the vector before the MAC in the page's last 80 bytes."""
    found = []
    data = path.read_bytes()
    for at in range(0, len(data), 4096):
        page = data[at : at + 4096]
        text, vector = page[16 if at == 0 else 0 : -80], page[-80:-64]
        opened = Cipher(algorithms.AES(KEY), modes.CBC(vector)).decryptor()
        found.append(opened.update(text) + opened.finalize())
    return b"".join(found)


def test_without_foreign_keys_a_reference_may_dangle(path: Path) -> None:
    for enforced, connection in pair(path, opening.enforce_foreign_keys):
        if enforced:
            with pytest.raises(DatabaseError, match="FOREIGN KEY"):
                connection.execute("INSERT INTO child VALUES (99)")
        else:
            connection.execute("INSERT INTO child VALUES (99)")


def test_without_distrust_an_altered_schema_calls_functions(path: Path) -> None:
    called: list[str] = []
    for distrusted, connection in pair(path, opening.distrust_schema, "PRAGMA trusted_schema = ON"):
        connection.execute("CREATE VIEW IF NOT EXISTS innocent AS SELECT leak('x') AS y")
        connection.create_function("leak", 1, called.append)
        if distrusted:
            with pytest.raises(DatabaseError, match="unsafe"):
                connection.execute("SELECT * FROM innocent")
        else:
            connection.execute("SELECT * FROM innocent").fetchall()
    assert called == ["x"]


def test_without_a_bound_the_cache_grows_with_the_record(path: Path) -> None:
    for bound, connection in pair(path, opening.bound_cache, "PRAGMA cache_size = -4000000"):
        assert one(connection, "PRAGMA cache_size") == (-16_000 if bound else -4_000_000)


def test_without_forbidding_a_statement_loads_code(path: Path) -> None:
    for forbidden in (False, True):
        connection = database.connect(path)
        connection.enable_load_extension(True)  # as a build may have it from the beginning
        for step in opening.STEPS:
            if forbidden or step is not opening.forbid_extensions:
                step(connection, Opening(path, KEY, APPLICATION))
        with pytest.raises(DatabaseError, match="not authorized" if forbidden else "shared object"):
            connection.execute("SELECT load_extension('there-is-no-such-file')")
        connection.close()


def test_without_the_authorizer_the_record_can_be_written_elsewhere_and_rekeyed(path: Path, tmp_path: Path) -> None:
    plain = tmp_path / "plain.db"
    for restricted, connection in pair(path, opening.restrict):
        statements = (f"ATTACH '{plain}' AS other KEY ''", "PRAGMA rekey = 'another'", "PRAGMA synchronous = OFF")
        if restricted:
            for statement in (*statements, f"VACUUM INTO '{tmp_path / 'copy.db'}'"):
                with pytest.raises(DatabaseError, match="authoriz"):
                    connection.execute(statement)
        else:
            connection.execute("INSERT INTO parent VALUES (1, ?)", (MARKER,))
            connection.execute(statements[0])
            connection.execute("CREATE TABLE other.leak AS SELECT * FROM parent")
            connection.execute("DETACH other")
            assert MARKER.encode() in plain.read_bytes()
            plain.unlink()
    assert not plain.exists() and not (tmp_path / "copy.db").exists()


@pytest.mark.parametrize("kind", ["folder", "pipe", "loop"])
def test_what_is_no_plain_file_is_no_record(tmp_path: Path, kind: str) -> None:
    practices.make(tmp_path / "alpha").close()
    place = paths.record(tmp_path / "alpha")
    place.unlink()
    if kind == "folder":
        place.mkdir()
    elif kind == "pipe":
        os.mkfifo(place)
    else:
        place.symlink_to(place)
    with pytest.raises(DamagedStore, match="record.db"):
        practice.unlock(tmp_path / "alpha", practices.PASSPHRASE)


def test_what_was_committed_is_there_at_the_next_opening(tmp_path: Path) -> None:
    here = practices.make(tmp_path / "alpha")
    zoe = practices.add_zoe(here)
    here.close()
    again = practice.unlock(tmp_path / "alpha", practices.PASSPHRASE)
    assert record.chart(again, zoe.id).patient == practices.ZOE
    again.close()
