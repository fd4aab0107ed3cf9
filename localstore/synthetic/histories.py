"""One patient's history from birth to the last day: everything drawn in an order that keeps it coherent.

Allergies come first, then diseases, then pregnancies, then treatments: each may look at what came before it and at
nothing else. What the practice saw itself is then told day by day, so that a value of today decides on tomorrow.
"""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from heapq import heapify, heappop, heappush
from random import Random

from localstore.bodies import (
    ConsultationBody,
    ImmunisationBody,
    MeasurementBody,
    MedicationBody,
    PatientBody,
    ProblemBody,
)
from localstore.synthetic import (
    allergies,
    around,
    children,
    codes,
    episodes,
    follow_up,
    growth,
    planning,
    pregnancy,
    reports,
    surgery,
    treatments,
    vaccines,
    vitals,
)
from localstore.synthetic.codes import french, measurement
from localstore.synthetic.diseases import Disease
from localstore.synthetic.diseases_common import COMMON, OBESITY, SMOKING
from localstore.synthetic.diseases_other import OTHER, RHINITIS
from localstore.synthetic.draw import between, chance, pick, whole
from localstore.synthetic.life import FRAIL_AT, Known, Life, SyntheticEntry
from localstore.synthetic.medicines import MEDICINES

MOST_ENTRIES = 120
_ADULT = 17.0
_RESPIRATORY_ALLERGENS = ("acariens", "graminées", "bouleau", "chat")
# Diseases that are asked about once a year.
_LIGHT = (
    "rgo", "rhinite", "migraine", "psoriasis", "lombalgie", "gonarthrose", "eczema", "constipation", "endometriose",
    "glaucome", "insomnie", "tabac", "hbp",
)  # fmt: skip
_GROUPS = ("O",) * 43 + ("A",) * 44 + ("B",) * 9 + ("AB",) * 4

Event = tuple[date, Callable[[], None]]


def write(body: PatientBody, rng: Random, today: date) -> tuple[SyntheticEntry, ...]:
    """The entries of a patient, oldest first; those without an exact day before those within that month or year."""
    life = _open(body, rng, today)
    found = allergies.write(life)
    if any(allergen.key in _RESPIRATORY_ALLERGENS for allergen, _ in found):
        life.habits.add("allergique")
    _draw_diseases(life)
    pregnancy.draw(life)
    _settle(life)
    _pens(life, found)
    surgery.write(life)
    _tell(life)
    treatments.write(life)
    pregnancy.write_contraception(life)
    reports.write(life)
    _say_what_there_is_not(life)
    around.write(life)
    planning.write(life)
    return _in_order(_within(life.entries))


def _open(body: PatientBody, rng: Random, today: date) -> Life:
    birth = date.fromisoformat(body.birth_date)
    last = date.fromisoformat(body.deceased) - timedelta(days=4) if body.deceased else today
    age = (last - birth).days / 365.25
    years = between(rng, 0.4, 9.5)
    if age < children.CHILDHOOD_ENDS:
        first = birth if chance(rng, 0.72) else last - timedelta(days=round(min(age, years) * 365))
    else:
        first = last - timedelta(days=round(min(years, age) * 365))
    group = f"{pick(rng, _GROUPS)} Rh {'positif' if chance(rng, 0.85) else 'négatif'}"
    life = Life(rng, body, birth, first, last, growth.frame(rng, body.sex, birth.year), group)
    life.first = life.open_day(first) or last if first > birth else birth
    return life


def _draw_diseases(life: Life) -> None:
    age = life.age(life.last)
    life.habits.add(life.sex)
    if age > 35 and chance(life.rng, 0.22):
        life.habits.add("ancien-fumeur")
    _obesity(life)
    if age > FRAIL_AT and chance(life.rng, 0.5):
        life.habits.add("à domicile")
    for disease in (RHINITIS, *COMMON, *OTHER[1:]):
        if disease.sex not in ("", life.sex) or (disease.key == "dt1" and life.has("dt2")):
            continue
        if disease is SMOKING and "ancien-fumeur" in life.habits:
            continue
        present = life.habits | set(life.known)
        if disease.needs and not present & set(disease.needs):
            continue
        share = disease.share_at(age)
        for key, factor in disease.boosts.items():
            share *= factor if key in present else 1.0
        if share and chance(life.rng, min(share, 0.9)):
            _know(life, disease, _onset(life, disease, age))


