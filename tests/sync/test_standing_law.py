"""The law of standing consents: each later change within scope goes by itself after saving, nothing outside ever does.

And what that costs where nothing changed.
"""

import shutil
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from localstore import colleagues, consents, patients, record
from localstore.bodies import AllergyBody, PatientBody, ProblemBody
from localstore.colleagues import State
from localstore.consents import Consent
from localstore.database import transaction
from localstore.kinds import Kind, Sensitivity, Status
from localstore.model import Entry
from localstore.values import Concept
from sync.errors import NoConsent, NotVerified
from sync.sending import sharing, standing
from tests.sync.test_standing import House, built, house

__all__ = ["built", "house"]  # fixtures

# --- the law -----------------------------------------------------------------------------------------------------

BOTH = (Kind.PROBLEM, Kind.ALLERGY)
SCOPES = st.fixed_dictionaries(
    {
        "kinds": st.sampled_from([(Kind.PROBLEM,), (Kind.ALLERGY,), BOTH]),
        "since": st.sampled_from(["", "2020"]),
        "stands": st.sampled_from([True, True, False]),
        "begins_in": st.sampled_from([0, 0, 1]),
        "ends_in": st.sampled_from([None, None, 0, 1]),
        "naming": st.booleans(),
    }
)
STEPS = st.one_of(
    st.tuples(st.just("add"), st.sampled_from(BOTH), st.sampled_from(["2019-05-01", "2024-05-01"]), st.booleans()),
    st.tuples(st.just("amend"), st.integers(0, 9), st.booleans()),
    st.tuples(st.just("retract"), st.integers(0, 9)),
    st.tuples(st.just("rename"), st.sampled_from("abc")),
    st.tuples(st.just("address"), st.sampled_from("abc")),
    st.tuples(st.just("grant"), SCOPES),
    st.tuples(st.sampled_from(["revoke", "share", "day", "distrust", "trust"])),
)
Told = tuple[str, frozenset[tuple[str, str]]]


