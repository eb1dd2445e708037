"""Round a sync there are three moments at most, in their order, and each belongs to one cycle."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.domain.calendar import BriefBefore, BriefOnPreviousWorkingDay, Calendar, WeeklySync
from collector.domain.moments import (
    Agenda,
    MomentKind,
    moments_of,
    past_moments,
    told_instant,
)
from collector.domain.okr import Okrs, Team
from collector.domain.policy import AlertPolicy
from collector.domain.quiet import Quiet
from collector.domain.span import parse_span

BRIEF, ESCALATION, CHANGES = MomentKind


@pytest.fixture
def local(make):
    """Give instants by the clocks of Berlin."""
    return lambda *facts: datetime(*facts, tzinfo=make.berlin).astimezone(UTC)


def mondays(cycle, brief=None, holidays=(), weeks=1, weekday=0):
    brief = brief or BriefOnPreviousWorkingDay(time(15))
    return Calendar(cycle, WeeklySync(weekday, time(10), weeks), brief, frozenset(holidays))


def dues(calendar, sync, quiet=None):
    return {one.kind: one.due for one in moments_of("shop", calendar, sync, quiet)}


def promised(make, *calendars, quiet=None):
    team = Team("shop", make.berlin, alerts=AlertPolicy(quiet=quiet))
    return Okrs({}, {}, {"shop": team}, {}, {("shop", one.cycle.id): one for one in calendars}, {})


def test_a_monday_has_its_brief_on_friday_and_the_changes_an_hour_before(make, local):
    found = dues(mondays(make.cycle()), local(2026, 10, 19, 10))

    assert found[BRIEF] == local(2026, 10, 16, 15)
    assert found[CHANGES] == local(2026, 10, 19, 9)


def test_an_escalation_comes_half_way_through_the_hours_in_which_people_are_awake(make, local):
    calendar, sync = mondays(make.cycle()), local(2026, 10, 19, 10)

    # Friday 15-18 and Monday 8-10 are five hours
    assert dues(calendar, sync, Quiet(make.berlin))[ESCALATION] == local(2026, 10, 16, 17, 30)


def test_without_quiet_hours_half_way_is_half_of_the_time(make, local):
    found = dues(mondays(make.cycle()), local(2026, 10, 19, 10))

    assert found[ESCALATION] == local(2026, 10, 18, 0, 30)


def test_in_a_cycle_of_short_days_all_waiting_is_a_share_of_its_day(make):
    calendar = make.calendar(make.lab())
    sync = make.lab_start + timedelta(seconds=42)
    brief, escalation, changes = moments_of("shop", calendar, sync, Quiet(make.berlin))

    assert escalation.due == sync - timedelta(seconds=3)
    assert changes.due == sync - timedelta(seconds=0.25)
    assert brief.due - brief.read_ahead == timedelta(seconds=6) / 288


def test_a_brief_within_the_last_hour_is_followed_by_no_list_of_changes(make, local):
    calendar = mondays(make.cycle(), BriefBefore(parse_span("30m")))

    assert list(dues(calendar, local(2026, 10, 19, 10))) == [BRIEF, ESCALATION]


def test_moments_keep_their_hours_over_a_change_of_the_clock(make, local):
    found = dues(mondays(make.cycle()), local(2026, 10, 26, 10))

    assert found[BRIEF] == local(2026, 10, 23, 15)
    assert found[CHANGES] == datetime(2026, 10, 26, 8, tzinfo=UTC)


def test_a_team_that_meets_every_second_week_hears_nothing_in_the_other(make, local):
    calendar = mondays(make.cycle(), weeks=2, weekday=4)
    okrs = promised(make, calendar)
    # the cycle begins on Thursday 1 Oct: its first week holds Friday 2 Oct
    weeks = [local(2026, 10, 9 + 7 * week, 9, 30) for week in range(3)]

    assert [len(Agenda(okrs).due(at)) for at in weeks] == [0, 3, 0]


@pytest.mark.parametrize("holidays", [[], [date(2027, 1, 1)]])
def test_a_sync_past_the_end_has_one_brief_that_of_the_cycle_in_which_it_is_due(make, local, holidays):
    old = mondays(make.cycle(), holidays=holidays)
    new = mondays(make.cycle(date(2027, 1, 1), 90), holidays=holidays)
    sync = local(2027, 1, 4, 10)

    briefs = [moments[0].due for one in (old, new) if (moments := moments_of("shop", one, sync, None))]

    # without the holiday the day before is New Year's Day, and belongs to the new cycle
    assert briefs == [local(2026, 12, 31, 15) if holidays else local(2027, 1, 1, 15)]


def test_a_brief_that_the_end_of_its_cycle_overtook_is_still_due_until_the_sync(make, local):
    okrs = promised(make, mondays(make.cycle(), holidays=[date(2027, 1, 1)]))

    assert [one.kind for one in Agenda(okrs).due(local(2027, 1, 4, 9, 30))] == [BRIEF, ESCALATION, CHANGES]
    assert Agenda(okrs).due(local(2027, 1, 4, 10)) == []


def test_nothing_is_due_before_its_time_or_after_its_sync(make, local):
    okrs = promised(make, mondays(make.cycle()))

    assert Agenda(okrs).due(local(2026, 10, 16, 14, 59)) == []
    assert [one.kind for one in Agenda(okrs).due(local(2026, 10, 16, 15))] == [BRIEF]
    assert [one.kind for one in Agenda(okrs).due(local(2026, 10, 19, 9, 59))] == [BRIEF, ESCALATION, CHANGES]
    assert Agenda(okrs).due(local(2026, 10, 19, 10)) == []


def test_what_is_stale_is_read_again_in_the_five_minutes_before_a_brief(make, local):
    okrs = promised(make, mondays(make.cycle()))

    def near(minute):
        return [one.due for one in Agenda(okrs).to_read(local(2026, 10, 16, 14, minute))]

    assert near(54) == []
    assert near(55) == near(59) == [local(2026, 10, 16, 15)]
    assert Agenda(okrs).to_read(local(2026, 10, 16, 15)) == []


def test_the_next_wake_up_is_the_reading_then_the_brief_then_what_follows(make, local):
    okrs = promised(make, mondays(make.cycle()), quiet=Quiet(make.berlin))
    at, woken, agenda = local(2026, 10, 16, 9), [], Agenda(okrs)
    for _ in range(6):
        at = agenda.next_due(at)
        woken.append(at)

    assert woken == [
        local(2026, 10, 16, 14, 55),
        local(2026, 10, 16, 15),
        local(2026, 10, 16, 17, 30),
        local(2026, 10, 19, 9),
        local(2026, 10, 19, 10),
        local(2026, 10, 23, 14, 55),
    ]


def test_what_is_over_is_given_by_sync_the_newest_first(make, local):
    okrs = promised(make, mondays(make.cycle()))
    [syncs] = past_moments(okrs, local(2026, 10, 20))

    assert [moments[0].sync for moments in syncs] == [local(2026, 10, day, 10) for day in (19, 12, 5)]


def test_instants_are_told_in_the_clocks_of_the_team_or_in_days_of_the_cycle(make, local):
    assert told_instant(make.cycle(), local(2026, 10, 19, 10)) == "Mon 19 Oct 10:00"
    assert told_instant(make.lab(), make.lab_start + timedelta(seconds=81)) == "day 13.5"


@given(
    weekday=st.integers(0, 6),
    weeks=st.integers(1, 3),
    holidays=st.sets(st.dates(date(2026, 9, 20), date(2027, 1, 5)), max_size=30),
    begins=st.sampled_from([time(18), time(22), time(0)]),
)
def test_moments_lie_in_their_order_between_the_brief_and_the_sync(make, weekday, weeks, holidays, begins):
    calendar = mondays(make.cycle(), holidays=holidays, weeks=weeks, weekday=weekday)
    quiet = Quiet(make.berlin, begins, time(8) if begins else time(0), frozenset(holidays))

    for sync in islice(calendar.syncs(calendar.cycle.starts), 20):
        moments = moments_of("shop", calendar, sync, quiet)
        brief = moments[0].due if moments else sync
        assert all(brief <= one.due < sync for one in moments)
        assert [one.kind for one in moments] in (
            [],
            [BRIEF],
            [BRIEF, ESCALATION],
            [BRIEF, ESCALATION, CHANGES],
        )


@given(steps=st.lists(st.integers(-72, 240), min_size=1, max_size=30))
def test_an_agenda_that_is_asked_again_and_again_says_what_a_new_one_says(make, steps):
    okrs = promised(make, mondays(make.cycle()), quiet=Quiet(make.berlin))
    agenda, at = Agenda(okrs), datetime(2026, 11, 1, tzinfo=UTC)

    for hours in steps:
        at += timedelta(hours=hours)  # a clock may jump back
        new = Agenda(okrs)
        assert (agenda.due(at), agenda.next_due(at), agenda.syncs(at)) == (
            new.due(at),
            new.next_due(at),
            new.syncs(at),
        )
