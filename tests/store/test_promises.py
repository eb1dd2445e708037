"""What `collector.ports.store` promises about readings, verdicts and transactions."""

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest

from collector.domain.baseline import Baseline, BaselineKind
from collector.domain.days import Day
from collector.domain.forecasting.forecast import Forecast
from collector.domain.sample import Gap, GapReason, Origin, SampleState
from collector.domain.status import Drift, Status
from collector.errors import StoreError
from collector.ports.store import Current, Posting

QUARTER = timedelta(minutes=15)


# -- what was read


def test_a_sample_comes_back_as_it_was(store, series, sample, at):
    kept = sample(
        value=54.5,
        num=109.0,
        den=200.0,
        state=SampleState.HELD,
        origin=Origin.HEALED,
        evidence={"request": "up", "série": [1, None]},
    )
    with store.write() as transaction:
        transaction.add_samples([(series[0], kept)])
    with store.read() as transaction:
        assert transaction.samples(series[:1], at - QUARTER, at) == {series[0]: [kept]}


def test_a_slot_recorded_twice_keeps_the_first(store, series, sample, at):
    with store.write() as transaction:
        transaction.add_samples([(series[0], sample(value=1.0)), (series[0], sample(value=2.0))])
        transaction.add_samples([(series[0], sample(value=3.0))])
        assert transaction.samples(series[:1], at - QUARTER, at) == {series[0]: [sample(value=1.0)]}


def test_recorded_gives_the_pairs_that_have_a_sample(store, series, sample, at):
    later = at + QUARTER
    with store.write() as transaction:
        transaction.add_samples(
            [(series[0], sample()), (series[1], sample(later)), (series[2], sample(later))]
        )
        transaction.add_gaps([(series[1], Gap(at, GapReason.TIMEOUT))])
        assert transaction.recorded({at}) == {(at, series[0])}
        assert transaction.recorded([at, later]) == {(at, series[0]), (later, series[1]), (later, series[2])}
        assert transaction.recorded([]) == set()


def test_samples_of_a_span_leave_out_its_beginning_and_hold_its_end(store, series, sample, at):
    slots = [at + number * QUARTER for number in range(6)]
    with store.write() as transaction:
        transaction.add_samples([(one, sample(slot)) for slot in reversed(slots) for one in series])
        found = transaction.samples([series[2], series[0]], slots[1], slots[4])
    expected = [sample(slot) for slot in slots[2:5]]
    assert found == {series[2]: expected, series[0]: expected}


def test_slots_of_one_series_do_not_stand_for_another(store, series, sample, at):
    with store.write() as transaction:
        transaction.add_samples([(series[0], sample()), (series[1], sample(at + QUARTER, 7.0))])
        found = transaction.samples(series, at - QUARTER, at + QUARTER)
    assert found == {series[0]: [sample()], series[1]: [sample(at + QUARTER, 7.0)], series[2]: []}


def test_a_gap_goes_away_when_its_slot_is_read(store, series, sample, at):
    gap = Gap(at, GapReason.TRANSIENT, "502")
    with store.write() as transaction:
        transaction.add_gaps([(series[0], gap), (series[1], gap)])
        transaction.add_samples([(series[0], sample())])
        assert transaction.gaps(series, at - QUARTER, at) == {series[0]: [], series[1]: [gap], series[2]: []}


def test_a_slot_that_was_read_gets_no_gap(store, series, sample, at):
    with store.write() as transaction:
        transaction.add_samples([(series[0], sample())])
        transaction.add_gaps([(series[0], Gap(at, GapReason.MISSED))])
        assert transaction.gaps(series[:1], at - QUARTER, at) == {series[0]: []}
        assert transaction.samples(series[:1], at - QUARTER, at) == {series[0]: [sample()]}


def test_a_gap_gets_the_newer_reason(store, series, at):
    with store.write() as transaction:
        transaction.add_gaps([(series[0], Gap(at, GapReason.TIMEOUT, "30 s"))])
        transaction.add_gaps([(series[0], Gap(at, GapReason.AUTH, "401"))])
        assert transaction.gaps(series[:1], at - QUARTER, at) == {series[0]: [Gap(at, GapReason.AUTH, "401")]}


