"""A recovery key in the custody of colleagues, between real practices; `tests.practices` is their postman."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from localstore import correspondence, crypto, history, record, roles, verification
from localstore.colleagues import Colleague, State
from localstore.correspondence import ReceivedState
from localstore.database import Connection, transaction
from localstore.errors import BadInput, NotFound, NotYourRole
from localstore.keys import shares
from sync import custody, desk
from sync.desk import Desk
from sync.errors import NotVerified, SetAside
from sync.papers import conditions, documents
from sync.papers.conditions import Expected
from sync.papers.documents import Content, DocumentType, RecoveryShare
from sync.receiving import inbox, reception
from sync.trust import introductions
from tests import practices

KEY = bytes(range(1, 33))
NAMES = (("Beta", "10001234575"), ("Gamma", "10001234583"), ("Delta", "10001234591"))


class Guardian(NamedTuple):
    """A colleague's practice, and how the two know each other."""

    desk: Desk
    known_here: Colleague
    owner_there: Colleague


class Circle:
    """Alpha and three colleagues, all verified."""

    def __init__(self, folder: Path) -> None:
        self.alpha = practices.make_desk(folder / "alpha")
        self.guardians = [self._meet(folder / name, name, rpps) for name, rpps in NAMES]

    def _meet(self, folder: Path, name: str, rpps: str) -> Guardian:
        there = practices.make_desk(folder, name, rpps)
        return Guardian(there, *practices.pair(self.alpha, there))

    @property
    def chosen(self) -> list[Colleague]:
        return [one.known_here for one in self.guardians]

    def carry(self) -> list[reception.Collected]:
        """Everything to everybody; what each collected."""
        found = []
        for one in self.guardians:
            practices.carry(self.alpha, one.known_here, one.desk, one.owner_there)
            found.append(reception.collect(one.desk))
        return found

    def carry_back(self) -> None:
        for one in self.guardians:
            practices.carry(one.desk, one.owner_there, self.alpha, one.known_here)
        reception.collect(self.alpha)

    def close(self) -> None:
        for one in (self.alpha, *(guardian.desk for guardian in self.guardians)):
            one.close()


@pytest.fixture
def circle(tmp_path: Path) -> Iterator[Circle]:
    made = Circle(tmp_path)
    yield made
    made.close()


def actions(of: Desk) -> list[str]:
    return [line.action for line in history.lines(of.record)]


def words_of(guardian: Guardian) -> str:
    (one,) = custody.held(guardian.desk)
    return custody.reveal(guardian.desk, one)


def test_any_two_of_three_colleagues_give_the_key_back(circle: Circle) -> None:
    done = custody.entrust(circle.alpha, KEY, 2, circle.chosen)
    assert (done.threshold, [one.colleague.name for one in done.shares]) == (2, ["Dr Beta", "Dr Gamma", "Dr Delta"])
    assert [found.shares for found in circle.carry()] == [1, 1, 1]
    words = [words_of(one) for one in circle.guardians]
    assert len(set(words)) == 3
    assert {shares.join(pair) for pair in (words[:2], words[1:], words[::2])} == {KEY}
    for alone in words:
        with pytest.raises(BadInput, match="1 missing"):
            shares.join([alone])


def test_both_sides_write_it_into_their_history_and_the_owner_learns_that_it_arrived(circle: Circle) -> None:
    done = custody.entrust(circle.alpha, KEY, 2, circle.chosen)
    lines = [line for line in history.lines(circle.alpha.record) if line.action == "recovery-split"]
    assert [(line.subject, line.detail) for line in lines] == [(one.document, one.colleague.id) for one in done.shares]
    circle.carry()
    circle.carry_back()
    sent = [one for one in correspondence.outgoing(circle.alpha.record) if one.type == DocumentType.RECOVERY_SHARE]
    assert len(sent) == 3 and all(one.opened for one in sent)
    for guardian in circle.guardians:
        assert actions(guardian.desk).count("recovery-share-received") == 1
        assert "recovery-share-revealed" not in actions(guardian.desk)
        words_of(guardian)
        assert actions(guardian.desk)[-1] == "recovery-share-revealed"
        assert verification.first_broken_line(guardian.desk.record) is None


def test_it_stands_in_the_inbox_without_its_words_and_can_be_taken_into_no_record(circle: Circle) -> None:
    custody.entrust(circle.alpha, KEY, 2, circle.chosen)
    circle.carry()
    beta = circle.guardians[0]
    (item,) = inbox.listing(beta.desk)
    assert (item.type, item.state, item.colleague) == ("recovery-share", ReceivedState.HELD, "Dr Alpha")
    words = words_of(beta).split()  # in pairs: one alone may be part of another word
    shown = repr(item) + msgspec.json.encode(inbox.show(beta.desk, item.id)).decode()
    assert not any(f"{one} {next_one}" in shown for one, next_one in pairwise(words))
    zoe = practices.add_zoe(beta.desk.practice)
    before = record.chart(beta.desk.practice, zoe.id)
    with pytest.raises(BadInput, match="no extract to take over"):
        inbox.take(beta.desk, item.id, zoe.id)
    assert record.chart(beta.desk.practice, zoe.id) == before
    assert correspondence.count_new(beta.desk.record) == 0


