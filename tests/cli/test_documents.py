"""`confrere document`: files into a record, and out of it again."""

import base64
import io
import json
import os
import re
import signal
import subprocess
from pathlib import Path

import pydicom
import pytest
from PIL import Image

from localstore.documents import memory
from tests.cli.running import COMMAND, PASSPHRASE, ROOT, ask, at, environment, on_terminal, run

LISTED = {"id", "version", "kind", "date", "title", "name", "media_type", "bytes", "digest"}
REPORT = "Compte rendu d'échographie : rien à signaler.\n"


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """A text, in the encoding of an old program."""
    (tmp_path / "écho.txt").write_bytes(REPORT.encode("windows-1252"))
    return tmp_path / "écho.txt"


def dicom(folder: Path, name: str, born: str = "19580703") -> Path:
    """A DICOM picture of this patient."""
    dataset = pydicom.dcmread(Path(pydicom.__file__).parent / "data" / "test_files" / "CT_small.dcm")
    dataset.PatientName, dataset.PatientBirthDate, dataset.PatientSex = name, born, "F"
    dataset.save_as(folder / "scan.dcm")
    return folder / "scan.dcm"


def test_a_file_goes_in_and_comes_out(practice: Path, report: Path, tmp_path: Path) -> None:
    """Added, listed, shown, saved: byte for byte."""
    added = ask(practice, "document", "add", "zoe", report, "--type", "Échographie", "--date", "2025-03")
    file = added["body"]["attachment"]
    assert (file["media_type"], file["name"]) == ("text/plain; charset=windows-1252", "écho.txt")
    assert (added["date"], added["body"]["title"], added["body"]["content"]) == ("2025-03", "écho.txt", "")
    (listed,) = ask(practice, "document", "list", "zoe")
    assert set(listed) == LISTED and listed["version"] == added["version"] and listed["bytes"] == len(REPORT)
    assert "écho.txt" in at(practice, "document", "list", "zoe").out
    assert at(practice, "document", "show", added["version"]).out.strip() == REPORT.strip()
    saved = ask(practice, "document", "save", added["version"][:8], tmp_path / "out.txt")
    assert saved["bytes"] == len(REPORT) and (tmp_path / "out.txt").read_bytes() == report.read_bytes()
    assert (tmp_path / "out.txt").stat().st_mode & 0o777 == 0o600
    again = run("--practice", practice, "document", "save", added["version"], tmp_path / "out.txt")
    assert again.code == 5 and "--force" in again.err
    at(practice, "document", "save", added["version"], tmp_path / "out.txt", "--force")
    actions = [line["action"] for line in ask(practice, "history", "zoe")]
    assert {"document-read", "document-saved"} <= set(actions)
    assert "documents" in at(practice, "verify").out + at(practice, "verify", "--json").out


def test_add_with_a_file_goes_the_same_way(practice: Path, report: Path) -> None:
    """`confrere add PATIENT document --file`, and an amendment that brings another file."""
    added = ask(practice, "add", "zoe", "document", "--file", report, "--text", "Écho")
    assert added["body"]["attachment"]["name"] == "écho.txt"
    renamed = ask(practice, "amend", added["version"], "--title", "Échographie")
    assert renamed["body"]["attachment"] == added["body"]["attachment"]
    report.write_text("Autre compte rendu")
    replaced = ask(practice, "amend", renamed["version"], "--file", report)
    assert replaced["body"]["attachment"]["digest"] != added["body"]["attachment"]["digest"]
    assert at(practice, "document", "show", replaced["version"]).out.strip() == "Autre compte rendu"
    assert at(practice, "document", "show", added["version"]).out.strip() == REPORT.strip()


def test_hostile_text_commands_no_terminal(practice: Path, tmp_path: Path) -> None:
    """Escape sequences in a report are shown as marks."""
    (tmp_path / "x.txt").write_bytes(b"avant\x1b]52;c;aGk=\x07\x1b[2Japr\xc3\xa8s".replace(b"\x07", b"\x1b\\"))
    added = ask(practice, "document", "add", "zoe", tmp_path / "x.txt")
    assert "\x1b" not in at(practice, "document", "show", added["version"]).out


