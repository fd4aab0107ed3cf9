"""The JSON shapes of the command line: what other programs rely on. Pure."""

from typing import Any

import msgspec

from localstore.bodies import PatientBody
from localstore.model import Entry, PatientSummary
from localstore.record import Chart
from localstore.values import Author


def plain(value: Any) -> Any:
    """A struct as a mapping with all its fields, those at their defaults too; tuples as lists."""
    if isinstance(value, msgspec.Struct):
        config = value.__struct_config__
        tagged = {str(config.tag_field): config.tag} if config.tag_field else {}
        return tagged | {name: plain(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]
    return value


def summary(patient: PatientSummary) -> dict[str, Any]:
    """One line of a patient list: id, family_name, given_names, birth_date, sex, ins."""
    return dict(plain(patient))


def identity(identifier: str, body: PatientBody, version: str = "") -> dict[str, Any]:
    """A patient's identity: its id, the version where there is one, and the fields of the body."""
    fields = {name: value for name, value in plain(body).items() if name != "kind"}
    return {"id": identifier} | ({"version": version} if version else {}) | fields


def author(one: Author) -> dict[str, str]:
    """Who states an entry."""
    return {"name": one.name, "rpps": one.rpps}


def entry(one: Entry, **marks: bool) -> dict[str, Any]:
    """One version of an entry; `marks` are what the command knows besides, such as `competing`."""
    return {
        "id": one.id,
        "version": one.version,
        "parents": list(one.parents),
        "patient": one.patient,
        "kind": one.kind.value,
        "date": one.date,
        "status": one.status.value,
        "sensitivity": one.sensitivity.value,
        "author": author(one.author),
        "recorded": one.recorded,
        "provenance": one.provenance.value,
        "origin": one.origin,
        **marks,
        "body": plain(one.body),
    }


def record(
    chart: Chart, entries: list[dict[str, Any]], knowledge: dict[str, str], shown: PatientBody
) -> dict[str, Any]:
    """One patient's record."""
    latest = chart.identity[-1]
    return {
        "id": chart.id,
        "patient": identity(chart.id, shown, latest.version),
        "competing_identities": [one.version for one in chart.identity] if len(chart.identity) > 1 else [],
        "also_registered": [
            identity(one.patient, one.body, one.version)
            for one in chart.also_registered
            if isinstance(one.body, PatientBody)
        ],
        "knowledge": knowledge,
        "entries": entries,
    }
