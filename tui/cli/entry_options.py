"""What can be typed after `confrere add` and `amend`, with the words of the help page. Tables."""

from pathlib import Path
from typing import Annotated, Any

import typer

from localstore.kinds import Kind
from tui.words.catalogue import text

ANY = text("Any entry:")
CLINICAL = text("Problems and allergies:")
TAKEN = text("Medicines and vaccinations:")
MEASURED = text("Measurements:")
SEEN = text("Consultations, procedures and devices:")
FAMILY = text("Family history:")
WRITTEN = text("Documents, letters and directives:")
PEOPLE = text("Relatives and carers:")
PLANNED = text("Recalls and appointments:")


def _words(option: str, panel: str, help: str, metavar: str = "WORDS") -> Any:
    return Annotated[str | None, typer.Option(f"--{option}", metavar=metavar, help=help, rich_help_panel=panel)]


def _several(option: str, panel: str, help: str, metavar: str = "WORDS") -> Any:
    return Annotated[list[str] | None, typer.Option(f"--{option}", metavar=metavar, help=help, rich_help_panel=panel)]


def _number(option: str, panel: str, help: str) -> Any:
    return Annotated[int | None, typer.Option(f"--{option}", metavar="NUMBER", help=help, rich_help_panel=panel)]


def _yes_or_no(option: str, panel: str, help: str) -> Any:
    return Annotated[bool | None, typer.Option(f"--{option}/--no-{option}", help=help, rich_help_panel=panel)]


