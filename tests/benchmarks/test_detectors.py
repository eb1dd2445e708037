"""The rules beside drift are mistaken less often than plain ones, and find what they are for; on a small scale, with room."""

from __future__ import annotations

import json

import pytest

KINDS = ("white", "ar5", "ar8", "heavy", "weekdays", "trend", "counts", "rare")


@pytest.fixture(scope="module")
def found(benchmark):
    return json.loads(benchmark("detectors", "--json", "--seed", "3"))


def test_every_kind_of_noise_has_its_figures_with_and_without_the_correction(found):
    names = {f"change_{what}_{kind}" for what in ("false", "found_3", "found_5") for kind in KINDS}

    assert {*names, *(f"{name}_naive" for name in names)} - found.keys() == set()
    assert (found["n"], found["limit_found"]) == (60, 0.95)


def test_false_changes_stay_within_their_limits_and_shifts_are_found(found):
    room = 3 / found["n"]

    assert {
        kind
        for kind in ("white", "ar5", "ar8", "heavy")
        if found[f"change_false_{kind}"] > found[f"limit_false_{kind}"] + room
    } == set()
    assert found["change_found_5_white"] >= found["limit_found"]
    assert found["change_day_error"] <= 1
    assert found["change_spike"] <= room


def test_the_correction_spares_what_remembers_most_of_the_false_alarms(found):
    assert found["change_false_ar8"] < found["change_false_ar8_naive"] / 3


def test_frozen_sources_and_other_units_are_found_and_noise_is_neither(found):
    assert (found["flat_found_white"], found["flat_false_white"], found["unit_false"]) == (1.0, 0.0, 0.0)
    assert found["unit_found"] > 0.9
    assert found["unit_spike"] < found["unit_spike_naive"]


def test_a_standstill_is_called_a_regression_less_often_than_by_progress_alone(found):
    assert found["regressed_false_white"] < 0.2 < found["regressed_false_white_naive"]
    assert found["regressed_found_white"] == 1.0


def test_the_help_states_the_claim_and_its_limits(benchmark):
    assert "Limits, false alarms of a key result and quarter" in benchmark("detectors", "--help")
