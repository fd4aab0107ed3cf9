"""Sharing, receiving, colleagues: two practices, one of them seen through its screens."""

from pathlib import Path

from textual.widgets import Digits

from localstore import colleagues, paths, postbox, practice
from localstore.arrivals import receive
from localstore.feeds import Piece
from localstore.kinds import Kind, Provenance
from sync import desk as desk_room
from sync.receiving import reception
from sync.sending import sharing
from sync.trust import card, introductions
from tests.practices import PASSPHRASE
from tests.tui.houses import Houses, Visit, carry, visiting
from tui.screens.colleagues import AddCard, Colleagues, OwnCardRoom
from tui.screens.consent import ConsentForm
from tui.screens.extract import ExtractRoom
from tui.screens.inbox import Inbox
from tui.screens.outbox import Outbox
from tui.screens.pick import PickPatient
from tui.screens.preview import PreviewRoom
from tui.screens.question import Asked, Notice, Question
from tui.screens.record import RecordRoom
from tui.screens.share import Share
from tui.screens.verify import Verify
from tui.widgets.fields import Flag, Line, Lines
from tui.widgets.listing import Listing
from tui.widgets.words import Words


async def open_share(visit: Visit, houses: Houses) -> Share:
    """From the locked screen to the colleagues with whom Jeanne's record may be shared."""
    await visit.unlock()
    await visit.app.push_screen(RecordRoom(houses.jeanne))
    room = await visit.on(RecordRoom)
    await visit.until(lambda: room.record)
    await visit.press("s")
    share = await visit.on(Share)
    await visit.until(lambda: len(share.listing.items) == 2)
    return share


def words(visit: Visit, name: str) -> str:
    """What a text of the screen says."""
    return visit.app.screen.query_one(name, Words).words


def collect_at_beta(houses: Houses) -> reception.Collected:
    """Carry what alpha sent to beta, open it there, and carry the receipt back."""
    carry(houses, from_beta=False)
    beta = desk_room.establish(practice.unlock(houses.beta, PASSPHRASE))
    found = reception.collect(beta)
    beta.close()
    carry(houses, from_beta=True)
    return found


def send_from_beta(houses: Houses) -> None:
    """Beta shares his Jeanne with alpha."""
    beta = desk_room.establish(practice.unlock(houses.beta, PASSPHRASE))
    alpha = colleagues.by_identifier(beta.record, houses.alpha_at_beta)
    assert alpha is not None
    sharing.grant(beta, houses.theirs, alpha, purpose="Avis", kinds=(Kind.ALLERGY, Kind.CONSULTATION))
    sharing.share(beta, houses.theirs, alpha)
    beta.close()
    assert carry(houses, from_beta=True) == 3  # the key of the epoch, an anchor, and the extract


async def test_a_colleague_who_is_not_verified_cannot_be_chosen_and_is_told_why(houses: Houses) -> None:
    async with visiting(houses.alpha) as visit:
        share = await open_share(visit, houses)
        await visit.press("down")
        await visit.until(lambda: share.listing.item and share.listing.item.name == "Dr Gamma")
        await visit.press("enter")
        await visit.until(lambda: "empreinte" in visit.told)
        assert isinstance(visit.app.screen, Share)
        assert "empreinte" in words(visit, "#consent-words")


