"""`confrere terms`: the tables of codes that the user owns: import, list, search, remove."""

from pathlib import Path
from typing import Annotated

import typer

from localstore.terminology import coding, importing, store, tables
from tui.cli import opening, output
from tui.cli.commands import Asked, command, family
from tui.cli.errors import Misused
from tui.words.catalogue import text, texts
from tui.words.marking import message

commands = family()
terms_commands = family("terms", help=text("Tables of codes that you own: ATC, CISP-2, the public drug database."))
commands.add_typer(terms_commands, name="terms")

SHOWN = 30
NAMES = {
    tables.ATC: message("ATC classification"),
    tables.CISP2: message("CISP-2 classification"),
    tables.BDPM: message("public drug database"),
}
PARTS = {
    "": "",
    tables.MEDICINES: message("medicines"),
    tables.PRESENTATIONS: message("boxes"),
    tables.SUBSTANCES: message("substances"),
    tables.GROUPS: message("ATC codes of medicines"),
}

Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help=text("The files of the tables."))]
System = Annotated[str, typer.Option("--system", metavar="SYSTEM", help=text("atc, cisp2 or bdpm."))]
Edition = Annotated[
    str, typer.Option("--edition", metavar="WORDS", help=text("Which edition it is; otherwise the day of the import."))
]
Searched = Annotated[str, typer.Argument(metavar="WORDS", help=text("The beginning of a code, or words."))]
Named = Annotated[str, typer.Argument(metavar="SYSTEM", help=text("atc, cisp2 or bdpm."))]


@command(terms_commands, "import", text("Import tables of codes; one of the same system is replaced."))
def import_tables(asked: Asked, files: Files, system: System = "", edition: Edition = "") -> None:
    """Import each file on its own, and say what it held."""
    _check(system)
    with opening.unlocked(asked) as practice:
        made = [importing.import_file(practice, path, system, edition) for path in files]
    if asked.as_json:
        output.document({"tables": [one._asdict() for one in made]})
        return
    for one in made:
        words = texts("{name}: {count} line.", "{name}: {count} lines.", one.rows)
        output.say(words.format(name=_name(one), count=one.rows))


@command(terms_commands, "list", text("List the tables that were imported."))
def list_tables(asked: Asked) -> None:
    """List."""
    with opening.unlocked(asked) as practice:
        found = store.listing(practice.connection)
    if asked.as_json:
        output.document({"tables": [one._asdict() for one in found]})
        return
    headings = [text("System"), text("Table"), text("Edition"), text("Lines"), text("Imported")]
    output.table(headings, [(one.system, _name(one), one.version, one.rows, one.imported[:10]) for one in found])


@command(terms_commands, "search", text("Search the tables by the beginning of a code, or by words."))
def search(asked: Asked, words: Searched, system: System = "") -> None:
    """Search."""
    _check(system)
    with opening.unlocked(asked) as practice:
        found = coding.suggest(practice.connection, words, system, SHOWN)
    if asked.as_json:
        output.document({"terms": [one._asdict() for one in found]})
        return
    output.table([text("Code"), text("Words")], [(f"{one.system}:{one.code}", one.label) for one in found])


@command(terms_commands, "remove", text("Remove a table; what was coded with it keeps its codes and words."))
def remove(asked: Asked, system: Named) -> None:
    """Remove."""
    _check(system)
    with opening.unlocked(asked) as practice:
        gone = importing.remove(practice, system)
    if asked.as_json:
        output.document({"removed": gone})
    else:
        output.say(texts("{count} line removed.", "{count} lines removed.", gone).format(count=gone))


def _check(system: str) -> None:
    if system and system not in tables.SYSTEMS:
        problem = text("The system is one of: {systems}.").format(systems=", ".join(tables.SYSTEMS))
        raise Misused(problem=problem, command="confrere terms")


def _name(one: store.Table) -> str:
    part = PARTS[one.part]
    return text(NAMES[one.system]) + (f" ({text(part)})" if part else "")
