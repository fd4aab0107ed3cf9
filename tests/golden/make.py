"""Write the golden file of the present release, once and never again: `python -m tests.golden.make 0.1.0`.

The archive holds the folder of a practice as it lies on the disk, and beside it `expected.json`: what that release read
in it. The names are invented; the passphrase is that of the tests.
"""

import json
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import msgspec

from localstore import colleagues, consents, founding, history, importing, patients, practice, record
from localstore.bodies import AllergyBody, MedicationBody, ProblemBody
from localstore.founding import Identity
from localstore.keys.keyring import MIN_MEMORY
from localstore.kinds import Sensitivity
from localstore.practice import Practice
from localstore.values import Concept
from sync import desk
from sync.desk import Desk
from sync.receiving import inbox, reception
from sync.sending import sharing
from tests import practices

HERE = Path(__file__).parent
BUNDLE = {
    "resourceType": "Bundle",
    "type": "collection",
    "entry": [
        {
            "fullUrl": "urn:uuid:6f2d9b1e-6a4e-4a53-9b51-0c6d0f8f2a11",
            "resource": {
                "resourceType": "Patient",
                "name": [{"family": "Lefèvre", "given": ["Émile"]}],
                "gender": "male",
                "birthDate": "1941-11",
            },
        },
        {
            "fullUrl": "urn:uuid:6f2d9b1e-6a4e-4a53-9b51-0c6d0f8f2a12",
            "resource": {
                "resourceType": "Condition",
                "subject": {"reference": "urn:uuid:6f2d9b1e-6a4e-4a53-9b51-0c6d0f8f2a11"},
                "code": {"text": "Goutte"},
                "onsetDateTime": "1998",
            },
        },
    ],
}


def main(release: str) -> None:
    """Make the archive of a release. Raises FileExistsError: what was released is not written again."""
    with tempfile.TemporaryDirectory() as place, zipfile.ZipFile(HERE / f"{release}.zip", "x") as archive:
        expected = _live(Path(place))
        for path in sorted((Path(place) / "alpha").iterdir()):
            if not path.name.endswith((".lock", ".json")):
                archive.write(path, f"practice/{path.name}", zipfile.ZIP_DEFLATED)
        archive.writestr("expected.json", json.dumps(expected, indent=1, ensure_ascii=False), zipfile.ZIP_DEFLATED)


def _live(place: Path) -> dict[str, Any]:
    """A short life of two practices; what can be read of the first at the end."""
    identity = Identity("Cabinet Alpha", "Lyon", "Dr Alpha", "10001234567")
    clock = practices.SteppingClock()
    words = founding.make(place / "alpha", identity, practices.PASSPHRASE, clock=clock, memory=MIN_MEMORY)
    alpha = desk.establish(practice.unlock(place / "alpha", practices.PASSPHRASE, clock=clock))
    beta = practices.make_desk(place / "beta", "Beta", "10001234575")
    of_beta, of_alpha = practices.pair(alpha, beta)
    zoe = _write(alpha.practice)
    _import(alpha.practice, place)
    sharing.grant(alpha, zoe, of_beta, purpose="avis", given="written")
    sharing.share(alpha, zoe, of_beta)
    practices.carry(alpha, of_beta, beta, of_alpha)
    reception.collect(beta)
    (item,) = inbox.listing(beta)
    taken = inbox.take(beta, item.id, new=True)
    record.add(beta.practice, taken.patient, ProblemBody(Concept("Rhinite allergique")), "2026-02")
    sharing.grant(beta, taken.patient, of_alpha, purpose="réponse")
    sharing.share(beta, taken.patient, of_alpha)
    practices.carry(beta, of_alpha, alpha, of_beta)
    reception.collect(alpha)
    found = _read(alpha, zoe)
    alpha.close()
    beta.close()
    return {"passphrase": practices.PASSPHRASE, "recovery_words": words, **found}


def _write(here: Practice) -> str:
    zoe = practices.add_zoe(here).id
    allergy = record.add(here, zoe, AllergyBody(Concept("Pénicilline"), reaction="urticaire"), "2019")
    record.amend(here, allergy.version, AllergyBody(Concept("Pénicilline"), reaction="choc"))
    record.add(here, zoe, MedicationBody(Concept("Salbutamol")), "2025-11-03")
    record.add(here, zoe, ProblemBody(Concept("Dépression")), "2010", Sensitivity.RESTRICTED)
    wrong = record.add(here, zoe, ProblemBody(Concept("Asthme")), "2001-04")
    record.retract(here, wrong.version, "autre patient")
    record.open_chart(here, zoe, "lettre")
    return zoe


def _import(here: Practice, place: Path) -> None:
    path = place / "lefevre.json"
    path.write_text(json.dumps(BUNDLE), encoding="utf-8")
    importing.import_paths(here, [path])


def _read(here: Desk, zoe: str) -> dict[str, Any]:
    connection = here.practice.connection
    owner = patients.number(connection, zoe)
    found = {
        "zoe": zoe,
        "patients": patients.listing(connection),
        "charts": {one.id: record.chart(here.practice, one.id)[:2] for one in patients.listing(connection)},
        "history": history.lines(connection),
        "colleagues": [(one.id, one.name, one.state) for one in colleagues.listing(connection)],
        "consents": [(one.id, one.terms, one.revoked) for one in consents.of_patient(connection, owner)],
        "inbox": [(item.id, item.colleague, item.state, item.entries) for item in inbox.listing(here)],
    }
    plain: dict[str, Any] = json.loads(msgspec.json.encode(found))
    return plain


if __name__ == "__main__":
    main(sys.argv[1])
