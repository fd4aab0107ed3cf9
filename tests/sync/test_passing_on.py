"""B tells A, A tells C: three real practices, and the word of B that C checks without seeing the rest of his extract.

The consent at A is narrower than what B sent her. Erasing, archiving and bringing back keep or drop the word cleanly.
"""

import json
from pathlib import Path

import msgspec
import pytest

from localstore import consents, importing, inspection, patients, record
from localstore import originals as kept
from localstore.bodies import AllergyBody, DocumentBody, MedicationBody, PatientBody, ProblemBody
from localstore.colleagues import Colleague
from localstore.correspondence import ReceivedState
from localstore.database import rows, transaction
from localstore.kinds import Kind, Sensitivity
from localstore.rights import archiving
from localstore.rights.erasure import Ground
from localstore.values import Concept
from sync.desk import Desk
from sync.papers import documents, originals
from sync.papers.documents import Extract
from sync.receiving import inbox, passing, reception
from sync.receiving.inbox import Item
from sync.sending import erasing, extract, sharing
from sync.trust import introductions
from tests import practices

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40


class Three:
    """Beta has told Alpha of Zoé's asthma, her allergy, a scan and a medicine; Alpha, who has Zoé as a patient, has
    taken it over, and is paired with Gamma."""

    def __init__(self, folder: Path) -> None:
        self.alpha, self.beta, self.alphas_beta, self.betas_alpha = practices.two_desks(folder)
        self.gamma = practices.make_desk(folder / "gamma", "Gamma", "10001234583")
        self.alphas_gamma, self.gammas_alpha = practices.pair(self.alpha, self.gamma)
        there = self.beta.practice
        self.source = practices.add_zoe(there)
        self.asthma = record.add(there, self.source.id, ProblemBody(Concept("Asthme")), "2001-04")
        self.allergy = record.add(there, self.source.id, AllergyBody(Concept("Pénicilline"), reaction="choc"), "2019")
        scan = DocumentBody("Radiographie", media_type="image/png", content=PNG)
        self.scan = record.add(there, self.source.id, scan, "2024-05-06")
        self.medicine = record.add(there, self.source.id, MedicationBody(Concept("Lithium")), "2025-11-03")
        self.zoe = practices.add_zoe(self.alpha.practice).id
        self.taken = self.tell(self.beta, self.source.id, self.betas_alpha, self.alpha, self.alphas_beta)
        inbox.take(self.alpha, self.taken.id, self.zoe)

    @staticmethod
    def tell(sender: Desk, patient: str, to: Colleague, recipient: Desk, of: Colleague, *kinds: Kind) -> Item:
        """Consent, share, carry, collect; what is in the recipient's inbox then."""
        terms = {"kinds": kinds} if kinds else {}
        sharing.grant(sender, patient, to, purpose="soins", **terms)  # type: ignore[arg-type]
        sharing.share(sender, patient, to)
        practices.carry(sender, to, recipient, of)
        reception.collect(recipient)
        return inbox.listing(recipient)[0]

    def tell_gamma(self, *kinds: Kind) -> Item:
        """Alpha shares Zoé with Gamma."""
        return self.tell(self.alpha, self.zoe, self.alphas_gamma, self.gamma, self.gammas_alpha, *kinds)

    def words(self) -> int:
        """How many words Alpha keeps."""
        return len(rows(self.alpha.record, "SELECT version FROM original"))


@pytest.fixture
def three(tmp_path: Path) -> Three:
    return Three(tmp_path)


def body_of(desk: Desk, item: Item) -> Extract:
    """The extract as it was signed."""
    (signed,) = (
        one for (one,) in rows(desk.record, "SELECT document FROM received WHERE id = ?", (bytes.fromhex(item.id),))
    )
    body = documents.read(signed).content.body
    assert isinstance(body, Extract)
    return body


def test_gamma_checks_betas_word_and_learns_nothing_of_the_rest(three: Three) -> None:
    own = record.add(three.alpha.practice, three.zoe, ProblemBody(Concept("Goutte")), "2022")
    item = three.tell_gamma(Kind.PROBLEM)
    assert {one.version for one in item.entries} == {three.asthma.version, own.version}
    assert set(item.words) == {three.asthma.version}
    word = item.words[three.asthma.version]
    assert (word.name, word.standing) == ("Dr Beta", passing.UNKNOWN)
    assert word.key == three.beta.signing.public.hex()
    assert word.as_of == three.taken.as_of
    told = msgspec.msgpack.encode(body_of(three.gamma, item))
    for hidden in (three.allergy, three.scan, three.medicine):
        assert hidden.version.encode() not in told and hidden.id.encode() not in told
    assert b"nicilline" not in told and b"Lithium" not in told and PNG[-64:] not in told
    assert three.source.id.encode() not in told


