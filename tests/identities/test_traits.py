"""What an identity rests on, and what should be asked again."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from localstore.bodies import PatientBody
from localstore.identities import traits
from localstore.identities.traits import Doubt, Trait
from localstore.identity import INS_DEMO_OID, INS_NIA_OID, INS_NIR_OID, INS_TEST_OID

WHOLE = PatientBody("Garcia", ("Sarah",), "1977-01-21", "female", birth_place="01154")
RETRIEVED = msgspec.structs.replace(
    WHOLE, ins="277010115400329", ins_oid=INS_NIR_OID, identity_status="retrieved", identity_evidence=""
)
QUALIFIED = msgspec.structs.replace(RETRIEVED, identity_status="qualified", identity_evidence="passport")


def but(body: PatientBody, **changes: object) -> PatientBody:
    """The identity with something else in it."""
    return msgspec.structs.replace(body, **changes)


def test_the_strict_traits() -> None:
    assert traits.missing(WHOLE) == ()
    assert traits.missing(PatientBody("")) == tuple(Trait)
    assert traits.missing(but(WHOLE, birth_place="Lyon")) == (Trait.BIRTH_PLACE,)
    assert traits.missing(but(WHOLE, birth_place="2A004")) == traits.missing(but(WHOLE, birth_place="99352")) == ()
    assert traits.missing(but(WHOLE, birth_date="1977-01", sex="other")) == (Trait.BIRTH_DATE, Trait.SEX)


@pytest.mark.parametrize(
    ("body", "allowed"),
    [
        (PatientBody("Garcia"), ("provisional",)),
        (WHOLE, ("provisional",)),
        (but(WHOLE, identity_evidence="passport"), ("provisional", "validated")),
        (RETRIEVED, ("provisional", "retrieved")),
        (QUALIFIED, ("provisional", "retrieved", "validated", "qualified")),
        (but(QUALIFIED, ins_oid=INS_NIA_OID), ("provisional", "retrieved", "validated", "qualified")),
        (but(QUALIFIED, ins_oid=INS_TEST_OID), ("provisional", "validated")),
        (but(QUALIFIED, ins="123456789012244"), ("provisional", "validated")),
        (but(QUALIFIED, identity_attributes=("homonym",)), ("provisional", "retrieved", "validated", "qualified")),
        (but(QUALIFIED, identity_attributes=("doubtful",)), ("provisional", "retrieved")),
        (but(QUALIFIED, identity_attributes=("fictitious",)), ("provisional", "retrieved")),
        (but(QUALIFIED, birth_place=""), ("provisional",)),
    ],
)
def test_what_status_an_identity_may_have(body: PatientBody, allowed: tuple[str, ...]) -> None:
    assert traits.allowed(body) == allowed


@pytest.mark.parametrize(
    ("body", "doubts"),
    [
        (PatientBody(""), []),
        (RETRIEVED, []),
        (QUALIFIED, [Doubt.QUALIFIED]),
        (but(RETRIEVED, identity_status="provisional", ins_oid=INS_TEST_OID), [Doubt.INS_TEST]),
        (but(RETRIEVED, identity_status="provisional", ins_oid=INS_DEMO_OID), [Doubt.INS_TEST]),
        (
            but(RETRIEVED, identity_status="provisional", ins_oid=INS_TEST_OID, identity_attributes=("fictitious",)),
            [],
        ),
        (but(RETRIEVED, identity_status="provisional", ins_oid=""), [Doubt.INS_KIND]),
        (but(RETRIEVED, identity_status="provisional", ins="277010115400328"), [Doubt.INS_KEY]),
        (but(RETRIEVED, sex="male"), [Doubt.INS_SEX]),
        (but(RETRIEVED, birth_date="1978-01-21"), [Doubt.INS_BIRTH]),
        (but(RETRIEVED, birth_date="1977-02-21"), [Doubt.INS_BIRTH]),
        (but(RETRIEVED, identity_status="provisional", birth_date="1977"), []),
        (but(RETRIEVED, identity_status="provisional", birth_date=""), []),
        (but(WHOLE, identity_status="validated"), [Doubt.STATUS_EVIDENCE]),
        (but(WHOLE, identity_status="retrieved"), [Doubt.STATUS_INS]),
        (but(WHOLE, identity_status="sure"), [Doubt.STATUS_UNKNOWN]),
        (but(WHOLE, identity_attributes=("odd",)), [Doubt.ATTRIBUTE_UNKNOWN]),
        (but(WHOLE, treating_doctor_rpps="10003000007"), [Doubt.DOCTOR_RPPS]),
        (but(WHOLE, treating_doctor_rpps="10003000006"), []),
        (
            but(QUALIFIED, identity_attributes=("doubtful",), identity_evidence=" "),
            [Doubt.STATUS_EVIDENCE, Doubt.STATUS_ATTRIBUTE],
        ),
    ],
)
def test_what_should_be_asked_again(body: PatientBody, doubts: list[Doubt]) -> None:
    assert list(traits.doubts(body)) == doubts
    assert traits.doubts(body, body) == ()


def test_a_number_given_before_the_month_was_known_is_no_doubt() -> None:
    assert Doubt.INS_BIRTH not in traits.doubts(but(RETRIEVED, ins="277209935012345"))


anything = st.text(max_size=16)


@given(
    st.builds(
        PatientBody,
        anything,
        st.tuples(anything),
        anything,
        anything,
        ins=anything | st.just(RETRIEVED.ins),
        ins_oid=anything | st.just(INS_NIR_OID),
        identity_status=st.sampled_from(traits.STATUSES) | anything,
        identity_attributes=st.tuples(anything),
        treating_doctor_rpps=anything,
    )
)
def test_whatever_an_import_brought_can_be_weighed(body: PatientBody) -> None:
    found = traits.doubts(body)
    assert len(set(found)) == len(found)
    assert "provisional" in traits.allowed(body)
    if body.identity_status in traits.STATUSES and not set(found) & {one for one in Doubt if one.startswith("status")}:
        assert body.identity_status in traits.allowed(body)
