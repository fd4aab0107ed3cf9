"""What an acute consultation is to the generator, and the medicines of a few days."""

from random import Random
from typing import NamedTuple

from localstore.synthetic.draw import chance


class Remedy(NamedTuple):
    """A medicine for some days. In `dosage`, `{mg}` is `mg_per_kg` times the weight, at most `most_mg`."""

    text: str
    dosage: str
    days: int
    classes: frozenset[str]
    mg_per_kg: float = 0.0
    most_mg: float = 0.0

    def dosage_for(self, weight: float) -> str:
        """The dosage with the dose for this weight in kg, rounded down to what a spoon or a syringe can measure."""
        dose = min(self.most_mg, self.mg_per_kg * weight)
        step = 5 if dose < 100 else 25
        return self.dosage.replace("{mg}", str(max(step, int(dose // step) * step)))


class Episode(NamedTuple):
    """A reason to come that passes. Ages in years; `months` are those in which it is usual, all when empty.

    `remedies` are keys: of each group, written `a|b`, the first that the patient may have is given, or none.
    `share` says how often it is seen beside the others. Texts may hold `{off}`, the sick leave of those who work.
    """

    key: str
    from_age: float
    to_age: float
    share: int
    reasons: tuple[str, ...]
    findings: tuple[str, ...]
    conclusions: tuple[str, ...]
    plans: tuple[str, ...]
    remedies: tuple[str, ...] = ()
    months: tuple[int, ...] = ()
    fever: tuple[float, float] | None = None
    sex: str = ""
    problem: tuple[str, str] | None = None
    from_year: int = 0
    restricted: bool = False
    days_off: tuple[int, int] | None = None
    chronic: str = ""  # only in patients with this disease


# key | text | dosage | days | classes | mg/kg a dose | most mg a dose
_REMEDIES = """
paracetamol | Paracétamol 1 g, comprimé | 1 comprimé toutes les 6 à 8 heures si besoin, maximum 3 g par jour | 5 | paracétamol
paracetamol-enfant | Paracétamol 2,4 %, suspension buvable | {mg} mg toutes les 6 heures si fièvre ou douleur | 3 | paracétamol | 15 | 500
amoxicilline | Amoxicilline 1 g, comprimé | 1 comprimé matin et soir pendant 6 jours | 6 | amoxicilline pénicilline
amoxicilline3 | Amoxicilline 1 g, comprimé | 1 comprimé matin, midi et soir pendant 5 jours | 5 | amoxicilline pénicilline
amoxicilline-enfant | Amoxicilline 250 mg/5 mL, suspension buvable | {mg} mg matin et soir pendant 6 jours | 6 | amoxicilline pénicilline | 25 | 1000
amoxicilline-otite | Amoxicilline 500 mg/5 mL, suspension buvable | {mg} mg matin et soir pendant 8 jours | 8 | amoxicilline pénicilline | 40 | 1500
amoxiclav | Amoxicilline/acide clavulanique 1 g/125 mg, sachet | 1 sachet matin, midi et soir pendant 5 jours | 5 | amoxicilline pénicilline
azithromycine | Azithromycine 250 mg, comprimé | 2 comprimés en une prise par jour pendant 3 jours | 3 | azithromycine macrolide
azithromycine-enfant | Azithromycine 40 mg/mL, suspension buvable | {mg} mg en une prise par jour pendant 3 jours | 3 | azithromycine macrolide | 20 | 500
pristinamycine | Pristinamycine 500 mg, comprimé | 2 comprimés matin, midi et soir au repas pendant 5 jours | 5 | pristinamycine
fosfomycine | Fosfomycine-trométamol 3 g, granulés | 1 sachet en prise unique, à distance du repas | 1 | fosfomycine
pivmecillinam | Pivmécillinam 200 mg, comprimé | 2 comprimés matin et soir pendant 3 jours | 3 | pivmécillinam pénicilline
ibuprofene | Ibuprofène 400 mg, comprimé | 1 comprimé matin, midi et soir au repas pendant 5 jours | 5 | ibuprofène AINS
naproxene | Naproxène 550 mg, comprimé | 1 comprimé matin et soir au repas pendant 5 jours | 5 | naproxène AINS
diclofenac-gel | Diclofénac 1 %, gel | 1 application 3 fois par jour pendant 8 jours | 8 | diclofénac AINS
ketoprofene | Kétoprofène 100 mg, comprimé | 1 comprimé matin et soir au repas pendant 4 jours | 4 | kétoprofène AINS
phloroglucinol | Phloroglucinol 80 mg, lyophilisat | 2 lyophilisats au moment des douleurs, maximum 6 par jour | 3 | phloroglucinol
racecadotril | Racécadotril 100 mg, gélule | 1 gélule avant les 3 repas, 7 jours au maximum | 3 | racécadotril
sro | Soluté de réhydratation orale, sachet | 1 sachet dans 200 mL d'eau, petites quantités répétées à volonté | 3 | SRO
serum | Sérum physiologique, unidose | Lavage de nez avant les repas et au coucher | 7 | sérum-physiologique
betamethasone | Bétaméthasone 0,05 %, gouttes buvables | 10 gouttes par kg en une prise pendant 2 jours | 2 | corticoïde
prednisolone | Prednisolone 20 mg, comprimé orodispersible | 2 comprimés le matin pendant 5 jours | 5 | corticoïde
azyter | Azithromycine 1,5 %, collyre | 1 goutte matin et soir pendant 3 jours | 3 | azithromycine macrolide
mupirocine | Mupirocine 2 %, pommade | 1 application 3 fois par jour pendant 7 jours | 7 | mupirocine
cetirizine | Cétirizine 10 mg, comprimé | 1 comprimé le soir pendant 10 jours | 10 | cétirizine antihistaminique
betameth-creme | Bétaméthasone 0,05 %, crème | 1 application le soir pendant 7 jours | 7 | dermocorticoïde
valaciclovir | Valaciclovir 500 mg, comprimé | 2 comprimés matin, midi et soir pendant 7 jours | 7 | valaciclovir
terbinafine | Terbinafine 1 %, crème | 1 application par jour pendant 2 semaines | 14 | terbinafine
econazole | Éconazole LP 150 mg, ovule | 1 ovule en une prise unique le soir | 1 | éconazole
adapalene | Adapalène 0,1 %/peroxyde de benzoyle 2,5 %, gel | 1 application le soir sur tout le visage | 90 | adapalène
doxycycline | Doxycycline 100 mg, comprimé | 2 comprimés en une prise unique au repas | 1 | doxycycline cycline
hemorroides | Ruscogénine/trimébutine, crème rectale | 2 applications par jour pendant 7 jours | 7 | trimébutine
levonorgestrel | Lévonorgestrel 1,5 mg, comprimé | 1 comprimé en prise unique le plus tôt possible | 1 | contraception-urgence
nefopam | Néfopam 30 mg, comprimé | 1 comprimé matin, midi et soir si besoin pendant 4 jours | 4 | néfopam anticholinergique
tamsulosine-lithiase | Tamsulosine LP 0,4 mg, gélule | 1 gélule par jour jusqu'à l'expulsion du calcul | 14 | tamsulosine alphabloquant
colchicine | Colchicine 0,5 mg, comprimé | 1 comprimé matin et soir pendant 3 jours puis 1 par jour 3 jours | 6 | colchicine
cerumen | Solution auriculaire de xylène, gouttes | Quelques gouttes matin et soir pendant 3 jours | 3 | xylène
"""  # noqa: E501 - a table is read by its lines


def _read(line: str) -> tuple[str, Remedy]:
    key, text, dosage, days, classes, *dose = (part.strip() for part in line.split("|"))
    return key, Remedy(text, dosage, int(days), frozenset(classes.split()), *map(float, dose))


REMEDIES = dict(_read(line) for line in _REMEDIES.strip().splitlines())


def sick_leave(rng: Random, episode: Episode, age: float) -> str:
    """The sentence on sick leave, for most of those of an age to work, or nothing."""
    if episode.days_off is None or not 18 <= age < 62 or chance(rng, 0.35):
        return ""
    low, high = episode.days_off
    days = low + int(rng.random() * (high - low + 1))
    return f"Arrêt de travail de {days} jour{'s' if days > 1 else ''}."
