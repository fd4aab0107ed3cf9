"""The import contracts once more, as facts about running processes.

The static contracts read source; an eager `__init__.py`, a lazy import or an import by name would pass them. Here each
half of the house is imported in a process of its own, and what that loaded is what counts.
"""

import json
import subprocess
import sys
from functools import cache
from typing import NamedTuple

import pytest

from tests.checks.source import PACKAGES, ROOT, contracts, is_in, module_of, python_files

BLIND = frozenset(contracts()["blind"]["source_modules"])
# Neither side of the wall: plain values, and the postbox with what it needs to be opened.
BOTH_SIDES = frozenset(
    {
        "localstore", "localstore.arrivals", "localstore.clock", "localstore.crypto", "localstore.database",
        "localstore.departures", "localstore.errors", "localstore.feeds", "localstore.incarnations", "localstore.lots",
        "localstore.opening", "localstore.paths", "localstore.postbox", "localstore.postbox_tables",
        "localstore.reported", "localstore.settings", "sync", "sync.errors",
    }
)  # fmt: skip
# What a screen may name besides the gateway: values, errors, and pure functions over them.
FOR_SCREENS = frozenset(
    {
        "localstore", "localstore.bodies", "localstore.coded", "localstore.errors", "localstore.folding",
        "localstore.identities", "localstore.identities.datamatrix", "localstore.identities.homonyms",
        "localstore.identities.pairs", "localstore.identities.traits", "localstore.identity", "localstore.kinds",
        "localstore.model", "localstore.partial_date", "localstore.roles", "localstore.safety",
        "localstore.safety.ages", "localstore.safety.cautions", "localstore.safety.chart",
        "localstore.safety.checking", "localstore.safety.combinations",
        "localstore.safety.contraindications", "localstore.safety.freshness",
        "localstore.safety.measures", "localstore.safety.naming", "localstore.safety.plausibility",
        "localstore.safety.pregnancy", "localstore.safety.prescribing", "localstore.safety.substances",
        "localstore.standing", "localstore.terms", "localstore.values",
    }
)  # fmt: skip
# Packages of which only what is named above is for screens.
DIVIDED = frozenset({"localstore", "localstore.identities"})
HEAVY = frozenset(
    {"asyncio", "textual", "reportlab", "zeroconf", "ssl", "sync.post_office.daemon", "sync.post_office.transport"}
)


class Seen(NamedTuple):
    """What a process loaded, and which module of the house asked for what."""

    loaded: frozenset[str]
    asked: frozenset[tuple[str, str]]


@cache
def seen(*modules: str) -> Seen:
    """Import the modules in a process of their own."""
    command = [sys.executable, "-W", "error", "-m", "tests.checks.witness", *modules]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout)
    return Seen(frozenset(report["loaded"]), frozenset((who, what) for who, what in report["asked"]))


def modules_of(*names: str) -> tuple[str, ...]:
    """Every module at or below the names."""
    every = (module_of(path) for path in python_files(*PACKAGES) if path.name != "__main__.py")
    return tuple(module for module in every if is_in(module, names))


def loaded_of(names: tuple[str, ...] | list[str], modules: tuple[str, ...]) -> list[str]:
    """Which of the names, or what is below them, importing the modules loads."""
    return sorted(module for module in seen(*modules).loaded if is_in(module, names))


def importers_of(library: str) -> set[str]:
    """The modules of the house that import the library, when everything is imported."""
    return {who for who, what in seen(*modules_of(*PACKAGES)).asked if is_in(what, (library,))}


def test_the_witness_sees() -> None:
    there = seen("localstore.database")
    assert {"localstore.errors", "sqlcipher3", "pathlib"} <= there.loaded
    assert ("localstore.database", "sqlcipher3") in there.asked


def test_layers() -> None:
    assert loaded_of(["sync", "tui"], modules_of("localstore")) == []
    assert loaded_of(["tui"], modules_of("localstore", "sync")) == []


@pytest.mark.parametrize("contract", ["core", "decisions"])
def test_pure_modules_ask_for_no_input_or_output(contract: str) -> None:
    pure = modules_of(*contracts()[contract]["source_modules"])
    forbidden = contracts()[contract]["forbidden_modules"]
    excused = [tuple(line.split(" -> ")) for line in contracts()[contract].get("ignore_imports", [])]
    asked = {(who, what) for who, what in seen(*pure).asked if is_in(what, forbidden)}
    assert (
        sorted((who, what) for who, what in asked if not any(who == a and is_in(what, (b,)) for a, b in excused)) == []
    )


@pytest.mark.parametrize("contract", ["core", "decisions"])
def test_pure_modules_load_no_network_no_store_and_no_screen(contract: str) -> None:
    pure = modules_of(*contracts()[contract]["source_modules"])
    assert loaded_of(["asyncio", "socket", "ssl", "sqlcipher3", "sqlite3", "zeroconf", "textual"], pure) == []


def test_the_protocol_alone_loads_nothing_of_the_store_but_its_primitives() -> None:
    house = loaded_of(list(PACKAGES), modules_of("sync.protocol"))
    permitted = ("sync.protocol", "sync.errors", "localstore.crypto", "localstore.errors", "localstore.feeds")
    assert [module for module in house if module not in PACKAGES and not is_in(module, permitted)] == []


@pytest.mark.parametrize("module", sorted(BLIND))
def test_blind_half_loads_no_record_and_no_desk(module: str) -> None:
    house = loaded_of(list(PACKAGES), modules_of(module))
    assert [name for name in house if not is_in(name, BLIND) and name not in BOTH_SIDES] == []


def test_every_module_of_localstore_and_sync_stands_on_one_side_of_the_wall() -> None:
    sighted = tuple(contracts()["blind"]["forbidden_modules"])
    undecided = [
        module
        for module in modules_of("localstore", "sync")
        if is_in(module, BLIND) + is_in(module, sighted) + (module in BOTH_SIDES) != 1
    ]
    assert undecided == []


def test_one_crypto_importer() -> None:
    assert importers_of("nacl") == {"localstore.crypto"}
    assert importers_of("cryptography.hazmat.primitives.hpke") == {"localstore.crypto"}


def test_one_sqlcipher_importer() -> None:
    assert importers_of("sqlcipher3") == {"localstore.database"}
    assert importers_of("sqlite3") == set()


def test_emergency_door() -> None:
    # The PDF library loads ssl and socket for pictures on the web, of which the sheet has none.
    forbidden = [name for name in contracts()["emergency"]["forbidden_modules"] if name not in {"socket", "ssl"}]
    assert loaded_of(forbidden, modules_of("localstore.emergency")) == []


def test_screens_ask_only_the_gateway() -> None:
    screens = modules_of("tui.screens", "tui.widgets")
    asked = seen(*screens).asked
    lower = {
        (who, what)
        for who, what in asked
        if is_in(who, screens) and is_in(what, ("localstore", "sync"))
        if what not in DIVIDED and not is_in(what, FOR_SCREENS - DIVIDED)
    }
    assert sorted(lower) == []


def test_every_module_of_localstore_is_either_for_screens_or_behind_the_gateway() -> None:
    behind = tuple(contracts()["screens"]["forbidden_modules"])
    undecided = [
        module for module in modules_of("localstore", "sync") if is_in(module, behind) == (module in FOR_SCREENS)
    ]
    assert undecided == []


def test_the_command_line_starts_light() -> None:
    assert loaded_of(sorted(HEAVY), modules_of("tui.cli.main")) == []
