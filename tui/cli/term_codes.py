"""`--code atc:J01CA04` and `--code auto`: codes and labels from the tables that the user imported."""

from collections.abc import Mapping
from typing import Any

from localstore.database import Connection
from localstore.errors import BadInput
from localstore.kinds import Kind
from localstore.terminology import coding, store, tables
from localstore.terminology.errors import UnknownTable
from localstore.values import Coding, Concept
from tui.cli.errors import Misused
from tui.words.catalogue import text

AUTO = "auto"
# Which tables name what an entry of a kind is about, the most exact first.
TABLES = {
    Kind.MEDICATION: (tables.BDPM, tables.ATC),
    Kind.ALLERGY: (tables.ATC, tables.BDPM),
    Kind.PROBLEM: (tables.CISP2,),
}


def filled(connection: Connection, kind: Kind, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options with every code of a table in full, and with its label as words where none were given.

    Raises UnknownTable, BadInput (no such code, words that do not mean one term alone), Misused."""
    codings: list[str | Coding] = []
    words = options.get("text")
    for typed in options.get("code") or ():
        known = _concept(connection, kind, typed, words or "")
        if known is None:
            codings.append(typed)
            continue
        codings += known.codings
        words = words or known.text
    return {**options, "code": codings, "text": words} if codings else dict(options)


def _concept(connection: Connection, kind: Kind, typed: str, words: str) -> Concept | None:
    """What a table says; None for a code that is written out: SYSTEM|CODE|LABEL."""
    if typed == AUTO:
        return _only(connection, kind, words)
    system, separator, code = typed.partition(":")
    if not separator or "|" in typed or system not in tables.SYSTEMS:
        return None
    term = coding.lookup(connection, system, code)
    if term is None:
        if system not in {table.system for table in store.listing(connection)}:
            raise UnknownTable(system=system)
        raise BadInput(
            what="There is no code “{code}” in the table “{system}”.",
            code=code,
            system=system,
            remedy="Look for it with: confrere terms search WORDS",
        )
    return coding.concept(connection, term)


def _only(connection: Connection, kind: Kind, words: str) -> Concept:
    if kind not in TABLES or not words:
        problem = text("--code auto goes with --text, for a medicine, an allergy or a problem.")
        raise Misused(problem=problem, command="confrere add")
    term = coding.only(connection, words, TABLES[kind])
    if term is None:
        raise BadInput(
            what="“{words}” is not the name of one term alone in the imported tables.",
            words=words,
            remedy="Look for it with: confrere terms search WORDS",
        )
    return coding.concept(connection, term)
