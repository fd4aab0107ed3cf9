"""What the daemon knows of its own day: counts and times for the status file. No name, no address, no key."""

from collections.abc import Callable

from localstore.clock import Clock, stamp
from localstore.errors import ConfrereError
from sync.post_office.status import Report


class Ledger:
    """Counts what passes, and remembers whether anything changed since it was last written down."""

    def __init__(self, pid: int, clock: Clock, say: Callable[[str], None]) -> None:
        """`say` is told in words what happens."""
        self._say = say
        self._pid = pid
        self._clock = clock
        self._since = stamp(clock())
        self._port = 0
        self._connected = 0
        self._sent = 0
        self._received = 0
        self._last_contact = ""
        self._last_error = ""
        self._last_said = ""
        self.changed = True

    def report(self) -> Report:
        """The state to write down; it counts as written."""
        self.changed = False
        return Report(
            self._pid,
            self._since,
            self._port,
            self._connected,
            self._sent,
            self._received,
            self._last_contact,
            self._last_error,
        )

    def listens_on(self, port: int) -> None:
        """The port that the door has now, 0 for none."""
        self._say(f"listens on port {port}" if port else "listens to nobody")
        self.changed |= self._port != port
        self._port = port

    def is_connected_to(self, colleagues: int) -> None:
        """How many colleagues a session is live with."""
        self.changed |= self._connected != colleagues
        self._connected = colleagues

    def sent(self, envelopes: int) -> None:
        """So many envelopes were put on the wire."""
        if envelopes:
            self._say(f"sent {envelopes} envelopes")
        self._sent += envelopes
        self._contact(envelopes > 0)

    def received(self, envelopes: int) -> None:
        """So many new envelopes were committed."""
        if envelopes:
            self._say(f"received {envelopes} envelopes")
        self._received += envelopes
        self._contact(envelopes > 0)

    def met(self) -> None:
        """A session became live."""
        self._say("a session began")
        self._last_said = ""
        self._contact(True)

    def woke(self) -> None:
        """The machine has slept, or its clock was set."""
        self._say("the machine has slept or its clock was set; calling everybody again")

    def trouble(self, error: ConfrereError) -> None:
        """Something did not work; it is tried again."""
        sentence = str(error)
        if self._last_said != sentence:
            self._say(sentence)  # once: what is tried again every few seconds would fill the log
        self._last_said = sentence
        self.changed |= self._last_error != sentence
        self._last_error = sentence

    def _contact(self, happened: bool) -> None:
        if happened:
            self._last_contact = stamp(self._clock())
            self.changed = True
