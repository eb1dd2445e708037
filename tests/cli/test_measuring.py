"""The verbs that ask sources: try, sources, plan, once. A real warehouse answers."""

import json
import re
import sqlite3
from contextlib import closing

MEAN = "SELECT avg(ms) FROM calls WHERE at >= :since AND at < :until"


def test_try_shows_value_baseline_noise_and_28_days(world):
    told = world.krd("try", "warehouse", MEAN, "--unit", "ms", "-o", "json")

    found = told.json
    assert told.code == 0
    assert found["value"] is not None
    assert len(found["past"]) == 28
    assert [day for day in found["past"] if day["value"] is None] == []
    assert found["baseline"]["kind"] == "measured"
    assert sorted(found["baseline"]["evidence"]["days"]) == ["-1", "-2", "-3", "-4", "-5", "-6", "-7"]
    assert found["noise"] > 0


def test_try_draws_a_gap_as_a_gap_and_not_as_a_zero(world):
    with closing(sqlite3.connect(world.folder / "warehouse.db")) as database, database:
        database.execute(
            "DELETE FROM calls WHERE at >= date('now', '-3 days') AND at < date('now', '-2 days')"
        )

    told = world.krd("try", "warehouse", MEAN)

    line = next(line for line in told.out.splitlines() if line.startswith("28 days"))
    assert line.count("_") == 1
    assert line[-3] == "_"
    assert "27 of 28 days" in told.out


def test_try_says_that_a_query_cannot_answer_for_the_past(world):
    told = world.krd("try", "warehouse", "SELECT count(*) FROM calls", "-o", "json")

    assert told.code == 0
    assert (told.json["value"], told.json["past"], told.json["baseline"]) == (405, [], None)


def test_try_picks_one_of_several_columns(world):
    query = "SELECT min(ms) AS low, max(ms) AS high FROM calls WHERE at < :until"

    several = world.krd("try", "warehouse", query)
    one = world.krd("try", "warehouse", query, "--pick", "value=high", "-o", "json")

    assert several.code == 1
    assert one.code in (0, 1)
    assert one.json["query"] == query


def test_try_refuses_a_pick_that_is_no_pair(world):
    told = world.krd("try", "warehouse", MEAN, "--pick", "service")

    assert told.code == 2
    assert "label=value" in told.err


def test_try_refuses_a_length_that_is_none(world):
    told = world.krd("try", "warehouse", MEAN, "--every", "soon")

    assert told.code == 2
    assert told.err.startswith("krd: --every: ")


def test_try_finds_a_mistake_without_asking(world):
    told = world.krd("try", "warehouse", "SELECT FROM WHERE")

    assert told.code == 1
    assert told.err.startswith("krd: the query has a mistake: 1:")


def test_try_shows_an_answer_with_nothing_in_it_as_no_number(world):
    told = world.krd(
        "try", "warehouse", "SELECT avg(ms) FROM calls WHERE at > :until AND ms < 0", "-o", "json"
    )

    assert told.code == 1
    assert (told.json["value"], told.json["reason"]) == (None, "no_data")


def test_try_ends_with_4_when_the_source_is_not_there(world, free_port):
    _add_dead_source(world, free_port)

    told = world.krd("try", "dead", "up", "-o", "json")

    assert told.code == 4
    assert told.json["reason"] == "transient"


def test_try_knows_the_sources_and_names_the_nearest(world):
    told = world.krd("try", "warehuose", MEAN)

    assert told.code == 2
    assert "did you mean warehouse?" in told.err


def test_sources_are_listed_with_what_stands_behind_them(world):
    assert world.krd("sources", "list", "-o", "json").json == [
        {"name": "warehouse", "kind": "sql", "owner": "li", "key_results": 3}
    ]


def test_sources_that_answer_are_checked_well(world):
    told = world.krd("sources", "check", "-o", "json")

    [found] = told.json
    assert told.code == 0
    assert (found["name"], found["ok"]) == ("warehouse", True)
    assert found["version"]


def test_a_source_that_cannot_be_reached_ends_the_check_with_4(world, free_port):
    _add_dead_source(world, free_port)

    told = world.krd("sources", "check", "-o", "jsonl")

    found = {one["name"]: one["ok"] for one in map(json.loads, told.out.splitlines())}
    assert told.code == 4
    assert found == {"dead": False, "warehouse": True}


def test_a_secret_that_is_missing_is_named_and_not_shown(world):
    world.change("config/krd.yaml", "sources:\n", "sources:\n  far: {kind: sql, url: {env: FAR_URL}}\n")

    told = world.krd("sources", "check", "far", "-o", "json")

    assert told.code == 4
    assert "FAR_URL" in told.json[0]["message"]


