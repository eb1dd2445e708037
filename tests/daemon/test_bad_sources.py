"""A source that misbehaves becomes a gap with the right reason, delays nobody else, and heals when it is well again."""

import time
from dataclasses import replace
from datetime import timedelta

import pytest

from collector.domain.status import Status
from collector.services import collect

PROM = "{{kind: prometheus, url: '{url}', timeout: PT0.6S}}"
PATIENT = "{{kind: prometheus, url: '{url}', timeout: PT5S}}"
GREEN = (Status.ON_TRACK, Status.ACHIEVED)


def two_sources(house, good, bad, *, silent):
    """Write a good source and a bad one; only one that falls `silent` is given up soon."""
    house.write(
        sources={
            "good": PATIENT.format(url=good.url),
            "bad": (PROM if silent else PATIENT).format(url=bad.url),
        },
        key_results={
            "well": "{source: good, query: vector(70)}",
            "ill": "{source: bad, query: vector(60)}",
        },
    )


@pytest.mark.parametrize(
    ("mode", "reasons"),
    [
        ("hang", {"timeout"}),
        ("trickle_body", {"timeout"}),
        ("trickle_head", {"timeout"}),
        ("302_login", {"auth"}),
        ("html_200", {"auth", "bad_value"}),
        ("429_seconds", {"rate_limited"}),
        ("huge", {"bad_value", "bad_query"}),
        ("truncated", {"transient"}),
        ("500", {"transient"}),
        ("401", {"auth"}),
        ("garbage", {"bad_value"}),
    ],
)
def test_a_misbehaving_source_leaves_a_gap_delays_nobody_and_recovers(house, prom, mode, reasons):
    good, bad = prom(), prom(mode)
    two_sources(house, good, bad, silent=reasons == {"timeout"})
    house.start()
    began = time.monotonic()
    house.step()
    took = time.monotonic() - began
    live = [slot for slot, value, origin in house.samples("well") if origin == "live"]
    assert len(live) >= 2
    assert took < 6
    found = {reason for _, reason, _ in house.gaps("ill")}
    assert found & reasons, found
    assert found <= reasons | {"source_down", "rate_limited", "backed_off"}, found
    assert house.samples("ill") == []
    verdict = house.verdict("ill")
    assert verdict.status not in GREEN
    assert verdict.current is None
    assert verdict.level is None
    bad.mode = "ok"
    for _ in range(30):
        house.step()
        if house.samples("ill"):
            break
    assert house.samples("ill")[-1][1] == 60.0
    assert house.verdict("ill").current == 60.0


@pytest.mark.parametrize(("mode", "peace"), [("429_seconds", 42), ("429_date", 90)])
def test_a_source_that_asks_for_peace_is_left_alone_exactly_that_long(house, prom, mode, peace):
    server = prom()
    second = timedelta(seconds=1)
    house.write(
        sources={"bad": PROM.format(url=server.url)},
        key_results={"ill": "{source: bad, query: vector(60), every: 1s}"},
        cycle="lab",
        cycles="[{id: lab, starts: first run, days: 100, day: 60s}]",
    )
    house.start()
    house.step(second, times=2)
    server.mode = mode
    counted = len(server.requests)
    while len(server.requests) == counted:
        house.step(second)
    counted, asked = len(server.requests), house.clock.now()
    server.mode = "ok"
    while house.clock.now() + second < asked + timedelta(seconds=peace):
        house.step(second)
        assert counted == len(server.requests), house.clock.now() - asked
    house.step(second, times=2)
    assert len(server.requests) > counted
    house.step(second, times=2)
    assert house.gaps("ill") == [], "what was not asked for meanwhile is healed"
    assert ("source_down", "bad", "firing") not in house.transitions()


