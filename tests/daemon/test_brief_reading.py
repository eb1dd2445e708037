"""Before a brief exactly what it could not speak of is read once more: not what is fresh, over, or another team's."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from collector.daemon.read_ahead import ReadAhead
from collector.domain.calendar import BriefOnPreviousWorkingDay, Calendar, WeeklySync
from collector.domain.cycle import CalendarDays, Cycle
from collector.domain.evaluation import Evaluation
from collector.domain.health import Health
from collector.domain.measure import Binding, ByHand, Query
from collector.domain.observed import Guarded
from collector.domain.okr import Guardrail, KeyResult, Okrs, Team
from collector.domain.shape import Commitment, Reach, Typed
from collector.domain.span import Span
from collector.domain.status import Status
from collector.ports.kept import Current, Enrolment
from collector.services.account import Account

ZONE = ZoneInfo("Europe/Berlin")
CYCLE = Cycle("2026-Q4", CalendarDays(ZONE, date(2026, 10, 1)), 92)
CALENDAR = Calendar(CYCLE, WeeklySync(0, time(10)), BriefOnPreviousWorkingDay(time(15)))
NEAR = datetime(2026, 11, 13, 13, 55, tzinfo=UTC)
"""Friday, five minutes before the brief."""
MAIN, GUARD = "main", "guardrail:refunds"
DAY = Span(days=1)
READ = Binding("house", Query("q"), DAY, DAY)


class Desk:
    """A team with one key result and its guardrail, read from `house`."""

    def __init__(self, team="shop", binding=READ, **verdict):
        guard = Guardrail("refunds", "refunds stay low", replace(READ, source="tickets"), at_most=2)
        self.promise = KeyResult(
            "shop/one", "One", "shop/o", team, "li", Commitment.COMMITTED, CYCLE, CALENDAR,
            Reach(Typed(1), 2), binding, guardrails=(guard,),
        )  # fmt: skip
        enrolment = Enrolment(1, 1, 1, {MAIN: 1, GUARD: 2})
        accounts = [
            Account(self.promise, one, enrolment, Current(series), [], role)
            for role, one, series in ((MAIN, binding, 1), (GUARD, guard.binding, 2))
        ]
        told = {"at": NEAR, "status": Status.ON_TRACK, "health": Health.FRESH, **verdict}
        self.verdict, self.asked, self.read = Evaluation(**told), set(), []
        okrs = Okrs({}, {}, {"shop": Team("shop", ZONE)}, {}, {("shop", CYCLE.id): CALENDAR}, {})
        self.ahead = ReadAhead(
            okrs, accounts, lambda: [(self.promise, self.verdict)], self._again, self.asked.update
        )

    def _again(self, source, series, at):
        self.read.append((source, set(series)))
        return True

    def at(self, at=NEAR):
        self.ahead.run_due(at)
        return self.read


def guarded(health):
    return {"guardrails": (Guarded("refunds", "refunds stay low", 1.0, health, breached=False),)}


@pytest.mark.parametrize("health", [Health.LATE, Health.STALE, Health.BROKEN, Health.NEVER])
def test_what_is_not_fresh_is_read_again_even_where_it_was_refused_before(health):
    desk = Desk(health=health, **guarded(Health.FRESH))

    assert desk.at() == [("house", {1})]
    assert desk.asked == {1}


def test_what_is_fresh_is_left_alone():
    assert Desk(**guarded(Health.FRESH)).at() == []


def test_a_guardrail_that_is_not_measured_is_read_again_by_itself():
    assert Desk(**guarded(Health.STALE)).at() == [("tickets", {2})]


def test_what_was_never_judged_is_read_with_all_of_its_parts():
    desk = Desk()
    desk.verdict = None

    assert desk.at() == [("house", {1}), ("tickets", {2})]


@pytest.mark.parametrize("status", [Status.DRAFT, Status.MISSED, Status.RETIRED])
def test_what_is_over_or_not_begun_is_not_read(status):
    assert Desk(status=status, health=Health.STALE).at() == []


def test_what_a_person_enters_is_asked_of_no_source():
    by_hand = replace(READ, source="", form=ByHand("sam"))

    assert Desk(binding=by_hand, health=Health.NEVER, **guarded(Health.FRESH)).at() == []


def test_another_teams_numbers_are_left_alone():
    assert Desk(team="crew", health=Health.STALE).at() == []


def test_it_is_read_once_a_brief_and_only_in_the_minutes_before_it():
    desk = Desk(health=Health.STALE, **guarded(Health.FRESH))

    assert desk.at(NEAR - timedelta(seconds=1)) == []
    assert desk.at(NEAR + timedelta(minutes=5)) == []
    for minute in range(5):
        desk.at(NEAR + timedelta(minutes=minute))
    assert desk.read == [("house", {1})]
