"""Run in a process of its own: import the modules named in argv, and say what that loaded and who asked for it.

Prints one JSON document: `loaded`, the modules that were not there before; `asked`, pairs of (importer, imported) for
every import statement that a module of the house executed, those inside functions that ran included.
"""

import builtins
import importlib
import json
import sys
from collections.abc import Mapping, Sequence

HOUSE = ("localstore", "sync", "tui")


def main(names: list[str]) -> None:
    """Import, and print what was seen."""
    before = set(sys.modules)
    asked: set[tuple[str, str]] = set()
    genuine = builtins.__import__

    def witness(
        name: str,
        variables: Mapping[str, object] | None = None,
        local_variables: Mapping[str, object] | None = None,
        wanted: Sequence[str] | None = (),
        level: int = 0,
    ) -> object:
        result = genuine(name, variables, local_variables, wanted or (), level)
        importer = str((variables or {}).get("__name__", ""))
        if importer.split(".")[0] in HOUSE:
            base = name if level == 0 else ".".join([*importer.split(".")[:-level], name]).rstrip(".")
            asked.update((importer, one) for one in [base, *(f"{base}.{item}" for item in wanted or ())])
        return result

    builtins.__import__ = witness  # type: ignore[assignment]
    try:
        for name in names:
            importlib.import_module(name)
    finally:
        builtins.__import__ = genuine
    print(json.dumps({"loaded": sorted(set(sys.modules) - before), "asked": sorted(asked)}))


if __name__ == "__main__":
    main(sys.argv[1:])
