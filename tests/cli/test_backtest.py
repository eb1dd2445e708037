"""`krd backtest`: replayed days in every form, drawn in every width, summed up where it is over, and refused where it cannot be."""

import csv
import io
import json
import re
import sqlite3
from contextlib import closing
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest

LINES = "┤└"


@pytest.fixture(scope="module")
def over(open_world, furnish):
    """A world whose cycle is over, with one promise kept and two missed. Shared: do not change it."""
    world = open_world()
    furnish(world)
    text = (world.folder / "config/krd.yaml").read_text()
    starts, ends = (f"{world.today - timedelta(days=days):%Y-%m-%d}" for days in (45, 5))
    dates = f"{{id: now, starts: {starts}, ends: {ends}}}"
    world.write("config/krd.yaml", re.sub(r"\{id: now, .*?\}", dates, text))
    world.change("config/okrs/shop.yaml", "at_least: 300", "at_least: 150")
    done = world.krd("once", "-q")
    assert done.code == 0, done.err
    return world


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def chart(text):
    return [line for line in text.splitlines() if any(mark in line for mark in LINES)]


def test_all_are_replayed_in_the_order_of_the_files_when_none_is_named(measured):
    told = measured.krd("backtest")

    names = [line.split()[1] for line in told.out.splitlines() if "shop/" in line]
    assert (told.code, names) == (0, ["shop/latency", "shop/slow", "shop/calls"])
    assert chart(told.out) == []


def test_what_is_open_is_counted_apart_and_has_no_precision(measured):
    told = measured.krd("backtest").out

    assert "Undecided: 3 key results, 1 with an alert on." in told
    assert "Precision" not in told


def test_it_says_what_it_cannot_know(measured):
    told = " ".join(measured.krd("backtest").out.split())

    for part in ("restated numbers are in from the start", "Definitions, baselines", "Outages, guardrails"):
        assert part in told


def test_a_named_one_is_drawn_with_its_lines_and_its_alert(measured):
    told = measured.krd("backtest", "slow")

    lines = chart(told.out)
    alert = next(line for line in told.out.splitlines() if line.startswith("alert"))
    assert [line.split()[0] for line in lines if "┈" in line and re.match(r" *0\.\d\d ", line)] == [
        "0.70",
        "0.20",
    ]
    assert set(alert.replace("alert", "").strip()) == {"▲", "━"}
    assert "Alert 1: raised with" in told.out
    assert "still on." in " ".join(told.out.split())


@pytest.mark.parametrize("width", [40, 57, 80, 120, 200])
def test_the_charts_fit_the_terminal(measured, width):
    told = measured.krd("backtest", "slow", "calls", COLUMNS=str(width)).out

    drawn = told.partition("   key result")[0].splitlines()
    assert max(map(len, drawn)) <= width
    assert chart(told)


def test_a_very_narrow_terminal_still_has_a_chart(measured):
    assert chart(measured.krd("backtest", "slow", COLUMNS="20").out)


def test_a_wide_terminal_draws_p_of_each_beside_its_name(measured):
    told = measured.krd("backtest", COLUMNS="140").out

    latency = next(line for line in told.splitlines() if "shop/latency" in line)
    assert "P over the days" in told
    assert re.search(r"[▁▂▃▄▅▆▇█_]{40}", latency)


def test_nothing_is_coloured_where_it_is_not_wanted(measured):
    assert "\x1b" not in measured.krd("backtest", "slow", "--compare", "--no-color").out


def test_as_json_it_has_everything_and_every_day(measured):
    told = measured.krd("backtest", "slow", "-o", "json").json

    [one] = told["key_results"]
    assert one["policy"] == {"off_track": 0.2, "on_track": 0.7, "days": 3, "back": 7}
    assert [day["day"] for day in one["course"]] == list(range(1, 41))
    assert (one["alerts"], one["flaps"], one["on"], one["kept"]) == (1, 0, True, None)
    assert one["raised"][0]["weeks_before_close"] == pytest.approx((91 - one["first_alert"]) / 7)
    assert len(told["cannot_know"]) == 3


def test_the_last_day_stands_where_status_says_it_does(measured):
    told = {one["address"]: one for one in measured.krd("backtest", "-o", "json").json["key_results"]}

    for one in measured.krd("status", "-o", "json").json:
        last = told[one["address"]]["course"][-1]
        assert (last["day"], last["status"]) == (one["day"], one["status"])
        assert last["p_hit"] == pytest.approx(one["forecast"]["p_hit"])


