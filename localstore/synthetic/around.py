"""What surrounds a patient: the family and what it had, implants, those who care for him, letters between doctors.

Written after the history and from it: an implant comes from its operation, a carer from a disease, a letter from both.
"""

from datetime import date, timedelta

from localstore.bodies import (
    CarerBody,
    ConsultationBody,
    DeviceBody,
    FamilyHistoryBody,
    LetterBody,
    ProcedureBody,
    RelativeBody,
)
from localstore.synthetic import given_names, names, numbers
from localstore.synthetic.draw import between, chance, pick, weighted, whole
from localstore.synthetic.life import FRAIL_AT, Life
from localstore.values import Concept

# The operation that leaves something in the body, by how its name begins: what it leaves.
_IMPLANTS = (
    ("Prothèse totale de hanche", "Prothèse totale de hanche"),
    ("Prothèse totale de genou", "Prothèse totale de genou"),
    ("Chirurgie de la cataracte", "Implants intraoculaires, deux yeux"),
    ("Pose d'un stimulateur cardiaque", "Stimulateur cardiaque double chambre"),
    ("Angioplastie coronaire", "Stent coronaire actif"),
    ("Cure de hernie inguinale", "Plaque de paroi inguinale"),
    ("Pose d'aérateurs", ""),
)
# The disease that brings a carer into the house: profession, institution, how often.
_CARERS = (
    ("dt1", "Endocrinologue-diabétologue", "Centre hospitalier, consultations d'endocrinologie", 0.8),
    ("dt2", "Infirmière libérale", "Cabinet infirmier du Centre", 0.35),
    ("dt2", "Ophtalmologue", "Cabinet d'ophtalmologie", 0.5),
    ("coronaropathie", "Cardiologue", "Centre hospitalier, service de cardiologie", 0.9),
    ("fa", "Cardiologue", "Cabinet de cardiologie du Parc", 0.8),
    ("ic", "Cardiologue", "Centre hospitalier, service de cardiologie", 0.9),
    ("bpco", "Pneumologue", "Centre hospitalier, service de pneumologie", 0.6),
    ("irc", "Néphrologue", "Centre de néphrologie", 0.6),
    ("avc", "Masseur-kinésithérapeute", "Cabinet de kinésithérapie de la Gare", 0.6),
    ("lombalgie", "Masseur-kinésithérapeute", "Cabinet de kinésithérapie de la Gare", 0.35),
    ("gonarthrose", "Chirurgien orthopédiste", "Clinique, chirurgie orthopédique", 0.3),
    ("pr", "Rhumatologue", "Centre hospitalier, service de rhumatologie", 0.9),
)
_DOCTORS = frozenset(
    {
        *("Endocrinologue-diabétologue", "Ophtalmologue", "Cardiologue", "Pneumologue", "Néphrologue"),
        *("Chirurgien orthopédiste", "Rhumatologue"),
    }
)
# What relatives had: relationship, disease, the ages at which it began.
_FAMILY = (
    ("Mère", "Cancer du sein", (41, 70)),
    ("Mère", "Hypertension artérielle", (45, 70)),
    ("Mère", "Diabète de type 2", (48, 72)),
    ("Père", "Infarctus du myocarde", (44, 74)),
    ("Père", "Diabète de type 2", (45, 70)),
    ("Père", "Cancer du côlon", (48, 76)),
    ("Frère", "Infarctus du myocarde", (40, 66)),
    ("Sœur", "Cancer du sein", (40, 66)),
    ("Grand-mère maternelle", "Maladie d'Alzheimer", (68, 84)),
)
_MAKERS = weighted("Laboratoire d'essai A:3, Laboratoire d'essai B:2, Fabricant fictif:1")
_TRUSTED_FROM, _FAMILY_FROM = 45, 18  # years


def write(life: Life) -> None:
    """Write relatives, family history, implants, carers and letters; of an infant the relatives alone."""
    _relatives(life)
    if life.age(life.last) < 1:
        return
    _devices(life)
    _family(life)
    for role, carer in _carers(life):
        if role in _DOCTORS and chance(life.rng, 0.6):
            _letters(life, role, carer)


def _relatives(life: Life) -> None:
    """Those whom the identity names are to be called; one of an older patient may be the person of trust."""
    trusted = life.age(life.last) >= _TRUSTED_FROM and chance(life.rng, 0.4)
    for place, contact in enumerate(life.body.contacts):
        life.add(
            _opened(life),
            RelativeBody(
                name=contact.name,
                relationship=Concept(text=contact.relationship.lower()),
                phone=contact.phone,
                to_call=True,
                trusted=trusted and place == 0,
            ),
        )


