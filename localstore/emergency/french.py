"""The French of the emergency export: dates, ages, statuses, numbers. Pure functions from values to words.

The sheet is in French whatever the language of the screens is, because the doctor who finds it is in France. A code
that has no word here is shown as it came: a strange word is better than a missing one.
"""

import re
from datetime import date, datetime
from decimal import Decimal

from localstore.bodies import Component, MeasurementBody
from localstore.values import Quantity

MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
NARROW = "\u202f"  # before a unit, and between thousands (Imprimerie nationale)

CLINICAL_STATUS = {
    "active": "actif",
    "recurrence": "récidive",
    "relapse": "rechute",
    "inactive": "inactif",
    "remission": "en rémission",
    "resolved": "résolu",
    "refuted": "infirmé",
}
ALLERGY_STATUS = {"active": "active", "inactive": "inactive", "resolved": "résolue", "refuted": "infirmée"}
VERIFICATION = {
    "unconfirmed": "non confirmé",
    "provisional": "diagnostic provisoire",
    "differential": "diagnostic différentiel",
    "presumed": "présumé",
    "confirmed": "",
    "refuted": "INFIRMÉ",
}
SEVERITY = {"mild": "réaction légère", "moderate": "réaction modérée", "severe": "RÉACTION GRAVE"}
PERIOD = {"h": "par heure", "d": "par jour", "wk": "par semaine", "mo": "par mois"}
COURSE = {"acute": "de courte durée", "continuous": "au long cours"}
MODE = {
    "office": "",
    "home": "à domicile",
    "remote": "à distance",
    "emergency": "en urgence",
    "inpatient": "à l'hôpital",
}
CRITICALITY = {"high": "RISQUE ÉLEVÉ", "low": "risque faible", "unable-to-assess": "risque non évaluable"}
CATEGORY = {
    "medication": "médicament",
    "food": "aliment",
    "environment": "environnement",
    "biologic": "produit biologique",
}
MEDICATION_STATE = {"active": "", "on-hold": "SUSPENDU", "unknown": "prise non confirmée"}
IMMUNISATION_STATE = {"completed": "", "not-done": "NON FAIT"}
PROCEDURE_STATE = {
    "completed": "",
    "in-progress": "en cours",
    "not-done": "NON FAIT",
    "stopped": "interrompu",
    "on-hold": "suspendu",
    "preparation": "prévu",
    "unknown": "réalisation non confirmée",
}
IDENTITY_STATUS = {
    "provisional": "provisoire",
    "retrieved": "récupérée",
    "validated": "validée",
    "qualified": "qualifiée",
}
SEX = {"male": "sexe masculin", "female": "sexe féminin", "other": "sexe autre", "unknown": "sexe non renseigné"}
UNITS = {
    "mm[Hg]": "mmHg",
    "kg/m2": "kg/m²",
    "Cel": "°C",
    "umol/L": "µmol/L",
    "10*9/L": "G/L",
    "10*12/L": "T/L",
    "mL/min/{1.73_m2}": "mL/min/1,73 m²",
    "mL/min/1.73m2": "mL/min/1,73 m²",
    "{INR}": "",
    "{score}": "",
    "1": "",
}

_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T.*)?)?)?\Z", re.DOTALL)
_SYSTOLIC, _DIASTOLIC = "8480-6", "8462-4"
_DAYS_A_MONTH = 30.44
MAX_EXPONENT = 12  # beyond a million million, or below its inverse, a number is no measurement


def parts_of(text: str) -> tuple[int, int, int] | None:
    """Year, month, day of an ISO 8601 date, 0 for what is not given; None when it is no date of the calendar."""
    found = _DATE.match(text)
    if not found:
        return None
    year, month, day = (int(part or 0) for part in found.groups())
    try:
        date(year, month or 1, day or 1)
    except ValueError:
        return None
    return year, month, day


def day(text: str) -> str:
    """An ISO date in words: `12 mars 2021`, `mars 2021`, `2021`. What is no date comes back as it is."""
    parts = parts_of(text)
    if parts is None:
        return text
    year, month, number = parts
    words = [str(year)]
    if month:
        words.insert(0, MONTHS[month - 1])
    if number:
        words.insert(0, "1er" if number == 1 else str(number))
    return " ".join(words)


def on(text: str) -> str:
    """The date with its preposition: `le 12 mars 2021`, `en mars 2021`; words of their own where there is none."""
    parts = parts_of(text)
    if parts is None:
        return f"le {text}" if text else "à une date non précisée"
    return f"le {day(text)}" if parts[2] else f"en {day(text)}"


