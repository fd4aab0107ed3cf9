"""Coding with the tables that the user owns: suggestions while typing, labels of codes, what a medicine contains."""

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from localstore.database import Connection
from localstore.folding import fold
from localstore.terminology import store
from localstore.terminology.store import Hit
from localstore.terminology.tables import ATC, BDPM, CISP2, GROUPS, MEDICINES, PRESENTATIONS, SEPARATOR, SUBSTANCES
from localstore.values import Coding, Concept

# The names under which codes of each system travel: FHIR R4 for ATC and for CISP-2 (ICPC-2), the address for the BDPM.
URIS = {
    ATC: "http://www.whocc.no/atc",
    CISP2: "http://hl7.org/fhir/sid/icpc-2",
    BDPM: "https://base-donnees-publique.medicaments.gouv.fr",
}
SHORTEST_QUERY = 2  # letters: one would find half of a table
MAX_QUERY_LENGTH = 200
MAX_QUERY_WORDS = 8
MAX_EXPANSION = 20_000  # ATC has some 6,500 codes in all


class Term(NamedTuple):
    """A term to offer: the table that it is of, its code, its label, the edition of the table."""

    system: str
    code: str
    label: str
    version: str


def suggest(connection: Connection, typed: str, system: str = "", limit: int = 8) -> list[Term]:
    """At most `limit` terms whose code begins as typed, or whose words begin with all words typed; the best first.

    A medicine is found by its name, by its substances and by the number on its box. Empty where no table is there."""
    said = typed.strip()[:MAX_QUERY_LENGTH]
    words = fold(said).split()[:MAX_QUERY_WORDS]
    if len(said) < SHORTEST_QUERY or not words:
        return []
    found = [
        hit for one in _systems(system) for hit in store.beginning(connection, one, _main(one), said.upper(), limit)
    ]
    expression = " ".join(f'"{word}"*' for word in words)
    hits = sorted(store.holding(connection, expression, system), key=lambda hit: _rank(hit, fold(said)))
    unique: dict[tuple[str, str], Term] = {}
    for hit in (*found, *hits):
        term = _term(connection, hit)
        if term is not None:
            unique.setdefault((term.system, term.code), term)
        if len(unique) >= limit:
            break
    return list(unique.values())


def _systems(system: str) -> Iterable[str]:
    return (system,) if system else (ATC, CISP2, BDPM)


def _main(system: str) -> str:
    return MEDICINES if system == BDPM else ""


def _rank(hit: Hit, said: str) -> tuple[bool, bool, int, str]:
    """Names that begin as typed before others, medicines before what is found by its substance, short before long."""
    label = fold(hit.label)
    return not label.startswith(said), hit.part == SUBSTANCES, len(label), label


def _term(connection: Connection, hit: Hit) -> Term | None:
    """What a hit means: a substance and a box mean their medicine."""
    if hit.system != BDPM or hit.part == MEDICINES:
        return Term(hit.system, hit.code, hit.label, hit.version)
    cis = hit.label.partition(SEPARATOR)[0] if hit.part == PRESENTATIONS else hit.code
    return lookup(connection, BDPM, cis)


def lookup(connection: Connection, system: str, code: str) -> Term | None:
    """The term with this code; for the public drug database also by the number on the box (CIP13)."""
    found = store.by_code(connection, system, _main(system), code.strip().upper())
    if not found and system == BDPM:
        boxes = store.by_code(connection, BDPM, PRESENTATIONS, code.strip())
        return _term(connection, boxes[0]) if boxes else None
    return Term(system, found[0].code, found[0].label, found[0].version) if found else None


def only(connection: Connection, words: str, systems: Iterable[str]) -> Term | None:
    """The term whose label is exactly these words, or the only one that they find; in the first system that has one."""
    for system in systems:
        found = suggest(connection, words, system, store.MAX_HITS)
        same = [one for one in found if fold(one.label) == fold(words)]
        if len(same) == 1 or len(found) == 1:
            return (same or found)[0]
    return None


def concept(connection: Connection, term: Term) -> Concept:
    """What is written into a record: the label, the code, and for a medicine its ATC codes where the table has them."""
    coded = Coding(URIS[term.system], term.code, term.label, term.version)
    groups = _groups(connection, term.code) if term.system == BDPM else ()
    return Concept(term.label, (coded, *groups))


def completed(connection: Connection, known: Concept) -> Concept:
    """The same concept with what the tables know of its medicine: ATC codes, and substances as labels. For the checks,
    which are pure; nothing of this is written."""
    added: list[Coding] = []
    for one in known.codings:
        if one.system == URIS[BDPM]:
            added += _groups(connection, one.code)
            added += (Coding(label=hit.label) for hit in store.by_code(connection, BDPM, SUBSTANCES, one.code))
    return msgspec.structs.replace(known, codings=(*known.codings, *added)) if added else known


def _groups(connection: Connection, cis: str) -> tuple[Coding, ...]:
    made = []
    for hit in store.by_code(connection, BDPM, GROUPS, cis):
        named = lookup(connection, ATC, hit.label)
        made.append(Coding(URIS[ATC], hit.label, named.label if named else "", named.version if named else ""))
    return tuple(made)


def expand(connection: Connection, group: str) -> list[str]:
    """The ATC codes of a group, itself among them: those that begin with it."""
    found = store.beginning(connection, ATC, "", group.strip().upper(), MAX_EXPANSION)
    return list(dict.fromkeys(hit.code for hit in found))
