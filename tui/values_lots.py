"""What screens and the command line are told of lots, as frozen values."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LotWritten:
    """A lot that was written for a colleague: how many envelopes, how many bytes the file has, and whether more waits
    than fitted."""

    name: str
    file: str
    envelopes: int
    size: int
    more: bool


@dataclass(frozen=True, slots=True)
class LotRead:
    """A lot of a colleague that was read. From `stored` to `gap`: what became of its envelopes. `confirmed`, `disputed`
    and `lost_there` are what his receipts said of ours; `whole` is False for a file that was cut off."""

    name: str
    file: str
    whole: bool
    stored: int
    already_here: int
    full: int
    fork: int
    foreign: int
    too_many_feeds: int
    gap: int
    confirmed: int
    disputed: int
    lost_there: int
