"""Consultations about chronic diseases: what is measured decides what is concluded, and that what is prescribed."""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

from localstore.bodies import ConsultationBody, MeasurementBody, ProblemBody
from localstore.synthetic import codes, labs, treatments, vitals
from localstore.synthetic.complaints import COMPLAINTS
from localstore.synthetic.draw import chance, pick, whole
from localstore.synthetic.life import Known, Life

_AT_ONCE = 3  # how many diseases one consultation speaks about
_HEART = (
    "Auscultation cardiaque régulière, sans souffle.",
    "Bruits du cœur réguliers. Pas d'œdème des membres inférieurs.",
    "Cœur régulier, poumons libres.",
    "Auscultation cardiopulmonaire sans particularité, mollets souples.",
    "Bruits du cœur réguliers, pas de souffle carotidien.",
)
_YOUNG = ("Bon état général.", "Examen général sans particularité.", "Examen clinique normal par ailleurs.")
# What patients say of themselves: the young, those of middle age, the old.
_TELLS = (
    ("Va bien, pas de plainte.", "En forme.", "Un peu fatigué{e} par le travail.", "Dort bien, fait du sport.",
     "Rentre de vacances, en forme.", "Traitement pris selon les besoins."),
    ("Va bien, pas de plainte.", "Se sent bien dans l'ensemble.", "Un peu fatigué{e} ces derniers temps, sans plus.",
     "Sommeil moyen, moral correct.", "Traitement bien pris, bien toléré.", "Oublie parfois la prise du soir.",
     "Marche une demi-heure par jour.", "Quelques soucis familiaux, tient le coup.", "Rentre de vacances, en forme."),
    ("Va bien pour son âge.", "Sort peu, la famille passe souvent.", "Bouge moins qu'avant, appétit conservé.",
     "Pilulier préparé chaque semaine, bien pris.", "Marche avec une canne, pas de chute.", "Dort peu, moral bon.",
     "Vit à son rythme, pas de plainte nouvelle."),
)  # fmt: skip
_BREATHING = (
    "Technique d'inhalation revue.",
    "Plan d'action écrit remis.",
    "Éviction des allergènes et du tabac rappelée.",
    "Spirométrie de contrôle dans l'année.",
)
_RENEWALS = (
    "Renouvellement du traitement pour {months} mois.",
    "Ordonnance renouvelée pour {months} mois.",
    "Même traitement, {months} mois.",
)
_REASONS = ("Renouvellement d'ordonnance. Suivi : {}.", "Suivi : {}.", "Renouvellement : {}.", "Contrôle : {}.")
_MEASURED = {"hba1c": "dt2", "tsh": "hypothyroidie", "lipides": "dyslipidemie"}


@dataclass(slots=True)
class Visit:
    """A consultation while it is being written."""

    day: date
    restricted: bool = False
    findings: list[str] = field(default_factory=list)
    conclusions: list[str] = field(default_factory=list)
    plans: list[str] = field(default_factory=list)
    pressure_high: bool = False
    changed: bool = False  # a treatment was begun or raised
    drawn: date | None = None  # the day blood was taken for this visit
    fresh: set[str] = field(default_factory=set)  # panels whose results came in for this visit

    def write(self, life: Life, reason: str) -> None:
        """Put it into the record."""
        life.consult(self.day, consultation(life, self.day, reason, self), self.restricted)


def consultation(life: Life, day: date, reason: str, visit: Visit) -> ConsultationBody:
    """The body of a consultation from what was gathered."""
    kind, place = life.setting(day)
    return ConsultationBody(
        reason=reason,
        findings=" ".join(filter(None, visit.findings)),
        conclusion=" ".join(filter(None, visit.conclusions)),
        plan=" ".join(filter(None, visit.plans)),
        type=kind,
        practitioner=life.body.treating_doctor,
        place=place,
    )


