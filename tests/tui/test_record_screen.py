"""Search, the record of one patient, and everything that is written into it."""

from pathlib import Path

from localstore.bodies import AllergyBody, ConsultationBody, DocumentBody, MeasurementBody
from localstore.kinds import Kind, Sensitivity, Status
from localstore.values import Concept
from tests.tui.houses import Houses, Visit, visiting
from tui.reading import title
from tui.screens.add import AddEntry, Chooser
from tui.screens.caution import Warned
from tui.screens.consultation import ConsultationRoom
from tui.screens.entry import EntryRoom
from tui.screens.history import History
from tui.screens.patient import PatientForm
from tui.screens.question import Asked, Question
from tui.screens.record import RecordRoom
from tui.screens.search import Search
from tui.screens.vitals import AddVitals
from tui.values import Record
from tui.widgets.banner import Banner
from tui.widgets.detail import Detail
from tui.widgets.essentials import Panel
from tui.widgets.fields import Flag, Line, Push
from tui.widgets.form import Form
from tui.widgets.words import Words


async def open_jeanne(visit: Visit) -> RecordRoom:
    """Unlock, search, open."""
    await visit.unlock()
    await visit.write("lucie")
    search = await visit.on(Search)
    await visit.until(lambda: [one.birth_date for one in search.listing.items] == ["1958-03-12"])
    await visit.press("enter")
    room = await visit.on(RecordRoom)
    await visit.until(lambda: room.record)
    return room


def read(room: RecordRoom) -> Record:
    """The record as the screen has it."""
    assert room.record is not None
    return room.record


def words(screen: RecordRoom | EntryRoom, name: str) -> str:
    """What a text of the screen says."""
    return screen.query_one(name, Words).words


async def test_typing_filters_at_once_and_homonyms_are_marked(houses: Houses) -> None:
    async with visiting(houses.alpha) as visit:
        search = await visit.unlock()
        assert len(search.listing.items) == 3
        await visit.write("12/03/1958")
        await visit.until(lambda: len(search.listing.items) == 1)
        await visit.press("escape")
        await visit.write("mor")
        await visit.until(lambda: len(search.listing.items) == 2)
        assert search.query_one("#homonyms").display
        await visit.press("escape")
        await visit.write("martin")
        await visit.until(lambda: len(search.listing.items) == 1)
        assert not search.query_one("#homonyms").display
        await visit.write("xyz")
        await visit.until(lambda: not search.listing.items)


async def test_the_record_shows_who_it_is_and_what_must_never_be_out_of_sight(houses: Houses) -> None:
    async with visiting(houses.alpha) as visit:
        room = await open_jeanne(visit)
        banner = room.query_one(Banner).words
        assert "MOREAU Jeanne Lucie" in banner and "12/03/1958" in banner and "Homonyme" in banner
        panels = {panel.kind: panel for panel in room.query(Panel)}
        assert panels[Kind.ALLERGY].option_count == 1
        assert "non renseigné" in str(panels[Kind.MEDICATION].get_option_at_index(0).prompt)
        assert [entry.status for entry in room.listing.items].count(Status.ENTERED_IN_ERROR) == 1
        competing = [entry for entry in room.listing.items if entry.id in read(room).competing]
        assert len(competing) == 2
        assert words(room, "#detail-words").startswith("Mesure")


async def test_the_list_is_filtered_by_kind(houses: Houses) -> None:
    async with visiting(houses.alpha) as visit:
        room = await open_jeanne(visit)
        everything = len(room.listing.items)
        await visit.press("f")
        await visit.until(lambda: {entry.kind for entry in room.listing.items} == {Kind.MEASUREMENT})
        await visit.press("f")
        await visit.until(lambda: {entry.kind for entry in room.listing.items} == {Kind.CONSULTATION})
        await visit.press("F", "F")
        await visit.until(lambda: len(room.listing.items) == everything)


async def test_an_allergy_is_added_with_a_partial_date(houses: Houses) -> None:
    async with visiting(houses.alpha) as visit:
        room = await open_jeanne(visit)
        count = len(read(room).entries)
        await visit.press("a")
        form = await visit.on(AddEntry)
        await visit.write("Arachide")
        await visit.press("tab", "right", "tab")
        await visit.write("urticaire")
        field = form.query_one("#field-onset", Line)
        field.value = "13/2011"
        await visit.press("ctrl+s")
        await visit.until(lambda: form.query(".-refused"))
        field.value = "03/2011"
        await visit.press("ctrl+s")
        await visit.on(RecordRoom)
        await visit.until(lambda: len(read(room).entries) == count + 1)
        body = read(room).entries[-1].body
        assert body == AllergyBody(Concept("Arachide"), criticality="high", reaction="urticaire", onset="2011-03")


