"""`krd export`: everything kept, exactly, row by row."""

import csv
import io
import json
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta

import pytest

from tests.forked import cold

KINDS = ("samples", "gaps", "days", "verdicts", "transitions", "restatements", "annotations", "audit")


def test_samples_are_what_the_store_holds_to_the_last_digit(measured):
    rows = _csv(measured, "latency")

    with closing(sqlite3.connect(measured.folder / "krd.db")) as store:
        stored = store.execute("SELECT slot, value FROM samples WHERE series = 1 ORDER BY slot").fetchall()
    exported = [(datetime.fromisoformat(row["slot"]).timestamp() * 1000, float(row["value"])) for row in rows]
    assert exported == stored
    assert {(row["origin"], row["state"]) for row in rows} <= {("healed", "used"), ("live", "used")}


@pytest.mark.parametrize("what", KINDS)
def test_every_kind_has_the_same_rows_in_every_form(measured, what):
    rows = _csv(measured, "--what", what)
    lines = [
        json.loads(line) for line in measured.krd("export", "--what", what, "-o", "jsonl").out.splitlines()
    ]
    array = measured.krd("export", "--what", what, "-o", "json").json

    assert lines == array
    assert len(rows) == len(array)
    if rows:
        assert set(rows[0]) <= set(array[0])


@pytest.mark.parametrize("what", KINDS)
def test_csv_has_a_header_even_when_nothing_is_there(measured, what):
    told = measured.krd("export", "calls", "--what", what, "--from", "2199-01-01")

    assert told.code == 0
    assert len(told.out.splitlines()) == 1


def test_a_stretch_of_days_holds_the_readings_of_both_its_ends(measured):
    first, last = (measured.today - timedelta(days=days) for days in (5, 3))
    words = ("latency", "--from", first.date(), "--to", last.date())

    samples, days = _csv(measured, *words), _csv(measured, *words, "--what", "days")

    # the reading of a day is the one at the midnight that ends it
    assert [row["slot"] for row in samples] == [
        (first + timedelta(days=day)).isoformat() for day in (1, 2, 3)
    ]
    assert [row["starts"] for row in days] == [(first + timedelta(days=day)).isoformat() for day in (0, 1, 2)]


def test_an_instant_belongs_to_its_stretch(measured):
    slot = measured.today.isoformat()

    assert [row["slot"] for row in _csv(measured, "latency", "--from", slot, "--to", slot)] == [slot]


def test_more_rows_than_a_portion_come_whole_and_in_order(kept, monkeypatch):
    whole = kept.krd("export", "--what", "samples", "-o", "jsonl").out
    audit = [kept.krd("annotate", "latency", text) for text in "abcde"]

    monkeypatch.setattr("collector.cli.export_rows.PORTION", 2)

    assert len(audit) == 5
    assert kept.krd("export", "--what", "samples", "-o", "jsonl").out == whole
    assert len(kept.krd("export", "--what", "audit", "-o", "json").json) == 5


def test_days_and_verdicts_bear_what_people_see(measured):
    days = _csv(measured, "slow", "--what", "days")
    verdict = measured.krd("export", "slow", "--what", "verdicts", "-o", "json").json[-1]
    shown = measured.krd("show", "slow", "-o", "json").json

    assert len(days) == 68
    assert (verdict["status"], verdict["level"]) == (shown["status"], shown["level"])


def test_alerts_of_other_key_results_stay_out(measured):
    everything = measured.krd("export", "--what", "transitions", "-o", "json").json
    some = measured.krd("export", "latency", "--what", "transitions", "-o", "json").json

    assert "now:shop/slow" in {one["subject"] for one in everything}
    assert {one["subject"] for one in some} <= {"now:shop/latency"}


def test_text_of_people_becomes_no_formula(kept):
    for text in ("=cmd()", "+1", "@x", "-1"):
        kept.krd("annotate", "latency", "--by", text, "--", text)

    rows = _csv(kept, "--what", "annotations")

    assert [row["text"] for row in rows] == ["'=cmd()", "'+1", "'@x", "'-1"]
    assert [row["author"] for row in rows] == ["'=cmd()", "'+1", "'@x", "'-1"]


def test_held_and_discarded_readings_are_there_and_named(kept):
    with closing(sqlite3.connect(kept.folder / "krd.db")) as store, store:
        store.execute("UPDATE samples SET state = 'held' WHERE series = 1 AND slot % 10 = 0")

    assert "held" in {row["state"] for row in _csv(kept, "latency")}


def test_the_measure_of_before_is_exported_too(kept):
    kept.change("config/okrs/shop.yaml", "SELECT avg(ms)", "SELECT max(ms)")
    kept.krd("once", "-q")

    assert {row["segment"] for row in _csv(kept, "latency")} == {"1", "2"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("latncy",), "did you mean"),
        (("latency", "--from", "then"), "--from: is written as"),
        (("latency", "--from", "2026-11-03", "--to", "2026-11-02"), "is not before"),
    ],
)
def test_wrong_words_give_no_row(measured, words, said):
    told = measured.krd("export", *words)

    assert (told.code, told.out) == (2, "")
    assert said in told.err


@pytest.mark.parametrize("words", [("--what", "everything"), ("-o", "table")])
def test_an_unknown_kind_or_form_is_wrong_usage(measured, words):
    assert measured.krd("export", *words).code == 2


def test_a_reader_that_goes_away_ends_it_quietly(measured):
    process = measured.start("export", "-o", "jsonl", begin=cold)
    process.stdout.close()
    process.stdout = None

    _, said = process.communicate(timeout=30)

    assert (process.returncode, said) == (141, "")


def _csv(world, *words):
    told = world.krd("export", *words)
    assert told.code == 0, told.err
    return list(csv.DictReader(io.StringIO(told.out)))
