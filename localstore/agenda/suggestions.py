"""What the French recommendations would have a patient recalled for. Pure: nothing is written, the doctor decides.

Each rule of `RULES` names its source. It looks at age, sex and standing problems, and says nothing where a recall for
the same thing waits already, or was cancelled in the last years, since somebody decided that. The dates
follow from what the record holds: where it tells of no earlier examination or vaccination, the suggestion is for now.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from localstore import standing
from localstore.agenda import due
from localstore.bodies import ImmunisationBody, MeasurementBody, PatientBody, ProblemBody, ProcedureBody, RecallBody
from localstore.folding import fold
from localstore.kinds import Status
from localstore.model import Entry
from localstore.partial_date import calendar_date
from localstore.standing import Stance
from localstore.values import Concept

VACCINES = "Calendrier des vaccinations, ministère chargé de la santé"
CANCELLED_MONTHS = 60  # for so long, what was cancelled is not suggested again


class Suggestion(NamedTuple):
    """What might be recalled for, in French as it would stand in the record; when it is due (ISO 8601), how often, and
    who recommends it."""

    label: str
    due: str
    every_months: int
    source: str


class Known(NamedTuple):
    """What a record tells that matters here. `age` in whole years; `problems` as folded words and codes, `histories`
    with those that are over; `done` when something was done, by folded words and codes, newest first; `recalls` the
    folded names of those that wait, or that somebody cancelled."""

    age: int
    birthday: str
    sex: str
    today: str
    problems: tuple[str, ...]
    histories: tuple[str, ...]
    done: tuple[tuple[str, str], ...]
    recalls: frozenset[str]


class Rule(NamedTuple):
    """One recommendation. `applies` to whom; `words` recognise in folded labels and codes what counts as done, any one
    of them; `ages` are those at which it is due once each, in place of an interval."""

    label: str
    source: str
    applies: Callable[[Known], bool]
    words: tuple[str, ...]
    every_months: int = 0
    ages: tuple[int, ...] = ()


def known(patient: PatientBody, entries: Iterable[Entry], today: str) -> Known | None:
    """What a record tells on a day; None where no age can be told: without a birth date, and after death."""
    birthday = due.last_day(patient.birth_date[:10])  # of a partial date the last day: nobody is suggested too early
    if not birthday or patient.deceased or birthday > today:
        return None
    current = [entry for entry in entries if entry.status is Status.FINAL]
    done = sorted((one for entry in current for one in _done(entry) if due.first_day(one[0]) <= today), reverse=True)
    problems = [body for one in current if isinstance(body := one.body, ProblemBody)]
    return Known(
        age=_age(birthday, today),
        birthday=birthday,
        sex=patient.sex,
        today=today,
        problems=tuple(_said(body.concept) for body in problems if standing.holds(body, today)),
        histories=tuple(_said(body.concept) for body in problems if standing.stance(body) is not Stance.DENIED),
        done=tuple(done),
        recalls=frozenset(fold(one.body.concept.label) for one in current if _is_decided(one, today)),  # type: ignore[union-attr]
    )


def _age(birthday: str, today: str) -> int:
    return int(today[:4]) - int(birthday[:4]) - (today[5:10] < birthday[5:10])


def _said(concept: Concept) -> str:
    """The words and codes of a concept, folded, between spaces: ` diabete de type 2 e11 9 `."""
    parts = (concept.text, *(part for one in concept.codings for part in (one.label, one.code)))
    return " ".join(("", *filter(None, map(fold, parts)), ""))


def _is_decided(entry: Entry, today: str) -> bool:
    if not isinstance(entry.body, RecallBody) or entry.body.state == due.DONE:
        return False
    return entry.body.state == due.DUE or due.after(due.last_day(entry.date), CANCELLED_MONTHS) >= today


def _done(entry: Entry) -> Iterable[tuple[str, str]]:
    """When, on the calendar here, and what was done, where an entry tells of something done: not of what was left out,
    broken off or cancelled, nor of a measurement without a result."""
    if standing.stance(entry.body) is Stance.DENIED:
        return
    day = calendar_date(entry.date)
    match entry.body:
        case ImmunisationBody(state="completed") as body:
            yield day, "".join(map(_said, (body.vaccine, *body.targets)))
        case MeasurementBody() as body:
            yield day, _said(body.concept)
        case ProcedureBody(state="completed") as body:
            yield day, _said(body.concept)
        case RecallBody(state=due.DONE) as body:
            yield calendar_date(body.done) or day, _said(body.concept)


def suggestions(patient: PatientBody, entries: Iterable[Entry], today: str) -> tuple[Suggestion, ...]:
    """What might be recalled for, on a day (ISO 8601), soonest first."""
    facts = known(patient, entries, today)
    if facts is None:
        return ()
    found = [one for rule in RULES if (one := _suggested(rule, facts))]
    return tuple(sorted(found, key=lambda one: one.due))


def _suggested(rule: Rule, facts: Known) -> Suggestion | None:
    if fold(rule.label) in facts.recalls or not rule.applies(facts):
        return None
    last = next((date for date, said in facts.done if _names(said, rule.words)), "")
    when = _at_ages(rule, facts, last) if rule.ages else _at_interval(rule, facts, last)
    return Suggestion(rule.label, when, rule.every_months, rule.source) if when else None


def _names(said: str, words: Sequence[str]) -> bool:
    return any(f" {word}" in said for word in words)


def _at_interval(rule: Rule, facts: Known, last: str) -> str:
    """An interval after the last time, or now; once done, what comes once comes no more."""
    if not last:
        return facts.today
    if not rule.every_months:
        return ""
    return max(due.after(due.first_day(last), rule.every_months), facts.today)


def _at_ages(rule: Rule, facts: Known, last: str) -> str:
    """Now where the last age that was reached saw nothing done; else at the next age. What was done in the two years
    before an age counts for it."""
    reached = max((age for age in rule.ages if age <= facts.age), default=None)
    if reached is not None and due.last_day(last) < due.after(facts.birthday, (reached - 2) * 12):
        return facts.today
    ahead = next((age for age in rule.ages if age > facts.age), None)
    return due.after(facts.birthday, ahead * 12) if ahead is not None else ""


def has(*words: str, without: tuple[str, ...] = ()) -> Callable[[Known], bool]:
    """Whether a standing problem is named by any of these beginnings of words or codes, and by none of the others."""
    return lambda facts: any(_names(one, words) and not _names(one, without) for one in facts.problems)


def had(*words: str) -> Callable[[Known], bool]:
    """Whether a problem, be it over, is named by any of these beginnings of words or codes."""
    return lambda facts: any(_names(one, words) for one in facts.histories)


def aged(first: int, last: int = 150, *, sex: str = "") -> Callable[[Known], bool]:
    """Whether the age in years lies between the two, both included; and the sex is that one, where one is named."""
    return lambda facts: first <= facts.age <= last and sex in ("", facts.sex)


def every(*conditions: Callable[[Known], bool]) -> Callable[[Known], bool]:
    """Whether all of the conditions hold."""
    return lambda facts: all(holds(facts) for holds in conditions)


def either(*conditions: Callable[[Known], bool]) -> Callable[[Known], bool]:
    """Whether any of the conditions holds."""
    return lambda facts: any(holds(facts) for holds in conditions)


def never(condition: Callable[[Known], bool]) -> Callable[[Known], bool]:
    """Whether the condition does not hold."""
    return lambda facts: not condition(facts)


def done(*words: str) -> Callable[[Known], bool]:
    """Whether something of that name was done."""
    return lambda facts: any(_names(said, words) for _, said in facts.done)


# ICD-10 E10-E14, SNOMED CT, and the words; what bears the name and is another disease, or only a risk, is left out.
DIABETES = has(
    "diabet",
    "dnid",
    "e10",
    "e11",
    "e13",
    "e14",
    "44054006",
    "46635009",
    "73211009",
    without=("insipide", "gestation", "pre diabet", "prediabet", "e23", "o24", "famil"),
)
LUNG_OR_HEART = has("bpco", "bronchopneumopathie chronique", "insuffisance cardiaque", "j44", "i50", "asthme severe")
NO_UTERUS = either(had("hysterectomie"), done("hysterectomie"))
_HBA1C = ("hba1c", "hemoglobine glyquee", "hemoglobine a1c", "4548 4", "59261 8", "17856 6")
_DTP = ("dtp", "dtcap", "dtcapolio", "diphteri", "tetanos", "tetanus", "revaxis", "repevax", "boostrix")
_TETANUS_AGES = (25, 45, 65, 75, 85, 95)

RULES: tuple[Rule, ...] = (
    Rule("Rappel diphtérie-tétanos-poliomyélite", VACCINES, aged(18), _DTP, ages=_TETANUS_AGES),
    Rule(
        "Vaccination contre la grippe saisonnière",
        VACCINES,
        either(aged(65), DIABETES, LUNG_OR_HEART),
        ("gripp", "influenza", "vaxigrip", "fluarix", "influvac", "efluelda", "fluad"),
        12,
    ),
    Rule(
        "Vaccination contre le pneumocoque",
        VACCINES,
        either(aged(65), every(aged(18), either(DIABETES, LUNG_OR_HEART))),
        ("pneumocoque", "pneumococ", "prevenar", "pneumovax", "vaxneuvance"),
    ),
    Rule("Vaccination contre le zona", VACCINES, aged(65), ("zona", "herpes zoster", "shingrix")),
    Rule("Vaccination contre les papillomavirus", VACCINES, aged(11, 14), ("papillomavirus", "hpv", "gardasil")),
    Rule(
        "Dépistage du cancer du col de l'utérus (cytologie)",
        "Arrêté du 30 juillet 2020 relatif au dépistage organisé du cancer du col de l'utérus",
        every(aged(25, 29, sex="female"), never(NO_UTERUS)),
        ("frottis", "cytologie cervic", "depistage du cancer du col"),
        36,
    ),
    Rule(
        "Dépistage du cancer du col de l'utérus (test HPV)",
        "Arrêté du 30 juillet 2020 relatif au dépistage organisé du cancer du col de l'utérus",
        every(aged(30, 65, sex="female"), never(NO_UTERUS)),
        ("test hpv", "hpv hr", "depistage du cancer du col"),
        60,
    ),
    Rule(
        "Dépistage du cancer du sein (mammographie)",
        "Arrêté du 29 septembre 2006 relatif aux programmes de dépistage des cancers",
        every(aged(50, 74, sex="female"), never(had("cancer du sein", "tumeur maligne du sein", "c50"))),
        ("mammographie", "mammogram", "depistage du cancer du sein"),
        24,
    ),
    Rule(
        "Dépistage du cancer colorectal (test immunologique)",
        "Arrêté du 29 septembre 2006 relatif aux programmes de dépistage des cancers",
        every(
            aged(50, 74), never(had("cancer colorectal", "cancer du colon", "cancer du rectum", "c18", "c19", "c20"))
        ),
        ("test immunologique", "recherche de sang dans les selles", "depistage du cancer colorectal", "29771 3"),
        24,
    ),
    Rule("HbA1c", "HAS, parcours de soins du diabète de type 2 : tous les 3 à 6 mois", DIABETES, _HBA1C, 3),
    Rule(
        "Fonction rénale et albuminurie (diabète)",
        "HAS, parcours de soins du diabète de type 2 : une fois par an",
        DIABETES,
        ("albuminurie", "microalbuminurie", "rapport albumine creatinine", "9318 7", "14959 1"),
        12,
    ),
    Rule(
        "Fond d'œil (diabète)",
        "HAS, parcours de soins du diabète de type 2 : tous les 1 à 2 ans",
        DIABETES,
        ("fond d oeil", "retinograph"),
        12,
    ),
    Rule(
        "Examen des pieds (diabète)",
        "HAS, parcours de soins du diabète de type 2 : une fois par an au moins",
        DIABETES,
        ("examen des pieds", "monofilament", "podolog"),
        12,
    ),
)
