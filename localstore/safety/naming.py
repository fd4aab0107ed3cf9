"""What a concept names: substances, families, ATC groups, codes, and the words that are left. Pure.

Words are compared folded (without accents and case). Words of forms, strengths, salts and manufacturers name nothing.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from localstore.folding import fold
from localstore.safety.substances import FAMILIES, NAMES
from localstore.values import Coding, Concept

# Under what names systems of codes travel: the URIs of HL7, the object identifier, the French terminology server.
ATC_SYSTEMS = frozenset(
    {
        "http://www.whocc.no/atc",
        "https://www.whocc.no/atc",
        "urn:oid:2.16.840.1.113883.6.73",
        "https://smt.esante.gouv.fr/terminologie-atc",
        "atc",
    }
)
_ATC = re.compile(r"[A-Z](?:[0-9]{2}(?:[A-Z](?:[A-Z](?:[0-9]{2})?)?)?)?")
ATC_SUBSTANCE, ATC_SUBGROUP = 7, 5  # characters of the 5th level, one substance, and of the 4th, a chemical subgroup

LONGEST_TEXT = 2_000  # characters of a name that are looked at: no medicine has a longer one, and anybody may send one
MAX_CODINGS = 50  # of a concept that are looked at
TELLING_FROM = 6  # letters; a shorter word that several names share ("acide", "sel") names no substance by itself
SHORTEST_NAME = 3  # letters; "fer" is a medicine

_FORMS = frozenset(
    """
    comprime comprimes pellicule pellicules gelule gelules solution suspension injectable injectables poudre sachet
    sachets ampoule ampoules capsule capsules gouttes buvable creme pommade gel collyre inhalation spray patch
    transdermique dispositif orodispersible effervescent effervescente prolongee liberation dispersible secable
    enrobe stylo prerempli seringue perfusion sirop suppositoire suppositoires lyophilisat flacon dose doses dosette
    tablet tablets extended release delayed chewable injection intravenous intramuscular cream ointment inhaler
    prefilled syringe oral orale topical pen injector solution powder
    nasal nasale ophtalmique auriculaire cutane cutanee sublingual sublinguale rectal rectale vaginal vaginale ovule
    ovules lotion shampooing emulsion granules aerosol unidose recipient pastille pastilles gomme gommes intra uterin
    auto injecteur autoinjecteur matriciel concentre diluer
    adulte adultes adult enfant enfants child children nourrisson nourrissons
    mg g kg ml l ui iu ug mcg u h heures jour jours hr actuat lp lm cp gel unite unites pour cent milligram
    par de du des la le les l et en au aux un une pour the of and or with sans
    allergie allergies allergique allergy allergic intolerance intolerances intolerant hypersensibilite
    hypersensitivity medicament medicaments medication medicine drug antibiotique antibiotiques antibiotic produit
    produits reaction reactions anaphylaxie anaphylactique anaphylactic choc severe grave connue connu suspectee
    suspecte propensity adverse substance substances disorder finding vaccin vaccins vaccine
    biogaran mylan viatris sandoz arrow teva zentiva cristers eg evolupharm almus accord ratiopharm winthrop zydus krka
    ranbaxy sanofi pfizer bayer servier pharma lab laboratoire laboratoires
    """.split()
)
# Words that many medicines share: salts, cations, vitamins, what sticks. Two names are not the same for one of these.
_COMMON = frozenset(
    """
    sodium sodique disodique monosodique potassium potassique calcium calcique magnesium aluminium zinc chlorhydrate
    hydrochloride dichlorhydrate bromhydrate hydrobromide sulfate sulphate acetate maleate tartrate hydrogenotartrate
    mesilate mesylate besilate besylate tosilate phosphate fumarate succinate citrate lactate gluconate benzoate nitrate
    oxyde oxide hydroxyde hydroxide iodure fluorure chlorure chloride bromure carbonate bicarbonate acide acid
    trihydrate trihydrat dihydrate monohydrate anhydre arginine erbumine butylamine vitamine vitamines vitamin vitamins
    insuline insulines insulin extrait extraits huile adhesif adhesifs adhesive adhesives pansement pansements
    """.split()
)
_LONGEST_PHRASE = 6


class Named(NamedTuple):
    """What a concept names. `members` are the families that its substances belong to, `families` those that it names
    as a whole; `words` are all words but those of forms and strengths."""

    substances: frozenset[str] = frozenset()
    members: frozenset[str] = frozenset()
    families: frozenset[str] = frozenset()
    atc: frozenset[str] = frozenset()
    codes: frozenset[tuple[str, str]] = frozenset()
    words: frozenset[str] = frozenset()

    @property
    def telling(self) -> frozenset[str]:
        """The words of which one in common is enough to think of the same substance."""
        return frozenset(word for word in self.words - _COMMON if len(word) >= TELLING_FROM)


def atc_codes(codings: Iterable[Coding]) -> frozenset[str]:
    """The well-formed ATC codes, of any level, among the codings."""
    found = (one.code.strip().upper() for one in codings if one.system.rstrip("/") in ATC_SYSTEMS)
    return frozenset(code for code in found if _ATC.fullmatch(code))


def named(concept: Concept) -> Named:
    """What the concept names, by its text, its labels and its codes."""
    codings = concept.codings[:MAX_CODINGS]
    texts = (concept.text, *(one.label for one in codings))
    substances, families, words = set[str](), set[str](), set[str]()
    for text in dict.fromkeys(one[:LONGEST_TEXT] for one in texts if one):
        found = fold(text).split()
        for phrase in _phrases(found):
            substances |= NAMES.get(phrase, frozenset())
            families |= _FAMILY_OF_WORDS.get(phrase, frozenset())
        words |= {word for word in found if word not in _FORMS and not word.isdigit()}
    atc = atc_codes(codings)
    members = {key for one in substances for key in _FAMILIES_OF.get(one, ())}
    if atc:
        members |= {one.key for one in FAMILIES.values() if _is_within(atc, one.atc)}
        families |= {one.key for one in FAMILIES.values() if not atc.isdisjoint(one.atc)}
    groups = {code for code in atc if len(code) < ATC_SUBSTANCE}  # a group is no thing that two concepts could share
    codes = frozenset((one.system, one.code) for one in codings if one.code and one.code.upper() not in groups)
    return Named(frozenset(substances), frozenset(members), frozenset(families), atc, codes, frozenset(words))


def _phrases(words: list[str]) -> Iterable[str]:
    for start in range(len(words)):
        for end in range(start + 1, min(start + _LONGEST_PHRASE, len(words)) + 1):
            yield " ".join(words[start:end])


def _is_within(codes: Iterable[str], groups: tuple[str, ...]) -> bool:
    return any(code.startswith(groups) for code in codes) if groups else False


def _family_words() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for key, family in FAMILIES.items():
        for word in family.words:
            found.setdefault(word, set()).add(key)
    return {word: frozenset(keys) for word, keys in found.items()}


def _families_of() -> dict[str, tuple[str, ...]]:
    members = {member for family in FAMILIES.values() for member in family.members}
    return {one: tuple(key for key, family in FAMILIES.items() if one in family.members) for one in members}


_FAMILY_OF_WORDS = _family_words()
_FAMILIES_OF = _families_of()


def same_name(one: Named, other: Named) -> bool:
    """Whether all words of one name stand in the other: `Paracétamol` and `PARACETAMOL BIOGARAN 1 g, comprimé`.

    A name of nothing but a salt stands in names of salts alone: `Potassium` in `Chlorure de potassium`, and not in
    `Losartan potassium`."""
    fewer, more = sorted((one.words, other.words), key=len)
    if not fewer <= more or (fewer <= _COMMON and not more <= _COMMON):
        return False
    return any(len(word) >= SHORTEST_NAME for word in fewer)


def is_of(one: Named, atc: tuple[str, ...], families: Iterable[str] = (), substances: Iterable[str] = ()) -> bool:
    """Whether what is named belongs to one of these ATC groups, families or substances."""
    return (
        _is_within(one.atc, atc)
        or bool((one.members | one.families) & set(families))
        or bool(one.substances & set(substances))
    )
