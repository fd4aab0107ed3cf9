"""A verified colleague whose program lies: what he can say, and what it cannot do to records that it is not about."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from localstore import correspondence, exporting, record
from localstore.bodies import AllergyBody, PatientBody, ProblemBody
from localstore.database import transaction
from localstore.errors import BadInput
from localstore.kinds import Provenance, Sensitivity, Status
from localstore.model import Entry
from localstore.values import Author, Concept
from sync import desk as desk_room
from sync.papers.documents import Extract, Receipt
from sync.receiving import inbox, reception, taking
from sync.sending import extract, sharing
from tests import practices

PAUL = PatientBody("Autre", ("Paul",), "1970-01-01", "male")
Lie = Callable[[Entry], Entry]


class Scene:
    """Alpha has told Beta of Zoé's allergy; Beta answers with an extract about Paul, altered before it was signed."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._patch = monkeypatch
        self.alpha, self.beta, self.of_beta, self.of_alpha = practices.two_desks(folder)
        self.zoe = practices.add_zoe(self.alpha.practice)
        self.allergy = record.add(self.alpha.practice, self.zoe.id, AllergyBody(Concept("Pénicilline")))
        self.paul = record.add_patient(self.alpha.practice, PAUL)
        sharing.grant(self.alpha, self.zoe.id, self.of_beta, purpose="soins")
        sharing.share(self.alpha, self.zoe.id, self.of_beta)
        practices.carry(self.alpha, self.of_beta, self.beta, self.of_alpha)
        reception.collect(self.beta)

    def lie(self, lie: Lie) -> inbox.Item:
        """What Alpha finds in the inbox after Beta has sent an entry about Paul, altered by `lie`."""
        told = record.add_patient(self.beta.practice, PAUL)
        record.add(self.beta.practice, told.id, ProblemBody(Concept("Rhume")))
        sharing.grant(self.beta, told.id, self.of_alpha, purpose="soins")
        genuine = extract.build

        def altered(*arguments: Any) -> Extract:
            made = genuine(*arguments)
            return msgspec.structs.replace(made, entries=tuple(map(lie, made.entries)))

        with self._patch.context() as patch:
            patch.setattr(extract, "build", altered)
            sharing.share(self.beta, told.id, self.of_alpha)
        practices.carry(self.beta, self.of_alpha, self.alpha, self.of_beta)
        reception.collect(self.alpha)
        (item,) = inbox.listing(self.alpha)
        return item


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """Two paired practices."""
    return Scene(tmp_path, monkeypatch)


def test_naming_another_patients_entry_as_its_parent_replaces_nothing(scene: Scene) -> None:
    item = scene.lie(lambda entry: msgspec.structs.replace(entry, parents=(scene.allergy.version,)))
    assert inbox.take(scene.alpha, item.id, scene.paul.id).added == 1
    chart = record.chart(scene.alpha.practice, scene.zoe.id)
    assert chart.entries == (scene.allergy,)
    assert chart.competing() == frozenset()


def test_naming_an_identity_as_its_parent_replaces_nothing(scene: Scene) -> None:
    item = scene.lie(lambda entry: msgspec.structs.replace(entry, parents=(scene.paul.version, scene.zoe.version)))
    inbox.take(scene.alpha, item.id, scene.paul.id)
    assert record.chart(scene.alpha.practice, scene.paul.id).identity == (scene.paul,)
    assert record.chart(scene.alpha.practice, scene.zoe.id).identity == (scene.zoe,)


def test_a_later_version_of_ones_own_is_not_replaced_by_who_named_it_before(scene: Scene) -> None:
    """The parent is named before it exists here: that of a version which the liar cannot know, but may be told."""
    coming = "c" * 32
    item = scene.lie(lambda entry: msgspec.structs.replace(entry, parents=(coming,)))
    inbox.take(scene.alpha, item.id, scene.paul.id)
    newer = msgspec.structs.replace(scene.allergy, version=coming, parents=(scene.allergy.version,))
    with transaction(scene.alpha.record):
        owner = inbox._owner(scene.alpha, practices.ZOE, scene.zoe.id, False)
        received = correspondence.by_identifier(scene.alpha.record, item.id)
        taking.insert(scene.alpha, owner, received, "Dr Gamma", [newer])
    assert coming in [one.version for one in record.chart(scene.alpha.practice, scene.zoe.id).entries]


def test_what_was_taken_over_says_who_sent_it_whatever_author_it_claims(scene: Scene) -> None:
    mine = scene.alpha.practice.user.author
    item = scene.lie(lambda entry: msgspec.structs.replace(entry, author=mine, provenance=Provenance.OWN, origin=""))
    inbox.take(scene.alpha, item.id, scene.paul.id)
    (taken,) = record.chart(scene.alpha.practice, scene.paul.id).entries
    assert taken.author == Author("Dr Alpha", mine.rpps)
    assert (taken.provenance, taken.origin) == (Provenance.RECEIVED, "Dr Beta")


def test_a_receipt_for_somebody_elses_feed_attests_nothing(tmp_path: Path, scene: Scene) -> None:
    gamma = practices.make_desk(tmp_path / "gamma", "Gamma", "10001234583")
    of_gamma, _ = practices.pair(scene.alpha, gamma)
    sharing.grant(scene.alpha, scene.zoe.id, of_gamma, purpose="soins")
    sharing.share(scene.alpha, scene.zoe.id, of_gamma)
    feed = desk_room.feed_towards(scene.alpha, of_gamma)
    with transaction(scene.beta.record):
        desk_room.post(scene.beta, scene.of_alpha, Receipt(feed, opened=(1, 2), removed=(1, 2)))
    desk_room.dispatch(scene.beta)
    practices.carry(scene.beta, scene.of_alpha, scene.alpha, scene.of_beta)
    assert reception.collect(scene.alpha).set_aside == 0
    to_gamma = [sent for sent in correspondence.outgoing(scene.alpha.record) if sent.colleague == of_gamma.num]
    assert {(sent.opened, sent.removed) for sent in to_gamma} == {("", "")}
    assert any(sent.opened for sent in correspondence.outgoing(scene.alpha.record))


