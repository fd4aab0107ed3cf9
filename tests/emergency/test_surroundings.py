"""What surrounds the patient on the emergency sheet and in the document: devices, family, directives, people; and what
never stands there."""

from typing import Any

import pytest

from localstore.bodies import (
    AppointmentBody,
    Body,
    CarerBody,
    DeviceBody,
    DirectiveBody,
    FamilyHistoryBody,
    ImmunisationBody,
    LetterBody,
    MedicationBody,
    PatientBody,
    ProblemBody,
    ProcedureBody,
    RecallBody,
    RelativeBody,
)
from localstore.emergency import ips, narrative, sheet, wording
from localstore.emergency.sections import Knowledge, SectionName, Summary
from localstore.model import Entry
from localstore.values import Attachment, Contact
from tests.emergency.charts import JEANNE, entry, of, printed, squeezed, words
from tests.emergency.ips_conditions import CONDITIONS, code_of, of_type, sections

DEVICE = DeviceBody(words("Stimulateur cardiaque"), identifier="UDI-42", manufacturer="Essai SA")
MOTHER = FamilyHistoryBody(words("mère"), (words("Cancer du sein"), words("HTA")), 48, "2001-05")
WISHES = DirectiveBody(words("Directives anticipées"), "Pas de réanimation.", place="coffre du cabinet")
HUSBAND = RelativeBody("Yann Kervella", words("époux"), "06 98 76 54 32", to_call=True, trusted=True)
NEIGHBOUR = RelativeBody("Lise Roux", words("voisine"), "07 00 00 00 00", to_call=True)
NURSE = CarerBody("Mme Petit", words("Infirmière"), "10003518722", "02 00 00 00 00", "SSIAD")


def everything() -> list[Entry]:
    """A patient with something of each."""
    bodies: list[Body] = [DEVICE, MOTHER, WISHES, HUSBAND, NEIGHBOUR, NURSE]
    return [entry(body, "2020-04") for body in bodies]


def text_of(summary: Summary) -> str:
    """The text of the sheet, without white space."""
    return printed(sheet.render(summary))


def faults(bundle: dict[str, Any]) -> list[str]:
    """The conditions of IPS that do not hold."""
    return [condition.__name__ for condition in CONDITIONS if condition(bundle)]


def test_everything_that_surrounds_the_patient_is_printed_whole() -> None:
    text = text_of(of(JEANNE, *everything()))
    for said in (
        "Stimulateur cardiaque", "n° UDI-42", "Essai SA", "depuis avril 2020", "Antécédents familiaux — complet : 1",
        "Cancer du sein, HTA", "à partir de 48 ans", "décès en mai 2001", "Pas de réanimation.",
        "original : coffre du cabinet", "Mme Petit", "Infirmière", "SSIAD", "tél. 02 00 00 00 00",
        "À prévenir : Yann Kervella, époux · 06 98 76 54 32 — PERSONNE DE CONFIANCE", "Lise Roux", "Anne Le Goff",
    ):  # fmt: skip
        assert squeezed(said) in text, said
    assert text.count(squeezed("Yann Kervella")) == 1  # a contact of the identity too, with the same number


def test_the_document_holds_them_and_is_an_ips() -> None:
    bundle = ips.build(of(JEANNE, *everything()))
    assert faults(bundle) == []
    use, device = of_type(bundle, "DeviceUseStatement")[0], of_type(bundle, "Device")[0]
    assert (use["status"], device["identifier"], device["manufacturer"]) == (
        "active",
        [{"value": "UDI-42"}],
        "Essai SA",
    )
    relative = of_type(bundle, "FamilyMemberHistory")[0]
    assert relative["condition"][0]["onsetAge"]["value"] == 48 and relative["deceasedDate"] == "2001-05"
    team = of_type(bundle, "CareTeam")[0]
    assert team["participant"][0]["member"]["identifier"]["value"] == "10003518722"
    contacts = of_type(bundle, "Patient")[0]["contact"]
    assert [one["name"]["text"] for one in contacts] == ["Yann Kervella", "Lise Roux", "Anne Le Goff"]
    assert [one.get("text") for one in contacts[0]["relationship"]] == ["époux", None, "Personne de confiance"]
    assert "coffre du cabinet" in narrative.of_section(of(JEANNE, *everything()).section(SectionName.DIRECTIVES),
                                                       of(JEANNE))["div"]  # fmt: skip


