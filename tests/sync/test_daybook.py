"""The daemon's log: moments and sentences, private, bounded."""

import subprocess
from pathlib import Path

import pytest

from localstore import paths, settings
from localstore.errors import BadInput
from localstore.settings import Network, Settings
from sync.post_office import daemon, daybook
from sync.post_office.daybook import MAX_LINE, MAX_LOG_BYTES, Daybook
from sync.post_office.launch import command, working_folder
from tests.sync.offices import make, pair

MOMENT = "2026-03-01T12:00:00Z"


def test_lines_are_kept_in_order_and_privately(tmp_path: Path) -> None:
    assert daybook.last(tmp_path, 10) == []
    one = Daybook(tmp_path)
    for number in range(5):
        one.note(MOMENT, f"sentence {number}")
    assert daybook.last(tmp_path, 2) == [f"{MOMENT} sentence 3", f"{MOMENT} sentence 4"]
    assert len(daybook.last(tmp_path, 100)) == 5
    assert paths.daemon_log(tmp_path).stat().st_mode & 0o777 == 0o600


def test_a_sentence_stays_one_line_of_a_bounded_length(tmp_path: Path) -> None:
    Daybook(tmp_path).note(MOMENT, "one\ntwo\r\n" + "x" * 10_000)
    (line,) = daybook.last(tmp_path, 10)
    assert line.startswith(f"{MOMENT} one two x")
    assert len(line) == len(MOMENT) + 1 + MAX_LINE


def test_the_file_never_grows_beyond_its_bound_and_the_newest_stay(tmp_path: Path) -> None:
    one = Daybook(tmp_path)
    paths.daemon_log(tmp_path).write_bytes(b"2026-03-01T11:00:00Z an older sentence\n" * (MAX_LOG_BYTES // 39))
    largest = 0
    for number in range(100):
        one.note(MOMENT, f"sentence {number}")
        largest = max(largest, paths.daemon_log(tmp_path).stat().st_size)
    assert largest <= MAX_LOG_BYTES + 400
    assert paths.daemon_log(tmp_path).stat().st_size < MAX_LOG_BYTES * 0.6
    lines = daybook.last(tmp_path, 10_000)
    assert lines[-1] == f"{MOMENT} sentence 99"
    assert set(lines[:10]) == {"2026-03-01T11:00:00Z an older sentence"}  # cut at a line


def test_a_log_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    paths.daemon_log(tmp_path).mkdir()
    Daybook(tmp_path).note(MOMENT, "said")
    Daybook(tmp_path / "gone").note(MOMENT, "said")


def test_how_a_daemon_ended_stands_in_it_and_what_was_typed_into_the_settings_does_not(tmp_path: Path) -> None:
    alice, bernard = make(tmp_path / "alice"), make(tmp_path / "bernard")
    pair(alice, bernard)
    settings.write(alice.folder, Settings(network=Network(interfaces=("confrere-none",))))
    argv = command(alice.folder, 0)
    ended = subprocess.run(argv, input=alice.key, capture_output=True, cwd=working_folder(), timeout=60)
    assert ended.returncode == 7
    assert "ends: " in daybook.last(alice.folder, 1)[0]
    paths.settings(alice.folder).write_text('[network]\nmadame_marker = "secret"\n')
    with pytest.raises(BadInput, match=r"practice.toml cannot be read; the settings from before remain") as told:
        daemon._network_again(alice.folder)
    assert "marker" not in str(told.value)
