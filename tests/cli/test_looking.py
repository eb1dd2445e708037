"""The verbs that look at the store: status, show, explain, brief; in every form, with hostile texts."""

import csv
import io
import json
import re
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from collector.domain.forecasting.launches import PRIOR


def test_status_judges_for_this_instant_and_shows_the_way(measured):
    told = measured.krd("status")

    latency = next(line for line in told.out.splitlines() if " latency " in line)
    assert told.code == 0
    assert "100 → 50 ms" in latency
    assert latency.startswith(("●", "▲", "■"))
    assert any(block in latency for block in "▁▂▃▄▅▆▇█")


def test_status_as_json_has_the_keys_of_the_api(measured):
    told = measured.krd("status", "-o", "json")

    first = told.json[0]
    assert (first["address"], first["cycle"], first["status"] != "") == ("shop/latency", "now", True)
    assert first["sentence"].startswith("Day 40 of 91, ")


def test_status_as_json_lines_and_csv_has_a_row_each(measured):
    lines = [json.loads(line) for line in measured.krd("status", "-o", "jsonl").out.splitlines()]
    rows = list(csv.DictReader(io.StringIO(measured.krd("status", "-o", "csv").out)))

    addresses = ["shop/latency", "shop/slow", "shop/calls"]
    assert [line["address"] for line in lines] == addresses
    assert [row["address"] for row in rows] == addresses
    assert float(rows[0]["level"]) == lines[0]["level"]


@pytest.mark.parametrize("form", ["json", "jsonl", "csv", "md"])
def test_logs_never_mix_with_the_result(measured, form):
    told = measured.krd("status", "-o", form, "-vv")

    assert '"event"' not in told.out
    if form == "json":
        assert len(told.json) == 3


@pytest.mark.parametrize(
    ("words", "addresses"),
    [
        (("--team", "shop", "--owner", "sam"), ["shop/slow", "shop/calls"]),
        (("--cycle", "now", "--owner", "li"), ["shop/latency"]),
        (("--team", "crew"), []),
    ],
)
def test_status_shows_only_what_is_asked_for(measured, words, addresses):
    assert [one["address"] for one in measured.krd("status", *words, "-o", "json").json] == addresses


def test_status_refuses_a_team_that_is_not_there(measured):
    told = measured.krd("status", "--team", "shpo")

    assert told.code == 2
    assert "did you mean shop?" in told.err


def test_status_ends_with_3_for_a_script_when_one_is_behind(measured):
    assert measured.krd("status").code == 0
    assert measured.krd("status", "--exit-code").code == 3


def test_status_ends_with_0_for_a_script_when_all_is_well(measured):
    told = measured.krd("status", "--owner", "li", "-o", "json", "--exit-code")

    expected = 3 if told.json[0]["status"] in ("at_risk", "off_track") else 0
    assert told.code == expected


def test_data_that_went_stale_freezes_the_status_and_outweighs_a_bad_one(kept):
    _age(kept, days=5)

    told = kept.krd("status", "--exit-code")

    latency = next(line for line in told.out.splitlines() if " latency " in line)
    assert told.code == 4
    assert latency.startswith("◌")
    assert "as of 5 days ago" in latency
    assert "stale, 5 days" in latency


def test_what_was_never_read_is_not_green(kept):
    kept.change("config/okrs/shop.yaml", "id: calls", "id: new-calls")

    told = kept.krd("status", "--exit-code")

    assert any(line.startswith("◌  new-calls") for line in told.out.splitlines())
    assert told.code == 4


def test_show_tells_everything_of_one(measured):
    told = measured.krd("show", "latency")

    for part in (
        "config/okrs/shop.yaml:",
        "SELECT avg(ms)",
        "the author's word",
        "attempted",
        "data as of",
        "milliseconds",
    ):
        assert part in told.out
    assert told.code == 0


def test_show_as_json_holds_evidence_and_three_times(measured):
    found = measured.krd("show", "shop/slow", "-o", "json").json

    assert found["baseline_evidence"]["kind"] == "measured"
    assert found["newest"]["den"] == 5
    assert found["newest"]["evidence"]["rows"] == 1
    assert None not in (found["attempted"], found["succeeded"], found["as_of"])
    assert len(found["days_kept"]) == 28


def test_show_takes_an_end_of_the_address_and_refuses_what_may_be_several(kept):
    other = (kept.folder / "config/okrs/shop.yaml").read_text()
    crew = other.replace("team: shop", "team: crew").replace("id: quick", "id: swift")
    kept.write("config/okrs/crew.yaml", crew)

    told = kept.krd("show", "latency")

    assert told.code == 2
    assert "now:crew/latency or now:shop/latency" in told.err
    assert kept.krd("show", "crew/latency").code == 0


def test_of_equal_addresses_the_one_of_the_active_cycle_is_meant(world):
    before = "{id: before, starts: 2020-01-01, ends: 2020-03-31}, {id: now"
    world.change("config/krd.yaml", "{id: now", before)
    text = (world.folder / "config/okrs/shop.yaml").read_text()
    world.write(
        "config/okrs/before.yaml",
        text.replace("cycle: now", "cycle: before").replace("id: quick", "id: swift"),
    )
    world.krd("once", "now:shop/latency")

    assert world.krd("show", "shop/latency", "-o", "json").json["cycle"] == "now"
    assert world.krd("show", "before:shop/latency", "-o", "json").json["cycle"] == "before"


