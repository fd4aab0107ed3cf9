"""The typed bodies of entries, one for each kind. Pure values, no I/O.

Bodies are frozen structs, encoded as MessagePack with their field names, so that the stored and the signed bytes can be
read by somebody else's program (docs/formats.md). A field that has its default is left out. Dates are ISO 8601 text and
may be partial: `2019`, `2019-04`. `none_known` states that the patient was asked and has none: no entry at all means
that nobody asked.
"""

from decimal import Decimal

import msgspec

from localstore.kinds import Kind
from localstore.values import Attachment, Concept, Contact, Quantity, Value


class _Body(Value, frozen=True, tag_field="kind"):
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
    identity_attributes: tuple[str, ...] = ()  # homonym, doubtful, fictitious
    identity_evidence: str = ""  # what the identity was checked against, e.g. "passport"
    deceased: str = ""  # date, or "yes" when only the fact is known
    phone: str = ""
    email: str = ""
    address: str = ""
    postal_code: str = ""
    town: str = ""
    language: str = ""  # BCP 47, e.g. `fr`
    treating_doctor: str = ""
    treating_doctor_rpps: str = ""
    contacts: tuple[Contact, ...] = ()


class ProblemBody(_Body, frozen=True, tag="problem"):
    """A problem or a past history."""

    concept: Concept = Concept()
    clinical_status: str = "active"  # active, recurrence, relapse, inactive, remission, resolved
    verification: str = ""  # unconfirmed, provisional, differential, confirmed, refuted
    onset: str = ""
    abatement: str = ""
    severity: str = ""
    body_site: Concept = Concept()
    long_term: bool = False  # recognised as "affection de longue durée" (CSS L160-14)
    note: str = ""
    none_known: bool = False


class AllergyBody(_Body, frozen=True, tag="allergy"):
    """An allergy or intolerance."""

    substance: Concept = Concept()
    clinical_status: str = "active"  # active, inactive, resolved
    verification: str = ""  # unconfirmed, presumed, confirmed, refuted
    type: str = ""  # allergy, intolerance
    criticality: str = ""  # high, low, unable-to-assess
    category: str = ""  # medication, food, environment, biologic
    reaction: str = ""
    manifestations: tuple[Concept, ...] = ()
    severity: str = ""  # of the worst reaction: mild, moderate, severe
    onset: str = ""
    note: str = ""
    none_known: bool = False


class MedicationBody(_Body, frozen=True, tag="medication"):
    """A medicine taken or prescribed. `frequency` times in each `period`."""

    medicine: Concept = Concept()
    dosage: str = ""
    dose: Quantity | None = None  # at a time
    frequency: int = 0
    period: str = ""  # h, d, wk, mo (UCUM)
    route: Concept = Concept()
    as_needed: bool = False
    course: str = ""  # acute, continuous
    state: str = "active"  # active, on-hold, completed, stopped, cancelled, unknown
    start: str = ""
    end: str = ""
    reason: str = ""
    note: str = ""
    none_known: bool = False


class ImmunisationBody(_Body, frozen=True, tag="immunisation"):
    """A vaccination given, or not given and why."""

    vaccine: Concept = Concept()
    targets: tuple[Concept, ...] = ()  # the diseases that it protects against
    state: str = "completed"  # completed, not-done
    lot: str = ""
    expiry: str = ""
    manufacturer: str = ""
    dose: str = ""
    site: str = ""
    route: Concept = Concept()
    performer: str = ""
    reason: str = ""
    note: str = ""
    none_known: bool = False


class Component(Value, frozen=True):
    """One part of a measurement, e.g. the systolic pressure."""

    concept: Concept
    quantity: Quantity | None = None
    text: str = ""


class MeasurementBody(_Body, frozen=True, tag="measurement"):
    """A vital sign, a laboratory value, a score. The value is a quantity, words, or components. `low` and `high` bound
    what the laboratory calls normal, in the unit of the value."""

    concept: Concept
    quantity: Quantity | None = None
    text: str = ""
    components: tuple[Component, ...] = ()
    category: str = ""  # vital-signs, laboratory, survey ...
    low: Decimal | None = None
    high: Decimal | None = None
    method: Concept = Concept()
    body_site: Concept = Concept()
    interpretation: str = ""
    note: str = ""


class ConsultationBody(_Body, frozen=True, tag="consultation"):
    """An encounter: why, what was found, what it means, what is planned."""

    reason: str = ""
    findings: str = ""
    conclusion: str = ""
    plan: str = ""
    type: Concept = Concept()
    mode: str = ""  # office, home, remote, emergency, inpatient
    end: str = ""
    practitioner: str = ""
    place: str = ""


class ProcedureBody(_Body, frozen=True, tag="procedure"):
    """Something done to the patient: surgery, an examination, a course of care."""

    concept: Concept = Concept()
    state: str = "completed"
    end: str = ""
    body_site: Concept = Concept()
    performer: str = ""
    outcome: str = ""
    reason: str = ""
    note: str = ""
    none_known: bool = False


