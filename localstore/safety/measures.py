"""What is measured: LOINC codes, units, and the bounds beyond which a typing error is likelier than the value. Pure.

Bounds are for an age in years, `from` that age on, in the base unit of the measure. They are wider than any normal
range and than the extremes that a practice sees: they are there for the slip of a finger, not for the diagnosis.
`usual` is where the value of most people lies, sick ones too; it serves to guess a confused unit and nothing else.

Sources, widened as said: growth: WHO Child Growth Standards (2006) and Reference (2007), 3 standard deviations and
beyond; vital signs of children: Fleming et al., Lancet 2011;377:1011-1018 (1st and 99th centiles), and PALS 2020;
laboratory: critical values of Kost, JAMA 1990;263:704-707, widened; SFBC, "Valeurs critiques", Ann Biol Clin 2017.
Codes: LOINC (Regenstrief Institute); units: UCUM. Conversions: molar masses; HbA1c: IFCC-NGSP master equation
(Hoelzel et al., Clin Chem 2004;50:166-174).
"""

from decimal import Decimal
from typing import NamedTuple

from localstore.folding import fold
from localstore.values import Concept, Quantity

LOINC_SYSTEMS = frozenset({"http://loinc.org", "https://loinc.org", "urn:oid:2.16.840.1.113883.6.1"})
LARGEST_EXPONENT = 30  # a number that says it has a million digits is compared with nothing


class Unit(NamedTuple):
    """A unit of a measure: base value = value * factor + offset. The first of `names` is shown."""

    names: tuple[str, ...]
    factor: Decimal
    offset: Decimal = Decimal(0)

    def base(self, value: Decimal) -> Decimal:
        """The value in the base unit."""
        return value * self.factor + self.offset


class Band(NamedTuple):
    """Bounds from an age on, in years."""

    age: Decimal
    low: Decimal
    high: Decimal


class Measure(NamedTuple):
    """Something measured; `units[0]` is the base unit. `sex` where it is measured in one alone."""

    key: str
    label: str
    codes: frozenset[str]
    units: tuple[Unit, ...]
    bands: tuple[Band, ...]
    usual: tuple[Decimal, Decimal]
    sex: str = ""

    def bounds(self, youngest: Decimal | None, oldest: Decimal | None) -> tuple[Decimal, Decimal]:
        """The bounds for an age between these, in years: the widest of those that may hold. None: not known."""
        held = [
            band
            for band, next_one in zip(self.bands, (*self.bands[1:], None), strict=True)
            if (oldest is None or band.age <= oldest)
            and (youngest is None or next_one is None or next_one.age > youngest)
        ] or [self.bands[0]]
        return min(band.low for band in held), max(band.high for band in held)


def _units(words: str) -> tuple[Unit, ...]:
    made = []
    for part in words.split(";"):
        *names, numbers = part.split()
        factor, _, offset = numbers.partition("+")
        made.append(Unit(tuple(name.replace("~", " ") for name in names), Decimal(factor), Decimal(offset or 0)))
    return tuple(made)


def _bands(words: str) -> tuple[Band, ...]:
    return tuple(Band(*(Decimal(number) for number in part.split())) for part in words.split(";"))


def _row(line: str, label: str, sex: str = "") -> Measure:
    key, codes, units, bands, usual = (part.strip() for part in line.split("|"))
    low, high = usual.split()
    return Measure(
        key, label, frozenset(codes.split()), _units(units), _bands(bands), (Decimal(low), Decimal(high)), sex
    )


_RATE = "/min {beats}/min {breaths}/min bpm batt/min 1"
_PRESSURE = "mmHg mm[Hg] 1; cmHg cm[Hg] 10; kPa 7.50062"
_PRESSURES = "8480-6 | " + _PRESSURE + " | 0 40 140; 1 55 170; 6 60 200; 13 60 250 | 70 220"
_SALT = "mmol/L mEq/L meq/L 1"