OPTIONS: dict[str, Any] = {
    "text": Annotated[
        str | None,
        typer.Option(
            "--text", "--label", metavar="WORDS", help=text("What the entry is about, in words."), rich_help_panel=ANY
        ),
    ],
    "code": _several("code", ANY, text("A code for it; may be given several times."), "SYSTEM|CODE|LABEL"),
    "date": _words("date", ANY, text("When it was: 2024-03-12, 2024-03 or 2024."), "DATE"),
    "state": _words("state", ANY, text("active, resolved, stopped, completed, not-done …")),
    "end": _words("end", ANY, text("Until when."), "DATE"),
    "reason": _words("reason", ANY, text("Why: of a consultation, a medicine, a vaccine not given.")),
    "body_site": _words("body-site", ANY, text("Where on the body.")),
    "performer": _words("performer", ANY, text("Who gave a vaccine, or did a procedure.")),
    "note": _words("note", ANY, text("A note.")),
    "none": Annotated[
        bool | None,
        typer.Option("--none", help=text("The patient was asked, and there is none."), rich_help_panel=ANY),
    ],
    "restricted": Annotated[
        bool | None,
        typer.Option("--restricted", help=text("Travels only when a consent names it."), rich_help_panel=ANY),
    ],
    "body": _words("body", ANY, text("The whole body in JSON, or - to read it from stdin."), "JSON"),
    "verification": _words(
        "verification", CLINICAL, text("unconfirmed, provisional, differential, presumed, confirmed or refuted.")
    ),
    "onset": _words("onset", CLINICAL, text("When it began."), "DATE"),
    "severity": _words("severity", CLINICAL, text("How severe a problem is; of a reaction: mild, moderate or severe.")),
    "long_term": _yes_or_no("long-term", CLINICAL, text("Recognised as a long-term condition (ALD).")),
    "reaction": _words("reaction", CLINICAL, text("What an allergy does.")),
    "sign": _several("sign", CLINICAL, text("A sign of the reaction, in words or as SYSTEM|CODE|LABEL.")),
    "criticality": _words("criticality", CLINICAL, text("high, low or unable-to-assess.")),
    "category": _words(
        "category", CLINICAL, text("Of an allergy: medication, food, environment; of a measurement: its field.")
    ),
    "type": _words("type", CLINICAL, text("allergy or intolerance; of a document or a directive: what it is.")),
    "dosage": _words("dosage", TAKEN, text("How a medicine is taken.")),
    "dose": _words("dose", TAKEN, text("Which dose of a vaccine; how much of a medicine at a time: 500 mg."), "DOSE"),
    "frequency": _number("frequency", TAKEN, text("How many times in each period.")),
    "period": _words("period", TAKEN, text("h, d, wk or mo: an hour, a day, a week, a month."), "PERIOD"),
    "route": _words("route", TAKEN, text("The route: oral, nasal …")),
    "as_needed": _yes_or_no("as-needed", TAKEN, text("Only when it is needed.")),
    "course": _words("course", TAKEN, text("acute or continuous.")),
    "start": _words("start", TAKEN, text("Since when a medicine is taken."), "DATE"),
    "against": _several("against", TAKEN, text("A disease that the vaccine protects against.")),
    "lot": _words("lot", TAKEN, text("The lot of a vaccine."), "LOT"),
    "expiry": _words("expiry", TAKEN, text("The date on the vaccine."), "DATE"),
    "manufacturer": _words("manufacturer", TAKEN, text("Who made the vaccine, or the device.")),
    "site": _words("site", TAKEN, text("Where a vaccine was given.")),
    "value": _words("value", MEASURED, text("What was measured: a number, or words."), "VALUE"),
    "unit": _words("unit", MEASURED, text("The unit of the value."), "UNIT"),
    "systolic": _words("systolic", MEASURED, text("The systolic blood pressure, in mmHg."), "NUMBER"),
    "diastolic": _words("diastolic", MEASURED, text("The diastolic blood pressure, in mmHg."), "NUMBER"),
    "low": _words("low", MEASURED, text("From which value on the laboratory calls it normal."), "NUMBER"),
    "high": _words("high", MEASURED, text("Up to which value."), "NUMBER"),
    "method": _words("method", MEASURED, text("How it was measured.")),
    "interpretation": _words("interpretation", MEASURED, text("What a value means.")),
    "mode": _words("mode", SEEN, text("office, home, remote, emergency or inpatient.")),
    "findings": _words("findings", SEEN, text("What a consultation found.")),
    "conclusion": _words("conclusion", SEEN, text("What it means.")),
    "plan": _words("plan", SEEN, text("What is planned.")),
    "practitioner": _words("practitioner", SEEN, text("Who sees the patient.")),
    "place": _words("place", SEEN, text("Where it was; of a directive: where the original is kept.")),
    "outcome": _words("outcome", SEEN, text("What came of a procedure.")),
    "identifier": _words("identifier", SEEN, text("What stands on the card of a device: UDI, serial number.")),
    "disease": _several("disease", FAMILY, text("What the relative had, in words or as SYSTEM|CODE|LABEL.")),
    "onset_age": _number("onset-age", FAMILY, text("At which age it began, in years.")),
    "deceased": _words("deceased", FAMILY, text("When the relative died, or yes."), "DATE"),
    "relationship": _words("relationship", FAMILY, text("Mother, brother …: what the relative is to the patient.")),
    "title": _words("title", WRITTEN, text("The title of a document or a letter.")),
    "file": Annotated[
        Path | None,
        typer.Option("--file", metavar="FILE", help=text("A file to keep as a document."), rich_help_panel=WRITTEN),
    ],
    "media_type": _words(
        "media-type", WRITTEN, text("The media type of the file; guessed from its name otherwise."), "TYPE"
    ),
    "direction": _words("direction", WRITTEN, text("sent or received.")),
    "correspondent": _words("correspondent", WRITTEN, text("To whom a letter goes, or from whom it came.")),
    "rpps": _words("rpps", WRITTEN, text("The RPPS number of the correspondent or the carer."), "NUMBER"),
    "name": _words("name", PEOPLE, text("The name of a relative or a carer."), "NAME"),
    "phone": _words("phone", PEOPLE, text("The telephone number."), "NUMBER"),
    "to_call": _yes_or_no("to-call", PEOPLE, text("To be called in an emergency.")),
    "trusted": _yes_or_no("trusted", PEOPLE, text("The person of trust whom the patient designated.")),
    "record": _words("record", PEOPLE, text("The relative's own record in this practice."), "PATIENT"),
    "role": _words("role", PEOPLE, text("The profession or the role of a carer.")),
    "organisation": _words("organisation", PEOPLE, text("Where a carer works.")),
    "done": _words("done", PLANNED, text("When a recall was done."), "DATE"),
    "every": _number("every", PLANNED, text("After how many months it is due again; 0 if never.")),
    "minutes": _number("minutes", PLANNED, text("How long an appointment takes.")),
}
DATES = ("onset", "start", "end", "expiry", "deceased", "done")
KindArgument = Annotated[
    Kind,
    typer.Argument(
        metavar="KIND",
        help=text(
            "problem, allergy, medication, immunisation, measurement, consultation, procedure, device, "
            "family-history, directive, document, letter, relative, carer, recall, appointment or other."
        ),
    ),
]
VersionReference = Annotated[
    str, typer.Argument(metavar="VERSION", help=text("The identifier of a version, or its beginning."))
]
Why = Annotated[str, typer.Option("--reason", metavar="WORDS", help=text("Why it was wrong; kept in the history."))]
Normal = Annotated[bool, typer.Option("--normal", help=text("Lift the restriction."))]