def test_an_identity_can_not_be_overwritten_by_an_entry_of_its_name(scene: Scene) -> None:
    paul = scene.paul
    item = scene.lie(
        lambda entry: msgspec.structs.replace(entry, id=paul.id, version="d" * 32, parents=(paul.version,))
    )
    with pytest.raises(BadInput):
        inbox.take(scene.alpha, item.id, paul.id)
    assert record.chart(scene.alpha.practice, paul.id).identity == (paul,)


def test_an_own_entry_is_not_replaced_but_stands_beside_what_came(scene: Scene) -> None:
    """He names my entry and its version, and says that it was an error."""
    mine = record.add(scene.alpha.practice, scene.paul.id, ProblemBody(Concept("Asthme")))
    item = scene.lie(
        lambda entry: msgspec.structs.replace(
            entry, id=mine.id, version="d" * 32, parents=(mine.version,), status=Status.ENTERED_IN_ERROR
        )
    )
    taken = inbox.take(scene.alpha, item.id, scene.paul.id)
    chart = record.chart(scene.alpha.practice, scene.paul.id)
    assert [one.version for one in chart.entries] == [mine.version, "d" * 32]
    assert taken.competing == 1
    assert chart.competing() == {mine.id}


def test_an_own_entry_of_another_kind_is_not_joined(scene: Scene) -> None:
    mine = record.add(scene.alpha.practice, scene.paul.id, AllergyBody(Concept("Latex")))
    item = scene.lie(lambda entry: msgspec.structs.replace(entry, id=mine.id, version="d" * 32))
    with pytest.raises(BadInput):
        inbox.take(scene.alpha, item.id, scene.paul.id)
    assert record.chart(scene.alpha.practice, scene.paul.id).entries == (mine,)


def test_a_version_with_the_identifier_of_another_is_named_and_not_taken(scene: Scene) -> None:
    mine = record.add(scene.alpha.practice, scene.paul.id, ProblemBody(Concept("Asthme")))
    item = scene.lie(lambda entry: msgspec.structs.replace(entry, id=mine.id, version=mine.version))
    with pytest.raises(BadInput):
        inbox.take(scene.alpha, item.id, scene.paul.id)
    assert record.chart(scene.alpha.practice, scene.paul.id).entries == (mine,)


def test_what_is_restricted_here_stays_so(scene: Scene) -> None:
    mine = record.add(
        scene.alpha.practice, scene.paul.id, ProblemBody(Concept("Rhume")), sensitivity=Sensitivity.RESTRICTED
    )
    item = scene.lie(lambda entry: msgspec.structs.replace(entry, id=mine.id, version="d" * 32))
    inbox.take(scene.alpha, item.id, scene.paul.id)
    chart = record.chart(scene.alpha.practice, scene.paul.id)
    assert {one.sensitivity for one in chart.entries} == {Sensitivity.RESTRICTED}


@pytest.mark.parametrize(
    "source",
    [
        b"}garbage{",
        b"",
        b"[]",
        b'{"resourceType":"Patient","id":"1","name":[{"family":"Autre"}]}',
        b'{"resourceType":"Condition","subject":{"reference":"x"},"code":{"text":"Autre chose"}}',
    ],
)
@pytest.mark.parametrize("url", ["urn:uuid:", "../x", "urn:uuid:1"])
def test_a_source_that_does_not_say_what_its_entry_says_is_left_out(scene: Scene, source: bytes, url: str) -> None:
    item = scene.lie(lambda entry: msgspec.structs.replace(entry, source=source, source_url=url))
    inbox.take(scene.alpha, item.id, scene.paul.id)
    exported = json.loads(exporting.export_patient(scene.alpha.practice, scene.paul.id).data)
    names = [one["fullUrl"] for one in exported["entry"]]
    assert len(names) == len(set(names))
    assert sorted(one["resource"]["resourceType"] for one in exported["entry"]) == ["Condition", "Patient"]
    assert source == b"" or source not in exporting.export_patient(scene.alpha.practice, scene.paul.id).data


def test_an_absurd_receipt_is_set_aside_and_blocks_nothing(scene: Scene) -> None:
    feed = desk_room.feed_towards(scene.alpha, scene.of_beta)
    with transaction(scene.beta.record):
        desk_room.post(scene.beta, scene.of_alpha, Receipt(feed, opened=(2**64 - 1,)))
    desk_room.dispatch(scene.beta)
    practices.carry(scene.beta, scene.of_alpha, scene.alpha, scene.of_beta)
    assert reception.collect(scene.alpha).set_aside == 1
    assert reception.collect(scene.alpha).set_aside == 0


def test_set_aside_bytes_are_bounded(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reception, "KEPT_SET_ASIDE", 2)
    with transaction(scene.beta.record):
        for _ in range(4):
            desk_room.post(scene.beta, scene.of_alpha, Receipt(b"short", opened=(1,)))
    desk_room.dispatch(scene.beta)
    practices.carry(scene.beta, scene.of_alpha, scene.alpha, scene.of_beta)
    assert reception.collect(scene.alpha).set_aside == 4
    held = [len(one.document) > 0 for one in correspondence.received(scene.alpha.record)]
    assert sorted(held) == [False, False, True, True]
