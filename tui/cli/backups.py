"""`confrere backup`, `verify`, `restore` and `drill`: snapshots, whether they are good, and putting one back."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from localstore import paths
from localstore.backup import automatic, drill, making, restoring, shelf
from localstore.backup.drill import Drilled
from localstore.backup.making import Made
from localstore.backup.restoring import PassedOver, Passphrase, Restored, Secret, Words
from localstore.backup.shelf import Standing
from localstore.clock import system_clock
from localstore.errors import BadInput
from localstore.keys import passphrase
from localstore.practice import Practice
from sync.post_office import status
from tui.cli import choosing, opening, output, recovery_words, soundness
from tui.cli.commands import Asked, command, family
from tui.cli.errors import Misused, NoNewPassphrase
from tui.cli.recovery_words import WordsFd
from tui.dates import shown_moment
from tui.words.catalogue import text, texts

commands = family()

LIST = "list"
MB = 1_000_000

What = Annotated[
    str | None, typer.Argument(metavar=LIST, help=text("The word list, to list the backups instead of making one."))
]
To = Annotated[
    Path | None, typer.Option("--to", metavar="DIR", help=text("Another place than the usual ones: a stick, say."))
]
Backup = Annotated[
    Path,
    typer.Argument(metavar="BACKUP", help=text("The folder of a backup, a file in it, or a folder of backups.")),
]
MaybeBackup = Annotated[
    Path | None,
    typer.Argument(metavar="BACKUP", help=text("The folder of a backup, a file in it, or a folder of backups.")),
]
Replace = Annotated[
    bool, typer.Option("--replace", help=text("Also where a practice is: it is renamed, and kept beside the new one."))
]
Accept = Annotated[
    bool,
    typer.Option("--accept", help=text("Take a sound record as it stands, though its head is gone or tells of more.")),
]
NewPassphraseFd = Annotated[
    int | None,
    typer.Option("--new-passphrase-fd", metavar="N", help=text("Read the new passphrase from this file descriptor.")),
]
Recovery = Annotated[
    bool, typer.Option("--recovery", help=text("With the 24 recovery words instead of the passphrase."))
]


class _Watch:
    """A bar of how far copying has come, in MB; and the words of what is being done."""

    def __init__(self) -> None:
        self._bar: output.Progress | None = None

    def __call__(self, stage: str, done: int, total: int) -> None:
        if self._bar is None or (stage != making.COPYING and total == 0):
            self._bar = output.Progress(total // MB)
        self._bar(done // MB, text("MB copied") if stage == making.COPYING else text("checking"))

    def end(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.end()


@command(commands, "backup", text("Make a verified backup of the practice, or list those that there are."))
def backup(asked: Asked, what: What = None, to: To = None) -> None:
    """In the practice's folder, and in the second place that practice.toml names; or in `to` alone."""
    if what not in (None, LIST):
        raise Misused(problem=text("After backup, only the word list may stand."), command="confrere backup")
    paths.require_practice(asked.folder)
    places = automatic.Places((to.absolute(),)) if to is not None else automatic.places(asked.folder)
    if what == LIST:
        _list(asked, places)
        return
    with opening.unlocked(asked) as practice:
        made, failed = _made_in_each(practice, places.there)
        if failed is not None:
            for one in made:
                output.note(_words_for(one))
                _note_unnoted(one)
            raise failed
    if asked.as_json:
        missing = str(places.missing) if places.missing else ""
        output.document(_shape(made[0]) | {"second": _shape(made[1]) if made[1:] else None, "missing_place": missing})
    else:
        for one in made:
            _tell(one)
    for one in made:
        _note_unnoted(one)
    _note_missing(places)


def _note_unnoted(made: Made) -> None:
    if not made.noted:
        words = text(
            "The backup {folder} is good, but the history could not note it: the disk of the practice is full. Make "
            "room on it."
        )
        output.note(words.format(folder=made.folder))


def _made_in_each(practice: Practice, there: Sequence[Path]) -> tuple[list[Made], Exception | None]:
    """The backups, and the first failure: a place that fails keeps none of the others from getting theirs."""
    made: list[Made] = []
    failed: Exception | None = None
    for place in there:
        try:
            made.append(_made(practice, place))
        except making.ERRORS as error:
            failed = failed or error
    return made, failed


