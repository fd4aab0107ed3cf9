"""The keyring as it may lie on the disk: only what it should be opens, and nothing is derived for anything else."""

import base64
import json
import os
import resource
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from localstore import crypto, founding, paths, practice
from localstore.errors import BadInput, DamagedStore, NoPractice, OtherRecoveryWords, WrongPassphrase
from localstore.keys import earlier, keyring, passphrase
from tests import practices

GOLDEN = Path(__file__).parent.parent / "golden" / "0.1.0.zip"
PRACTICE, KEY = bytes(range(16)), bytes(range(32))
USER = "0a0b0c0d"
SECRET = "trois mots et un quatrième"  # noqa: S105
MIB = 1024 * 1024


@pytest.fixture(scope="module")
def keys() -> keyring.UserKeys:
    """The keys of the one user."""
    return keyring.new_user_keys()


@pytest.fixture(scope="module")
def ring(keys: keyring.UserKeys) -> keyring.Keyring:
    """A keyring with one user and the recovery words."""
    wraps = (
        keyring.wrap_for_user(KEY, PRACTICE, USER, "doctor", SECRET, keys=keys, memory=keyring.MIN_MEMORY),
        keyring.wrap_for_recovery(KEY, PRACTICE, bytes(32)),
    )
    return keyring.Keyring(keyring.FORMAT, PRACTICE, wraps)


