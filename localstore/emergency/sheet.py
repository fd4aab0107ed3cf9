"""The emergency sheet: a summary as a PDF of A4 pages that a stranger reads in ten seconds, in French.

The order is that of an emergency: who, allergies, current treatment, problems, history, then the rest. Everything that
the summary holds is printed, over as many pages as it takes; what it does not hold is counted. The same summary gives
the same bytes. No text is trusted: see `glyphs` and `setting`.
"""

from collections.abc import Iterable
from io import BytesIO
from typing import Any

from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, FrameBreak, NextPageTemplate, PageTemplate

from localstore.emergency import fonts, french, identity, page, wording
from localstore.emergency.sections import Knowledge, SectionName, Summary
from localstore.emergency.setting import Setting

CREATOR = "Confrère, fiche d'urgence v1"


def render(summary: Summary) -> bytes:
    """The sheet as a PDF. The number of pages is printed on each page, so the sheet is laid out twice."""
    setting = Setting(fonts.load().draws)
    _, pages = _laid_out(summary, setting, 0)
    printed, _ = _laid_out(summary, setting, pages)
    return printed


def _laid_out(summary: Summary, setting: Setting, total: int) -> tuple[bytes, int]:
    """The document in which `total` pages are announced, and how many pages it has."""
    who, allergies, flowing = _who(summary, setting), _allergies(summary, setting), list[Any]()
    tall = page.TALLEST_BAND - page.ROOM
    if _height(who, page.TEXT_WIDTH) > tall:
        flowing += [setting.title("Identité", "complète", page.TITLE), *who]
        who = _short_who(summary, setting)
    if _height(allergies, page.BOX_WIDTH) > tall:
        flowing += allergies
        allergies = _short_allergies(summary, setting)
    band = max(page.ROW, page.ROOM + max(_height(who, page.TEXT_WIDTH), _height(allergies, page.BOX_WIDTH)))
    story = [*who, FrameBreak(), *allergies, FrameBreak(), NextPageTemplate("later"), *flowing]
    return _printed(summary, setting, [*story, *_rest(summary, setting)], band, total)


def _printed(summary: Summary, setting: Setting, story: list[Any], band: float, total: int) -> tuple[bytes, int]:
    running = _running(summary, setting)
    alarm = summary.section(SectionName.ALLERGIES).knowledge is not Knowledge.NONE
    first = PageTemplate("first", page.frames(band), onPage=page.first_page(running, total, band, alarm))
    later = PageTemplate("later", page.later_frames(), onPage=page.later_page(running, total))
    buffer = BytesIO()
    document = BaseDocTemplate(
        buffer,
        pagesize=(page.WIDTH, page.HEIGHT),
        pageTemplates=[first, later],
        initialFontName=fonts.REGULAR,
        invariant=1,  # no date and no random identifier of the library's own: the same summary, the same bytes
        lang="fr-FR",
        title=f"Fiche d'urgence : {identity.running(summary.patient)}",
        author=identity.signature(summary.author, summary.practice),
        subject=f"État du dossier au {french.moment(summary.made)}",
        creator=CREATOR,
    )
    document.build(story)
    return buffer.getvalue(), document.page


def _running(summary: Summary, setting: Setting) -> page.Running:
    allergies = summary.section(SectionName.ALLERGIES)
    count = sum(item.current for item in allergies.items)
    return page.Running(
        patient=setting.plain(identity.running(summary.patient)),
        origin=setting.plain(f"Copie établie par {identity.signature(summary.author, summary.practice)}"),
        made=f"État du dossier au {french.moment(summary.made)}. Ce qui a été noté depuis n'y figure pas.",
        allergies=f"Allergies : {count if count else wording.extent(allergies)}, voir page 1",
    )


def _who(summary: Summary, setting: Setting) -> list[Any]:
    """The left panel: who this is, whom to call, who says so."""
    patient = summary.patient
    name = f"{identity.family_name(patient)} {identity.given_names(patient)}"
    made = f"Établie le {french.moment(summary.made)} par {identity.signature(summary.author, summary.practice)}"
    return [
        setting.paragraph("FICHE MÉDICALE D'URGENCE", page.KICKER),
        setting.paragraph(name, page.NAME if len(name) <= page.LONGEST_BIG_NAME else page.LONG_NAME),
        setting.paragraph(identity.birth(summary), page.BIRTH),
        *(setting.paragraph(words, page.ALARM) for words in identity.warnings(summary)),
        *(setting.paragraph(words, page.IDENTITY) for words in identity.particulars(summary)),
        setting.paragraph(made, page.NOTE),
    ]


def _short_who(summary: Summary, setting: Setting) -> list[Any]:
    """The left panel when the identity is too long for it: it then stands in full at the head of the columns."""
    name = page.fitted(setting.plain(identity.full_name(summary.patient)), fonts.BOLD, 12, page.TEXT_WIDTH)
    return [
        setting.paragraph("FICHE MÉDICALE D'URGENCE", page.KICKER),
        setting.paragraph(name, page.LONG_NAME),
        setting.paragraph("Identité complète ci-dessous", page.ALARM),
    ]


def _allergies(summary: Summary, setting: Setting) -> list[Any]:
    return setting.section(summary.section(SectionName.ALLERGIES), summary)


def _short_allergies(summary: Summary, setting: Setting) -> list[Any]:
    """The right panel when there are more allergies than it holds: how many, and where they are."""
    section = summary.section(SectionName.ALLERGIES)
    return [
        setting.title("ALLERGIES", wording.extent(section), page.ALLERGY_TITLE),
        setting.paragraph("Liste complète ci-dessous, avant le traitement.", page.BIRTH),
    ]


def _rest(summary: Summary, setting: Setting) -> list[Any]:
    """The sections after the allergies, in reading order; those without anything to say are named together at the end."""
    story: list[Any] = []
    silent: list[str] = []
    for section in summary.sections:
        if section.name is SectionName.ALLERGIES:
            continue
        if section.name in wording.REQUIRED or section.total:
            story += setting.section(section, summary)
        else:
            silent.append(wording.TITLES[section.name].lower())
    return [*story, *setting.notes(_end(summary, silent))]


def _end(summary: Summary, silent: Iterable[str]) -> list[str]:
    names = ", ".join(silent)
    left = ", ".join(french.plural(one.count, *wording.KINDS[one.kind]) for one in summary.left_out)
    return [
        *([f"Non renseigné dans ce dossier : {names}."] if names else []),
        *([f"Dans le dossier, sans place sur cette fiche : {left}."] if left else []),
    ]


def _height(flowables: Iterable[Any], width: float) -> float:
    scratch = Canvas(BytesIO(), invariant=1)  # flowables measure themselves on a canvas
    heights = (
        one.wrapOn(scratch, width, page.HEIGHT)[1] + one.getSpaceBefore() + one.getSpaceAfter() for one in flowables
    )
    return float(sum(heights))
