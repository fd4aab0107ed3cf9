"""The errors of tables of codes.

BadInput                            5
├── BadTable
│   └── BadTableLine
└── NotFound
    └── UnknownTable
"""

from localstore.errors import BadInput, NotFound


class BadTable(BadInput):
    """A table of codes that cannot be read."""

    sentence = (
        "{file}: {reason}. Nothing of it was imported; a table that was there before is still there. "
        "Correct the file and import it again."
    )


class BadTableLine(BadTable):
    """A line of a table of codes that cannot be read."""

    sentence = (
        "{file}, line {line}: {reason}. Nothing of it was imported; a table that was there before is still there. "
        "Correct the file and import it again."
    )


class UnknownTable(NotFound):
    """No table of codes of this system was imported."""

    sentence = "There is no table “{system}” here. Nothing was changed. List them with: confrere terms list"
