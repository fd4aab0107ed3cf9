"""The words for the codes of the fields of an entry, beyond those of `tui.vocabulary`. Pure.

An English original of its own for each thing of another gender in French: an allergy is *confirmée*, a problem
*confirmé*.
"""

from tui.words.marking import message

PROBLEM_VERIFICATION = {
    "unconfirmed": message("not confirmed"),
    "provisional": message("provisional diagnosis"),
    "differential": message("one of several diagnoses"),
    "confirmed": message("confirmed problem"),
    "refuted": message("refuted problem"),
}
ALLERGY_VERIFICATION = {
    "unconfirmed": message("not confirmed by tests"),
    "presumed": message("presumed allergy"),
    "confirmed": message("confirmed allergy"),
    "refuted": message("refuted allergy"),
}
ALLERGY_TYPE = {
    "allergy": message("allergy"),
    "intolerance": message("intolerance"),
}
REACTION_SEVERITY = {
    "mild": message("mild"),
    "moderate": message("moderate"),
    "severe": message("serious"),
}
PERIOD = {
    "h": message("an hour"),
    "d": message("a day"),
    "wk": message("a week"),
    "mo": message("a month"),
}
COURSE = {
    "acute": message("of short duration"),
    "continuous": message("long-term"),
}
MODE = {
    "office": message("at the practice"),
    "home": message("home visit"),
    "remote": message("remote"),
    "emergency": message("emergency"),
    "inpatient": message("in hospital"),
}
PROCEDURE_STATE = {
    "completed": message("done"),
    "in-progress": message("under way"),
    "preparation": message("planned"),
    "on-hold": message("on hold"),
    "stopped": message("interrupted"),
    "not-done": message("not done"),
    "unknown": message("state unknown"),
}
DEVICE_STATE = {
    "active": message("in place"),
    "completed": message("removed"),
    "stopped": message("no longer used"),
}
DIRECTIVE_STATE = {
    "active": message("in force"),
    "inactive": message("no longer in force"),
}
DIRECTION = {
    "sent": message("to the correspondent"),
    "received": message("from the correspondent"),
}
RECALL_STATE = {
    "due": message("due"),
    "done": message("done"),
    "cancelled": message("cancelled"),
}
APPOINTMENT_STATE = {
    "booked": message("booked"),
    "arrived": message("has arrived"),
    "fulfilled": message("was seen"),
    "cancelled": message("cancelled"),
    "noshow": message("did not come"),
}
