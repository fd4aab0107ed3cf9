"""Sharing one record: with whom, and under which consent. Revoking is one key, as granting is."""

from collections.abc import Sequence

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content

from tui import vocabulary
from tui.dates import shown_date, shown_moment
from tui.scope import told_scope
from tui.screens.consent import ConsentForm
from tui.screens.letter import LetterRoom
from tui.screens.patient_room import PatientRoom
from tui.screens.preview import PreviewRoom
from tui.screens.question import Notice, Question
from tui.values import ColleagueLine, ConsentLine, Record, Revocation
from tui.widgets.banner import Banner
from tui.widgets.essentials import EssentialLines
from tui.widgets.listing import Column, Listing
from tui.widgets.words import Part, Words, shown
from tui.words.catalogue import text, texts
from tui.words.marking import message


class Share(PatientRoom[None]):
    """The colleagues, and what the patient has agreed to for each."""

    BINDINGS = [
        Binding("s", "choose", message("Share")),
        Binding("g", "grant", message("New consent")),
        Binding("l", "letter", message("Letter")),
        Binding("r", "revoke", message("Revoke the consent")),
    ]

    def __init__(self, record: Record) -> None:
        super().__init__(record.id, record)
        self._consents: list[ConsentLine] = []

    def content(self) -> ComposeResult:
        yield Banner()
        yield EssentialLines(classes="essential-lines")
        yield Words((text("Share this record"), "bold $primary"), classes="page-title")
        columns = [
            Column(text("Colleague")),
            Column(text("Practice"), from_width=100),
            Column(text("Trust"), 25),
            Column(text("Consent"), 26),
        ]
        empty = text("No colleague yet: F8 adds one by the card that he gives you.")
        yield Listing(columns, self.paint, empty=empty, id="colleagues")
        with VerticalScroll(id="consents", classes="page", can_focus=False):
            yield Words(id="consent-words")

    def on_mount(self) -> None:
        self.show_record(self.opened)
        self.listing.focus()
        self.load()

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        self.load()

    @property
    def listing(self) -> Listing[ColleagueLine]:
        """The colleagues."""
        return self.query_one("#colleagues", Listing)

    @work(group="load")
    async def load(self) -> None:
        """Ask who there is, and what was agreed to."""
        consents = await self.attempt(self.gateway.consents(self.patient))
        colleagues = await self.attempt(self.gateway.colleagues())
        if consents is not None and colleagues is not None:
            self._consents = consents
            self.listing.show(colleagues, keep=lambda one: one.id)

    def in_force(self, colleague: ColleagueLine) -> ConsentLine | None:
        """The consent that counts today."""
        return next((one for one in self._consents if one.colleague_id == colleague.id and one.in_force), None)

    def given(self, colleague: ColleagueLine) -> ConsentLine | None:
        """The newest consent that was not revoked, whether it counts today or not: what was sent under it may be taken
        back."""
        return next((one for one in self._consents if one.colleague_id == colleague.id and not one.revoked), None)

    def paint(self, one: ColleagueLine) -> Sequence[Content]:
        """One colleague; one who is not verified cannot be chosen, and the line says why."""
        consent = self.in_force(one)
        trust = vocabulary.word(vocabulary.COLLEAGUE_STATE, one.state)
        until = shown_date(consent.scope.ends) if consent and consent.scope.ends else ""
        said = text("until {date}").format(date=until) if until else text("in force")
        said = "↻ " + said if consent and consent.scope.standing else said
        return [
            shown((one.name, "bold" if one.verified else "$text-disabled")),
            shown((", ".join(filter(None, (one.practice, one.town))), "$text-muted")),
            shown((f"✓ {trust}", "$text-success") if one.verified else (f"✗ {trust}", "$text-warning")),
            shown((said, "$text-success") if consent else (text("none"), "$text-muted")),
        ]

    @on(Listing.Moved, "#colleagues")
    def _show_consents(self, event: Listing.Moved) -> None:
        one: ColleagueLine | None = event.item
        mine = [consent for consent in self._consents if one and consent.colleague_id == one.id]
        parts: list[Part] = []
        if one and not one.verified:
            parts.append((_why_not(one) + "\n\n", "$text-warning"))
        for consent in mine:
            parts += [*_told(consent), "\n\n"]
        if one and not mine:
            parts.append((text("The patient has not agreed to anything for this colleague yet."), "$text-muted"))
        self.query_one("#consent-words", Words).say(*parts)

    @on(Listing.Chosen, "#colleagues")
    def action_choose(self) -> None:
        """Share with the colleague under the cursor, if he is verified."""
        one = self.listing.item
        if one is None:
            return
        if not one.verified:
            self.building.tell(_why_not(one), warning=True)
            return
        self.share_with(one)

    @work
    async def share_with(self, one: ColleagueLine) -> None:
        """Under the consent in force, or one that is recorded now; nothing leaves before the preview was seen."""
        consent = self.in_force(one)
        if consent is None:
            consent = await self.app.push_screen_wait(ConsentForm(self.opened, one))
        if consent is not None and await self.app.push_screen_wait(PreviewRoom(self.opened, one, consent)):
            self.building.renew_mail()

    def action_letter(self) -> None:
        """Write to the colleague under the cursor, under the consent in force."""
        one = self.listing.item
        if one is None:
            return
        if not one.verified:
            self.building.tell(_why_not(one), warning=True)
        elif self.in_force(one) is None:
            self.building.tell(text("There is no consent in force for this colleague."), warning=True)
        else:
            self.app.push_screen(LetterRoom(self.opened, one.id, one.name))

    @work
    async def action_grant(self) -> None:
        one = self.listing.item
        if one is not None:
            await self.app.push_screen_wait(ConsentForm(self.opened, one, self.in_force(one)))
            self.load()

    @work
    async def action_revoke(self) -> None:
        one = self.listing.item
        consent = self.given(one) if one else None
        if one is None or consent is None:
            self.building.tell(text("There is no consent for this colleague that was not revoked."), warning=True)
            return
        question = Question(
            text("Revoke the consent"),
            text(
                "Every consent of this patient for {name} ends, those that were replaced too. Nothing more is sent to "
                "him about this patient, and the removal of what was sent is requested."
            ).format(name=one.name),
            [("revoke", text("Revoke")), ("keep", text("Leave it in force"))],
            grave=True,
        )
        if await self.app.push_screen_wait(question) != "revoke":
            return
        done = await self.attempt(self.gateway.revoke(consent.id))
        if done is not None:
            await self.app.push_screen_wait(Notice(text("The consent is revoked"), told_revocation(done, one.name)))
            self.building.renew_mail()


