"""The report for the patient: all of it, in words, for whatever the record holds; the FHIR bundle beside it."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
import pypdf
import pytest

from localstore import exporting, history, record, roles
from localstore.bodies import (
    BODIES,
    Body,
    Component,
    ConsultationBody,
    FamilyHistoryBody,
    PatientBody,
    ProblemBody,
    RecallBody,
)
from localstore.errors import AlreadyThere, NotYourRole
from localstore.identities import merging
from localstore.kinds import Kind, Sensitivity
from localstore.practice import Practice
from localstore.rights import account, paper, report, telling, wording
from localstore.rights.wording import ENGLISH, FRENCH
from localstore.values import Attachment, Coding, Concept, Contact, Quantity
from sync.sending import sharing
from tests import practices
from tests.rights import cases

WHOLE_RECORD = 3000  # entries: more than any of the sample patients has
SECONDS = 60.0  # for those, on a slow machine; measured: see docs


@pytest.fixture
def practice(tmp_path: Path) -> Iterator[Practice]:
    """An open practice with nobody in it."""
    made = practices.make(tmp_path / "practice")
    yield made
    made.close()


def words_of(data: bytes) -> str:
    """All that can be read in a PDF, in one line."""
    return " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(data)).pages).split())


def plain(words: str) -> str:
    """Without white space: where a line is broken says nothing."""
    return "".join(words.split())


def rendered(practice: Practice, patient: str, tongue: int = FRENCH) -> str:
    """The words of the report."""
    return words_of(paper.render(account.of_patient(practice, patient), tongue))


def example(kind: type) -> Any:
    """A value of a field's type that says something unmistakable."""
    return {
        str: "dit-ceci",
        bytes: b"octets",
        bool: True,
        int: 7,
        Concept: Concept("dit-cela", (Coding("s", "code-dit"),)),
        Decimal: Decimal("4.5"),
        Quantity: Quantity(Decimal("4.5"), "mmol/L"),
        Attachment: Attachment("0" * 32, 12, "0" * 64, "image/png", "photo-dite"),
        Contact: Contact("Odile", "sœur", "0102030405"),
        Component: Component(Concept("partie-dite"), Quantity(Decimal("9.5"), "g")),
    }[kind]


def filled(kind: type[Body]) -> Iterator[tuple[str, Body]]:
    """The body of a kind with each of its fields filled in turn."""
    needed: dict[str, Any] = {
        field.name: "nom-nu" if field.type is str else Concept("intitulé-nu")
        for field in msgspec.structs.fields(kind)
        if field.required
    }
    for field in msgspec.structs.fields(kind):
        of = getattr(field.type, "__args__", (field.type,))
        value = example(next(one for one in of if one is not Ellipsis and one is not type(None)))
        is_many = getattr(field.type, "__origin__", None) is tuple
        yield field.name, kind(**(needed | {field.name: (value,) if is_many else value}))


@pytest.mark.parametrize("kind", list(Kind), ids=str)
def test_every_field_of_every_kind_is_told_and_has_a_name(kind: Kind) -> None:
    for name, body in filled(BODIES[kind]):
        for tongue in (FRENCH, ENGLISH):
            said = dict(telling.said_by(body, tongue))
            assert said.get(name), name
            assert name in wording.FIELDS, name
    assert kind in wording.KINDS


def test_the_report_tells_everything_in_french(practice: Practice) -> None:
    patient = cases.marked(practice)
    body = ConsultationBody("secret", "caché", "confidentiel", "rien")
    record.add(practice, patient, body, "2025-01", sensitivity=Sensitivity.RESTRICTED)
    wrong = record.add(practice, patient, ProblemBody(Concept("Erratum")), "2020")
    record.retract(practice, wrong.version, "mauvais dossier")
    record.open_chart(practice, patient, "appel du SAMU")
    words = rendered(practice, patient)
    for mark in cases.MARKS[:-1]:
        assert mark.lower() in words.lower(), mark
    for said in (
        "Relevé de votre dossier médical",
        "caché",
        "partage restreint",
        "Erratum",
        "inscrit par erreur",
        "mauvais dossier",
        "version remplacée depuis",
        "a consulté le dossier : appel du SAMU",
        "2 novembre 2025",
        "Dr Alpha (RPPS 10001234567)",
        "huit jours",
        "deux mois",
        "www.cnil.fr/fr/plaintes",
        "1er mars 2046",
        "Aucun consentement",
    ):
        assert plain(said) in plain(words), said


def test_english_beside_it(practice: Practice) -> None:
    words = rendered(practice, cases.marked(practice), ENGLISH)
    for said in ("Report on your medical record", "Problems and past history", "eight days", "kept until 2046-03-01"):
        assert plain(said) in plain(words), said


