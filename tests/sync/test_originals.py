"""Words passed on: the laws of the tree, and what a word that is not the author's own can never pass for."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from localstore import crypto
from localstore.bodies import AllergyBody, DocumentBody, PatientBody, ProblemBody, RelativeBody
from localstore.kinds import Kind, Provenance, Sensitivity
from localstore.model import Entry
from localstore.terms import Terms
from localstore.values import Author, Concept
from sync.errors import SetAside
from sync.papers import conditions, documents, originals
from sync.papers.conditions import Expected
from sync.papers.documents import Content, Extract, Original
from tests.practices import ZOE

BETA, ALPHA, GAMMA = (crypto.signing_key(bytes([number]) * 32) for number in (1, 2, 3))
MOMENT = "2026-03-01T12:00:00.000Z"
TERMS = Terms((Kind.PROBLEM, Kind.ALLERGY, Kind.DOCUMENT), "soins", "oral", "Dr Beta", "2026-03-01")
LEAVES = st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=40, unique=True)
FEED = b"f" * 16


def entry(number: int, body: Any = None, **changes: Any) -> Entry:
    name = f"{number:032x}"
    made = Entry(name, name, "a" * 32, "2020", Author("Dr Beta"), MOMENT, body or ProblemBody(Concept(f"P{number}")))
    return msgspec.structs.replace(made, **changes)


def extract_of(*entries: Entry, patient: PatientBody = ZOE, owner: str = "a" * 32) -> Extract:
    entries = tuple(msgspec.structs.replace(one, patient=owner) for one in entries)
    return Extract("c" * 32, TERMS, owner, patient, entries, MOMENT)


def from_beta(*entries: Entry, patient: PatientBody = ZOE) -> dict[str, bytes]:
    """What Alpha keeps after she has taken over what Beta sent."""
    sent = originals.vouched(extract_of(*entries, patient=patient), BETA, {})
    assert originals.fault_of_vouched(sent, BETA.public) == ""
    return originals.to_keep(sent, BETA.public, "Dr Beta")


def passed_on(*entries: Entry, kept: dict[str, bytes], patient: PatientBody = ZOE) -> Extract:
    """What Alpha sends to Gamma."""
    received = [msgspec.structs.replace(one, provenance=Provenance.RECEIVED) for one in entries]
    return originals.vouched(extract_of(*received, patient=patient, owner="b" * 32), ALPHA, kept)


def accepted(body: Extract) -> str:
    """What Gamma says of the signed document: nothing, or why she sets it aside."""
    content = Content(1, b"i" * 16, ALPHA.public, GAMMA.public, FEED, 1, MOMENT, body)
    try:
        conditions.accept(
            documents.sign(content, ALPHA.secret).signed, Expected(ALPHA.public, True, GAMMA.public, FEED, 1)
        )
    except SetAside as refused:
        return str(refused.reason)
    return ""


# --- the tree --------------------------------------------------------------------------------------------------------


@given(LEAVES)
@example([bytes(32)])
def test_every_leaf_climbs_to_the_root(leaves: list[bytes]) -> None:
    tree = originals.levels(leaves)
    for place, leaf in enumerate(leaves):
        steps = originals.path(tree, place)
        assert originals.climbed(leaf, steps) == originals.root(leaves)
        assert len(steps) <= (len(leaves) - 1).bit_length()


@given(LEAVES, st.data())
def test_no_other_leaf_climbs_to_it_from_there(leaves: list[bytes], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(leaves) - 1))
    steps = originals.path(originals.levels(leaves), place)
    other = data.draw(st.binary(min_size=32, max_size=32).filter(lambda one: one != leaves[place]))
    assert originals.climbed(other, steps) != originals.root(leaves)


@given(LEAVES, st.data())
def test_the_root_says_which_leaves_in_which_order(leaves: list[bytes], data: st.DataObject) -> None:
    order = data.draw(st.permutations(leaves))
    assert (originals.root(order) == originals.root(leaves)) == (order == leaves)
    assert originals.root(leaves[:-1]) != originals.root(leaves)
    assert originals.root([*leaves, leaves[-1]]) != originals.root(leaves)


def test_the_shape_is_that_of_rfc_9162() -> None:
    a, b, c, d, e = (bytes([number]) * 32 for number in range(5))

    def node(left: bytes, right: bytes) -> bytes:
        return crypto.digest("entry-node", left, right)

    assert originals.root([a]) == a
    assert originals.root([a, b, c, d, e]) == node(node(node(a, b), node(c, d)), e)
    assert originals.path(originals.levels([a, b, c, d, e]), 4) == ((True, node(node(a, b), node(c, d))),)


def test_a_node_is_no_entry() -> None:
    """Both halves of a node are known to whoever has a path: they must not pass for an entry's bytes."""
    left, right = bytes(32), bytes([1]) * 32
    assert originals.leaf(left + right) != originals.root([left, right])


