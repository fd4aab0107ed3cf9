"""Files in pieces: written from a stream, read as one, whole or not at all."""

import io
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localstore import paths, practice, record
from localstore.bodies import DocumentBody
from localstore.database import rows, transaction
from localstore.documents import keeping, storing, stowing, sweeping
from localstore.errors import BadInput, Busy, ConfrereError, DamagedStore, TooLarge
from localstore.practice import Practice
from localstore.values import Attachment
from tests import practices
from tests.practices import PASSPHRASE

ROOT = Path(__file__).parents[2]
MEGABYTE = 1024 * 1024
GROWTH = 60 * MEGABYTE  # what writing or reading a file may add to a process, however large the file


@pytest.fixture
def here(tmp_path: Path) -> Practice:
    """A practice."""
    return practices.make(tmp_path / "alpha")


def keep(here: Practice, patient: str, data: bytes, title: str = "IRM") -> DocumentBody:
    """Keep a file with its entry; the body."""
    with keeping.kept(
        here, patient, io.BytesIO(data), size=len(data), media_type="application/pdf", name="irm.pdf"
    ) as attachment:
        body = record.add(here, patient, DocumentBody(title=title, attachment=attachment)).body
    assert isinstance(body, DocumentBody)
    return body


def bytes_of(here: Practice, attachment: Attachment | None) -> bytes:
    """A file as it is read."""
    assert attachment is not None
    return b"".join(storing.pieces(here.connection, attachment))


@settings(max_examples=12)
@given(st.integers(1, 3 * storing.PIECE_BYTES), st.binary(min_size=1, max_size=64))
def test_what_is_kept_is_read(tmp_path_factory: pytest.TempPathFactory, size: int, pattern: bytes) -> None:
    """Every length, across the borders of pieces."""
    here = _shared(tmp_path_factory)
    patient = _one(here)
    data = (pattern * (size // len(pattern) + 1))[:size]
    body = keep(here, patient, data)
    assert bytes_of(here, body.attachment) == data
    assert storing.unsettled(here.connection) == []


_open: dict[str, Practice] = {}


def _shared(factory: pytest.TempPathFactory) -> Practice:
    if "here" not in _open:
        _open["here"] = practices.make(factory.mktemp("shared") / "alpha")
    return _open["here"]


def _one(here: Practice) -> str:
    found = rows(here.connection, "SELECT id FROM patient LIMIT 1")
    return found[0][0].hex() if found else practices.add_zoe(here).id


def test_pieces_have_their_size(here: Practice) -> None:
    """No piece is larger than the limit, and the file is not in the body."""
    patient = practices.add_zoe(here).id
    keep(here, patient, bytes(range(256)) * 5000)
    lengths = [length for (length,) in rows(here.connection, "SELECT length(data) FROM chunk ORDER BY place")]
    assert lengths == [storing.PIECE_BYTES, storing.PIECE_BYTES, 1_280_000 - 2 * storing.PIECE_BYTES]
    assert rows(here.connection, "SELECT max(length(body)) FROM version")[0][0] < 4096


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE chunk SET data = zeroblob(length(data)) WHERE place = 1",
        "DELETE FROM chunk WHERE place = 1",
        "DELETE FROM chunk WHERE place = 2",
        "UPDATE attachment SET digest = zeroblob(32)",
        "UPDATE chunk SET place = 3 - place WHERE place > 0",
    ],
)
def test_an_altered_piece_is_noticed(here: Practice, change: str) -> None:
    """Whatever is altered, reading to the end raises."""
    patient = practices.add_zoe(here).id
    body = keep(here, patient, os.urandom(1_280_000))
    with transaction(here.connection):
        if "3 - place" in change:
            here.connection.execute("UPDATE chunk SET place = place + 10 WHERE place > 0")
            here.connection.execute("UPDATE chunk SET place = 13 - place WHERE place > 0")
        else:
            here.connection.execute(change)
    with pytest.raises(DamagedStore):
        bytes_of(here, body.attachment)


def test_without_its_entry_nothing_stays(here: Practice) -> None:
    """Somebody who says no leaves no piece."""
    patient = practices.add_zoe(here).id
    with pytest.raises(KeyboardInterrupt):
        with keeping.kept(here, patient, io.BytesIO(b"x" * MEGABYTE), size=0, media_type="", name=""):
            raise KeyboardInterrupt
    assert rows(here.connection, "SELECT count(*) FROM chunk, attachment")[0][0] == 0


