"""What is said beside drift: looked at once a closed day, silent where data is not fit to say anything."""

import random
from datetime import timedelta

import pytest

from collector.domain.alert import AlertKind, Condition
from collector.domain.forecasting.forecast import Forecast
from collector.domain.health import Health
from collector.domain.measure import WholeCycle
from collector.domain.shape import Total
from collector.domain.span import Span
from collector.domain.status import Status
from collector.services import detect
from collector.services.detected_conditions import (
    early_condition,
    flatline_condition,
    regressed_condition,
    sudden_change_condition,
    unit_change_condition,
)

SAYS = {
    AlertKind.SUDDEN_CHANGE: sudden_change_condition,
    AlertKind.FLATLINE: flatline_condition,
    AlertKind.UNIT_CHANGE: unit_change_condition,
    AlertKind.REGRESSED: regressed_condition,
    AlertKind.ACHIEVED_EARLY: early_condition,
}


@pytest.fixture
def live(desk, make):
    """Give `live(value_of_day, until, **key result)`: a desk whose one series was read at the end of each day."""

    def run(value_of_day, until=40, past=28, **facts):
        found = desk(make.key_result(**facts), at=make.cycle.starts)
        begun = {make.midnight(day): value_of_day(day) for day in range(-past, 0)}
        if begun:
            found.heal({slot: value for slot, value in begun.items() if value is not None})
        else:
            found.nothing_before()
        for day in range(until):
            if (value := value_of_day(day)) is not None:
                found.read(make.midnight(day), value)
        return found

    return run


def noise(seed=1):
    draw = random.Random(seed)
    known = {day: draw.gauss(0, 10) for day in range(-30, 100)}
    return lambda day: known[day]


def state(desk, kind):
    return desk.books.ledger.alert(kind, "2026-Q4:shop/one").state.value


def said(desk, kind):
    account = desk.account()
    return SAYS[kind](account, account.evaluation)


def told(desk, kind):
    """Give the lines of what was said when an alert of this kind fired."""
    with desk.store.read() as tx:
        moved = [item.transition for item in tx.transitions(0, 10_000)]
    return [one.said.lines[0] for one in moved if one.alert.kind is kind and one.began]


def test_a_jump_of_the_level_is_news_with_its_size_and_day(live):
    wobble = noise()
    desk = live(lambda day: (700 if day < 30 else 500) + wobble(day), until=36)

    assert state(desk, AlertKind.SUDDEN_CHANGE) == "firing"
    (line,) = told(desk, AlertKind.SUDDEN_CHANGE)
    assert line.startswith("since 31 Oct about ")
    assert "in the two weeks before (-2" in line
    assert line.endswith('note it: `krd annotate shop/one "WHAT" --at INSTANT`')


def test_the_news_of_a_jump_is_over_once_it_is_the_new_level(live):
    wobble = noise()
    desk = live(lambda day: (700 if day < 30 else 500) + wobble(day), until=60)

    assert state(desk, AlertKind.SUDDEN_CHANGE) == "resolved"


def test_a_quiet_series_has_none_of_it(live):
    wobble = noise(4)
    desk = live(lambda day: 900 + wobble(day), until=40)

    assert {kind: state(desk, kind) for kind in SAYS} == dict.fromkeys(SAYS, "inactive")


def test_a_source_that_froze_is_told_and_another_value_ends_it(live, make):
    wobble = noise()
    desk = live(lambda day: 900 + (wobble(day) if day < 30 else 4), until=36)

    assert state(desk, AlertKind.FLATLINE) == "firing"
    (line,) = told(desk, AlertKind.FLATLINE)
    assert line.startswith("the same value, 904, on 4 days running, since 31 Oct, and it varied before")

    desk.read(make.midnight(36), 911)
    assert state(desk, AlertKind.FLATLINE) == "resolved"


def test_a_total_that_stands_still_has_neither_jump_nor_unit(live, make):
    counted = make.daily(window=WholeCycle())
    desk = live(
        lambda day: 10 * day + 10 if day < 30 else 10_000 * day,
        past=0,
        shape=Total(at_least=1000),
        binding=counted,
    )

    assert said(desk, AlertKind.SUDDEN_CHANGE) is Condition.OVER
    assert said(desk, AlertKind.UNIT_CHANGE) is Condition.OVER
    assert said(desk, AlertKind.FLATLINE) is Condition.CLEAR


