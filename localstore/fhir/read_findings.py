"""Conditions and allergies. Separate, because here a misread status turns a refuted diagnosis into an active one."""

from localstore.bodies import AllergyBody, ProblemBody
from localstore.fhir import codes, remarks
from localstore.fhir.read_values import (
    NOTHING,
    Report,
    code_in,
    concept,
    first_of,
    quantity_words,
    range_words,
    reported,
    without,
    words,
    words_of_all,
)
from localstore.fhir.reading import Reading, own_mark
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

INACTIVE = "inactive"
Statement = tuple[Concept, str, bool]  # what it is about, its clinical status, whether it says "none known"


def problem(source: Condition, reading: Reading) -> tuple[ProblemBody, str, Status]:
    """A Condition."""
    verification, in_error = _verified(
        source.verificationStatus, codes.CONDITION_VERIFICATION, codes.PROBLEM_VERIFICATIONS, reading
    )
    moment = reading.date(source.onsetDateTime) or reading.start(source.onsetPeriod)
    abatement = reading.date(source.abatementDateTime) or reading.start(source.abatementPeriod)
    abatement = abatement or _words(source.abatementAge, source.abatementRange, source.abatementString)
    abatement = abatement or reading.own_text(codes.OWN_ABATEMENT)
    state = _state(source.clinicalStatus, codes.CONDITION_CLINICAL, codes.CONDITION_STATES, reading)
    refuted = _refuted(verification, reading)
    statement = _stated(source.code, state or ("resolved" if abatement else "active"), refuted)
    about, state, none_known = _standing(*statement, source.code, codes.NO_KNOWN_PROBLEMS)
    site = first_of(source.bodySite, remarks.OTHER_SITES, reading)
    date = moment or reading.date(source.recordedDate)
    body = ProblemBody(
        concept=about,
        clinical_status=state,
        verification=verification,
        onset=moment or _words(source.onsetAge, source.onsetRange, source.onsetString),
        abatement=abatement,
        severity=words(source.severity),
        body_site=site,
        long_term=reading.own_mark(codes.OWN_LONG_TERM),
        note=reading.note(source.note),
        none_known=none_known,
    )
    return body, date, _status(in_error)


def allergy(source: AllergyIntolerance, reading: Reading) -> tuple[AllergyBody, str, Status]:
    """An AllergyIntolerance."""
    verification, in_error = _verified(
        source.verificationStatus, codes.ALLERGY_VERIFICATION, codes.ALLERGY_VERIFICATIONS, reading
    )
    moment = reading.date(source.onsetDateTime) or reading.start(source.onsetPeriod)
    state = _state(source.clinicalStatus, codes.ALLERGY_CLINICAL, codes.ALLERGY_STATES, reading)
    code = source.code or _substance(source.reaction)
    statement = _stated(code, state or "active", _refuted(verification, reading))
    about, state, none_known = _standing(*statement, code, codes.NO_KNOWN_ALLERGIES)
    reaction, manifestations, severity = _reactions(source.reaction or [])
    date = moment or reading.date(source.recordedDate)
    body = AllergyBody(
        substance=about,
        clinical_status=state,
        verification=verification,
        type=source.type if source.type in codes.ALLERGY_TYPES else "",
        criticality=source.criticality if source.criticality in codes.CRITICALITIES else "",
        category=next((known for known in source.category or () if known in codes.ALLERGY_CATEGORIES), ""),
        reaction=reaction,
        manifestations=manifestations,
        severity=severity,
        onset=moment or _words(source.onsetAge, source.onsetRange, source.onsetString),
        note=reading.note(source.note),
        none_known=none_known,
    )
    return body, date, _status(in_error)


def _status(in_error: bool) -> Status:
    return Status.ENTERED_IN_ERROR if in_error else Status.FINAL


def _verified(source: CodeableConcept | None, system: str, known: frozenset[str], reading: Reading) -> tuple[str, bool]:
    """How certain it is, and whether it was entered in error, which in FHIR takes the place of the certainty.

    What FHIR R4 has no code for is in an extension of ours, which counts only beside the code that was written for it.
    """
    code = code_in(source, system)
    lost = reading.own_text(codes.OWN_VERIFICATION)
    if code == codes.ENTERED_IN_ERROR:
        return lost if lost in known else "", True
    if code == "unconfirmed" and lost == "presumed" and lost in known:
        return lost, False
    if code in known or not code:
        return code, False
    reading.remarks.append(remarks.UNVERIFIED.format(remarks.words(code)))
    return "", False


def _refuted(verification: str, reading: Reading) -> bool:
    """Whether somebody else's resource says that it is not so. Our own refuted entries keep their codes."""
    return verification == "refuted" and reading.own_text(codes.OWN_VERIFICATION) != "refuted"


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


def _stated(code: CodeableConcept | None, state: str, refuted: bool) -> tuple[Concept, str]:
    """What the resource is about and its state, with a refuted one turned into words without a code and inactive."""
    about = concept(code)
    return (Concept(remarks.REFUTED.format(about.label)), INACTIVE) if refuted else (about, state)


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


def _words(age: Quantity | None, span: Range | None, text: str | None) -> str:
    """An onset or an abatement that is no date, in words."""
    if text:
        return text
    found = quantity_words(age) or range_words(span)
    return remarks.AGE.format(found) if found else ""


def _substance(reactions: list[Reaction] | None) -> CodeableConcept | None:
    return next((reaction.substance for reaction in reactions or () if reaction.substance), None)


def _reactions(sources: list[Reaction]) -> tuple[str, tuple[Concept, ...], str]:
    """The reactions in words, all that was coded of them, and how severe the worst one was.

    A reaction with our own mark comes back as it was recorded: its words are in the description.
    """
    severities = {one.severity for one in sources}
    severity = next((worst for worst in reversed(codes.SEVERITIES) if worst in severities), "")
    exact = len(sources) == 1 and own_mark(sources[0].extension, codes.OWN_EXACT)
    found = [concept(one) for source in sources for one in source.manifestation or ()]
    if exact:
        return sources[0].description or "", tuple([one for one in found if one != NOTHING]), severity
    said = "; ".join([text for source in sources if (text := _reaction(source))])
    # What is in words alone stands in the words of the reaction.
    return said, tuple([one for one in found if one.codings]), severity


def _reaction(reaction: Reaction) -> str:
    """One reaction in words: its manifestations, its description, how severe it was."""
    found = [words_of_all(reaction.manifestation), reaction.description or ""]
    text = ", ".join([part for part in found if part])
    return f"{text} ({remarks.words(reaction.severity)})" if text and reaction.severity else text
