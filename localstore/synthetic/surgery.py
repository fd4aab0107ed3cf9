"""Operations, cancers and examinations of screening that a life has behind it."""

from datetime import date
from typing import NamedTuple

from localstore.bodies import MedicationBody, ProblemBody, ProcedureBody
from localstore.synthetic import codes
from localstore.synthetic.draw import between, chance, pick
from localstore.synthetic.life import YEAR, Life
from localstore.values import Concept

_SIDES = ("droite", "gauche")


class Operation(NamedTuple):
    """Something done once in a life, at an age of the range; `share` of those past it have had it."""

    key: str
    text: str
    ages: tuple[float, float]
    share: float
    sex: str = ""
    note: str = ""
    needs: str = ""
    problem: tuple[str, str] | None = None
    born_before: int = 9999


OPERATIONS = (
    Operation("amygdalectomie", "Amygdalectomie", (3, 10), 0.22, born_before=1985),
    Operation("adénoïdectomie", "Adénoïdectomie", (2, 6), 0.09),
    Operation("drains", "Pose d'aérateurs transtympaniques", (2, 7), 0.04, note="Otites séromuqueuses."),
    Operation("appendicectomie", "Appendicectomie", (7, 40), 0.13, note="Suites simples."),
    Operation("dents", "Avulsion des dents de sagesse", (16, 27), 0.28),
    Operation("lca", "Ligamentoplastie du croisé antérieur du genou {side}", (18, 42), 0.03),
    Operation("poignet", "Ostéosynthèse du radius distal {side}", (9, 80), 0.035, problem=("Fracture du radius distal",
              "S52.5")),
    Operation("cholécystectomie", "Cholécystectomie par cœlioscopie", (32, 78), 0.13, "female",
              "Lithiase symptomatique.", problem=("Lithiase vésiculaire", "K80.2")),
    Operation("cholécystectomie", "Cholécystectomie par cœlioscopie", (38, 80), 0.06, "male", "Lithiase symptomatique.",
              problem=("Lithiase vésiculaire", "K80.2")),
    Operation("hernie", "Cure de hernie inguinale {side}", (35, 80), 0.16, "male", "Prothèse (plaque) en place.",
              problem=("Hernie inguinale", "K40.9")),
    Operation("varices", "Éveinage de la grande veine saphène {side}", (35, 65), 0.07, "female"),
    Operation("canal", "Libération du nerf médian au canal carpien, main {side}", (40, 75), 0.06,
              problem=("Syndrome du canal carpien", "G56.0")),
    Operation("hystérectomie", "Hystérectomie", (43, 62), 0.07, "female", "Fibromes."),
    Operation("césarienne-annexes", "Kystectomie ovarienne", (22, 45), 0.03, "female"),
    Operation("vasectomie", "Vasectomie", (38, 50), 0.02, "male"),
    Operation("coloscopie", "Coloscopie totale", (50, 76), 0.38, note="Normale, préparation satisfaisante."),
    Operation("polype", "Coloscopie avec polypectomie", (52, 78), 0.10, 
              note="Adénome en dysplasie de bas grade, contrôle à 5 ans."),
    Operation("pth", "Prothèse totale de hanche {side}", (60, 86), 0.10, note="Coxarthrose. Prothèse non cimentée.",
              problem=("Coxarthrose", "M16.9")),
    Operation("ptg", "Prothèse totale de genou {side}", (64, 84), 0.30, needs="gonarthrose", note="Bonne mobilité."),
    Operation("cataracte", "Chirurgie de la cataracte, deux yeux", (68, 90), 0.55,
              note="Implants en chambre postérieure.", problem=("Cataracte", "H25.9")),
    Operation("pacemaker", "Pose d'un stimulateur cardiaque double chambre", (72, 92), 0.12, needs="fa",
              note="Bloc auriculo-ventriculaire paroxystique. Carte de porteur remise."),
    Operation("stent", "Angioplastie coronaire avec pose de stent actif", (45, 95), 1.0, needs="coronaropathie"),
    Operation("thyroïde", "Thyroïdectomie totale", (35, 70), 0.15, "female", "Goitre multinodulaire.",
              needs="hypothyroidie"),
)  # fmt: skip


class Cancer(NamedTuple):
    """A cancer in remission: problem, ICD-10, sex, ages, share, the operation, what may be taken after."""

    label: str
    code: str
    sex: str
    ages: tuple[float, float]
    share: float
    operation: str
    after: str = ""


