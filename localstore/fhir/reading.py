"""What reading one resource has at hand: its neighbours, its own extensions, and the remarks it collects on the way."""

from collections.abc import Callable
from typing import Any

from localstore.fhir import remarks
from localstore.fhir.dates import is_clinical_date
from localstore.fhir.label import label_of
from localstore.fhir.references import normal
from localstore.fhir.shapes import Annotation, Extension, Period, Reference

MAX_QUOTED = 80  # characters of an absurd date that are worth showing
Resolve = Callable[[str], dict[str, Any] | None]


class Reading:
    """One resource being read. `remarks` are what the source says and the body has no field for, in words; `subject`
    is whom it is about, where that does not stand in the usual fields."""

    __slots__ = ("extensions", "remarks", "resolve", "resource", "subject")

    def __init__(self, resource: dict[str, Any], resolve: Resolve, extensions: list[Extension] | None) -> None:
        self.resource = resource
        self.resolve = resolve
        self.extensions = extensions
        self.remarks: list[str] = []
        self.subject: Reference | None = None

    def own_text(self, url: str) -> str:
        """What the resource says in an extension of ours: a field that FHIR has no place for."""
        return own_text(self.extensions, url) if self.extensions else ""

    def own_mark(self, url: str) -> bool:
        """Whether the resource has that mark of ours."""
        return own_mark(self.extensions, url) if self.extensions else False

    def date(self, text: str | None) -> str:
        """`text` if it is a date; otherwise nothing, and a remark that quotes it."""
        if not text:
            return ""
        if is_clinical_date(text):
            return text
        self.remarks.append(remarks.DATE.format(text[:MAX_QUOTED]))
        return ""

    def start(self, period: Period | None) -> str:
        """The start of a period."""
        return self.date(period.start) if period else ""

    def end(self, period: Period | None) -> str:
        """The end of a period."""
        return self.date(period.end) if period else ""

    def referred(self, reference: Reference | None) -> dict[str, Any] | None:
        """The resource that a reference points to: a contained one, or what the bundle has; None if out of reach."""
        if reference is None or not reference.reference:
            return None
        target = reference.reference
        return self._contained(target[1:]) if target.startswith("#") else self.resolve(normal(target))

    def _contained(self, identifier: str) -> dict[str, Any] | None:
        contained = self.resource.get("contained")
        for inner in contained if type(contained) is list else ():
            if type(inner) is dict and inner.get("id") == identifier:
                return inner
        return None

    def name_of(self, reference: Reference | None) -> str:
        """What a reference points to, in words: its display, else the best words of the resource, else nothing."""
        if reference is None:
            return ""
        if reference.display:
            return reference.display
        found = self.referred(reference)
        return label_of(found) if found else ""

    def note(self, annotations: list[Annotation] | None) -> str:
        """The notes of the resource and after them the remarks, a line each."""
        lines = [annotation.text for annotation in annotations or () if annotation.text]
        return "\n".join(lines + self.remarks)


def own(extensions: list[Extension] | None, url: str) -> Extension | None:
    """The extension with this address, if it is there."""
    for extension in extensions or ():
        if extension.url == url:
            return extension
    return None


def own_mark(extensions: list[Extension] | None, url: str) -> bool:
    """Whether there is an extension with this address, and it says yes."""
    found = own(extensions, url)
    return found is not None and found.valueBoolean is True


def own_text(extensions: list[Extension] | None, url: str) -> str:
    """The text of the extension with this address: its string, code or date."""
    found = own(extensions, url)
    return (found.valueString or found.valueCode or found.valueDateTime or "") if found else ""
