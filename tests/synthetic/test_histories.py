"""Histories as records: determinism, size, dates, sexes, what is written and what is kept apart."""

import re
import unicodedata
from collections import Counter
from datetime import date, timedelta

import pytest

from localstore.bodies import (
    AppointmentBody,
    CarerBody,
    ConsultationBody,
    DeviceBody,
    DirectiveBody,
    DocumentBody,
    FamilyHistoryBody,
    ImmunisationBody,
    LetterBody,
    MeasurementBody,
    MedicationBody,
    PatientBody,
    ProblemBody,
    ProcedureBody,
    RecallBody,
    RelativeBody,
    decode_body,
    encode_body,
)
from localstore.kinds import Sensitivity
from localstore.partial_date import is_date
from localstore.synthetic import generator, histories
from localstore.synthetic.draw import stream
from localstore.synthetic.generator import SyntheticPatient
from tests.synthetic.patients import (
    COUNT,
    SEED,
    TODAY,
    birth,
    bodies,
    every_text,
    last_day,
    patients,
    texts,
)

EVERYONE = patients()


def test_the_same_seed_gives_the_same_patients_however_many_are_asked_for() -> None:
    assert tuple(generator.patients(SEED, 40, TODAY)) == EVERYONE[:40]


def test_patients_are_the_people_of_the_same_seed() -> None:
    assert [patient.body for patient in EVERYONE] == list(generator.identities(SEED, COUNT, TODAY))


def test_another_day_tells_another_story() -> None:
    assert next(generator.patients(SEED, 1, date(2020, 3, 1))) != EVERYONE[0]


def test_no_two_patients_have_the_same_history() -> None:
    assert len({patient.entries for patient in EVERYONE}) == COUNT


def test_a_record_has_5_to_120_entries_and_more_with_age() -> None:
    counts = [len(patient.entries) for patient in EVERYONE]
    assert min(counts) >= 5 and max(counts) <= 120
    old = [len(p.entries) for p in EVERYONE if birth(p).year < 1955]
    young = [len(p.entries) for p in EVERYONE if 1985 < birth(p).year < 2006]
    assert sum(old) / len(old) > 1.5 * sum(young) / len(young)


@pytest.mark.parametrize("day", [date(2026, 11, 21), date(2024, 2, 29), date(2027, 1, 1)])
@pytest.mark.parametrize("days", [0, 1, 2, 5, 9, 20, 45])
@pytest.mark.parametrize("sex", ["male", "female"])
def test_the_newborn_of_any_day_has_a_record(day: date, days: int, sex: str) -> None:
    body = PatientBody(family_name="Martin", sex=sex, birth_date=(day - timedelta(days=days)).isoformat())
    for order in range(20):
        entries = histories.write(body, stream("newborn", order), day)
        assert 5 <= len(entries) <= 40
        assert {entry.date for entry in entries} <= {(day - timedelta(days=n)).isoformat() for n in range(days + 1)}


def test_every_body_can_be_stored_and_read_again() -> None:
    for patient in EVERYONE:
        for entry in patient.entries:
            assert decode_body(encode_body(entry.body)) == entry.body


def test_entries_are_in_the_order_of_their_dates() -> None:
    for patient in EVERYONE:
        dates = [entry.date for entry in patient.entries]
        assert dates == sorted(dates)


def dates_of(patient: SyntheticPatient) -> list[str]:
    """Every date that a record holds."""
    found = [entry.date for entry in patient.entries]
    for _, problem in bodies(patient, ProblemBody):
        found += [problem.onset, problem.abatement]
    for _, medication in bodies(patient, MedicationBody):
        found += [medication.start, medication.end]
    return [day for day in found if day]


def test_every_date_is_one() -> None:
    assert all(is_date(day) for patient in EVERYONE for day in dates_of(patient))


def test_nothing_happens_before_birth() -> None:
    for patient in EVERYONE:
        assert all(day >= patient.body.birth_date[: len(day)] for day in dates_of(patient))


def test_nothing_happens_after_the_last_day() -> None:
    for patient in EVERYONE:
        end = last_day(patient).isoformat()
        happened = [entry for entry in patient.entries if not isinstance(entry.body, RecallBody | AppointmentBody)]
        assert all(day <= end for day in dates_of(patient._replace(entries=tuple(happened)))), patient.body


def test_an_end_is_not_before_its_start() -> None:
    for patient in EVERYONE:
        for _, body in bodies(patient, MedicationBody):
            assert not body.end or body.end >= body.start[: len(body.end)]
        for _, problem in bodies(patient, ProblemBody):
            assert not problem.abatement or problem.abatement >= problem.onset[: len(problem.abatement)]


def test_what_is_over_says_when_and_what_is_not_does_not() -> None:
    for patient in EVERYONE:
        for _, body in bodies(patient, MedicationBody):
            assert (body.state in ("completed", "stopped")) == bool(body.end), body
        for _, problem in bodies(patient, ProblemBody):
            assert (problem.clinical_status == "resolved") == bool(problem.abatement), problem


def test_consultations_are_on_working_days() -> None:
    for patient in EVERYONE:
        for day, body in bodies(patient, ConsultationBody):
            if body.place != "Maternité":
                when = date.fromisoformat(day)
                assert when.weekday() != 6 and (when.month, when.day) not in {(12, 25), (1, 1), (5, 1), (7, 14)}


def test_two_consultations_are_days_apart() -> None:
    for patient in EVERYONE:
        days = [date.fromisoformat(day) for day, body in bodies(patient, ConsultationBody) if body.place != "Maternité"]
        assert all(b - a > timedelta(days=3) for a, b in zip(days, days[1:], strict=False))


