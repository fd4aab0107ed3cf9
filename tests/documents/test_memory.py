"""The private folder in memory: on a tmpfs, for this user alone, gone at the end, and after a kill."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from localstore.documents import launching, memory
from localstore.documents.memory import MemoryFolder
from localstore.errors import BadInput, DamagedStore, Refused

ROOT = Path(__file__).parents[2]
MOUNTED = """rootfs / ext4 rw 0 0
tmpfs /run/user/1000 tmpfs rw 0 0
tmpfs /a\\040b tmpfs rw 0 0
disk /run/user/1000/x ext4 rw 0 0
"""


def test_the_file_system_is_that_of_the_nearest_mount() -> None:
    """The longest name wins, of two the later; spaces are written in octal; names are compared part by part."""
    for path, expected in (
        ("/run/user/1000", "tmpfs"),
        ("/run/user/1000/y", "tmpfs"),
        ("/run/user/1000/x/y", "ext4"),
        ("/run/user/10001", "ext4"),
        ("/a b/c", "tmpfs"),
        ("/home", "ext4"),
    ):
        assert memory.file_system(Path(path), MOUNTED) == expected
    assert memory.file_system(Path("/home"), MOUNTED + "tmpfs / tmpfs rw 0 0\n") == "tmpfs"


def test_a_place_on_a_disk_is_none(tmp_path: Path) -> None:
    """What is named as the place for such files, and is no memory, is not believed."""
    mounts = tmp_path / "mounts"
    mounts.write_text("disk / ext4 rw 0 0\n")
    assert memory.in_memory({"XDG_RUNTIME_DIR": str(tmp_path)}, mounts) == []
    mounts.write_text(f"disk / ext4 rw 0 0\ntmpfs {tmp_path} tmpfs rw 0 0\n")
    assert memory.in_memory({"XDG_RUNTIME_DIR": str(tmp_path)}, mounts) == [tmp_path]
    assert memory.in_memory({"XDG_RUNTIME_DIR": "relative"}, mounts) == []
    assert memory.in_memory({}, tmp_path / "missing") == []


def test_without_a_place_it_is_refused() -> None:
    """With a sentence; nothing is written anywhere."""
    with pytest.raises(Refused, match="no place in memory"):
        MemoryFolder.make([])


def test_only_this_user_can_read_it(tmp_path: Path) -> None:
    """Folder 0700, files 0600, and all of it gone at the end."""
    folder = MemoryFolder.make([tmp_path])
    path = folder.put("Compte rendu.pdf", [b"%PDF", b"-1.7"])
    assert path.read_bytes() == b"%PDF-1.7" and path.name == "Compte-rendu.pdf"
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700 and stat.S_IMODE(path.stat().st_mode) == 0o600
    assert folder.put("Compte rendu.pdf", [b"x"]) != path
    folder.close()
    folder.close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("../../etc/passwd", "etc-passwd"),
        ("", "document"),
        ("....", "document"),
        ("a\x1b[2Jb.pdf", "a--2Jb.pdf"),
        ("x" * 200 + ".pdf", "x" * 76 + ".pdf"),
        ("-rf.png", "rf.png"),
        ("é à.jpg", "é-à.jpg"),
    ],
)
def test_names_are_made_harmless(name: str, expected: str) -> None:
    """No path, no option, no escape."""
    assert memory.harmless(name) == expected


def test_what_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    """A damaged document is not shown by halves."""
    folder = MemoryFolder.make([tmp_path])

    def pieces() -> Iterator[bytes]:
        yield b"the first half"
        raise DamagedStore(file="record.db", seen="a document in it was altered")

    with pytest.raises(DamagedStore):
        folder.put("a", pieces())
    assert [one.name for one in folder.path.iterdir()] == [memory.LOCK]
    folder.close()


_HOLDING = """
import sys
from collections.abc import Iterator
from pathlib import Path
from localstore.documents.memory import MemoryFolder
folder = MemoryFolder.make([Path(sys.argv[1])])
print(folder.put("secret.pdf", [b"%PDF-secret"]), flush=True)
sys.stdin.read()
"""


def test_after_a_kill_the_next_start_removes_it(tmp_path: Path) -> None:
    """kill -9; and while its process lives, nobody removes it."""
    running = subprocess.Popen(
        [sys.executable, "-c", _HOLDING, str(tmp_path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert running.stdout is not None and running.stdin is not None
    path = Path(running.stdout.readline().strip())
    assert memory.sweep([tmp_path]) == 0 and path.read_bytes() == b"%PDF-secret"
    os.kill(running.pid, signal.SIGKILL)
    running.communicate()
    assert path.exists()
    assert memory.sweep([tmp_path]) == 1 and list(tmp_path.iterdir()) == []


def test_only_folders_of_ours_are_swept(tmp_path: Path) -> None:
    """A link or a file of that name stays."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "kept").write_text("kept")
    (tmp_path / f"{memory.PREFIX}link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / f"{memory.PREFIX}file").write_text("kept")
    assert memory.sweep([tmp_path]) == 0
    assert (tmp_path / "elsewhere" / "kept").exists() and (tmp_path / f"{memory.PREFIX}file").exists()


def test_programs_are_started_or_a_sentence_is_said(tmp_path: Path) -> None:
    """One that is not there, one that fails at once, one whose name is no words, one that works."""
    for viewer in ("nobody-has-this-program", "false", "'unfinished"):
        with pytest.raises(BadInput, match="cannot show this document"):
            launching.launch(viewer, tmp_path)
    program = tmp_path / "viewer"
    program.write_text('#!/bin/sh\nprintf "%s|" "$@" >"$(dirname "$0")/seen"\n')
    program.chmod(0o700)
    launching.launch(f"{program} --page 1", tmp_path / "a b.pdf")
    assert (tmp_path / "seen").read_text() == f"--page|1|{tmp_path}/a b.pdf|"