def test_what_is_held_says_whose_it_is_and_which_set(circle: Circle) -> None:
    first = custody.entrust(circle.alpha, KEY, 2, circle.chosen)
    second = custody.entrust(circle.alpha, KEY, 3, circle.chosen)
    circle.carry()
    newer, older = custody.held(circle.guardians[1].desk)
    assert (newer.splitting, newer.threshold, newer.count, newer.newest) == (second.id, 3, 3, True)
    assert (older.splitting, older.threshold, older.count, older.newest) == (first.id, 2, 3, False)
    assert (newer.name, newer.rpps, newer.state) == ("Dr Alpha", "10001234567", State.VERIFIED_IN_PERSON)
    assert custody.find(circle.guardians[1].desk, older.id[:8]) == older
    with pytest.raises(NotFound):
        custody.find(circle.guardians[1].desk, "ffffffff")


def test_the_earlier_set_still_gives_the_key_back(circle: Circle) -> None:
    custody.entrust(circle.alpha, KEY, 2, circle.chosen)
    custody.entrust(circle.alpha, KEY, 2, circle.chosen)
    circle.carry()
    older = [custody.reveal(one.desk, custody.held(one.desk)[1]) for one in circle.guardians]
    assert shares.join(older[:2]) == KEY


def test_nothing_leaves_unless_everybody_is_verified(circle: Circle, tmp_path: Path) -> None:
    stranger = practices.make_desk(tmp_path / "stranger", "Omega", "10001234600")
    known, _ = practices.introduce(circle.alpha, stranger)
    before, lines = correspondence.outgoing(circle.alpha.record), actions(circle.alpha)
    with pytest.raises(NotVerified, match="Dr Omega"):
        custody.entrust(circle.alpha, KEY, 2, [*circle.chosen, known])
    assert (correspondence.outgoing(circle.alpha.record), actions(circle.alpha)) == (before, lines)
    stranger.close()


def test_a_removed_colleague_gets_nothing_even_by_an_old_reference(circle: Circle) -> None:
    introductions.remove(circle.alpha, circle.guardians[0].known_here)
    before = correspondence.outgoing(circle.alpha.record)
    with pytest.raises(NotVerified, match="Dr Beta"):
        custody.entrust(circle.alpha, KEY, 2, circle.chosen)
    assert correspondence.outgoing(circle.alpha.record) == before


def test_a_share_from_a_colleague_who_was_removed_is_set_aside(circle: Circle) -> None:
    custody.entrust(circle.alpha, KEY, 2, circle.chosen)
    beta = circle.guardians[0]
    introductions.remove(beta.desk, beta.owner_there)
    collected = circle.carry()
    assert (collected[0].shares, collected[1].shares) == (0, 1)
    assert collected[0].set_aside == 2  # the key of the epoch, and the share
    assert custody.held(beta.desk) == []


def test_a_share_that_was_kept_before_a_parting_is_still_there_for_him(circle: Circle) -> None:
    custody.entrust(circle.alpha, KEY, 2, circle.chosen)
    circle.carry()
    beta = circle.guardians[0]
    introductions.remove(beta.desk, beta.owner_there)
    (one,) = custody.held(beta.desk)
    assert one.state is State.REMOVED
    assert shares.read(custody.reveal(beta.desk, one)).threshold == 2


def test_bounds_are_kept_and_nothing_is_sent(circle: Circle) -> None:
    before = correspondence.outgoing(circle.alpha.record)
    for threshold, count in ((1, 2), (3, 2), (2, 1), (0, 3), (4, 3)):
        with pytest.raises(BadInput):
            custody.entrust(circle.alpha, KEY, threshold, circle.chosen[:count])
    assert correspondence.outgoing(circle.alpha.record) == before


def test_nobody_gets_two_shares(circle: Circle) -> None:
    with pytest.raises(BadInput, match="named twice"):
        custody.entrust(circle.alpha, KEY, 2, [circle.chosen[0], circle.chosen[0]])


def as_user(of: Desk, role: str) -> Desk:
    """The same desk, with somebody of this role working at it."""
    return replace(of, practice=replace(of.practice, user=replace(of.practice.user, role=role)))


