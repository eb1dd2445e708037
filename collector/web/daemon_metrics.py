"""Turns the daemon's own counts into metrics, so that somebody else's Prometheus notices when krd itself is not well."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from collector.domain.alert import AlertKind
from collector.domain.outage import SourceStanding
from collector.domain.sample import GapReason
from collector.errors import StoreError
from collector.logs import get_logger
from collector.ports.board import Board, OpenAlert, Vitals
from collector.ports.store import LetterState

log = get_logger(__name__)


def daemon_metrics(board: Board) -> Iterator[Metric]:
    """Give the families of the daemon. A store that cannot be read is told, and costs nobody the rest."""
    vitals, sources = board.vitals(), board.sources()
    yield _gauge("krd_ready", "1 when the daemon works, 0 when /readyz tells why not.", not board.ready())
    yield from _reading(vitals)
    yield from _collecting(vitals, sources)
    yield from _keeping(vitals)
    yield from _telling(vitals)
    yield from _sources(sources)
    yield from _kept(board)
    yield from _living(vitals)


def _living(vitals: Vitals) -> Iterator[Metric]:
    yield _gauge(
        "krd_config_last_reload_successful",
        "1 when what runs is what the files said when they were last read, 0 when they were rejected.",
        vitals.files_accepted,
    )
    if vitals.files_since is not None:
        since = vitals.files_since.timestamp()
        meaning = "When the files that run were read."
        yield _gauge("krd_config_last_reload_success_timestamp_seconds", meaning, since)
    yield _counter("krd_clock_jumps_total", "How often the wall clock moved by itself.", vitals.clock_jumps)
    meaning = "Samples and gaps deleted because their cycle is long over."
    yield _counter("krd_rows_pruned_total", meaning, vitals.pruned)


def _reading(vitals: Vitals) -> Iterator[Metric]:
    yield _gauge("krd_started_timestamp_seconds", "When the daemon started.", vitals.started.timestamp())
    yield _counter("krd_readings_total", "Numbers read in their slot.", vitals.readings)
    yield _counter("krd_readings_healed_total", "Numbers read later, for slots missed before.", vitals.healed)
    reasons = {reason.value: 0 for reason in GapReason} | dict(vitals.gaps)
    yield _counters("krd_gaps_total", "Slots that were due and have no number, by reason.", "reason", reasons)
    yield _counter(
        "krd_slots_missed_total", "Slots not asked for: an older one was still being read.", vitals.missed
    )


def _collecting(vitals: Vitals, sources: Mapping[str, SourceStanding]) -> Iterator[Metric]:
    none_yet = dict.fromkeys(sources, 0)
    rounds = none_yet | dict(vitals.rounds)
    yield _counters("krd_rounds_total", "Collections, by source.", "source", rounds)
    spent = none_yet | dict(vitals.collect_seconds)
    yield _counters("krd_collect_seconds_total", "Time spent collecting, by source.", "source", spent)


def _keeping(vitals: Vitals) -> Iterator[Metric]:
    yield _counter("krd_transactions_total", "Transactions that were kept.", vitals.transactions)
    yield _counter("krd_write_seconds_total", "Time spent in transactions.", vitals.write_seconds)
    yield _gauge("krd_writes_waiting", "Pieces of work the writer has not taken yet.", vitals.waiting)
    if vitals.last_kept is not None:
        kept = vitals.last_kept.timestamp()
        yield _gauge("krd_last_kept_timestamp_seconds", "When a transaction last succeeded.", kept)
    if vitals.last_kept is not None or vitals.store_trouble:
        works = not vitals.store_trouble
        yield _gauge("krd_store_writable", "1 when the last write succeeded, 0 when it was refused.", works)


def _telling(vitals: Vitals) -> Iterator[Metric]:
    moved = CounterMetricFamily(
        "krd_alert_transitions_total", "Changes of alerts, by kind and new state.", labels=("kind", "state")
    )
    for name, count in vitals.transitions.items():
        kind, _, state = name.partition(":")
        moved.add_metric([kind, state], count)
    yield moved
    sent = CounterMetricFamily(
        "krd_sendings_total", "Messages handed to a notifier, by result.", labels=("notifier", "result")
    )
    for name, count in vitals.sent.items():
        notifier, _, result = name.rpartition(":")
        sent.add_metric([notifier, result], count)
    yield sent


def _sources(sources: Mapping[str, SourceStanding]) -> Iterator[Metric]:
    up = GaugeMetricFamily(
        "krd_source_up",
        "1 when the last round went well, 0 when the source is down; absent while neither is known.",
        labels=("source",),
    )
    failing = GaugeMetricFamily(
        "krd_source_failing_rounds", "Failing rounds in a row at present.", labels=("source",)
    )
    since = GaugeMetricFamily(
        "krd_source_failing_since_timestamp_seconds",
        "When the present row of failing rounds began; absent when there is none.",
        labels=("source",),
    )
    for source, standing in sources.items():
        known = _up(standing)
        if known is not None:
            up.add_metric([source], float(known))
        failing.add_metric([source], standing.failures)
        _add_instant(since, source, standing.since)
    yield from (up, failing, since)


def _up(standing: SourceStanding) -> bool | None:
    if standing.down:
        return False
    return True if standing.successes else None


def _add_instant(family: GaugeMetricFamily, source: str, at: datetime | None) -> None:
    if at is not None:
        family.add_metric([source], at.timestamp())


def _kept(board: Board) -> Iterator[Metric]:
    """Give what the store tells; where it cannot be read, that alone."""
    readable = "krd_store_readable", "1 when the store answered this scrape, else 0."
    try:
        outbox, wrong, disabled = board.outbox(), board.open_alerts(), board.disabled()
    except StoreError as error:
        log.warning("metrics_without_store", error=str(error))
        yield _gauge(*readable, value=False)
        return
    yield _gauge(*readable, value=True)
    yield _letters(outbox)
    yield _alerts(wrong)
    yield _failing(disabled, wrong)
    yield _disabled(disabled)


def _letters(outbox: Mapping[str, Mapping[LetterState, int]]) -> Metric:
    letters = GaugeMetricFamily(
        "krd_letters", "Messages in the outbox, by notifier and state.", labels=("notifier", "state")
    )
    for notifier, counts in outbox.items():
        for state in LetterState:
            letters.add_metric([notifier, state.value], counts.get(state, 0))
    return letters


def _alerts(wrong: Sequence[OpenAlert]) -> Metric:
    """Count alerts, each once: kinds, severities, states and the teams of the files bound how many series there are."""
    alerts = GaugeMetricFamily(
        "krd_alerts_open",
        "Open alerts, each counted once, in the first state that holds: inhibited, silenced, acked, else active. Absent when"
        " there is none.",
        labels=("kind", "severity", "team", "state"),
    )
    labels = ((one.alert.kind.value, one.alert.severity.value, one.said.team, _state(one)) for one in wrong)
    for told, count in sorted(Counter(labels).items()):
        alerts.add_metric(told, count)
    return alerts


def _state(one: OpenAlert) -> str:
    """Name what keeps it from being repeated, the strongest first."""
    if one.inhibitor is not None:
        return "inhibited"
    if one.silence is not None:
        return "silenced"
    return "acked" if one.ack is not None else "active"


def _failing(notifiers: Iterable[str], wrong: Sequence[OpenAlert]) -> Metric:
    failing = GaugeMetricFamily(
        "krd_notifier_failing",
        "1 while the alert sink_failing of a notifier is open, else 0.",
        labels=("notifier",),
    )
    told = {one.alert.subject for one in wrong if one.alert.kind is AlertKind.SINK_FAILING}
    for notifier in notifiers:
        failing.add_metric([notifier], float(notifier in told))
    return failing


def _disabled(notifiers: Mapping[str, bool]) -> Metric:
    disabled = GaugeMetricFamily(
        "krd_notifier_disabled",
        "1 while nothing is sent through a notifier because its address is gone, else 0.",
        labels=("notifier",),
    )
    for notifier, gone in notifiers.items():
        disabled.add_metric([notifier], float(gone))
    return disabled


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(name, meaning, value=float(value))


def _counter(name: str, meaning: str, value: float) -> Metric:
    return CounterMetricFamily(name, meaning, value=value)


def _counters(name: str, meaning: str, label: str, values: Mapping[str, float]) -> Metric:
    family = CounterMetricFamily(name, meaning, labels=(label,))
    for which, value in values.items():
        family.add_metric([which], value)
    return family
