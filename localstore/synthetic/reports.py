"""Documents of a record as words: imaging, letters of colleagues, advance directives."""

from datetime import date, timedelta
from typing import NamedTuple

from localstore.bodies import DirectiveBody, DocumentBody
from localstore.synthetic import given_names, names
from localstore.synthetic.codes import loinc
from localstore.synthetic.draw import chance, day_between, pick
from localstore.synthetic.life import Life
from localstore.values import Concept

_IMAGING = loinc("Compte rendu d'imagerie", "18748-4", "Diagnostic imaging study")
_LETTER = loinc("Lettre de consultation", "11488-4", "Consult note")
_DISCHARGE = loinc("Lettre de sortie d'hospitalisation", "18842-5", "Discharge summary")
_DIRECTIVES = loinc("Directives anticipées", "42348-3", "Advance healthcare directives")
_FUNCTION = loinc("Compte rendu d'exploration fonctionnelle", "28570-0", "Procedure note")

_TYPES = {"imaging": _IMAGING, "letter": _LETTER, "discharge": _DISCHARGE, "function": _FUNCTION}
_MOST = 4  # documents of one life, beside those of an acute episode


class Report(NamedTuple):
    """A document that goes with a disease (or habit); `{age}` and `{who}` are filled in, `|` ends a line."""

    needs: str
    share: float
    title: str
    type: str
    specialty: str
    text: str


