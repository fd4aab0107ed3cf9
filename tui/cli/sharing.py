"""`confrere share`: what leaves now. What leaves by itself: `tui.cli.following`."""

from localstore import colleagues, patients
from sync.sending import sharing
from tui.cli import output
from tui.cli.colleagues import ColleagueReference
from tui.cli.commands import Asked, command, family
from tui.cli.desk import at_the_desk
from tui.cli.patients import PatientReference
from tui.words.catalogue import text

commands = family()


@command(commands, "share", text("Make an extract of what the consent covers, and queue it for a colleague."))
def share(asked: Asked, patient: PatientReference, colleague: ColleagueReference) -> None:
    """Sign, seal and queue; the daemon delivers."""
    with at_the_desk(asked) as desk:
        known = patients.resolve(desk.record, patient)
        recipient = colleagues.resolve(desk.record, colleague)
        shared = sharing.share(desk, known.id, recipient)
    if asked.as_json:
        output.document(
            {
                "id": shared.document,
                "patient": known.id,
                "colleague": recipient.id,
                "consent": shared.consent,
                "entries": shared.entries,
                "left_out": shared.left_out,
                "bytes": shared.envelope_bytes,
                "too_large": list(shared.too_large),
            }
        )
        return
    for title in shared.too_large:
        output.note(text("Too large for an extract, or malformed; it stays here: “{title}”.").format(title=title))
    words = text("Queued for {name}: {count} entries; {left_out} are outside of the consent; {bytes} bytes sealed.")
    output.say(
        words.format(name=recipient.name, count=shared.entries, left_out=shared.left_out, bytes=shared.envelope_bytes)
    )
