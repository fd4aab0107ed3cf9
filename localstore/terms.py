"""What a patient agreed to share, as a value: both the record and the travelling documents hold it. Pure.

Apart from `consents`, which is SQL: a document that came in is judged where there is no database.
"""

import msgspec

from localstore.kinds import Kind


class Terms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the patient agreed to (CSP L1110-4: recorded with who, when, how, scope and purpose).

    `kinds` that may be shared; `restricted` names, one by one, the restricted entries that may; `since` and `before`
    bound the clinical dates (inclusive, may be empty). `begins` and `ends` bound the consent itself (days, `ends`
    inclusive, may be empty). `standing` is true where each later change within the scope goes out by itself, and left
    out otherwise: terms of before have no such field, and are signed.
    """

    kinds: tuple[Kind, ...]
    purpose: str
    given: str  # "oral" or "written"
    recorded_by: str
    begins: str
    ends: str = ""
    restricted: tuple[str, ...] = ()
    since: str = ""
    before: str = ""
    standing: bool | msgspec.UnsetType = msgspec.UNSET

    @property
    def is_standing(self) -> bool:
        """Whether later changes go out by themselves."""
        return self.standing is True
