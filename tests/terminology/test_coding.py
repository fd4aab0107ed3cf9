"""Tables in a real record: imported, found, replaced, removed; and what they add to the checks."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from localstore import precautions, record
from localstore.bodies import AllergyBody, MedicationBody
from localstore.database import rows
from localstore.errors import TooLarge
from localstore.practice import Practice
from localstore.terminology import coding, importing, store, tables
from localstore.terminology.errors import BadTable, UnknownTable
from localstore.values import Coding, Concept
from tests import practices
from tests.terminology import files


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Practice]:
    """A practice with all the tables."""
    made = practices.make(tmp_path / "practice")
    (tmp_path / "files").mkdir()
    for path in files.write(tmp_path / "files").values():
        importing.import_file(made, path, edition="2026-01")
    yield made
    made.connection.close()


def labels(here: Practice, typed: str, system: str = "", limit: int = 8) -> list[str]:
    """What is suggested."""
    return [one.label for one in coding.suggest(here.connection, typed, system, limit)]


def test_the_tables_are_listed(here: Practice) -> None:
    listed = {(one.system, one.part): one.rows for one in store.listing(here.connection)}
    assert listed == {
        ("atc", ""): 4,
        ("cisp2", ""): 3,
        ("bdpm", "medicines"): 3,
        ("bdpm", "presentations"): 1,
        ("bdpm", "substances"): 3,
        ("bdpm", "groups"): 1,
    }


@pytest.mark.parametrize(
    ("typed", "system", "expected"),
    [
        ("dolip", "", ["DOLIPRANE 1000 mg, comprimé"]),
        ("DOLIPRANE 1000", "bdpm", ["DOLIPRANE 1000 mg, comprimé"]),
        ("amox", "bdpm", ["CLAMOXYL 500 mg, gélule"]),
        ("amox", "atc", ["Amoxicilline"]),
        ("J01CA0", "atc", ["Ampicilline", "Amoxicilline"]),
        ("j01ca04", "", ["Amoxicilline"]),
        ("3400921601196", "", ["DOLIPRANE 1000 mg, comprimé"]),
        ("coelio", "bdpm", ["CŒLIOXYL’ 20 mg, gélule"]),
        ("fievre", "", ["Fièvre"]),
        ("W7", "cisp2", ["Grossesse"]),
        ("d", "", []),
        ("", "", []),
        ('" OR *', "", []),
        ("zorglub", "", []),
        ("paracetamol", "", ["Paracétamol", "DOLIPRANE 1000 mg, comprimé"]),
    ],
)
def test_suggestions(here: Practice, typed: str, system: str, expected: list[str]) -> None:
    assert labels(here, typed, system) == expected


def test_no_more_is_suggested_than_is_asked_for(here: Practice) -> None:
    assert len(labels(here, "J01", "atc", 2)) == 2


def test_hostile_queries_find_nothing_and_break_nothing(here: Practice) -> None:
    for typed in ("'; DROP TABLE term; --", "a" * 10_000, "NEAR(a b)", "a\x00b", '^*"()', "\U0010ffff" * 3):
        coding.suggest(here.connection, typed)


def test_a_medicine_is_written_with_its_code_and_its_group(here: Practice) -> None:
    term = coding.lookup(here.connection, "bdpm", "61266250")
    assert term is not None
    made = coding.concept(here.connection, term)
    assert made.text == "CLAMOXYL 500 mg, gélule"
    assert [(one.system, one.code, one.label, one.version) for one in made.codings] == [
        (coding.URIS["bdpm"], "61266250", "CLAMOXYL 500 mg, gélule", "2026-01"),
        (coding.URIS["atc"], "J01CA04", "Amoxicilline", "2026-01"),
    ]


def test_a_group_is_expanded_by_the_beginning_of_its_code(here: Practice) -> None:
    assert coding.expand(here.connection, "j01ca") == ["J01CA", "J01CA01", "J01CA04"]
    assert coding.expand(here.connection, "Z99") == []


def test_words_that_mean_one_term_alone_are_found(here: Practice) -> None:
    found = coding.only(here.connection, "Amoxicilline", ["atc"])
    assert found is not None and found.code == "J01CA04"
    assert coding.only(here.connection, "a", ["atc"]) is None
    assert coding.only(here.connection, "J01CA0", ["atc"]) is None


def test_a_newer_table_takes_the_place_of_the_old_one(here: Practice, tmp_path: Path) -> None:
    path = tmp_path / "atc-2027.csv"
    path.write_text("J01CA04;Amoxicilline (orale)\n", encoding="utf-8")
    assert importing.import_file(here, path, edition="2027").rows == 1
    assert labels(here, "J01CA", "atc") == ["Amoxicilline (orale)"]
    assert labels(here, "ampi", "atc") == []
    assert rows(here.connection, "SELECT count(*) FROM terminology WHERE system = 'atc'") == [(1,)]


def test_a_broken_table_leaves_the_old_one(here: Practice, tmp_path: Path) -> None:
    path = tmp_path / "atc.csv"
    path.write_text("J01CA04;Amoxicilline\nnonsense;x\n", encoding="utf-8")
    with pytest.raises(BadTable):
        importing.import_file(here, path)
    assert len(labels(here, "J01CA", "atc")) == 3


def test_a_table_in_utf_16_is_read(here: Practice, tmp_path: Path) -> None:
    path = tmp_path / "atc.txt"
    path.write_bytes("Code\tLibellé\r\nN02BE01\tParacétamol é\r\n".encode("utf-16"))
    assert importing.import_file(here, path).rows == 1
    path.write_bytes(b"\xff\xfeJ\x000\x00\xd8")
    with pytest.raises(BadTable):
        importing.import_file(here, path)


def test_a_huge_file_is_refused_before_it_is_read(
    here: Practice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "MAX_FILE_BYTES", 10)
    (tmp_path / "atc.csv").write_bytes(b"J01CA04;Amoxicilline\n")
    with pytest.raises(TooLarge):
        importing.import_file(here, tmp_path / "atc.csv")


def test_removing_leaves_nothing_to_be_found(here: Practice) -> None:
    assert importing.remove(here, "bdpm") == 8
    assert labels(here, "doliprane") == [] and labels(here, "amoxicilline") == ["Amoxicilline"]
    assert rows(here.connection, "SELECT count(*) FROM term_words WHERE term_words MATCH 'doliprane'") == [(0,)]
    with pytest.raises(UnknownTable):
        importing.remove(here, "bdpm")


def test_the_history_tells_of_it(here: Practice) -> None:
    importing.remove(here, "cisp2")
    told = rows(here.connection, "SELECT action, detail FROM history WHERE action LIKE 'terms-%' ORDER BY num")
    assert told[-1] == ("terms-removed", "cisp2") and ("terms-imported", "atc 2026-01") in told


def test_the_tables_tell_the_checks_what_a_medicine_contains(here: Practice) -> None:
    patient = practices.add_zoe(here).id
    record.add(here, patient, AllergyBody(Concept("Amoxicilline"), reaction="choc"))
    box = Concept("Une boîte blanche", (Coding(coding.URIS["bdpm"], "61266250"),))
    found = precautions.before_adding(here, patient, MedicationBody(box))
    assert [one.code for one in found] == ["allergy"]
    importing.remove(here, "bdpm")
    assert precautions.before_adding(here, patient, MedicationBody(box)) == ()


def test_a_large_table_is_imported_and_searched(here: Practice, tmp_path: Path, at_full_length: bool) -> None:
    count = 200_000 if at_full_length else 10_000
    path = tmp_path / "CIS_bdpm.txt"
    with open(path, "w", encoding="cp1252") as file:
        for number in range(count):
            file.write(f"{60_000_000 + number}\tMÉDICAMENT NUMÉRO {number} 500 mg, comprimé\tcomprimé\torale\r\n")
    start = time.perf_counter()
    assert importing.import_file(here, path).rows == count
    print(f"{count} rows: {time.perf_counter() - start:.1f} s")
    for typed in ("medicament numero 12", "me", "600001"):
        start = time.perf_counter()
        assert len(labels(here, typed)) == 8
        print(f"“{typed}”: {(time.perf_counter() - start) * 1000:.1f} ms")
