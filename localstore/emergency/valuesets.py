"""The codes of FHIR R4 that the fields of the clinical resources may hold. Tables."""

ALLERGY_STATUSES = frozenset({"active", "inactive", "resolved"})
ALLERGY_CATEGORIES = frozenset({"food", "medication", "environment", "biologic"})
CRITICALITIES = frozenset({"low", "high", "unable-to-assess"})
PROBLEM_STATUSES = frozenset({"active", "recurrence", "relapse", "inactive", "remission", "resolved"})
ABATED = frozenset({"inactive", "remission", "resolved"})  # R4 con-4: only these may have an abatement
ALLERGY_VERIFICATIONS = frozenset({"unconfirmed", "presumed", "confirmed", "refuted"})
PROBLEM_VERIFICATIONS = ALLERGY_VERIFICATIONS - {"presumed"} | {"provisional", "differential"}
ALLERGY_TYPES = frozenset({"allergy", "intolerance"})
SEVERITIES = frozenset({"mild", "moderate", "severe"})
PERIODS = frozenset({"h", "d", "wk", "mo"})
MEDICATION_STATES = frozenset({"active", "completed", "intended", "stopped", "on-hold", "unknown", "not-taken"})
PROCEDURE_STATES = frozenset({"preparation", "in-progress", "not-done", "on-hold", "stopped", "completed", "unknown"})
# Of a consultation's mode (v3-ActCode); without one it was at the practice.
ENCOUNTERS = {
    "home": ("HH", "home health"),
    "remote": ("VR", "virtual"),
    "emergency": ("EMER", "emergency"),
    "inpatient": ("IMP", "inpatient encounter"),
}
AMBULATORY = ("AMB", "ambulatory")
