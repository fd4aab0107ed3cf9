"""Every error that sync raises for a reason that a user can act on; the base is localstore's.

ConfrereError                     70
├── BadInput                       5
│   ├── AlreadyRunning
│   ├── BadAddress
│   ├── BadCertificate
│   └── NotACard
├── Refused                        4
│   ├── NotVerified
│   ├── NoConsent
│   ├── OtherFingerprint
│   └── OtherKey
├── NotReached                     7
│   └── OtherCertificate
├── NotStarted                     7
├── NotStopped                     7
├── ProtocolError                 70  in sync.protocol.errors, with its own tree
└── SetAside                       5  one document that was not believed; caught and kept for the doctor to see
"""

from localstore.errors import BadInput, ConfrereError, Refused


class AlreadyRunning(BadInput):
    """Another daemon of this practice holds the lock."""

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


class NoConsent(Refused):
    """No consent of the patient covers this colleague today."""

    sentence = (
        "{patient} has no valid consent for {name}. Nothing was sent. Needed: a consent of the patient to share with "
        "this colleague; record it with: confrere consent grant {patient_id} {id}"
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


class NotDelivered(ConfrereError):
    """What was sent was not acknowledged in the time that was given."""

    exit_code = 7
    sentence = (
        "The colleague's daemon has not acknowledged the extract within {seconds} seconds. It stays queued and will be "
        "sent when both daemons meet. See: confrere outbox"
    )
