"""`krd backfill`: past slots are read again from a real warehouse, gaps are filled, other numbers restate."""

import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

DOWN = """\
      - id: p95
        title: Cut p95 from 900 ms to 450 ms
        owner: li
        commitment: committed
        measure: {source: prod, unit: ms, every: 1d, query: p95_ms}
        from: 900
        to: 450
"""


@pytest.fixture
def holed(kept):
    """A world whose store lost the newest ten readings of each key result, with the days and facts they gave."""
    with closing(sqlite3.connect(kept.folder / "krd.db")) as store, store:
        since = _millis(kept, days=-10)
        assert store.execute("DELETE FROM samples WHERE slot > ?", (since,)).rowcount == 30
    return kept


def test_what_is_missing_is_filled_and_nothing_else_is_asked(holed):
    told = holed.krd("backfill", "latency", "-o", "json")

    [part] = told.json
    assert told.code == 0
    assert (part["asked"], part["filled"], part["restated"]) == (10, 10, 0)
    assert holed.krd("db", "verify", "--quiet").code == 0


def test_doing_it_twice_asks_nothing_the_second_time(holed):
    holed.krd("backfill", "latency")

    [part] = holed.krd("backfill", "latency", "-o", "json").json

    assert (part["asked"], part["filled"]) == (0, 0)
    assert len(holed.krd("audit", "latency", "-o", "json").json) == 1


def test_only_the_days_asked_for_are_read(holed):
    first, last = (holed.today - timedelta(days=days) for days in (5, 3))

    told = holed.krd("backfill", "slow", "--from", first.date(), "--to", last.date(), "-o", "json")

    assert told.json[0]["filled"] == 3


def test_a_number_that_is_another_one_now_restates_and_both_are_kept(world):
    world.krd("once", "-q")
    _slower(world, days_ago=3)

    told = world.krd("backfill", "latency", "--restate", "-o", "json")

    [part] = told.json
    [restated] = part["restatements"]
    kept = [row for row in _rows(world, "samples") if row["slot"] == restated["slot"]]
    assert part["restated"] == 1
    assert round(restated["now"] - restated["was"], 6) == 7
    assert [row["origin"] for row in kept] == ["restated"]
    assert [row["was"] for row in _rows(world, "restatements")] == [restated["was"]]
    assert world.krd("db", "verify").code == 0


def test_what_was_restated_moves_the_verdict(kept):
    before = kept.krd("show", "latency", "-o", "json").json["level"]
    _slower(kept, days_ago=3)

    kept.krd("backfill", "latency", "--restate")

    after = kept.krd("show", "latency", "-o", "json").json["level"]
    assert round(after - before, 6) == 1  # 7 ms on one of seven days


def test_without_restate_a_known_number_stays(kept):
    _slower(kept, days_ago=3)

    assert kept.krd("backfill", "latency", "-o", "json").json[0]["asked"] == 0
    assert _rows(kept, "restatements") == []


def test_a_reading_that_a_person_discarded_is_left_alone(kept):
    with closing(sqlite3.connect(kept.folder / "krd.db")) as store, store:
        store.execute(
            "UPDATE samples SET state = 'discarded' WHERE series = 1 AND slot = ?", (_millis(kept, -3),)
        )
    _slower(kept, days_ago=4)

    [part] = kept.krd("backfill", "latency", "--restate", "-o", "json").json

    assert (part["restated"], part["put_aside"]) == (0, 1)


def test_a_query_that_cannot_be_asked_about_the_past_is_refused(world):
    _ask_now(world)
    world.krd("once", "-q")

    told = world.krd("backfill", "latency")

    assert told.code == 2
    assert "use until or as_of" in told.err


def test_a_source_that_refuses_ends_with_1_and_the_store_keeps_what_it_had(holed):
    (holed.folder / "warehouse.db").unlink()
    before = _rows(holed, "samples")

    told = holed.krd("backfill", "latency", "-o", "json")

    assert (told.code, told.json[0]["empty"]) == (1, {"config": 10})
    assert _rows(holed, "samples") == before


def test_a_source_that_is_down_ends_with_4_and_says_so(world, free_port):
    url = f"http://127.0.0.1:{free_port}"
    world.change("config/krd.yaml", "sources:\n", f'sources:\n  prod: {{kind: prometheus, url: "{url}"}}\n')
    world.write("config/okrs/shop.yaml", (world.folder / "config/okrs/shop.yaml").read_text() + DOWN)
    world.krd("once", "-q")

    told = world.krd("backfill", "p95", "-o", "json")

    assert told.code == 4
    assert "nothing listens at 127.0.0.1" in told.json[0]["failure"]
    assert world.krd("audit", "-o", "json").json == []


def test_a_definition_that_krd_never_ran_with_is_refused(kept):
    kept.change("config/okrs/shop.yaml", "SELECT avg(ms)", "SELECT max(ms)")

    told = kept.krd("backfill", "latency")

    assert told.code == 2
    assert "run `krd once`" in told.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("latncy",), "did you mean shop/latency?"),
        (("latency", "--from", "nonsense"), "--from: is written as 2026-11-10"),
        (("latency", "--from", "2026-02-30"), "--from: is written as"),
        (("latency", "--from", "2026-11-03", "--to", "2026-11-01"), "is not before"),
        (("latency", "--from", "2199-01-01"), "lies in the future"),
        (("latency", "--by", " "), "--by: says who you are"),
    ],
)
def test_wrong_words_are_told_before_anything_is_asked(measured, words, said):
    told = measured.krd("backfill", *words)

    assert (told.code, told.out) == (2, "")
    assert said in told.err


def test_the_table_shows_what_was_restated(kept):
    _slower(kept, days_ago=3)

    told = kept.krd("backfill", "latency", "--restate")

    assert " ms → " in told.out
    assert told.out.splitlines()[1].split()[:6] == ["●", "shop/latency", "main", "68", "0", "1"]


def _millis(world, days):
    return int((world.today + timedelta(days=days)).timestamp() * 1000)


def _slower(world, days_ago):
    """Let rows of one day come out 7 ms slower than they did."""
    day = f"{world.today - timedelta(days=days_ago):%Y-%m-%d}%"
    with closing(sqlite3.connect(world.folder / "warehouse.db")) as warehouse, warehouse:
        assert warehouse.execute("UPDATE calls SET ms = ms + 7 WHERE at LIKE ?", (day,)).rowcount == 5


def _ask_now(world):
    query = '"SELECT avg(ms) FROM calls WHERE at >= :since AND at < :until"'
    world.change("config/okrs/shop.yaml", query, '"SELECT avg(ms) FROM calls"')


def _rows(world, what):
    return world.krd("export", "latency", "--what", what, "-o", "json").json


def test_beside_a_krd_that_runs_it_is_recorded_and_the_daemon_goes_on(holed):
    daemon = holed.start("run", KRD_WEB__ENABLED="false")
    try:
        _until_running(daemon)
        _slower(holed, days_ago=20)
        told = holed.krd("backfill", "latency", "--restate", "-o", "json")
        checked = holed.krd("db", "check")
        ended = daemon.poll()
    finally:
        daemon.terminate()
        _, said = daemon.communicate(timeout=40)

    assert (told.code, told.json[0]["restated"], checked.code, ended) == (0, 1, 0, None)
    assert daemon.returncode == 0, said
    assert holed.krd("db", "verify").code == 0


def _until_running(daemon):
    for line in daemon.stderr:
        if "krd" in line:
            return
