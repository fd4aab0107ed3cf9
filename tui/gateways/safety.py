"""What the screens ask before an entry is written: cautions, which of them were overridden, terms to code with.

Apart from `gateway` only to keep each readable. What holds there holds here.
"""

from collections.abc import Sequence

from localstore import history, precautions
from localstore.model import Entry
from localstore.roles import Right
from localstore.safety.cautions import Caution, gravest_first
from localstore.terminology import coding
from tui.gateways.base import OpenGateway
from tui.values import HistoryLine, NewEntry
from tui.values_safety import Suggestion


class SafetyGateway(OpenGateway):
    """Cautions and terms."""

    async def cautions(self, patient: str, new: Sequence[NewEntry], replaces: str = "") -> tuple[Caution, ...]:
        """What is to be said of entries that are to be written; `replaces` is the identifier of the amended one."""

        def look() -> tuple[Caution, ...]:
            here = self._desk.practice
            found = [precautions.before_adding(here, patient, one.body, one.date, replaces) for one in new]
            return gravest_first(caution for of_one in found for caution in of_one)

        return await self._ask(look)

    async def due(self, patient: str) -> tuple[Caution, ...]:
        """The values that what the patient has and takes asks for, and that are old or were never taken."""
        return await self._ask(lambda: precautions.due(self._desk.practice, patient))

    async def overridden(self, entry: Entry) -> list[HistoryLine]:
        """The warnings that were overridden when versions of the entry were written, newest first."""

        def look() -> list[HistoryLine]:
            self._desk.practice.require(Right.READ)
            names = history.names(self._desk.record)
            found = precautions.overridden(self._desk.practice, entry)
            return [
                HistoryLine(line.at, names.get(line.user, line.user), line.action, line.subject, line.detail)
                for line in reversed(found)
            ]

        return await self._ask(look)

    async def suggest(self, typed: str, systems: Sequence[str]) -> list[Suggestion]:
        """Terms of the imported tables that a few typed letters may mean; of the systems in this order."""

        def look() -> list[Suggestion]:
            connection = self._desk.record
            found = [term for system in systems for term in coding.suggest(connection, typed, system)]
            return [Suggestion(f"{one.system}:{one.code}", coding.concept(connection, one)) for one in found]

        return await self._ask(look)
