"""What is kept of a key result outlives its definition: `krd show`, `krd export` and `krd audit` still find it."""

import csv
import io
import re

import pytest


@pytest.fixture(scope="module")
def removed(open_world, furnish):
    """Give a world whose files lost a key result that was measured, annotated and judged."""
    world = open_world()
    furnish(world)
    world.krd("once", "-q")
    world.krd("annotate", "latency", "a new cache", "--by", "li")
    before, _, rest = (world.folder / "config/okrs/shop.yaml").read_text().partition("      - id: latency\n")
    world.write("config/okrs/shop.yaml", before + rest[rest.index("      - id: slow\n") :])
    world.krd("once", "-q")
    return world


def test_an_export_of_everything_holds_what_the_files_lost(removed):
    rows = _csv(removed)

    assert {row["address"] for row in rows} == {"shop/latency", "shop/slow", "shop/calls"}
    assert {row["unit"] for row in rows if row["address"] == "shop/latency"} == {"ms"}


@pytest.mark.parametrize("name", ["now:shop/latency", "shop/latency", "latency"])
def test_a_removed_key_result_is_exported_by_its_name(removed, name):
    assert {row["address"] for row in _csv(removed, name)} == {"shop/latency"}


@pytest.mark.parametrize(
    ("what", "least"),
    [("samples", 60), ("days", 60), ("verdicts", 1), ("transitions", 1), ("annotations", 1), ("audit", 1)],
)
def test_every_kind_of_row_outlives_the_definition(removed, what, least):
    assert len(_csv(removed, "latency", "--what", what)) >= least


def test_rows_outlive_the_cycle_in_the_files_too(kept):
    before = [_csv(kept, "latency", "--what", what) for what in ("samples", "days")]
    kept.change("config/krd.yaml", "id: now", "id: later")
    kept.change("config/okrs/shop.yaml", "cycle: now", "cycle: later")
    samples, days = (_csv(kept, "now:shop/latency", "--what", what) for what in ("samples", "days"))

    assert samples == before[0]
    assert [one | {"starts": ""} for one in before[1]] == days


def test_a_removed_key_result_is_shown_with_its_last_verdict(removed):
    told = removed.krd("show", "latency")

    assert told.code == 0, told.err
    assert "no longer in the files" in told.out
    assert "removed without a reason since" in told.out
    assert re.search(r"the last verdict: (on track|at risk)\. Day 40 of 91", told.out)
    assert "li: a new cache" in told.out


def test_a_removed_key_result_is_shown_with_the_keys_of_one_that_is_there(removed):
    gone, there = (removed.krd("show", name, "-o", "json").json for name in ("latency", "slow"))
    status = removed.krd("status", "-o", "json").json[0]

    assert set(status) <= set(gone)
    assert set(status) <= set(there)
    assert gone["removed"]["last_status"] in ("on_track", "at_risk")
    assert [one["text"] for one in gone["annotations"]] == ["a new cache"]


@pytest.mark.parametrize("name", ["now:shop/latency", "shop/latency", "latency"])
def test_the_log_of_a_removed_key_result_is_found(removed, name):
    assert "annotate" in [line["action"] for line in removed.krd("audit", name, "-o", "json").json]


def test_one_that_was_never_kept_is_not_found(removed):
    told = removed.krd("show", "latencyy")

    assert (told.code, told.out) == (2, "")
    assert "there is no key result 'latencyy'" in told.err


def _csv(world, *words):
    told = world.krd("export", *words)
    assert told.code == 0, told.err
    return list(csv.DictReader(io.StringIO(told.out)))
