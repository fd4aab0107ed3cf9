"""`confrere user`: who works in the practice, until when, and everybody's passphrase."""

from enum import StrEnum
from typing import Annotated, Any

import typer

from localstore import history, paths, roles, staff, users
from localstore.keys import keyring, recovery, rotation
from localstore.practice import Practice
from localstore.roles import Right
from localstore.users import User
from tui import vocabulary
from tui.cli import asking, choosing, opening, output, recovery_words
from tui.cli.choosing import Chosen
from tui.cli.commands import Asked, command, family
from tui.cli.describing import iso_date
from tui.cli.errors import NoNewPassphrase, NotConfirmed
from tui.cli.recovery_words import WordsFd
from tui.dates import shown_moment
from tui.words.catalogue import text

commands = family()
user_commands = family("user", help=text("Doctors, locums and secretaries: who works here, and their passphrases."))
commands.add_typer(user_commands, name="user")

NEVER = "never"


class Role(StrEnum):
    """What a user may do (localstore.roles)."""

    DOCTOR = roles.DOCTOR
    LOCUM = roles.LOCUM
    SECRETARY = roles.SECRETARY


Reference = Annotated[str, typer.Argument(metavar="USER", help=text("The identifier of a user, or words of the name."))]
MaybeReference = Annotated[
    str | None, typer.Argument(metavar="USER", help=text("Whose passphrase; your own when nobody is named."))
]
Name = Annotated[str, typer.Option("--name", metavar="NAME", help=text("The name, as it signs entries."))]
RoleOption = Annotated[Role, typer.Option("--role", metavar="ROLE", help=text("doctor, locum or secretary."))]
Rpps = Annotated[str, typer.Option("--rpps", metavar="NUMBER", help=text("The RPPS number, 11 digits."))]
Profession = Annotated[str, typer.Option("--profession", metavar="WORDS", help=text("The profession."))]
Until = Annotated[
    str, typer.Option("--until", metavar="DATE", help=text("The last day of access: 2026-08-31. A locum needs one."))
]
Date = Annotated[str, typer.Argument(metavar="DATE|never", help=text("The last day of access, or never."))]
NewPassphraseFd = Annotated[
    int | None,
    typer.Option("--new-passphrase-fd", metavar="N", help=text("Read the new passphrase from this file descriptor.")),
]
NoConfirm = Annotated[
    bool, typer.Option("--no-confirm", help=text("Ask nothing: a passphrase is made, and printed once."))
]
Yes = Annotated[bool, typer.Option("--yes", help=text("Do not ask."))]
ChangeKey = Annotated[
    bool, typer.Option("--change-key", help=text("Change the record's key as well: the practice is closed meanwhile."))
]
Recovery = Annotated[
    bool, typer.Option("--recovery", help=text("With the 24 recovery words, when the passphrase is lost."))
]


# --- who works here --------------------------------------------------------------------------------------------------


@command(user_commands, "add", text("Add a doctor, a locum or a secretary, with a first passphrase."))
def add(
    asked: Asked,
    name: Name,
    role: RoleOption,
    rpps: Rpps = "",
    profession: Profession = "",
    until: Until = "",
    new_passphrase_fd: NewPassphraseFd = None,
    no_confirm: NoConfirm = False,
) -> None:
    """Only a doctor may; a locum's access ends on a day."""
    with opening.unlocked(asked) as practice:
        practice.require(Right.GOVERN)
        ends = iso_date(until)
        staff.check_role(practice, role.value, ends)
        if rpps:
            choosing.check_rpps(rpps, talks=not no_confirm and asking.is_possible())
        chosen = choosing.choose(new_passphrase_fd, no_confirm, NoNewPassphrase())
        choosing.show_made(chosen, as_json=asked.as_json)
        made = staff.add(
            practice,
            name,
            role.value,
            chosen.secret,
            rpps=rpps,
            profession=profession,
            until=ends,
            memory=keyring.cost(staff.present(practice)),
        )
        _print(asked, practice, made, chosen)


