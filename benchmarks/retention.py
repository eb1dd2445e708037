"""How long a tick may have to wait while the readings of cycles long over are deleted: the longest portion, against a limit
and against deleting all of it at once.

A SQLite file with years of hourly readings. The writer deletes a portion whenever nothing waits for it, so that what comes
meanwhile waits for the rest of one portion. Beside it a copy of the same file is emptied of the same rows by one statement.

Limit: 100 ms a portion.
"""

from __future__ import annotations

from benchmarks.command import Options, Report, Row, run

LIMIT = 100.0
"""Milliseconds."""


def measure(options: Options) -> Report:
    """Fill a store, prune it both ways, and report. Raises `BenchmarkFailed` when other rows are gone than should be."""
    from benchmarks.pruning_under_load import Load, prune  # noqa: PLC0415  (there once the setup has ended)

    load = Load(key_results=5, hours=24 * 10) if options.small else Load()
    seen = prune(load, options.seed)
    longest, whole = max(seen.portions) * 1000, seen.at_once * 1000
    usual = sorted(seen.portions)[len(seen.portions) // 2] * 1000
    figures = {
        "longest_ms": round(longest, 2),
        "median_ms": round(usual, 2),
        "limit_ms": LIMIT,
        "times_limit": round(longest / LIMIT, 3),
        "at_once_ms": round(whole, 1),
        "rows_per_second": round(seen.pruned / sum(seen.portions)),
        "portions": len(seen.portions),
        "pruned": seen.pruned,
        "kept": seen.kept,
    }
    rows = [
        Row("longest portion", f"{longest:.1f} ms", f"{longest / LIMIT:.2f} × limit of {LIMIT:.0f} ms"),
        Row("a usual one", f"{usual:.1f} ms", f"{len(seen.portions):,} of them"),
        Row("all of it by one statement", f"{whole:.0f} ms", f"{whole / longest:.1f} × the longest portion"),
    ]
    return Report(figures, rows, [f"{seen.pruned:,} of {seen.pruned + seen.kept:,} readings pruned"])


if __name__ == "__main__":
    run(__doc__, measure)
