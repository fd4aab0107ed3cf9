"""Two real practices whose daemons meet: a session over their own postboxes; and one whose backup is put back."""

import asyncio
import copy
import shutil
from pathlib import Path

from localstore import colleagues, consents, crypto, departures, postbox, practice, record
from localstore.arrivals import IncomingLimits
from localstore.bodies import PatientBody, ProblemBody
from localstore.clock import Clock, system_clock
from localstore.colleagues import Colleague
from localstore.consents import Consent
from localstore.correspondence import outgoing
from localstore.database import transaction
from localstore.keys import keyring
from localstore.postbox import DeliveryState
from localstore.values import Concept
from sync import desk
from sync.desk import Desk
from sync.post_office import certificate
from sync.post_office.door import Correspondent
from sync.post_office.exchange import Exchange, Surroundings
from sync.post_office.knock import Pair
from sync.post_office.patience import Patience
from sync.post_office.tls import Identity
from sync.post_office.worker import PostboxWorker
from sync.protocol import Farewell, Role
from sync.receiving import inbox, reception
from sync.receiving.reception import Collected
from sync.sending import sharing, withdrawing
from tests import practices
from tests.sync.exchanges import links, until

PATIENCE = Patience(greeting=5, keepalive=5, idle=10, farewell=1)
_AT_REST = (DeliveryState.STORED, DeliveryState.LOST)


class House:
    """A practice at one end: its desk, and the other as it knows it."""

    other: Colleague

    def __init__(self, folder: Path, name: str, rpps: str, clock: Clock) -> None:
        self.folder, self.clock = folder, clock
        self.desk = practices.make_desk(folder, name, rpps, clock)
        self._opened = keyring.unlock(keyring.read(folder), practices.PASSPHRASE)  # once: it costs on purpose
        self.patient = record.add_patient(self.desk.practice, PatientBody(f"Patient {name}", ("Un",))).id
        record.add(self.desk.practice, self.patient, ProblemBody(Concept("Asthme")))

    def close(self) -> None:
        """End the process that has the practice open."""
        self.desk.close()

    def open(self) -> None:
        """A new process opens it."""
        self.desk = desk.establish(practice.enter(self.folder, self._opened, self.clock))
        self.other = colleagues.by_number(self.desk.record, self.other.num)

    def elsewhere(self, folder: Path) -> "House":
        """The same practice, which is closed, in a copy of its folder."""
        shutil.copytree(self.folder, folder)
        moved = copy.copy(self)
        moved.folder = folder
        moved.open()
        return moved

    def consent(self) -> Consent:
        """The patient agrees."""
        return sharing.grant(self.desk, self.patient, self.other, purpose="soins")

    def share(self) -> sharing.Shared:
        """Send the patient's extract under the consent that stands."""
        return sharing.share(self.desk, self.patient, self.other)

    def revoke(self, consent: Consent) -> withdrawing.Revoked:
        """The patient takes the consent back."""
        return sharing.revoke(self.desk, consents.by_identifier(self.desk.record, consent.id))

    def collect(self) -> Collected:
        """What opening the practice does."""
        sharing.settle_revocations(self.desk)
        return reception.collect(self.desk)

    def extracts(self) -> list[str]:
        """The extracts that arrived and are still here, by identifier, oldest first."""
        return [item.id for item in reversed(inbox.listing(self.desk)) if item.entries]

    def incidents(self) -> list[str]:
        """Why feeds were frozen."""
        return [one.kind.value for one in postbox.incidents(self.desk.postbox)]

    def states(self) -> dict[str, str]:
        """How far each extract came, by identifier."""
        progress = {(one.feed, one.sequence): one.state.value for one in postbox.progress(self.desk.postbox)}
        sent = [one for one in outgoing(self.desk.record) if one.type == "extract"]
        return {one.document_id: progress[one.feed, one.sequence] for one in sent}

    # --- backups ---------------------------------------------------------------------------------------------------

    def back_up(self, name: str = "copy") -> Path:
        """The folder as it is now, beside it."""
        self.close()
        target = self.folder.with_name(f"{self.folder.name}-{name}")
        shutil.copytree(self.folder, target)
        self.open()
        return target

    def put_back(self, old: Path) -> None:
        """Put an old copy in the place of the folder, as somebody without any key could."""
        self.close()
        shutil.rmtree(self.folder)
        shutil.copytree(old, self.folder)
        self.open()

    def restore(self, old: Path, *, establish: bool = True) -> None:
        """Put an old copy back on purpose: the record begins a new incarnation, and its postbox with it."""
        self.close()
        shutil.rmtree(self.folder)
        shutil.copytree(old, self.folder)
        opened = practice.enter(self.folder, self._opened, self.clock)
        incarnation = crypto.random_bytes(16)
        with transaction(opened.connection):
            opened.connection.execute("UPDATE practice SET incarnation = ?", (incarnation,))
            opened.log("restored")
        box = postbox.open_postbox(self.folder / "postbox.db", self.desk.postbox_key)
        postbox.begin_incarnation(box, incarnation, self.clock)
        box.close()
        opened.close()
        if establish:
            self.open()


