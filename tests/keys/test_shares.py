"""The recovery key in shares: the official vectors, the law of the threshold, and a sentence for each mistake."""

import json
from itertools import combinations, pairwise, permutations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shamir_mnemonic import MnemonicError, combine_mnemonics, generate_mnemonics

from localstore.errors import BadInput
from localstore.keys import shares

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "slip39.json").read_text(encoding="utf-8"))
PASSPHRASE = b"TREZOR"  # of all the vectors
OF_OUR_KIND = {"23", "45"}  # 2 of 3 in one group, of a key of 256 bits, that give it back
KEY = bytes(range(32))


def refused(*typed: str) -> str:
    """The sentence with which shares are refused."""
    with pytest.raises(BadInput) as raised:
        shares.join(typed)
    return str(raised.value)


def number_of(name: str) -> str:
    return str(name).split(".", 1)[0]


def test_all_vectors_are_here() -> None:
    assert [number_of(name) for name, _, _ in VECTORS] == [str(number) for number in range(1, 46)]
    assert sum(bool(secret) for _, _, secret in VECTORS) == 15


@pytest.mark.parametrize(("name", "mnemonics", "secret"), VECTORS, ids=[name for name, _, _ in VECTORS])
def test_official_vectors(name: str, mnemonics: list[str], secret: str) -> None:
    """The library gives what the standard says; we give the same for sets of our kind, and refuse every other one."""
    if secret:
        assert combine_mnemonics(mnemonics, PASSPHRASE).hex() == secret
    else:
        with pytest.raises(MnemonicError):
            combine_mnemonics(mnemonics, PASSPHRASE)
    if number_of(name) in OF_OUR_KIND:
        assert shares.join(mnemonics, PASSPHRASE).hex() == secret
        assert shares.join(list(reversed(mnemonics)), PASSPHRASE).hex() == secret
    else:
        with pytest.raises(BadInput):
            shares.join(mnemonics, PASSPHRASE)


@settings(max_examples=20)
@given(st.binary(min_size=32, max_size=32), st.integers(2, 16), st.data())
def test_any_threshold_of_the_shares_gives_the_key_back(key: bytes, count: int, data: st.DataObject) -> None:
    threshold = data.draw(st.integers(2, count))
    made = shares.split(key, threshold, count)
    assert len(set(made)) == count
    chosen = data.draw(st.permutations(made))[: data.draw(st.integers(threshold, count))]
    assert shares.join(chosen) == key
    with pytest.raises(BadInput, match=f"{threshold} different shares are needed, and {threshold - 1} were given: 1 "):
        shares.join(chosen[: threshold - 1])


def test_every_choice_of_three_of_five_in_every_order() -> None:
    made = shares.split(KEY, 3, 5)
    assert {shares.join(order) for three in combinations(made, 3) for order in permutations(three)} == {KEY}
    for two in combinations(made, 2):
        assert "3 different shares are needed, and 2 were given: 1 missing." in refused(*two)


def test_a_share_says_what_it_is_and_has_the_form_of_one() -> None:
    made = shares.split(KEY, 2, 3)
    read = [shares.read(one) for one in made]
    assert [one.place for one in read] == [1, 2, 3]
    assert {one.threshold for one in read} == {2}
    assert len({one.set for one in read}) == 1
    assert all(shares.is_written(one) and len(one.split()) == shares.WORDS for one in made)
    assert not shares.is_written(made[0].upper()) and not shares.is_written(made[0] + " ")
    assert not shares.is_written(made[0].replace(" ", "\x1b", 1)) and not shares.is_written(
        made[0].replace(" ", "  ", 1)
    )
    assert not shares.is_written(" ".join(made[0].split()[:-1]))


def test_another_program_reads_our_shares() -> None:
    assert combine_mnemonics(shares.split(KEY, 2, 3)[1:]) == KEY


def test_a_set_of_another_program_with_the_same_bounds_is_read() -> None:
    (made,) = generate_mnemonics(1, [(2, 3)], KEY, iteration_exponent=1)
    assert shares.join(made[:2]) == KEY