def _made(practice: Practice, place: Path) -> Made:
    watch = _Watch()
    try:
        return making.make(practice, place, watch)
    finally:
        watch.end()


def _words_for(made: Made) -> str:
    return text("Made and verified: {folder} ({size} MB)").format(folder=made.folder, size=_megabytes(made.size))


def _tell(made: Made) -> None:
    output.say(_words_for(made))
    if made.removed:
        output.say(text("Removed, as newer ones take their place: {names}").format(names=", ".join(made.removed)))


def _note_missing(places: automatic.Places) -> None:
    if places.missing is not None:
        words = text("The second place, {folder}, is not there: no backup was made in it. Is the stick plugged in?")
        output.note(words.format(folder=places.missing))


def _megabytes(size: int) -> str:
    return f"{size / MB:.1f}"


def _shape(made: Made) -> dict[str, Any]:
    return {
        "id": made.folder.name,
        "folder": str(made.folder),
        "made": made.made,
        "bytes": made.size,
        "commits": made.head.commits,
        "line": made.head.line,
        "removed": list(made.removed),
    }


def _list(asked: Asked, places: automatic.Places) -> None:
    found = [one for place in places.there for one in shelf.standing(place)]
    if asked.as_json:
        output.document([_standing_shape(one) for one in found])
    else:
        output.table([text("Made"), text("MB"), text("Folder"), text("State")], [_standing_row(one) for one in found])
    if places.missing is not None:
        output.note(text("The second place, {folder}, is not there.").format(folder=places.missing))


def _standing_shape(one: Standing) -> dict[str, Any]:
    told = one.manifest
    return {
        "id": one.folder.name,
        "folder": str(one.folder),
        "made": told.made if told else "",
        "bytes": told.size if told else 0,
        "state": "whole" if one.looks_whole else "damaged",
        "file": one.file,
        "seen": text(one.seen) if one.seen else "",
    }


def _standing_row(one: Standing) -> tuple[object, ...]:
    state = text("{file}: {seen}").format(file=one.file, seen=text(one.seen)) if one.seen else text("whole")
    told = one.manifest
    return shown_moment(told.made) if told else "?", _megabytes(told.size) if told else "?", one.folder, state


@command(commands, "verify", text("Check this practice, or a backup, to the last page."))
def verify(asked: Asked, backup: MaybeBackup = None, accept: Accept = False) -> None:
    """Everything is read, nothing is changed; exit code 6, and a sentence that names the first damage."""
    if backup is None:
        soundness.verify(asked, accept=accept)
        return
    if accept:
        raise Misused(
            problem=text("A backup is good or damaged: there is nothing to accept."), command="confrere verify"
        )
    secret = Passphrase(opening.passphrase(asked))
    watch = _Watch()
    try:
        with opening.store_errors():
            chosen = restoring.choose(backup.absolute(), secret, watch)
    finally:
        watch.end()
    _note_passed_over(chosen.passed_over)
    if asked.as_json:
        told = chosen.manifest
        shape = {"id": chosen.folder.name, "folder": str(chosen.folder), "made": told.made, "bytes": told.size}
        output.document(shape | {"commits": told.head.commits, "line": told.head.line, "state": "good"})
        return
    words = text("The backup {folder}, made on {moment}, is good.")
    output.say(words.format(folder=chosen.folder, moment=shown_moment(chosen.manifest.made)))


def _note_passed_over(passed_over: Sequence[PassedOver]) -> None:
    for one in passed_over:
        if one.file:
            words = text("A newer backup, {folder}, is damaged: {file}: {seen}. It was passed over.")
        else:
            words = text("A newer backup, {folder}, was passed over: {seen}.")
        output.note(words.format(folder=one.folder, file=one.file, seen=text(one.seen)))


