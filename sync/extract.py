"""Extracts: what one consent lets one colleague know about one patient. Pure; the gate has chosen the entries."""

from collections.abc import Sequence

import msgspec

from localstore.model import Entry, PatientBody
from localstore.terms import Terms
from sync.documents import Extract

QUALIFIED = "qualified"


def identity_to_share(patient: PatientBody) -> PatientBody:
    """What recognises the patient, and nothing else of the identity: no address, no telephone, no relatives.

    The INS travels only when the identity is qualified (the national identity-vigilance reference, RNIV).
    """
    with_ins = patient.identity_status == QUALIFIED
    return PatientBody(
        family_name=patient.family_name,
        given_names=patient.given_names,
        used_name=patient.used_name,
        birth_date=patient.birth_date,
        birth_place=patient.birth_place,
        sex=patient.sex,
        deceased=patient.deceased,
        ins=patient.ins if with_ins else "",
        ins_oid=patient.ins_oid if with_ins else "",
        identity_status=patient.identity_status,
    )


def build(
    consent: str,
    terms: Terms,
    patient_id: str,
    patient: PatientBody,
    entries: Sequence[Entry],
    as_of: str,
    supersedes: str,
) -> Extract:
    """The extract. Where an entry came from inside this practice (a file name, another colleague) stays here."""
    return Extract(
        consent=consent,
        terms=terms,
        patient_id=patient_id,
        patient=identity_to_share(patient),
        entries=tuple(msgspec.structs.replace(entry, origin="") for entry in entries),
        as_of=as_of,
        supersedes=supersedes,
    )
