"""What `confrere doctor` looks at: each check is one function, and says what to mend. Nothing is changed."""

import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from localstore import anchors, database, history, inspection, keystore, paths, postbox, reserve, settings, verification
from localstore.backup import automatic, drill
from localstore.clock import stamp
from localstore.errors import BadInput, BrokenHistory, ConfrereError, DamagedStore, DiskFull
from localstore.keys import keyring
from localstore.practice import Practice
from sync.post_office import status
from tui import vocabulary
from tui.dates import shown_moment
from tui.words.catalogue import sentence, text, texts

FRESH_BACKUP = timedelta(days=2)  # they are made each day; a free day is no reason to worry
FRESH_DRILL = timedelta(days=90)


class State(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARN = "warn"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the result. `found` and `remedy` are in the user's language."""

    id: str
    state: State
    found: str
    remedy: str = ""

    def shape(self) -> dict[str, str]:
        """The line in JSON."""
        return {"id": self.id, "state": self.state.value, "found": self.found, "remedy": self.remedy}

    def row(self) -> tuple[str, str, str]:
        """The line in a table."""
        states = {State.OK: text("ok"), State.WARN: text("warning"), State.DAMAGED: text("damaged")}
        return (
            vocabulary.word(vocabulary.CHECKS, self.id),
            states[self.state],
            " ".join(filter(None, (self.found, self.remedy))),
        )


class Damage(DamagedStore):
    """Something that a check found is damaged; which one, its line says."""

    sentence = "Something is damaged: see the lines above. Nothing was changed. Restore the last backup of this folder."


def raise_if_damaged(found: list[Check]) -> None:
    """Raise Damage when a check found damage."""
    if any(one.state is State.DAMAGED for one in found):
        raise Damage


def damaged(name: str, error: ConfrereError) -> Check:
    """The line for an error that opening met."""
    return Check(name, State.DAMAGED, sentence(error))


def not_opened() -> Check:
    """The line for what was not looked at."""
    return Check(
        "record",
        State.WARN,
        text("The practice was not opened; its history was not checked."),
        text("Run this on a terminal, or give --passphrase-fd N."),
    )


def no_room(error: DiskFull) -> Check:
    """The line for a record that the full disk kept closed."""
    return Check("record", State.WARN, sentence(error))


def without_key(folder: Path) -> list[Check]:
    """The checks that need no passphrase."""
    return [
        _cipher(),
        _disk(folder),
        *_modes(folder),
        *_files(folder),
        _settings(folder),
        _keyring(folder),
        _daemon(folder),
    ]


def with_key(practice: Practice) -> list[Check]:
    """The checks of an open practice."""
    return [
        _history(practice),
        *_keys(practice),
        _told_elsewhere(practice),
        _postbox(practice),
        _last_backup(practice),
        _last_drill(practice),
    ]


def introductions(practice: Practice) -> list[str]:
    """A sentence for each key that introduced itself: nothing but a person's memory tells whether it was so."""
    names = history.names(practice.connection)
    words = text(
        "On {date} a key of {name} introduced itself, as after an upgrade or after the recovery words were used. "
        "If neither was so, somebody else signs in this name."
    )
    return [
        words.format(date=shown_moment(line.at), name=names.get(line.user, line.user))
        for line in inspection.self_introduced(practice.connection)
    ]


def _keys(practice: Practice) -> Iterator[Check]:
    for words in introductions(practice):
        yield Check("keys", State.OK, words)


def _last_backup(practice: Practice) -> Check:
    there, now = automatic.places(practice.folder).there, practice.clock()
    found = [automatic.newest(place, now, practice.key) for place in there]
    newest = max(filter(None, found), default=None)
    return _not_longer_ago("backup", newest, practice, FRESH_BACKUP, text("Make one with: confrere backup"))


def _last_drill(practice: Practice) -> Check:
    found = drill.last(practice.connection)
    held = datetime.fromisoformat(found) if found else None
    return _not_longer_ago("restore-drill", held, practice, FRESH_DRILL, text("Hold one with: confrere drill"))


def _not_longer_ago(name: str, moment: datetime | None, practice: Practice, fresh: timedelta, remedy: str) -> Check:
    if moment is None:
        return Check(name, State.WARN, text("Never."), remedy)
    words = text("The last was on {moment}.").format(moment=shown_moment(stamp(moment)))
    if practice.clock() - moment > fresh:
        return Check(name, State.WARN, words, remedy)
    return Check(name, State.OK, words)


def _cipher() -> Check:
    version = database.cipher_version()
    if not version:
        return Check("sqlcipher", State.DAMAGED, text("This SQLite has no cipher."), text("Reinstall Confrère."))
    return Check("sqlcipher", State.OK, version)


def _modes(folder: Path) -> Iterator[Check]:
    if os.name == "nt":
        return
    wanted = {folder: paths.FOLDER_MODE}
    wanted |= {path: paths.FILE_MODE for path in sorted(folder.iterdir()) if path.is_file()}
    open_to_others = [path for path in wanted if stat.S_IMODE(path.stat().st_mode) & 0o077]
    if not open_to_others:
        yield Check("permissions", State.OK, text("Only you can read this folder."))
    for path in open_to_others:
        yield Check(
            "permissions",
            State.WARN,
            text("{file} can be read by others.").format(file=path),
            text("Mend it with: chmod {mode} {file}").format(mode=f"{wanted[path]:o}", file=path),
        )


def _disk(folder: Path) -> Check:
    kibibytes = shutil.disk_usage(folder).free // 1024
    words = texts("{count} KiB is free.", "{count} KiB are free.", kibibytes).format(count=kibibytes)
    if reserve.is_scarce(folder):
        full = text("The disk is full: nothing but the line of the history for each reading is written.")
        return Check("disk", State.WARN, f"{full} {words}", text("Make room on it."))
    return Check("disk", State.OK, words)


def _files(folder: Path) -> Iterator[Check]:
    for path in (paths.record(folder), paths.keyring(folder), paths.postbox(folder)):
        if not path.exists():
            remedy = text("Restore the last backup of this practice folder.")
            yield Check(path.name, State.DAMAGED, text("{file} is missing.").format(file=path.name), remedy)
        else:
            size = path.stat().st_size
            yield Check(path.name, State.OK, texts("{count} byte", "{count} bytes", size).format(count=size))


def _settings(folder: Path) -> Check:
    try:
        settings.read(folder)
    except BadInput as error:
        return Check("settings", State.WARN, sentence(error))
    return Check("settings", State.OK, text("practice.toml is understood."))


def _keyring(folder: Path) -> Check:
    try:
        wraps = [wrap for wrap in keyring.read(folder).wraps if wrap.user != keyring.RECOVERY]
    except ConfrereError as error:
        return damaged("passphrase-cost", error)
    memory = min((wrap.memory for wrap in wraps), default=0) // keyring.MIB
    words = text("Each try of a passphrase costs {memory} MiB.").format(memory=memory)
    if memory * keyring.MIB < keyring.DEFAULT_MEMORY:
        advised = keyring.DEFAULT_MEMORY // keyring.MIB
        return Check("passphrase-cost", State.WARN, words, text("{memory} MiB are advised.").format(memory=advised))
    return Check("passphrase-cost", State.OK, words)


def _daemon(folder: Path) -> Check:
    found = status.read(folder)
    if not found.running:
        words = text("The sync daemon does not run: nothing is sent or received.")
        return Check("daemon", State.WARN, words, text("Start it with: confrere daemon"))
    if found.report is not None and found.report.last_error:
        return Check(
            "daemon",
            State.WARN,
            text("The sync daemon runs. It reports: {error}").format(error=found.report.last_error),
        )
    return Check("daemon", State.OK, text("The sync daemon runs (process {pid}).").format(pid=found.pid))


def _told_elsewhere(practice: Practice) -> Check:
    names = ", ".join(one.name for one in anchors.contradictions(practice.connection))
    if not names:
        return Check("colleagues", State.OK, text("No colleague knows of more than this history holds."))
    words = text("{name} knows of lines that are not in this history: an older copy of the practice was put back.")
    remedy = text("Check with: confrere verify")
    return Check("colleagues", State.DAMAGED, words.format(name=names), remedy)


def _history(practice: Practice) -> Check:
    broken = verification.first_broken_line(practice.connection)
    if broken is not None:
        return damaged("history", BrokenHistory(line=broken.line, seen=broken.seen))
    return Check("history", State.OK, text("Every line follows from the one before."))


def _postbox(practice: Practice) -> Check:
    key = keystore.get(practice.connection, keystore.POSTBOX)
    if key is None or not paths.postbox(practice.folder).exists():
        return Check("postbox", State.WARN, text("There is no postbox yet."), text("It is made at the first use."))
    opened = postbox.open_postbox(paths.postbox(practice.folder), key)
    try:
        incidents = postbox.incidents(opened)
    finally:
        opened.close()
    if not incidents:
        return Check("postbox", State.OK, text("No feed is frozen."))
    count = len(incidents)
    words = texts("{count} feed is frozen.", "{count} feeds are frozen.", count).format(count=count)
    return Check(
        "postbox", State.WARN, words, text("Call the colleague: one of the two practices was copied or restored.")
    )
