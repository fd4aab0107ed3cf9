"""What a file is, by its bytes; what a DICOM header says; pictures, and all of that from hostile files."""

import io
import random
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from localstore.bodies import PatientBody
from localstore.documents import dicom, media, pictures
from localstore.documents.dicom import Header, Mismatch
from localstore.documents.media import Form, Media
from localstore.errors import ConfrereError

ZOE = PatientBody("Dupont-Martin", ("Zoé", "Anne"), "1958-07-03", "female", used_name="Lefèvre", ins="258077511612370")


def samples() -> list[Path]:
    """The DICOM files that pydicom brings along."""
    import pydicom

    found = sorted((Path(pydicom.__file__).parent / "data" / "test_files").glob("*.dcm"))
    assert len(found) > 40
    return found


def picture(form: str, size: tuple[int, int] = (60, 40), mode: str = "RGB") -> bytes:
    """A picture in one colour."""
    data = io.BytesIO()
    Image.new(mode, size, (200, 30, 30) if mode == "RGB" else 0).save(data, form)
    return data.getvalue()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"%PDF-1.7\n", Media(Form.PDF)),
        (b"\n\n%PDF-1.7\n", Media(Form.PDF)),
        (b"\xff\xd8\xff\xe0abc", Media(Form.JPEG)),
        (b"\x89PNG\r\n\x1a\nabc", Media(Form.PNG)),
        (bytes(128) + b"DICM" + bytes(9), Media(Form.DICOM)),
        ("Compte rendu : éventration".encode(), Media(Form.TEXT, "utf-8")),
        ("Compte rendu : éventration".encode("windows-1252"), Media(Form.TEXT, "windows-1252")),
        (("é" * 100_000).encode(), Media(Form.TEXT, "utf-8")),
        (("a" * 65_535 + "é").encode(), Media(Form.TEXT, "utf-8")),
        (("é" * 100_000).encode("windows-1252"), Media(Form.TEXT, "windows-1252")),
    ],
)
def test_a_file_is_what_its_bytes_say(data: bytes, expected: Media) -> None:
    """By the mark, and for text by all of it."""
    assert media.identify(io.BytesIO(data)) == expected
    assert media.parse(expected.type) == expected


@pytest.mark.parametrize("data", [b"", b"MZ\x90\x00", b"\x7fELF", b"PK\x03\x04", b"a" * 70_000 + b"\0", b"\x81abc"])
def test_anything_else_is_refused(data: bytes) -> None:
    """Unless it is to be kept as it is, which an empty file is not."""
    with pytest.raises(ConfrereError):
        media.identify(io.BytesIO(data))
    if data:
        assert media.identify(io.BytesIO(data), as_is=True) == Media(Form.BYTES)


@given(st.binary(min_size=1, max_size=300))
def test_identifying_ends_in_an_answer(data: bytes) -> None:
    """A form, or the documented error."""
    try:
        found = media.identify(io.BytesIO(data))
    except ConfrereError:
        return
    if found.form is Form.TEXT:
        assert data.decode(found.charset) is not None


def test_headers_are_read() -> None:
    """Every file that pydicom brings along: a header, or one sentence."""
    read = 0
    for file in samples():
        try:
            read += isinstance(dicom.read(io.BytesIO(file.read_bytes())), Header)
        except ConfrereError:
            continue
    assert read > 40
    (ct,) = [file for file in samples() if file.name == "CT_small.dcm"]
    header = dicom.read(io.BytesIO(ct.read_bytes()))
    assert (header.family_name, header.given_names, header.sex) == ("CompressedSamples", ("CT1",), "other")
    assert (header.modality, header.study_date, header.patient_id) == ("CT", "2004-01-19", "1CT1")


def _altered(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data[:200_000])
    for _ in range(chance.randint(1, 40)):
        changed[chance.randrange(132, len(changed))] = chance.randrange(256)
    return bytes(changed[: chance.randrange(140, len(changed) + 1)])


def test_altered_dicom_files_raise_only_our_errors(at_full_length: bool) -> None:
    """Flipped and cut: headers and pictures."""
    chance = random.Random(4)  # noqa: S311 - the same files at each run
    files = [file.read_bytes() for file in samples() if file.stat().st_size < 700_000]
    for _ in range(5000 if at_full_length else 120):
        data = _altered(chance.choice(files), chance)
        _look_both_ways(data)


