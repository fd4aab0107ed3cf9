"""`confrere recovery`: the recovery words, and their shares among colleagues."""

from pathlib import Path
from typing import Annotated, Any

import typer

from localstore import colleagues, paths
from localstore.colleagues import Colleague, State
from localstore.errors import BadInput
from localstore.keys import keyring, passphrase, recovery, shares
from localstore.practice import Practice
from sync import custody
from sync.custody import Held, Splitting
from tui import vocabulary
from tui.cli import asking, describing, opening, output, recovery_words
from tui.cli.commands import Asked, command, family
from tui.cli.desk import at_the_desk
from tui.cli.errors import NotConfirmed, NoWords
from tui.cli.recovery_words import WordsFd
from tui.dates import shown_moment
from tui.words.catalogue import text, texts

commands = family()
recovery_commands = family("recovery", help=text("The recovery words, and their shares among colleagues."))
commands.add_typer(recovery_commands, name="recovery")

TRIES = 5  # of typing one share

Colleagues = Annotated[
    list[str], typer.Argument(metavar="COLLEAGUE", help=text("Who gets a share: two to sixteen verified colleagues."))
]
Threshold = Annotated[
    int, typer.Option("--threshold", metavar="N", help=text("How many of them are needed to get the words back."))
]
ShareReference = Annotated[
    str, typer.Argument(metavar="ID", help=text("The identifier of a share that is held here, or its beginning."))
]
Yes = Annotated[bool, typer.Option("--yes", help=text("Do not ask."))]
NoConfirm = Annotated[bool, typer.Option("--no-confirm", help=text("Ask nothing, and ask no word back."))]
Pdf = Annotated[
    Path | None,
    typer.Option("--pdf", metavar="FILE", help=text("Print the recovery words as a PDF; - for stdout: a printer.")),
]


@command(recovery_commands, "check", text("Say whether these recovery words open this practice. Nothing is changed."))
def check(asked: Asked, words_fd: WordsFd = None) -> None:
    """The keyring is read, and nothing else: no passphrase is needed."""
    paths.require_practice(asked.folder)
    _opened_by(asked.folder, recovery_words.given(words_fd))
    if asked.as_json:
        output.document({"id": keyring.read(asked.folder).practice.hex(), "opens": True})
    else:
        output.say(text("These recovery words open this practice."))


def _opened_by(folder: Path, words: str) -> bytes:
    """The recovery key of these words. Raises BadInput, and OtherRecoveryWords when it does not open the practice."""
    key = passphrase.recovery_key(words)
    keyring.unlock_with_recovery(keyring.read(folder), key)
    return key


@command(
    recovery_commands, "renew", text("Make new recovery words; the old ones, and their shares, open nothing more.")
)
def renew(asked: Asked, pdf: Pdf = None, no_confirm: NoConfirm = False) -> None:
    """Show the new words once, and ask some of them back; only then do they take the place of the old ones, so that
    whatever ends this before leaves the words valid that are on paper already."""
    recovery_words.check_target(pdf, "confrere recovery renew", as_json=asked.as_json)
    with opening.unlocked(asked) as practice:
        question = text("The words on paper, and the shares of colleagues, will open nothing more. Make new words?")
        _confirm(question, no_confirm, "Confirm it on a terminal, or with --no-confirm.")
        new = recovery.new_words()
        _hand_out(asked, practice, recovery_words.composed(new), pdf, asks=not no_confirm)
        recovery.adopt(practice, new)
    output.note(text("The new words are valid from now on. The old ones, and their shares, open nothing more."))


def _hand_out(asked: Asked, practice: Practice, words: list[str], pdf: Path | None, *, asks: bool) -> None:
    """Show new words, print them, and ask some back, before they are valid."""
    output.note(text("Until it is said that the new words are valid, the old ones are: keep them."))
    if asked.as_json:
        output.document({"id": practice.id.hex(), "recovery_words": " ".join(words)})
    elif pdf != recovery_words.STDOUT:
        recovery_words.show(words)
    whose = recovery_words.Whose(practice.name, practice.founder.name, practice.town, practice.today())
    recovery_words.deliver(pdf, whose, words)
    if asks:
        recovery_words.ask_back(words)


def _confirm(question: str, is_sure: bool, remedy: str) -> None:
    if not is_sure and not (asking.is_possible() and asking.confirms(question)):
        raise NotConfirmed(remedy=remedy)


@command(recovery_commands, "split", text("Split the recovery words among colleagues: so many of them give them back."))
def split(
    asked: Asked, colleague: Colleagues, threshold: Threshold, words_fd: WordsFd = None, yes: Yes = False
) -> None:
    """Seal one share to each; none to anybody unless all of them are verified and the words are right."""
    with at_the_desk(asked) as desk:
        chosen = [colleagues.resolve(desk.record, one) for one in colleague]
        custody.check_guardians(chosen, threshold)
        key = _opened_by(asked.folder, recovery_words.given(words_fd))
        _confirm(_question(chosen, threshold), yes, "Confirm it on a terminal, or with --yes.")
        done = custody.entrust(desk, key, threshold, chosen)
    if asked.as_json:
        output.document(_splitting_shape(done))
        return
    words = text("Queued: one share for each of {count} colleagues; {threshold} of them give the words back.")
    output.say(words.format(count=len(done.shares), threshold=done.threshold))


