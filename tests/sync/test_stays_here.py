"""Appointments never leave the practice: not by consent, not by mistake, not in anybody's extract. Recalls may."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from localstore import consents, exporting, importing, patients, record
from localstore.agenda import appointments, family, moments
from localstore.bodies import AppointmentBody, OtherBody, PatientBody, ProblemBody, RecallBody, RelativeBody
from localstore.correspondence import ReceivedState
from localstore.errors import BadInput
from localstore.kinds import STAYS_HERE, Kind
from localstore.model import Entry
from localstore.terms import Terms
from localstore.values import Concept
from sync.papers import soundness
from sync.papers.documents import Extract
from sync.receiving import inbox, reception
from sync.sending import extract, gate, sharing
from tests import practices
from tests.localstore.test_importing import PATIENT, bundle
from tests.sync.test_desk import Pair

VISIT = AppointmentBody(reason="renouvellement secret")


@pytest.fixture
def both(tmp_path: Path) -> Pair:
    return Pair(tmp_path)


def booked(both: Pair) -> Entry:
    """An appointment of Zoé's at alpha."""
    return appointments.book(both.alpha.practice, both.zoe.id, moments.begin("2026-03-02", "9:30"), VISIT).entry


def test_a_consent_cannot_name_them(both: Pair) -> None:
    with pytest.raises(BadInput, match="never leave"):
        sharing.grant(both.alpha, both.zoe.id, both.of_beta, purpose="soins", kinds=(Kind.PROBLEM, Kind.APPOINTMENT))
    assert not STAYS_HERE & set(consents.DEFAULT_KINDS)


def test_no_extract_holds_one(both: Pair) -> None:
    booked(both)
    recall = record.add(both.alpha.practice, both.zoe.id, RecallBody(Concept("HbA1c")), "2026-06")
    shared = both.share()
    assert (shared.entries, shared.left_out) == (4, 2)  # as without it: nothing tells that there is one
    both.carry()
    reception.collect(both.beta)
    (item,) = inbox.listing(both.beta)
    assert {entry.kind for entry in item.entries} == {Kind.ALLERGY, Kind.PROBLEM, Kind.MEDICATION, Kind.RECALL}
    assert recall in item.entries
    assert b"renouvellement secret" not in msgspec.json.encode(item)


def test_the_gate_lets_none_through_even_where_a_consent_names_them(both: Pair) -> None:
    entry = booked(both)
    of_import = msgspec.structs.replace(entry, id="a" * 32, version="a" * 32, body=OtherBody("Appointment", "RDV"))
    terms = Terms(tuple(Kind), "soins", "oral", "Dr Alpha", "2026-03-01", restricted=(entry.id,))
    assert gate.select(terms, [entry, of_import, both.problem]) == gate.Passed((both.problem,), 0)
    assert not gate.covers(terms, entry, frozenset())


def test_an_appointment_that_was_imported_stays_too(tmp_path: Path) -> None:
    alpha, _, of_beta, _ = practices.two_desks(tmp_path)
    visit = {
        "resourceType": "Appointment",
        "id": "a1",
        "status": "booked",
        "start": "2026-03-02T09:30:00+01:00",
        "end": "2026-03-02T09:45:00+01:00",
        "description": "renouvellement secret",
        "participant": [{"actor": {"reference": "urn:uuid:p1"}, "status": "accepted"}],
    }
    file = tmp_path / "in.json"
    file.write_bytes(bundle(PATIENT, visit))
    importing.import_paths(alpha.practice, [file])
    (one,) = patients.listing(alpha.record)
    chart = record.chart(alpha.practice, one.id)
    terms = Terms(tuple(Kind), "soins", "oral", "Dr Alpha", "2026-03-01")
    assert gate.select(terms, chart.entries).entries == ()


def test_a_colleague_who_sends_one_is_not_believed(both: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    visit = msgspec.structs.replace(both.problem, body=VISIT, date="2026-03-02T09:30:00+01:00")
    assert "appointment" in soundness.fault_of_entry(visit)
    genuine = extract.build

    def altered(*arguments: Any, **more: Any) -> Extract:
        made = genuine(*arguments, **more)
        sent = msgspec.structs.replace(visit, patient=made.patient_id)
        return msgspec.structs.replace(made, entries=(*made.entries[:1], sent))

    monkeypatch.setattr(extract, "build", altered)
    both.share()
    both.carry()
    collected = reception.collect(both.beta)
    assert (collected.extracts, collected.set_aside) == (0, 1)
    (item,) = inbox.listing(both.beta)
    assert item.state is ReceivedState.SET_ASIDE
    assert "appointment" in item.reason
    assert item.entries == ()


def test_a_relative_travels_without_the_link_to_his_record(both: Pair) -> None:
    """That he is a patient here is nobody else's business; and what comes back is still ours."""
    son = record.add_patient(both.alpha.practice, PatientBody("Dupont", ("Luc",), "1985-01-02", "male"))
    (link,) = family.link(both.alpha.practice, both.zoe.id, son.id, "fils")
    both.share()
    both.carry()
    reception.collect(both.beta)
    (item,) = inbox.listing(both.beta)
    (sent,) = [one for one in item.entries if one.id == link.id]
    assert isinstance(sent.body, RelativeBody)
    assert (sent.body.name, sent.body.patient) == ("Dupont Luc", "")
    theirs = inbox.take(both.beta, item.id, new=True).patient
    sharing.grant(both.beta, theirs, both.of_alpha, purpose="soins")
    sharing.share(both.beta, theirs, both.of_alpha)
    both.carry_back()
    reception.collect(both.alpha)
    taken = inbox.take(both.alpha, inbox.listing(both.alpha)[0].id, both.zoe.id)
    assert (taken.added, taken.competing) == (0, 0)
    (relative,) = family.relatives(both.alpha.practice, both.zoe.id)
    assert relative.linked is not None and relative.linked.id == son.id


def test_a_link_that_a_colleague_names_is_not_taken_over(both: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """He knows the identifiers of patients of whom he was told: his link must not lead to one of them."""
    both.share()
    both.carry()
    reception.collect(both.beta)
    theirs = inbox.take(both.beta, inbox.listing(both.beta)[0].id, new=True).patient
    record.add(both.beta.practice, theirs, RelativeBody("Luc", patient=both.zoe.id))
    sharing.grant(both.beta, theirs, both.of_alpha, purpose="soins")
    monkeypatch.setattr(extract, "travelling", lambda body: body)
    sharing.share(both.beta, theirs, both.of_alpha)
    monkeypatch.undo()
    both.carry_back()
    reception.collect(both.alpha)
    (item,) = inbox.listing(both.alpha)
    assert [one.body.patient for one in item.entries if isinstance(one.body, RelativeBody)] == [both.zoe.id]
    inbox.take(both.alpha, item.id, both.zoe.id)
    (relative,) = family.relatives(both.alpha.practice, both.zoe.id)
    assert (relative.linked, relative.body.patient) == (None, "")


def test_the_patients_own_export_holds_them(both: Pair) -> None:
    """It is the patient's right to have everything (RGPD art. 15 and 20)."""
    booked(both)
    record.add(both.alpha.practice, both.zoe.id, ProblemBody(Concept("Toux")))
    made = exporting.export_patient(both.alpha.practice, both.zoe.id)
    kinds = [one["resource"]["resourceType"] for one in msgspec.json.decode(made.data)["entry"]]
    assert "renouvellement secret" in made.data.decode()
    assert "Patient" in kinds
