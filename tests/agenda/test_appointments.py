"""Appointments, recalls and family links of a real practice."""

import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from localstore import history, practice, record, roles, staff
from localstore.agenda import appointments, due, family, moments, planned, recalls
from localstore.agenda import day as rules
from localstore.agenda.appointments import Booked
from localstore.bodies import AppointmentBody, PatientBody, ProblemBody, RecallBody, RelativeBody
from localstore.emergency import door
from localstore.errors import BadInput, NotYourRole, UnknownEntry, UnknownPatient
from localstore.identities import merging
from localstore.keys.keyring import MIN_MEMORY
from localstore.kinds import Provenance, Sensitivity
from localstore.model import Entry
from localstore.practice import Practice
from localstore.values import Concept
from tests import practices
from tests.practices import SteppingClock

DAY = "2026-03-03"
SECRET = "la phrase de passe du secretariat"  # noqa: S105
PAUL = PatientBody("Martin", ("Paul",), "1949-11-30", "male", phone="0199000000")


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Practice]:
    made = practices.make(tmp_path / "practice")
    yield made
    made.close()


@pytest.fixture
def zoe(here: Practice) -> Entry:
    return practices.add_zoe(here)


def book(here: Practice, patient: Entry, time: str, minutes: int = 15, day: str = DAY, who: str = "") -> Booked:
    """An appointment."""
    body = AppointmentBody(minutes=minutes, practitioner=who, reason="contrôle")
    return appointments.book(here, patient.id, moments.begin(day, time), body)


def times(here: Practice, day: str = DAY) -> list[str]:
    """When somebody comes on a day."""
    return [
        moments.clock_of(one.appointment.begins) for one in appointments.on_day(here, day) if one.appointment.begins
    ]


def as_secretary(here: Practice) -> Practice:
    """The practice, opened by its secretary."""
    staff.add(here, "Mme Zeta", roles.SECRETARY, SECRET, memory=MIN_MEMORY)
    return practice.unlock(here.folder, SECRET, clock=SteppingClock())


# --- appointments ---------------------------------------------------------------------------------------------------


def test_a_day_holds_what_was_booked_for_it_in_order(here: Practice, zoe: Entry) -> None:
    for clock, day in (("11:00", DAY), ("9:30", DAY), ("9:00", "2026-03-04")):
        book(here, zoe, clock, day=day)
    assert times(here) == ["09:30", "11:00"]
    (first, _) = appointments.on_day(here, DAY)
    assert (first.patient.id, first.patient.identity) == (zoe.id, practices.ZOE)
    assert first.appointment.body.practitioner == "Dr Alpha"


def test_two_at_the_same_time_are_told_of_and_are_possible(here: Practice, zoe: Entry) -> None:
    paul = record.add_patient(here, PAUL)
    first = book(here, zoe, "9:30", 30)
    body = AppointmentBody()
    (met,) = appointments.at_the_same_time(here, moments.begin(DAY, "9:45"), body)
    assert met.appointment.entry == first.entry
    second = book(here, paul, "9:45")
    assert [one.patient.id for one in second.colliding] == [zoe.id]
    assert times(here) == ["09:30", "09:45"]
    assert book(here, paul, "9:45", who="Dr Beta").colliding == ()


def test_an_appointment_does_not_meet_itself_when_it_moves(here: Practice, zoe: Entry) -> None:
    entry = book(here, zoe, "9:30", 30).entry
    assert appointments.at_the_same_time(here, moments.begin(DAY, "9:40"), AppointmentBody(), entry.version) == ()
    moved = appointments.move(here, entry.version, moments.begin("2026-03-05", "9:40"), 20)
    assert (moved.colliding, moved.entry.id, moved.entry.parents) == ((), entry.id, (entry.version,))
    assert (times(here), times(here, "2026-03-05")) == ([], ["09:40"])
    with pytest.raises(BadInput, match="changed meanwhile"):  # another window has the old version still
        appointments.move(here, entry.version, moments.begin(DAY, "9:40"))


