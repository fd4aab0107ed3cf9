"""Invented patients and records for the tests of the emergency export: small builders, and a few whole charts."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from itertools import count

from pypdf import PdfReader

from localstore.bodies import (
    AllergyBody,
    Body,
    Component,
    ConsultationBody,
    DocumentBody,
    ImmunisationBody,
    MeasurementBody,
    MedicationBody,
    OtherBody,
    PatientBody,
    ProblemBody,
    ProcedureBody,
)
from localstore.emergency.sections import Summary
from localstore.emergency.summary import summarise
from localstore.kinds import Sensitivity, Status
from localstore.model import Entry
from localstore.values import Author, Coding, Concept, Contact, Quantity

MADE = datetime(2026, 3, 3, 9, 30, tzinfo=UTC)
AUTHOR = Author(name="Dr Claire Dubois", rpps="10003518722")
PRACTICE = "Cabinet des Lilas, Vannes"
PATIENT_ID = "a" * 32
_numbers = count(1)  # what makes each entry another one
LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"

JEANNE = PatientBody(
    family_name="Le Goff",
    given_names=("Jeanne", "Marie"),
    birth_date="1958-03-12",
    sex="female",
    used_name="Kervella",
    birth_place="56260",
    ins="258035626004291",
    ins_oid="1.2.250.1.213.1.4.8",
    identity_status="qualified",
    phone="06 12 34 56 78",
    address="12 rue des Lilas",
    postal_code="56000",
    town="Vannes",
    treating_doctor="Dr Claire Dubois, Vannes",
    contacts=(Contact("Yann Kervella", "époux", "06 98 76 54 32"), Contact("Anne Le Goff", "fille", "07 11 22 33 44")),
)


def words(text: str) -> Concept:
    """A concept in words only."""
    return Concept(text=text)


def coded(system: str, code: str, label: str) -> Concept:
    """A concept with one code."""
    return Concept(codings=(Coding(system, code, label),))


def entry(
    body: Body,
    date: str = "2021-03-12",
    *,
    key: str = "",
    version: str = "",
    parents: Sequence[str] = (),
    recorded: str = "2025-11-02T10:00:00.000Z",
    restricted: bool = False,
    retracted: bool = False,
    author: Author = AUTHOR,
) -> Entry:
    """One version of an entry; each call makes a new one unless `key` says which entry it belongs to."""
    identifier = key or f"{next(_numbers):032x}"
    return Entry(
        id=identifier,
        version=version or identifier[::-1],
        patient=PATIENT_ID,
        date=date,
        author=author,
        recorded=recorded,
        body=body,
        parents=tuple(parents),
        status=Status.ENTERED_IN_ERROR if retracted else Status.FINAL,
        sensitivity=Sensitivity.RESTRICTED if restricted else Sensitivity.NORMAL,
    )


def of(patient: PatientBody, *entries: Entry, named: Sequence[str] = ()) -> Summary:
    """The summary of these entries."""
    return summarise(patient, entries, AUTHOR, PRACTICE, MADE, named)


def measured(code: str, label: str, value: str, unit: str, date: str, category: str = "vital-signs") -> Entry:
    """A measurement with a LOINC code."""
    quantity = Quantity(Decimal(value), unit, unit)
    return entry(MeasurementBody(coded(LOINC, code, label), quantity=quantity, category=category), date)


def pressure(systolic: str, diastolic: str, date: str) -> Entry:
    """A blood pressure, as a panel with two components."""
    parts = (
        Component(coded(LOINC, "8480-6", "Systolic"), Quantity(Decimal(systolic), "mm[Hg]", "mm[Hg]")),
        Component(coded(LOINC, "8462-4", "Diastolic"), Quantity(Decimal(diastolic), "mm[Hg]", "mm[Hg]")),
    )
    return entry(MeasurementBody(coded(LOINC, "85354-9", "Blood pressure"), components=parts), date)


def typical() -> list[Entry]:
    """A record as a practice has many: 3 allergies, 8 medicines, 12 problems, and what goes with them."""
    return [
        entry(AllergyBody(words("Pénicilline"), criticality="high", category="medication",
                          reaction="choc anaphylactique", onset="1994")),
        entry(AllergyBody(words("Produits de contraste iodés"), category="medication", reaction="urticaire",
                          onset="2011-06")),
        entry(AllergyBody(words("Arachide"), criticality="low", category="food", reaction="prurit buccal")),
        *(
            entry(MedicationBody(words(name), dosage=dosage, start=start, reason=reason))
            for name, dosage, start, reason in (
                ("Apixaban 5 mg", "1 cp matin et soir", "2023-05-14", "fibrillation atriale"),
                ("Bisoprolol 2,5 mg", "1 cp le matin", "2023-05-14", "fibrillation atriale"),
                ("Metformine 1000 mg", "1 cp matin et soir", "2014-09", "diabète de type 2"),
                ("Ramipril 5 mg", "1 cp le matin", "2012", "hypertension artérielle"),
                ("Atorvastatine 20 mg", "1 cp le soir", "2014-09", ""),
                ("Lévothyroxine 75 µg", "1 cp à jeun", "2009-02", "hypothyroïdie"),
                ("Furosémide 40 mg", "1 cp le matin", "2024-11-20", "insuffisance cardiaque"),
            )
        ),
        entry(MedicationBody(words("Paracétamol 1 g"), dosage="si douleur, 3 par jour au plus", state="on-hold")),
        *(entry(MedicationBody(words(f"Ancien traitement {n}"), state="stopped", end="2020")) for n in range(4)),
        *(
            entry(ProblemBody(words(name), onset=onset))
            for name, onset in (
                ("Fibrillation atriale paroxystique", "2023-05-14"), ("Insuffisance cardiaque à FE altérée", "2024-11"),
                ("Diabète de type 2", "2014-09"), ("Hypertension artérielle", "2012"),
                ("Hypothyroïdie", "2009-02"), ("Dyslipidémie mixte", "2014"),
                ("Gonarthrose droite", "2019"), ("Surpoids", ""),
            )
        ),
        *(
            entry(ProblemBody(words(name), clinical_status="resolved", onset=onset, abatement=end))
            for name, onset, end in (
                ("Embolie pulmonaire", "2003-08-21", "2004-02"), ("Appendicectomie", "1971", ""),
                ("Pneumopathie franche lobaire", "2017-01", "2017-02"), ("Pré-éclampsie", "1986", "1986"),
            )
        ),
        *(
            measured(code, label, value, unit, date)
            for code, label, value, unit, date in (
                ("29463-7", "Poids", "78.4", "kg", "2026-02-10"), ("29463-7", "Poids", "80", "kg", "2025-08-10"),
                ("8302-2", "Taille", "162", "cm", "2020-01-15"), ("8867-4", "Pouls", "72", "/min", "2026-02-10"),
                ("2160-0", "Créatinine", "11.2", "mg/L", "2026-01-28"),
                ("33914-3", "DFG", "58", "mL/min/{1.73_m2}", "2026-01-28"),
                ("4548-4", "HbA1c", "7.1", "%", "2026-01-28"), ("718-7", "Hb", "12.9", "g/dL", "2026-01-28"),
            )
        ),
        pressure("136", "82", "2026-02-10"),
        entry(MeasurementBody(coded(LOINC, "882-1", "ABO et Rh"), text="A Rh positif", category="laboratory"), "1986"),
        *(
            entry(ConsultationBody(reason=reason, conclusion=conclusion, practitioner="Dr Claire Dubois"), date)
            for reason, conclusion, date in (
                ("Essoufflement d'effort", "décompensation débutante, furosémide majoré", "2026-02-10"),
                ("Renouvellement", "", "2025-11-18"), ("Vaccination grippe", "", "2025-10-21"),
                ("Douleur du genou droit", "poussée d'arthrose", "2025-09-02"), ("Renouvellement", "", "2025-08-10"),
                ("Angine", "", "2025-01-10"), ("Renouvellement", "", "2024-11-20"),
            )
        ),
        entry(ProcedureBody(words("Pose d'une prothèse totale de hanche gauche"), reason="coxarthrose"), "2018-04-09"),
        entry(ProcedureBody(words("Coronarographie")), "2024-11-25"),
        *(
            entry(ImmunisationBody(words(name), lot=lot), date)
            for name, lot, date in (
                ("Grippe", "V3A21", "2025-10-21"), ("Grippe", "U7B02", "2024-10-15"), ("Grippe", "", "2023-10"),
                ("dTcaP", "AC37B", "2018-06-12"), ("Pneumocoque conjugué 20-valent", "GH1234", "2024-11-30"),
            )
        ),
        entry(DocumentBody(title="Compte rendu de cardiologie", text="..."), "2024-11-26"),
        entry(DocumentBody(title="Directives anticipées", text="Pas de réanimation prolongée."), "2022-05-02"),
        entry(OtherBody("Claim", "facture"), "2024-11-26"),
    ]  # fmt: skip


def monstrous() -> list[Entry]:
    """300 problems (most of them circumstances), 60 medicines, 20 allergies, 400 procedures."""
    return [
        *(entry(AllergyBody(words(f"Substance d'essai n° {n}"), criticality=("high", "low", "")[n % 3],
                            reaction="urticaire géante")) for n in range(20)),
        *(entry(MedicationBody(words(f"Médicament d'essai {n} 500 mg comprimé pelliculé"),
                               dosage="1 comprimé matin, midi et soir", start=f"20{n % 25:02d}-0{n % 9 + 1}"))
          for n in range(60)),
        *(entry(ProblemBody(words("Full-time employment (finding)")), f"{1980 + n % 45}-0{n % 9 + 1}-11")
          for n in range(120)),
        *(entry(ProblemBody(words(f"Maladie d'essai n° {n} (disorder)"),
                            clinical_status=("active", "resolved")[n % 2]), f"19{n % 50 + 40}") for n in range(180)),
        *(entry(ProcedureBody(words(f"Medication reconciliation {n % 7} (procedure)")), f"20{n % 25:02d}-01-12")
          for n in range(400)),
        *(measured("29463-7", "Body weight", str(50 + n % 40), "kg", f"20{n % 25:02d}-03-0{n % 9 + 1}")
          for n in range(200)),
        *(entry(ConsultationBody(type=words("Encounter for check up (procedure)")), f"20{n % 25:02d}-03-0{n % 9 + 1}")
          for n in range(37)),
    ]  # fmt: skip


def printed(sheet: bytes) -> str:
    """The text of a sheet without any white space: what wraps over lines stays one string."""
    return squeezed("".join(page.extract_text() for page in PdfReader(BytesIO(sheet)).pages))


def squeezed(text: str) -> str:
    """`text` without white space."""
    return "".join(text.split())
