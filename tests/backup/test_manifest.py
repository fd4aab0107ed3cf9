"""The manifest: one encoding of each, a MAC over all of it, and nothing but the documented error for what is none."""

import contextlib
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from localstore import settings
from localstore.backup import copying, manifest
from localstore.backup.errors import DamagedBackup
from localstore.backup.manifest import Head, Manifest, Piece
from localstore.clock import stamp
from tests.practices import NOON

KEY = bytes(32)
numbers = st.integers(0, 2**62)
digests = st.binary(min_size=32, max_size=32)
identifiers = st.binary(min_size=16, max_size=16)
moments = st.datetimes(timezones=st.just(NOON.tzinfo)).map(stamp)
pieces = st.fixed_dictionaries(
    {"record.db": numbers, "keyring": numbers}, optional={"postbox.db": numbers, "practice.toml": numbers}
).flatmap(
    lambda sizes: st.tuples(
        *(
            st.builds(
                Piece,
                st.just(name),
                st.just(size % manifest.MAX_SIZE),
                st.just(b"") if name in manifest.DATABASES else digests,
            )
            for name, size in sizes.items()
        )
    )
)
heads = st.builds(Head, numbers, numbers, digests)
manifests = st.builds(Manifest, st.just(1), identifiers, identifiers, moments, heads, pieces).map(
    lambda one: manifest.sealed(one, KEY)
)


@given(manifests)
def test_what_was_encoded_decodes_to_the_same_and_its_mac_is_right(one: Manifest) -> None:
    assert manifest.decode(manifest.encode(one), "") == one
    assert manifest.is_sealed(one, KEY)
    assert not manifest.is_sealed(one, bytes(31) + b"\1")


@given(manifests, manifests, st.sampled_from(["practice", "incarnation", "made", "head", "files"]))
def test_the_mac_covers_every_field(one: Manifest, other: Manifest, field: str) -> None:
    mixed = msgspec.structs.replace(one, **{field: getattr(other, field)})
    assert manifest.is_sealed(mixed, KEY) == (getattr(one, field) == getattr(other, field))


@given(st.binary(max_size=600) | manifests.flatmap(lambda one: st.just(manifest.encode(one))), st.data())
def test_any_other_bytes_are_refused_with_the_documented_error(data: bytes, draw: st.DataObject) -> None:
    if data:
        at = draw.draw(st.integers(0, len(data) - 1))
        data = data[:at] + draw.draw(st.binary(max_size=3)) + data[at + 1 :]
    with contextlib.suppress(DamagedBackup):
        found = manifest.decode(data, "")
        assert manifest.decode(manifest.encode(found), "") == found


@pytest.mark.parametrize("made", ["", "2026-03-01", "2026-03-01T12:00:00Z", "2026-W09-7T12:00:00.000Z", "0" * 24])
def test_a_moment_is_written_in_one_way_only(made: str) -> None:
    files = (Piece("record.db", 4096, b""), Piece("keyring", 1, bytes(32)))
    one = manifest.sealed(Manifest(1, bytes(16), bytes(16), made, Head(0, 0, bytes(32)), files), KEY)
    with pytest.raises(DamagedBackup, match="its moment is none"):
        manifest.decode(manifest.encode(one), "")


# --- beside it --------------------------------------------------------------------------------------------------------


@given(st.text(max_size=200))
def test_any_folder_can_be_named_as_the_second_place(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    folder = tmp_path_factory.getbasetemp()
    settings.write(folder, settings.Settings(backup=settings.Backup(name)))
    assert settings.read(folder).backup.folder == name


@pytest.mark.parametrize("size", [0, 1, copying.PIECE, copying.STEP + 17])
def test_a_copied_file_is_the_same_and_is_counted(tmp_path: Path, size: int) -> None:
    (tmp_path / "source").write_bytes(bytes(range(251)) * (size // 251) + bytes(size % 251))
    told: list[int] = []
    copying.copy(tmp_path / "source", tmp_path / "copy", told.append)
    assert (tmp_path / "copy").read_bytes() == (tmp_path / "source").read_bytes()
    assert sum(told) == size and (tmp_path / "copy").stat().st_mode & 0o777 == 0o600


def test_a_copy_never_overwrites_and_its_errors_name_their_file(tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(b"new")
    (tmp_path / "copy").write_bytes(b"old")
    with pytest.raises(FileExistsError) as caught:
        copying.copy(tmp_path / "source", tmp_path / "copy")
    assert caught.value.filename == str(tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == b"old"
    with pytest.raises(FileNotFoundError) as missing:
        copying.copy(tmp_path / "nothing", tmp_path / "other")
    assert missing.value.filename == str(tmp_path / "nothing")
    assert not (tmp_path / "other").exists()
