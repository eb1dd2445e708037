"""In a narrow terminal no text of a table is lost: the last column goes on below itself."""

from collector.cli.output import Column, Section, Sheet, table


def test_in_a_narrow_terminal_the_last_column_goes_on_below_itself():
    prose = "the median of what the days to come are expected to be, in words that need room"
    sheet = Sheet(
        (Column("step"), Column("value", right=True), Column("how")), [Section([["lands", "566", prose]])]
    )

    whole, narrow = table(sheet).splitlines(), table(sheet, 50).splitlines()

    assert len(whole) == 2
    assert len(narrow) > 3
    assert max(map(len, narrow)) <= 50
    assert " ".join(" ".join(narrow[1:]).split()) == f"lands 566 {prose}"
    assert {line[:14].strip() for line in narrow[2:]} == {""}


def test_a_terminal_too_narrow_for_any_text_leaves_it_readable():
    sheet = Sheet(
        (Column("step"), Column("how")),
        [Section([["a-step-of-thirty-characters-here", "so many words " * 4]])],
    )

    lines = table(sheet, 20).splitlines()

    assert 3 <= len(lines) <= 5
    assert "so many words" in lines[1]
