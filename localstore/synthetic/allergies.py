"""Allergies: drawn before any medicine, so that none that is given contradicts them."""

from typing import NamedTuple

from localstore.bodies import AllergyBody
from localstore.synthetic.draw import between, chance, day_between, pick, shares, whole
from localstore.synthetic.life import Life
from localstore.values import Concept


class Allergen(NamedTuple):
    """`forbids` are the classes of medicines that it rules out; reactions are (words, criticality)."""

    key: str
    substance: str
    category: str
    from_age: float
    reactions: tuple[tuple[str, str], ...]
    forbids: tuple[str, ...] = ()
    gone_by: float = 0.0  # the age by which most have outgrown it


_RASH = ("Éruption maculopapuleuse", "low")
_SHOCK = ("Choc anaphylactique", "high")
_SWELLING = ("Œdème de Quincke", "high")
_HIVES = ("Urticaire généralisée", "high")

ALLERGENS = shares(
    {
        Allergen("pénicilline", "Amoxicilline (pénicillines)", "medication", 1, (_RASH, _RASH, _HIVES, _SWELLING),
                 ("pénicilline", "céphalosporine")): 26,
        Allergen("ains", "Anti-inflammatoires non stéroïdiens", "medication", 18,
                 (_SWELLING, ("Bronchospasme", "high"), ("Urticaire", "low")), ("AINS", "aspirine")): 9,
        Allergen("sulfamide", "Cotrimoxazole (sulfamides)", "medication", 10,
                 (("Toxidermie maculopapuleuse étendue", "high"), _RASH), ("sulfamide", "cotrimoxazole")): 6,
        Allergen("codéine", "Codéine", "medication", 16, (("Vomissements, malaise", "low"),), ("opioïde",)): 5,
        Allergen("iec", "Inhibiteurs de l'enzyme de conversion", "medication", 48,
                 (("Angio-œdème du visage", "high"), ("Toux sèche invalidante", "low")), ("IEC",)): 4,
        Allergen("contraste", "Produit de contraste iodé", "medication", 40,
                 (("Urticaire 20 minutes après l'injection", "low"), _SHOCK)): 4,
        Allergen("latex", "Latex", "environment", 15, (("Urticaire de contact", "low"), _SHOCK)): 4,
        Allergen("guêpe", "Venin de guêpe", "environment", 6, (_SHOCK, _SWELLING)): 6,
        Allergen("arachide", "Arachide", "food", 1, (_SHOCK, _SWELLING, _HIVES)): 6,
        Allergen("fruits à coque", "Fruits à coque (noisette, noix de cajou)", "food", 2, (_SWELLING, _HIVES)): 4,
        Allergen("crustacés", "Crustacés", "food", 14, (_HIVES, ("Urticaire et vomissements", "low"))): 4,
        Allergen("lait", "Protéines du lait de vache", "food", 0.3, (("Urticaire et vomissements", "low"),),
                 gone_by=4): 3,
        Allergen("œuf", "Œuf", "food", 0.8, (("Urticaire péribuccale", "low"),), gone_by=6): 3,
        Allergen("kiwi", "Kiwi", "food", 8, (("Syndrome oral", "low"),)): 2,
        Allergen("acariens", "Acariens de la poussière", "environment", 4, (("Rhinite, gêne respiratoire", "low"),)): 9,
        Allergen("graminées", "Pollens de graminées", "environment", 5, (("Rhinoconjonctivite", "low"),)): 10,
        Allergen("bouleau", "Pollens de bouleau", "environment", 7, (("Rhinoconjonctivite", "low"),)): 5,
        Allergen("chat", "Poils de chat", "environment", 5, (("Éternuements, sifflements", "low"),)): 5,
        Allergen("nickel", "Nickel", "environment", 14, (("Eczéma de contact", "low"),)): 5,
        Allergen("sparadrap", "Adhésifs (sparadrap)", "environment", 10, (("Eczéma de contact", "low"),)): 4,
    }
)  # fmt: skip

_IN_SPRING = ("graminées", "bouleau")
_ASKED = 0.79  # of how many patients the record says anything about allergies
_SOME = 0.29  # of those, how many have one at least
ADRENALINE = ("guêpe", "arachide", "fruits à coque")  # those for whom a pen is prescribed when the reaction was grave


def write(life: Life) -> list[tuple[Allergen, str]]:
    """Write allergies, or that there is none, or nothing at all when nobody asked. Returns them with criticality."""
    if not chance(life.rng, _ASKED):
        return []
    if not chance(life.rng, _SOME):
        life.add(life.first, AllergyBody(none_known=True))
        return []
    drawn = (pick(life.rng, ALLERGENS) for _ in range(1 if chance(life.rng, 0.75) else whole(life.rng, 2, 3)))
    found = [(one, _one(life, one)) for one in dict.fromkeys(drawn) if one.from_age < life.age(life.last)]
    if not found:
        life.add(life.first, AllergyBody(none_known=True))
    return found


def _one(life: Life, allergen: Allergen) -> str:
    age = life.age(life.last)
    reaction, criticality = pick(life.rng, allergen.reactions)
    early = min(age, allergen.from_age + (between(life.rng, 0, 1) ** 1.5) * (age - allergen.from_age))
    onset = day_between(life.rng, life.at_age(early), min(life.last, life.at_age(early + 0.2)))
    if allergen.key in _IN_SPRING:
        spring = onset.replace(month=5, day=whole(life.rng, 2, 28))
        onset = spring if life.birth < spring <= life.last else onset
    if allergen.gone_by:
        onset = life.at_age(min(age, allergen.from_age + between(life.rng, 0, 0.5)))
    gone = 0 < allergen.gone_by < age
    life.forbidden.update(allergen.forbids)
    written = life.written(onset)
    body = AllergyBody(
        substance=Concept(text=allergen.substance),
        clinical_status="resolved" if gone else "active",
        criticality=criticality,
        category=allergen.category,
        reaction=reaction,
        onset=written,
        note="Tolérance acquise, réintroduction faite." if gone else "",
    )
    life.add(written, body)
    return "" if gone else criticality
