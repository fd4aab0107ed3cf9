"""Conditions and allergies. Separate, because here a misread status turns a refuted diagnosis into an active one."""

from localstore.bodies import AllergyBody, ProblemBody
from localstore.fhir import codes, remarks
from localstore.fhir.read_values import (
    Report,
    code_in,
    concept,
    quantity_words,
    range_words,
    reported,
    without,
    words,
    words_of_all,
)
from localstore.fhir.reading import Reading
from localstore.fhir.shapes import (
    AllergyIntolerance,
    CodeableConcept,
    Condition,
    Quantity,
    Range,
    Reaction,
)
from localstore.kinds import Status
from localstore.values import Concept

CERTAIN = frozenset({"", "confirmed"})
INACTIVE = "inactive"
Statement = tuple[Concept, str, bool]  # what it is about, its clinical status, whether it says "none known"


def problem(source: Condition, reading: Reading) -> tuple[ProblemBody, str, Status]:
    """A Condition."""
    verification = code_in(source.verificationStatus, codes.CONDITION_VERIFICATION)
    moment = reading.date(source.onsetDateTime) or reading.start(source.onsetPeriod)
    abatement = reading.date(source.abatementDateTime) or reading.start(source.abatementPeriod)
    abatement = abatement or _words(source.abatementAge, source.abatementRange, source.abatementString)
    abatement = abatement or reading.own_text(codes.OWN_ABATEMENT)
    state = _state(source.clinicalStatus, codes.CONDITION_CLINICAL, codes.CONDITION_STATES, reading)
    statement = _stated(source.code, state or ("resolved" if abatement else "active"), verification)
    about, state, none_known = _standing(*statement, source.code, codes.NO_KNOWN_PROBLEMS)
    _remark_certainty(verification, reading)
    date = moment or reading.date(source.recordedDate)
    body = ProblemBody(
        concept=about,
        clinical_status=state,
        onset=moment or _words(source.onsetAge, source.onsetRange, source.onsetString),
        abatement=abatement,
        severity=words(source.severity),
        note=reading.note(source.note),
        none_known=none_known,
    )
    return body, date, _status(verification)


def allergy(source: AllergyIntolerance, reading: Reading) -> tuple[AllergyBody, str, Status]:
    """An AllergyIntolerance."""
    verification = code_in(source.verificationStatus, codes.ALLERGY_VERIFICATION)
    moment = reading.date(source.onsetDateTime) or reading.start(source.onsetPeriod)
    state = _state(source.clinicalStatus, codes.ALLERGY_CLINICAL, codes.ALLERGY_STATES, reading)
    code = source.code or _substance(source.reaction)
    statement = _stated(code, state or "active", verification)
    about, state, none_known = _standing(*statement, code, codes.NO_KNOWN_ALLERGIES)
    _remark_certainty(verification, reading)
    if source.type == "intolerance":
        reading.remarks.append(remarks.INTOLERANCE)
    date = moment or reading.date(source.recordedDate)
    body = AllergyBody(
        substance=about,
        clinical_status=state,
        criticality=source.criticality if source.criticality in codes.CRITICALITIES else "",
        category=next((known for known in source.category or () if known in codes.ALLERGY_CATEGORIES), ""),
        reaction="; ".join([found for reaction in source.reaction or () if (found := _reaction(reaction))]),
        onset=moment or _words(source.onsetAge, source.onsetRange, source.onsetString),
        note=reading.note(source.note),
        none_known=none_known,
    )
    return body, date, _status(verification)


def _status(verification: str) -> Status:
    return Status.ENTERED_IN_ERROR if verification == codes.ENTERED_IN_ERROR else Status.FINAL


def _state(source: CodeableConcept | None, system: str, known: frozenset[str], reading: Reading) -> str:
    """The clinical status, or nothing where it is missing or unknown, which is then read as active."""
    if source is None:
        lost = reading.own_text(codes.OWN_STATE)  # entered in error: FHIR allows no clinical status then
        return lost if lost in known else ""
    code = code_in(source, system)
    if code in known:
        return code
    if label := words(source):
        reading.remarks.append(remarks.STATUS.format(label))
    return ""


def _stated(code: CodeableConcept | None, state: str, verification: str) -> tuple[Concept, str]:
    """What the resource is about and its state, with a refuted one turned into words without a code and inactive."""
    about = concept(code)
    return (Concept(remarks.REFUTED.format(about.label)), INACTIVE) if verification == "refuted" else (about, state)


def _standing(
    about: Concept, state: str, code: CodeableConcept | None, none_known: frozenset[tuple[str, str]]
) -> Statement:
    """The statement with its negations resolved: "none known" only where it stands, absent information never as none.

    Negations and missing information lose their code, so that nothing takes them for a finding, and are inactive.
    """
    report = reported(code, none_known)
    if report is Report.FINDING:
        return about, state, False
    if report is Report.NONE_KNOWN:
        if state == INACTIVE or state == "resolved":
            return Concept(about.label), state, False
        return without(about, none_known), state, True
    frame = remarks.NO_INFORMATION if report is Report.NO_INFORMATION else remarks.DENIED
    return Concept(frame.format(about.label)), INACTIVE, False


def _remark_certainty(verification: str, reading: Reading) -> None:
    if verification not in CERTAIN and verification not in ("refuted", codes.ENTERED_IN_ERROR):
        reading.remarks.append(remarks.UNVERIFIED.format(remarks.words(verification)))


def _words(age: Quantity | None, span: Range | None, text: str | None) -> str:
    """An onset or an abatement that is no date, in words."""
    if text:
        return text
    found = quantity_words(age) or range_words(span)
    return remarks.AGE.format(found) if found else ""


def _substance(reactions: list[Reaction] | None) -> CodeableConcept | None:
    return next((reaction.substance for reaction in reactions or () if reaction.substance), None)


def _reaction(reaction: Reaction) -> str:
    """One reaction in words: its manifestations, its description, how severe it was."""
    found = [words_of_all(reaction.manifestation), reaction.description or ""]
    text = ", ".join([part for part in found if part])
    return f"{text} ({remarks.words(reaction.severity)})" if text and reaction.severity else text