# --- a word ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_a_word_is_passed_on_and_believed_whatever_else_was_in_the_extract(count: int) -> None:
    sent = [entry(number) for number in range(1, count + 1)]
    kept = from_beta(*sent)
    for one in sent:
        body = passed_on(one, entry(99), kept=kept)
        (word,) = body.originals
        assert (word.author, word.name, originals.moment_of(word)) == (BETA.public, "Dr Beta", MOMENT)
        assert accepted(body) == ""
        told = msgspec.msgpack.encode(body)
        assert all(other.version.encode() not in told for other in sent if other is not one)


def test_what_each_practice_knows_for_itself_is_no_part_of_it() -> None:
    """Where it came from and how secret it is; a source, an address, a patient's number stay where they are."""
    sent = entry(1, source=b"{}", source_url="urn:uuid:x", origin="scan.pdf", provenance=Provenance.IMPORTED)
    kept = from_beta(sent)
    bare = originals.read(kept[sent.version]).entry
    assert not any(secret in bare for secret in (b"urn:uuid:x", b"scan.pdf", b"a" * 32))
    mine = msgspec.structs.replace(entry(1), sensitivity=Sensitivity.RESTRICTED)
    assert len(passed_on(mine, kept=kept).originals) == 1


def test_a_file_is_vouched_for_by_its_digest() -> None:
    scan = entry(1, DocumentBody("Scanner", media_type="application/pdf", content=b"%PDF" * 5000))
    body = passed_on(scan, kept=from_beta(scan))
    assert len(body.originals[0].entry) < 1000 and accepted(body) == ""
    other = entry(1, DocumentBody("Scanner", media_type="application/pdf", content=b"%PDG" * 5000))
    assert accepted(msgspec.structs.replace(passed_on(other, kept={}), originals=body.originals)) != ""


def test_who_spoke_first_stays_the_author_over_any_number_of_hands() -> None:
    sent = entry(1)
    kept = originals.to_keep(passed_on(sent, kept=from_beta(sent)), ALPHA.public, "Dr Alpha")
    assert originals.read(kept[sent.version]).author == BETA.public
    without = originals.to_keep(passed_on(sent, kept={}), ALPHA.public, "Dr Alpha")
    assert originals.read(without[sent.version]).author == ALPHA.public


def test_the_first_release_vouches_for_nothing_and_is_believed() -> None:
    body = extract_of(entry(1))
    assert accepted(body) == ""
    assert originals.to_keep(body, BETA.public, "Dr Beta") == {}
    assert b"vouched" not in msgspec.msgpack.encode(body)


