"""Every check of an open record: for `confrere verify`, for a backup that was just made or restored, for the drill.

Reading only. SQLCipher's own checks find an altered page; the history finds a page that was put back. What is not part
of its digest, because it changes over time (which version is current, whether a consent was revoked, who was removed),
is compared with what the record and its lines say.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from zstandard import ZstdError

from localstore import blocks, history, indexing, people, segments, sources, verification
from localstore.blocks import Blocks
from localstore.bodies import PatientBody, decode_body
from localstore.database import Connection, DatabaseError, rows
from localstore.documents import checking
from localstore.errors import BrokenHistory, DamagedStore
from localstore.history import Line
from localstore.patients import GIVEN_NAMES_SEPARATOR
from localstore.reported import is_full
from localstore.rights import removals
from localstore.searching import search_words

Progress = Callable[[str], None]


class Finding(NamedTuple):
    """What a check found: its name, and what is wrong (a key of the catalogue), empty when it is sound. `line` is the
    line of the history that it concerns, or 0."""

    check: str
    seen: str = ""
    line: int = 0

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.seen

    def error(self, file: str) -> DamagedStore:
        """The sentence for it."""
        return BrokenHistory(line=self.line, seen=self.seen) if self.line else DamagedStore(file=file, seen=self.seen)


def findings(connection: Connection, progress: Progress = lambda _check: None) -> Iterator[Finding]:
    """One finding for each check, in their order. A check that SQLite cannot finish is a finding too, and the last."""
    for name, check in CHECKS:
        progress(name)
        try:
            finding = check(connection)
        except DatabaseError:
            yield Finding(name, "a page of it cannot be read")
            return
        yield finding._replace(check=name)


def require_sound(connection: Connection, file: str, progress: Progress = lambda _check: None) -> None:
    """Raise DamagedStore or BrokenHistory for the first check that fails."""
    for finding in findings(connection, progress):
        if not finding.is_sound:
            raise finding.error(file)


def pages(connection: Connection) -> Finding:
    """Each page's MAC. What is still in the write-ahead log is moved into the file first: before that, the check gives
    false alarms. Where another window, or a full disk, keeps the log from being emptied, only the structure is
    checked."""
    try:
        busy, frames, moved = rows(connection, "PRAGMA wal_checkpoint(PASSIVE)")[0]
    except DatabaseError as error:
        if not is_full(error):
            raise
        return Finding("")
    if busy == 0 and frames == moved and rows(connection, "PRAGMA cipher_integrity_check"):
        return Finding("", "a page of it was altered")
    return Finding("")


def structure(connection: Connection) -> Finding:
    """SQLite's own check of tables and indexes."""
    sound = rows(connection, "PRAGMA integrity_check") == [("ok",)]
    return Finding("") if sound else Finding("", "its tables do not fit together")


def references(connection: Connection) -> Finding:
    """Whether everything that is referred to is there."""
    dangling = rows(connection, "PRAGMA foreign_key_check")
    return Finding("", "something in it refers to what is gone") if dangling else Finding("")


def lines(connection: Connection) -> Finding:
    """The history, its signatures, and what the record held at each line."""
    broken = verification.first_broken_line(connection)
    return Finding("") if broken is None else Finding("", broken.seen, broken.line)


def block_contents(connection: Connection) -> Finding:
    """Whether each block holds what its digest says, which the history covers."""
    for digest, bodies, came in connection.execute("SELECT digest, bodies, sources FROM block ORDER BY num"):
        try:
            whole = blocks.digest_of(blocks.unpacked(bodies), blocks.unpacked(came)) == digest
        except ZstdError:
            whole = False
        if not whole:
            return Finding("", "what came with an import is not what it was")
    return Finding("")


def current_versions(connection: Connection) -> Finding:
    """Whether exactly those versions are current which no other replaces: the rule of `versions.insert`."""
    wrong = rows(
        connection,
        "SELECT 1 FROM version v WHERE v.current = EXISTS (SELECT 1 FROM parent l JOIN version c ON c.num = l.child"
        " JOIN origin o ON o.num = c.origin WHERE l.parent = v.id AND c.entry = v.entry"
        " AND (c.origin = v.origin OR o.provenance <> 'received')) LIMIT 1",
    )
    return Finding("", "it shows a version that was replaced, or hides one that stands") if wrong else Finding("")


