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
from localstore.emergency.sections import Knowledge, Section, SectionName, Summary
from localstore.emergency.setting import Setting, flowing

CREATOR = "Confrère, fiche d'urgence v1"
BOX_SIZES = ((page.LARGE_ALLERGY, page.ROW), (page.ALLERGY, page.TALL), (page.ITEM, page.TALLEST))
PANEL_NAMES = (20, 10, 5, 0)  # how many allergies are tried in a panel that cannot name them all


def render(summary: Summary) -> bytes:
    """The sheet as a PDF. The number of pages is printed on each page, so the sheet is laid out twice."""
    setting = Setting(fonts.load().draws)
    _, pages = _laid_out(summary, setting, 0)
    printed, _ = _laid_out(summary, setting, pages)
    return printed


def _laid_out(summary: Summary, setting: Setting, total: int) -> tuple[bytes, int]:
    """The document in which `total` pages are announced, and how many pages it has."""
    who, more_who = _who(summary, setting)
    allergies, more_allergies = _allergies(summary, setting)
    left = page.left_panel(_height(who, page.TEXT_WIDTH))
    right = page.right_panel(_height(allergies, page.BOX_WIDTH))
    story = [*who, FrameBreak(), *allergies, FrameBreak(), NextPageTemplate("later")]
    story += [*more_who, *more_allergies, *_rest(summary, setting)]
    running = _running(summary, setting)
    first = page.first_page(running, total, right, _tone(summary))
    templates = [
        PageTemplate("first", page.frames(left, right), onPage=first),
        PageTemplate("later", page.later_frames(), onPage=page.later_page(running, total)),
    ]
    return _printed(summary, setting, templates, story)


def _printed(summary: Summary, setting: Setting, templates: list[Any], story: list[Any]) -> tuple[bytes, int]:
    buffer = BytesIO()
    document = BaseDocTemplate(
        buffer,
        pagesize=(page.WIDTH, page.HEIGHT),
        pageTemplates=templates,
        initialFontName=fonts.REGULAR,
        invariant=1,  # no date and no random identifier of the library's own: the same summary, the same bytes
        lang="fr-FR",
        title=setting.plain(f"Fiche d'urgence : {identity.running(summary.patient)}"),
        author=setting.plain(identity.signature(summary.author, summary.practice)),
        subject=f"État du dossier au {french.moment(summary.made)}",
        creator=CREATOR,
    )
    document.build(story)
    return buffer.getvalue(), document.page


def _tone(summary: Summary) -> page.Tone:
    tones = {Knowledge.NONE: page.CALM, Knowledge.NOT_ASKED: page.DOUBT}
    return tones.get(summary.section(SectionName.ALLERGIES).knowledge, page.DANGER)


def _running(summary: Summary, setting: Setting) -> page.Running:
    allergies = summary.section(SectionName.ALLERGIES)
    count = sum(item.current for item in allergies.items)
    return page.Running(
        patient=setting.plain(identity.running(summary.patient)),
        origin=setting.plain(f"Copie établie par {identity.signature(summary.author, summary.practice)}"),
        made=f"État du dossier au {french.moment(summary.made)}. Ce qui a été noté depuis n'y figure pas.",
        allergies=f"Allergies : {count if count else wording.extent(allergies)}, voir page 1",
    )


def _who(summary: Summary, setting: Setting) -> tuple[list[Any], list[Any]]:
    """The left panel: who this is, whom to call, who says so. What is too long for it flows through the columns."""
    name = f"{identity.family_name(summary.patient)} {identity.given_names(summary.patient)}"
    made = f"Établie le {french.moment(summary.made)} par {identity.signature(summary.author, summary.practice)}"
    kicker = setting.paragraphs("FICHE MÉDICALE D'URGENCE", page.KICKER)
    full = [
        *setting.paragraphs(name, page.NAME if len(name) <= page.LONGEST_BIG_NAME else page.LONG_NAME),
        *setting.paragraphs(identity.birth(summary), page.BIRTH),
        *_each(setting, identity.warnings(summary), page.ALARM),
        *_each(setting, identity.particulars(summary), page.IDENTITY),
        *setting.paragraphs(made, page.NOTE),
    ]
    if page.left_panel(_height([*kicker, *full], page.TEXT_WIDTH)) <= page.TALL:
        return [*kicker, *full], []
    short = page.fitted(setting.plain(identity.full_name(summary.patient)), fonts.BOLD, 12, page.TEXT_WIDTH)
    pointer = setting.paragraphs("Identité complète ci-dessous", page.ALARM)
    title = setting.paragraphs("Identité — complète", page.TITLE)
    return [*kicker, *setting.paragraphs(short, page.LONG_NAME), *pointer], flowing(title, full, [])


def _each(setting: Setting, said: Iterable[str], style: Any) -> list[Any]:
    return [one for words in said for one in setting.paragraphs(words, style)]


def _allergies(summary: Summary, setting: Setting) -> tuple[list[Any], list[Any]]:
    """The right panel: the allergies, in large type where there is room for it.

    More than the panel can hold: it names as many as it can, and the whole section comes first in the columns.
    """
    section, tone = summary.section(SectionName.ALLERGIES), _tone(summary)
    for item, limit in BOX_SIZES:
        box = setting.box(section, summary, tone, item)
        if page.right_panel(_height(box, page.BOX_WIDTH)) <= limit:
            return box, []
    return _names_only(section, setting, tone), flowing(box[:1], box[1:], [])


def _names_only(section: Section, setting: Setting, tone: page.Tone) -> list[Any]:
    names = list(dict.fromkeys(item.label for item in section.items if item.current))
    for count in (len(names), *PANEL_NAMES):
        rest = french.plural(len(names) - count, "autre allergie", "autres allergies") if count else ""
        said = ", ".join([*names[:count], *([rest] if rest and count < len(names) else [])])
        words = f"{said}. Liste complète ci-dessous." if said else "Liste complète ci-dessous."
        panel = [
            setting.title(section, page.box_title(tone), wording.TITLES[section.name].upper()),
            *setting.paragraphs(words, page.STATEMENT),
        ]
        if page.right_panel(_height(panel, page.BOX_WIDTH)) <= page.ROW:
            break
    return panel


def _rest(summary: Summary, setting: Setting) -> list[Any]:
    """The sections after the allergies, in reading order; those that have nothing to say are named at the end."""
    story: list[Any] = []
    silent: list[str] = []
    for section in summary.sections:
        if section.name in (SectionName.ALLERGIES, SectionName.CONTACTS):
            continue  # they stand in the panels, or under the identity
        if section.name in wording.REQUIRED or wording.has_something(section):
            story += setting.section(section, summary)
        else:
            silent.append(wording.TITLES[section.name].lower())
    return [*story, *_each(setting, _end(summary, silent), page.NOTE)]


def _end(summary: Summary, silent: Iterable[str]) -> list[str]:
    names = ", ".join(silent)
    asked = [f"Non renseigné dans ce dossier : {names}."] if names else []
    return [*asked, *wording.left_out(summary)]


def _height(flowables: Iterable[Any], width: float) -> float:
    scratch = Canvas(BytesIO(), invariant=1)  # flowables measure themselves on a canvas
    heights = (
        one.wrapOn(scratch, width, page.HEIGHT)[1] + one.getSpaceBefore() + one.getSpaceAfter() for one in flowables
    )
    return float(sum(heights))
