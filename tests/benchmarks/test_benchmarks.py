"""Every benchmark tells what it promises. How fast anything is, is not asked here."""

from __future__ import annotations

import pytest

CLAIMS = {
    "collect": {
        "krs_per_second",
        "full_krs_per_second",
        "day_krs_per_second",
        "plain_per_second",
        "client_cpu_ms_per_kr",
        "core_seconds_per_1000",
        "n",
    },
    "start": {"first_value_seconds", "second_start_seconds", "help_seconds", "lint_seconds", "n_lint"},
    "retention": {
        "longest_ms",
        "median_ms",
        "limit_ms",
        "at_once_ms",
        "rows_per_second",
        "portions",
        "pruned",
        "kept",
    },
    "footprint": {"rss_started_mib", "rss_later_mib", "rss_peak_mib", "limit_mib", "n", "samples"},
}


@pytest.mark.parametrize("name", CLAIMS)
def test_a_benchmark_gives_the_promised_figures_as_one_object(figures, name):
    found = figures(name)
    assert CLAIMS[name] - found.keys() == set()
    assert {key: found[key] for key in CLAIMS[name] if not found[key] > 0} == {}


def test_without_json_a_table_shows_the_ratio_to_the_limit(benchmark):
    assert "× limit of 3,000" in benchmark("collect", "--seed", "2")


@pytest.mark.parametrize("name", CLAIMS)
def test_the_help_states_the_claim(benchmark, name):
    told = benchmark(name, "--help")
    assert "Limit" in told
    assert "--small" in told
