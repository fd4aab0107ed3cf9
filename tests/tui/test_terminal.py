"""The interface on a real terminal: a visit from lock to lock, and what is left when it breaks."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from localstore import practice, record, settings
from localstore.bodies import AllergyBody
from localstore.keys import keyring
from sync.post_office import status
from tests.checks.source import ROOT
from tests.practices import PASSPHRASE
from tests.tui.houses import Houses
from tests.tui.terminal import memory_holds, on_terminal

CRASHING = """
import sys
from pathlib import Path
from tui import app, start
from tui.screens.search import Search

def look(self):
    patient = "Zénobie MARQUEUR"
    raise KeyError(patient)

async def look_later(self):
    look(self)

{patch}
sys.exit(start.run(Path(sys.argv[2])))
"""
CRASHES = {
    "in a handler": "Search.look = look",
    "in a worker": "Search.look = app.work(look_later)",
    "while painting": "Search.paint = lambda self, patient: look(self)",
    "in a timer": "app.ConfrereApp.tick = look",
    "outside of the application": "app.ConfrereApp.run = look",
}


@pytest.fixture
def alone(houses: Houses) -> Iterator[Houses]:
    """Three practices; the daemon that the interface starts is stopped at the end."""
    network = settings.Network(interfaces=("127.0.0.1",), discovery=False)
    settings.write(houses.alpha, settings.Settings(network))
    yield houses
    status.stop(houses.alpha)


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="the memory of a process can only be read on Linux")
def test_from_lock_to_lock_and_the_key_is_gone_from_memory(alone: Houses) -> None:
    key, *_ = keyring.unlock(keyring.read(alone.alpha), PASSPHRASE).record_keys
    in_hex = key.hex().encode()
    with on_terminal("-m", "tui.start", "--practice", str(alone.alpha)) as terminal:
        terminal.says("Phrase de passe")
        before = Path(f"/proc/{terminal.pid}/cmdline").read_bytes()
        terminal.type(PASSPHRASE + "\r")
        terminal.says("MARTIN")
        terminal.type("lucie")
        terminal.says("1 patient trouvé")
        terminal.type("\r")
        terminal.says("Hypertension")
        terminal.type("a")
        terminal.says("Nouvelle allergie")
        terminal.type("Latex\x13")
        terminal.says("Enregistré")
        assert memory_holds(terminal.pid, key) or memory_holds(terminal.pid, in_hex)
        so_far = len(terminal.output)
        terminal.type("\x0c")
        terminal.says("Phrase de passe", after=so_far)
        assert Path(f"/proc/{terminal.pid}/cmdline").read_bytes() != before  # the same terminal, another process image
        assert not memory_holds(terminal.pid, key) and not memory_holds(terminal.pid, in_hex)
        assert not memory_holds(terminal.pid, PASSPHRASE.encode())
        terminal.type("\x11")
        assert terminal.ended() == 0
    opened = practice.unlock(alone.alpha, PASSPHRASE)
    bodies = [one.body for one in record.chart(opened, alone.jeanne).entries]
    labels = [body.substance.label for body in bodies if isinstance(body, AllergyBody)]
    opened.close()
    assert "Latex" in labels


@pytest.mark.parametrize("where", CRASHES)
def test_a_crash_says_one_sentence_without_values_and_ends_with_70(alone: Houses, tmp_path: Path, where: str) -> None:
    script = tmp_path / "crash.py"
    script.write_text(CRASHING.format(patch=CRASHES[where]), encoding="utf-8")
    boot = f"import sys, runpy; sys.path.insert(0, {str(ROOT)!r}); runpy.run_path(sys.argv[1])"
    with on_terminal("-c", boot, str(script), str(alone.alpha)) as terminal:
        if where != "outside of the application":
            terminal.says("Phrase de passe")
            terminal.type(PASSPHRASE + "\r")
        assert terminal.ended() == 70
        said = terminal.words()
        assert "KeyError" in said and "interne" in said
        assert "Zénobie" not in said and "MARQUEUR" not in said and "Traceback" not in said
