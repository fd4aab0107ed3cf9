"""Documents, reports and their files."""

from base64 import b64encode

import pytest

from localstore.bodies import MAX_DOCUMENT_BYTES, DocumentBody
from localstore.kinds import Status
from tests.fhir.reading_of import Json, document, read

PDF = b"%PDF-1.7 ..."


def attached(content: bytes = PDF, media_type: str = "application/pdf", **more: object) -> Json:
    return {"contentType": media_type, "data": b64encode(content).decode(), **more}


def contents(*attachments: Json) -> list[Json]:
    return [{"attachment": attachment} for attachment in attachments]


def test_a_document() -> None:
    found = read(
        "DocumentReference",
        status="current",
        type={"text": "Compte rendu"},
        description="Scanner",
        content=contents(attached()),
        context={"period": {"start": "2024-05-06"}},
        date="2024-06-01T00:00:00Z",
    )
    assert found.date == "2024-05-06"
    assert isinstance(found.body, DocumentBody)
    assert (found.body.title, found.body.media_type, found.body.content) == ("Scanner", "application/pdf", PDF)
    assert (found.body.type.text, found.body.text) == ("Compte rendu", "")


def test_plain_text_becomes_words() -> None:
    body = document(content=contents(attached("Tout va bien, été".encode(), "text/plain; charset=utf-8")))
    assert (body.text, body.content) == ("Tout va bien, été", b"")


def test_text_in_another_encoding_is_kept_as_a_file() -> None:
    body = document(content=contents(attached("été".encode("latin-1"), "text/plain")))
    assert (body.text, body.content) == ("", "été".encode("latin-1"))


def test_line_ends_inside_base64_are_no_error() -> None:
    data = b64encode(PDF * 9).decode()
    broken = "\r\n".join(data[place : place + 76] for place in range(0, len(data), 76))
    assert document(content=contents({"contentType": "application/pdf", "data": broken})).content == PDF * 9


@pytest.mark.parametrize("data", ["%%%", "YWJj=YWJj", "é", "YWJ"])
def test_a_file_that_is_not_base64_is_named_and_left_with_the_source(data: str) -> None:
    body = document(content=contents({"contentType": "application/pdf", "data": data, "title": "scan.pdf"}))
    assert (body.content, body.text) == (b"", "Fichier illisible, conservé avec la source : scan.pdf.")


def test_the_largest_file_fits_and_a_larger_one_is_left_with_the_source() -> None:
    largest = bytes(MAX_DOCUMENT_BYTES)
    assert document(content=contents(attached(largest))).content == largest
    body = document(content=contents(attached(largest + b"x", title="film.mp4")))
    assert (body.content, body.text) == (b"", "Fichier conservé avec la source : film.mp4.")


def test_a_second_file_is_named() -> None:
    body = document(content=contents(attached(), attached(b"other", "image/png", title="photo")))
    assert (body.content, body.text) == (PDF, "Fichier conservé avec la source : photo.")


def test_a_file_elsewhere_is_named_and_never_fetched() -> None:
    body = document(content=contents({"contentType": "application/pdf", "url": "https://example.org/a.pdf"}))
    assert (body.content, body.text) == (b"", "Fichier non joint : https://example.org/a.pdf.")


def test_a_file_in_a_binary_of_the_bundle_is_found() -> None:
    binary = {"resourceType": "Binary", "contentType": "application/pdf", "data": b64encode(PDF).decode()}
    body = document(content=contents({"url": "Binary/1"}), neighbours={"Binary/1": binary})
    assert (body.media_type, body.content) == ("application/pdf", PDF)


def test_a_link_to_something_else_is_no_file() -> None:
    body = document(
        content=contents({"url": "Goal/1", "title": "but"}), neighbours={"Goal/1": {"resourceType": "Goal"}}
    )
    assert body.text == "Fichier non joint : but."


def test_a_replaced_document_says_so() -> None:
    assert document(status="superseded").text == "Document remplacé par un autre."
    assert document(status="current", docStatus="preliminary").text == "Statut dans la source : provisoire."


def test_what_was_entered_in_error_has_that_status() -> None:
    wrong = "entered-in-error"
    assert read("DocumentReference", status=wrong).status is Status.ENTERED_IN_ERROR
    assert read("DocumentReference", status="current", docStatus=wrong).status is Status.ENTERED_IN_ERROR
    assert read("DiagnosticReport", status=wrong).status is Status.ENTERED_IN_ERROR


def test_a_report() -> None:
    found = read(
        "DiagnosticReport",
        status="final",
        code={"text": "Bilan lipidique"},
        conclusion="Normal",
        conclusionCode=[{"text": "RAS"}],
        result=[{"display": "Cholestérol"}, {"reference": "urn:uuid:1"}],
        presentedForm=[attached()],
        effectiveDateTime="2024-05-06",
        issued="2024-05-07T00:00:00Z",
        neighbours={"urn:uuid:1": {"resourceType": "Observation", "code": {"text": "Triglycérides"}}},
    )
    assert found.date == "2024-05-06"
    assert isinstance(found.body, DocumentBody)
    assert (found.body.title, found.body.content) == ("Bilan lipidique", PDF)
    assert found.body.text == "Normal\nRAS\nCholestérol\nTriglycérides"


def test_a_report_that_is_not_final_says_so() -> None:
    assert document("DiagnosticReport", status="partial").text == "Statut dans la source : partiel."
