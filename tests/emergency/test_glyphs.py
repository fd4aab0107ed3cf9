"""Text made safe and visible: nothing hidden, nothing lost, right-to-left words in their order."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localstore.emergency import fonts, glyphs

draws = fonts.load().draws


def everything(_: str) -> bool:
    """A typeface that has every glyph."""
    return True


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("dose \x1b[31mrouge", "dose [U+001B][31mrouge"),
        ("\x1b]52;c;eA==\x07", "[U+001B]]52;c;eA==[U+0007]"),
        ("5\u202e gm 05", "5[U+202E] gm 05"),
        ("a\u2066b\u2069c\u200bd\ufeffe\xadf", "a[U+2066]b[U+2069]c[U+200B]d[U+FEFF]e[U+00AD]f"),
        ("\x9b31m\x00", "[U+009B]31m[U+0000]"),
        ("un\ndeux\r\ntrois\tquatre", "un / deux / trois quatre"),
        ("王小明", "[U+738B U+5C0F U+660E]"),
        ("Nguye\u0302\u0303n", "Nguyễn"),
        ("Ελένη Иванова Łukasz", "Ελένη Иванова Łukasz"),
        ("a\u3000b", "a b"),
        ("\ud800", "[U+D800]"),
        ("<b>&amp;", "<b>&amp;"),
    ],
)
def test_visible(text: str, printed: str) -> None:
    assert glyphs.visible(text, draws) == printed


def test_a_pile_of_marks_cannot_overprint_other_lines() -> None:
    printed = glyphs.visible("a" + "\u0335" * 50, everything)
    assert printed.count("\u0335") == glyphs.MAX_MARKS
    assert printed.count("U+0335") == 50 - glyphs.MAX_MARKS


@given(st.text())
def test_nothing_that_hides_or_controls_is_ever_drawn(text: str) -> None:
    printed = glyphs.visual(glyphs.visible(text, draws), draws)
    assert {unicodedata.category(one) for one in printed if one != "\n"} & glyphs.HIDDEN == set()
    assert all(draws(one) for one in printed if one not in " \n" and unicodedata.category(one) != "Zs")


@given(st.text())
def test_no_character_disappears(text: str) -> None:
    """Each character is printed, or its code point is, or it was white space."""
    printed = glyphs.visible(text, draws)
    for character in unicodedata.normalize("NFC", text):
        assert character in printed or f"U+{ord(character):04X}" in printed or character.isspace()


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=0x24F, categories=["L", "N", "P", "Zs"])))
def test_left_to_right_text_is_left_alone(text: str) -> None:
    assert glyphs.visual(text, draws) == text


def test_an_arabic_name_is_joined_and_in_visual_order() -> None:
    drawn = glyphs.visual("محمد", draws)
    # Meem initial, hah medial, meem medial, dal final: drawn from the last to the first.
    assert [f"{ord(one):04X}" for one in drawn] == ["FEAA", "FEE4", "FEA4", "FEE3"]


def test_lam_and_alef_are_one_sign() -> None:
    assert [f"{ord(one):04X}" for one in glyphs.visual("لا", draws)] == ["FEFB"]
    assert [f"{ord(one):04X}" for one in glyphs.visual("بلا", draws)] == ["FEFC", "FE91"]


def test_a_letter_that_does_not_join_breaks_the_chain() -> None:
    # Dal never joins what follows it: the alef after it stands alone.
    assert [f"{ord(one):04X}" for one in glyphs.visual("دا", draws)] == ["FE8D", "FEA9"]


def test_words_of_an_arabic_name_run_from_right_to_left() -> None:
    drawn = glyphs.visual("محمد علي", draws)
    first, second = glyphs.visual("محمد", draws), glyphs.visual("علي", draws)
    assert drawn == f"{second}{glyphs.NO_BREAK}{first}"


def test_hebrew_inside_french_keeps_its_place_and_numbers_their_order() -> None:
    assert glyphs.visual("nom : שלום 1990, né", draws) == "nom : םולש 1990, né"
    assert glyphs.visual("שלום 1990 שלום", draws).split(glyphs.NO_BREAK) == ["םולש", "1990", "םולש"]


def test_brackets_in_a_right_to_left_run_turn_round() -> None:
    assert glyphs.visual("א(ב)ג", draws) == "ג(ב)א"


def test_a_long_run_is_broken_between_words_in_reading_order() -> None:
    words = ["אבגדה", "וזחטי", "כלמנס", "עפצקר", "שתאבג", "דהוזח"]
    lines = glyphs.visual(" ".join(words), draws).split("\n")
    assert all(len(line) <= glyphs.MAX_RUN for line in lines)
    read = [word[::-1] for line in lines for word in reversed(line.split(glyphs.NO_BREAK))]
    assert (len(lines), read) == (2, words)


_arabic = st.text(alphabet=st.characters(min_codepoint=0x621, max_codepoint=0x64A, categories=["Lo"]), min_size=1)


@given(_arabic)
def test_joining_loses_no_letter(text: str) -> None:
    """Read backwards and decomposed, what is drawn is what was written."""
    composed = unicodedata.normalize("NFC", text)
    drawn = glyphs.visual(composed, draws).replace("\n", "")
    letters = "".join(unicodedata.normalize("NFKC", one) for one in reversed(drawn))
    assert letters.replace(" ", "") == unicodedata.normalize("NFKC", composed)