@pytest.fixture(scope="module")
def first_release() -> dict[str, Any]:
    """The keyring that release 0.1.0 wrote."""
    with zipfile.ZipFile(GOLDEN) as archive:
        found: dict[str, Any] = json.loads(archive.read("practice/keyring"))
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with something that stands for a record."""
    paths.record(tmp_path).write_bytes(bytes(8192))
    return tmp_path


def plain(ring: keyring.Keyring) -> dict[str, Any]:
    """The keyring as JSON."""
    found: dict[str, Any] = json.loads(msgspec.json.encode(ring))
    return found


def refused(folder: Path, content: bytes, words: str = "") -> None:
    """This keyring is refused with a sentence, within little memory and time, and stays as it was."""
    paths.keyring(folder).write_bytes(content)
    before = sorted(path.name for path in folder.iterdir())
    with pytest.raises(DamagedStore, match=words) as caught:
        keyring.read(folder)
    assert "keyring is damaged" in str(caught.value) and "Nothing was changed" in str(caught.value)
    assert paths.keyring(folder).read_bytes() == content
    assert sorted(path.name for path in folder.iterdir()) == before


def test_a_passphrase_opens_its_own_wrap(ring: keyring.Keyring) -> None:
    opened = keyring.unlock(ring, SECRET)
    assert (opened.user, opened.record_keys, opened.renewed) == ("0a0b0c0d", (KEY,), False)
    assert keyring.unlock_with_recovery(ring, bytes(32)) == (KEY,)
    with pytest.raises(WrongPassphrase):
        keyring.unlock(ring, SECRET + " ")
    with pytest.raises(OtherRecoveryWords):
        keyring.unlock_with_recovery(ring, bytes(31) + b"\1")


def test_what_is_written_is_read_again(ring: keyring.Keyring, folder: Path) -> None:
    keyring.write(folder, ring)
    assert keyring.read(folder) == ring
    assert KEY not in paths.keyring(folder).read_bytes()
    assert paths.keyring(folder).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("place", ["sealed", "next"])
def test_a_key_that_somebody_else_sealed_to_the_public_half_is_refused(ring: keyring.Keyring, place: str) -> None:
    """Who can write to the disk, and no more, must not make a doctor write into a record of his own making."""
    stranger = keyring.new_user_keys()
    own, words = ring.wrap_of(USER), ring.wrap_of(keyring.RECOVERY)
    assert own is not None and words is not None
    planted = keyring._seal(PRACTICE, USER, "doctor", own.public, stranger.voucher, bytes(32))
    with pytest.raises(DamagedStore, match="altered"):
        keyring.unlock(ring.with_wrap(msgspec.structs.replace(own, **{place: planted})), SECRET)
    planted = keyring._seal(PRACTICE, "recovery", "recovery", words.public, stranger.voucher, bytes(32))
    with pytest.raises(DamagedStore, match="altered"):
        keyring.unlock_with_recovery(ring.with_wrap(msgspec.structs.replace(words, **{place: planted})), bytes(32))


def test_the_next_key_is_sealed_to_everybody_and_takes_the_place_of_the_present_one(
    ring: keyring.Keyring, keys: keyring.UserKeys
) -> None:
    following = bytes(reversed(range(32)))
    vouchers = {USER: keys.voucher, keyring.RECOVERY: keyring.recovery_voucher(bytes(32), PRACTICE)}
    both = keyring.seal_next(ring, following, vouchers)
    assert keyring.unlock(both, SECRET).record_keys == (KEY, following)
    assert keyring.unlock_with_recovery(both, bytes(32)) == (KEY, following)
    assert keyring.settle_next(both, keep_new=False) == ring
    new = keyring.settle_next(both, keep_new=True)
    assert keyring.unlock(new, SECRET).record_keys == (following,)
    assert keyring.unlock_with_recovery(new, bytes(32)) == (following,)
    assert keyring.settle_next(ring, keep_new=True) == ring


def test_a_missing_keyring_beside_a_record_is_damage_and_elsewhere_no_practice(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(DamagedStore, match="missing"):
        keyring.read(folder)
    with pytest.raises(NoPractice):
        keyring.read(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not a keyring"),
        (b"{}", "not a keyring"),
        (b"null", "not a keyring"),
        (b"\xff\xfe\x00", "not a keyring"),
        (b"[" * 200_000, "not a keyring"),
        (b'{"format": 2}', "not a keyring"),
        (b'{"format": 1}', "not a keyring"),
        (b'{"format": 3, "practice": ""}', "format is unknown"),
        (b'{"format": -1}', "format is unknown"),
        (b'{"format": 99999999999999999999999999}', "format is unknown"),
        (b'{"format": 2.5}', "not a keyring"),
        (b'{"format": "2"}', "not a keyring"),
        (b" " * 300_000, "not a keyring"),
        (b" " * (keyring.MAX_KEYRING_BYTES + 1), "larger than any keyring"),
    ],
)
def test_what_is_no_keyring_is_refused(folder: Path, content: bytes, words: str) -> None:
    refused(folder, content, words)


@given(st.binary(max_size=300))
def test_no_bytes_raise_anything_else(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "bytes"
    path.write_bytes(data)
    with pytest.raises(DamagedStore):
        keyring.read_file(path)


def change(name: str, value: object) -> Callable[[dict[str, Any]], None]:
    """Change one field of the first wrap."""

    def changed(ring: dict[str, Any]) -> None:
        ring["wraps"][0][name] = value

    return changed


def double(ring: dict[str, Any]) -> None:
    ring["wraps"].append(dict(ring["wraps"][0]))


def remove_all(ring: dict[str, Any]) -> None:
    ring["wraps"] = []


def add_many(ring: dict[str, Any]) -> None:
    ring["wraps"] += [{**ring["wraps"][0], "user": str(number)} for number in range(keyring.MAX_WRAPS)]


def shorten_practice(ring: dict[str, Any]) -> None:
    ring["practice"] = base64.b64encode(bytes(15)).decode()


def add_field(ring: dict[str, Any]) -> None:
    ring["extra"] = 1


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (change("memory", 2**40), "derivation"),
        (change("memory", 2**63), "not a keyring|derivation"),
        (change("memory", keyring.MAX_MEMORY + 1), "derivation"),
        (change("memory", keyring.MIN_MEMORY - 1), "derivation"),
        (change("memory", 0), "derivation"),
        (change("memory", -1), "derivation"),
        (change("passes", 2), "derivation"),
        (change("passes", 17), "derivation"),
        (change("passes", 2**31), "derivation"),
        (change("memory", "256"), "not a keyring"),
        (change("salt", ""), "salt"),
        (change("salt", "AAAA"), "salt"),
        (change("salt", "no base64 !"), "not a keyring"),
        (change("nonce", "AAAA"), "length"),
        (change("secrets", ""), "length"),
        (change("public", ""), "length"),
        (change("sealed", "AAAA"), "length"),
        (change("next", "AAAA"), "length"),
        (change("user", 7), "not a keyring"),
        (change("other", 7), "not a keyring"),
        (double, "twice"),
        (remove_all, "no user"),
        (add_many, "too many"),
        (shorten_practice, "length"),
        (add_field, "not a keyring"),
    ],
)
def test_an_absurd_keyring_is_refused(
    ring: keyring.Keyring, folder: Path, harm: Callable[[dict[str, Any]], None], words: str
) -> None:
    hostile = plain(ring)
    harm(hostile)
    refused(folder, json.dumps(hostile).encode(), words)


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (change("memory", 2**40), "derivation"),
        (change("memory", 1), "derivation"),
        (change("passes", 10**6), "derivation"),
        (change("salt", ""), "salt"),
        (change("nonce", ""), "length"),
        (change("wrapped", "AAAA"), "length"),
        (remove_all, "no user"),
        (add_many, "too many"),
        (shorten_practice, "length"),
        (add_field, "not a keyring"),
    ],
)
def test_an_absurd_keyring_of_the_first_release_is_refused(
    first_release: dict[str, Any], folder: Path, harm: Callable[[dict[str, Any]], None], words: str
) -> None:
    hostile: dict[str, Any] = json.loads(json.dumps(first_release))
    harm(hostile)
    refused(folder, json.dumps(hostile).encode(), words)


def test_an_altered_bit_of_a_wrap_opens_nothing_else(ring: keyring.Keyring) -> None:
    """In what the passphrase opens directly, every sampled bit; each try costs a derivation, so not all of them."""
    wrap = ring.wraps[0]
    key = keyring.stretch(SECRET, wrap.salt, wrap.memory, wrap.passes)
    associated = keyring._associated(ring.practice, wrap.user, wrap.role)
    crypto.decrypt(key, wrap.nonce, wrap.secrets, "keyring-secrets", associated)
    for bit in range(0, len(wrap.secrets) * 8):
        altered = bytearray(wrap.secrets)
        altered[bit // 8] ^= 1 << bit % 8
        with pytest.raises(crypto.CryptoError):
            crypto.decrypt(key, wrap.nonce, bytes(altered), "keyring-secrets", associated)
    sealed = bytearray(wrap.sealed)
    sealed[-1] ^= 1
    hostile = ring.with_wrap(msgspec.structs.replace(wrap, sealed=bytes(sealed)))
    with pytest.raises(DamagedStore, match="altered"):
        keyring.unlock(hostile, SECRET)


@pytest.mark.parametrize(("field", "value"), [("user", "ffffffff"), ("role", "secretary"), ("role", "chief")])
def test_a_wrap_that_was_given_another_name_or_role_opens_nothing(
    ring: keyring.Keyring, field: str, value: str
) -> None:
    renamed = msgspec.structs.replace(ring.wraps[0], **{field: value})
    with pytest.raises(WrongPassphrase):
        keyring.unlock(msgspec.structs.replace(ring, wraps=(renamed, ring.wraps[1])), SECRET)


@pytest.mark.parametrize("kind", ["folder", "pipe", "loop", "endless"])
def test_what_is_no_plain_file_is_refused(tmp_path: Path, kind: str) -> None:
    here = practices.make(tmp_path / "alpha")
    here.close()
    place = paths.keyring(here.folder)
    place.unlink()
    if kind == "folder":
        place.mkdir()
    elif kind == "pipe":
        os.mkfifo(place)
    elif kind == "loop":
        place.symlink_to(place)
    else:
        place.symlink_to("/dev/zero")
    record = paths.record(here.folder).read_bytes()
    with pytest.raises(DamagedStore, match="keyring is damaged"):
        practice.unlock(here.folder, practices.PASSPHRASE)
    assert paths.record(here.folder).read_bytes() == record


def test_the_keyring_of_another_practice_opens_nothing_and_changes_nothing(tmp_path: Path) -> None:
    for name in ("alpha", "beta"):
        practices.make(tmp_path / name).close()
    foreign = paths.keyring(tmp_path / "beta").read_bytes()
    paths.keyring(tmp_path / "alpha").write_bytes(foreign)
    record = paths.record(tmp_path / "alpha").read_bytes()
    with pytest.raises(DamagedStore):
        practice.unlock(tmp_path / "alpha", practices.PASSPHRASE)
    assert paths.keyring(tmp_path / "alpha").read_bytes() == foreign
    assert paths.record(tmp_path / "alpha").read_bytes() == record


@pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="the peak of a process's memory is read on Linux only"
)
def test_no_memory_is_taken_for_absurd_costs(ring: keyring.Keyring, folder: Path) -> None:
    """In a process that may not take more than 600 MiB, and would fail if it tried to derive with a terabyte."""
    hostile = plain(ring)
    change("memory", 2**40)(hostile)
    paths.keyring(folder).write_text(json.dumps(hostile))
    program = f"""
