"""How answers and expectations are written in a scenario."""

import pytest

from collector.scenario.matching import matches
from collector.scenario.series_text import Said, Word, WrongText, read_series


def live(text):
    return [said.live for said in read_series(text)]


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        ("900", [(900.0,)]),
        ("900x3", [(900.0,)] * 3),
        ("899-5x3", [(899.0,), (894.0,), (889.0,)]),
        ("1+0.1x3", [(1.0,), (1.1,), (1.2,)]),
        ("-5", [(-5.0,)]),
        ("1e-3", [(0.001,)]),
        ("2k", [(2000.0,)]),
        ("31/100x2", [(31.0, 100.0)] * 2),
        ("_/100", [(None, 100.0)]),
        ("_x2 nan", [Word.EMPTY, Word.EMPTY, Word.NAN]),
        ("textx2", [Word.TEXT, Word.TEXT]),
    ],
)
def test_a_text_says_what_is_answered(text, answers):
    assert live(text) == answers


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("800~850", Said((800.0,), (850.0,))),
        ("down~870", Said(Word.DOWN, (870.0,))),
        ("_~5", Said(Word.EMPTY, (5.0,))),
        ("800", Said((800.0,), (800.0,))),
        ("err", Said(Word.ERROR, Word.EMPTY)),
    ],
)
def test_what_is_asked_for_later_may_be_another_answer(text, said):
    assert read_series(text) == [said]


@pytest.mark.parametrize(
    ("text", "column"),
    [("900 fast", 5), ("900 899-5", 5), ("1x", 1), ("1/2/3", 1), ("900,900", 1), ("1x999999999", 1)],
)
def test_what_says_nothing_is_refused_with_its_column(text, column):
    with pytest.raises(WrongText) as refused:
        read_series(text)

    assert refused.value.column == column


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        (850, 850.0),
        ("850 ± 1", 850.9),
        ("< 0.2", 0.19),
        (">= 0.5", 0.5),
        ("60..70", 64),
        (None, None),
        (True, True),
        ("on_track | at_risk", "at_risk"),
        ("contains needs", "it needs +3.1/week"),
        ("contains 3/7", ["recovering 3/7"]),
        ("lacks Stale", "Day 3 of 92"),
        ({"used": 3}, {"used": 3, "allowed": 9.2}),
        ([{"id": "refunds"}], [{"id": "refunds", "value": 2}]),
    ],
)
def test_what_is_expected_is_met(expected, actual):
    assert matches(expected, actual)


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        (850, 851),
        (0, None),
        (0, False),
        (None, 0),
        (True, 1),
        ("850 ± 1", 852),
        ("< 0.2", None),
        ("< 0.2", "0.1"),
        ("on_track", "off_track"),
        ("lacks Stale", "Stale, on track"),
        ({"used": 3}, None),
        ({"used": 3}, {"allowed": 3}),
        ([], [1]),
        ("fast", 3.0),
    ],
)
def test_what_is_not_as_expected_is_seen(expected, actual):
    assert not matches(expected, actual)
