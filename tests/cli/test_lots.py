"""`confrere lot`: two practices that only a stick connects, each seen through its command line."""

import json
import shutil
import stat
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.cli.running import PASSPHRASE, ask, at, init, on_terminal, run

WRITTEN = {"id", "colleague", "file", "envelopes", "bytes", "more"}
READ = {
    "id",
    "colleague",
    "colleague_name",
    "file",
    "whole",
    "stored",
    "already_here",
    "full",
    "fork",
    "foreign",
    "too_many_feeds",
    "gap",
    "confirmed",
    "disputed",
    "lost_there",
}
ONE_CHUNK = 16_457  # bytes: the smallest lot


class Pair(NamedTuple):
    """Two verified practices and a stick. Alpha shares Zoé with Beta."""

    alpha: Path
    beta: Path
    stick: Path


@pytest.fixture(scope="module")
def paired(tmp_path_factory: pytest.TempPathFactory, pristine: Path) -> Pair:
    """To be copied."""
    place = tmp_path_factory.mktemp("paired")
    alpha = Path(shutil.copytree(pristine, place / "alpha"))
    pair = Pair(alpha, place / "beta", place / "stick")
    pair.stick.mkdir()
    init(pair.beta, "Dr Beta", "10003000014")
    for own, other in ((pair.alpha, pair.beta), (pair.beta, pair.alpha)):
        at(own, "card", "export", place / "card.txt", "--force")
        at(other, "colleague", "add", place / "card.txt")
    digits = str(ask(pair.beta, "colleague", "list")[0]["fingerprint"])
    for folder, name in ((pair.alpha, "beta"), (pair.beta, "alpha")):
        at(folder, "colleague", "verify", name, "--fingerprint", digits)
    at(pair.alpha, "add", "zoe", "problem", "--text", "Asthme", "--date", "2020")
    at(pair.alpha, "consent", "grant", "zoe", "beta", "--purpose", "soins")
    at(pair.alpha, "share", "zoe", "beta")
    return pair


@pytest.fixture
def pair(paired: Pair, tmp_path: Path) -> Pair:
    """Two practices of this test alone."""
    return Pair(*[Path(shutil.copytree(folder, tmp_path / Path(folder).name)) for folder in paired])


def test_an_extract_goes_there_and_its_receipt_comes_back(pair: Pair) -> None:
    there, back = pair.stick / "pour-beta.lot", pair.stick / "pour-alpha.lot"
    written = ask(pair.alpha, "lot", "write", "beta", there)
    assert set(written) == WRITTEN
    assert (written["envelopes"], written["bytes"], written["more"]) == (3, ONE_CHUNK, False)
    assert stat.S_IMODE(there.stat().st_mode) == 0o600
    assert [one["state"] for one in ask(pair.alpha, "outbox")] == ["sent"]

    ended = run("--practice", pair.beta, "lot", "read", there, "--json")
    (read,) = ended.document
    assert set(read) == READ
    assert (ended.code, read["id"], read["stored"], read["whole"]) == (0, written["id"], 3, True)
    assert "1 new extract arrived. See: confrere inbox" in ended.err
    (received,) = ask(pair.beta, "inbox")
    assert (received["state"], received["patient"]["family_name"]) == ("new", "Dupont-Martin")
    again = ask(pair.beta, "lot", "read", there)[0]
    assert (again["stored"], again["already_here"]) == (0, 3)

    at(pair.beta, "lot", "write", "alpha", back)
    shown = at(pair.alpha, "lot", "read", back)
    assert shown.out.startswith(f"{back}, from Dr Beta: ")
    assert "3 of ours are confirmed." in shown.out
    assert [one["state"] for one in ask(pair.alpha, "outbox")] == ["opened"]


def test_words_the_bar_and_the_history(pair: Pair) -> None:
    path = pair.stick / "a.lot"
    command = ["--practice", str(pair.alpha), "lot", "write", "beta", str(path)]
    shown = on_terminal(command, [("Passphrase: ", PASSPHRASE)]).out
    assert "] 0/1 a.lot" in shown
    assert f"{path}: 3 documents for Dr Beta, and the receipts for what came from him; 17 kB.\n" in shown
    read = at(pair.beta, "lot", "read", path)
    assert read.out == f"{path}, from Dr Alpha: 3 new documents.\n"
    assert read.err == "1 new extract arrived. See: confrere inbox\n"
    assert "lot-written" in [line["action"] for line in ask(pair.alpha, "history")]
    assert "lot-read" in [line["action"] for line in ask(pair.beta, "history")]


def test_nothing_is_written_over(pair: Pair) -> None:
    path = pair.stick / "a.lot"
    path.write_bytes(b"mine")
    ended = run("--practice", pair.alpha, "lot", "write", "beta", path)
    assert (ended.code, ended.out) == (5, "")
    assert ended.err == f"{path} already exists. It was left as it is. Choose another name for the lot.\n"
    assert path.read_bytes() == b"mine"
    assert [one["state"] for one in ask(pair.alpha, "outbox")] == ["queued"]


def test_a_stick_that_is_not_in_is_told(pair: Pair) -> None:
    path = pair.stick / "missing" / "a.lot"
    ended = run("--practice", pair.alpha, "lot", "write", "beta", path)
    assert ended.code == 5
    assert ended.err.startswith(f"The lot {path} could not be written: its folder is not there.")


def test_bad_files_do_not_keep_the_good_one_from_being_read(pair: Pair) -> None:
    good, bad, none, photo = (pair.stick / name for name in ("good.lot", "bad.lot", "none.lot", "photo.jpg"))
    at(pair.alpha, "lot", "write", "beta", good)
    data = bytearray(good.read_bytes())
    data[10_000] ^= 1
    bad.write_bytes(data)
    photo.write_bytes(b"\xff" * 20_000)
    record = pair.beta / "record.db"
    ended = run("--practice", pair.beta, "lot", "read", none, bad, photo, record, good, "--json")
    assert ended.code == 5
    (read,) = json.loads(ended.out)
    assert (read["file"], read["stored"]) == (str(good), 3)
    assert f"{none} cannot be read or written: No such file or directory." in ended.err
    assert f"{bad} was altered or damaged on its way: its bytes are not those that were written." in ended.err
    for path in (photo, record):
        assert f"{path} is no lot from a colleague of this practice. Nothing was changed." in ended.err
    own = run("--practice", pair.alpha, "lot", "read", good)
    assert (own.code, own.out) == (5, "") and own.err.startswith(f"{good} was written by this practice.")


def test_no_lot_is_written_for_whom_nobody_compared(pair: Pair, tmp_path: Path) -> None:
    gamma = tmp_path / "gamma"
    init(gamma, "Dr Gamma", "10003000022")
    at(gamma, "card", "export", tmp_path / "gamma.txt")
    at(pair.alpha, "colleague", "add", tmp_path / "gamma.txt")
    ended = run("--practice", pair.alpha, "lot", "write", "gamma", pair.stick / "a.lot")
    assert ended.code == 4 and "is not a verified colleague" in ended.err
    assert list(pair.stick.iterdir()) == []