def test_a_key_that_gamma_has_verified_herself_is_named_by_her_own_name_for_it(three: Three) -> None:
    gammas_beta, _ = practices.introduce(three.gamma, three.beta)
    item = three.tell_gamma(Kind.ALLERGY)
    assert item.words[three.allergy.version].standing == passing.KNOWN
    digits = introductions.fingerprint(three.gamma, gammas_beta)
    introductions.verify(three.gamma, gammas_beta, digits)
    assert inbox.listing(three.gamma)[0].words[three.allergy.version].standing == passing.VERIFIED


def test_files_and_imported_resources_are_covered_too(three: Three, tmp_path: Path) -> None:
    resource = {
        "resourceType": "Condition",
        "id": "c1",
        "subject": {"reference": "Patient/p1"},
        "code": {"text": "Migraine"},
        "clinicalStatus": {"coding": [{"code": "active"}]},
    }
    patient = {
        "resourceType": "Patient",
        "id": "p1",
        "birthDate": "1958-07-03",
        "gender": "female",
        "name": [{"family": "Dupont-Martin", "given": ["Zoé"]}],
    }
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": one} for one in (patient, resource)],
    }
    file = tmp_path / "bundle.json"
    file.write_text(json.dumps(bundle))
    before = {one.id for one in patients.search(three.beta.record, "dupont")}
    importing.import_paths(three.beta.practice, [file])
    (imported,) = {one.id for one in patients.search(three.beta.record, "dupont")} - before
    item = three.tell(three.beta, imported, three.betas_alpha, three.alpha, three.alphas_beta)
    migraine = next(one for one in item.entries if one.kind is Kind.PROBLEM)
    assert migraine.source
    inbox.take(three.alpha, item.id, three.zoe)
    told = three.tell_gamma(Kind.PROBLEM, Kind.DOCUMENT)
    assert set(told.words) == {three.asthma.version, three.scan.version, migraine.version}


def test_what_alpha_changed_is_hers_and_carries_no_word_of_beta(three: Three) -> None:
    here = next(one for one in record.chart(three.alpha.practice, three.zoe).entries if one.id == three.asthma.id)
    record.amend(three.alpha.practice, here.version, ProblemBody(Concept("Asthme sévère")))
    item = three.tell_gamma(Kind.PROBLEM, Kind.ALLERGY)
    assert set(item.words) == {three.allergy.version}


def test_more_secrecy_at_alpha_takes_nothing_from_the_word(three: Three) -> None:
    hidden = bytes.fromhex(three.allergy.version)
    with transaction(three.alpha.record):
        three.alpha.record.execute("UPDATE version SET sensitivity = 'restricted' WHERE id = ?", (hidden,))
    sharing.grant(three.alpha, three.zoe, three.alphas_gamma, purpose="soins", restricted=(three.allergy.id,))
    sharing.share(three.alpha, three.zoe, three.alphas_gamma)
    practices.carry(three.alpha, three.alphas_gamma, three.gamma, three.gammas_alpha)
    reception.collect(three.gamma)
    item = inbox.listing(three.gamma)[0]
    (mine,) = (one for one in item.entries if one.id == three.allergy.id)
    assert mine.sensitivity is Sensitivity.RESTRICTED and mine.version in item.words


def test_it_goes_on_from_hand_to_hand_and_comes_home(three: Three) -> None:
    item = three.tell_gamma()
    theirs = inbox.take(three.gamma, item.id, new=True).patient
    gammas_beta, betas_gamma = practices.pair(three.gamma, three.beta)
    home = three.tell(three.gamma, theirs, gammas_beta, three.beta, betas_gamma)
    assert {one.standing for one in home.words.values()} == {passing.OWN}
    assert set(home.words) == {one.version for one in (three.asthma, three.allergy, three.scan, three.medicine)}
    taken = inbox.take(three.beta, home.id, three.source.id)
    assert (taken.added, taken.already_here) == (0, 4)
    assert rows(three.beta.record, "SELECT 1 FROM original") == []  # nobody needs his own word


