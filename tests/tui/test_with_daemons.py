"""From one screen to the other practice: the interface starts its daemon, and two real ones carry the extract."""

import subprocess

from localstore import settings
from localstore.settings import Network, Settings
from sync.post_office import launch, status
from tests.tui.houses import Houses, Visit, visiting
from tests.tui.test_sharing_screens import open_share, words
from tui.screens.consent import ConsentForm
from tui.screens.outbox import Outbox
from tui.screens.preview import PreviewRoom
from tui.screens.question import Notice
from tui.screens.share import Share
from tui.widgets.listing import Listing


async def share_everything(visit: Visit, houses: Houses) -> None:
    """Consent, preview, send."""
    await open_share(visit, houses)
    await visit.press("enter")
    await visit.on(ConsentForm)
    await visit.press("ctrl+s")
    preview = await visit.on(PreviewRoom)
    await visit.until(lambda: preview.query_one("#goes", Listing).items)
    await visit.press("ctrl+s")
    await visit.on(Notice)
    await visit.press("enter")
    await visit.on(Share)


async def test_the_interface_starts_the_daemon_and_an_extract_reaches_the_colleague(houses: Houses) -> None:
    for folder in (houses.alpha, houses.beta):
        settings.write(folder, Settings(Network(interfaces=("127.0.0.1",))))
    started: list[subprocess.Popen[bytes]] = [launch.start(houses.beta, houses.beta_key)]
    try:
        async with visiting(houses.alpha, with_daemon=True) as visit:
            await share_everything(visit, houses)
            await visit.until(lambda: visit.app.mail.daemon)
            daemon = visit.app.gateway._daemon
            assert daemon is not None
            started.append(daemon)
            await visit.app.push_screen(Outbox())
            outbox = await visit.on(Outbox)
            listing = outbox.query_one("#outbox", Listing)

            def is_stored() -> bool:
                outbox.load()
                return [line.state for line in listing.items] == ["stored"]

            await visit.until(is_stored)
            visit.app.renew_mail()
            await visit.until(lambda: "1 confrère connecté" in words(visit, "#mail"))
    finally:
        for folder in (houses.alpha, houses.beta):
            status.stop(folder)
        for process in started:
            process.wait()
