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
COURSE_OF_THERAPY = HL7 + "medicationrequest-course-of-therapy"
RANGE_MEANING = HL7 + "referencerange-meaning"
VACCINATION_ROLE = HL7 + "v2-0443"
RELATION = HL7 + "v2-0131"
CONSENT_SCOPE = HL7 + "consentscope"
CONSENT_CATEGORY = HL7 + "consentcategorycodes"
LANGUAGE = "urn:ietf:bcp:47"
LOINC = "http://loinc.org"
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
NATIONAL_PRACTITIONER = "urn:oid:1.2.250.1.71.4.2.1"  # IDNPS: the digit 8 and then the RPPS number
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
OWN_UNREAD = "urn:confrere:fhir:why-unread"
OWN_KIND = "urn:confrere:fhir:kind"
OWN_EXACT = "urn:confrere:fhir:as-recorded"
OWN_VERIFICATION = "urn:confrere:fhir:verification"
OWN_LONG_TERM = "urn:confrere:fhir:long-term-illness"
OWN_COURSE = "urn:confrere:fhir:course"
OWN_EXPIRY = "urn:confrere:fhir:expiry"
OWN_NONE_KNOWN = "urn:confrere:fhir:none-known"
OWN_IDENTITY_ATTRIBUTE = "urn:confrere:fhir:identity-attribute"
OWN_IDENTITY_EVIDENCE = "urn:confrere:fhir:identity-evidence"
OWN_PLACE = "urn:confrere:fhir:place-of-original"
OWN_DIGEST = "urn:confrere:fhir:blake2b-256"
OWN_FILE = "urn:confrere:fhir:file"
OWN_SIZE = "urn:confrere:fhir:size"
OWN_LETTER = "urn:confrere:fhir:letter"
OWN_CORRESPONDENT = "urn:confrere:fhir:correspondent"
OWN_NOTE = "urn:confrere:fhir:note"
OWN_RECORD = "urn:confrere:fhir:record-of-relative"
OWN_TRUSTED = "urn:confrere:fhir:trusted-person"
OWN_DONE = "urn:confrere:fhir:done"
OWN_EVERY_MONTHS = "urn:confrere:fhir:every-months"

ENTERED_IN_ERROR = "entered-in-error"

# "None known" covers the whole question; what covers only a part of it ("no known drug allergy") must not.
NO_KNOWN_ALLERGY = (SNOMED, "716186003", "No known allergy (situation)")
NO_KNOWN_PROBLEM = (SNOMED, "160245001", "No current problems or disability (situation)")
NO_KNOWN_MEDICATION = (SNOMED, "787481004", "No known medications (situation)")
NO_KNOWN_IMMUNISATION = (SNOMED, "787482006", "No known immunizations (situation)")
NO_KNOWN_PROCEDURE = (SNOMED, "787480003", "No known procedures (situation)")
NO_KNOWN_DEVICE = (SNOMED, "787483001", "No known device use (situation)")
NO_KNOWN_ALLERGIES = frozenset(
    {
        (SNOMED, "716186003"),
        (SNOMED, "160244002"),  # "No known allergies": retired, still common
        (IPS_ABSENT, "no-known-allergies"),
    }
)
NO_KNOWN_PROBLEMS = frozenset({(SNOMED, "160245001"), (IPS_ABSENT, "no-known-problems")})
NO_KNOWN_MEDICATIONS = frozenset({(SNOMED, "787481004"), (IPS_ABSENT, "no-known-medications")})
NO_KNOWN_IMMUNISATIONS = frozenset({(SNOMED, "787482006"), (IPS_ABSENT, "no-known-immunizations")})
NO_KNOWN_PROCEDURES = frozenset({(SNOMED, "787480003"), (IPS_ABSENT, "no-known-procedures")})
NO_KNOWN_DEVICES = frozenset({(SNOMED, "787483001"), (IPS_ABSENT, "no-known-devices")})