def _question(chosen: list[Colleague], threshold: int) -> str:
    words = text(
        "Any {threshold} of these colleagues together, with a copy of this practice's files, can open its record: "
        "{names}. Send each a share?"
    )
    return words.format(threshold=threshold, names=", ".join(one.name for one in chosen))


def _splitting_shape(done: Splitting) -> dict[str, Any]:
    sent = [
        {"id": one.document, "colleague": one.colleague.id, "colleague_name": one.colleague.name} for one in done.shares
    ]
    return {"id": done.id, "threshold": done.threshold, "count": len(sent), "shares": sent}


@command(recovery_commands, "held", text("List the shares that this practice keeps for colleagues."))
def held(asked: Asked) -> None:
    """Whose they are, and never their words."""
    with at_the_desk(asked) as desk:
        found = custody.held(desk)
    if asked.as_json:
        output.document([_held_shape(one) for one in found])
        return
    headings = [text("Identifier"), text("For"), text("RPPS"), text("State"), text("Made"), text("Needed"), text("Set")]
    output.table(headings, [_held_row(one) for one in found])


def _held_shape(one: Held) -> dict[str, Any]:
    return {
        "id": one.id,
        "colleague": one.colleague,
        "colleague_name": one.name,
        "rpps": one.rpps,
        "colleague_state": one.state.value,
        "splitting": one.splitting,
        "threshold": one.threshold,
        "count": one.count,
        "made": one.made,
        "arrived": one.arrived,
        "newest": one.newest,
    }


def _held_row(one: Held) -> tuple[object, ...]:
    needed = text("{threshold} of {count}").format(threshold=one.threshold, count=one.count)
    state = vocabulary.word(vocabulary.COLLEAGUE_STATE, one.state)
    which = text("the newest") if one.newest else text("an earlier one")
    return describing.short(one.id), one.name, one.rpps, state, shown_moment(one.made), needed, which


@command(recovery_commands, "reveal", text("Show the words of a share to the colleague whose it is."))
def reveal(asked: Asked, identifier: ShareReference, yes: Yes = False) -> None:
    """After asking whether he was recognised. That it was shown goes into the history."""
    with at_the_desk(asked) as desk:
        share = custody.find(desk, identifier)
        _warn(share)
        question = text("Have you recognised {name}, in person or by a call to a number that you knew before?")
        remedy = "Recognise the colleague first; then confirm it on a terminal, or with --yes."
        _confirm(question.format(name=share.name), yes, remedy)
        words = custody.reveal(desk, share)
    if asked.as_json:
        output.document(_held_shape(share) | {"words": words})
        return
    output.say(text("The share of {name}, {count} words:").format(name=share.name, count=shares.WORDS))
    for row in recovery_words.rows(words.split()):
        output.say(row)


def _warn(share: Held) -> None:
    warning = text("Whoever has {threshold} such shares and a copy of the files of {name} opens the record there.")
    output.note(warning.format(threshold=share.threshold, name=share.name))
    if share.state is State.REMOVED:
        output.note(text("This practice has parted from {name}. Be all the more careful.").format(name=share.name))


@command(recovery_commands, "join", text("Get the recovery words back from the shares of colleagues."))
def join(asked: Asked, words_fd: WordsFd = None) -> None:
    """Works on a machine with nothing on it. The words then go to: confrere restore, or confrere user passphrase."""
    if words_fd is not None:
        given = [line for line in recovery_words.piped(words_fd).splitlines() if line.strip()]
    elif asking.is_possible():
        given = _typed_shares()
    else:
        raise NoWords
    words = recovery_words.composed(passphrase.recovery_words(shares.join(given)))
    if asked.as_json:
        output.document({"recovery_words": " ".join(words)})
        return
    output.say(text("The recovery words:"))
    for row in recovery_words.rows(words):
        output.say(row)


def _typed_shares() -> list[str]:
    """Shares, typed one after the other until there are enough different ones."""
    given = [_typed_share(1)]
    first = shares.read(given[0])
    missing = first.threshold - 1
    places = {first.place}
    while len(places) < first.threshold and len(given) < shares.MOST:
        words = texts("{count} more share is needed.", "{count} more shares are needed.", missing)
        output.note(words.format(count=missing))
        given.append(_typed_share(len(given) + 1))
        places.add(shares.read(given[-1], len(given)).place)
        missing = first.threshold - len(places)
    return given


def _typed_share(number: int) -> str:
    """One share, asked for again while it is misspelt. Raises what is wrong with it at the last."""
    question = text("Share {number}, 33 words on one line: ").format(number=number)
    for _ in range(TRIES - 1):
        typed = asking.answer(question)
        try:
            shares.read(typed, number)
        except BadInput as error:
            output.note(error.told(text))
        else:
            return typed
    typed = asking.answer(question)
    shares.read(typed, number)
    return typed
