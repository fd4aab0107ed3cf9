"""Two records of one person: reading them as one, and taking them apart again.

A merge writes one row and one line of the history, and changes no version. What was written before stays in the record
in which it was written, and so does what is written later: a new entry in the record that is kept, an amendment in the
record in which its entry began. Taking them apart takes the row away again.
"""

from localstore import identity, patients, people, record, versions
from localstore.bodies import PatientBody
from localstore.database import transaction
from localstore.errors import Ambiguous, BadInput, NotFound, Refused
from localstore.identities import homonyms, traits
from localstore.identities.pairs import Merged, Preview, Side
from localstore.kinds import Kind
from localstore.model import PatientSummary
from localstore.practice import Practice
from localstore.roles import Right

MAX_REASON = 1000  # characters; it goes into a line of the history


def preview(practice: Practice, keep: str, other: str) -> Preview:
    """What a merge would bring together; it is no reading that the history tells of, for it shows no entry. Raises
    NotYourRole, UnknownPatient, and BadInput where both are one record already."""
    practice.require(Right.WRITE)  # to whom the medical part is closed, every record would look empty
    kept, merged = _two(practice, keep, other)
    one, two = _side(practice, kept), _side(practice, merged)
    reason = homonyms.why(homonyms.of_body(one.id, one.body), homonyms.of_body(two.id, two.body))
    return Preview(one, two, reason, _differ(one.body, two.body))


def merge(practice: Practice, keep: str, other: str, reason: str, *, different_ins: bool = False) -> Merged:
    """Read `other` as a part of `keep` from now on. `different_ins` says that somebody made sure of it although the
    numbers differ. Raises UnknownPatient, BadInput, NotYourRole, and Refused for two different numbers."""
    why = _reason(reason)
    connection = practice.connection
    with transaction(connection):
        found = preview(practice, keep, other)
        if found.different_ins and not different_ins:
            raise Refused(
                reason="These two records have two different INS numbers: they may be of two people.",
                remedy="Compare both. Where it is certain, say so with --different-ins.",
            )
        kept, merged = _two(practice, keep, other)
        if len(people.members(connection, kept)) + len(people.members(connection, merged)) > people.MOST:
            raise BadInput(what="Too many records would be one.", remedy="Take some apart first.")
        people.join(connection, merged, kept, practice.now())
        patients.index(connection, kept)
        practice.log("patients-merged", patient=kept, subject=versions.identifier(connection, merged), detail=why)
        return Merged(patients.summary(connection, kept), patients.summary(connection, merged))


def unmerge(practice: Practice, other: str, reason: str) -> Merged:
    """Take a record apart from the one that it is read under: both are again what they were, with what has been written
    in each since. `other` as in `merged_record`. Raises as that, BadInput, NotYourRole."""
    why = _reason(reason)
    connection = practice.connection
    with transaction(connection):
        merged = merged_record(practice, other)
        kept = people.part(connection, merged)
        patients.index(connection, kept)
        patients.index(connection, merged)
        practice.log("patients-unmerged", patient=kept, subject=versions.identifier(connection, merged), detail=why)
        return Merged(patients.summary(connection, kept), patients.summary(connection, merged))


def merged_record(practice: Practice, reference: str) -> int:
    """The local number of the one record meant that was merged into another: by the identifier of that record or the
    beginning of it, or by whatever finds the record that it is read under, where no other is. Raises UnknownPatient,
    Ambiguous, and NotFound where nothing was merged."""
    connection = practice.connection
    kept = patients.number(connection, patients.resolve(connection, reference).id)
    merged = {versions.identifier(connection, num): num for num in people.members(connection, kept)[1:]}
    wanted = reference.strip().lower()
    begin_so = {
        name: num
        for name, num in merged.items()
        if len(wanted) >= patients.SHORTEST_ID_PREFIX and name.startswith(wanted)
    }
    meant = begin_so or merged
    if not meant:
        raise NotFound(what="A record that was merged with “{reference}”", reference=reference)
    if len(meant) > 1:
        raise Ambiguous(reference=reference, count=len(meant), names=", ".join(name[:16] for name in meant))
    return next(iter(meant.values()))


def registered_as(practice: Practice, patient: str) -> list[PatientSummary]:
    """The records that are read as a part of this one. Raises UnknownPatient."""
    connection = practice.connection
    kept = patients.number(connection, patient)
    return [patients.summary(connection, num) for num in people.members(connection, kept)[1:]]


def _reason(typed: str) -> str:
    reason = typed.strip()
    if not reason:
        raise BadInput(what="There is no reason.", remedy="Say why: it goes into the history of the record.")
    if len(reason) > MAX_REASON:
        raise BadInput(what="This reason is too long.", remedy="Say it in fewer words.")
    return reason


def _two(practice: Practice, keep: str, other: str) -> tuple[int, int]:
    kept, merged = (patients.number(practice.connection, one) for one in (keep, other))
    if kept == merged:
        raise BadInput(what="This is one record already.", remedy="Name two different patients.")
    return kept, merged


def _side(practice: Practice, num: int) -> Side:
    chart = record.chart(practice, versions.identifier(practice.connection, num))
    medical = [entry for entry in chart.entries if entry.kind is not Kind.APPOINTMENT]
    dates = sorted(entry.date for entry in medical if entry.date)
    return Side(chart.id, chart.patient, len(medical), *(dates[:1] or [""]), *(dates[-1:] or [""]))


def _differ(one: PatientBody, other: PatientBody) -> bool:
    """Whether the numbers say that these are two people: both right and not the same, or one of them a person's and the
    other of a range for tests."""
    if not one.ins or not other.ins:
        return False
    if traits.is_test(one) != traits.is_test(other):
        return True
    return one.ins != other.ins and identity.is_ins(one.ins) and identity.is_ins(other.ins)
