"""The words that reading adds to a record where the source says something that has no field there.

They become part of a record's content, like any other note, and so they are in the language of the record: French.
"""

DATE = "Date illisible dans la source : «\u00a0{}\u00a0»."
WHEN = "Date selon la source : {}."
STATUS = "Statut dans la source : {}."
REFUTED = "Réfuté : {}"
DO_NOT_GIVE = "Ne pas donner : {}"
NO_INFORMATION = "Pas d'information disponible : {}"
DENIED = "Absence déclarée : {}"
CANCELLED = "Annulé : {}"
PLANNED = "Prévu : {}"
REPLACED = "Document remplacé par un autre."
UNVERIFIED = "Certitude dans la source : {}."
NOT_TAKEN = "Non pris, selon la source."
SUBPOTENT = "Dose insuffisante (subpotente) selon la source : ne compte pas comme protectrice."
RANGE = "Valeurs de référence : {}."
ABSENT = "Pas de valeur : {}"
RANGE_OF = "{} : {}"
OTHER_SITES = "Autres localisations : {}."
OTHER_ROLES = "Autres rôles : {}."
OTHER_TYPES = "Autres catégories : {}."
OTHER_DATES = "Autres dates selon la source : {}."
COMPLICATION = "Complication selon la source : {}."
COURSE = "Type de traitement selon la source : {}."
DEVICE_DETAIL = "Dispositif, selon la source : {}."
NAMED = "Nom selon la source : {}."
BORN = "Né(e) le {}, selon la source."
ADDRESS = "Adresse selon la source : {}."
OTHER_CONTACT = "Autres coordonnées selon la source : {}."
DIED = "Décès selon la source : {}."
CAUSE_OF_DEATH = "cause du décès"
NOT_ACTIVE = "Lien qui n'est plus actif, selon la source."
PROVISION = "Dispositions détaillées à lire dans la source."
ORIGINAL = "Original selon la source : {}."
NO_REASON = "sans précision"
SAMPLES = "Tracé de {} points, conservé avec la source."
NUMBER = "Nombre illisible dans la source : {}"
UNREADABLE = "À lire dans la source, qui modifie le sens de cet élément."
FILE_KEPT = "Fichier conservé avec la source : {}."
FILE_ELSEWHERE = "Fichier non joint : {}."
FILE_NOT_HERE = "Fichier non importé : absent, ou différent de celui que ce document annonce ({})."
FILE_UNREADABLE = "Fichier illisible, conservé avec la source : {}."
NO_NAME = "sans titre"
SEX = "Sexe illisible dans la source : «\u00a0{}\u00a0»."
YES = "oui"
NO = "non"
UNKNOWN_DATE = "date inconnue"
UNKNOWN_DOSE = "dose inconnue"
AGE = "à {}"
VALUE_OF = {
    "unconfirmed": "non confirmé",
    "provisional": "provisoire",
    "differential": "diagnostic différentiel",
    "presumed": "présumé",
    "registered": "enregistré, sans résultat",
    "preliminary": "provisoire",
    "partial": "partiel",
    "amended": "modifié",
    "corrected": "corrigé",
    "appended": "complété",
    "cancelled": "annulé",
    "draft": "brouillon",
    "intended": "prévu",
    "planned": "prévu",
    "arrived": "arrivé",
    "triaged": "en attente",
    "in-progress": "en cours",
    "onleave": "en permission",
    "unknown": "inconnu",
    "proposal": "proposition",
    "option": "option",
    "suspended": "suspendu",
    "inactive": "inactif",
    "proposed": "proposé",
    "rejected": "rejeté",
    "failed": "échoué",
    "on-hold": "suspendu",
    "health-unknown": "santé inconnue",
    "seasonal": "saisonnier",
    "mild": "légère",
    "moderate": "modérée",
    "severe": "sévère",
    "asked-unknown": "demandé, non connu",
    "temp-unknown": "pas encore connu",
    "not-asked": "non demandé",
    "asked-declined": "demandé, refus du patient",
    "masked": "masqué",
    "not-applicable": "sans objet",
    "unsupported": "non pris en charge",
    "as-text": "en texte seulement",
    "error": "erreur",
    "not-a-number": "pas un nombre",
    "not-performed": "non réalisé",
    "not-permitted": "non autorisé",
}

# Who a contact is, where the source has only the code (HL7 v3-RoleCode, v2-0131).
ROLES = {
    "MTH": "mère",
    "FTH": "père",
    "PRN": "parent",
    "SPS": "conjoint",
    "HUSB": "mari",
    "WIFE": "épouse",
    "DOMPART": "compagnon",
    "CHILD": "enfant",
    "SON": "fils",
    "SONC": "fils",
    "DAU": "fille",
    "DAUC": "fille",
    "SIB": "frère ou sœur",
    "SIS": "sœur",
    "BRO": "frère",
    "GRPRN": "grand-parent",
    "GRNDCHILD": "petit-enfant",
    "FAMMEMB": "famille",
    "FRND": "ami",
    "NBOR": "voisin",
    "GUARD": "tuteur",
    "C": "personne à prévenir",
    "N": "proche",
    "E": "employeur",
}

# Dosage. The unit of time in UCUM (FHIR UnitsOfTime): singular, plural, and the agreement of "every".
EVERY = {
    "s": ("seconde", "secondes", "toutes les"),
    "min": ("minute", "minutes", "toutes les"),
    "h": ("heure", "heures", "toutes les"),
    "d": ("jour", "jours", "tous les"),
    "wk": ("semaine", "semaines", "toutes les"),
    "mo": ("mois", "mois", "tous les"),
    "a": ("an", "ans", "tous les"),
}
MOMENTS = {
    "MORN": "le matin",
    "MORN.early": "tôt le matin",
    "MORN.late": "en fin de matinée",
    "NOON": "à midi",
    "AFT": "l'après-midi",
    "AFT.early": "en début d'après-midi",
    "AFT.late": "en fin d'après-midi",
    "EVE": "le soir",
    "EVE.early": "en début de soirée",
    "EVE.late": "en fin de soirée",
    "NIGHT": "la nuit",
    "PHS": "après le coucher",
    "HS": "au coucher",
    "WAKE": "au réveil",
    "C": "aux repas",
    "CM": "au petit-déjeuner",
    "CD": "au déjeuner",
    "CV": "au dîner",
    "AC": "avant les repas",
    "ACM": "avant le petit-déjeuner",
    "ACD": "avant le déjeuner",
    "ACV": "avant le dîner",
    "PC": "après les repas",
    "PCM": "après le petit-déjeuner",
    "PCD": "après le déjeuner",
    "PCV": "après le dîner",
}
DAYS = {
    "mon": "lundi",
    "tue": "mardi",
    "wed": "mercredi",
    "thu": "jeudi",
    "fri": "vendredi",
    "sat": "samedi",
    "sun": "dimanche",
}
AS_NEEDED = "si besoin"
TIMES = "{} fois"
PER = "{} fois par {}"
DURING = "pendant {}"
DOSES_IN_ALL = "{} prises au total"
AT = "à {}"
AT_MOST = "maximum {}"
OF_EACH = "{} par {}"


def words(code: str) -> str:
    """A FHIR code in French words, or the code itself."""
    return VALUE_OF.get(code, code)