@command(user_commands, "list", text("List who works here, and who did."))
def listing(asked: Asked) -> None:
    """By name; `last_seen` is the moment of a user's newest line in the history."""
    with opening.unlocked(asked) as practice:
        seen = history.last_seen(practice.connection)
        found = [_shape(user, seen) for user in users.listing(practice.connection, removed=True)]
        today = practice.today()
    if asked.as_json:
        output.document(found)
        return
    headings = [text("Identifier"), text("Name"), text("Role"), text("RPPS"), text("Access"), text("Last seen")]
    output.table(headings, [_row(one, today) for one in found])


def _shape(user: User, seen: dict[str, str]) -> dict[str, Any]:
    return {
        "id": user.id,
        "name": user.name,
        "role": user.role,
        "rpps": user.rpps,
        "profession": user.profession,
        "until": user.until,
        "removed": user.removed,
        "last_seen": seen.get(user.id, ""),
    }


def _row(one: dict[str, Any], today: str) -> tuple[object, ...]:
    access = vocabulary.access(one["until"], one["removed"], today)
    role = vocabulary.word(vocabulary.ROLES, one["role"])
    return one["id"], one["name"], role, one["rpps"], access, shown_moment(one["last_seen"])


def _print(asked: Asked, practice: Practice, user: User, chosen: Chosen | None = None) -> None:
    """A user as he is now; and, for JSON, a passphrase that was made for him: others were shown before."""
    shape = _shape(user, history.last_seen(practice.connection))
    if asked.as_json:
        made = {"passphrase": chosen.secret} if chosen is not None and chosen.generated else {}
        output.document(shape | made)
        return
    output.say("  ".join(filter(None, map(str, _row(shape, practice.today())))))
    if chosen is not None and chosen.generated:
        output.note(text("The passphrase that was shown is valid from now on."))


@command(user_commands, "until", text("Change the last day of somebody's access."))
def until(asked: Asked, user: Reference, date: Date) -> None:
    """A user whose access had ended needs a new passphrase as well."""
    with opening.unlocked(asked) as practice:
        practice.require(Right.GOVERN)
        known = users.resolve(practice.connection, user)
        changed = staff.set_until(practice, known, "" if date == NEVER else iso_date(date))
        _print(asked, practice, changed)
        if staff.present(practice).wrap_of(changed.id) is None:
            words = text("The passphrase was dropped when the access ended. Give a new one with: {command}")
            output.note(words.format(command=f"confrere user passphrase {changed.id}"))


@command(user_commands, "remove", text("Remove somebody: the passphrase opens nothing any more."))
def remove(asked: Asked, user: Reference, yes: Yes = False, change_key: ChangeKey = False) -> None:
    """Entries and lines of the history stay. The record's key is changed where that is wanted."""
    with opening.unlocked(asked) as practice:
        practice.require(Right.GOVERN)
        gone = users.resolve(practice.connection, user)
        _confirm(text("Remove {name}? What was written stays.").format(name=gone.name), yes)
        changes = change_key or (not yes and _wants_new_key(gone))
        if changes:
            rotation.require_possible(practice)  # before anything is changed
        staff.remove(practice, gone)
        removed = users.by_identifier(practice.connection, gone.id) or gone
        shape = _shape(removed, history.last_seen(practice.connection)) | {"key_changed": changes}
        if changes:
            _change_key(practice)
    if asked.as_json:
        output.document(shape)
        return
    output.say(text("{name} was removed.").format(name=gone.name))
    if changes:
        _say_changed()
    else:
        output.note(text("The record's key is the same as before. To change it: confrere user change-key"))


def _wants_new_key(gone: User) -> bool:
    words = text(
        "Whoever kept copies of the practice's files, and remembers the old passphrase of {name}, can read them."
    )
    output.note(words.format(name=gone.name))
    _explain()
    return asking.confirms(text("Change the record's key as well?"))


def _confirm(question: str, is_sure: bool) -> None:
    if not is_sure and not (asking.is_possible() and asking.confirms(question)):
        raise NotConfirmed(remedy="Confirm it on a terminal, or with --yes.")


