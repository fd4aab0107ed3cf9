"""A patient of whom every word can be told from all others, and looking for her in files and in processes.

The words are new in each run, so that no source, cache or earlier run can hold them.
"""

import base64
import json
import os
import random
import string
import threading
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

INS_SYSTEM = "urn:oid:1.2.250.1.213.1.4.8"
LARGEST = 64 * 1024 * 1024  # bytes of a file that is read: what other programs keep beside ours may be larger
LOOK_SECONDS = 0.05  # between two looks at all processes; ours live for a third of a second at least


class Marker(NamedTuple):
    """`word` is in every text about her, `digits` in every number."""

    word: str
    digits: str

    def forms(self) -> dict[str, bytes]:
        """How she could be written down, in small letters, by the name of the way of writing."""
        found = {f"{self.digits} as digits": self.digits.encode()}
        for name in ("utf-8", "utf-16-le", "utf-16-be"):
            found[name] = self.word.lower().encode(name)
        found["hexadecimal"] = self.word.encode().hex().encode()
        return found

    def base64_forms(self) -> dict[str, bytes]:
        """In Base64, whose letters depend on where in a text she begins; capitals matter here."""
        found, data = {}, self.word.encode()
        for shift in range(3):
            first, last = -(-shift * 8 // 6), (shift + len(data)) * 8 // 6
            found[f"Base64 after {shift}"] = base64.b64encode(bytes(shift) + data)[first:last]
        return found

    def in_bytes(self, data: bytes) -> list[str]:
        """The ways in which she is written down in these bytes, capitals or not."""
        small = data.lower()
        found = [name for name, form in self.forms().items() if form in small]
        return found + [name for name, form in self.base64_forms().items() if form in data]

    def in_files(self, roots: Iterable[Path], since: float = 0.0, without: Iterable[Path] = ()) -> list[str]:
        """The files below these folders, in name or content, that tell of her; those that were written after `since`
        (seconds since 1970)."""
        left_out, found = [str(path) for path in without], []
        for root in roots:
            for folder, folders, names in os.walk(root):
                folders[:] = [name for name in folders if os.path.join(folder, name) not in left_out]
                found += [path for name in names if self._in_file(path := os.path.join(folder, name), since)]
        return found

    def _in_file(self, path: str, since: float) -> bool:
        try:
            status = os.lstat(path)
            if status.st_mtime < since or not os.path.isfile(path) or os.path.islink(path):
                return False
            if status.st_size > LARGEST:
                return bool(self.in_bytes(os.fsencode(path)))
            with open(path, "rb") as file:
                return bool(self.in_bytes(os.fsencode(path)) or self.in_bytes(file.read()))
        except (FileNotFoundError, PermissionError):
            return False  # another program's, or gone meanwhile

    def says(self, what: str) -> str:
        """Words with her in them."""
        return f"{what} {self.word} {what}"

    def bundle(self) -> bytes:
        """All of her as FHIR: traits, a problem, an allergy, a letter with a file name."""
        letter = base64.b64encode(self.says("Lettre").encode()).decode()
        person: dict[str, object] = {
            "resourceType": "Patient",
            "id": self.word,
            "identifier": [{"system": INS_SYSTEM, "value": self.digits}],
            "name": [{"family": self.word, "given": [f"Zoé-{self.word}"]}],
            "birthDate": "1958-07-03",
            "telecom": [{"system": "phone", "value": f"+33{self.digits}"}],
            "address": [{"line": [self.says("rue")], "city": self.word}],
        }
        subject = {"reference": f"Patient/{self.word}"}
        note = [{"text": self.says("note")}]
        care: list[dict[str, object]] = [
            {"resourceType": "Condition", "subject": subject, "code": {"text": self.says("goutte")}, "note": note},
            {"resourceType": "AllergyIntolerance", "patient": subject, "code": {"text": self.says("latex")}},
            {
                "resourceType": "DocumentReference",
                "status": "current",
                "subject": subject,
                "description": self.says("lettre"),
                "content": [{"attachment": {"contentType": "text/plain", "data": letter, "title": f"{self.word}.txt"}}],
            },
        ]
        resources = [person, *({**one, "id": str(number)} for number, one in enumerate(care))]
        entries = [{"resource": one} for one in resources]
        return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}).encode()


def new() -> Marker:
    """A marker that was never used before."""
    chance = random.SystemRandom()
    word = "".join(chance.choices(string.ascii_lowercase, k=16))
    return Marker(f"Zq{word}", "2" + "".join(chance.choices(string.digits, k=14)))


class Watch:
    """Looks at the words and the environment of all processes, again and again, until it is told to end.

    `hits` are what it found of the marker, and of `secrets` as they are; `ours` the processes seen whose environment
    holds `sign`.
    """

    def __init__(self, marker: Marker, sign: str, secrets: Iterable[str] = ()) -> None:
        self._marker, self._sign = marker, sign.encode()
        self._secrets = [secret.encode() for secret in secrets]
        self.hits: set[tuple[str, str]] = set()
        self.ours: set[int] = set()
        self._known: set[tuple[str, bytes]] = set()
        self._enough = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._enough.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._enough.wait(LOOK_SECONDS):
            for process in filter(str.isdigit, os.listdir("/proc")):
                for name in ("cmdline", "environ"):
                    self._note(name, int(process), _read(f"/proc/{process}/{name}"))

    def _note(self, name: str, pid: int, found: bytes) -> None:
        if name == "environ" and self._sign in found:
            self.ours.add(pid)
        if (name, found) not in self._known:
            self._known.add((name, found))
            self.hits |= {(name, way) for way in self._marker.in_bytes(found)}
            self.hits |= {(name, "a secret") for secret in self._secrets if secret in found}


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:  # it has ended, or is another user's
        return b""


def commonly_written(home: Path) -> list[Path]:
    """Where programs put what nobody asked for, beside the folders that they are told of."""
    places = [Path("/dev/shm"), Path("/tmp"), Path("/var/tmp"), Path("/var/crash")]  # noqa: S108 - looked at only
    return [*places, *(home / name for name in (".cache", ".config", ".local"))]
