"""Reading tables: each file as it is published, each fault with its line, and nothing but documented errors."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localstore.terminology import tables
from localstore.terminology.errors import BadTable, BadTableLine
from localstore.terminology.tables import Row
from tests.terminology import files


def read(name: str, data: bytes, system: str = "") -> list[Row]:
    """The rows of a file."""
    form = tables.form_of(name, system)
    return list(tables.rows(name, io.BytesIO(data), tables.encoding_of([data]), form))


def test_the_public_files_are_read_as_they_are_published() -> None:
    medicines = read("CIS_bdpm.txt", files.MEDICINES.encode("cp1252"))
    assert medicines[0] == Row("60234100", "DOLIPRANE 1000 mg, comprimé")
    assert medicines[2].label == "CŒLIOXYL’ 20 mg, gélule"
    assert read("CIS_CIP_bdpm.txt", files.BOXES.encode()) == [
        Row("3400921601196", "60234100\x1fplaquette de 8 comprimés")
    ]
    assert [one.label for one in read("CIS_COMPO_bdpm.txt", files.SUBSTANCES.encode("cp1252"))] == [
        "PARACÉTAMOL",
        "AMOXICILLINE TRIHYDRATÉE",
        "AMOXICILLINE",
    ]
    assert read("CIS_MITM.txt", files.GROUPS.encode("cp1252")) == [Row("61266250", "J01CA04")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", ["\t", ";"])
@pytest.mark.parametrize("header", ["", "Code;Libellé\n"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_tables_of_codes_are_read_in_every_usual_shape(encoding: str, delimiter: str, header: str, end: str) -> None:
    text = (header + "J01CA04;Amoxicilline\n\nN02BE01;Paracétamol\nN02BE01;Paracétamol\n").replace(";", delimiter)
    found = read("table_atc.csv", text.replace("\n", end).encode(encoding))
    assert found == [Row("J01CA04", "Amoxicilline"), Row("N02BE01", "Paracétamol")]


def test_quotes_and_further_columns_are_understood() -> None:
    assert read("atc.csv", b'"J01CA04";"Amoxicilline; orale";1,5;g\n') == [Row("J01CA04", "Amoxicilline; orale")]
    assert read("x.txt", b"A03\tFi\xe8vre\n-45\tConseil\n", "cisp2") == [Row("A03", "Fièvre"), Row("-45", "Conseil")]


@pytest.mark.parametrize(
    ("name", "data", "line", "reason"),
    [
        ("atc.csv", b"J01CA04;a\nnonsense;b\n", 2, "no code"),
        ("atc.csv", b"Code;Label\nCode;Label\n", 2, "no code"),
        ("atc.csv", b"J01CA04;a\nJ01CA05;\n", 2, "no words"),
        ("atc.csv", b"J01CA04,a\n", 1, "not separated"),
        ("atc.csv", b"J01CA04;a\nN02BE01;b\x00\n", 2, "no text"),
        ("atc.csv", b"J01CA04;a\n" + b"N02BE01;" + b"x" * 2_000, 2, "too long"),
        ("atc.csv", b"J01CA04;a\n" + b"x" * 70_000, 2, "too long"),
        ("atc.csv", b"J01CA04;\x81\xff\n", 1, "no text"),
        ("CIS_bdpm.txt", b"1234\tx\n", 1, "no code"),
        ("CIS_bdpm.txt", b"12345678\n", 1, "columns"),
        ("CIS_CIP_bdpm.txt", b"12345678\t1\tx\n", 1, "columns"),
        ("CIS_MITM.txt", b"12345678\tnonsense\n", 1, "no code"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(name: str, data: bytes, line: int, reason: str) -> None:
    with pytest.raises(BadTableLine) as caught:
        read(name, data)
    assert caught.value.details["line"] == line and reason in str(caught.value.details["reason"])


@pytest.mark.parametrize(("name", "system"), [("x.txt", ""), ("x.txt", "bdpm"), ("atc.csv", "bdpm")])
def test_a_file_of_no_known_system_is_refused(name: str, system: str) -> None:
    with pytest.raises(BadTable):
        tables.form_of(name, system)


def test_an_empty_table_is_refused() -> None:
    for data in (b"", b"\n\n", b"Code;Label\n"):
        with pytest.raises(BadTable):
            read("atc.csv", data)


def test_there_are_no_more_rows_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MAX_ROWS", 2)
    with pytest.raises(BadTableLine):
        read("atc.csv", b"A;a\nB;b\nC;c\n")


NAMES = st.sampled_from(
    ["atc.csv", "cisp2.txt", "CIS_bdpm.txt", "CIS_CIP_bdpm.txt", "CIS_COMPO_bdpm.txt", "CIS_MITM.txt"]
)
PIECES = st.sampled_from(
    [
        b"J01CA04",
        b"60234100",
        b"A03",
        b"3400921601196",
        b"\t",
        b";",
        b"\n",
        b"\r\r\n",
        b'"',
        b"\xe9",
        b"\xc3\xa9",
        b"x" * 99,
    ]
)


@given(NAMES, st.one_of(st.binary(max_size=300), st.lists(PIECES, max_size=40).map(b"".join)))
def test_no_bytes_break_a_reader(name: str, data: bytes) -> None:
    try:
        found = read(name, data)
    except BadTable as error:
        assert error.details["file"] == name
    else:
        assert found and all(one.code and one.label for one in found)


@given(
    st.lists(st.tuples(st.from_regex(r"[A-Z][0-9]{2}[A-Z]{2}[0-9]{2}", fullmatch=True), st.text("aé'; -B", min_size=1)))
)
def test_what_is_written_is_read_again(made: list[tuple[str, str]]) -> None:
    kept = [Row(code, label.strip()) for code, label in made if label.strip()]
    data = "".join(f"{one.code}\t{one.label}\n" for one in kept).encode("cp1252")
    expected = [one for at, one in enumerate(kept) if at == 0 or kept[at - 1] != one]
    if expected:
        assert read("atc.txt", data) == expected
