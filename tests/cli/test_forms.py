"""The forms of a result: what strangers wrote stays text, what is unknown stays unknown, and a gap is drawn as one."""

import csv
import io
import json

import pytest

from collector.cli.output import Cell, Column, Section, Sheet, Tone, as_csv, as_json, markdown, table
from collector.cli.plain import for_spreadsheet, plain, plain_lines
from collector.cli.spark import sparkline

HOSTILE = "a\x1b]0;pwned\x07\x1b[31mred\x9b2J\u202edrow\x00\r\n"


def test_a_terminal_gets_no_control_of_a_stranger():
    sheet = Sheet((Column("name"),), [Section([[HOSTILE]], HOSTILE)], above=[HOSTILE], below=[HOSTILE])

    for text in (table(sheet).replace("\n", ""), markdown(sheet).replace("\n", ""), plain(HOSTILE)):
        assert [
            one
            for one in text.replace("\x1b[90m", "").replace("\x1b[1m", "").replace("\x1b[0m", "")
            if not one.isprintable()
        ] == []


def test_line_ends_stay_where_lines_are_meant():
    assert plain_lines("one\ntwo\x1b") == "one\ntwo\\x1b"


def test_json_spells_controls_out_and_keeps_its_meaning():
    written = as_json({"text": HOSTILE, "value": None})

    assert written.isprintable()
    assert json.loads(written) == {"text": HOSTILE, "value": None}


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_json_holds_no_number_that_is_none(value):
    with pytest.raises(ValueError, match="not JSON compliant"):
        as_json({"value": value})


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_no_cell_becomes_a_formula(text):
    assert for_spreadsheet(text).startswith("'")


def test_csv_keeps_numbers_and_leaves_unknown_ones_empty():
    written = as_csv([{"name": "-1", "value": -1.5}, {"name": "b", "value": None, "more": ["x"]}])

    assert list(csv.reader(io.StringIO(written))) == [
        ["name", "value", "more"],
        ["'-1", "-1.5", ""],
        ["b", "", '["x"]'],
    ]


def test_no_rows_are_an_empty_csv():
    assert as_csv([]) == ""


def test_columns_stand_straight_below_wide_characters():
    sheet = Sheet((Column("a"), Column("b")), [Section([["日本", "x"], ["ab", "y"]])], header=False)

    assert table(sheet) == "日本  x\nab    y\n"


def test_numbers_stand_to_the_right():
    sheet = Sheet((Column("n", right=True), Column("b")), [Section([["1", "x"], ["100", "y"]])], header=False)

    assert table(sheet) == "  1  x\n100  y\n"


def test_a_tone_is_painted_around_the_text_alone():
    sheet = Sheet((Column("a"), Column("b")), [Section([[Cell("x", Tone.BAD), "y"]])], header=False)

    assert table(sheet) == "\x1b[31mx\x1b[0m  y\n"


def test_a_gap_is_drawn_as_a_gap():
    assert sparkline([0.0, None, 7.0]) == "▁_█"


def test_equal_values_lie_in_the_middle_and_nothing_is_nothing():
    assert sparkline([5.0, 5.0]) == "▄▄"
    assert sparkline([None, None]) == "__"
    assert sparkline([]) == ""


def test_the_greatest_numbers_can_be_drawn():
    assert sparkline([-1.7e308, 0.0, 1.7e308]) == "▁▅█"
