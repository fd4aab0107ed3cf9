"""Sealing keys that are renewed and deleted, and epoch keys with them: what an old envelope opens with, and when."""

import shutil
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from localstore import correspondence, crypto, epoch_keys, keystore, practice
from localstore.colleagues import State
from localstore.database import Connection, rows, transaction
from localstore.keys import keyring
from sync import desk, epochs
from sync.errors import SetAside
from sync.papers import documents, envelope
from sync.papers.documents import CardUpdate
from sync.receiving import reception
from sync.sending import sharing
from sync.trust import card, introductions
from tests import practices
from tests.sync import keys_at_rest
from tests.sync.correspondents import Two, late, lines, new, sealing_numbers, sent
from tests.sync.meetings import Town


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    made = Two(tmp_path)
    yield made
    made.close()


def test_a_sealing_key_serves_for_a_month_and_is_kept_for_another(two: Two) -> None:
    kept = []
    for _ in range(9):
        reception.collect(two.alpha)
        kept.append(sealing_numbers(two.alpha))
        two.pass_days(10.001, two.alpha)
    assert kept == [[1], [1], [1], [1, 2], [1, 2], [1, 2], [2, 3], [2, 3], [2, 3]]
    assert lines(two.alpha, "sealing-key-renewed") == ["2", "3"]


def test_every_verified_colleague_is_told_and_nobody_else(two: Two, tmp_path: Path) -> None:
    gamma = practices.make_desk(tmp_path / "gamma", "Gamma", "10001234583")
    practices.introduce(two.alpha, gamma)
    two.month()
    assert [one.colleague for one in sent(two.alpha, "card-update")] == [two.of_beta.num]
    two.settle()
    assert card.check(two.of_alpha.card).body.sealing_key == two.alpha.sealing[-1].public
    assert card.check(two.of_beta.card).body.sealing_key == two.beta.sealing[-1].public
    assert lines(two.alpha, "card-updated") == lines(two.beta, "card-updated") == [""]
    assert two.of_alpha.state is State.VERIFIED_IN_PERSON
    gamma.close()


def test_nothing_more_is_renewed_however_often_it_is_looked(two: Two) -> None:
    two.month()
    before = len(correspondence.outgoing(two.alpha.record))
    for _ in range(3):
        assert not epochs.renew(two.alpha)
        reception.collect(two.alpha)
    assert sealing_numbers(two.alpha) == [1, 2]
    assert len(correspondence.outgoing(two.alpha.record)) == before


def test_a_clock_that_jumps_forth_and_back_loses_no_document(two: Two) -> None:
    two.consent()
    for days in (400, -400, 0.5, 800, -800, 30.01, 30.01):
        two.pass_days(days, two.alpha)
        two.note(f"after {days}")
        two.share()
        two.settle()
    assert len(sealing_numbers(two.alpha)) <= 3
    assert card.check(two.of_alpha.card).body.sealing_key == two.alpha.sealing[-1].public
    assert new(two.beta) == 1  # the newest one; each of the others was followed
    assert late(two.beta) == []


def test_a_date_of_the_future_does_not_keep_a_key_for_longer(two: Two) -> None:
    two.pass_days(365, two.alpha)
    reception.collect(two.alpha)  # 2, dated a year ahead
    two.pass_days(-365, two.alpha)
    reception.collect(two.alpha)  # 3
    assert sealing_numbers(two.alpha) == [1, 2, 3]
    two.pass_days(31, two.alpha)
    reception.collect(two.alpha)
    assert sealing_numbers(two.alpha) == [3, 4]


# --- secrecy in time --------------------------------------------------------------------------------------------


def record_key(one: desk.Desk) -> bytes:
    return keyring.unlock(keyring.read(one.practice.folder), practices.PASSPHRASE).record_keys[0]


def everything(connection: Connection) -> list[bytes]:
    """Each value of 32 bytes or more that a thief of the open record finds in the tables of keys, and their pieces."""
    found = [value for _, value in keystore.beginning_with(connection, "")]
    found += [key for (key,) in rows(connection, "SELECT key FROM epoch")]
    return [piece for value in found for piece in (value, value[:32], value[:96]) if piece]


def opens(sealed: bytes, keys: list[bytes]) -> bool:
    """Whether an envelope comes open with one of these keys."""
    opener = envelope.open_offer if envelope.read_header(sealed).form == 2 else envelope.open_sealed
    for key in keys:
        try:
            opener(sealed, key)
        except (SetAside, ValueError, TypeError):
            continue
        return True
    return False


