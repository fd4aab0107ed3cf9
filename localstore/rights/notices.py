"""What the report tells the patient of his rights, in plain words. Pure.

Sources: CSP art. L1111-7 and R1111-1 to R1111-8 (access: at the earliest 48 hours after the request, within eight days,
within two months for what is older than five years); RGPD art. 15 to 21 and 77; CSP art. L1110-4 (sharing, and who had
access); CNIL, reference for medical and paramedical practices (18 June 2020).
"""

from localstore.rights.wording import Pair

RIGHTS: tuple[Pair, ...] = (
    (
        "Accès. Vous pouvez demander à voir votre dossier, ou à en recevoir une copie, vous-même ou par un médecin de "
        "votre choix. La réponse vous est due au plus tôt 48 heures et au plus tard huit jours après votre demande ; "
        "deux mois au plus pour les informations de plus de cinq ans (art. L1111-7 du code de la santé publique).",
        "Access. You may ask to see your record, or to receive a copy, yourself or through a doctor of your choice. "
        "The answer is due 48 hours after your request at the earliest and eight days after it at the latest; within "
        "two months for what is more than five years old (art. L1111-7 of the French public health code).",
    ),
    (
        "Rectification. Vous pouvez demander que soit corrigé ce qui est inexact, ou complété ce qui manque (RGPD, "
        "art. 16). La correction s'ajoute au dossier ; ce qui était écrit avant reste visible, avec sa date.",
        "Rectification. You may ask to have corrected what is wrong, or completed what is missing (GDPR, art. 16). The "
        "correction is added to the record; what was written before stays visible, with its date.",
    ),
    (
        "Effacement. La loi oblige à conserver un dossier médical pendant les durées indiquées plus haut ; avant leur "
        "terme, il ne peut être effacé que pour un motif prévu par la loi (RGPD, art. 17). Ensuite, il l'est.",
        "Erasure. The law wants a medical record kept for the time given above; before it is over, it can be erased "
        "only on a ground that the law knows (GDPR, art. 17). Afterwards it is.",
    ),
    (
        "Opposition et limitation. Vous pouvez vous opposer à un partage, retirer à tout moment un consentement, aussi "
        "simplement que vous l'avez donné, et demander que l'usage d'une information contestée soit suspendu (art. "
        "L1110-4 du code de la santé publique ; RGPD, art. 18 et 21).",
        "Objection and restriction. You may object to a share, take back a consent at any time, as simply as you gave "
        "it, and ask that the use of a contested piece of information be suspended (art. L1110-4 of the French public "
        "health code; GDPR, art. 18 and 21).",
    ),
    (
        "Copie réutilisable. Le fichier dossier.json, remis avec ce relevé, contient les mêmes informations dans un "
        "format (FHIR R4) que d'autres logiciels de santé savent lire.",
        "A copy that machines read. The file dossier.json that comes with this report holds the same information in a "
        "format (FHIR R4) which other health software can read.",
    ),
    (
        "Pour exercer ces droits, adressez-vous au cabinet, de vive voix ou par écrit. Une pièce d'identité peut vous "
        "être demandée. C'est gratuit.",
        "To exercise these rights, speak or write to the practice. You may be asked to show who you are. It is free.",
    ),
    (
        "Si la réponse ne vous satisfait pas, vous pouvez adresser une réclamation à la CNIL : "
        "www.cnil.fr/fr/plaintes, ou 3 place de Fontenoy, TSA 80715, 75334 Paris Cedex 07.",
        "If the answer does not satisfy you, you may complain to the French data protection authority, the CNIL: "
        "www.cnil.fr/fr/plaintes, or 3 place de Fontenoy, TSA 80715, 75334 Paris Cedex 07.",
    ),
)
HEADINGS: dict[str, Pair] = {
    "report": ("Relevé de votre dossier médical", "Report on your medical record"),
    "contents": ("Ce que contient votre dossier", "What your record holds"),
    "access": ("Qui a eu accès à votre dossier, et pourquoi", "Who had access to your record, and why"),
    "shares": ("Avec qui votre dossier a été partagé", "With whom your record was shared"),
    "keeping": ("Combien de temps votre dossier est conservé", "How long your record is kept"),
    "rights": ("Vos droits, et comment les exercer", "Your rights, and how to exercise them"),
}
NO_SHARE: Pair = (
    "Aucun consentement au partage n'est enregistré : rien n'a été envoyé à un confrère par ce logiciel.",
    "No consent to share is recorded: nothing was sent to a colleague by this software.",
)
WHY_KEPT: Pair = (
    "Durées de référence : cinq ans d'usage courant après le dernier soin, puis quinze ans d'archives, accessibles au "
    "cas par cas (référentiel de la CNIL pour les cabinets médicaux, 18 juin 2020) ; jamais avant le 28e "
    "anniversaire ; dix ans après un décès survenu dans les dix ans du dernier soin (art. R1112-7 du code de la "
    "santé publique).",
    "Times of reference: five years of active use after the last care, then fifteen years archived, open case by "
    "case (CNIL, reference for medical practices, 18 June 2020); never before the 28th birthday; ten years after a "
    "death that came within ten years of the last care (art. R1112-7 of the French public health code).",
)
