"""Words passed on: what one practitioner vouched for in an extract, kept so that others can check it. Pure.

The author of an extract signs a statement: about whom, as of when, and the root of a Merkle tree over its entries. Who
takes an entry over and later shares it passes on the statement, the entry as it was, and the path to the root. Whoever
gets that checks the first author's word, and learns nothing of the rest of that extract
(docs/decisions/0014-words-passed-on.md).

Leaves and nodes have labels of their own, so no node is ever taken for an entry (RFC 9162, section 2.1.1); the shape is
that of RFC 9162, 2.1.
"""

from collections.abc import Mapping, Sequence

import msgspec

from localstore import crypto
from localstore.bodies import PatientBody
from localstore.crypto import CryptoError, KeyPair
from localstore.folding import fold
from localstore.kinds import Provenance, Sensitivity
from localstore.model import Entry
from sync.papers.documents import MAX_ENTRIES, Extract, Original
from sync.papers.soundness import MAX_BODY_BYTES, MAX_NAME_LENGTH, fault_of_entry, is_identifier, is_moment

VERSION = 1
PURPOSE = "statement"
MAX_STATEMENT_BYTES = 16 * 1024  # names, a date, a moment, a root: ours have 150
MAX_ENTRY_BYTES = MAX_BODY_BYTES + 16 * 1024  # the body, and what stands around it: parents, author, dates
MAX_STEPS = (MAX_ENTRIES - 1).bit_length()  # from a leaf to the root of the largest extract
ROOT_BYTES = 32

MALFORMED = "the word of another practitioner in it is malformed"
NOT_HIS = "the word of another practitioner in it is not his"
OF_SOMETHING_ELSE = "the word of another practitioner in it is about something else"

Path = tuple[tuple[bool, bytes], ...]


