"""What doctors call the usual measurements, and the LOINC codes that laboratories send them under. Pure.

An imported HbA1c is called "Hemoglobin A1c/Hemoglobin.total in Blood": without its code nobody would find it by the
name that everybody uses. Codes: LOINC (loinc.org), the common ones for blood or serum, in mass and in substance units.
"""

from localstore.safety import measures

LOINC = "http://loinc.org"
PRESSURE = ("85354-9", "55284-4", "35094-2")  # both pressures at once
SYSTOLIC = ("8480-6",)
# What a pressure is called without saying which: a number is compared with the systolic one.
PRESSURES = frozenset(
    {"tension", "ta", "pa", "pression", "pression arterielle", "tension arterielle", "blood pressure", "bp"}
)

CODES: dict[str, tuple[str, ...]] = {
    "hba1c": ("4548-4", "17856-6", "59261-8"),
    "glycemie": ("2345-7", "2339-0", "1558-6", "14749-6", "15074-8"),
    "creatinine": ("2160-0", "38483-4", "14682-9"),
    "creatininemie": ("2160-0", "38483-4", "14682-9"),
    "dfg": ("33914-3", "62238-1", "98979-8", "69405-9"),
    "potassium": ("2823-3", "6298-4"),
    "kaliemie": ("2823-3", "6298-4"),
    "sodium": ("2951-2", "2947-0"),
    "natremie": ("2951-2", "2947-0"),
    "hemoglobine": ("718-7",),
    "plaquettes": ("777-3",),
    "leucocytes": ("6690-2",),
    "inr": ("6301-6", "34714-6"),
    "tsh": ("3016-3", "11580-8"),
    "cholesterol": ("2093-3", "14647-2"),
    "ldl": ("18262-6", "13457-7", "2089-1", "22748-8"),
    "hdl": ("2085-9", "14646-4"),
    "triglycerides": ("2571-8", "14927-8"),
    "ferritine": ("2276-4",),
    "crp": ("1988-5",),
    "psa": ("2857-1",),
    "poids": ("29463-7",),
    "taille": ("8302-2",),
    "imc": ("39156-5",),
    "temperature": ("8310-5",),
    "saturation": ("59408-5", "2708-6"),
    "pouls": ("8867-4",),
    "systolique": ("8480-6",),
    "diastolique": ("8462-4",),
}

# The unit that a French laboratory prints, where it is not the base unit of `localstore.safety.measures`.
UNITS = {"glucose": "g/L"}


def codes(words: tuple[str, ...]) -> frozenset[str]:
    """The LOINC codes of a measurement by its usual name, folded; none where it is not one of these."""
    name = " ".join(words)
    if name in PRESSURES:
        return frozenset((*PRESSURE, *SYSTOLIC))
    measure = measures.named(name)
    return frozenset(CODES.get(name, ())) | (measure.codes if measure else frozenset())


def is_known(words: tuple[str, ...]) -> bool:
    """Whether words are the usual name of a measurement."""
    return bool(words) and bool(codes(words))
