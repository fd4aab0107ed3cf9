"""Words of others: kept when their entries are taken over, passed on when those are shared, and shown by whom they are.

What a word is and when it is believed: `sync.papers.originals`. Whether the entry may leave at all is for the gate.
"""

from collections.abc import Sequence

import msgspec

from localstore import colleagues, versions
from localstore import originals as kept
from localstore.kinds import Provenance
from localstore.model import Entry
from sync.desk import Desk
from sync.papers import originals
from sync.papers.documents import Extract

OWN, VERIFIED, KNOWN, UNKNOWN = "own", "verified", "known", "unknown"


class Word(msgspec.Struct, frozen=True):
    """By whom an entry that was passed on is signed: a name, whose key (hex), as of when. `standing` says whether that
    key is this practice's `own`, that of a `verified` colleague, of one who is `known` only, or `unknown`: then the
    name is no more than what whoever passes it on says."""

    name: str
    key: str
    as_of: str
    standing: str


def vouched(desk: Desk, extract: Extract) -> Extract:
    """The extract with our signature over its entries, and with the words that came with those that we received."""
    words = kept.of(desk.record, (entry.version for entry in extract.entries))
    return originals.vouched(extract, desk.signing, words)


def words(desk: Desk, extract: Extract) -> dict[str, Word]:
    """By whom the entries of an extract are signed that its author passes on, by version. The extract was believed."""
    known = {one.signing_key: one for one in colleagues.listing(desk.record)}
    found = {}
    for version, said in originals.by_version(extract).items():
        colleague = known.get(said.author)
        name, standing = said.name, UNKNOWN
        if said.author == desk.signing.public:
            name, standing = desk.practice.founder.name, OWN
        elif colleague is not None:
            name, standing = colleague.name, VERIFIED if colleague.is_verified else KNOWN
        found[version] = Word(name, said.author.hex(), originals.moment_of(said), standing)
    return found


def keep(desk: Desk, extract: Extract, author: bytes, name: str, taken: Sequence[Entry]) -> None:
    """Keep the words that came with entries which were taken over, inside the transaction that did. What is our own
    needs nobody's word."""
    said = originals.to_keep(extract, author, name)
    for entry in taken:
        num = versions.number(desk.record, entry.version)
        if num is None or entry.version not in said:
            continue
        ((_, here),) = versions.by_number(desk.record, [num])
        if here.provenance is Provenance.RECEIVED:
            kept.put(desk.record, num, said[entry.version])
