"""docs/protocol.md says what the code does: the diagram, the layouts' codes, the limits, the certificate."""

import importlib
import re
from decimal import Decimal
from pathlib import Path

import pytest

from localstore.arrivals import IncomingLimits
from sync.post_office import certificate
from sync.post_office.patience import Patience
from sync.protocol import Farewell, Reason, diagram
from sync.protocol.messages import LAYOUTS

PAGE = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text(encoding="utf-8")
LIMIT = re.compile(r"^\| `(\w+)` \| ([\d.]+) \| `([\w.]+)` \|$", re.MULTILINE)
DEFAULTS = {"localstore.arrivals.IncomingLimits": IncomingLimits(), "sync.post_office.patience.Patience": Patience()}


def test_the_diagram_is_that_of_the_table() -> None:
    """To renew it: python -c "from sync.protocol import diagram; print(diagram())"."""
    (shown,) = re.findall(r"```mermaid\n(.*?)\n```", PAGE, re.DOTALL)
    assert shown == diagram()


@pytest.mark.parametrize(("name", "value", "place"), LIMIT.findall(PAGE))
def test_each_limit_is_the_one_in_the_code(name: str, value: str, place: str) -> None:
    owner = DEFAULTS.get(place) or importlib.import_module(place)
    assert Decimal(value) == Decimal(str(getattr(owner, name)))


def test_limits_are_listed() -> None:
    names = {name for name, _, _ in LIMIT.findall(PAGE)}
    assert {"MAX_ENVELOPE_BYTES", "MAX_FEEDS", "MAX_UNKNOWN", "envelopes", "bytes"} <= names
    assert set(Patience.__dataclass_fields__) <= names


def test_each_message_is_listed_with_its_code() -> None:
    listed = dict(re.findall(r"^\| (\d) \| (\w+) \|", PAGE, re.MULTILINE))
    assert listed == {str(layout.code): kind.__name__ for kind, layout in LAYOUTS.items()}


def test_each_reason_is_listed_with_its_number() -> None:
    for reason in (*Reason, *Farewell):
        assert re.search(rf"\b{reason.value} {reason.name.lower().replace('_', ' ')}", PAGE)


def test_the_certificate_is_the_one_shown() -> None:
    der = certificate.make(bytes(32)).hex()
    packed = re.sub(r"\s", "", PAGE)
    assert der[:140] in packed
    assert der[204:224] in packed