class DeviceBody(_Body, frozen=True, tag="device"):
    """An implant or a device that the patient depends on. `identifier` is what stands on its card (UDI, serial)."""

    device: Concept = Concept()
    state: str = "active"  # active, completed (removed), stopped
    identifier: str = ""
    manufacturer: str = ""
    end: str = ""
    body_site: Concept = Concept()
    note: str = ""
    none_known: bool = False


class FamilyHistoryBody(_Body, frozen=True, tag="family-history"):
    """What relatives had. `relationship` is the relative's to the patient: the mother, a brother."""

    relationship: Concept = Concept()
    conditions: tuple[Concept, ...] = ()
    onset_age: int | None = None  # years, of the first condition
    deceased: str = ""  # date, or "yes"
    note: str = ""
    none_known: bool = False


class DirectiveBody(_Body, frozen=True, tag="directive"):
    """Advance directives and the like (CSP L1111-11): what the patient wants, or where the paper lies."""

    type: Concept = Concept()
    text: str = ""
    state: str = "active"  # active, inactive
    place: str = ""  # where the original is kept
    media_type: str = ""
    content: bytes = b""  # on its way only, as a document's
    attachment: Attachment | None = None


class DocumentBody(_Body, frozen=True, tag="document"):
    """A report as words, or as a file: an `attachment` in the record; on its way to a colleague, and from an import,
    `content` of at most `MAX_DOCUMENT_BYTES`."""

    title: str = ""
    type: Concept = Concept()
    text: str = ""
    media_type: str = ""
    content: bytes = b""
    attachment: Attachment | None = None


class LetterBody(_Body, frozen=True, tag="letter"):
    """A letter to or from a correspondent."""

    title: str = ""
    direction: str = "sent"  # sent, received
    correspondent: str = ""
    correspondent_rpps: str = ""
    text: str = ""
    media_type: str = ""
    content: bytes = b""  # on its way only, as a document's
    attachment: Attachment | None = None


class RelativeBody(_Body, frozen=True, tag="relative"):
    """A link to a member of the family; `patient` is the identifier of his record where he has one here."""

    name: str
    relationship: Concept = Concept()  # the relative's to the patient
    phone: str = ""
    patient: str = ""
    to_call: bool = False  # in an emergency
    trusted: bool = False  # "personne de confiance" (CSP L1111-6)
    note: str = ""


class CarerBody(_Body, frozen=True, tag="carer"):
    """A member of the care team; the entry's date is when that began."""

    name: str
    role: Concept = Concept()
    rpps: str = ""
    phone: str = ""
    organisation: str = ""
    end: str = ""
    note: str = ""


class RecallBody(_Body, frozen=True, tag="recall"):
    """What is due; the entry's date says when. `every_months`: how long after it was done it is due again, 0 if not."""

    concept: Concept
    state: str = "due"  # due, done, cancelled
    done: str = ""
    every_months: int = 0
    reason: str = ""
    note: str = ""


class AppointmentBody(_Body, frozen=True, tag="appointment"):
    """A visit that is planned; the entry's date, with its time, says when it begins. It never leaves the practice."""

    minutes: int = 15
    reason: str = ""
    state: str = "booked"  # booked, arrived, fulfilled, cancelled, noshow (FHIR AppointmentStatus)
    practitioner: str = ""
    note: str = ""


class OtherBody(_Body, frozen=True, tag="other"):
    """What an import brought that has no kind yet; the resource itself is kept verbatim beside it. `unread` says why it
    was not understood, where it should have been."""

    resource_type: str
    label: str = ""
    unread: str = ""


Body = (
    PatientBody
    | ProblemBody
    | AllergyBody
    | MedicationBody
    | ImmunisationBody
    | MeasurementBody
    | ConsultationBody
    | ProcedureBody
    | DeviceBody
    | FamilyHistoryBody
    | DirectiveBody
    | DocumentBody
    | LetterBody
    | RelativeBody
    | CarerBody
    | RecallBody
    | AppointmentBody
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
    Kind.DEVICE: DeviceBody,
    Kind.FAMILY_HISTORY: FamilyHistoryBody,
    Kind.DIRECTIVE: DirectiveBody,
    Kind.DOCUMENT: DocumentBody,
    Kind.LETTER: LetterBody,
    Kind.RELATIVE: RelativeBody,
    Kind.CARER: CarerBody,
    Kind.RECALL: RecallBody,
    Kind.APPOINTMENT: AppointmentBody,
    Kind.OTHER: OtherBody,
}
KIND_OF: dict[type, Kind] = {body: kind for kind, body in BODIES.items()}

MAX_DOCUMENT_BYTES = 4 * 1024 * 1024  # of a file inside a body: it is held in memory, sealed and sent as one

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Body)


def encode_body(body: Body) -> bytes:
    """The stored and travelling form of a body: a MessagePack map with its `kind` tag."""
    return _encoder.encode(body)


def decode_body(data: bytes) -> Body:
    """Undo `encode_body`. Raises msgspec.ValidationError or msgspec.DecodeError."""
    body: Body = _decoder.decode(data)
    return body
