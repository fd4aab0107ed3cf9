"""`confrere card` and `confrere colleague`: introducing oneself, and whom one trusts how far."""

import shutil
import sys
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from localstore import colleagues, exporting
from localstore.colleagues import Colleague, State
from localstore.errors import AlreadyThere
from sync.desk import Desk
from sync.trust import card as cards
from sync.trust import introductions
from tui import vocabulary
from tui.cli import asking, describing, output
from tui.cli.commands import Asked, command, family
from tui.cli.desk import at_the_desk
from tui.cli.errors import Misused, NotConfirmed
from tui.words.catalogue import text

commands = family()
card_commands = family("card", help=text("This practice's contact card."))
colleague_commands = family("colleague", help=text("Colleagues: adding, comparing fingerprints, removing."))
commands.add_typer(card_commands, name="card")
commands.add_typer(colleague_commands, name="colleague")

STDIN = Path("-")
UNLIMITED = (1000, 500)  # columns and lines: where nobody looks, a code is as large as it needs to be
BLACK_ON_WHITE, PLAIN = "\x1b[38;5;16;48;5;231m", "\x1b[0m"


class By(StrEnum):
    """How a fingerprint was compared."""

    PERSON = "person"
    PHONE = "phone"


STATES = {By.PERSON: State.VERIFIED_IN_PERSON, By.PHONE: State.VERIFIED_BY_PHONE}

ColleagueReference = Annotated[
    str, typer.Argument(metavar="COLLEAGUE", help=text("An identifier or its beginning, an RPPS number, or words."))
]
CardFile = Annotated[Path, typer.Argument(metavar="FILE", help=text("A card file, or - for stdin."))]
NewFile = Annotated[Path, typer.Argument(metavar="FILE", help=text("The file to write; - for stdout."))]
Addresses = Annotated[
    list[str] | None,
    typer.Option("--address", metavar="HOST:PORT", help=text("Where this practice may be reached besides the LAN.")),
]
Fingerprint = Annotated[
    str | None,
    typer.Option("--fingerprint", metavar="DIGITS", help=text("The 50 digits that the colleague reads out.")),
]
ByOption = Annotated[By, typer.Option("--by", help=text("person or phone: how it was compared."))]
Force = Annotated[bool, typer.Option("--force", help=text("Replace a file that is there."))]
AsCode = Annotated[bool, typer.Option("--qr", help=text("As a QR code: here, or in FILE."))]
CodeFile = Annotated[
    Path | None, typer.Argument(metavar="FILE", help=text("With --qr: the image to write, .png or .svg."))
]
Yes = Annotated[bool, typer.Option("--yes", help=text("Do not ask."))]


@command(card_commands, "show", text("Show this practice's card, as text that can be sent or as a QR code."))
def show(asked: Asked, file: CodeFile = None, qr: AsCode = False, address: Addresses = None) -> None:
    """The card on stdout, or as a code: on stdout, or in an image."""
    kind = file.suffix.lower().removeprefix(".") if file else ""
    if file and (not qr or kind not in ("png", "svg")):
        raise Misused(problem="A file is for --qr, and its name ends in .png or .svg.", command="confrere card show")
    with at_the_desk(asked) as desk:
        card = introductions.my_card(desk, checked_addresses(address))
        identifier = desk.practice.id.hex()
    if file:
        from tui import codes

        exporting.write_file(file, codes.image(cards.alphanumeric(card), kind))
        output.note(text("The card is in {file}. Give it to your colleagues.").format(file=file))
    if asked.as_json:
        output.document(_card_shape(identifier, card))
    elif not qr:
        output.say(cards.armour(card).decode("ascii").rstrip("\n"), lines=True)
    elif not file:
        _show_codes(cards.alphanumeric(card))


def _show_codes(words: str) -> None:
    """The card as a code, or as several, one after the other where somebody can ask for the next."""
    from tui import codes

    if not sys.stdout.isatty():
        (whole,) = codes.pages(words, *UNLIMITED)
        output.say("\n".join(whole), lines=True)
        return
    columns, lines = shutil.get_terminal_size()
    shown = codes.pages(words, columns, lines - 1)
    for place, page in enumerate(shown, start=1):
        # Black on white whatever the colours of the terminal are: many readers take no negative.
        output.raw("".join(f"{BLACK_ON_WHITE}{line}{PLAIN}\n" for line in page).encode())
        if place < len(shown) and asking.is_possible():
            asking.answer(text("Code {place} of {count}; Enter shows the next. ").format(place=place, count=len(shown)))


@command(card_commands, "export", text("Write this practice's card into a file."))
def export(asked: Asked, file: NewFile, address: Addresses = None, force: Force = False) -> None:
    """The card in a file; `-` is stdout."""
    if file != STDIN and file.exists() and not force:
        remedy = "Choose another name, or replace it with --force."
        raise AlreadyThere(what="{file}", file=str(file), remedy=remedy)
    with at_the_desk(asked) as desk:
        card = introductions.my_card(desk, checked_addresses(address))
        identifier = desk.practice.id.hex()
    if file == STDIN:
        output.raw(cards.armour(card))
        return
    exporting.write_file(file, cards.armour(card), replace=force)
    if asked.as_json:
        output.document(_card_shape(identifier, card) | {"file": str(file)})
    else:
        output.say(text("The card is in {file}. Give it to your colleagues.").format(file=file))


def checked_addresses(addresses: list[str] | None) -> tuple[str, ...]:
    """The addresses that were given. Raises BadAddress."""
    if not addresses:
        return ()
    from sync.post_office.transport import parse_address  # brings the network libraries along

    for address in addresses:
        parse_address(address)
    return tuple(addresses)


