"""`confrere consent`: what a patient agreed to, with which colleague, and until when."""

from enum import StrEnum
from typing import Annotated, Any

import typer

from localstore import colleagues, consents, patients, people, record, versions
from localstore.colleagues import Colleague
from localstore.consents import DEFAULT_KINDS, Consent
from localstore.errors import BadInput, NotFound, UnknownColleague
from localstore.kinds import STAYS_HERE, Kind
from localstore.roles import Right
from localstore.terms import Terms
from sync.desk import Desk
from sync.sending import gate, sharing
from sync.sending.withdrawing import Revoked
from tui import vocabulary
from tui.cli import describing, output
from tui.cli.colleagues import ColleagueReference
from tui.cli.commands import Asked, command, family
from tui.cli.describing import iso_date
from tui.cli.desk import at_the_desk
from tui.cli.patients import PatientReference
from tui.cli.references import entry_ids
from tui.dates import shown_date
from tui.words.catalogue import text, texts

commands = family()
consent_commands = family("consent", help=text("The patients' consents: granting, revoking, listing."))
commands.add_typer(consent_commands, name="consent")


class Given(StrEnum):
    """How a consent was given."""

    ORAL = "oral"
    WRITTEN = "written"


Kinds = Annotated[
    list[str] | None,
    typer.Option("--kinds", metavar="KIND,KIND", help=text("The kinds of entries that it covers; all but other.")),
]
Purpose = Annotated[str | None, typer.Option("--purpose", metavar="WORDS", help=text("What for: continuity of care."))]
GivenOption = Annotated[Given, typer.Option("--given", help=text("oral or written."))]
From = Annotated[str, typer.Option("--from", metavar="DATE", help=text("From which day it stands; today."))]
Until = Annotated[str, typer.Option("--until", metavar="DATE", help=text("The last day on which it stands; open."))]
Since = Annotated[str, typer.Option("--since", metavar="DATE", help=text("Only entries from this date on."))]
Before = Annotated[str, typer.Option("--before", metavar="DATE", help=text("Only entries up to this date."))]
Restricted = Annotated[
    list[str] | None,
    typer.Option("--restricted", metavar="ENTRY", help=text("A restricted entry that it covers; may be repeated.")),
]
Standing = Annotated[
    bool, typer.Option("--standing", help=text("Each later change that it covers goes out by itself."))
]
ConsentReference = Annotated[
    str, typer.Argument(metavar="CONSENT|PATIENT", help=text("A consent, or the patient whose consent it is."))
]
OptionalColleague = Annotated[
    str | None, typer.Argument(metavar="COLLEAGUE|CONSENT", help=text("After a patient: with whom, or which."))
]


@command(consent_commands, "grant", text("Record that a patient agrees to share with a colleague."))
def grant(
    asked: Asked,
    patient: PatientReference,
    colleague: ColleagueReference,
    kinds: Kinds = None,
    purpose: Purpose = None,
    given: GivenOption = Given.ORAL,
    begins: From = "",
    until: Until = "",
    since: Since = "",
    before: Before = "",
    restricted: Restricted = None,
    standing: Standing = False,
) -> None:
    """Record the consent, and print it."""
    wanted = _kinds(kinds)
    with at_the_desk(asked) as desk:
        known = patients.resolve(desk.record, patient)
        named: tuple[str, ...] = ()
        if restricted:
            named = entry_ids(record.chart(desk.practice, known.id).entries, restricted)
        granted = sharing.grant(
            desk,
            known.id,
            colleagues.resolve(desk.record, colleague),
            kinds=wanted,
            purpose=purpose if purpose is not None else text("continuity of care"),
            given=given.value,
            begins=iso_date(begins),
            ends=iso_date(until),
            since=iso_date(since),
            before=iso_date(before),
            restricted=named,
            stands=standing,
        )
        _print(asked, desk, [granted], single=True)


def _kinds(typed: list[str] | None) -> tuple[Kind, ...]:
    """The kinds named, in lists with commas or one by one. Raises BadInput."""
    names = [name.strip().lower() for one in typed or () for name in one.split(",") if name.strip()]
    strange = [name for name in names if name not in set(Kind)]
    if strange:
        known = ", ".join(kind.value for kind in Kind if kind not in (Kind.PATIENT, *STAYS_HERE))
        raise BadInput(what="“{kind}” is no kind of entry.", kind=strange[0], remedy="There are: {known}.", known=known)
    return tuple(dict.fromkeys(Kind(name) for name in names)) or DEFAULT_KINDS


@command(consent_commands, "revoke", text("End a consent now, and say honestly how far that reaches."))
def revoke(asked: Asked, consent: ConsentReference, colleague: OptionalColleague = None) -> None:
    """Revoke all that a patient gave for one colleague, named by one of these consents or by the two."""
    with at_the_desk(asked) as desk:
        meant = _meant(desk, consent, colleague)
        _print_revoked(asked, meant, sharing.revoke(desk, meant))