def test_what_is_no_document_is_refused(practice: Path, tmp_path: Path) -> None:
    """By its bytes, whatever its name; unless it is to be kept as it is."""
    (tmp_path / "x.pdf").write_bytes(b"MZ\x90\x00")
    ended = run("--practice", practice, "document", "add", "zoe", tmp_path / "x.pdf")
    assert ended.code == 5 and "--as-is" in ended.err
    kept = ask(practice, "document", "add", "zoe", tmp_path / "x.pdf", "--as-is")
    assert kept["body"]["attachment"]["media_type"] == "application/octet-stream"
    shown = run("--practice", practice, "document", "show", kept["version"])
    assert shown.code == 5 and "document open" in shown.err
    os.mkfifo(tmp_path / "pipe")
    assert run("--practice", practice, "document", "add", "zoe", tmp_path / "pipe").code == 5


def test_a_picture_of_somebody_else_asks(practice: Path, tmp_path: Path) -> None:
    """Refused where nobody can be asked; kept with --yes, and the history says so; warned of again when shown."""
    right = dicom(tmp_path, "DUPONT-MARTIN^ZOE")
    assert ask(practice, "document", "add", "zoe", right)["body"]["attachment"]["media_type"] == "application/dicom"
    wrong = dicom(tmp_path, "MARTIN^PAUL", "19491130")
    ended = run("--practice", practice, "document", "add", "zoe", wrong)
    assert ended.code == 4 and "MARTIN" in ended.err and "--yes" in ended.err
    assert len(ask(practice, "document", "list", "zoe")) == 1
    kept = ask(practice, "document", "add", "zoe", wrong, "--yes")
    assert "warning-overridden" in [line["action"] for line in ask(practice, "history", "zoe")]
    shown = on_terminal(["--practice", practice, "document", "show", kept["version"]], [("assphrase", PASSPHRASE)])
    assert "MARTIN" in shown.out and "▀" in shown.out and shown.code == 0


def test_a_picture_is_drawn_on_a_terminal(practice: Path, tmp_path: Path) -> None:
    """In half blocks and colours."""
    Image.new("RGB", (30, 20), (10, 200, 30)).save(tmp_path / "x.png")
    added = ask(practice, "document", "add", "zoe", tmp_path / "x.png")
    arguments = ["--practice", practice, "document", "show", added["version"]]
    drawn = on_terminal(arguments, [("assphrase", PASSPHRASE)])
    assert drawn.out.count("▀") == 300 and "\x1b[38;2;10;200;30;48;2;10;200;30m▀" in drawn.out


def test_a_document_is_opened_from_memory(practice: Path, tmp_path: Path) -> None:
    """The program named in the settings gets a file in memory, and the file is gone afterwards."""
    if not Path("/dev/shm").is_mount():
        pytest.skip("there is no memory to mount")
    viewer = tmp_path / "viewer"
    viewer.write_text('#!/bin/sh\ncp "$1" "$(dirname "$0")/copy"; printf "%s" "$1" >"$(dirname "$0")/seen"\n')
    viewer.chmod(0o700)
    settings = (practice / "practice.toml").read_text()
    section = f'[documents]\nviewer = "{viewer}"\n'
    (practice / "practice.toml").write_text(settings.replace('[documents]\nviewer = ""\n', section))
    (tmp_path / "x.pdf").write_bytes(b"%PDF-1.7 rien")
    added = ask(practice, "document", "add", "zoe", tmp_path / "x.pdf")
    opened = ask(practice, "document", "open", added["version"], stdin=b"\n", more={"XDG_RUNTIME_DIR": "/dev/shm"})
    assert (tmp_path / "copy").read_bytes() == b"%PDF-1.7 rien"
    assert opened["file"] == (tmp_path / "seen").read_text() and opened["file"].startswith("/dev/shm/")
    assert not Path(opened["file"]).exists() and not Path(opened["file"]).parents[1].exists()


def test_no_plaintext_stays_on_a_disk(practice: Path, tmp_path: Path) -> None:
    """After adding and showing, no file of the practice, and none in the temporary folder, holds the words."""
    marker = "Marqueur-Unique-7391"
    (tmp_path / "x.txt").write_text(marker * 1000)
    (tmp_path / "tmp").mkdir()
    more = {"TMPDIR": str(tmp_path / "tmp")}
    added = ask(practice, "document", "add", "zoe", tmp_path / "x.txt", more=more)
    at(practice, "document", "show", added["version"], more=more)
    found = subprocess.run(["grep", "-rl", marker, str(practice), str(tmp_path / "tmp")], capture_output=True)
    assert found.stdout == b""


