"""Acute consultations of a life: which, when, what was found and given."""

from bisect import bisect_right
from collections.abc import Callable
from datetime import date, timedelta
from itertools import accumulate

from localstore.bodies import ConsultationBody, MedicationBody, ProblemBody
from localstore.synthetic import codes, reports, treatments, vitals
from localstore.synthetic.acute import REMEDIES, Episode, Remedy, sick_leave
from localstore.synthetic.acute_adult import ADULT
from localstore.synthetic.acute_child import CHILD
from localstore.synthetic.codes import french, measurement
from localstore.synthetic.draw import between, chance, day_between, pick, whole
from localstore.synthetic.life import Life
from localstore.values import Concept

_EVERY = ADULT + CHILD
_APART = 120  # days between two of the same kind
# Up to this age, how many acute consultations a year (rounded from what French practices see).
_A_YEAR = ((3.0, 3.6), (6.0, 2.4), (12.0, 1.5), (18.0, 1.1), (60.0, 1.2), (75.0, 0.9), (200.0, 0.9))
_WEIGHED_UNTIL = 13.0


def plan(life: Life, first: date) -> list[tuple[date, Episode]]:
    """The acute consultations between `first` and the last day, on days when the practice is open."""
    found: list[tuple[date, Episode]] = []
    last_of: dict[str, date] = {}
    day = first
    while True:
        rate = next(rate for age, rate in _A_YEAR if life.age(day) < age)
        day += timedelta(days=round(between(life.rng, 0.35, 1.65) * 365 / rate))
        if day > life.last:
            return found
        episode = _choose(life, day, last_of)
        open_day = life.open_day(day) if episode is not None and not life.pregnant(day) else None
        if episode is not None and open_day is not None:
            last_of[episode.key] = open_day
            found.append((open_day, episode))


def _choose(life: Life, day: date, last_of: dict[str, date]) -> Episode | None:
    fitting = [episode for episode in _EVERY if _fits(life, day, episode, last_of)]
    if not fitting:
        return None
    ends = list(accumulate(episode.share for episode in fitting))
    return fitting[bisect_right(ends, life.rng.random() * ends[-1])]


def _fits(life: Life, day: date, episode: Episode, last_of: dict[str, date]) -> bool:
    return (
        episode.from_age <= life.age(day) < episode.to_age
        and episode.sex in ("", life.sex)
        and (not episode.months or day.month in episode.months)
        and day.year >= episode.from_year
        and (not episode.chronic or life.has(episode.chronic, day))
        and (day - last_of.get(episode.key, date.min)).days > _APART
    )


def visit(life: Life, day: date, episode: Episode) -> None:
    """Write one acute consultation with its measures, medicines and what may come of it."""
    side = _side(life, episode)
    findings = _measures(life, day, episode)
    findings.append(side(pick(life.rng, episode.findings)))
    conclusion = side(pick(life.rng, episode.conclusions))
    remedies = _remedies(life, day, episode)
    off = sick_leave(life.rng, episode, life.age(day))
    plans = [pick(life.rng, episode.plans).replace("{off}", off).strip()]
    if remedies:
        plans.append("Prescrit : " + " ; ".join(remedy.text.split(", ")[0] for remedy in remedies) + ".")
    life.consult(
        day,
        ConsultationBody(
            reason=side(pick(life.rng, episode.reasons)),
            findings=" ".join(findings),
            conclusion=conclusion,
            plan=" ".join(plans),
            type=life.setting(day)[0],
            practitioner=life.body.treating_doctor,
            place=life.setting(day)[1],
        ),
        episode.restricted,
    )
    for remedy in remedies:
        _prescribe(life, day, remedy, conclusion.rstrip("."), episode.restricted)
    _consequences(life, day, episode, side)


def _side(life: Life, episode: Episode) -> Callable[[str], str]:
    """Half of what is written of the right side happens on the left, in all the words of one consultation."""
    left = chance(life.rng, 0.5) and episode.key != "pneumopathie"
    return (lambda text: text.replace("droite", "gauche").replace("droit", "gauche")) if left else str


def _measures(life: Life, day: date, episode: Episode) -> list[str]:
    quoted = []
    age = life.age(day)
    if age < _WEIGHED_UNTIL:
        weight = vitals.weight(life, day)
        decimals = 2 if age < 2 else 1
        life.add(day, measurement("poids", weight, decimals))
        quoted.append(f"Poids {french(weight, decimals)} kg.")
    if episode.fever is not None:
        value = between(life.rng, *episode.fever)
        life.add(day, measurement("temperature", value), episode.restricted)
        quoted.append(f"T {french(value, 1)} °C.")
    if age > 40 and chance(life.rng, 0.5):
        quoted.append(vitals.record(life, day, weigh=False, restricted=episode.restricted))
    return quoted


def _remedies(life: Life, day: date, episode: Episode) -> list[Remedy]:
    out = treatments.excluded(life, day)
    taken = {name for course in life.courses for name in course.medicine.classes} - {"anticholinergique"}
    chosen = []
    for group in episode.remedies:
        allowed = [REMEDIES[key] for key in group.split("|") if not REMEDIES[key].classes & (out | taken)]
        if allowed and allowed[0] not in chosen:
            chosen.append(allowed[0])
            taken |= allowed[0].classes
    return chosen


def _prescribe(life: Life, day: date, remedy: Remedy, reason: str, restricted: bool) -> None:
    end = day + timedelta(days=remedy.days - 1)
    over = end < life.last
    body = MedicationBody(
        medicine=Concept(text=remedy.text),
        dosage=remedy.dosage_for(vitals.weight(life, day)) if remedy.mg_per_kg else remedy.dosage,
        state="completed" if over else "active",
        start=day.isoformat(),
        end=end.isoformat() if over else "",
        reason=reason,
    )
    life.add(day, body, restricted)


def _consequences(life: Life, day: date, episode: Episode, side: Callable[[str], str]) -> None:
    if episode.problem is not None:
        label, code = episode.problem
        _passing_problem(life, day, episode, side(label), code)
    after = life.working_day(day_between(life.rng, day + timedelta(days=3), day + timedelta(days=7)))
    if after > life.last:
        return
    if episode.key == "fatigue":
        _tired(life, after)
    if episode.key == "pneumopathie":
        reports.chest_after_pneumonia(life, after)
    if episode.key == "chute-enfant" and chance(life.rng, 0.4):
        reports.wrist(life, after)


def _passing_problem(life: Life, day: date, episode: Episode, label: str, code: str) -> None:
    healed = day + timedelta(days=whole(life.rng, 9, 30))
    over = healed <= life.last
    body = ProblemBody(
        concept=codes.problem(label, code),
        clinical_status="resolved" if over else "active",
        onset=day.isoformat(),
        abatement=healed.isoformat() if over else "",
    )
    life.add(day, body, episode.restricted)


def _tired(life: Life, day: date) -> None:
    haemoglobin = between(life.rng, 13.6, 15.8) if life.sex == "male" else between(life.rng, 12.3, 14.6)
    life.add(day, measurement("hemoglobine", haemoglobin))
    life.add(day, measurement("ferritine", between(life.rng, 38, 140)))
    life.add(day, measurement("tsh", between(life.rng, 1.0, 3.2)))
    life.add(day, measurement("glycemie", between(life.rng, 0.78, 0.98)))