def told_revocation(done: Revocation, name: str) -> str:
    """What a revocation reached, and what it cannot reach."""
    kept = texts(
        "{n} extract never left: it was replaced by an empty one.",
        "{n} extracts never left: they were replaced by empty ones.",
        done.never_sent,
    )
    asked = texts(
        "For {n} extract that has left, the removal was requested.",
        "For {n} extracts that have left, the removal was requested.",
        done.removal_requested,
    )
    ended = texts("{n} consent has ended.", "{n} consents have ended, those that were replaced too.", done.consents)
    lines = [ended.format(n=done.consents), kept.format(n=done.never_sent), asked.format(n=done.removal_requested)]
    if done.out_of_reach:
        words = text("For {count}, the removal cannot be requested: the colleague is not verified now.")
        lines.append(words.format(count=done.out_of_reach))
    if done.opened:
        words = texts("{n} of them was opened already.", "{n} of them were opened already.", done.opened)
        lines.append(words.format(n=done.opened))
    if done.removal_requested:
        lines.append(
            text(
                "His software removes what he has not taken over, and attests it in the outbox. What {name} has read, "
                "or taken over into his own record, cannot be called back."
            ).format(name=name)
        )
    return "\n".join(lines)


def _why_not(one: ColleagueLine) -> str:
    return text("{name} cannot be chosen: compare the fingerprint first, in person or by phone (F8).").format(
        name=one.name
    )


def _told(consent: ConsentLine) -> list[Part]:
    scope = consent.scope
    if consent.revoked:
        state = (text("revoked on {moment}").format(moment=shown_moment(consent.revoked)), "$text-error")
    elif consent.in_force:
        state = (text("in force"), "bold $text-success")
    else:
        state = (text("no longer counts"), "$text-muted")
    given = text("given {how} on {date}, recorded by {who}").format(
        how=vocabulary.word(vocabulary.GIVEN, scope.given), date=shown_date(consent.begins), who=consent.recorded_by
    )
    until = text("until {date}").format(date=shown_date(scope.ends)) if scope.ends else text("without an end")
    return [state, f"  {scope.purpose}\n", told_scope(scope), "\n", (f"{given}, {until}", "$text-muted")]
