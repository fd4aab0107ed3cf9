"""Whole bodies, as a practice may hold them: the strategies that the laws of reading and writing share."""

import msgspec
from hypothesis import strategies as st

from localstore.bodies import (
    AllergyBody,
    AppointmentBody,
    Body,
    CarerBody,
    Component,
    ConsultationBody,
    DeviceBody,
    DirectiveBody,
    DocumentBody,
    FamilyHistoryBody,
    ImmunisationBody,
    LetterBody,
    MeasurementBody,
    MedicationBody,
    OtherBody,
    PatientBody,
    ProblemBody,
    ProcedureBody,
    RecallBody,
    RelativeBody,
)
from localstore.fhir import codes
from localstore.kinds import Kind
from localstore.values import Concept, Contact
from tests.fhir.parts import (
    ATTACHMENT,
    CONCEPT,
    CONCEPTS,
    CONTENT,
    DATE,
    DAY,
    MEDIA_TYPE,
    NOT_EMPTY,
    NUMBER,
    QUANTITY,
    RPPS,
    TYPED_DATE,
    WORDS,
)


def _state(states: frozenset[str]) -> st.SearchStrategy[str]:
    return st.sampled_from(sorted(states))


PATIENT = st.builds(
    PatientBody,
    family_name=NOT_EMPTY,
    given_names=st.lists(NOT_EMPTY, max_size=3).map(tuple),
    birth_date=st.one_of(st.just(""), DAY, DAY.map(lambda day: day[:4]), st.just("2019-13-45")),
    sex=_state(codes.GENDERS),
    used_name=WORDS,
    birth_place=st.one_of(WORDS, st.sampled_from(["75056", "2A004", "99350"])),
    identity_status=st.sampled_from(sorted(codes.IDENTITY_CODES)),
    identity_attributes=st.lists(st.sampled_from(sorted(codes.IDENTITY_ATTRIBUTES)), unique=True).map(tuple),
    identity_evidence=WORDS,
    ins=st.just(""),
    ins_oid=st.just(""),
    deceased=st.one_of(st.just(""), st.just("yes"), DATE, st.just("vers 2019")),
    phone=NOT_EMPTY.filter(lambda phone: not phone.startswith("tel:")) | st.just(""),
    email=WORDS.filter(lambda address: not address.startswith("mailto:")),
    language=st.one_of(WORDS, st.sampled_from(["fr", "pt-BR", "zh-Hans-CN", "français", "la langue des signes"])),
    address=WORDS,
    postal_code=WORDS,
    town=WORDS,
    treating_doctor=WORDS,
    treating_doctor_rpps=RPPS,
    contacts=st.lists(st.builds(Contact, name=NOT_EMPTY, relationship=WORDS, phone=WORDS), max_size=2).map(tuple),
)
IDENTITY = st.one_of(
    PATIENT,
    st.builds(
        lambda body, oid: msgspec.structs.replace(body, ins="185057512345673", ins_oid=oid),
        PATIENT,
        st.sampled_from(sorted(codes.INS_TYPES)),
    ),
)
PROBLEM = st.builds(
    ProblemBody,
    concept=CONCEPT,
    clinical_status=_state(codes.CONDITION_STATES),
    verification=_state(codes.PROBLEM_VERIFICATIONS | {""}),
    onset=TYPED_DATE,
    abatement=TYPED_DATE,
    severity=WORDS,
    body_site=CONCEPT,
    long_term=st.booleans(),
    note=WORDS,
    none_known=st.just(False),
)
ALLERGY = st.builds(
    AllergyBody,
    substance=CONCEPT,
    clinical_status=_state(codes.ALLERGY_STATES),
    verification=_state(codes.ALLERGY_VERIFICATIONS | {""}),
    type=_state(codes.ALLERGY_TYPES | {""}),
    criticality=_state(codes.CRITICALITIES | {""}),
    category=_state(codes.ALLERGY_CATEGORIES | {""}),
    reaction=WORDS,
    manifestations=CONCEPTS,
    severity=st.sampled_from(["", *codes.SEVERITIES]),
    onset=TYPED_DATE,
    note=WORDS,
    none_known=st.just(False),
)
MEDICATION = st.builds(
    MedicationBody,
    medicine=CONCEPT,
    dosage=WORDS,
    dose=st.none() | QUANTITY.map(lambda dose: msgspec.structs.replace(dose, comparator="")),  # R4's dose has none
    frequency=st.integers(0, 24),
    period=_state(codes.PERIODS | {""}),
    route=CONCEPT,
    as_needed=st.booleans(),
    course=_state(codes.COURSES | {""}),
    state=_state(codes.MEDICATION_STATES),
    start=TYPED_DATE,
    end=TYPED_DATE,
    reason=WORDS,
    note=WORDS,
    none_known=st.just(False),
)
IMMUNISATION = st.builds(
    ImmunisationBody,
    vaccine=CONCEPT,
    targets=CONCEPTS,
    state=_state(codes.IMMUNISATION_STATES),
    lot=WORDS,
    expiry=TYPED_DATE,
    manufacturer=WORDS,
    dose=WORDS,
    site=WORDS,
    route=CONCEPT,
    performer=WORDS,
    reason=WORDS,
    note=WORDS,
    none_known=st.just(False),
)
COMPONENT = st.builds(Component, concept=CONCEPT, quantity=st.none() | QUANTITY, text=WORDS)
MEASUREMENT = st.builds(
    MeasurementBody,
    concept=CONCEPT,
    quantity=st.none() | QUANTITY,
    text=WORDS,
    components=st.lists(COMPONENT, max_size=3).map(tuple),
    category=st.one_of(WORDS, _state(codes.OBSERVATION_CATEGORIES)),
    low=st.none() | NUMBER,
    high=st.none() | NUMBER,
    method=CONCEPT,
    body_site=CONCEPT,
    interpretation=WORDS,
    note=WORDS,
)
CONSULTATION = st.builds(
    ConsultationBody,
    reason=WORDS,
    findings=WORDS,
    conclusion=WORDS,
    plan=WORDS,
    type=CONCEPT,
    mode=st.sampled_from(["", *codes.MODES]),
    end=TYPED_DATE,
    practitioner=WORDS,
    place=WORDS,
)
PROCEDURE = st.builds(
    ProcedureBody,
    concept=CONCEPT,
    state=_state(codes.PROCEDURE_STATES),
    end=TYPED_DATE,
    body_site=CONCEPT,
    performer=WORDS,
    outcome=WORDS,
    reason=WORDS,
    note=WORDS,
    none_known=st.just(False),
)
DEVICE = st.builds(
    DeviceBody,
    device=CONCEPT,
    state=_state(codes.DEVICE_STATES),
    identifier=WORDS,
    manufacturer=WORDS,
    end=TYPED_DATE,
    body_site=CONCEPT,
    note=WORDS,
    none_known=st.just(False),
)
FAMILY_HISTORY = st.builds(
    FamilyHistoryBody,
    relationship=CONCEPT,
    conditions=CONCEPTS,
    onset_age=st.none() | st.integers(0, 120),
    deceased=st.one_of(st.just(""), st.just("yes"), DATE, st.just("vers 2019")),
    note=WORDS,
    none_known=st.booleans(),
)
DIRECTIVE = st.builds(
    DirectiveBody,
    type=CONCEPT,
    text=WORDS,
    state=_state(codes.DIRECTIVE_STATES),
    place=WORDS,
    media_type=MEDIA_TYPE,
    content=CONTENT,
    attachment=st.none() | ATTACHMENT,
)
LETTER = st.builds(
    LetterBody,
    title=WORDS,
    direction=_state(codes.DIRECTIONS),
    correspondent=WORDS,
    correspondent_rpps=RPPS,
    text=WORDS,
    media_type=MEDIA_TYPE,
    content=CONTENT,
    attachment=st.none() | ATTACHMENT,
)
RELATIVE = st.builds(
    RelativeBody,
    name=NOT_EMPTY,
    relationship=CONCEPT,
    phone=WORDS.filter(lambda phone: not phone.startswith("tel:")),
    patient=st.sampled_from(["", "7d" * 16]),
    to_call=st.booleans(),
    trusted=st.booleans(),
    note=WORDS,
)
CARER = st.builds(
    CarerBody,
    name=NOT_EMPTY,
    role=CONCEPT,
    rpps=RPPS,
    phone=WORDS.filter(lambda phone: not phone.startswith("tel:")),
    organisation=WORDS,
    end=TYPED_DATE,
    note=WORDS,
)
RECALL = st.builds(
    RecallBody,
    concept=CONCEPT,
    state=_state(frozenset(codes.RECALL_STATES)),
    done=TYPED_DATE,
    every_months=st.integers(0, 120),
    reason=WORDS,
    note=WORDS,
)
APPOINTMENT = st.builds(
    AppointmentBody,
    minutes=st.integers(1, 600),
    reason=WORDS,
    state=_state(codes.APPOINTMENT_STATES),
    practitioner=WORDS,
    note=WORDS,
)
# What stands: "none known" that is refuted, or inactive, or beside a state that denies it, is none.
ASKED = st.sampled_from(["", "unconfirmed", "confirmed"])
NAMED = st.builds(Concept, text=WORDS)
NONE_KNOWN: st.SearchStrategy[Body] = st.one_of(
    st.builds(ProblemBody, onset=TYPED_DATE, note=WORDS, none_known=st.just(True), verification=ASKED),
    st.builds(AllergyBody, note=WORDS, none_known=st.just(True), substance=NAMED, verification=ASKED),
    st.builds(MedicationBody, state=st.sampled_from(["active", "unknown"]), note=WORDS, none_known=st.just(True)),
    IMMUNISATION.map(lambda body: msgspec.structs.replace(body, none_known=True)),
    PROCEDURE.map(lambda body: msgspec.structs.replace(body, none_known=True)),
    DEVICE.map(lambda body: msgspec.structs.replace(body, none_known=True, state="active")),
)
DOCUMENT = st.builds(
    DocumentBody,
    title=WORDS,
    type=CONCEPT,
    text=WORDS,
    media_type=MEDIA_TYPE,
    content=CONTENT,
    attachment=st.none() | ATTACHMENT,
)
OTHER = st.builds(
    OtherBody,
    resource_type=st.sampled_from(["Claim", "Goal", "CarePlan"]),
    label=WORDS,
    unread=WORDS,
)

BODIES: dict[Kind, st.SearchStrategy[Body]] = {
    Kind.PATIENT: IDENTITY,
    Kind.PROBLEM: PROBLEM,
    Kind.ALLERGY: ALLERGY,
    Kind.MEDICATION: MEDICATION,
    Kind.IMMUNISATION: IMMUNISATION,
    Kind.MEASUREMENT: MEASUREMENT,
    Kind.CONSULTATION: CONSULTATION,
    Kind.PROCEDURE: PROCEDURE,
    Kind.DEVICE: DEVICE,
    Kind.FAMILY_HISTORY: FAMILY_HISTORY,
    Kind.DIRECTIVE: DIRECTIVE,
    Kind.DOCUMENT: DOCUMENT,
    Kind.LETTER: LETTER,
    Kind.RELATIVE: RELATIVE,
    Kind.CARER: CARER,
    Kind.RECALL: RECALL,
    Kind.APPOINTMENT: APPOINTMENT,
    Kind.OTHER: OTHER,
}
