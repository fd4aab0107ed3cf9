"""Advance directives, letters, and the files that the record keeps."""

from base64 import b64encode
from typing import Any

import pytest

from localstore.bodies import DirectiveBody, DocumentBody, LetterBody
from localstore.fhir.json_text import decode, encode
from localstore.fhir.write import write_entry
from localstore.kinds import Status
from localstore.values import Attachment
from tests.fhir.entries import PATIENT_URL, entry, there_and_back
from tests.fhir.reading_of import HL7, Json, body_of, coded, other, read

ADVANCE = coded("adr", HL7 + "consentscope")
FILE = Attachment("5e6b1c526f5b4a518a396d0f5f2f7f10", 524_288_000, "0f" * 32, "application/pdf", "Directives.pdf")


def directive(**fields: Any) -> DirectiveBody:
    return body_of(read("Consent", **({"status": "active", "scope": ADVANCE} | fields)), DirectiveBody)


def test_a_directive() -> None:
    found = read(
        "Consent",
        status="active",
        scope=ADVANCE,
        category=[coded("acd", HL7 + "consentcategorycodes"), coded("dnr", HL7 + "consentcategorycodes", "DNR")],
        patient={"reference": "Patient/1"},
        dateTime="2021-03",
        sourceAttachment={"contentType": "text/plain", "data": b64encode(b"Pas d'acharnement").decode()},
        provision={"type": "deny"},
    )
    body = body_of(found, DirectiveBody)
    assert (found.date, found.patient_reference) == ("2021-03", "Patient/1")
    assert (body.type.label, body.state) == ("DNR", "active")
    assert body.text == "Pas d'acharnement\nDispositions détaillées à lire dans la source."


@pytest.mark.parametrize("category", [coded("acd", HL7 + "consentcategorycodes"), coded("42348-3", "http://loinc.org")])
def test_a_directive_is_known_by_its_category_too(category: Json) -> None:
    assert body_of(read("Consent", status="active", category=[category]), DirectiveBody).state == "active"


@pytest.mark.parametrize("scope", ["patient-privacy", "research", "treatment"])
def test_any_other_consent_is_kept_as_it_is(scope: str) -> None:
    consent = {"scope": coded(scope, HL7 + "consentscope"), "patient": {"reference": "Patient/1"}}
    assert other("Consent", status="active", **consent).resource_type == "Consent"
    assert read("Consent", None, **consent).patient_reference == "Patient/1"


@pytest.mark.parametrize("status", ["draft", "proposed", "rejected"])
def test_what_nobody_has_agreed_to_does_not_stand(status: str) -> None:
    body = directive(status=status)
    assert body.state == "inactive" and body.text.startswith("Statut dans la source : ")


def test_the_file_of_a_directive_comes_along() -> None:
    data = b64encode(b"%PDF-1.7").decode()
    body = directive(sourceAttachment={"contentType": "application/pdf", "data": data})
    assert (body.media_type, body.content, body.text) == ("application/pdf", b"%PDF-1.7", "")
    assert (
        directive(sourceReference={"display": "Chez le notaire"}).text == "Original selon la source : Chez le notaire."
    )


def test_a_file_of_the_record_is_written_as_an_attachment_with_its_digest() -> None:
    written = write_entry(entry(DocumentBody("Radio", attachment=FILE)), PATIENT_URL)
    assert [part["attachment"] for part in written["content"]] == [
        {
            "extension": [{"url": "urn:confrere:fhir:blake2b-256", "valueString": "0f" * 32}],
            "contentType": "application/pdf",
            "url": "urn:uuid:5e6b1c52-6f5b-4a51-8a39-6d0f5f2f7f10",
            "size": 524_288_000,
            "title": "Directives.pdf",
        }
    ]


def kept(**changed: Any) -> Json:
    """The content of a DocumentReference of ours, with something changed."""
    attachment = {
        "extension": [{"url": "urn:confrere:fhir:blake2b-256", "valueString": "0f" * 32}],
        "url": "urn:uuid:5e6b1c52-6f5b-4a51-8a39-6d0f5f2f7f10",
        "size": 12,
    }
    return {"content": [{"attachment": attachment | changed}]}


def test_a_file_of_the_record_is_read_back() -> None:
    body = body_of(read("DocumentReference", **kept()), DocumentBody)
    assert body.attachment == Attachment(FILE.id, 12, "0f" * 32)


@pytest.mark.parametrize(
    "changed",
    [
        {"extension": []},
        {"extension": [{"url": "urn:confrere:fhir:blake2b-256", "valueString": "0F" * 32}]},
        {"extension": [{"url": "urn:confrere:fhir:blake2b-256", "valueString": "0f" * 31}]},
        {"url": "https://example.org/5e6b1c52-6f5b-4a51-8a39-6d0f5f2f7f10"},
        {"url": "urn:uuid:x"},
        {"size": -1},
        {"size": 1.5},
        {"size": 2**70},
        {"size": None},
    ],
)
def test_an_attachment_that_is_not_wholly_ours_is_a_file_elsewhere(changed: Json) -> None:
    body = body_of(read("DocumentReference", **kept(**changed)), DocumentBody)
    assert body.attachment is None and body.text.startswith("Fichier non joint : ")


def test_a_file_larger_than_fhir_can_count_keeps_its_size() -> None:
    large = Attachment(FILE.id, 2**40, FILE.digest)
    written = write_entry(entry(DocumentBody("Scanner", attachment=large)), PATIENT_URL)
    assert "size" not in written["content"][0]["attachment"]
    assert there_and_back(entry(DocumentBody("Scanner", attachment=large))).body == DocumentBody(
        "Scanner", attachment=large
    )


LETTER = LetterBody("Avis", "received", "Dr Anne Roy", "10003461033", "Cher confrère")


def test_a_letter_that_was_received_is_not_by_whom_filed_it() -> None:
    written = decode(encode(write_entry(entry(LETTER), PATIENT_URL)), "letter")
    assert "author" not in written
    sent = LetterBody("Avis", "sent", "Dr Anne Roy")
    assert "author" in write_entry(entry(sent), PATIENT_URL)


def test_another_systems_letter_is_a_document() -> None:
    fields = {"status": "current", "type": coded("51852-2", "http://loinc.org", "Letter"), "description": "Avis"}
    assert body_of(read("DocumentReference", None, **fields), DocumentBody).title == "Avis"
    mine = write_entry(entry(LETTER, status=Status.FINAL), PATIENT_URL)
    assert mine["type"]["coding"][0]["code"] == "51852-2"
    wrong = coded("sideways", "urn:confrere:fhir:letter")
    assert isinstance(read("DocumentReference", None, category=[wrong], **fields).body, DocumentBody)
