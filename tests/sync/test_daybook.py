"""The daemon's log: moments and sentences, private, bounded."""

from pathlib import Path

from localstore import paths
from sync.post_office import daybook
from sync.post_office.daybook import MAX_LINE, MAX_LOG_BYTES, Daybook

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
