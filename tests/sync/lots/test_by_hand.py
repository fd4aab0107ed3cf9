"""Two practices that only ever exchange lots: extracts, withdrawals, receipts, and backups that were put back."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from localstore import colleagues, correspondence, epoch_keys, history, incarnations, postbox
from localstore.database import transaction
from localstore.errors import AlreadyThere
from sync import handing
from sync.desk import epoch_towards, feed_towards
from sync.errors import KeyChanged, KeyInDoubt, LotNotWritten, NotALot, NotVerified
from sync.trust import card, introductions
from tests import practices
from tests.sync.lots.sticks import hand_over, logical, nothing, read_lot, write_lot
from tests.sync.meetings import House, Town


@pytest.fixture(scope="module")
def towns(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """Two practices that are paired and closed."""
    town = Town(tmp_path_factory.mktemp("towns"))
    town.close()
    return town


@pytest.fixture
def town(towns: Town, tmp_path: Path) -> Iterator[Town]:
    """Two practices that have never exchanged anything."""
    moved = towns.elsewhere(tmp_path)
    yield moved
    moved.close()


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    """A folder that stands for a stick."""
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


def carried(house: House, other: House, stick: Path, rounds: int = 2) -> None:
    """Lots go to and fro."""
    for _ in range(rounds):
        hand_over(house, other, stick)
        hand_over(other, house, stick)


def test_an_extract_arrives_and_its_receipts_return(town: Town, stick: Path) -> None:
    town.alpha.consent()
    sent = town.alpha.share().document
    assert hand_over(town.alpha, town.beta, stick).stored == 3  # an offer of an epoch, a receipt, the extract
    assert town.beta.extracts() == [sent]
    assert town.alpha.states() == {sent: "sent"}
    hand_over(town.beta, town.alpha, stick)
    assert town.alpha.states() == {sent: "stored"}
    assert "lot-written" in actions(town.alpha) and "lot-read" in actions(town.beta)


def actions(house: House) -> list[str]:
    """What the history tells."""
    return [line.action for line in history.lines(house.desk.record)]


def test_reading_a_lot_again_leaves_no_line_in_the_history(town: Town, stick: Path) -> None:
    town.alpha.consent()
    town.alpha.share()
    write_lot(town.alpha, stick / "one.lot")
    read_lot(town.beta, stick / "one.lot")
    before = logical(town.beta.desk.record), logical(town.beta.desk.postbox)
    for _ in range(3):
        assert not read_lot(town.beta, stick / "one.lot").changed
    assert (logical(town.beta.desk.record), logical(town.beta.desk.postbox)) == before


def test_a_consent_that_is_revoked_between_two_lots_reaches_the_colleague(town: Town, stick: Path) -> None:
    consent = town.alpha.consent()
    town.alpha.share()
    write_lot(town.alpha, stick / "lost.lot")  # never read
    hand_over(town.alpha, town.beta, stick)
    assert len(town.beta.extracts()) == 1
    done = town.alpha.revoke(consent)
    assert (done.never_sent, done.removal_requested) == (0, 1)
    hand_over(town.alpha, town.beta, stick)
    assert town.beta.extracts() == []
    hand_over(town.beta, town.alpha, stick)
    assert [one.removed != "" for one in extracts_of(town.alpha)] == [True]
    assert not read_lot(town.beta, stick / "lost.lot").changed
    assert town.beta.extracts() == []


def test_what_was_revoked_before_the_first_lot_is_never_in_one(town: Town, stick: Path) -> None:
    consent = town.alpha.consent()
    town.alpha.share()
    assert town.alpha.revoke(consent).never_sent == 1
    hand_over(town.alpha, town.beta, stick)
    assert town.beta.extracts() == []


def extracts_of(house: House) -> list[correspondence.Outgoing]:
    """The extracts that a practice sent."""
    return [one for one in correspondence.outgoing(house.desk.record) if one.type == "extract"]


def test_two_lots_before_any_answer_hold_both_extracts_and_the_order_does_not_matter(town: Town, stick: Path) -> None:
    town.alpha.consent()
    town.alpha.share()
    write_lot(town.alpha, stick / "1.lot")
    town.alpha.share()
    write_lot(town.alpha, stick / "2.lot")
    assert read_lot(town.beta, stick / "2.lot").stored == 5
    assert read_lot(town.beta, stick / "1.lot").stored == 0
    assert len(town.beta.extracts()) == 2


# --- backups that were put back --------------------------------------------------------------------------------------


def test_whoever_restores_goes_on_by_lots_alone(town: Town, stick: Path) -> None:
    town.alpha.consent()
    town.beta.consent()
    copy = town.alpha.back_up()
    town.alpha.share()
    town.beta.share()
    carried(town.alpha, town.beta, stick)
    old = feed_towards(town.alpha.desk, town.alpha.other)
    town.alpha.restore(copy)
    assert feed_towards(town.alpha.desk, town.alpha.other) != old
    assert town.alpha.extracts() == []

    carried(town.alpha, town.beta, stick, rounds=3)
    shared = [house.share().document for house in (town.alpha, town.beta)]
    carried(town.alpha, town.beta, stick)
    assert town.beta.extracts()[-1] == shared[0]
    assert town.alpha.extracts()[-1] == shared[1]
    assert town.alpha.incidents() == town.beta.incidents() == []
    lost = [one for one in incarnations.ended(town.beta.desk.postbox) if one.lost]
    assert len(lost) == 1


def test_both_sides_restore_and_go_on_by_lots_alone(town: Town, stick: Path) -> None:
    for house in (town.alpha, town.beta):
        house.consent()
    carried(town.alpha, town.beta, stick)
    copies = [house.back_up() for house in (town.alpha, town.beta)]
    for house in (town.alpha, town.beta):
        house.share()
    carried(town.alpha, town.beta, stick)
    for house, copy in zip((town.alpha, town.beta), copies, strict=True):
        house.restore(copy)
    carried(town.alpha, town.beta, stick, rounds=3)
    shared = [house.share().document for house in (town.alpha, town.beta)]
    carried(town.alpha, town.beta, stick, rounds=3)
    assert (town.alpha.extracts()[-1], town.beta.extracts()[-1]) == (shared[1], shared[0])
    assert town.alpha.incidents() == town.beta.incidents() == []


def test_lots_from_before_a_restore_are_no_sign_of_one(town: Town, stick: Path) -> None:
    for house in (town.alpha, town.beta):
        house.consent()
        house.share()
        write_lot(house, stick / f"old-{house.folder.name}.lot")
    carried(town.alpha, town.beta, stick)
    town.alpha.share()
    carried(town.alpha, town.beta, stick)
    for reader, writer in ((town.alpha, town.beta), (town.beta, town.alpha)):
        for path in sorted(stick.iterdir()):
            if writer.folder.name in path.name:
                assert not read_lot(reader, path).lost_there
    assert not incarnations.ended(town.alpha.desk.postbox) and not incarnations.ended(town.beta.desk.postbox)
    assert town.alpha.incidents() == town.beta.incidents() == []


def test_every_old_lot_again_after_a_restore_changes_nothing_for_the_worse(town: Town, stick: Path) -> None:
    for house in (town.alpha, town.beta):
        house.consent()
        house.share()
    copy = town.beta.back_up()
    carried(town.alpha, town.beta, stick)
    town.alpha.share()
    carried(town.alpha, town.beta, stick)
    old = sorted(stick.iterdir())
    town.beta.restore(copy)
    carried(town.alpha, town.beta, stick, rounds=3)
    for path in old:
        for reader, writer in ((town.alpha, town.beta), (town.beta, town.alpha)):
            if writer.folder.name in path.name:
                assert not read_lot(reader, path).disputed
    for house in (town.alpha, town.beta):
        house.share()
    carried(town.alpha, town.beta, stick, rounds=3)
    for reader, writer in ((town.alpha, town.beta), (town.beta, town.alpha)):
        newest, state = list(writer.states().items())[-1]
        assert (reader.extracts()[-1], state) == (newest, "stored")
    assert town.alpha.incidents() == town.beta.incidents() == []


def test_an_old_lot_with_an_offer_of_before_a_restore_ends_no_epoch_of_after_it(town: Town, stick: Path) -> None:
    town.alpha.consent()
    town.alpha.share()
    carried(town.alpha, town.beta, stick)
    copy = town.alpha.back_up()
    with transaction(town.alpha.desk.record):
        present, _ = epoch_towards(town.alpha.desk, town.alpha.other)
        num, now = town.alpha.other.num, town.alpha.desk.practice.now()
        epoch_keys.end(town.alpha.desk.record, epoch_keys.OUT, num, present, now)
        old, _ = epoch_towards(town.alpha.desk, town.alpha.other)
    town.alpha.share()
    write_lot(town.alpha, stick / "old.lot")
    town.alpha.restore(copy)
    town.alpha.share()
    carried(town.alpha, town.beta, stick)
    assert epoch_keys.find(town.beta.desk.record, epoch_keys.IN, town.beta.other.num, old) is None
    assert read_lot(town.beta, stick / "old.lot").stored
    found = epoch_keys.find(town.beta.desk.record, epoch_keys.IN, town.beta.other.num, old)
    assert found is not None and found.ended
    assert len(town.beta.extracts()) == 3  # one of them came under it
    sent = town.alpha.share().document
    hand_over(town.alpha, town.beta, stick)
    assert town.beta.extracts()[-1] == sent


def test_a_copy_that_was_put_back_in_secret_is_found(town: Town, stick: Path) -> None:
    town.alpha.consent()
    carried(town.alpha, town.beta, stick)
    copy = town.alpha.back_up()
    town.alpha.share()
    carried(town.alpha, town.beta, stick)
    town.alpha.put_back(copy)
    town.alpha.share()
    hand_over(town.beta, town.alpha, stick)
    assert "ahead" in town.alpha.incidents() or "fork-sent" in town.alpha.incidents()


def test_lots_and_sessions_can_alternate(town: Town, stick: Path) -> None:
    town.alpha.consent()
    town.beta.consent()
    write_lot(town.beta, stick / "first.lot")
    for number in range(3):
        town.alpha.share()
        write_lot(town.alpha, stick / f"{number}.lot")
        town.beta.share()
        town.exchange(1)
    for number in range(3):
        assert read_lot(town.beta, stick / f"{number}.lot").stored == 0
    assert not read_lot(town.alpha, stick / "first.lot").changed
    carried(town.alpha, town.beta, stick)
    assert (len(town.alpha.extracts()), len(town.beta.extracts())) == (3, 3)
    assert town.alpha.incidents() == town.beta.incidents() == []


# --- for whom, and where ---------------------------------------------------------------------------------------------


def test_nothing_is_written_for_whom_nobody_verified(town: Town, stick: Path) -> None:
    desk, other = town.alpha.desk, town.alpha.other
    introductions.remove(desk, other)
    gone = colleagues.by_number(desk.record, other.num)
    with pytest.raises(NotVerified):
        handing.write(desk, gone, stick / "a.lot", nothing)
    assert list(stick.iterdir()) == []


def test_the_lot_of_a_removed_colleague_changes_nothing(town: Town, stick: Path) -> None:
    town.alpha.consent()
    town.alpha.share()
    write_lot(town.alpha, stick / "a.lot")
    introductions.remove(town.beta.desk, town.beta.other)
    before = logical(town.beta.desk.record), logical(town.beta.desk.postbox)
    with pytest.raises(NotALot):
        handing.read(town.beta.desk, stick / "a.lot", nothing)
    assert (logical(town.beta.desk.record), logical(town.beta.desk.postbox)) == before


def test_a_colleague_whose_key_changed_neither_gives_nor_gets_a_lot_until_that_is_decided(
    town: Town, stick: Path, tmp_path: Path
) -> None:
    town.alpha.consent()
    town.alpha.share()
    write_lot(town.alpha, stick / "a.lot")
    stranger = practices.make_desk(tmp_path / "stranger", "Alpha", "10001234567")
    with pytest.raises(KeyChanged):
        introductions.add(town.beta.desk, card.armour(introductions.my_card(stranger)))
    stranger.close()
    stopped = colleagues.by_number(town.beta.desk.record, town.beta.other.num)
    before = logical(town.beta.desk.record), logical(town.beta.desk.postbox)
    with pytest.raises(NotALot):
        handing.read(town.beta.desk, stick / "a.lot", nothing)
    with pytest.raises(KeyInDoubt, match="confrere colleague keep"):
        handing.write(town.beta.desk, stopped, stick / "b.lot", nothing)
    assert (logical(town.beta.desk.record), logical(town.beta.desk.postbox)) == before
    assert not (stick / "b.lot").exists()
    introductions.keep_key(town.beta.desk, stopped)
    assert read_lot(town.beta, stick / "a.lot").stored == 3


@pytest.mark.parametrize("kind", ["file", "folder", "link", "missing"])
def test_a_lot_is_written_over_nothing_and_into_no_folder_that_is_not_there(town: Town, stick: Path, kind: str) -> None:
    town.alpha.consent()
    town.alpha.share()
    path = stick / "a.lot"
    match kind:
        case "file":
            path.write_bytes(b"mine")
        case "folder":
            path.mkdir()
        case "link":
            path.symlink_to(stick / "nowhere")
        case "missing":
            path = stick / "none" / "a.lot"
    with pytest.raises(LotNotWritten if kind == "missing" else AlreadyThere):
        write_lot(town.alpha, path)
    assert {one.value for one in postbox_states(town.alpha)} == {"queued"}
    assert [one.name for one in stick.iterdir()] == ([] if kind == "missing" else ["a.lot"])


def postbox_states(house: House) -> list[postbox.DeliveryState]:
    """How far each envelope came."""
    return [one.state for one in postbox.progress(house.desk.postbox)]


def test_no_lot_is_written_into_the_folder_of_the_practice(town: Town, stick: Path) -> None:
    folder = town.alpha.folder
    (folder / "inside").mkdir()
    (stick / "door").symlink_to(folder)
    for path in (folder / "archive.db", folder / "backups", folder / "inside" / "a.lot", stick / "door" / "gate.lock"):
        with pytest.raises(LotNotWritten, match="the practice's own folder"):
            write_lot(town.alpha, path)
        assert not path.exists()


def test_a_file_of_the_practice_itself_is_not_even_opened(town: Town) -> None:
    folder = town.beta.folder
    for path in (folder / "record.db", folder / "postbox.db", folder / "keyring"):
        with pytest.raises(NotALot):
            read_lot(town.beta, path)
    town.beta.consent()  # the locks of the databases are as they were


def test_the_file_is_readable_by_its_owner_alone(town: Town, stick: Path) -> None:
    town.alpha.consent()
    town.alpha.share()
    done = write_lot(town.alpha, stick / "a.lot")
    (path,) = stick.iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.stat().st_size == done.size