def test_an_old_envelope_opens_with_nothing_that_either_record_still_holds(two: Two) -> None:
    two.consent()
    two.share()
    two.to_beta()
    held = [piece for (piece,) in rows(two.beta.postbox, "SELECT envelope FROM incoming_bytes ORDER BY rowid")]
    two.settle()
    secret, (key, *_) = two.beta.sealing[0].secret, everything_of_epochs(two.alpha)
    keys_before = everything(two.beta.record)
    assert [opens(one, keys_before) for one in held] == [True] * len(held) and len(held) == 3
    folders = {one.practice.folder: record_key(one) for one in (two.alpha, two.beta)}
    assert keys_at_rest.holds(two.beta.practice.folder, folders[two.beta.practice.folder], key) != []
    for _ in range(3):
        two.month()
        two.settle()
    for one in (two.alpha, two.beta):
        after = everything(one.record)
        assert key not in after and secret not in after
        assert [opens(piece, after) for piece in held] == [False] * len(held)
        folder = one.practice.folder
        assert keys_at_rest.holds(folder, folders[folder], key) == []
        assert keys_at_rest.holds(folder, folders[folder], secret) == []
        assert keys_at_rest.holds(folder, folders[folder], one.signing.secret) != []  # the pages are read rightly


def everything_of_epochs(one: desk.Desk) -> list[bytes]:
    return [key for (key,) in rows(one.record, "SELECT key FROM epoch WHERE length(key) > 0")]


def test_many_deleted_keys_leave_nothing_in_any_page(two: Two) -> None:
    """A tree that is rebalanced copies its cells: what stays behind must be overwritten too."""
    gone, kept = list[tuple[int, bytes]](), list[tuple[int, bytes]]()
    with transaction(two.alpha.record):
        for number in range(2, 60):
            pair = crypto.sealing_key()
            epoch_keys.put_sealing_key(two.alpha.record, number, pair, two.alpha.practice.now())
            (gone if number % 3 else kept).append((number, pair.secret))
    epoch_keys.fold_log(two.alpha.record)
    folder, key = two.alpha.practice.folder, record_key(two.alpha)
    assert keys_at_rest.holds(folder, key, gone[0][1]) == ["record.db"]
    for number, _ in gone:
        with transaction(two.alpha.record):
            epoch_keys.drop_sealing_key(two.alpha.record, number)
    assert epoch_keys.fold_log(two.alpha.record)
    assert [secret for _, secret in gone if keys_at_rest.holds(folder, key, secret)] == []
    assert all(keys_at_rest.holds(folder, key, secret) for _, secret in kept)


@pytest.mark.long  # ten seconds, for which the window that folds the log waits for the other
def test_a_window_that_reads_keeps_the_log_until_the_next_time(two: Two) -> None:
    """Said in docs/threat-model.md: the pages of before stay in the log while another window looks at them."""
    other = practice.unlock(two.alpha.practice.folder, practices.PASSPHRASE, clock=two.alpha.practice.clock)
    other.connection.execute("BEGIN")
    rows(other.connection, "SELECT count(*) FROM history")
    other.connection.execute("SELECT count(*) FROM history").fetchone()
    with transaction(two.alpha.record):
        epoch_keys.put_sealing_key(two.alpha.record, 7, crypto.sealing_key(), two.alpha.practice.now())
    assert not epoch_keys.fold_log(two.alpha.record)
    other.connection.execute("COMMIT")
    assert epoch_keys.fold_log(two.alpha.record)
    other.close()


# --- outgoing epochs --------------------------------------------------------------------------------------------


def out_keys(one: desk.Desk) -> int:
    return int(rows(one.record, "SELECT count(*) FROM epoch WHERE direction = 'out' AND length(key) > 0")[0][0])


def test_a_key_stays_while_what_was_sealed_under_it_could_still_be_kept_back(two: Two) -> None:
    consent = two.consent()
    two.share()
    two.to_beta()
    reception.collect(two.beta)
    two.note("Goutte")
    two.share()  # sealed under the first epoch, and not offered yet
    two.pass_days(31, two.beta)
    reception.collect(two.beta)
    two.to_alpha()
    reception.collect(two.alpha)  # his new key: another epoch
    assert out_keys(two.alpha) == 2
    assert sharing.revoke(two.alpha, consent).never_sent == 1
    two.settle()
    reception.collect(two.alpha)
    assert out_keys(two.alpha) == 1
    assert late(two.beta) == []
    assert new(two.beta) == 0


