"""Who the patients are: names, births, addresses, people to call. No medicine here.

Identities come in blocks that each have random numbers of their own, and the one thing that passes from block to block
is how many births each commune, month and sex has had, so that no two patients share an INS number. Patient k is the
same however many are asked for.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from localstore.bodies import PatientBody
from localstore.identity import INS_TEST_OID
from localstore.synthetic import given_names, names, numbers, towns
from localstore.synthetic.draw import chance, pick, shares, stream, weighted, whole
from localstore.values import Contact

BLOCK = 512
FIRST_BIRTH = date(1925, 1, 1)

# Of 1,000 people, how many are in the five years that begin at this age (after the French population of the 2020s).
_AGES = shares(
    {
        0: 48, 5: 56, 10: 61, 15: 61, 20: 57, 25: 57, 30: 59, 35: 61, 40: 63, 45: 61, 50: 66, 55: 65, 60: 63, 65: 60,
        70: 56, 75: 46, 80: 28, 85: 20, 90: 9, 95: 3,
    }
)  # fmt: skip
_STATUSES = weighted("qualified:82, retrieved:8, validated:4, provisional:6")
_WITH_INS = ("qualified", "retrieved")  # the number may be kept only when it came from the national service


class Relative(NamedTuple):
    """A person beside the patient."""

    relationship: str
    sex: str
    years: int  # older than the patient; negative: younger


_PARTNER = (Relative("Conjoint", "male", 2), Relative("Conjointe", "female", -2))
_PARENTS = (Relative("Mère", "female", 29), Relative("Père", "male", 32))
_CHILDREN = (Relative("Fille", "female", -28), Relative("Fils", "male", -29))
_SIBLINGS = (Relative("Sœur", "female", 3), Relative("Frère", "male", -3))
_NEIGHBOUR = Relative("Voisine", "female", -4)


class Practitioner(NamedTuple):
    """A fictional general practitioner. `rpps` is of the test range."""

    name: str
    rpps: str
    profession: str
    practice: str
    town: towns.Town
    address: str
    phone: str


_PRACTICES = weighted(
    """Cabinet médical du Port, Maison de santé des Tilleuls, Cabinet médical de la Gare, Cabinet médical du Marché
    Maison de santé pluriprofessionnelle du Lavoir, Cabinet du Parc, Cabinet médical Pasteur
    Maison médicale du Centre"""
)


def practitioner(seed: int, order: int) -> Practitioner:
    """The practitioner of this order. Numbers differ for the first 100,000 of a seed."""
    rng = stream("practitioner", seed, order)
    origin = pick(rng, names.ORIGINS)
    sex = "female" if chance(rng, 0.53) else "male"
    town = pick(rng, towns.TOWNS)
    return Practitioner(
        name=f"{_given_name(rng, origin, sex, 1962 + int(rng.random() * 30))} {_family_name(rng, origin)}",
        rpps=numbers.rpps(seed * 7919 + order),
        profession="Médecin généraliste",
        practice=pick(rng, _PRACTICES),
        town=town,
        address=_address(rng),
        phone=numbers.phone(rng, town.zone),
    )


def identities(seed: int, count: int, today: date, doctors: Sequence[Practitioner] = ()) -> Iterator[PatientBody]:
    """The first `count` patients of the seed. With `doctors`, they live around them and are treated by them."""
    births: dict[str, int] = {}
    own = tuple(doctors) or tuple(practitioner(seed, order) for order in range(40))
    homes = tuple(doctor.town for doctor in doctors)
    for first in range(0, count, BLOCK):
        rng = stream("identities", seed, first // BLOCK)
        for _ in range(first, min(first + BLOCK, count)):
            yield _identity(rng, today, births, own, homes)


def _identity(
    rng: Random,
    today: date,
    births: dict[str, int],
    doctors: Sequence[Practitioner],
    homes: Sequence[towns.Town],
) -> PatientBody:
    birth = _birth_date(rng, today)
    born = birth.isoformat()
    age = (today.toordinal() - birth.toordinal()) / 365.25
    female = rng.random() < (0.5 if age < 65 else 0.5 + (age - 65) * 0.008)
    sex = "female" if female else "male"
    origin = pick(rng, names.ORIGINS)
    family, second = _family_names(rng, origin, birth.year)
    home = pick(rng, homes) if homes and rng.random() < 0.9 else pick(rng, towns.TOWNS)
    place = _birth_place(rng, origin, home, birth.year)
    status = "provisional" if age < 0.1 else pick(rng, _STATUSES)
    number = _ins(rng, births, female, born, place) if status in _WITH_INS else ""
    married = female and age > 26 and rng.random() < min(0.8, age / 90)
    used = _family_name(rng, pick(rng, names.ORIGINS)) if married else ""
    return PatientBody(
        family_name=f"{family} {second}" if second else family,
        given_names=_given_names(rng, origin, family, sex, birth.year),
        birth_date=born,
        sex=sex,
        used_name=used,
        birth_place=place,
        ins=number,
        ins_oid=INS_TEST_OID if number else "",
        identity_status=status,
        deceased=_death(rng, age, today),
        phone=numbers.phone(rng, home.zone if age > 62 and rng.random() < 0.6 else ""),
        address=_address(rng),
        postal_code=home.postal_code,
        town=home.name,
        treating_doctor="Dr " + pick(rng, doctors).name if rng.random() < 0.96 else "",
        contacts=_contacts(rng, origin, (family, second, used), birth.year, age, sex),
    )


def _birth_date(rng: Random, today: date) -> date:
    days = int((pick(rng, _AGES) + 5 * rng.random()) * 365.25)
    return max(FIRST_BIRTH, date.fromordinal(today.toordinal() - days))


def _family_name(rng: Random, origin: str) -> str:
    return pick(rng, names.FAMILY_NAMES[origin])


def _family_names(rng: Random, origin: str, year: int) -> tuple[str, str]:
    """The name, and since 2005, when a child may bear both its parents', sometimes a second one."""
    first = _family_name(rng, origin)
    if year < 2005 or rng.random() > 0.11 or " " in first or "-" in first:
        return first, ""
    second = _family_name(rng, "french")
    return first, "" if second == first or " " in second or "-" in second else second


