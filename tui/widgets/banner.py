"""Whose record this is, on every screen of a patient: an entry in the wrong record begins with a name not looked at."""

from tui import vocabulary
from tui.dates import age, shown_date
from tui.identity_words import registered_as, who
from tui.reading import full_name
from tui.values import Record
from tui.widgets.words import Part, Words
from tui.words.catalogue import text, texts


def grouped_ins(ins: str) -> str:
    """An INS as it is printed: 2 58 03 75 116 001 24."""
    if len(ins) != 15:
        return ins
    cuts = (0, 1, 3, 5, 7, 10, 13, 15)
    return " ".join(ins[start:end] for start, end in zip(cuts, cuts[1:], strict=False))


QUALIFIED = "qualified"
LONGEST_NAME = 60  # characters; a longer one must not push what follows out of sight
LONGEST_NUMBER = 24


def cut(said: str, longest: int = LONGEST_NAME) -> str:
    """Words, cut with an ellipsis where they are longer than any name."""
    return said if len(said) <= longest else said[: longest - 1] + "…"


class Banner(Words):
    """Name, sex, birth date and age, INS; under it a warning where somebody else could be meant."""

    DEFAULT_CSS = """
    Banner { height: auto; padding: 0 1; background: $primary-muted; color: $foreground; }
    """

    def show(self, record: Record) -> None:
        """Show the patient of a record."""
        body = record.patient
        years = age(body.birth_date, record.today) if not body.deceased else ""
        born = shown_date(body.birth_date) or text("birth date unknown")
        parts: list[Part] = [
            (cut(full_name(body)), "bold"),
            f"  {cut(vocabulary.word(vocabulary.SEX, body.sex), 20)}  {cut(born, 20)}",
            (f" ({years})" if years else ""),
        ]
        if body.deceased:
            when = "" if body.deceased == "yes" else f" {cut(shown_date(body.deceased), 20)}"
            parts += ["  ", (f" {text('deceased{when}').format(when=when)} ", "$background on $text-muted")]
        if body.used_name and body.used_name.casefold() != body.family_name.casefold():
            parts += ["  ", text("used name {name}").format(name=cut(body.used_name))]
        if body.ins:
            parts += ["  INS ", cut(grouped_ins(body.ins), LONGEST_NUMBER)]
        status = vocabulary.word(vocabulary.IDENTITY_STATUS, body.identity_status)
        parts.append((" ✓" if body.identity_status == QUALIFIED else f"  {cut(status, 30)}", "$foreground 70%"))
        if len(record.identity) > 1:
            parts += [
                "  ",
                (f" {text('{n} versions of the identity').format(n=len(record.identity))} ", "$background on $warning"),
            ]
        if record.also_registered:
            parts += ["\n", (registered_as(record.also_registered), "$foreground 70%")]
        if record.homonyms:
            parts += ["\n", (_warning(record), "bold $background on $warning")]
        self.say(*parts)


def _warning(record: Record) -> str:
    count = len(record.homonyms)
    others = ", ".join(who(one) for one in record.homonyms[:2])
    more = ", …" if count > 2 else ""
    words = texts("Homonym: {others}. Check the birth date.", "{n} homonyms: {others}. Check the birth date.", count)
    return " ▲ " + words.format(n=count, others=others + more) + " "
