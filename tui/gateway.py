"""The one way from the screens to the lower layers.

A gateway holds the open practice and one thread in which everything that touches its databases happens, one thing at
a time. Its methods return values and raise only ConfrereError; a screen never sees a connection or a key. It never
touches a widget.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import SystemRandom
from typing import TypeVar

from localstore import (
    archives,
    exporting,
    founding,
    history,
    importing,
    paths,
    patients,
    record,
    settings,
)
from localstore.bodies import Body, DocumentBody, PatientBody
from localstore.database import transaction
from localstore.emergency import door
from localstore.errors import BadInput
from localstore.identities import candidates, homonyms
from localstore.identities.homonyms import Similar
from localstore.keys import keyring, passphrase
from localstore.kinds import Sensitivity
from localstore.model import Entry
from localstore.roles import Right
from tui import drafts, values
from tui.gateways.agenda import AgendaGateway
from tui.gateways.backup import BackupGateway
from tui.gateways.base import told
from tui.gateways.documents import DocumentsGateway
from tui.gateways.identities import IdentitiesGateway
from tui.gateways.inbox import open_record
from tui.gateways.letters import LettersGateway
from tui.gateways.lots import LotsGateway
from tui.gateways.pairing import PairingGateway
from tui.gateways.questions import QuestionsGateway
from tui.gateways.rights import RightsGateway
from tui.gateways.safety import SafetyGateway
from tui.gateways.sharing import SharingGateway
from tui.gateways.users import UsersGateway, open_desk
from tui.words.catalogue import sentence

Answer = TypeVar("Answer")
Progress = Callable[[int, str], None]

SEARCH_SHOWN = 50  # a screen or two; more is no answer, and the list says that there are more


def holds_practice(folder: Path) -> bool:
    """Whether there is a practice in the folder."""
    return paths.holds_practice(folder)


def preferences(folder: Path) -> settings.Settings:
    """The settings of the practice. Raises BadInput."""
    return settings.read(folder)


def suggest_passphrase() -> str:
    """A generated passphrase."""
    return passphrase.generate()


def strength(secret: str) -> values.Strength:
    """How hard a passphrase is to guess."""
    bits = passphrase.estimated_bits(secret) if secret else 0.0
    return values.Strength(round(bits), bits >= passphrase.ENOUGH_BITS)


def some_places(of: int, count: int) -> list[int]:
    """A few places of a list of `of`, in order, nobody knows which."""
    return sorted(SystemRandom().sample(range(of), count))


async def create(folder: Path, new: values.NewPractice, memory: int = keyring.DEFAULT_MEMORY) -> list[str]:
    """Make a practice; its recovery words. Raises AlreadyThere, BadInput."""
    identity = founding.Identity(new.practice, new.town, new.doctor, new.rpps)
    words = await asyncio.to_thread(told, lambda: founding.make(folder, identity, new.passphrase, memory=memory))
    return words.split()


class Gateway(
    SharingGateway,
    BackupGateway,
    UsersGateway,
    IdentitiesGateway,
    QuestionsGateway,
    AgendaGateway,
    SafetyGateway,
    DocumentsGateway,
    RightsGateway,
    LotsGateway,
    LettersGateway,
    PairingGateway,
):
    """An unlocked practice, as the screens see it. Every method raises ConfrereError."""

    @classmethod
    async def unlock(cls, folder: Path, secret: str) -> "Gateway":
        """Open the practice. Raises NoPractice, WrongPassphrase, AccessEnded, Occupied, DamagedStore."""
        executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="record")

        def enter() -> "Gateway":
            desk, ended = open_desk(folder, secret)
            made = cls(desk, executor)
            made.ended = ended
            return made

        try:
            return await asyncio.get_running_loop().run_in_executor(executor, told, enter)
        except BaseException:
            executor.shutdown(wait=False)
            raise

    def close(self) -> None:
        """Finish what is being done, remove what was opened outside, and close the files. The keys stay in this
        process's memory until it ends."""
        self.forget_files()
        self._executor.submit(self._desk.close)
        self._executor.shutdown(wait=True)

    async def house(self) -> values.House:
        """Whose practice is open."""
        here = self._desk.practice

        def look() -> values.House:
            count = patients.count(self._desk.record)
            return values.House(
                here.name, here.town, here.user.name, here.user.rpps, count, here.user.role, here.user.id
            )

        return await self._ask(look)

    def today(self) -> str:
        """The day where the practice is, as ISO 8601."""
        return self._desk.practice.today()

    # --- patients ---------------------------------------------------------------------------------------------------

    async def search(self, query: str) -> values.Found:
        """The patients that a few typed letters may mean."""

        def look() -> values.Found:
            found = patients.search(self._desk.record, query, SEARCH_SHOWN + 1)
            listed = tuple(found[:SEARCH_SHOWN])
            more = len(found) > SEARCH_SHOWN
            total = patients.count(self._desk.record)
            died = patients.deaths(self._desk.record, listed)
            return values.Found(query, listed, more, total, homonyms.confusable(listed), died)

        return await self._ask(look)

    async def add_patient(self, body: PatientBody) -> str:
        """A new patient; the identifier."""
        return await self._ask(lambda: record.add_patient(self._desk.practice, body).id)

    async def like(self, body: PatientBody) -> tuple[Similar, ...]:
        """The patients here who could be confused with one who is to be added."""
        return await self._ask(lambda: candidates.like(self._desk.record, homonyms.of_body("", body)))

    async def import_files(self, typed: str, progress: Progress) -> values.Imported:
        """Import a file, a folder or an archive; `progress` is called in the screens' thread."""
        loop = asyncio.get_running_loop()

        def tell(count: int, name: str) -> None:
            loop.call_soon_threadsafe(progress, count, name)

        report = await self._ask(lambda: importing.import_paths(self._desk.practice, [_path(typed)], tell))
        told = [
            tuple(values.BrokenPart(one.file, one.place, sentence(one.error)) for one in found)
            for found in (report.broken, report.kept, report.doubtful)
        ]
        return values.Imported(report.files, report.patients, report.added, report.renewed, report.unchanged, *told)

    async def count_files(self, typed: str) -> int:
        """How many files an import would read; 0 where that cannot be known beforehand."""
        return await self._ask(lambda: archives.count([_path(typed)]))

    # --- one record -------------------------------------------------------------------------------------------------

    async def open_record(self, patient: str, why: str = "") -> values.Record:
        """A patient's record; the reading is written to the history, with the reason where one was asked for."""
        return await self._ask(lambda: open_record(self._desk, patient, why))

    async def renew_record(self, patient: str) -> values.Record:
        """The record that is open already, as it is now."""
        return await self._ask(lambda: open_record(self._desk, patient, log=False))

    async def add(self, patient: str, new: Sequence[values.NewEntry]) -> list[Entry]:
        """Add entries, all or none."""

        def add() -> list[Entry]:
            with transaction(self._desk.record):
                return [
                    record.add(
                        self._desk.practice,
                        patient,
                        one.body,
                        one.date,
                        Sensitivity.RESTRICTED if one.restricted else Sensitivity.NORMAL,
                        one.overrides,
                    )
                    for one in new
                ]

        return await self._ask(add)

    async def amend(
        self,
        version: str,
        body: Body,
        date: str | None = None,
        restricted: bool | None = None,
        overrides: Sequence[str] = (),
    ) -> Entry:
        """A new version in the place of another."""
        sensitivity = None
        if restricted is not None:
            sensitivity = Sensitivity.RESTRICTED if restricted else Sensitivity.NORMAL
        return await self._ask(lambda: record.amend(self._desk.practice, version, body, date, sensitivity, overrides))

    async def retract(self, version: str, reason: str) -> Entry:
        """Mark an entry as entered in error."""
        return await self._ask(lambda: record.retract(self._desk.practice, version, reason))

    async def versions(self, entry: str) -> list[Entry]:
        """Every version of an entry, oldest first."""
        return await self._ask(lambda: record.all_versions(self._desk.practice, entry))

    async def keep_note(self, patient: str, body: DocumentBody) -> list[Entry]:
        """Keep what stood on a form when the screen locked by itself."""
        return await self.add(patient, [values.NewEntry(body, self.today(), restricted=True)])

    async def keep_draft(self, patient: str, draft: drafts.Draft) -> list[Entry]:
        """Keep what stood on a consultation's form when the screen locked by itself."""
        return await self.keep_note(patient, drafts.document(draft))

    async def history(self, patient: str) -> list[values.HistoryLine]:
        """Who read and changed a record, newest first."""

        def look() -> list[values.HistoryLine]:
            self._desk.practice.require(Right.READ)
            names = history.names(self._desk.record)
            found = history.lines(self._desk.record, patients.number(self._desk.record, patient))
            return [
                values.HistoryLine(line.at, names.get(line.user, line.user), line.action, line.subject, line.detail)
                for line in reversed(found)
            ]

        return await self._ask(look)

    # --- what leaves as a file --------------------------------------------------------------------------------------

    async def export_fhir(self, patient: str, typed: str) -> tuple[str, int]:
        """Write everything about a patient as a FHIR bundle; the file, and how many resources it holds."""

        def write() -> tuple[str, int]:
            path = _path(typed)
            if path.is_dir():
                path = path / f"{patient[:8]}.json"
            made = exporting.write_patient(self._desk.practice, patient, path)
            return str(path), made.resources

        return await self._ask(write)

    async def export_emergency(self, patient: str, typed: str, why: str = "") -> tuple[str, list[tuple[str, int]]]:
        """Write the emergency sheet and its document into a folder; the folder, and the files with their sizes."""

        def write() -> tuple[str, list[tuple[str, int]]]:
            folder = _path(typed)
            written = door.write(self._desk.practice, patient, folder, why=why)
            return str(folder), written

        return await self._ask(write)


def _path(typed: str) -> Path:
    """What a person typed as the name of a file or a folder."""
    if not typed.strip():
        raise BadInput(what="No file or folder was named.", remedy="Type its name.")
    return Path(typed.strip()).expanduser()
