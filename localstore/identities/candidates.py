"""Who on record could be taken for somebody, and which records could be of one person: looked for with bounds, and
judged by `homonyms`. The history tells of none of it: only what the list of patients shows is read."""

from collections.abc import Iterator, Sequence
from itertools import groupby, islice

from localstore import patients, versions
from localstore.bodies import PatientBody
from localstore.database import Connection
from localstore.folding import fold
from localstore.identities import homonyms
from localstore.identities.homonyms import Double, Person, Reason, Similar
from localstore.model import PatientSummary

CANDIDATES = 50  # of one query; who has more namesakes than that is told apart by the birth date anyway
IN_GROUP = 60  # people of one birth date or one name who are compared with each other
LISTED = 500  # doubles in a list: more is a task for weeks
BEGINNING = 3  # letters by which a name that goes on otherwise is still looked for


def like(connection: Connection, person: Person) -> tuple[Similar, ...]:
    """The patients who could be taken for this person, the likeliest first. A record that the person's own was merged
    with is none of them."""
    found = {
        one.id: one
        for query in dict.fromkeys(_queries(person))
        for one in patients.search(connection, query, CANDIDATES)
    }
    similar = []
    for one in found.values():
        reason = homonyms.why(person, homonyms.of_summary(one))
        if reason is None and _may_use_another_name(person, one):
            reason = _by_used_name(connection, person, one)
        if reason is not None:
            similar.append(Similar(one, reason))
    ranks = list(Reason)
    return tuple(sorted(similar, key=lambda one: (ranks.index(one.reason), one.patient.family_name, one.patient.id)))


def _queries(person: Person) -> Iterator[str]:
    """What is searched for: the number, the birth date, the names as they are, the beginnings of the names."""
    if person.ins:
        yield person.ins
    if person.day:
        yield person.day
    given = fold(" ".join(person.given_names[:1])).split()[:1]
    for family in {fold(person.family_name), fold(person.used_name)} - {""}:
        yield " ".join((family, *given))
        yield " ".join((family[:BEGINNING], *(name[:BEGINNING] for name in given)))
        for part in family.split():
            yield " ".join((part, *given))


def _may_use_another_name(person: Person, one: PatientSummary) -> bool:
    """Whether it is worth reading an identity for its used name, which the list does not hold: same given name, and
    either the birth date, or a family name that is not what the search was for."""
    if one.id == person.id:
        return False
    given, other = (fold(" ".join(names[:1])) for names in (person.given_names, one.given_names))
    if not homonyms.is_near(given, other):
        return False
    wanted = {fold(name)[:BEGINNING] for name in (person.family_name, person.used_name) if name}
    was_found_by_it = any(part[:BEGINNING] in wanted for part in fold(one.family_name).split())
    return bool(person.used_name) or one.birth_date == person.day or not was_found_by_it


def _by_used_name(connection: Connection, person: Person, one: PatientSummary) -> Reason | None:
    """Why the two could be confused, with the used name of the one on record."""
    shown = patients.shown_version(connection, patients.number(connection, one.id))
    ((_, entry),) = versions.by_number(connection, [shown or 0])
    return homonyms.why(person, homonyms.of_body(one.id, entry.body)) if isinstance(entry.body, PatientBody) else None


_BY_BIRTH = (
    "SELECT birth_date, id, family_name, given_names, birth_date, sex, ins FROM patient"
    " WHERE num NOT IN (SELECT patient FROM same_person) AND birth_date <> '' ORDER BY birth_date, sort_name, num"
)
_BY_INS = (
    "SELECT ins, id, family_name, given_names, birth_date, sex, ins FROM patient"
    " WHERE num NOT IN (SELECT patient FROM same_person) AND ins IN (SELECT ins FROM patient WHERE ins <> ''"
    " GROUP BY ins HAVING count(*) > 1) ORDER BY ins, num"
)
_BY_NAME = (
    "SELECT family_name || ' ' || given_names, id, family_name, given_names, birth_date, sex, ins FROM patient"
    " WHERE num NOT IN (SELECT patient FROM same_person) ORDER BY sort_name, num"
)


def doubles(connection: Connection, limit: int = LISTED) -> list[Double]:
    """At most `limit` pairs of records that could be of one person, the likeliest first: the same number; one birth
    date and names that are alike; the same names and birth dates that differ by a slip. Twins are among them: only a
    person can tell."""
    found: dict[tuple[str, str], Double] = {}
    for sql in (_BY_INS, _BY_BIRTH, _BY_NAME):
        groups = groupby(connection.execute(sql), key=lambda values: fold(values[0]))
        for _, group in groups:
            together = [patients.of_row(values[1:]) for values in islice(group, IN_GROUP)]
            for double in _pairs(together):
                found.setdefault((double.one.id, double.other.id), double)
            if len(found) >= 4 * limit:
                break
    ranks = list(Reason)
    return sorted(found.values(), key=lambda one: (ranks.index(one.reason), one.one.family_name, one.one.id))[:limit]


def _pairs(together: Sequence[PatientSummary]) -> Iterator[Double]:
    by_id = {one.id: one for one in together}
    for pair in homonyms.alike([homonyms.of_summary(one) for one in together]):
        one, other = sorted((by_id[pair.one], by_id[pair.other]), key=lambda patient: patient.id)
        if _may_be_one(one, other, pair.reason):
            yield Double(one, other, pair.reason)


def _may_be_one(one: PatientSummary, other: PatientSummary, reason: Reason) -> bool:
    """Whether two who are alike may be one person, and not only two of similar names: names alone are no sign of it,
    unless the birth dates differ by a slip, or one of them is not known or less precise."""
    if reason in (Reason.SAME_INS, Reason.SAME_NAMES_AND_BIRTH, Reason.SWAPPED_NAMES, Reason.NEAR_NAMES_AND_BIRTH):
        return True
    if reason is not Reason.SAME_NAMES:
        return False
    shorter, longer = sorted((one.birth_date, other.birth_date), key=len)
    swapped = "-".join((longer[:4], longer[8:10], longer[5:7]))  # the day for the month
    return longer.startswith(shorter) or shorter == swapped or homonyms.distance(shorter, longer, 1) is not None
