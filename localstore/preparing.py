"""One file of FHIR made ready for the record: cut into resources, each one read and its body encoded.

Everything of an import that needs no database, so that no lock is held while it is done. Pure: no clock, no store.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from localstore.bodies import KIND_OF, Body, OtherBody, PatientBody
from localstore.errors import BrokenResource
from localstore.fhir import bundle
from localstore.fhir.bundle import BundleItem, Request
from localstore.fhir.read import read_resource
from localstore.fhir.references import collect_references, names_of
from localstore.fhir.shared import SHARED_TYPES
from localstore.kinds import Kind, Sensitivity, Status


class Prepared(msgspec.Struct, array_like=True, gc=False):
    """One good resource: where it stands, its own bytes, what it says, and the names that it goes by.

    `person` is the body where the resource is a Patient. `patient_reference` is the reference
    to the patient, empty for a Patient, for what is about nobody (`is_shared` says so), and where it is not said: then
    `references` are all that it has.
    """

    place: str
    url: str
    raw: bytes
    type: str
    identifier: str
    names: list[str]
    body: Body
    kind: Kind
    date: str
    status: Status
    sensitivity: Sensitivity
    patient_reference: str
    is_shared: bool
    person: PatientBody | None
    references: list[str]


class PreparedFile(msgspec.Struct, array_like=True):
    """The good resources of a file, and the broken ones, each as (place in the file, details of its BrokenResource)."""

    resources: list[Prepared]
    broken: list[tuple[str, dict[str, Any]]]


def prepare(data: bytes, name: str) -> PreparedFile:
    """Prepare one file; `name` is for the errors. Raises NotFhir, TooLarge when it is no FHIR at all."""
    broken: list[tuple[str, dict[str, Any]]] = []
    return PreparedFile(list(_read(bundle.split(data, name), broken)), broken)


def _read(items: Sequence[BundleItem], broken: list[tuple[str, dict[str, Any]]]) -> Iterator[Prepared]:
    """What each resource says; what cannot be read goes to `broken`."""
    neighbours = _Neighbours(items)
    for item in items:
        resource = item.resource
        try:
            if isinstance(resource, Request):
                reason = "it is a bare request, and requests are not carried out"
                raise BrokenResource(place=item.place, reason=reason)
            if isinstance(resource, BrokenResource):
                raise resource
            yield _prepared(item, resource, neighbours)
        except BrokenResource as error:
            broken.append((item.place, error.details))


def _prepared(item: BundleItem, resource: dict[str, Any], neighbours: "_Neighbours") -> Prepared:
    meaning = read_resource(resource, neighbours.find)
    identifier, body = resource.get("id"), meaning.body
    is_clear = bool(meaning.patient_reference) or isinstance(body, PatientBody)
    is_shared = not is_clear and isinstance(body, OtherBody) and resource["resourceType"] in SHARED_TYPES
    return Prepared(
        item.place,
        item.url,
        item.raw,
        resource["resourceType"],
        identifier if isinstance(identifier, str) else "",
        names_of(resource, item.url),
        body,
        KIND_OF[type(body)],
        meaning.date,
        meaning.status,
        meaning.sensitivity,
        meaning.patient_reference,
        is_shared,
        body if isinstance(body, PatientBody) else None,
        [] if is_shared or is_clear else collect_references(resource, item.raw),
    )


class _Neighbours:
    """The resources of one file by the names that others use for them. Few are asked for, so few are decoded."""

    def __init__(self, items: Sequence[BundleItem]) -> None:
        self._items = items
        self._by_name = {item.url: item for item in items if item.url and item.failure is None}
        self._is_complete = False

    def find(self, name: str) -> dict[str, Any] | None:
        """The resource of that name, or None."""
        if name not in self._by_name and not self._is_complete:
            self._complete()
        found = self._by_name.get(name)
        resource = found.resource if found is not None else None
        return resource if isinstance(resource, dict) else None

    def _complete(self) -> None:
        self._is_complete = True
        for item in self._items:
            resource = item.resource
            if isinstance(resource, dict):
                for name in names_of(resource, item.url):
                    self._by_name.setdefault(name, item)
