"""The two practices of the demonstration: made, filled, paired, connected by their daemons, and taken down again."""

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from localstore import founding, postbox, practice, record, settings
from localstore.bodies import PatientBody
from localstore.founding import Identity
from localstore.keys import keyring, passphrase
from localstore.kinds import Sensitivity
from localstore.model import Entry
from localstore.synthetic import generator
from localstore.synthetic.generator import SyntheticPatient
from localstore.synthetic.people import Practitioner
from sync import desk
from sync.desk import Desk
from sync.errors import NotDelivered
from sync.post_office import launch, status
from sync.trust import card, introductions

LOOPBACK = settings.Network(interfaces=("127.0.0.1",))  # the demonstration sends nothing to anybody else's network
DELIVERY_SECONDS = 60.0  # discovery takes a few; a busy machine more
LOOK_SECONDS = 0.1
PATIENTS = 12


@dataclass
class Practice:
    """One practice of the demonstration, open. The passphrase is shown at the end when the practices are kept."""

    folder: Path
    name: str
    doctor: str
    passphrase: str
    desk: Desk
    daemon: "subprocess.Popen[bytes] | None" = None


@dataclass
class Scene:
    """Both practices. `close` ends what was started, whatever happened."""

    opened: list[Practice] = field(default_factory=list)

    def make(self, folder: Path, doctor: Practitioner) -> Practice:
        """Make one practice and open its desk."""
        secret = passphrase.generate()
        identity = Identity(doctor.practice, doctor.town.name, f"Dr {doctor.name}", doctor.rpps, doctor.profession)
        # The cheapest derivation that is allowed: these practices hold nobody's secrets.
        founding.make(folder, identity, secret, memory=keyring.MIN_MEMORY)
        settings.write(folder, settings.Settings(network=LOOPBACK))
        made = Practice(
            folder, doctor.practice, f"Dr {doctor.name}", secret, desk.establish(practice.unlock(folder, secret))
        )
        self.opened.append(made)
        return made

    def start_daemons(self) -> None:
        """Start one daemon for each practice, as processes of their own."""
        for one in self.opened:
            one.daemon = launch.start(one.folder, one.desk.postbox_key)

    def close(self) -> None:
        """Stop the daemons and close the files."""
        for one in self.opened:
            if one.daemon is not None:
                status.stop(one.folder)
                one.daemon.wait()
                one.daemon = None
            one.desk.close()
        self.opened.clear()


def cast(seed: int) -> tuple[Practitioner, Practitioner]:
    """The two doctors."""
    first, second = generator.practitioners(seed, 2)
    return first, second


def fill(here: Desk, seed: int, today: date, doctor: Practitioner) -> tuple[list[Entry], int]:
    """Write synthetic patients into a practice; returns their identities and the number of entries."""
    people, entries = [], 0
    for person in generator.patients(seed, PATIENTS, today, (doctor,)):
        people.append(write(here, person))
        entries += len(person.entries)
    return people, entries


def write(here: Desk, person: SyntheticPatient) -> Entry:
    """Write one synthetic patient with his history."""
    added = record.add_patient(here.practice, person.body)
    for entry in person.entries:
        record.add(here.practice, added.id, entry.body, entry.date, entry.sensitivity)
    return added


def shared_patient(here: Desk, people: list[Entry]) -> Entry:
    """The patient whom both treat: alive, with a restricted entry if one has such, and a long history."""

    def interest(identity: Entry) -> tuple[bool, bool, int]:
        body = identity.body
        entries = record.chart(here.practice, identity.id).entries
        restricted = any(entry.sensitivity is Sensitivity.RESTRICTED for entry in entries)
        alive = isinstance(body, PatientBody) and not body.deceased
        return alive, restricted, len(entries)

    return max(people, key=interest)


def introduce(left: Practice, right: Practice) -> str:
    """Exchange cards, compare the fingerprint on both sides; returns it."""
    of_right = introductions.add(left.desk, card.armour(introductions.my_card(right.desk)))
    of_left = introductions.add(right.desk, card.armour(introductions.my_card(left.desk)))
    digits = introductions.fingerprint(left.desk, of_right)
    introductions.verify(left.desk, of_right, introductions.fingerprint(right.desk, of_left))
    introductions.verify(right.desk, of_left, digits)
    return digits


def await_delivery(sender: Practice) -> float:
    """Wait until the colleague's daemon has acknowledged everything; returns the seconds. Raises NotDelivered."""
    return wait_for(
        lambda: all(one.state is postbox.DeliveryState.STORED for one in postbox.progress(sender.desk.postbox))
    )


def wait_for(condition: Callable[[], bool]) -> float:
    """Look until the condition holds; returns the seconds that it took. Raises NotDelivered after a minute."""
    start = time.monotonic()
    while not condition():
        if time.monotonic() - start > DELIVERY_SECONDS:
            raise NotDelivered(seconds=round(DELIVERY_SECONDS))
        time.sleep(LOOK_SECONDS)
    return time.monotonic() - start