@pytest.mark.parametrize("state", sorted(rules.NEXT))
def test_only_what_may_follow_follows(here: Practice, zoe: Entry, state: str) -> None:
    for wanted in sorted(rules.NEXT):
        entry = record.add(here, zoe.id, AppointmentBody(state=state), moments.begin(DAY, "9:30"))
        if wanted in rules.NEXT[state]:
            made = appointments.mark(here, entry.version, wanted)
            assert isinstance(made.body, AppointmentBody)
            assert made.body.state == wanted
        else:
            with pytest.raises(BadInput, match="cannot become"):
                appointments.mark(here, entry.version, wanted)
        if state != rules.BOOKED:
            with pytest.raises(BadInput):
                appointments.move(here, entry.version, moments.begin(DAY, "10:00"))


def test_what_was_missed_is_told(here: Practice, zoe: Entry) -> None:
    appointments.mark(here, book(here, zoe, "9:30").entry.version, rules.NOSHOW)
    book(here, zoe, "8:00")
    found = appointments.of_patient(here, zoe.id)
    assert [one.body.state for one in found] == ["booked", "noshow"]
    assert [one.body.state for one in appointments.missed(found)] == ["noshow"]
    with pytest.raises(UnknownPatient):
        appointments.of_patient(here, "f" * 32)


@pytest.mark.parametrize(
    "date", ["2026-03-03T08:30:00Z", "2026-03-02T22:30:00-10:00", "2026-03-04T07:45:00+14:00", DAY]
)
def test_what_an_import_wrote_elsewhere_is_on_its_local_day(here: Practice, zoe: Entry, date: str) -> None:
    record.add(here, zoe.id, AppointmentBody(), date)
    assert len(appointments.on_day(here, moments.day_of(date))) == 1
    assert moments.day_of(date) in (DAY, "2026-03-02", "2026-03-04")


def test_a_retracted_appointment_is_gone_from_the_day(here: Practice, zoe: Entry) -> None:
    entry = book(here, zoe, "9:30").entry
    record.retract(here, entry.version, "autre patient")
    assert times(here) == []
    with pytest.raises(BadInput):
        appointments.mark(here, entry.version, rules.ARRIVED)


def test_what_is_no_appointment_is_not_marked(here: Practice, zoe: Entry) -> None:
    problem = record.add(here, zoe.id, ProblemBody(Concept("Toux")))
    with pytest.raises(BadInput, match="not an appointment"):
        appointments.mark(here, problem.version, rules.ARRIVED)
    with pytest.raises(UnknownEntry):
        appointments.mark(here, "f" * 32, rules.ARRIVED)
    for minutes in (0, -1, rules.LONGEST + 1):
        with pytest.raises(BadInput, match="lasts"):
            book(here, zoe, "9:30", minutes)
    with pytest.raises(BadInput, match="day and a time"):
        appointments.book(here, zoe.id, DAY, AppointmentBody())
    assert times(here) == []


def test_a_secretary_keeps_the_agenda_and_reads_nothing_medical(here: Practice, zoe: Entry) -> None:
    record.add(here, zoe.id, ProblemBody(Concept("Secret")))
    recall = record.add(here, zoe.id, RecallBody(Concept("HbA1c")), "2026-01")
    there = as_secretary(here)
    entry = book(there, zoe, "9:30").entry
    assert isinstance(entry.body, AppointmentBody)
    assert entry.body.practitioner == "Dr Alpha"  # not the secretary
    appointments.mark(there, entry.version, rules.ARRIVED)
    assert times(there) == ["09:30"]
    assert [one.kind.value for one in record.open_chart(there, zoe.id).entries] == ["appointment"]
    for forbidden in (
        lambda: recalls.waiting(there),
        lambda: recalls.suggested(there, zoe.id),
        lambda: recalls.done(there, recall.version),
        lambda: recalls.cancel(there, recall.version),
        lambda: family.relatives(there, zoe.id),
        lambda: family.link(there, zoe.id, zoe.id, "mère"),
        lambda: family.known_colleagues(there),
        lambda: appointments.mark(there, record.chart(here, zoe.id).entries[0].version, rules.ARRIVED),
    ):
        with pytest.raises((NotYourRole, BadInput)):
            forbidden()
    there.close()
    assert [one.state for one in (record.chart(here, zoe.id).entries[1].body,) if isinstance(one, RecallBody)] == [
        "due"
    ]


