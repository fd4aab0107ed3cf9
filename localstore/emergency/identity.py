"""Who the patient is, in the words of the sheet: name, birth, INS, whom to call, and any doubt about all that."""

from localstore.bodies import PatientBody, RelativeBody
from localstore.emergency import french, wording
from localstore.emergency.sections import SectionName, Summary
from localstore.emergency.wording import Line
from localstore.values import Author, Contact

QUALIFIED = "qualified"
INS_KINDS = {
    "1.2.250.1.213.1.4.8": "NIR",
    "1.2.250.1.213.1.4.9": "NIA",
    "1.2.250.1.213.1.4.10": "numéro de test",
}


def family_name(patient: PatientBody) -> str:
    """The birth name as French papers write it, in capitals."""
    return patient.family_name.upper() or "NOM NON RENSEIGNÉ"


def given_names(patient: PatientBody) -> str:
    """The given names, one after the other."""
    return " ".join(patient.given_names)


def full_name(patient: PatientBody) -> str:
    """Birth name and given names as they were recorded."""
    return f"{patient.family_name or 'Nom non renseigné'} {given_names(patient)}".strip()


def birth(summary: Summary) -> str:
    """`Née le 12 mars 1958 · 67 ans · sexe féminin`."""
    patient = summary.patient
    said = (
        french.born(patient.birth_date, patient.sex),
        french.age(patient.birth_date, summary.made) if not patient.deceased else "",
        french.word(french.SEX, patient.sex),
    )
    return french.sentence(" · ".join(part for part in said if part))


def running(patient: PatientBody) -> str:
    """The name and the birth on one line, for every page."""
    return f"{full_name(patient)}, {french.born(patient.birth_date, patient.sex)}"


def warnings(summary: Summary) -> list[str]:
    """What must be known before the identity is believed: a death, another version of it."""
    said: list[str] = []
    if summary.patient.deceased:
        when = "" if summary.patient.deceased == "yes" else f" {french.on(summary.patient.deceased)}"
        said.append(f"Décès noté{when}")
    for other in summary.other_identities:
        sex = french.word(french.SEX, other.sex)
        said.append(f"IDENTITÉ EN CONFLIT, à vérifier. Autre version : {running(other)}, {sex}")
    return said


def particulars(summary: Summary) -> list[str]:
    """The other traits of the identity, and whom to call: one line each, in the order of their use."""
    patient = summary.patient
    names = [f"Nom de naissance : {patient.family_name or 'non renseigné'}"]
    if patient.given_names:
        names.append(f"prénoms : {', '.join(patient.given_names)}")
    if patient.used_name:
        names.append(f"nom utilisé : {patient.used_name}")
    place = " ".join(part for part in (patient.address, patient.postal_code, patient.town) if part)
    said = [
        " · ".join(names),
        f"Lieu de naissance : {patient.birth_place}" if patient.birth_place else "",
        insurance(patient),
        " · ".join(part for part in (place, f"tél. {patient.phone}" if patient.phone else "") if part),
        f"Médecin traitant : {patient.treating_doctor or 'non renseigné'}",
        *called(summary),
    ]
    return [line for line in said if line]


def called(summary: Summary) -> list[str]:
    """Whom to call: the relatives of the record, the person of trust first, then the contacts of the identity."""
    section, contacts = summary.section(SectionName.CONTACTS), other_contacts(summary)
    lines = [_relative(line) for line in wording.lines(section, summary.made)]
    lines += [contact(person) for person in contacts]
    said = lines or ["Personne à prévenir : non renseigné"]
    return [*said, *(f"Personnes à prévenir, {doubt}" for doubt in wording.doubts(section))]


def other_contacts(summary: Summary) -> list[Contact]:
    """The contacts of the identity that are not among the relatives of the record, by name and number."""
    items = summary.section(SectionName.CONTACTS).items
    named = {
        (item.entry.body.name, item.entry.body.phone) for item in items if isinstance(item.entry.body, RelativeBody)
    }
    return [one for one in summary.patient.contacts if (one.name, one.phone) not in named]


def _relative(line: Line) -> str:
    alert = f" — {line.alert}" if line.alert else ""
    return f"À prévenir : {line.label}, {line.detail}{alert}"


def contact(person: Contact) -> str:
    """A person to call."""
    relationship = f" ({person.relationship})" if person.relationship else ""
    return f"À prévenir : {person.name}{relationship}, {person.phone or 'sans numéro'}"


def insurance(patient: PatientBody) -> str:
    """The INS, which may travel only when the identity is qualified (Référentiel INS); otherwise why it is missing."""
    if not patient.ins:
        return "INS : non renseigné"
    if patient.identity_status != QUALIFIED:
        return f"INS non imprimé : identité {french.word(french.IDENTITY_STATUS, patient.identity_status)}"
    kind = INS_KINDS.get(patient.ins_oid, "")
    return f"INS : {patient.ins}{f' ({kind})' if kind else ''}"


def signature(author: Author, practice: str) -> str:
    """`Dr Claire Dubois, RPPS 10003518722, Cabinet des Lilas`."""
    rpps = f"RPPS {author.rpps}" if author.rpps else "RPPS non renseigné"
    return ", ".join(part for part in (author.name or "auteur non renseigné", rpps, practice) if part)