def test_the_epochs_with_who_was_removed_end(two: Two) -> None:
    two.consent()
    two.share()
    two.settle()
    introductions.remove(two.beta, two.of_alpha)
    reception.collect(two.beta)
    assert everything_of_epochs(two.beta) == []


# --- what another says of his card ------------------------------------------------------------------------------


@pytest.mark.parametrize("change", ["name", "rpps", "pairing_key", "signing_key"])
def test_a_card_of_somebody_else_is_set_aside(two: Two, change: str) -> None:
    """Signed by the colleague's own key, except where that is what differs."""
    body, other = introductions.my_card(two.alpha).body, crypto.signing_key()
    value: object = {"name": "Dr Autre", "rpps": "10009999999", "pairing_key": other.public}.get(change, other.public)
    signer = other.secret if change == "signing_key" else two.alpha.signing.secret
    forged = card.make(msgspec.structs.replace(body, **{change: value}), signer)
    before = two.of_alpha
    with transaction(two.alpha.record):
        desk.post(two.alpha, two.of_beta, CardUpdate(forged.signed))
    desk.dispatch(two.alpha)
    two.to_beta()
    assert reception.collect(two.beta).set_aside == 1
    assert two.of_alpha == before


def test_nothing_of_a_patient_is_believed_under_the_epoch_of_cards(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    two.consent()
    # A colleague's program that does what ours never does.
    monkeypatch.setattr(desk, "epoch_towards", lambda here, colleague, _: desk.card_epoch(here, colleague))
    two.share()
    two.to_beta()
    assert reception.collect(two.beta).set_aside == 2
    assert new(two.beta) == 0


def test_the_first_release_sets_aside_what_it_does_not_know(two: Two) -> None:
    """It finds no key for the epoch of cards; if it had one, it would not know the type. Both have words there."""
    two.month()
    (update,) = sent(two.alpha, "card-update")
    known = rows(two.beta.record, "SELECT id FROM epoch WHERE direction = 'in'")
    assert (update.epoch,) not in known
    old = documents.EpochOffer | documents.Extract | documents.Withdrawal | documents.Receipt | documents.RecoveryShare
    encoded = msgspec.msgpack.encode(CardUpdate(introductions.my_card(two.alpha).signed))
    with pytest.raises(msgspec.ValidationError):
        msgspec.msgpack.decode(encoded, type=old)


# --- several windows, and backups -------------------------------------------------------------------------------


def test_two_windows_make_one_key(two: Two) -> None:
    opened = keyring.unlock(keyring.read(two.alpha.practice.folder), practices.PASSPHRASE)
    other = desk.establish(practice.enter(two.alpha.practice.folder, opened, two.alpha.practice.clock))
    two.pass_days(30.01, two.alpha)
    barrier, made = threading.Barrier(2), list[bool]()

    def window(one: desk.Desk) -> None:
        barrier.wait()
        made.append(epochs.renew(one))

    threads = [threading.Thread(target=window, args=(one,)) for one in (two.alpha, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == [False, True]
    assert sealing_numbers(two.alpha) == sealing_numbers(other) == [1, 2]
    assert len(sent(two.alpha, "card-update")) == 1
    other.close()


def test_a_restored_backup_takes_a_new_key_and_both_go_on(tmp_path: Path) -> None:
    """The backup is so old that every key in it was deleted since, here and at the colleague's."""
    clock = practices.SteppingClock()
    town = Town(tmp_path, clock)
    town.alpha.consent()
    town.beta.consent()
    town.alpha.share()
    town.beta.share()
    town.exchange()
    old = town.alpha.back_up()
    for _ in range(4):
        clock.moment += timedelta(days=30.01)
        town.exchange(2)
    lost = set(sealing_numbers(town.alpha.desk))
    town.alpha.restore(old)
    assert not lost & set(sealing_numbers(town.alpha.desk))
    town.exchange(5)
    assert sealing_numbers(town.alpha.desk) == [1, 2]
    town.alpha.share()
    town.beta.share()
    town.exchange(2)
    for house, other in ((town.alpha, town.beta), (town.beta, town.alpha)):
        assert list(house.states().values())[-1] == "stored"
        assert new(other.desk) == 1
    town.close()
    shutil.rmtree(old)
