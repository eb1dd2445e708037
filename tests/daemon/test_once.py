"""Whoever records a slot twice records it once: passes beside the daemon, and passes beside each other."""

import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from collector.app import build, ensure_same_promises
from collector.errors import UsageError

HOUR = timedelta(hours=1)


def write(house, server, every="1h"):
    house.write(
        sources={"prod": f"{{kind: prometheus, url: '{server.url}', timeout: PT5S}}"},
        key_results={
            f"kr-{n}": f"{{source: prod, query: vector({40 + n}), every: {every}}}" for n in range(4)
        },
    )


def whole(house):
    """Say that every slot of the newest hours is there once, and the days count each reading once."""
    assert house.rows("SELECT slot, series FROM samples GROUP BY slot, series HAVING count(*) > 1") == []
    assert house.rows("SELECT * FROM samples JOIN gaps USING (slot, series)") == []
    for n in range(4):
        slots = [slot for slot, *_ in house.samples(f"kr-{n}")]
        assert all(later - earlier == HOUR for earlier, later in itertools.pairwise(slots))
    wrong = house.rows(
        "SELECT d.series, d.day, d.n, count(*) FROM days d JOIN samples s ON s.series = d.series"
        " AND (s.slot - 1 - ?) / 86400000 = d.day WHERE d.day BETWEEN 1 AND 24 GROUP BY d.series, d.day HAVING d.n <> count(*)",
        int(datetime(2025, 9, 30, 22, tzinfo=UTC).timestamp() * 1000),
    )
    assert wrong == []


def test_a_pass_beside_the_daemon_changes_nothing(house, prom):
    write(house, prom())
    house.start()
    house.step(HOUR, times=2)
    before = house.rows("SELECT slot, series, value, origin FROM samples ORDER BY 1, 2")
    house.once()
    assert before == house.rows("SELECT slot, series, value, origin FROM samples ORDER BY 1, 2")
    house.step(HOUR, times=2)
    whole(house)


def test_two_passes_at_the_same_time_record_every_slot_once(house, prom):
    write(house, prom())
    house.once()
    for _ in range(3):
        house.clock.advance(HOUR)
        with ThreadPoolExecutor(2) as passes:
            for flight in [passes.submit(house.once) for _ in range(2)]:
                flight.result(60)
    whole(house)


def test_the_same_history_gives_the_same_changes_and_ids(house, prom, tmp_path, receiver):
    """A replay in one go, and day by day: time is an argument."""
    server = prom()

    def run(root, days):
        root.mkdir()
        one = replace(house, root=root, running=None)
        one.write(
            sources={"prod": f"{{kind: prometheus, url: '{server.url}', timeout: PT5S}}"},
            key_results={
                "behind": "{source: prod, query: vector(99), every: 6h}",
                "ahead": "{source: prod, query: vector(40), every: 6h}",
            },
        )
        one.clock.set(datetime(2025, 10, 1, 10, 2, tzinfo=UTC))
        one.start()
        one.step(timedelta(hours=6), times=4 * days)
        with one.running.app.store.read() as tx:
            moves = [item.transition for item in tx.transitions(0, 1000)]
            found = [(m.event, m.alert.state.value, m.alert.episode, m.at) for m in moves]
        one.stop()
        return found, one.samples("behind")

    first = run(tmp_path / "first", 14)
    second = run(tmp_path / "second", 14)
    assert first == second
    assert "firing" in [state for _, state, *_ in first[0]]


def test_a_daemon_keeps_its_own_definitions_when_a_pass_enrols_others(house, prom):
    server = prom()
    write(house, server)
    house.start()
    house.step(HOUR, times=2)
    house.write(
        sources={"prod": f"{{kind: prometheus, url: '{server.url}', timeout: PT5S}}"},
        key_results={f"kr-{n}": f"{{source: prod, query: vector({90 + n}), every: 1h}}" for n in range(4)},
    )
    house.once()
    before = house.rows("SELECT count(*) FROM samples WHERE value < 50")
    house.step(HOUR, times=2)

    assert house.rows("SELECT count(*) FROM samples WHERE value < 50") == [(before[0][0] + 8,)]


def test_the_command_refuses_a_pass_with_other_definitions_beside_a_daemon(house, prom):
    server = prom()
    write(house, server)
    house.start()
    house.write(
        sources={"prod": f"{{kind: prometheus, url: '{server.url}', timeout: PT5S}}"},
        key_results={"kr-0": "{source: prod, query: vector(7), every: 1h}"},
    )
    app = build(house.settings, house.clock)
    try:
        with pytest.raises(UsageError, match="has other definitions"):
            ensure_same_promises(app)
    finally:
        app.close()


def test_a_source_that_fails_pass_after_pass_is_down_and_up_again_after_two_good_ones(house, prom, receiver):
    server = prom("close")
    house.write(
        sources={"prod": f"{{kind: prometheus, url: '{server.url}', timeout: PT5S}}"},
        key_results={"one": "{source: prod, query: vector(40), every: 1h}"},
        notify=f"{{hook: {{kind: webhook, url: '{receiver.url}'}}}}",
    )
    told = []
    for mode in ("close", "close", "close", "ok", "ok"):
        server.mode = mode
        house.once()
        told.append([said["occasion"] for said in receiver.said("source_down")])
        house.clock.advance(HOUR)
    assert told == [[], [], ["first"], ["first"], ["first", "resolved"]]
