"""1,000 histogram key results of one Prometheus, collected, evaluated and stored: key results a second, beside one plain
request for each in the same run.

Ours: the daemon's own rounds and its writing thread, with the SQLite store in a file and synchronous=FULL. It counts
until the last verdict is committed. Plain: one `PrometheusConnect.custom_query` a key result, one after another on one
kept connection, as that library is used; the numbers are neither judged nor stored. Both take turns, at the same
instants. A closing round ends a day, so that every level, forecast and drift is computed anew; between closes krd
judges what one more reading can change. krs_per_second is the median of the rounds between closes, full_krs_per_second
that of the closing ones; of 96 rounds of a day one is a closing one, day_krs_per_second weighs them so. CPU is that
of the rounds between closes.

The same once more with one labelled query of which every key result picks its series: shared_krs_per_second, beside the
one plain request that fetches all those numbers.

Limits: 3,000 key results a second on two cores, 10,000 where one query serves them all.
"""

from __future__ import annotations

from dataclasses import replace
from statistics import median

from benchmarks.command import Options, Report, Row, run

LIMIT = 3000.0
"""Key results a second."""
SHARED_LIMIT = 10_000.0
"""Key results a second where one labelled query serves them all."""
ROUNDS_A_DAY = 96
"""Slots of a quarter of an hour, of which one closes the day."""


def measure(options: Options) -> Report:
    """Take turns, and report medians. Raises `BenchmarkFailed` when a key result was not read, judged and stored."""
    from benchmarks.rounds_under_load import Plan, take_turns  # noqa: PLC0415  (there once the setup has ended)

    plan = Plan(count=40, days=1) if options.small else Plan()
    turns = take_turns(plan, options.seed)
    shared = take_turns(replace(plan, shared=True), options.seed)
    between = [turn for turn in turns if not turn.closing]
    asked = plan.count * len(between)
    ordinary = median(turn.seconds for turn in between)
    closing = median(turn.seconds for turn in turns if turn.closing)
    plain = median(turn.plain_seconds for turn in turns)
    day = plan.count * ROUNDS_A_DAY / (ordinary * (ROUNDS_A_DAY - 1) + closing)
    client = sum(turn.client_cpu for turn in between)
    server = sum(turn.server_cpu for turn in between)
    ours = plan.count / ordinary
    figures = {
        "krs_per_second": round(ours, 1),
        "full_krs_per_second": round(plan.count / closing, 1),
        "day_krs_per_second": round(day, 1),
        "plain_per_second": round(plan.count / plain, 1),
        "times_plain": round(plain / ordinary, 2),
        "client_cpu_ms_per_kr": round(1000 * client / asked, 4),
        "server_cpu_ms_per_kr": round(1000 * server / asked, 4),
        "core_seconds_per_1000": round(1000 * (client + server) / asked, 4),
        "n": plan.count,
        "rounds": len(turns),
        "closing_rounds": sum(turn.closing for turn in turns),
        "limit": LIMIT,
        "shared_krs_per_second": round(
            plan.count / median(turn.seconds for turn in shared if not turn.closing), 1
        ),
        "shared_full_krs_per_second": round(
            plan.count / median(turn.seconds for turn in shared if turn.closing), 1
        ),
        "shared_plain_seconds": round(median(turn.plain_seconds for turn in shared), 4),
        "shared_limit": SHARED_LIMIT,
    }
    spread = sorted(plan.count / turn.seconds for turn in between)
    rows = [
        Row(
            "collected, evaluated, stored",
            f"{ours:,.0f} KRs/s",
            f"{ours / LIMIT:.2f} × limit of {LIMIT:,.0f}",
        ),
        Row("  slowest and fastest such round", f"{spread[0]:,.0f} to {spread[-1]:,.0f} KRs/s"),
        Row("  in rounds that close a day", f"{plan.count / closing:,.0f} KRs/s"),
        Row("  over a whole day of 96 rounds", f"{day:,.0f} KRs/s"),
        Row(
            "one plain request each, not stored",
            f"{plan.count / plain:,.0f} KRs/s",
            f"ours is {plain / ordinary:.1f} ×",
        ),
        Row("CPU of krd", f"{1000 * client / asked:.3f} ms a KR"),
        Row("CPU of Prometheus", f"{1000 * server / asked:.3f} ms a KR"),
        Row("both, for 1,000 KRs", f"{1000 * (client + server) / asked:.3f} core-s"),
        Row(
            "one query for all of them",
            f"{figures['shared_krs_per_second']:,.0f} KRs/s",
            f"{figures['shared_krs_per_second'] / SHARED_LIMIT:.2f} × limit of {SHARED_LIMIT:,.0f}",
        ),
        Row("  in rounds that close a day", f"{figures['shared_full_krs_per_second']:,.0f} KRs/s"),
        Row("  the plain request alone", f"{figures['shared_plain_seconds'] * 1000:.0f} ms"),
    ]
    notes = [
        f"{plan.count} key results, {len(turns)} rounds, {figures['closing_rounds']} of them closing a day"
    ]
    return Report(figures, rows, notes)


if __name__ == "__main__":
    run(__doc__, measure)
