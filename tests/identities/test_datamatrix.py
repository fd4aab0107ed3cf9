"""The text of the INS Data Matrix: what is read of it, in every way that a reader may hand it over; and what is not."""

import string
from itertools import permutations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from localstore.bodies import PatientBody
from localstore.errors import BadInput
from localstore.identities import datamatrix
from localstore.identity import INS_NIA_OID, INS_NIR_OID, INS_TEST_OID

GS = "\x1d"
LONGEST = {"S2": 20, "S3": 100, "S4": 100}  # of the fields that have no fixed length

# Printed in the specification of the Agence du numérique en santé and in what implements it.
CORINNE = (
    f"IS010000000000000000000000S1279035121518989S21.2.250.1.213.1.4.10S3CORINNE{GS}S4NESSI{GS}S5FS601-03-1979S751215"
)
SARAH = (
    f"IS010000000000000000000000S1277010115400329S21.2.250.1.213.1.4.8{GS}S3SARAH-LOU ANNA{GS}S4GARCIA-HAMMADI{GS}"
    "S5FS621-01-1977S701154"
)
READ_SARAH = PatientBody(
    "GARCIA-HAMMADI",
    ("SARAH-LOU", "ANNA"),
    "1977-01-21",
    "female",
    birth_place="01154",
    ins="277010115400329",
    ins_oid=INS_NIR_OID,
)


def written(
    body: PatientBody, order: tuple[str, ...] = ("S1", "S2", "S3", "S4", "S5", "S6", "S7"), gs: str = GS
) -> str:
    """The text of an identity, by the rules of the specification."""
    year, month, day = body.birth_date.split("-")
    fields = {
        "S1": body.ins,
        "S2": body.ins_oid,
        "S3": " ".join(body.given_names),
        "S4": body.family_name,
        "S5": {"female": "F", "male": "M", "unknown": "I"}[body.sex],
        "S6": f"{day}-{month}-{year}",
        "S7": body.birth_place,
    }
    names = [name for name in order if fields[name]]
    text = "IS01" + 22 * "0"
    for name in names:
        is_short = len(fields[name]) < LONGEST.get(name, 0)
        text += name + fields[name] + (gs if is_short and name != names[-1] else "")
    return text


LETTERS = string.ascii_uppercase + "ÉÈÇÏÔŒÑ"
words = st.text(LETTERS, min_size=1, max_size=20)
names = st.builds(lambda one, joint, other: one + joint + other, words, st.sampled_from("-'"), words) | words
departments = st.integers(1, 95).map("{:02d}".format) | st.sampled_from(["2A", "2B"])
bodies = st.builds(
    PatientBody,
    family_name=st.lists(names, min_size=1, max_size=2).map(" ".join),
    given_names=st.lists(names, min_size=1, max_size=2).map(tuple),
    birth_date=st.dates().map(lambda day: day.isoformat()),
    sex=st.sampled_from(["male", "female", "unknown"]),
    birth_place=st.just("") | st.builds("{}{:03d}".format, departments, st.integers(0, 999)),
    ins=st.builds(
        "{}{:04d}{}{:08d}".format, st.integers(1, 8), st.integers(0, 9999), departments, st.integers(0, 10**8 - 1)
    ),
    ins_oid=st.sampled_from([INS_NIR_OID, INS_NIA_OID, INS_TEST_OID]),
)


def test_what_the_specification_shows_is_read() -> None:
    assert datamatrix.read(SARAH) == (READ_SARAH, ())
    corinne = datamatrix.read(CORINNE).body
    assert (corinne.family_name, corinne.given_names, corinne.birth_date) == ("NESSI", ("CORINNE",), "1979-03-01")
    assert (corinne.ins, corinne.ins_oid, corinne.birth_place) == ("279035121518989", INS_TEST_OID, "51215")
    assert corinne.identity_status == "provisional"


@given(bodies, st.permutations(["S1", "S2", "S3", "S4", "S5", "S6", "S7"]))
def test_what_is_written_is_read(body: PatientBody, order: list[str]) -> None:
    assert datamatrix.read(written(body, tuple(order))) == (body, ())
    assert datamatrix.is_matrix(written(body, tuple(order)))


@given(bodies, st.sampled_from(["", " ", "<GS>", "^]", "\N{REPLACEMENT CHARACTER}", "\N{SYMBOL FOR GROUP SEPARATOR}"]))
def test_a_separator_that_the_reader_or_the_terminal_changed_is_no_loss(body: PatientBody, gs: str) -> None:
    if gs == " ":  # after a number only a separator can stand
        text = written(body, ("S3", "S4", "S1", "S5", "S6", "S7", "S2"), gs)
    else:
        text = written(body, gs=gs)
    assert datamatrix.read(f"  ]d2{text}\r\n") == (body, ())