# --- what is no word of his ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", ["author", "statement", "signature", "entry"])
def test_every_flipped_bit_is_refused(part: str) -> None:
    sent = entry(1, AllergyBody(Concept("Pénicilline"), reaction="choc"))
    body = passed_on(sent, kept=from_beta(sent, entry(2), entry(3)))
    checking, word = originals.Checking(body), body.originals[0]
    assert checking.fault(word) == ""
    whole = getattr(word, part)
    for place in range(len(whole) * 8):
        bits = bytearray(whole)
        bits[place // 8] ^= 1 << place % 8
        assert checking.fault(msgspec.structs.replace(word, **{part: bytes(bits)})) != "", place


def test_every_flipped_bit_of_the_path_is_refused() -> None:
    sent = entry(1)
    body = passed_on(sent, kept=from_beta(sent, entry(2), entry(3)))
    checking, word = originals.Checking(body), body.originals[0]
    for step, (is_left, neighbour) in enumerate(word.path):
        others = [(not is_left, neighbour)]
        for place in range(256):
            bits = bytearray(neighbour)
            bits[place // 8] ^= 1 << place % 8
            others.append((is_left, bytes(bits)))
        for other in others:
            path = (*word.path[:step], other, *word.path[step + 1 :])
            assert checking.fault(msgspec.structs.replace(word, path=path)) == originals.NOT_HIS
    assert checking.fault(msgspec.structs.replace(word, path=word.path[:-1])) == originals.NOT_HIS
    assert checking.fault(msgspec.structs.replace(word, path=(*word.path, (True, bytes(32))))) == originals.NOT_HIS


@given(st.binary(max_size=80), st.sampled_from(["author", "statement", "signature", "entry"]))
def test_rubbish_is_refused_and_nothing_else_comes_out(rubbish: bytes, part: str) -> None:
    sent = entry(1)
    body = passed_on(sent, kept=from_beta(sent))
    word = msgspec.structs.replace(body.originals[0], **{part: rubbish})
    assert originals.Checking(body).fault(word) in (originals.MALFORMED, originals.NOT_HIS)


LARGE: list[Callable[[Original], Original]] = [
    lambda word: msgspec.structs.replace(word, name="x" * 201),
    lambda word: msgspec.structs.replace(word, statement=bytes(originals.MAX_STATEMENT_BYTES + 1)),
    lambda word: msgspec.structs.replace(word, entry=bytes(originals.MAX_ENTRY_BYTES + 1)),
    lambda word: msgspec.structs.replace(word, path=((True, bytes(32)),) * (originals.MAX_STEPS + 1)),
    lambda word: msgspec.structs.replace(word, path=((True, bytes(31)),)),
]


@pytest.mark.parametrize("grown", LARGE)
def test_limits_hold_before_anything_is_looked_at(grown: Callable[[Original], Original]) -> None:
    sent = entry(1)
    body = passed_on(sent, kept=from_beta(sent))
    assert originals.Checking(body).fault(grown(body.originals[0])) == originals.MALFORMED


OTHERS = [
    msgspec.structs.replace(ZOE, family_name="Durand"),
    msgspec.structs.replace(ZOE, given_names=("Ana",)),
    msgspec.structs.replace(ZOE, birth_date="1958-07-04"),
    msgspec.structs.replace(ZOE, birth_date=""),
    msgspec.structs.replace(ZOE, sex="male"),
]


@pytest.mark.parametrize("patient", OTHERS)
def test_a_word_about_one_patient_is_none_about_another(patient: PatientBody) -> None:
    sent = entry(1)
    kept = from_beta(sent)
    assert passed_on(sent, kept=kept, patient=patient).originals == ()  # an honest program leaves it out
    genuine = passed_on(sent, kept=kept).originals
    lie = msgspec.structs.replace(passed_on(sent, kept={}, patient=patient), originals=genuine)
    assert accepted(lie) == originals.OF_SOMETHING_ELSE


def test_nobody_is_recognised_by_names_alone() -> None:
    nobody = PatientBody("Dupont", ("Zoé",))
    sent = entry(1)
    assert passed_on(sent, kept=from_beta(sent, patient=nobody), patient=nobody).originals == ()


def test_a_word_is_his_whose_key_signed_it() -> None:
    sent = entry(1)
    body = passed_on(sent, kept=from_beta(sent))
    lie = msgspec.structs.replace(body.originals[0], author=GAMMA.public)
    assert accepted(msgspec.structs.replace(body, originals=(lie,))) == originals.NOT_HIS


CHANGES: list[dict[str, Any]] = [
    {"body": ProblemBody(Concept("Autre"))},
    {"date": "2021"},
    {"author": Author("Dr Alpha")},
    {"parents": ("d" * 32,)},
    {"recorded": "2026-03-01T12:00:00.001Z"},
    {"id": "e" * 32},
    {"version": "e" * 32},
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_word_covers_no_other_entry(change: dict[str, Any]) -> None:
    genuine = passed_on(entry(1), kept=from_beta(entry(1))).originals
    altered = msgspec.structs.replace(passed_on(entry(1, **change), kept={}), originals=genuine)
    assert accepted(altered) == originals.OF_SOMETHING_ELSE


def test_one_word_for_each_entry_and_no_more() -> None:
    body = passed_on(entry(1), entry(2), kept=from_beta(entry(1), entry(2)))
    assert accepted(body) == "" and len(body.originals) == 2
    twice = msgspec.structs.replace(body, originals=body.originals[:1] * 2)
    assert accepted(twice) == originals.MALFORMED
    assert accepted(msgspec.structs.replace(body, originals=body.originals[:1] * 3)) == originals.MALFORMED


def test_what_an_author_vouches_for_is_what_he_sent() -> None:
    body = originals.vouched(extract_of(entry(1), entry(2)), ALPHA, {})
    wrong = "what its author vouches for is not what it holds"
    assert accepted(body) == ""
    for lie in (
        msgspec.structs.replace(body, entries=body.entries[::-1]),
        msgspec.structs.replace(body, entries=body.entries[:1]),
        msgspec.structs.replace(body, as_of="2026-03-01T12:00:00.001Z"),
        msgspec.structs.replace(body, patient=msgspec.structs.replace(ZOE, sex="male")),
        msgspec.structs.replace(body, vouched=body.vouched[:-1]),
        originals.vouched(extract_of(entry(1)), BETA, {}),
    ):
        assert accepted(lie) == wrong


def test_another_form_of_the_same_entry_is_refused() -> None:
    """Beta himself signs bytes that decode to the entry and are not how it is written: two forms, two leaves."""
    sent = entry(1, RelativeBody("Luc"))
    body = passed_on(sent, kept=from_beta(sent))
    loose = msgspec.msgpack.encode(msgspec.msgpack.decode(body.originals[0].entry) | {"origin": ""})
    said = msgspec.structs.replace(
        msgspec.msgpack.decode(body.originals[0].statement, type=originals.Statement), root=originals.leaf(loose)
    )
    statement = msgspec.msgpack.encode(said)
    word = Original(
        BETA.public, "Dr Beta", statement, crypto.sign(BETA.secret, originals.PURPOSE, statement), loose, ()
    )
    assert originals.Checking(body).fault(word) == originals.MALFORMED
