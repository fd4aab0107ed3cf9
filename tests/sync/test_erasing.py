"""Erasing a record that was shared: what never left is kept back, what left is asked for, and nothing stays here."""

from pathlib import Path

import msgspec
import pytest

from localstore import consents, correspondence, keystore, paths, patients, postbox, record
from localstore.bodies import AllergyBody, PatientBody
from localstore.errors import Refused
from localstore.rights import archiving
from localstore.rights.erasure import Ground
from localstore.values import Concept
from sync.desk import Desk
from sync.receiving import inbox, reception
from sync.sending import erasing, sharing
from tests import practices
from tests.rights import cases


def postbox_key(desk: Desk) -> bytes:
    """The key of the postbox."""
    key = keystore.get(desk.record, keystore.POSTBOX)
    assert key is not None
    return key


def leftovers(desk: Desk) -> dict[str, dict[str, int]]:
    """The marks in any page of the databases of a practice."""
    folder = desk.practice.folder
    found = {
        "record.db": cases.traces(paths.record(folder), desk.practice.key),
        "postbox.db": cases.traces(paths.postbox(folder), postbox_key(desk)),
    }
    return {name: marks for name, marks in found.items() if marks}


@pytest.mark.parametrize("archived", [False, True])
def test_a_colleague_is_asked_and_attests(tmp_path: Path, archived: bool) -> None:
    alpha, beta, of_beta, of_alpha = practices.two_desks(tmp_path)
    patient = cases.marked(alpha.practice)
    sharing.grant(alpha, patient, of_beta, purpose="Klaxophobe")
    sharing.share(alpha, patient, of_beta)
    practices.carry(alpha, of_beta, beta, of_alpha)
    reception.collect(beta)
    assert leftovers(beta)
    if archived:
        archiving.into_archive(alpha.practice, patient)
    gone = erasing.erase(alpha, patient, Ground.REQUEST, "demande acceptée")
    assert gone.holders == (erasing.Holder("Dr Beta", 1, asked=True, removed=0),)
    assert leftovers(alpha) == {}
    assert cases.unsound(alpha.practice) == []
    practices.carry(alpha, of_beta, beta, of_alpha)
    assert reception.collect(beta).withdrawals == 1
    practices.carry(beta, of_alpha, alpha, of_beta)
    reception.collect(alpha)
    assert [bool(one.removed) for one in correspondence.outgoing(alpha.record) if one.type == "extract"] == [True]
    assert cases.unsound(alpha.practice) == []
    alpha.close()
    beta.close()


def test_what_never_left_is_kept_back(tmp_path: Path) -> None:
    alpha, beta, of_beta, _ = practices.two_desks(tmp_path)
    patient = cases.marked(alpha.practice)
    sharing.grant(alpha, patient, of_beta, purpose="Klaxophobe")
    sharing.share(alpha, patient, of_beta)
    gone = erasing.erase(alpha, patient, Ground.MISTAKE, "erreur")
    assert (gone.kept_back, gone.holders) == (1, ())
    assert leftovers(alpha) == {}
    (left,) = [one for one in consents.ended(alpha.record, alpha.practice.today()) if one.revoked]
    assert (left.terms.purpose, left.terms.kinds) == ("", ())
    assert sharing.settle_revocations(alpha) == 0
    assert not [one for one in postbox.progress(alpha.postbox) if one.state == "lost"]
    alpha.close()
    beta.close()


@pytest.mark.parametrize("taken", [False, True])
def test_what_came_about_this_person_goes_too(tmp_path: Path, taken: bool) -> None:
    alpha, beta, of_beta, of_alpha = practices.two_desks(tmp_path)
    patient = cases.marked(alpha.practice)
    other = cases.other(alpha.practice)
    for one in (patient, other):
        sharing.grant(alpha, one, of_beta, purpose="avis")
        sharing.share(alpha, one, of_beta)
    practices.carry(alpha, of_beta, beta, of_alpha)
    reception.collect(beta)
    if taken:
        mine = next(one for one in inbox.listing(beta) if one.patient and one.patient.birth_date == "1958-07-03")
        theirs = inbox.take(beta, mine.id, new=True).patient
    else:
        theirs = record.add_patient(beta.practice, cases.MARKED).id
    gone = erasing.erase(beta, theirs, Ground.MISTAKE, "erreur")
    assert gone.received == 1
    assert leftovers(beta) == {}
    assert cases.unsound(beta.practice) == []
    left = inbox.listing(beta)
    assert [one.patient.family_name for one in left if one.patient] == ["Martin"]
    alpha.close()
    beta.close()


def test_a_refusal_revokes_nothing(tmp_path: Path) -> None:
    alpha, beta, of_beta, _ = practices.two_desks(tmp_path)
    patient = cases.marked(alpha.practice)
    consent = sharing.grant(alpha, patient, of_beta, purpose="avis")
    with pytest.raises(Refused):
        erasing.erase(alpha, patient, Ground.TIME_OVER)
    assert consents.by_number(alpha.record, consent.num).revoked == ""
    assert patients.number(alpha.record, patient)
    alpha.close()
    beta.close()


@pytest.mark.parametrize(("number", "left"), [("279035121518989", 1), ("277010115400329", 0), ("", 0)])
def test_what_came_about_a_homonym_with_another_number_stays(tmp_path: Path, number: str, left: int) -> None:
    """Where both have an INS it decides whose an extract is; else the same names and the same birth."""
    alpha, beta, of_beta, of_alpha = practices.two_desks(tmp_path)
    theirs = PatientBody(
        "Martin", ("Marie",), "1950-01-01", "female", ins="277010115400329", identity_status="qualified"
    )
    patient = record.add_patient(alpha.practice, theirs).id
    record.add(alpha.practice, patient, AllergyBody(Concept("Pénicilline")), "2020")
    sharing.grant(alpha, patient, of_beta, purpose="avis")
    sharing.share(alpha, patient, of_beta)
    practices.carry(alpha, of_beta, beta, of_alpha)
    reception.collect(beta)
    ours = record.add_patient(beta.practice, msgspec.structs.replace(theirs, ins=number)).id
    gone = erasing.erase(beta, ours, Ground.MISTAKE, "erreur")
    assert gone.received == 1 - left
    assert [item.patient is not None for item in inbox.listing(beta)] == [True] * left
    for desk in (alpha, beta):
        desk.close()