def test_a_name_of_the_full_length_has_no_separator() -> None:
    body = PatientBody("A" * 100, ("B" * 49, "S" * 50), "1977-01-21", "male", ins=READ_SARAH.ins, ins_oid=INS_TEST_OID)
    assert GS not in written(body)
    assert datamatrix.read(written(body)) == (body, ())


def test_fields_that_are_not_known_are_named_and_nothing_else_is_lost() -> None:
    text = SARAH.replace("S5F", f"T9whatever 12{GS}S5F") + f"{GS}Z1more"
    assert datamatrix.read(text) == (READ_SARAH, ("T9", "Z1"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Dupont",
        SARAH[:25],
        SARAH[:26],
        SARAH.replace("IS01", "IS02"),
        SARAH.replace("IS01", "DC04"),
        SARAH.replace("0000S1", "000AS1"),
        SARAH.replace("S1277010115400329", ""),
        SARAH.replace("S621-01-1977", ""),
        SARAH.replace("S5F", ""),
        SARAH.replace("S5F", "S5X"),
        SARAH.replace("21-01-1977", "31-02-1977"),
        SARAH.replace("21-01-1977", "00-00-1977"),
        SARAH.replace("21-01-1977", "21-01-0000"),
        SARAH.replace("21-01-1977", "1977-01-21"),
        SARAH.replace("277010115400329", "27701011540032"),
        SARAH.replace("277010115400329", "27701011540032٣"),
        SARAH.replace("1.2.250.1.213.1.4.8", "8"),
        SARAH.replace("1.2.250.1.213.1.4.8", "1." + "2." * 200 + "3"),
        SARAH.replace("GARCIA-HAMMADI", ""),
        SARAH.replace("GARCIA-HAMMADI", "   "),
        SARAH.replace("GARCIA-HAMMADI", "GARCIA 2"),
        SARAH.replace("GARCIA-HAMMADI", "GARCIA\x1b[2J"),
        SARAH.replace("GARCIA-HAMMADI", "A" * 101),
        SARAH + "S701154",
        SARAH + "S1277010115400329",
        SARAH + "!!",
        SARAH + "S",
        SARAH + "T9" + "x" * 1000,
        "0" * 2000,
    ],
)
def test_what_is_none_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(BadInput) as refused:
        datamatrix.read(text)
    assert "INS Data Matrix" in str(refused.value)


def test_every_order_of_the_fields_is_read() -> None:
    for order in permutations(["S1", "S2", "S3", "S4", "S5", "S6", "S7"]):
        assert datamatrix.read(written(READ_SARAH, order)).body == READ_SARAH


alphabet = st.sampled_from(f"IS0123456789.-{GS} ABFMÉ'<G>\u202e\x1b\ud800")


@given(st.text() | st.text(alphabet).map(lambda rest: SARAH[:26] + rest) | st.text(max_size=3000))
@example(SARAH[:26] + "S2" + ".1" * 400)
@example(SARAH[:26] + "S3" + "S" * 900)
def test_whatever_comes_only_the_documented_error_comes_out(text: str) -> None:
    datamatrix.is_matrix(text)
    try:
        read = datamatrix.read(text)
    except BadInput:
        return
    assert read.body.family_name and read.body.given_names and len(read.body.ins) == 15


@given(st.integers(0, len(SARAH) - 1), st.characters(codec="utf-8"))
def test_one_letter_changed_is_read_or_refused(place: int, letter: str) -> None:
    try:
        datamatrix.read(SARAH[:place] + letter + SARAH[place + 1 :])
    except BadInput:
        pass


def test_the_known_identity_keeps_its_spelling_and_what_the_matrix_does_not_hold() -> None:
    known = PatientBody(
        "García-Hammadi", ("Sarah-Lou", "Anna"), "1977-01-21", "female", used_name="Petit", phone="01", town="Lyon"
    )
    made = datamatrix.onto(known, READ_SARAH)
    assert (made.family_name, made.given_names) == ("García-Hammadi", ("Sarah-Lou", "Anna"))
    assert (made.ins, made.ins_oid, made.birth_place) == (READ_SARAH.ins, INS_NIR_OID, "01154")
    assert (made.used_name, made.phone, made.town, made.identity_status) == ("Petit", "01", "Lyon", "provisional")
    assert datamatrix.onto(PatientBody("Garcia"), READ_SARAH).family_name == "GARCIA-HAMMADI"
    assert datamatrix.onto(made, READ_SARAH) == made
