"""What the history, the lists and the report say: plain words, and no names that only the program has."""

import pytest

from localstore.bodies import AllergyBody, MedicationBody, PatientBody
from localstore.emergency.summary import standing
from localstore.kinds import Kind, Status
from localstore.model import Entry
from localstore.reported import is_own_fault
from localstore.rights import telling
from localstore.rights.wording import ENGLISH, FRENCH
from localstore.values import Author, Concept
from tui import identity_words, remembered
from tui.comparing import rows_of
from tui.dates import asked_on
from tui.reading import dosage, told_death

WARNED = "warning-overridden"
ASKED = "rectification-requested"


def version(name: str, *, parents: tuple[str, ...] = (), status: Status = Status.FINAL) -> Entry:
    """A version of one entry."""
    body = AllergyBody(Concept("Lait"))
    return Entry("e", name, "p", "2024", Author("Dr A"), "2026-01-01T00:00:00.000Z", body, parents, status)


@pytest.mark.parametrize(
    ("action", "detail", "told"),
    [
        ("entry-added", "allergy", "Allergy"),
        ("entry-amended", "family-history", "Family history"),
        (WARNED, "allergy-group: toléré en 2020", "allergy to the same group — toléré en 2020"),
        (WARNED, "dicom: name", "a picture that says that it is of somebody else (name)"),
        (WARNED, "said by hand", "said by hand"),
        (ASKED, "date -> done: 1958", "date — corrected: 1958"),
        (ASKED, "a -> b -> refused: c", "a -> b — refused: c"),
        ("record-read", "allergy", "allergy"),  # what somebody typed stays as it is
    ],
)
def test_a_line_is_told_in_words(monkeypatch: pytest.MonkeyPatch, action: str, detail: str, told: str) -> None:
    monkeypatch.setenv("LANGUAGE", "en")
    assert remembered.told(action, detail) == told


@pytest.mark.parametrize(
    ("action", "words", "french", "english"),
    [
        (WARNED, "allergy: x", "une allergie notée au produit — x", "a recorded allergy to it — x"),
        (WARNED, "duplicate: x", "le même médicament déjà pris — x", "the same medicine taken already — x"),
        (
            WARNED,
            "dicom: birth-date",
            "une image qui dit être d'une autre personne (la date de naissance)",
            "a picture that says that it is of somebody else (the birth date)",
        ),
        (ASKED, "date -> done: 1958", "date — corrigé : 1958", "date — corrected: 1958"),
        ("record-read", "appel du SAMU", "appel du SAMU", "appel du SAMU"),
    ],
)
def test_the_report_tells_it_in_both_languages(action: str, words: str, french: str, english: str) -> None:
    assert telling.why(action, words, FRENCH) == french
    assert telling.why(action, words, ENGLISH) == english


@pytest.mark.parametrize(
    ("birth", "died", "told"),
    [
        ("1909-05-01", "1978-04-30", "deceased 1978, 68 years"),
        ("1909-05-01", "1978-05-01", "deceased 1978, 69 years"),
        ("1909-05-01", "1978", "deceased 1978, ~ 69 years"),
        ("", "1978-05-01", "deceased 1978"),
        ("1909-05-01", "yes", "deceased"),
    ],
)
def test_the_dead_do_not_grow_older(monkeypatch: pytest.MonkeyPatch, birth: str, died: str, told: str) -> None:
    monkeypatch.setenv("LANGUAGE", "en")
    assert told_death(birth, died) == told


def test_a_day_is_asked_on_and_a_year_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "en")
    assert [asked_on(one) for one in ("2026-03-01", "2026-03", "2026")] == [
        "asked on 01 Mar 2026", "asked in Mar 2026", "asked in 2026",
    ]  # fmt: skip


def test_as_needed_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "en")
    assert dosage(MedicationBody(Concept("x"), dosage="1 cp Si besoin", as_needed=True)) == "1 cp Si besoin"
    assert "only as needed" in dosage(MedicationBody(Concept("x"), dosage="1 cp", as_needed=True))


def test_a_retracted_head_still_competes_and_is_counted() -> None:
    one = version("a")
    heads = [one, version("b", parents=("a",)), version("c", parents=("a",), status=Status.ENTERED_IN_ERROR)]
    (found,) = standing(heads)
    assert (found.entry.version, found.competing, found.versions, found.retracted) == ("b", True, 2, 1)
    (alone,) = standing([one])
    assert (alone.competing, alone.versions, alone.retracted) == (False, 1, 0)


def test_the_status_of_a_version_is_not_called_its_due_date(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "en")
    assert "Status of the entry" in [label for label, _ in rows_of(version("a"))]


def test_what_cannot_be_is_told_once_and_of_an_amendment_only_what_is_new() -> None:
    body = PatientBody("Petit", birth_date="2999-01-01")
    assert identity_words.needs_yes(body, None, "2026-01-01")
    assert not identity_words.needs_yes(body, body, "2026-01-01")
    assert not identity_words.unlikely(PatientBody("Petit", birth_date="31/02/1960"), "2026-01-01")
    assert not identity_words.needs_yes(PatientBody("Petit", ins="123456789012244"), None, "2026-01-01")


@pytest.mark.parametrize(("code", "ours"), [(None, True), (1, True), (21, True), (11, False), (26, False), (13, False)])
def test_a_wrong_statement_is_our_own_fault_and_no_damage(code: int | None, ours: bool) -> None:
    error = RuntimeError("x")
    if code is not None:
        error.sqlite_errorcode = code  # type: ignore[attr-defined]
    assert is_own_fault(error) is ours


def test_every_kind_has_a_word() -> None:
    for kind in Kind:
        assert remembered.told("entry-added", kind.value) != ""
