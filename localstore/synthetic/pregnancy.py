"""Children that women had and are expecting, and what they take so as not to."""

from datetime import date, timedelta

from localstore.bodies import ConsultationBody, MedicationBody, ProblemBody, ProcedureBody
from localstore.synthetic import codes, reports, treatments, vaccines, vitals
from localstore.synthetic.codes import measurement
from localstore.synthetic.draw import between, chance, pick, whole
from localstore.synthetic.life import Life
from localstore.synthetic.medicines import MEDICINES
from localstore.values import Concept

_TERM = 287  # days from the last period to the expected birth: 41 weeks of amenorrhoea, as counted in France
_MOTHERS = (20.0, 42.0)
# What makes a pregnancy a matter for specialists, which this generator leaves to them.
_NOT_HERE = (
    "hta", "dt2", "dt1", "epilepsie", "pr", "crohn", "depression", "anxiete", "vih", "alcool", "dyslipidemie",
    "endometriose",
)  # fmt: skip
_NOT_AFTER = ("hystérectomie",)
_VISITS = (8, 14, 20, 25, 29, 33, 37)  # weeks of amenorrhoea

# (method, how long it may have been in place in years)
_METHODS = (
    ("pilule", 6.0), ("pilule", 6.0), ("progestatif", 6.0), ("diu-cuivre", 8.0), ("diu-hormonal", 5.5),
    ("implant", 2.8),
)  # fmt: skip


def draw(life: Life) -> None:
    """Decide on the pregnancies of this life; before any treatment, so that none falls into them."""
    if life.sex != "female" or life.age(life.last) < _MOTHERS[0]:
        return
    wanted = pick(life.rng, (0, 0, 1, 1, 2, 2, 2, 3, 3))
    age = max(_MOTHERS[0], between(life.rng, 20, 35))
    for _ in range(wanted):
        start = life.at_age(age)
        if age > _MOTHERS[1] or start > life.last - timedelta(days=60):
            break
        end = start + timedelta(days=_TERM - whole(life.rng, 4, 26))
        if any(life.has(key, end) for key in _NOT_HERE):
            break
        current = end > life.last
        life.pregnancies.append((start, start + timedelta(days=_TERM) if current else end))
        age += between(life.rng, 2.1, 5)


def write(life: Life) -> None:
    """Write births, and the pregnancies that the practice followed."""
    for number, (start, end) in enumerate(life.pregnancies, start=1):
        if start >= life.first:
            _follow(life, number, start, end)
        if end <= life.last:
            _birth(life, end, number)


def _birth(life: Life, day: date, number: int) -> None:
    caesarean = chance(life.rng, 0.2)
    life.add(
        life.written(day),
        ProcedureBody(
            concept=Concept(text="Accouchement par césarienne" if caesarean else "Accouchement par voie basse"),
            note=f"{'Première' if number == 1 else f'{number}e'} naissance. Enfant en bonne santé.",
        ),
    )


