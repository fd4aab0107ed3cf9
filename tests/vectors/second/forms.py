"""The forms of what is signed: which fields there are, in which order, and which are left out at which value."""

from typing import Any

from tests.vectors.second.basics import require

ALWAYS = object()  # the field always stands
FREE = object()  # the field may be left out, and may stand with any value
Form = dict[str, tuple[Any, Any]]  # name: what it is, and the value at which it is left out

TERMS: Form = {
    "kinds": ([str], ALWAYS),
    "purpose": (str, ALWAYS),
    "given": (str, ALWAYS),
    "recorded_by": (str, ALWAYS),
    "begins": (str, ALWAYS),
    "ends": (str, ALWAYS),
    "restricted": ([str], ALWAYS),
    "since": (str, ALWAYS),
    "before": (str, ALWAYS),
    "standing": (bool, FREE),
}
AUTHOR: Form = {"name": (str, ALWAYS), "rpps": (str, "")}
PATIENT: Form = {
    "kind": ("patient", ALWAYS),
    "family_name": (str, ALWAYS),
    "given_names": ([str], []),
    "birth_date": (str, ""),
    "sex": (str, FREE),
    "used_name": (str, ""),
    "birth_place": (str, ""),
    "ins": (str, ""),
    "ins_oid": (str, ""),
    "identity_status": (str, FREE),
    "deceased": (str, ""),
}
ENTRY: Form = {
    "id": (str, ALWAYS),
    "version": (str, ALWAYS),
    "patient": (str, ALWAYS),
    "date": (str, ALWAYS),
    "author": (AUTHOR, ALWAYS),
    "recorded": (str, ALWAYS),
    "body": (dict, ALWAYS),
    "parents": ([str], []),
    "status": (str, "final"),
    "sensitivity": (str, "normal"),
    "provenance": (str, "own"),
    "origin": (str, ""),
    "source": (bytes, b""),
    "source_url": (str, ""),
}
ORIGINAL: Form = {
    "author": (bytes, ALWAYS),
    "name": (str, ALWAYS),
    "statement": (bytes, ALWAYS),
    "signature": (bytes, ALWAYS),
    "entry": (bytes, ALWAYS),
    "path": ([list], ALWAYS),
}
STATEMENT: Form = {
    "version": (int, ALWAYS),
    "family_name": (str, ALWAYS),
    "given_names": ([str], ALWAYS),
    "birth_date": (str, ALWAYS),
    "sex": (str, ALWAYS),
    "as_of": (str, ALWAYS),
    "root": (bytes, ALWAYS),
}
_EXTRACT: Form = {
    "consent": (str, ALWAYS),
    "terms": (TERMS, ALWAYS),
    "patient_id": (str, ALWAYS),
    "patient": (PATIENT, ALWAYS),
    "entries": ([ENTRY], ALWAYS),
    "as_of": (str, ALWAYS),
    "supersedes": (str, ""),
    "vouched": (bytes, b""),
    "originals": ([ORIGINAL], []),
}
BODIES: dict[str, Form] = {
    "epoch-offer": {"epoch": (bytes, ALWAYS), "key": (bytes, ALWAYS), "sealing_key": (bytes, ALWAYS)},
    "extract": _EXTRACT,
    "letter": {**_EXTRACT, "letter": (str, ""), "answers": (str, "")},
    "withdrawal": {"consent": (str, ALWAYS)},
    "receipt": {
        "feed": (bytes, ALWAYS),
        "opened": ([int], []),
        "removed": ([int], []),
        "anchor": (bytes, b""),
        "echo": (bytes, b""),
        "missing": (int, 0),
        "unreadable": ([int], []),
    },
    "recovery-share": {
        "splitting": (str, ALWAYS),
        "threshold": (int, ALWAYS),
        "count": (int, ALWAYS),
        "words": (str, ALWAYS),
    },
    "card-update": {"card": (bytes, ALWAYS)},
}
CONTENT: Form = {
    "version": (int, ALWAYS),
    "id": (bytes, ALWAYS),
    "author": (bytes, ALWAYS),
    "recipient": (bytes, ALWAYS),
    "feed": (bytes, ALWAYS),
    "sequence": (int, ALWAYS),
    "created": (str, ALWAYS),
    "body": (dict, ALWAYS),
}
CARD: Form = {
    "version": (int, ALWAYS),
    "name": (str, ALWAYS),
    "rpps": (str, ALWAYS),
    "profession": (str, ALWAYS),
    "practice": (str, ALWAYS),
    "town": (str, ALWAYS),
    "signing_key": (bytes, ALWAYS),
    "pairing_key": (bytes, ALWAYS),
    "sealing_key": (bytes, ALWAYS),
    "transport_certificate": (bytes, ALWAYS),
    "addresses": ([str], ALWAYS),
    "made": (str, ALWAYS),
}
KINDS = frozenset(
    "patient problem allergy medication immunisation measurement consultation procedure device family-history"
    " directive document letter relative carer recall appointment other".split()
)


def check(value: Any, form: Form, first: str = "") -> None:
    """Refuse a map that is not of a form. `first` is the name of the field that tells which form it is."""
    require(type(value) is dict, "form")
    names = [name for name in value if name != first]
    require(names == [name for name in form if name in value] and (not first or next(iter(value)) == first), "form")
    for name, (what, left_out_at) in form.items():
        if name not in value:
            require(left_out_at is not ALWAYS, "form")
            continue
        found = value[name]
        left_out = left_out_at is not ALWAYS and left_out_at is not FREE
        require(not left_out or found != left_out_at or type(found) is not type(left_out_at), "form")
        _check_one(found, what)


def _check_one(found: Any, what: Any) -> None:
    if isinstance(what, str):
        require(found == what, "form")
    elif isinstance(what, dict):
        check(found, what)
    elif isinstance(what, list):
        require(type(found) is list, "form")
        for one in found:
            _check_one(one, what[0])
    else:
        require(type(found) is what, "form")
