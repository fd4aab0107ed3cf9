"""Advance directives: Consents about what somebody wants for himself. Any other Consent is kept verbatim."""

from localstore.bodies import DirectiveBody
from localstore.fhir import codes, remarks
from localstore.fhir.people_shapes import Consent
from localstore.fhir.read_files import Files
from localstore.fhir.read_values import NOTHING, concept, pairs, words_of_all
from localstore.fhir.reading import Reading, own, own_text
from localstore.fhir.shapes import CodeableConcept
from localstore.kinds import Status
from localstore.values import Concept

ADVANCE = "adr"  # the scope of an advance directive (consentscope)
PLAIN_CATEGORY = (codes.CONSENT_CATEGORY, "acd")
ACTIVE, INACTIVE = "active", "inactive"


def directive(source: Consent, reading: Reading) -> tuple[DirectiveBody, str, Status] | None:
    """A Consent, or None where it is about something else: care, research, the sharing of data."""
    if not _is_directive(source):
        return None
    about = _type(list(source.category or ()), reading)
    files = Files(reading)
    beside = own(reading.extensions, codes.OWN_FILE)
    for attachment in (source.sourceAttachment, beside.valueAttachment if beside else None):
        if attachment is not None:
            files.take(attachment, own_text(attachment.extension, codes.OWN_PART))
    if source.provision:
        reading.remarks.append(remarks.PROVISION)
    if name := reading.name_of(source.sourceReference):
        reading.remarks.append(remarks.ORIGINAL.format(name))
    body = DirectiveBody(
        type=about,
        state=_state(source.status, reading),
        text=files.text([reading.own_text(codes.OWN_WORDS)]),
        place=reading.own_text(codes.OWN_PLACE),
        media_type=files.media_type,
        content=files.came or files.content,
        attachment=files.kept,
    )
    in_error = source.status == codes.ENTERED_IN_ERROR
    return body, reading.date(source.dateTime), Status.ENTERED_IN_ERROR if in_error else Status.FINAL


def _is_directive(source: Consent) -> bool:
    if source.scope is not None and (codes.CONSENT_SCOPE, ADVANCE) in pairs(source.scope):
        return True
    return any(pairs(category) & codes.DIRECTIVE_CATEGORIES for category in source.category or ())


def _type(categories: list[CodeableConcept], reading: Reading) -> Concept:
    """Which directive it is: the first category that says more than that it is one."""
    plain = next((place for place, one in enumerate(categories) if PLAIN_CATEGORY in pairs(one)), None)
    if plain is not None:
        del categories[plain]
    if others := words_of_all(categories[1:]):
        reading.remarks.append(remarks.OTHER_TYPES.format(others))
    return concept(categories[0]) if categories else NOTHING


def _state(status: str | None, reading: Reading) -> str:
    if status == ACTIVE or status == INACTIVE:
        return status
    if status == codes.ENTERED_IN_ERROR:
        lost = reading.own_text(codes.OWN_STATE)
        return lost if lost in codes.DIRECTIVE_STATES else INACTIVE
    reading.remarks.append(remarks.STATUS.format(remarks.words(status or "unknown")))
    return INACTIVE  # a draft, a proposal, what was rejected: nobody may act upon it