@command(commands, "restore", text("Put a backup back: into an empty place, or with --replace over this practice."))
def restore(
    asked: Asked,
    backup: Backup,
    replace: Replace = False,
    recovery: Recovery = False,
    words_fd: WordsFd = None,
    new_passphrase_fd: NewPassphraseFd = None,
) -> None:
    """As a new incarnation; what was there is kept under another name."""
    target = asked.folder.absolute()
    if not replace:
        restoring.check_free(target)
    shelf.candidates(backup.absolute())
    if recovery or words_fd is not None:
        secret: Secret = _secret(asked, backup.absolute(), words_fd, new_passphrase_fd)
    else:
        secret = Passphrase(opening.passphrase(asked))
    if replace and paths.holds_practice(target):
        status.stop(target)
    watch = _Watch()
    try:
        with opening.store_errors():
            done = restoring.restore(
                backup.absolute(), target, secret, replace=replace, clock=system_clock, progress=watch
            )
    finally:
        watch.end()
    _tell_restored(asked, done)


def _secret(asked: Asked, backup: Path, words_fd: int | None, new_passphrase_fd: int | None) -> Words:
    """The recovery words and a new passphrase. Words that open nothing are noticed before that is asked."""
    if words_fd is None and asked.passphrase_fd is not None:
        words = opening.passphrase_from(asked.passphrase_fd)
    else:
        words = recovery_words.given(words_fd)
    restoring.require_opening(backup, Words(words, ""))
    chosen = choosing.choose(new_passphrase_fd, no_confirm=False, nobody=NoNewPassphrase())
    if chosen.generated:
        output.note(text("Passphrase: ") + chosen.secret)
    return Words(words, chosen.secret)


def _tell_restored(asked: Asked, done: Restored) -> None:
    _note_passed_over(done.passed_over)
    told = done.manifest
    if asked.as_json:
        shape = {"id": told.practice.hex(), "folder": str(done.folder), "backup": str(done.backup), "made": told.made}
        output.document(shape | {"line": told.head.line, "kept": str(done.kept) if done.kept else ""})
        return
    words = text("The practice in {folder} is again as it was on {moment}, from {backup}.")
    output.say(words.format(folder=done.folder, moment=shown_moment(told.made), backup=done.backup))
    output.note(text("Records that were erased since then are in it again: erase those again."))
    if done.kept is None:
        return
    if paths.backups(done.kept).exists():
        words = text("What was there before, with its backups, is kept in {folder}.")
    else:
        words = text("What was there before is kept in {folder}. Its backups stay where they were.")
    output.say(words.format(folder=done.kept))


@command(commands, "drill", text("Rehearse the bad day: restore the newest backup aside, open it, and throw it away."))
def hold_drill(asked: Asked, backup: MaybeBackup = None, recovery: Recovery = False, words_fd: WordsFd = None) -> None:
    """With the passphrase just typed, or the recovery words; the practice itself gets one line of history."""
    paths.require_practice(asked.folder)
    typed = opening.passphrase(asked)
    secret: Secret = Passphrase(typed)
    if recovery or words_fd is not None:
        secret = Words(recovery_words.given(words_fd), passphrase.generate())
    with opening.unlocked_with(asked, typed) as practice:
        watch = _Watch()
        try:
            done = drill.hold(practice, backup.absolute() if backup else _newest_place(practice), secret, watch)
        finally:
            watch.end()
    _tell_drilled(asked, done)


def _newest_place(practice: Practice) -> Path:
    """The place with the newest backup of this practice; one from after now, made when the clock was wrong, comes after
    all others. Raises BadInput when there is none."""
    keys, now = making.manifest_keys(practice), practice.clock()
    found = [
        (told.moment <= now, told.moment, place)
        for place in automatic.places(practice.folder).there
        for _, told in shelf.of_practice(place, keys)
    ]
    if not found:
        raise BadInput(what="There is no backup of this practice.", remedy="Make one with: confrere backup")
    return max(found)[-1]


def _tell_drilled(asked: Asked, done: Drilled) -> None:
    _note_passed_over(done.passed_over)
    if asked.as_json:
        shape = {"id": done.backup.name, "backup": str(done.backup), "made": done.manifest.made, "passed": True}
        counts = {"patients": done.patients, "entries_read": done.entries, "seconds": round(done.seconds, 3)}
        output.document(shape | counts)
        return
    patients = texts("{count} patient", "{count} patients", done.patients).format(count=done.patients)
    words = text("Passed in {seconds} seconds: {backup}, made on {moment}, can be restored and read ({patients}).")
    moment = shown_moment(done.manifest.made)
    output.say(words.format(seconds=f"{done.seconds:.1f}", backup=done.backup, moment=moment, patients=patients))