CANCERS = (
    Cancer("Cancer du sein", "C50.9", "female", (42, 82), 0.09, "Tumorectomie mammaire et ganglion sentinelle",
           "Létrozole 2,5 mg, comprimé"),
    Cancer("Adénocarcinome de la prostate", "C61", "male", (56, 82), 0.09, "Prostatectomie radicale"),
    Cancer("Adénocarcinome du côlon", "C18.9", "", (54, 86), 0.03, "Colectomie segmentaire"),
    Cancer("Mélanome cutané", "C43.9", "", (40, 80), 0.015, "Exérèse élargie d'un mélanome"),
    Cancer("Carcinome basocellulaire", "C44.9", "", (60, 90), 0.08, "Exérèse d'un carcinome basocellulaire"),
)  # fmt: skip


def write(life: Life) -> None:
    """Write operations with the problems they solved, cancers in remission, and screening."""
    for operation in OPERATIONS:
        if operation.sex in ("", life.sex) and life.birth.year < operation.born_before:
            _operate(life, operation)
    for cancer in CANCERS:
        if cancer.sex in ("", life.sex):
            _cancer(life, cancer)
    _screening(life)


def _operate(life: Life, operation: Operation) -> None:
    low, high = operation.ages
    age = life.age(life.last)
    if operation.needs and not life.has(operation.needs):
        return
    passed = 1.0 if operation.share == 1 else min(1.0, max(0.0, (age - low) / (high - low)))
    if operation.key in life.habits or not chance(life.rng, operation.share * passed):
        return
    day = _day(life, operation, low, min(high, age))
    if day is None or life.pregnant(day):
        return
    life.habits.add(operation.key)
    text = operation.text.format(side=pick(life.rng, _SIDES))
    if operation.problem is not None:
        label, code = operation.problem
        written = life.written(day)
        life.add(
            written,
            ProblemBody(
                concept=codes.problem(label, code), clinical_status="resolved", onset=written, abatement=written
            ),
        )
    note = operation.note
    life.add(life.written(day), ProcedureBody(concept=Concept(text=text), note=note))


def _day(life: Life, operation: Operation, low: float, high: float) -> date | None:
    """A day of the range, after the disease it needs, after pregnancies where it ends them; None if there is none."""
    day = life.at_age(between(life.rng, low, max(low, high)))
    if operation.needs:
        onset = life.known[operation.needs].onset
        day = onset if operation.share == 1 else max(day, onset)
    if operation.key == "hystérectomie":
        day = max([day, *(end for _, end in life.pregnancies)])
    day = life.working_day(day)
    return day if day < life.last else None


def _cancer(life: Life, cancer: Cancer) -> None:
    low, high = cancer.ages
    age = life.age(life.last)
    passed = min(1.0, max(0.0, (age - low) / (high - low)))
    if not chance(life.rng, cancer.share * passed):
        return
    onset = life.working_day(life.at_age(between(life.rng, low, min(high, age - 0.5) if age - 0.5 > low else low)))
    if onset >= life.last:
        return
    written = life.written(onset)
    years = (life.last - onset).days / YEAR
    life.add(
        written,
        ProblemBody(
            concept=codes.problem(cancer.label, cancer.code),
            clinical_status="remission" if years > 1 else "active",
            onset=written,
            note="ALD 30." if cancer.code != "C44.9" else "",
        ),
    )
    life.add(written, ProcedureBody(concept=Concept(text=cancer.operation), reason=cancer.label))
    if cancer.after and years < 5 and life.age(onset) > 51:
        life.add(
            written,
            MedicationBody(
                medicine=Concept(text=cancer.after),
                dosage="1 comprimé par jour pendant 5 ans",
                start=written,
                reason=cancer.label,
            ),
        )
    life.habits.add(f"cancer {cancer.code}")


def _screening(life: Life) -> None:
    age = life.age(life.last)
    if life.sex == "female" and 25 <= age < 72 and "hystérectomie" not in life.habits and chance(life.rng, 0.6):
        if age < 30:
            _screened(life, "Frottis cervico-utérin", "Négatif.", 3, 25)
        else:
            _screened(life, "Test HPV de dépistage", "Négatif.", 5, 30)
    if life.sex == "female" and 51 <= age < 76 and "cancer C50.9" not in life.habits and chance(life.rng, 0.55):
        _screened(life, "Mammographie de dépistage", "ACR 2 des deux côtés, contrôle dans 2 ans.", 2, 50)
    if 51 <= age < 76 and "cancer C18.9" not in life.habits and chance(life.rng, 0.38):
        _screened(life, "Test immunologique de recherche de sang dans les selles", "Négatif.", 2, 50)


def _screened(life: Life, name: str, result: str, years: float, from_age: float) -> None:
    earliest = max(life.at_age(from_age), life.at_age(life.age(life.last) - years))
    day = earliest + (life.last - earliest) * life.rng.random()
    day = life.working_day(day)
    if not life.pregnant(day):
        life.add(life.written(day), ProcedureBody(concept=Concept(text=name), note=result))