# key | LOINC codes | units, the base unit first, each with its factor | from age, low, high | usual
_ROWS = (
    _row("systolic | " + _PRESSURES, "Systolic pressure"),
    _row(
        "diastolic | 8462-4 | " + _PRESSURE + " | 0 15 100; 1 25 120; 6 30 130; 13 30 150 | 35 130",
        "Diastolic pressure",
    ),
    _row("pulse | 8867-4 | " + _RATE + " | 0 60 230; 1 50 220; 6 40 220; 12 30 220 | 45 190", "Pulse"),
    _row(
        "temperature | 8310-5 8331-1 8328-7 8332-9 8333-7 | Cel °C C 1; [degF] °F 0.5555555555555556+-17.7777777777778"
        " | 0 33 42 | 35 41",
        "Temperature",
    ),
    _row(
        "weight | 29463-7 3141-9 8335-2 | kg 1; g 0.001; [lb_av] lb lbs 0.45359237"
        " | 0 0.4 16; 1 5 30; 3 8 50; 6 12 110; 12 20 200; 18 25 300 | 2 200",
        "Weight",
    ),
    _row(
        "height | 8302-2 8306-3 8308-9 3137-7 | cm 1; m 100; mm 0.1; [in_i] in 2.54"
        " | 0 25 95; 1 55 120; 3 70 145; 6 85 190; 12 105 220; 18 90 230 | 25 205",
        "Height",
    ),
    _row("bmi | 39156-5 | kg/m2 kg/m² 1 | 0 7 35; 2 9 60; 18 10 80 | 10 60", "Body mass index"),
    _row("head | 9843-4 8287-5 | cm 1; mm 0.1 | 0 18 55; 1 38 60; 6 44 70 | 25 62", "Head circumference"),
    _row("saturation | 59408-5 2708-6 | % 1 | 0 70 100 | 80 100", "Oxygen saturation"),
    _row("breaths | 9279-1 | " + _RATE + " | 0 15 90; 1 12 70; 6 8 60; 12 6 50 | 8 60", "Breathing rate"),
    _row(
        "glucose | 1558-6 2339-0 2345-7 14749-6 15074-8 76629-5 14771-0 41653-7 2340-8"
        " | mmol/L mmol/l 1; g/L g/l 5.551; mg/dL mg/dl 0.05551 | 0 1 45 | 2.5 22",
        "Glucose",
    ),
    _row(
        "hba1c | 4548-4 17856-6 41995-2 59261-8 62388-4 | % 1; mmol/mol 0.09148+2.152 | 0 3 20 | 4 15",
        "HbA1c",
    ),
    _row(
        "creatinine | 14682-9 2160-0 38483-4 | umol/L µmol/L μmol/L 1; mg/L mg/l 8.842; mg/dL mg/dl 88.42"
        " | 0 5 500; 3 10 1500; 18 15 2500 | 12 600",
        "Creatinine",
    ),
    _row(
        "filtration | 62238-1 33914-3 48642-3 48643-1 50210-4 69405-9 98979-8"
        " | mL/min/{1.73_m2} mL/min/1,73~m² mL/min mL/min/1.73m2 1 | 0 2 220 | 5 160",
        "Filtration rate",
    ),
    _row("potassium | 2823-3 6298-4 77142-8 | " + _SALT + " | 0 1.8 8.5 | 2.5 7", "Potassium"),
    _row("sodium | 2951-2 2947-0 77139-4 | " + _SALT + " | 0 100 185 | 115 165", "Sodium"),
    _row("calcium | 2000-8 17861-6 49765-1 | mmol/L 1; mg/L 0.02495; mg/dL 0.2495 | 0 1 5 | 1.6 3.6", "Calcium"),
    _row(
        "haemoglobin | 718-7 20509-6 30313-1 59260-0 | g/dL g/dl 1; g/L g/l 0.1; mmol/L 1.6114 | 0 4 28; 1 3 22 | 6 20",
        "Haemoglobin",
    ),
    _row("platelets | 777-3 26515-7 | 10*3/uL 10*9/L G/L G/l 1; /mm3 /uL 0.001 | 0 2 2500 | 20 900", "Platelets"),
    _row("inr | 6301-6 34714-6 46418-0 | {INR} 1 | 0 0.6 20 | 0.8 8", "INR"),
    _row(
        "tsh | 3016-3 11579-0 11580-8 | m[IU]/L mUI/L mIU/L u[IU]/mL µUI/mL mU/L 1 | 0 0.001 500 | 0.01 100",
        "TSH",
    ),
    _row("ldl | 13457-7 18262-6 2089-1 22748-8 | g/L g/l 1; mmol/L 0.3867; mg/dL 0.01 | 0 0.05 8 | 0.2 3.2", "LDL"),
    _row(
        "cholesterol | 2093-3 14647-2 | g/L g/l 1; mmol/L 0.3867; mg/dL 0.01 | 0 0.3 15 | 0.8 4",
        "Total cholesterol",
    ),
    _row("crp | 1988-5 30522-7 71426-1 | mg/L mg/l 1; mg/dL 10 | 0 0 700 | 0 400", "C-reactive protein"),
    _row("lithium | 14334-7 3719-2 | mmol/L mEq/L 1 | 0 0.05 6 | 0.1 2", "Lithium"),
    _row("psa | 2857-1 19197-3 83112-3 | ng/mL ug/L µg/L 1 | 0 0 20000 | 0 200", "PSA", "male"),
)
MEASURES = {measure.key: measure for measure in _ROWS}
_BY_CODE = {code: measure for measure in _ROWS for code in measure.codes}


