"""The record: reading a chart, and the only ways to change it: add, amend, retract.

Each change is one transaction with its history line. Nothing is ever overwritten: an amendment is a new version beside
its parents, and two versions of the same parent both stand until a person decides.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from localstore import coded, patients, roles, sources, versions
from localstore.bodies import KIND_OF, MAX_DOCUMENT_BYTES, Body, PatientBody, decode_body, encode_body
from localstore.database import Connection, transaction
from localstore.documents import stowing
from localstore.errors import BadInput, TooLarge, UnknownEntry
from localstore.kinds import Kind, Provenance, Sensitivity, Status
from localstore.model import Entry
from localstore.partial_date import is_date
from localstore.practice import Practice
from localstore.roles import Right

MAX_TEXT_BYTES = 1024 * 1024  # of one body without its file: a long report is 100 kB
ADMINISTRATIVE = frozenset({Kind.PATIENT, Kind.APPOINTMENT})  # what a secretary works with


class Chart(NamedTuple):
    """One patient's record: the identity's current versions (more than one when several compete), the entries, and the
    identities of the records that were merged into it.

    The last of the identities is the one to show, the same as in the list of patients."""

    identity: tuple[Entry, ...]
    entries: tuple[Entry, ...]
    also_registered: tuple[Entry, ...] = ()

    @property
    def id(self) -> str:
        """The patient's identifier."""
        return self.identity[0].id

    @property
    def patient(self) -> PatientBody:
        """The identity to show."""
        body = self.identity[-1].body
        assert isinstance(body, PatientBody)  # noqa: S101 - the kind of the entry says so
        return body

    def competing(self) -> frozenset[str]:
        """The identifiers of the entries of which two versions contradict each other: two that both say something, or
        one that another calls an error, itself or the version in whose place it stands. To call one of two rivals an
        error settles them."""
        standing: dict[str, list[Entry]] = {}
        for entry in (*self.identity, *self.entries):
            standing.setdefault(entry.id, []).append(entry)
        return frozenset(name for name, versions in standing.items() if len(versions) > 1 and _contradict(versions))


def _contradict(standing: list[Entry]) -> bool:
    said = [one for one in standing if one.status is Status.FINAL]
    replaced = {parent for one in said for parent in one.parents}
    wrong = {parent for one in standing if one.status is not Status.FINAL for parent in one.parents}
    return len(said) > 1 or bool((replaced | {one.version for one in said}) & wrong)


def add_patient(practice: Practice, body: PatientBody) -> Entry:
    """A new patient."""
    _check(body, "")
    with transaction(practice.connection):
        new = _own_version(practice, body, "", None, None, Sensitivity.NORMAL, Status.FINAL, ())
        versions.insert(practice.connection, [new])
        patients.project(practice.connection, new.num, new.id, body, new.num)
        practice.log("patient-added", patient=new.num, subject=new.id.hex())
    return _written(practice, new, new.id, new.id)


def add(
    practice: Practice,
    patient: str,
    body: Body,
    date: str = "",
    sensitivity: Sensitivity = Sensitivity.NORMAL,
    overrides: Sequence[str] = (),
) -> Entry:
    """A new entry about a patient. `overrides` are warnings that somebody went past, each with the reason: they go into
    the history. Raises UnknownPatient, BadInput (a date that is none), TooLarge."""
    _check(body, date)
    if isinstance(body, PatientBody):
        raise BadInput(what="An identity is not an entry of its own.", remedy="Amend the patient instead.")
    with transaction(practice.connection):
        owner = patients.number(practice.connection, patient)
        new = _own_version(practice, body, date, None, owner, sensitivity, Status.FINAL, ())
        versions.insert(practice.connection, [new])
        kind = new.kind.value
        practice.log("entry-added", patient=owner, subject=new.id.hex(), detail=kind, kind=kind)
        _log_overrides(practice, new, new.id, overrides)
    return _written(practice, new, new.id, bytes.fromhex(versions.identifier(practice.connection, owner)))


def amend(
    practice: Practice,
    version: str,
    body: Body,
    date: str | None = None,
    sensitivity: Sensitivity | None = None,
    overrides: Sequence[str] = (),
) -> Entry:
    """A new version in the place of `version`; date and sensitivity stay unless given. Raises as `add`, and BadInput
    for what was entered in error: it would stand again without anybody saying so."""
    with transaction(practice.connection):
        old = _named(practice, version)
        _require_kind(old, body)
        if old.status is Status.ENTERED_IN_ERROR and old.kind is not Kind.PATIENT:
            raise BadInput(what="This entry was entered in error.", remedy="Add a new entry instead.")
        date = old.date if date is None else date
        _check(body, date, old.body)
        new = _successor(practice, old, body, date, sensitivity or old.sensitivity, Status.FINAL)
        kind = old.kind.value
        practice.log("entry-amended", patient=new.patient, subject=new.id.hex(), detail=kind, kind=kind)
        _log_overrides(practice, new, bytes.fromhex(old.id), overrides)
    return _written(practice, new, bytes.fromhex(old.id), bytes.fromhex(old.patient))


