"""Compile the French catalogue: `python -m tests.checks.compile_words`, after a change of `confrere.po`."""

from babel.messages.mofile import write_mo

from tests.checks.words import MO_FILE, catalogue


def main() -> None:
    """Write `confrere.mo` beside `confrere.po`."""
    with open(MO_FILE, "wb") as file:
        write_mo(file, catalogue())


if __name__ == "__main__":
    main()
