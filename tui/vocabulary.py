"""The words for what the record holds as codes: kinds, statuses, sexes, provenances. Pure.

English msgids that are distinct where French distinguishes: a medicine is ongoing, a problem is active.
"""

from localstore.kinds import Kind
from tui.dates import shown_date
from tui.words.catalogue import text
from tui.words.marking import message

KINDS: dict[Kind, str] = {
    Kind.PATIENT: message("Identity"),
    Kind.PROBLEM: message("Problem"),
    Kind.ALLERGY: message("Allergy"),
    Kind.MEDICATION: message("Medicine"),
    Kind.IMMUNISATION: message("Vaccination"),
    Kind.MEASUREMENT: message("Measurement"),
    Kind.CONSULTATION: message("Consultation"),
    Kind.PROCEDURE: message("Procedure"),
    Kind.DEVICE: message("Device"),
    Kind.FAMILY_HISTORY: message("Family history"),
    Kind.DIRECTIVE: message("Directive"),
    Kind.DOCUMENT: message("Document"),
    Kind.LETTER: message("Letter"),
    Kind.RELATIVE: message("Relative"),
    Kind.CARER: message("Carer"),
    Kind.RECALL: message("Recall"),
    Kind.APPOINTMENT: message("Appointment"),
    Kind.OTHER: message("Other item"),
}
MANY: dict[Kind, str] = {
    Kind.PATIENT: message("Identities"),
    Kind.PROBLEM: message("Problems"),
    Kind.ALLERGY: message("Allergies"),
    Kind.MEDICATION: message("Medicines"),
    Kind.IMMUNISATION: message("Vaccinations"),
    Kind.MEASUREMENT: message("Measurements"),
    Kind.CONSULTATION: message("Consultations"),
    Kind.PROCEDURE: message("Procedures"),
    Kind.DEVICE: message("Devices"),
    Kind.FAMILY_HISTORY: message("Family histories"),
    Kind.DIRECTIVE: message("Directives"),
    Kind.DOCUMENT: message("Documents"),
    Kind.LETTER: message("Letters"),
    Kind.RELATIVE: message("Relatives"),
    Kind.CARER: message("Care team"),
    Kind.RECALL: message("Recalls"),
    Kind.APPOINTMENT: message("Appointments"),
    Kind.OTHER: message("Other items"),
}
PROBLEM_STATUS = {
    "active": message("active"),
    "recurrence": message("recurring"),
    "relapse": message("in relapse"),
    "inactive": message("inactive"),
    "remission": message("in remission"),
    "resolved": message("resolved"),
}
ALLERGY_STATUS = {
    "active": message("active"),
    "inactive": message("inactive"),
    "resolved": message("resolved"),
}
CRITICALITY = {
    "high": message("high risk"),
    "low": message("low risk"),
    "unable-to-assess": message("risk not assessable"),
}
ALLERGY_CATEGORY = {
    "medication": message("a medicine"),
    "food": message("a food"),
    "environment": message("the environment"),
    "biologic": message("a biological product"),
}
MEDICATION_STATE = {
    "active": message("ongoing"),
    "on-hold": message("on hold"),
    "completed": message("finished"),
    "stopped": message("stopped"),
    "cancelled": message("cancelled"),
    "unknown": message("state unknown"),
}
IMMUNISATION_STATE = {
    "completed": message("given"),
    "not-done": message("not administered"),
}
SEX = {
    "male": message("M"),
    "female": message("F"),
    "other": message("other"),
    "unknown": message("sex unknown"),
}
IDENTITY_STATUS = {
    "provisional": message("provisional identity"),
    "retrieved": message("retrieved identity"),
    "validated": message("validated identity"),
    "qualified": message("qualified identity"),
}
CATEGORY = {
    "vital-signs": message("vital signs"),
    "laboratory": message("laboratory"),
    "survey": message("questionnaire"),
    "imaging": message("imaging"),
    "exam": message("examination"),
    "social-history": message("way of life"),
}
GIVEN = {
    "oral": message("orally"),
    "written": message("in writing"),
}
COLLEAGUE_STATE = {
    "received": message("fingerprint not compared"),
    "verified-in-person": message("verified in person"),
    "verified-by-phone": message("verified by phone"),
    "key-changed": message("key changed"),
    "removed": message("removed"),
}
MEETING_ENDING = {
    "refused-here": message("you said no"),
    "refused-there": message("the colleague said no"),
    "broken": message("the connection ended"),
    "too-late": message("nobody said yes in time"),
}
# Whether the other one had this practice's card already.
PAIRING_DISTURBED = {
    False: message("Somebody was there who does not keep to the rules of pairing. He was left."),
    True: message(
        "Somebody took this practice's card (your name, your number, the practice, its public keys) and left without "
        "showing his. Nothing else was said to him."
    ),
}
RECEIVED_STATE = {
    "new": message("new"),
    "taken": message("taken over"),
    "withdrawn": message("withdrawn"),
    "superseded": message("replaced by a later one"),
    "set-aside": message("set aside"),
    "held": message("kept for him"),
}
DOCUMENT_TYPE = {
    "extract": message("Extract"),
    "letter": message("Letter"),
    "withdrawal": message("Request for removal"),
    "kept-back": message("Emptied before it left"),
    "receipt": message("Receipt"),
    "recovery-share": message("Recovery share"),
    "epoch-offer": message("Key"),
    "card-update": message("Card"),
    "unknown": message("Document"),
}
SENT_STATE = {
    "queued": message("queued"),
    "sent": message("sent"),
    "stored": message("stored"),
    "lost": message("not delivered"),
    "opened": message("opened"),
    "removed": message("removed by the colleague's software, but for what he took over"),
    "withdrawn": message("removal requested"),
    "unreadable": message("unreadable"),
    "withheld": message("unreadable, share again"),
    "replaced": message("replaced by a later one"),
    "sealed-anew": message("sealed anew"),
    "kept-back": message("never left"),
}
# Why a feed stands still (`localstore.postbox.IncidentKind`).
FROZEN = {
    "fork-received": message(
        "{name} sent two documents under one number: his practice was copied, or put back by hand. Nothing more is "
        "taken from him this way. Call him."
    ),
    "fork-sent": message(
        "{name} holds other documents under our numbers: this practice was copied, and is used twice. Nothing more "
        "goes to him this way. Work with one of the two, and call him."
    ),
    "ahead": message(
        "{name} holds more of ours than was sent from here: an older copy of this practice was put back by hand. "
        "Nothing more goes to him this way. Call him."
    ),
    "foreign": message("{name} holds what we send as somebody else's. Nothing more goes to him this way. Call him."),
}
ROLES = {
    "doctor": message("doctor"),
    "locum": message("locum"),
    "secretary": message("secretary"),
}
# What each role may do (localstore.roles).
ABILITIES = {
    "doctor": message("Reads and writes everything, shares, and governs: users, colleagues, keys."),
    "locum": message("Reads and writes everything, and shares, until the last day of access."),
    "secretary": message("Works with the identities of patients and the agenda. The medical part is closed."),
}
# What `verify` and `doctor` look at.
CHECKS = {
    "head": message("head"),
    "pages": message("pages"),
    "structure": message("structure"),
    "references": message("references"),
    "history": message("history"),
    "current-versions": message("current versions"),
    "merged-records": message("merged records"),
    "documents": message("documents"),
    "patients": message("list of patients"),
    "blocks": message("imported resources"),
    "index": message("index of entries"),
    "states": message("consents, colleagues, users"),
    "keys": message("signing keys"),
    "backups": message("compared with backups"),
    "colleagues": message("compared with colleagues"),
    "removals": message("erased and archived records"),
    "archived": message("archived records"),
    "disk": message("disk"),
    "permissions": message("permissions"),
    "settings": message("settings"),
    "passphrase-cost": message("cost of a passphrase"),
    "daemon": message("exchange"),
    "backup": message("last backup"),
    "restore-drill": message("restore drill"),
    "restored": message("after a restoration"),
}
# What the history calls the actions.
ACTIONS = {
    "practice-made": message("practice created"),
    "patient-added": message("patient added"),
    "patients-merged": message("another record of the patient merged into this one"),
    "patients-unmerged": message("merged record taken apart again"),
    "entry-added": message("entry added"),
    "entry-amended": message("entry amended"),
    "entry-retracted": message("entry marked as entered in error"),
    "warning-overridden": message("warning overridden"),
    "record-read": message("record read"),
    "administrative-read": message("identity read"),
    "recalls-read": message("recalls of the practice read"),
    "versions-settled": message("competing versions settled"),
    "practice-asked": message("question to the whole practice"),
    "imported": message("import"),
    "terms-imported": message("table of codes imported"),
    "terms-removed": message("table of codes removed"),
    "exported": message("export"),
    "emergency-exported": message("emergency export"),
    "patient-report": message("report made for the patient"),
    "rectification-requested": message("rectification asked for"),
    "patient-archived": message("record archived"),
    "patient-unarchived": message("record brought back from the archive"),
    "patient-erased": message("record erased"),
    "archive-read": message("archived record read"),
    "consent-granted": message("consent recorded"),
    "consent-revoked": message("consent revoked"),
    "extract-shared": message("extract sent"),
    "extract-received": message("extract received"),
    "extract-taken": message("extract taken over"),
    "extract-withdrawn": message("extract withdrawn by the sender"),
    "received-read": message("received extract read"),
    "document-read": message("document opened"),
    "document-saved": message("document saved as a file"),
    "document-set-aside": message("document set aside"),
    "colleague-added": message("colleague added"),
    "colleague-card-renewed": message("card renewed"),
    "colleague-verified": message("colleague verified"),
    "colleague-removed": message("colleague removed"),
    "user-added": message("user added"),
    "user-changed": message("user changed"),
    "user-removed": message("user removed"),
    "passphrase-changed": message("passphrase changed"),
    "key-registered": message("signing key registered"),
    "record-key-changed": message("record key changed"),
    "history-dropped": message("old history dropped"),
    "head-accepted": message("record accepted without its head"),
    "backup-made": message("backup made"),
    "restored": message("backup restored"),
    "restore-drill": message("restore drill"),
    "feed-restarted": message("exchange begun anew after a restoration"),
    "revocation-recovered": message("revocation found again after a restoration"),
    "colleague-key-changed": message("a card under another key came for a colleague"),
    "colleague-key-kept": message("other key of a colleague refused"),
    "colleague-rekeyed": message("new key of a colleague verified"),
    "letter-sent": message("letter sent to a colleague"),
    "letter-received": message("letter received from a colleague"),
    "unattended-set": message("synchronisation without a user set"),
    "card-updated": message("card of a colleague updated by himself"),
    "sealing-key-renewed": message("sealing key renewed"),
    "sealed-anew": message("document sealed anew"),
    "extract-followed": message("extract updated under a standing consent"),
    "lot-written": message("envelopes written to a file"),
    "lot-read": message("envelopes read from a file"),
    "recovery-renewed": message("recovery words renewed"),
    "recovery-split": message("recovery share sent"),
    "recovery-share-received": message("recovery share received"),
    "recovery-share-revealed": message("recovery share shown"),
}


def word(table: dict[str, str], code: str) -> str:
    """The word for a code in the user's language; the code itself where it has none."""
    return text(table[code]) if code in table else code


def access(until: str, removed: str, today: str) -> str:
    """Until when somebody works here: `until` and `today` are days, `removed` a moment; all ISO 8601, or empty."""
    if removed:
        return text("removed on {date}").format(date=shown_date(removed[:10]))
    if not until:
        return text("without end")
    words = text("ended on {date}") if until < today else text("until {date}")
    return words.format(date=shown_date(until))


def kind(of: Kind) -> str:
    """The name of a kind."""
    return text(KINDS[of])


def kinds(of: Kind) -> str:
    """The name of a kind, for several."""
    return text(MANY[of])
