"""Erasing a record, within the law: what it leaves behind is a digest for each version, and the lines of the history.

A record is erased when its time is over (`terms_of_keeping`), and before that only on a ground that the law knows, with
the reason in words: RGPD art. 17 gives no right to have a medical file erased that must be kept (art. 17.3 c), but what
should never have been in it must leave. One transaction, with its line: whole or not at all.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import NamedTuple

from localstore import patients
from localstore.database import Connection, row, rows, transaction
from localstore.errors import BadInput, Refused
from localstore.folding import fold
from localstore.model import PatientSummary
from localstore.opening import unreferenced
from localstore.practice import Practice
from localstore.rights import archive, company, keeping, removals
from localstore.rights.removals import ERASED, LINE_OF
from localstore.rights.terms_of_keeping import State, last_backup_gone
from localstore.roles import Right

MAX_REASON = 500  # characters; it stays in the history


class Ground(StrEnum):
    """Why a record may be erased."""

    TIME_OVER = "time-over"  # nothing obliges to keep it any more: needs no reason
    MISTAKE = "mistake"  # it was registered by mistake: nobody was cared for under this name (RGPD art. 5.1 d, 17.1 a)
    DUPLICATE = "duplicate"  # a second, empty record of somebody; one with content is merged instead
    FICTITIOUS = "fictitious"  # nobody: an example, a test
    UNLAWFUL = "unlawful"  # what was recorded unlawfully (RGPD art. 17.1 d)
    OBLIGATION = "legal-obligation"  # a court or an authority orders it (RGPD art. 17.1 e)
    REQUEST = "patient-request"  # a justified request of the patient that the doctor accepts (RGPD art. 17.1, 21)


class Erased(NamedTuple):
    """What was erased: how many versions; by when the last backup that holds them is gone, if one is made each month;
    whether the write-ahead log was emptied: another window may keep it, and then closing that one does it."""

    patient: str
    versions: int
    backups_until: str
    log_emptied: bool
    shared_left: int = 0  # what came with nobody else, belongs to nobody, and cannot leave (`company`)


def check(practice: Practice, patient: str, ground: Ground, reason: str) -> None:
    """Raise NotYourRole, UnknownPatient, Refused where the law wants the record kept, BadInput for a missing reason."""
    practice.require(Right.GOVERN)
    archived = archive.find(practice, patient)
    kept = keeping.of_archived(practice, archived) if archived else keeping.of_patient(practice, patient)
    if len(reason) > MAX_REASON:
        raise BadInput(what="This reason is too long.", remedy="Say it in 500 characters.")
    if ground is Ground.TIME_OVER:
        if kept.state is not State.DUE:
            raise Refused(
                reason="This record is to be kept until {date}.",
                date=kept.days.kept_until,
                remedy="Archive it, or name the legal ground on which it may be erased before.",
            )
    elif not reason.strip():
        raise BadInput(what="Erasing before the time is over needs a reason in words.", remedy="Give it.")
    if ground is Ground.DUPLICATE and (archived or _has_content(practice.connection, patient)):
        raise Refused(
            reason="This record holds entries: it is no empty duplicate.", remedy="Merge the two records instead."
        )


def require_named(patient: PatientSummary, typed: str) -> None:
    """Raise Refused unless what was typed to confirm is the patient's family name; case and accents do not matter."""
    if fold(typed) != fold(patient.family_name):
        raise Refused(reason="The family name that was typed is not this patient's.", remedy="Type it as it is shown.")


def _has_content(connection: Connection, patient: str) -> bool:
    owners = keeping.merged_with(connection, patients.number(connection, patient))
    found = (
        row(connection, "SELECT 1 FROM version WHERE patient = ? AND kind <> 'patient' LIMIT 1", (owner,))
        for owner in owners
    )
    return any(found)


def erase(practice: Practice, patient: str, ground: Ground, reason: str = "") -> Erased:
    """Erase everything about a patient, in the record or in the archive. Raises as `check`.

    What was shared is the business of `sync.sending.erasing`, which asks for its removal first.
    """
    check(practice, patient, ground, reason)
    archived = archive.find(practice, patient)
    told = f"{ground.value}: {reason.strip()}" if reason.strip() else ground.value
    if archived is not None:
        count, left = _erase_archived(practice, patient, archived.removal, told)
    else:
        count, left = _erase_present(practice, patient, told)
    return Erased(patient, count, last_backup_gone(practice.today()), empty_log(practice.connection), left)


def _erase_present(practice: Practice, patient: str, told: str) -> tuple[int, int]:
    connection = practice.connection
    with _archive_if_used(practice) as held, unreferenced(connection), transaction(connection):
        owners = keeping.merged_with(connection, patients.number(connection, patient))
        elsewhere = company.of_all_archived(held, archive.standing(connection).values()) if held else set()
        shared = company.leaving(connection, company.of_present(connection, owners), owners, elsewhere)
        identifier, now = removals.new_identifier(), practice.now()
        removal = removals.take_out(connection, owners, identifier, ERASED, now, company=shared.leaving)
        removals.forget_papers(connection, owners)
        detail = f"{removal.statement} {told}"
        practice.log(LINE_OF[ERASED], patient=owners[0], subject=removal.id, detail=detail)
    return removal.versions, shared.staying


@contextmanager
def _archive_if_used(practice: Practice) -> Iterator[Connection | None]:
    if not archive.is_used(practice):
        yield None
        return
    with archive.opened(practice) as held:
        yield held


def _erase_archived(practice: Practice, patient: str, identifier: str, told: str) -> tuple[int, int]:
    connection = practice.connection
    with archive.opened(practice) as held, unreferenced(connection), transaction(connection):
        removal = removals.by_identifier(connection, identifier)
        if removal is None:
            raise archive.damaged("it holds a record that the practice does not know of")
        owners = removals.patients_of(connection, removal.num)
        others = [one for one in archive.standing(connection).values() if one.num != removal.num]
        came, elsewhere = company.of_archived(held, removal), company.of_all_archived(held, others)
        shared = company.leaving(connection, came, owners, elsewhere)
        removal = removals.let_go(connection, removal, practice.now(), shared.leaving)
        removals.forget_papers(connection, owners)
        detail = f"{removal.statement} {told}"
        owner = removals.number_of(connection, patient)
        practice.log(LINE_OF[ERASED], patient=owner, subject=removal.id, detail=detail)
    archive.sweep(practice)
    return removal.versions, shared.staying


def empty_log(connection: Connection) -> bool:
    """Move what is in the write-ahead log into the file, and cut it to nothing; whether it was: not while another
    window reads."""
    (busy, _, _), *_ = rows(connection, "PRAGMA wal_checkpoint(TRUNCATE)")
    return bool(busy == 0)
