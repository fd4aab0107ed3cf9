"""Addresses and codes: how FHIR R4, SNOMED CT, the IPS and French profiles name what this package reads and writes.

Tables only. Sources: HL7 FHIR R4 (4.0.1) value sets; HL7 IPS 2.0 (absent and unknown data); FR Core 2
(Interop'Santé) for French identities; SNOMED CT codes as listed by the IPS.
"""

SNOMED = "http://snomed.info/sct"
UCUM = "http://unitsofmeasure.org"
IPS_ABSENT = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips"
HL7 = "http://terminology.hl7.org/CodeSystem/"
CONDITION_CLINICAL = HL7 + "condition-clinical"
CONDITION_VERIFICATION = HL7 + "condition-ver-status"
ALLERGY_CLINICAL = HL7 + "allergyintolerance-clinical"
ALLERGY_VERIFICATION = HL7 + "allergyintolerance-verification"
OBSERVATION_CATEGORY = HL7 + "observation-category"
CONFIDENTIALITY = HL7 + "v3-Confidentiality"
ACT_CODE = HL7 + "v3-ActCode"
PARTICIPATION = HL7 + "v3-ParticipationType"
DATA_ABSENT_REASON = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
BIRTH_PLACE = "http://hl7.org/fhir/StructureDefinition/patient-birthPlace"

FR_CORE = "https://hl7.fr/ig/fhir/core/"
FR_IDENTIFIER_TYPE = FR_CORE + "CodeSystem/fr-core-cs-v2-0203"
FR_IDENTITY_CODES = FR_CORE + "CodeSystem/fr-core-cs-v2-0445"
FR_IDENTITY = FR_CORE + "StructureDefinition/fr-core-identity-reliability"
FR_BIRTH_GIVEN_NAMES = FR_CORE + "StructureDefinition/fr-core-patient-birth-list-given-name"
FR_INSEE = FR_CORE + "StructureDefinition/fr-core-address-insee-code"
COMMUNES = "https://mos.esante.gouv.fr/NOS/TRE_R13-CommuneOM/FHIR/TRE-R13-CommuneOM"
RPPS = "https://rpps.esante.gouv.fr"
OID = "urn:oid:"
INS_TYPES = {
    "1.2.250.1.213.1.4.8": "INS-NIR",
    "1.2.250.1.213.1.4.9": "INS-NIA",
    "1.2.250.1.213.1.4.10": "INS-NIR-TEST",
}

# Names of our own, used only where FHIR has no field.
OWN_ENTRY = "urn:confrere:entry"
OWN_CLINICAL_DATE = "urn:confrere:fhir:clinical-date"
OWN_STATE = "urn:confrere:fhir:state"
OWN_STATUS = "urn:confrere:fhir:status"
OWN_ABATEMENT = "urn:confrere:fhir:abatement"
OWN_START = "urn:confrere:fhir:start"
OWN_END = "urn:confrere:fhir:end"
OWN_WORDS = "urn:confrere:fhir:words"
OWN_FINDINGS = "urn:confrere:fhir:findings"
OWN_CONCLUSION = "urn:confrere:fhir:conclusion"
OWN_PLAN = "urn:confrere:fhir:plan"
OWN_IDENTITY_STATUS = "urn:confrere:fhir:identity-status"
OWN_BIRTH_DATE = "urn:confrere:fhir:birth-date"
OWN_DECEASED = "urn:confrere:fhir:deceased"
OWN_AUTHOR = "urn:confrere:fhir:author"
OWN_RESOURCE_TYPE = "urn:confrere:fhir:resource-type"
OWN_PART = "urn:confrere:fhir:document-part"

ENTERED_IN_ERROR = "entered-in-error"

# "None known" covers the whole question; what covers only a part of it ("no known drug allergy") must not.
NO_KNOWN_ALLERGY = (SNOMED, "716186003", "No known allergy (situation)")
NO_KNOWN_PROBLEM = (SNOMED, "160245001", "No current problems or disability (situation)")
NO_KNOWN_MEDICATION = (SNOMED, "787481004", "No known medications (situation)")
NO_KNOWN_ALLERGIES = frozenset(
    {
        (SNOMED, "716186003"),
        (SNOMED, "160244002"),  # "No known allergies": retired, still common
        (IPS_ABSENT, "no-known-allergies"),
    }
)
NO_KNOWN_PROBLEMS = frozenset({(SNOMED, "160245001"), (IPS_ABSENT, "no-known-problems")})
NO_KNOWN_MEDICATIONS = frozenset({(SNOMED, "787481004"), (IPS_ABSENT, "no-known-medications")})

# Said of a part of the question, or of one that has no "none known" in the record: kept in words, never as a finding.
NEGATIONS = frozenset(
    {
        (SNOMED, "409137002"),  # no known drug allergy
        (SNOMED, "428607008"),  # no known environmental allergy
        (SNOMED, "429625007"),  # no known food allergy
        (SNOMED, "428197003"),  # no known insect allergy
        (SNOMED, "716184000"),  # no known latex allergy
        (SNOMED, "716220001"),  # no known animal allergy
        (SNOMED, "787480003"),  # no known procedures
        (SNOMED, "787482006"),  # no known immunizations
        (SNOMED, "787483001"),  # no known device use
        (IPS_ABSENT, "no-known-medication-allergies"),
        (IPS_ABSENT, "no-known-environmental-allergies"),
        (IPS_ABSENT, "no-known-food-allergies"),
        (IPS_ABSENT, "no-known-procedures"),
        (IPS_ABSENT, "no-known-immunizations"),
        (IPS_ABSENT, "no-known-devices"),
    }
)
# Nobody asked: this is not "none". SNOMED 1287211007 is "No information available".
NO_INFORMATION = frozenset({(SNOMED, "1287211007")}) | {
    (IPS_ABSENT, f"no-{topic}-info")
    for topic in ("allergy", "problem", "medication", "procedure", "immunization", "device")
}

CONDITION_STATES = frozenset({"active", "recurrence", "relapse", "inactive", "remission", "resolved"})
ABATED_STATES = frozenset({"inactive", "remission", "resolved"})  # FHIR con-4: only these may have an abatement
ALLERGY_STATES = frozenset({"active", "inactive", "resolved"})
CRITICALITIES = frozenset({"high", "low", "unable-to-assess"})
ALLERGY_CATEGORIES = frozenset({"medication", "food", "environment", "biologic"})
MEDICATION_STATES = frozenset({"active", "on-hold", "completed", "stopped", "cancelled", "unknown"})
STATEMENT_STATES = frozenset({"active", "on-hold", "completed", "stopped", "unknown"})  # of MedicationStatement
IMMUNISATION_STATES = frozenset({"completed", "not-done"})
PROCEDURE_STATES = frozenset(
    {"preparation", "in-progress", "not-done", "on-hold", "stopped", "completed", "unknown"},
)
OBSERVATION_CATEGORIES = frozenset(
    {
        "social-history", "vital-signs", "imaging", "laboratory", "procedure", "survey", "exam", "therapy", "activity",
    }
)  # fmt: skip
COMPARATORS = frozenset({"<", "<=", ">=", ">"})
GENDERS = frozenset({"male", "female", "other", "unknown"})
RESTRICTED_CODES = frozenset({"R", "V"})  # v3-Confidentiality: restricted, very restricted

# FR Core follows the French HL7 v2 profile (IHE PAM FR): a validated identity with an INS is qualified, a provisional
# one with an INS is retrieved (the four statuses of the référentiel national d'identitovigilance).
IDENTITY_CODES = {"provisional": "PROV", "retrieved": "PROV", "validated": "VALI", "qualified": "VALI"}
