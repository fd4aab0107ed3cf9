"""The errors of the command line itself: a command that was not understood, no terminal to ask on.

ConfrereError                  70
├── BadInput                    5
│   └── FileTrouble
├── Locked                      3
│   ├── NoTerminal
│   │   └── NoNewPassphrase
│   └── NoWords
├── Misused                     2
└── Refused                     4
    ├── NotConfirmed
    └── NoReason
"""

import errno

from localstore.errors import BadInput, ConfrereError, DiskFull, Locked, Refused


class Misused(ConfrereError):
    """The words of the command do not fit together."""

    exit_code = 2
    sentence = "{problem} Nothing was done. See: {command} --help"


class NoTerminal(Locked):
    """A passphrase is to be chosen, and there is nobody to ask."""

    sentence = (
        "There is no terminal to choose a passphrase on. Nothing was created. Give it through --passphrase-fd N, or "
        "have one made with --no-confirm."
    )


class NoNewPassphrase(NoTerminal):
    """A passphrase is to be chosen for an existing practice, and there is nobody to ask."""

    sentence = (
        "There is no terminal to choose a passphrase on. Nothing was changed. Give it through --new-passphrase-fd N, "
        "or have one made with --no-confirm."
    )


class NoWords(Locked):
    """Recovery words are needed, and there is nobody to ask."""

    sentence = (
        "There is no terminal to ask for the recovery words. Nothing was changed. Run the command in a terminal, or "
        "give them through --words-fd N."
    )


class NotConfirmed(Refused):
    """A question was answered with no, or there was nobody to answer it."""

    sentence = "This was not confirmed. Nothing was done. {remedy}"


class NoReason(Refused):
    """A warning that endangers the patient was not overridden with a reason."""

    sentence = (
        "Nothing was written because of the warnings above. To write it all the same, say why with --override REASON; "
        "the reason goes into the history."
    )


class FileTrouble(BadInput):
    """A file that the user named, or that the program needs, cannot be read or written."""

    sentence = (
        "{file} cannot be read or written: {reason}. Nothing else was changed. Check the name and the permissions."
    )


_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


def of_system(error: OSError) -> ConfrereError:
    """The sentence for what the operating system refused."""
    if error.errno in _FULL:
        return DiskFull()
    name = error.filename if isinstance(error.filename, str) else ""
    return FileTrouble(file=name or "?", reason=error.strerror or type(error).__name__)
