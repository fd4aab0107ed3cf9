"""The report as a PDF of A4 pages: everything that an account holds, over as many pages as it takes.

No text is trusted: what hides or controls is printed as its code point (`localstore.emergency.glyphs`), and nothing is
cut off. The number of pages is printed on each page; it is written once, at the end, so that a record of three thousand
entries is laid out once.
"""

from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate, Paragraph

from localstore.bodies import PatientBody
from localstore.emergency import fonts, page
from localstore.emergency.setting import Setting
from localstore.rights import telling
from localstore.rights.account import Account, Recorded, Share
from localstore.rights.notices import HEADINGS, NO_SHARE, RIGHTS, WHY_KEPT
from localstore.rights.terms_of_keeping import State
from localstore.rights.wording import ACTIONS, CODES, ENGLISH, FRENCH, KINDS

CREATOR = "Confrère, relevé du dossier v1"
_TOTAL = "total"  # the form that holds the number of pages
_MARGIN, _FOOT = 16 * mm, 18 * mm
_WIDTH = page.WIDTH - 2 * _MARGIN
_NUMBER_SIZE = 7.4  # points
_HEAD = page.style(18, bold=True, spaceAfter=6)
_PART = page.style(13, bold=True, color=page.NAVY, spaceBefore=14, spaceAfter=5, keepWithNext=1)
_KIND = page.style(10.5, bold=True, color=page.NAVY, backColor=page.PALE, spaceBefore=8, spaceAfter=4, keepWithNext=1)
_TITLE = page.style(9.2, bold=True, spaceBefore=3)
_TEXT = page.style(9)
_DETAIL = page.style(8.6, leftIndent=10)
_NOTE = page.style(7.4, color=page.GREY, leftIndent=10)

_STATES = {
    State.ACTIVE: ("en cours d'usage", "in active use"),
    State.DORMANT: ("à archiver", "to be archived"),
    State.ARCHIVED: ("archivé", "archived"),
    State.DUE: ("au terme de sa conservation", "at the end of its time"),
}


def render(account: Account, tongue: int = FRENCH) -> bytes:
    """The report in one of the two languages."""
    setting = Setting(fonts.load().draws)
    buffer = BytesIO()
    name = _name(account.identity)
    document = BaseDocTemplate(
        buffer,
        pagesize=(page.WIDTH, page.HEIGHT),
        initialFontName=fonts.REGULAR,
        invariant=1,
        lang="en-GB" if tongue == ENGLISH else "fr-FR",
        title=setting.plain(f"{HEADINGS['report'][tongue]} : {name}"),
        author=setting.plain(telling.named(account.by)),
        creator=CREATOR,
    )
    frame = Frame(_MARGIN, _FOOT, _WIDTH, page.HEIGHT - _MARGIN - _FOOT, 0, 0, 0, 0)
    footer = _footer(setting.plain(f"{name}, {_made(account, tongue)}"))
    document.addPageTemplates([PageTemplate("page", [frame], onPage=footer)])
    document.build(list(_story(account, setting, tongue)), canvasmaker=_counting)
    return buffer.getvalue()


def _counting(*arguments: Any, **options: Any) -> Any:
    """A canvas that writes the number of its pages where each page left room for it."""
    canvas = Canvas(*arguments, **options)
    save = canvas.save

    def finish() -> None:
        canvas.beginForm(_TOTAL)
        canvas.setFont(fonts.REGULAR, _NUMBER_SIZE)
        canvas.drawString(0, 0, str(canvas.getPageNumber() - 1))
        canvas.endForm()
        save()

    canvas.save = finish
    return canvas


def _footer(words: str) -> Callable[[Any, Any], None]:
    def draw(canvas: Any, document: Any) -> None:
        canvas.saveState()
        canvas.setStrokeColor(page.GREY)
        canvas.setLineWidth(0.5)
        canvas.line(_MARGIN, _FOOT - 4 * mm, page.WIDTH - _MARGIN, _FOOT - 4 * mm)
        canvas.setFillColor(page.INK)
        canvas.setFont(fonts.REGULAR, _NUMBER_SIZE)
        canvas.drawString(_MARGIN, _FOOT - 8 * mm, page.fitted(words, fonts.REGULAR, _NUMBER_SIZE, _WIDTH - 30 * mm))
        canvas.drawRightString(page.WIDTH - _MARGIN - 6 * mm, _FOOT - 8 * mm, f"page {document.page}/")
        canvas.translate(page.WIDTH - _MARGIN - 6 * mm, _FOOT - 8 * mm)
        canvas.doForm(_TOTAL)
        canvas.restoreState()

    return draw


def _name(identity: PatientBody) -> str:
    return f"{identity.family_name.upper()} {' '.join(identity.given_names)}".strip()


def _made(account: Account, tongue: int) -> str:
    said = ("établi le {day} par {who}, {practice}", "made on {day} by {who}, {practice}")[tongue]
    place = ", ".join(filter(None, (account.practice, account.town)))
    return said.format(day=telling.day(account.made[:10], tongue), who=telling.named(account.by), practice=place)


def _story(account: Account, setting: Setting, tongue: int) -> Iterator[Any]:
    yield from setting.paragraphs(HEADINGS["report"][tongue], _HEAD)
    yield from setting.paragraphs(_name(account.identity), _PART)
    yield from setting.paragraphs(_made(account, tongue), _TEXT)
    yield from _contents(account, setting, tongue)
    yield from _accesses(account, setting, tongue)
    yield from _shares(account, setting, tongue)
    yield from _keeping(account, setting, tongue)
    yield from setting.paragraphs(HEADINGS["rights"][tongue], _PART)
    for right in RIGHTS:
        yield from setting.paragraphs(right[tongue], _TEXT)


