"""The narrative of a resource: from the events of an XML parser back to XHTML text.

Every namespace is declared where it begins, so that the text stands by itself, as the JSON form of FHIR wants it.
Comments and processing instructions are left out: FHIR (narrative, 2.4) gives them no meaning.
"""

from collections.abc import Mapping

XML = "http://www.w3.org/XML/1998/namespace"
XHTML = "http://www.w3.org/1999/xhtml"
SEPARATOR = " "  # between a namespace and a local name, as the parser was told to write it

_IN_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_IN_ATTRIBUTES = _IN_TEXT | str.maketrans({'"': "&quot;", "\n": "&#10;", "\t": "&#9;"})


class Narrative:
    """One element of XHTML as it is read. `depth` is how many of its elements are open."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._open: list[tuple[str, str]] = []  # (namespace, local name)
        self._is_pending = False  # whether the last start tag still lacks its bracket

    @property
    def depth(self) -> int:
        """How many elements are open; none once it is whole."""
        return len(self._open)

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        self._close_tag()
        namespace, _, local = name.rpartition(SEPARATOR)
        self._pieces.append(f"<{local}")
        if namespace != (self._open[-1][0] if self._open else ""):
            self._pieces.append(f' xmlns="{_attribute(namespace)}"')
        for number, (key, value) in enumerate(attributes.items()):
            self._pieces.append(f" {_prefixed(key, number)}={chr(34)}{_attribute(value)}{chr(34)}")
        self._open.append((namespace, local))
        self._is_pending = True

    def end(self) -> None:
        """The innermost element ends."""
        _, local = self._open.pop()
        if self._is_pending:
            self._pieces.append("/>")
            self._is_pending = False
        else:
            self._pieces.append(f"</{local}>")

    def text(self, data: str) -> None:
        """Text stands here."""
        self._close_tag()
        self._pieces.append(data.translate(_IN_TEXT))

    def __str__(self) -> str:
        return "".join(self._pieces)

    def _close_tag(self) -> None:
        if self._is_pending:
            self._pieces.append(">")
            self._is_pending = False


def _attribute(value: str) -> str:
    return value.translate(_IN_ATTRIBUTES)


def _prefixed(key: str, number: int) -> str:
    """An attribute's name as it is written; one of another namespace brings its declaration."""
    namespace, _, local = key.rpartition(SEPARATOR)
    if not namespace:
        return local
    return f"xml:{local}" if namespace == XML else f'xmlns:n{number}="{_attribute(namespace)}" n{number}:{local}'
