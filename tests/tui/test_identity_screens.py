"""Scanning an INS Data Matrix, what a form asks about an identity, merging two records and taking them apart."""

from pathlib import Path

from textual import events

from localstore import history, patients, practice, record
from localstore.bodies import PatientBody
from localstore.identity import INS_NIR_OID, INS_TEST_OID
from localstore.model import PatientSummary
from tests.practices import PASSPHRASE
from tests.tui.houses import Houses, Visit, visiting
from tui.screens.merge import MergeRoom
from tui.screens.patient import FIELDS, PatientForm, begin, fill
from tui.screens.question import Asked, Question
from tui.screens.record import RecordRoom
from tui.screens.scan import ScanQuestion
from tui.screens.search import Search
from tui.widgets.banner import Banner
from tui.widgets.fields import Choice, Flag, Line
from tui.widgets.form import Form

GS = "\x1d"
HEADER = "IS01" + "0" * 22
SARAH = f"{HEADER}S1277010115400329S21.2.250.1.213.1.4.8{GS}S3SARAH ANNA{GS}S4GARCIA{GS}S5FS621-01-1977S701154"
OF_JEANNE = f"{HEADER}S1258033711612370S21.2.250.1.213.1.4.8{GS}S3JEANNE LUCIE{GS}S4MOREAU{GS}S5FS612-03-1958S737116"


def bodies(folder: Path) -> dict[str, PatientBody]:
    """The identities on record, by identifier."""
    here = practice.unlock(folder, PASSPHRASE)
    try:
        return {one.id: record.chart(here, one.id).patient for one in patients.listing(here.connection)}
    finally:
        here.close()


async def paste(visit: Visit, text: str) -> None:
    """Paste into the field that has the focus, as a terminal does."""
    visit.app.post_message(events.Paste(text))
    await visit.pilot.pause()


async def open_patient(visit: Visit, typed: str, birth_date: str) -> RecordRoom:
    """Search and open."""
    search = await visit.on(Search)
    await visit.write(typed)
    await visit.until(lambda: [one.birth_date for one in search.listing.items] == [birth_date])
    await visit.press("enter")
    room = await visit.on(RecordRoom)
    await visit.until(lambda: room.record)
    return room


async def test_a_matrix_in_the_search_field_registers_somebody_new(houses: Houses) -> None:
    async with visiting(houses.alpha) as visit:
        await visit.unlock()
        await paste(visit, SARAH)
        await visit.press("enter")
        question = await visit.on(ScanQuestion)
        await visit.until(lambda: question.query("#answer-new"))
        await visit.press("enter")
        form = await visit.on(PatientForm)
        await visit.until(lambda: form.query_one(Form).typed["ins"] == "277010115400329")
        assert form.unsaved
        await visit.press("ctrl+s")
        room = await visit.on(RecordRoom)
        await visit.until(lambda: room.record)
        assert "GARCIA SARAH ANNA" in room.query_one(Banner).words
    made = next(body for body in bodies(houses.alpha).values() if body.family_name == "GARCIA")
    assert (made.given_names, made.birth_date, made.birth_place) == (("SARAH", "ANNA"), "1977-01-21", "01154")
    assert (made.ins, made.ins_oid, made.identity_status) == ("277010115400329", INS_NIR_OID, "provisional")


async def test_a_matrix_of_somebody_known_leads_to_the_identity_with_what_is_new(houses: Houses) -> None:
    async with visiting(houses.alpha) as visit:
        await visit.unlock()
        await paste(visit, OF_JEANNE)
        await visit.press("enter")
        await visit.on(ScanQuestion)
        await visit.press("enter")  # the one with the same number comes first
        form = await visit.on(PatientForm)
        await visit.until(lambda: form.query_one(Form).typed["birth_place"] == "37116")
        assert form.query_one(Form).typed["family_name"] == "Moreau"  # the spelling on record says more
        await visit.press("ctrl+s")
        room = await visit.on(RecordRoom)
        await visit.until(lambda: room.record)
        assert room.patient == houses.jeanne
    assert bodies(houses.alpha)[houses.jeanne].birth_place == "37116"


async def test_a_matrix_in_a_form_fills_it(houses: Houses) -> None:
    async with visiting(houses.alpha) as visit:
        await visit.unlock()
        await visit.press("ctrl+n")
        form = await visit.on(PatientForm)
        await visit.until(lambda: isinstance(visit.app.focused, Line))
        await paste(visit, SARAH)
        await visit.press("enter")
        await visit.until(lambda: form.query_one(Form).typed["family_name"] == "GARCIA")
        assert form.query_one(Form).typed["given_names"] == "SARAH ANNA"


async def test_a_broken_matrix_is_told_and_nothing_changes(houses: Houses) -> None:
    async with visiting(houses.alpha) as visit:
        await visit.unlock()
        await paste(visit, SARAH[:70])
        await visit.press("enter")
        await visit.until(lambda: "datamatrix" in visit.told)
        assert isinstance(visit.app.screen, Search)


