"""The agenda, recalls, competing versions and family links from the command line."""

import csv
import io
import os
from pathlib import Path
from typing import Any

import pytest

from localstore import practice as practices
from localstore import record
from localstore.bodies import PatientBody
from tests.cli.running import PASSPHRASE, ask, at, run
from tests.cli.test_users import add as add_user

DAY = "2031-03-03"  # no day on which clocks change, in any zone
SECRETARY = "la phrase de passe du secretariat, longue"


def book(practice: Path, time: str = "9h30", *more: str) -> Any:
    """An appointment of Zoé's."""
    return ask(practice, "agenda", "book", "dupont", "3/3/2031", time, *more)


def read_csv(text: str) -> list[list[str]]:
    """The cells of a table for a spreadsheet."""
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=";"))


def test_a_day_is_booked_moved_and_told(practice: Path) -> None:
    made = book(practice, "9h30", "--reason", "=cmd|' /C calc'!A0", "--minutes", "20")
    assert (made["begins"][:16], made["minutes"], made["at_the_same_time"]) == (f"{DAY}T09:30", 20, [])
    second = run("--practice", practice, "agenda", "book", "dupont", DAY, "9:40")
    assert second.code == 0
    assert "At the same time: 09:30" in second.err
    day = ask(practice, "agenda", DAY)
    assert [one["overlaps"] for one in day["appointments"]] == [True, True]
    assert [(one["begins"][11:16], one["ends"][11:16]) for one in day["free"]] == [
        ("08:00", "09:30"),
        ("09:55", "19:00"),
    ]
    moved = ask(practice, "agenda", "move", made["version"][:16], DAY, "14h")
    assert (moved["id"], moved["begins"][11:16], moved["minutes"]) == (made["id"], "14:00", 20)
    table = at(practice, "agenda", "day", DAY, "--from", "9:00", "--until", "12:00")
    assert "▲" not in table.out
    assert "Free: 09:00–09:40, 09:55–12:00" in table.err
    rows = read_csv(at(practice, "agenda", DAY, "--csv").out)
    assert [row[1] for row in rows[1:]] == ["09:40", "14:00"]
    assert rows[2][6] == "'=cmd|' /C calc'!A0"


@pytest.mark.long
def test_what_came_of_appointments(practice: Path) -> None:
    reference = book(practice)["version"]
    for word, state in (("arrived", "arrived"), ("done", "fulfilled"), ("undo", "booked"), ("noshow", "noshow")):
        assert ask(practice, "agenda", word, reference)["state"] == state  # by the identifier of the first version
    cancelled = run("--practice", practice, "agenda", "cancel", reference)
    assert cancelled.code == 5
    assert [one["state"] for one in ask(practice, "agenda", "patient", "dupont", "--noshow")] == ["noshow"]
    book(practice, "10:00")
    told = at(practice, "agenda", "patient", "dupont")
    assert "Did not come: 1 of 2." in told.err
    moved = run("--practice", practice, "agenda", "move", reference, DAY, "15:00")
    assert (moved.code, "still waits" in moved.err) == (5, True)


@pytest.mark.long
def test_what_cannot_be_booked_is_refused(practice: Path) -> None:
    for words in (
        ("dupont", "soon", "9:30"),
        ("dupont", DAY, "25:00"),
        ("dupont", DAY, "9:30", "--minutes", "0"),
        ("nobody", DAY, "9:30"),
    ):
        assert run("--practice", practice, "agenda", "book", *words).code == 5, words
    assert run("--practice", practice, "agenda", "boook", "dupont").code == 2
    assert ask(practice, "agenda", DAY)["appointments"] == []


def test_in_paris_the_hour_that_is_left_out_is_refused(practice: Path) -> None:
    paris = {"TZ": "Europe/Paris"}
    assert run("--practice", practice, "agenda", "book", "dupont", "2031-03-30", "2:30", more=paris).code == 5
    made = ask(practice, "agenda", "book", "dupont", "2031-10-26", "23:30", more=paris)
    assert made["begins"] == "2031-10-26T23:30:00+01:00"
    (one,) = ask(practice, "agenda", "2031-10-26", "--until", "23:59", more=paris)["appointments"]
    assert one["id"] == made["id"]