def routine(life: Life, day: date, months: int) -> None:
    """The renewal of prescriptions, for so many months: everything that may be spoken of in front of all."""
    visit = Visit(day)
    present = [known for known in life.known.values() if known.there(day) and not known.restricted]
    systolic_at = len(life.entries)
    visit.findings.append(vitals.record(life, day, weigh=chance(life.rng, 0.45)))
    visit.pressure_high = _systolic(life, systolic_at) >= 142
    if not life.has("fa", day):
        visit.findings.append(life.another("cœur", _HEART if life.age(day) > 40 else _YOUNG))
    _results(life, visit, present)
    spoken = _chosen(life, present, visit)
    for known in spoken:
        _speak(life, visit, known)
    if life.age(day) >= 18 and chance(life.rng, 0.55):
        told = life.another("patient", _TELLS[bisect_right((40, 78), life.age(day))])
        visit.findings.insert(0, told.replace("{e}", "e" if life.sex == "female" else ""))
    if visit.changed:
        visit.plans.append("Revoir dans un mois.")
        life.controls.append(day + timedelta(days=28))
    else:
        visit.plans.insert(0, life.another("renouvellement", _RENEWALS).format(months=months))
    visit.write(life, life.another("motif", _REASONS).format(", ".join(known.disease.short for known in spoken)))


def confidential(life: Life, known: Known, day: date) -> None:
    """A consultation about one matter that is kept apart."""
    visit = Visit(day, restricted=True)
    _speak(life, visit, known)
    visit.write(life, f"Suivi : {known.disease.short}.")


def diagnosis(life: Life, known: Known, day: date) -> None:
    """The consultation in which a disease is found, with the problem itself and the first treatment."""
    disease = known.disease
    visit = Visit(day, restricted=known.restricted)
    visit.findings.append(vitals.record(life, day, restricted=known.restricted))
    for name in disease.panel:
        _panel(life, visit, name)
    complaint, examination = COMPLAINTS.get(disease.key, ("Résultats d'examens, avis du spécialiste", ""))
    visit.findings.append(examination)
    visit.conclusions.append(f"{disease.label}, diagnostic posé ce jour.")
    visit.plans += treatments.begin(life, known, day)
    visit.plans.append("Informations données, revoir dans un mois.")
    if disease.key in treatments.BY_VALUES:
        life.controls.append(day + timedelta(days=28))
    visit.write(life, complaint)
    write_problem(life, known)


def write_problem(life: Life, known: Known) -> None:
    """The problem in the record."""
    disease = known.disease
    note = pick(life.rng, disease.notes) if disease.notes else ""
    body = ProblemBody(
        concept=codes.problem(disease.label, disease.code),
        clinical_status="resolved" if known.end else disease.status,
        onset=life.written(known.onset),
        abatement=life.written(known.end) if known.end else "",
        note=note.format(packs=round(life.packs)),
    )
    life.add(life.written(known.onset), body, known.restricted)


def _chosen(life: Life, present: list[Known], visit: Visit) -> list[Known]:
    """The diseases of this visit: those with new results first."""
    fresh = [known for known in present if any(_MEASURED.get(name) == known.disease.key for name in visit.fresh)]
    pressure = [known for known in present if known.disease.key == "hta"]
    rest = [known for known in present if known not in fresh and known not in pressure]
    ordered = pressure + fresh + sorted(rest, key=lambda _known: life.rng.random())
    return ordered[:_AT_ONCE]


def _systolic(life: Life, index: int) -> int:
    body = life.entries[index].body
    if isinstance(body, MeasurementBody) and body.components and body.components[0].quantity:
        return int(body.components[0].quantity.value)
    return 0


def _results(life: Life, visit: Visit, present: list[Known]) -> None:
    names = dict.fromkeys(name for known in present for name in known.disease.panel)
    for name in names:
        months = labs.INTERVALS.get(name, 11)
        last = life.panels.get(name)
        if last is None or (visit.day - last).days > months * 30:
            _panel(life, visit, name)


def _panel(life: Life, visit: Visit, name: str) -> None:
    life.panels[name] = visit.day
    if name in _ROOM_PANELS:
        values, quoted = _ROOM_PANELS[name](life, visit.day)
        drawn = visit.day
    else:
        if visit.drawn is None:
            visit.drawn = max(life.first, life.working_day(visit.day - timedelta(days=whole(life.rng, 1, 6))))
        drawn = visit.drawn
        values, quoted = labs.PANELS[name](life, visit.day)
    for body in values:
        life.add(drawn, body, visit.restricted)
    if values:
        visit.fresh.add(name)
        visit.findings.append(quoted)


