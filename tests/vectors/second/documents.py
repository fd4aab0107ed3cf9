"""Signed documents: read, and believed or not."""

import re
import unicodedata
from datetime import date, datetime
from typing import Any, NamedTuple

from tests.vectors.second.basics import Refused, digest, packed, require, unpacked, verify
from tests.vectors.second.forms import BODIES, CONTENT, ENTRY, KINDS, STATEMENT, check

MOMENT = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)
PARTIAL = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T.*)?)?)?", re.ASCII | re.DOTALL)
IDENTIFIER = re.compile(r"[0-9a-f]{32}", re.ASCII)
SHARE = re.compile(r"[a-z]{4,8}(?: [a-z]{4,8}){32}", re.ASCII)
LARGEST = 2**63 - 1
Map = dict[str, Any]


class Due(NamedTuple):
    """What the recipient knows by himself: the author and himself by their practitioner keys, the feed, the number."""

    author: bytes
    recipient: bytes
    feed: bytes
    sequence: int


def believed(signed: bytes, due: Due) -> Map:
    """The content of a document that may be believed. Raises Refused."""
    require(64 < len(signed) <= 128 * 1024 * 1024, "length")
    signature, encoded = signed[:64], signed[64:]
    verify(due.author, "document", encoded, signature)
    content: Map = unpacked(encoded)
    check(content, CONTENT)
    kind = content["body"].get("type")
    require(kind in BODIES, "form")
    check(content["body"], BODIES[kind], "type")
    require(content["version"] == 1, "version")
    require(content["author"] == due.author, "author")
    require(content["recipient"] == due.recipient, "recipient")
    require(content["feed"] == due.feed, "feed")
    require(content["sequence"] == due.sequence, "sequence")
    require(_is_moment(content["created"]), "moment")
    require(len(content["id"]) == 16, "id")
    CHECKS[kind](content["body"], due)
    return content


def _is_moment(text: str) -> bool:
    if not MOMENT.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_date(text: str) -> bool:
    found = PARTIAL.fullmatch(text)
    if not found:
        return False
    year, month, day = (int(part or 1) for part in found.groups())
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _epoch_offer(body: Map, _due: Due) -> None:
    require((len(body["epoch"]), len(body["key"])) == (8, 32), "epoch")


def _withdrawal(body: Map, _due: Due) -> None:
    require(IDENTIFIER.fullmatch(body["consent"]), "identifier")


def _receipt(body: Map, _due: Due) -> None:
    numbers = [number for name in ("opened", "removed", "unreadable") for number in body.get(name, [])]
    require(len(body["feed"]) == 16 and len(numbers) <= 100_000, "receipt")
    require(all(1 <= number <= LARGEST for number in numbers), "receipt")
    require(len(body.get("anchor", b"")) <= 256 and len(body.get("echo", b"")) <= 256, "receipt")
    require(0 <= body.get("missing", 0) <= LARGEST, "receipt")


def _share(body: Map, _due: Due) -> None:
    require(IDENTIFIER.fullmatch(body["splitting"]), "identifier")
    require(2 <= body["threshold"] <= body["count"] <= 16 and SHARE.fullmatch(body["words"]), "share")


def _card_update(body: Map, _due: Due) -> None:
    require(len(body["card"]) <= 8 * 1024, "card")


def _extract(body: Map, due: Due) -> None:
    entries = body["entries"]
    names = [body["consent"], body["patient_id"], *filter(None, [body.get("supersedes")])]
    names += [name for entry in entries for name in (entry["id"], entry["version"], *entry.get("parents", []))]
    require(all(IDENTIFIER.fullmatch(name) for name in names), "identifier")
    require(len(entries) <= 200_000 and all(one["patient"] == body["patient_id"] for one in entries), "extract")
    birth = body["patient"].get("birth_date", "")
    require(_is_moment(body["as_of"]) and (not birth or _is_date(birth)), "extract")
    for entry in entries:
        require(_is_sound(entry), "extract")
    if "vouched" in body:
        verify(due.author, "statement", _statement(body), body["vouched"], "vouched")
    for original in body.get("originals", []):
        _check_original(original, body)


def _letter(body: Map, due: Due) -> None:
    _extract(body, due)
    require("supersedes" not in body, "letter")
    letters = [one["id"] for one in body["entries"] if one["body"]["kind"] == "letter"]
    require(body.get("letter") in letters, "letter")


