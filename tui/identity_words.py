"""What is said of identities: why two could be taken for each other, what should be looked at again. Pure."""

from collections.abc import Sequence

from localstore.bodies import PatientBody
from localstore.identities import traits
from localstore.identities.homonyms import Reason, Similar
from localstore.identities.traits import Doubt, Trait
from localstore.model import Entry
from localstore.partial_date import is_date
from tui import vocabulary
from tui.dates import age, is_after, shown_date
from tui.reading import full_name
from tui.words.catalogue import text
from tui.words.marking import message

REASONS: dict[Reason, str] = {
    Reason.SAME_INS: message("same INS"),
    Reason.SAME_NAMES_AND_BIRTH: message("same names, same birth date"),
    Reason.SAME_NAMES: message("same names"),
    Reason.USED_NAME: message("birth name and used name"),
    Reason.SWAPPED_NAMES: message("names swapped, same birth date"),
    Reason.NEAR_NAMES_AND_BIRTH: message("similar names, same birth date"),
    Reason.SAME_FAMILY_AND_BIRTH: message("same family name, same birth date"),
    Reason.NEAR_NAMES: message("similar names"),
}
DOUBTS: dict[Doubt, str] = {
    Doubt.INS_KEY: message("The INS number is not valid: 15 characters, the last two of which are a key."),
    Doubt.INS_KIND: message("It is not said which kind of INS number this is: NIR or NIA."),
    Doubt.INS_TEST: message("This INS number is of the range for tests: no person has it."),
    Doubt.INS_SEX: message("The INS number says another sex."),
    Doubt.INS_BIRTH: message("The INS number says another year or month of birth."),
    Doubt.STATUS_UNKNOWN: message("There is no such identity status: provisional, retrieved, validated, qualified."),
    Doubt.STATUS_TRAITS: message("This identity status needs all strict traits; missing: {traits}."),
    Doubt.STATUS_INS: message("This identity status needs a valid INS number of a person."),
    Doubt.STATUS_EVIDENCE: message("This identity status needs a document that the identity was checked against."),
    Doubt.STATUS_ATTRIBUTE: message("A doubtful or fictitious identity is neither validated nor qualified."),
    Doubt.QUALIFIED: message(
        "Only the national service (INSi) qualifies an identity: here it is recorded that it did."
    ),
    Doubt.ATTRIBUTE_UNKNOWN: message("There is no such identity attribute: homonym, doubtful, fictitious."),
    Doubt.DOCTOR_RPPS: message("The RPPS number of the treating doctor is not valid: 11 digits, the last is a key."),
}
TRAITS: dict[Trait, str] = {
    Trait.FAMILY_NAME: message("birth name"),
    Trait.GIVEN_NAMES: message("first names"),
    Trait.BIRTH_DATE: message("birth date"),
    Trait.SEX: message("sex"),
    Trait.BIRTH_PLACE: message("code of the birth place"),
}
ATTRIBUTES = {
    "homonym": message("homonym"),
    "doubtful": message("doubtful"),
    "fictitious": message("fictitious"),
}
_TOLD_ONLY = frozenset({Doubt.INS_KEY, Doubt.INS_KIND, Doubt.DOCTOR_RPPS})
OLDEST = 125  # years; nobody on record lived longer than 122
MOST_NAMES = 3  # under which one person is registered, in one line
SHORT = 40  # characters of a name in a sentence


def doubts(body: PatientBody, before: PatientBody | None = None) -> list[str]:
    """What should be asked again before an identity is kept, in sentences."""
    missing = ", ".join(text(TRAITS[trait]) for trait in traits.missing(body))
    return [text(DOUBTS[one]).replace("{traits}", missing) for one in traits.doubts(body, before)]


def needs_yes(body: PatientBody, before: PatientBody | None, today: str) -> bool:
    """Whether an identity has doubts that somebody must answer for before it is kept. Numbers with wrong keys are
    told and kept: such numbers stand on papers."""
    return bool(set(traits.doubts(body, before)) - _TOLD_ONLY or unlikely(body, today, before))


def unlikely(body: PatientBody, today: str, before: PatientBody | None = None) -> list[str]:
    """What cannot well be, in sentences: of an identity that is corrected, what is new. `today` is a day, ISO 8601."""
    found = []
    if is_date(body.birth_date) and is_after(body.birth_date, today):
        found.append(text("The birth date lies in the future."))
    if age(body.birth_date, today) and int(today[:4]) - int(body.birth_date[:4]) > OLDEST:
        found.append(text("The patient would be more than {n} years old.").format(n=OLDEST))
    if body.deceased[:4].isdigit() and body.birth_date and body.deceased < body.birth_date:
        found.append(text("The death lies before the birth."))
    if is_date(body.deceased) and is_after(body.deceased, today):
        found.append(text("The death lies in the future."))
    known = [] if before is None else unlikely(before, today)
    return [one for one in found if one not in known]


def who(one: Similar) -> str:
    """Somebody who could be meant, and why."""
    patient = one.patient
    return f"{full_name(patient)[:SHORT]} ({shown_date(patient.birth_date)[:20]}; {text(REASONS[one.reason])})"


def already_here(similar: Sequence[Similar]) -> list[str]:
    """A sentence for each who may be the one that is to be added."""
    words = text("{name} is in the record already.")
    return [words.format(name=who(one)) for one in similar]


def registered_as(entries: Sequence[Entry]) -> str:
    """Under which names a patient is registered besides: those of the records that were merged into this one. Empty
    where there are none."""
    people = list({one.patient: one.body for one in entries if isinstance(one.body, PatientBody)}.values())
    if not people:
        return ""
    names = ", ".join(f"{full_name(one)[:SHORT]} ({shown_date(one.birth_date)[:20]})" for one in people[:MOST_NAMES])
    return text("Also registered as: {names}.").format(names=names + (", …" if len(people) > MOST_NAMES else ""))


def described(body: PatientBody) -> list[tuple[str, str]]:
    """The traits of an identity, as (label, words); what is not known is left out."""
    lines = [
        (text("Birth name"), body.family_name),
        (text("First names"), " ".join(body.given_names)),
        (text("Used name"), body.used_name),
        (text("Birth date"), shown_date(body.birth_date)),
        (text("Sex"), vocabulary.word(vocabulary.SEX, body.sex)),
        (text("Birth place"), body.birth_place),
        (text("INS number"), body.ins),
    ]
    return [(label, words) for label, words in lines if words]
