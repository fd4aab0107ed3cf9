"""Vectors of contact cards, and of what two of them have in common."""

import msgspec

from localstore import crypto
from sync.trust import card, pairing
from tests.vectors.people import ALPHA, BETA, SECRET, Person
from tests.vectors.sheets import Sheet


def cards(before: dict[str, bytes]) -> Sheet:
    """Cards as bytes and as text, certificates, fingerprint and pair secret."""
    sheet = Sheet("Contact cards of two practices, alpha and beta: docs/formats.md, Contact card.", before)
    for name, person in (("alpha", ALPHA), ("beta", BETA)):
        _of(sheet, name, person)
    sheet.say("What the two have in common. The fingerprint is written with single spaces.")
    sheet.put("pair.agreed", crypto.agree(ALPHA.pairing.secret, BETA.pairing.public))
    sheet.put("pair.secret", SECRET)
    sheet.text("pair.fingerprint", pairing.fingerprint(ALPHA.card, BETA.card))
    sheet.say("Cards that are refused: the length, an altered byte, a field at the end, another version, no name.")
    content = msgspec.msgpack.decode(ALPHA.card.signed[64:])
    sheet.put("refused.short", ALPHA.card.signed[:64])
    sheet.put("refused.altered", ALPHA.card.signed[:-1] + b"\0")
    for name, changed in (
        ("field", content | {"note": ""}),
        ("version", content | {"version": 2}),
        ("nameless", content | {"name": " "}),
        ("key", content | {"sealing_key": content["sealing_key"][1:]}),
        ("small-order", content | {"pairing_key": bytes(32)}),
        ("certificate", content | {"transport_certificate": ALPHA.certificate[:-1] + b"\0"}),
    ):
        encoded = msgspec.msgpack.encode(changed)
        sheet.put(f"refused.{name}", crypto.sign(ALPHA.signing.secret, "card", encoded) + encoded)
    return sheet


def _of(sheet: Sheet, name: str, person: Person) -> None:
    sheet.say(f"The card of {person.card.body.name}. Seeds are as in Keys; .certificate is that of transport.seed.")
    for kind, pair in (
        ("signing", person.signing),
        ("pairing", person.pairing),
        ("sealing", person.sealing),
        ("transport", person.transport),
    ):
        sheet.put(f"{name}.{kind}.secret", pair.secret)
        sheet.put(f"{name}.{kind}.public", pair.public)
    sheet.put(f"{name}.certificate", person.certificate)
    sheet.put(f"{name}.card.body", person.card.signed[crypto.SIGNATURE_BYTES :])
    sheet.put(f"{name}.card.signed", person.card.signed)
    sheet.put(f"{name}.card.armour", card.armour(person.card))
    sheet.put(f"{name}.card.alphanumeric", card.alphanumeric(person.card).encode())
    body = person.card.body
    keys = (body.signing_key, body.pairing_key, body.transport_certificate)
    sheet.put(f"{name}.identity", crypto.digest("card-identity", *keys))
