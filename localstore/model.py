"""The record's unit: an entry, one version of one statement about one patient. Pure values, no I/O.

An entry is never changed: an amendment is a new version that names its parents. Its body says what it is about
(`localstore.bodies`).
"""

from localstore.bodies import KIND_OF, Body
from localstore.kinds import Kind, Provenance, Sensitivity, Status
from localstore.values import Author, Value


class Entry(Value, frozen=True):
    """One version of one statement about one patient.

    `id` names the statement and `version` this version of it: 32 hex digits each, random, so that they tell nothing of
    what lies between two of them. `parents` are the versions that this one replaces. `recorded` is when it was written
    (ISO 8601, UTC), `date` when it was true (may be partial or empty). `source` is the FHIR resource it was imported
    from, byte for byte, or empty; it is filled in only where it was asked for.
    """

    id: str
    version: str
    patient: str
    date: str
    author: Author
    recorded: str
    body: Body
    parents: tuple[str, ...] = ()
    status: Status = Status.FINAL
    sensitivity: Sensitivity = Sensitivity.NORMAL
    provenance: Provenance = Provenance.OWN
    origin: str = ""  # for imported and received: the file or the colleague, in words
    source: bytes = b""
    source_url: str = ""  # the fullUrl that the resource had in its bundle

    @property
    def kind(self) -> Kind:
        """The kind, which is that of the body."""
        return KIND_OF[type(self.body)]


class PatientSummary(Value, frozen=True):
    """One line of a patient list."""

    id: str
    family_name: str
    given_names: tuple[str, ...]
    birth_date: str
    sex: str
    ins: str = ""
