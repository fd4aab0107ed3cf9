"""Files on their way: in an export and back, in an extract to a colleague."""

import base64
import json
import os
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle

from localstore import exporting, importing, inspection, record
from localstore.bodies import MAX_DOCUMENT_BYTES, Body, DirectiveBody, DocumentBody, LetterBody
from localstore.database import rows, transaction
from localstore.documents import storing, stowing
from localstore.errors import AlreadyThere, BadInput
from localstore.import_errors import FileNotHere
from localstore.kinds import Kind
from localstore.practice import Practice
from sync.receiving import inbox, reception
from sync.sending import sharing
from tests import practices
from tests.documents.test_storing import bytes_of, keep
from tests.practices import NOON

LARGE = os.urandom(MAX_DOCUMENT_BYTES + 4321)


@pytest.fixture
def here(tmp_path: Path) -> Practice:
    """A practice."""
    return practices.make(tmp_path / "alpha")


def _filled(here: Practice) -> str:
    patient = practices.add_zoe(here).id
    keep(here, patient, b"%PDF-1.7 petit", "Petit")
    keep(here, patient, LARGE, "Grand")
    for body in (
        LetterBody("Courrier", "received", "Dr Beta", text="Voir le fichier", content=b"%PDF-1.7 lettre"),
        DirectiveBody(text="Pas de réanimation", media_type="application/pdf", content=b"%PDF-1.7 directives"),
    ):
        record.add(here, patient, body, "2025-01-02")
    return patient


def _files(here: Practice, patient: str) -> dict[tuple[str, str], bytes]:
    found = {}
    for entry in record.chart(here, patient).entries:
        attachment = stowing.attachment_of(entry.body)
        assert attachment is not None and not getattr(entry.body, "content", b"")
        found[entry.kind.value, attachment.digest] = bytes_of(here, attachment)
    return found


def _bodies(here: Practice, patient: str) -> set[Body]:
    return {entry.body for entry in record.chart(here, patient).entries}


def test_files_leave_and_come_back_equal(here: Practice, tmp_path: Path) -> None:
    """Out as a bundle that validates, and into another practice: the same bytes, the same bodies."""
    patient = _filled(here)
    file = tmp_path / "zoe.json"
    written = exporting.write_patient(here, patient, file)
    bundle = json.loads(file.read_bytes())
    Bundle.model_validate(bundle)
    binaries = [one["resource"] for one in bundle["entry"] if one["resource"]["resourceType"] == "Binary"]
    assert len(bundle["entry"]) == written.resources and file.stat().st_size == written.size
    assert LARGE in [base64.b64decode(one["data"]) for one in binaries] and len(binaries) == 4
    there = practices.make(tmp_path / "beta", "Beta", "10001234575")
    report = importing.import_paths(there, [file])
    assert not report.broken and report.patients == 1
    (other,) = rows(there.connection, "SELECT id FROM patient")
    assert _files(there, other[0].hex()) == _files(here, patient)
    assert _bodies(there, other[0].hex()) == _bodies(here, patient)
    assert importing.import_paths(there, [file]).added == 0
    again = exporting.write_patient(there, other[0].hex(), tmp_path / "again.json")
    assert again.resources == written.resources


def test_a_file_that_is_not_what_it_is_said_to_be_is_told(here: Practice, tmp_path: Path) -> None:
    """An altered Binary, or one that is missing: the entry comes without a file, which the report says; the Binary that
    came is kept as a resource of its own."""
    patient = practices.add_zoe(here).id
    keep(here, patient, b"%PDF-1.7 petit")
    bundle = json.loads(exporting.export_patient(here, patient).data)
    for name, change in (("altered", base64.b64encode(b"%PDF-1.7 autre").decode()), ("missing", None)):
        entries = [
            one | {"resource": one["resource"] | {"data": change}}
            if one["resource"]["resourceType"] == "Binary"
            else one
            for one in bundle["entry"]
            if change or one["resource"]["resourceType"] != "Binary"
        ]
        file = tmp_path / f"{name}.json"
        file.write_text(json.dumps(bundle | {"entry": entries}))
        there = practices.make(tmp_path / name, "Beta", "10001234575")
        report = importing.import_paths(there, [file])
        assert [type(one.error) for one in report.kept] == [FileNotHere]
        assert report.added == (3 if change else 2)
        (other,) = rows(there.connection, "SELECT id FROM patient")
        found = [one.body for one in record.chart(there, other[0].hex()).entries if one.kind is Kind.DOCUMENT]
        assert [isinstance(one, DocumentBody) and one.attachment for one in found] == [None]
        there.close()