_REPORTS = (
    Report("bpco", 0.6, "Spirométrie", "function", "pneumologue",
           "EXPLORATION FONCTIONNELLE RESPIRATOIRE|Indication : suivi de BPCO, {age} ans.|VEMS 64 % de la théorique, "
           "VEMS/CVF 0,61 après bronchodilatateur. Pas de réversibilité.|Conclusion : trouble ventilatoire obstructif "
           "modéré, stade GOLD 2, stable."),
    Report("tabac", 0.25, "Radiographie thoracique", "imaging", "radiologue",
           "RADIOGRAPHIE THORACIQUE DE FACE|Indication : toux chez {who} tabagique de {age} ans.|Résultat : pas "
           "d'opacité parenchymateuse suspecte. Culs-de-sac pleuraux libres. Silhouette cardiaque de taille normale.|"
           "Conclusion : radiographie sans anomalie décelable. Ne dispense pas du dépistage par scanner si indiqué."),
    Report("coronaropathie", 0.7, "Courrier de cardiologie", "letter", "cardiologue",
           "Cher confrère,|J'ai revu votre patient(e) de {age} ans pour sa cardiopathie ischémique stentée. Pas "
           "d'angor, pas de dyspnée.|ECG : rythme sinusal, pas de trouble de la repolarisation. Échographie : FEVG "
           "58 %, pas de trouble de cinétique.|Je ne modifie pas le traitement. Je le (la) reverrai dans un an.|"
           "Confraternellement."),
    Report("fa", 0.7, "Courrier de cardiologie", "letter", "cardiologue",
           "Cher confrère,|Suivi de la fibrillation atriale de votre patient(e) de {age} ans. Pas de palpitation, pas "
           "de saignement.|ECG : fibrillation atriale, fréquence ventriculaire moyenne 74/min. Oreillette gauche "
           "dilatée, FEVG conservée.|L'indication de l'anticoagulation demeure (score CHA2DS2-VASc élevé). Contrôle "
           "de la fonction rénale deux fois par an.|Confraternellement."),
    Report("ic", 0.6, "Compte rendu d'hospitalisation", "discharge", "cardiologue",
           "COMPTE RENDU D'HOSPITALISATION, SERVICE DE CARDIOLOGIE|Motif : décompensation cardiaque globale chez "
           "{who} de {age} ans.|Évolution favorable sous diurétiques intraveineux, perte de 4 kg en 5 jours. Facteur "
           "déclenchant : écart de régime.|Sortie à domicile avec prestation de retour (PRADO). Surveillance du "
           "poids, ionogramme et créatinine à 8 jours."),
    Report("avc", 0.6, "Compte rendu d'hospitalisation", "discharge", "neurologue",
           "COMPTE RENDU D'HOSPITALISATION, UNITÉ NEUROVASCULAIRE|Patient(e) de {age} ans.|Suivi après accident "
           "vasculaire cérébral ischémique. Récupération motrice satisfaisante, NIHSS 1.|Doppler des troncs "
           "supra-aortiques : athérome non sténosant.|Poursuite de la prévention secondaire, kinésithérapie."),
    Report("dt2", 0.5, "Courrier d'ophtalmologie", "letter", "ophtalmologue",
           "Cher confrère,|Fond d'œil de votre patient(e) diabétique de {age} ans : pas de rétinopathie diabétique "
           "aux deux yeux, macula normale.|Acuité corrigée 9/10 des deux yeux. Contrôle dans un an.|"
           "Confraternellement."),
    Report("glaucome", 0.6, "Courrier d'ophtalmologie", "letter", "ophtalmologue",
           "Cher confrère,|Glaucome primitif à angle ouvert stable. Pression 15 mmHg à droite et à gauche sous "
           "collyre. Champ visuel inchangé.|Contrôle dans 6 mois.|Confraternellement."),
    Report("lombalgie", 0.35, "IRM du rachis lombaire", "imaging", "radiologue",
           "IRM DU RACHIS LOMBAIRE|Indication : lombalgies chroniques, {age} ans.|Résultat : discopathies L4-L5 et "
           "L5-S1 avec débord discal postérieur non conflictuel. Canal de calibre normal.|Conclusion : discopathies "
           "dégénératives sans conflit disco-radiculaire."),
    Report("gonarthrose", 0.4, "Radiographie des genoux", "imaging", "radiologue",
           "RADIOGRAPHIES DES DEUX GENOUX, FACE, PROFIL ET SCHUSS|Indication : gonalgies mécaniques, {age} ans.|"
           "Résultat : pincement fémorotibial médial bilatéral, ostéophytose marginale.|Conclusion : gonarthrose "
           "médiale bilatérale, grade 2 à droite et à gauche."),
    Report("osteoporose", 0.5, "Ostéodensitométrie", "imaging", "rhumatologue",
           "DENSITOMÉTRIE OSSEUSE BIPHOTONIQUE|Indication : bilan d'ostéoporose post-ménopausique, {age} ans.|"
           "T-score : rachis lombaire - 2,7 ; col fémoral - 2,3.|Conclusion : densité osseuse abaissée, en faveur "
           "d'une ostéoporose au rachis."),
    Report("saos", 0.5, "Polygraphie ventilatoire", "function", "pneumologue",
           "POLYGRAPHIE VENTILATOIRE NOCTURNE|Patient(e) de {age} ans, contrôle sous pression positive continue.|"
           "Index d'apnées-hypopnées résiduel 3/h, fuites faibles, observance moyenne 5 h 40 par nuit.|Conclusion : "
           "appareillage efficace."),
    Report("hta", 0.15, "Mesure ambulatoire de la pression artérielle", "function", "cardiologue",
           "MAPA SUR 24 HEURES|Patient(e) de {age} ans, traité(e) pour HTA.|Moyenne 24 h 126/74 mmHg ; jour 130/77 ; "
           "nuit 112/64. Baisse nocturne conservée.|Conclusion : pression artérielle contrôlée sur 24 heures."),
    Report("hypothyroidie", 0.3, "Échographie thyroïdienne", "imaging", "radiologue",
           "ÉCHOGRAPHIE THYROÏDIENNE|Indication : hypothyroïdie, {age} ans.|Résultat : glande de petite taille, "
           "hypoéchogène, hétérogène, sans nodule suspect. Pas d'adénopathie.|Conclusion : aspect de thyroïdite "
           "chronique, sans nodule à surveiller."),
    Report("alzheimer", 0.6, "Courrier de gériatrie", "letter", "gériatre",
           "Cher confrère,|Suivi en consultation mémoire de votre patient(e) de {age} ans, accompagné(e) par un "
           "proche. Perte d'autonomie lente, pas de trouble du comportement.|Aide à domicile à renforcer, répit de "
           "l'aidant, protection juridique à discuter.|Confraternellement."),
)  # fmt: skip

_ANYONE = (
    Report("", 0.06, "Échographie abdominale", "imaging", "radiologue",
           "ÉCHOGRAPHIE ABDOMINALE|Indication : douleurs abdominales, {age} ans.|Résultat : foie de taille normale, "
           "homogène. Voies biliaires fines. Rate, pancréas et reins sans particularité.|Conclusion : examen sans "
           "anomalie décelable."),
    Report("", 0.05, "Courrier de dermatologie", "letter", "dermatologue",
           "Cher confrère,|Examen de l'ensemble de la peau de votre patient(e) de {age} ans : nævus sans signe "
           "suspect en dermoscopie.|Photoprotection conseillée, contrôle dans 2 ans.|Confraternellement."),
    Report("", 0.05, "Courrier d'ORL", "letter", "ORL",
           "Cher confrère,|Audiométrie de votre patient(e) de {age} ans : seuils dans les normes pour l'âge. Tympans "
           "normaux, nasofibroscopie sans particularité.|Confraternellement."),
)  # fmt: skip