@pytest.mark.long
def test_a_secretary_keeps_the_agenda_and_sees_no_recalls(practice: Path) -> None:
    at(practice, "add", "dupont", "problem", "--text", "Secret médical")
    add_user(practice, "Mme Zeta", "secretary", SECRETARY)
    made = ask(practice, "agenda", "book", "dupont", DAY, "9:30", passphrase=SECRETARY)
    assert made["practitioner"] == "Dr Alpha"
    assert ask(practice, "agenda", "arrived", made["version"], passphrase=SECRETARY)["state"] == "arrived"
    day = at(practice, "agenda", DAY, passphrase=SECRETARY)
    assert "Dupont".upper() in day.out and "Secret" not in day.out
    for words in (("recalls",), ("recalls", "suggest", "dupont"), ("family", "dupont")):
        refused = run("--practice", practice, *words, passphrase=SECRETARY)
        assert (refused.code, refused.out) == (4, "")


def test_recalls_are_listed_done_and_come_again(practice: Path) -> None:
    for due, every in (("2020-05", 0), ("2024-01-15", 3), ("2999", 0)):
        body = f'{{"concept": {{"text": "Rappel {due}"}}, "every_months": {every}}}'
        at(practice, "add", "dupont", "recall", "--date", due, "--body", body)
    listed = ask(practice, "recalls")
    assert [one["standing"] for one in listed] == ["overdue", "overdue"]
    assert [one["body"]["concept"]["text"] for one in listed] == ["Rappel 2020-05", "Rappel 2024-01-15"]
    assert len(ask(practice, "recalls", "--until", "2999")) == 3
    assert len(ask(practice, "recalls", "--until", "2999", "--overdue")) == 2
    made = ask(practice, "recalls", "done", listed[1]["version"], "--on", "20/2/2024")
    assert made["next"]["date"] == "2024-05-20"
    assert ask(practice, "recalls", "done", listed[0]["version"])["next"] is None
    (one,) = ask(practice, "recalls", "list")
    cancelled = run("--practice", practice, "recalls", "done", listed[0]["version"])
    assert (cancelled.code, "does not wait" in cancelled.err) == (5, True)
    at(practice, "recalls", "cancel", one["version"], "--reason", "déménagement")
    assert ask(practice, "recalls") == []
    rows = read_csv(at(practice, "recalls", "--until", "2999", "--csv").out)
    assert rows[1][3] == "Rappel 2999"
    history = at(practice, "history").out
    assert "recalls of the practice read" in history


def test_the_dead_are_listed_only_where_they_are_asked_for(practice: Path) -> None:
    at(practice, "add", "dupont", "recall", "--date", "2020-05", "--text", "Mammographie")
    assert len(ask(practice, "recalls")) == 1
    at(practice, "patient", "amend", "dupont", "--deceased", "2024-02-01")
    assert ask(practice, "recalls", "--until", "2999") == []
    assert len(read_csv(at(practice, "recalls", "--until", "2999", "--csv").out)) == 1
    (one,) = ask(practice, "recalls", "--deceased")
    assert one["patient"]["deceased"] == "2024-02-01"
    headings, row = read_csv(at(practice, "recalls", "--deceased", "--csv").out)
    assert len(headings) == len(row) and "2024" in row[-1]


@pytest.mark.long
def test_suggestions_are_written_only_when_accepted(practice: Path) -> None:
    found = ask(practice, "recalls", "suggest", "dupont")
    assert all(one["source"] for one in found)
    before = ask(practice, "record", "dupont")["entries"]
    assert before == []
    (number,) = [one["number"] for one in found if "grippe" in one["label"]]
    (made,) = ask(practice, "recalls", "suggest", "dupont", "--accept", str(number))
    assert (made["kind"], made["body"]["every_months"]) == ("recall", 12)
    assert len(ask(practice, "recalls", "suggest", "dupont")) == len(found) - 1
    assert run("--practice", practice, "recalls", "suggest", "dupont", "--accept", "99").code == 5


