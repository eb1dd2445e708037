"""krd and Alertmanager stand the same faults: what krd must not lose or tell twice is asked here, how late anything is is not."""

from __future__ import annotations

import json

import pytest

SUMS = {"events", "lost", "doubled", "resent", "delayed_s"}


@pytest.fixture(scope="module")
def found(benchmark):
    return json.loads(benchmark("delivery", "--json", "--seed", "3"))


def test_both_sides_are_summed_up_and_every_fault_is_told_of_both(found):
    assert {side: SUMS - found[side].keys() for side in ("krd", "alertmanager")} == {
        "krd": set(),
        "alertmanager": set(),
    }
    told = [(row["fault"], row["system"]) for row in found["faults"]]
    assert told == [(fault, side) for fault, _ in told[::2] for side in ("krd", "alertmanager")]
    assert (len(told), found["seed"]) == (8, 3)


def test_krd_loses_nothing_and_tells_nothing_twice(found):
    assert {key: found["krd"][key] for key in ("events", "lost", "doubled")} == {
        "events": 10,
        "lost": 0,
        "doubled": 0,
    }


def test_the_faults_are_real_for_they_befall_alertmanager(found):
    stood = {row["fault"]: row for row in found["faults"] if row["system"] == "alertmanager"}
    # on a machine that is slow enough it escapes one of them, not both
    assert (
        stood["one 429, then it is over"]["lost"] + stood["kill -9 after the receiver's 200"]["doubled"] > 0
    )