@pytest.mark.parametrize("body", [AppointmentBody(reason="SECRET"), RecallBody(words("SECRET"))])
def test_what_is_planned_is_nowhere_not_even_as_a_number(body: Body) -> None:
    without, planned = of(JEANNE), of(JEANNE, entry(body, "2026-04-01T10:00"))
    assert text_of(planned) == text_of(without)
    assert "SECRET" not in ips.encode(ips.build(planned)).decode()
    assert planned.left_out == ()


@pytest.mark.parametrize(
    ("body", "name", "code"),
    [
        (DeviceBody(none_known=True), SectionName.DEVICES, "46264-8"),
        (ProcedureBody(none_known=True), SectionName.PROCEDURES, "47519-4"),
        (ImmunisationBody(none_known=True), SectionName.IMMUNISATIONS, "11369-6"),
        (FamilyHistoryBody(none_known=True), SectionName.FAMILY, "10157-6"),
    ],
)
def test_none_known_is_said_with_its_date_and_not_asked_is_something_else(
    body: Body, name: SectionName, code: str
) -> None:
    asked, silent = of(JEANNE, entry(body, "2024-05-02")), of(JEANNE)
    assert (asked.section(name).knowledge, silent.section(name).knowledge) == (Knowledge.NONE, Knowledge.NOT_ASKED)
    said = squeezed(f"{wording.TITLES[name]} : {wording.NONE_KNOWN[name]} (demandé le 2 mai 2024")
    assert said in text_of(asked) and said not in text_of(silent)
    bundle = ips.build(asked)
    assert faults(bundle) == [] == faults(ips.build(silent))
    section = next(one for one in sections(bundle) if code_of(one) == code)
    assert ("entry" in section) is (name is not SectionName.FAMILY)
    other = [one for one in sections(ips.build(silent)) if code_of(one) == code]
    assert [one["emptyReason"]["coding"][0]["code"] for one in other] == (
        ["notasked"] if name in wording.RECOMMENDED else []
    )


def test_what_is_over_is_counted_and_what_is_restricted_is_withheld() -> None:
    summary = of(
        JEANNE,
        entry(DeviceBody(words("Ancien"), "completed")),
        entry(CarerBody("Partie", end="2020")),
        entry(DirectiveBody(words("Vieille"), state="inactive")),
        entry(NEIGHBOUR, restricted=True),
        entry(MOTHER, restricted=True),
        entry(RelativeBody("Cousin")),
        entry(LetterBody("Avis")),
    )
    text = text_of(summary)
    for said in ("1 dispositif retiré ou abandonné : non repris ici", "1 ancien intervenant", "1 directive qui n'est",
                 "Personnes à prévenir, 1 élément restreint non communiqué", "partiel : 0 sur 1",
                 "1 courrier, 1 autre membre de la famille"):  # fmt: skip
        assert squeezed(said) in text, said
    encoded = ips.encode(ips.build(summary)).decode()
    assert not [name for name in ("Lise Roux", "Cancer du sein", 'Ancien"', "Vieille") if name in encoded]
    assert faults(ips.build(summary)) == []


def test_a_refuted_problem_is_history_and_a_refuted_allergy_is_none_that_counts() -> None:
    summary = of(JEANNE, entry(ProblemBody(words("Asthme"), verification="refuted")))
    assert [item.label for item in summary.section(SectionName.HISTORY).items] == ["Asthme"]
    assert summary.section(SectionName.PROBLEMS).knowledge is Knowledge.NOT_ASKED
    assert "INFIRMÉ" in text_of(summary)


def test_a_file_of_the_record_is_named_where_it_is_not_carried() -> None:
    filed = DirectiveBody(attachment=Attachment("a" * 32, 9, "b" * 64, "application/pdf", "souhaits.pdf"))
    summary = of(JEANNE, entry(filed))
    assert squeezed("fichier au dossier, non repris ici : souhaits.pdf") in text_of(summary)
    bundle = ips.build(summary)
    assert faults(bundle) == [] and "souhaits.pdf" in ips.encode(bundle).decode()


def test_the_parts_of_a_dosage_are_printed_and_coded() -> None:
    taken = MedicationBody(words("Ramipril"), frequency=2, period="d", as_needed=True, route=words("orale"))
    summary = of(PatientBody("X", contacts=(Contact("A"),)), entry(taken))
    assert squeezed("2 fois par jour · orale · seulement si besoin") in text_of(summary)
    dosage = of_type(ips.build(summary), "MedicationStatement")[0]["dosage"][0]
    assert dosage["timing"]["repeat"] == {"frequency": 2, "period": 1, "periodUnit": "d"}
    assert dosage["asNeededBoolean"] is True and faults(ips.build(summary)) == []