def test_a_share_is_given_and_shown_by_doctors_alone(circle: Circle) -> None:
    before = correspondence.outgoing(circle.alpha.record)
    for role in (roles.LOCUM, roles.SECRETARY):
        with pytest.raises(NotYourRole):
            custody.entrust(as_user(circle.alpha, role), KEY, 2, circle.chosen)
    assert correspondence.outgoing(circle.alpha.record) == before
    custody.entrust(circle.alpha, KEY, 2, circle.chosen)
    circle.carry()
    beta = circle.guardians[0].desk
    (one,) = custody.held(as_user(beta, roles.LOCUM))
    for role in (roles.LOCUM, roles.SECRETARY):
        with pytest.raises(NotYourRole):
            custody.reveal(as_user(beta, role), one)
    with pytest.raises(NotYourRole):
        custody.held(as_user(beta, roles.SECRETARY))
    assert "recovery-share-revealed" not in actions(beta)


def everything_in(connection: Connection) -> bytes:
    """Every value of every table, one after the other."""
    names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    found: list[bytes] = []
    for name in names:
        for values in connection.execute(f'SELECT * FROM "{name}"'):  # noqa: S608 - names of our own tables
            found += [one if isinstance(one, bytes) else str(one).encode() for one in values]
    return b"\n".join(found)


def test_the_owner_keeps_no_words(circle: Circle) -> None:
    custody.entrust(circle.alpha, KEY, 2, circle.chosen)
    circle.carry()
    words = [words_of(one) for one in circle.guardians]
    for one in (circle.alpha.record, circle.alpha.postbox):
        found = everything_in(one)
        assert len(found) > 1000
        assert not any(share.encode() in found for share in words)
    assert b"recovery-share" in everything_in(circle.alpha.record)
    assert words[0].encode() in everything_in(circle.guardians[0].desk.record)


# --- what a hostile colleague may send --------------------------------------------------------------------------------

ME, HE = crypto.signing_key(b"m" * 32), crypto.signing_key(b"h" * 32)
EXPECTED = Expected(HE.public, True, ME.public, b"f" * 16, 1)
MADE = shares.split(KEY, 2, 3)
GOOD = RecoveryShare("d" * 32, 2, 3, MADE[2])


def refusal(body: RecoveryShare) -> str:
    """The reason why a body is set aside; empty when it is accepted."""
    content = Content(1, b"i" * 16, HE.public, ME.public, b"f" * 16, 1, "2026-03-01T12:00:00.000Z", body)
    try:
        conditions.accept(documents.sign(content, HE.secret).signed, EXPECTED)
    except SetAside as error:
        return error.reason
    return ""


def test_a_good_share_is_accepted_and_shows_no_word() -> None:
    assert refusal(GOOD) == ""
    assert not any(f"{one} {next_one}" in repr(GOOD) for one, next_one in pairwise(GOOD.words.split()))


MALFORMED, OTHER = "its share of recovery words is malformed", "its share of recovery words is another than it says"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"splitting": "x"}, "an identifier in it is malformed"),
        ({"threshold": 1}, MALFORMED),
        ({"threshold": 4}, MALFORMED),
        ({"threshold": -1}, MALFORMED),
        ({"count": 17}, MALFORMED),
        ({"count": 2**62}, MALFORMED),
        ({"threshold": 3}, OTHER),
        ({"count": 2}, OTHER),
        ({"words": ""}, MALFORMED),
        ({"words": MADE[2] + " academic"}, MALFORMED),
        ({"words": " ".join(MADE[2].split()[:-1])}, MALFORMED),
        ({"words": MADE[2].upper()}, MALFORMED),
        ({"words": MADE[2].replace(" ", "  ", 1)}, MALFORMED),
        ({"words": MADE[2].replace(" ", "\n", 1)}, MALFORMED),
        ({"words": MADE[2].replace(" ", " \x1b[2J", 1)}, MALFORMED),
        ({"words": " ".join(["zzzz"] * 33)}, MALFORMED),
        ({"words": " ".join(["academic"] * 33)}, MALFORMED),
        ({"words": "academic " * 1_000_000}, MALFORMED),
    ],
)
def test_each_fault_of_a_share_sets_it_aside(changes: dict[str, object], reason: str) -> None:
    assert refusal(msgspec.structs.replace(GOOD, **changes)) == reason


def test_a_hostile_share_is_kept_aside_and_nothing_is_held(circle: Circle) -> None:
    beta = circle.guardians[0]
    with transaction(circle.alpha.record):
        desk.post(circle.alpha, beta.known_here, msgspec.structs.replace(GOOD, words="\x1b[31m" * 40))
    desk.dispatch(circle.alpha)
    collected = circle.carry()[0]
    assert (collected.shares, collected.set_aside) == (0, 1)
    assert custody.held(beta.desk) == []
    (item,) = inbox.listing(beta.desk)
    assert item.reason == MALFORMED
    with pytest.raises(NotFound):
        custody.find(beta.desk, item.id)