def test_taken_into_somebody_elses_record_the_word_stays_at_home(three: Three, tmp_path: Path) -> None:
    """Alpha files Beta's extract, of mistaken names, with another patient: what she shares is hers to answer for."""
    item = three.tell_gamma(Kind.PROBLEM)
    other = record.add_patient(three.gamma.practice, PatientBody("Durand", ("Ana",), "1990-01-01", "female")).id
    inbox.take(three.gamma, item.id, other)
    delta = practices.make_desk(tmp_path / "delta", "Delta", "10001234591")
    gammas_delta, deltas_gamma = practices.pair(three.gamma, delta)
    told = three.tell(three.gamma, other, gammas_delta, delta, deltas_gamma)
    assert len(told.entries) == 1 and told.words == {}


def test_a_lying_program_that_passes_on_a_false_word_is_set_aside(
    three: Three, monkeypatch: pytest.MonkeyPatch
) -> None:
    genuine = originals.vouched

    def forged(body: Extract, *arguments: object) -> Extract:
        made = genuine(body, *arguments)  # type: ignore[arg-type]
        (word, *_) = made.originals
        lie = msgspec.structs.replace(word, author=three.gamma.signing.public)
        return msgspec.structs.replace(made, originals=(lie,))

    with monkeypatch.context() as patch:
        patch.setattr(originals, "vouched", forged)
        item = three.tell_gamma(Kind.PROBLEM)
    assert (item.state, item.reason) == (ReceivedState.SET_ASIDE, originals.NOT_HIS)
    assert item.entries == () and inbox.count_set_aside(inbox.listing(three.gamma)) == 1


def test_a_practice_of_the_first_release_sends_no_word_and_is_taken_over_as_before(
    three: Three, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(passing, "vouched", lambda _desk, body: body)
        item = three.tell_gamma(Kind.PROBLEM)
    assert item.words == {}
    inbox.take(three.gamma, item.id, new=True)
    assert rows(three.gamma.record, "SELECT 1 FROM original") == []


# --- what becomes of the word ----------------------------------------------------------------------------------------


def test_taking_over_keeps_one_word_for_each_entry_and_taking_twice_no_more(three: Three) -> None:
    assert three.words() == 4
    inbox.take(three.alpha, three.taken.id, three.zoe)
    assert three.words() == 4
    assert set(kept.of(three.alpha.record, [three.asthma.version, "0" * 32])) == {three.asthma.version}


def test_only_what_is_taken_over_leaves_a_word(three: Three) -> None:
    item = three.tell_gamma()
    inbox.take(three.gamma, item.id, new=True, only=[three.asthma.id])
    assert len(rows(three.gamma.record, "SELECT 1 FROM original")) == 1


def test_the_word_outlives_a_withdrawal_of_what_was_taken_over(three: Three) -> None:
    (consent,) = consents.of_patient(three.beta.record, patients.number(three.beta.record, three.source.id))
    sharing.revoke(three.beta, consent)
    practices.carry(three.beta, three.betas_alpha, three.alpha, three.alphas_beta)
    reception.collect(three.alpha)
    assert inbox.listing(three.alpha)[0].patient is None
    assert set(three.tell_gamma(Kind.PROBLEM).words) == {three.asthma.version}


def test_erasing_the_record_erases_the_words(three: Three) -> None:
    erasing.erase(three.alpha, three.zoe, Ground.MISTAKE, "inscrite par erreur")
    assert three.words() == 0
    assert [one for one in inspection.findings(three.alpha.record) if not one.is_sound] == []


def test_archiving_takes_the_words_along_and_brings_them_back(three: Three) -> None:
    before = rows(three.alpha.record, "SELECT version, word FROM original ORDER BY version")
    archiving.into_archive(three.alpha.practice, three.zoe)
    assert three.words() == 0
    archiving.bring_back(three.alpha.practice, three.zoe)
    assert rows(three.alpha.record, "SELECT version, word FROM original ORDER BY version") == before
    assert [one for one in inspection.findings(three.alpha.record) if not one.is_sound] == []
    assert len(three.tell_gamma().words) == 4


def test_erasing_out_of_the_archive_leaves_no_word_anywhere(three: Three) -> None:
    archiving.into_archive(three.alpha.practice, three.zoe)
    erasing.erase(three.alpha, three.zoe, Ground.MISTAKE, "inscrite par erreur")
    assert three.words() == 0


def test_building_an_extract_asks_the_gate_and_no_word(three: Three) -> None:
    """Words follow the entries that the gate let through; they never bring one along."""
    body = extract.build("c" * 32, three.taken.terms, three.zoe, practices.ZOE, [], three.taken.as_of, "")  # type: ignore[arg-type]
    assert passing.vouched(three.alpha, body).originals == ()