def retract(practice: Practice, version: str, reason: str) -> Entry:
    """Mark an entry as entered in error: a version that says so, with the reason in the history."""
    with transaction(practice.connection):
        old = _named(practice, version)
        if old.kind is Kind.PATIENT:
            raise BadInput(what="A patient cannot be retracted.", remedy="Amend the identity instead.")
        new = _successor(practice, old, old.body, old.date, old.sensitivity, Status.ENTERED_IN_ERROR)
        practice.log("entry-retracted", patient=new.patient, subject=new.id.hex(), detail=reason, kind=old.kind.value)
    return _written(practice, new, bytes.fromhex(old.id), bytes.fromhex(old.patient))


def settle(practice: Practice, version: str, body: Body | None = None) -> Entry:
    """Let one of the versions that compete stand, or `body` in the place of all of them: a new version that replaces
    every one of them, with the date and the status of `version`. All stay readable; where one of them was restricted,
    the new one is. Raises UnknownEntry, and BadInput where nothing competes or `body` is of another kind."""
    connection = practice.connection
    with transaction(connection):
        chosen = _named(practice, version)
        entry = versions.entry_number(connection, chosen.id)
        standing = versions.by_number(connection, sorted(versions.standing(connection, entry or 0)))
        if len(standing) < 2 or all(one.version != chosen.version for _, one in standing):
            raise BadInput(what="This version does not compete with another one.", remedy="See: confrere record")
        if body is not None:
            _require_kind(chosen, body)
            _check(body, chosen.date, chosen.body)
        restricted = any(one.sensitivity is Sensitivity.RESTRICTED for _, one in standing)
        sensitivity = Sensitivity.RESTRICTED if restricted else Sensitivity.NORMAL
        parents = tuple(bytes.fromhex(one.version) for _, one in standing)
        status = Status.FINAL if body is not None else chosen.status
        new = _successor(practice, chosen, body or chosen.body, chosen.date, sensitivity, status, parents)
        kind = chosen.kind.value
        practice.log("versions-settled", patient=new.patient, subject=new.id.hex(), detail=chosen.version, kind=kind)
    return _written(practice, new, bytes.fromhex(chosen.id), bytes.fromhex(chosen.patient))


def _log_overrides(practice: Practice, new: versions.NewVersion, entry: bytes, overrides: Sequence[str]) -> None:
    for words in overrides:
        practice.log("warning-overridden", patient=new.patient, subject=entry.hex(), detail=words, kind=new.kind.value)


def open_chart(practice: Practice, patient: str, why: str = "") -> Chart:
    """A patient's current entries; the reading itself is written to the history. Raises UnknownPatient.

    To whom the medical part is closed, the identity alone.
    """
    action = "record-read" if reads_everything(practice) else "administrative-read"
    practice.log_reading(action, patients.number(practice.connection, patient), patient, why)
    return chart(practice, patient)


def reads_everything(practice: Practice) -> bool:
    """Whether the medical part of records is open to whoever works here."""
    return roles.may(practice.user.role, Right.READ)


def _may_see(practice: Practice, kind: Kind) -> bool:
    return kind in ADMINISTRATIVE or reads_everything(practice)


def chart(practice: Practice, patient: str) -> Chart:
    """As `open_chart`, for a reading that is part of an action with a history line of its own."""
    whole = whole_chart(practice.connection, patients.number(practice.connection, patient))
    return whole._replace(entries=tuple(one for one in whole.entries if _may_see(practice, one.kind)))


def whole_chart(connection: Connection, owner: int) -> Chart:
    """All of a record, by its local number: for what the program does by itself under a consent, whoever works."""
    found = versions.current_of_patient(connection, owner)
    shown = patients.shown_version(connection, owner)
    people = sorted((one for one in found if one[1].kind is Kind.PATIENT), key=lambda one: one[0] == shown)
    own = versions.identifier(connection, owner)
    others = (entry for _, entry in found if entry.kind is not Kind.PATIENT)
    return Chart(
        tuple(entry for _, entry in people if entry.id == own),
        # What was written in a record that was merged into this one is this patient's.
        tuple(one if one.patient == own else msgspec.structs.replace(one, patient=own) for one in others),
        tuple(entry for _, entry in people if entry.id != own),
    )


def every_version(practice: Practice, patient: str) -> list[Entry]:
    """Every version of every entry, amended ones too, as far as they are open to whoever works here."""
    owner = patients.number(practice.connection, patient)
    found = versions.all_of_patient(practice.connection, owner)
    return [entry for _, entry in found if _may_see(practice, entry.kind)]


