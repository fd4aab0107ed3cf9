"""Vaccines by their French names, at the ages and in the years of the French vaccination calendar.

Sources: the calendars of the ministry of health, 2005 to 2025, simplified: hexavalent at 2, 4 and 11 months since 2013
(2, 3, 4 and 16 before), pneumococcus, meningococcus C then ACWY and B, MMR, boosters at 6, 11, 25, 45, 65 and then
every 10 years, HPV, influenza from 65, pneumococcus for those at risk, Covid-19 campaigns, shingles, RSV.
"""

from datetime import date, timedelta
from typing import NamedTuple

from localstore.bodies import ImmunisationBody
from localstore.synthetic.draw import chance, pick, whole
from localstore.synthetic.life import Life
from localstore.synthetic.numbers import lot
from localstore.values import Concept

_FIRST, _SECOND, _THIRD, _BOOSTER = "1re dose", "2e dose", "3e dose", "rappel"
_THIGHS = ("cuisse droite", "cuisse gauche")
_ARMS = ("deltoïde gauche", "deltoïde droit")


class Dose(NamedTuple):
    """A dose of childhood: at `months`, for those born from `born` (year) to before `until`; `share` who get it."""

    months: float
    dose: str
    names: tuple[str, ...]
    born: int = 1900
    until: int = 9999
    share: float = 0.95
    sex: str = ""
    from_year: int = 0


_HEXA_OLD, _HEXA = ("Infanrix Hexa", "Infanrix Quinta"), ("Hexyon", "Infanrix Hexa", "Vaxelis")
_MENACWY = ("Nimenrix",)

CHILDHOOD = (
    Dose(2, _FIRST, _HEXA_OLD, until=2013), Dose(3, _SECOND, _HEXA_OLD, until=2013),
    Dose(4, _THIRD, _HEXA_OLD, until=2013), Dose(16.5, _BOOSTER, _HEXA_OLD, until=2013),
    Dose(2, _FIRST, _HEXA, born=2013), Dose(4, _SECOND, _HEXA, born=2013), Dose(11, _BOOSTER, _HEXA, born=2013),
    Dose(2, _FIRST, ("Prevenar",), born=2006, until=2010), Dose(4, _SECOND, ("Prevenar",), born=2006, until=2010),
    Dose(12, _BOOSTER, ("Prevenar",), born=2006, until=2010),
    Dose(2, _FIRST, ("Prevenar 13",), born=2010), Dose(4, _SECOND, ("Prevenar 13",), born=2010),
    Dose(11, _BOOSTER, ("Prevenar 13",), born=2010),
    Dose(12, _FIRST, ("Priorix", "M-M-RVaxPro")), Dose(16.5, _SECOND, ("Priorix", "M-M-RVaxPro")),
    Dose(12, "dose unique", ("Neisvac", "Menjugate"), born=2010, until=2017, share=0.7),
    Dose(5, _FIRST, ("Neisvac",), born=2018, until=2024), Dose(12, _BOOSTER, ("Neisvac",), born=2018, until=2024),
    Dose(6, _FIRST, _MENACWY, born=2025), Dose(12, _BOOSTER, _MENACWY, born=2025),
    Dose(3, _FIRST, ("Bexsero",), born=2022, share=0.85), Dose(5, _SECOND, ("Bexsero",), born=2022, share=0.85),
    Dose(12, _BOOSTER, ("Bexsero",), born=2022, share=0.85),
    Dose(2, _FIRST, ("Rotarix",), born=2023, share=0.5), Dose(3, _SECOND, ("Rotarix",), born=2023, share=0.5),
    Dose(73, _BOOSTER, ("Infanrix Tetra", "Tetravac-Acellulaire"), born=2007),
    Dose(73, _BOOSTER, ("Revaxis",), born=1990, until=2007),
    Dose(140, _BOOSTER, ("Repevax", "Boostrix Tetra"), born=1996, share=0.85),
    Dose(137, _FIRST, ("Gardasil 9",), born=2007, share=0.5, sex="female"),
    Dose(144, _SECOND, ("Gardasil 9",), born=2007, share=0.5, sex="female"),
    Dose(139, _FIRST, ("Gardasil 9",), born=2010, share=0.4, sex="male"),
    Dose(146, _SECOND, ("Gardasil 9",), born=2010, share=0.4, sex="male"),
    Dose(150, "dose unique", _MENACWY, born=2013, share=0.5, from_year=2025),
)  # fmt: skip

_AT_RISK = ("dt2", "dt1", "bpco", "coronaropathie", "ic", "fa", "irc", "pr", "avc")
_BOOSTER_AGES = (25, 45, 65, 75, 85, 95)
# First campaign of Covid-19 by age: from that age, when the first dose was opened to it.
_COVID = (
    (75, date(2021, 1, 20)), (50, date(2021, 5, 12)), (18, date(2021, 6, 2)), (12, date(2021, 6, 18)),
)  # fmt: skip


def give(life: Life, day: date, name: str, dose: str) -> None:
    """Write one vaccination."""
    day = life.working_day(day)
    site = pick(life.rng, _THIGHS if life.age(day) < 2 else _ARMS)
    oral = name == "Rotarix"
    life.add(
        day,
        ImmunisationBody(vaccine=Concept(text=name), lot=lot(life.rng), dose=dose, site="voie orale" if oral else site),
    )


