"""What a feed has delivered costs nothing later: no statement of sending, carrying or opening looks through it all."""

import re
from pathlib import Path

from localstore import arrivals, departures
from localstore.database import Connection, transaction
from sync import desk as desk_room
from sync.receiving import reception
from tests import practices
from tests.vectors.documents import entries, extract

GROWING = re.compile(r"SCAN (?:incoming|outgoing|received|incoming_bytes|outgoing_bytes)\b(.*)")
# Of what waits, and not of what was delivered.
SHORT = ("USING INDEX unopened", "USING INDEX outgoing_waiting", "USING INDEX outgoing_unreadable")
LOOKING = ("SELECT", "UPDATE", "DELETE")


def scans(connection: Connection, statements: list[str]) -> list[str]:
    """Those of the statements that look through a table which only grows."""
    found = []
    for statement in dict.fromkeys(one for one in statements if one.lstrip().upper().startswith(LOOKING)):
        plan = [step[3] for step in connection.execute(f"EXPLAIN QUERY PLAN {statement}")]
        long = [match for match in map(GROWING.match, plan) if match and match[1].strip() not in SHORT]
        found += [statement] if long else []
    return found


def test_nothing_looks_through_what_was_delivered(tmp_path: Path) -> None:
    alpha, beta, of_beta, of_alpha = practices.two_desks(tmp_path)
    connections = (alpha.record, alpha.postbox, beta.record, beta.postbox)
    said: list[list[str]] = [[] for _ in connections]
    for connection, statements in zip(connections, said, strict=True):
        connection.set_trace_callback(statements.append)
    for _ in range(2):
        with transaction(alpha.record):
            desk_room.post(alpha, of_beta, extract(*entries()[:1]))
        desk_room.dispatch(alpha)
        pieces = departures.offer(alpha.postbox, of_beta.id, departures.acknowledged(alpha.postbox, of_beta.id))
        arrivals.receive(beta.postbox, of_alpha.id, pieces)
        (held,) = arrivals.holdings(beta.postbox, of_alpha.id)
        departures.acknowledge(alpha.postbox, of_beta.id, held, bytes(64))
        reception.collect(beta)
    for connection in connections:
        connection.set_trace_callback(None)
    assert all(len(statements) > 10 for statements in said)
    assert [scans(*both) for both in zip(connections, said, strict=True)] == [[], [], [], []]
    alpha.close()
    beta.close()


def test_a_statement_that_looks_through_everything_is_found(tmp_path: Path) -> None:
    alpha = practices.make_desk(tmp_path / "alpha")
    assert scans(alpha.postbox, ["SELECT * FROM incoming WHERE opened IS NULL ORDER BY rowid"])
    assert scans(alpha.postbox, ["SELECT feed FROM incoming WHERE feed = x'00'"]) == []
    alpha.close()
