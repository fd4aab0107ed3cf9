"""One practice of the simulation: its folder, its clock, its windows, its daemon, and its book."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from localstore import colleagues, consents, correspondence, patients, postbox, practice, record
from localstore.colleagues import Colleague, State
from localstore.database import Connection, transaction
from localstore.kinds import Sensitivity
from sync import desk as desk_room
from sync.desk import Desk
from sync.papers.documents import ABOUT_A_PATIENT
from tests.sim import founding
from tests.sim.book import Book, Given, Sealed, Watch, Written, stands
from tests.sim.daemon import Daemon
from tests.sim.disk import Crash, Process
from tests.sim.founding import Founded

if TYPE_CHECKING:
    from tests.sim.town import Town

SENT = frozenset(kind.value for kind in ABOUT_A_PATIENT)


class House:
    """A practice that runs."""

    def __init__(self, town: "Town", founded: Founded, folder: Path, clock: Watch, host: str) -> None:
        self.town, self.founded, self.folder, self.clock, self.host = town, founded, folder, clock, host
        self.name = founded.name
        self.book = founded.book.copy()
        self.desk: Desk | None = None
        self.daemon: Daemon | None = None
        self.windows: list[Process] = []
        self.certificate = b""
        self.backups: list[tuple[Path, Book]] = []
        self.restored = 0
        self.doubtful = False  # copied in silence: it may contradict itself
        self.underway = 0  # deeds that have begun and not ended
        self.noted: set[tuple[str, str, frozenset[str]]] = set()

    # --- windows ----------------------------------------------------------------------------------------------------

    def window(self) -> Desk | None:
        """Another window on this practice; None when it was killed while it opened."""
        town = self.town
        process = Process(f"{self.host}/window", self._between, self._died)
        if town.dice.happens(town.trouble * 0.05):
            process.kill_at(town.dice.randrange(3), after=town.dice.happens(0.5))
        entered = None
        self.windows.append(process)
        with town.disk.used_by(process):
            try:
                entered = practice.enter(self.folder, self.founded.opened, self.clock)
                opened = desk_room.establish(entered)
            except Crash:
                self.book.unsure = True
                self.windows.remove(process)
                process.forget()
                if entered is not None:
                    entered.close()
                return None
        process.spare()
        self.certificate = opened.certificate
        return opened

    def open(self) -> None:
        """Unlock it, as often as it takes."""
        while self.desk is None:
            self.desk = self.window()
            self.book.unsure = self.book.unsure or self.desk is None
        self.notice()

    def shut(self, opened: Desk) -> None:
        """Close a window, or what is left of it."""
        process = self.process_of(opened)
        self.windows.remove(process)
        for one in process.connections:
            if one.in_transaction:
                one.execute("ROLLBACK")
        opened.close()
        if opened is self.desk:
            self.desk = None

    def process_of(self, opened: Desk) -> Process:
        """In which process this window is."""
        (found,) = [one for one in self.windows if opened.record in one.connections]
        return found

    def close(self) -> None:
        """Lock it."""
        if self.desk is not None:
            self.shut(self.desk)

    def attempt(self, opened: Desk, deed: Callable[[Desk], None], *, killed_after: int | None = None) -> bool:
        """Do it in this window. False when the process was killed meanwhile: then the window is gone."""
        self.look(opened)
        process = self.process_of(opened)
        if killed_after is not None:
            process.kill_at(killed_after, after=self.town.dice.happens(0.5))
        self.underway += 1
        self.book.days.add(self.clock.today())
        try:
            with self.town.disk.used_by(process):
                deed(opened)
        except Crash:
            self.town.told(f"{process.name} was killed")
            self.book.unsure = True
            self.shut(opened)
            return False
        finally:
            self.underway -= 1
            self.book.days.add(self.clock.today())
            self.notice()
        process.spare()
        self.look(opened)
        return True

    def _between(self, process: Process) -> None:
        self.town.between(self, process)

    def _died(self, _process: Process) -> None:
        self.town.totals.crashes += 1

    # --- the daemon -------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the daemon."""
        town = self.town
        process = Process(f"{self.host}/daemon", lambda _process: None, self._daemon_died)
        with town.disk.used_by(process):
            connection = postbox.open_postbox(self.folder / "postbox.db", self.founded.postbox_key)
        self.certificate = postbox.transport(connection).certificate
        self.daemon = Daemon(
            self.host, connection, process, self.clock, town.network, town.loop, self.hosts_of, town.failed
        )
        town.daemons.append(self.daemon)

    def hosts_of(self, der: bytes) -> list[str]:
        """Where the owner of a certificate may be called, if the two are acquainted in this run."""
        return [one.host for one in self.town.neighbours(self) if one.certificate == der]

    def _daemon_died(self, process: Process) -> None:
        self.town.totals.daemon_crashes += 1
        self.town.told(f"{process.name} was killed at a commit")
        self.town.loop.call_soon(self.stop)

    def stop(self, *, silently: bool = False) -> None:
        """End the daemon here and now."""
        if self.daemon is not None:
            self.daemon.kill(silently=silently)
            self.daemon = None

    def notice(self) -> None:
        """The desk may have changed the postbox."""
        if self.daemon is not None:
            self.daemon.look_again()

    # --- colleagues -------------------------------------------------------------------------------------------------

    def colleague(self, opened: Desk, name: str) -> Colleague:
        """Another practice, as this one knows it."""
        return colleagues.by_number(opened.record, self.founded.others[name])

    def name_of(self, number: int) -> str:
        """Who has this number here."""
        return next(name for name, num in self.founded.others.items() if num == number)

    # --- the book ---------------------------------------------------------------------------------------------------

    def look(self, opened: Desk) -> None:
        """Note every document about a patient that was sealed since, and what might be in it."""
        if self.book.unsure or self.underway:
            self.catch_up(opened)
        for one in sorted(correspondence.outgoing(opened.record), key=lambda sent: (sent.feed, sent.sequence)):
            place = (one.feed, one.sequence)
            if place in self.book.seen or one.type not in SENT:
                continue
            self.book.seen.add(place)
            under = consents.by_number(opened.record, one.consent or 0).id
            known = self.book.consent(under)
            recipient = self.name_of(one.colleague)
            allowed: frozenset[str] = frozenset()
            if recipient in self.book.removed:
                self.town.broken(f"{self.host} sealed {one.document_id[:8]} for {recipient}, from whom it had parted")
            if known is None or not any(stands(known, day) for day in self.book.days) or known.recipient != recipient:
                self.town.broken(f"{self.host} sealed {one.document_id[:8]} for {recipient} without a consent")
            elif known is not self.book.newest(known.patient, known.recipient):
                self.town.broken(f"{self.host} sealed {one.document_id[:8]} under a consent that was replaced")
            else:
                allowed = self.book.allowed(known)
            patient = known.patient if known is not None else ""
            self.town.told(f"{self.host} sealed {one.document_id[:8]} for {recipient} under {under[:8]}")
            self.town.sealed[one.document_id] = Sealed(self.name, recipient, patient, under, allowed)
            self.town.totals.extracts += 1
            if self.town.trouble == 0:
                self.town.last_sent.add(one.document_id)
        if not self.underway:
            self.book.days.clear()

    def catch_up(self, opened: Desk) -> None:
        """A process was killed, or another window works: see what took place. What was acknowledged must be there."""
        self.book.unsure = False
        connection = opened.record
        gone = {name for name in self.founded.others if self.colleague(opened, name).state is State.REMOVED}
        if missing_ones := self.book.removed - gone:
            self.town.broken(f"{self.host} is with {missing_ones} again, from whom it had parted")
        self.book.removed |= gone
        for summary in patients.listing(connection):
            chart = record.chart(opened.practice, summary.id)
            here = self.book.entries.setdefault(summary.id, {})
            found = {entry.id for entry in chart.entries}
            if missing := set(here) - found:
                self.town.broken(f"{self.host} lost entries that were acknowledged: {missing}")
            for entry in chart.entries:
                written = here.setdefault(entry.id, Written(entry.kind, restricted=False))
                written.restricted |= entry.sensitivity is Sensitivity.RESTRICTED
            number = patients.number(connection, summary.id)
            for consent in reversed(consents.of_patient(connection, number)):
                known = self.book.consent(consent.id)
                if known is None:
                    known = self._given(connection, summary.id, consent)
                    self.book.consents.append(known)
                elif known.revoked and not consent.revoked:
                    self.town.broken(f"{self.host} lost a revocation that was acknowledged")
                known.revoked |= bool(consent.revoked)

    def _given(self, connection: Connection, patient: str, consent: consents.Consent) -> Given:
        terms = consent.terms
        return Given(
            consent.id,
            patient,
            self.name_of(consent.colleague),
            frozenset(terms.kinds),
            frozenset(terms.restricted),
            terms.begins,
            terms.ends,
            terms.is_standing,
        )

    # --- copies -----------------------------------------------------------------------------------------------------

    def back_up(self) -> None:
        """Keep a copy of the folder as it is now."""
        target = self.folder.with_name(f"{self.folder.name}-backup-{len(self.backups)}")
        founding.copy_of(self.folder, target)
        self.backups.append((target, self.book.copy()))

    def cloned(self, host: str) -> "House":
        """The same practice, from now on twice: a copy of the folder is opened elsewhere, and both are used."""
        folder = self.folder.with_name(f"{self.folder.name}-clone")
        founding.copy_of(self.folder, folder)
        other = House(self.town, self.founded, folder, Watch.like(self.clock), host)
        other.book = self.book.copy()
        other.restored = self.restored
        self.doubtful = other.doubtful = True
        return other

    def put_back(self, which: int, *, on_purpose: bool) -> None:
        """Put a copy in the place of the folder: as a restored backup, or in silence."""
        old, book = self.backups[which]
        self.open()  # what a killed process had sealed, and what may have left, is noted before it is forgotten
        if self.desk is not None:
            self.look(self.desk)
        self.close()
        self.stop()
        shutil.rmtree(self.folder)
        founding.copy_of(old, self.folder)
        self.book = book.copy()
        if on_purpose:
            self._begin_anew()
            self.restored += 1
        else:
            self.doubtful = True
        self.open()
        self.start()

    def _begin_anew(self) -> None:
        """What restoring does with the copy."""
        entered = practice.enter(self.folder, self.founded.opened, self.clock)
        try:
            with transaction(entered.connection):
                incarnation = practice.begin_incarnation(entered.connection)
                entered.log("restored")
        finally:
            entered.close()
        box = postbox.open_postbox(self.folder / "postbox.db", self.founded.postbox_key)
        try:
            postbox.begin_incarnation(box, incarnation, self.clock)
        finally:
            box.close()
