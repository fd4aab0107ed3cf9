"""The addresses of our own extensions are part of the format: whoever reads an export finds them in the docs."""

import re
from pathlib import Path

from localstore.fhir import codes

FORMATS = Path(__file__).parents[2] / "docs" / "formats.md"


def test_every_address_of_ours_is_documented_and_no_other() -> None:
    text = FORMATS.read_text(encoding="utf-8").partition("### Kinds and resources")[2]
    named = set(re.findall(r"`urn:confrere:(?:fhir:)?([a-z0-9-]+)`", text)) | set(re.findall(r"`:([a-z-]+)`", text))
    ours = {value.rpartition(":")[2] for name, value in vars(codes).items() if name.startswith("OWN_")}
    assert named == ours


def test_no_two_have_the_same_address() -> None:
    ours = [value for name, value in vars(codes).items() if name.startswith("OWN_")]
    assert len(ours) == len(set(ours))