def test_the_records_of_one_person_share_an_agenda(here: Practice, zoe: Entry) -> None:
    twin = record.add_patient(here, practices.ZOE)
    book(here, twin, "9:30")
    record.add(here, twin.id, RecallBody(Concept("HbA1c")), "2026-01")
    merging.merge(here, zoe.id, twin.id, "doublon")
    assert [one.patient.id for one in appointments.on_day(here, DAY)] == [zoe.id]
    assert [one.patient.id for one in recalls.waiting(here)] == [zoe.id]
    assert len(appointments.of_patient(here, zoe.id)) == 1


def test_of_three_records_that_are_one_the_last_is_shown(here: Practice) -> None:
    one, two, three = (record.add_patient(here, PatientBody(name, ("Zoé",), "1958-07-03")) for name in ("A", "B", "C"))
    book(here, one, "9:30")
    record.add(here, one.id, RecallBody(Concept("Mammographie")), "2025-01")
    merging.merge(here, two.id, one.id, "doublon")
    merging.merge(here, three.id, two.id, "doublon")
    (visit,) = planned.appointments(here.connection, "2026-03-03", "2026-03-04")
    (recall,) = planned.recalls(here.connection, "2026-03-03")
    assert visit.person == recall.person == planned.Person(three.id, PatientBody("C", ("Zoé",), "1958-07-03"))


def test_the_emergency_export_holds_no_appointment(here: Practice, zoe: Entry, tmp_path: Path) -> None:
    entry = appointments.book(here, zoe.id, moments.begin(DAY, "9:30"), AppointmentBody(reason="motif-secret")).entry
    door.write(here, zoe.id, tmp_path / "out")
    ips = (tmp_path / "out" / "ips.json").read_text()
    assert "motif-secret" not in ips and entry.id not in ips and '"Appointment"' not in ips


def test_a_day_is_found_by_its_index(here: Practice) -> None:
    for statement in (planned._APPOINTMENTS, planned._RECALLS):
        places = ("", "") if statement is planned._APPOINTMENTS else ("", *planned._OVER)
        plan = here.connection.execute("EXPLAIN QUERY PLAN " + statement, places).fetchall()
        assert any("appointment_on" in str(step) or "recall_on" in str(step) for step in plan), plan


# --- recalls --------------------------------------------------------------------------------------------------------


def waiting(here: Practice, until: str = "") -> list[str]:
    """What waits."""
    return [one.body.concept.label for one in recalls.waiting(here, until)]


def test_what_is_due_is_listed_oldest_first_and_the_reading_told(here: Practice, zoe: Entry) -> None:
    for label, date in (
        ("d", "2026-03-02"),
        ("b", "2026-02-28"),
        ("a", "2019"),
        ("c", "2026-03-01"),
        ("e", "2026-03-02T10:00"),
    ):
        record.add(here, zoe.id, RecallBody(Concept(label)), date)
    assert waiting(here) == ["a", "b", "c"]
    assert waiting(here, "2026-03-02") == ["a", "b", "c", "d", "e"]
    assert [one.body.concept.label for one in recalls.waiting(here, overdue_only=True)] == ["a", "b"]
    assert [one.action for one in history.lines(here.connection)].count("recalls-read") == 3
    with pytest.raises(BadInput):
        recalls.waiting(here, "soon")


def test_what_was_done_comes_again_and_is_counted_from_then(here: Practice, zoe: Entry) -> None:
    made = record.add(
        here, zoe.id, RecallBody(Concept("HbA1c"), every_months=3, note="à jeun"), "2026-01", Sensitivity.RESTRICTED
    )
    done = recalls.done(here, made.version, "2026-02-27")
    assert done.following is not None
    assert done.following.body == RecallBody(Concept("HbA1c"), every_months=3, note="à jeun")
    assert (done.following.date, done.following.sensitivity) == ("2026-05-27", Sensitivity.RESTRICTED)
    assert done.entry.body == RecallBody(Concept("HbA1c"), due.DONE, "2026-02-27", 3, note="à jeun")
    with pytest.raises(BadInput, match="does not wait"):  # not twice: there would be two to come
        recalls.done(here, done.entry.version)
    with pytest.raises(BadInput, match="does not wait"):
        recalls.done(here, made.version)


def test_words_about_a_state_are_not_taken_for_it(here: Practice, zoe: Entry) -> None:
    record.add(here, zoe.id, RecallBody(Concept("state done"), note="\u00a5state\u00a4done state cancelled"), "2026-01")
    for state in (due.DONE, due.CANCELLED):
        record.add(here, zoe.id, RecallBody(Concept("HbA1c"), state), "2026-01")
    assert waiting(here) == ["state done"]
    assert len(planned.recalls(here.connection, "9999")) == 1


