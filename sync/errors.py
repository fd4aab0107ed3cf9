"""Every error that sync raises for a reason that a user can act on; the base is localstore's.

ConfrereError                     70
├── AlreadyRunning                 7
├── BadInput                       5
│   ├── BadAddress
│   ├── BadCertificate
│   ├── LotRefused
│   │   ├── DamagedLot
│   │   ├── MisshapenLot
│   │   ├── NotALot
│   │   ├── OtherLot
│   │   └── OwnLot
│   ├── LotInterrupted
│   ├── LotNotWritten
│   ├── NotACard
│   └── NotUnattended
├── NoRoomForLot                   6
├── Refused                        4
│   ├── NotVerified
│   │   └── KeyInDoubt
│   ├── NoConsent
│   ├── NotCovered
│   ├── OtherFingerprint
│   ├── OtherKey
│   │   └── KeyChanged
│   └── OtherThanShown
├── NotPaired                      7
├── NotReached                     7
│   └── OtherCertificate
├── NoKeyring                      7
├── NotStarted                     7
├── NotStopped                     7
├── ProtocolError                 70  in sync.protocol.errors, with its own tree
└── SetAside                       5  one document that was not believed; caught and kept for the doctor to see
    └── Late                          sealed under a key that was deleted here: asked for anew
"""

from typing import Self

from localstore.errors import BadInput, ConfrereError, DiskFull, Refused


class AlreadyRunning(ConfrereError):
    """Another daemon of this practice holds the lock. A service tries again: that one may end with its terminal."""

    exit_code = 7
    sentence = (
        "The sync daemon of this practice is already running (process {pid}). It was left alone. "
        "See: confrere daemon status"
    )


class BadAddress(BadInput):
    """A network address that is none."""

    sentence = (
        "{address} is no network address. It was not used. Write it as host:port, for instance 192.168.1.20:7400."
    )


class BadCertificate(BadInput):
    """A transport certificate that is none of ours: another key type, a name, an extension, a wrong signature."""

    sentence = "This is no transport certificate: {reason}. Nothing was added. Ask the colleague for his card again."


class NotReached(ConfrereError):
    """No connection to a colleague's post office came about."""

    exit_code = 7
    sentence = (
        "A colleague's post office could not be reached ({reason}). What waits for it stays queued. "
        "It is tried again by itself."
    )


class OtherCertificate(NotReached):
    """Somebody answered who could not show the certificate that is pinned for the colleague."""

    sentence = (
        "Somebody else answered in a colleague's place ({reason}). Nothing was sent to him. It is tried again; "
        "if this lasts, ask the colleague whether he has reinstalled."
    )


class NotStarted(ConfrereError):
    """The daemon process ended, or did not become ready in time."""

    exit_code = 7
    sentence = "The sync daemon did not start: {reason}. What waits stays queued. Try: confrere doctor"


class NoKeyring(ConfrereError):
    """The keyring of the operating system is not there, is locked, or refuses."""

    exit_code = 7
    sentence = (
        "The keyring of this system cannot be used: {reason}. Nothing was changed; the sync daemon still starts with a "
        "passphrase. Install Confrère with its extra “unattended”, or unlock the keyring of the session, and try again."
    )


class NotUnattended(BadInput):
    """The keyring holds no key of this practice."""

    sentence = (
        "The keyring holds no key of this practice. The sync daemon was not started. To allow it to start without a "
        "passphrase: confrere daemon unattended on"
    )


class NotStopped(ConfrereError):
    """The daemon was told to stop and still holds its lock."""

    exit_code = 7
    sentence = (
        "The sync daemon (process {pid}) was told to stop and still runs. Nothing was lost. Wait a moment and see: "
        "confrere daemon status"
    )


class NotACard(BadInput):
    """A file or a text that is no contact card, or an altered one."""

    sentence = "This is not a contact card: {reason}. Nothing was added. Ask the colleague for the card again."


class NotVerified(Refused):
    """The colleague's fingerprint was not compared yet."""

    sentence = (
        "{name} is not a verified colleague. Nothing was sent. Compare the fingerprint with him in person or by phone, "
        "then: confrere colleague verify {id}"
    )


class KeyInDoubt(NotVerified):
    """A card of the colleague under another key has come, and nobody has decided yet."""

    sentence = (
        "A card of {name} under another key has come. Nothing is sent to him until you decide. Ask him in person. If "
        "he has reinstalled, compare the fingerprint: confrere colleague verify {id}; if not, keep the old key: "
        "confrere colleague keep {id}"
    )


class NoConsent(Refused):
    """No consent of the patient covers this colleague today."""

    sentence = (
        "{patient} has no valid consent for {name}. Nothing was sent. Needed: a consent of the patient to share with "
        "this colleague; record it with: confrere consent grant {patient_id} {id}"
    )


class NotCovered(Refused):
    """A letter, or what was to go with it, is outside of the consent that stands."""

    sentence = (
        "The consent for {name} ({id}) does not cover {count} of the entries of this letter, which is one itself: "
        "{titles}. Nothing was written or sent. Leave out what it does not cover, or record a wider consent."
    )


