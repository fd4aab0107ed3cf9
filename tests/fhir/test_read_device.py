"""Devices: what a patient has in or on him, and what he does not."""

import pytest

from localstore.bodies import DeviceBody
from localstore.kinds import Status
from localstore.values import Coding, Concept
from tests.fhir.reading_of import IPS, SNOMED, Json, body_of, coded, other, read

PACEMAKER = coded("14106009", display="Cardiac pacemaker")
THING: Json = {
    "resourceType": "Device",
    "type": PACEMAKER,
    "udiCarrier": [{"deviceIdentifier": "09504000059118", "carrierHRF": "(01)09504000059118(21)1234"}],
    "serialNumber": "1234",
    "manufacturer": "Medtronic",
}


def device(thing: Json | None = THING, **fields: object) -> DeviceBody:
    """The body of a DeviceUseStatement about this device."""
    neighbours = {"Device/1": thing} if thing else {}
    used = {"status": "active", "device": {"reference": "Device/1"}} | fields
    return body_of(read("DeviceUseStatement", neighbours=neighbours, **used), DeviceBody)


def test_a_device() -> None:
    found = read(
        "DeviceUseStatement",
        status="active",
        subject={"reference": "Patient/1"},
        device={"reference": "Device/1"},
        timingPeriod={"start": "2019-04", "end": "2024"},
        bodySite={"text": "thorax"},
        note=[{"text": "Contrôle annuel"}],
        neighbours={"Device/1": THING},
    )
    body = body_of(found, DeviceBody)
    assert (found.date, found.patient_reference, found.status) == ("2019-04", "Patient/1", Status.FINAL)
    assert body.device == Concept("", (Coding(SNOMED, "14106009", "Cardiac pacemaker"),))
    assert (body.identifier, body.manufacturer) == ("(01)09504000059118(21)1234", "Medtronic")
    assert (body.state, body.end, body.body_site.text) == ("active", "2024", "thorax")
    assert body.note == "Contrôle annuel\nDispositif, selon la source : 1234."


def test_a_device_is_named_by_whatever_says_what_it_is() -> None:
    named = {"resourceType": "Device", "deviceName": [{"name": "Implant X"}]}
    assert device(named).device.label == "Implant X"
    assert device(None, device={"display": "Stérilet"}).device == Concept("Stérilet")
    assert device({"resourceType": "Device"}, device={"reference": "Device/1", "display": "Y"}).device.label == "Y"
    broken = {"resourceType": "Device", "type": 5, "deviceName": [{"name": "Z"}]}
    assert device(broken).device == Concept("Z")


@pytest.mark.parametrize("state", ["active", "completed", "stopped"])
def test_the_states_of_a_device(state: str) -> None:
    assert device(status=state).state == state


def test_a_device_that_is_switched_off_is_still_there() -> None:
    body = device(status="on-hold")
    assert body.state == "active" and "suspendu" in body.note


def test_a_device_that_is_only_intended_is_no_device_of_the_patient() -> None:
    fields: Json = {"status": "intended", "subject": {"reference": "Patient/1"}, "device": {"display": "Pompe"}}
    assert other("DeviceUseStatement", **fields).resource_type == "DeviceUseStatement"
    assert read("DeviceUseStatement", **fields).patient_reference == "Patient/1"


@pytest.mark.parametrize("code", [coded("787483001"), coded("no-known-devices", IPS)])
def test_no_known_device(code: Json) -> None:
    body = device({"resourceType": "Device", "type": code})
    assert (body.none_known, body.device, body.state) == (True, Concept(), "active")


@pytest.mark.parametrize("state", ["completed", "stopped"])
def test_no_known_device_that_no_longer_stands_is_not_none(state: str) -> None:
    body = device({"resourceType": "Device", "type": coded("787483001", display="None")}, status=state)
    assert (body.none_known, body.device, body.state) == (False, Concept("Absence déclarée : None"), "stopped")


def test_missing_information_is_neither_none_nor_a_device() -> None:
    body = device({"resourceType": "Device", "type": coded("no-device-info", IPS, "No information")})
    assert (body.none_known, body.state) == (False, "stopped")
    assert body.device == Concept("Pas d'information disponible : No information")


def test_a_device_alone_is_kept_as_it_is() -> None:
    assert other("Device", type=PACEMAKER).resource_type == "Device"
