"""Memory of a `krd run` with 1,000 key results, web on, and 14 days of 15-minute slots in its store: resident set against
a limit.

A real process, a real Prometheus, a SQLite file. Memory is read from /proc when the daemon is ready and has kept its
first round, after three more rounds, and at its peak over all of that and a scrape of /metrics. So that rounds come by
in a minute rather than an hour, krd reads every 20 s from then on; memory does not depend on it, since what is
remembered is one aggregate a day.

Limit: 250 MiB.
"""

from __future__ import annotations

from benchmarks.command import Options, Report, Row, run

LIMIT = 250.0
"""MiB."""


def measure(options: Options) -> Report:
    """Let it run, and report. Raises `BenchmarkFailed` when it does not read every key result."""
    from benchmarks.running_under_load import Load, watch  # noqa: PLC0415  (there once the setup has ended)

    load = Load(count=40, days=2, rounds=1) if options.small else Load()
    seen = watch(load, options.seed)
    worst = max(seen.started, seen.later, seen.peak)
    figures = {
        "rss_started_mib": round(seen.started, 1),
        "rss_later_mib": round(seen.later, 1),
        "rss_peak_mib": round(seen.peak, 1),
        "limit_mib": LIMIT,
        "times_limit": round(worst / LIMIT, 3),
        "scrape_seconds": round(seen.scrape_seconds, 3),
        "scrape_kib": round(seen.scrape_bytes / 1024, 1),
        "n": load.count,
        "samples": seen.samples,
    }
    against = f"limit of {LIMIT:.0f} MiB"
    rows = [
        Row("ready, first round kept", f"{seen.started:.0f} MiB", f"{seen.started / LIMIT:.2f} × {against}"),
        Row(f"{load.rounds} rounds later", f"{seen.later:.0f} MiB", f"{seen.later / LIMIT:.2f} × {against}"),
        Row(
            "peak, with a scrape of /metrics", f"{seen.peak:.0f} MiB", f"{seen.peak / LIMIT:.2f} × {against}"
        ),
        Row("that scrape", f"{seen.scrape_seconds:.2f} s", f"{seen.scrape_bytes / 1024:.0f} KiB"),
    ]
    return Report(figures, rows, [f"{load.count} key results, {seen.samples:,} samples in the store"])


if __name__ == "__main__":
    run(__doc__, measure)
