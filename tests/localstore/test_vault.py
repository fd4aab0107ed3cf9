"""Making, opening and refusing to open: the keyring and the database files."""

import os
import stat
from pathlib import Path

import msgspec
import pytest

from localstore import crypto, database, founding, opening, paths, practice
from localstore.errors import AlreadyThere, BadInput, DamagedStore, NewerStore, NoPractice, WrongPassphrase
from localstore.founding import Identity
from localstore.keys import keyring, passphrase
from localstore.migrations import APPLICATION_ID, MIGRATIONS
from tests import practices

IDENTITY = Identity("Cabinet", "Lyon", "Dr Alpha", "10001234567")


def test_a_practice_opens_with_its_passphrase_and_no_other(tmp_path: Path) -> None:
    practices.make(tmp_path / "alpha").close()
    practice.unlock(tmp_path / "alpha", practices.PASSPHRASE).close()
    with pytest.raises(WrongPassphrase):
        practice.unlock(tmp_path / "alpha", practices.PASSPHRASE + ".")


def test_a_passphrase_may_be_typed_composed_or_decomposed(tmp_path: Path) -> None:
    founding.make(tmp_path / "alpha", IDENTITY, "clé d'été", memory=keyring.MIN_MEMORY)
    practice.unlock(tmp_path / "alpha", "cle\N{COMBINING ACUTE ACCENT} d'e\N{COMBINING ACUTE ACCENT}te\u0301").close()


def test_files_are_private_and_no_file_is_plaintext(tmp_path: Path) -> None:
    here = practices.make_desk(tmp_path / "alpha")
    practices.add_zoe(here.practice)
    here.close()
    assert stat.S_IMODE((tmp_path / "alpha").stat().st_mode) == 0o700
    for file in (tmp_path / "alpha").iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
        content = file.read_bytes()
        assert b"Dupont" not in content
        assert not content.startswith(opening.SQLITE_MAGIC)


def test_nothing_is_made_over_something_that_exists(tmp_path: Path) -> None:
    practices.make(tmp_path / "alpha").close()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "letter.txt").write_text("x")
    for folder in (tmp_path / "alpha", tmp_path / "other", tmp_path / "other" / "letter.txt"):
        with pytest.raises((AlreadyThere, NotADirectoryError)):
            founding.make(folder, IDENTITY, "x", memory=keyring.MIN_MEMORY)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["alpha", "other"]


def test_a_making_that_fails_leaves_nothing(tmp_path: Path) -> None:
    for identity, secret in ((Identity("a", "b", " ", ""), "x"), (IDENTITY, ""), (IDENTITY, "x" * 2000)):
        with pytest.raises(BadInput):
            founding.make(tmp_path / "alpha", identity, secret, memory=keyring.MIN_MEMORY)
    assert list(tmp_path.iterdir()) == []


def present(folder: Path) -> keyring.Keyring:
    """The keyring in this folder, of the present format."""
    ring = keyring.read(folder)
    assert isinstance(ring, keyring.Keyring)
    return ring


@pytest.mark.parametrize("size", [0, 1, 100, 4095])
def test_a_truncated_record_never_opens_as_an_empty_one(tmp_path: Path, size: int) -> None:
    practices.make(tmp_path / "alpha").close()
    os.truncate(paths.record(tmp_path / "alpha"), size)
    with pytest.raises(DamagedStore):
        practice.unlock(tmp_path / "alpha", practices.PASSPHRASE)
    assert paths.record(tmp_path / "alpha").stat().st_size == size


def test_a_missing_file_is_named_and_never_replaced(tmp_path: Path) -> None:
    for missing in (paths.record, paths.keyring):
        folder = tmp_path / missing.__name__
        practices.make(folder).close()
        missing(folder).unlink()
        with pytest.raises(DamagedStore) as caught:
            practice.unlock(folder, practices.PASSPHRASE)
        assert missing(folder).name in str(caught.value)
        assert not missing(folder).exists()
    with pytest.raises(NoPractice):
        practice.unlock(tmp_path / "nowhere", practices.PASSPHRASE)
    assert not (tmp_path / "nowhere").exists()


def test_the_keyring_of_another_practice_is_refused(tmp_path: Path) -> None:
    for name in ("alpha", "beta"):
        practices.make(tmp_path / name).close()
    keyring.write(tmp_path / "alpha", present(tmp_path / "beta"))
    with pytest.raises(DamagedStore):
        practice.unlock(tmp_path / "alpha", practices.PASSPHRASE)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("memory", 2**40),
        ("memory", 1024),
        ("passes", 10**9),
        ("passes", 1),
        ("salt", b""),
        ("nonce", b"x"),
        ("secrets", b""),
        ("public", b"x" * 1000),
        ("sealed", b""),
        ("next", b"x"),
    ],
)
def test_a_keyring_that_asks_for_absurd_costs_is_refused_before_deriving(
    tmp_path: Path, field: str, value: object
) -> None:
    practices.make(tmp_path / "alpha").close()
    ring = present(tmp_path / "alpha")
    hostile = msgspec.structs.replace(ring.wraps[0], **{field: value})
    keyring.write(tmp_path / "alpha", msgspec.structs.replace(ring, wraps=(hostile,)))
    with pytest.raises(DamagedStore):
        keyring.read(tmp_path / "alpha")