def _opened(life: Life) -> date:
    """The day on which the record was opened, and no day before the patient was known to the practice."""
    return min(life.first, life.last)


def _devices(life: Life) -> None:
    found = False
    for entry in list(life.entries):
        if isinstance(entry.body, ProcedureBody):
            words = entry.body.concept.text
            implant = next((device for begins, device in _IMPLANTS if words.startswith(begins)), "")
            if implant:
                found = True
                life.add(entry.date, _device(life, implant, words))
    if not found and chance(life.rng, 0.35):
        life.add(_opened(life), DeviceBody(none_known=True))


def _device(life: Life, implant: str, operation: str) -> DeviceBody:
    side = next((side for side in ("droit", "gauche") if side in operation), "")
    has_card = chance(life.rng, 0.5)
    return DeviceBody(
        device=Concept(text=implant),
        identifier=f"SN-{whole(life.rng, 100000, 999999)}" if has_card else "",
        manufacturer=pick(life.rng, _MAKERS) if has_card else "",
        body_site=Concept(text=f"côté {side}") if side else Concept(),
    )


def _family(life: Life) -> None:
    if life.age(life.last) < _FAMILY_FROM:
        return
    found = [one for one in _FAMILY if chance(life.rng, 0.07)]
    for relationship, disease, (low, high) in found:
        life.add(
            _opened(life),
            FamilyHistoryBody(
                relationship=Concept(text=relationship),
                conditions=(Concept(text=disease),),
                onset_age=whole(life.rng, low, high),
                deceased="yes" if chance(life.rng, 0.3) else "",
            ),
        )
    if not found and chance(life.rng, 0.3):
        life.add(_opened(life), FamilyHistoryBody(none_known=True))


def _carers(life: Life) -> list[tuple[str, CarerBody]]:
    written: dict[str, CarerBody] = {}
    for key, role, institution, share in _CARERS:
        known = life.known.get(key)
        if known is None or known.restricted or role in written or not chance(life.rng, share):
            continue
        written[role] = carer = _carer(life, role, institution)
        life.add(life.written(max(known.onset, life.birth)), carer)
    if life.age(life.last) > FRAIL_AT and chance(life.rng, 0.5):
        helper = _carer(life, "Aide à domicile", "Service d'aide à domicile")
        life.add(max(_opened(life), life.last - timedelta(days=400)), helper)
    return list(written.items())


def _carer(life: Life, role: str, institution: str) -> CarerBody:
    doctor = role in _DOCTORS
    family = pick(life.rng, names.FAMILY_NAMES["french"])
    given = pick(life.rng, pick(life.rng, given_names.FRENCH[pick(life.rng, (1, 2, 2))]))
    return CarerBody(
        name=f"Dr {given} {family}" if doctor else f"{given} {family}",
        role=Concept(text=role),
        rpps=numbers.rpps(whole(life.rng, 0, 99_999)) if doctor else "",
        phone=numbers.phone(life.rng),
        organisation=institution,
    )


def _letters(life: Life, role: str, carer: CarerBody) -> None:
    """A letter that asks for an opinion on the day of a consultation, and its answer some weeks later."""
    days = [one.date for one in life.entries if isinstance(one.body, ConsultationBody) and len(one.date) == 10]
    asked = [day for day in days if day < (life.last - timedelta(days=60)).isoformat()]
    if not asked:
        return
    sent = date.fromisoformat(pick(life.rng, asked))
    who = "cette patiente" if life.sex == "female" else "ce patient"
    age = int(life.age(sent))
    diseases = ", ".join(one.disease.short for one in life.known.values() if one.there(sent) and not one.restricted)
    request = (
        f"Cher confrère,\n\nMerci de recevoir {who} de {age} ans pour avis. "
        f"Antécédents : {diseases or 'aucun notable'}."
        "\nTraitements et derniers résultats joints.\n\nBien confraternellement,\n"
        f"{life.body.treating_doctor or 'Le médecin traitant'}"
    )
    life.add(sent, _letter(carer, f"Demande d'avis : {role.lower()}", "sent", request))
    answered = life.working_day(sent + timedelta(days=round(between(life.rng, 15, 55))))
    answer = (
        f"Cher confrère,\n\nJ'ai vu {who} en consultation. Examen sans fait nouveau, pas de modification du "
        f"traitement. Je propose un contrôle dans un an.\n\nBien confraternellement,\n{carer.name}"
    )
    life.add(answered, _letter(carer, f"Compte rendu : {role.lower()}", "received", answer))


def _letter(carer: CarerBody, title: str, direction: str, words: str) -> LetterBody:
    return LetterBody(title, direction, carer.name, carer.rpps, words)
