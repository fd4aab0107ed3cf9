"""What is said of each item, in French words without any markup, shared by the printed sheet and the narratives.

A line has a label, what is said of it, and when. Lines that differ in nothing but their date are brought together, so
that ten influenza vaccinations or thirty reviews of a treatment read as one line with all its dates.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from localstore.emergency import french, saying
from localstore.emergency.sections import Item, Knowledge, Section, SectionName, Summary
from localstore.kinds import Kind

TITLES = {
    SectionName.ALLERGIES: "Allergies",
    SectionName.MEDICATIONS: "Traitement en cours",
    SectionName.PROBLEMS: "Problèmes actifs",
    SectionName.HISTORY: "Antécédents",
    SectionName.DEVICES: "Dispositifs et implants",
    SectionName.MEASUREMENTS: "Dernières valeurs",
    SectionName.CONSULTATIONS: "Dernières consultations",
    SectionName.PROCEDURES: "Actes et interventions",
    SectionName.IMMUNISATIONS: "Vaccinations",
    SectionName.FAMILY: "Antécédents familiaux",
    SectionName.DIRECTIVES: "Directives anticipées",
    SectionName.CARE_TEAM: "Équipe de soins",
    SectionName.CONTACTS: "Personnes à prévenir",
}
NONE_KNOWN = {
    SectionName.ALLERGIES: "aucune connue",
    SectionName.MEDICATIONS: "aucun connu",
    SectionName.PROBLEMS: "aucun connu",
    SectionName.DEVICES: "aucun connu",
    SectionName.PROCEDURES: "aucun connu",
    SectionName.IMMUNISATIONS: "aucune connue",
    SectionName.FAMILY: "aucun connu",
}
REQUIRED = (SectionName.ALLERGIES, SectionName.MEDICATIONS, SectionName.PROBLEMS)
RECOMMENDED = (SectionName.DEVICES, SectionName.PROCEDURES, SectionName.IMMUNISATIONS)  # by IPS 2.0.1
NOT_ASKED = "non renseigné"
COMPETING = "{n} VERSIONS, à vérifier"
PARTLY_RETRACTED = "{n} VERSIONS, dont {m} « saisie par erreur », à vérifier"
KINDS = {
    Kind.DOCUMENT: ("document", "documents"),
    Kind.LETTER: ("courrier", "courriers"),
    Kind.RELATIVE: ("autre membre de la famille", "autres membres de la famille"),
    Kind.OTHER: ("élément importé sans rubrique", "éléments importés sans rubrique"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line: a label, a warning, details, and when (several moments where lines were brought together)."""

    label: str
    alert: str = ""
    detail: str = ""
    when: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    current: bool = True

    @property
    def moments(self) -> str:
        """The moments, one after the other; the same moment twice is said once, with how often."""
        often = Counter(moment for moment in self.when if moment)
        return ", ".join(f"{moment} (× {times})" if times > 1 else moment for moment, times in often.items())


def lines(section: Section, made: datetime) -> list[Line]:
    """The lines of a section in its order, equal ones brought together. `made` tells what has ended since."""
    return together(line(item, made) for item in section.items)


def together(found: Iterable[Line]) -> list[Line]:
    """Bring lines together that differ only in when; each stays where the first of them stood."""
    merged: dict[tuple[str, str, str], Line] = {}
    for one in found:
        key = (one.label, one.alert, one.detail)
        first = merged.get(key)
        if first is None:
            merged[key] = one
        else:
            merged[key] = replace(first, when=first.when + one.when, versions=first.versions + one.versions)
    return list(merged.values())


def line(item: Item, made: datetime) -> Line:
    """The line of one item."""
    alert, detail, when = saying.said(item, made)
    alerts = [word for word in (alert, _competing(item)) if word]
    return Line(
        label=item.label,
        alert=" · ".join(alerts),
        detail=" · ".join(part.strip() for part in detail if part.strip()),
        when=(when,),
        versions=(item.entry.version,),
        current=item.current,
    )


def _competing(item: Item) -> str:
    if not item.competing:
        return ""
    words = PARTLY_RETRACTED if item.retracted else COMPETING
    return words.format(n=item.versions, m=item.retracted)


def extent(section: Section) -> str:
    """How much of the section is shown: `complet : 8`, `partiel : 5 sur 37`, or that nobody asked."""
    if not section.complete:
        return f"partiel : {section.shown} sur {section.total}"
    if section.items:
        return f"complet : {section.shown}"
    return "complet" if section.knowledge is Knowledge.NONE else NOT_ASKED


def statements(section: Section) -> list[str]:
    """What stands in the place of items: that there is none, and when that was asked; or that nobody asked."""
    title = TITLES[section.name]
    if section.knowledge is Knowledge.NOT_ASKED:
        current = " actuelles" if section.items else ""  # only allergies have items that no longer hold
        return [f"{title}{current} : {NOT_ASKED}. Ne pas en conclure qu'il n'y en a pas."]
    if section.knowledge is Knowledge.NONE:
        return [f"{title} : {_none(section, item)}" for item in section.none_stated]
    return []


def doubts(section: Section) -> list[str]:
    """What must not be overlooked beside the items: what is held back, and a statement of "none" that contradicts."""
    said: list[str] = []
    if section.withheld:
        words = ("élément restreint non communiqué", "éléments restreints non communiqués")
        said.append(french.plural(section.withheld, *words))
    for item in section.contradicted:
        said.append(f"À VÉRIFIER : « {_none(section, item)} » est noté aussi")
    return said


def account(section: Section) -> list[str]:
    """What is not shown and need not be: how much of it; and what was true before the items were noted."""
    said: list[str] = []
    if section.omitted:
        said.append(french.plural(section.omitted, *_OMITTED.get(section.name, ("élément", "éléments"))) + NOT_HERE)
    if section.elsewhere:
        said.append(french.plural(section.elsewhere, *_ENDED[section.name]) + NOT_HERE)
    if section.knowledge is not Knowledge.NONE:
        earlier = (item for item in section.none_stated if item not in section.contradicted)
        said += [f"Noté auparavant : {_none(section, item)}" for item in earlier]
    return said


def _none(section: Section, item: Item) -> str:
    asked = french.on(item.date or item.entry.recorded[:10])
    return f"{NONE_KNOWN.get(section.name, 'aucun')} (demandé {asked} par {item.entry.author.name})"


def has_something(section: Section) -> bool:
    """Whether the section says anything of its own: an item, a statement that there is none, or something ended."""
    return bool(section.total or section.none_stated or section.elsewhere)


def left_out(summary: Summary) -> list[str]:
    """What the record holds and no section has a place for."""
    counted = ", ".join(french.plural(one.count, *KINDS[one.kind]) for one in summary.left_out)
    return [f"Dans le dossier, sans place ici : {counted}."] if counted else []


NOT_HERE = " : non repris ici"
_ENDED = {
    SectionName.MEDICATIONS: ("traitement terminé ou arrêté", "traitements terminés ou arrêtés"),
    SectionName.DEVICES: ("dispositif retiré ou abandonné", "dispositifs retirés ou abandonnés"),
    SectionName.DIRECTIVES: ("directive qui n'est plus en vigueur", "directives qui ne sont plus en vigueur"),
    SectionName.CARE_TEAM: ("ancien intervenant", "anciens intervenants"),
}
_OMITTED = {
    SectionName.CONSULTATIONS: ("consultation plus ancienne", "consultations plus anciennes"),
    SectionName.MEASUREMENTS: (
        "autre mesure (valeur antérieure ou autre analyse)",
        "autres mesures (valeurs antérieures et autres analyses)",
    ),
}
