"""A person with two records is one patient wherever a record is read: shared, exported, in an emergency."""

from pathlib import Path

from localstore import consents, exporting, importing, inspection, patients, practice, record
from localstore.bodies import AllergyBody, PatientBody, ProblemBody
from localstore.emergency import door
from localstore.fhir.json_text import decode
from localstore.identities import merging
from localstore.values import Concept
from sync.receiving import inbox, reception
from sync.sending import sharing
from tests import practices

OLD = PatientBody("Durand", ("Anne",), "1960-05-04", "female", phone="0102030405")
NEW = PatientBody("Martin", ("Anne",), "1960-05-04", "female", phone="0605040302")


def test_what_is_shared_is_of_one_patient_and_consents_of_both_records_count(tmp_path: Path) -> None:
    alpha, beta, of_beta, of_alpha = practices.two_desks(tmp_path)
    old, new = (record.add_patient(alpha.practice, body).id for body in (OLD, NEW))
    record.add(alpha.practice, old, AllergyBody(Concept("Latex")), "2015")
    record.add(alpha.practice, new, ProblemBody(Concept("Asthme")), "2020")
    sharing.grant(alpha, old, of_beta, purpose="soins")
    merging.merge(alpha.practice, new, old, "nom marital")
    assert len(consents.of_patient(alpha.record, patients.number(alpha.record, new))) == 1
    assert sharing.share(alpha, old, of_beta).entries == 2
    practices.carry(alpha, of_beta, beta, of_alpha)
    reception.collect(beta)
    (item,) = inbox.listing(beta)
    assert item.patient is not None and item.patient.family_name == "Martin"
    assert {entry.patient for entry in item.entries} == {new}
    taken = inbox.take(beta, item.id, new=True)
    assert len(record.chart(beta.practice, taken.patient).entries) == 2
    # What comes back about an entry of the merged record goes on where that entry began.
    theirs = record.chart(beta.practice, taken.patient)
    latex = next(entry for entry in theirs.entries if isinstance(entry.body, AllergyBody))
    record.amend(beta.practice, latex.version, AllergyBody(Concept("Latex"), reaction="urticaire"))
    sharing.grant(beta, taken.patient, of_alpha, purpose="soins")
    sharing.share(beta, taken.patient, of_alpha)
    practices.carry(beta, of_alpha, alpha, of_beta)
    reception.collect(alpha)
    (back,) = inbox.listing(alpha)
    inbox.take(alpha, back.id, new)
    merging.unmerge(alpha.practice, old, "essai")
    assert [entry.kind for entry in record.chart(alpha.practice, new).entries] == ["problem"]
    assert {entry.kind.value for entry in record.chart(alpha.practice, old).entries} == {"allergy"}
    for desk in (alpha, beta):
        assert [one for one in inspection.findings(desk.record) if not one.is_sound] == []


def test_an_export_and_an_emergency_sheet_of_either_are_of_the_one_who_is_kept(tmp_path: Path) -> None:
    here = practices.make(tmp_path / "here")
    old, new = (record.add_patient(here, body).id for body in (OLD, NEW))
    record.add(here, old, AllergyBody(Concept("Latex")), "2015")
    record.add(here, new, ProblemBody(Concept("Asthme")), "2020")
    merging.merge(here, new, old, "nom marital")
    for patient in (old, new):
        exported = decode(exporting.export_patient(here, patient).data, "export")["entry"]
        people = {one["fullUrl"]: one["resource"]["name"][0]["family"] for one in exported if "name" in one["resource"]}
        subjects = {
            people[reference["reference"]]
            for one in exported
            if (reference := one["resource"].get("subject") or one["resource"].get("patient"))
        }
        assert sorted(people.values()) == ["Durand", "Martin"] and subjects == {"Martin"}
        folder = tmp_path / patient
        door.write(here, patient, folder)
        summary = (folder / "ips.json").read_text()
        assert "Latex" in summary and "Asthme" in summary and "Martin" in summary and "Durand" not in summary


def test_what_was_merged_is_known_after_the_practice_was_closed(tmp_path: Path) -> None:
    here = practices.make(tmp_path / "here")
    old, new = (record.add_patient(here, body).id for body in (OLD, NEW))
    merging.merge(here, new, old, "nom marital")
    here.close()
    again = practice.unlock(tmp_path / "here", practices.PASSPHRASE)
    assert [one.id for one in patients.search(again.connection, "durand")] == [new]
    again.close()


def test_an_export_of_three_records_that_are_one_says_which_stands(tmp_path: Path) -> None:
    here, elsewhere = practices.make(tmp_path / "here"), practices.make(tmp_path / "elsewhere")
    third = PatientBody("Petit", ("Anne",), "1960-05-04", "female")
    one, two, three = (record.add_patient(here, body).id for body in (OLD, NEW, third))
    record.add(here, one, AllergyBody(Concept("Latex")), "2015")
    alone = decode(exporting.export_patient(here, one).data, "export")["entry"]
    assert not any("link" in entry["resource"] for entry in alone)
    merging.merge(here, two, one, "nom marital")
    merging.merge(here, three, two, "nom marital")
    made = exporting.export_patient(here, one).data
    people = {
        entry["resource"]["name"][0]["family"]: (entry["fullUrl"], entry["resource"]["link"])
        for entry in decode(made, "export")["entry"]
        if entry["resource"]["resourceType"] == "Patient"
    }
    urls = {family: url for family, (url, _) in people.items()}
    told = {
        family: {(link["type"], link["other"]["reference"]) for link in links} for family, (_, links) in people.items()
    }
    assert told == {
        "Petit": {("replaces", urls["Durand"]), ("replaces", urls["Martin"])},
        "Durand": {("replaced-by", urls["Petit"])},
        "Martin": {("replaced-by", urls["Petit"])},
    }
    # Elsewhere nothing is merged by it: that is a person's decision. It stays in what is kept verbatim.
    (tmp_path / "out.json").write_bytes(made)
    report = importing.import_paths(elsewhere, [tmp_path / "out.json"])
    assert (report.patients, report.broken) == (3, [])
    (kept,) = patients.search(elsewhere.connection, "petit")
    assert len(record.chart(elsewhere, kept.id).entries) == 1
    assert b'"replaces"' in exporting.export_patient(elsewhere, kept.id).data
