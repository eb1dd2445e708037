"""The backtest on a real store: what was stored day by day comes out again, and nothing is touched."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from collector.domain.drift_policy import DriftPolicy
from collector.domain.replay import replays
from collector.domain.shape import Measured, Reach, Total
from collector.domain.status import Status
from collector.services.backtest import LeftOut, Replayed, backtest

HOUR = timedelta(hours=1)


def replayed(desk, *names):
    """Replay these, or all, at the desk's time."""
    okrs = desk.okrs
    chosen = [one for one in okrs.key_results.values() if not names or one.address in names]
    return list(backtest(desk.beside, okrs, chosen, desk.clock.now()))


@pytest.fixture
def stood(desk, make):
    """Give `of(values, **key_result)`: a desk that read these live, one a day from the first day on."""

    def of(*values, **more):
        made = desk(make.key_result(**more), at=make.midnight(-1))
        made.nothing_before()
        for day, value in enumerate(values):
            made.read(make.midnight(day), value)
            made.clock.advance(HOUR)
        return made

    return of


def stored(rows):
    """Give (status, drift) of the stored evaluations by their day."""
    found = {}
    for day, document in rows("SELECT day, document FROM evaluation_days ORDER BY day"):
        said = json.loads(document)
        found[day] = (said["status"], said["drift"])
    return found


WAYS = {
    "on its way": [1000 - 10 * n for n in range(60)],
    "standing": [1000 + n % 3 for n in range(60)],
    "there and back": [1000 - 20 * n if n < 30 else 400 + 20 * (n - 30) for n in range(60)],
    "with gaps": [None if n % 9 == 4 else 1000 - 4 * n + 30 * (n % 2) for n in range(60)],
}


@pytest.mark.parametrize("way", list(WAYS))
def test_a_replayed_day_has_the_status_that_was_stored_of_it(stood, rows, way):
    desk = stood(*WAYS[way])
    [found] = replayed(desk)

    kept = stored(rows)
    days = found.by(found.key_result.drift).days
    assert len(days) == 60
    said = {one.day + 1: (one.status.value, one.drift.document()) for one in days}
    assert {day: said[day] for day in kept if day} == {day: one for day, one in kept.items() if day}
    assert len(kept) > 50


def test_a_total_is_replayed_as_it_was_stored(stood, rows):
    desk = stood(*(2 * n for n in range(50)), shape=Total(at_most=120))
    [found] = replayed(desk)

    kept = stored(rows)
    said = {one.day + 1: one.drift.document() for one in found.by(found.key_result.drift).days}
    assert said == {day: drift for day, (_, drift) in kept.items() if day}
    assert Status.OFF_TRACK.value in {one["status"] for one in said.values()}


def test_days_that_were_healed_are_replayed_like_days_that_were_read(desk, make):
    made = desk(make.key_result(shape=Reach(Measured(), 100)))
    values = {make.midnight(day): 1000 + day % 3 for day in range(-28, 40)}
    made.heal(values)

    [found] = replayed(made)

    played = found.by(found.key_result.drift)
    assert len(played.days) == 40
    assert [one.off_track for one in played.days][-1]


def test_the_verdict_at_the_close_says_what_became_of_it(stood, make):
    desk = stood(*(1000 - 11 * n for n in range(92)))
    desk.clock.set(make.midnight(95))

    [found] = replayed(desk)

    assert found.verdict.status is Status.ACHIEVED
    assert found.by(DriftPolicy()).kept is True


def test_while_it_is_open_nothing_is_known_of_the_end(stood):
    [found] = replayed(stood(*WAYS["standing"]))

    assert found.by(DriftPolicy()).kept is None


def test_several_are_given_in_the_order_of_the_question(desk, make):
    made = desk(make.key_result(), make.key_result(name="two"), make.key_result(name="three"))
    made.nothing_before()
    for day in range(41):
        for name in ("one", "two"):
            made.read(make.midnight(day), 1000 - day, name)

    found = replayed(made)

    assert [type(one) for one in found] == [Replayed, Replayed, LeftOut]
    assert "krd backfill shop/three" in found[2].why


def test_what_cannot_be_replayed_says_why(desk, make):
    made = desk(
        make.key_result(), make.key_result(name="two", not_run="not measured by this version", binding=None)
    )
    first, second = replayed(made)

    assert "no day of it is kept" in first.why
    assert second.why == "not measured by this version"


def test_a_cycle_that_has_not_begun_is_left_out(desk, make):
    made = desk(make.key_result(), at=make.midnight(-10))

    [found] = replayed(made)

    assert found.why == "its cycle has not begun"


def test_another_process_that_writes_holds_nothing_up(stood):
    desk = stood(*WAYS["standing"])

    with desk.store.write():
        [found] = replayed(desk)

    assert isinstance(found, Replayed)


def test_nothing_is_written(stood, rows):
    desk = stood(*WAYS["there and back"])
    tables = ("samples", "days", "evaluation_days", "evaluations", "alerts", "transitions", "outbox", "audit")
    counts = [rows(f"SELECT count(*) FROM {table}") for table in tables]
    before = stored(rows)

    replayed(desk)

    assert [rows(f"SELECT count(*) FROM {table}") for table in tables] == counts
    assert stored(rows) == before


def test_one_whose_numbers_are_past_all_arithmetic_keeps_no_other_from_being_replayed(
    desk, make, monkeypatch
):
    made = desk(make.key_result(), make.key_result(name="two"))
    made.nothing_before()
    for day in range(41):
        made.read(make.midnight(day), 1000 - day)
        made.read(make.midnight(day), 1000 - day, "two")

    def foresee(pasts):
        if any(one.key_result.address == "shop/two" for one in pasts):
            raise OverflowError("cannot convert float infinity to integer")
        return replays(pasts)

    monkeypatch.setattr("collector.services.backtest.replays", foresee)
    first, second = replayed(made)

    assert isinstance(first, Replayed)
    assert second.why == "its numbers are past all arithmetic"


def test_another_policy_is_played_on_the_same_forecasts(stood):
    [found] = replayed(stood(*WAYS["on its way"]))
    usual, eager = (
        found.by(one) for one in (DriftPolicy(), replace(DriftPolicy(), off_track=0.98, on_track=0.985))
    )

    assert [one.p_hit for one in usual.days] == [one.p_hit for one in eager.days]
    assert len(eager.alarms) > len(usual.alarms)
