"""Whole bodies and entries, as a practice may hold them: the strategies that the laws of reading and writing share."""

from decimal import Decimal

import msgspec
from hypothesis import strategies as st

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
from localstore.fhir import codes
from localstore.fhir.json_text import decode, encode
from localstore.fhir.read import ReadResource, read_resource
from localstore.fhir.write import write_entry
from localstore.kinds import Kind, Sensitivity, Status
from localstore.model import Entry
from localstore.values import Author, Coding, Concept, Contact, Quantity

PATIENT_URL = "urn:uuid:5e6b1c52-6f5b-4a51-8a39-6d0f5f2f7f10"

# FHIR forbids control characters but these three; surrogates are no text.
CHARACTERS = st.one_of(
    st.characters(exclude_categories=["Cs", "Cc"]),
    st.sampled_from("\t\n\réèçœ’«» \u00a0\u202f<>&\"'\\/|#[]"),
    st.characters(min_codepoint=0x0621, max_codepoint=0x064A),  # Arabic
)
NOT_EMPTY = st.text(CHARACTERS, min_size=1, max_size=12).filter(str.strip)  # FHIR has no place for blanks alone
WORDS = st.one_of(st.just(""), NOT_EMPTY)
CODE = st.from_regex(r"[A-Za-z0-9.\-]{1,8}( [A-Za-z0-9]{1,3})?", fullmatch=True)
SYSTEM = st.sampled_from(["", codes.SNOMED, "http://hl7.org/fhir/sid/icd-10", "urn:oid:1.2.250.1.213.2.12"])
DAY = st.dates().map(lambda day: day.isoformat())
DATE = st.one_of(
    DAY,
    DAY.map(lambda day: day[:4]),
    DAY.map(lambda day: day[:7]),
    DAY.map(lambda day: day + "T08:30:00+02:00"),
    DAY.map(lambda day: day + "T23:59:59.123Z"),
)
MAYBE_DATE = st.one_of(st.just(""), DATE)
# What a person may type where a date belongs: the record keeps it, FHIR has no date for it.
TYPED_DATE = st.one_of(MAYBE_DATE, st.sampled_from(["vers 2019", "dans l'enfance", "2019-04-01T08:30", "2019-13-45"]))
CODING = st.one_of(
    st.builds(Coding, system=SYSTEM, code=CODE, label=WORDS),
    st.builds(Coding, system=st.just(""), code=st.just(""), label=NOT_EMPTY),
)
CONCEPT = st.builds(Concept, text=WORDS, codings=st.lists(CODING, max_size=3).map(tuple))
QUANTITY = st.builds(
    Quantity,
    value=st.one_of(
        st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=3),
        st.sampled_from([Decimal("1.00"), Decimal("0"), Decimal("1E+5"), Decimal("-0.0"), Decimal("12E-9")]),
    ),
    unit=WORDS,
    code=st.one_of(st.just(""), st.sampled_from(["mm[Hg]", "kg", "mmol/L", "{score}"])),
    comparator=st.sampled_from(["", "<", "<=", ">=", ">"]),
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
    deceased=st.one_of(st.just(""), st.just("yes"), DATE, st.just("vers 2019")),
    phone=NOT_EMPTY.filter(lambda phone: not phone.startswith("tel:")) | st.just(""),
    address=WORDS,
    postal_code=WORDS,
    town=WORDS,
    treating_doctor=WORDS,
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
    onset=TYPED_DATE,
    abatement=TYPED_DATE,
    severity=WORDS,
    note=WORDS,
)
ALLERGY = st.builds(
    AllergyBody,
    substance=CONCEPT,
    clinical_status=_state(codes.ALLERGY_STATES),
    criticality=_state(codes.CRITICALITIES | {""}),
    category=_state(codes.ALLERGY_CATEGORIES | {""}),
    reaction=WORDS,
    onset=TYPED_DATE,
    note=WORDS,
)
MEDICATION = st.builds(
    MedicationBody,
    medicine=CONCEPT,
    dosage=WORDS,
    state=_state(codes.MEDICATION_STATES),
    start=TYPED_DATE,
    end=TYPED_DATE,
    reason=WORDS,
    note=WORDS,
)
NONE_KNOWN = st.one_of(
    st.builds(ProblemBody, onset=TYPED_DATE, note=WORDS, none_known=st.just(True)),
    st.builds(AllergyBody, note=WORDS, none_known=st.just(True), substance=st.builds(Concept, text=WORDS)),
    st.builds(MedicationBody, state=st.sampled_from(["active", "unknown"]), note=WORDS, none_known=st.just(True)),
)
IMMUNISATION = st.builds(
    ImmunisationBody,
    vaccine=CONCEPT,
    state=_state(codes.IMMUNISATION_STATES),
    lot=WORDS,
    dose=WORDS,
    site=WORDS,
    reason=WORDS,
    note=WORDS,
)
COMPONENT = st.builds(Component, concept=CONCEPT, quantity=st.none() | QUANTITY, text=WORDS)
MEASUREMENT = st.builds(
    MeasurementBody,
    concept=CONCEPT,
    quantity=st.none() | QUANTITY,
    text=WORDS,
    components=st.lists(COMPONENT, max_size=3).map(tuple),
    category=st.one_of(WORDS, _state(codes.OBSERVATION_CATEGORIES)),
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
    end=TYPED_DATE,
    practitioner=WORDS,
    place=WORDS,
)
PROCEDURE = st.builds(
    ProcedureBody,
    concept=CONCEPT,
    state=_state(codes.PROCEDURE_STATES),
    end=TYPED_DATE,
    reason=WORDS,
    note=WORDS,
)
DOCUMENT = st.builds(
    DocumentBody,
    title=WORDS,
    type=CONCEPT,
    text=WORDS,
    media_type=st.sampled_from(["", "application/pdf", "text/plain", "image/png"]),
    content=st.binary(max_size=20),
)
OTHER = st.builds(OtherBody, resource_type=st.sampled_from(["Claim", "Goal", "CarePlan"]), label=WORDS)