def test_an_export_carries_files_and_an_import_brings_them_back(practice: Path, tmp_path: Path) -> None:
    """`confrere export` and `confrere import` of a document of some megabytes; and on stdout the same."""
    data = io.BytesIO(os.urandom(6_000_000))
    (tmp_path / "x.bin").write_bytes(b"%PDF-1.7 " + data.getvalue())
    added = ask(practice, "document", "add", "zoe", tmp_path / "x.bin")
    written = ask(practice, "export", "zoe", "-o", tmp_path / "zoe.json")
    bundle = json.loads((tmp_path / "zoe.json").read_bytes())
    assert written["resources"] == len(bundle["entry"]) == 3 and written["bytes"] > 8_000_000
    printed = json.loads(at(practice, "export", "zoe", "-o", "-").out)
    assert printed["entry"] == bundle["entry"]
    other = tmp_path / "other"
    ask(other, "init", "--name", "Dr Beta", "--rpps", "10003000014", "--no-confirm", "--kdf-memory", "64")
    ask(other, "import", tmp_path / "zoe.json")
    (listed,) = ask(other, "document", "list", "zoe")
    assert listed["digest"] == added["body"]["attachment"]["digest"]
    at(other, "document", "save", listed["version"], tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == (tmp_path / "x.bin").read_bytes()


def _opened(practice: Path, version: str, viewer: Path) -> tuple["subprocess.Popen[bytes]", Path]:
    """`document open` in a process that waits for Enter, and where the file lies."""
    settings = practice / "practice.toml"
    settings.write_text(re.sub(r"(?m)^#? ?viewer *=.*$", f'viewer = "{viewer}"', settings.read_text()))
    reading, writing = os.pipe()
    os.write(writing, PASSPHRASE.encode() + b"\n")
    os.close(writing)
    words = ["--practice", str(practice), "document", "open", version, "--json", "--passphrase-fd", str(reading)]
    process = subprocess.Popen(
        [*COMMAND, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT,
        pass_fds=(reading,), start_new_session=True, env=environment(XDG_RUNTIME_DIR="/dev/shm"),
    )  # fmt: skip
    os.close(reading)
    assert process.stderr is not None
    line = process.stderr.readline().decode()  # comes once the file is there
    return process, Path(line[line.index("/dev/shm/") :].strip())


@pytest.mark.skipif(not memory.in_memory({}), reason="no tmpfs at /dev/shm")
@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM, signal.SIGKILL])
def test_what_was_opened_does_not_outlive_the_command(practice: Path, tmp_path: Path, number: int) -> None:
    """A closed window and SIGTERM remove it; after SIGKILL the next command of this user does, whatever it is."""
    pdf, viewer = tmp_path / "a.pdf", tmp_path / "viewer"
    pdf.write_bytes(b"%PDF-1.7 secret")
    viewer.write_text("#!/bin/sh\nexit 0\n")
    viewer.chmod(0o700)
    added = ask(practice, "document", "add", "zoe", pdf)
    process, path = _opened(practice, added["version"], viewer)
    with process:
        assert path.read_bytes() == b"%PDF-1.7 secret"
        process.send_signal(number)
        process.wait(60)
    if number == signal.SIGKILL:
        assert process.returncode == -number and path.exists()
        at(practice, "patients", more={"XDG_RUNTIME_DIR": "/dev/shm"})
    else:
        assert process.returncode == 128 + number
    assert not path.exists() and not path.parents[1].exists()


@pytest.mark.parametrize("media_type", ["text/html", "image/svg+xml", "application/octet-stream", "application/pdf"])
def test_a_form_that_is_not_kept_is_not_opened(practice: Path, tmp_path: Path, media_type: str) -> None:
    """What an import brings may hold a program: it is saved, never handed to another program."""
    data = base64.b64encode(b"<script>alert(1)</script>").decode()
    attached = {"attachment": {"contentType": media_type, "data": data, "title": "evil.html"}}
    who = {"resourceType": "Patient", "id": "p", "name": [{"family": "Html"}], "birthDate": "1950-01-01"}
    document = {"resourceType": "DocumentReference", "id": "d", "status": "current", "description": "Page",
                "subject": {"reference": "Patient/p"}, "content": [attached]}  # fmt: skip
    entries = [{"fullUrl": f"http://x/{one['resourceType']}/{one['id']}", "resource": one} for one in (who, document)]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    (tmp_path / "x.json").write_text(json.dumps(bundle))
    at(practice, "import", tmp_path / "x.json")
    (listed,) = ask(practice, "document", "list", "html")
    opened = run("--practice", practice, "document", "open", listed["version"], more={"XDG_RUNTIME_DIR": "/dev/shm"})
    assert opened.code == 5 and "is not opened" in opened.err
    at(practice, "document", "save", listed["version"], tmp_path / "out")