def write(life: Life) -> None:
    """Write the documents that go with the diseases of this life, a few that go with none, advance directives."""
    left = _MOST
    age = life.age(life.last)
    for report in _REPORTS:
        known = life.known.get(report.needs)
        if known is None or known.restricted or not left or not chance(life.rng, report.share):
            continue
        left -= 1
        _write(life, report, day_between(life.rng, max(life.first, known.onset), life.last))
    for report in _ANYONE:
        if age >= 20 and left and chance(life.rng, report.share):
            _write(life, report, day_between(life.rng, max(life.first, life.at_age(18)), life.last))
    if age > 72 and chance(life.rng, 0.07):
        _advance_directives(life)


def _write(life: Life, report: Report, day: date) -> None:
    day = life.working_day(day)
    age = int(life.age(day))
    who = "une patiente" if life.sex == "female" else "un patient"
    text = report.text.replace("|", "\n").replace("{age}", str(age)).replace("{who}", who)
    text = _gendered(text, life.sex)
    body = DocumentBody(
        title=report.title, type=_TYPES[report.type], text=f"{text}\n{_signature(life, report.specialty)}"
    )
    life.add(day, body)


def _gendered(text: str, sex: str) -> str:
    """Settle `patient(e)` and the like for this patient."""
    female = sex == "female"
    for both, one in (("le (la)", "la" if female else "le"), ("(e)", "e" if female else "")):
        text = text.replace(both, one)
    return text


def _signature(life: Life, specialty: str) -> str:
    generation = given_names.FRENCH[pick(life.rng, (1, 2, 2))]
    given = pick(life.rng, pick(life.rng, generation))
    return f"Dr {given} {pick(life.rng, names.FAMILY_NAMES['french'])}, {specialty}"


def chest_after_pneumonia(life: Life, day: date) -> None:
    """The radiograph that a pneumonia asks for."""
    report = Report(
        "", 1, "Radiographie thoracique", "imaging", "radiologue",
        "RADIOGRAPHIE THORACIQUE DE FACE|Indication : fièvre et crépitants de la base droite, {age} ans.|Résultat : "
        "opacité alvéolaire systématisée du lobe inférieur droit. Pas d'épanchement pleural.|Conclusion : foyer de "
        "pneumopathie du lobe inférieur droit. Contrôle à 6 semaines conseillé.",
    )  # fmt: skip
    _write(life, report, day)


def wrist(life: Life, day: date) -> None:
    """The radiograph of a child's wrist after a fall."""
    report = Report(
        "", 1, "Radiographie du poignet", "imaging", "radiologue",
        "RADIOGRAPHIE DU POIGNET GAUCHE, FACE ET PROFIL/Indication : chute, enfant de {age} ans.|Résultat : pas de "
        "trait de fracture, cartilages de croissance de morphologie normale.|Conclusion : pas de lésion osseuse.",
    )  # fmt: skip
    _write(life, report, day)


def _advance_directives(life: Life) -> None:
    day = day_between(life.rng, life.first, life.last - timedelta(days=1))
    text = (
        "Je ne souhaite ni réanimation cardiaque ni ventilation artificielle si mon état est jugé sans espoir "
        "d'amélioration. Je souhaite que mes douleurs soient soulagées et que mes proches soient prévenus."
    )
    place = pick(life.rng, ("coffre du cabinet", "chez la personne de confiance", "Mon espace santé"))
    life.add(day, DirectiveBody(type=_DIRECTIVES, text=text, place=place))


def ultrasound_of_pregnancy(life: Life, day: date, weeks: int) -> None:
    """The report of the second ultrasound of a pregnancy."""
    text = (
        f"ÉCHOGRAPHIE OBSTÉTRICALE DU DEUXIÈME TRIMESTRE\nTerme : {weeks} SA.\nGrossesse monofœtale évolutive. "
        "Biométrie au 50e percentile. Morphologie visible normale. Liquide en quantité normale, placenta antérieur non "
        "bas inséré.\nConclusion : examen normal."
    )
    body = DocumentBody(
        title="Échographie obstétricale", type=_IMAGING, text=f"{text}\n{_signature(life, 'gynécologue-obstétricien')}"
    )
    life.add(day, body)


CONSULTATION = Concept(text="Consultation au cabinet")