def _follow(life: Life, number: int, start: date, end: date) -> None:
    over = end <= life.last
    declared = life.open_day(start + timedelta(days=_VISITS[0] * 7 + whole(life.rng, 0, 6)))
    if declared is None or declared >= end:
        return
    term = (start + timedelta(days=_TERM)).strftime("%d/%m/%Y")
    life.add(
        declared,
        ProblemBody(
            concept=codes.problem("Grossesse", "Z34.9"),
            clinical_status="resolved" if over else "active",
            onset=declared.isoformat(),
            abatement=end.isoformat() if over else "",
            note=f"G{number}P{number - 1}. DDR {start:%d/%m/%Y}, terme prévu le {term}.",
        ),
    )
    _folic_acid(life, declared, start)
    life.add(declared, codes.blood_group(life.blood_group))
    _visit(life, declared, 8, term)
    for weeks in _VISITS[1:]:
        day = start + timedelta(days=weeks * 7 + whole(life.rng, 0, 4))
        open_day = life.open_day(day) if day < min(end, life.last) else None
        if open_day is not None and open_day < end:
            _visit(life, open_day, (open_day - start).days // 7, term)
            if weeks == 25:
                reports.ultrasound_of_pregnancy(life, start + timedelta(days=22 * 7 + whole(life.rng, 0, 5)), 22)
            if weeks == 29 and open_day.year >= 2022 and chance(life.rng, 0.7):
                vaccines.give(life, open_day, pick(life.rng, ("Repevax", "Boostrix Tetra")), "rappel, grossesse")


def _visit(life: Life, day: date, weeks: int, term: str) -> None:
    findings = [f"{weeks} SA.", vitals.record(life, day)]
    plans = []
    if weeks >= 20:
        findings.append(f"HU {weeks - 4 + whole(life.rng, 0, 2)} cm, BCF perçus, bons mouvements actifs.")
    if weeks >= 12:
        findings.append("BU : ni sucre ni albumine. Pas de contraction, pas de métrorragie.")
    if weeks < 12:
        findings.append("Nausées matinales modérées, pas de métrorragie.")
        plans.append("Déclaration de grossesse, échographie de datation, sérologies, groupe, toxoplasmose, rubéole.")
    elif weeks < 19:
        plans.append("Échographie du premier trimestre normale. Entretien prénatal précoce proposé.")
    elif weeks < 24:
        plans.append("Échographie morphologique prévue à 22 SA.")
    elif weeks < 28:
        glucose = between(life.rng, 0.74, 0.9)
        life.add(day, measurement("glycemie", glucose))
        plans.append("Dépistage du diabète gestationnel normal. NFS au 6e mois.")
    elif weeks < 32:
        plans.append("Échographie du troisième trimestre à 32 SA. Vaccination contre la coqueluche conseillée.")
    elif weeks < 36:
        plans.append("RAI et NFS, consultation d'anesthésie à prendre, signes d'alerte rappelés.")
    else:
        plans.append("Suivi relayé à la maternité, prélèvement vaginal fait, valise prête.")
    life.consult(
        day,
        ConsultationBody(
            reason="Suivi de grossesse" if weeks > 10 else "Retard de règles, test de grossesse positif",
            findings=" ".join(findings),
            conclusion=f"Grossesse de {weeks} SA d'évolution normale, terme le {term}.",
            plan=" ".join(plans),
            type=Concept(text="Consultation au cabinet"),
            practitioner=life.body.treating_doctor,
            place="Cabinet",
        ),
    )


def _folic_acid(life: Life, day: date, start: date) -> None:
    end = start + timedelta(days=12 * 7)
    over = end <= life.last
    medicine = MEDICINES["folique04"]
    body = MedicationBody(
        medicine=medicine.concept,
        dosage=medicine.dosage,
        state="completed" if over else "active",
        start=day.isoformat(),
        end=end.isoformat() if over else "",
        reason="Grossesse",
    )
    if day < end:
        life.add(day, body)


def write_contraception(life: Life) -> None:
    """Write what a woman of the age to have children takes so as not to; after all other treatments."""
    age = life.age(life.last)
    if life.sex != "female" or not 16 <= age < 48 or life.pregnant(life.last) or not chance(life.rng, 0.62):
        return
    if life.habits & set(_NOT_AFTER) or any("contraception" in c.medicine.classes for c in life.courses):
        return
    out = treatments.excluded(life, life.last)
    possible = [(key, years) for key, years in _METHODS if not MEDICINES[key].classes & out]
    key, years = pick(life.rng, possible)
    born = max((end for _, end in life.pregnancies), default=life.at_age(15.5))
    earliest = max(born + timedelta(days=60), life.at_age(15.5), life.last - timedelta(days=round(years * 365)))
    start = earliest + timedelta(days=round(life.rng.random() * max(0, (life.last - earliest).days)))
    if start >= life.last:
        return
    life.add(
        life.written(start),
        MedicationBody(
            medicine=MEDICINES[key].concept,
            dosage=MEDICINES[key].dosage,
            start=life.written(start),
            reason="Contraception",
        ),
        restricted=age < 18,
    )