async def test_nobody_asked_becomes_none_known(houses: Houses) -> None:
    async with visiting(houses.alpha) as visit:
        room = await open_jeanne(visit)
        await visit.press("m")
        form = await visit.on(AddEntry)
        form.query_one("#field-none_known", Flag).value = True
        await visit.press("ctrl+s")
        await visit.on(RecordRoom)
        panel = next(panel for panel in room.query(Panel) if panel.kind is Kind.MEDICATION)
        await visit.until(lambda: "aucun traitement en cours" in str(panel.get_option_at_index(0).prompt))


async def test_a_medicine_that_the_record_says_she_is_allergic_to_is_asked_about(houses: Houses) -> None:
    async with visiting(houses.alpha) as visit:
        room = await open_jeanne(visit)
        count = len(read(room).entries)
        await visit.press("m")
        await visit.on(AddEntry)
        await visit.write("Pénicilline V 1 M")
        await visit.press("ctrl+s")
        question = await visit.on(Warned)
        assert "choc anaphylactique" in question.query_one(".dialog-words", Words).words
        await visit.press("enter")
        await visit.on(AddEntry)
        await visit.press("ctrl+s")
        await visit.on(Warned)
        await visit.press("tab", "tab", "enter")  # without a reason it stays
        await visit.on(Warned)
        await visit.write("tolérée en 2024")
        await visit.press("enter")
        await visit.on(RecordRoom)
        await visit.until(lambda: len(read(room).entries) == count + 1)
        room.open_entry(read(room).entries[-1])
        entry_room = await visit.on(EntryRoom)
        await visit.until(lambda: "tolérée en 2024" in entry_room.query_one("#overridden", Words).words)


async def test_vital_signs_are_entered_without_a_consultation_and_an_unusual_one_is_asked_about(houses: Houses) -> None:
    async with visiting(houses.alpha) as visit:
        room = await open_jeanne(visit)
        count = len(read(room).entries)
        await visit.press("v")
        form = await visit.on(AddVitals)
        for name, value in (("systolic", "300"), ("diastolic", "80"), ("weight", "77,2")):
            form.query_one(f"#value-{name}", Line).value = value
        await visit.press("ctrl+s")
        await visit.on(Question)
        await visit.press("right", "enter")
        await visit.on(RecordRoom)
        await visit.until(lambda: len(read(room).entries) == count + 2)
        pressure, weight = (entry.body for entry in read(room).entries[-2:])
        assert isinstance(pressure, MeasurementBody) and isinstance(weight, MeasurementBody)
        assert [str(part.quantity.value) for part in pressure.components if part.quantity] == ["300", "80"]
        assert weight.quantity is not None and str(weight.quantity.value) == "77.2"


async def test_a_vital_sign_that_is_no_number_is_refused(houses: Houses) -> None:
    async with visiting(houses.alpha) as visit:
        await open_jeanne(visit)
        await visit.press("v")
        form = await visit.on(AddVitals)
        form.query_one("#value-pulse", Line).value = "soixante"
        await visit.press("ctrl+s")
        await visit.until(lambda: form.query("#vital-pulse.-refused"))
        form.query_one("#value-pulse", Line).value = ""
        await visit.press("escape")
        await visit.on(RecordRoom)


async def test_the_chooser_leads_to_every_kind_of_entry(houses: Houses) -> None:
    async with visiting(houses.alpha) as visit:
        await open_jeanne(visit)
        for letter, place in (("p", AddEntry), ("v", AddVitals), ("r", AddEntry), ("d", AddEntry), ("i", AddEntry)):
            await visit.press("n")
            await visit.on(Chooser)
            await visit.press(letter)
            await visit.on(place)
            await visit.press("escape")
            await visit.on(RecordRoom)


