"""The parts that bodies are made of: concepts with their codes, quantities, people, files. Pure values, no I/O."""

from decimal import Decimal

import msgspec


class Value(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Base of every value: immutable, compact, strict."""


class Coding(Value, frozen=True):
    """A code of a terminology: system (a URI), code, the label that came with it, the version of the system."""

    system: str = ""
    code: str = ""
    label: str = ""
    version: str = ""


class Concept(Value, frozen=True):
    """A thing named in words and, where known, in codes."""

    text: str = ""
    codings: tuple[Coding, ...] = ()

    @property
    def label(self) -> str:
        """The words to show: the text, else the first label, else the first code."""
        return (
            self.text
            or next((c.label for c in self.codings if c.label), "")
            or next((c.code for c in self.codings), "")
        )


class Quantity(Value, frozen=True):
    """A number with its unit. `code` is UCUM where known. `comparator` is one of `<`, `<=`, `>=`, `>` or empty."""

    value: Decimal
    unit: str = ""
    code: str = ""
    comparator: str = ""


class Contact(Value, frozen=True):
    """A person to call."""

    name: str
    relationship: str = ""
    phone: str = ""


class Author(Value, frozen=True):
    """Who states an entry. `rpps` is the 11-digit French practitioner number, empty where unknown."""

    name: str
    rpps: str = ""


class Attachment(Value, frozen=True):
    """A file that the record keeps in pieces: `id` finds them (32 hex digits), `digest` is BLAKE2b-256 of the whole
    (64 hex digits), `size` in bytes."""

    id: str
    size: int
    digest: str
    media_type: str = ""
    name: str = ""
