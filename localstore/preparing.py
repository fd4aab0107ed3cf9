"""One file of FHIR made ready for the record: cut into resources, each one read.

Everything of an import that needs no database, so that no lock is held while it is done. What is not R4 is kept and not
read. Pure: no clock, no store.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import msgspec

from localstore.bodies import KIND_OF, Body, OtherBody, PatientBody
from localstore.fhir import bundle, release
from localstore.fhir.bundle import BundleItem, Request
from localstore.fhir.numbers import wrong_numbers
from localstore.fhir.read import ReadResource, kept, read_resource
from localstore.fhir.references import collect_references, names_of
from localstore.fhir.shared import SHARED_TYPES
from localstore.import_errors import BrokenResource
from localstore.kinds import Kind, Sensitivity, Status

Details = dict[str, Any]
Find = Callable[[str], dict[str, Any] | None]


class Prepared(msgspec.Struct, array_like=True, gc=False):
    """One good resource: where it stands, its own bytes, what it says, and the names that it goes by.

    `person` is the body where the resource is a Patient. `patient_reference` is the reference
    to the patient, empty for a Patient, for what is about nobody (`is_shared` says so), and where it is not said: then
    `references` are all that it has. `unread` are the details of a KeptUnread where the resource was not understood,
    `doubts` those of each WrongKey.
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
    unread: Details | None = None
    doubts: list[Details] = []


class PreparedFile(msgspec.Struct, array_like=True):
    """The good resources of a file, and the broken ones, each as (place in the file, details of its BrokenResource)."""

    resources: list[Prepared]
    broken: list[tuple[str, Details]]


def prepare(data: bytes, name: str) -> PreparedFile:
    """Prepare one file; `name` is for the errors. Raises NotFhir, TooLarge when it is no FHIR at all."""
    items = bundle.split(data, name)
    return prepare_items(items, _Neighbours(items).find)


def prepare_items(items: Iterable[BundleItem], find: Find) -> PreparedFile:
    """Prepare these resources; `find` gives the resource that a reference points to, or None."""
    broken: list[tuple[str, Details]] = []
    return PreparedFile(list(_read(items, find, broken)), broken)


def _read(items: Iterable[BundleItem], find: Find, broken: list[tuple[str, Details]]) -> Iterator[Prepared]:
    """What each resource says; what cannot be read goes to `broken`."""
    for item in items:
        resource = item.resource
        try:
            if isinstance(resource, Request):
                reason = "it is a bare request, and requests are not carried out"
                raise BrokenResource(place=item.place, reason=reason)
            if isinstance(resource, BrokenResource):
                raise resource
            yield _prepared(item, resource, find)
        except BrokenResource as error:
            broken.append((item.place, error.details))


def _meaning(item: BundleItem, resource: dict[str, Any], find: Find) -> tuple[ReadResource, Details | None]:
    """What a resource says; and, where it is not R4's, why nothing was taken from it but whose it is."""
    unread = release.unread(resource)
    details: Details
    if unread is not None:
        details = {"place": item.place, "reason": unread.reason}
    else:
        try:
            return read_resource(resource, find), None
        except BrokenResource as error:
            details, unread = error.details, release.Unread(resource["resourceType"], release.NOT_THE_SHAPE)
    if unread.type == "Patient":
        raise BrokenResource(**details)  # without an identity there is nobody to keep anything of
    return kept(resource, unread.type, unread.reason), details


def _prepared(item: BundleItem, resource: dict[str, Any], find: Find) -> Prepared:
    meaning, unread = _meaning(item, resource, find)
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
        unread,
        [{"place": f"{item.place}.{wrong.place}", "kind": wrong.kind} for wrong in wrong_numbers(resource)],
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


def scope_of(readings: Sequence[Prepared]) -> str:
    """What keeps the relative names of one source system apart from those of another: whose record the file is."""
    people = [reading.person for reading in readings if reading.person is not None]
    known = [(one.family_name, one.given_names, one.birth_date, one.ins) for one in people]
    named = [reading.names for reading in readings if reading.person is not None]
    return msgspec.json.encode([known, named]).decode()