class OtherFingerprint(Refused):
    """The fingerprint that was given is not the one of this pair."""

    sentence = (
        "The fingerprint is not the same: the card of {name} may have been exchanged on its way. Nothing was changed. "
        "Compare it once more, and if it still differs, ask him for his card again, in person, and send him nothing."
    )


class OtherKey(Refused):
    """A card for a known practitioner number, under another key."""

    sentence = (
        "Another card for the practitioner number {rpps} is already here, with another key. Nothing was changed. If "
        "{name} has reinstalled, ask him in person, remove the old card (confrere colleague remove {id}) and add the "
        "new one."
    )


class SetAside(ConfrereError):
    """A document or an envelope that does not meet a condition. Nothing but its being set aside changes."""

    exit_code = 5
    sentence = "The document was set aside: {reason}. Nothing else was changed."

    @property
    def reason(self) -> str:
        """The condition that did not hold."""
        return str(self.details["reason"])


class Late(SetAside):
    """An envelope of a colleague under a key that is not here any more."""


class NotDelivered(ConfrereError):
    """What was sent was not acknowledged in the time that was given."""

    exit_code = 7
    sentence = (
        "The colleague's daemon has not acknowledged the extract within {seconds} seconds. It stays queued and will be "
        "sent when both daemons meet. See: confrere outbox"
    )


class KeyChanged(OtherKey):
    """A card for a known colleague under another practitioner key: a hard stop until a doctor has decided."""

    sentence = (
        "This card for the practitioner number {rpps} bears another key than the one kept for {name}. Nothing is sent "
        "to him or taken from him any more until you decide. Ask him in person. If he has reinstalled, compare the "
        "fingerprint: confrere colleague verify {id}; if not, keep the old key: confrere colleague keep {id}"
    )


class NotPaired(ConfrereError):
    """A live pairing ended without both sides' yes."""

    exit_code = 7
    sentence = "No pairing came about: {reason}. Nothing was kept. Begin again on both sides: confrere pair"


class OtherThanShown(Refused):
    """What the doctor was shown of a colleague, before his yes in a live pairing, does not hold any more."""

    sentence = (
        "What is known here of {name} was changed elsewhere while you compared. Nothing was kept. Look at the list of "
        "colleagues, then pair again: confrere pair"
    )


class LotRefused(BadInput):
    """A file that was to be read as a lot, and of which nothing was used."""

    def __init__(self, **details: object) -> None:
        super().__init__(**({"file": "?"} | details))

    def of(self, file: str) -> Self:
        """The same, with the name of the file."""
        return type(self)(**(self.details | {"file": file}))


class NotALot(LotRefused):
    """No secret of any pair explains the file: it is none, or a stranger's, or for somebody else."""

    sentence = (
        "{file} is no lot from a colleague of this practice. Nothing was changed. It may be for somebody else, or from "
        "a colleague who was removed, was not verified, or has a new key: see confrere colleague list"
    )


class OwnLot(LotRefused):
    """A lot that was written by this practice."""

    sentence = (
        "{file} was written by this practice. Nothing was changed. Give it to the colleague for whom it was written, "
        "and read the one that he gives you."
    )


class DamagedLot(LotRefused):
    """A lot of which a byte was altered, or so little is there that none of it can be checked."""

    sentence = (
        "{file} was altered or damaged on its way: {reason}. Nothing of it was used, and nothing was changed. Copy it "
        "again, or ask the colleague for another lot."
    )


class MisshapenLot(LotRefused):
    """A lot that comes from the colleague as it is, and breaks the rules of lots."""

    sentence = (
        "{file} comes from the colleague's program and breaks the rules of lots: {reason}. Nothing of it was used, and "
        "nothing was changed. Tell the colleague."
    )


class OtherLot(LotRefused):
    """A lot of another version."""

    sentence = (
        "{file} was written by another release of Confrère, whose lots this one does not know. Nothing was changed. "
        "Upgrade the older of the two programs and read it again."
    )


class LotInterrupted(BadInput):
    """A lot that changed, or went away, while what had been checked was being taken from it."""

    sentence = (
        "Reading {file} stopped before its end: the file changed, or its stick was taken out. What was taken from it "
        "before is kept. Put it back and read it again: that goes on from there."
    )

    def __init__(self, **details: object) -> None:
        super().__init__(**({"file": "?"} | details))


class LotNotWritten(BadInput):
    """The place where a lot was to be written does not take it."""

    sentence = (
        "The lot {file} could not be written: {reason}. Nothing of it was left there, and nothing is lost: the next "
        "lot holds all that waits. Check that the stick is in, and write it again."
    )


class NoRoomForLot(DiskFull):
    """The stick or the disk is too small for the lot."""

    sentence = (
        "There is no room for the lot {file}, which takes {size} MB. What had been written of it was removed, and "
        "nothing is lost: the next lot holds all that waits. Make room, or take another stick, and write it again."
    )