async def test_two_records_are_merged_and_taken_apart_on_the_screen(houses: Houses) -> None:
    before = bodies(houses.alpha)
    async with visiting(houses.alpha) as visit:
        await visit.unlock()
        await open_patient(visit, "lucie", "1958-03-12")
        await visit.press("u")
        room = await visit.on(MergeRoom)
        await visit.until(lambda: len(room.listing.items) == 1)  # her namesake
        await visit.press("enter")
        question = await visit.on(Question)
        await visit.until(lambda: question.query("#answer-merge"))
        await visit.press("right", "enter")
        await visit.on(Asked)
        await visit.write("même personne")
        await visit.press("enter")
        await visit.on(MergeRoom)
        await visit.until(lambda: room.record and room.record.also_registered)
        assert "MOREAU Jeanne (02/06/1985)" in room.query_one(Banner).words
        assert room.record is not None and room.record.homonyms == ()
        await visit.until(lambda: len(room.listing.items) == 1)
        await visit.press("enter")  # who was merged is now in the list, to be taken apart
        await visit.on(Asked)
        await visit.write("deux personnes")
        await visit.press("enter")
        await visit.until(lambda: room.record and not room.record.also_registered)
    assert bodies(houses.alpha) == before
    here = practice.unlock(houses.alpha, PASSPHRASE)
    told = [(line.action, line.detail) for line in history.lines(here.connection) if "merged" in line.action]
    here.close()
    assert told == [("patients-merged", "même personne"), ("patients-unmerged", "deux personnes")]


async def test_leaving_both_as_they_are_is_the_first_answer(houses: Houses) -> None:
    async with visiting(houses.alpha) as visit:
        await visit.unlock()
        await open_patient(visit, "lucie", "1958-03-12")
        await visit.press("u")
        room = await visit.on(MergeRoom)
        await visit.write("paul")
        paul = PatientSummary(houses.paul, "Martin", ("Paul",), "1949-11-30", "male")
        await visit.until(lambda: list(room.listing.items) == [paul])
        await visit.press("enter")
        await visit.on(Question)
        await visit.press("enter")
        await visit.on(MergeRoom)
    assert len(bodies(houses.alpha)) == 3


async def test_the_banner_says_why_somebody_could_be_confused(houses: Houses) -> None:
    async with visiting(houses.alpha) as visit:
        await visit.unlock()
        room = await open_patient(visit, "lucie", "1958-03-12")
        assert room.record is not None
        assert [(one.patient.birth_date, one.reason.value) for one in room.record.homonyms] == [
            ("1985-06-02", "same-names")
        ]
        assert "02/06/1985; " in room.query_one(Banner).words


def test_the_form_keeps_what_was_not_touched_and_what_it_has_no_field_for() -> None:
    body = PatientBody(
        "Petit", ("Luc",), "1960-02-03", ins="277010115400329", ins_oid="1.2.3", identity_attributes=("odd", "doubtful")
    )
    typed = begin(body)
    assert set(typed) == {field.name for field in FIELDS}
    assert fill(body, typed) == (body, {})
    typed |= {"is_doubtful": "", "is_homonym": "yes", "email": "l@example.org"}
    made, refused = fill(body, typed)
    assert (made.identity_attributes, made.email, refused) == (("odd", "homonym"), "l@example.org", {})
    assert made.ins_oid == "1.2.3"


def test_a_number_that_is_typed_is_taken_for_a_nir_unless_it_is_said_otherwise() -> None:
    body = PatientBody("Petit")
    assert fill(body, begin(body) | {"ins": "2 77 01 01 154 003 29"})[0].ins_oid == INS_NIR_OID
    typed = begin(body) | {"ins": "277010115400329", "ins_oid": INS_TEST_OID}
    assert fill(body, typed)[0].ins_oid == INS_TEST_OID
    numbered = fill(body, typed)[0]
    assert fill(numbered, begin(numbered) | {"ins": ""})[0] == body


async def test_a_status_that_needs_more_is_asked_about_before_it_is_saved(houses: Houses) -> None:
    async with visiting(houses.alpha) as visit:
        await visit.unlock()
        await open_patient(visit, "lucie", "1958-03-12")
        await visit.press("t")
        form = await visit.on(PatientForm)
        form.query_one(Form).put({"identity_status": "qualified", "is_homonym": "yes"})
        assert form.query_one("#field-identity_status", Choice).value == "qualified"
        assert form.query_one("#field-is_homonym", Flag).value
        await visit.press("ctrl+s")
        await visit.on(Question)
        await visit.press("right", "enter")
        await visit.on(RecordRoom)
    kept = bodies(houses.alpha)[houses.jeanne]
    assert (kept.identity_status, kept.identity_attributes) == ("qualified", ("homonym",))
