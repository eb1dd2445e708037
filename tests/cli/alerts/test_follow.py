"""`krd alerts follow` and `export`: every change, once, in the order in which they were stored."""

import json
import os
import signal
import sqlite3
import time
from contextlib import closing
from datetime import timedelta
from subprocess import PIPE

import pytest

from collector.cli.alerts_following import changes
from collector.domain.alert import Condition
from collector.ports.store import EVERYTHING, Item, Wanted
from collector.services.alert_documents import CHANGE_KEYS
from collector.store import engine
from tests.forked import cold


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


def after(alarms, seq, *more):
    """Follow from after a change until there were `N`."""
    return alarms.krd("alerts", "follow", "--after", seq, "-o", "jsonl", *more)


def forget(alarms, until):
    """Delete the oldest changes, as pruning does."""
    with closing(sqlite3.connect(alarms.folder / "krd.db")) as store, store:
        store.execute("DELETE FROM transitions WHERE seq <= ?", (until,))
        store.execute("INSERT OR REPLACE INTO pruned (name, until) VALUES ('transitions', ?)", (until,))


def test_from_nought_every_change_that_is_kept_is_written_in_order(alarms):
    told = after(alarms, 0, "--limit", "5")

    assert told.code == 0
    assert [(one["seq"], one["kind"], one["subject"], one["state"]) for one in lines(told.out)] == [
        (1, "drift", "shop/latency", "firing"),
        (2, "source_down", "warehouse", "firing"),
        (3, "stale", "shop/calls", "firing"),
        (4, "drift", "shop/slow", "firing"),
        (5, "drift", "shop/slow", "resolved"),
    ]


def test_whoever_goes_on_after_the_last_line_misses_nothing_and_gets_nothing_twice(alarms):
    first = lines(after(alarms, 0, "--limit", "2").out)
    rest = lines(after(alarms, first[-1]["seq"], "--limit", "3").out)

    assert [one["seq"] for one in first + rest] == [1, 2, 3, 4, 5]


def test_a_place_that_is_kept_no_longer_is_said_and_then_it_goes_on(alarms):
    forget(alarms, 3)
    alarms_seen = after_reset(alarms, 1)

    assert alarms_seen == [
        {"reset": "too old", "oldest": 4, "newest": 5},
        ("drift", "shop/calls"),
    ]


def test_a_place_that_nobody_knows_is_said_and_then_it_goes_on(alarms):
    assert after_reset(alarms, 99) == [
        {"reset": "unknown", "oldest": 1, "newest": 5},
        ("drift", "shop/calls"),
    ]


@pytest.mark.parametrize("lost", [False, True])
def test_places_from_before_a_backup_was_put_back_are_too_old(alarms, lost):
    alarms.krd("db", "backup", "copy.db")
    alarms.fire("breach", "now:shop/calls")
    alarms.store.close()
    if lost:
        for file in alarms.folder.glob("krd.db*"):
            file.unlink()
    assert alarms.krd("db", "restore", "copy.db").code == 0
    with closing(engine.open(f"sqlite:///{alarms.folder}/krd.db")) as alarms.store:
        reset, change = after_reset(alarms, 6)

    assert (reset["reset"], reset["oldest"] - reset["newest"], change) == (
        "too old",
        1,
        ("drift", "shop/calls"),
    )
    assert reset["newest"] > 6


def test_the_last_place_before_what_is_kept_is_a_good_one(alarms):
    forget(alarms, 3)

    assert [one["seq"] for one in lines(after(alarms, 3, "--limit", "2").out)] == [4, 5]


def test_from_nought_after_pruning_it_begins_with_the_oldest_that_is_kept(alarms):
    forget(alarms, 3)

    assert [one["seq"] for one in lines(after(alarms, 0, "--limit", "2").out)] == [4, 5]


