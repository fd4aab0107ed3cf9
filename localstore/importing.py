"""The import of FHIR R4: files into entries, each resource kept verbatim beside what was understood of it.

One file is one transaction. The good resources of a file are imported and the broken ones named; a resource that was
imported before changes nothing, a changed one becomes a new version. Nothing is dropped in silence.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from localstore import archives, patients, sources, versions
from localstore.clock import stamp
from localstore.database import transaction
from localstore.errors import BadInput, BrokenResource, ConfrereError
from localstore.fhir import bundle, references
from localstore.fhir.bundle import BundleItem, Request
from localstore.fhir.json_text import decode
from localstore.fhir.read import ReadResource, read_resource
from localstore.model import KIND_OF, Author, OtherBody, PatientBody, Provenance
from localstore.practice import Practice

Progress = Callable[[int, str], None]


class Broken(NamedTuple):
    """A file or a resource that could not be imported: where it stands, and why."""

    file: str
    place: str
    reason: str


@dataclass
class Report:
    """What an import did. Numbers count resources unless they say otherwise."""

    files: int = 0
    patients: int = 0
    added: int = 0
    renewed: int = 0
    unchanged: int = 0
    bytes: int = 0
    broken: list[Broken] = field(default_factory=list)

    @property
    def total(self) -> int:
        """All resources that were met, and all files that could not be read."""
        return self.added + self.renewed + self.unchanged + len(self.broken)


def import_paths(practice: Practice, paths: Sequence[Path], progress: Progress = lambda _count, _name: None) -> Report:
    """Import files, folders and archives; `progress` is told the number of files done and the name of the next.

    Raises NotFound when a path does not exist; what is wrong inside of files is in the report.
    """
    report = Report()
    archive = sources.Archive(practice.connection)
    for found in archives.read(paths):
        progress(report.files, found.name)
        report.files += 1
        if isinstance(found.data, ConfrereError):
            report.broken.append(Broken(found.name, "", str(found.data)))
            continue
        report.bytes += len(found.data)
        try:
            import_bundle(practice, archive, found.name, found.data, report)
        except BadInput as error:
            report.broken.append(Broken(found.name, "", str(error)))
    progress(report.files, "")
    return report


def import_bundle(practice: Practice, archive: sources.Archive, name: str, data: bytes, report: Report) -> None:
    """Import one file in one transaction. Raises NotFhir, TooLarge when it is no FHIR at all."""
    items = bundle.split(data, name)
    good = [item for item in items if isinstance(item.resource, dict)]
    broken = [Broken(name, item.place, _reason(item)) for item in items if not isinstance(item.resource, dict)]
    with transaction(practice.connection):
        archive.learn([item.raw for item in good])
        counts = _Bundle(practice, archive, name, good).write()
        detail = f"{name}: {counts.added} added, {counts.renewed} renewed, {counts.unchanged} unchanged"
        if counts.added or counts.renewed:
            practice.log("imported", detail=detail)
    report.patients += counts.patients
    report.added += counts.added
    report.renewed += counts.renewed
    report.unchanged += counts.unchanged
    report.broken += broken + counts.broken


def _reason(item: BundleItem) -> str:
    if isinstance(item.resource, Request):
        return f"it only asks to {item.resource.method} {item.resource.url}: such requests are not carried out"
    return str(item.resource)


class _Read(NamedTuple):
    item: BundleItem
    resource: dict[str, Any]
    meaning: ReadResource
    keys: tuple[bytes, ...]


class _Bundle:
    """One file on its way into the record. Lives for one transaction."""

    def __init__(self, practice: Practice, archive: sources.Archive, name: str, items: list[BundleItem]) -> None:
        self._practice, self._connection, self._archive = practice, practice.connection, archive
        self._name, self._items = name, items
        self._resources = {
            name: resource
            for item in items
            if isinstance(resource := item.resource, dict)
            for name in references.names_of(resource, item.url)
        }
        self._scope = _scope(items)
        self._patient_numbers: dict[str, int] = {}
        self._new_keys: dict[bytes, int] = {}
        self._patient_versions: dict[int, int] = {}
        self._company: list[int] = []
        self._next = versions.next_number(self._connection)
        self._author = versions.author_number(self._connection, Author(practice.user.name, practice.user.rpps))
        self._origin = versions.origin_number(self._connection, Provenance.IMPORTED, name)
        self._recorded = stamp(practice.clock())
        self._counts = Report()

    def write(self) -> Report:
        """Write everything; returns the counts."""
        readings = list(self._readings())
        readings.sort(key=lambda reading: reading.meaning.body.__class__ is not PatientBody)  # owners first
        new: list[versions.NewVersion] = []
        kept: list[tuple[int, str, str, bytes]] = []
        for reading in readings:
            version = self._version(reading)
            if version is None:
                continue
            new.append(version)
            kept.append((version.num, reading.item.url, str(reading.resource.get("id", "")), reading.item.raw))
        versions.insert(self._connection, new)
        self._archive.put(kept)
        sources.put_keys(self._connection, self._new_keys.items())
        only = self._only_patient()
        if only is not None:
            sources.put_company(self._connection, only, self._company)
        for version in new:
            if isinstance(version.body, PatientBody):
                self._project(version, version.body)
        return self._counts

    def _readings(self) -> Iterator[_Read]:
        for item in self._items:
            resource = item.resource
            assert isinstance(resource, dict)  # noqa: S101 - the broken ones were taken out
            try:
                meaning = read_resource(resource, self._resources.get)
            except BrokenResource as error:
                self._counts.broken.append(Broken(self._name, item.place, str(error)))
                continue
            yield _Read(item, resource, meaning, self._keys(item, resource))

    def _keys(self, item: BundleItem, resource: dict[str, Any]) -> tuple[bytes, ...]:
        if "://" in item.url or item.url.startswith("urn:"):
            return (sources.key("", item.url),)
        identifier = resource.get("id")
        if identifier:
            return (sources.key(self._scope, f"{resource['resourceType']}/{identifier}"),)
        return (sources.key("content", item.raw.hex()),)

    def _version(self, reading: _Read) -> versions.NewVersion | None:
        earlier = [num for key in reading.keys for num in sources.versions_named(self._connection, key)]
        same = self._same(reading, earlier)
        if same is not None:
            self._counts.unchanged += 1
            self._remember(reading, same)
            return None
        if any(key in self._new_keys for key in reading.keys):
            self._break(reading, "another resource of this file has the same name")
            return None
        num = self._next
        owner = self._owner(reading, num, earlier)
        if owner is None and not _is_shared(reading.meaning):
            named = reading.meaning.patient_reference or "(none is named)"
            self._break(reading, f"its patient {named} is neither in the file nor known here")
            return None
        version = self._new_version(reading, num, owner, earlier)
        if owner is not None and isinstance(reading.meaning.body, PatientBody):
            self._patient_versions[num] = owner
        self._remember(reading, num)
        return version

    def _same(self, reading: _Read, earlier: Sequence[int]) -> int | None:
        """The version that says the same as what has come now, if any of the earlier ones does."""
        for num in earlier:
            kept = self._archive.get(num)
            if kept and (kept[1] == reading.item.raw or decode(kept[1], kept[0]) == reading.resource):
                return num
        return None

    def _remember(self, reading: _Read, num: int) -> None:
        """Keep in mind who came in this file: its patients, and what belongs to none of them."""
        if isinstance(reading.meaning.body, PatientBody):
            owner = versions.patient_of(self._connection, num) or self._patient_versions.get(num, num)
            for name in references.names_of(reading.resource, reading.item.url):
                self._patient_numbers[name] = owner
                self._new_keys[sources.key("patient", name)] = num
        elif _is_shared(reading.meaning):
            self._company.append(num)

    def _owner(self, reading: _Read, num: int, earlier: Sequence[int]) -> int | None:
        """The local number of the patient whom a resource is about; for a patient, the number of its first version."""
        reference = references.normal(reading.meaning.patient_reference)
        if isinstance(reading.meaning.body, PatientBody):
            return versions.patient_of(self._connection, earlier[0]) if earlier else num
        if _is_shared(reading.meaning):
            return None
        if reference in self._patient_numbers:
            return self._patient_numbers[reference]
        if reference:
            named = sources.versions_named(self._connection, sources.key("patient", reference))
            owners = {versions.patient_of(self._connection, version) for version in named}
            return owners.pop() if len(owners) == 1 else None
        return self._only_patient()

    def _only_patient(self) -> int | None:
        everybody = set(self._patient_numbers.values())
        return everybody.pop() if len(everybody) == 1 else None

    def _new_version(self, reading: _Read, num: int, owner: int | None, earlier: Sequence[int]) -> versions.NewVersion:
        body = reading.meaning.body
        first = versions.entry_of(self._connection, earlier[0]) if earlier else None
        stale = bool(earlier) and self._is_older(reading, earlier[-1])
        # An older copy than the one already here does not replace it: both stand until a person decides.
        parents = () if stale or not earlier else (versions.identifier(self._connection, earlier[-1]),)
        self._next += 1
        for key in reading.keys:
            self._new_keys[key] = num
        if earlier:
            self._counts.renewed += 1
        else:
            self._counts.added += 1
            self._counts.patients += isinstance(body, PatientBody)
        return versions.NewVersion(
            num=num,
            id=versions.new_id(),
            entry=first,
            patient=owner,
            body=body,
            kind=KIND_OF[type(body)],
            date=reading.meaning.date,
            recorded=self._recorded,
            author=self._author,
            origin=self._origin,
            status=reading.meaning.status,
            sensitivity=reading.meaning.sensitivity,
            parents=tuple(bytes.fromhex(parent) for parent in parents),
        )

    def _is_older(self, reading: _Read, earlier: int) -> bool:
        kept = self._archive.get(earlier)
        before = _last_updated(decode(kept[1], kept[0])) if kept else ""
        now = _last_updated(reading.resource)
        return bool(before and now) and now < before

    def _break(self, reading: _Read, reason: str) -> None:
        self._counts.broken.append(Broken(self._name, reading.item.place, reason))

    def _project(self, version: versions.NewVersion, body: PatientBody) -> None:
        if version.patient is None or (version.entry is not None and not version.parents):
            return  # an older copy of an identity does not change the list
        identifier = bytes.fromhex(versions.identifier(self._connection, version.patient))
        patients.project(self._connection, version.patient, identifier, body)


def _is_shared(meaning: ReadResource) -> bool:
    """Whether a resource is about nobody: an organisation, a practitioner, a device of a catalogue."""
    return isinstance(meaning.body, OtherBody) and not meaning.patient_reference


def _last_updated(resource: dict[str, Any]) -> str:
    meta = resource.get("meta")
    return str(meta.get("lastUpdated", "")) if isinstance(meta, dict) else ""


def _scope(items: Sequence[BundleItem]) -> str:
    """What keeps the relative names of one source system apart from those of another: whose record the file is."""
    found = [item.resource for item in items if isinstance(item.resource, dict)]
    people = [resource for resource in found if resource.get("resourceType") == "Patient"]
    known = [(one.get("identifier"), one.get("name"), one.get("birthDate")) for one in people]
    return msgspec.json.encode(known, order="sorted").decode()