def test_texts_hold_no_control_characters_and_no_holes() -> None:
    for patient in EVERYONE:
        for text in every_text(patient):
            assert not [
                c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Co", "Cs", "Zl", "Zp") and c != "\n"
            ]
            assert not re.search(r"[{}|]|  |\.\.|None|\(e\)| \.|,,", text), text


def test_only_documents_have_lines() -> None:
    for patient in EVERYONE:
        for entry in patient.entries:
            if not isinstance(entry.body, DocumentBody):
                assert not any("\n" in text for text in texts(entry))


def test_sentences_end_with_a_full_stop() -> None:
    for patient in EVERYONE:
        for _, body in bodies(patient, ConsultationBody):
            for text in (body.findings, body.conclusion, body.plan):
                assert not text or text.endswith((".", "?")), text


MALE = re.compile(r"prostat|HBP|PSA|vasectomie", re.IGNORECASE)
FEMALE = re.compile(
    r"grossesse|accouchement|césarienne|frottis|HPV de dépistage|mammographie|hystérectomie|contraception|"
    r"endométriose|ovarienne|vulv|post-ménopausique|règles (?!hygi)|utérin",
    re.IGNORECASE,
)


@pytest.mark.parametrize(("sex", "words"), [("female", MALE), ("male", FEMALE)])
def test_no_record_speaks_of_the_other_sex(sex: str, words: re.Pattern[str]) -> None:
    others = [patient for patient in EVERYONE if patient.body.sex == sex]
    assert [text for patient in others for text in every_text(patient) if words.search(text)] == []
    own = [patient for patient in EVERYONE if patient.body.sex != sex]
    assert any(words.search(text) for patient in own for text in every_text(patient))


def test_what_is_kept_apart_is_not_told_elsewhere() -> None:
    told_apart = 0
    for patient in EVERYONE:
        hidden = {
            entry.body.concept.text if isinstance(entry.body, ProblemBody) else entry.body.medicine.text
            for entry in patient.entries
            if entry.sensitivity is Sensitivity.RESTRICTED and isinstance(entry.body, ProblemBody | MedicationBody)
        }
        told_apart += len(hidden)
        open_texts = [text for e in patient.entries if e.sensitivity is Sensitivity.NORMAL for text in texts(e)]
        assert not [name for name in hidden for text in open_texts if name and name in text]
    assert told_apart > 5


def test_some_entries_are_kept_apart_and_most_are_not() -> None:
    restricted = [sum(e.sensitivity is Sensitivity.RESTRICTED for e in patient.entries) for patient in EVERYONE]
    assert 0.05 < sum(map(bool, restricted)) / COUNT < 0.4


def test_all_kinds_are_there() -> None:
    kinds = Counter(type(entry.body) for patient in EVERYONE for entry in patient.entries)
    for kind in (
        ProblemBody, MedicationBody, ImmunisationBody, MeasurementBody, ConsultationBody, ProcedureBody, DocumentBody,
    ):  # fmt: skip
        assert kinds[kind] > COUNT * 0.2, kind


def test_some_records_state_that_there_is_nothing_and_some_are_silent() -> None:
    def states(kind: type[MedicationBody] | type[ProblemBody]) -> Counter[str]:
        found: Counter[str] = Counter()
        for patient in EVERYONE:
            there = [body for _, body in bodies(patient, kind)]
            found["silent" if not there else "none" if any(body.none_known for body in there) else "some"] += 1
            assert len(there) == 1 or not any(body.none_known for body in there)
        return found

    for kind in (MedicationBody, ProblemBody):
        assert min(states(kind)[state] for state in ("silent", "none", "some")) > 3


# --- what surrounds a patient ----------------------------------------------------------------------------------------


def test_every_kind_that_a_practice_keeps_is_in_some_record() -> None:
    kinds = (
        RelativeBody,
        CarerBody,
        DeviceBody,
        DirectiveBody,
        FamilyHistoryBody,
        LetterBody,
        RecallBody,
        AppointmentBody,
    )
    found = Counter(type(entry.body) for patient in EVERYONE for entry in patient.entries)
    assert all(found[kind] for kind in kinds), found


def test_whom_the_identity_names_is_a_relative_to_call() -> None:
    for patient in EVERYONE:
        called = [(body.name, body.phone) for _, body in bodies(patient, RelativeBody) if body.to_call]
        assert called == [(one.name, one.phone) for one in patient.body.contacts]


def test_an_implant_is_as_old_as_its_operation() -> None:
    for patient in EVERYONE:
        days = {day for day, _ in bodies(patient, ProcedureBody)}
        assert all(day in days for day, device in bodies(patient, DeviceBody) if not device.none_known)


def test_an_answer_comes_after_its_letter_and_from_whom_it_was_sent_to() -> None:
    for patient in EVERYONE:
        letters = bodies(patient, LetterBody)
        sent = {one.correspondent: day for day, one in letters if one.direction == "sent"}
        answers = {one.correspondent: day for day, one in letters if one.direction == "received"}
        assert sent.keys() == answers.keys() and all(answers[name] > day for name, day in sent.items())


def test_the_dead_are_not_called_back_and_appointments_have_their_time() -> None:
    for patient in EVERYONE:
        planned = bodies(patient, RecallBody) + bodies(patient, AppointmentBody)
        assert not (patient.body.deceased and planned)
        for day, appointment in bodies(patient, AppointmentBody):
            assert len(day) == 16 and (appointment.state == "booked") is (day[:10] >= TODAY.isoformat())
        for _, recall in bodies(patient, RecallBody):
            assert (recall.state == "done") is bool(recall.done) and recall.done <= TODAY.isoformat()
