"""What must never reach the database: numbers that are none, and text that breaks a transaction."""

import dataclasses
import math
from decimal import Decimal

import pytest

from collector.domain.alert import AlertKind
from collector.domain.baseline import Baseline, BaselineKind
from collector.domain.days import Day
from collector.domain.forecasting.forecast import Forecast
from collector.domain.sample import Gap, GapReason
from collector.errors import StoreError
from collector.ports.store import Current, Posting

NO_NUMBERS = (math.nan, math.inf, -math.inf, 10**400, True, "12,5", "1e3", "", b"1", Decimal(1), 1j, [1.0])
LEGAL = (0.0, -0.0, 5e-324, 1.7976931348623157e308, -1.7976931348623157e308, 10**30, -1)
NOT_FINITE = (math.nan, math.inf, -math.inf)


@pytest.fixture(
    params=["half \ud83d a pair", "nul \0 inside", "\u202e'); DROP TABLE gaps;--", "x" * 1_000_000],
    ids=["half a pair", "nul", "statement", "long"],
)
def hostile(request):
    """Give text as a source may answer it."""
    return request.param


@pytest.mark.parametrize("value", [*NO_NUMBERS, None], ids=repr)
def test_a_value_that_is_no_number_is_refused(store, series, sample, value):
    with pytest.raises(StoreError, match="a sample"), store.write() as transaction:
        transaction.add_samples([(series[0], sample(value=value))])
    with store.read() as transaction:
        assert transaction.recorded([sample().slot]) == set()


@pytest.mark.parametrize("value", NO_NUMBERS, ids=repr)
@pytest.mark.parametrize("part", ["num", "den"])
def test_a_part_of_a_ratio_that_is_no_number_is_refused(store, series, sample, part, value):
    with pytest.raises(StoreError, match="finite number"), store.write() as transaction:
        transaction.add_samples([(series[0], sample(**{part: value}))])


@pytest.mark.parametrize("value", LEGAL, ids=repr)
def test_every_finite_number_is_kept_exactly(store, series, sample, at, value):
    with store.write() as transaction:
        transaction.add_samples([(series[0], sample(value=value))])
        [kept] = transaction.samples(series[:1], at.replace(year=2000), at)[series[0]]
    assert kept.value == float(value)


@pytest.mark.parametrize("value", NOT_FINITE, ids=repr)
@pytest.mark.parametrize("field", ["value", "num", "den", "first_value"])
def test_a_current_fact_that_is_not_finite_is_refused(store, series, field, value):
    with pytest.raises(StoreError, match="finite number"), store.write() as transaction:
        transaction.put_currents([Current(series[0], **{field: value})])


@pytest.mark.parametrize("value", NOT_FINITE, ids=repr)
@pytest.mark.parametrize("field", ["value", "low", "high", "last", "num", "den"])
def test_a_day_that_is_not_finite_is_refused(store, series, at, field, value):
    day = dataclasses.replace(Day(0, 1, 1.0, 1.0, 1.0, 1.0, at), **{field: value})
    with pytest.raises(StoreError, match="finite number"), store.write() as transaction:
        transaction.put_days([(series[0], day)])


@pytest.mark.parametrize("value", NOT_FINITE, ids=repr)
def test_a_document_that_is_not_finite_is_refused(
    store, enrolled, evaluation, announcement, life, sample, at, value
):
    wrong = Forecast(value, 0.1, 0.3, 64.0, (61.0, 67.0), (55.0, 73.0), None, 1.5, -0.5)
    with pytest.raises(StoreError, match="an evaluation"), store.write() as transaction:
        transaction.put_evaluations([(enrolled[0], evaluation(forecast=wrong))])
    with pytest.raises(StoreError, match="a baseline"), store.write() as transaction:
        transaction.put_baselines([(enrolled[0], Baseline(BaselineKind.TYPED, value))], at)
    with pytest.raises(StoreError, match="an announcement"), store.write() as transaction:
        transaction.enqueue([Posting("ops", announcement(facts={"p_hit": value}))], at)
    change = dataclasses.replace(life("firing")[0], said=announcement(facts={"p_hit": value}))
    with pytest.raises(StoreError, match="an announcement"), store.write() as transaction:
        transaction.add_transitions([change])
    with pytest.raises(StoreError, match="the evidence"), store.write() as transaction:
        transaction.add_samples([(1, sample(evidence={"parts": [value]}))])


@pytest.mark.parametrize("value", ["9e999", "-9e999", "NULL", "'12'", "'abc'", "x'31'"])
def test_the_database_itself_refuses_what_is_no_finite_number(store, kind, series, value):
    def put():
        told = {"sqlite": "typeof", "postgresql": "pg_typeof"}[kind]
        insert = (
            "INSERT INTO samples (slot, series, value, state, as_of, recorded_at, origin)"
            f" VALUES (0, {series[0]}, {value}, 'used', 0, 0, 'live') RETURNING {told}(value)"
        )
        with store.write() as transaction:
            return transaction._connection.exec_driver_sql(insert).scalar()

    if value == "'12'":
        assert put() == {"sqlite": "real", "postgresql": "double precision"}[kind]
        return
    with pytest.raises(StoreError):
        put()


def test_hostile_text_of_a_source_does_not_break_a_tick(store, series, sample, announcement, at, hostile):
    with store.write() as transaction:
        transaction.add_gaps([(series[0], Gap(at, GapReason.BAD_VALUE, hostile))])
        transaction.put_currents([Current(series[0], failing="bad_value", detail=hostile)])
        transaction.add_samples([(series[1], sample(evidence={"body": hostile}))])
        transaction.enqueue([Posting("ops", announcement(title=hostile))], at)
        [gap] = transaction.gaps(series[:1], at.replace(year=2000), at)[series[0]]
        [letter] = transaction.claim("ops", at, at).letters
    assert gap.detail == hostile.replace("\ud83d", "?").replace("\0", "?")
    assert letter.announcement.title == hostile


def test_hostile_text_does_not_break_a_feed(store, life, announcement, hostile):
    [change] = life("firing", subject=f"krd.yaml {hostile}", kind=AlertKind.CONFIG_REJECTED)
    words = announcement(title=hostile, team=hostile)
    with store.write() as transaction:
        transaction.add_transitions([dataclasses.replace(change, why=hostile, said=words)])
        [item] = transaction.transitions(0, 10)
        [alert] = transaction.alerts().values()
    harmless = hostile.replace("\ud83d", "?").replace("\0", "?")
    assert item.transition.said == words
    assert (item.transition.why, alert.subject) == (harmless, f"krd.yaml {harmless}")


def test_a_sample_of_an_unknown_series_is_refused(store, sample):
    with pytest.raises(StoreError, match="FOREIGN KEY"), store.write() as transaction:
        transaction.add_samples([(4711, sample())])


def test_an_error_repeats_no_value(store, sample):
    with pytest.raises(StoreError) as caught, store.write() as transaction:
        transaction.add_samples([(4711, sample(evidence={"secret": "hunter2"}))])
    assert "hunter2" not in f"{caught.value}{caught.value.__cause__}"


def test_an_error_of_a_row_repeats_nothing_of_it(store, series):
    with pytest.raises(StoreError) as caught, store.write() as transaction:
        transaction._connection.exec_driver_sql(
            f"INSERT INTO gaps (slot, series, reason, detail) VALUES (0, {series[0]}, 'hunter2', NULL)"
        )
    assert "NOT NULL" in str(caught.value)
    assert "hunter2" not in str(caught.value)
    cause = caught.value.__cause__
    assert cause is None or "hunter2" not in str(cause.orig)
