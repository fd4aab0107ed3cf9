"""A program that pairs, to be run as a process of its own: it comes as far as the digits, and then hangs."""

import asyncio
import sys
import time

from sync.meeting.events import Candidate
from sync.meeting.live import Meeting, Whereabouts
from sync.post_office.transport import Address
from tests.sync.introduced import doctor

SECONDS = 60.0  # the end of it, should nobody end it before


async def hang(at: Address) -> None:
    """Show a card at this address, and stop."""
    who = doctor("Unknown", "10001234583")
    async with Meeting(who.card, who.signing, Whereabouts(at=at)) as meeting:
        assert isinstance(await meeting.next(), Candidate)
        sys.stdout.write("compared\n")
        sys.stdout.flush()
        time.sleep(SECONDS)  # noqa: ASYNC251 - a program that hangs answers nobody


if __name__ == "__main__":
    asyncio.run(hang(Address(sys.argv[1], int(sys.argv[2]))))