def due_in_childhood(life: Life) -> list[tuple[Dose, str]]:
    """The doses of this child, each with the name of its vaccine; a series refused is left out whole."""
    given = []
    brands: dict[tuple[str, ...], str] = {}
    for dose in CHILDHOOD:
        if dose.sex not in ("", life.sex) or not dose.born <= life.birth.year < dose.until:
            continue
        if dose.names not in brands:
            brands[dose.names] = pick(life.rng, dose.names) if chance(life.rng, dose.share) else ""
        if brands[dose.names] and life.at_age(dose.months / 12).year >= dose.from_year:
            given.append((dose, _brand(brands[dose.names], life.birth.year)))
    return given


def _brand(name: str, born: int) -> str:
    """The name, or that of its neighbour for those born before it came or after it went."""
    if (name == "Vaxelis" and born < 2021) or (name == "Infanrix Hexa" and born >= 2024):
        return "Hexyon"
    return "Infanrix Quinta" if name == "Infanrix Hexa" and born < 2001 else name


def write_for_adult(life: Life) -> None:
    """Boosters, influenza and what age and diseases ask for, as far back as the practice knows."""
    _boosters(life)
    _covid(life)
    at_risk = any(life.has(key) for key in _AT_RISK)
    if at_risk and chance(life.rng, 0.5):
        _pneumococcus(life)
    if chance(life.rng, 0.6):
        _influenza(life, at_risk)
    if life.age(life.last) > 66 and chance(life.rng, 0.22):
        _pair(life, "Shingrix", date(2025, 1, 10), 66, 61)
    if life.age(life.last) > 75 and chance(life.rng, 0.2):
        _single(life, pick(life.rng, ("Abrysvo", "Arexvy")), date(2024, 10, 1), 75)


def _boosters(life: Life) -> None:
    oldest = max(date(2013, 6, 1), life.first - timedelta(days=3650))
    for age in _BOOSTER_AGES:
        day = life.at_age(age) + timedelta(days=whole(life.rng, 0, 500))
        if oldest <= day <= life.last and not life.pregnant(day) and chance(life.rng, 0.75):
            name = pick(life.rng, ("Repevax", "Boostrix Tetra")) if age == 25 else "Revaxis"
            give(life, day, name, _BOOSTER)


def _covid(life: Life) -> None:
    start = next((day for age, day in _COVID if life.age(day) >= age), None)
    if start is None or not chance(life.rng, 0.85 if life.first < start else 0.35):
        return
    name = "Comirnaty" if life.age(start) < 30 or chance(life.rng, 0.8) else "Spikevax"
    day = start + timedelta(days=whole(life.rng, 0, 60))
    later = (_SECOND, 28 + whole(life.rng, 0, 14)), (_BOOSTER, 215 + whole(life.rng, 0, 50))
    doses = [(_FIRST, day), *((dose, day + timedelta(days=days)) for dose, days in later)]
    for dose, when in doses[: 3 if chance(life.rng, 0.75) else 2]:
        if when <= life.last and not life.pregnant(when):
            give(life, when, name, dose)


def _influenza(life: Life, at_risk: bool) -> None:
    for year in range(max(life.first.year, life.last.year - 5), life.last.year + 1):
        day = date(year, 10, 16) + timedelta(days=whole(life.rng, 0, 45))
        if not life.first <= day <= life.last or life.pregnant(day) or not chance(life.rng, 0.85):
            continue
        age = life.age(day)
        if age >= 65 or (at_risk and age >= 18):
            give(life, day, influenza_name(life, day, age), "dose annuelle")


def influenza_name(life: Life, day: date, age: float) -> str:
    """The influenza vaccine of that season: of four strains from 2017 to 2024, of three before and since."""
    if day.year >= 2021 and age >= 65 and chance(life.rng, 0.25):
        return "Efluelda" if day.year < 2025 else "Efluelda (trivalent)"
    name = pick(life.rng, ("Vaxigrip", "Influvac"))
    return f"{name} Tetra" if 2017 <= day.year < 2025 else name


def _pneumococcus(life: Life) -> None:
    started = min((known.onset for key, known in life.known.items() if key in _AT_RISK), default=life.last)
    day = max(started, life.first, date(2014, 1, 10)) + timedelta(days=whole(life.rng, 60, 400))
    if day.year >= 2024:
        _at(life, day, "Prevenar 20", "dose unique")
        return
    _at(life, day, "Prevenar 13", _FIRST)
    _at(life, day + timedelta(days=whole(life.rng, 60, 90)), "Pneumovax", _SECOND)


def _pair(life: Life, name: str, opened: date, age: float, days: int) -> None:
    day = max(opened, life.first, life.at_age(age)) + timedelta(days=whole(life.rng, 5, 240))
    _at(life, day, name, _FIRST)
    _at(life, day + timedelta(days=days + whole(life.rng, 0, 20)), name, _SECOND)


def _single(life: Life, name: str, opened: date, age: float) -> None:
    day = max(opened, life.first, life.at_age(age)) + timedelta(days=whole(life.rng, 5, 300))
    _at(life, day, name, "dose unique")


def _at(life: Life, day: date, name: str, dose: str) -> None:
    if day <= life.last:
        give(life, day, name, dose)
