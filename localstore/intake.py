"""One file on its way into the record: whose each resource is, whether it was here before, which version it becomes.

A resource is recognised by the name that it goes by (fullUrl, or type and id) within the record of its patient; what
belongs to nobody, and patients themselves, by that name alone.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from localstore import patients, sources, versions
from localstore.blocks import Blocks
from localstore.bodies import Body, PatientBody
from localstore.documents import carrying, stowing
from localstore.errors import ConfrereError, TooLarge
from localstore.fhir.dates import instant, is_no_older
from localstore.fhir.json_text import decode
from localstore.fhir.references import is_absolute, means_patient, normal
from localstore.import_errors import BrokenResource, FileNotHere, KeptUnread, SubjectMoved, WrongKey
from localstore.kinds import Provenance, Sensitivity
from localstore.numbered import NumberTable
from localstore.practice import Practice
from localstore.preparing import Prepared, PreparedFile, scope_of
from localstore.values import Attachment

MAX_COMPANY = 2_000_000  # rows of (patient, shared resource) that one file may cost: 1,000 patients with 2,000 doctors
MAX_TOLD = 10_000  # resources of one file of which something is told: more are no accident, and words take memory
NOBODY = 0  # in the place of a patient: the names of patients, and of what belongs to none
_NEVER = datetime.min.replace(tzinfo=UTC)


class Broken(NamedTuple):
    """A file or a resource that could not be imported: where it stands, and the error that says why."""

    file: str
    place: str
    error: ConfrereError

    @property
    def reason(self) -> str:
        """The error's sentence, in English."""
        return str(self.error)


@dataclass
class Counts:
    """What became of resources."""

    patients: int = 0
    added: int = 0
    renewed: int = 0
    unchanged: int = 0
    broken: list[Broken] = field(default_factory=list)
    kept: list[Broken] = field(default_factory=list)  # what came in and was not understood
    doubtful: list[Broken] = field(default_factory=list)  # what came in, and somebody should look at
    untold: int = 0  # of the last two, beyond the first MAX_TOLD of a file
    written: Counter[int] = field(default_factory=Counter)  # local number of a patient -> new versions about him


