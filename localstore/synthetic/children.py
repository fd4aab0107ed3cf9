"""Childhood as the carnet de santé tells it: the examinations of the calendar, growth, vaccines."""

from datetime import date, timedelta
from itertools import groupby

from localstore.bodies import ConsultationBody, MedicationBody
from localstore.synthetic import growth, vaccines, vitals
from localstore.synthetic.codes import french, measurement
from localstore.synthetic.draw import chance, pick, whole
from localstore.synthetic.life import Life
from localstore.synthetic.medicines import MEDICINES
from localstore.values import Concept

CHILDHOOD_ENDS = 17.0

# Months at which a general practitioner examines a child (French schedule of 20 examinations, the first at the
# maternity ward left out), how often it is this one who does, and what is written.
EXAMINATIONS: tuple[tuple[float, float, str], ...] = (
    (0.5, 0.8, "Bonne prise de poids. Réflexes archaïques présents, hanches stables, fontanelle souple."),
    (1, 0.9, "Poursuite oculaire, sourire-réponse débutant. Hanches stables, fémorales perçues."),
    (2, 0.9, "Tient bien la tête, sourire-réponse. Auscultation normale, abdomen souple."),
    (3, 0.8, "Gazouille, tient sa tête droite. Examen normal."),
    (4, 0.9, "Attrape les objets, rit aux éclats. Hanches stables. Diversification alimentaire expliquée."),
    (5, 0.7, "Se retourne, porte les objets à la bouche. Examen normal."),
    (6, 0.6, "Tient assis avec appui. Diversification bien acceptée."),
    (9, 0.8, "Tient assis seul, pince supérieure, réagit à son prénom. Pas de strabisme."),
    (11, 0.8, "Se met debout avec appui, dit papa-maman. Examen normal."),
    (12, 0.9, "Premiers pas avec appui, comprend le non. Tympans normaux, reflet cornéen centré."),
    (16.5, 0.9, "Marche acquise, montre du doigt, une dizaine de mots. Examen normal."),
    (24, 0.8, "Court, associe deux mots, mange seul. Pas de trouble du langage ni de la relation."),
    (36, 0.7, "Phrases de trois mots, propre le jour. Vision et audition correctes au dépistage."),
    (48, 0.6, "Dessine un bonhomme, langage bien construit. Acuité visuelle normale."),
    (60, 0.5, "Tient sur un pied, compte jusqu'à dix. Dentition de lait complète, pas de carie."),
    (73, 0.7, "Entrée au CP, latéralité acquise. Acuité 10/10 des deux yeux, audition normale."),
    (102, 0.6, "Bonne scolarité. Rachis droit, auscultation normale."),
    (140, 0.7, "Puberté débutante, rachis sans gibbosité. Sommeil et écrans discutés."),
    (186, 0.6, "Croissance en fin de course. Vu seul en partie, va bien, sport régulier."),
)
_ONLY_PARTLY = 10  # years before the last day: older examinations are in the carnet and not in this record
_HEAD_UNTIL = 3.1


def write(life: Life) -> None:
    """Examinations and vaccines up to the last day."""
    visits = _visits(life)
    due = sorted(vaccines.due_in_childhood(life))
    for months, day in visits.items():
        _examine(life, months, day, vaccinated=any(dose.months == months for dose, _ in due))
    for months, doses in groupby(due, key=lambda one: one[0].months):
        day = visits.get(months) or life.at_age(months / 12) + timedelta(days=whole(life.rng, 0, 24))
        for dose, name in doses:
            if day <= life.last:
                vaccines.give(life, day, name, dose.dose)
    if life.age(life.first) < 1:
        _vitamin_d(life)


def _visits(life: Life) -> dict[float, date]:
    """The days of the examinations that this practice made, by age in months."""
    found: dict[float, date] = {}
    for months, share, _ in EXAMINATIONS:
        target = life.at_age(months / 12) + timedelta(days=whole(life.rng, 0, 5 if months < 6 else 24))
        recent = (life.last - target).days < _ONLY_PARTLY * 365
        if recent and life.first <= target <= life.last and chance(life.rng, share):
            day = life.open_day(target)
            if day is not None:
                found[months] = day
    return found


def _examine(life: Life, months: float, day: date, vaccinated: bool) -> None:
    age = life.age(day)
    quoted = measure(life, day)
    text = next(text for at, _, text in EXAMINATIONS if at == months)
    plans = ["Vaccins du jour faits, paracétamol si fièvre." if vaccinated else "Carnet de santé rempli."]
    if age < 0.4:
        plans.append("Couchage sur le dos, vitamine D tous les jours.")
    elif age < 1.5:
        plans.append("Prévention des accidents domestiques.")
    elif age > 4:
        plans.append("Écrans, sommeil, brossage des dents : conseils donnés.")
    life.consult(
        day,
        ConsultationBody(
            reason=f"Examen obligatoire : {_age_in_words(months)}",
            findings=f"{quoted} {text}",
            conclusion="Croissance et développement normaux.",
            plan=" ".join(plans),
            type=Concept(text="Consultation au cabinet"),
            practitioner=life.body.treating_doctor,
            place="Cabinet",
        ),
    )


def measure(life: Life, day: date) -> str:
    """Write weight, height, and the head of the youngest; returns how a consultation quotes them."""
    age = life.age(day)
    weight, height = vitals.weight(life, day), vitals.height(life, day)
    decimals = 2 if age < 2 else 1
    life.add(day, measurement("poids", weight, decimals))
    life.add(day, measurement("taille", height, 1 if height % 1 else 0))
    quoted = f"Poids {french(weight, decimals)} kg, taille {french(height, 1 if height % 1 else 0)} cm"
    if age < _HEAD_UNTIL:
        head = growth.head(life.frame, age)
        life.add(day, measurement("pc", head))
        quoted += f", PC {french(head, 1)} cm"
    return quoted + "."


def _age_in_words(months: float) -> str:
    if months < 1:
        return "2e semaine"
    if months == 16.5:
        return "16-18 mois"
    return f"{months:.0f} mois" if months <= 24 else f"{months / 12:.0f} ans"


def _vitamin_d(life: Life) -> None:
    medicine = MEDICINES["vitd-nourrisson"]
    end = life.at_age(2)
    done = end <= life.last
    life.add(
        life.first,
        MedicationBody(
            medicine=medicine.concept,
            dosage=medicine.dosage,
            state="completed" if done else "active",
            start=life.first.isoformat(),
            end=end.isoformat() if done else "",
            reason="Prévention du rachitisme",
        ),
    )


def newborn(life: Life) -> None:
    """What is known of every child whose record was opened at birth: measures of the first day."""
    day = life.birth
    measure(life, day)
    weeks = pick(life.rng, (38, 39, 39, 40, 40, 41))
    born = "Née" if life.sex == "female" else "Né"
    life.consult(
        day,
        ConsultationBody(
            reason="Naissance, d'après le carnet de santé",
            findings=f"{born} à {weeks} SA, Apgar 10 à 5 minutes. Examen de la maternité normal.",
            conclusion="Nouveau-né à terme, sans particularité.",
            plan="Vitamine K donnée, dépistages néonatals faits (Guthrie, audition).",
            type=Concept(text="Maternité"),
            place="Maternité",
        ),
    )
