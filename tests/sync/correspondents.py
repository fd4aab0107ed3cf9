"""Two paired practices whose clocks are moved by hand, and what each holds of keys and documents."""

from datetime import timedelta
from pathlib import Path

from localstore import colleagues, correspondence, epoch_keys, history, record
from localstore.bodies import ProblemBody
from localstore.colleagues import Colleague
from localstore.consents import Consent
from localstore.correspondence import Outgoing, ReceivedState
from localstore.values import Concept
from sync.desk import Desk
from sync.receiving import inbox, reception
from sync.receiving.reception import Collected
from sync.sending import sharing
from tests import practices


class Two:
    """Alpha and Beta, and one patient of Alpha's with a problem."""

    def __init__(self, folder: Path) -> None:
        self.alpha, self.beta, self._of_beta, self._of_alpha = practices.two_desks(folder)
        self.zoe = practices.add_zoe(self.alpha.practice)
        self.note("Asthme")

    @property
    def of_beta(self) -> Colleague:
        """Beta as Alpha knows it now."""
        return colleagues.by_number(self.alpha.record, self._of_beta.num)

    @property
    def of_alpha(self) -> Colleague:
        """Alpha as Beta knows it now."""
        return colleagues.by_number(self.beta.record, self._of_alpha.num)

    def note(self, words: str) -> None:
        """Another problem of the patient."""
        record.add(self.alpha.practice, self.zoe.id, ProblemBody(Concept(words)))

    def consent(self) -> Consent:
        """The patient agrees."""
        return sharing.grant(self.alpha, self.zoe.id, self.of_beta, purpose="soins")

    def share(self) -> sharing.Shared:
        """Send the extract."""
        return sharing.share(self.alpha, self.zoe.id, self.of_beta)

    def to_beta(self) -> int:
        """What waits at Alpha comes to Beta's postbox."""
        return practices.carry(self.alpha, self.of_beta, self.beta, self.of_alpha)

    def to_alpha(self) -> int:
        """What waits at Beta comes to Alpha's postbox."""
        return practices.carry(self.beta, self.of_alpha, self.alpha, self.of_beta)

    def collect(self) -> tuple[Collected, Collected]:
        """Both open what came."""
        return reception.collect(self.alpha), reception.collect(self.beta)

    def settle(self) -> int:
        """Carry and open until nothing moves any more; how many envelopes moved. That it ends is part of every test."""
        moved = 0
        self.collect()
        for _ in range(12):
            now = self.to_beta() + self.to_alpha()
            self.collect()
            moved += now
            if not now:
                return moved
        raise AssertionError("the two never come to rest")

    def pass_days(self, days: float, *desks: Desk) -> None:
        """Time goes by, at both or at the named ones."""
        for desk in desks or (self.alpha, self.beta):
            clock = desk.practice.clock
            assert isinstance(clock, practices.SteppingClock)
            clock.moment += timedelta(days=days)

    def month(self) -> None:
        """Thirty days and a bit, with both opened at their end."""
        self.pass_days(30.01)
        self.collect()

    def close(self) -> None:
        """Close both."""
        self.alpha.close()
        self.beta.close()


def sealing_numbers(desk: Desk) -> list[int]:
    """The sealing keys that are still kept."""
    return [one.number for one in epoch_keys.sealing_keys(desk.record)]


def problems(desk: Desk) -> list[list[str]]:
    """What the extracts that a doctor may look at say, newest first."""
    return [
        [entry.body.concept.text for entry in item.entries if isinstance(entry.body, ProblemBody)]
        for item in inbox.listing(desk)
        if item.entries
    ]


def new(desk: Desk) -> int:
    """The extracts that nobody has dealt with."""
    return correspondence.count_new(desk.record)


def late(desk: Desk) -> list[str]:
    """The reasons of what came too late for its key."""
    found = correspondence.received(desk.record)
    return [one.reason for one in found if one.state is ReceivedState.SET_ASIDE]


def sent(desk: Desk, kind: str) -> list[Outgoing]:
    """What was sealed here, of one type."""
    return [one for one in correspondence.outgoing(desk.record) if one.type == kind]


def lines(desk: Desk, action: str) -> list[str]:
    """The details of the lines of the history of one action, oldest first."""
    return [line.detail for line in history.lines(desk.record) if line.action == action]