def _obesity(life: Life) -> None:
    if life.age(life.last) < 19 or growth.index(life.frame, life.age(life.last)) < 30:
        return
    age = next(age for age in range(18, 110) if growth.index(life.frame, age) >= 29.9)
    _know(life, OBESITY, min(life.last, life.at_age(age + 0.2)))


def _onset(life: Life, disease: Disease, age: float) -> date:
    if disease is SMOKING:
        start = between(life.rng, 15, min(age, 21))
        life.packs = (age - start) * between(life.rng, 0.3, 0.9)
        return life.at_age(start)
    return life.at_age(age - (age - disease.from_age) * life.rng.random() ** 1.5)


def _know(life: Life, disease: Disease, onset: date) -> None:
    known = Known(disease, min(onset, life.last), 0, chance(life.rng, disease.restricted))
    if onset > life.first:
        day = life.open_day(onset)
        if day is None:
            return
        known.onset = day
    if disease.lasts is not None:
        over = known.onset + timedelta(days=round(between(life.rng, *disease.lasts) * 365))
        known.end = over if over < life.last else None
    life.known[disease.key] = known
    known.need = treatments.draw_need(life, known) if disease.slots else 0


def _settle(life: Life) -> None:
    """Problems and treatments that were there before the practice opened the record."""
    for known in life.known.values():
        if known.onset <= life.first:
            follow_up.write_problem(life, known)
            if known.end is None or known.end > life.first:
                treatments.settle(life, known)


def _pens(life: Life, found: list[tuple[allergies.Allergen, str]]) -> None:
    grave = [one.substance for one, criticality in found if one.key in allergies.ADRENALINE and criticality == "high"]
    if not grave:
        return
    medicine = MEDICINES["adrenaline150" if vitals.weight(life, life.last) < 28 else "adrenaline300"]
    start = max(life.first, life.last - timedelta(days=whole(life.rng, 20, 400))).isoformat()
    reason = f"Allergie grave : {grave[0].lower()}"
    life.add(start, MedicationBody(medicine=medicine.concept, dosage=medicine.dosage, start=start, reason=reason))


def _tell(life: Life) -> None:
    """What the practice saw itself, in the order of days."""
    age = life.age(life.last)
    if life.age(life.first) < 0.01:
        children.newborn(life)
    elif age >= _ADULT or chance(life.rng, 0.5):
        _first_meeting(life)
    if age < children.CHILDHOOD_ENDS + 8:
        children.write(life)
    pregnancy.write(life)
    if age >= _ADULT:
        vaccines.write_for_adult(life)
    _in_turn(life, _events(life))


def _in_turn(life: Life, events: list[Event]) -> None:
    """Let everything happen in the order of days, with the controls that a consultation asks for on the way."""
    queue: list[tuple[date, int, Callable[[], None]]] = [
        (day, order, event) for order, (day, event) in enumerate(events)
    ]
    heapify(queue)
    order = len(queue)
    while queue:
        _, _, event = heappop(queue)
        event()
        for wanted in life.controls:
            day = life.open_day(wanted)
            if day is not None:
                order += 1
                again: Callable[[], None] = partial(_routine, life, day, 3)
                heappush(queue, (day, order, again))
        life.controls.clear()


def _events(life: Life) -> list[Event]:
    events: list[Event] = [
        (known.onset, partial(follow_up.diagnosis, life, known, known.onset))
        for known in life.known.values()
        if known.onset > life.first
    ]
    events += [
        (known.end, partial(treatments.end, life, known, known.end))
        for known in life.known.values()
        if known.end is not None and known.end > life.first
    ]
    open_long = [known for known in life.known.values() if not known.restricted]
    burden = sum(0.4 if known.disease.key in _LIGHT else 1.0 for known in open_long if known.disease.slots)
    if burden and life.age(life.last) > 12:
        first = max(life.first, life.last - timedelta(days=round(365 * (4.2 if burden < 3 else 3.2))))
        months = 12 if burden < 1 else 6 if burden < 2.5 else 3
        days = _days(life, first, months * 30 + 8)
        events += [(day, partial(_routine, life, day, months)) for day in days]
    for known in life.known.values():
        if known.restricted and known.disease.slots:
            first = max(life.first, known.onset, life.last - timedelta(days=700))
            days = _days(life, first, 80 if known.disease.lasts else 170)
            there = [day for day in days if known.there(day)]
            events += [(day, partial(follow_up.confidential, life, known, day)) for day in there]
    recent = max(life.first, life.last - timedelta(days=round(365 * 3.5)))
    events += [(day, partial(episodes.visit, life, day, episode)) for day, episode in episodes.plan(life, recent)]
    return events