def with_sources(practice: Practice, patient: str, entries: Iterable[Entry]) -> list[Entry]:
    """The same entries, each with the resource that it was imported from."""
    connection = practice.connection
    by_version: dict[str, tuple[str, bytes]] = {}
    found = sources.of_patient(connection, patients.number(connection, patient))
    for num, source in found.items():
        by_version[versions.identifier(connection, num)] = source
    filled = []
    for entry in entries:
        url, raw = by_version.get(entry.version, ("", b""))
        filled.append(msgspec.structs.replace(entry, source=raw, source_url=url))
    return filled


def all_versions(practice: Practice, entry: str) -> list[Entry]:
    """Every version of an entry, oldest first. Raises UnknownEntry."""
    num = versions.entry_number(practice.connection, entry)
    if num is None:
        raise UnknownEntry(reference=entry)
    found = [version for _, version in versions.of_entry(practice.connection, num)]
    if not all(_may_see(practice, version.kind) for version in found):
        practice.require(Right.READ)
    return found


def _written(practice: Practice, new: versions.NewVersion, entry: bytes, patient: bytes) -> Entry:
    """What the record now says, without asking it again. `patient` is empty for what is about nobody."""
    return Entry(
        id=entry.hex(),
        version=new.id.hex(),
        patient=patient.hex(),
        date=new.date,
        author=practice.user.author,
        recorded=new.recorded,
        body=decode_body(encode_body(new.body)),
        parents=tuple(parent.hex() for parent in new.parents),
        status=new.status,
        sensitivity=new.sensitivity,
    )


def _require_kind(old: Entry, body: Body) -> None:
    if KIND_OF[type(body)] != old.kind:
        raise BadInput(what="An amendment cannot change what an entry is about.", remedy="Add a new entry instead.")


def _named(practice: Practice, version: str) -> Entry:
    num = versions.number(practice.connection, version)
    if num is None:
        raise UnknownEntry(reference=version)
    return versions.by_number(practice.connection, [num])[0][1]


def _own_version(
    practice: Practice,
    body: Body,
    date: str,
    entry: int | None,
    patient: int | None,
    sensitivity: Sensitivity,
    status: Status,
    parents: tuple[bytes, ...],
) -> versions.NewVersion:
    connection = practice.connection
    num = versions.next_number(connection)
    return versions.NewVersion(
        num=num,
        id=versions.new_id(),
        entry=entry,
        patient=num if isinstance(body, PatientBody) and entry is None else patient,
        body=stowing.stow(connection, patient, body),
        kind=KIND_OF[type(body)],
        date=date,
        recorded=practice.now(),
        author=versions.author_number(connection, practice.user.author),
        origin=versions.origin_number(connection, Provenance.OWN, ""),
        status=status,
        sensitivity=sensitivity,
        parents=parents,
    )


def _successor(
    practice: Practice,
    old: Entry,
    body: Body,
    date: str,
    sensitivity: Sensitivity,
    status: Status,
    parents: tuple[bytes, ...] = (),
) -> versions.NewVersion:
    """The next version of an entry, written: in the place of `old`, or of all `parents`. It stays in the record in
    which the entry began, also where that was merged into another."""
    connection = practice.connection
    entry = versions.entry_number(connection, old.id)
    patient = versions.patient_of(connection, entry) if entry is not None else None
    parents = parents or (bytes.fromhex(old.version),)
    new = _own_version(practice, body, date, entry, patient, sensitivity, status, parents)
    versions.insert(connection, [new])
    if isinstance(body, PatientBody) and patient is not None:
        patients.project(connection, patient, bytes.fromhex(old.id), body, new.num)
    return new


def _check(body: Body, date: str, before: Body | None = None) -> None:
    """Raise BadInput or TooLarge for what may not be written."""
    coded.check(body, before)
    if date and not is_date(date):
        raise BadInput(what="“{date}” is not a date.", date=date, remedy="Write it as 2024-03-12, 2024-03 or 2024.")
    if isinstance(body, PatientBody):
        if not body.family_name.strip():
            raise BadInput(what="A patient needs a family name.", remedy="Give one.")
        if body.birth_date and not is_date(body.birth_date):
            raise BadInput(what="“{date}” is not a birth date.", date=body.birth_date, remedy="Write it as 1958-07-03.")
    content = len(body.content) if stowing.may_have_file(body) else 0
    if content > MAX_DOCUMENT_BYTES:
        raise TooLarge(what="This document", limit=f"{MAX_DOCUMENT_BYTES // 1024 // 1024} MiB")
    if len(encode_body(body)) - content > MAX_TEXT_BYTES:
        raise TooLarge(what="This text", limit=f"{MAX_TEXT_BYTES // 1024 // 1024} MiB")