def test_a_series_never_asked_for_has_empty_facts(store, series):
    with store.read() as transaction:
        assert transaction.currents(series[:2]) == {one: Current(one) for one in series[:2]}


def test_the_newest_facts_replace_the_older_ones(store, series, at):
    whole = Current(
        series=series[0],
        attempted=at,
        succeeded=at - QUARTER,
        covered=at - 2 * QUARTER,
        slot=at - 3 * QUARTER,
        as_of=at - 4 * QUARTER,
        value=0.0,
        num=1.0,
        den=2.0,
        first_slot=at - 5 * QUARTER,
        first_value=-3.5,
        failing="timeout",
        detail="after 30 s",
        heal_since=at - 6 * QUARTER,
        heal_until=at - 7 * QUARTER,
    )
    with store.write() as transaction:
        transaction.put_currents([Current(series[0], failing="auth")])
        transaction.put_currents([whole])
    with store.read() as transaction:
        assert transaction.currents(series[:1]) == {series[0]: whole}


def test_days_come_back_ascending_and_the_newer_one_stays(store, series, at):
    closed = Day(-1, 96, 5.0, 4.0, 6.0, 5.5, at, 10.0, 2.0)
    still_open = Day(0, 1, None, 4.0, 4.0, 4.0, at + QUARTER)
    with store.write() as transaction:
        transaction.put_days([(series[0], still_open), (series[0], dataclasses.replace(closed, n=1))])
        transaction.put_days([(series[0], closed)])
        assert transaction.days(series[:2]) == {series[0]: [closed, still_open], series[1]: []}


def test_ten_thousand_series_can_be_asked_for_at_once(store, series):
    with store.read() as transaction:
        assert len(transaction.days(range(1, 25_001))) == 25_000


# -- what was judged


def test_a_baseline_comes_back_with_its_evidence(store, enrolled, at):
    typed = Baseline(BaselineKind.TYPED, 900.0)
    measured = Baseline(BaselineKind.MEASURED, 5.0, 0.3, True, at, {"days": {"-1": 5.0}, "readings": 672})
    with store.write() as transaction:
        transaction.put_baselines([(enrolled[0], typed)], at)
        transaction.put_baselines([(enrolled[0], measured), (enrolled[1], typed)], at)
        assert transaction.baselines(enrolled) == {enrolled[0]: measured, enrolled[1]: typed}


def test_an_evaluation_comes_back_as_it_was(store, enrolled, evaluation, at):
    whole = evaluation(
        status=Status.OFF_TRACK,
        drift=Drift(Status.OFF_TRACK, 3, 1, at, 60),
        day=61,
        days=92,
        forecast=Forecast(
            0.21, 0.1, 0.21, 64.0, (61.0, 67.0), (55.0, 73.0), 61, 1.5, -0.5, {"level": 60.5, "belief": 0.3}
        ),
        frozen_since=at,
        attempted=at,
        reasons=("coverage 80 %",),
        sentence="Day 61 of 92, lands at 64 (59–69) of 70",
    )
    with store.write() as transaction:
        transaction.put_evaluations([(enrolled[0], whole)])
    with store.read() as transaction:
        assert transaction.evaluations(enrolled) == {enrolled[0]: whole}


def test_the_last_evaluation_of_a_day_stays_as_its_own(store, enrolled, evaluation, at):
    morning, noon = evaluation(day=60), evaluation(day=60, at=at + timedelta(hours=2))
    next_day = evaluation(day=61, at=at + timedelta(days=1))
    with store.write() as transaction:
        for one in (morning, noon, next_day):
            transaction.put_evaluations([(enrolled[0], one), (enrolled[1], one)])
        assert transaction.evaluations(enrolled[:2]) == dict.fromkeys(enrolled[:2], next_day)
        assert transaction.evaluations_at(enrolled, at + timedelta(hours=23)) == dict.fromkeys(
            enrolled[:2], noon
        )
        assert transaction.evaluations_at(enrolled, next_day.at) == dict.fromkeys(enrolled[:2], next_day)
        assert transaction.evaluations_at(enrolled, at) == {}


