"""Adding a file to a record: what it is, whose it says that it is, and then its pieces and its entry."""

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

import msgspec

from localstore import record
from localstore.bodies import PatientBody
from localstore.documents import dicom, keeping, media
from localstore.documents.dicom import Header, Mismatch
from localstore.documents.media import Form, Media
from localstore.documents.stowing import WithFile
from localstore.errors import BadInput
from localstore.kinds import Sensitivity
from localstore.model import Entry
from localstore.practice import Practice

_READING = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_CLOEXEC", "O_NONBLOCK", "O_BINARY"))


class Looked(NamedTuple):
    """A file before it is added: its name, its size in bytes, what it is, and for DICOM whose it says that it is, and
    where that differs from the patient."""

    name: str
    size: int
    media: Media
    header: Header | None = None
    mismatches: tuple[Mismatch, ...] = ()


def look(path: Path, patient: PatientBody, *, as_is: bool = False) -> Looked:
    """Look at a file without keeping it. Raises BadInput for what is no file, empty, or of no form that is kept; and
    OSError."""
    with _opened(path) as stream:
        return _looked(stream, path, patient, as_is)


def _looked(stream: BinaryIO, path: Path, patient: PatientBody, as_is: bool) -> Looked:
    size = os.fstat(stream.fileno()).st_size
    found = media.identify(stream, as_is=as_is)
    if found.form is not Form.DICOM:
        return Looked(path.name, size, found)
    stream.seek(0)
    header = dicom.read(stream)
    return Looked(path.name, size, found, header, dicom.compare(header, patient))


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """A plain file: a pipe or a device could go on without end."""
    try:
        descriptor = os.open(path, _READING)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO):
            raise _no_file() from error
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _no_file()
    with open(descriptor, "rb") as stream:
        yield stream


def _no_file() -> BadInput:
    return BadInput(what="This is no plain file.", remedy="Choose a file.")


def add(
    practice: Practice,
    patient: str,
    path: Path,
    body: WithFile,
    date: str = "",
    sensitivity: Sensitivity = Sensitivity.NORMAL,
    *,
    as_is: bool = False,
    despite: Sequence[str] = (),
    progress: keeping.Progress = lambda _done, _total: None,
) -> Entry:
    """Keep a file with its entry; `body` is the entry without it. `despite` are the traits in which the file was seen
    to differ from the patient: they go into the history. One that differs in another is refused.

    Raises as `look`, `keeping.kept` and `record.add`.
    """
    identity = record.chart(practice, patient).patient
    with _opened(path) as stream:
        looked = _looked(stream, path, identity, as_is)
        if unseen := [one.trait for one in looked.mismatches if one.trait not in despite]:
            raise BadInput(
                what="This picture says that it is of somebody else ({traits}).",
                traits=", ".join(unseen),
                remedy="Check the patient; if it is the right one, say so.",
            )
        stream.seek(0)
        overrides = tuple(f"dicom: {one.trait}" for one in looked.mismatches)
        with keeping.kept(
            practice,
            patient,
            stream,
            size=looked.size,
            media_type=looked.media.type,
            name=looked.name,
            progress=progress,
        ) as attachment:
            whole = msgspec.structs.replace(body, attachment=attachment)
            return record.add(practice, patient, whole, date, sensitivity, overrides)