class Law:
    """What a reader of the rule expects, computed anew from the whole record at each step, without digest, mark or
    table: which consent counts, what it covers, and what the colleague was told last under it."""

    def __init__(self, house: House) -> None:
        self.house, self.desk = house, house.alpha
        self.patient = record.add_patient(self.desk.practice, PatientBody("x", birth_date="1958-07-03"))
        self.told: dict[str, Told | None] = {}
        self.trusted = True
        self.trust()

    # --- what the rule says

    def consent(self) -> Consent | None:
        """The newest consent, if it counts today."""
        owner = patients.number(self.desk.record, self.patient.id)
        here = next(iter(consents.of_patient(self.desk.record, owner)), None)
        today = self.desk.practice.today()
        if here is None or here.revoked or here.terms.begins > today or "" < here.terms.ends < today:
            return None
        return here

    def covered(self, consent: Consent) -> Told:
        """What an extract under it says."""
        chart, terms = record.chart(self.desk.practice, self.patient.id), consent.terms
        secret = {one.id for one in chart.entries if one.sensitivity is Sensitivity.RESTRICTED}
        goes = frozenset(
            (one.id, one.version)
            for one in chart.entries
            if one.kind in terms.kinds
            and (one.id not in secret or one.id in terms.restricted)
            and (not terms.since or one.date > "2020")
        )
        return chart.patient.family_name, goes

    def look(self) -> None:
        """After each step: what must go goes, says what it should, and nothing else goes."""
        consent = self.consent()
        due = None
        if consent is not None and consent.terms.is_standing and self.trusted:
            now = self.covered(consent)
            due = now if now != self.told[consent.id] and now[1] else None
        before = len(self.house.extracts())
        assert len(standing.follow(self.desk)) == (due is not None)
        assert len(self.house.extracts()) == before + (due is not None)
        if due is not None and consent is not None:
            self.told[consent.id] = due
            assert self.arrived() == due
        assert standing.follow(self.desk) == []

    def arrived(self) -> Told:
        """What the extract says that came last."""
        item = self.house.arrived()
        assert item.patient is not None
        return item.patient.family_name, frozenset((one.id, one.version) for one in item.entries)

    # --- the steps

    def add(self, kind: Kind, date: str, restricted: bool) -> None:
        body = ProblemBody(Concept("P")) if kind is Kind.PROBLEM else AllergyBody(Concept("A"))
        sensitivity = Sensitivity.RESTRICTED if restricted else Sensitivity.NORMAL
        record.add(self.desk.practice, self.patient.id, body, date, sensitivity)

    def _one(self, place: int) -> Entry | None:
        entries = record.chart(self.desk.practice, self.patient.id).entries
        final = [one for one in entries if one.status is Status.FINAL]
        return final[place % len(final)] if final else None

    def amend(self, place: int, restricted: bool) -> None:
        one = self._one(place)
        if one is not None:
            sensitivity = Sensitivity.RESTRICTED if restricted else Sensitivity.NORMAL
            record.amend(self.desk.practice, one.version, one.body, sensitivity=sensitivity)

    def retract(self, place: int) -> None:
        one = self._one(place)
        if one is not None:
            record.retract(self.desk.practice, one.version, "essai")

    def _identity(self, **changed: str) -> None:
        shown = record.chart(self.desk.practice, self.patient.id).identity[-1]
        record.amend(self.desk.practice, shown.version, msgspec.structs.replace(shown.body, **changed))

    def rename(self, name: str) -> None:
        self._identity(family_name=name)

    def address(self, street: str) -> None:
        self._identity(address=street)

    def grant(self, scope: dict[str, Any]) -> None:
        today = date.fromisoformat(self.desk.practice.today())
        begins = today + timedelta(days=scope["begins_in"])
        ends = "" if scope["ends_in"] is None else (begins + timedelta(days=scope["ends_in"])).isoformat()
        entries = record.chart(self.desk.practice, self.patient.id).entries
        secret = tuple(sorted({one.id for one in entries if one.sensitivity is Sensitivity.RESTRICTED}))
        before = self.consent()
        behind = before is not None and before.id in self.told and self.covered(before) != self.told[before.id]
        new = sharing.grant(
            self.desk,
            self.patient.id,
            self.house.of_beta,
            kinds=scope["kinds"],
            purpose="soins",
            begins=begins.isoformat(),
            ends=ends,
            restricted=secret if scope["naming"] else (),
            since=scope["since"],
            stands=scope["stands"],
        )
        if scope["stands"]:
            self.told[new.id] = None if behind else self.covered(new)

    def revoke(self) -> None:
        consent = self.consent()
        if consent is not None:
            sharing.revoke(self.desk, consent)

    def share(self) -> None:
        consent = self.consent()
        if consent is None or not self.trusted:
            with pytest.raises((NoConsent, NotVerified)):
                sharing.share(self.desk, self.patient.id, self.house.of_beta)
        elif self.covered(consent)[1]:
            sharing.share(self.desk, self.patient.id, self.house.of_beta)
            assert self.arrived() == self.covered(consent)
            if consent.terms.is_standing:
                self.told[consent.id] = self.covered(consent)

    def day(self) -> None:
        self.house.clock.moment += timedelta(days=1)

    def _state(self, state: State) -> None:
        with transaction(self.desk.record):
            colleagues.set_state(self.desk.record, self.house.of_beta.num, state, "2026-03-01")
        self.trusted = state in colleagues.VERIFIED

    def distrust(self) -> None:
        self._state(State.KEY_CHANGED)

    def trust(self) -> None:
        self._state(State.VERIFIED_IN_PERSON)

    def end(self) -> None:
        """Leave nothing standing for the next example."""
        self.trust()
        for one in consents.of_patient(self.desk.record, patients.number(self.desk.record, self.patient.id)):
            sharing.revoke(self.desk, one)


@pytest.fixture(scope="module")
def lawful(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One house for all examples: each has a patient of its own."""
    here = House(Path(shutil.copytree(built, tmp_path_factory.mktemp("lawful") / "houses")))
    yield here
    here.close()


def _obey(house: House, steps: list[tuple[Any, ...]]) -> None:
    law = Law(house)
    try:
        for name, *values in steps:
            getattr(law, name)(*values)
            law.look()
    finally:
        law.end()


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(STEPS, min_size=3, max_size=12))
def test_each_change_within_the_scope_goes_by_itself_and_nothing_outside_ever_does(
    lawful: House, steps: list[tuple[Any, ...]]
) -> None:
    _obey(lawful, [("grant", WIDE), *steps])


@pytest.mark.long
@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(STEPS, min_size=3, max_size=40))
def test_the_law_holds_over_long_sequences(lawful: House, steps: list[tuple[Any, ...]]) -> None:
    _obey(lawful, steps)


WIDE = {"kinds": BOTH, "since": "", "stands": True, "begins_in": 0, "ends_in": None, "naming": True}


# --- what a look costs -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("count", "most"), [(0, 0.002), (1, 0.004), (100, 0.1)])
def test_a_look_at_what_did_not_change_reads_no_entry(house: House, count: int, most: float) -> None:
    for _ in range(count):
        one = record.add_patient(house.alpha.practice, PatientBody("Martin"))
        sharing.grant(house.alpha, one.id, house.of_beta, purpose="soins", stands=True)
    statements: list[str] = []
    house.alpha.record.set_trace_callback(statements.append)
    assert house.follow() == 0
    house.alpha.record.set_trace_callback(None)
    assert len(statements) <= 1 + 5 * count and not any("body" in one for one in statements)
    assert min(_timed(house.follow) for _ in range(5)) < most


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