# What a concept without a LOINC code is commonly called, folded; the whole text has to say it.
_NAMES = {
    "systolic": "pression systolique, systolique, pas, systolic blood pressure",
    "diastolic": "pression diastolique, diastolique, pad, diastolic blood pressure",
    "pulse": "pouls, frequence cardiaque, fc, heart rate, pulse",
    "temperature": "temperature, temperature corporelle, body temperature",
    "weight": "poids, weight, body weight",
    "height": "taille, height, body height",
    "bmi": "imc, indice de masse corporelle, bmi, body mass index",
    "head": "perimetre cranien, head circumference",
    "saturation": "spo2, saturation, saturation en oxygene, oxygen saturation",
    "breaths": "frequence respiratoire, fr, respiratory rate",
    "glucose": "glycemie, glycemie a jeun, glucose, fasting glucose",
    "hba1c": "hba1c, hemoglobine glyquee",
    "creatinine": "creatinine, creatininemie",
    "filtration": "dfg, dfg estime, egfr",
    "potassium": "potassium, kaliemie, kalemia",
    "sodium": "sodium, natremie",
    "calcium": "calcium, calcemie",
    "haemoglobin": "hemoglobine, haemoglobin, hemoglobin, hb",
    "platelets": "plaquettes, platelets",
    "inr": "inr",
    "tsh": "tsh",
    "ldl": "ldl, ldl cholesterol, cholesterol ldl",
    "cholesterol": "cholesterol, cholesterol total, total cholesterol",
    "crp": "crp, proteine c reactive",
    "lithium": "lithium, lithemie",
    "psa": "psa",
}
_BY_NAME = {name: MEASURES[key] for key, names in _NAMES.items() for name in names.split(", ")}
LONGEST_NAME = 60  # characters; no name above is longer


def measure_of(concept: Concept) -> Measure | None:
    """Which measure a concept is, by its LOINC codes, or by its name where it has none; None where it is none of these.

    A concept with a LOINC code that is not listed is another measure, whatever it is called."""
    codes = [one.code for one in concept.codings if one.system in LOINC_SYSTEMS]
    if codes:
        return next((_BY_CODE[code] for code in codes if code in _BY_CODE), None)
    return _BY_NAME.get(fold(concept.label)) if len(concept.label) <= LONGEST_NAME else None


def named(name: str) -> Measure | None:
    """The measure that is commonly called so; `name` is folded."""
    return _BY_NAME.get(name)


def unit_of(measure: Measure, quantity: Quantity) -> Unit | None:
    """The unit of a value, by its UCUM code or as it is printed; the base unit where the measure has no dimension."""
    for name in (quantity.code, quantity.unit):
        for unit in measure.units:
            if name and name.strip() in unit.names:
                return unit
    bare = not quantity.code and not quantity.unit
    return measure.units[0] if bare and measure.units[0].names[0].startswith("{") else None


def is_comparable(value: Decimal) -> bool:
    """Whether a number is one that may be compared and converted at all."""
    return value.is_finite() and abs(value.adjusted()) <= LARGEST_EXPONENT