def test_a_deleted_metric_is_a_gap_and_the_level_stays(house, prometheus_with):
    at = house.clock.now()
    gone = at + timedelta(hours=48)
    lines, moment = [], at - timedelta(days=3)
    while moment <= gone:
        lines.append(f"deleted 60 {moment.timestamp():.0f}")
        moment += timedelta(minutes=4)
    server = prometheus_with("# TYPE deleted gauge\n" + "\n".join(lines))
    house.write(
        sources={"bad": PROM.format(url=server.url)},
        key_results={"ill": "{source: bad, query: deleted, every: 1h}"},
    )
    house.start()
    house.step(timedelta(hours=1), times=48)
    before = house.verdict("ill")
    assert before.level == 60.0
    house.step(timedelta(hours=1), times=2)
    assert [reason for slot, reason, _ in house.gaps("ill") if slot > gone] == ["no_data"] * 2
    after = house.verdict("ill")
    assert (before.level, before.current, before.status) == (after.level, after.current, after.status)
    assert {60.0} == {value for _, value, _ in house.samples("ill")}
    house.step(timedelta(hours=1), times=3)
    stale = house.verdict("ill")
    assert stale.health.value == "stale"
    assert (before.level, before.status) == (stale.level, stale.status)


def test_two_series_without_pick_are_broken_with_a_sentence(house, prometheus_with):
    at = house.clock.now().timestamp()
    lines = [
        f'latency{{service="{name}"}} {value} {at - back:.0f}'
        for name, value in (("a", 3), ("b", 4))
        for back in range(3600, -3600, -60)
    ]
    server = prometheus_with("# TYPE latency gauge\n" + "\n".join(lines))
    house.write(
        sources={"prod": PROM.format(url=server.url)},
        key_results={
            "ambiguous": "{source: prod, query: latency, every: 15m}",
            "picked": "{source: prod, query: latency, every: 15m, pick: {service: b}}",
        },
    )
    house.start()
    house.step()
    assert house.samples("ambiguous") == []
    reason, detail = house.gaps("ambiguous")[-1][1:]
    assert reason == "bad_value"
    assert "pick" in detail
    assert house.verdict("ambiguous").health.value == "broken"
    assert house.samples("picked")[-1][1] == 4.0


def test_a_query_cannot_forge_its_neighbour_in_the_batch(house, prometheus_with):
    at = house.clock.now().timestamp()
    lines = [f"honest {1.0} {at - back:.0f}" for back in range(3600, -3600, -60)]
    server = prometheus_with("# TYPE honest gauge\n" + "\n".join(lines))
    forgery = """{source: prod, every: 15m, query: 'label_replace(vector(99), "krd", "0", "", "") or label_replace(vector(98), "__krd__", "0", "", "")'}"""
    house.write(
        sources={"prod": PROM.format(url=server.url)},
        key_results={"honest": "{source: prod, query: honest, every: 15m}", "forger": forgery},
    )
    house.start()
    house.step()
    assert {1.0} == {value for _, value, _ in house.samples("honest")}


@pytest.mark.parametrize(
    "text",
    [
        "DELETE FROM facts RETURNING 1",
        "SELECT 1; DELETE FROM facts",
        "SELECT value FROM facts",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
    ],
    ids=["writes", "two_statements", "two_rows", "never_ends"],
)
def test_sql_that_must_not_be_run_is_a_gap_and_the_source_stays_as_it_was(
    house, warehouse, monkeypatch, text
):
    path = warehouse([("2025-11-01", 5.0), ("2025-11-02", 6.0)])
    before = path.read_bytes()
    (house.root / "query.sql").write_text("SELECT 1")
    house.write(
        sources={"db": f"{{kind: sql, url: 'sqlite:///{path}', timeout: PT0.6S}}"},
        key_results={
            "bad": "{source: db, every: 15m, query: {file: ../query.sql}}",
            "good": "{source: db, every: 15m, query: 'SELECT max(value) FROM facts'}",
        },
    )
    # the loader refuses most of these already; here they reach the source, as they would past a gap in what it knows
    asked = collect.questions_of

    def forged(due, number, **how):
        made = asked(due, number, **how)
        return [replace(one, text=text) for one in made] if due.key_result.address == "shop/bad" else made

    monkeypatch.setattr(collect, "questions_of", forged)
    house.start()
    house.step()
    assert house.samples("bad") == []
    assert {reason for _, reason, _ in house.gaps("bad")} <= {"bad_query", "bad_value", "timeout"}
    assert all(detail for _, _, detail in house.gaps("bad"))
    assert house.samples("good")[-1][1] == 6.0
    assert before == path.read_bytes()
