"""The postbox's key in the keyring of the system: a real Secret Service where there is one, and sentences elsewhere."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sync.errors import NoKeyring
from sync.post_office import unattended
from sync.post_office.launch import working_folder
from tests.cli.running import ROOT
from tests.sync.offices import make

# A session bus and an unlocked keyring of its own, with a home that is thrown away; then the words that follow.
SESSION = """
set -e
export HOME="$1" XDG_RUNTIME_DIR="$1/run" XDG_DATA_HOME="$1/data" XDG_CONFIG_HOME="$1/configuration"
mkdir -m 700 -p "$XDG_RUNTIME_DIR"
shift
printf %s secret | gnome-keyring-daemon --unlock --components=secrets > /dev/null 2>&1
exec "$@"
"""
NEEDED = ("dbus-run-session", "gnome-keyring-daemon")

ROUND = """
import sys
from pathlib import Path
from sync.post_office import status, unattended
from sync.post_office.daemon import main
from sync.errors import NotUnattended
folder, key = Path(sys.argv[1]), bytes.fromhex(sys.stdin.read())
try:
    unattended.kept(folder)
except NotUnattended:
    print("nothing yet")
unattended.keep(folder, key)
unattended.keep(folder, key)
print(unattended.kept(folder) == key)
import subprocess, time
argv = [sys.executable, "-m", "sync.post_office.daemon", "--folder", str(folder), "--key-from-keyring"]
process = subprocess.Popen(argv)
deadline = time.monotonic() + 30
while not status.read(folder).running and time.monotonic() < deadline:
    time.sleep(0.05)
while status.read(folder).report is None and time.monotonic() < deadline:
    time.sleep(0.05)
print(status.read(folder).pid == process.pid, status.stop(folder), process.wait())
print(unattended.forget(folder), unattended.forget(folder))
print(subprocess.run(argv, capture_output=True, text=True).stderr.strip())
"""


@pytest.mark.skipif(any(shutil.which(one) is None for one in NEEDED), reason="needs dbus and gnome-keyring")
def test_a_daemon_starts_with_the_key_from_a_real_keyring(tmp_path: Path) -> None:
    alice = make(tmp_path / "alice")
    home = tmp_path / "home"
    home.mkdir()
    argv = ["dbus-run-session", "--", "sh", "-c", SESSION, "sh", str(home), sys.executable, "-c", ROUND]
    done = subprocess.run(
        [*argv, str(alice.folder)],
        input=alice.key.hex(),
        capture_output=True,
        text=True,
        cwd=working_folder(),
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=90,
    )
    assert done.returncode == 0, done.stderr
    nothing, kept, daemon, forgotten, refused = done.stdout.splitlines()
    assert nothing == "nothing yet"
    assert kept == "True"
    assert daemon == "True True 0"
    assert forgotten == "True False"
    assert refused.startswith("The keyring holds no key of this practice.")
    for path in home.rglob("*"):
        if path.is_file():
            assert alice.key.hex().encode() not in path.read_bytes()


def test_without_a_keyring_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(NoKeyring) as raised:
        _without_a_session(tmp_path)
    assert str(raised.value).startswith("The keyring of this system cannot be used: this session offers none.")


def _without_a_session(folder: Path) -> None:
    """Look for a keyring in a process that has neither a bus nor a desktop."""
    words = "import pathlib; from sync.post_office import unattended; unattended.kept(pathlib.Path('.'))"
    bare = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", words], env=bare, capture_output=True, text=True, timeout=60)
    if "NoKeyring" in done.stderr:
        raise NoKeyring(reason=done.stderr.rpartition("cannot be used: ")[2].partition(". Nothing")[0])
    assert done.returncode == 0, done.stderr


def test_a_file_is_no_keyring() -> None:
    """What a package may offer as a keyring and keeps keys in a file is not among those that are used."""
    assert not any("file" in name.lower() or "alt" in name for name in unattended._OF_THE_SYSTEM)


def test_the_account_tells_neither_name_nor_path(tmp_path: Path) -> None:
    folder = tmp_path / "cabinet-du-dr-marker"
    assert "marker" not in unattended.account(folder) + unattended.unit_name(folder)
    assert unattended.account(folder) != unattended.account(tmp_path / "other")
    assert len(unattended.account(folder)) == 32


def test_the_service_is_one_that_systemd_accepts(tmp_path: Path) -> None:
    folder = tmp_path / 'a "practice" of 100 % $HOME \\ and spaces'
    words = unattended.unit(folder)
    assert "--key-from-keyring" in words
    assert "{" not in words
    command = next(line for line in words.splitlines() if line.startswith("ExecStart="))
    assert '100 %% $$HOME \\\\ and spaces"' in command
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not here")
    file = tmp_path / "confrere-try.service"
    file.write_text(words)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--user", str(file)], capture_output=True, text=True, timeout=60
    )
    assert str(file) not in done.stderr and "confrere-try" not in done.stderr, done.stderr