def _is_sound(entry: Map) -> bool:
    body, parents = entry["body"], entry.get("parents", [])
    content = body.get("content", b"")
    return (
        next(iter(body), "") == "kind"
        and body["kind"] in KINDS - {"patient", "appointment"}
        and len(set(parents)) == len(parents) <= 64
        and entry["version"] not in parents
        and (not entry["date"] or _is_date(entry["date"]))
        and len(entry["date"]) <= 40
        and _is_moment(entry["recorded"])
        and max(len(entry["author"]["name"]), len(entry["author"].get("rpps", ""))) <= 200
        and len(entry.get("source", b"")) <= 16 * 1024 * 1024
        and "attachment" not in body
        and len(content) <= 4 * 1024 * 1024
        and len(packed(body)) - len(content) <= 1024 * 1024
        and all(map(_is_bounded, _numbers(body)))
    )


def _numbers(value: Any) -> list[str]:
    """The numbers with decimals in a body: texts, under the name `value` of a quantity."""
    if isinstance(value, dict):
        own = [value["value"]] if isinstance(value.get("value"), str) else []
        return own + [found for one in value.values() for found in _numbers(one)]
    return [found for one in value for found in _numbers(one)] if isinstance(value, list) else []


def _is_bounded(number: str) -> bool:
    found = re.fullmatch(r"[+-]?(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?", number, re.ASCII)
    if not found or not found[1] + found[2]:
        return False
    exponent = int(found[3] or 0) - len(found[2])
    return len((found[1] + found[2]).lstrip("0")) <= 60 and abs(exponent) <= 60


# --- words that can be passed on -------------------------------------------------------------------------------------


def bared(entry: Map) -> bytes:
    """An entry as it is vouched for."""
    body = dict(entry["body"])
    if body.get("content"):
        body["content"] = digest("entry-file", body["content"])
    kept = {name: value for name, value in entry.items() if name not in ("origin", "source", "source_url")}
    return packed({**kept, "patient": "", "body": body})


def leaf(bare: bytes) -> bytes:
    """The leaf of an entry."""
    return digest("entry-leaf", bare)


def root(leaves: list[bytes]) -> bytes:
    """The root: of the largest power of two below the count on the left, and of the rest on the right (RFC 9162)."""
    if len(leaves) < 2:
        return leaves[0] if leaves else digest("entry-node")
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return digest("entry-node", root(leaves[:split]), root(leaves[split:]))


def _statement(body: Map) -> bytes:
    who = body["patient"]
    return packed(
        {
            "version": 1,
            "family_name": who["family_name"],
            "given_names": who.get("given_names", []),
            "birth_date": who.get("birth_date", ""),
            "sex": who.get("sex", "unknown"),
            "as_of": body["as_of"],
            "root": root([leaf(bared(entry)) for entry in body["entries"]]),
        }
    )


def _check_original(original: Map, body: Map) -> None:
    try:
        said, entry = unpacked(original["statement"]), unpacked(original["entry"])
        check(said, STATEMENT)
        check(entry, ENTRY)
    except Refused as error:
        raise Refused("original") from error
    verify(original["author"], "statement", original["statement"], original["signature"], "original")
    climbed = leaf(original["entry"])
    for is_left, neighbour in original["path"]:
        climbed = digest("entry-node", *((neighbour, climbed) if is_left else (climbed, neighbour)))
    require(said["version"] == 1 and climbed == said["root"], "original")
    here = [unpacked(bared(one)) for one in body["entries"] if one["version"] == entry["version"]]
    require([_said(one) for one in here] == [_said(entry)], "original")
    require(_names(said) == _names(body["patient"]) and said["birth_date"], "original")
    require(said["birth_date"] == body["patient"].get("birth_date"), "original")
    sexes = {said["sex"], body["patient"].get("sex", "unknown")} - {"unknown"}
    require(len(sexes) <= 1, "original")


def _said(entry: Map) -> Map:
    return {name: value for name, value in entry.items() if name not in ("provenance", "sensitivity")}


def _names(who: Map) -> str:
    names = " ".join([who["family_name"], *who.get("given_names", [])[:1]])
    plain = unicodedata.normalize("NFKD", names)
    letters = "".join(one for one in plain if not unicodedata.combining(one)).casefold()
    return " ".join(re.findall(r"\w+", letters))


CHECKS = {
    "epoch-offer": _epoch_offer,
    "extract": _extract,
    "letter": _letter,
    "withdrawal": _withdrawal,
    "receipt": _receipt,
    "recovery-share": _share,
    "card-update": _card_update,
}
