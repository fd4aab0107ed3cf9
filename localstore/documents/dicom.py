"""The header of a DICOM file: whose picture it is, of when and what; and how that compares with a patient's identity.

Only what stands before the picture is read, and no more of it than a limit. A compressed header is refused unread: it
could grow without end. pydicom raises whatever its parser meets; here it is one answer: the header cannot be read.
"""

import io
import struct
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, NamedTuple

from localstore.bodies import PatientBody
from localstore.errors import BadInput
from localstore.folding import fold

MAX_HEADER_BYTES = 4 * 1024 * 1024  # headers with overlays and private parts are some hundred kilobytes
MAX_TEXT_LENGTH = 256  # of one value: DICOM's own limit for a name is 5 times 64
DEFLATED = b"1.2.840.10008.1.2.1.99"  # the transfer syntax whose header is compressed (PS3.5, A.5)
TAGS = ("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "Modality", "StudyDate", "StudyDescription")
# An altered file must not end the program: what pydicom was seen to raise on such, and the families of it.
BROKEN = (
    ArithmeticError, AssertionError, AttributeError, EOFError, LookupError, MemoryError, OSError,
    RecursionError, RuntimeError, StopIteration, TypeError, ValueError, struct.error,
)  # fmt: skip
_SEX = {"M": "male", "F": "female", "O": "other"}


class Header(NamedTuple):
    """What a header says; each empty where it does not. `birth_date` and `study_date` are ISO 8601, `sex` is FHIR's."""

    family_name: str = ""
    given_names: tuple[str, ...] = ()
    patient_id: str = ""
    birth_date: str = ""
    sex: str = ""
    modality: str = ""
    study_date: str = ""
    description: str = ""

    @property
    def name(self) -> str:
        """The name as it is said."""
        return " ".join((*self.given_names, self.family_name)).strip()


class Mismatch(NamedTuple):
    """One trait in which a file and a patient differ: `name`, `birth-date`, `sex` or `ins`; what each of them says."""

    trait: str
    in_file: str
    here: str


def read(stream: BinaryIO) -> Header:
    """The header of a DICOM file, from where the stream stands. Raises BadInput."""
    head = stream.read(MAX_HEADER_BYTES)
    if DEFLATED in head:
        raise _unreadable()
    with reading(_unreadable):
        dataset = parsed(head, with_pixels=False)
        values = {tag: _text(dataset.get(tag)) for tag in TAGS}
        family, given = _name(dataset.get("PatientName"))
    return Header(
        family,
        given,
        values["PatientID"],
        _date(values["PatientBirthDate"]),
        _SEX.get(values["PatientSex"].upper(), ""),
        values["Modality"],
        _date(values["StudyDate"]),
        values["StudyDescription"],
    )


def parsed(head: bytes, *, with_pixels: bool) -> Any:
    """pydicom's reading of these bytes, inside of `reading`: values are read when they are asked for."""
    import pydicom  # takes a third of a second to load, and few commands need it

    tags = None if with_pixels else [*TAGS, "SpecificCharacterSet"]
    return pydicom.dcmread(io.BytesIO(head), stop_before_pixels=not with_pixels, specific_tags=tags)


@contextmanager
def reading(refusal: Callable[[], BadInput]) -> Iterator[None]:
    """What pydicom raises on altered files becomes one error; what it warns of, with the values, is not shown."""
    from pydicom.errors import BytesLengthException, InvalidDicomError

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except (*BROKEN, BytesLengthException, InvalidDicomError) as error:
            raise refusal() from error


def _unreadable() -> BadInput:
    return BadInput(what="The header of this DICOM file cannot be read.", remedy="Ask for the file again.")


def _text(value: object) -> str:
    return "" if value is None else " ".join(str(value)[:MAX_TEXT_LENGTH].replace("\0", " ").split())


def _name(value: Any) -> tuple[str, tuple[str, ...]]:
    """Family name and given names of `FAMILY^GIVEN^MIDDLE`; the first of several ways of writing (PS3.5, 6.2)."""
    parts = [" ".join(part.split()) for part in _text(value).split("=")[0].split("^")]
    given = " ".join(parts[1:3]).split()
    return parts[0], tuple(given)


def _date(text: str) -> str:
    """ISO 8601 of `YYYYMMDD`, or of `YYYY.MM.DD` as old files have it; empty for anything else."""
    digits = text.replace(".", "").replace("-", "")
    if len(digits) != 8 or not (digits.isascii() and digits.isdigit()):
        return ""
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"


def compare(header: Header, patient: PatientBody) -> tuple[Mismatch, ...]:
    """Where a file and a patient differ. What either of them does not say is no difference. Pure."""
    return tuple(filter(None, (_names(header, patient), *_values(header, patient))))


def _names(header: Header, patient: PatientBody) -> Mismatch | None:
    """Names differ when the family name is neither the birth name nor the one in use, or no given name is shared."""
    here = " ".join((*patient.given_names, patient.family_name))
    families = {_key(name) for name in (patient.family_name, patient.used_name) if name.strip()}
    wrong = bool(header.family_name and _key(header.family_name) not in families)
    given, known = _words(header.given_names), _words(patient.given_names)
    wrong = wrong or bool(given and known and not given & known)
    return Mismatch("name", header.name, here) if wrong else None


def _values(header: Header, patient: PatientBody) -> Iterable[Mismatch | None]:
    born, sex, number = header.birth_date, header.sex, _key(header.patient_id)
    if born and patient.birth_date and not born.startswith(patient.birth_date):
        yield Mismatch("birth-date", born, patient.birth_date)
    if sex and patient.sex != "unknown" and sex != patient.sex:
        yield Mismatch("sex", sex, patient.sex)
    # A number of a hospital's own says nothing here; one that is written as an INS does.
    if patient.ins and _is_ins(number) and number[:13] != _key(patient.ins)[:13]:
        yield Mismatch("ins", header.patient_id, patient.ins)


def _is_ins(number: str) -> bool:
    return len(number) in (13, 15) and number[:1] in "12378" and number[:5].isdigit() and number[7:].isdigit()


def _key(words: str) -> str:
    return "".join(letter for letter in fold(words) if letter.isalnum())


def _words(names: Iterable[str]) -> set[str]:
    return {word for name in names for word in fold(name).replace("-", " ").split()}
