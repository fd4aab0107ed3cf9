"""What a terminal shows of a colleague in a live pairing, and what counts as a yes to him: the real meeting, the real
question on a pseudo-terminal, in this process."""

import asyncio
import os
import pty
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from localstore import colleagues
from localstore.colleagues import Colleague, State
from sync.desk import Desk
from sync.errors import OtherKey, OtherThanShown
from sync.meeting import live
from sync.meeting.events import Agreed, Candidate, Ending, Gone
from sync.meeting.live import Meeting, Whereabouts
from sync.meeting.words import Spoken
from sync.trust import card, introductions
from tests import practices
from tests.sync.exchanges import until
from tests.sync.introduced import Doctor, doctor
from tests.sync.test_meeting_live import HERE, PACE, expect
from tui.cli import comparing
from tui.cli.colleagues import By
from tui.cli.comparing import Answer
from tui.cli.pair import _Front

SPOKEN = Spoken("123 456", ("défrayer", "perte", "cylindre"))
OTHERS = "    592 291    journal  neige  censurer"


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests read English."""
    monkeypatch.setenv("LANGUAGE", "en")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Alpha."""
    made = practices.make_desk(tmp_path / "alpha")
    yield made
    made.close()


# --- what is shown ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("field", ["name", "profession", "practice", "town", "rpps"])
@pytest.mark.parametrize("blank", [" ", "\u00a0", "\u2003", "\u3164", "\n", "\u2028"])
@pytest.mark.parametrize("wide", [80, 40])
def test_no_card_paints_digits_of_its_own_beside_those_that_are_compared(
    capsys: pytest.CaptureFixture[str], field: str, blank: str, wide: int
) -> None:
    one = doctor("Beta")
    forged = "Dr Alpha" + blank * (wide - 8) + blank * wide + OTHERS.replace(" ", blank) + blank * wide
    made = card.make(msgspec.structs.replace(one.card.body, **{field: forged}), one.signing.secret)
    comparing.introduce(Candidate(1, made, SPOKEN), None, wide)
    above, shown, below = capsys.readouterr().err.partition(f"\n    123 456    {'  '.join(SPOKEN.words)}\n")
    assert shown and "Dr Alpha" not in below and "592" not in below and "Lyon" not in below
    lines = above.split("\nYour colleague")[0].split("\n")
    assert all(len(line) < wide for line in lines)
    assert [line.split()[0] for line in lines if line] == ["Name", "Profession", "Practice", "Town", "RPPS"]
    assert not re.search(r"^ *\d{3} \d{3} {2,}", above, re.MULTILINE)


def test_the_name_of_one_who_is_known_stands_above_too(capsys: pytest.CaptureFixture[str], desk: Desk) -> None:
    known = introductions.add(desk, card.armour(doctor("Beta", "10001234575").card))
    again = doctor("Again", "10001234575")
    comparing.introduce(Candidate(1, again.card, SPOKEN), known, 80)
    said = capsys.readouterr().err
    assert said.index("CAUTION: Dr Beta") < said.index("123 456")


@pytest.mark.parametrize(
    ("typed", "means"),
    [
        ("perte\n", Answer.YES),
        (" DEFRAYER \n", Answer.YES),
        ("de\u0301frayer perte cylindre\n", Answer.YES),
        ("\n", Answer.NO),
        ("n\n", Answer.NO),
        ("Non\n", Answer.NO),
        ("y\n", Answer.NEITHER),
        ("oui\n", Answer.NEITHER),
        ("pert\n", Answer.NEITHER),
        ("perte journal\n", Answer.NEITHER),
        ("123 456\n", Answer.NEITHER),
    ],
)
def test_a_yes_is_a_word_of_this_candidate(typed: str, means: Answer) -> None:
    assert comparing.judged(typed, SPOKEN) is means


# --- at a terminal ---------------------------------------------------------------------------------------------------


class Held(NamedTuple):
    """A meeting that the command holds: what is typed into it, its end, the meeting."""

    keys: int
    ended: "asyncio.Task[tuple[Candidate, Colleague]]"
    meeting: Meeting
    deaf: list[bool]

    def type(self, words: str) -> None:
        """Press keys."""
        os.write(self.keys, words.encode())

    def calling(self, who: Doctor) -> Meeting:
        """A doctor who calls here."""
        return Meeting(*who, Whereabouts(at=self.meeting.addresses[0]), PACE)


@asynccontextmanager
async def held(desk: Desk, monkeypatch: pytest.MonkeyPatch, by: By | None = By.PERSON) -> AsyncIterator[Held]:
    """`confrere pair` without its process."""
    made: list[Meeting] = []

    class Seen(Meeting):
        """The meeting, which the test can look at."""

        async def __aenter__(self) -> Meeting:
            made.append(self)
            return await super().__aenter__()

    monkeypatch.setattr(live, "Meeting", Seen)
    keys, terminal = pty.openpty()
    deaf: list[bool] = []
    front = _Front(desk, terminal, by, lambda: deaf.append(True))
    ended = asyncio.ensure_future(front.hold(HERE, introductions.my_card(desk)))
    try:
        await until(lambda: made and made[0].addresses)
        yield Held(keys, ended, made[0], deaf)
    finally:
        ended.cancel()
        await asyncio.gather(ended, return_exceptions=True)
        os.close(keys)  # which ends the thread that reads
        os.close(terminal)


