"""Long treatments: chosen so that nothing forbidden or doubled is given, stepped up as need be, written at the end."""

from datetime import date, timedelta

from localstore.bodies import MedicationBody
from localstore.synthetic.diseases import Slot
from localstore.synthetic.draw import chance, day_between, pick, whole
from localstore.synthetic.life import Course, Known, Life
from localstore.synthetic.medicines import Medicine

# The diseases whose values say when to step up.
BY_VALUES = ("hta", "dt2", "dyslipidemie", "hypothyroidie")

# Words that two medicines may share without doing the same.
_SHAREABLE = frozenset({"sulfamide", "dose-normale", "anticholinergique"})
# From this age on a general practitioner avoids them.
_NOT_FOR_THE_OLD = ("AINS", "anticholinergique")
_OLD = 75
_LAST_YEAR_OF_NEW_AVK = 2014


def excluded(life: Life, day: date) -> set[str]:
    """The classes that may not be given: allergies, the diseases known by then, age."""
    classes = set(life.forbidden)
    for known in life.known.values():
        if known.onset <= max(day, life.first):
            classes.update(known.disease.excludes)
    age = life.age(day)
    if age >= _OLD:
        classes.update(_NOT_FOR_THE_OLD)
    if age >= 40:
        classes.add("estroprogestatif")
    if not life.has("irc", day):
        classes.add("réservé-irc")
    if not (life.has("irc", day) and age >= 80):
        classes.add("réservé-très-âgé")
    if day.year > _LAST_YEAR_OF_NEW_AVK:
        classes.add("AVK")
    return classes


def _in_use(life: Life) -> set[str]:
    return {name for course in life.courses for name in course.medicine.classes} - _SHAREABLE


def _choose(life: Life, known: Known, day: date, slot_number: int) -> Course | None:
    """A course of the slot that may be given, or None.

    Before the practice opened the record, what counts is what is taken on that day: an older disease may well be
    treated with something newer, begun later.
    """
    seen = max(day, life.first)
    out, taken = excluded(life, day), _in_use(life)
    chains = [
        tuple(medicine for medicine in chain if not medicine.classes & out and medicine.since < seen.year)
        for chain in known.disease.slots[slot_number].chains
        if not chain[0].classes & (out | taken)
    ]
    possible = [chain for chain in chains if chain]
    if not possible:
        return None
    course = Course(known.disease, pick(life.rng, possible), 0, day)
    life.courses.append(course)
    _not_before_it_came(life, course)
    return course


def _not_before_it_came(life: Life, course: Course) -> None:
    came = date(course.medicine.since, 6, 1)
    if course.start < came:
        course.start = day_between(life.rng, came, max(came, life.first - timedelta(days=1)))


def step_up(life: Life, known: Known, day: date) -> str:
    """Give more of what there is, or the next medicine; the sentence for the plan, empty when nothing is left."""
    for course in reversed(life.courses):
        if course.disease is known.disease and course.step + 1 < len(course.chain):
            _stop(life, course, known, day, "Posologie majorée.")
            course.step += 1
            course.start = day
            return f"Majoration du traitement : {named(course.medicine)}."
    while known.slots_used < len(known.disease.slots):
        known.slots_used += 1
        course_or_none = _choose(life, known, day, known.slots_used - 1)
        if course_or_none is not None:
            verb = "Début de traitement" if known.slots_used == 1 else "Ajout"
            return f"{verb} : {named(course_or_none.medicine)}."
    return ""


def begin(life: Life, known: Known, day: date) -> list[str]:
    """The treatment given at the diagnosis, and what is stopped because of it; the sentences for the plan."""
    sentences = _stop_what_is_ruled_out(life, known, day)
    if known.disease.key in BY_VALUES:
        return sentences + list(filter(None, [step_up(life, known, day)]))
    for number, place in enumerate(known.disease.slots):
        if chance(life.rng, place.probability):
            course = _choose(life, known, day, number)
            sentence = f"Prescription : {named(course.medicine)}." if course else _intensify(life, place, day)
            sentences += filter(None, [sentence])
    known.slots_used = len(known.disease.slots)
    return sentences