# --- the record's key ------------------------------------------------------------------------------------------------


@command(
    user_commands, "change-key", text("Change the record's key: a new file under a new key, verified, in its place.")
)
def change_key(asked: Asked, yes: Yes = False) -> None:
    """No other window may have the practice open."""
    with opening.unlocked(asked) as practice:
        rotation.require_possible(practice)
        _explain()
        _confirm(text("Change the record's key?"), yes)
        identifier = practice.id.hex()
        _change_key(practice)
    if asked.as_json:
        output.document({"id": identifier, "key_changed": True})
    else:
        _say_changed()


def _explain() -> None:
    output.note(
        text(
            "A new key protects what is written from now on. Backups and copies that were made before stay readable "
            "with the old key: destroy those that are no longer needed."
        )
    )
    output.note(text("The whole record is copied and checked: this takes a while, and as much room as the record has."))


def _change_key(practice: Practice) -> None:
    """With a bar, in MiB. The practice is closed afterwards."""
    total = paths.record(practice.folder).stat().st_size
    bar, done = output.Progress(max(1, total // keyring.MIB)), 0

    def progress(more: int) -> None:
        nonlocal done
        done += more
        bar(done // keyring.MIB, text("MiB copied"))

    try:
        rotation.change(practice, progress)
    finally:
        bar.end()


def _say_changed() -> None:
    output.say(text("The record has a new key. Passphrases and recovery words stay as they are."))
    output.note(text("Make a backup under the new key now, with: confrere backup"))


# --- passphrases -----------------------------------------------------------------------------------------------------


@command(user_commands, "passphrase", text("Change one's own passphrase, or give a new one to whoever forgot his."))
def passphrase(
    asked: Asked,
    user: MaybeReference = None,
    with_recovery: Recovery = False,
    words_fd: WordsFd = None,
    new_passphrase_fd: NewPassphraseFd = None,
    no_confirm: NoConfirm = False,
) -> None:
    """The old passphrase opens the practice; where it is lost, the recovery words do."""
    paths.require_practice(asked.folder)
    if with_recovery:
        _recover(asked, user, words_fd, new_passphrase_fd, no_confirm)
        return
    old = opening.passphrase(asked)
    with opening.unlocked_with(asked, old) as practice:
        whose = users.resolve(practice.connection, user) if user else practice.user
        is_own = whose.id == practice.user.id
        if not is_own:
            practice.require(Right.GOVERN)
        chosen = choosing.choose(new_passphrase_fd, no_confirm, NoNewPassphrase())
        choosing.show_made(chosen, as_json=asked.as_json)
        if asked.as_json:
            _print(asked, practice, whose, chosen)  # first: whoever does not get to read it keeps the old one
        if is_own:
            staff.change_passphrase(practice, old, chosen.secret)
        else:
            staff.give_passphrase(practice, whose, chosen.secret, keyring.cost(staff.present(practice)))
        if not asked.as_json:
            _print(asked, practice, whose, chosen)


def _recover(
    asked: Asked, user: str | None, words_fd: int | None, new_passphrase_fd: int | None, no_confirm: bool
) -> None:
    """A new passphrase with the recovery words: of the founding doctor, unless somebody is named."""
    words = _recovery_words(asked, words_fd)
    with opening.store_errors():
        everybody = recovery.users_of(asked.folder, words)
        whose = users.named(everybody, user) if user else everybody[0]
        output.note(text("A new passphrase for {name}.").format(name=whose.name))
        chosen = choosing.choose(new_passphrase_fd, no_confirm, NoNewPassphrase())
        choosing.show_made(chosen, as_json=asked.as_json)
        practice = recovery.set_passphrase(asked.folder, words, whose, chosen.secret)
        try:
            _print(asked, practice, whose, chosen)
        finally:
            practice.close()


def _recovery_words(asked: Asked, words_fd: int | None) -> str:
    if words_fd is None and asked.passphrase_fd is not None:
        return opening.passphrase_from(asked.passphrase_fd)
    return recovery_words.given(words_fd)
