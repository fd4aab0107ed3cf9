"""Whether the record says that the patient is pregnant, since when and until when; and what that rules out. Pure.

Evidence: a problem with a code of pregnancy (SNOMED CT 77386006, CISP-2 W78, W79, W84, ICD-10 Z33, Z34, Z35) or named
so; a pregnancy status (LOINC 82810-3) or a test (LOINC 2106-3, 2118-8) that says so; an expected date of delivery
(LOINC 11778-8, 11779-6, 11780-4). Its end: a birth, a loss or a termination by code or name, a status that says no, a
problem that is over, an expected date long past. A pregnancy of which nobody recorded the end ends by itself 42 weeks
after it was first recorded: none lasts longer. Weeks are weeks of amenorrhoea; in France the term is at 41 (CNGOF).
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import NamedTuple

from localstore.bodies import (
    Body,
    ImmunisationBody,
    MeasurementBody,
    MedicationBody,
    PatientBody,
    ProblemBody,
    ProcedureBody,
)
from localstore.folding import fold
from localstore.kinds import Status
from localstore.model import Entry
from localstore.safety import chart
from localstore.safety.ages import days
from localstore.safety.cautions import Caution, Severity
from localstore.safety.contraindications import CONTRAINDICATIONS, LIVING_VACCINES, Contraindication
from localstore.safety.measures import LOINC_SYSTEMS
from localstore.safety.naming import LONGEST_TEXT, named
from localstore.values import Concept

TERM_WEEKS = 41
LONGEST = timedelta(weeks=42)
AFTER_TERM = timedelta(weeks=3)  # an expected date may be wrong by so much; nobody is pregnant any more then

_PREGNANT = frozenset({"77386006", "W78", "W79", "W84", "Z33"})
_PREGNANT_ICD = ("Z34", "Z35")
_OVER = frozenset({"W80", "W82", "W83", "W90", "W91", "W92", "W93", "Z37", "Z39"})
_OVER_ICD = ("O0", "O80", "O81", "O82", "O83", "O84", "Z37", "Z39")
_PREGNANT_NAME = re.compile(r"(?:grossesse|enceinte|pregnan\w*|gravidite)\b")
_NOT_NOW = re.compile(
    r"\b(?:extra uterine|ectopi\w+|arretee|interrompue|terminee|menee a terme|desir|projet|souhait|crainte|test"
    r"|prevention|antecedents?|anterieure|precedente|ancienne|non desiree|gestationnel|molaire|past|history"
    r"|non|pas|not)\b"
)
_OVER_NAME = re.compile(
    r"\b(?:accouchement|accouchee|cesarienne|ivg|img|fausse couche|avortement|curetage|grossesse extra uterine|geu"
    r"|grossesse (?:arretee|terminee|interrompue)|post ?partum|delivery|childbirth|caesarean|cesarean|miscarriage"
    r"|abortion|termination of pregnancy)\b"
)
_YES = re.compile(r"(?:patient currently )?(?:enceinte|pregnant|grossesse(?: en cours)?|oui|yes|positi(?:f|ve))")
_NO = re.compile(r"(?:patient not currently |not |non |pas )(?:pregnant|enceinte)|non|no|negati(?:f|ve)")
_STATUS, _TESTS = "82810-3", frozenset({"2106-3", "2118-8"})
_EXPECTED = frozenset({"11778-8", "11779-6", "11780-4"})
_EXPECTED_WORDS = re.compile(
    r"(?:terme|dpa|accouchement pr[eé]vu|expected|due|edd)\D{0,30}?"
    r"(?:(\d{4}-\d{2}-\d{2})|(\d{1,2})[/.](\d{1,2})[/.](\d{4}))",
    re.IGNORECASE,
)


class Pregnancy(NamedTuple):
    """A pregnancy that goes on: the day on which it was first recorded, and the expected date where one is known."""

    since: date
    expected: date | None

    def weeks(self, today: date) -> int | None:
        """The weeks of amenorrhoea that are complete; None where no expected date says it."""
        if self.expected is None:
            return None
        return max(TERM_WEEKS - -(-(self.expected - today).days // 7), 0)


def current(entries: Iterable[Entry], patient: PatientBody, today: str) -> Pregnancy | None:
    """The pregnancy that the record says goes on, on the day `today`; None where it says of none."""
    if patient.sex == "male":
        return None
    standing = [entry for entry in entries if entry.status is Status.FINAL]
    now = days(today)
    begun = [day for entry in standing for day in _begins(entry, today)]
    if now is None or not begun:
        return None
    latest = max(begun)
    ends = [day for entry in standing for day in _ends(entry) if day <= now[0]]
    if ends and max(ends) >= latest:
        return None
    expected = _expected(standing, latest)
    over = expected + AFTER_TERM if expected is not None else latest + LONGEST
    return None if now[0] > over else Pregnancy(latest, expected)


def _begins(entry: Entry, today: str) -> Iterator[date]:
    """The days on which an entry says that there is a pregnancy; never one that lies ahead."""
    now = days(today)
    body = entry.body
    if (
        now is None
        or not says_pregnant(body)
        or (isinstance(body, ProblemBody) and not chart.holds_problem(body, today))
    ):
        return
    found = days((body.onset if isinstance(body, ProblemBody) else "") or entry.date or entry.recorded)
    if found is not None:
        yield min(found[0], now[0])


def says_pregnant(body: Body) -> bool:
    """Whether a body states a pregnancy."""
    match body:
        case ProblemBody() if not body.none_known:
            return _is_pregnancy(body.concept)
        case MeasurementBody():
            codes = _loinc(body.concept)
            if codes & _EXPECTED:
                return True
            said = fold(body.text[:LONGEST_TEXT])
            return bool(codes & ({_STATUS} | _TESTS)) and _YES.fullmatch(said) is not None
    return False


def _is_pregnancy(concept: Concept) -> bool:
    codes = {one.code for one in concept.codings}
    if codes & _PREGNANT or any(code.startswith(_PREGNANT_ICD) for code in codes):
        return True
    said = fold(concept.label[:LONGEST_TEXT])
    return not codes and _PREGNANT_NAME.match(said) is not None and _NOT_NOW.search(said) is None


def _ends(entry: Entry) -> Iterator[date]:
    """The day on which an entry says that a pregnancy is over."""
    body, said = entry.body, ""
    match body:
        case ProblemBody() if not body.none_known and _is_pregnancy(body.concept):
            said = body.abatement
            if not said and body.clinical_status in ("resolved", "inactive"):
                said = entry.date or entry.recorded
        case ProblemBody() if not body.none_known and _is_end(body.concept):
            said = body.onset or entry.date
        case ProcedureBody() if not body.none_known and _is_end(body.concept):
            said = entry.date
        case MeasurementBody() if _STATUS in _loinc(body.concept):
            said = entry.date if body.text and _NO.fullmatch(fold(body.text[:LONGEST_TEXT])) else ""
    found = days(said)
    if found is not None:
        yield found[1]


def _is_end(concept: Concept) -> bool:
    codes = {one.code for one in concept.codings}
    if codes & _OVER or any(code.startswith(_OVER_ICD) for code in codes):
        return True
    return not codes and _OVER_NAME.search(fold(concept.label[:LONGEST_TEXT])) is not None


def _loinc(concept: Concept) -> frozenset[str]:
    return frozenset(one.code for one in concept.codings if one.system in LOINC_SYSTEMS)


def _expected(entries: Iterable[Entry], since: date) -> date | None:
    """The newest expected date of delivery that fits a pregnancy recorded on the day `since`."""
    found: list[tuple[str, date]] = []
    for entry in entries:
        body = entry.body
        said = ""
        if isinstance(body, MeasurementBody) and _loinc(body.concept) & _EXPECTED:
            said = f"terme {body.text}"
        elif isinstance(body, ProblemBody) and says_pregnant(body):
            said = body.note
        day = _day_in(said[:LONGEST_TEXT])
        if day is not None and since - AFTER_TERM <= day <= since + LONGEST:
            found.append((entry.date or entry.recorded, day))
    return max(found)[1] if found else None


def _day_in(said: str) -> date | None:
    words = _EXPECTED_WORDS.search(said)
    if words is None:
        return None
    iso = words[1] or f"{words[4]}-{int(words[3]):02}-{int(words[2]):02}"
    found = days(iso)
    return found[0] if found else None


def prescribing_cautions(
    entries: Iterable[Entry], patient: PatientBody, new: MedicationBody | ImmunisationBody, today: str
) -> Iterator[Caution]:
    """What a pregnancy that goes on rules out, or wants to be thought over."""
    found = current(entries, patient, today)
    now = days(today)
    if found is None or now is None:
        return
    concept = new.medicine if isinstance(new, MedicationBody) else new.vaccine
    weeks = found.weeks(now[0])
    for one in contraindications(concept, weeks):
        said = {"why": one.words}
        if one.week and weeks is None:
            yield Caution(
                "pregnancy",
                "The patient is pregnant, in a week that the record does not say: {why}.",
                one.severity,
                one.source,
                {},
                said,
            )
        else:
            yield Caution("pregnancy", "The patient is pregnant: {why}.", one.severity, one.source, {}, said)


def contraindications(concept: Concept, weeks: int | None) -> Iterator[Contraindication]:
    """What is said of a medicine or a vaccine in this week of pregnancy; None: in a week that nobody knows."""
    given, text = named(concept), fold(concept.label[:LONGEST_TEXT])
    for one in CONTRAINDICATIONS:
        is_meant = one.is_about(given, text) or (one.key == "vaccines" and bool(LIVING_VACCINES & set(text.split())))
        if is_meant and (weeks is None or weeks >= one.week):
            yield one


def new_pregnancy_cautions(entries: Iterable[Entry], patient: PatientBody, new: Body, today: str) -> Iterator[Caution]:
    """What is to be asked when a pregnancy is recorded: the sex, and what the patient takes already."""
    if not says_pregnant(new) or (isinstance(new, ProblemBody) and not chart.holds_problem(new, today)):
        return
    if patient.sex == "male":
        yield Caution("other-sex", "This says that a man is pregnant.", Severity.DOUBT, "Identité du patient")
        return
    for _, body in chart.medications(entries, today):
        for one in contraindications(body.medicine, None):
            details = {"medicine": body.medicine.label}
            yield Caution(
                "pregnancy-taken",
                "The patient takes {medicine}. In pregnancy: {why}.",
                Severity.DOUBT,
                one.source,
                details,
                {"why": one.words},
            )
