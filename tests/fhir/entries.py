"""Whole entries, as a practice may hold them, and their way to FHIR and back."""

from hypothesis import strategies as st

from localstore.bodies import Body
from localstore.fhir.json_text import decode, encode
from localstore.fhir.read import ReadResource, read_resource
from localstore.fhir.write import write_entry
from localstore.kinds import Sensitivity, Status
from localstore.model import Entry
from localstore.values import Author
from tests.fhir.parts import MAYBE_DATE, RPPS, WORDS

PATIENT_URL = "urn:uuid:5e6b1c52-6f5b-4a51-8a39-6d0f5f2f7f10"
AUTHORS = st.builds(Author, name=WORDS, rpps=RPPS)


def entries(bodies: st.SearchStrategy[Body]) -> st.SearchStrategy[Entry]:
    """Entries of these bodies."""
    return st.builds(
        Entry,
        id=st.just("0f" * 16),
        version=st.just("a1" * 16),
        patient=st.just("5e" * 16),
        date=st.one_of(MAYBE_DATE, st.just("2019-04-01T08:30")),
        author=AUTHORS,
        recorded=st.just("2026-03-01T09:30:00.000Z"),
        body=bodies,
        status=st.sampled_from(Status),
        sensitivity=st.sampled_from(Sensitivity),
    )


def entry(body: Body, date: str = "2024-05-06", status: Status = Status.FINAL) -> Entry:
    """One plain entry."""
    return Entry(
        id="0f" * 16,
        version="a1" * 16,
        patient="5e" * 16,
        date=date,
        author=Author("Dr Camille Petit", "10003461033"),
        recorded="2026-03-01T09:30:00.000Z",
        body=body,
        status=status,
    )


def there_and_back(source: Entry) -> ReadResource:
    """The entry written, carried as bytes, and read."""
    raw = encode(write_entry(source, PATIENT_URL))
    return read_resource(decode(raw, "resource"), lambda reference: None)