def test_rows_are_key_results_alerts_or_days(measured):
    lines = [json.loads(line) for line in measured.krd("backtest", "-o", "jsonl").out.splitlines()]
    alerts = rows(measured.krd("backtest", "--rows", "alerts", "-o", "csv").out)
    days = rows(measured.krd("backtest", "slow", "--rows", "days", "-o", "csv").out)

    assert [one["address"] for one in lines] == ["shop/latency", "shop/slow", "shop/calls"]
    assert [one["address"] for one in alerts] == ["shop/slow"]
    assert [int(one["day"]) for one in days] == list(range(1, 41))
    assert float(days[-1]["p_hit"]) == lines[1]["p_hit"]


def test_as_markdown_the_chart_is_a_block_of_text(measured):
    told = measured.krd("backtest", "slow", "--compare", "-o", "md").out

    assert "### ■ Raise conversion from 2 % to 30 %" in told
    assert told.count("```") == 2
    assert "| 0.05 / 0.35 |" in told


def test_the_lines_that_are_asked_for_hold_for_all(measured):
    told = measured.krd(
        "backtest", "--off-track", "98%", "--on-track", ".985", "--days", "2", "--back", "3", "-o", "json"
    ).json

    policies = [one["policy"] for one in told["key_results"]]
    assert policies == [{"off_track": 0.98, "on_track": 0.985, "days": 2, "back": 3}] * 3
    assert told["summary"]["alerted"] >= 2


def test_a_policy_of_the_files_is_the_one_that_is_played(kept):
    text = (kept.folder / "config/krd.yaml").read_text()
    kept.write("config/krd.yaml", f"{text}drift:\n  committed: {{off_track: 0.1, days: 5}}\n")

    told = kept.krd("backtest", "latency", "-o", "json").json

    assert told["key_results"][0]["policy"] == {"off_track": 0.1, "on_track": 0.7, "days": 5, "back": 7}


def test_the_usual_lines_stand_beside_the_own_ones(measured):
    told = measured.krd("backtest", "slow", "--compare").out

    below = told.partition("off / on track")[2].splitlines()[1:7]
    assert [line[:11] for line in below] == [
        "0.20 / 0.70",
        "0.05 / 0.35",
        "0.10 / 0.40",
        "0.15 / 0.45",
        "0.20 / 0.50",
        "0.30 / 0.60",
    ]
    assert "(played)" in below[0]


def test_compared_rows_name_the_lines_they_are_of(measured):
    found = rows(measured.krd("backtest", "slow", "--compare", "-o", "csv").out)

    assert [one["off_track"] for one in found] == ["0.2", "0.05", "0.1", "0.15", "0.2", "0.3"]


def test_of_what_is_over_it_tells_how_many_alerts_were_right_and_how_early(over):
    told = over.krd("backtest").out
    summary = over.krd("backtest", "-o", "json").json["summary"]

    assert "Over: 3 key results, 2 missed, 1 achieved." in told
    assert (summary["missed"], summary["kept"], summary["undecided"]) == (2, 1, 0)
    assert summary["recall"] == 1.0
    assert f"Precision {summary['precision'] * 100:.0f} %" in told
    assert "fewer than 20 key results say little" in " ".join(told.split())


def test_a_miss_has_its_day_and_the_weeks_by_which_it_was_told(over):
    found = {one["address"]: one for one in rows(over.krd("backtest", "-o", "csv").out)}

    slow = found["shop/slow"]
    assert (slow["kept"], slow["missed_on"], slow["told"]) == ("False", "41", "True")
    assert float(slow["lead_weeks"]) == pytest.approx((41 - int(slow["first_alert"])) / 7)
    assert found["shop/calls"]["lead_weeks"] == ""


def test_the_comparison_of_what_is_over_has_precision_and_recall(over):
    told = over.krd("backtest", "--compare").out

    assert "precision  recall  median lead  false alarms" in told


def test_one_cycle_is_replayed_alone(measured):
    assert measured.krd("backtest", "--cycle", "now").code == 0
    refused = measured.krd("backtest", "--cycle", "nwo")

    assert (refused.code, refused.out) == (2, "")
    assert "did you mean now?" in refused.err


