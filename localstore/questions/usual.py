"""What doctors call the usual measurements, and the LOINC codes that laboratories send them under. A table only.

An imported HbA1c is called "Hemoglobin A1c/Hemoglobin.total in Blood": without its code nobody would find it by the
name that everybody uses. Codes: LOINC (loinc.org), the common ones for blood or serum, in mass and in substance units.
"""

LOINC = "http://loinc.org"

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