def test_with_whom_it_was_shared(tmp_path: Path) -> None:
    alpha, beta, of_beta, _ = practices.two_desks(tmp_path)
    patient = cases.marked(alpha.practice)
    consent = sharing.grant(alpha, patient, of_beta, purpose="avis spécialisé")
    sharing.share(alpha, patient, of_beta)
    sharing.revoke(alpha, consent)
    words = rendered(alpha.practice, patient)
    for said in ("Dr Beta (RPPS 10001234575)", "avis spécialisé", "Retiré le 1er mars 2026", "oralement"):
        assert plain(said) in plain(words), said
    alpha.close()
    beta.close()


def test_hostile_words_are_shown_and_long_ones_are_whole(practice: Practice) -> None:
    patient = record.add_patient(practice, PatientBody("</para><b>Bobby", ("\u202eevil",))).id
    long = " ".join(f"mot{number}" for number in range(20_000))
    record.add(practice, patient, ConsultationBody("\x1b]52;c;AAAA\x07", findings=long), "9999")
    words = plain(rendered(practice, patient))
    assert "</para><b>Bobby" in words
    assert "[U+202E]evil" in words
    assert "[U+001B]" in words
    assert all(f"mot{number}" in words for number in range(0, 20_000, 7))


def test_the_files_and_the_line(practice: Practice, tmp_path: Path) -> None:
    patient = cases.marked(practice)
    folder = tmp_path / "pour elle"
    written = dict(report.write(practice, patient, folder, why="demande du 12 mars"))
    assert set(written) == {"dossier.pdf", "dossier.json"}
    assert all((folder / name).stat().st_mode & 0o077 == 0 for name in written)
    bundle = json.loads((folder / "dossier.json").read_bytes())
    assert bundle["resourceType"] == "Bundle"
    actions = [(line.action, line.detail) for line in history.lines(practice.connection)]
    assert ("patient-report", "demande du 12 mars") in actions
    with pytest.raises(AlreadyThere):
        report.write(practice, patient, folder)
    report.write(practice, patient, folder, replace=True)


def test_a_secretary_makes_none(practice: Practice, tmp_path: Path) -> None:
    patient = cases.marked(practice)
    secretary = replace(practice, user=replace(practice.user, role="secretary"))
    with pytest.raises(NotYourRole):
        report.write(secretary, patient, tmp_path / "pour elle")
    assert not (tmp_path / "pour elle").exists()


def test_a_long_record_takes_seconds_and_the_pages_are_counted(practice: Practice) -> None:
    patient = record.add_patient(practice, cases.OTHER).id
    told = account.of_patient(practice, patient)
    one = cases.BODIES
    entry = record.add(practice, patient, one[0][0], one[0][1])
    many = [
        account.Recorded(msgspec.structs.replace(entry, date=f"{1950 + number % 70}", body=one[number % 4][0]), False)
        for number in range(WHOLE_RECORD)
    ]
    started = time.perf_counter()
    data = paper.render(told._replace(entries={**told.entries, Kind.PROBLEM: many}))
    assert time.perf_counter() - started < SECONDS
    pages = pypdf.PdfReader(BytesIO(data)).pages
    assert len(pages) > 50
    assert plain(f"page {len(pages)}/{len(pages)}") in plain(pages[-1].extract_text())
    assert plain(f"page 1/{len(pages)}") in plain(pages[0].extract_text())


# What no line about one patient says.
_NOT_ABOUT_ONE = (
    "colleague-", "recovery-", "user-", "backup-", "key-", "head-", "terms-", "practice-made", "history-dropped",
    "restore", "passphrase-", "record-key-", "feed-restarted", "document-set-aside", "extract-received",
    "patient-erased", "letter-received", "lot-", "card-updated", "sealing-key-", "unattended-",
)  # fmt: skip


def test_every_action_about_a_patient_has_plain_words() -> None:
    wanted = {action for action in roles.actions() if not action.startswith(_NOT_ABOUT_ONE)}
    assert set(wording.ACTIONS) == wanted


def test_a_number_that_is_zero_is_told_and_one_that_was_not_given_is_not() -> None:
    family = FamilyHistoryBody(relationship=Concept("père"), conditions=(Concept("cécité"),), onset_age=0)
    assert dict(telling.said_by(family, FRENCH))["onset_age"] == "0"
    assert "onset_age" not in dict(telling.said_by(msgspec.structs.replace(family, onset_age=None), FRENCH))
    assert "every_months" not in dict(telling.said_by(RecallBody(Concept("vaccin")), FRENCH))


def test_why_it_was_exported_and_merged_is_told(practice: Practice) -> None:
    patient, other = cases.marked(practice), cases.marked(practice)
    exporting.export_patient(practice, patient, why="demande du médecin conseil")
    merging.merge(practice, patient, other, "même personne")
    words = {one.action: one.words for one in account.of_patient(practice, patient).accesses}
    assert words["exported"] == "demande du médecin conseil"
    assert words["patients-merged"] == "même personne"
