"""The recovery sheet: the 24 recovery words on one page of paper, large enough to be typed back years later.

Separate from the emergency sheet because it holds a key and no patient. It is written for whoever finds it in a drawer
after a fire: what it opens, what to type, where it belongs; in French, and shortly in English. The words are text, so
that a screen reader can read them. Nothing here writes to a disk by itself: whoever calls decides whether this page
exists as a file at all.
"""

import os
import unicodedata
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph

from localstore.emergency import fonts, page
from localstore.emergency.fonts import BOLD, REGULAR
from localstore.emergency.setting import Setting
from localstore.paths import FILE_MODE

WORDS = 24
COLUMNS, ROWS = 3, 8
MARGIN = 20 * mm
INNER = page.WIDTH - 2 * MARGIN
CELL, LINE = INNER / COLUMNS, 11.8 * mm
GRID_TOP = page.HEIGHT - 77 * mm
WORD_SIZE, NUMBER_SIZE = 19, 9.5
WORD_WIDTH = CELL - 13 * mm  # every word of the list fits
GAP = 8 * mm  # between the two columns of instructions

TITLE = "Mots de récupération"
OPENS_FR = "Qui tient cette feuille ouvre les dossiers de tous les patients."
OPENS_EN = "Whoever holds this sheet opens the records of all patients."

FRENCH = (
    (
        "À quoi elle sert",
        "À rouvrir le dossier quand la phrase de passe est perdue, ou à le rétablir d'une sauvegarde sur une autre "
        "machine. Sans elle ni phrase de passe, personne ne le peut, pas même les auteurs du logiciel.",
    ),
    (
        "Comment s'en servir",
        "Installer Confrère, puis taper <b>confrere user passphrase --recovery</b> pour choisir une nouvelle phrase de "
        "passe, ou <b>confrere restore --recovery FICHIER</b> pour rétablir une sauvegarde. Taper les mots dans "
        "l'ordre de leurs numéros ; majuscules et accents n'importent pas.",
    ),
    (
        "Si un mot est illisible",
        "Il y en a 24. Les quatre premières lettres d'un mot suffisent. S'il en manque un et que le dossier s'ouvre "
        "encore : <b>confrere recovery renew</b> donne d'autres mots, et cette feuille n'ouvre alors plus rien.",
    ),
    (
        "Où la garder",
        "Loin de la machine et de ses sauvegardes : un coffre, un notaire, une enveloppe scellée. Ni photo, ni "
        "courriel, ni copie dans un ordinateur. Perdue ou vue par autrui : <b>confrere recovery renew</b>.",
    ),
)
ENGLISH = (
    ("What for", "Opening the record when the passphrase is lost, or restoring a backup on another machine."),
    (
        "How",
        "Install Confrère; then <b>confrere user passphrase --recovery</b>, or "
        "<b>confrere restore --recovery FILE</b>. Type the 24 words in order, without accents if you like; the first "
        "four letters of each are enough.",
    ),
    (
        "Where to keep it",
        "Away from the machine and its backups. No photo, no email. A word unreadable, the sheet lost or seen: "
        "<b>confrere recovery renew</b> makes new words, and these open nothing any more.",
    ),
)

FOOT = (
    "24 mots français de la liste BIP-39, dont le dernier vérifie les autres. "
    "Détruire le fichier dont vient cette feuille."
)

HEAD_FR = page.style(10, bold=True, color=page.NAVY, spaceAfter=1)
BODY_FR = page.style(9.4, leading=12)
HEAD_EN = page.style(8.4, bold=True, color=page.NAVY, spaceAfter=1)
BODY_EN = page.style(8.2, color=page.GREY, leading=10.2)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is printed: whose it is, the day when the words were made (ISO), and the 24 words, which no repr shows."""

    practice: str
    doctor: str
    town: str
    made: str
    words: tuple[str, ...] = field(repr=False)


def render(sheet: Sheet) -> bytes:
    """The sheet as a PDF of one A4 page; the same sheet gives the same bytes. Raises ValueError unless 24 words."""
    if len(sheet.words) != WORDS:
        raise ValueError(f"a recovery sheet has {WORDS} words")
    setting = Setting(fonts.load().draws)
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=(page.WIDTH, page.HEIGHT), invariant=1, lang="fr-FR", initialFontName=REGULAR)
    canvas.setTitle(f"Confrère : {TITLE.lower()}")
    canvas.setCreator("Confrère, feuille de récupération v1")
    _head(canvas, sheet, setting)
    _warning(canvas)
    _words(canvas, sheet.words)
    _instructions(canvas)
    _foot(canvas)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def write_new(path: Path, sheet: bytes) -> None:
    """Write the sheet to a new file, readable by its owner only. Raises FileExistsError and other OSError.

    Never over anything, and through no link: what is there may be another practice's only sheet.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
    try:
        with open(descriptor, "wb") as file:
            file.write(sheet)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _head(canvas: Any, sheet: Sheet, setting: Setting) -> None:
    """Who this belongs to: a navy band with the title, the practice below it."""
    band = 27 * mm
    canvas.setFillColor(page.NAVY)
    canvas.rect(0, page.HEIGHT - band, page.WIDTH, band, stroke=0, fill=1)
    canvas.setFillColor(page.WHITE)
    canvas.setFont(BOLD, 23)
    canvas.drawString(MARGIN, page.HEIGHT - 16.5 * mm, TITLE)
    canvas.setFont(REGULAR, 10)
    canvas.drawString(MARGIN, page.HEIGHT - 22 * mm, "Recovery words")
    canvas.setFont(BOLD, 11)
    canvas.drawRightString(page.WIDTH - MARGIN, page.HEIGHT - 16.5 * mm, "Confrère")
    top = page.HEIGHT - band - 10.5 * mm
    made = f"faite le {_day(sheet.made)}"
    canvas.setFillColor(page.INK)
    _line(canvas, BOLD, 14, top, setting.plain(sheet.practice), INNER)
    whose = ", ".join(filter(None, (sheet.doctor, sheet.town)))
    canvas.setFillColor(page.GREY)
    _line(canvas, REGULAR, 10.5, top - 5.6 * mm, setting.plain(whose), INNER - 48 * mm)
    canvas.drawRightString(page.WIDTH - MARGIN, top - 5.6 * mm, made)