def test_explain_lays_the_arithmetic_out(measured):
    told = measured.krd("explain", "latency", "-o", "json")

    steps = {one["step"]: one for one in told.json["steps"]}
    assert told.code == 0
    assert steps["progress"]["how"].endswith("− 100) / (50 − 100)")
    assert steps["level"]["how"] == "mean of 7 of the last 7 days"
    assert sum(1 for name in steps if name.startswith("· ")) == 7
    assert steps["expected"]["how"] == "linear over 91 days, after 40"
    assert {"P(hit)", "lands at", "needed", "coverage", "low days"} <= set(steps)


def test_explain_shows_what_the_forecast_of_a_level_is_made_of(measured):
    told = measured.krd("explain", "latency", "-o", "json").json
    steps = {one["step"]: one for one in told["steps"]}
    ahead = told["forecast"]

    assert (steps["scale"]["value"], steps["belief in the plan"]["value"]) == ("log", "1.2")
    assert {"level now", "weekdays", "wanders", "undeclared launch", "days to come", "noise of a day"} <= set(
        steps
    )
    assert steps["must average"]["value"] == "50 ms"
    assert steps["P100"]["value"] == steps["P(hit)"]["value"] == f"{ahead['p_full']:.2f}"
    assert steps["P70"]["value"] == f"{ahead['p_most']:.2f}"
    assert steps["P(hit)"]["how"] == "P100: it is committed"
    assert steps["policy"]["value"] == "0.20 / 0.70"
    assert "there by" in steps


def test_explain_says_what_is_believed_of_a_launch_that_is_to_come(world):
    ahead = (world.today + timedelta(days=10)).date()
    world.change(
        "config/okrs/shop.yaml",
        "        to: 50\n",
        f"        to: 50\n        launches: [{{on: {ahead}, expect: 30%}}]\n",
    )
    world.krd("once")

    steps = {one["step"]: one for one in world.krd("explain", "latency", "-o", "json").json["steps"]}
    [launch] = [one for name, one in steps.items() if name.startswith("launch ")]

    assert launch["value"] == "30 %"
    as_declared, late, not_at_all = (f"{PRIOR[name]:.2f}" for name in ("as declared", "late", "nothing"))
    assert float(steps["launches come"]["value"]) == pytest.approx(float(as_declared) + float(late))
    assert (
        f"as declared {as_declared}, 14 days late {late}, not at all {not_at_all}"
        in steps["launches come"]["how"]
    )
    assert "undeclared launch" not in steps
    assert "by launches" in steps["drift of a day"]["how"]


def test_explain_shows_both_ways_in_which_a_count_is_foreseen(measured):
    steps = {one["step"]: one for one in measured.krd("explain", "calls", "-o", "json").json["steps"]}

    assert {"rate of a day", "dispersion", "still to come", "still needed", "P by rate", "P by trend"} <= set(
        steps
    )
    assert steps["P(hit)"]["how"].startswith("P70: it is aspirational")


def test_show_tells_where_it_lands_and_when_it_is_there(measured):
    told = measured.krd("show", "latency").out

    assert re.search(r"lands at +[\d.]+ ms; 50 %: [\d.]+ ms to [\d.]+ ms; 90 %: [\d.]+ ms to [\d.]+ ms", told)
    assert re.search(r"P100, P70 +0\.\d\d, 0\.\d\d", told)
    assert re.search(r"there by +\d+ \w+", told)


def test_a_row_of_the_status_holds_both_probabilities_and_both_ranges(measured):
    lines = measured.krd("status", "-o", "jsonl").out.splitlines()
    [row] = [one for one in map(json.loads, lines) if one["address"] == "shop/latency"]

    assert row["p_hit"] == row["p_full"] < row["p_most"]
    assert row["wide_low"] < row["likely_low"] < row["landing"] < row["likely_high"] < row["wide_high"]
    assert 40 <= row["crosses"] < 91


def test_explain_names_the_days_of_a_measured_baseline(measured):
    told = measured.krd("explain", "slow", "-o", "csv")

    assert told.out.count("a day before the cycle") == 7
    assert "all numerators / all denominators" in told.out


def test_explain_says_why_there_is_no_verdict(kept):
    kept.change("config/okrs/shop.yaml", "id: calls", "id: new-calls")

    told = kept.krd("explain", "new-calls", "-o", "json")

    assert [one["step"] for one in told.json["steps"]] == ["verdict"]


def test_brief_sorts_what_needs_a_decision_first(measured):
    told = measured.krd("brief", "shop", "-o", "json")

    [sheet] = told.json
    rows = [row["address"] for part in ("decide", "watch", "unfit") for row in sheet[part]]
    assert told.code == 0
    assert sorted(rows) == ["shop/calls", "shop/latency", "shop/slow"]
    assert all(row["status"] == "off_track" for row in sheet["decide"])