# Said of a part of the question, or in a resource of another kind: kept in words, never as a finding.
NEGATIONS = (
    NO_KNOWN_ALLERGIES
    | NO_KNOWN_PROBLEMS
    | NO_KNOWN_MEDICATIONS
    | NO_KNOWN_IMMUNISATIONS
    | NO_KNOWN_PROCEDURES
    | NO_KNOWN_DEVICES
    | {
        (SNOMED, "409137002"),  # no known drug allergy
        (SNOMED, "428607008"),  # no known environmental allergy
        (SNOMED, "429625007"),  # no known food allergy
        (SNOMED, "428197003"),  # no known insect allergy
        (SNOMED, "716184000"),  # no known latex allergy
        (SNOMED, "716220001"),  # no known animal allergy
        (IPS_ABSENT, "no-known-medication-allergies"),
        (IPS_ABSENT, "no-known-environmental-allergies"),
        (IPS_ABSENT, "no-known-food-allergies"),
    }
)
# Nobody asked: this is not "none". SNOMED 1287211007 is "No information available".
NO_INFORMATION = frozenset({(SNOMED, "1287211007")}) | {
    (IPS_ABSENT, f"no-{topic}-info")
    for topic in ("allergy", "problem", "medication", "procedure", "immunization", "device")
}

CONDITION_STATES = frozenset({"active", "recurrence", "relapse", "inactive", "remission", "resolved"})
ABATED_STATES = frozenset({"inactive", "remission", "resolved"})  # FHIR con-4: only these may have an abatement
PROBLEM_VERIFICATIONS = frozenset({"unconfirmed", "provisional", "differential", "confirmed", "refuted"})
# "presumed" came with R5; R4's value set has the other three.
ALLERGY_VERIFICATIONS = frozenset({"unconfirmed", "presumed", "confirmed", "refuted"})
ALLERGY_TYPES = frozenset({"allergy", "intolerance"})
SEVERITIES = ("mild", "moderate", "severe")  # of a reaction, the worst last
ALLERGY_STATES = frozenset({"active", "inactive", "resolved"})
CRITICALITIES = frozenset({"high", "low", "unable-to-assess"})
ALLERGY_CATEGORIES = frozenset({"medication", "food", "environment", "biologic"})
MEDICATION_STATES = frozenset({"active", "on-hold", "completed", "stopped", "cancelled", "unknown"})
STATEMENT_STATES = frozenset({"active", "on-hold", "completed", "stopped", "unknown"})  # of MedicationStatement
COURSES = frozenset({"acute", "continuous"})
PERIODS = frozenset({"h", "d", "wk", "mo"})  # in which a medicine is taken so many times
IMMUNISATION_STATES = frozenset({"completed", "not-done"})
PROCEDURE_STATES = frozenset(
    {"preparation", "in-progress", "not-done", "on-hold", "stopped", "completed", "unknown"},
)
OBSERVATION_CATEGORIES = frozenset(
    {
        "social-history", "vital-signs", "imaging", "laboratory", "procedure", "survey", "exam", "therapy", "activity",
    }
)  # fmt: skip
DEVICE_STATES = frozenset({"active", "completed", "stopped"})
DIRECTIVE_STATES = frozenset({"active", "inactive"})
DIRECTIONS = frozenset({"sent", "received"})
RECALL_STATES = {"due": "requested", "done": "completed", "cancelled": "cancelled"}  # to FHIR TaskStatus
APPOINTMENT_STATES = frozenset({"booked", "arrived", "fulfilled", "cancelled", "noshow"})
# A Consent about what somebody wants for himself: FHIR's categories, LOINC's types of document.
DIRECTIVE_CATEGORIES = frozenset((CONSENT_CATEGORY, code) for code in ("acd", "dnr", "hcd", "polst")) | frozenset(
    (LOINC, code) for code in ("42348-3", "75320-2", "81334-5", "86533-7")
)
# Where a consultation took place (v3-ActCode, FHIR's value set for Encounter.class).
MODES = {"office": "AMB", "home": "HH", "remote": "VR", "emergency": "EMER", "inpatient": "IMP"}
COMPARATORS = frozenset({"<", "<=", ">=", ">"})
GENDERS = frozenset({"male", "female", "other", "unknown"})
RESTRICTED_CODES = frozenset({"R", "V"})  # v3-Confidentiality: restricted, very restricted

# FR Core follows the French HL7 v2 profile (IHE PAM FR): a validated identity with an INS is qualified, a provisional
# one with an INS is retrieved (the four statuses of the référentiel national d'identitovigilance).
IDENTITY_CODES = {"provisional": "PROV", "retrieved": "PROV", "validated": "VALI", "qualified": "VALI"}
IDENTITY_ATTRIBUTES = {"homonym": "HOMA", "doubtful": "DOUT", "fictitious": "FICT"}
