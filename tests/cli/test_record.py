"""`krd record`: values that a person enters, marked as such, and what they do to the verdict."""

import csv
import io
from datetime import timedelta
from shutil import copytree

import pytest

BY_HAND = """\
      - id: nps
        title: Raise NPS from 20 to 35
        owner: sam
        commitment: aspirational
        measure: {by_hand: sam, every: 7d, unit: points, plausible: [-100, 100]}
        from: 20
        to: 35
"""


@pytest.fixture(scope="module")
def first_asked(open_world, furnish):
    world = open_world()
    furnish(world)
    world.write("config/okrs/shop.yaml", (world.folder / "config/okrs/shop.yaml").read_text() + BY_HAND)
    assert world.krd("once", "-q").code == 0
    return world


@pytest.fixture
def asked(bare, first_asked):
    """A world with a key result that a person enters, in which one pass was made."""
    copytree(first_asked.folder, bare.folder, dirs_exist_ok=True)
    return bare


def test_a_value_is_recorded_and_shows_what_it_did(asked):
    told = asked.krd("record", "nps", "27", "--as-of", _day(asked, 3), "--note", "n=412", "--by", "sam")

    assert told.code == 0
    assert "recorded  27 points for " in told.out
    assert "sam, by hand" in told.out
    assert "n=412" in told.out
    assert "– → 27 points" in told.out


def test_a_value_for_today_counts_when_the_day_is_over(asked):
    told = asked.krd("record", "nps", "27")
    before = asked.krd("record", "nps", "27", "--as-of", _day(asked, 3))

    tomorrow = asked.today + timedelta(days=1)
    assert f"counts    from {tomorrow:%Y-%m-%d} 00:00:00 UTC on: when that day is over" in told.out
    assert "counts " not in before.out


def test_a_value_taken_out_of_the_file_is_shown_as_one_that_does_not_count(asked):
    old, new = "{by_hand: sam,", f"{{by_hand: sam, values: [{{as_of: {_day(asked, 3)}, value: 27}}],"
    asked.change("config/okrs/shop.yaml", old, new)
    asked.krd("once", "-q")
    asked.change("config/okrs/shop.yaml", new, old)
    asked.krd("once", "-q")

    told, [value] = (
        asked.krd("show", "nps").out,
        asked.krd("show", "nps", "-o", "json").json["values_by_hand"],
    )

    assert "discarded, does not count: 27 points by sam" in told
    assert "discarded by sam" in told
    assert "it no longer stands in the file" in told
    assert value["state"] == "discarded"


def test_as_json_it_tells_level_and_status_before_and_after(asked):
    asked.krd("record", "nps", "20", "--as-of", _day(asked, 5))

    found = asked.krd("record", "nps", "30", "--as-of", _day(asked, 3), "-o", "json").json

    assert (found["value"], found["was"], found["changed"]) == (30, None, True)
    assert (found["level_before"], found["level"]) == (20, 30)
    assert found["status"] is not None
    assert found["sentence"].startswith("Day ")


def test_a_value_counts_in_every_later_look_and_bears_its_mark(asked):
    asked.krd("record", "nps", "27", "--as-of", _day(asked, 3), "--by", "sam")

    status = next(one for one in asked.krd("status", "-o", "json").json if one["address"] == "shop/nps")
    [row] = csv.DictReader(io.StringIO(asked.krd("export", "nps").out))

    assert (status["current"], status["by_hand"]) == (27, True)
    assert (row["origin"], row["by_hand"], float(row["value"])) == ("by_hand", "true", 27)
    assert '"by": "sam"' in row["evidence"]


def test_a_second_value_for_a_day_takes_the_place_of_the_first_and_both_are_kept(asked):
    asked.krd("record", "nps", "72", "--as-of", _day(asked, 3), "--by", "sam")

    told = asked.krd("record", "nps", "27", "--as-of", _day(asked, 3), "--by", "li")

    assert told.code == 0
    assert "72 points, from sam: kept" in told.out
    [one] = asked.krd("export", "nps", "--what", "restatements", "-o", "json").json
    assert (one["was"], one["now"]) == (72, 27)


def test_the_same_value_twice_writes_nothing(asked):
    words = ("record", "nps", "27", "--as-of", _day(asked, 3), "--by", "sam")
    asked.krd(*words)

    told = asked.krd(*words)

    assert "nothing was written" in told.out
    assert len(asked.krd("audit", "nps", "-o", "json").json) == 1


def test_who_recorded_what_is_in_the_audit_log(asked):
    asked.krd("record", "nps", "27", "--as-of", _day(asked, 3), "--by", "sam")

    [line] = asked.krd("audit", "nps", "-o", "json").json
    assert (line["actor"], line["action"], line["detail"]["value"]) == ("sam", "record", 27)


@pytest.mark.parametrize(("text", "value"), [("0", 0), ("12.5", 12.5), ("+3", 3), ("0.05k", 50)])
def test_numbers_are_read_as_in_the_files(asked, text, value):
    assert asked.krd("record", "nps", text, "--as-of", _day(asked, 3), "-o", "json").json["value"] == value


def test_a_negative_number_stands_behind_two_dashes(asked):
    told = asked.krd("record", "nps", "--as-of", _day(asked, 3), "-o", "json", "--", "-2.5")

    assert told.json["value"] == -2.5


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("12,5", "write 12.5"),
        ("nan", "expected a number"),
        ("inf", "expected a number"),
        ("1e999", "too large"),
        ("50%", "percent sign"),
        ("", "expected a number"),
        ("many", "expected a number"),
        ("100M", "outside of plausible"),
    ],
)
def test_what_is_no_value_is_refused_and_nothing_is_written(asked, value, said):
    told = asked.krd("record", "nps", value, "--as-of", _day(asked, 3))

    assert (told.code, told.out) == (2, "")
    assert said in told.err
    assert asked.krd("audit", "-o", "json").json == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("latency", "27"), "read by krd"),
        (("nsp", "27"), "did you mean"),
        (("nps", "27", "--as-of", "yesterday"), "--as-of: is written as"),
        (("nps", "27", "--as-of", "2199-01-01"), "in the future"),
        (("nps", "27", "--as-of", "2001-01-01"), "is not a day of the cycle"),
        (("nps", "27", "--by", ""), "--by: says who you are"),
        (("nps", "27", "--cycle", "then"), "there is no cycle 'then'"),
    ],
)
def test_what_cannot_be_recorded_is_refused_with_what_to_do(asked, words, said):
    told = asked.krd("record", *words)

    assert (told.code, told.out) == (2, "")
    assert said in told.err


def test_of_two_cycles_the_named_one_gets_the_value(asked):
    before = "{id: before, starts: 2020-01-01, ends: 2020-03-31}, {id: now"
    asked.change("config/krd.yaml", "{id: now", before)
    text = (asked.folder / "config/okrs/shop.yaml").read_text()
    asked.write(
        "config/okrs/before.yaml",
        text.replace("cycle: now", "cycle: before").replace("id: quick", "id: swift"),
    )
    asked.krd("once", "-q", "now:shop/latency")

    told = asked.krd("record", "nps", "27", "--cycle", "before", "--as-of", "2020-02-03", "-o", "json")

    assert (told.code, told.json["cycle"], told.json["slot"]) == (0, "before", "2020-02-04T00:00:00+00:00")


def test_a_store_that_is_not_there_is_not_made(world):
    told = world.krd("record", "latency", "27")

    assert told.code == 1
    assert not (world.folder / "krd.db").exists()


def _day(world, days_ago):
    return (world.today - timedelta(days=days_ago)).date().isoformat()
