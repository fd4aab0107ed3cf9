"""What is planned with a patient: recalls, some of them overdue, and appointments around the last day."""

from datetime import timedelta
from typing import NamedTuple

from localstore.bodies import AppointmentBody, RecallBody
from localstore.synthetic.draw import chance, pick, whole
from localstore.synthetic.life import Life
from localstore.values import Concept

_SUNDAY, _SATURDAY = 6, 5


class Due(NamedTuple):
    """Something that comes back: for whom, how often in months, how likely it is written down."""

    words: str
    from_age: float
    to_age: float
    months: int
    share: float
    sex: str = ""
    disease: str = ""


_RECALLS = (
    Due("Vaccin contre la grippe", 65, 120, 12, 0.5),
    Due("Rappel dTcaP", 25, 95, 240, 0.12),
    Due("Mammographie de dépistage", 50, 75, 24, 0.35, "female"),
    Due("Dépistage du cancer du col de l'utérus", 25, 66, 60, 0.25, "female"),
    Due("Test de dépistage du cancer colorectal", 50, 75, 24, 0.35),
    Due("HbA1c", 0, 120, 3, 0.7, disease="dt2"),
    Due("Fond d'œil", 0, 120, 24, 0.5, disease="dt2"),
    Due("Contrôle de la créatinine et du potassium", 0, 120, 12, 0.35, disease="hta"),
    Due("Spirométrie", 0, 120, 12, 0.4, disease="bpco"),
    Due("Examen de l'enfant", 1, 6, 12, 0.6),
)
_REASONS = ("Renouvellement", "Suivi", "Vaccination", "Douleur", "Résultats d'examens", "Certificat")
_LATEST, _SOONEST = 200, -150  # days before and after the last day on which something is due


def write(life: Life) -> None:
    """Write recalls and appointments of those who live and are no newborn."""
    if life.body.deceased or life.age(life.last) < 1:
        return
    for due in _RECALLS:
        if _concerns(life, due) and chance(life.rng, due.share):
            _recall(life, due)
    if chance(life.rng, 0.25):
        _appointment(life, whole(life.rng, 0, 20))
    if chance(life.rng, 0.12):
        _appointment(life, -whole(life.rng, 1, 40))


def _concerns(life: Life, due: Due) -> bool:
    if due.sex not in ("", life.sex) or not due.from_age <= life.age(life.last) < due.to_age:
        return False
    known = life.known.get(due.disease)
    return not due.disease or (known is not None and not known.restricted and known.there(life.last))


def _recall(life: Life, due: Due) -> None:
    when = life.last - timedelta(days=whole(life.rng, _SOONEST, _LATEST))
    if when <= life.birth:
        return
    done = when < life.last and chance(life.rng, 0.4)
    body = RecallBody(
        concept=Concept(text=due.words),
        state="done" if done else "due",
        done=min(life.last, when + timedelta(days=whole(life.rng, 0, 30))).isoformat() if done else "",
        every_months=due.months,
    )
    life.add(when, body)


def _appointment(life: Life, days: int) -> None:
    """An appointment so many days after the last day, on the next day on which the practice is open."""
    day = life.last + timedelta(days=days)
    while day.weekday() in (_SATURDAY, _SUNDAY):
        day += timedelta(days=1 if days >= 0 else -1)
    clock = 9 * 60 + 15 * whole(life.rng, 0, 32)
    if day < life.last:
        state = "noshow" if chance(life.rng, 0.15) else "fulfilled"
    else:
        state = "booked"
    life.add(
        f"{day.isoformat()}T{clock // 60:02}:{clock % 60:02}",
        AppointmentBody(
            minutes=pick(life.rng, (15, 15, 15, 20, 30)),
            reason=pick(life.rng, _REASONS),
            state=state,
            practitioner=life.body.treating_doctor,
        ),
    )