def _breath(life: Life, day: date) -> labs.Result:
    value = vitals.peak_flow(life, day, well=life.known["asthme"].onset < day)
    return [codes.measurement("dep", value)], f"DEP {value} L/min."


def _saturation(life: Life, day: date) -> labs.Result:
    value = vitals.saturation(life, day)
    return [codes.measurement("spo2", value)], f"SpO2 {value} % en air ambiant."


def _memory(life: Life, day: date) -> labs.Result:
    years = (day - life.known["alzheimer"].onset).days / 365.25
    value = max(9, round(24 - 1.6 * years) + whole(life.rng, -1, 1))
    return [codes.measurement("mmse", value)], f"MMSE {value}/30."


_ROOM_PANELS: dict[str, Callable[[Life, date], labs.Result]] = {
    "dep": _breath, "spo2": _saturation, "mmse": _memory,
}  # fmt: skip


def _speak(life: Life, visit: Visit, known: Known) -> None:
    """Add what a visit says about one disease."""
    disease = known.disease
    by_values = _BY_VALUES.get(disease.key)
    if disease.findings:
        visit.findings.append(life.another(f"{disease.key} f", disease.findings))
    if by_values is not None:
        by_values(life, visit, known)
    elif disease.conclusions:
        visit.conclusions.append(life.another(f"{disease.key} c", disease.conclusions))
    else:
        visit.conclusions.append(f"{disease.short[0].upper()}{disease.short[1:]} : stable.")
    if disease.plans and chance(life.rng, 0.5):
        visit.plans.append(life.another(f"{disease.key} p", disease.plans))


def _judge(life: Life, visit: Visit, known: Known, good: str, bad: str, wrong: bool) -> None:
    """Conclude, and step the treatment up when the value is wrong and there is something to give."""
    if not wrong:
        visit.conclusions.append(good)
        return
    sentence = treatments.step_up(life, known, visit.day) if labs.gap(life, known.disease.key, visit.day) else ""
    visit.conclusions.append(bad)
    visit.plans.append(sentence or "Observance revue, valeurs à recontrôler.")
    visit.changed |= bool(sentence)


def _pressure(life: Life, visit: Visit, known: Known) -> None:
    _judge(life, visit, known, "HTA contrôlée.", "HTA non contrôlée sous traitement actuel.", visit.pressure_high)


def _diabetes(life: Life, visit: Visit, known: Known) -> None:
    if "hba1c" not in visit.fresh:
        visit.conclusions.append("Diabète de type 2, pas de nouveau bilan ce jour.")
        return
    wrong = labs.gap(life, "dt2", visit.day) > 0
    _judge(life, visit, known, "Diabète de type 2 équilibré.", "Diabète de type 2 déséquilibré.", wrong)


def _lipids(life: Life, visit: Visit, known: Known) -> None:
    if "lipides" not in visit.fresh:
        visit.conclusions.append("Dyslipidémie traitée.")
        return
    goal = codes.french(labs.ldl_goal(life, visit.day), 2)
    wrong = labs.gap(life, "dyslipidemie", visit.day) > 0
    good, bad = f"LDL à l'objectif (< {goal} g/L).", f"LDL au-dessus de l'objectif de {goal} g/L."
    _judge(life, visit, known, good, bad, wrong)


def _thyroid(life: Life, visit: Visit, known: Known) -> None:
    if "tsh" not in visit.fresh:
        visit.conclusions.append("Hypothyroïdie substituée.")
        return
    wrong = labs.gap(life, "hypothyroidie", visit.day) > 0
    _judge(life, visit, known, "Hypothyroïdie bien substituée.", "TSH trop haute, dose insuffisante.", wrong)


def _asthma(life: Life, visit: Visit, known: Known) -> None:
    uncontrolled = chance(life.rng, 0.15)
    visit.conclusions.append("Asthme partiellement contrôlé." if uncontrolled else "Asthme contrôlé.")
    visit.plans.append(life.another("asthme p", _BREATHING))


_BY_VALUES: dict[str, Callable[[Life, Visit, Known], None]] = {
    "hta": _pressure, "dt2": _diabetes, "dyslipidemie": _lipids, "hypothyroidie": _thyroid, "asthme": _asthma,
}  # fmt: skip