def listed_patients(connection: Connection) -> Finding:
    """Whether the list of patients shows what their identities say, and of each one a version that stands; and whether
    each is found by all the words of what is shown, also of the records merged into his."""
    words: dict[int, set[str]] = {}
    found = connection.execute(
        "SELECT i.num, v.body, v.block, v.place, p.family_name, p.given_names, p.birth_date, p.sex, p.ins, p.deceased"
        " FROM version i LEFT JOIN patient p ON p.num = i.num"
        " LEFT JOIN version v ON v.num = p.shown AND v.entry = i.num AND v.current = 1"
        " WHERE i.kind = 'patient' AND i.patient = i.num"
    )
    kept = Blocks(connection)
    for num, encoded, block, place, *listed in found:
        if block is not None:
            encoded = kept.body(block, place)
        body = decode_body(encoded) if encoded is not None else None
        if not isinstance(body, PatientBody) or listed != [
            body.family_name,
            GIVEN_NAMES_SEPARATOR.join(body.given_names),
            body.birth_date,
            body.sex,
            body.ins,
            body.deceased,
        ]:
            return Finding("", "its list of patients is not what their identities say")
        words.setdefault(people.kept(connection, num), set()).update(search_words(body).split())
    is_found = {num: set(one.split()) for num, one in rows(connection, "SELECT rowid, words FROM patient_words")}
    if words.keys() != is_found.keys() or any(not wanted <= is_found[num] for num, wanted in words.items()):
        return Finding("", "its list of patients is not what their identities say")
    return Finding("")


def meanings(connection: Connection) -> Finding:
    """Whether a question to the whole practice finds what the entries say, and an import what came before."""
    try:
        indexing.check_words(connection)
        is_right = indexing.is_right(connection) and indexing.finds_words(connection)
        is_right = is_right and sources.are_names_right(connection)
    except DatabaseError:
        is_right = False
    return Finding("") if is_right else Finding("", "its index is not what its entries say")


def told_states(connection: Connection) -> Finding:
    """Whether what the history says was ended is ended: consents, colleagues, users."""
    forgotten = rows(
        connection,
        "SELECT h.num FROM history h LEFT JOIN consent c ON c.id = unhex(h.subject)"
        " WHERE h.action IN ('consent-granted', 'consent-revoked')"
        " AND (c.id IS NULL OR (h.action = 'consent-revoked' AND c.revoked = ''))"
        " UNION ALL SELECT h.num FROM history h LEFT JOIN user u ON u.id = h.subject"
        " WHERE h.action = 'user-removed' AND coalesce(u.removed, '') = ''"
        " UNION ALL SELECT h.num FROM history h JOIN user u ON u.id = h.subject WHERE h.action = 'user-added'"
        " AND substr(h.detail || ' ', 1, length(u.role) + 1) <> u.role || ' '"
        " UNION ALL SELECT h.num FROM history h LEFT JOIN user u ON u.id = h.subject"
        " WHERE h.action = 'user-changed' AND h.detail <> 'passphrase' AND u.until IS NOT h.detail"
        " AND NOT EXISTS (SELECT 1 FROM history l WHERE l.num > h.num AND l.subject = h.subject"
        " AND l.action = 'user-changed' AND l.detail <> 'passphrase')"
        " UNION ALL SELECT h.num FROM history h JOIN colleague c ON c.id = unhex(h.subject)"
        " WHERE h.action = 'colleague-removed' AND c.state <> 'removed' AND NOT EXISTS (SELECT 1 FROM history l"
        " WHERE l.num > h.num AND l.subject = h.subject AND l.action IN ('colleague-added', 'colleague-card-renewed'))"
        " ORDER BY 1 LIMIT 1",
    )
    if forgotten:
        return Finding("", "the record has forgotten what it tells of: something was put back", forgotten[0][0])
    return Finding("")


def merged_records(connection: Connection) -> Finding:
    """Whether those records are read as one of which the history says so, and no others. Of what was merged before its
    oldest line that is still kept, the record alone knows."""
    wrong = rows(
        connection,
        "WITH told (num, kept, patient) AS ("
        "SELECT max(h.num), CASE h.action WHEN 'patients-merged' THEN h.patient END, v.num FROM history h"
        " JOIN version v ON v.id = unhex(h.subject) WHERE h.action IN ('patients-merged', 'patients-unmerged')"
        " GROUP BY h.subject)"
        " SELECT t.num FROM told t LEFT JOIN same_person s ON s.patient = t.patient WHERE s.kept IS NOT t.kept"
        " UNION ALL SELECT 0 FROM same_person s WHERE s.patient NOT IN (SELECT patient FROM told)"
        " AND NOT EXISTS (SELECT 1 FROM segment WHERE dropped <> '') LIMIT 1",
    )
    if wrong:
        return Finding("", "two records are read as one, or apart, against what it tells of", wrong[0][0])
    return Finding("")