BODIES: dict[Kind, st.SearchStrategy[Body]] = {
    Kind.PATIENT: IDENTITY,
    Kind.PROBLEM: PROBLEM,
    Kind.ALLERGY: ALLERGY,
    Kind.MEDICATION: MEDICATION,
    Kind.IMMUNISATION: IMMUNISATION,
    Kind.MEASUREMENT: MEASUREMENT,
    Kind.CONSULTATION: CONSULTATION,
    Kind.PROCEDURE: PROCEDURE,
    Kind.DOCUMENT: DOCUMENT,
    Kind.OTHER: OTHER,
}
AUTHORS = st.builds(Author, name=WORDS, rpps=st.sampled_from(["", "10003461033"]))


def entries(bodies: st.SearchStrategy[Body]) -> st.SearchStrategy[Entry]:
    """Entries of these bodies."""
    return st.builds(
        Entry,
        id=st.just("0f" * 16),
        version=st.just("a1" * 16),
        patient=st.just("5e" * 16),
        date=st.one_of(MAYBE_DATE, st.just("2019-04-01T08:30")),
        author=AUTHORS,
        recorded=st.just("2026-03-01T09:30:00.000Z"),
        body=bodies,
        status=st.sampled_from(Status),
        sensitivity=st.sampled_from(Sensitivity),
    )


def entry(body: Body, date: str = "2024-05-06", status: Status = Status.FINAL) -> Entry:
    """One plain entry."""
    return Entry(
        id="0f" * 16,
        version="a1" * 16,
        patient="5e" * 16,
        date=date,
        author=Author("Dr Camille Petit", "10003461033"),
        recorded="2026-03-01T09:30:00.000Z",
        body=body,
        status=status,
    )


def there_and_back(source: Entry) -> ReadResource:
    """The entry written, carried as bytes, and read."""
    raw = encode(write_entry(source, PATIENT_URL))
    return read_resource(decode(raw, "resource"), lambda reference: None)
