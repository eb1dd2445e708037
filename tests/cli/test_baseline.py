"""`krd baseline`: shown with its evidence, taken anew with a reason, frozen."""

import json
import sqlite3
from contextlib import closing

import pytest


@pytest.fixture
def moved(kept):
    """A world whose stored days before the cycle are others than the ones the baseline was taken from."""
    with closing(sqlite3.connect(kept.folder / "krd.db")) as store, store:
        [series] = store.execute("SELECT id FROM series WHERE key_result = 2").fetchone()
        assert (
            store.execute("UPDATE days SET value = 10 WHERE series = ? AND day < 0", (series,)).rowcount == 28
        )
    return kept


def test_a_measured_baseline_shows_its_days(measured):
    told = measured.krd("baseline", "slow")

    assert told.code == 0
    assert "measured: the median of the days before the cycle" in told.out
    assert told.out.count("· ") == 7
    assert "it is frozen" in told.out


def test_as_json_it_is_the_stored_document(measured):
    found = measured.krd("baseline", "slow", "-o", "json").json

    assert (found["kind"], found["provisional"], found["was"]) == ("measured", False, None)
    assert len(found["evidence"]["days"]) == 7


def test_a_typed_baseline_is_the_authors_word(measured):
    assert "the author's word" in measured.krd("baseline", "latency").out


def test_a_total_has_none_and_says_so(measured):
    told = measured.krd("baseline", "calls")

    assert told.code == 0
    assert "judged without one" in told.out


@pytest.mark.parametrize("promise", ["total: {at_least: 300}", "to: 300"])
def test_what_no_cycle_before_tells_is_said_as_it_is(world, promise):
    world.change("config/okrs/shop.yaml", "total: {at_least: 300}", f"from: last_cycle\n        {promise}")
    world.krd("once", "-q")

    told = world.krd("baseline", "calls")

    assert told.code == 0
    assert "no cycle that was over before this one has a level of shop/calls" in told.out
    assert "without one" not in told.out
    assert "days before" not in told.out


def test_explaining_a_reach_says_the_same_of_a_last_cycle(world):
    world.change("config/okrs/shop.yaml", "from: 100", "from: last_cycle")
    world.krd("once", "-q")

    told = world.krd("explain", "latency").out

    assert "no cycle that was over before this one has a level of shop/latency" in told
    assert "taken from the days before" not in told


def test_a_from_that_was_taken_out_is_told_no_more(world):
    world.change(
        "config/okrs/shop.yaml", "total: {at_least: 300}", "from: 300\n        total: {at_most: 400}"
    )
    world.krd("once", "-q")
    assert world.krd("baseline", "calls", "-o", "json").json["value"] == 300
    assert world.krd("show", "calls", "-o", "json").json["baseline"] == 300

    world.change("config/okrs/shop.yaml", "from: 300\n        total", "total")

    assert world.krd("baseline", "calls", "-o", "json").json["value"] is None
    world.krd("once", "-q")
    assert "judged without one" in world.krd("baseline", "calls").out
    assert world.krd("show", "calls", "-o", "json").json["baseline_evidence"] is None


def test_taking_it_again_reads_the_stored_days_and_judges_by_it(moved):
    before = moved.krd("show", "slow", "-o", "json").json

    told = moved.krd("baseline", "slow", "--again", "--why", "the days were read again", "-o", "json")

    after = moved.krd("show", "slow", "-o", "json").json
    assert (told.code, told.json["was"]["value"], told.json["value"]) == (0, before["baseline"], 10)
    assert (before["baseline"], after["baseline"]) == (told.json["was"]["value"], 10)


def test_taking_it_again_is_in_the_audit_log_with_the_reason(moved):
    moved.krd("baseline", "slow", "--again", "--why", "the days were read again", "--by", "li")

    [line] = moved.krd("audit", "slow", "-o", "json").json
    assert (line["actor"], line["action"], line["detail"]["why"]) == (
        "li",
        "baseline",
        "the days were read again",
    )
    assert (line["detail"]["was"]["kind"], line["detail"]["now"]["value"]) == ("measured", 10)


def test_a_later_pass_keeps_the_baseline_that_was_taken_again(moved):
    moved.krd("baseline", "slow", "--again", "--why", "the days were read again")
    moved.krd("once", "-q")

    assert moved.krd("baseline", "slow", "-o", "json").json["value"] == 10


def test_a_provisional_one_can_be_frozen_by_hand(kept):
    _make_provisional(kept)

    told = kept.krd("baseline", "slow", "--freeze", "-o", "json")

    assert (told.code, told.json["was"]["provisional"], told.json["provisional"]) == (0, True, False)
    assert kept.krd("audit", "-o", "json").json[0]["detail"]["how"] == "freeze"


def test_freezing_what_is_frozen_changes_nothing(kept):
    assert kept.krd("baseline", "slow", "--freeze").code == 0
    assert kept.krd("audit", "-o", "json").json == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("slow", "--again"), "say --why"),
        (("slow", "--again", "--why", " "), "say --why"),
        (("slow", "--why", "because"), "nothing was changed"),
        (("latency", "--again", "--why", "because"), "`from:` in the file"),
        (("calls", "--freeze"), "not taken from data"),
        (("slo",), "did you mean"),
    ],
)
def test_what_cannot_be_done_is_refused(measured, words, said):
    told = measured.krd("baseline", *words)

    assert (told.code, told.out) == (2, "")
    assert said in told.err


def test_taking_it_again_without_any_stored_day_says_how_to_get_them(kept):
    with closing(sqlite3.connect(kept.folder / "krd.db")) as store, store:
        store.execute("DELETE FROM days WHERE day < 0")
        store.execute("DELETE FROM samples")
        store.execute("UPDATE currents SET first_slot = NULL, first_value = NULL")

    told = kept.krd("baseline", "slow", "--again", "--why", "because")

    assert told.code == 2
    assert "krd backfill shop/slow" in told.err


def _make_provisional(world):
    with closing(sqlite3.connect(world.folder / "krd.db")) as store, store:
        [text] = store.execute("SELECT document FROM baselines WHERE key_result = 2").fetchone()
        document = json.loads(text) | {"provisional": True}
        store.execute("UPDATE baselines SET document = ? WHERE key_result = 2", (json.dumps(document),))
