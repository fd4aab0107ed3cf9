"""Standing consents through the screens: the switch, what is told after saving, the outbox, revoking."""

from localstore import postbox, practice, record
from localstore.bodies import AllergyBody, ProblemBody
from localstore.database import transaction
from localstore.feeds import Piece
from localstore.kinds import Kind
from localstore.postbox import IncidentKind
from localstore.values import Concept
from sync import desk as desk_room
from tests.practices import PASSPHRASE
from tests.tui.houses import Houses, Visit, visiting
from tests.tui.test_sharing_screens import collect_at_beta, open_share, words
from tui.screens.consent import ConsentForm
from tui.screens.inbox import Inbox
from tui.screens.outbox import Outbox
from tui.screens.question import Notice, Question
from tui.screens.share import Share
from tui.values import NewEntry
from tui.widgets.fields import Flag
from tui.widgets.listing import Listing


async def grant(visit: Visit, houses: Houses, *, standing: bool = True) -> Share:
    """A consent for Beta, with the switch as wanted."""
    share = await open_share(visit, houses)
    await visit.press("g")
    consent = await visit.on(ConsentForm)
    assert not consent.query_one("#standing", Flag).value  # nothing goes by itself unless somebody says so
    consent.query_one("#standing", Flag).value = standing
    consent.query_one(f"#kind-{Kind.MEASUREMENT.value}", Flag).value = False
    await visit.press("ctrl+s")
    await visit.on(Share)
    await visit.until(lambda: share.in_force(share.listing.items[0]))
    return share


async def states(visit: Visit) -> list[str]:
    """The states of the extracts in the outbox."""
    return [one.state for one in await visit.app.gateway.outbox() if one.type == "extract"]


async def test_what_is_saved_goes_by_itself_and_the_saver_is_told(houses: Houses) -> None:
    async with visiting(houses.alpha) as visit:
        share = await grant(visit, houses)
        consent = share.in_force(share.listing.items[0])
        assert consent is not None and consent.scope.standing
        assert "les changements suivants partent d'eux-mêmes" in words(visit, "#consent-words")
        gateway = visit.app.gateway
        (entry,) = await gateway.add(houses.jeanne, [NewEntry(ProblemBody(Concept("Goutte")), "2025-03-01")])
        await visit.until(lambda: "Dr Beta reçoit" in visit.told)
        assert await states(visit) == ["queued"]
        await gateway.add(houses.paul, [NewEntry(ProblemBody(Concept("Goutte")), "2025-03-01")])
        await gateway.add(houses.jeanne, [NewEntry(AllergyBody(Concept("Iode")), "2025-03-01", restricted=True)])
        await gateway.renew_record(houses.jeanne)
        assert len(await states(visit)) == 1
        amended = await gateway.amend(entry.version, ProblemBody(Concept("Goutte du pied")))
        assert len(await states(visit)) == 2
        await gateway.retract(amended.version, "erreur")
        assert len(await states(visit)) == 3
        assert collect_at_beta(houses).extracts == 3


async def test_what_another_process_left_goes_at_the_next_look(houses: Houses) -> None:
    async with visiting(houses.alpha) as visit:
        await grant(visit, houses)
        other = practice.unlock(houses.alpha, PASSPHRASE)
        record.add(other, houses.jeanne, ProblemBody(Concept("Zona")), "2025-03-01")
        other.close()
        visit.app.renew_mail()
        await visit.until(lambda: "Dr Beta reçoit" in visit.told)
        assert await states(visit) == ["queued"]


async def test_without_the_switch_nothing_goes(houses: Houses) -> None:
    async with visiting(houses.alpha) as visit:
        await grant(visit, houses, standing=False)
        await visit.app.gateway.add(houses.jeanne, [NewEntry(ProblemBody(Concept("Goutte")), "2025-03-01")])
        assert await states(visit) == []


async def test_one_key_revokes_and_the_notice_is_honest(houses: Houses) -> None:
    async with visiting(houses.alpha) as visit:
        await grant(visit, houses)
        add = visit.app.gateway.add
        await add(houses.jeanne, [NewEntry(ProblemBody(Concept("Goutte")), "2025-03-01")])
        collect_at_beta(houses)
        visit.app.renew_mail()
        await add(houses.jeanne, [NewEntry(ProblemBody(Concept("Zona")), "2025-03-01")])
        await visit.until(lambda: visit.told.count("Dr Beta reçoit") == 2)
        await visit.press("r")
        await visit.on(Question)
        await visit.press("enter")
        await visit.on(Notice)
        said = words(visit, ".dialog-words")
        assert "1 extrait n'est jamais parti" in said and "Pour 1 extrait déjà parti" in said
        assert "1 d'entre eux était déjà ouvert" in said
        await visit.press("enter")
        assert collect_at_beta(houses).withdrawals == 1


async def test_the_outbox_says_how_far_each_came_and_which_feed_stands_still(houses: Houses) -> None:
    alpha = desk_room.establish(practice.unlock(houses.alpha, PASSPHRASE))
    with transaction(alpha.postbox):
        piece = Piece(bytes(16), 1, b"")
        postbox.report_incident(alpha.postbox, houses.beta_at_alpha, piece, IncidentKind.FORK_SENT, "2026-03-01T12:00")
    alpha.close()
    async with visiting(houses.alpha) as visit:
        await grant(visit, houses)
        await visit.app.gateway.add(houses.jeanne, [NewEntry(ProblemBody(Concept("Goutte")), "2025-03-01")])
        collect_at_beta(houses)
        consent = (await visit.app.gateway.consents(houses.jeanne))[0]
        visit.app.renew_mail()
        await visit.press("f7")
        await visit.on(Inbox)
        await visit.press("o")
        outbox = await visit.on(Outbox)
        listing = outbox.query_one("#outbox", Listing)
        await visit.until(lambda: [line.state for line in listing.items] == ["opened"])
        await visit.app.gateway.revoke(consent.id)
        outbox.load()
        await visit.until(lambda: {line.state for line in listing.items} == {"withdrawn", "queued"})
        collect_at_beta(houses)
        await visit.app.gateway.collect()
        outbox.load()
        await visit.until(lambda: "removed" in {line.state for line in listing.items})
        assert "Dr Beta" in words(visit, "#frozen") and "copié" in words(visit, "#frozen")