def test_the_drawing_is_whole_and_says_when_the_alert_was(measured, tmp_path):
    file = tmp_path / "slow.svg"

    told = measured.krd("backtest", "slow", "--svg", str(file))

    texts = [
        one.text for one in ET.fromstring(file.read_text("utf-8")).iter() if one.text and one.text.strip()
    ]
    assert told.code == 0
    assert "P(hit) of Raise conversion from 2 % to 30 %" in texts
    assert any(text.startswith("alert ") for text in texts)


def test_a_hostile_title_is_text_in_the_drawing(world, tmp_path):
    world.change("config/okrs/shop.yaml", "title: Raise conversion from", 'title: "<script>&x</script>')
    text = (world.folder / "config/okrs/shop.yaml").read_text()
    world.write("config/okrs/shop.yaml", text.replace("</script> 2 % to 30 %", '</script> 2 % to 30 %"'))
    world.krd("once", "-q")

    world.krd("backtest", "slow", "--svg", str(tmp_path / "x.svg"))

    drawn = (tmp_path / "x.svg").read_text("utf-8")
    assert "<script>" not in drawn
    assert ET.fromstring(drawn).tag.endswith("svg")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("slwo",), "did you mean shop/slow?"),
        (("--off-track", "0"), "--off-track: is a probability between 0 and 1 such as .20, got 0"),
        (("--on-track", "1"), "--on-track: is a probability"),
        (("--off-track", "nan"), "--off-track: is a probability"),
        (("--days", "0"), "--days: is a number of days in a row, 1 to 31, got 0"),
        (("--back", "32"), "--back: is a number of days in a row"),
        (("--off-track", ".6", "--on-track", ".5"), "--off-track 0.6 is not below --on-track 0.5: say both"),
        (("latency", "--off-track", ".8"), "--on-track 0.7, which is the policy of shop/latency"),
        (("--rows", "days"), "--rows goes with -o jsonl and -o csv"),
        (("--svg", "x.svg"), "these are 3: name one"),
        (("slow", "--svg", "no/such/folder.svg"), "cannot be written"),
        (("--off-track", "low"), "--off-track: is a probability between 0 and 1 such as .20, got low"),
        (("--on-track", "150%"), "--on-track: is a probability between 0 and 1 such as .20, got 150%"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_printed(measured, words, said):
    told = measured.krd("backtest", *words)

    assert (told.code, told.out) == (2, "")
    assert said in told.err


def test_without_any_stored_day_it_says_how_to_get_them(world):
    world.krd("once", "-q")
    with closing(sqlite3.connect(world.folder / "krd.db")) as store, store:
        store.execute("DELETE FROM days")

    told = world.krd("backtest", "slow")

    assert (told.code, told.out) == (2, "")
    assert (
        "shop/slow: no day of it is kept: `krd once` reads it, `krd backfill shop/slow` its past" in told.err
    )


@pytest.mark.parametrize("form", ["table", "json", "jsonl", "csv", "md"])
def test_a_cycle_that_has_not_begun_is_no_mistake(kept, form):
    starts, ends = (f"{kept.today + timedelta(days=days):%Y-%m-%d}" for days in (5, 90))
    text = (kept.folder / "config/krd.yaml").read_text()
    dates = f"{{id: now, starts: {starts}, ends: {ends}}}"
    kept.write("config/krd.yaml", re.sub(r"\{id: now, .*?\}", dates, text))

    told = kept.krd("backtest", "slow", "--compare", "-o", form)

    assert told.code == 0
    assert form in ("jsonl", "csv") or "its cycle has not begun" in told.out


def test_one_that_was_never_read_is_left_out_and_told(world):
    world.krd("once", "-q")
    world.change("config/okrs/shop.yaml", "id: calls", "id: new-calls")

    told = world.krd("backtest")

    assert told.code == 0
    assert "Not replayed: now:shop/new-calls: no day of it is kept" in " ".join(told.out.split())


def test_where_no_store_is_nothing_is_made(world):
    told = world.krd("backtest")

    assert told.code == 1
    assert "there is no store" in told.err
    assert not (world.folder / "krd.db").exists()


def test_it_runs_while_another_holds_the_lock_of_writers(measured):
    with closing(sqlite3.connect(measured.folder / "krd.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        told = measured.krd("backtest", "slow")
        other.execute("ROLLBACK")

    assert told.code == 0
