"""What init and user add both ask: a passphrase, from a descriptor, made here, or typed twice; and a doubtful RPPS."""

from dataclasses import dataclass, field

from localstore.identity import is_rpps
from localstore.keys import passphrase
from tui.cli import asking, opening, output
from tui.cli.errors import NotConfirmed, NoTerminal
from tui.words.catalogue import text

ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Chosen:
    """A passphrase, and whether it was made here and must be shown."""

    secret: str = field(repr=False)
    generated: bool


def choose(descriptor: int | None, no_confirm: bool, nobody: NoTerminal) -> Chosen:
    """A new passphrase; a weak one is told of. `nobody` is raised where there is nobody to ask. Raises BadInput, and
    NotConfirmed after three tries."""
    if descriptor is not None:
        given = passphrase.check(opening.passphrase_from(descriptor))
        _warn_if_weak(given)
        return Chosen(given, generated=False)
    if no_confirm:
        return Chosen(passphrase.generate(), generated=True)
    if not asking.is_possible():
        raise nobody
    return _choose_on_terminal()


def show_made(chosen: Chosen, *, as_json: bool) -> None:
    """Show a passphrase that was made here, before anything is written: whoever could not read it keeps the old one.
    A JSON document shows it itself."""
    if chosen.generated and not as_json:
        output.say(text("Passphrase: ") + chosen.secret)
        output.note(text("Write it down. It is valid once that is said."))


def _choose_on_terminal() -> Chosen:
    for _ in range(ATTEMPTS):
        first = asking.secret(text("New passphrase (Enter for a generated one): "))
        if not first:
            return Chosen(passphrase.generate(), generated=True)
        passphrase.check(first)
        if asking.secret(text("The same passphrase again: ")) != first:
            output.note(text("The two are not the same."))
            continue
        if not _warn_if_weak(first) or asking.confirms(text("Use it all the same?")):
            return Chosen(first, generated=False)
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


def check_rpps(rpps: str, *, talks: bool) -> None:
    """Say so when a practitioner's number is not valid; where there is somebody, ask again. Raises NotConfirmed."""
    if is_rpps(rpps):
        return
    warning = text("“{number}” is not a valid RPPS number: 11 digits, the last of which is a key.").format(number=rpps)
    output.note(warning)
    if talks and not asking.confirms(text("Use it all the same?")):
        raise NotConfirmed(remedy="Check the number.")