def test_typing_is_forgiven_as_far_as_it_can_be() -> None:
    one, two, _ = shares.split(KEY, 2, 3)
    assert shares.join([f"  {one.upper()} \n", two.replace(" ", "\n\t ")]) == KEY


def test_the_same_share_twice_counts_once() -> None:
    one, two, three = shares.split(KEY, 2, 3)
    assert "2 different shares are needed, and 1 were given: 1 missing." in refused(one, one)
    assert shares.join([one, one, two, three]) == KEY


@pytest.mark.parametrize(
    ("threshold", "count"), [(1, 2), (0, 2), (-1, 2), (3, 2), (2, 1), (1, 1), (0, 0), (2, 17), (17, 17)]
)
def test_bounds(threshold: int, count: int) -> None:
    with pytest.raises(BadInput):
        shares.split(KEY, threshold, count)


@pytest.mark.parametrize("size", [0, 16, 31, 33])
def test_only_a_recovery_key_is_split(size: int) -> None:
    with pytest.raises(ValueError, match="length"):
        shares.split(bytes(size), 2, 3)


def test_a_misspelt_word_is_named_by_its_place_and_not_shown() -> None:
    one, two, _ = shares.split(KEY, 2, 3)
    words = two.split()
    words[6] = "zzzz"
    said = refused(one, " ".join(words))
    assert said.startswith("Word 7 of share 2 is misspelt")
    assert "zzzz" not in said and not any(f"{here} {after}" in said for here, after in pairwise(words))


def test_each_other_mistake_has_its_sentence() -> None:
    one, two, three = shares.split(KEY, 2, 3)
    other = shares.split(KEY, 2, 3)
    words = two.split()
    exchanged = " ".join([*words[:5], words[6], words[5], *words[7:]]) if words[5] != words[6] else ""
    assert refused() == "No share was given. Nothing was changed. Ask the colleagues who hold one."
    assert refused(one, "").startswith("Share 2 has 1 words; a share of recovery words has 33.")
    assert refused(one, " ".join(words[:-1])).startswith("Share 2 has 32 words")
    assert not exchanged or refused(one, exchanged).startswith("Share 2 is not right: a word is wrong or in the wrong")
    assert refused(one, two, other[0]).startswith("Share 3 belongs to another set than the first.")
    assert refused(one, shares.split(KEY, 3, 3)[1]).startswith("Share 2 belongs to another set")
    assert shares.join([one, three]) == KEY


def test_two_sets_under_one_name_do_not_give_a_wrong_key() -> None:
    from shamir_mnemonic import EncryptedMasterSecret, split_ems

    def of(key: bytes) -> list[str]:
        encrypted = EncryptedMasterSecret.from_master_secret(key, b"", 7, True, 0)
        return [one.mnemonic() for one in split_ems(1, [(2, 3)], encrypted)[0]]

    here, there = of(KEY), of(bytes(32))
    assert refused(here[0], there[1]).startswith("These shares do not fit together")
    assert refused(here[0], there[0]).startswith("Share 2 belongs to another set")


@settings(max_examples=200)
@given(st.text(max_size=400))
def test_any_text_is_read_or_refused(typed: str) -> None:
    assert not shares.is_written(typed)
    with pytest.raises(BadInput):
        shares.read(typed)


def test_a_text_without_end_is_cut_before_it_is_looked_at() -> None:
    assert len(shares.normal("academic " * 1_000_000)) <= shares.MAX_TYPED
    assert "a share of recovery words has 33" in refused("academic " * 1_000_000)


@settings(max_examples=60)
@given(st.integers(0, 32), st.integers(1, 1023))
def test_any_one_wrong_word_is_noticed(place: int, step: int) -> None:
    from shamir_mnemonic.wordlist import WORD_INDEX_MAP, WORDLIST

    one, two, _ = shares.split(KEY, 2, 3)
    words = two.split()
    words[place] = WORDLIST[(WORD_INDEX_MAP[words[place]] + step) % 1024]
    refused(one, " ".join(words))
