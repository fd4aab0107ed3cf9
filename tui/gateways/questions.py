"""What the screens ask of the whole practice. Apart from `gateway` only to keep each readable."""

from datetime import date

from localstore.questions import answering, asking
from tui.gateways.base import OpenGateway
from tui.values_questions import AnswerLine, Answers
from tui.words.catalogue import text

SHOWN = 2_000  # lines of a screen; the command line prints them all


class QuestionsGateway(OpenGateway):
    """Questions to an open practice. Every method raises ConfrereError."""

    async def ask_practice(self, typed: str) -> Answers:
        """The answers to a question as it was typed. Raises BadInput, NotYourRole."""

        def look() -> Answers:
            practice = self._desk.practice
            question = asking.read(typed, date.fromisoformat(practice.today()))
            found, remarks = answering.ask(practice, question, typed)
            lines = tuple(AnswerLine(*one) for one in found[:SHOWN])
            return Answers(
                lines, len(found), len({one.patient for one in found}), tuple(one.told(text) for one in remarks)
            )

        return await self._ask(look)