def test_an_empty_file_and_one_too_large_are_refused(here: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a sentence, and nothing is kept."""
    patient = practices.add_zoe(here).id
    monkeypatch.setattr(keeping, "MAX_FILE_BYTES", MEGABYTE)
    for data, size, error in ((b"", 0, BadInput), (b"x" * (MEGABYTE + 1), 0, TooLarge), (b"x", MEGABYTE + 1, TooLarge)):
        with pytest.raises(error):
            with keeping.kept(here, patient, io.BytesIO(data), size=size, media_type="", name=""):
                pytest.fail("nothing is to be added")
    assert rows(here.connection, "SELECT count(*) FROM attachment")[0][0] == 0


def test_other_windows_write_meanwhile(here: Practice) -> None:
    """Between two transactions another window writes."""
    patient = practices.add_zoe(here).id
    other = practice.unlock(here.folder, PASSPHRASE)
    written: list[str] = []

    def progress(done: int, total: int) -> None:
        assert done <= total
        written.append(record.add(other, patient, DocumentBody(title=f"{done}", text="pendant ce temps")).id)

    data = os.urandom(9 * MEGABYTE)
    with keeping.kept(
        here, patient, io.BytesIO(data), size=len(data), media_type="", name="", progress=progress
    ) as attachment:
        record.add(here, patient, DocumentBody(title="IRM", attachment=attachment))
    assert len(written) == 3
    assert bytes_of(here, attachment) == data
    other.close()


def test_nobody_sweeps_what_another_writes(here: Practice) -> None:
    """A window that opens meanwhile leaves unfinished files alone."""
    patient = practices.add_zoe(here).id

    def progress(_done: int, _total: int) -> None:
        practice.unlock(here.folder, PASSPHRASE).close()
        assert storing.unsettled(here.connection)

    with keeping.kept(here, patient, io.BytesIO(b"abc"), size=3, media_type="", name="", progress=progress) as one:
        record.add(here, patient, DocumentBody(attachment=one))
    assert bytes_of(here, one) == b"abc"


def test_a_file_of_another_record_is_refused(here: Practice) -> None:
    """A body may name only a file of its own patient."""
    zoe = practices.add_zoe(here).id
    other = practices.add_zoe(here).id
    body = keep(here, zoe, b"abc")
    with pytest.raises(BadInput):
        record.add(here, other, DocumentBody(attachment=body.attachment))
    unknown = Attachment("00" * 16, 3, "00" * 32)
    with pytest.raises(BadInput):
        record.add(here, zoe, DocumentBody(attachment=unknown))


@given(st.binary(max_size=2000), st.sampled_from(["", "text/plain", "application/pdf"]))
@settings(max_examples=20)
def test_out_again_is_what_went_in(tmp_path_factory: pytest.TempPathFactory, content: bytes, media_type: str) -> None:
    """unstow undoes stow; the same bytes are kept once."""
    here = _shared(tmp_path_factory)
    patient = _one(here)
    body = DocumentBody(title="CR", media_type=media_type if content else "", content=content)
    stored = record.add(here, patient, body).body
    again = record.add(here, patient, body).body
    assert isinstance(stored, DocumentBody) and not stored.content
    assert stowing.unstow(here.connection, stored) == body
    assert stowing.is_same(here.connection, stored, body)
    assert again == stored


_KILLED = """
import sys, os
from pathlib import Path
from localstore import practice, record
from localstore.bodies import DocumentBody
from localstore.documents import keeping
here = practice.unlock(Path(sys.argv[1]), sys.argv[3])
class Stream:
    def read(self, size):
        return os.urandom(min(size, 65536))
def progress(done, total):
    print(done, flush=True)
with keeping.kept(here, sys.argv[2], Stream(), size=0, media_type="", name="", progress=progress) as one:
    record.add(here, sys.argv[2], DocumentBody(attachment=one))
"""


def _process(*arguments: str) -> "subprocess.Popen[str]":
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen([sys.executable, "-c", *arguments], stdout=subprocess.PIPE, text=True, env=environment)


def test_a_kill_in_the_middle_leaves_nothing(here: Practice, at_full_length: bool) -> None:
    """kill -9 while pieces are being written: the next opening finds no half document, and removes the pieces."""
    patient = practices.add_zoe(here).id
    for turn in range(20 if at_full_length else 2):
        running = _process(_KILLED, str(here.folder), patient, PASSPHRASE)
        assert running.stdout is not None
        for _ in range(turn % 5 + 1):
            running.stdout.readline()
        os.kill(running.pid, signal.SIGKILL)
        running.wait()
        running.stdout.close()
        assert storing.unsettled(here.connection)
        practice.unlock(here.folder, PASSPHRASE).close()
        assert rows(here.connection, "SELECT count(*) FROM chunk")[0][0] == 0
        assert rows(here.connection, "SELECT count(*) FROM attachment")[0][0] == 0
    assert not record.chart(here, patient).entries


_LARGE = """
import resource, sys
from pathlib import Path
from localstore import practice, record
from localstore.bodies import DocumentBody
from localstore.documents import keeping, storing
here = practice.unlock(Path(sys.argv[1]), sys.argv[3])
size = int(sys.argv[4])
block = bytes(range(256)) * 4096
class Stream:
    left = size
    def read(self, wanted):
        part = block[:min(wanted, self.left)]
        self.left -= len(part)
        return part
def peak():
    return int(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1]) * 1024