def after_reset(alarms, seq):
    """Follow in this process from a place; when all is said that there is, let something fire."""
    seen = []
    for one in changes(alarms.store, EVERYTHING, seq, lambda: alarms.fire("drift", "now:shop/calls")):
        if isinstance(one, Item):
            alert = one.transition.alert
            return [*seen, (alert.kind.value, alert.subject.partition(":")[2])]
        seen.append(one.document())
    raise AssertionError("it never ends by itself")


def test_what_is_pruned_while_a_reader_rests_is_said_too(alarms):
    """The reader rests at the newest change; while it does, more come, and are deleted at once."""

    def rest():
        for number in range(3):
            (alarms.clear if number % 2 else alarms.fire)("drift", "now:shop/calls")
        forget(alarms, 7)

    found = changes(alarms.store, EVERYTHING, None, rest)

    assert next(found).document() == {"reset": "too old", "oldest": 8, "newest": 8}


def test_changes_that_are_not_wanted_do_not_hold_the_reader_up(alarms):
    wanted = Wanted(teams=frozenset({"crew"}))
    rests = []

    def rest():
        rests.append(1)
        alarms.fire(
            "drift", f"now:crew/number-{len(rests)}" if len(rests) == 3 else f"now:shop/number-{len(rests)}"
        )

    found = next(changes(alarms.store, wanted, 2, rest))

    assert (found.transition.alert.subject, len(rests)) == ("now:crew/number-3", 3)


@pytest.mark.parametrize(
    ("options", "seqs"),
    [
        (["--kind", "drift", "--limit", "3"], [1, 4, 5]),
        (["--family", "data", "--limit", "2"], [2, 3]),
        (["--team", "shop", "--state", "resolved", "--limit", "1"], [5]),
        (["--team", "crew", "--limit", "1"], [2]),
    ],
    ids=lambda value: " ".join(map(str, value)),
)
def test_filters_leave_changes_out(alarms, options, seqs):
    assert [one["seq"] for one in lines(after(alarms, 0, *options).out)] == seqs


def test_the_way_to_an_alert_is_followed_when_its_states_are_named(alarms):
    alarms.move("drift", "now:shop/calls", Condition.PENDING)
    alarms.fire("breach", "now:shop/calls")

    spoken = lines(after(alarms, 5, "--limit", "1").out)
    pending = lines(after(alarms, 5, "--limit", "1", "--state", "pending").out)

    assert [one["state"] for one in spoken + pending] == ["firing", "pending"]


def test_people_get_a_line_a_change(alarms):
    out = alarms.krd("alerts", "follow", "--after", "4", "--limit", "1").out

    assert out.endswith("  5  resolved  ticket  drift  shop/slow  slow is back on track\n")


def test_people_are_told_of_a_gap_in_words(alarms):
    forget(alarms, 3)
    process = alarms.start("alerts", "follow", "--after", "1")
    try:
        line = process.stdout.readline()
    finally:
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)

    assert line == (
        "changes from there on are kept no longer: going on after change 5; `krd alerts list` tells what is open\n"
    )
    assert (process.returncode, err) == (130, "")


def test_changes_that_are_stored_meanwhile_come_within_seconds(alarms):
    process = alarms.start("alerts", "follow", "-o", "jsonl", "--limit", "2")
    try:
        came = []
        for number in range(200):  # until the first is seen it may have begun too late for one
            alarms.fire("breach", f"now:shop/number-{number}")
            time.sleep(0.1)
            if process.poll() is not None:
                break
        out, err = process.communicate(timeout=30)
        came = lines(out)
    finally:
        process.kill()

    assert (process.returncode, err, len(came)) == (0, "", 2)
    assert came[1]["seq"] == came[0]["seq"] + 1


def test_a_reader_that_went_away_leaves_no_complaint(alarms):
    reading, writing = os.pipe()
    os.close(reading)
    words = ("alerts", "follow", "--after", "0")
    process = cold(words, cwd=alarms.folder, stdout=writing, stderr=PIPE, text=True)
    os.close(writing)
    _, said = process.communicate(timeout=30)

    assert (process.returncode, said) == (141, "")


