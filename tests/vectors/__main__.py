"""`python -m tests.vectors [--write]`: print the vectors as they would be made now, or write the files."""

import sys

from tests.vectors.making import SHEETS, make
from tests.vectors.sheets import FOLDER


def main() -> int:
    """The entry point."""
    for name in SHEETS:
        text = make(name).render()
        if "--write" in sys.argv[1:]:
            (FOLDER / f"{name}.txt").write_text(text, encoding="utf-8")
        else:
            print(f"--- {name}.txt\n{text}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
