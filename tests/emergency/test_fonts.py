"""The typeface that the package carries: it is there, it is whole, and it covers what it promises."""

from importlib import resources

import pytest

from localstore.emergency import fonts
from localstore.errors import ConfrereError


@pytest.mark.parametrize(
    "text",
    [
        "Àéîõüçœæß ŁŻąę ğışÇ",
        "Nguyễn Thị Hạnh ệ ữ ặ",
        "Ελληνικά",
        "Русский Україна ћ",
        "محمد علي",
        "שלום",
        "≤≥×µ°²…–—« »",
    ],
)
def test_the_typeface_covers(text: str) -> None:
    draws = fonts.load().draws
    assert [one for one in text if not draws(one)] == []


def test_the_typeface_does_not_pretend_to_cover_chinese() -> None:
    assert not fonts.load().draws("王")


def test_its_licence_lies_beside_it() -> None:
    licence = resources.files("localstore.emergency") / "typefaces" / "LICENSE"
    text = licence.read_text(encoding="utf-8")
    assert "Bitstream Vera" in text
    assert "Tavmjong Bah" in text


def test_an_altered_font_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    file, _ = fonts._FILES[fonts.BOLD]
    monkeypatch.setitem(fonts._FILES, fonts.BOLD, (file, "0" * 64))
    with pytest.raises(ConfrereError, match="altered"):
        fonts.load.__wrapped__()