def test_the_latest_evaluation_is_the_one_put_last_also_when_the_clock_went_back(
    store, enrolled, evaluation, at
):
    earlier = evaluation(day=59, at=at - timedelta(days=2))
    with store.write() as transaction:
        transaction.put_evaluations([(enrolled[0], evaluation(day=61))])
        transaction.put_evaluations([(enrolled[0], earlier)])
        assert transaction.evaluations(enrolled[:1]) == {enrolled[0]: earlier}


def test_a_moment_is_marked_once(store, at):
    with store.write() as transaction:
        assert not transaction.moment_marked("checkout", "2026-Q4", "brief", at)
        assert transaction.mark_moment("checkout", "2026-Q4", "brief", at, "sent")
        assert not transaction.mark_moment("checkout", "2026-Q4", "brief", at, "missed")
    with store.read() as transaction:
        assert transaction.moment_marked("checkout", "2026-Q4", "brief", at)
        assert not transaction.moment_marked("payments", "2026-Q4", "brief", at)


def test_a_missed_moment_may_still_be_handled_and_is_never_missed_again(store, at):
    with store.write() as transaction:
        assert transaction.mark_moment("checkout", "2026-Q4", "brief", at, "missed")
        assert not transaction.mark_moment("checkout", "2026-Q4", "brief", at, "missed")
        assert transaction.mark_moment("checkout", "2026-Q4", "brief", at, "sent")
        assert not transaction.mark_moment("checkout", "2026-Q4", "brief", at, "missed")
        assert not transaction.mark_moment("checkout", "2026-Q4", "brief", at, "sent")


def test_all_that_was_handled_for_an_instant_is_given_at_once(store, at):
    with store.write() as transaction:
        for team, moment in (("checkout", at), ("payments", at), ("checkout", at + QUARTER)):
            for kind in ("brief", "told:held:x"):
                transaction.mark_moment(team, "2026-Q4", kind, moment, "sent")
        transaction.mark_moment("checkout", "2026-Q4", "changes", at, "missed")
        expected = frozenset({"brief", "told:held:x", "changes"})
        assert transaction.kinds_marked("checkout", "2026-Q4", at) == expected
        assert transaction.kinds_marked("checkout", "2026-Q3", at) == frozenset()


# -- times


def test_times_come_back_aware_in_utc_to_the_millisecond(store, series, sample):
    berlin = datetime.fromisoformat("2026-11-30T10:15:00.123999+01:00")
    with store.write() as transaction:
        transaction.add_samples([(series[0], sample(berlin))])
        [kept] = transaction.samples(series[:1], berlin - QUARTER, berlin)[series[0]]
    assert kept.slot == datetime(2026, 11, 30, 9, 15, 0, 123_000, tzinfo=UTC)
    assert kept.slot.tzinfo is UTC


def test_a_time_without_a_zone_is_refused(store, series, sample):
    with pytest.raises(TypeError, match="naive"), store.write() as transaction:
        transaction.add_samples([(series[0], sample(datetime(2026, 11, 30)))])  # noqa: DTZ001 - that is the mistake


# -- transactions


def test_a_block_that_raises_leaves_nothing_behind(store, contents, series, sample, announcement, at):
    def broken_off():
        with store.write() as transaction:
            transaction.add_samples([(series[0], sample())])
            transaction.enqueue([Posting("ops", announcement())], at)
            raise ZeroDivisionError

    before = contents()
    with pytest.raises(ZeroDivisionError):
        broken_off()
    assert contents() == before


def test_reading_changes_nothing(store, at):
    with pytest.raises(StoreError, match="only reads"), store.read() as transaction:
        transaction.first_run("lab", at)
    with store.read() as transaction:
        assert transaction.first_runs() == {}


def test_reading_sees_one_state_while_others_write(store, series, sample, at):
    with store.read() as reader:
        assert reader.recorded([at]) == set()
        with store.write() as writer:
            writer.add_samples([(series[0], sample())])
        assert reader.recorded([at]) == set()
    with store.read() as reader:
        assert reader.recorded([at]) == {(at, series[0])}
