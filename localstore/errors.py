"""Every error that localstore raises for a reason that a user can act on.

    ConfrereError                     70  our own fault
    ├── WrongPassphrase                3
    │   └── OtherRecoveryWords
    ├── Locked                         3
    ├── Refused                        4
    │   ├── NotYourRole
    │   └── AccessEnded
    │       └── AccessEndedMeanwhile
    ├── Busy                           6
    │   └── Occupied
    ├── DiskFull                       6
    │   └── NoRoomToRead               6
    ├── FeedConflict                   6
    ├── BadInput                       5   and what an import meets: `import_errors`
    │   ├── TooLarge
    │   ├── AlreadyThere
    │   ├── Ambiguous
    │   └── NotFound
    │       ├── NoPractice
    │       ├── TooShort
    │       ├── UnknownPatient
    │       ├── UnknownEntry
    │       ├── UnknownUser
    │       └── UnknownColleague
    └── DamagedStore                   6
        ├── BrokenHistory
        ├── MissingHead
        ├── StaleStore
        ├── HeadNotWritten
        └── NewerStore

Each class carries its exit code and one sentence. The sentence says what happened, what was left untouched and what to
do next; `{names}` in it are filled from the keyword arguments. The sentences are the keys of the translation catalogue,
so a class whose sentence has no French fails a test.
"""

import re
from collections.abc import Callable, Mapping
from typing import ClassVar

_FIELD = re.compile(r"\{(\w+)\}")


class ConfrereError(Exception):
    """The base of every error with a sentence for the user."""

    exit_code: ClassVar[int] = 70
    sentence: ClassVar[str] = "An internal error occurred. Nothing more was changed. Please report it: {detail}"

    def __init__(self, **details: object) -> None:
        self.details = details
        super().__init__(self.told(str))

    def told(self, translate: Callable[[str], str]) -> str:
        """The sentence, translated and filled in. A detail may itself be a sentence with `{names}` of other details."""
        words = {
            name: translate(value) if isinstance(value, str) and value else value
            for name, value in self.details.items()
        }
        details = {name: _fill(value, words) if isinstance(value, str) else value for name, value in words.items()}
        return _fill(translate(self.sentence), details)


def _fill(words: str, details: Mapping[str, object]) -> str:
    # Plain replacement: details come from outside, and str.format would obey what they hold in braces.
    return _FIELD.sub(lambda found: str(details.get(found[1], found[0])), words)


class WrongPassphrase(ConfrereError):
    """No user of the keyring is opened by the passphrase (or that user's wrap was altered)."""

    exit_code = 3
    sentence = "This passphrase does not open the practice. Nothing was changed. Check the keyboard and try again."


class Locked(ConfrereError):
    """The command needs a passphrase and had no way to ask for one."""

    exit_code = 3
    sentence = (
        "The practice is locked and there is no terminal to ask for the passphrase. Nothing was changed. "
        "Run the command in a terminal, or give the passphrase through --passphrase-fd N."
    )


class Refused(ConfrereError):
    """A rule forbids what was asked: no consent, a colleague not verified, a role."""

    exit_code = 4
    sentence = "{reason} Nothing was done. {remedy}"


class NotYourRole(Refused):
    """The role of whoever works here does not allow this."""

    sentence = (
        "Your role in this practice ({role}) does not allow this. Nothing was done. Ask a doctor of the practice."
    )


class AccessEnded(Refused):
    """The passphrase is right, and its user may no longer work here."""

    sentence = (
        "Your access to this practice ended on {date}. Nothing was opened. Ask a doctor of the practice to renew it."
    )


class BadInput(ConfrereError):
    """What the user gave cannot be used."""

    exit_code = 5
    sentence = "{what} Nothing was changed. {remedy}"


class TooLarge(BadInput):
    """An input above a named limit, refused before it is read into memory."""

    sentence = "{what} is larger than the limit of {limit}. Nothing in it was read. Split it and try again."


class NotFound(BadInput):
    """Something that was named does not exist."""

    sentence = "{what} was not found. Nothing was changed. Check the name and try again."


class NoPractice(NotFound):
    """The practice folder does not exist or holds no practice."""

    sentence = (
        "There is no practice in {folder}. Nothing was created. "
        "Check --practice, or create one with: confrere --practice {folder}"
    )


class UnknownPatient(NotFound):
    """No patient answers to the reference."""

    sentence = "No patient of this practice matches “{reference}”. Nothing was changed. Search with: confrere patients"


class UnknownEntry(NotFound):
    """No entry has this identifier."""

    sentence = "No entry of this practice has the identifier “{reference}”. Nothing was changed. See: confrere record"


