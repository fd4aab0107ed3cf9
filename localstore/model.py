"""The record's vocabulary: entries and their typed bodies. Pure values, no I/O.

An entry is one statement about one patient. It is never changed: an amendment is a new version that names its parents.
Bodies are frozen structs, encoded as MessagePack with their field names, so that the stored and the signed bytes can be
read by somebody else's program (docs/formats.md). Dates are ISO 8601 text and may be partial: `2019`, `2019-04`.
"""

from decimal import Decimal
from enum import StrEnum

import msgspec


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
    DOCUMENT = "document"
    OTHER = "other"


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


class _Value(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Base of every value: immutable, compact, strict."""


class Coding(_Value, frozen=True):
    """A code of a terminology: system (a URI), code, the label that came with it."""

    system: str = ""
    code: str = ""
    label: str = ""


class Concept(_Value, frozen=True):
    """A thing named in words and, where known, in codes."""

    text: str = ""
    codings: tuple[Coding, ...] = ()

    @property
    def label(self) -> str:
        """The words to show: the text, else the first label, else the first code."""
        return (
            self.text
            or next((c.label for c in self.codings if c.label), "")
            or next((c.code for c in self.codings), "")
        )


class Quantity(_Value, frozen=True):
    """A number with its unit. `code` is UCUM where known. `comparator` is one of `<`, `<=`, `>=`, `>` or empty."""

    value: Decimal
    unit: str = ""
    code: str = ""
    comparator: str = ""


class Contact(_Value, frozen=True):
    """A person to call."""

    name: str
    relationship: str = ""
    phone: str = ""


class _Body(_Value, frozen=True, tag_field="kind"):
    """Base of every body; its `kind` on the wire tells which one it is."""


class PatientBody(_Body, frozen=True, tag="patient"):
    """The identity. `ins` is the 15-character INS or empty; `ins_oid` says which (docs/glossary.md)."""

    family_name: str
    given_names: tuple[str, ...] = ()
    birth_date: str = ""
    sex: str = "unknown"  # male, female, other, unknown (FHIR AdministrativeGender)
    used_name: str = ""
    birth_place: str = ""  # INSEE code of the commune, or free words
    ins: str = ""
    ins_oid: str = ""
    identity_status: str = "provisional"  # provisional, retrieved, validated, qualified
    deceased: str = ""  # date, or "yes" when only the fact is known
    phone: str = ""
    address: str = ""
    postal_code: str = ""
    town: str = ""
    treating_doctor: str = ""
    contacts: tuple[Contact, ...] = ()


class ProblemBody(_Body, frozen=True, tag="problem"):
    """A problem or a past history. `none_known` states that the patient was asked and has none."""

    concept: Concept = Concept()
    clinical_status: str = "active"  # active, recurrence, relapse, inactive, remission, resolved
    onset: str = ""
    abatement: str = ""
    severity: str = ""
    note: str = ""
    none_known: bool = False


class AllergyBody(_Body, frozen=True, tag="allergy"):
    """An allergy or intolerance. `none_known` states that the patient was asked and has none."""

    substance: Concept = Concept()
    clinical_status: str = "active"  # active, inactive, resolved
    criticality: str = ""  # high, low, unable-to-assess
    category: str = ""  # medication, food, environment, biologic
    reaction: str = ""
    onset: str = ""
    note: str = ""
    none_known: bool = False


class MedicationBody(_Body, frozen=True, tag="medication"):
    """A medicine taken or prescribed. `none_known` states that the patient was asked and takes none."""

    medicine: Concept = Concept()
    dosage: str = ""
    state: str = "active"  # active, on-hold, completed, stopped, cancelled, unknown
    start: str = ""
    end: str = ""
    reason: str = ""
    note: str = ""
    none_known: bool = False


class ImmunisationBody(_Body, frozen=True, tag="immunisation"):
    """A vaccination given, or not given and why."""

    vaccine: Concept
    state: str = "completed"  # completed, not-done
    lot: str = ""
    dose: str = ""
    site: str = ""
    reason: str = ""
    note: str = ""


class Component(_Value, frozen=True):
    """One part of a measurement, e.g. the systolic pressure."""

    concept: Concept
    quantity: Quantity | None = None
    text: str = ""


class MeasurementBody(_Body, frozen=True, tag="measurement"):
    """A vital sign, a laboratory value, a score. The value is a quantity, words, or components."""

    concept: Concept
    quantity: Quantity | None = None
    text: str = ""
    components: tuple[Component, ...] = ()
    category: str = ""  # vital-signs, laboratory, survey ...
    interpretation: str = ""
    note: str = ""


class ConsultationBody(_Body, frozen=True, tag="consultation"):
    """An encounter: why, what was found, what it means, what is planned."""

    reason: str = ""
    findings: str = ""
    conclusion: str = ""
    plan: str = ""
    type: Concept = Concept()
    end: str = ""
    practitioner: str = ""
    place: str = ""


class ProcedureBody(_Body, frozen=True, tag="procedure"):
    """Something done to the patient: surgery, an examination, a course of care."""

    concept: Concept
    state: str = "completed"
    end: str = ""
    reason: str = ""
    note: str = ""


class DocumentBody(_Body, frozen=True, tag="document"):
    """A report or a letter as words, or as a file of at most `MAX_DOCUMENT_BYTES`."""

    title: str = ""
    type: Concept = Concept()
    text: str = ""
    media_type: str = ""
    content: bytes = b""


class OtherBody(_Body, frozen=True, tag="other"):
    """What an import brought that has no kind yet; the resource itself is kept verbatim beside it."""

    resource_type: str
    label: str = ""


Body = (
    PatientBody
    | ProblemBody
    | AllergyBody
    | MedicationBody
    | ImmunisationBody
    | MeasurementBody
    | ConsultationBody
    | ProcedureBody
    | DocumentBody
    | OtherBody
)

BODIES: dict[Kind, type[Body]] = {
    Kind.PATIENT: PatientBody,
    Kind.PROBLEM: ProblemBody,
    Kind.ALLERGY: AllergyBody,
    Kind.MEDICATION: MedicationBody,
    Kind.IMMUNISATION: ImmunisationBody,
    Kind.MEASUREMENT: MeasurementBody,
    Kind.CONSULTATION: ConsultationBody,
    Kind.PROCEDURE: ProcedureBody,
    Kind.DOCUMENT: DocumentBody,
    Kind.OTHER: OtherBody,
}
KIND_OF: dict[type, Kind] = {body: kind for kind, body in BODIES.items()}

MAX_DOCUMENT_BYTES = 4 * 1024 * 1024  # a body is read whole with its chart


class Author(_Value, frozen=True):
    """Who states an entry. `rpps` is the 11-digit French practitioner number, empty where unknown."""

    name: str
    rpps: str = ""


class Entry(_Value, frozen=True):
    """One version of one statement about one patient.

    `id` names the statement and `version` this version of it: 32 hex digits each, random, so that they tell nothing of
    what lies between two of them. `parents` are the versions that this one replaces. `recorded` is when it was written
    (ISO 8601, UTC), `date` when it was true (may be partial or empty). `source` is the FHIR resource it was imported
    from, byte for byte, or empty; it is filled in only where it was asked for.
    """

    id: str
    version: str
    patient: str
    date: str
    author: Author
    recorded: str
    body: Body
    parents: tuple[str, ...] = ()
    status: Status = Status.FINAL
    sensitivity: Sensitivity = Sensitivity.NORMAL
    provenance: Provenance = Provenance.OWN
    origin: str = ""  # for imported and received: the file or the colleague, in words
    source: bytes = b""
    source_url: str = ""  # the fullUrl that the resource had in its bundle

    @property
    def kind(self) -> Kind:
        """The kind, which is that of the body."""
        return KIND_OF[type(self.body)]


class PatientSummary(_Value, frozen=True):
    """One line of a patient list."""

    id: str
    family_name: str
    given_names: tuple[str, ...]
    birth_date: str
    sex: str
    ins: str = ""


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Body)


def encode_body(body: Body) -> bytes:
    """The stored and travelling form of a body: a MessagePack map with its `kind` tag."""
    return _encoder.encode(body)


def decode_body(data: bytes) -> Body:
    """Undo `encode_body`. Raises msgspec.ValidationError or msgspec.DecodeError."""
    body: Body = _decoder.decode(data)
    return body