def _look_both_ways(data: bytes) -> None:
    for look in (lambda: dicom.read(io.BytesIO(data)), lambda: pictures.small_dicom(data, 20, 10)):
        try:
            look()
        except ConfrereError:
            continue


def test_a_compressed_header_is_refused_unread() -> None:
    """It could grow without end."""
    meta = bytes(128) + b"DICM" + b"\x02\x00\x10\x00UI\x16\x00" + dicom.DEFLATED
    bomb = zlib.compress(bytes(10**7), 9)
    for look in (lambda: dicom.read(io.BytesIO(meta + bomb)), lambda: pictures.small_dicom(meta + bomb, 9, 9)):
        with pytest.raises(ConfrereError):
            look()


@pytest.mark.parametrize(
    ("header", "differs"),
    [
        (Header(), []),
        (Header("DUPONT MARTIN", ("ZOE",), birth_date="1958-07-03", sex="female"), []),
        (Header("LEFEVRE", ("ANNE",)), []),
        (Header("DUPONT", ("ZOE",)), ["name"]),
        (Header("DUPONT-MARTIN", ("PAUL",)), ["name"]),
        (Header("DUPONT-MARTIN", ("ZOE",), birth_date="1959-07-03", sex="male"), ["birth-date", "sex"]),
        (Header(patient_id="HOSP-4711"), []),
        (Header(patient_id="2 58 07 75 116 123 70"), []),
        (Header(patient_id="158077511612370"), ["ins"]),
    ],
)
def test_identities_are_compared(header: Header, differs: list[str]) -> None:
    """What either does not say is no difference."""
    assert [one.trait for one in dicom.compare(header, ZOE)] == differs


def test_a_mismatch_says_both() -> None:
    """What is in the file, and what is here."""
    (one,) = dicom.compare(Header(birth_date="1959-07-03"), ZOE)
    assert one == Mismatch("birth-date", "1959-07-03", "1958-07-03")


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_a_picture_fits_the_terminal(form: str) -> None:
    """Its shape stays, and its colour."""
    small = pictures.small(picture(form, (600, 300)), 40, 40)
    assert (small.width, small.height) == (40, 20)
    red, green, blue = small.pixel(20, 10)
    assert red > 150 and green < 80 and blue < 80


def test_an_odd_height_is_filled_up() -> None:
    """Two pixels make one place."""
    small = pictures.small(picture("PNG", (3, 5)), 80, 80)
    assert (small.width, small.height) == (3, 6) and small.pixel(0, 5) == pictures.WHITE


def _claiming(width: int, height: int) -> bytes:
    data = bytearray(picture("PNG", (1, 1)))
    data[16:24] = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, "big")
    return bytes(data)


@pytest.mark.parametrize("size", [(2**31 - 1, 2**31 - 1), (100_000, 100_000), (9_000, 9_000), (0, 5)])
def test_a_picture_that_claims_too_much_is_refused(size: tuple[int, int]) -> None:
    """Before anything of that size is made."""
    with pytest.raises(ConfrereError):
        pictures.small(_claiming(*size), 80, 40)


def test_altered_pictures_raise_only_our_errors(at_full_length: bool) -> None:
    """Flipped and cut."""
    chance = random.Random(5)  # noqa: S311 - the same files at each run
    files = [picture(form, (64, 64)) for form in ("PNG", "JPEG")]
    for _ in range(5000 if at_full_length else 300):
        changed = bytearray(chance.choice(files))
        for _ in range(chance.randint(1, 8)):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        try:
            pictures.small(bytes(changed[: chance.randrange(1, len(changed) + 1)]), 20, 10)
        except ConfrereError:
            continue


def test_pictures_in_dicom_are_shown() -> None:
    """Grey in 8 and 16 bits, colours, JPEG: those that need no more; and at least these many."""
    shown = 0
    for file in samples():
        try:
            small = pictures.small_dicom(file.read_bytes(), 60, 30)
        except ConfrereError:
            continue
        assert len(small.pixels) == 3 * small.width * small.height and small.height % 2 == 0
        shown += 1
    assert shown >= 20
    (ct,) = [file for file in samples() if file.name == "CT_small.dcm"]
    small = pictures.small_dicom(ct.read_bytes(), 64, 32)
    assert (small.width, small.height) == (64, 64) and len(set(small.pixels)) > 30