@pytest.mark.parametrize("on", ["2026-03-02", "2027", "yesterday"])
def test_nothing_is_done_in_the_future(here: Practice, zoe: Entry, on: str) -> None:
    made = record.add(here, zoe.id, RecallBody(Concept("HbA1c")), "2026-01")
    with pytest.raises(BadInput):
        recalls.done(here, made.version, on)
    assert waiting(here) == ["HbA1c"]


def test_suggestions_are_written_by_a_person_alone(here: Practice, zoe: Entry) -> None:
    before = record.chart(here, zoe.id).entries
    found = recalls.suggested(here, zoe.id)
    assert record.chart(here, zoe.id).entries == before
    (made,) = recalls.accept(here, zoe.id, found[:1])
    assert (made.date, made.author.name) == (found[0].due, "Dr Alpha")
    assert found[0] not in recalls.suggested(here, zoe.id)


def test_nobody_calls_the_dead(here: Practice, zoe: Entry) -> None:
    record.add(here, zoe.id, RecallBody(Concept("Mammographie")), "2026-01")
    record.amend(
        here, zoe.version, PatientBody("Dupont-Martin", ("Zoé",), "1958-07-03", "female", deceased="2026-02-01")
    )
    assert recalls.waiting(here) == () and recalls.waiting(here, "2999", overdue_only=True) == ()
    record.add(here, zoe.id, RecallBody(Concept("HbA1c")), "2027-01")
    one, later = recalls.waiting(here, of_deceased=True)
    assert later.standing is due.Standing.LATER
    recalls.cancel(here, later.entry.version)
    assert one.patient.identity.deceased == "2026-02-01"
    recalls.cancel(here, one.entry.version)
    assert recalls.waiting(here, of_deceased=True) == ()


def test_the_living_are_not_among_the_dead(here: Practice, zoe: Entry) -> None:
    record.add(here, zoe.id, RecallBody(Concept("Mammographie")), "2026-01")
    assert waiting(here) == ["Mammographie"] and recalls.waiting(here, of_deceased=True) == ()


def test_a_recall_of_a_moment_is_due_on_the_day_here(
    here: Practice, zoe: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    record.add(here, zoe.id, RecallBody(Concept("HbA1c")), "2026-03-01T23:30:00Z")
    monkeypatch.setenv("TZ", "Europe/Paris")
    time.tzset()
    try:
        assert (waiting(here), waiting(here, "2026-03-02")) == ([], ["HbA1c"])
    finally:
        monkeypatch.undo()
        time.tzset()


# --- family ---------------------------------------------------------------------------------------------------------


def test_a_link_is_followed_only_where_it_was_written_here(here: Practice, zoe: Entry) -> None:
    paul = record.add_patient(here, PAUL)
    made = family.link(here, zoe.id, paul.id, "frère", family.reverse("frère", "female"))
    assert [one.patient for one in made] == [zoe.id, paul.id]
    (of_zoe,), (of_paul,) = family.relatives(here, zoe.id), family.relatives(here, paul.id)
    assert of_zoe.linked is not None and of_zoe.linked.id == paul.id and of_zoe.back
    assert of_paul.body.relationship.label == "sœur"
    received = msgspec.structs.replace(made[0], provenance=Provenance.RECEIVED)
    assert family.linked_to(here, received) is None
    with pytest.raises(BadInput, match="linked already"):
        family.link(here, zoe.id, paul.id, "frère")
    gone = record.add(here, zoe.id, RelativeBody("X", patient="f" * 32))
    assert family.linked_to(here, gone) is None
    assert family.linked_to(here, record.add(here, zoe.id, RelativeBody("Y", patient="no identifier"))) is None


@pytest.mark.parametrize(
    ("word", "sex", "back"),
    [
        ("mère", "male", "fils"),
        ("Fils", "female", "mère"),
        ("grand-père", "other", "petit-enfant"),
        ("voisin", "male", ""),
    ],
)
def test_the_way_back_is_named_where_it_is_plain(word: str, sex: str, back: str) -> None:
    assert family.reverse(word, sex) == back
