"""`confrere ask`: answers, counts, tables, and what it says of a question that means nothing."""

from pathlib import Path

from tests.cli.running import ask, at, run


def a_practice_with_values(practice: Path) -> None:
    """Zoé's HbA1c, and an allergy whose name begins as a formula."""
    value = ("--value", "8.6", "--unit", "%", "--date", "2025-11")
    ask(practice, "add", "dupont", "measurement", "--text", "HbA1c", *value)
    ask(practice, "add", "dupont", "allergy", "--text", "=HYPERLINK(1)", "--date", "2019")


def test_a_question_is_answered_in_words_in_json_and_as_a_table(practice: Path) -> None:
    a_practice_with_values(practice)
    (one,) = ask(practice, "ask", "HbA1c", ">", "8")
    assert (one["family_name"], one["value"], one["unit"], one["date"]) == ("Dupont-Martin", 8.6, "%", "2025-11")
    ended = at(practice, "ask", "hba1c")
    assert ended.code == 0 and "DUPONT-MARTIN" in ended.out
    assert "1 entry of 1 patient." in ended.err
    french = at(practice, "ask", "hba1c", language="fr_FR.UTF-8")
    assert "8,6" in french.out and "de 1 patient." in french.err
    table = at(practice, "ask", "allergie", "--csv").out
    assert '"\'=HYPERLINK(1)"' in table


def test_answers_are_counted(practice: Path) -> None:
    a_practice_with_values(practice)
    (one,) = ask(practice, "ask", "hba1c", "--by", "year")
    assert (one["id"], one["entries"], one["patients"], one["median"]) == ("2025", 1, 1, 8.6)
    assert "2025" in at(practice, "ask", "hba1c", "--by", "year").out


def test_options_narrow_a_question(practice: Path) -> None:
    a_practice_with_values(practice)
    assert ask(practice, "ask", "hba1c", "--over", "9") == []
    assert len(ask(practice, "ask", "hba1c", "--over", "8", "--under", "9")) == 1
    assert len(ask(practice, "ask", "hba1c", "--over", "64", "--unit", "mmol/mol")) == 1
    assert len(ask(practice, "ask", "--kind", "allergy")) == 1
    assert ask(practice, "ask", "hba1c", "--since", "2026-01-01") == []
    assert len(ask(practice, "ask", "hba1c", "--before", "2026")) == 1
    lines = ask(practice, "history")
    assert [line["detail"] for line in lines if line["action"] == "practice-asked"][0] == "hba1c --over 9"


def test_a_question_without_meaning_is_refused(practice: Path) -> None:
    for words in (("> 8",), ("hba1c", "8"), ("--kind", "measurement", "--over", "8"), ("hba1c", "--since", "hier"), ()):
        ended = run("--practice", practice, "ask", *words)
        assert (ended.code, ended.out) == (5, "")
        assert ended.err.count("\n") == 1 and "Nothing was changed" in ended.err