async def test_a_file_becomes_a_document_and_comes_out_again(houses: Houses, tmp_path: Path) -> None:
    (tmp_path / "écho.pdf").write_bytes(b"%PDF-1.7 echo")
    async with visiting(houses.alpha) as visit:
        room = await open_jeanne(visit)
        count = len(read(room).entries)
        await visit.press("d")
        form = await visit.on(AddEntry)
        form.query_one("#file", Line).value = str(tmp_path / "nowhere.pdf")
        await visit.press("ctrl+s")
        await visit.until(lambda: visit.told)
        form.query_one("#file", Line).value = str(tmp_path / "écho.pdf")
        await visit.press("ctrl+s")
        await visit.on(RecordRoom)
        await visit.until(lambda: len(read(room).entries) == count + 1)
        kept = read(room).entries[-1]
        assert isinstance(kept.body, DocumentBody) and kept.body.attachment is not None
        assert (kept.body.title, kept.body.attachment.media_type) == ("écho.pdf", "application/pdf")
        room.open_entry(kept)
        await visit.on(EntryRoom)
        await visit.press("w")
        asked = await visit.on(Asked)
        assert asked.query_one("#asked", Line).value == "~/écho.pdf"
        asked.query_one("#asked", Line).value = str(tmp_path / "out.pdf")
        await visit.press("enter")
        await visit.on(EntryRoom)
        await visit.until(lambda: (tmp_path / "out.pdf").exists())
        assert (tmp_path / "out.pdf").read_bytes() == b"%PDF-1.7 echo"


async def test_two_versions_are_settled_by_marking_one_as_wrong(houses: Houses) -> None:
    async with visiting(houses.alpha) as visit:
        room = await open_jeanne(visit)
        one, other = (entry for entry in read(room).entries if entry.id in read(room).competing)
        room.open_entry(one)
        await visit.on(EntryRoom)
        await visit.press("r")
        await visit.on(Asked)
        await visit.write("doublon")
        await visit.press("enter")
        await visit.on(RecordRoom)
        await visit.until(lambda: not read(room).competing)
        assert other in read(room).entries


async def test_a_consultation_is_signed_with_its_vital_signs(houses: Houses) -> None:
    async with visiting(houses.alpha) as visit:
        room = await open_jeanne(visit)
        count = len(read(room).entries)
        await visit.press("c")
        form = await visit.on(ConsultationRoom)
        await visit.write("Toux")
        await visit.press("enter")
        await visit.write("Auscultation libre")
        form.query_one("#value-temperature", Line).value = "38,2"
        await visit.press("ctrl+s")
        await visit.on(RecordRoom)
        await visit.until(lambda: len(read(room).entries) == count + 2)
        consultation, temperature = read(room).entries[-2:]
        assert consultation.body == ConsultationBody("Toux", "Auscultation libre")
        assert consultation.author.name == "Dr Alpha"
        assert temperature.kind is Kind.MEASUREMENT and temperature.date == consultation.date


async def test_an_allergy_is_added_in_the_middle_of_a_consultation_and_nothing_typed_is_lost(houses: Houses) -> None:
    async with visiting(houses.alpha) as visit:
        await open_jeanne(visit)
        await visit.press("c")
        form = await visit.on(ConsultationRoom)
        await visit.write("Urticaire")
        await visit.press("f2")
        await visit.on(AddEntry)
        await visit.write("Latex")
        await visit.press("ctrl+s")
        await visit.on(ConsultationRoom)
        assert form.query_one(Form).typed["reason"] == "Urticaire"
        panel = next(panel for panel in form.query(Panel) if panel.kind is Kind.ALLERGY)
        await visit.until(lambda: panel.option_count == 2)


async def test_leaving_unsaved_text_asks_and_staying_keeps_it(houses: Houses) -> None:
    async with visiting(houses.alpha) as visit:
        room = await open_jeanne(visit)
        count = len(read(room).entries)
        await visit.press("c")
        form = await visit.on(ConsultationRoom)
        await visit.write("Toux")
        for key in ("escape", "ctrl+l", "ctrl+q"):
            await visit.press(key)
            await visit.on(Question)
            await visit.press("enter")
            await visit.on(ConsultationRoom)
        assert form.query_one(Form).typed["reason"] == "Toux"
        await visit.press("escape")
        await visit.on(Question)
        await visit.press("right", "enter")
        await visit.on(RecordRoom)
        assert len(read(room).entries) == count


async def test_an_entry_is_corrected_and_its_versions_are_listed(houses: Houses) -> None:
    async with visiting(houses.alpha) as visit:
        room = await open_jeanne(visit)
        weight = next(entry for entry in room.listing.items if title(entry) == "Poids")
        room.open_entry(weight)
        await visit.on(EntryRoom)
        await visit.press("e")
        form = await visit.on(AddEntry)
        assert form.query_one("#field-quantity", Line).value == "77.5 kg"
        form.query_one("#field-quantity", Line).value = "75,5"
        await visit.press("ctrl+s")
        await visit.on(RecordRoom)
        await visit.until(lambda: weight.version not in {entry.version for entry in read(room).entries})
        amended = next(entry for entry in read(room).entries if entry.id == weight.id)
        assert isinstance(amended.body, MeasurementBody) and amended.body.quantity is not None
        assert str(amended.body.quantity.value) == "75.5"
        room.open_entry(amended)
        entry = await visit.on(EntryRoom)
        await visit.until(lambda: entry.query_one("#versions").display)