def compete(practice: Path) -> tuple[Any, Any]:
    """Two versions of one entry that both stand."""
    first = ask(practice, "add", "dupont", "problem", "--text", "Asthme")
    return (
        ask(practice, "amend", first["version"], "--note", "léger"),
        ask(practice, "amend", first["version"], "--note", "sévère"),
    )


def test_competing_versions_are_settled(practice: Path) -> None:
    light, severe = compete(practice)
    assert "confrere settle" in at(practice, "record", "dupont").err
    settled = ask(practice, "settle", light["id"][:16], severe["version"][:16])
    assert sorted(settled["parents"]) == sorted([light["version"], severe["version"]])
    told = at(practice, "record", "dupont")
    assert "confrere settle" not in told.err
    (one,) = ask(practice, "record", "dupont")["entries"]
    assert (one["body"]["note"], one["competing"]) == ("sévère", False)
    assert len(ask(practice, "record", "dupont", "--all-versions")["entries"]) == 4  # nothing is lost
    again = run("--practice", practice, "settle", light["id"], severe["version"])
    assert (again.code, "does not compete" in again.err) == (5, True)
    assert "competing versions settled" in at(practice, "history").out


@pytest.mark.long
def test_a_version_of_another_entry_settles_nothing(practice: Path) -> None:
    light, severe = compete(practice)
    other = ask(practice, "add", "dupont", "problem", "--text", "Toux")
    assert run("--practice", practice, "settle", other["id"], severe["version"]).code == 5
    assert run("--practice", practice, "settle", "ffffffff", severe["version"]).code == 5
    assert "confrere settle" in at(practice, "record", "dupont").err


@pytest.mark.long
def test_competing_identities_are_settled(practice: Path) -> None:
    first = ask(practice, "record", "dupont")["patient"]
    ask(practice, "patient", "amend", "dupont", "--phone", "0199000001")
    # A second version of the same parent, as a second window would leave it.
    here = practices.unlock(practice, PASSPHRASE)
    record.amend(
        here, first["version"], PatientBody("Dupont-Martin", ("Zoé",), "1958-07-03", "female", phone="0199000002")
    )
    here.close()
    both = ask(practice, "record", "dupont")["competing_identities"]
    assert len(both) == 2
    settled = ask(practice, "settle", first["id"], both[0])
    assert ask(practice, "record", "dupont")["competing_identities"] == []
    assert ask(practice, "record", "dupont")["patient"]["phone"] == settled["body"]["phone"]


def test_relatives_who_are_patients_are_linked(practice: Path) -> None:
    son = ask(
        practice, "patient", "new", "--family", "Dupont", "--given", "Luc", "--birth", "1985-01-02", "--sex", "male"
    )
    (made,) = ask(practice, "family", "zoe", "--link", son["id"], "--as", "fils", "--back")
    assert (made["linked"]["id"], made["linked_back"]) == (son["id"], True)
    (back,) = ask(practice, "family", son["id"])
    assert (back["body"]["relationship"]["text"], back["linked"]["family_name"]) == ("mère", "Dupont-Martin")
    twice = run("--practice", practice, "family", "zoe", "--link", son["id"], "--as", "fils")
    assert (twice.code, "linked already" in twice.err) == (5, True)
    assert run("--practice", practice, "family", "zoe", "--link", "zoe", "--as", "soi").code == 5
    assert run("--practice", practice, "family", "zoe", "--link", son["id"]).code == 5


def test_a_table_for_a_spreadsheet_is_not_cut_by_a_reader_who_stops(practice: Path) -> None:
    book(practice)
    reading, writing = os.pipe()
    os.close(reading)
    ended = run("--practice", practice, "agenda", DAY, "--csv", stdout=writing)
    os.close(writing)
    assert (ended.code, ended.err) == (141, "")
