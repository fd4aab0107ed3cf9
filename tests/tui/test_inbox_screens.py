"""The room of an extract: each entry beside what is here about the same thing, duplicates marked and left, chosen one
by one; with much in it, with hostile text, and on a small terminal."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from localstore import colleagues, paths, postbox, practice, record
from localstore.arrivals import receive
from localstore.bodies import AllergyBody, Body, DocumentBody, MeasurementBody, ProblemBody
from localstore.feeds import Piece
from localstore.kinds import Kind, Provenance
from localstore.values import Concept, Quantity
from sync import desk as desk_room
from sync.receiving import inbox, reception
from sync.sending import sharing
from tests import practices
from tests.practices import PASSPHRASE
from tests.tui.hostile import hostile
from tests.tui.houses import JEANNE, Houses, Visit, carry, visiting
from tui import inbox_words
from tui.screens.beside import CHOSEN, HERE, LEFT
from tui.screens.extract import ExtractRoom
from tui.screens.inbox import Inbox
from tui.screens.question import Notice, Question
from tui.values_inbox import Beside
from tui.widgets.listing import Listing
from tui.widgets.words import Words
from tui.words.catalogue import text

HARMFUL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
ARABIC = "حساسية من البنسلين"
KINDS = (Kind.ALLERGY, Kind.PROBLEM, Kind.CONSULTATION, Kind.MEASUREMENT, Kind.DOCUMENT)


def tell(houses: Houses, *entries: tuple[Body, str]) -> None:
    """Beta writes entries about Jeanne and shares them with alpha, of whose record he repeats the penicillin."""
    beta = desk_room.establish(practice.unlock(houses.beta, PASSPHRASE))
    alpha = colleagues.by_identifier(beta.record, houses.alpha_at_beta)
    assert alpha is not None
    for body, date in entries:
        record.add(beta.practice, houses.theirs, body, date)
    sharing.grant(beta, houses.theirs, alpha, purpose="Avis", kinds=KINDS)
    sharing.share(beta, houses.theirs, alpha)
    beta.close()
    assert carry(houses, from_beta=True)


async def open_extract(visit: Visit) -> ExtractRoom:
    """From the locked screen to the extract that has arrived."""
    await visit.unlock()
    visit.app.renew_mail()
    await visit.until(lambda: visit.app.mail.new >= 1)
    await visit.press("f7")
    room = await visit.on(Inbox)
    await visit.until(lambda: room.query_one("#inbox", Listing).items)
    await visit.press("enter")
    extract = await visit.on(ExtractRoom)
    await visit.until(lambda: theirs(extract).items and words(extract, "#own-title"))
    return extract


def theirs(room: ExtractRoom) -> "Listing[Beside]":
    return room.query_one("#theirs", Listing)


def words(room: ExtractRoom, name: str) -> str:
    return room.query_one(name, Words).words


def marks(room: ExtractRoom) -> dict[str, str]:
    """The mark of each entry, by how it stands to the own record and its kind."""
    return {f"{one.relation} {one.entry.kind}": room.paint(one)[0].plain for one in theirs(room).items}


def painted(visit: Visit) -> str:
    lines = visit.app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip) for strip in lines)


async def to(visit: Visit, room: ExtractRoom, kind: Kind) -> Beside:
    """Put the cursor on the entry of a kind."""
    place = next(place for place, one in enumerate(theirs(room).items) if one.entry.kind is kind)
    theirs(room).cursor = place
    await visit.pilot.pause()
    return theirs(room).items[place]


PENICILLIN = (AllergyBody(Concept("penicilline")), "2020")


async def test_a_possible_duplicate_is_marked_shown_beside_its_like_and_not_chosen(houses: Houses) -> None:
    tell(houses, PENICILLIN, (ProblemBody(Concept("Goutte")), "2022"))
    async with visiting(houses.alpha) as visit:
        room = await open_extract(visit)
        found = marks(room)
        assert found["possible-duplicate allergy"] == LEFT
        assert found["new problem"] == found["new consultation"] == CHOSEN
        place = next(at for at, one in enumerate(theirs(room).items) if one.relation == "possible-duplicate")
        theirs(room).cursor = place
        own = room.query_one("#own", Listing)
        await visit.until(lambda: own.item is not None and own.item.kind is Kind.ALLERGY)
        assert own.item is not None and own.item.body.substance.text == "Pénicilline"
        said = inbox_words.relation("possible-duplicate")
        assert said in painted(visit)
        assert said in words(room, "#about-entry") and "Dr Beta" in words(room, "#about-entry")
        assert "Dr Beta" in words(room, "#extract-banner") and "allergies" in words(room, "#extract-banner")


async def test_what_is_chosen_is_taken_and_the_duplicate_stays(houses: Houses) -> None:
    tell(houses, PENICILLIN, (ProblemBody(Concept("Goutte")), "2022"))
    async with visiting(houses.alpha) as visit:
        room = await open_extract(visit)
        count = len(theirs(room).items)
        await to(visit, room, Kind.PROBLEM)
        await visit.press("space")  # this one is left too
        await visit.press("t")
        question = await visit.on(Question)
        assert str(count - 2) in question.query_one(".dialog-words", Words).words
        await visit.press("enter")
        await visit.on(Notice)
        await visit.press("enter")
        await visit.on(ExtractRoom)
        await visit.until(lambda: marks(room).get("already-here consultation") == HERE)
        assert marks(room)["possible-duplicate allergy"] == LEFT
        assert marks(room)["new problem"] == CHOSEN  # asked anew
        own = room.query_one("#own", Listing).items
        taken = [one for one in own if one.provenance is Provenance.RECEIVED]
        assert len(taken) == count - 2 and {one.origin for one in taken} == {"Dr Beta"}


async def test_a_duplicate_is_taken_only_after_a_grave_question(houses: Houses) -> None:
    tell(houses, PENICILLIN)
    async with visiting(houses.alpha) as visit:
        room = await open_extract(visit)
        place = next(at for at, one in enumerate(theirs(room).items) if one.relation == "possible-duplicate")
        theirs(room).cursor = place
        await visit.pilot.pause()
        await visit.press("space", "t")
        question = await visit.on(Question)
        assert question.query(".-grave")
        await visit.press("escape")
        await visit.on(ExtractRoom)
        assert not [one for one in room.query_one("#own", Listing).items if one.provenance is Provenance.RECEIVED]


async def test_all_none_and_nothing_to_take(houses: Houses) -> None:
    tell(houses, PENICILLIN)
    async with visiting(houses.alpha) as visit:
        room = await open_extract(visit)
        await visit.press("a")
        assert set(marks(room).values()) == {CHOSEN}
        await visit.press("a")
        assert set(marks(room).values()) == {LEFT}
        await visit.press("t")
        await visit.until(lambda: text("Nothing is chosen: the space bar chooses an entry.") in visit.told)
        assert isinstance(visit.app.screen, ExtractRoom)


async def test_two_values_of_one_day_stand_beside_each_other(houses: Houses) -> None:
    tell(houses, (MeasurementBody(Concept("poids"), Quantity(Decimal("79"), "kg")), "2025-01-10"))
    async with visiting(houses.alpha) as visit:
        room = await open_extract(visit)
        one = await to(visit, room, Kind.MEASUREMENT)
        assert (one.relation, one.proposed) == ("possible-duplicate", False)
        assert [own.body.quantity.value for own in one.own] == [Decimal("77.5")]  # type: ignore[union-attr]


async def test_three_hundred_entries_scroll_and_are_taken(houses: Houses) -> None:
    tell(houses, *((DocumentBody(f"Examen {number}"), f"{1990 + number % 30}-05") for number in range(300)))
    async with visiting(houses.alpha) as visit:
        room = await open_extract(visit)
        assert len(theirs(room).items) >= 300
        await visit.press("end")
        await visit.until(lambda: theirs(room).cursor == len(theirs(room).items) - 1)
        last = theirs(room).item
        assert last is not None and last.entry.kind in KINDS
        await visit.press("t")
        await visit.on(Question)
        await visit.press("enter")
        await visit.on(Notice)
        await visit.press("enter")
        await visit.until(lambda: sum(one.relation == "already-here" for one in theirs(room).items) >= 300)


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_hostile_and_arabic_words_are_read_and_never_obeyed(houses: Houses, size: tuple[int, int]) -> None:
    tell(houses, (AllergyBody(Concept(hostile("Noix"))), "2024-03-03"), (ProblemBody(Concept(ARABIC)), "2025-03-03"))
    async with visiting(houses.alpha, size=size) as visit:
        room = await open_extract(visit)
        seen = ""
        for _ in theirs(room).items:
            seen += painted(visit)
            await visit.press("down")
        assert not HARMFUL.search(seen)
        assert "HOSTILE" in seen and ARABIC in seen


async def test_eighty_columns_and_twenty_four_lines_show_all_that_matters(houses: Houses) -> None:
    tell(houses, PENICILLIN)
    async with visiting(houses.alpha, size=(80, 24)) as visit:
        room = await open_extract(visit)
        place = next(at for at, one in enumerate(theirs(room).items) if one.relation == "possible-duplicate")
        theirs(room).cursor = place
        own = room.query_one("#own", Listing)
        await visit.until(lambda: own.item is not None and own.item.kind is Kind.ALLERGY)
        shown = painted(visit)
        assert len(shown.splitlines()) == 24 and all(len(line) <= 80 for line in shown.splitlines())
        for said in ("MOREAU", "Dr Beta", "penicilline", "Pénicilline", inbox_words.relation("possible-duplicate")):
            assert said in shown, shown
        assert text("Partial: only {scope}.").split("{")[0] in shown


async def test_a_word_that_is_passed_on_says_whose_key_signed_it(houses: Houses, tmp_path: Path) -> None:
    gamma = practices.make_desk(tmp_path / "delta", "Delta", "10001234591")
    beta = desk_room.establish(practice.unlock(houses.beta, PASSPHRASE))
    alpha = colleagues.by_identifier(beta.record, houses.alpha_at_beta)
    assert alpha is not None
    gammas_beta, betas_gamma = practices.pair(gamma, beta)
    theirs_too = record.add_patient(gamma.practice, JEANNE).id
    record.add(gamma.practice, theirs_too, ProblemBody(Concept("Goutte")), "2022")
    sharing.grant(gamma, theirs_too, gammas_beta, purpose="Avis")
    sharing.share(gamma, theirs_too, gammas_beta)
    practices.carry(gamma, gammas_beta, beta, betas_gamma)
    reception.collect(beta)
    inbox.take(beta, inbox.listing(beta)[0].id, houses.theirs)
    beta.close()
    gamma.close()
    tell(houses)
    async with visiting(houses.alpha) as visit:
        room = await open_extract(visit)
        one = await to(visit, room, Kind.PROBLEM)
        found = room._extract
        assert found is not None and set(found.line.words) == {one.entry.version}
        word = found.line.words[one.entry.version]
        said = inbox_words.signed("Dr Delta", word.as_of, "unknown", "Dr Beta")
        await visit.until(lambda: said in words(room, "#about-entry"))


async def test_what_was_replaced_or_not_believed_says_so_in_the_list(houses: Houses) -> None:
    tell(houses)
    tell(houses, (ProblemBody(Concept("Goutte")), "2022"))
    alpha = postbox.open_postbox(paths.postbox(houses.alpha), houses.alpha_key)
    receive(alpha, houses.beta_at_alpha, [Piece(b"x" * 16, 1, b"no envelope at all" * 10)])
    alpha.close()
    async with visiting(houses.alpha) as visit:
        await visit.unlock()
        visit.app.renew_mail()
        await visit.until(lambda: visit.app.mail.new >= 1)
        await visit.press("f7")
        room = await visit.on(Inbox)
        listing: Listing[object] = room.query_one("#inbox", Listing)
        await visit.until(lambda: len(listing.items) == 3)
        assert "1" in room.query_one("#inbox-title", Words).words
        place = next(at for at, one in enumerate(listing.items) if getattr(one, "superseded_by", ""))
        listing.cursor = place
        replaced = text("A later extract has taken its place.")
        await visit.until(lambda: replaced in room.query_one("#about-words", Words).words)
