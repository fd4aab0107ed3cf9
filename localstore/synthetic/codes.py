"""Codes that may be shipped freely: LOINC for what is measured, UCUM for units, ICD-10 for problems.

LOINC is a trademark of Regenstrief Institute; its codes and names are used under the LOINC licence (loinc.org/license).
Words are French, as the record shows them; the label inside a LOINC coding is the name that LOINC gives it.
"""

from decimal import Decimal
from typing import NamedTuple

from localstore.bodies import Component, MeasurementBody
from localstore.values import Coding, Concept, Quantity

LOINC = "http://loinc.org"
ICD_10 = "http://hl7.org/fhir/sid/icd-10"


class Measure(NamedTuple):
    """Something measured: French words, LOINC code and name, unit as printed, UCUM code, decimals."""

    key: str
    label: str
    code: str
    name: str
    unit: str
    ucum: str
    decimals: int
    category: str


_VITAL = """
poids | Poids | 29463-7 | Body weight | kg | kg | 1
taille | Taille | 8302-2 | Body height | cm | cm | 0
imc | Indice de masse corporelle | 39156-5 | Body mass index (BMI) [Ratio] | kg/m² | kg/m2 | 1
pc | Périmètre crânien | 9843-4 | Head Occipital-frontal circumference | cm | cm | 1
fc | Fréquence cardiaque | 8867-4 | Heart rate | /min | /min | 0
temperature | Température | 8310-5 | Body temperature | °C | Cel | 1
spo2 | Saturation en oxygène | 59408-5 | Oxygen saturation in Arterial blood by Pulse oximetry | % | % | 0
"""
_SURVEY = """
mmse | Score MMSE | 72106-8 | Total score [MMSE] | /30 | {score} | 0
dep | Débit expiratoire de pointe | 33452-4 | Maximum expiratory gas flow Respiratory system airway by Peak flow meter | L/min | L/min | 0
"""  # noqa: E501 - a table is read by its lines
_LABORATORY = """
hba1c | HbA1c | 4548-4 | Hemoglobin A1c/Hemoglobin.total in Blood | % | % | 1
creatinine | Créatinine | 14682-9 | Creatinine [Moles/volume] in Serum or Plasma | µmol/L | umol/L | 0
dfg | DFG estimé (CKD-EPI) | 62238-1 | Glomerular filtration rate/1.73 sq M.predicted [Volume Rate/Area] in Serum, Plasma or Blood by Creatinine-based formula (CKD-EPI) | mL/min/1,73 m² | mL/min/{1.73_m2} | 0
potassium | Potassium | 2823-3 | Potassium [Moles/volume] in Serum or Plasma | mmol/L | mmol/L | 1
cholesterol | Cholestérol total | 2093-3 | Cholesterol [Mass/volume] in Serum or Plasma | g/L | g/L | 2
hdl | Cholestérol HDL | 2085-9 | Cholesterol in HDL [Mass/volume] in Serum or Plasma | g/L | g/L | 2
ldl | Cholestérol LDL | 13457-7 | Cholesterol in LDL [Mass/volume] in Serum or Plasma by calculation | g/L | g/L | 2
triglycerides | Triglycérides | 2571-8 | Triglyceride [Mass/volume] in Serum or Plasma | g/L | g/L | 2
tsh | TSH | 3016-3 | Thyrotropin [Units/volume] in Serum or Plasma | mUI/L | m[IU]/L | 2
hemoglobine | Hémoglobine | 718-7 | Hemoglobin [Mass/volume] in Blood | g/dL | g/dL | 1
ferritine | Ferritine | 2276-4 | Ferritin [Mass/volume] in Serum or Plasma | µg/L | ug/L | 0
inr | INR | 6301-6 | INR in Platelet poor plasma by Coagulation assay |  | {INR} | 1
uricemie | Acide urique | 14933-6 | Urate [Moles/volume] in Serum or Plasma | µmol/L | umol/L | 0
psa | PSA | 2857-1 | Prostate specific Ag [Mass/volume] in Serum or Plasma | ng/mL | ng/mL | 1
bnp | NT-proBNP | 33762-6 | Natriuretic peptide.B prohormone N-Terminal [Mass/volume] in Serum or Plasma | pg/mL | pg/mL | 0
albuminurie | Rapport albumine/créatinine urinaire | 9318-7 | Albumin/Creatinine [Mass Ratio] in Urine | mg/g | mg/g | 0
glycemie | Glycémie à jeun | 1558-6 | Fasting glucose [Mass/volume] in Serum or Plasma | g/L | g/L | 2
"""  # noqa: E501 - a table is read by its lines


def _read(line: str, category: str) -> Measure:
    key, label, code, name, unit, ucum, decimals = (part.strip() for part in line.split("|"))
    return Measure(key, label, code, name, unit, ucum, int(decimals), category)


MEASURES = {
    measure.key: measure
    for category, table in (("vital-signs", _VITAL), ("survey", _SURVEY), ("laboratory", _LABORATORY))
    for measure in (_read(line, category) for line in table.strip().splitlines())
}


def problem(label: str, code: str) -> Concept:
    """A problem in words with its ICD-10 code."""
    return Concept(text=label, codings=(Coding(system=ICD_10, code=code, label=label),))


def loinc(label: str, code: str, name: str) -> Concept:
    """A concept in French words with its LOINC code and name."""
    return Concept(text=label, codings=(Coding(system=LOINC, code=code, label=name),))


def number(value: float, decimals: int) -> Decimal:
    """The value with exactly this many decimals."""
    return Decimal(f"{value:.{decimals}f}")


def french(value: float, decimals: int) -> str:
    """The value as it is written in French, with a comma."""
    return f"{value:.{decimals}f}".replace(".", ",")


def measurement(key: str, value: float, decimals: int | None = None, interpretation: str = "") -> MeasurementBody:
    """One value of a measure of `MEASURES`, rounded to its decimals or to those given."""
    measure = MEASURES[key]
    places = measure.decimals if decimals is None else decimals
    return MeasurementBody(
        concept=loinc(measure.label, measure.code, measure.name),
        quantity=Quantity(value=number(value, places), unit=measure.unit, code=measure.ucum),
        category=measure.category,
        interpretation=interpretation,
    )


def blood_pressure(systolic: int, diastolic: int) -> MeasurementBody:
    """A blood pressure in mmHg, with its two parts."""
    return MeasurementBody(
        concept=loinc("Pression artérielle", "85354-9", "Blood pressure panel with all children optional"),
        components=(
            _pressure("Systolique", "8480-6", "Systolic blood pressure", systolic),
            _pressure("Diastolique", "8462-4", "Diastolic blood pressure", diastolic),
        ),
        category="vital-signs",
    )


def _pressure(label: str, code: str, name: str, value: int) -> Component:
    return Component(
        concept=loinc(label, code, name), quantity=Quantity(value=Decimal(value), unit="mmHg", code="mm[Hg]")
    )


def stated(label: str, code: str, name: str, text: str, category: str) -> MeasurementBody:
    """An observation that is words and no number, e.g. a blood group."""
    return MeasurementBody(concept=loinc(label, code, name), text=text, category=category)


def blood_group(group: str) -> MeasurementBody:
    """A blood group in words, e.g. `A Rh positif`."""
    return stated("Groupe sanguin", "882-1", "ABO and Rh group [Type] in Blood", group, "laboratory")


def smoking(text: str) -> MeasurementBody:
    """What is known of the patient and tobacco, in words."""
    return stated("Tabac", "72166-2", "Tobacco smoking status", text, "social-history")