def removed_records(connection: Connection) -> Finding:
    """Whether the history tells of each record that left, and of exactly the versions that it had, by a doctor's line.
    Where that line may be among the dropped ones, only that all of it is older."""
    doctors = {user for (user,) in rows(connection, "SELECT id FROM user WHERE role = 'doctor'")}
    covered = segments.end_of_dropped(connection).contents.versions
    line = removals.first_untold(connection, covered, doctors.__contains__)
    if line is not None:
        return Finding("", "a record was taken out of it that no doctor's line tells of", line)
    return Finding("")


def documents(connection: Connection) -> Finding:
    """Every file, with the digest of all its pieces, and whether an entry refers to it."""
    return Finding("", checking.fault(connection))


def introduced_keys(connection: Connection) -> Finding:
    """Whether a line tells of each key before it signs: whoever has the record's key could write down one of his own in
    the name of another user, and sign with it. Those of a day when lines were dropped, the line about that covers."""
    told = segments.told(connection)
    introduced: dict[str, list[int]] = {}
    for user, usable in rows(connection, _INTRODUCTIONS, (told.line,)):
        introduced.setdefault(user, []).append(usable)
    counted: dict[str, int] = {}
    kept = rows(
        connection,
        "SELECT k.user, (SELECT min(num) FROM history WHERE key = k.num) FROM user_key k WHERE k.num > ? ORDER BY num",
        (told.keys,),
    )
    for user, first_use in kept:
        counted[user] = counted.get(user, 0) + 1
        usable = [line for line in introduced.get(user, ()) if first_use is None or line <= first_use]
        if len(usable) < counted[user]:
            return Finding("", "a user has a key that no line of the history speaks of", first_use or 0)
    return Finding("")


# The lines that introduce a key: whose, and from which line on it may sign. A user whose key is new by a line of
# his own under the old one, or by a doctor's; and a key that introduces itself, as the first line of all, as the first
# that is signed after the release that signed none (again, where that was killed before the keyring was written), or
# beside the line that says that the recovery words were used.
_INTRODUCTIONS = (
    "SELECT h.user, h.num FROM history h WHERE h.num > ?1 AND h.key IS NOT NULL AND (h.action = 'practice-made'"
    " AND h.num = 1 OR h.action = 'key-registered' AND (EXISTS (SELECT 1 FROM history p WHERE p.key IS NULL)"
    " AND NOT EXISTS (SELECT 1 FROM history p WHERE p.num < h.num AND p.key IS NOT NULL"
    " AND (p.action <> 'key-registered' OR p.user <> h.user))"
    " OR EXISTS (SELECT 1 FROM history p WHERE p.num IN (h.num - 1, h.num + 1) AND p.user = h.user"
    " AND p.action = 'passphrase-changed' AND p.detail = 'recovery')))"
    " UNION ALL SELECT h.user, h.num + 1 FROM history h WHERE h.num > ?1 AND h.key IS NOT NULL"
    " AND h.action = 'passphrase-changed' AND h.detail <> 'recovery'"
    " UNION ALL SELECT h.subject, h.num + 1 FROM history h JOIN user u ON u.id = h.user AND u.role = 'doctor'"
    " WHERE h.num > ?1 AND h.key IS NOT NULL"
    " AND (h.action = 'user-added' OR h.action = 'user-changed' AND h.detail = 'passphrase')"
)


def self_introduced(connection: Connection) -> list[Line]:
    """The lines with which a key introduced itself, oldest first: after the upgrade from the first release, and after
    a passphrase was set with the recovery words. Whoever has the record's key can imitate the latter, so they are
    shown: a user who did not set a passphrase on that day has not written what follows."""
    return [line for line in history.lines(connection) if line.action == "key-registered"]


CHECKS: tuple[tuple[str, Callable[[Connection], Finding]], ...] = (
    ("pages", pages),
    ("structure", structure),
    ("references", references),
    ("history", lines),
    ("blocks", block_contents),
    ("current-versions", current_versions),
    ("patients", listed_patients),
    ("index", meanings),
    ("states", told_states),
    ("merged-records", merged_records),
    ("removals", removed_records),
    ("documents", documents),
    ("keys", introduced_keys),
)
