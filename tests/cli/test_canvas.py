"""Drawing with characters: a gap is drawn as none, a line never lies about its side, every day has its column."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.cli.backtest_chart import P_ROWS, lines_of, row_of
from collector.cli.canvas import Canvas, Columns
from collector.domain.drift_policy import DriftPolicy

LINE = st.floats(0.001, 0.999)
P = st.floats(0, 1)


def drawn(canvas):
    return [line.partition("┤")[2] for line in canvas.lines(3)]


@given(one=LINE, other=LINE, p=P)
def test_a_p_is_drawn_on_the_side_of_the_line_on_which_it_is_counted(one, other, p):
    if one == other:
        return
    policy = DriftPolicy(off_track=min(one, other), on_track=max(one, other))
    low, high = lines_of(policy)

    row = row_of(p, policy)

    assert 0 < low < high < P_ROWS
    assert 0 <= row < P_ROWS
    assert (row < low, row >= high) == (p < policy.off_track, p >= policy.on_track)


@given(
    policy=st.sampled_from([DriftPolicy(), DriftPolicy(off_track=0.05, on_track=0.35)]),
    ps=st.lists(P, min_size=2),
)
def test_a_greater_p_is_never_drawn_lower(policy, ps):
    rows = [row_of(p, policy) for p in sorted(ps)]

    assert rows == sorted(rows)


@given(days=st.integers(1, 400), room=st.integers(1, 300))
def test_every_day_has_a_column_and_the_columns_have_room(days, room):
    columns = Columns.fitting(days, room)
    places = [columns.of(day) for day in range(days)]

    assert columns.width <= room
    assert places == sorted(places)
    assert (places[0], places[-1] < columns.width) == (0, True)
    assert None not in columns.spread(dict.fromkeys(range(days), 1.0))


def test_a_day_without_a_value_leaves_its_columns_empty():
    assert Columns(3, 6).spread({0: 1.0, 2: 3.0}) == [1.0, 1.0, None, None, 3.0, 3.0]


def test_of_several_days_in_a_column_the_last_one_is_drawn():
    assert Columns(4, 2).spread({0: 1.0, 1: 2.0, 2: 3.0}) == [2.0, 3.0]


def test_a_line_goes_up_and_down_by_corners():
    canvas = Canvas(5, 3)
    canvas.line([0, 2, 2, 1, 1])

    assert drawn(canvas) == [" ╭─╮", " │ ╰─", "─╯"]


def test_a_line_is_broken_where_there_is_a_gap():
    canvas = Canvas(4, 2)
    canvas.line([0, None, None, 1])

    assert drawn(canvas) == ["   ─", "─"]


def test_what_is_drawn_later_lies_above():
    canvas = Canvas(3, 2)
    canvas.rule(1, "1")
    canvas.dots([1, None, 0])
    canvas.line([None, 1, None])

    assert drawn(canvas) == ["·─┈", "  ·"]


@pytest.mark.parametrize("margin", [3, 6])
def test_labels_stand_before_their_rows(margin):
    canvas = Canvas(1, 2, {0: "low"})

    assert [line.partition("┤")[0] for line in canvas.lines(margin)] == [
        " " * (margin + 1),
        f"{'low':>{margin}} ",
    ]