class Town:
    """Alpha and Beta, paired, with a patient each."""

    def __init__(self, folder: Path, clock: practices.SteppingClock | None = None) -> None:
        clock = clock or practices.SteppingClock()
        self.alpha = House(folder / "alpha", "Alpha", "10001234567", clock)
        self.beta = House(folder / "beta", "Beta", "10001234575", clock)
        self.alpha.other, self.beta.other = practices.pair(self.alpha.desk, self.beta.desk)

    def elsewhere(self, folder: Path) -> "Town":
        """The same two, which are closed, in copies of their folders."""
        moved = copy.copy(self)
        moved.alpha, moved.beta = self.alpha.elsewhere(folder / "alpha"), self.beta.elsewhere(folder / "beta")
        return moved

    def meet(self) -> None:
        """One session of the two daemons, until neither has more to say."""
        asyncio.run(_meet(self.alpha, self.beta))

    def exchange(self, rounds: int = 3) -> tuple[list[Collected], list[Collected]]:
        """Meet, and both open what came: so often that everything has come to rest. What each collected."""
        found: tuple[list[Collected], list[Collected]] = ([], [])
        for _ in range(rounds):
            self.meet()
            found[0].append(self.alpha.collect())
            found[1].append(self.beta.collect())
        self.meet()
        return found

    def close(self) -> None:
        """End both."""
        self.alpha.close()
        self.beta.close()


def _identity(of: Desk) -> Identity:
    seed, der = postbox.transport(of.postbox)
    return Identity(seed, der, certificate.public_key(der))


async def _meet(alpha: House, beta: House) -> None:
    ends = await links(PATIENCE)
    live: list[Exchange] = []
    both = [(alpha, beta, Role.SERVER), (beta, alpha, Role.CLIENT)]
    workers = [
        PostboxWorker(postbox.open_postbox(one.folder / "postbox.db", one.desk.postbox_key)) for one, _, _ in both
    ]
    exchanges = []
    for (here, there, role), link, worker in zip(both, ends, workers, strict=True):
        own, other = _identity(here.desk), _identity(there.desk)
        (peer,) = [one for one in postbox.peers(here.desk.postbox) if one.id == here.other.id]
        known = Correspondent(peer, Pair(peer.id, peer.pair_secret, own.key, other.key))
        around = Surroundings(own, worker, IncomingLimits(), PATIENCE, system_clock, _ignore, _ignore)
        before = departures.acknowledged(here.desk.postbox, peer.id)
        exchanges.append(Exchange(link, role, known, around, lambda: True, live.append, before))
    tasks = [asyncio.ensure_future(one.run()) for one in exchanges]
    try:
        await until(lambda: any(task.done() for task in tasks) or (len(live) == 2 and _at_rest(alpha, beta)))
        exchanges[0].leave(Farewell.STOPPING)
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for worker in workers:
            worker.close()


def _at_rest(*houses: House) -> bool:
    return all(one.state in _AT_REST for house in houses for one in postbox.progress(house.desk.postbox))


def _ignore(_count: int) -> None:
    pass