async def test_consent_preview_send_outbox_revoke(houses: Houses) -> None:
    async with visiting(houses.alpha) as visit:
        await open_share(visit, houses)
        await visit.press("enter")
        consent = await visit.on(ConsentForm)
        consent.query_one("#kind-measurement", Flag).value = False
        consent.query_one("#field-purpose", Line).value = ""
        await visit.press("ctrl+s")
        await visit.until(lambda: consent.query(".-refused"))
        consent.query_one("#field-purpose", Line).value = "Avis cardiologique"
        await visit.press("ctrl+s")
        preview = await visit.on(PreviewRoom)
        goes, stays = preview.query_one("#goes", Listing), preview.query_one("#stays", Listing)
        await visit.until(lambda: stays.items)
        assert {entry.kind for entry in goes.items} == {Kind.ALLERGY, Kind.PROBLEM, Kind.CONSULTATION}
        assert sorted(reason for _, reason in stays.items) == [*["kind not covered"] * 3, "restricted, not named"]
        await visit.press("ctrl+s")
        await visit.on(Notice)
        assert f"{len(goes.items)} entrées signées" in words(visit, ".dialog-words")
        await visit.press("enter")
        share = await visit.on(Share)
        found = collect_at_beta(houses)
        assert found.extracts == 1
        visit.app.renew_mail()
        await visit.press("f7")
        await visit.on(Inbox)
        await visit.press("o")
        outbox = await visit.on(Outbox)
        listing = outbox.query_one("#outbox", Listing)
        await visit.until(lambda: [line.state for line in listing.items] == ["opened"])
        await visit.press("escape", "escape")
        await visit.on(Share)
        await visit.press("r")
        await visit.on(Question)
        await visit.press("enter")
        await visit.on(Notice)
        assert "Pour 1 extrait déjà parti" in words(visit, ".dialog-words")
        await visit.press("enter")
        await visit.until(lambda: share.listing.items and not share.in_force(share.listing.items[0]))
        assert collect_at_beta(houses).withdrawals == 1


async def test_a_restricted_entry_goes_only_where_it_is_named(houses: Houses) -> None:
    async with visiting(houses.alpha) as visit:
        share = await open_share(visit, houses)
        restricted = next(entry for entry in share.opened.entries if entry.sensitivity == "restricted")
        await visit.press("g")
        consent = await visit.on(ConsentForm)
        consent.query_one(f"#entry-{restricted.id}", Flag).value = True
        await visit.press("ctrl+s")
        await visit.on(Share)
        await visit.until(lambda: share.in_force(share.listing.items[0]))
        await visit.press("enter")
        preview = await visit.on(PreviewRoom)
        await visit.until(lambda: preview.query_one("#goes", Listing).items)
        assert restricted.id in {entry.id for entry in preview.query_one("#goes", Listing).items}
        assert not preview.query_one("#stays", Listing).items


async def test_an_extract_arrives_is_shown_beside_the_own_record_and_taken_over(houses: Houses) -> None:
    async with visiting(houses.alpha) as visit:
        await visit.unlock()
        send_from_beta(houses)
        visit.app.renew_mail()
        await visit.until(lambda: visit.app.mail.new == 1)
        assert "1 nouveau document" in words(visit, "#mail")
        await visit.press("f7")
        inbox = await visit.on(Inbox)
        await visit.until(lambda: inbox.query_one("#inbox", Listing).items)
        assert "Partiel" in words(visit, "#about-words") and "allergies" in words(visit, "#about-words")
        await visit.press("enter")
        extract = await visit.on(ExtractRoom)
        theirs, own = extract.query_one("#theirs", Listing), extract.query_one("#own", Listing)
        await visit.until(lambda: len(theirs.items) == 2 and own.items)
        await visit.press("t")
        await visit.on(Question)
        await visit.press("enter")
        await visit.on(Notice)
        assert "2 entrées ajoutées" in words(visit, ".dialog-words")
        await visit.press("enter")
        await visit.until(lambda: len([one for one in own.items if one.provenance is Provenance.RECEIVED]) == 2)
        await visit.until(lambda: visit.app.mail.new == 0)
        taken = next(one for one in own.items if one.provenance is Provenance.RECEIVED)
        assert (taken.author.name, taken.origin) == ("Dr Beta", "Dr Beta")


