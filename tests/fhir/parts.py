"""The parts of bodies, as a practice may hold them: texts, dates, concepts, numbers, files."""

from decimal import Decimal

from hypothesis import strategies as st

from localstore.fhir import codes
from localstore.values import Attachment, Coding, Concept, Quantity

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
    st.builds(Coding, system=SYSTEM, code=CODE, label=WORDS, version=WORDS),
    st.builds(Coding, system=st.just(""), code=st.just(""), label=NOT_EMPTY, version=st.just("")),
)
CONCEPT = st.builds(Concept, text=WORDS, codings=st.lists(CODING, max_size=3).map(tuple))
CONCEPTS = st.lists(CONCEPT.filter(lambda concept: concept != Concept()), max_size=2).map(tuple)
NUMBER = st.one_of(
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=3),
    st.sampled_from([Decimal("1.00"), Decimal("0"), Decimal("1E+5"), Decimal("-0.0"), Decimal("12E-9")]),
)
QUANTITY = st.builds(
    Quantity,
    value=NUMBER,
    unit=WORDS,
    code=st.one_of(st.just(""), st.sampled_from(["mm[Hg]", "kg", "mmol/L", "{score}"])),
    comparator=st.sampled_from(["", "<", "<=", ">=", ">"]),
)
RPPS = st.sampled_from(["", "10003461033"])
HEX = st.text("0123456789abcdef", min_size=64, max_size=64)
MEDIA_TYPE = st.sampled_from(["", "application/pdf", "text/plain", "image/png"])
CONTENT = st.binary(max_size=20)
ATTACHMENT = st.builds(
    Attachment,
    id=st.uuids().map(lambda number: number.hex),
    size=st.one_of(st.integers(0, 10**9), st.sampled_from([2**31 - 1, 2**31, 2**40])),
    digest=HEX,
    media_type=MEDIA_TYPE,
    name=WORDS,
)