def test_plan_without_a_store_shows_everything_as_new_and_makes_none(world):
    told = world.krd("plan", "-o", "json")

    found = {one["address"]: one for one in told.json["key_results"]}
    assert told.code == 0
    assert [one["change"] for one in found.values()] == ["new", "new", "new"]
    assert found["shop/latency"]["value"] is not None
    assert (found["shop/latency"]["baseline"], found["shop/latency"]["target"]) == (100, 50)
    assert (found["shop/slow"]["baseline_kind"], found["shop/slow"]["target"]) == ("measured", 30)
    assert list(world.folder.glob("krd.db*")) == []


def test_plan_compares_with_the_store_and_writes_nothing(kept):
    before = _everything(kept)
    kept.change("config/okrs/shop.yaml", "to: 50", "to: 40")
    kept.change("config/okrs/shop.yaml", "SELECT sum(bought)", "SELECT total(bought)")
    kept.change("config/okrs/shop.yaml", "id: calls", "id: more-calls")

    told = kept.krd("plan", "-o", "json")

    changes = {one["address"]: one["change"] for one in told.json["key_results"]}
    assert told.code == 0
    assert changes == {
        "shop/latency": "promise changed",
        "shop/slow": "measure changed",
        "shop/more-calls": "new",
    }
    assert told.json["gone"] == ["now:shop/calls"]
    assert _everything(kept) == before


def test_plan_ends_with_1_when_a_binding_fails_and_shows_the_others(world):
    world.change("config/okrs/shop.yaml", "SELECT avg(ms)", "SELECT avg(msec)")

    told = world.krd("plan")

    assert told.code == 1
    assert any(line.startswith("!") and "bad query" in line for line in told.out.splitlines())
    assert "200 calls" in told.out or "205 calls" in told.out
    assert told.out.endswith("1 of 3 failed. Nothing was written.\n")


def test_plan_does_not_fail_for_an_answer_with_nothing_in_it(world):
    world.change(
        "config/okrs/shop.yaml",
        "SELECT avg(ms) FROM calls WHERE",
        "SELECT avg(ms) FROM calls WHERE ms < 0 AND",
    )

    told = world.krd("plan", "-o", "json")

    assert told.code == 0
    assert told.json["key_results"][0]["reason"] == "no_data"


def test_plan_as_markdown_is_one_table_in_which_titles_stay_text(world):
    world.change("config/okrs/shop.yaml", "unit: calls", 'unit: "@all <b>|"')

    told = world.krd("plan", "-o", "md")

    rows = [line for line in told.out.splitlines() if line.startswith("|")]
    assert told.code == 0
    assert len(rows) == 5
    assert "<b>" not in told.out
    assert "@all" not in told.out
    assert "\\|" in told.out


def test_once_reads_judges_and_ends(measured):
    told = measured.krd("once", "-o", "json")

    found = {one["address"]: one for one in told.json["key_results"]}
    assert told.code == 0
    assert sorted(found) == ["shop/calls", "shop/latency", "shop/slow"]
    assert found["shop/latency"]["value"] is not None
    assert found["shop/latency"]["sentence"].startswith("Day 40 of 91, ")


def test_once_counts_what_was_read_and_what_failed(world):
    world.change("config/okrs/shop.yaml", "SELECT avg(ms)", "SELECT avg(nothing)")
    failed = world.krd("once").out
    for file in world.folder.glob("warehouse*"):
        file.unlink()
    down = world.krd("once").out

    assert re.search(r"^2 read, 1 failed, \d+ healed, \d+ sent$", failed, re.MULTILINE)
    assert re.search(r"^0 read, 3 failed, 0 healed, \d+ sent$", down, re.MULTILINE)


def test_once_reads_only_what_was_named(world):
    told = world.krd("once", "latency", "-o", "json")

    assert told.code == 0
    assert [one["address"] for one in told.json["key_results"]] == ["shop/latency"]


def test_once_ends_with_4_when_a_source_is_not_there(world, free_port):
    _add_dead_source(world, free_port)
    world.change(
        "config/okrs/shop.yaml",
        f'{{source: warehouse, unit: ms, every: 1d, query: "{MEAN}"}}',
        "{source: dead, query: up}",
    )

    told = world.krd("once", "-o", "json")

    reasons = {one["address"]: one["reason"] for one in told.json["key_results"]}
    assert told.code == 4
    assert reasons == {"shop/latency": "transient", "shop/slow": None, "shop/calls": None}


def test_once_ends_with_1_when_a_question_is_refused(world):
    world.change("config/okrs/shop.yaml", "SELECT avg(ms)", "SELECT avg(msec)")

    assert world.krd("once").code == 1


def test_once_names_the_nearest_when_there_is_no_such_key_result(world):
    told = world.krd("once", "latecny")

    assert told.code == 2
    assert told.err == "krd: there is no key result 'latecny'; did you mean shop/latency?\n"


def _add_dead_source(world, port):
    url = f"http://127.0.0.1:{port}"
    world.change("config/krd.yaml", "sources:\n", f'sources:\n  dead: {{kind: prometheus, url: "{url}"}}\n')


def _everything(world):
    """Give every row of the store."""
    with closing(sqlite3.connect(world.folder / "krd.db")) as store:
        return "\n".join(store.iterdump())
