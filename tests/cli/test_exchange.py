"""`confrere import`, `export` and `emergency`."""

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import PASSPHRASE, ask, at, on_terminal, run

URN = "urn:uuid:00000000-0000-4000-8000-00000000000"
PATIENT = {"resourceType": "Patient", "id": "p", "name": [{"family": "Importé", "given": ["Léa"]}], "gender": "female"}
CONDITION = {"resourceType": "Condition", "id": "c", "subject": {"reference": URN + "1"}, "code": {"text": "Migraine"}}
BASIC = {"resourceType": "Basic", "id": "b", "code": {"text": "rien"}, "subject": {"reference": URN + "1"}}
REPORT = {
    "files",
    "patients",
    "resources",
    "added",
    "renewed",
    "unchanged",
    "broken",
    "kept",
    "doubtful",
    "untold",
    "seconds",
}


def bundle(*resources: Any) -> str:
    """A bundle of resources, each under a url of its own."""
    entries = [{"fullUrl": f"{URN}{at}", "resource": one} for at, one in enumerate(resources, start=1)]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries})


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """A bundle without faults."""
    path = tmp_path / "good.json"
    path.write_text(bundle(PATIENT, CONDITION, BASIC), encoding="utf-8")
    return path


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """A bundle with a broken resource among good ones."""
    path = tmp_path / "mixed.json"
    path.write_text(bundle(PATIENT, CONDITION, 17, BASIC), encoding="utf-8")
    return path


def test_what_came_in_goes_out_again(practice: Path, good: Path, tmp_path: Path) -> None:
    report = ask(practice, "import", good)
    assert set(report) == REPORT
    assert (report["files"], report["patients"], report["added"], report["broken"]) == (1, 1, 3, [])
    out = tmp_path / "out.json"
    exported = ask(practice, "export", "importe", "-o", out)
    assert exported == {
        "id": exported["id"], "file": str(out), "resources": 3, "bytes": out.stat().st_size,
    }  # fmt: skip
    resources = [entry["resource"] for entry in json.loads(out.read_text(encoding="utf-8"))["entry"]]
    assert all(one in resources for one in (PATIENT, CONDITION, BASIC))
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


def test_a_broken_resource_is_named_and_the_others_are_imported_once(practice: Path, mixed: Path) -> None:
    first = run("--practice", practice, "import", mixed, "--json")
    assert first.code == 5
    assert (first.document["added"], first.document["unchanged"]) == (3, 0)
    (broken,) = first.document["broken"]
    assert (broken["file"], broken["place"]) == ("mixed.json", "entry[2].resource")
    assert "mixed.json: entry[2].resource cannot be read: it is no JSON object." in first.err
    assert first.err.splitlines()[-1].startswith("1 of 4 resources could not be imported; the others were.")
    again = run("--practice", practice, "import", mixed, "--json")
    assert (again.code, again.document["added"], again.document["unchanged"]) == (5, 0, 3)
    assert len(ask(practice, "patients")) == 2


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("note.json", "Cher confrère,", "note.json n'est pas un fichier FHIR R4"),
        ("cut.json", bundle(PATIENT, CONDITION)[:-20], "cut.json n'est pas un fichier FHIR R4"),
        ("page.json", "<Bundle/>", "page.json n'est pas un fichier FHIR R4\u00a0: c'est du XML"),
        ("list.json", "[1, 2]", "list.json n'est pas un fichier FHIR R4\u00a0: ce n'est pas un objet JSON"),
        ("damaged.zip", "PK\x03\x04", "damaged.zip est endommagé, ou compressé"),
    ],
)
def test_what_is_no_fhir_leaves_everything_as_it_was(
    practice: Path, tmp_path: Path, name: str, content: str, said: str
) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    before = (practice / "record.db").read_bytes()
    ended = run("--practice", practice, "import", tmp_path / name, language="fr_FR.UTF-8")
    assert ended.code == 5
    assert said in ended.err
    assert ended.err.splitlines()[-1].startswith("Rien n'a pu être importé\u00a0: tout était défectueux (1).")
    assert (practice / "record.db").read_bytes() == before


def test_a_path_that_does_not_exist_stops_before_anything(practice: Path, good: Path, tmp_path: Path) -> None:
    ended = run("--practice", practice, "import", good, tmp_path / "none.json", "--json")
    assert (ended.code, ended.out) == (5, "") and "none.json was not found." in ended.err
    assert len(ask(practice, "patients")) == 1


def test_a_folder_is_imported_with_a_bar_on_a_terminal_and_none_elsewhere(practice: Path, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.json").write_text(bundle(PATIENT | {"id": f"p{number}"}), encoding="utf-8")
    shown = on_terminal(["--practice", str(practice), "import", str(folder)], [("Passphrase: ", PASSPHRASE)]).out
    assert "] 1/3 1.json" in shown and "3 files:" in shown
    assert at(practice, "import", folder).err == ""


def test_an_export_replaces_nothing_unless_forced(practice: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    out.write_text("précieux", encoding="utf-8")
    ended = run("--practice", practice, "export", "zoe", "-o", out)
    assert ended.code == 5 and "already exists. It was left as it is." in ended.err
    assert out.read_text(encoding="utf-8") == "précieux"
    assert "exported" not in [line["action"] for line in ask(practice, "history")]
    at(practice, "export", "zoe", "-o", out, "--force")
    assert json.loads(out.read_text(encoding="utf-8"))["resourceType"] == "Bundle"


def test_an_export_to_stdout_is_the_bundle_and_nothing_else(practice: Path) -> None:
    ended = at(practice, "export", "zoe", "-o", "-")
    assert ended.document["resourceType"] == "Bundle" and ended.err == ""


def test_an_export_that_cannot_be_written_is_one_sentence(practice: Path, tmp_path: Path) -> None:
    ended = run("--practice", practice, "export", "zoe", "-o", tmp_path / "none" / "out.json")
    assert ended.code == 5 and ended.err.count("No such file or directory.") == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
def test_a_full_disk_is_one_sentence_and_exit_code_6(practice: Path) -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    ended = run("--practice", practice, "export", "zoe", "-o", "-", stdout=full)
    os.close(full)
    assert ended.code == 6 and ended.err.startswith("The disk is full.") and ended.err.count("\n") == 1


def test_the_emergency_export_is_two_files_and_a_line_of_history(practice: Path, tmp_path: Path) -> None:
    at(practice, "add", "zoe", "allergy", "--text", "Pénicilline")
    hidden = ask(practice, "add", "zoe", "problem", "--text", "Confidentiel", "--restricted")
    made = ask(practice, "emergency", "zoe", "-o", tmp_path / "sheet")
    assert [file["name"] for file in made["files"]] == ["fiche-urgence.pdf", "ips.json"]
    assert (tmp_path / "sheet" / "fiche-urgence.pdf").read_bytes().startswith(b"%PDF-")
    summary = (tmp_path / "sheet" / "ips.json").read_text(encoding="utf-8")
    assert "Pénicilline" in summary and "Confidentiel" not in summary
    assert ask(practice, "history", "zoe")[-1]["action"] == "emergency-exported"
    at(practice, "emergency", "zoe", "-o", tmp_path / "sheet", "--restricted", hidden["version"][:8])
    assert "Confidentiel" in (tmp_path / "sheet" / "ips.json").read_text(encoding="utf-8")


def test_an_emergency_export_for_nobody_writes_nothing(practice: Path, tmp_path: Path) -> None:
    assert run("--practice", practice, "emergency", "nobody", "-o", tmp_path / "sheet").code == 5
    assert not (tmp_path / "sheet").exists()
