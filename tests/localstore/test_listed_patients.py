"""An old row of the list of patients that was put back is found: it shows what was replaced, or another entry."""

from pathlib import Path

import msgspec
import pytest

from localstore import inspection, patients, record
from localstore.bodies import PatientBody
from localstore.practice import Practice
from tests import practices
from tests.practices import ZOE

PUT_BACK = "INSERT OR REPLACE INTO patient SELECT * FROM kept_row"


@pytest.fixture
def here(tmp_path: Path) -> Practice:
    return practices.make(tmp_path / "practice")


def unsound(here: Practice) -> list[str]:
    return [one.check for one in inspection.findings(here.connection) if not one.is_sound]


def test_a_row_of_before_an_amendment_is_found(here: Practice) -> None:
    made = practices.add_zoe(here)
    here.connection.execute("CREATE TEMP TABLE kept_row AS SELECT * FROM patient")
    record.amend(here, made.version, msgspec.structs.replace(ZOE, family_name="Martin"))
    assert unsound(here) == []
    here.connection.execute(PUT_BACK)
    assert patients.listing(here.connection)[0].family_name == ZOE.family_name
    assert unsound(here) == ["patients"]


def test_a_row_that_shows_somebody_else_is_found(here: Practice) -> None:
    one, two = practices.add_zoe(here), record.add_patient(here, PatientBody("Martin", ("Jean",)))
    here.connection.execute("CREATE TEMP TABLE kept_row AS SELECT * FROM patient")
    here.connection.execute(
        "UPDATE kept_row SET (family_name, given_names, birth_date, sex, ins, sort_name, shown) ="
        " (SELECT family_name, given_names, birth_date, sex, ins, sort_name, shown FROM patient WHERE id = unhex(?))"
        " WHERE id = unhex(?)",
        (two.id, one.id),
    )
    here.connection.execute(PUT_BACK)
    assert unsound(here) == ["patients"]
