"""What the gateway hands over of patients' rights. Pure values."""

from typing import NamedTuple

from localstore.model import PatientSummary


class KeptLine(NamedTuple):
    """One record in its time: `state` is a code of `tui.rights_words.STATES`; the last three are days (ISO 8601)."""

    patient: PatientSummary
    state: str
    last_care: str
    active_until: str
    kept_until: str


class ErasedTold(NamedTuple):
    """What an erasure did, and what it could not reach: colleagues who were asked, those who cannot be."""

    versions: int
    backups_until: str
    asked: tuple[str, ...]
    unreachable: tuple[str, ...]
    log_emptied: bool
    received: int = 0  # documents of colleagues that went with it
    shared_left: int = 0  # what belongs to nobody, came with nobody else, and stays
