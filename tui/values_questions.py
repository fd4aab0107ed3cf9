"""The values that the gateway hands over about questions to the whole practice. Pure."""

from typing import NamedTuple


class AnswerLine(NamedTuple):
    """One entry that answers, with what a list shows of its patient."""

    patient: str
    family_name: str
    given_names: tuple[str, ...]
    birth_date: str
    sex: str
    version: str
    kind: str
    date: str
    label: str
    is_over: bool
    value: float | None
    unit: str
    bound: str


class Answers(NamedTuple):
    """The lines to show, how many entries there are in all, of how many patients, and what is to be said beside."""

    lines: tuple[AnswerLine, ...]
    entries: int
    patients: int
    remarks: tuple[str, ...]
