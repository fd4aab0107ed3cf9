"""The part of the gateway that writes letters to colleagues about a patient."""

from collections.abc import Sequence
from dataclasses import dataclass

from localstore import colleagues, correspondence, patients, record
from localstore.colleagues import Colleague
from localstore.errors import UnknownColleague
from localstore.model import Entry
from sync.sending import covering, gate, letters
from tui import values
from tui.gateways.base import OpenGateway


@dataclass(frozen=True, slots=True)
class Answer:
    """What an answer to a letter begins with; `patient` is empty where the letter was not taken over into a record."""

    colleague: str
    name: str
    letter: str
    title: str
    patient: str


class LettersGateway(OpenGateway):
    """Letters of an open practice."""

    async def enclosable(self, patient: str, colleague: str) -> tuple[Entry, ...]:
        """The entries that may go with a letter, newest first: those that the consent in force covers. Where there is
        none, NotVerified or NoConsent is raised before anything was typed."""

        def look() -> tuple[Entry, ...]:
            to = self._to(colleague)
            owner = patients.number(self._desk.record, patient)
            terms = covering.require(self._desk, owner, patient, to).terms
            passed = gate.select(terms, record.chart(self._desk.practice, patient).entries).entries
            return tuple(sorted(passed, key=lambda entry: entry.date, reverse=True))

        return await self._ask(look)

    async def send_letter(
        self, patient: str, colleague: str, title: str, text: str, enclosed: Sequence[str], answers: str = ""
    ) -> values.Sent:
        """Write a letter into the record and send it, or neither."""

        def send() -> values.Sent:
            sent = letters.send(self._desk, patient, self._to(colleague), title, text, enclosed, answers)
            return values.Sent(sent.enclosed, 0, sent.envelope_bytes)

        return await self._ask(send)

    async def begin_answer(self, document: str) -> Answer:
        """What is known of the letter that is to be answered."""

        def look() -> Answer:
            begun = letters.answering(self._desk, correspondence.by_identifier(self._desk.record, document))
            return Answer(begun.colleague.id, begun.colleague.name, begun.letter, begun.title, begun.patient)

        return await self._ask(look)

    def _to(self, identifier: str) -> Colleague:
        found = colleagues.by_identifier(self._desk.record, identifier)
        if found is None:
            raise UnknownColleague(reference=identifier)
        return found