from pathlib import Path
from localstore import practice
from localstore.errors import DamagedStore
try:
    practice.unlock(Path({str(folder)!r}), "x y z")
except DamagedStore as error:
    print(error.details["seen"])
print(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
"""

    def bound() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (600 * MIB, 600 * MIB))

    command = [sys.executable, "-c", program]
    ended = subprocess.run(command, capture_output=True, text=True, preexec_fn=bound)
    assert ended.returncode == 0, ended.stderr
    seen, peak = ended.stdout.splitlines()
    assert "outside of the allowed limits" in seen
    assert int(peak) * 1024 < keyring.MIN_MEMORY + 64 * MIB


def test_the_first_release_opens_by_passphrase_and_by_words(first_release: dict[str, Any], folder: Path) -> None:
    with zipfile.ZipFile(GOLDEN) as archive:
        expected = json.loads(archive.read("expected.json"))
    paths.keyring(folder).write_text(json.dumps(first_release))
    old = keyring.read(folder)
    assert isinstance(old, earlier.Keyring)
    opened = keyring.unlock(old, expected["passphrase"])
    assert opened.renewed and opened.keyring.format == keyring.FORMAT
    recovery_key = passphrase.recovery_key(expected["recovery_words"])
    assert keyring.unlock_with_recovery(old, recovery_key) == opened.record_keys
    # In the present format: the same passphrase, the same words, the same key.
    keyring.write(folder, opened.keyring)
    new = keyring.read(folder)
    again = keyring.unlock(new, expected["passphrase"])
    assert (again.record_keys, again.keys.seed, again.renewed) == (opened.record_keys, opened.keys.seed, False)
    assert keyring.unlock_with_recovery(new, recovery_key) == opened.record_keys
    for one in (old, new):
        with pytest.raises(WrongPassphrase):
            keyring.unlock(one, "une autre")
        with pytest.raises(OtherRecoveryWords):
            keyring.unlock_with_recovery(one, bytes(32))


def test_what_is_shown_of_keys_is_nothing(ring: keyring.Keyring, tmp_path: Path) -> None:
    opened = keyring.unlock(ring, SECRET)
    here = practices.make(tmp_path / "alpha")
    for shown in (repr(opened), repr(opened.keys), repr(here)):
        assert repr(KEY) not in shown and repr(opened.keys.seed) not in shown and repr(here.key) not in shown
    here.close()


def test_costs_of_a_new_practice_are_bounded(tmp_path: Path) -> None:
    identity = founding.Identity("Cabinet", "Lyon", "Dr Alpha", "10001234567")
    for memory in (keyring.MIN_MEMORY - 1, keyring.MAX_MEMORY + 1, 0, -1):
        with pytest.raises(BadInput):
            founding.make(tmp_path / "alpha", identity, SECRET, memory=memory)
    assert not (tmp_path / "alpha").exists()
