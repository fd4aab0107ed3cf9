"""SQL is written by hand, with parameters, in the few files that are named for it."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.checks.source import PACKAGES, functions, name_of, python_files, tree_of

SQL_FILES = {
    "localstore/agenda/planned.py": "the record: appointments and recalls across the practice",
    "localstore/anchors.py": "the record: heads that colleagues keep",
    "localstore/arrivals.py": "the postbox: what arrives, as a session needs it",
    "localstore/blocks.py": "the record: what came together, compressed",
    "localstore/indexing.py": "the record: which entries are about what",
    "localstore/upgrading.py": "the record: what a migration needs beyond statements",
    "localstore/questions/finding.py": "the record: questions to the whole practice",
    "localstore/backup/drill.py": "the record: when the last drill was held",
    "localstore/backup/examining.py": "the record: whose it is",
    "localstore/backup/still.py": "transactions and pragmas of a database that stands still",
    "localstore/colleagues.py": "the record: colleagues",
    "localstore/contents.py": "the record: the digest of all versions",
    "localstore/consents.py": "the record: consents",
    "localstore/correspondence.py": "the record: what was sealed for and opened from colleagues",
    "localstore/database.py": "transactions",
    "localstore/followed.py": "the record: what standing consents have sent",
    "localstore/documents/checking.py": "the record: which entries name files",
    "localstore/documents/storing.py": "the record: files in pieces",
    "localstore/departures.py": "the postbox: what leaves, as a session needs it",
    "localstore/enclosures.py": "the record: what letters held",
    "localstore/epoch_keys.py": "the record: sealing keys and epoch keys, made and deleted",
    "localstore/founding.py": "the record: its first rows",
    "localstore/head.py": "the record: how far it has come",
    "localstore/history.py": "the record: the audit chain",
    "localstore/inspection.py": "the record: every check of it",
    "localstore/identities/candidates.py": "the record: records that may be of one person",
    "localstore/incarnations.py": "the postbox: feeds that ended with a backup that was put back",
    "localstore/keys/archive_key.py": "folding the log of the archive before its key is changed",
    "localstore/keys/rotation.py": "folding the log of a record before its key is changed",
    "localstore/keystore.py": "the record: secret keys by name",
    "localstore/lots.py": "the postbox: which lots were written and read",
    "localstore/migrations.py": "the record: its tables",
    "localstore/opening.py": "pragmas",
    "localstore/originals.py": "the record: words that came with entries",
    "localstore/people.py": "the record: which records are those of one person",
    "localstore/patients.py": "the record: search and listing of patients",
    "localstore/postbox.py": "the postbox: the desk's side of it",
    "localstore/postbox_tables.py": "the postbox: its tables",
    "localstore/practice.py": "the record: the identity of the practice",
    "localstore/replacements.py": "the record: what takes the place of what must not leave",
    "localstore/reserve.py": "rewinding the log on a full disk",
    "localstore/rights/archive.py": "the archive: who is in it",
    "localstore/rights/archive_tables.py": "the archive: its tables",
    "localstore/rights/archiving.py": "the archive: the pieces of a record",
    "localstore/rights/company.py": "the record: what belongs to nobody and came with somebody",
    "localstore/rights/erasure.py": "the record: whether a duplicate is empty; folding the log after an erasure",
    "localstore/rights/keeping.py": "the record: the day of the last care",
    "localstore/rights/pieces.py": "the record: all rows of one patient, out and in",
    "localstore/rights/removals.py": "the record: what left it, and all that goes with it",
    "localstore/segments.py": "the record: sealed months of the history",
    "localstore/sources.py": "the record: resources kept verbatim",
    "localstore/terminology/store.py": "the record: imported tables of codes",
    "localstore/unreadable.py": "the record: what was sealed and could not be opened",
    "localstore/users.py": "the record: who works here",
    "localstore/verification.py": "the record: the keys that verify the history",
    "localstore/versions.py": "the record: versions of entries",
}

# "path::function" -> why a statement is put together there: what is put in is never a value that came from outside.
ASSEMBLED = {
    "localstore/opening.py::create": "a pragma takes no parameters; the application id is a constant",
    "localstore/opening.py::give_key": "a pragma takes no parameters; the key was checked to be 64 hex digits",
    "localstore/correspondence.py::mark_attested": "one of two names of columns, chosen in the code",
    "localstore/versions.py::_parents": "only question marks, as many as there are numbers",
    "localstore/patients.py::deaths": "only question marks, as many as there are patients",
    "localstore/questions/finding.py::_rows": "conditions written in the code, with their own parameters",
    "localstore/opening.py::_migrate": "a pragma takes no parameters; the number is formatted as an integer",
}

STATEMENT = re.compile(
    r"\s*(?:SELECT\s|INSERT (?:OR \w+ )?INTO\s|REPLACE INTO\s|UPDATE (?:OR \w+ )?\w+\s+SET\s|DELETE FROM\s|PRAGMA\s"
    r"|CREATE (?:UNIQUE |VIRTUAL |TEMP )?(?:TABLE|INDEX|TRIGGER|VIEW)\s|DROP (?:TABLE|INDEX|TRIGGER|VIEW)\s"
    r"|ALTER TABLE\s|ATTACH\s|VACUUM\b|BEGIN(?: IMMEDIATE| EXCLUSIVE)?$|COMMIT$|ROLLBACK$|SAVEPOINT\s"
    r"|WITH (?:RECURSIVE )?\w+(?:\([\w, ]*\))? AS\b)"
)
CLAUSE = re.compile(r"\s*(?:WHERE|ORDER BY|GROUP BY|LIMIT|FROM|(?:LEFT |INNER )?JOIN|VALUES|SET|AND|OR|UNION)\s")


def statements(tree: ast.Module) -> Iterator[tuple[ast.expr, bool]]:
    """Each expression that begins like a statement of SQL or adds a clause to one, and whether it is put together.

    Parts that are literals, or constants by their name, don't count: they are the same in every run.
    """
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr) and STATEMENT.match(_text(node)):
            yield node, not all(_is_constant(part) for part in node.values)
        elif isinstance(node, ast.BinOp) and (STATEMENT.match(_text(node.left)) or CLAUSE.match(_text(node.right))):
            yield node, not (_is_constant(node.left) and _is_constant(node.right))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
            if STATEMENT.match(_text(node.func.value)):
                yield node, True
        elif isinstance(node, ast.Constant) and id(node) not in parts and STATEMENT.match(_text(node)):
            yield node, False


def _is_constant(node: ast.expr) -> bool:
    if isinstance(node, ast.BinOp):
        return _is_constant(node.left) and _is_constant(node.right)
    if isinstance(node, ast.JoinedStr):
        return all(_is_constant(part) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        return _is_constant(node.value)
    return isinstance(node, ast.Constant) or (isinstance(node, ast.Name) and node.id.isupper())


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) if isinstance(part, ast.Constant) else "0" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def files_with_sql() -> set[str]:
    """The files that hold a statement."""
    return {name_of(path) for path in python_files(*PACKAGES) if next(statements(tree_of(path)), None)}


def assembled(name: str, tree: ast.Module) -> set[str]:
    """The functions that put a statement together, as `name::function`."""
    owners = {id(inner): function for function, node in functions(tree) for inner in ast.walk(node)}
    return {f"{name}::{owners.get(id(node), '')}" for node, put_together in statements(tree) if put_together}


def test_sql_stands_only_in_the_files_named_for_it() -> None:
    assert files_with_sql() == set(SQL_FILES)


def test_statements_are_put_together_only_where_it_was_weighed() -> None:
    there = {place for path in python_files(*PACKAGES) for place in assembled(name_of(path), tree_of(path))}
    assert there == set(ASSEMBLED)


@pytest.mark.parametrize(
    "line",
    [
        'f"SELECT {COLUMNS} FROM {table}"',
        '"SELECT * FROM entry WHERE id = " + identifier',
        '"DELETE FROM entry WHERE id = %s" % identifier',
        'columns + " WHERE id = ?"',
        'COLUMNS + f"WHERE id IN ({marks})"',
        '"UPDATE entry SET body = {}".format(body)',
        'f"WITH found AS ({inner}) SELECT 1"',
    ],
)
def test_a_statement_put_together_is_found(line: str) -> None:
    assert assembled("a.py", ast.parse(f"def find():\n    return {line}\n")) == {"a.py::find"}


@pytest.mark.parametrize(
    "line", ['"SELECT 1"', '"""\n  INSERT OR IGNORE INTO entry VALUES (?)"""', '"BEGIN IMMEDIATE"']
)
def test_a_plain_statement_is_found_and_is_not_put_together(line: str) -> None:
    tree = ast.parse(f"def find():\n    return {line}\n")
    assert list(statements(tree))
    assert assembled("a.py", tree) == set()


@pytest.mark.parametrize("line", ['"Select a patient"', '"With her, as always"', 'f"Update {name} and go on"'])
def test_a_sentence_is_no_statement(line: str) -> None:
    assert list(statements(ast.parse(line))) == []
