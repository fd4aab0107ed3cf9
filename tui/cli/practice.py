"""`confrere init` makes a practice; `confrere doctor` looks over an installation."""

import secrets
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from localstore import founding, paths, practice
from localstore.errors import DamagedStore
from localstore.folding import fold
from localstore.founding import Identity
from localstore.identity import is_rpps
from localstore.keys import keyring, passphrase
from sync import desk as desk_room
from tui.cli import asking, checks, opening, output
from tui.cli.commands import Asked, command, family
from tui.cli.errors import NotConfirmed, NoTerminal
from tui.words.catalogue import text

commands = family()

ASKED_BACK = 3  # of the recovery words: enough to know that they were written down
ATTEMPTS = 3

Name = Annotated[
    str, typer.Option("--name", metavar="NAME", help=text("The doctor's name, as colleagues will see it."))
]
Rpps = Annotated[str, typer.Option("--rpps", metavar="NUMBER", help=text("The doctor's RPPS number, 11 digits."))]
PracticeName = Annotated[str, typer.Option("--practice-name", metavar="NAME", help=text("The name of the practice."))]
Town = Annotated[str, typer.Option("--town", metavar="TOWN", help=text("Where the practice is."))]
Profession = Annotated[str, typer.Option("--profession", metavar="WORDS", help=text("The doctor's profession."))]
NoConfirm = Annotated[
    bool,
    typer.Option(
        "--no-confirm", help=text("Ask nothing. Without --passphrase-fd a passphrase is made, and printed once.")
    ),
]
KdfMemory = Annotated[
    int,
    typer.Option(
        "--kdf-memory",
        metavar="MIB",
        help=text("Memory that each try of the passphrase costs, from 64 to 1,024 MiB (default 256)."),
    ),
]


@dataclass(frozen=True, slots=True)
class _Chosen:
    """A passphrase, and whether it was made here and must be shown."""

    secret: str
    generated: bool


@command(commands, "init", text("Create a practice on this machine, for one doctor."))
def init(
    asked: Asked,
    name: Name,
    rpps: Rpps,
    practice_name: PracticeName = "",
    town: Town = "",
    profession: Profession = "Médecin généraliste",
    no_confirm: NoConfirm = False,
    kdf_memory: KdfMemory = keyring.DEFAULT_MEMORY // keyring.MIB,
) -> None:
    """Make the practice, its keys and its postbox; show the recovery words once."""
    folder = asked.folder.absolute()
    founding.check_new_folder(folder)
    talks = not no_confirm and asking.is_possible()
    _check_rpps(rpps, talks)
    chosen = _choose(asked, no_confirm)
    named = practice_name or text("Practice of {name}").format(name=name)
    identity = Identity(named, town, name, rpps, profession)
    with opening.store_errors():
        made = founding.make(folder, identity, chosen.secret, memory=kdf_memory * keyring.MIB)
        opened = practice.unlock(folder, chosen.secret)
        desk_room.establish(opened).close()
    words = unicodedata.normalize("NFC", made)  # the word list has its accents apart, as no keyboard types them
    _show(asked, opened.id.hex(), identity, folder, words, chosen)
    if talks:
        _ask_back(words.split())


def _check_rpps(rpps: str, talks: bool) -> None:
    if is_rpps(rpps):
        return
    warning = text("“{number}” is not a valid RPPS number: 11 digits, the last of which is a key.").format(number=rpps)
    output.note(warning)
    if talks and not asking.confirms(text("Use it all the same?")):
        raise NotConfirmed(remedy="Check the number.")


def _choose(asked: Asked, no_confirm: bool) -> _Chosen:
    if asked.passphrase_fd is not None:
        given = passphrase.check(opening.passphrase_from(asked.passphrase_fd))
        _warn_if_weak(given)
        return _Chosen(given, generated=False)
    if no_confirm:
        return _Chosen(passphrase.generate(), generated=True)
    if not asking.is_possible():
        raise NoTerminal
    return _choose_on_terminal()


def _choose_on_terminal() -> _Chosen:
    for _ in range(ATTEMPTS):
        first = asking.secret(text("New passphrase (Enter for a generated one): "))
        if not first:
            return _Chosen(passphrase.generate(), generated=True)
        passphrase.check(first)
        if asking.secret(text("The same passphrase again: ")) != first:
            output.note(text("The two are not the same."))
            continue
        if not _warn_if_weak(first) or asking.confirms(text("Use it all the same?")):
            return _Chosen(first, generated=False)
    raise NotConfirmed(remedy="Choose a passphrase, and type it twice.")


def _warn_if_weak(secret: str) -> bool:
    """Say so when a passphrase is easy to guess; whether it is."""
    bits = passphrase.estimated_bits(secret)
    if bits >= passphrase.ENOUGH_BITS:
        return False
    output.note(
        text("This passphrase is worth about {bits} bits; {enough} are advised.").format(
            bits=round(bits), enough=round(passphrase.ENOUGH_BITS)
        )
    )
    return True


def _show(asked: Asked, identifier: str, identity: Identity, folder: Path, words: str, chosen: _Chosen) -> None:
    if asked.as_json:
        shown: dict[str, Any] = {
            "id": identifier,
            "practice": identity.practice,
            "name": identity.doctor,
            "rpps": identity.rpps,
            "folder": str(folder),
            "recovery_words": words,
        }
        output.document(shown | ({"passphrase": chosen.secret} if chosen.generated else {}))
        return
    output.say(text("The practice “{name}” is ready in {folder}.").format(name=identity.practice, folder=folder))
    if chosen.generated:
        output.say(text("Passphrase: ") + chosen.secret)
    output.say(text("Recovery words. They exist nowhere else: write them on paper, now."))
    every = words.split()
    for start in range(0, len(every), 6):
        output.say("  ".join(f"{start + at + 1:2}. {word:<10}" for at, word in enumerate(every[start : start + 6])))


def _ask_back(words: list[str]) -> None:
    """A few of the recovery words, to know that they were written down."""
    places = sorted(secrets.SystemRandom().sample(range(len(words)), ASKED_BACK))
    if not all(any(_is_typed(place, words[place]) for _ in range(ATTEMPTS)) for place in places):
        output.note(text("Without these words, a forgotten passphrase loses everything: write them down again."))


def _is_typed(place: int, word: str) -> bool:
    if fold(asking.answer(text("Recovery word number {number}: ").format(number=place + 1))) == fold(word):
        return True
    output.note(text("That is another word. Check what you wrote down."))
    return False


@command(commands, "doctor", text("Check this installation and this practice, and say what to mend."))
def doctor(asked: Asked) -> None:
    """Each check in a line; exit code 6 when something is damaged."""
    folder = paths.require_practice(asked.folder)
    found = checks.without_key(folder)
    if asked.passphrase_fd is None and not asking.is_possible():
        found.append(checks.not_opened())
    else:
        try:
            with opening.unlocked(asked) as opened:
                found += checks.with_key(opened)
        except DamagedStore as error:
            found.append(checks.damaged("record", error))
    if asked.as_json:
        output.document([one.shape() for one in found])
    else:
        output.table([text("Check"), text("State"), text("Found")], [one.row() for one in found])
    checks.raise_if_damaged(found)
