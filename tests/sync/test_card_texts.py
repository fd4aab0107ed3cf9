"""What a card may say: nothing in it paints lines of its own onto the screen on which it is compared."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from localstore import crypto
from sync.errors import BadAddress, NotACard
from sync.trust import card, introductions
from sync.trust.card import CardBody
from tests import practices
from tests.sync.introduced import doctor

HE = doctor("Beta")
FORGED = "Dr Beta" + " " * 73 + "592 291    défrayer  perte  cylindre"


def _checked(**changed: object) -> CardBody:
    body = msgspec.structs.replace(HE.card.body, **changed)
    return card.check(card.make(body, HE.signing.secret).signed).body


@pytest.mark.parametrize("field", ["name", "profession", "practice", "town", "made"])
@pytest.mark.parametrize(
    "text",
    [
        FORGED,
        "Dr  Beta",
        " Beta",
        "Beta ",
        "Dr\nBeta",
        "Dr\u00a0Beta",
        "Dr\u2003Beta",
        "Dr\u2028Beta",
        "Dr\tBeta",
        "Dr\x1b[2J",
        "Dr\u202eateB",
        "Dr\u200bBeta",
        "Dr\u2800\u2800Beta",
        "Dr\u3164Beta",
        "B" * 81,
    ],
)
def test_a_text_that_is_not_one_plain_line_is_refused(field: str, text: str) -> None:
    with pytest.raises(NotACard):
        _checked(**{field: text})


@pytest.mark.parametrize("rpps", ["1000 1234", "10001234567 592 291", "١٠٠٠", "x", "1" * 21, " 1"])
def test_a_practitioner_number_is_digits(rpps: str) -> None:
    with pytest.raises(NotACard):
        _checked(rpps=rpps)


@pytest.mark.parametrize("address", ["", "  ", "a  b:1", "a:1\n592 291", "a" * 201])
def test_an_address_is_one_plain_line(address: str) -> None:
    with pytest.raises(NotACard):
        _checked(addresses=(address,))


def test_what_doctors_are_called_is_taken() -> None:
    for name in ("Dr Zoé Ünal-Martin", "Dr O’Brien", "Dr 王小明", "Dr Łukasz Żółć (remplaçante)", "B" * 80):
        assert _checked(name=name, rpps="", addresses=("[2001:db8::1]:4711",)).name == name


@given(st.text(max_size=120), st.text(max_size=30))
def test_what_this_program_makes_of_any_text_is_taken(text: str, digits: str) -> None:
    line = card.one_line(text)
    assert card.one_line(line) == line
    assert _checked(name=line or card.NAMELESS, town=line, practice=line, rpps=card.number(digits)).town == line


def test_the_card_of_a_practice_with_strange_names_can_be_read_by_others(tmp_path: Path) -> None:
    """An earlier release, and the forms of this one, take such names: they are the practice's own affair."""
    alpha = practices.make_desk(tmp_path / "alpha", "Zoé\u00a0 \u200b Alpha " + "é" * 100, "1000 1234 567")
    body = card.read(card.armour(introductions.my_card(alpha))).body
    assert body.name.startswith("Dr Zoé Alpha é") and len(body.name) == card.MAX_TEXT_LENGTH
    assert body.rpps == "10001234567"
    alpha.close()


def test_no_card_is_made_with_an_address_that_none_may_hold(tmp_path: Path) -> None:
    alpha = practices.make_desk(tmp_path / "alpha")
    for address in ("", "a b\n:1", "a" * 200 + ":1"):
        with pytest.raises(BadAddress):
            introductions.my_card(alpha, (address,))
    alpha.close()


def test_a_card_of_an_earlier_release_says_the_same_written_otherwise() -> None:
    old = msgspec.structs.replace(HE.card.body, name="Dr\u00a0 Beta", rpps="1000 1234567")
    assert card.kept(card.make(old, HE.signing.secret).signed).body.name == old.name
    assert card.who(old) == card.who(HE.card.body)


def test_a_sealing_key_is_tried() -> None:
    key = HE.card.body.sealing_key
    for bad in (key[:-32] + bytes(32), b"\xff" * (len(key) - 32) + key[-32:], bytes(crypto.SEALING_PUBLIC_BYTES)):
        with pytest.raises(NotACard):
            _checked(sealing_key=bad)
