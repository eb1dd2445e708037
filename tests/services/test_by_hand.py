"""Values that a person gives: where they belong, what is refused, what a second one does, and what the file says."""

from datetime import UTC, date, datetime, timedelta

import pytest

from collector.domain.by_hand import WrongDay, day_of_value, slot_of_day
from collector.domain.cycle import Cycle, ShortDays
from collector.domain.sample import Origin
from collector.errors import UsageError
from collector.services.record_by_hand import Entry, record_by_hand

NOV_8 = date(2026, 11, 8)


@pytest.fixture
def entered(desk, make):
    """Give a desk with one key result by hand, and `enter(value, as_of, …)`."""

    def open_(*values, **more):
        made = desk(make.key_result(make.by_hand(*values, **more)))

        def enter(value, as_of=NOV_8, person="sam", note="n=412"):
            (key_result,) = made.okrs.key_results.values()
            entry = Entry(value, as_of, person, note)
            return record_by_hand(made.beside, made.okrs, {}, key_result, entry, made.clock.now())

        return made, enter

    return open_


# -- where a value belongs


def test_a_value_belongs_to_the_end_of_the_day_it_stands_for(make):
    day = day_of_value(make.cycle, NOV_8, make.noon)
    assert make.cycle.grid.name(day) == "8 Nov"
    assert slot_of_day(make.cycle, day) == datetime(2026, 11, 8, 23, tzinfo=UTC)


def test_an_instant_names_the_day_of_the_teams_zone(make):
    late = datetime(2026, 11, 8, 23, 30, tzinfo=UTC)
    assert make.cycle.grid.name(day_of_value(make.cycle, late, make.noon)) == "9 Nov"


@pytest.mark.parametrize("as_of", [date(2026, 11, 12), datetime(2026, 11, 11, 12, 0, 1, tzinfo=UTC)])
def test_a_day_that_has_not_come_is_refused(make, as_of):
    with pytest.raises(WrongDay, match="lies in the future"):
        day_of_value(make.cycle, as_of, make.noon)


def test_a_day_may_lie_up_to_28_days_before_the_cycle(make):
    assert day_of_value(make.cycle, date(2026, 9, 3), make.noon) == -28
    with pytest.raises(WrongDay, match="from 3 Sep to 31 Dec"):
        day_of_value(make.cycle, date(2026, 9, 2), make.noon)


def test_a_cycle_of_short_days_wants_an_instant(make):
    start = datetime(2026, 11, 11, tzinfo=UTC)
    lab = Cycle("lab", ShortDays(start, timedelta(seconds=6)), 100)
    day = day_of_value(lab, start + timedelta(seconds=15), make.noon)
    assert slot_of_day(lab, day) == start + timedelta(seconds=18)
    with pytest.raises(WrongDay, match="write an instant"):
        day_of_value(lab, NOV_8, make.noon)


# -- entering


def test_a_value_is_marked_judged_and_written_into_the_audit_log(entered, make):
    desk, enter = entered()
    done = enter(27)
    stored = desk.stored()[done.sample.slot]
    assert (stored.value, stored.origin, stored.as_of) == (27, Origin.BY_HAND, stored.slot)
    assert stored.evidence == {"by": "sam", "note": "n=412", "from": "cli"}
    assert (desk.current().value, desk.current().covered) == (27, stored.slot)
    with desk.store.read() as tx:
        (evaluation,) = tx.evaluations([1]).values()
    assert evaluation.current == 27
    assert evaluation.by_hand
    (deed,) = desk.deeds()
    assert (deed.actor, deed.action, deed.subject) == ("sam", "record", "2026-Q4:shop/one")
    assert (deed.detail["value"], deed.detail["was"], deed.detail["note"]) == (27, None, "n=412")


def test_a_value_of_today_is_as_old_as_its_entering(entered, make):
    _, enter = entered()
    done = enter(27, date(2026, 11, 11))
    assert done.sample.slot == make.midnight(41)
    assert done.sample.as_of == make.noon


def test_a_second_value_for_the_day_restates_the_first(entered):
    desk, enter = entered()
    enter(27)
    done = enter(29)
    assert (done.was.value, done.sample.value) == (27, 29)
    (kept,) = desk.replaced()
    assert (kept.was.value, kept.now.value, kept.now.origin) == (27, 29, Origin.BY_HAND)
    assert desk.current().value == 29
    assert desk.day(done.day) == 29