def _day(made: str) -> str:
    """An ISO date as it is written in France."""
    return "/".join(reversed(made[:10].split("-")))


def _line(canvas: Any, font: str, size: float, height: float, words: str, width: float) -> None:
    canvas.setFont(font, size)
    canvas.drawString(MARGIN, height, page.fitted(words, font, size, width))


def _warning(canvas: Any) -> None:
    """That this page is a key."""
    height, bottom = 15 * mm, GRID_TOP + 6.5 * mm
    canvas.setFillColor(page.DANGER.ground)
    canvas.setStrokeColor(page.DANGER.bar)
    canvas.setLineWidth(1.2)
    canvas.roundRect(MARGIN, bottom, INNER, height, 4, stroke=1, fill=1)
    canvas.setFillColor(page.DANGER.bar)
    canvas.setFont(BOLD, 13)
    canvas.drawCentredString(page.WIDTH / 2, bottom + 8.4 * mm, OPENS_FR)
    canvas.setFont(REGULAR, 9)
    canvas.drawCentredString(page.WIDTH / 2, bottom + 3.4 * mm, OPENS_EN)


def _words(canvas: Any, words: tuple[str, ...]) -> None:
    """The words in three columns, each read downwards, a rule under each word."""
    for place, word in enumerate(words):
        column, row = divmod(place, ROWS)
        left, base = MARGIN + column * CELL, GRID_TOP - (row + 0.72) * LINE
        canvas.setFillColor(page.GREY)
        canvas.setFont(REGULAR, NUMBER_SIZE)
        canvas.drawRightString(left + 7 * mm, base, f"{place + 1}.")
        canvas.setFillColor(page.INK)
        canvas.setFont(BOLD, WORD_SIZE)
        canvas.drawString(left + 9.5 * mm, base, unicodedata.normalize("NFC", word))
        canvas.setStrokeColor(page.PALE)
        canvas.setLineWidth(0.8)
        canvas.line(left + 2 * mm, base - 2.9 * mm, left + CELL - 3 * mm, base - 2.9 * mm)


def _instructions(canvas: Any) -> None:
    """What to do with it: French in two columns, English small below."""
    width = (INNER - GAP) / 2
    top = GRID_TOP - ROWS * LINE - 6 * mm
    columns = (FRENCH[:2], FRENCH[2:])
    lowest = min(
        _block(canvas, parts, (HEAD_FR, BODY_FR), MARGIN + at * (width + GAP), top, width)
        for at, parts in enumerate(columns)
    )
    rule = lowest - 2 * mm
    canvas.setStrokeColor(page.PALE)
    canvas.line(MARGIN, rule, page.WIDTH - MARGIN, rule)
    third = (INNER - 2 * GAP) / 3
    for at, part in enumerate(ENGLISH):
        _block(canvas, (part,), (HEAD_EN, BODY_EN), MARGIN + at * (third + GAP), rule - 3 * mm, third)


def _block(
    canvas: Any,
    parts: tuple[tuple[str, str], ...],
    styles: tuple[ParagraphStyle, ParagraphStyle],
    left: float,
    top: float,
    width: float,
) -> float:
    """Headings and paragraphs downwards from `top`; where they end."""
    for heading, body in parts:
        for words, style in zip((heading, body), styles, strict=True):
            paragraph = Paragraph(words, style)
            _, height = paragraph.wrapOn(canvas, width, top)
            top -= height
            paragraph.drawOn(canvas, left, top)
            top -= style.spaceAfter
        top -= 2.2 * mm
    return top


def _foot(canvas: Any) -> None:
    canvas.setFillColor(page.GREY)
    canvas.setFont(REGULAR, 7)
    canvas.drawString(MARGIN, 11 * mm, FOOT)