class UnknownUser(NotFound):
    """No user, or more than one, answers to the reference."""

    sentence = "No single user of this practice matches “{reference}”. Nothing was changed. See: confrere user list"


class UnknownColleague(NotFound):
    """No colleague answers to the reference."""

    sentence = "No colleague matches “{reference}”. Nothing was changed. See: confrere colleague list"


class Ambiguous(BadInput):
    """A reference that several things answer to."""

    sentence = "“{reference}” matches {count} at once: {names}. Nothing was changed. Give the identifier instead."


class AlreadyThere(BadInput):
    """Something exists where a new one was to be made."""

    sentence = "{what} already exists. It was left as it is. {remedy}"


class Busy(ConfrereError):
    """Another process held the write lock for too long."""

    exit_code = 6
    sentence = "Another window is writing to this practice. Nothing was changed. Try again in a moment."


class Occupied(Busy):
    """Somebody has the practice open who would lose what he writes, or is changing all of it."""

    sentence = (
        "Another window has this practice open, or is changing its key or restoring it. Nothing was changed. Close the "
        "other windows of this practice and try again."
    )


class DiskFull(ConfrereError):
    """No room is left for what was to be written."""

    exit_code = 6
    sentence = (
        "The disk is full. What was being written was undone; everything before it is safe, and records can still be "
        "read and exported for a while. Make room and try again."
    )


class FeedConflict(ConfrereError):
    """An envelope that does not continue its feed: the feed was written by another copy of this practice."""

    exit_code = 6
    sentence = (
        "Envelope {sequence} cannot be queued: {seen}. What was queued before was left as it is. This practice may "
        "have been copied or restored: check the outbox, and share again."
    )


class DamagedStore(ConfrereError):
    """A store file that fails a check on opening. Never repaired in place."""

    exit_code = 6
    sentence = (
        "{file} is damaged: {seen}. Nothing was changed. Restore the last backup into a new folder, with: "
        "confrere restore BACKUP --practice FOLDER"
    )


class BrokenHistory(DamagedStore):
    """A line of the history that does not hold. `seen` says why."""

    sentence = (
        "Line {line} of the history does not hold: {seen}. Nothing was changed. Restore the last good backup into a "
        "new folder, with: confrere restore BACKUP --practice FOLDER"
    )


class MissingHead(DamagedStore):
    """The head beside the record is gone, so nothing says whether the record is whole."""

    sentence = (
        "The file “head” beside record.db is missing: nothing says whether the record is whole. Nothing was changed. "
        "Put the file back, or restore the last backup; if nothing else helps: confrere verify --accept"
    )


class StaleStore(DamagedStore):
    """The record is behind its head: commits are gone from it, or an older copy was put back."""

    sentence = (
        "record.db is older than its head, which remembers line {line} of the history: record.db-wal is damaged or "
        "gone and the last changes with it, or an older copy was put back. Nothing was changed. Put the newer files "
        "back, or restore the last backup; if nothing else helps: confrere verify --accept"
    )


class NewerStore(DamagedStore):
    """A store written by a newer release."""

    sentence = (
        "{file} was written by a newer release of Confrère (format {found}, this one knows {known}). "
        "Nothing was changed. Upgrade Confrère and try again."
    )


class OtherRecoveryWords(WrongPassphrase):
    """Recovery words that are well written, and belong to another practice or were replaced."""

    sentence = (
        "These recovery words are well written, but they do not open this practice. Nothing was changed. They may be "
        "of another practice, or have been replaced by newer ones: look for the latest sheet."
    )


class HeadNotWritten(DamagedStore):
    """A change was saved, and the head outside of the record could not be brought up to date."""

    sentence = (
        "The change was saved, but the file “head” beside record.db could not be written: {reason}. Nothing was lost. "
        "Check the disk, and make a backup; the next change writes the head again."
    )


class AccessEndedMeanwhile(AccessEnded):
    """A window that was open when its user was removed, reached the last day, or got another passphrase elsewhere."""

    sentence = (
        "Your access ended on {date}, or your passphrase was replaced then, while this window was open. Nothing was "
        "changed. Close this window, and open the practice again."
    )


class NoRoomToRead(DiskFull):
    """The disk is full, and what was kept for readings is used up too."""

    sentence = (
        "The disk is so full that not even the line of the history for a reading can be written, so the record stays "
        "closed. It is safe, and nothing was changed. Make room and try again."
    )


class TooShort(NotFound):
    """Less of an identifier than what names one thing safely."""

    sentence = (
        "“{reference}” is too short for the beginning of an identifier. Nothing was changed. Give at least {count} of "
        "its characters."
    )