def _meant(desk: Desk, first: str, second: str | None) -> Consent:
    if second is None:
        return consents.resolve(desk.record, first)
    patient = patients.resolve(desk.record, first)
    given = consents.of_patient(desk.record, patients.number(desk.record, patient.id))
    try:
        colleague = colleagues.resolve(desk.record, second)
    except UnknownColleague:
        return _of_this_patient(given, second)
    found = [one for one in given if one.colleague == colleague.num and not one.revoked]
    if not found:
        raise NotFound(what="A consent in force for {name}", name=colleague.name)
    return found[0]


def _of_this_patient(given: list[Consent], reference: str) -> Consent:
    wanted = reference.strip().lower()
    found = [one for one in given if len(wanted) >= consents.SHORTEST_ID_PREFIX and one.id.startswith(wanted)]
    if len(found) != 1:
        raise UnknownColleague(reference=reference)
    return found[0]


def _print_revoked(asked: Asked, meant: Consent, done: Revoked) -> None:
    if asked.as_json:
        numbers = {"never_sent": done.never_sent, "removal_requested": done.removal_requested}
        numbers |= {"out_of_reach": done.out_of_reach, "opened": done.opened}
        output.document({"id": meant.id, "consents": list(done.consents), "state": "revoked"} | numbers)
        return
    if not done.consents:
        output.say(text("This consent was revoked before."))
        return
    count = len(done.consents)
    words = texts(
        "Revoked: {count} consent. Nothing more is sent to this colleague about this patient.",
        "Revoked: {count} consents, those that were replaced too. Nothing more is sent to this colleague about this "
        "patient.",
        count,
    )
    output.say(words.format(count=count))
    output.say(text("Kept back before it left: {count}.").format(count=done.never_sent))
    output.say(text("Already sent, removal requested: {count}.").format(count=done.removal_requested))
    if done.out_of_reach:
        words = text("For {count}, the removal cannot be requested: the colleague is not verified now.")
        output.say(words.format(count=done.out_of_reach))
    if done.opened:
        output.say(text("Opened by the colleague before that: {count}.").format(count=done.opened))
    if done.removal_requested or done.out_of_reach:
        output.say(text("What a colleague has read, or taken over into his own record, cannot be called back."))


@command(consent_commands, "list", text("List a patient's consents, those that ended too."))
def listing(asked: Asked, patient: PatientReference) -> None:
    """All consents of one patient, newest first."""
    with at_the_desk(asked) as desk:
        desk.practice.require(Right.READ)
        known = patients.resolve(desk.record, patient)
        found = consents.of_patient(desk.record, patients.number(desk.record, known.id))
        _print(asked, desk, found)


def _print(asked: Asked, desk: Desk, found: list[Consent], *, single: bool = False) -> None:
    today = desk.practice.today()
    with_names = [(one, colleagues.by_number(desk.record, one.colleague), _state(desk, one, today)) for one in found]
    if asked.as_json:
        shapes = [_shape(desk, one, colleague, state) for one, colleague, state in with_names]
        output.document(shapes[0] if single else shapes)
        return
    headings = [text("Identifier"), text("Colleague"), text("State"), text("From"), text("Until"), text("Covers")]
    output.table(headings, [_row(one, colleague, state) for one, colleague, state in with_names])


def _state(desk: Desk, consent: Consent, today: str) -> str:
    if consent.revoked:
        return "revoked"
    owner = people.kept(desk.record, consent.patient)
    if consents.between(desk.record, owner, consent.colleague)[0].num != consent.num:
        return "replaced"
    if gate.is_valid(consent, today):
        return "standing"
    return "ended" if consent.terms.ends and consent.terms.ends < today else "to-come"


def _row(consent: Consent, colleague: Colleague, state: str) -> tuple[str, ...]:
    states = {
        "revoked": text("revoked"),
        "standing": text("in force"),
        "ended": text("ended"),
        "to-come": text("to come"),
        "replaced": text("replaced"),
    }
    terms = consent.terms
    covers = ", ".join(vocabulary.kinds(kind).lower() for kind in terms.kinds)
    bounds = "–".join(map(shown_date, (terms.since, terms.before))) if terms.since or terms.before else ""
    restricted = text("{count} restricted entries").format(count=len(terms.restricted)) if terms.restricted else ""
    by_itself = text("later changes go by themselves") if terms.is_standing else ""
    scope = text("; ").join(filter(None, (covers, bounds, restricted, by_itself, terms.purpose)))
    return (
        describing.short(consent.id),
        colleague.name,
        states[state],
        shown_date(terms.begins),
        shown_date(terms.ends),
        scope,
    )


def _shape(desk: Desk, consent: Consent, colleague: Colleague, state: str) -> dict[str, Any]:
    return {
        "id": consent.id,
        "patient": versions.identifier(desk.record, consent.patient),
        "colleague": colleague.id,
        "colleague_name": colleague.name,
        "state": state,
        **terms_shape(consent.terms),
        "granted": consent.granted,
        "revoked": consent.revoked,
    }


def terms_shape(terms: Terms) -> dict[str, Any]:
    """The terms of a consent in JSON."""
    return {
        "kinds": [kind.value for kind in terms.kinds],
        "purpose": terms.purpose,
        "given": terms.given,
        "recorded_by": terms.recorded_by,
        "from": terms.begins,
        "until": terms.ends,
        "since": terms.since,
        "before": terms.before,
        "restricted": list(terms.restricted),
        "standing": terms.is_standing,
    }
