"""The second reader against the running program: it reads what a real desk sends, and a real desk believes what it
writes."""

from pathlib import Path
from typing import Any

from localstore import arrivals, departures, keystore
from localstore.database import transaction
from localstore.feeds import Piece
from sync import desk as desk_room
from sync.desk import Desk
from sync.receiving import reception
from tests import practices
from tests.vectors.documents import entries, extract
from tests.vectors.second import basics, cards, documents, wire
from tests.vectors.second.documents import Due, Map


def secret_of(desk: Desk) -> bytes:
    """The sealing secret of a practice."""
    ((_, both),) = keystore.beginning_with(desk.record, "sealing/")
    return bytes(both[:96])


def test_it_reads_what_a_desk_sends(tmp_path: Path) -> None:
    alpha, beta, of_beta, of_alpha = practices.two_desks(tmp_path)
    with transaction(alpha.record):
        for _ in range(2):
            desk_room.post(alpha, of_beta, extract(*entries()))
    assert desk_room.dispatch(alpha) == []
    pieces = departures.offer(alpha.postbox, of_beta.id, {})
    ours, theirs = cards.read(of_alpha.card), cards.read(of_beta.card)
    both = (alpha.practice.incarnation, ours["signing_key"])
    feed = basics.digest("feed", *both, theirs["signing_key"], size=16)
    epoch = basics.digest("epoch", *both, basics.digest("sealing-key", theirs["sealing_key"]), size=16)[:8]
    key, said = secret_of(beta), list[Map]()
    for number, piece in enumerate(pieces, start=1):
        opened = wire.open_envelope(piece.envelope, key)
        assert (opened.feed, opened.sequence, opened.epoch) == (feed, number, epoch)
        due = Due(ours["signing_key"], theirs["signing_key"], feed, number)
        said.append(documents.believed(opened.document, due)["body"])
        key = said[0]["key"]
    assert [body["type"] for body in said] == ["epoch-offer", "extract", "extract"]
    assert said[1] == said[2]
    alpha.close()
    beta.close()


def test_a_desk_believes_what_it_writes(tmp_path: Path) -> None:
    alpha, beta, of_beta, of_alpha = practices.two_desks(tmp_path)
    ours, theirs = cards.read(of_alpha.card), cards.read(of_beta.card)
    feed, epoch, key = b"any feed will do", b"an epoch", bytes(range(32))
    offer = {"type": "epoch-offer", "epoch": epoch, "key": key}
    offer["sealing_key"] = basics.digest("sealing-key", theirs["sealing_key"])
    patient = {"kind": "patient", "family_name": "Dupont", "birth_date": "1958-07-03"}
    terms: Map = {
        "kinds": ["problem"],
        "purpose": "soins",
        "given": "oral",
        "recorded_by": "Dr",
        "begins": "2026-03-01",
    }
    terms |= {"ends": "", "restricted": [], "since": "", "before": ""}
    problem = {"kind": "problem", "concept": {"text": "Asthme"}}
    one: Map = {"id": "b" * 32, "version": "c" * 32, "patient": "a" * 32, "date": "2019", "author": {"name": "Dr"}}
    one |= {"recorded": "2026-03-01T12:00:00.000Z", "body": problem}
    body: Map = {"type": "extract", "consent": "d" * 32, "terms": terms, "patient_id": "a" * 32, "patient": patient}
    body |= {"entries": [one], "as_of": "2026-03-01T12:00:00.000Z"}

    def sealed(number: int, inside: Map, under: bytes) -> Piece:
        content: dict[str, Any] = {"version": 1, "id": number.to_bytes(16, "big"), "author": ours["signing_key"]}
        content |= {"recipient": theirs["signing_key"], "feed": feed, "sequence": number}
        content |= {"created": "2026-03-01T12:00:00.000Z", "body": inside}
        encoded = basics.packed(content)
        document = basics.signature_of(alpha.signing.secret, "document", encoded) + encoded
        return Piece(feed, number, wire.envelope(document, (feed, number, epoch), under, bytes([number]) * 24))

    written = [sealed(1, offer, theirs["sealing_key"]), sealed(2, body, key)]
    arrivals.receive(beta.postbox, of_alpha.id, written)
    found = reception.collect(beta)
    assert (found.extracts, found.set_aside) == (1, 0)
    alpha.close()
    beta.close()