def _changed(entry: dict[str, Any], data: str | None) -> dict[str, Any]:
    """The entry of a bundle; a Binary with other data."""
    if entry["resource"]["resourceType"] != "Binary":
        return entry
    return entry | {"resource": entry["resource"] | {"data": data}}


def test_an_export_does_not_write_over_a_file(here: Practice, tmp_path: Path) -> None:
    """Unless it is told to."""
    patient = practices.add_zoe(here).id
    file = tmp_path / "there.json"
    file.write_text("mine")
    with pytest.raises(AlreadyThere):
        exporting.write_patient(here, patient, file)
    assert file.read_text() == "mine"
    assert exporting.write_patient(here, patient, file, replace=True).resources == 1


def test_a_damaged_file_ends_an_export_without_a_trace(here: Practice, tmp_path: Path) -> None:
    """Whole or not at all."""
    patient = practices.add_zoe(here).id
    keep(here, patient, LARGE)
    with transaction(here.connection):
        here.connection.execute("DELETE FROM chunk WHERE place = 1")
    with pytest.raises(Exception, match="damaged"):
        exporting.write_patient(here, patient, tmp_path / "out.json")
    assert [one.name for one in tmp_path.iterdir()] == ["alpha"]


def test_files_travel_in_an_extract(tmp_path: Path) -> None:
    """A document, a letter and a directive arrive with their bytes; what is too large is named, and stays."""
    alpha, beta, of_beta, of_alpha = practices.two_desks(tmp_path)
    patient = _filled(alpha.practice)
    sharing.grant(
        alpha, patient, of_beta, kinds=(Kind.DOCUMENT, Kind.LETTER, Kind.DIRECTIVE), purpose="suivi",
        begins=NOON.date().isoformat(),
    )  # fmt: skip
    shared = sharing.share(alpha, patient, of_beta)
    assert (shared.entries, shared.too_large) == (3, ("Grand",))
    practices.carry(alpha, of_beta, beta, of_alpha)
    reception.collect(beta)
    (item,) = [one for one in inbox.listing(beta) if one.entries]
    taken = inbox.take(beta, item.id, new=True)
    assert taken.added == 3
    here, there = _files(alpha.practice, patient), _files(beta.practice, taken.patient)
    assert there == {key: data for key, data in here.items() if data != LARGE}
    assert inbox.take(beta, item.id, taken.patient).added == 0


def test_an_extract_of_large_files_alone_is_refused(tmp_path: Path) -> None:
    """Nothing is sealed."""
    alpha, _, of_beta, _ = practices.two_desks(tmp_path)
    patient = practices.add_zoe(alpha.practice).id
    keep(alpha.practice, patient, LARGE)
    sharing.grant(alpha, patient, of_beta, kinds=(Kind.DOCUMENT,), purpose="suivi", begins=NOON.date().isoformat())
    with pytest.raises(BadInput):
        sharing.share(alpha, patient, of_beta)


@pytest.mark.parametrize(
    "change",
    [
        "",
        "DELETE FROM chunk WHERE place = 1",
        "UPDATE attachment SET size = size + 1",
        "DELETE FROM chunk",
        "UPDATE chunk SET data = zeroblob(length(data))",
    ],
)
def test_inspection_looks_at_every_file(here: Practice, change: str) -> None:
    """`confrere verify` finds whatever is wrong with the pieces."""
    patient = practices.add_zoe(here).id
    keep(here, patient, LARGE)
    if change:
        with transaction(here.connection):
            here.connection.execute(change)
    assert inspection.documents(here.connection).is_sound == (not change)


def test_inspection_finds_what_nothing_refers_to(here: Practice) -> None:
    """A file without its entry, and an entry without its file."""
    patient = practices.add_zoe(here).id
    keep(here, patient, b"abc")
    with transaction(here.connection):
        owner = rows(here.connection, "SELECT num FROM patient")[0][0]
        storing.put(here.connection, owner, b"def", bytes(16))
    assert not inspection.documents(here.connection).is_sound
    with transaction(here.connection):
        here.connection.execute("DELETE FROM chunk")
        here.connection.execute("DELETE FROM attachment")
    assert not inspection.documents(here.connection).is_sound