def _routine(life: Life, day: date, months: int) -> None:
    if not life.pregnant(day) and any(not known.restricted and known.there(day) for known in life.known.values()):
        follow_up.routine(life, day, months)


def _days(life: Life, first: date, gap: int) -> list[date]:
    days = []
    day = first + timedelta(days=whole(life.rng, gap // 4, gap))
    while day <= life.last:
        open_day = life.open_day(day)
        if open_day is not None:
            days.append(open_day)
        day += timedelta(days=gap + whole(life.rng, -12, 18))
    return days


def _first_meeting(life: Life) -> None:
    day = life.first
    quoted = children.measure(life, day) if life.age(day) < _ADULT else _adult_measures(life, day)
    treated = any(not life.known[course.disease.key].restricted for course in life.courses)
    signed = f"Déclaration de médecin traitant {'signée' if life.body.treating_doctor else 'à faire'}."
    life.consult(
        day,
        ConsultationBody(
            reason="Première consultation, ouverture du dossier",
            findings=quoted,
            conclusion="Antécédents, traitements et habitudes recueillis.",
            plan=("Renouvellement du traitement en cours. " if treated else "") + signed,
            type=reports.CONSULTATION,
            practitioner=life.body.treating_doctor,
            place="Cabinet",
        ),
    )


def _adult_measures(life: Life, day: date) -> str:
    height = vitals.height(life, day)
    life.add(day, measurement("taille", height))
    quoted = vitals.record(life, day) + f" Taille {french(height, 0)} cm."
    index = growth.index(life.frame, life.age(day))
    life.add(day, measurement("imc", index))
    if "ancien-fumeur" in life.habits:
        life.add(day, codes.smoking(f"Ancien fumeur, {whole(life.rng, 5, 30)} paquets-années"))
    elif life.has("tabac", day):
        life.add(day, codes.smoking("Fumeur actif"))
    elif chance(life.rng, 0.7):
        life.add(day, codes.smoking("N'a jamais fumé"))
    if chance(life.rng, 0.25) and not life.pregnancies:
        life.add(day, codes.blood_group(life.blood_group))
    return quoted


def _say_what_there_is_not(life: Life) -> None:
    bodies = [entry.body for entry in life.entries]
    day = life.first if life.first > life.birth else min(life.last, life.birth + timedelta(days=15))
    if not any(isinstance(body, ProblemBody) for body in bodies) and chance(life.rng, 0.7):
        life.add(day, ProblemBody(none_known=True))
    if not any(isinstance(body, MedicationBody) for body in bodies) and chance(life.rng, 0.6):
        life.add(day, MedicationBody(none_known=True))


def _within(entries: list[SyntheticEntry]) -> list[SyntheticEntry]:
    """At most MOST_ENTRIES: the oldest measurements go first, then the oldest consultations and vaccinations."""
    over = len(entries) - MOST_ENTRIES
    for kind in (MeasurementBody, ConsultationBody, ImmunisationBody):
        oldest = sorted((entry for entry in entries if isinstance(entry.body, kind)), key=lambda entry: entry.date)
        dropped = {id(entry) for entry in oldest[: max(0, min(over, len(oldest) // 2))]}
        over -= len(dropped)
        entries = [entry for entry in entries if id(entry) not in dropped]
    return entries


def _in_order(entries: list[SyntheticEntry]) -> tuple[SyntheticEntry, ...]:
    return tuple(sorted(entries, key=lambda entry: entry.date))