def _contents(account: Account, setting: Setting, tongue: int) -> Iterator[Any]:
    yield from setting.paragraphs(HEADINGS["contents"][tongue], _PART)
    for kind, recorded in account.entries.items():
        standing = sum(not one.replaced for one in recorded)
        words = f"{KINDS[kind][tongue]} — {standing}"
        if len(recorded) > standing:
            words += (" ; versions antérieures : {n}", "; earlier versions: {n}")[tongue].format(
                n=len(recorded) - standing
            )
        yield from setting.paragraphs(words, _KIND)
        for one in recorded:
            yield from _entry(one, setting, tongue)


def _entry(one: Recorded, setting: Setting, tongue: int) -> Iterator[Any]:
    told = telling.tell(one.entry, tongue, replaced=one.replaced)
    remarks = f" — {' ; '.join(told.remarks)}" if told.remarks else ""
    yield from setting.paragraphs(f"{told.when} : {told.title}{remarks}".rstrip(" :"), _TITLE)
    for detail in told.details:
        yield from setting.paragraphs(detail, _DETAIL)
    yield from setting.paragraphs(told.origin, _NOTE)


def _accesses(account: Account, setting: Setting, tongue: int) -> Iterator[Any]:
    yield from setting.paragraphs(HEADINGS["access"][tongue], _PART)
    since = telling.day(account.accesses[0].at[:10], tongue) if account.accesses else ""
    words = ("Lignes conservées depuis le {day} : {n}.", "Lines kept since {day}: {n}.")[tongue]
    yield from setting.paragraphs(words.format(day=since, n=len(account.accesses)), _TEXT)
    for one in account.accesses:
        what = ACTIONS[one.action][tongue] if one.action in ACTIONS else one.action
        why = f" : {telling.why(one.action, one.words, tongue)}" if one.words else ""
        yield from _lines(setting, f"{telling.moment(one.at, tongue)}, {one.who} {what}{why}")


def _lines(setting: Setting, words: str) -> list[Any]:
    return list(setting.paragraphs(words, _DETAIL))


def _shares(account: Account, setting: Setting, tongue: int) -> Iterator[Any]:
    yield from setting.paragraphs(HEADINGS["shares"][tongue], _PART)
    if not account.shares:
        yield from setting.paragraphs(NO_SHARE[tongue], _TEXT)
    for one in account.shares:
        yield from setting.paragraphs(one.colleague, _TITLE)
        for words in _share(one, tongue):
            yield from setting.paragraphs(words, _DETAIL)


def _share(one: Share, tongue: int) -> Iterator[str]:
    terms, consent = one.consent.terms, one.consent
    given = CODES.get(terms.given, (terms.given, terms.given))[tongue]
    words = ("Consentement donné {how} le {day}, noté par {who}", "Consent given {how} on {day}, noted by {who}")[
        tongue
    ]
    yield words.format(how=given, day=telling.day(consent.granted[:10], tongue), who=terms.recorded_by)
    yield f"{('But', 'Purpose')[tongue]} : {terms.purpose}"
    yield f"{('Porte sur', 'Covers')[tongue]} : {', '.join(KINDS[kind][tongue].lower() for kind in terms.kinds)}"
    until = terms.ends and telling.day(terms.ends, tongue)
    span = f"{('du', 'from')[tongue]} {telling.day(terms.begins, tongue)}"
    yield f"{span} {('au', 'to')[tongue]} {until}" if until else f"{span}, {('sans terme', 'without an end')[tongue]}"
    if terms.is_standing:
        yield ("Chaque changement couvert part de lui-même", "Each change that it covers goes by itself")[tongue]
    if consent.revoked:
        yield f"{('Retiré le', 'Taken back on')[tongue]} {telling.day(consent.revoked[:10], tongue)}"
    sent = ", ".join(telling.day(made[:10], tongue) for made in one.sent) or ("aucun envoi", "nothing sent")[tongue]
    yield f"{('Extraits envoyés', 'Extracts sent')[tongue]} : {sent}"
    attested = (
        "Attesté par son logiciel : {a} ouvert(s), {b} retiré(s)",
        "Attested by his software: {a} opened, {b} removed",
    )
    if one.sent:
        yield attested[tongue].format(a=one.opened, b=one.removed)


def _keeping(account: Account, setting: Setting, tongue: int) -> Iterator[Any]:
    yield from setting.paragraphs(HEADINGS["keeping"][tongue], _PART)
    days, state = account.kept.days, _STATES[account.kept.state][tongue]
    words = (
        "Dernier soin ou dernière inscription : {last}. Dossier {state}. En usage courant jusqu'au {active}, conservé "
        "jusqu'au {kept}.",
        "Last care or last entry: {last}. The record is {state}. In active use until {active}, kept until {kept}.",
    )[tongue]
    said = words.format(
        last=telling.day(days.last_care, tongue),
        state=state,
        active=telling.day(days.active_until, tongue),
        kept=telling.day(days.kept_until, tongue),
    )
    yield from setting.paragraphs(said, _TEXT)
    yield Paragraph(setting.text(WHY_KEPT[tongue]), _TEXT)
