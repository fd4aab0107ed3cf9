"""What the screens ask about patients' rights: the report, how long records are kept, the archive, erasing.

Apart from `gateway` only to keep each readable. What holds there holds here.
"""

from pathlib import Path

from localstore.model import Entry
from localstore.rights import archive, archiving, erasure, keeping, report
from localstore.rights.erasure import Ground
from localstore.rights.keeping import Kept
from localstore.rights.terms_of_keeping import State
from sync.sending import erasing
from tui.gateways.base import OpenGateway
from tui.values_rights import ErasedTold, KeptLine


def _line(one: Kept) -> KeptLine:
    return KeptLine(one.patient, one.state.value, *one.days)


class RightsGateway(OpenGateway):
    """What the law gives patients. Every method raises ConfrereError."""

    async def write_report(self, patient: str, typed: str, why: str = "") -> tuple[str, list[tuple[str, int]]]:
        """Write everything about a patient, for the patient, into a folder; the folder, and the files with sizes."""
        folder = Path(typed.strip()).expanduser()  # noqa: ASYNC240 - it asks the disk nothing
        written = await self._ask(lambda: report.write(self._desk.practice, patient, folder, why=why))
        return str(folder), written

    async def kept(self, patient: str) -> KeptLine:
        """How long one record is kept."""
        return await self._ask(lambda: _line(keeping.of_patient(self._desk.practice, patient)))

    async def keeping(self, state: str = "") -> list[KeptLine]:
        """All records that are not in active use any more, or those in one state; those whose time ends first at the
        top."""
        wanted = frozenset({State(state)} if state else set(State) - {State.ACTIVE})
        return await self._ask(lambda: [_line(one) for one in keeping.listing(self._desk.practice, wanted)])

    async def archive(self, patient: str) -> None:
        """Take a record into the archive."""
        await self._ask(lambda: archiving.into_archive(self._desk.practice, patient))

    async def bring_back(self, patient: str) -> None:
        """Bring a record back from the archive."""
        await self._ask(lambda: archiving.bring_back(self._desk.practice, patient))

    async def read_archived(self, patient: str, why: str) -> list[Entry]:
        """The entries of an archived record, the reason in its history; it stays in the archive."""

        def read() -> list[Entry]:
            found = archiving.read(self._desk.practice, patient, why)
            return [*found.identity, *found.entries]

        return await self._ask(read)

    async def check_erasing(self, patient: str, ground: str, reason: str) -> None:
        """Raise unless the law allows to erase this record on that ground."""
        await self._ask(lambda: erasure.check(self._desk.practice, patient, Ground(ground), reason))

    async def erase(self, patient: str, ground: str, reason: str, typed: str) -> ErasedTold:
        """Erase everything about a patient; `typed` is the family name, as it was typed to confirm it."""

        def erase() -> ErasedTold:
            one = archive.find(self._desk.practice, patient)
            known = one.patient if one else keeping.of_patient(self._desk.practice, patient).patient
            erasure.require_named(known, typed)
            gone = erasing.erase(self._desk, patient, Ground(ground), reason)
            return ErasedTold(
                gone.erased.versions,
                gone.erased.backups_until,
                tuple(one.name for one in gone.holders if one.held and one.asked),
                tuple(one.name for one in gone.holders if one.held and not one.asked),
                gone.erased.log_emptied,
                gone.received,
                gone.erased.shared_left,
            )

        return await self._ask(erase)