def test_another_unit_is_told_once_its_values_are_in_use(live):
    wobble = noise()
    desk = live(lambda day: (900 + wobble(day)) * (1 if day < 20 else 1e6), until=24)

    assert state(desk, AlertKind.UNIT_CHANGE) == "firing"
    (line,) = told(desk, AlertKind.UNIT_CHANGE)
    assert line.startswith("since 21 Oct about 1,000,000 times what it was (")
    assert "`krd backfill shop/one --restate`" in line


@pytest.mark.parametrize("kind", [AlertKind.SUDDEN_CHANGE, AlertKind.FLATLINE, AlertKind.UNIT_CHANGE])
@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({"health": Health.STALE}, Condition.UNKNOWN),
        ({"status": Status.DRAFT}, Condition.UNKNOWN),
        ({"status": Status.RETIRED}, Condition.OVER),
    ],
)
def test_bad_data_says_nothing_and_what_is_over_has_nothing(live, make, kind, facts, says):
    wobble = noise()
    account = live(lambda day: 900 + wobble(day), until=20).account()

    assert SAYS[kind](account, make.replace(account.evaluation, **facts)) is says


def test_a_closed_day_without_a_reading_neither_raises_nor_clears(live, make):
    wobble = noise()
    desk = live(lambda day: 900 + (wobble(day) if day < 30 else 4), until=36)
    desk.read(make.midnight(36), None)
    desk.read(make.midnight(37), None)

    assert state(desk, AlertKind.FLATLINE) == "firing"


def test_the_detectors_look_once_a_closed_day_and_not_at_every_reading(live, make, monkeypatch):
    one = Span(real=timedelta(hours=1))
    hourly = make.daily(every=one, window=one)
    looks = []
    real = detect.findings
    monkeypatch.setattr(detect, "findings", lambda series: looks.append(len(series)) or real(series))
    desk = live(lambda _: None, until=0, past=0, binding=hourly)
    for hour in range(1, 3 * 24 + 1):
        desk.read(make.cycle.starts + timedelta(hours=hour), 900 + hour)

    assert looks == [1, 1, 1]


def test_a_day_that_is_restated_is_looked_at_again(live):
    wobble = noise()
    desk = live(lambda day: 900 + wobble(day), until=20)
    account = desk.account()
    before = account.found
    account.put_day(account.day(12))
    detect.detect([account])

    assert account.found == before
    assert account.found is not before


def evaluated(make, account, **facts):
    return make.replace(account.evaluation, **facts)


def test_what_is_worse_by_more_than_its_noise_has_regressed(live):
    wobble = noise()
    desk = live(lambda day: 1000 + wobble(day) + (200 if day > 5 else 0), until=20)

    assert said(desk, AlertKind.REGRESSED) is Condition.FIRING
    (line,) = told(desk, AlertKind.REGRESSED)
    assert "of the way backwards and more than its noise, ±" in line


def test_what_is_worse_within_its_noise_has_not(live, make):
    wobble = noise()
    account = live(lambda day: 1000 + 60 * wobble(day), until=20).account()
    worse = evaluated(make, account, progress=-0.3, level=1300.0, status=Status.AT_RISK, day=20)

    assert regressed_condition(account, worse) is Condition.UNKNOWN
    assert regressed_condition(account, make.replace(worse, level=9000.0)) is Condition.FIRING
    assert regressed_condition(account, make.replace(worse, level=9000.0, day=13)) is Condition.UNKNOWN


LIKELY = Forecast(0.9, 0.9, 0.9, 90.0, (80.0, 95.0), (70.0, 99.0), None, 1.0, 0.0)


@pytest.fixture
def early(live, make):
    """Give `early(**facts)`: what is said of a key result that was at its target for ten days on day 20."""
    wobble = noise()
    account = live(lambda day: (600 if day < 4 else 50) + 0.1 * wobble(day), until=20).account()
    facts = {"status": Status.ON_TRACK, "progress": 1.05, "forecast": LIKELY}
    return lambda **more: early_condition(account, evaluated(make, account, **{**facts, **more}))


def test_a_week_at_the_target_in_the_first_half_is_early(early):
    assert early() is Condition.FIRING


@pytest.mark.parametrize(
    "facts",
    [{"day": 60}, {"forecast": None}, {"progress": 0.97}, {"target": 40.0}, {"health": Health.STALE}],
)
def test_later_unlikely_or_for_fewer_days_it_is_not_early_and_what_was_said_stays(early, facts):
    assert early(**facts) is Condition.UNKNOWN


def test_it_ends_when_five_percent_of_the_way_is_lost_again(early):
    assert early(progress=0.94, day=60) is Condition.CLEAR