def test_a_brief_is_sent_once_a_sync(kept):
    first = kept.krd("brief", "shop", "--send", "-o", "json")
    second = kept.krd("brief", "shop", "--send", "-o", "json")

    assert (first.code, first.json) == (
        0,
        [{"team": "shop", "notifier": "terminal", "delivered": True, "reason": None}],
    )
    assert "Results progress" in first.err
    assert (second.code, [one["delivered"] for one in second.json]) == (0, [None])
    assert "was sent, or missed, before" in second.json[0]["reason"]


@pytest.fixture(scope="module")
def several(open_world, furnish):
    """Give a world with a draft named first, and two teams of which the second meets earlier."""
    world = open_world()
    furnish(world)
    starts, ends = (f"{world.today + timedelta(days=days):%Y-%m-%d}" for days in (51, 140))
    draft = f"{{id: draft, starts: {starts}, ends: {ends}}}"
    tomorrow = f"{world.today + timedelta(days=1):%A}".lower()
    later = f"{world.today + timedelta(days=3):%A}".lower()
    world.change("config/krd.yaml", "every: monday 10:00", f"every: {later} 10:00")
    world.change("config/krd.yaml", "cycles: [", f"cycles: [{draft}, ")
    world.change(
        "config/krd.yaml", "crew: {lead: sam}", f"crew: {{lead: sam, sync: {{every: {tomorrow} 10:00}}}}"
    )
    okrs = (world.folder / "config/okrs/shop.yaml").read_text()
    world.write("config/okrs/a.yaml", okrs.replace("cycle: now", "cycle: draft"))
    world.write(
        "config/okrs/z.yaml", okrs.replace("team: shop", "team: crew").replace("SELECT ", "SELECT 0 + ")
    )
    assert world.krd("once", "-q").code == 0
    return world


def test_the_next_sync_comes_first_and_drafts_are_left_out(several):
    told = several.krd("brief", "-o", "json").json

    assert [(one["team"], one["cycle"]) for one in told] == [("crew", "now"), ("shop", "now")]
    assert [one["sync"] for one in told] == sorted(one["sync"] for one in told)


def test_a_draft_is_told_of_when_its_cycle_is_named(several):
    told = several.krd("brief", "--cycle", "draft", "-o", "json").json

    assert [(one["team"], one["cycle"]) for one in told] == [("shop", "draft")]


def test_an_unknown_cycle_has_no_brief(several):
    told = several.krd("brief", "--cycle", "drft")

    assert (told.code, told.out) == (2, "")
    assert "there is no cycle 'drft'; did you mean draft?" in told.err


def test_hostile_titles_stay_text_in_every_form(world):
    hostile = "=cmd() | <script> @here `x` *y*"
    world.change("config/okrs/shop.yaml", "title: Cut latency from 100 ms to 50 ms", f'title: "{hostile}"')
    world.change("config/okrs/shop.yaml", "title: Be quick", f'title: "{hostile}"')
    world.krd("once")

    csv_rows = list(csv.DictReader(io.StringIO(world.krd("status", "-o", "csv").out)))
    pages = [
        world.krd(*verb.split(), "-o", "md")
        for verb in ("status", "brief", "show latency", "explain latency")
    ]

    assert csv_rows[0]["title"] == f"'{hostile}"
    assert world.krd("status", "-o", "json").json[0]["title"] == hostile
    for page in pages:
        assert page.code == 0
        assert "&lt;script&gt;" in page.out or "\\<script\\>" in page.out
        assert not re.search(r"(?<!\\)<script", page.out)
        assert "@here" not in page.out
        assert "\\`x\\` \\*y\\*" in page.out


def test_a_pipe_gets_no_colours(measured):
    assert "\x1b" not in measured.krd("status").out


def _age(world, days):
    """Move everything that is known into the past, as if krd had not run since."""
    with closing(sqlite3.connect(world.folder / "krd.db")) as store, store:
        columns = [row[1] for row in store.execute("PRAGMA table_info(currents)")]
        assert {"attempted", "succeeded", "as_of", "slot"} <= set(columns)
        for column in ("attempted", "succeeded", "as_of", "slot"):
            store.execute(f"UPDATE currents SET {column} = {column} - ?", (days * 86_400 * 1_000,))


def test_a_long_list_of_names_says_how_many_are_left_out(world):
    more = "".join(
        f"      - {{id: more-{n}, title: More, owner: li, commitment: committed, "
        f'measure: {{source: warehouse, every: 1d, query: "SELECT {n}"}}, from: 1, to: 2}}\n'
        for n in range(12)
    )
    world.write("config/okrs/shop.yaml", (world.folder / "config/okrs/shop.yaml").read_text() + more)

    told = world.krd("once", "foo-bar")

    assert told.code == 2
    assert "there is no key result 'foo-bar'; there is shop/latency, " in told.err
    assert told.err.strip().endswith("shop/more-4 and 7 more")


def test_the_evidence_of_a_ratio_says_whose_question_it_is(measured):
    told = measured.krd("show", "slow").out

    assert "numerator / denominator" in told
    assert "numerator: query" in told
    assert "denominator: query" in told
    assert "query_1" not in told