def honest() -> Doctor:
    """Whom the doctor means."""
    return doctor("Honest")


def unknown() -> Doctor:
    """Whom he does not."""
    return doctor("Unknown", "10001234575")


@pytest.mark.parametrize("half", ["y", "oui", "a word of his"])
async def test_half_a_yes_does_not_carry_over_to_the_next(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, half: str
) -> None:
    async with held(desk, monkeypatch) as here, here.calling(honest()) as first:
        one = await expect(first, Candidate)
        await until(lambda: here.meeting._looked_at)
        async with here.calling(unknown()) as second:
            other = await expect(second, Candidate)
            await second.confirm(other.number)  # in advance
            here.type(one.spoken.words[0] if half == "a word of his" else half)
            before = here.meeting._looked_at
            await first.refuse(one.number)
            await until(lambda: here.meeting._looked_at != before)
            here.type("\n")  # which alone says no
            assert (await expect(second, Gone)).why is Ending.REFUSED_THERE
    assert colleagues.listing(desk.record) == []


async def test_an_accord_is_kept_before_the_meeting_is_taken_down(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    async with held(desk, monkeypatch) as here, here.calling(honest()) as there:
        met = await expect(there, Candidate)
        await until(lambda: here.meeting._looked_at)
        await there.confirm(met.number)
        here.type(met.spoken.words[2] + "\n")
        while here.meeting.agreed is None:  # noqa: ASYNC110 - not a moment later
            await asyncio.sleep(0)
        here.ended.cancel()  # Ctrl-C, in this very moment
        kept, known = await here.ended
        assert kept.card == honest().card and here.deaf == [True]
        await expect(there, Agreed)
        assert [(one.id, one.state) for one in colleagues.listing(desk.record)] == [
            (known.id, State.VERIFIED_IN_PERSON)
        ]


async def test_a_yes_alone_is_taken_back(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    async with held(desk, monkeypatch) as here, here.calling(honest()) as there:
        met = await expect(there, Candidate)
        await until(lambda: here.meeting._looked_at)
        here.type(met.spoken.words[0] + "\n")
        await until(lambda: not any(one.conversation.can_confirm for one in here.meeting._talks.values()))
        here.ended.cancel()
        with pytest.raises(asyncio.CancelledError):
            await here.ended
        assert (await expect(there, Gone)).why is Ending.REFUSED_THERE and here.deaf == []
    assert colleagues.listing(desk.record) == []


async def test_one_who_became_known_meanwhile_is_not_kept(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    async with held(desk, monkeypatch) as here, here.calling(honest()) as there:
        met = await expect(there, Candidate)
        await until(lambda: here.meeting._looked_at)
        other = doctor("Other")  # the same number, another key
        introductions.add(desk, card.armour(other.card))
        await there.confirm(met.number)
        here.type(met.spoken.words[0] + "\n")
        with pytest.raises(OtherThanShown):
            await here.ended
    (known,) = colleagues.listing(desk.record)
    assert known.signing_key == other.signing.public and known.state is State.RECEIVED


async def test_a_word_of_somebody_else_is_asked_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with held(desk, monkeypatch) as here, here.calling(honest()) as there:
        met = await expect(there, Candidate)
        await until(lambda: here.meeting._looked_at)
        here.type("y\n")
        said = ""

        def asked_again() -> bool:
            nonlocal said
            said += capsys.readouterr().err
            return said.count("Are they the same?") == 2

        await until(asked_again)
        assert "none of the three words" in said
        await there.confirm(met.number)
        here.type(met.spoken.words[1] + "\n")
        assert (await here.ended)[0].card == honest().card


async def test_how_they_compared_is_asked_where_it_was_not_said(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    async with held(desk, monkeypatch, by=None) as here, here.calling(honest()) as there:
        met = await expect(there, Candidate)
        await until(lambda: here.meeting._looked_at)
        await there.confirm(met.number)
        here.type(met.spoken.words[0] + "\noui\nau téléphone\n")
        assert (await here.ended)[1].state is State.VERIFIED_BY_PHONE


async def test_a_card_that_may_not_be_kept_ends_a_call(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = doctor("Honest"), doctor("Unknown", "10001234575")
    for who in (one, other):
        introductions.add(desk, card.armour(who.card))
    false = card.make(msgspec.structs.replace(one.card.body, rpps="10001234575"), one.signing.secret)
    keys, terminal = pty.openpty()
    async with Meeting(false, one.signing, HERE, PACE) as there:
        front = _Front(desk, terminal, By.PERSON, lambda: None)
        with pytest.raises(OtherKey):
            await front.hold(Whereabouts(at=there.addresses[0]), introductions.my_card(desk))
    os.close(keys)
    os.close(terminal)