@pytest.mark.parametrize("words", [["--after", "-1"], ["--after", "x"], ["--limit", "0"], ["-o", "csv"]])
def test_what_makes_no_sense_is_wrong_usage(alarms, words):
    assert alarms.process("alerts", "follow", *words).code == 2


def test_an_export_holds_the_documents_of_the_stream(alarms):
    exported = alarms.krd("alerts", "export")

    assert (exported.code, exported.out) == (0, after(alarms, 0, "--limit", "5").out)


@pytest.mark.parametrize(
    ("since", "until", "seqs"),
    [
        (None, None, [1, 2, 3, 4, 5]),
        (3, None, [1, 2, 3, 5]),
        (10, 1, [1, 4, 5]),
        (None, 5, [4]),
    ],
)
def test_an_export_holds_a_stretch_and_no_more(quiet_world, since, until, seqs):
    def day(ago):
        return quiet_world.today - timedelta(days=ago)

    for kind, subject, ago in (
        ("drift", "latency", 2), ("stale", "calls", 0), ("breach", "calls", 0), ("drift", "slow", 9), ("stale", "slow", 1),
    ):  # fmt: skip
        quiet_world.fire(kind, f"now:shop/{subject}", day(ago) + timedelta(hours=12))
    bounds = [("--since", since), ("--until", until)]
    words = [word for option, ago in bounds if ago is not None for word in (option, day(ago).date())]

    told = quiet_world.krd("alerts", "export", *words)

    assert [one["seq"] for one in lines(told.out)] == seqs


def test_an_instant_bounds_an_export_to_the_second(alarms):
    began = alarms.ago(hours=3)

    told = alarms.krd(
        "alerts", "export", "--since", began.isoformat(), "--until", alarms.ago(hours=2).isoformat()
    )

    assert [one["subject"] for one in lines(told.out)] == ["warehouse"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--since", "soon"], "--since: is written as"),
        (["--since", "2026-11-02", "--until", "2026-11-01"], "is not before"),
        (["--team", "shpo"], "did you mean shop?"),
    ],
)
def test_a_stretch_that_is_none_is_wrong_usage(alarms, words, said):
    told = alarms.krd("alerts", "export", *words)

    assert (told.code, told.out) == (2, "")
    assert said in told.err


def test_every_form_of_an_export_holds_every_change_over_many_portions(quiet_world, monkeypatch):
    monkeypatch.setattr("collector.cli.alerts_exporting.PORTION", 2)
    for number in range(5):
        quiet_world.fire("drift", f"now:shop/number-{number}", title=f"=cmd({number}) | <b>@x")

    out = {
        form: quiet_world.krd("alerts", "export", "-o", form).out for form in ("jsonl", "json", "csv", "md")
    }

    assert [one["seq"] for one in json.loads(out["json"])] == [1, 2, 3, 4, 5]
    assert json.loads(out["json"]) == lines(out["jsonl"])
    assert [row.split(",")[0] for row in out["csv"].splitlines()] == ["seq", "1", "2", "3", "4", "5"]
    assert out["csv"].count(",'=cmd(") == 5
    assert [row.split("|")[1].strip() for row in out["md"].splitlines()] == [
        "seq",
        "---:",
        "1",
        "2",
        "3",
        "4",
        "5",
    ]
    assert "<b>" not in out["md"]


def test_an_export_of_nothing_holds_the_head_of_its_form(quiet_world):
    out = [quiet_world.krd("alerts", "export", "-o", form).out for form in ("jsonl", "json", "csv", "md")]

    assert out[:2] == ["", "[]\n"]
    assert out[2] == ",".join(CHANGE_KEYS) + "\n"
    assert [row.split("|")[1].strip() for row in out[3].splitlines()] == ["seq", "---:"]


def test_the_head_of_an_export_names_what_every_document_holds(alarms):
    assert {tuple(one) for one in lines(alarms.krd("alerts", "export").out)} == {CHANGE_KEYS}
