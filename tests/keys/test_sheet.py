"""The recovery sheet: what stands on the paper, that it fits, and what a file of it is allowed."""

import stat
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mnemonic import Mnemonic
from pypdf import PdfReader
from reportlab.pdfbase.pdfmetrics import stringWidth

from localstore.emergency.fonts import BOLD
from localstore.errors import BadInput
from localstore.folding import fold
from localstore.keys import passphrase, sheet
from localstore.keys.sheet import Sheet

KEY = bytes(range(7, 39))
WORDS = tuple(passphrase.recovery_words(KEY).split())


def made(practice: str = "Cabinet médical", doctor: str = "Dr Hélène Marchand", town: str = "Lyon") -> Sheet:
    return Sheet(practice, doctor, town, "2026-03-01T09:30:00.000Z", WORDS)


def text_of(pdf: bytes) -> str:
    (page,) = PdfReader(BytesIO(pdf)).pages
    return page.extract_text()


def test_the_words_can_be_read_back_from_the_page_and_open() -> None:
    text = " ".join(text_of(sheet.render(made())).split())
    found = []
    for number in range(1, 25):
        after = text.split(f"{number}. ", 1)[1]
        found.append(after.split()[0])
    assert passphrase.recovery_key(" ".join(found)) == KEY


def test_the_page_says_whose_it_is_of_when_what_it_opens_and_what_to_do() -> None:
    text = " ".join(text_of(sheet.render(made())).split())
    for words in (
        "Cabinet médical", "Dr Hélène Marchand, Lyon", "faite le 01/03/2026",
        "Qui tient cette feuille ouvre les dossiers de tous les patients.",
        "Whoever holds this sheet opens the records of all patients.",
        "confrere user passphrase --recovery", "confrere restore --recovery", "confrere recovery renew",
        "Si un mot est illisible", "Il y en a 24.", "Loin de la machine", "Away from the machine",
    ):  # fmt: skip
        assert words in text, words


def test_the_same_sheet_gives_the_same_bytes_and_its_metadata_hold_no_word() -> None:
    pdf = sheet.render(made())
    assert pdf == sheet.render(made())
    metadata = PdfReader(BytesIO(pdf)).metadata
    assert metadata is not None
    assert not any(word in str(value) for value in metadata.values() for word in WORDS)


def test_every_word_of_the_list_fits_into_its_cell() -> None:
    sheet.render(made())  # loads the typeface
    wide = {word: stringWidth(word, BOLD, sheet.WORD_SIZE) for word in Mnemonic("french").wordlist}
    assert max(wide.values()) <= sheet.WORD_WIDTH


@settings(max_examples=25)
@given(st.text(max_size=200), st.text(max_size=200), st.text(max_size=200))
def test_any_name_stays_on_the_one_page(practice: str, doctor: str, town: str) -> None:
    text = text_of(sheet.render(made(practice, doctor, town)))
    assert all(f"{number}." in text for number in range(1, 25))


def test_a_sheet_shows_no_word_when_it_is_printed_by_a_debugger() -> None:
    assert not any(word in repr(made()) for word in WORDS)


def test_only_24_words_make_a_sheet() -> None:
    with pytest.raises(ValueError, match="24"):
        sheet.render(Sheet("C", "D", "E", "2026-03-01", WORDS[:23]))


def test_a_file_is_private_and_nothing_is_ever_written_over(tmp_path: Path) -> None:
    path = tmp_path / "feuille.pdf"
    sheet.write_new(path, sheet.render(made()))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_bytes()
    with pytest.raises(FileExistsError):
        sheet.write_new(path, b"other")
    assert path.read_bytes() == before
    link = tmp_path / "link.pdf"
    link.symlink_to(tmp_path / "nowhere")
    with pytest.raises(FileExistsError):
        sheet.write_new(link, b"other")
    assert not (tmp_path / "nowhere").exists()


def test_four_letters_without_accents_are_enough_as_the_sheet_says() -> None:
    assert passphrase.recovery_key(" ".join(fold(word)[:4] for word in WORDS)) == KEY
    assert passphrase.recovery_key(" ".join(fold(word).upper() for word in WORDS)) == KEY
    assert passphrase.recovery_key("\n".join(f"{at}. {word}" for at, word in enumerate(WORDS, start=1))) == KEY


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (WORDS[:23], "There are 23 recovery words; 24 are needed."),
        ((*WORDS, WORDS[0]), "There are 25 recovery words"),
        (("aff", *WORDS[1:]), "Recovery word number 1 is misspelt"),
        ((*WORDS[:4], "prenomme", *WORDS[5:]), "Recovery word number 5 is misspelt"),
        ((WORDS[1], WORDS[0], *WORDS[2:]), "a word is wrong or in the wrong place"),
        ((), "There are 0 recovery words"),
    ],
)
def test_words_that_are_not_right_are_refused_by_their_place(words: tuple[str, ...], said: str) -> None:
    with pytest.raises(BadInput) as raised:
        passphrase.recovery_key(" ".join(words))
    assert said in str(raised.value)
    assert not any(word in str(raised.value) for word in WORDS)


@settings(max_examples=100)
@given(st.text(max_size=300))
def test_any_text_is_refused_with_a_sentence(typed: str) -> None:
    with pytest.raises(BadInput):
        passphrase.recovery_key(typed)
