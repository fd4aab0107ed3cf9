"""What an entry may be about, and what may be said of any entry: the words that everything else shares. Pure."""

from enum import StrEnum


class Kind(StrEnum):
    """What an entry is about. `PATIENT` holds the identity itself, so that it has versions like everything else."""

    PATIENT = "patient"
    PROBLEM = "problem"
    ALLERGY = "allergy"
    MEDICATION = "medication"
    IMMUNISATION = "immunisation"
    MEASUREMENT = "measurement"
    CONSULTATION = "consultation"
    PROCEDURE = "procedure"
    DEVICE = "device"
    FAMILY_HISTORY = "family-history"
    DIRECTIVE = "directive"
    DOCUMENT = "document"
    LETTER = "letter"
    RELATIVE = "relative"
    CARER = "carer"
    RECALL = "recall"
    APPOINTMENT = "appointment"
    OTHER = "other"


# What never leaves the practice with an extract: who comes when tells a colleague nothing that he needs. Recalls may: a
# colleague who knows what is due does not repeat it, and does not forget it.
STAYS_HERE = frozenset({Kind.APPOINTMENT})
# FHIR resources that are about appointments, where an import brought one without a kind of its own.
OF_THE_AGENDA = frozenset({"Appointment", "AppointmentResponse", "Schedule", "Slot"})


class Status(StrEnum):
    """Whether a version stands."""

    FINAL = "final"
    ENTERED_IN_ERROR = "entered-in-error"


class Sensitivity(StrEnum):
    """Restricted entries travel only when a consent names them one by one."""

    NORMAL = "normal"
    RESTRICTED = "restricted"


class Provenance(StrEnum):
    """Where a version came from."""

    OWN = "own"
    IMPORTED = "imported"
    RECEIVED = "received"