async def test_an_extract_is_put_beside_another_patient_or_taken_into_a_new_one(houses: Houses) -> None:
    async with visiting(houses.alpha) as visit:
        await visit.unlock()
        send_from_beta(houses)
        visit.app.renew_mail()
        await visit.until(lambda: visit.app.mail.new == 1)
        await visit.press("f7")
        inbox = await visit.on(Inbox)
        await visit.until(lambda: inbox.query_one("#inbox", Listing).items)
        await visit.press("enter")
        await visit.on(ExtractRoom)
        await visit.press("o")
        pick = await visit.on(PickPatient)
        await visit.write("martin")
        await visit.until(lambda: len(pick.query_one("#patients", Listing).items) == 1)
        await visit.press("enter")
        await visit.on(ExtractRoom)
        await visit.until(lambda: "MARTIN Paul" in words(visit, "#own-title"))
        await visit.press("n")
        question = await visit.on(Question)
        assert "doublon" in question.query_one(".dialog-words", Words).words
        await visit.press("enter")
        await visit.on(Notice)
        await visit.press("enter")
        await visit.on(ExtractRoom)
        found = await visit.app.gateway.search("moreau")
        assert found.total == 4 and len(found.confusable) == 3


async def test_what_was_not_believed_is_listed_with_its_reason(houses: Houses) -> None:
    alpha = postbox.open_postbox(paths.postbox(houses.alpha), houses.alpha_key)
    receive(alpha, houses.beta_at_alpha, [Piece(b"x" * 16, 1, b"no envelope at all" * 10)])
    alpha.close()
    async with visiting(houses.alpha) as visit:
        await visit.unlock()
        await visit.until(lambda: "mis de côté" in visit.told)
        await visit.press("f7")
        inbox = await visit.on(Inbox)
        await visit.until(lambda: inbox.query_one("#inbox", Listing).items)
        assert "Mis de côté" in words(visit, "#about-words")
        await visit.press("enter")
        assert isinstance(visit.app.screen, Inbox)


async def test_a_card_is_pasted_the_fingerprint_compared_and_the_colleague_removed(houses: Houses) -> None:
    stranger = desk_room.establish(practice.unlock(houses.folder / "gamma", PASSPHRASE))
    text = card.armour(introductions.my_card(stranger)).decode()
    stranger.close()
    async with visiting(houses.alpha) as visit:
        await visit.unlock()
        await visit.press("f8")
        room = await visit.on(Colleagues)
        await visit.until(lambda: len(room.listing.items) == 2)
        await visit.press("a")
        add = await visit.on(AddCard)
        add.query_one("#pasted", Lines).text = "no card"
        await visit.press("ctrl+s")
        await visit.until(lambda: "carte" in visit.told)
        add.query_one("#pasted", Lines).text = text
        await visit.press("ctrl+s")
        verify = await visit.on(Verify)
        await visit.until(lambda: len(verify.query(Digits)) == 10)
        digits = "".join(group.value for group in verify.query(Digits).results(Digits))
        verify.query_one("#field-digits", Line).value = "0" * 50
        await visit.press("ctrl+s")
        await visit.until(lambda: "empreinte" in visit.told)
        verify.query_one("#field-digits", Line).value = digits
        await visit.press("ctrl+s")
        await visit.on(Colleagues)
        await visit.until(lambda: all(one.verified for one in room.listing.items))
        await visit.press("x")
        await visit.on(Question)
        await visit.press("right", "enter")
        await visit.on(Colleagues)
        await visit.until(lambda: len(room.listing.items) == 1)


async def test_the_own_card_is_shown_and_saved(houses: Houses, tmp_path: Path) -> None:
    async with visiting(houses.alpha) as visit:
        await visit.unlock()
        await visit.press("f8")
        await visit.on(Colleagues)
        await visit.press("m")
        await visit.on(OwnCardRoom)
        shown = words(visit, "#card-text")
        assert card.read(shown.encode()).body.name == "Dr Alpha"
        await visit.press("ctrl+s")
        asked = await visit.on(Asked)
        asked.query_one("#asked", Line).value = str(tmp_path / "card.txt")
        await visit.press("enter")
        await visit.on(OwnCardRoom)
        await visit.until(lambda: (tmp_path / "card.txt").exists())
        assert card.read((tmp_path / "card.txt").read_bytes()).body.name == "Dr Alpha"
