"""The SQL of standing consents: what each has last sent, and how far the record had come when that was compared.

A look costs one row where nothing is standing, and where nothing was written since the last one a few for each standing
consent: no entry is read for it. What would travel is decided in `sync`.
"""

from typing import NamedTuple

from localstore import people
from localstore.colleagues import VERIFIED
from localstore.database import Connection, row, rows

_OF_VERIFIED = (
    "SELECT followed.consent, consent.patient, followed.mark FROM followed"
    " JOIN consent ON consent.num = followed.consent JOIN colleague ON colleague.num = consent.colleague"
    " WHERE consent.revoked = '' AND colleague.state IN (?, ?) AND ? IN (0, followed.consent) ORDER BY followed.consent"
)
_ANY = 0  # no consent has this number


class Last(NamedTuple):
    """What a standing consent has last sent: the digest of it (32 bytes; empty: nothing, whatever there is must go),
    and when; the moment is empty while nothing was sent by itself or by hand."""

    digest: bytes
    at: str


def mark(connection: Connection, patient: int) -> str:
    """How far a record has come: the last version of it, and of each that is read as a part of it. Versions are only
    ever added, so that nothing can change without it. Empty for a record that is not here: archived, or erased."""
    newest = "SELECT max(num) FROM version WHERE patient = ?"
    together = people.members(connection, people.kept(connection, patient))
    of_each = [(num, row(connection, newest, (num,))) for num in together]
    return " ".join(f"{num}:{found[0]}" for num, found in of_each if found is not None and found[0] is not None)


def due(connection: Connection, day: str, consent: int = _ANY) -> list[int]:
    """The standing consents, by local number, for verified colleagues, of which something was written since they were
    last looked at; or whether this one is. One that did not count then is looked at again on another day."""
    found = rows(connection, _OF_VERIFIED, (*sorted(VERIFIED), consent))
    marked = [(num, mark(connection, patient), seen) for num, patient, seen in found]
    return [num for num, now, seen in marked if now and seen not in (now, _until(now, day))]


def _until(now: str, day: str) -> str:
    return f"{now} {day}"


def last(connection: Connection, consent: int) -> Last | None:
    """What a standing consent has last sent; None for one that is not standing, or was revoked."""
    found = row(connection, "SELECT digest, at FROM followed WHERE consent = ?", (consent,))
    return None if found is None else Last(*found)


def put(connection: Connection, consent: int, patient: int, digest: bytes, at: str) -> None:
    """Note what a consent has sent of a record as it is now, inside the transaction that sends it. With an empty digest
    the next look sends what there is."""
    connection.execute(
        "INSERT OR REPLACE INTO followed (consent, digest, mark, at) VALUES (?, ?, ?, ?)",
        (consent, digest, mark(connection, patient) if digest else "", at),
    )


def seen(connection: Connection, consent: int, patient: int, day: str = "") -> None:
    """Note that there is nothing to send of a record as it is now; with a day, on that day."""
    now = mark(connection, patient)
    connection.execute("UPDATE followed SET mark = ? WHERE consent = ?", (_until(now, day) if day else now, consent))


def owe(connection: Connection, consent: int) -> None:
    """What this consent sent last never left: the next look sends what there is then."""
    connection.execute("UPDATE followed SET digest = x'', mark = '' WHERE consent = ?", (consent,))


def forget(connection: Connection, consent: int) -> None:
    """Nothing goes out under this consent any more."""
    connection.execute("DELETE FROM followed WHERE consent = ?", (consent,))


def repeat(connection: Connection, colleague: int | None = None) -> None:
    """A colleague, or every one, may have lost what was sent to him: the next look sends once more what was sent."""
    connection.execute(
        "UPDATE followed SET digest = x'', mark = '' WHERE at <> ''"
        " AND (?1 IS NULL OR consent IN (SELECT num FROM consent WHERE colleague = ?1))",
        (colleague,),
    )
