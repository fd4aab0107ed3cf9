"""An unsigned consultation that the automatic lock interrupted: kept in the record as a restricted document. Pure.

Nobody is there to be asked when the screen locks by itself, and text that a doctor typed is never lost in silence. A
draft is restricted, so that it travels nowhere; resuming it retracts it.
"""

from collections.abc import Iterable

import msgspec

from localstore.bodies import ConsultationBody, DocumentBody
from localstore.kinds import Provenance, Status
from localstore.model import Entry
from localstore.values import Coding, Concept
from tui.words.catalogue import text

SYSTEM = "urn:confrere:draft"
MEDIA_TYPE = "application/vnd.confrere.draft+msgpack"


class Draft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stood on the form: the consultation, the vital signs as typed, the date as typed."""

    body: ConsultationBody
    vitals: dict[str, str]
    date: str

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed."""
        return self.body == ConsultationBody() and not any(said.strip() for said in self.vitals.values())


def document(draft: Draft) -> DocumentBody:
    """The draft as a document that can be read without this program."""
    parts = (draft.body.reason, draft.body.findings, draft.body.conclusion, draft.body.plan)
    vitals = ", ".join(f"{name} {said}" for name, said in draft.vitals.items() if said.strip())
    return DocumentBody(
        title=text("Unsigned consultation, kept by the automatic lock"),
        type=Concept(codings=(Coding(SYSTEM, "consultation"),)),
        text="\n\n".join(part for part in (*parts, vitals) if part),
        media_type=MEDIA_TYPE,
        content=msgspec.msgpack.encode(draft),
    )


def note(typed: Iterable[tuple[str, str]]) -> DocumentBody | None:
    """What stood on another form, as (label, words), to be read and typed again; None where nothing was typed."""
    lines = [f"{label} : {said}" for label, said in typed if said.strip()]
    return (
        DocumentBody(title=text("Unsaved form, kept by the automatic lock"), text="\n".join(lines)) if lines else None
    )


def waiting(entries: Iterable[Entry]) -> tuple[Entry, Draft] | None:
    """The newest draft of a record, with its entry; only one that was made here counts."""
    for entry in sorted(entries, key=lambda one: one.recorded, reverse=True):
        body = entry.body
        if not isinstance(body, DocumentBody) or body.media_type != MEDIA_TYPE:
            continue
        if entry.status is not Status.FINAL or entry.provenance is not Provenance.OWN:
            continue
        try:
            return entry, msgspec.msgpack.decode(body.content, type=Draft)
        except (msgspec.DecodeError, ValueError):
            continue
    return None