class Statement(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What the author of an extract signs besides the document: these entries (`root`), about this person, as of then.
    Who the recipient is stays out of it, and so do the consent and the number of entries."""

    version: int
    family_name: str
    given_names: tuple[str, ...]
    birth_date: str
    sex: str
    as_of: str
    root: bytes


# --- the tree --------------------------------------------------------------------------------------------------------


def leaf(bare: bytes) -> bytes:
    """The leaf of a bare entry's bytes: 32 bytes."""
    return crypto.digest("entry-leaf", bare)


def _node(left: bytes, right: bytes) -> bytes:
    return crypto.digest("entry-node", left, right)


def levels(leaves: Sequence[bytes]) -> list[list[bytes]]:
    """All levels of the tree, leaves first, the root alone on the last. One that has no neighbour goes up as it is."""
    found = [list(leaves)]
    while len(found[-1]) > 1:
        below = found[-1]
        pairs = [_node(below[place], below[place + 1]) for place in range(0, len(below) - 1, 2)]
        found.append(pairs + below[len(below) & ~1 :])
    return found


def root(leaves: Sequence[bytes]) -> bytes:
    """The root over the leaves, in their order; of no leaf at all the digest of nothing."""
    return levels(leaves)[-1][0] if leaves else crypto.digest("entry-node")


def path(tree: Sequence[Sequence[bytes]], place: int) -> Path:
    """The way from one leaf to the root: at each step whether the neighbour stands on the left, and the neighbour."""
    steps = []
    for level in tree[:-1]:
        neighbour = place ^ 1
        if neighbour < len(level):
            steps.append((neighbour < place, level[neighbour]))
        place //= 2
    return tuple(steps)


def climbed(start: bytes, steps: Path) -> bytes:
    """The root to which a path leads from a leaf."""
    for is_left, neighbour in steps:
        start = _node(neighbour, start) if is_left else _node(start, neighbour)
    return start


# --- what is vouched for ---------------------------------------------------------------------------------------------


def bare(entry: Entry) -> bytes:
    """An entry as it is vouched for: without its patient's identifier (the statement says who), its source and where it
    came from, and with the digest of its file in the place of the file."""
    return msgspec.msgpack.encode(_bared(entry))


def _bared(entry: Entry) -> Entry:
    body = entry.body
    if content := getattr(body, "content", b""):
        body = msgspec.structs.replace(body, content=crypto.digest("entry-file", content))
    return msgspec.structs.replace(entry, patient="", body=body, origin="", source=b"", source_url="")


def statement(extract: Extract) -> bytes:
    """The statement that the author of an extract signs, from what the extract says."""
    return _statement(extract, root([leaf(bare(entry)) for entry in extract.entries]))


def _statement(extract: Extract, over: bytes) -> bytes:
    who = extract.patient
    return msgspec.msgpack.encode(
        Statement(VERSION, who.family_name, who.given_names, who.birth_date, who.sex, extract.as_of, over)
    )


def vouched(extract: Extract, signing: KeyPair, kept: Mapping[str, bytes]) -> Extract:
    """The extract with its author's signature over the statement, and with the words of others that are `kept` here for
    its entries, by version, and that fit them still."""
    signature = crypto.sign_with(signing, PURPOSE, statement(extract))
    words = tuple(read(kept[entry.version]) for entry in extract.entries if entry.version in kept)
    checking = Checking(extract)
    fitting = tuple(word for word in words if not checking.fault(word))
    return msgspec.structs.replace(extract, vouched=signature, originals=fitting)


def fault_of_vouched(extract: Extract, author: bytes) -> str:
    """Why what the author vouches for may not be believed; empty when it may, and for one that vouches for nothing, as
    extracts of the first release do."""
    if not extract.vouched:
        return ""
    try:
        crypto.verify(author, PURPOSE, statement(extract), extract.vouched)
    except CryptoError:
        return "what its author vouches for is not what it holds"
    return ""


def to_keep(extract: Extract, author: bytes, name: str) -> dict[str, bytes]:
    """The words to keep with the entries of an extract that was believed, by version, as MessagePack. Where it passes
    on the word of somebody before its author, `name` with the key `author`, that one is kept."""
    found: dict[str, bytes] = {}
    if extract.vouched:
        bares = [bare(entry) for entry in extract.entries]
        tree = levels([leaf(one) for one in bares])
        said = _statement(extract, tree[-1][0] if bares else root(()))
        for place, entry in enumerate(extract.entries):
            word = Original(author, name, said, extract.vouched, bares[place], path(tree, place))
            found[entry.version] = msgspec.msgpack.encode(word)
    return found | {version: msgspec.msgpack.encode(word) for version, word in by_version(extract).items()}


def by_version(extract: Extract) -> dict[str, Original]:
    """The words that an extract passes on, by the version that each is about. The extract was believed."""
    return {_decoded(word.entry).version: word for word in extract.originals}


def read(kept: bytes) -> Original:
    """Undo what `to_keep` wrote."""
    return msgspec.msgpack.decode(kept, type=Original)


def moment_of(word: Original) -> str:
    """As of when the author of a believed word spoke."""
    return msgspec.msgpack.decode(word.statement, type=Statement).as_of


# --- whether a word is to be believed --------------------------------------------------------------------------------


class Checking:
    """Checks words against one extract. Remembers which statements were found to be signed: words that came in one
    extract share theirs."""

    def __init__(self, extract: Extract) -> None:
        self._patient = extract.patient
        self._entries = {entry.version: entry for entry in extract.entries}
        self._signed: set[tuple[bytes, bytes, bytes]] = set()

    def fault(self, word: Original) -> str:
        """Why a word may not be believed to be about an entry and the patient of the extract; empty when it may."""
        if not _is_bounded(word):
            return MALFORMED
        try:
            said = msgspec.msgpack.decode(word.statement, type=Statement)
            entry = _decoded(word.entry)
        except (msgspec.DecodeError, ValueError, RecursionError):
            return MALFORMED
        if msgspec.msgpack.encode(said) != word.statement or not _is_sound(said) or _is_odd(entry, word.entry):
            return MALFORMED
        if not self._is_signed(word) or climbed(leaf(word.entry), word.path) != said.root:
            return NOT_HIS
        here = self._entries.get(entry.version)
        if here is None or _stated(_bared(here)) != _stated(entry) or not is_about(said, self._patient):
            return OF_SOMETHING_ELSE
        return ""

    def _is_signed(self, word: Original) -> bool:
        key = (word.author, word.statement, word.signature)
        if key not in self._signed:
            try:
                crypto.verify(word.author, PURPOSE, word.statement, word.signature)
            except CryptoError:
                return False
            self._signed.add(key)
        return True


def fault_of_originals(extract: Extract) -> str:
    """Why the words that an extract passes on may not be believed; empty when all may. One for each entry at most."""
    if len(extract.originals) > len(extract.entries):
        return MALFORMED
    checking = Checking(extract)
    reason = next(filter(None, map(checking.fault, extract.originals)), "")
    if reason:
        return reason
    return MALFORMED if len(by_version(extract)) != len(extract.originals) else ""


def is_about(said: Statement, patient: PatientBody) -> bool:
    """Whether a statement is about this person: the same family name, first given name, birth date, and no other sex.
    Without a birth date it names nobody."""
    theirs, ours = (fold(" ".join((one.family_name, *one.given_names[:1]))) for one in (said, patient))
    sexes = {said.sex, patient.sex} - {"unknown"}
    return theirs == ours and bool(said.birth_date) and said.birth_date == patient.birth_date and len(sexes) <= 1


def _is_bounded(word: Original) -> bool:
    return (
        len(word.author) == crypto.KEY_BYTES
        and len(word.signature) == crypto.SIGNATURE_BYTES
        and len(word.name) <= MAX_NAME_LENGTH
        and len(word.statement) <= MAX_STATEMENT_BYTES
        and len(word.entry) <= MAX_ENTRY_BYTES
        and len(word.path) <= MAX_STEPS
        and all(len(neighbour) == ROOT_BYTES for _, neighbour in word.path)
    )


def _is_sound(said: Statement) -> bool:
    return said.version == VERSION and len(said.root) == ROOT_BYTES and is_moment(said.as_of)


def _decoded(encoded: bytes) -> Entry:
    return msgspec.msgpack.decode(encoded, type=Entry)


def _is_odd(entry: Entry, encoded: bytes) -> bool:
    """Whether these bytes are another form of the entry than the one allowed, or it is no well-made entry."""
    names = (entry.id, entry.version, *entry.parents)
    if fault_of_entry(entry) or not all(map(is_identifier, names)):
        return True
    cleared = msgspec.structs.replace(entry, patient="", origin="", source=b"", source_url="")
    return msgspec.msgpack.encode(cleared) != encoded or len(getattr(entry.body, "content", b"")) not in (0, 32)


def _stated(entry: Entry) -> Entry:
    """What the word is about. Where it came from and how secret it is, each practice knows for itself."""
    return msgspec.structs.replace(entry, provenance=Provenance.OWN, sensitivity=Sensitivity.NORMAL)