def _given_name(rng: Random, origin: str, sex: str, year: int) -> str:
    gender = 1 if sex == "female" else 0
    if origin in given_names.OWN and rng.random() < given_names.KEEPS_OWN[origin]:
        return pick(rng, given_names.OWN[origin][gender])
    return pick(rng, given_names.FRENCH[bisect_right(given_names.GENERATIONS, year)][gender])


def _given_names(rng: Random, origin: str, family: str, sex: str, year: int) -> tuple[str, ...]:
    first = _given_name(rng, origin, sex, year)
    if first == family:  # Martin Martin is rare enough to be left out
        first = _given_name(rng, origin, sex, year)
    draw = rng.random()
    if draw > 0.62:
        return (first,)
    # Second and third names are those of grandparents.
    second = _given_name(rng, origin, sex, year - 50)
    if draw > 0.3 or second == first:
        return (first,) if second == first else (first, second)
    third = _given_name(rng, origin, sex, year - 55)
    return (first, second) if third in (first, second) else (first, second, third)


def _birth_place(rng: Random, origin: str, home: towns.Town, year: int) -> str:
    draw = rng.random()
    abroad = 0.02 if origin in ("french", "caribbean") else 0.62 if year < 1975 else 0.28
    if draw < abroad:
        return pick(rng, towns.COUNTRIES[origin])
    if origin == "caribbean" and draw < 0.7:
        return pick(rng, towns.CARIBBEAN)
    if draw < 0.72:
        return towns.birth_code(home.insee, year)
    near = towns.TOWNS_OF_ZONE[home.zone] if draw < 0.9 else towns.TOWNS
    return towns.birth_code(pick(rng, near).insee, year)


def _ins(rng: Random, births: dict[str, int], female: bool, born: str, place: str) -> str:
    prefix = f"{'2' if female else '1'}{born[2:4]}{born[5:7]}{place}"
    # Each first number is drawn; those after it follow, so that none is given twice.
    order = births.get(prefix, -1)
    births[prefix] = order = int(rng.random() * numbers.BIRTHS_A_MONTH) if order < 0 else order + 1
    return numbers.ins(f"{prefix}{order % numbers.BIRTHS_A_MONTH + 1:03d}")


def _death(rng: Random, age: float, today: date) -> str:
    if age < 62 or rng.random() > 0.02:
        return ""
    return (today - timedelta(days=whole(rng, 20, 700))).isoformat()


def _address(rng: Random) -> str:
    number = 1 + int(rng.random() * rng.random() * 120)
    suffix = " bis" if rng.random() < 0.04 else ""
    return f"{number}{suffix} {pick(rng, towns.STREETS)}"


def _contacts(
    rng: Random, origin: str, family: tuple[str, str, str], year: int, age: float, sex: str
) -> tuple[Contact, ...]:
    first, second, used = family
    if age < 18:
        mother, father = _PARENTS
        return (
            _contact(rng, origin, second or _usually(rng, origin, first), year, mother),
            _contact(rng, origin, first, year, father),
        )
    if rng.random() > 0.45 + age / 200:
        return ()
    if age < 25:
        return (_contact(rng, origin, first, year, pick(rng, _PARENTS)),)
    draw = rng.random()
    if age > 60 and draw < 0.7:
        return (_contact(rng, origin, _usually(rng, origin, used or first), year, pick(rng, _CHILDREN)),)
    if draw < 0.8:
        return (_contact(rng, origin, used or first, year, _PARTNER[0 if sex == "female" else 1]),)
    if draw < 0.9:
        return (_contact(rng, origin, first, year, pick(rng, _SIBLINGS)),)
    return (_contact(rng, origin, _family_name(rng, "french"), year, _NEIGHBOUR),)


def _usually(rng: Random, origin: str, family: str) -> str:
    return family if rng.random() < 0.7 else _family_name(rng, origin)


def _contact(rng: Random, origin: str, family: str, year: int, person: Relative) -> Contact:
    given = _given_name(rng, origin, person.sex, year - person.years)
    return Contact(name=f"{given} {family}", relationship=person.relationship, phone=numbers.phone(rng))