def test_a_keyring_whose_wraps_together_cost_hours_is_refused(tmp_path: Path) -> None:
    practices.make(tmp_path / "alpha").close()
    ring = present(tmp_path / "alpha")
    dear = msgspec.structs.replace(ring.wraps[0], memory=keyring.MAX_MEMORY, passes=keyring.MAX_PASSES)
    many = tuple(msgspec.structs.replace(dear, user=str(number)) for number in range(4))
    keyring.write(tmp_path / "alpha", msgspec.structs.replace(ring, wraps=many[:3]))
    assert len(keyring.read(tmp_path / "alpha").wraps) == 3
    keyring.write(tmp_path / "alpha", msgspec.structs.replace(ring, wraps=many))
    with pytest.raises(DamagedStore):
        keyring.read(tmp_path / "alpha")
    assert len(msgspec.json.format(msgspec.json.encode(ring.wraps[0]))) * keyring.MAX_WRAPS < keyring.MAX_KEYRING_BYTES


def test_half_of_a_character_is_no_passphrase() -> None:
    with pytest.raises(BadInput, match="UTF-8"):
        passphrase.check("abc\udcff")


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff\xfe", b"[" * 100_000, b'{"format": 1}', b"x" * 300_000])
def test_a_malformed_keyring_is_refused(tmp_path: Path, content: bytes) -> None:
    practices.make(tmp_path / "alpha").close()
    paths.keyring(tmp_path / "alpha").write_bytes(content)
    with pytest.raises(DamagedStore):
        practice.unlock(tmp_path / "alpha", practices.PASSPHRASE)


def test_the_recovery_words_open_what_the_passphrase_opens(tmp_path: Path) -> None:
    words = founding.make(tmp_path / "alpha", IDENTITY, "x y z", memory=keyring.MIN_MEMORY)
    ring = present(tmp_path / "alpha")
    opened = keyring.unlock(ring, "x y z")
    assert keyring.unlock_with_recovery(ring, passphrase.recovery_key(words)) == opened.record_keys
    with pytest.raises(WrongPassphrase):
        keyring.unlock_with_recovery(ring, bytes(32))
    with pytest.raises(BadInput):
        passphrase.recovery_key(words.replace(words.split()[0], "confrère", 1))


def test_a_record_of_a_newer_release_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    opening.create(path, bytes(32), APPLICATION_ID, [*MIGRATIONS, ["CREATE TABLE later (x)"]]).close()
    with pytest.raises(NewerStore):
        opening.open_existing(path, bytes(32), APPLICATION_ID, MIGRATIONS)


def test_a_migration_is_whole_or_absent(tmp_path: Path) -> None:
    path = tmp_path / "some.db"
    opening.create(path, bytes(32), 7, [["CREATE TABLE a (x)"]]).close()
    broken = [["CREATE TABLE a (x)"], ["CREATE TABLE b (x)", "CREATE TABLE b (x)"]]
    with pytest.raises(database.DatabaseError):
        opening.open_existing(path, bytes(32), 7, broken)
    connection = opening.open_existing(path, bytes(32), 7, [["CREATE TABLE a (x)"]])
    assert database.rows(connection, "SELECT name FROM sqlite_schema") == [("a",)]


@pytest.mark.parametrize(
    "statement",
    [
        "ATTACH ':memory:' AS other",
        "PRAGMA rekey = 'x'",
        "PRAGMA key = 'x'",
        "PRAGMA temp_store = FILE",
        "VACUUM INTO '/tmp/confrere-never'",
    ],
)
def test_what_could_write_the_record_elsewhere_is_denied(tmp_path: Path, statement: str) -> None:
    connection = opening.create(tmp_path / "some.db", bytes(32), 7, [["CREATE TABLE a (x)"]])
    with pytest.raises(database.DatabaseError):
        connection.execute(statement)


def test_the_settings_of_a_connection(tmp_path: Path) -> None:
    connection = opening.create(tmp_path / "some.db", bytes(32), 7, [["CREATE TABLE a (x)"]])
    seen = {
        pragma: connection.execute(f"PRAGMA {pragma}").fetchone()[0]
        for pragma in ("journal_mode", "synchronous", "temp_store", "secure_delete", "foreign_keys", "trusted_schema")
    }
    assert seen == {
        "journal_mode": "wal",
        "synchronous": 2,
        "temp_store": 2,
        "secure_delete": 1,
        "foreign_keys": 1,
        "trusted_schema": 0,
    }


def test_a_key_of_the_wrong_length_is_never_taken_for_a_passphrase(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="64"):
        opening.create(tmp_path / "some.db", bytes(31), 7, [])


def test_generated_passphrases_are_strong_and_differ() -> None:
    first, second = passphrase.generate(), passphrase.generate()
    assert first != second
    assert passphrase.estimated_bits(first) >= passphrase.ENOUGH_BITS
    assert passphrase.estimated_bits("azerty123") < passphrase.ENOUGH_BITS
    assert first.isascii()
    assert crypto.equal(first.encode(), first.encode())