record.chart(here, sys.argv[2])
open("/proc/self/clear_refs", "w").write("5")
before = peak()
with keeping.kept(here, sys.argv[2], Stream(), size=size, media_type="", name="") as one:
    record.add(here, sys.argv[2], DocumentBody(attachment=one))
read = sum(map(len, storing.pieces(here.connection, one)))
assert read == size
print(peak() - before)
"""


def _growth(here: Practice, size: int) -> int:
    patient = practices.add_zoe(here).id
    running = _process(_LARGE, str(here.folder), patient, PASSPHRASE, str(size))
    said, _ = running.communicate()
    assert running.returncode == 0
    return int(said)


def test_memory_does_not_grow_with_a_file(here: Practice, record_property: object) -> None:
    """64 MB in and out, in a process of its own."""
    assert _growth(here, 64 * 1000**2) < GROWTH


@pytest.mark.long
def test_memory_does_not_grow_with_500_megabytes(here: Practice) -> None:
    """What the documentation promises."""
    assert _growth(here, 500 * 1000**2) < GROWTH


def test_a_full_disk_keeps_nothing(here: Practice) -> None:
    """A tmpfs of 40 MB: one sentence, and not a piece stays."""
    place = here.folder.parent / "small"
    place.mkdir()
    here.close()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", str(place)], check=False)
    if mounted.returncode:
        pytest.skip("mounting needs root")
    try:
        small = practices.make(place / "alpha")
        patient = practices.add_zoe(small).id
        with pytest.raises(ConfrereError) as told:  # its length is not known beforehand
            with keeping.kept(
                small, patient, io.BytesIO(os.urandom(60 * MEGABYTE)), size=0, media_type="", name=""
            ) as one:
                record.add(small, patient, DocumentBody(attachment=one))
        assert "disk is full" in str(told.value)
        small.close()
        small = practice.unlock(place / "alpha", PASSPHRASE)
        assert rows(small.connection, "SELECT count(*) FROM attachment")[0][0] == 0
        assert not record.chart(small, patient).entries
        assert bytes_of(small, keep(small, patient, b"petit").attachment) == b"petit"
        with pytest.raises(ConfrereError):  # its length is known: not a piece is written
            with keeping.kept(small, patient, io.BytesIO(), size=60 * MEGABYTE, media_type="", name=""):
                pytest.fail("nothing is to be added")
        small.close()
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def test_sweeping_gives_way(here: Practice) -> None:
    """While the lock is held, nothing is swept, and nobody waits."""
    patient = practices.add_zoe(here).id
    with transaction(here.connection):
        owner = rows(here.connection, "SELECT num FROM patient")[0][0]
        storing.begin(here.connection, owner, bytes(16))
    with sweeping.writing(here.folder):
        assert sweeping.sweep(here.folder, here.connection) == 0
    assert sweeping.sweep(here.folder, here.connection) == 1
    assert paths.pieces(here.folder).stat().st_mode & 0o777 == 0o600
    assert patient
    with pytest.raises(Busy):  # whose pieces were swept away all the same is told so
        _finish_swept(here)


def _finish_swept(here: Practice) -> None:
    patient = _one(here)

    def sweep(_done: int, _total: int) -> None:
        for num in storing.unsettled(here.connection):
            storing.discard(here.connection, num)

    with keeping.kept(here, patient, io.BytesIO(b"abc"), size=3, media_type="", name="", progress=sweep):
        pytest.fail("nothing is to be added")
