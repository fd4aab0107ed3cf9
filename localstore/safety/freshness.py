"""How old the last value of a measure is, and when it is too old for what it is needed for. Pure.

Being old is a notice: nobody is kept from writing. Each purpose has its interval and its source.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from localstore.bodies import PatientBody
from localstore.folding import fold
from localstore.model import Entry
from localstore.partial_date import calendar_date
from localstore.safety import chart
from localstore.safety.ages import age_range, days_since, is_after
from localstore.safety.cautions import Caution, Severity
from localstore.safety.measures import MEASURES, measure_of
from localstore.safety.naming import is_of, named
from localstore.standing import has_value
from localstore.values import Concept


class Purpose(NamedTuple):
    """A reason for a value not to be older than `days`: for whoever takes one of these, is of this age (years, from and
    below), or has diabetes. `measures` are keys, of which each is looked at."""

    key: str
    words: str
    measures: tuple[str, ...]
    days: int
    source: str
    atc: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    substances: tuple[str, ...] = ()
    ages: tuple[int, int] = (0, 200)
    diabetes: bool = False

    @property
    def is_of_medicine(self) -> bool:
        """Whether it is a medicine that makes the value needed."""
        return bool(self.atc or self.families or self.substances)


MONTH, YEAR = 31, 366
_CHILD = "CSP R2132-1 (examens obligatoires de l'enfant); the dose of a child follows its weight"
PURPOSES = (
    Purpose("infant", "a child's dose depends on it", ("weight",), MONTH, _CHILD, ages=(0, 1)),
    Purpose("toddler", "a child's dose depends on it", ("weight",), 3 * MONTH, _CHILD, ages=(1, 3)),
    Purpose("child", "a child's dose depends on it", ("weight",), 6 * MONTH, _CHILD, ages=(3, 6)),
    Purpose("schoolchild", "a child's dose depends on it", ("weight",), YEAR, _CHILD, ages=(6, 15)),
    Purpose(
        "vka",
        "a vitamin K antagonist is dosed by it, at least once a month",
        ("inr",),
        MONTH,
        "ANSM, Les anticoagulants en France, 2014; RCP des AVK, 4.4",
        ("B01AA",),
        ("vitaminkantagonists",),
    ),
    Purpose(
        "doac",
        "a direct anticoagulant is dosed by the kidneys, at least once a year",
        ("creatinine", "haemoglobin"),
        YEAR,
        "EHRA 2021, Europace 2021;23:1612-1676",
        ("B01AE07", "B01AF"),
        ("directanticoagulants",),
    ),
    Purpose(
        "metformin",
        "metformin asks for the kidneys at least once a year",
        ("creatinine",),
        YEAR,
        "RCP de la metformine, 4.2 et 4.4 (EMA 2016)",
        ("A10BA02", "A10BD02", "A10BD03", "A10BD05", "A10BD07", "A10BD08", "A10BD10", "A10BD11", "A10BD15", "A10BD20"),
        (),
        ("metformine",),
    ),
    Purpose(
        "nsaid",
        "an anti-inflammatory medicine at this age asks for the kidneys",
        ("creatinine",),
        YEAR,
        "ANSM, Rappel des règles de bon usage des AINS, 2013",
        ("M01A",),
        ("nsaids",),
        ages=(65, 200),
    ),
    Purpose(
        "renin",
        "this treatment asks for potassium and the kidneys at least once a year",
        ("creatinine", "potassium"),
        YEAR,
        "HAS-SFHTA, Prise en charge de l'hypertension artérielle de l'adulte, 2016",
        ("C09A", "C09B", "C09C", "C09D", "C03"),
        ("aceinhibitors", "sartans", "diuretics"),
    ),
    Purpose(
        "lithium",
        "lithium is dosed by it, at least every three months",
        ("lithium",),
        3 * MONTH,
        "RCP du lithium, 4.4",
        ("N05AN01",),
        (),
        ("lithium",),
    ),
    Purpose(
        "thyroid",
        "thyroid hormone is dosed by it, at least once a year",
        ("tsh",),
        YEAR,
        "HAS, Prise en charge des hypothyroïdies chez l'adulte, 2023",
        ("H03AA",),
        (),
        ("levothyroxine",),
    ),
    Purpose(
        "diabetes",
        "diabetes is followed by it, at least twice a year",
        ("hba1c",),
        6 * MONTH,
        "HAS, Stratégie thérapeutique du patient vivant avec un diabète de type 2, 2024",
        diabetes=True,
    ),
)

_DIABETES = frozenset({"44054006", "46635009", "73211009", "T89", "T90"})  # SNOMED CT, CISP-2
_DIABETES_ICD = ("E10", "E11", "E12", "E13", "E14")
_DIABETES_WORDS, _NOT_DIABETES = frozenset({"diabete", "diabetes", "dt1", "dt2"}), frozenset({"insipide", "insipidus"})


class Last(NamedTuple):
    """The last value of a measure: its entry, and how many days ago it was, at least."""

    entry: Entry
    days: int


def last(entries: Iterable[Entry], key: str, today: str) -> Last | None:
    """The newest value of the measure with this key; None where there is none that has a date. What has no result, or a
    date that is still to come, is no value."""
    newest: Last | None = None
    for entry, body in chart.measurements(entries):
        measure = measure_of(body.concept)
        if measure is None or measure.key != key or not has_value(body):
            continue
        day = calendar_date(entry.date)
        ago = days_since(day, today) if not is_after(day, today) else None
        if ago is not None and (newest is None or ago < newest.days):
            newest = Last(entry, ago)
    return newest


def age_cautions(entries: Iterable[Entry], patient: PatientBody, medicine: Concept, today: str) -> Iterator[Caution]:
    """The values that prescribing this medicine asks for, and that are old or were never taken."""
    listed = list(entries)
    for purpose in PURPOSES:
        if not purpose.diabetes and _is_aged(purpose, patient, today) and _concerns(purpose, medicine):
            yield from _old(purpose, listed, today)


def due(entries: Iterable[Entry], patient: PatientBody, today: str) -> Iterator[Caution]:
    """The values that what the patient has and takes asks for, and that are old or were never taken."""
    listed = list(entries)
    taken = [body.medicine for _, body in chart.medications(listed, today)]
    for purpose in PURPOSES:
        if not _is_aged(purpose, patient, today):
            continue
        asked = has_diabetes(listed, today) if purpose.diabetes else not purpose.is_of_medicine
        if asked or (purpose.is_of_medicine and any(_concerns(purpose, one) for one in taken)):
            yield from _old(purpose, listed, today)


def has_diabetes(entries: Iterable[Entry], today: str) -> bool:
    """Whether diabetes (mellitus) is among the problems, by code or by name."""
    for _, body in chart.problems(entries, today):
        codes = {one.code for one in body.concept.codings}
        words = set(fold(body.concept.label).split())
        if codes & _DIABETES or any(code.startswith(_DIABETES_ICD) for code in codes):
            return True
        if words & _DIABETES_WORDS and not words & _NOT_DIABETES:
            return True
    return False


def _is_aged(purpose: Purpose, patient: PatientBody, today: str) -> bool:
    youngest, oldest = age_range(patient.birth_date, today)
    start, end = purpose.ages
    if youngest is None or oldest is None:
        return purpose.ages == (0, 200)
    return start <= youngest < end


def _concerns(purpose: Purpose, medicine: Concept) -> bool:
    if not purpose.is_of_medicine:
        return True
    return is_of(named(medicine), purpose.atc, purpose.families, purpose.substances)


def _old(purpose: Purpose, entries: list[Entry], today: str) -> Iterator[Caution]:
    for key in purpose.measures:
        label = {"what": MEASURES[key].label, "purpose": purpose.words}
        newest = last(entries, key, today)
        if newest is None:
            yield Caution(
                "no-value", "{what}: there is no value yet; {purpose}.", Severity.NOTICE, purpose.source, {}, label
            )
        elif newest.days > purpose.days:
            yield Caution(
                "old-value",
                "{what}: the last value is of {date}; {purpose}.",
                Severity.NOTICE,
                purpose.source,
                {"date": newest.entry.date},
                label,
            )