def _card_shape(identifier: str, card: cards.Card) -> dict[str, Any]:
    body = card.body
    return {
        "id": identifier,
        "name": body.name,
        "rpps": body.rpps,
        "profession": body.profession,
        "practice": body.practice,
        "town": body.town,
        "addresses": list(body.addresses),
        "made": body.made,
        "card": cards.armour(card).decode("ascii"),
    }


@command(colleague_commands, "add", text("Add a colleague by his card; nothing is sent to him before verification."))
def add(asked: Asked, file: CardFile) -> None:
    """Add, and show the fingerprint to compare."""
    with at_the_desk(asked) as desk:
        added = introductions.add(desk, _read(file))
        show_colleague(asked, desk, added)
        if not added.is_verified:
            words = text("Compare the fingerprint in person or by phone, then: confrere colleague verify {id}")
            output.note(words.format(id=describing.short(added.id)))


def _read(file: Path) -> bytes:
    limit = 2 * cards.MAX_CARD_BYTES + 1
    if file == STDIN:
        return sys.stdin.buffer.read(limit)
    with open(file, "rb") as opened:
        return opened.read(limit)


@command(colleague_commands, "list", text("List the colleagues, and how far each is trusted."))
def listing(asked: Asked) -> None:
    """All colleagues but those removed."""
    with at_the_desk(asked) as desk:
        found = [(one, introductions.fingerprint(desk, one)) for one in colleagues.listing(desk.record)]
    if asked.as_json:
        output.document([_shape(one, digits) for one, digits in found])
        return
    headings = [text("Identifier"), text("Name"), text("RPPS"), text("State"), text("Fingerprint")]
    rows = [
        (describing.short(one.id), one.name, one.rpps, vocabulary.word(vocabulary.COLLEAGUE_STATE, one.state), digits)
        for one, digits in found
    ]
    output.table(headings, rows)


@command(colleague_commands, "verify", text("Compare the fingerprint with a colleague; from then on he may receive."))
def verify(
    asked: Asked, colleague: ColleagueReference, fingerprint: Fingerprint = None, by: ByOption = By.PERSON
) -> None:
    """Verify with the digits that were given, or ask for them on the terminal."""
    with at_the_desk(asked) as desk:
        known = colleagues.resolve(desk.record, colleague)
        typed = _ask_for_digits(known, introductions.fingerprint(desk, known)) if fingerprint is None else fingerprint
        verified = introductions.verify(desk, known, typed, STATES[by])
        show_colleague(asked, desk, verified)


def _ask_for_digits(colleague: Colleague, digits: str) -> str:
    """The digits that the colleague reads out; typing them is what makes sure that they were compared."""
    if not asking.is_possible():
        raise NotConfirmed(remedy="Give the digits that the colleague reads out with --fingerprint.")
    if colleague.state is State.KEY_CHANGED:
        words = text("The key of {name} has changed. This compares the new one; with it the old one is dropped.")
        output.note(words.format(name=colleague.name))
    output.note(text("Your colleague must see the same digits on his side."))
    output.note(text("Fingerprint: {digits}").format(digits=digits))
    return asking.answer(text("Type the digits that he reads out: "))


@command(colleague_commands, "keep", text("Keep a colleague's old key: the card under another key was not his."))
def keep(asked: Asked, colleague: ColleagueReference, yes: Yes = False) -> None:
    """Go back to what was before the card under another key came, after asking on a terminal."""
    with at_the_desk(asked) as desk:
        known = colleagues.resolve(desk.record, colleague)
        question = text("Keep the old key of {name}, and drop the new card?").format(name=known.name)
        if not yes and not (asking.is_possible() and asking.confirms(question)):
            raise NotConfirmed(remedy="Confirm it on a terminal, or with --yes.")
        show_colleague(asked, desk, introductions.keep_key(desk, known))


@command(
    colleague_commands, "remove", text("Part from a colleague: nothing is sent to him or taken from him any more.")
)
def remove(asked: Asked, colleague: ColleagueReference, yes: Yes = False) -> None:
    """Remove, after asking on a terminal."""
    with at_the_desk(asked) as desk:
        known = colleagues.resolve(desk.record, colleague)
        question = text("Remove {name}?").format(name=known.name)
        if not yes and not (asking.is_possible() and asking.confirms(question)):
            raise NotConfirmed(remedy="Confirm it on a terminal, or with --yes.")
        introductions.remove(desk, known)
        show_colleague(asked, desk, colleagues.by_number(desk.record, known.num))


def show_colleague(asked: Asked, desk: Desk, colleague: Colleague, more: Mapping[str, Any] | None = None) -> None:
    """One colleague, and how far he is trusted; `more` goes into the JSON document only."""
    digits = introductions.fingerprint(desk, colleague)
    if asked.as_json:
        output.document(_shape(colleague, digits) | dict(more or {}))
        return
    state = vocabulary.word(vocabulary.COLLEAGUE_STATE, colleague.state)
    output.say(f"{describing.short(colleague.id)}  {colleague.name}  {state}")
    output.say(text("Fingerprint: {digits}").format(digits=digits))


def _shape(colleague: Colleague, digits: str) -> dict[str, Any]:
    body = cards.stored(colleague.card)
    return {
        "id": colleague.id,
        "name": colleague.name,
        "rpps": colleague.rpps,
        "profession": body.profession,
        "practice": body.practice,
        "town": body.town,
        "addresses": list(body.addresses),
        "state": colleague.state.value,
        "verified": colleague.verified,
        "added": colleague.added,
        "fingerprint": digits,
    }