async def test_a_problem_is_corrected_on_its_form(houses: Houses) -> None:
    async with visiting(houses.alpha) as visit:
        room = await open_jeanne(visit)
        problem = next(entry for entry in read(room).entries if entry.sensitivity is Sensitivity.RESTRICTED)
        room.open_entry(problem)
        await visit.on(EntryRoom)
        await visit.press("e")
        form = await visit.on(AddEntry)
        form.query_one("#field-note", Line).value = "suivi par le Dr Beta"
        await visit.press("ctrl+s")
        await visit.on(RecordRoom)
        await visit.until(lambda: problem.version not in {entry.version for entry in read(room).entries})
        amended = next(entry for entry in read(room).entries if entry.id == problem.id)
        assert amended.sensitivity is Sensitivity.RESTRICTED and amended.parents == (problem.version,)


async def test_an_entry_is_marked_as_entered_in_error_with_a_reason(houses: Houses) -> None:
    async with visiting(houses.alpha) as visit:
        room = await open_jeanne(visit)
        allergy = next(entry for entry in read(room).entries if entry.kind is Kind.ALLERGY)
        room.open_entry(allergy)
        await visit.on(EntryRoom)
        await visit.press("r")
        await visit.on(Asked)
        await visit.press("enter")  # without a reason nothing happens
        await visit.until(lambda: visit.told)
        await visit.write("erreur de dossier")
        await visit.press("enter")
        await visit.on(RecordRoom)
        await visit.until(
            lambda: any(one.id == allergy.id and one.status is not Status.FINAL for one in read(room).entries)
        )
        await visit.press("h")
        history = await visit.on(History)
        listing = history.query_one("#lines")
        await visit.until(lambda: any(line.detail == "erreur de dossier" for line in listing.items))  # type: ignore[attr-defined]


async def test_a_new_patient_who_may_be_here_already_is_asked_about(houses: Houses) -> None:
    async with visiting(houses.alpha) as visit:
        await visit.unlock()
        await visit.press("ctrl+n")
        form = await visit.on(PatientForm)
        for name, value in (("family_name", "Moro"), ("given_names", "Jeanne"), ("birth_date", "12/3/1958")):
            form.query_one(f"#field-{name}", Line).value = value
        await visit.press("ctrl+s")
        room = await visit.on(RecordRoom)
        await visit.until(lambda: room.record)
        assert read(room).patient.birth_date == "1958-03-12"
        await visit.press("escape")
        await visit.on(Search)
        await visit.press("ctrl+n")
        form = await visit.on(PatientForm)
        for name, value in (("family_name", "Moreaux"), ("given_names", "Jeanne Lucie"), ("birth_date", "12/03/1958")):
            form.query_one(f"#field-{name}", Line).value = value
        await visit.press("ctrl+s")
        question = await visit.on(Question)
        assert "MOREAU Jeanne Lucie" in question.query_one(".dialog-words", Words).words
        assert len(question.query(Push)) == 2
        await visit.press("enter")
        await visit.on(PatientForm)


async def test_an_identity_is_corrected(houses: Houses) -> None:
    async with visiting(houses.alpha) as visit:
        room = await open_jeanne(visit)
        await visit.press("t")
        form = await visit.on(PatientForm)
        form.query_one("#field-phone", Line).value = "02 47 00 00 00"
        form.query_one("#field-ins", Line).value = "258033711612371"
        await visit.press("ctrl+s")
        await visit.on(Question)
        await visit.press("enter")
        await visit.on(PatientForm)
        form.query_one("#field-ins", Line).value = "2 58 03 37 116 123 70"
        await visit.press("ctrl+s")
        await visit.on(RecordRoom)
        await visit.until(lambda: read(room).patient.phone == "02 47 00 00 00")
        assert read(room).patient.ins == "258033711612370"
        assert len(read(room).identity) == 1


async def test_everything_is_there_on_a_small_screen(houses: Houses) -> None:
    async with visiting(houses.alpha, size=(80, 24)) as visit:
        room = await open_jeanne(visit)
        for name in ("#panel-allergy", "#panel-problem", "#panel-medication", "#entries", "#filter"):
            assert room.query_one(name).region.height > 0, name
            assert room.region.contains_region(room.query_one(name).region), name
        assert not room.query_one(Detail).display