class Intake:
    """Takes in the good resources of one file. Lives for one transaction, which the caller holds."""

    def __init__(self, practice: Practice, name: str, file: PreparedFile) -> None:
        self._connection, self._name = practice.connection, name
        self._counts = Counts(broken=[Broken(name, place, BrokenResource(**what)) for place, what in file.broken])
        self._readings = file.resources
        self._scope = scope_of(self._readings)
        self._people: dict[str, int] | NumberTable = {}  # their names, and the numbers of whom they mean
        self._everybody: set[int] = set()
        self._others = {reading.url for reading in self._readings if reading.person is None}
        self._known: dict[int, dict[str, list[int]]] = {}
        self._formerly: dict[str, int] | None = None
        self._carried: carrying.Carried = {}
        self._new: list[versions.NewVersion] = []
        self._new_people: list[tuple[versions.NewVersion, PatientBody]] = []
        self._names: list[tuple[bytes, int]] = []
        self._company: list[int] = []
        self._blocks = Blocks(self._connection)
        # The numbers from `_first_new` on are of this file; those from `_flushed` on are not written yet.
        self._first_new = self._flushed = self._next = versions.next_number(self._connection)
        self._ids = versions.new_ids()
        self._author = versions.author_number(self._connection, practice.user.author)
        self._origin = versions.origin_number(self._connection, Provenance.IMPORTED, name)
        self._recorded = practice.now()

    def write(self) -> Counts:
        """Write everything; returns the counts."""
        self._take_all(self._readings)
        self._flush()
        self._put_company()
        return self._counts

    def _take_all(self, readings: Sequence[Prepared]) -> None:
        for reading in readings:
            if reading.person is not None:
                self._take_patient(reading)
        others = [reading for reading in readings if reading.person is None]
        for reading in sorted(others, key=self._order):
            if reading.type != carrying.BINARY or not carrying.is_carried(self._carried, reading.url, reading.raw):
                self._take_other(reading)

    def _order(self, reading: Prepared) -> tuple[bool, int]:
        """A file after what may carry it; what came before in the order in which it lies here, so that each block is
        read once, whatever the order in the file."""
        owner = self._people[name] if (name := normal(reading.patient_reference)) in self._people else NOBODY
        earlier: list[int] = []
        if NOBODY < owner < self._first_new and not reading.is_shared:
            own = sources.name_of(reading.url, reading.type, reading.identifier, reading.raw)
            earlier = self._earlier(reading, owner, own)
        return reading.type == carrying.BINARY, earlier[-1] if earlier else 0

    def _flush(self) -> None:
        """Write what was taken."""
        versions.insert(self._connection, self._new)
        sources.put_names(self._connection, self._names)
        for version, person in self._new_people:
            self._project(version, person)
        self._counts.written.update(one.patient for one in self._new if one.patient is not None)
        self._new, self._names, self._new_people = [], [], []
        self._flushed = self._next

    def _put_company(self) -> None:
        """What belongs to nobody leaves with everybody in whose file it came."""
        if len(self._everybody) * len(self._company) > MAX_COMPANY:
            limit = "{count} pairs of a patient and a shared resource"
            raise TooLarge(what=self._name, limit=limit, count=MAX_COMPANY)
        for patient in self._everybody:
            sources.put_company(self._connection, patient, self._company)

    def _take_patient(self, reading: Prepared) -> None:
        name = sources.name_of(reading.url, reading.type, reading.identifier, reading.raw)
        earlier = self._earlier(reading, NOBODY, name)
        owner = versions.patient_of(self._connection, earlier[0]) if earlier else self._next
        num = self._take(reading, NOBODY, name, earlier, owner)
        if num is None:
            return
        self._remark(reading)
        for alias in reading.names:
            self._mean(alias, owner or num)
            self._names.append((sources.key("patient", alias), num))

    def _take_other(self, reading: Prepared) -> None:
        owner = None if reading.is_shared else self._owner(reading)
        if owner is None and not reading.is_shared:
            self._break_homeless(reading)
            return
        scope = owner or NOBODY
        name = sources.name_of(reading.url, reading.type, reading.identifier, reading.raw)
        earlier = self._earlier(reading, scope, name)
        if owner is not None and not earlier and self._was_anothers(name, owner):
            self._tell(self._counts.doubtful, reading, SubjectMoved(place=reading.place))
        num = self._take(reading, scope, name, earlier, owner)
        if num is None:
            return
        self._remark(reading)
        self._note_file(reading, num)
        if reading.is_shared:
            self._company.append(num)

    def _was_anothers(self, name: str, owner: int) -> bool:
        """Whether what goes by this name came before as another patient's, of those in the file."""
        if self._formerly is None:
            before = self._everybody - {NOBODY}
            self._formerly = sources.owners_of_names(self._connection, (one for one in before if one < self._first_new))
        return self._formerly.get(name, owner) != owner

    def _remark(self, reading: Prepared) -> None:
        """Tell what is to be known of a resource that came in."""
        if reading.unread is not None:
            self._tell(self._counts.kept, reading, KeptUnread(**reading.unread))
        for doubt in reading.doubts:
            self._tell(self._counts.doubtful, reading, WrongKey(**doubt))

    def _note_file(self, reading: Prepared, num: int) -> None:
        """Remember under which addresses the file of a document is here, or tell that it is not."""
        attachment = stowing.attachment_of(reading.body)
        if attachment is None:
            return
        if not self._has_file(num, attachment):
            self._tell(self._counts.kept, reading, FileNotHere(place=reading.place))
            return
        carrying.note(self._carried, reading.raw, attachment, reading.patient_reference)

    def _has_file(self, num: int, attachment: Attachment) -> bool:
        if num >= self._flushed:
            body = self._new[num - self._flushed].body
        else:
            ((_, entry),) = versions.by_number(self._connection, [num])
            body = entry.body
        kept = stowing.attachment_of(body)
        return kept is not None and kept.digest == attachment.digest

    def _tell(self, told: list[Broken], reading: Prepared, error: ConfrereError) -> None:
        if len(told) < MAX_TOLD:
            told.append(Broken(self._name, reading.place, error))
        else:
            self._counts.untold += 1

    def _owner(self, reading: Prepared) -> int | None:
        """The local number of the patient whom a resource is about, or None where that is not clear."""
        if reference := normal(reading.patient_reference):
            return self._patient_named(reference)
        named = {name: self._patient_named(name) for name in reading.references if name not in self._others}
        meant = {owner for name, owner in named.items() if owner is not None or means_patient(name)}
        if meant:
            return meant.pop() if len(meant) == 1 else None
        return self._only_patient()

    def _patient_named(self, reference: str) -> int | None:
        if reference not in self._people:
            if not is_absolute(reference):
                return None  # elsewhere it may mean somebody else
            named = sources.versions_named(self._connection, sources.key("patient", reference))
            owners = {versions.patient_of(self._connection, version) for version in named} - {None}
            if len(owners) != 1:
                return None
            self._mean(reference, owners.pop() or NOBODY)
        return self._people[reference]

    def _mean(self, name: str, patient: int) -> None:
        self._people[name] = patient
        self._everybody.add(patient)

    def _only_patient(self) -> int | None:
        return next(iter(self._everybody)) if len(self._everybody) == 1 else None

    def _stored_name(self, reading: Prepared, name: str) -> bytes:
        """The name of a patient, or of what belongs to nobody, as it is kept: told apart by its system where it is
        relative."""
        scope = self._scope if reading.identifier else "content"
        return sources.key("" if sources.is_absolute(reading.url) else scope, name)

    def _earlier(self, reading: Prepared, owner: int, name: str) -> list[int]:
        """The versions that came under this name before, in this file or an earlier one, oldest first."""
        known = self._known.get(owner)
        if known is None:
            # All names of one patient at once; those of nobody are the whole practice's, and are asked for one by one.
            is_new = owner == NOBODY or owner >= self._first_new
            known = self._known[owner] = {} if is_new else sources.names_of_patient(self._connection, owner)
        if owner == NOBODY and name not in known:
            known[name] = sources.versions_named(self._connection, self._stored_name(reading, name))
        return known.setdefault(name, [])

    def _take(self, reading: Prepared, scope: int, name: str, earlier: list[int], owner: int | None) -> int | None:
        """The number of the version that says what came: an earlier one, or a new one; None when it is broken."""
        same = next((num for num in earlier if self._is_same(reading, num) and not self._lacks(reading, num)), None)
        if same is not None:
            self._counts.unchanged += 1
            return same
        if earlier and earlier[-1] >= self._first_new:
            self._break(reading, "another resource of this file has the same name")
            return None
        version = self._new_version(reading, owner, earlier)
        self._new.append(version)
        if reading.person is not None:
            self._new_people.append((version, reading.person))
        if scope == NOBODY:
            self._names.append((self._stored_name(reading, name), version.num))
        earlier.append(version.num)
        return version.num

    def _lacks(self, reading: Prepared, num: int) -> bool:
        """Whether the file of a document comes now that did not come with it before."""
        attachment = stowing.attachment_of(reading.body)
        return attachment is not None and not self._has_file(num, attachment) and carrying.brings(reading.body)

    def _is_same(self, reading: Prepared, num: int) -> bool:
        if num >= self._flushed:
            return self._new[num - self._flushed].source == reading.raw
        kept = sources.get(self._connection, num, self._blocks)
        return kept is not None and (
            kept[1] == reading.raw or decode(kept[1], kept[0]) == decode(reading.raw, reading.place)
        )

    def _new_version(self, reading: Prepared, owner: int | None, earlier: Sequence[int]) -> versions.NewVersion:
        num = self._next
        self._next += 1
        if earlier:
            self._counts.renewed += 1
        else:
            self._counts.added += 1
            self._counts.patients += reading.person is not None
        return versions.NewVersion(
            num=num,
            id=next(self._ids),
            entry=versions.entry_of(self._connection, earlier[0]) if earlier else None,
            patient=owner,
            body=self._body(reading, owner),
            kind=reading.kind,
            date=reading.date,
            recorded=self._recorded,
            author=self._author,
            origin=self._origin,
            status=reading.status,
            sensitivity=self._sensitivity(reading, earlier),
            parents=self._parents(reading, earlier),
            source=reading.raw,
            url=sources.stored_url(reading.url, reading.identifier),
        )

    def _body(self, reading: Prepared, owner: int | None) -> Body:
        stowed = stowing.take_in(self._connection, owner, reading.body)
        return stowed if stowed is not None else carrying.without_file(reading.body)

    def _sensitivity(self, reading: Prepared, earlier: Sequence[int]) -> Sensitivity:
        """What somebody restricted here stays so, whatever its source says of a newer version."""
        if earlier and versions.is_restricted(self._connection, versions.entry_of(self._connection, earlier[0])):
            return Sensitivity.RESTRICTED
        return reading.sensitivity

    def _parents(self, reading: Prepared, earlier: Sequence[int]) -> tuple[bytes, ...]:
        """The newest that came and stands. None for an older copy, or where nobody can tell: both stand until a person
        decides."""
        if not earlier:
            return ()
        standing = versions.standing(self._connection, versions.entry_of(self._connection, earlier[0]))
        kept = {num: sources.get(self._connection, num, self._blocks) for num in standing & {*earlier} or earlier}
        updated = {num: sources.last_updated(decode(one[1], one[0])) if one else "" for num, one in kept.items()}
        newest = max(updated, key=lambda num: (instant(updated[num]) or _NEVER, num))
        if not is_no_older(sources.last_updated(decode(reading.raw, reading.place)), updated[newest]):
            return ()
        return (bytes.fromhex(versions.identifier(self._connection, newest)),)

    def _break_homeless(self, reading: Prepared) -> None:
        reference = normal(reading.patient_reference)
        if not reference:
            reason = "it does not say whose it is, or names several patients"
        elif is_absolute(reference) or reference.startswith("#"):
            reason = "its patient is neither in the file nor known here"
        else:
            reason = "its patient is not in the file, and may be somebody else of the same number in another system"
        self._break(reading, reason)

    def _break(self, reading: Prepared, reason: str) -> None:
        error = BrokenResource(place=reading.place, reason=reason)
        self._counts.broken.append(Broken(self._name, reading.place, error))

    def _project(self, version: versions.NewVersion, body: PatientBody) -> None:
        if version.patient is None:
            return
        shown = patients.shown_version(self._connection, version.patient)
        if shown is not None and bytes.fromhex(versions.identifier(self._connection, shown)) not in version.parents:
            # What is shown still stands: an older copy, or a rival of what was amended here, does not hide it.
            patients.index(self._connection, version.patient)
            return
        identifier = bytes.fromhex(versions.identifier(self._connection, version.patient))
        patients.project(self._connection, version.patient, identifier, body, version.num)
