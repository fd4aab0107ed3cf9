"""Laboratory values of a life at a day, coherent with each other and with the diseases and treatments it has."""

from datetime import date

from localstore.bodies import MeasurementBody
from localstore.synthetic.codes import french, measurement
from localstore.synthetic.draw import bell, between
from localstore.synthetic.life import Life

Result = tuple[list[MeasurementBody], str]  # what goes into the record, and how a consultation quotes it

_FEMALE = {"threshold": 61.9, "exponent": -0.329, "factor": 1.018}  # CKD-EPI 2009, creatinine in µmol/L
_MALE = {"threshold": 79.6, "exponent": -0.411, "factor": 1.0}
_STEEP = -1.209


def filtration(creatinine: float, sex: str, age: float) -> float:
    """Estimated glomerular filtration in mL/min/1.73 m² from creatinine in µmol/L: CKD-EPI 2009, as reported in France.

    Source: Levey et al., Ann Intern Med 2009;150:604-612, without the coefficient of origin.
    """
    constants = _FEMALE if sex == "female" else _MALE
    ratio = creatinine / constants["threshold"]
    shape = float(min(ratio, 1.0) ** constants["exponent"] * max(ratio, 1.0) ** _STEEP)
    return 141 * shape * float(0.993**age) * constants["factor"]


def creatinine_for(filtered: float, sex: str, age: float) -> float:
    """The creatinine in µmol/L at which `filtration` gives `filtered`."""
    constants = _FEMALE if sex == "female" else _MALE
    shape = filtered / (141 * 0.993**age * constants["factor"])
    exponent = _STEEP if shape < 1 else constants["exponent"]
    return float(constants["threshold"] * shape ** (1 / exponent))


def gap(life: Life, key: str, day: date) -> int:
    """How many steps of treatment are missing on that day to control the disease; 0 when it is controlled."""
    known = life.known[key]
    taken = sum(
        course.step + 1
        for course in life.courses
        if course.disease.key == key and course.start < day
    )  # fmt: skip
    return max(0, known.need - taken)


def kidneys(life: Life, day: date) -> Result:
    """Creatinine, filtration and potassium."""
    age = life.age(day)
    if life.has("irc", day):
        years = (day - life.known["irc"].onset).days / 365.25
        target = max(32.0, bell(life.rng, 52 - 1.1 * min(years, 14), 2))
    else:
        target = max(64.0, bell(life.rng, 118 - 0.72 * max(0, age - 25) + 4 * life.frame.height, 2.5))
        if life.has("irc"):  # falling already, though not yet below 60
            years = (life.known["irc"].onset - day).days / 365.25
            target = min(target, bell(life.rng, 63 + 4 * years, 0.6))
    creatinine = round(max(42.0, creatinine_for(target, life.sex, age)))
    filtered = round(filtration(creatinine, life.sex, age))
    potassium = between(life.rng, 3.8, 4.7) + (0.25 if life.has("irc", day) else 0)
    values = [
        measurement("creatinine", creatinine),
        measurement("dfg", filtered),
        measurement("potassium", potassium),
    ]
    return values, f"Créatinine {creatinine} µmol/L, DFG {filtered} mL/min, K {french(potassium, 1)} mmol/L."


def diabetes(life: Life, day: date) -> Result:
    """HbA1c."""
    key = "dt2" if life.has("dt2", day) else "dt1"
    missing = gap(life, key, day) if key == "dt2" else 0
    found_today = key == "dt1" and life.known["dt1"].onset == day
    middle = 10.4 if found_today else 7.4 if key == "dt1" else 6.6 if missing == 0 else 7.7 + 0.4 * (missing - 1)
    value = max(5.8, bell(life.rng, middle, 0.22))
    return [measurement("hba1c", value)], f"HbA1c {french(value, 1)} %."


def ldl_goal(life: Life, day: date) -> float:
    """The LDL cholesterol in g/L not to be passed: lower after an infarction and with diabetes (ESC 2019)."""
    if life.has("coronaropathie", day) or life.has("avc", day):
        return 0.55
    return 0.70 if life.has("dt2", day) else 1.0


