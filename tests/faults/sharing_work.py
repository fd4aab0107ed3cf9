"""A program that shares a patient with a colleague again and again, and says so after each time.

As `tests.faults.workload`, but over two files: an extract is committed in the record, then moved into the postbox. It
reads an Order in JSON from stdin and says the number of each extract on stdout.
"""

import os
import sys
from pathlib import Path

import msgspec

from localstore import colleagues, record
from localstore.bodies import ProblemBody
from localstore.values import Concept
from sync import desk
from sync.sending import sharing
from tests.faults.reopening import Keys, reopen

STDOUT = 1


class Order(msgspec.Struct, frozen=True):
    """Whose patient to share, and which entry of his to amend before each time."""

    folder: str
    keys: Keys
    patient: str
    entry: str


def main() -> None:
    """Carry out the order on stdin, until killed."""
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    here = desk.establish(reopen(Path(order.folder), order.keys))
    (colleague,) = colleagues.listing(here.record)
    number = 0
    while True:
        number += 1
        version = record.all_versions(here.practice, order.entry)[-1].version
        record.amend(here.practice, version, ProblemBody(Concept(f"Goutte {number}")))
        sharing.share(here, order.patient, colleague)
        os.write(STDOUT, f"{number}\n".encode())


if __name__ == "__main__":
    main()
