"""What each role may do: the one place where it is decided.

This is policy, not cryptography. Whoever has a passphrase of the practice has, through this program, the key of the
whole record; a role is what the program lets its user do, and what the history says that he did. It keeps an honest
person within his task and shows who did what. It does not stop somebody who takes the key out of the program: for that
the practice removes the user and changes the record's key.

Every change and every reading writes its line in the history, and writing the line asks here: an action that is not in
the table is refused.
"""

from enum import StrEnum

from localstore.errors import NotYourRole

DOCTOR, LOCUM, SECRETARY = "doctor", "locum", "secretary"
ROLES = (DOCTOR, LOCUM, SECRETARY)


class Right(StrEnum):
    """What somebody may be allowed to do."""

    READ = "read"  # the medical part of a record, and what colleagues sent
    WRITE = "write"  # medical entries, imports
    IDENTITY = "identity"  # new patients and their identities
    SHARE = "share"  # consents, extracts, taking over what arrived
    EXPORT = "export"  # a record as a file
    TRUST = "trust"  # colleagues, and their shares of the recovery key
    GOVERN = "govern"  # users, keys, recovery, retention, restoring
    EVERYBODY = "everybody"  # what concerns only oneself, and what the program does by itself


_RIGHTS: dict[str, frozenset[Right]] = {
    DOCTOR: frozenset(Right),
    LOCUM: frozenset(Right) - {Right.TRUST, Right.GOVERN},
    SECRETARY: frozenset({Right.IDENTITY, Right.EVERYBODY}),
}

_RIGHT_OF_ACTION: dict[str, Right] = {
    "record-read": Right.READ,
    "administrative-read": Right.IDENTITY,
    "received-read": Right.READ,
    "document-read": Right.READ,
    "document-saved": Right.EXPORT,
    "recalls-read": Right.READ,
    "patient-added": Right.IDENTITY,
    "patients-merged": Right.WRITE,
    "patients-unmerged": Right.WRITE,
    "entry-added": Right.WRITE,
    "entry-amended": Right.WRITE,
    "entry-retracted": Right.WRITE,
    "versions-settled": Right.WRITE,
    "warning-overridden": Right.WRITE,
    "imported": Right.WRITE,
    "practice-asked": Right.READ,
    "terms-imported": Right.WRITE,
    "terms-removed": Right.WRITE,
    "exported": Right.EXPORT,
    "emergency-exported": Right.EXPORT,
    "patient-report": Right.EXPORT,
    "rectification-requested": Right.WRITE,
    "patient-archived": Right.GOVERN,
    "patient-unarchived": Right.WRITE,
    "patient-erased": Right.GOVERN,
    "archive-read": Right.READ,
    "consent-granted": Right.SHARE,
    "consent-revoked": Right.SHARE,
    "extract-shared": Right.SHARE,
    "extract-taken": Right.SHARE,
    "colleague-added": Right.TRUST,
    "colleague-card-renewed": Right.TRUST,
    "colleague-verified": Right.TRUST,
    "colleague-removed": Right.TRUST,
    "colleague-key-changed": Right.TRUST,
    "colleague-key-kept": Right.TRUST,
    "colleague-rekeyed": Right.TRUST,
    "letter-sent": Right.SHARE,
    "unattended-set": Right.GOVERN,
    "recovery-split": Right.TRUST,
    "recovery-share-revealed": Right.TRUST,
    "user-added": Right.GOVERN,
    "user-changed": Right.GOVERN,
    "user-removed": Right.GOVERN,
    "recovery-renewed": Right.GOVERN,
    "record-key-changed": Right.GOVERN,
    "history-dropped": Right.GOVERN,
    "head-accepted": Right.GOVERN,
    "restored": Right.GOVERN,
    "practice-made": Right.GOVERN,
    "passphrase-changed": Right.EVERYBODY,
    "key-registered": Right.EVERYBODY,
    "restore-drill": Right.EVERYBODY,
    "backup-made": Right.EVERYBODY,
    # What the program does with what arrives, whoever opened the practice.
    "document-set-aside": Right.EVERYBODY,
    "extract-received": Right.EVERYBODY,
    "extract-withdrawn": Right.EVERYBODY,
    "recovery-share-received": Right.EVERYBODY,
    "feed-restarted": Right.EVERYBODY,
    "revocation-recovered": Right.EVERYBODY,
    "letter-received": Right.EVERYBODY,
    "card-updated": Right.EVERYBODY,
    "sealing-key-renewed": Right.EVERYBODY,
    "sealed-anew": Right.EVERYBODY,
    # A patient agreed to it once; each change then goes out whoever saved it.
    "extract-followed": Right.EVERYBODY,
    # Sealed envelopes on a stick: what the post office does on the network too.
    "lot-written": Right.EVERYBODY,
    "lot-read": Right.EVERYBODY,
}


# What a secretary writes: who somebody is, and when he comes.
_ADMINISTRATIVE = frozenset({"patient", "appointment"})
_WRITING = frozenset({"entry-added", "entry-amended", "entry-retracted", "versions-settled", "warning-overridden"})


def right_for(action: str, kind: str = "") -> Right:
    """The right that an action needs; `kind` is that of the entry, where it is about one. Raises KeyError for
    an unknown action."""
    if kind in _ADMINISTRATIVE and action in _WRITING:
        return Right.IDENTITY
    return _RIGHT_OF_ACTION[action]


def may(role: str, right: Right) -> bool:
    """Whether a role has a right. An unknown role has none."""
    return right in _RIGHTS.get(role, frozenset())


def require(role: str, right: Right) -> None:
    """Raise NotYourRole unless the role has the right."""
    if not may(role, right):
        raise NotYourRole(role=role)


def actions() -> frozenset[str]:
    """Every action that the history can tell of."""
    return frozenset(_RIGHT_OF_ACTION)
