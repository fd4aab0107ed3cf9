"""`confrere init` makes a practice; `confrere doctor` looks over an installation."""

from pathlib import Path
from typing import Annotated, Any

import typer

from localstore import founding, paths, practice
from localstore.errors import DamagedStore, DiskFull
from localstore.founding import Identity
from localstore.keys import keyring
from sync import desk as desk_room
from tui.cli import asking, checks, choosing, opening, output, recovery_words, restored
from tui.cli.choosing import Chosen
from tui.cli.commands import Asked, command, family
from tui.cli.errors import NoTerminal
from tui.words.catalogue import text

commands = family()

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
RecoveryPdf = Annotated[
    Path | None,
    typer.Option(
        "--recovery-pdf", metavar="FILE", help=text("Print the recovery words as a PDF; - for stdout: a printer.")
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


@command(commands, "init", text("Create a practice on this machine, for one doctor."))
def init(
    asked: Asked,
    name: Name,
    rpps: Rpps,
    practice_name: PracticeName = "",
    town: Town = "",
    profession: Profession = "Médecin généraliste",
    recovery_pdf: RecoveryPdf = None,
    no_confirm: NoConfirm = False,
    kdf_memory: KdfMemory = keyring.DEFAULT_MEMORY // keyring.MIB,
) -> None:
    """Make the practice, its keys and its postbox; show the recovery words once, and ask some of them back."""
    folder = asked.folder.absolute()
    recovery_words.check_target(recovery_pdf, "confrere init", as_json=asked.as_json)
    founding.check_new_folder(folder)
    talks = not no_confirm and asking.is_possible()
    choosing.check_rpps(rpps, talks=talks)
    chosen = choosing.choose(asked.passphrase_fd, no_confirm, NoTerminal())
    named = practice_name or text("Practice of {name}").format(name=name)
    identity = Identity(named, town, name, rpps, profession)
    with opening.store_errors():
        made = founding.make(folder, identity, chosen.secret, memory=kdf_memory * keyring.MIB)
        opened = practice.unlock(folder, chosen.secret)
        desk_room.establish(opened).close()
    words = recovery_words.composed(made)
    _show(asked, opened.id.hex(), identity, folder, words, chosen, on_paper=recovery_pdf == recovery_words.STDOUT)
    recovery_words.deliver(recovery_pdf, recovery_words.Whose(named, name, town, opened.today()), words)
    if talks:
        try:
            recovery_words.ask_back(words)
        except KeyboardInterrupt:
            said = text(
                "The practice is made, and its words are valid. They were not asked back. Check what you wrote with: "
                "confrere recovery check"
            )
            output.note(said)
            raise
    elif not no_confirm:
        output.note(text("The recovery words were not asked back: nobody is at a terminal."))


def _show(
    asked: Asked,
    identifier: str,
    identity: Identity,
    folder: Path,
    words: list[str],
    chosen: Chosen,
    *,
    on_paper: bool,
) -> None:
    """What was made. Where stdout is the sheet, this goes to stderr, and the words are on the sheet alone."""
    if asked.as_json:
        shown: dict[str, Any] = {
            "id": identifier,
            "practice": identity.practice,
            "name": identity.doctor,
            "rpps": identity.rpps,
            "folder": str(folder),
            "recovery_words": " ".join(words),
        }
        output.document(shown | ({"passphrase": chosen.secret} if chosen.generated else {}))
        return
    say = output.note if on_paper else output.say
    say(text("The practice “{name}” is ready in {folder}.").format(name=identity.practice, folder=folder))
    if chosen.generated:
        say(text("Passphrase: ") + chosen.secret)
    if not on_paper:
        recovery_words.show(words)


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
                found += [*checks.with_key(opened), *restored.checks(opened)]
        except DamagedStore as error:
            found.append(checks.damaged("record", error))
        except DiskFull as error:
            found.append(checks.no_room(error))
    if asked.as_json:
        output.document([one.shape() for one in found])
    else:
        output.table([text("Check"), text("State"), text("Found")], [one.row() for one in found])
    checks.raise_if_damaged(found)
