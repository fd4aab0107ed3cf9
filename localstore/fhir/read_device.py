"""Devices that a patient has. A Device alone is a thing like others: only its use says whose it is, and since when."""

import msgspec

from localstore.bodies import DeviceBody
from localstore.fhir import codes, remarks
from localstore.fhir.care_shapes import Device, DeviceUseStatement
from localstore.fhir.label import label_of
from localstore.fhir.read_values import (
    NOTHING,
    Report,
    concept,
    reported,
    without,
    words_of_all,
)
from localstore.fhir.reading import Reading
from localstore.fhir.shapes import CodeableConcept, Reference
from localstore.kinds import Status
from localstore.values import Concept

ACTIVE, STOPPED = "active", "stopped"
NONE_STANDS = frozenset({ACTIVE})
INTENDED = "intended"


def device(source: DeviceUseStatement, reading: Reading) -> tuple[DeviceBody, str, Status] | None:
    """A DeviceUseStatement, or None for a device that is only intended: nobody has that one."""
    if source.status == INTENDED:
        return None
    state = _state(source.status, reading)
    thing, about, code = _thing(source.device, reading)
    about, state, none_known = _standing(about, state, code)
    identifier = _identifier(thing, reading)
    if source.reasonCode and (why := words_of_all(source.reasonCode)):
        reading.remarks.append(remarks.DEVICE_DETAIL.format(why))
    body = DeviceBody(
        device=about,
        state=state,
        identifier=identifier,
        manufacturer=thing.manufacturer or "",
        end=reading.end(source.timingPeriod) or reading.own_text(codes.OWN_END),
        body_site=concept(source.bodySite),
        note=reading.note(source.note),
        none_known=none_known,
    )
    date = reading.start(source.timingPeriod) or reading.date(source.timingDateTime)
    in_error = source.status == codes.ENTERED_IN_ERROR
    return body, date or reading.date(source.recordedOn), Status.ENTERED_IN_ERROR if in_error else Status.FINAL


def _state(status: str | None, reading: Reading) -> str:
    if status in codes.DEVICE_STATES:
        return status
    if status == codes.ENTERED_IN_ERROR:
        lost = reading.own_text(codes.OWN_STATE)
        return lost if lost in codes.DEVICE_STATES else STOPPED
    reading.remarks.append(remarks.STATUS.format(remarks.words(status or "unknown")))
    # What is switched off for a while is still in the body, and so is a device of which nobody says anything.
    return ACTIVE


def _thing(reference: Reference | None, reading: Reading) -> tuple[Device, Concept, CodeableConcept | None]:
    """The device that was found where the reference points, what it is, and the code that it was read from."""
    display = Concept((reference.display or "") if reference else "")
    found = reading.referred(reference)
    if found is None:
        return Device(), display, None
    try:
        thing = msgspec.convert(found, Device)
    except msgspec.ValidationError:
        return Device(), display if display.text else Concept(label_of(found)), None  # it is reported in its place
    about = concept(thing.type)
    if not about.label:
        name = next((one.name for one in thing.deviceName or () if one.name), "")
        about = Concept(name) if name else display
    return thing, about if about.label else NOTHING, thing.type


def _standing(about: Concept, state: str, code: CodeableConcept | None) -> tuple[Concept, str, bool]:
    """The device with its negations resolved, as for problems: what is absent is never one that he has."""
    report = reported(code, codes.NO_KNOWN_DEVICES)
    if report is Report.FINDING:
        return about, state, False
    if report is Report.NONE_KNOWN and state in NONE_STANDS:
        return without(about, codes.NO_KNOWN_DEVICES), state, True
    frame = remarks.NO_INFORMATION if report is Report.NO_INFORMATION else remarks.DENIED
    return Concept(frame.format(about.label)), STOPPED, False


def _identifier(thing: Device, reading: Reading) -> str:
    """What stands on the card of the device, best first; the rest goes into a remark."""
    carriers = thing.udiCarrier or []
    found = [carrier.carrierHRF or carrier.deviceIdentifier for carrier in carriers]
    found += [thing.serialNumber, *[one.value for one in thing.identifier or ()], thing.lotNumber, thing.modelNumber]
    known = list(dict.fromkeys([one for one in found if one]))
    if len(known) > 1:
        reading.remarks.append(remarks.DEVICE_DETAIL.format("; ".join(known[1:])))
    return known[0] if known else ""
