"""What the gateway hands to the screens about terms of the imported tables: frozen values. Pure."""

from dataclasses import dataclass

from localstore.values import Concept


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A term to offer: its code with its system in front, and what is written when it is taken."""

    code: str
    concept: Concept