def _stop_what_is_ruled_out(life: Life, known: Known, day: date) -> list[str]:
    """End the treatments that don't go with a disease just found."""
    ruled_out = [course for course in life.courses if course.medicine.classes & set(known.disease.excludes)]
    for course in ruled_out:
        if day >= life.first:
            _stop(life, course, life.known[course.disease.key], day, f"Arrêté : {known.disease.label.lower()}.")
        life.courses.remove(course)
    return [f"Arrêt : {course.medicine.text.split(', ')[0]}." for course in ruled_out]


def _intensify(life: Life, place: Slot, day: date) -> str:
    """Where what the slot would begin is already taken in a weaker dose: raise that."""
    wanted = {chain[0] for chain in place.chains}
    for course in life.courses:
        later = [step for step in range(course.step + 1, len(course.chain)) if course.chain[step] in wanted]
        if later:
            _stop(life, course, life.known[course.disease.key], day, "Posologie majorée.")
            course.step, course.start = later[0], max(day, course.start)
            return f"Majoration du traitement : {named(course.medicine)}."
    return ""


def settle(life: Life, known: Known) -> None:
    """The treatment of a disease that was there before the record was opened: mostly what is needed by now."""
    begin(life, known, known.onset)
    if known.disease.key not in BY_VALUES:
        return
    behind = 1 if known.need > 1 and chance(life.rng, 0.3) else 0
    for _ in range(known.need - 1 - behind):
        before = len(life.courses)
        day = day_between(life.rng, known.onset, life.first - timedelta(days=1))
        step = next((c for c in reversed(life.courses) if c.disease is known.disease), None)
        if step is not None and step.step + 1 < len(step.chain):
            step.step += 1
            step.start = max(step.start, day)
            _not_before_it_came(life, step)
        elif step_up(life, known, day) and len(life.courses) > before:
            life.courses[-1].start = max(life.courses[-1].start, day)


def steps_available(known: Known) -> int:
    """How many steps of treatment the disease has at most, along the longest chains."""
    return sum(max(len(chain) for chain in place.chains) for place in known.disease.slots)


def draw_need(life: Life, known: Known) -> int:
    """How many steps this life will need: mostly one or two."""
    most = steps_available(known)
    return min(most, 1 + (whole(life.rng, 0, 2) if chance(life.rng, 0.6) else 0))


def named(medicine: Medicine) -> str:
    """The medicine and its dosage as a plan writes them: substance, strength, how to take it."""
    return f"{medicine.text.split(', ')[0]}, {medicine.dosage[0].lower()}{medicine.dosage[1:]}"


def _stop(life: Life, course: Course, known: Known, day: date, why: str) -> None:
    if day <= course.start:
        return
    medicine = course.medicine
    body = MedicationBody(
        medicine=medicine.concept,
        dosage=medicine.dosage,
        state="stopped",
        start=life.written(course.start),
        end=life.written(day),
        reason=known.disease.label,
        note=why,
    )
    life.add(life.written(course.start), body, known.restricted)


def write(life: Life) -> None:
    """Write what is taken on the last day."""
    ended = life.body.deceased
    for course in life.courses:
        known = life.known[course.disease.key]
        body = MedicationBody(
            medicine=course.medicine.concept,
            dosage=course.medicine.dosage,
            state="completed" if ended else "active",
            start=life.written(course.start),
            end=ended,
            reason=known.disease.label,
        )
        life.add(life.written(course.start), body, known.restricted)


def end(life: Life, known: Known, day: date) -> None:
    """The treatments of a disease that is over end with it."""
    for course in [course for course in life.courses if course.disease is known.disease]:
        _stop(life, course, known, day, "Fin du traitement, diminué par paliers.")
        life.courses.remove(course)
