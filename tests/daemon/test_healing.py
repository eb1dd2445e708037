"""What was missed is asked for where the source answers the past, and is a gap with a reason where it does not."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from collector.services.tick import Books

PROM = "{{kind: prometheus, url: '{url}', timeout: PT5S}}"
HOUR = timedelta(hours=1)


@pytest.fixture
def metric(prometheus_with, house):
    """Give `serve(value_of, since, until)`: a real Prometheus that knows `metric` at every four minutes."""

    def serve(value_of, since, until):
        lines, moment = ["# TYPE metric gauge"], since
        while moment <= until:
            lines.append(f"metric {value_of(moment)} {moment.timestamp():.0f}")
            moment += timedelta(minutes=4)
        return prometheus_with("\n".join(lines))

    return serve


STARTS = datetime(2025, 9, 30, 22, 0, tzinfo=UTC)
"""2025-Q4 in Berlin."""


def test_at_first_sight_a_series_is_read_back_to_four_weeks_before_the_cycle(house, metric):
    start = STARTS - timedelta(days=30)
    server = metric(lambda at: 120 if at < STARTS else 90, start, house.clock.now())
    house.write(
        sources={"prod": PROM.format(url=server.url)},
        key_results={
            "one": {
                "measure": "{source: prod, query: metric, every: 1h}",
                "promise": "from: measured, to: 50",
            }
        },
    )
    house.start()
    samples = house.samples("one")
    assert STARTS - timedelta(days=28) + HOUR == samples[0][0]
    assert {"healed", "live"} == {origin for _, _, origin in samples}
    assert samples[-1][2] == "live"
    assert all(later - earlier == HOUR for (earlier, *_), (later, *_) in itertools.pairwise(samples))
    verdict = house.verdict("one")
    assert (verdict.baseline_kind, verdict.baseline, verdict.provisional) == ("measured", 120.0, False)
    assert verdict.forecast is not None
    assert verdict.level == 90.0
    assert verdict.drift.day == verdict.day - 1, "the machine was replayed day by day"
    with house.running.app.store.read() as tx:
        [baseline] = tx.baselines([1]).values()
    assert {str(day): 120.0 for day in range(-7, 0)} == baseline.evidence["days"]
    assert baseline.evidence["readings"] == 7 * 24


def test_a_measured_baseline_is_provisional_until_late_data_no_longer_comes(house, metric):
    house.clock.set(STARTS + timedelta(days=1))
    server = metric(lambda at: 120, STARTS - timedelta(days=20), STARTS + timedelta(days=6))
    house.write(
        sources={"prod": PROM.format(url=server.url)},
        key_results={
            "one": {
                "measure": "{source: prod, query: metric, every: 1h, settle: 3d}",
                "promise": "from: measured, to: 50",
            }
        },
    )
    house.start()
    assert house.verdict("one").provisional
    house.step(timedelta(days=1))
    assert house.verdict("one").provisional
    house.step(timedelta(days=1))
    house.step(HOUR, times=2)
    assert not house.verdict("one").provisional
    assert house.verdict("one").baseline == 120.0


def test_cohorts_that_still_mature_are_waited_for_rather_than_replaced_by_the_first_reading(house, metric):
    house.clock.set(STARTS + timedelta(days=2))
    server = metric(lambda at: 120, STARTS - timedelta(days=40), STARTS + timedelta(days=12))
    house.write(
        sources={"prod": PROM.format(url=server.url)},
        key_results={
            "one": {
                "measure": "{source: prod, query: metric, every: 1d, matures: 7d}",
                "promise": "from: measured, to: 50",
            }
        },
    )
    house.start()
    assert house.verdict("one").baseline_kind in ("", "measured")
    house.step(timedelta(days=1), times=7)
    house.step(HOUR, times=2)
    assert (house.verdict("one").baseline_kind, house.verdict("one").provisional) == ("measured", False)


def test_what_passed_while_krd_was_not_running_is_healed(house, prom):
    house.write(
        sources={"prod": PROM.format(url=prom().url)},
        key_results={"one": "{source: prod, query: vector(60), every: 1h}"},
    )
    house.start()
    house.step(HOUR, times=3)
    before = house.samples("one")
    house.stop()
    house.clock.advance(timedelta(hours=40))
    house.start()
    after = house.samples("one")
    assert before == after[: len(before)]
    grown = after[len(before) :]
    assert [origin for _, _, origin in grown] == ["healed"] * 39 + ["live"]
    assert all(later - earlier == HOUR for (earlier, *_), (later, *_) in itertools.pairwise(after))
    assert house.gaps("one") == []
    assert house.verdict("one").health.value == "fresh"


def test_what_a_source_could_not_say_while_it_was_down_is_healed_and_the_days_replayed(house, prom):
    server = prom()
    house.write(
        sources={"prod": PROM.format(url=server.url)},
        key_results={"one": "{source: prod, query: vector(60), every: 6h}"},
    )
    house.start()
    house.step(timedelta(hours=6), times=4)
    server.mode = "close"
    stepped = house.verdict("one").drift.day
    house.step(timedelta(hours=6), times=20)
    assert house.verdict("one").drift.day <= stepped + 1, "days without data are not stepped"
    assert {"transient", "source_down"} >= {reason for _, reason, _ in house.gaps("one")}
    server.mode = "ok"
    house.step(timedelta(hours=6), times=4)
    assert house.gaps("one") == []
    assert house.verdict("one").drift.day == house.verdict("one").day - 1
    assert stepped + 5 <= house.verdict("one").drift.day
    assert house.verdict("one").coverage == 1.0


def test_a_source_without_a_past_leaves_missed_gaps_and_a_first_reading_as_baseline(house, warehouse):
    path = warehouse([("2025-11-01", 90.0)])
    house.write(
        sources={"db": f"{{kind: sql, url: 'sqlite:///{path}'}}"},
        key_results={
            "one": {
                "measure": "{source: db, query: 'SELECT max(value) FROM facts', every: 1h}",
                "promise": "from: measured, to: 50",
            }
        },
    )
    house.start()
    first = house.clock.now().replace(minute=0, second=0)
    assert [(first, 90.0, "live")] == house.samples("one")
    assert (house.verdict("one").baseline_kind, house.verdict("one").baseline) == ("first_reading", 90.0)
    house.stop()
    house.clock.advance(timedelta(hours=5))
    house.start()
    assert [first, first + timedelta(hours=5)] == [slot for slot, *_ in house.samples("one")]
    assert [first + timedelta(hours=n) for n in range(1, 5)] == [slot for slot, *_ in house.gaps("one")]
    assert {"missed"} == {reason for _, reason, _ in house.gaps("one")}


def test_a_slot_that_still_waits_out_its_lag_is_neither_missed_nor_read_early(house, warehouse):
    path = warehouse([("2025-11-01", 90.0)])
    house.write(
        sources={"db": f"{{kind: sql, url: 'sqlite:///{path}'}}"},
        key_results={"one": "{source: db, query: 'SELECT max(value) FROM facts', every: 1h, lag: 3h}"},
    )
    house.start()
    newest = house.clock.now().replace(minute=0, second=0) - timedelta(hours=3)
    assert newest == house.samples("one")[-1][0]
    house.stop()
    house.start()
    assert house.gaps("one") == []
    house.once()
    assert newest == house.samples("one")[-1][0]
    house.step(HOUR)
    assert newest + HOUR == house.samples("one")[-1][0]


def test_more_slots_than_are_written_down_at_once_are_healed_to_the_last(house, prom):
    house.write(
        sources={"prod": PROM.format(url=prom().url)},
        key_results={"one": "{source: prod, query: vector(60), every: 1s}"},
        cycle="lab",
        cycles="[{id: lab, starts: first run, days: 1000, day: 60s}]",
    )
    house.start()
    house.step(timedelta(seconds=2500))
    house.step(timedelta(seconds=1), times=3)
    slots = [slot for slot, *_ in house.samples("one")]
    assert all(later - earlier == timedelta(seconds=1) for earlier, later in itertools.pairwise(slots))
    assert house.gaps("one") == []


def test_an_empty_newest_slot_does_not_keep_the_past_from_being_read(house, metric):
    silent_since = house.clock.now() - timedelta(days=2)
    server = metric(lambda _: 80, STARTS, silent_since)
    house.write(
        sources={"prod": PROM.format(url=server.url)},
        key_results={"one": "{source: prod, query: metric, every: 1h}"},
    )
    house.start()

    assert house.gaps("one")[-1][1] == "no_data"
    assert {value for _, value, _ in house.samples("one")} == {80.0}


def test_the_past_of_many_is_judged_in_few_transactions(house, prom, monkeypatch):
    kept = []
    keep = Books.keep

    def counted(books, at, **work):
        kept.append(len({one.series for one in work.get("healed", ())}))
        return keep(books, at, **work)

    monkeypatch.setattr(Books, "keep", counted)
    monkeypatch.setattr("collector.daemon.batch.LONGEST", 60.0)
    house.write(
        sources={"prod": PROM.format(url=prom().url)},
        key_results={f"kr-{n}": "{source: prod, query: vector(40), every: 6h}" for n in range(40)},
    )
    house.start()

    assert [series for series in kept if series] == [40]
    assert all(house.verdict(f"kr-{n}").forecast is not None for n in range(40))