def lipids(life: Life, day: date) -> Result:
    """The lipid panel; LDL is total - HDL - triglycerides / 5 in g/L (Friedewald)."""
    treated = any("statine" in course.medicine.classes for course in life.courses if course.start < day)
    high = life.has("dyslipidemie", day)
    if treated:
        ldl = bell(life.rng, 0.9 * ldl_goal(life, day) + 0.35 * (gap(life, "dyslipidemie", day) if high else 0), 0.04)
    else:
        ldl = bell(life.rng, 1.88 if high else 1.22, 0.11)
    hdl = bell(life.rng, 0.56 if life.sex == "female" else 0.47, 0.06)
    triglycerides = max(0.5, bell(life.rng, 1.55 if life.has("dt2", day) else 1.05, 0.25))
    parts = [round(part, 2) for part in (max(0.35, ldl), hdl, triglycerides)]
    total = parts[0] + parts[1] + parts[2] / 5
    values = [
        measurement("cholesterol", total),
        measurement("hdl", parts[1]),
        measurement("ldl", parts[0]),
        measurement("triglycerides", parts[2]),
    ]
    return values, f"LDL {french(parts[0], 2)} g/L, HDL {french(parts[1], 2)} g/L, TG {french(parts[2], 2)} g/L."


def thyroid(life: Life, day: date) -> Result:
    """TSH."""
    missing = gap(life, "hypothyroidie", day) if life.has("hypothyroidie", day) else 0
    value = between(life.rng, 5.6, 8.2) + 3 * (missing - 1) if missing else between(life.rng, 0.9, 3.4)
    return [measurement("tsh", value)], f"TSH {french(value, 2)} mUI/L."


def blood_count(life: Life, day: date) -> Result:
    """Haemoglobin."""
    value = bell(life.rng, 13.3 if life.sex == "female" else 14.6, 0.45) - (0.6 if life.age(day) > 78 else 0)
    return [measurement("hemoglobine", value)], f"Hb {french(value, 1)} g/dL."


def clotting(life: Life, day: date) -> Result:
    """INR, of those who take a vitamin K antagonist."""
    if not any("AVK" in course.medicine.classes for course in life.courses if course.start < day):
        return [], ""
    value = bell(life.rng, 2.5, 0.28)
    return [measurement("inr", value)], f"INR {french(value, 1)}."


def _simple(key: str, value: float, text: str) -> Result:
    return [measurement(key, value)], text


def gout(life: Life, day: date) -> Result:
    """Urate, lower under allopurinol."""
    treated = any("allopurinol" in course.medicine.classes for course in life.courses if course.start < day)
    value = bell(life.rng, 342 if treated else 510, 20)
    return _simple("uricemie", value, f"Uricémie {value:.0f} µmol/L.")


def prostate(life: Life, day: date) -> Result:
    """PSA, rising slowly with age."""
    value = max(0.4, bell(life.rng, 1.4 + 0.05 * max(0, life.age(day) - 60), 0.35))
    return _simple("psa", value, f"PSA {french(value, 1)} ng/mL.")


def heart(life: Life, day: date) -> Result:
    """NT-proBNP."""
    value = between(life.rng, 480, 1150)
    return _simple("bnp", value, f"NT-proBNP {value:.0f} pg/mL.")


def albumin(life: Life, day: date) -> Result:
    """Albumin to creatinine ratio in urine."""
    value = between(life.rng, 32, 110) if life.has("irc", day) else between(life.rng, 4, 24)
    return _simple("albuminurie", value, f"Albuminurie {value:.0f} mg/g.")


PANELS = {
    "rénal": kidneys, "hba1c": diabetes, "lipides": lipids, "tsh": thyroid, "nfs": blood_count, "inr": clotting,
    "uricémie": gout, "psa": prostate, "bnp": heart, "albuminurie": albumin,
}  # fmt: skip
# Months between two measures of a panel, at least.
INTERVALS = {"hba1c": 5, "inr": 1, "rénal": 6, "lipides": 11, "tsh": 10, "psa": 11, "albuminurie": 11}
