"""`confrere verify` without a backup: every check of this practice, one line each."""

from collections.abc import Iterator

from localstore import acceptance, anchors, head, inspection, keystore, paths, postbox
from localstore.backup import automatic, making, shelf
from localstore.database import DatabaseError
from localstore.errors import DamagedStore
from localstore.inspection import Finding
from localstore.practice import Practice
from localstore.rights import archive, archiving
from tui import vocabulary
from tui.cli import asking, checks, opening, output
from tui.cli.commands import Asked
from tui.cli.errors import NotConfirmed
from tui.words.catalogue import sentence, text


def verify(asked: Asked, *, accept: bool) -> None:
    """Look at everything, tell each result, and raise the first damage. Opening compares the head by itself; with
    `accept` it is written anew from a record that is sound in itself, and the history says so."""
    paths.require_practice(asked.folder)
    secret = opening.passphrase(asked)
    if accept:
        _accept(asked, secret)
    with opening.unlocked_with(asked, secret) as practice:
        found = list(_findings(practice))
        introductions = checks.introductions(practice)
    if asked.as_json:
        output.document([_shape(file, one) for file, one in found])
    else:
        output.table([text("File"), text("Check"), text("State")], [_row(file, one) for file, one in found])
    for words in introductions:
        output.note(words)
    for file, one in found:
        if not one.is_sound:
            raise one.error(file)


def _accept(asked: Asked, secret: str) -> None:
    """Write the head anew, after a question where somebody can be asked; not for a record that agrees with its head."""
    try:
        with opening.unlocked_with(asked, secret) as practice:
            told = [one for one in (_of_backups(practice), _of_colleagues(practice)) if not one.is_sound]
        if not told:
            output.note(text("The record agrees with its head: there is nothing to accept. Nothing was changed."))
            return
        output.note(sentence(told[0].error("record.db")))
    except DamagedStore as error:
        output.note(sentence(error))
    if asking.is_possible() and not asking.confirms(text("Go on with the record as it stands, without what it lost?")):
        raise NotConfirmed(remedy="Restore the last backup instead.")
    with opening.store_errors():
        acceptance.accept(asked.folder, secret).close()
    output.note(text("The record was accepted as it stands. What it lost is lost: the history says when."))


def _findings(practice: Practice) -> Iterator[tuple[str, Finding]]:
    yield paths.record(practice.folder).name, Finding("head")  # opening would have failed
    for one in inspection.findings(practice.connection):
        yield paths.record(practice.folder).name, one
    yield paths.record(practice.folder).name, _of_backups(practice)
    yield paths.record(practice.folder).name, _of_colleagues(practice)
    name = paths.postbox(practice.folder).name
    for one in _of_postbox(practice):
        yield name, one
    for one in _of_archive(practice):
        yield archive.FILE, one


def _of_backups(practice: Practice) -> Finding:
    """Whether the history holds what it held when each backup of this incarnation was made: an older record that was
    put back, with its head, does not. Restoring a backup, or accepting a record as it stands, begins another."""
    keys = making.manifest_keys(practice)
    for place in automatic.places(practice.folder).there:
        for _, told in shelf.of_practice(place, keys):
            if told.incarnation != practice.incarnation:
                continue
            if not head.holds(practice.connection, told.head.line, told.head.hash):
                seen = "a backup holds another line there: an older copy of the record was put back"
                return Finding("backups", seen, told.head.line)
    return Finding("backups")


def _of_colleagues(practice: Practice) -> Finding:
    """Whether the history holds every head of it that a colleague gave back."""
    for broken in anchors.contradictions(practice.connection):
        seen = "a colleague was told of another line there: an older copy of the record was put back"
        return Finding("colleagues", seen, broken.line)
    return Finding("colleagues")


def _of_postbox(practice: Practice) -> Iterator[Finding]:
    key = keystore.get(practice.connection, keystore.POSTBOX)
    if key is None:
        return  # it was never made
    if not paths.postbox(practice.folder).exists():
        yield Finding("pages", "it is missing")
        return
    try:
        opened = postbox.open_postbox(paths.postbox(practice.folder), key)
        try:
            yield inspection.pages(opened)._replace(check="pages")
            yield inspection.structure(opened)._replace(check="structure")
        finally:
            opened.close()
    except DamagedStore as error:
        yield Finding("pages", _told(error))
    except DatabaseError:
        yield Finding("pages", "a page of it cannot be read")


def _of_archive(practice: Practice) -> Iterator[Finding]:
    try:
        yield from archiving.findings(practice)
    except DamagedStore as error:
        yield Finding("pages", _told(error))


def _told(error: DamagedStore) -> str:
    """What was seen, with its values."""
    words = text(str(error.details.get("seen", "")))
    for name, value in error.details.items():
        words = words.replace(f"{{{name}}}", str(value))
    return words


def _shape(file: str, one: Finding) -> dict[str, object]:
    state = "sound" if one.is_sound else "damaged"
    seen = text(one.seen) if one.seen else ""
    return {
        "id": f"{file}/{one.check}",
        "file": file,
        "check": one.check,
        "state": state,
        "line": one.line,
        "seen": seen,
    }


def _row(file: str, one: Finding) -> tuple[object, ...]:
    return file, vocabulary.word(vocabulary.CHECKS, one.check), text("sound") if one.is_sound else text(one.seen)
