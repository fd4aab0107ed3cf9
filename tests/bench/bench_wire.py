"""How many bytes cross the wire for 1,024 random bytes of a record: all that TLS carries, handshake excepted."""

from pathlib import Path

from localstore import crypto
from sync.receiving import reception
from tests.bench import sessions
from tests.bench.result import Result
from tests.bench.sealing import RECORD_BYTES, entry, extract, extracts
from tests.bench.sessions import Town

TOGETHER = (10, 100, 1000)  # records of one patient in one extract
BATCH = 256  # documents on their way at once


def run(folder: Path) -> list[Result]:
    """Bytes there for each record: alone in its document; among many such documents; many in one extract. And bytes
    back for one document: its delivery receipt, and the signed one that its opening is answered with."""
    town = sessions.town(folder)
    town.send(extracts(1))  # with the offer of the epoch, which goes out once
    _settle(town)
    silence = town.meet()
    town.send(extracts(1))
    alone = town.meet()
    reception.collect(town.beta)
    answer = town.meet()
    _settle(town)
    results = [
        _result("wire-alone", alone.there - silence.there),
        _result("wire-alone-back", alone.back - silence.back),
        _result("wire-alone-answer", answer.back - silence.back),
        _result(f"wire-batch-of-{BATCH}", _among(town, BATCH) / BATCH),
    ]
    for number in TOGETHER:
        patient = crypto.random_bytes(16).hex()
        body = extract([entry(patient, crypto.random_bytes(RECORD_BYTES)) for _ in range(number)], patient)
        town.send([body])
        results.append(_result(f"wire-extract-of-{number}", (town.meet().there - silence.there) / number))
        _settle(town)
    town.close()
    return results


def _among(town: Town, number: int) -> int:
    silence = town.meet()
    town.send(extracts(number))
    passed = town.meet()
    _settle(town)
    return passed.there - silence.there


def _settle(town: Town) -> None:
    """Until neither has anything more to say."""
    town.meet()
    reception.collect(town.beta)
    town.meet()
    reception.collect(town.alpha)
    town.meet()


def _result(name: str, size: float) -> Result:
    return Result(name, "bytes", float(size), float(RECORD_BYTES), "lower")
