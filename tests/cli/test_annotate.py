"""`krd annotate`: texts beside the numbers, and decisions on readings that are held."""

import re
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest


@pytest.fixture
def held(kept):
    """A world in which a reading is held: the newest day of the warehouse is a thousand times too slow."""
    day = f"{kept.today - timedelta(days=1):%Y-%m-%d}%"
    with closing(sqlite3.connect(kept.folder / "warehouse.db")) as warehouse, warehouse:
        warehouse.execute("UPDATE calls SET ms = ms * 1000 WHERE at LIKE ?", (day,))
    with closing(sqlite3.connect(kept.folder / "krd.db")) as store, store:
        newest = int(kept.today.timestamp() * 1000)
        store.execute("DELETE FROM samples WHERE series = 1 AND slot = ?", (newest,))
        store.execute("DELETE FROM days WHERE series = 1 AND day = 39")
        store.execute(
            "UPDATE currents SET slot = slot - 86400000, as_of = as_of - 86400000, covered = covered - 86400000 WHERE series = 1"
        )
        store.execute("UPDATE currents SET value = 80 WHERE series = 1")
    kept.krd("once", "-q", "latency")
    return kept


def test_nothing_was_said_at_first(measured):
    assert measured.krd("annotate", "latency").out == "nothing was said or decided, and nothing is held\n"


def test_a_text_is_kept_beside_its_instant(world):
    world.krd("once", "-q")

    told = world.krd("annotate", "latency", "a new cache", "--at", "2026-11-10", "--by", "li", "-o", "json")

    assert told.code == 0
    assert (told.json["at"], told.json["by"], told.json["text"]) == (
        "2026-11-10T00:00:00+00:00",
        "li",
        "a new cache",
    )
    assert "2026-11-10T00:00:00Z  said  li  a new cache" in world.krd("annotate", "latency").out


def test_texts_are_listed_by_the_instants_they_are_about(kept):
    kept.krd("annotate", "latency", "second", "--at", "2026-11-10T12:00:00Z")
    kept.krd("annotate", "latency", "first", "--at", "2026-11-10T13:00:00+02:00")

    assert [one["text"] for one in kept.krd("annotate", "latency", "-o", "json").json] == ["first", "second"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("latency", " "), "this text is empty"),
        (("latency", "x" * 2001), "at most 2000 letters"),
        (("latency", "new", "cache"), "put it in quotes"),
        (("latency", "text", "--at", "then"), "--at: is written as"),
        (("latency", "text", "--why", "because"), "--why goes with"),
        (("latency", "--by", "li"), "there is no text"),
        (("latency", "--release"), "say --why"),
        (("latency", "--release", "--discard", "--why", "because"), "either used or not"),
        (("latency", "--release", "--why", "because"), "no reading is held"),
        (("latency", "--discard", "soon", "--why", "because"), "SLOT: is written as"),
        (("latncy", "text"), "did you mean"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_written(measured, words, said):
    told = measured.krd("annotate", *words)

    assert (told.code, told.out) == (2, "")
    assert said in told.err
    assert measured.krd("audit", "-o", "json").json == []


def test_what_is_held_is_listed_with_the_reason(held):
    [one] = held.krd("annotate", "latency", "-o", "json").json

    assert (one["what"], one["role"], one["at"]) == ("held", "main", held.today.isoformat())
    assert one["value"] > 10_000
    assert one["text"] != ""


def test_a_released_reading_counts_from_now_on(held):
    told = held.krd("annotate", "latency", "--release", "--why", "it was real", "--by", "li", "-o", "json")

    current = held.krd("show", "latency", "-o", "json").json["current"]
    assert (told.code, [one["what"] for one in told.json]) == (0, ["released"])
    assert current == told.json[0]["value"]
    assert _states(held) == ["used"]
    assert held.krd("db", "verify").code == 0


def test_a_discarded_reading_is_kept_and_never_used(held):
    slot = held.krd("annotate", "latency", "-o", "json").json[0]["at"]

    told = held.krd("annotate", "latency", "--discard", slot, "--why", "a load test")

    assert told.code == 0
    assert _states(held) == ["discarded"]
    assert held.krd("show", "latency", "-o", "json").json["current"] < 100
    [one] = held.krd("annotate", "latency", "-o", "json").json
    assert (one["what"], one["at"], one["text"]) == ("discarded", held.today.isoformat(), "a load test")


@pytest.mark.parametrize(("option", "done"), [("--release", "released"), ("--discard", "discarded")])
def test_a_decision_is_listed_and_shown_with_who_and_why(held, option, done):
    held.krd("annotate", "latency", option, "--why", "a load test", "--by", "li")

    listed, shown = held.krd("annotate", "latency").out, held.krd("show", "latency").out
    [decided] = held.krd("show", "latency", "-o", "json").json["decisions"]

    assert re.search(rf"{done} +li +[\d,]+ ms, a load test", listed)
    assert re.search(rf"ms {done} by li, .*: a load test", shown)
    assert (decided["what"], decided["by"], decided["why"]) == (done, "li", "a load test")


def test_a_decision_is_in_the_audit_log_with_its_reason(held):
    held.krd("annotate", "latency", "--discard", "--why", "a load test", "--by", "li")

    [line] = held.krd("audit", "latency", "-o", "json").json
    assert (line["actor"], line["action"], line["detail"]["why"]) == ("li", "discard", "a load test")


def test_hostile_text_stays_text(kept):
    kept.krd("annotate", "latency", "=1+1 \x1b[2J <script> @here", "--by", "=x")

    assert "\x1b" not in kept.krd("annotate", "latency").out
    assert "<script>" not in kept.krd("annotate", "latency", "-o", "md").out
    assert ",'=x," in kept.krd("annotate", "latency", "-o", "csv").out


def _states(world):
    rows = world.krd("export", "latency", "--from", world.today.isoformat(), "-o", "json").json
    return [row["state"] for row in rows]
