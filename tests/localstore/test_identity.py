"""Identity numbers: check digits of INS, RPPS and FINESS, with python-stdnum as the judge where it knows the number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.fr import nir

from localstore.identity import ins_key, is_finess, is_ins, is_rpps

VALID_INS = (
    "295109912611193", "253072B07300470", "253072A07300443", "185057512345673", "277010115400329", "279035121518989",
)  # fmt: skip

departments = st.one_of(st.integers(1, 95).map("{:02d}".format), st.sampled_from(["2A", "2B"]))
numbers = st.builds(
    lambda sex, date, department, rest: f"{sex}{date:04d}{department}{rest:06d}",
    st.sampled_from("12"),
    st.integers(0, 9999),
    departments,
    st.integers(0, 999_999),
)


@pytest.mark.parametrize("number", VALID_INS)
def test_official_ins_numbers_are_valid(number: str) -> None:
    assert is_ins(number)
    assert ins_key(number[:13]) == number[13:]


@pytest.mark.parametrize(
    "text",
    [
        "123456789012244",  # a wrong key
        "295109912611194",
        "253072A07300470",  # the key of 2B
        "253072C07300443",
        "253072a07300443",
        "2 95 10 99 126 111 93",
        " 295109912611193",
        "29510991261119",
        "2951099126111930",
        "２95109912611193",  # a digit of another width
        "29510991261119³",
        "29510991261-193",
        "",
    ],
)
def test_what_is_no_ins(text: str) -> None:
    assert not is_ins(text)


@given(numbers)
def test_a_number_with_its_key_is_valid_and_with_no_other(number: str) -> None:
    key = ins_key(number)
    assert is_ins(number + key) and nir.is_valid(number + key)
    assert [other for other in range(100) if is_ins(f"{number}{other:02d}")] == [int(key)]


@given(numbers, st.sampled_from([0, 1, 2, 3, 4, 7, 8, 9, 10, 11, 12]), st.integers(1, 9))
def test_one_wrong_digit_is_noticed(number: str, place: int, more: int) -> None:
    wrong = str((int(number[place]) + more) % 10)
    assert not is_ins(number[:place] + wrong + number[place + 1 :] + ins_key(number))


@pytest.mark.parametrize("number", ["", "123", "X951099126111", "253072C073004", "29510991261119", "295109912611³"])
def test_ins_key_refuses_what_is_no_number(number: str) -> None:
    with pytest.raises(ValueError, match="13 characters"):
        ins_key(number)


@given(st.text(max_size=17))
def test_any_text_is_judged_without_an_error(text: str) -> None:
    assert is_ins(text) in (True, False)
    assert not (is_rpps(text) and is_finess(text))


@pytest.mark.parametrize("number", ["99700218896", "99700366240"])
def test_rpps_numbers_of_test_cards_are_valid(number: str) -> None:
    assert is_rpps(number)


@pytest.mark.parametrize("text", ["99700218897", "9970021889", "997002188960", "9970021889６", "", "99700 218896"])
def test_what_is_no_rpps(text: str) -> None:
    assert not is_rpps(text)


@given(st.integers(1, 10**10 - 1))
def test_exactly_one_last_digit_makes_an_rpps(body: int) -> None:
    valid = [f"{body:010d}{key}" for key in range(10) if is_rpps(f"{body:010d}{key}")]
    assert [number[-1] for number in valid] == [luhn.calc_check_digit(f"{body:010d}")]


@pytest.mark.parametrize("number", ["750712184", "690781810", "2A0000014", "2B0000020"])
def test_finess_numbers_are_valid(number: str) -> None:
    assert is_finess(number)


@pytest.mark.parametrize("text", ["750712185", "2C0000014", "2A0000020", "75071218", "7507121840", "", "75071218４"])
def test_what_is_no_finess(text: str) -> None:
    assert not is_finess(text)


def test_zeros_alone_are_nobodys_number() -> None:
    assert not is_rpps("0" * 11)
    assert not is_finess("0" * 9)
    assert not is_ins("0" * 13 + ins_key("0" * 13))