def test_the_same_value_again_changes_nothing(entered):
    desk, enter = entered()
    enter(27)
    assert not enter(27).changed
    assert len(desk.deeds()) == 1


def test_an_older_value_does_not_become_the_newest(entered):
    desk, enter = entered()
    enter(27)
    enter(20, date(2026, 10, 4))
    assert desk.current().value == 27
    assert desk.current().first_value == 20


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e101])
def test_what_is_no_number_is_refused(entered, value):
    desk, enter = entered()
    with pytest.raises(UsageError, match="no number"):
        enter(value)
    assert desk.stored() == {}


def test_a_value_out_of_its_bounds_is_refused_and_says_where_they_stand(entered):
    _, enter = entered(plausible=(0, 100))
    with pytest.raises(UsageError, match=r"outside of plausible: \[0, 100\]"):
        enter(270)


def test_a_day_ahead_is_refused_with_the_address(entered):
    _, enter = entered()
    with pytest.raises(UsageError, match="shop/one: 2026-11-20 lies in the future"):
        enter(27, date(2026, 11, 20))


def test_a_measure_that_is_read_takes_no_values(desk, make):
    made = desk(make.key_result())
    (key_result,) = made.okrs.key_results.values()
    with pytest.raises(UsageError, match="by_hand"):
        record_by_hand(made.beside, made.okrs, {}, key_result, Entry(1, NOV_8, "sam"), make.noon)


def test_a_krd_that_runs_beside_notices_the_value(entered):
    desk, enter = entered()
    enter(27)
    desk.books.keep(desk.clock.now(), standings={})
    assert desk.account().current.value == 27
    assert desk.account().evaluation.current == 27


# -- values of the file


def test_values_of_the_file_are_recorded_when_it_is_read(entered):
    desk, _ = entered((date(2026, 10, 4), 20, "first"), (NOV_8, 27))
    assert sorted(value for value, _ in desk.values().values()) == [20, 27]
    assert {one.evidence["from"] for one in desk.stored().values()} == {"file"}
    assert {one.evidence["by"] for one in desk.stored().values()} == {"sam"}


def test_the_same_file_again_records_nothing_again(entered):
    desk, _ = entered((NOV_8, 27))
    desk.open()
    assert desk.replaced() == []
    assert len(desk.deeds()) == 1


def reread(desk, make, *values):
    desk.clock.advance(timedelta(minutes=1))
    desk.open(make.promised(make.key_result(make.by_hand(*values))))


def test_another_value_in_the_file_restates(entered, make):
    desk, _ = entered((NOV_8, 27))
    reread(desk, make, (NOV_8, 28))
    assert desk.current().value == 28
    reread(desk, make, (NOV_8, 27))
    assert desk.current().value == 27
    assert [one.now.value for one in desk.replaced()] == [28, 27]


def test_a_value_taken_out_of_the_file_is_discarded(entered, make):
    desk, _ = entered((date(2026, 10, 4), 20), (NOV_8, 27))
    reread(desk, make, (date(2026, 10, 4), 20))
    assert sorted(desk.values().values()) == [(20, "used"), (27, "discarded")]
    assert desk.current().value == 20
    assert desk.day(38) is None
    assert desk.account().evaluation.current == 20
    reread(desk, make, (date(2026, 10, 4), 20), (NOV_8, 27))
    assert desk.current().value == 27


def test_the_last_value_taken_out_leaves_nothing(entered, make):
    desk, _ = entered((NOV_8, 27))
    reread(desk, make)
    assert (desk.current().value, desk.current().slot) == (None, None)


def test_a_value_entered_since_is_not_overruled_by_the_old_file(entered, make):
    desk, enter = entered((NOV_8, 27))
    desk.clock.advance(timedelta(minutes=1))
    enter(29)
    reread(desk, make, (NOV_8, 27))
    assert desk.current().value == 29
    reread(desk, make, (NOV_8, 30))
    assert desk.current().value == 30


def test_a_value_entered_on_the_command_line_survives_the_file(entered, make):
    desk, enter = entered()
    enter(27)
    reread(desk, make, (date(2026, 10, 4), 20))
    assert desk.current().value == 27


def test_a_value_of_the_file_that_lies_ahead_is_left_out(entered):
    desk, _ = entered((date(2026, 12, 1), 30))
    assert desk.stored() == {}