def since(text: str) -> str:
    """`depuis le 12 mars 2021`, `depuis mars 2021`, or nothing."""
    if not text:
        return ""
    parts = parts_of(text)
    return f"depuis le {day(text)}" if parts and parts[2] else f"depuis {day(text)}"


def until(text: str) -> str:
    """`jusqu'au 12 mars 2021`, `jusqu'en mars 2021`, or nothing."""
    if not text:
        return ""
    parts = parts_of(text)
    return f"jusqu'en {day(text)}" if parts and not parts[2] else f"jusqu'au {day(text)}"


def moment(when: datetime) -> str:
    """`3 mars 2026 à 9 h 30 (UTC)`: the zone is said, because the reader may be elsewhere."""
    offset = when.utcoffset()
    zone = "UTC" if not offset else when.strftime("UTC%z")[:6] + ":" + when.strftime("%z")[3:5]
    return f"{day(when.date().isoformat())} à {when.hour} h {when.minute:02d} ({zone})"


def age(birth: str, now: datetime) -> str:
    """The age at `now`: days under a month, months under two years, then years; `environ` where the date is partial."""
    parts = parts_of(birth)
    if parts is None:
        return ""
    year, month, number = parts
    today = now.date()
    if not month or not number:
        years = today.year - year
        return f"environ {years} ans" if years > 1 else ""
    born = date(year, month, number)
    if born > today:
        return ""
    days = (today - born).days
    if days < _DAYS_A_MONTH:
        return f"{days} jour{'s' if days > 1 else ''}"
    years = today.year - year - ((today.month, today.day) < (month, number))
    if years < 2:
        months = (today.year - year) * 12 + today.month - month - (today.day < number)
        return f"{months} mois"
    return f"{years} ans"


def born(birth: str, sex: str) -> str:
    """`née le 12 mars 1958`, in agreement with the sex; says so where the date is not known."""
    if not birth:
        return "date de naissance non renseignée"
    word = {"male": "né", "female": "née"}.get(sex, "né(e)")
    return f"{word} {on(birth)}"


def word(table: dict[str, str], code: str) -> str:
    """The word for a code, or the code itself where the table has none."""
    return table.get(code, code)


def number(value: Decimal) -> str:
    """A decimal number as French writes it: comma, narrow spaces, and no more digits than a reader can use (two
    decimals, three digits below one). What is far out of every range of medicine is left as it came."""
    size = value.adjusted() if value.is_finite() else MAX_EXPONENT + 1
    if value and abs(size) > MAX_EXPONENT:
        return str(value)
    text = f"{round(value, max(2, 2 - size)):,f}".replace(",", NARROW).replace(".", ",")
    return text.rstrip("0").rstrip(",") if "," in text else text


def quantity(value: Quantity) -> str:
    """A quantity with its comparator and unit: `72,5 kg`, `< 0,1 mg/L`."""
    unit = UNITS.get(value.unit or value.code, value.unit or value.code)
    sign = {"<=": "≤", ">=": "≥"}.get(value.comparator, value.comparator)
    text = f"{sign}{NARROW}{number(value.value)}" if sign else number(value.value)
    return f"{text}{NARROW}{unit}" if unit else text


def measurement(body: MeasurementBody) -> str:
    """The value of a measurement in words: blood pressure as `128/76 mmHg`, other components one after the other."""
    if body.quantity is not None:
        return quantity(body.quantity)
    if body.text:
        return body.text
    return _pressure(body.components) or " · ".join(_component(part) for part in body.components)


def _component(part: Component) -> str:
    value = quantity(part.quantity) if part.quantity is not None else part.text
    return f"{part.concept.label} {value}".strip()


def _pressure(parts: tuple[Component, ...]) -> str:
    by_code = {coding.code: part.quantity for part in parts for coding in part.concept.codings}
    upper, lower = by_code.get(_SYSTOLIC), by_code.get(_DIASTOLIC)
    if upper is None or lower is None or len(parts) != 2:
        return ""
    return f"{number(upper.value)}/{quantity(lower)}"


def sentence(words: str) -> str:
    """The words with a capital at their beginning."""
    return words[:1].upper() + words[1:]


def plural(count: int, one: str, many: str) -> str:
    """`1 document`, `12 documents`."""
    return f"{count} {one if count == 1 else many}"
