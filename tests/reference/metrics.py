"""metrics.md: every name that /metrics may show, with its labels and its help, from a board that knows everything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time
from types import SimpleNamespace
from zoneinfo import ZoneInfo

from prometheus_client.metrics_core import Metric

from collector.domain.alert import AlertKind, AlertState, quiet
from collector.domain.announcement import Announcement, Family, Occasion, Severity
from collector.domain.calendar import BriefOnPreviousWorkingDay, Calendar, WeeklySync
from collector.domain.cycle import CalendarDays, Cycle
from collector.domain.evaluation import Evaluation
from collector.domain.forecasting.forecast import Forecast
from collector.domain.health import Health
from collector.domain.okr import KeyResult
from collector.domain.outage import SourceStanding
from collector.domain.sample import GapReason
from collector.domain.shape import Commitment, Reach, Typed
from collector.domain.status import Status
from collector.ports.board import OpenAlert, Vitals
from collector.ports.store import LetterState
from collector.services.announce import Outcome
from collector.web.metrics import BoardCollector
from tests.reference.markdown import code, page, table

AT = datetime(2026, 11, 30, 12, tzinfo=UTC)
SUFFIX = {"counter": "_total", "info": "_info"}


def page_of_metrics() -> str:
    families = list(BoardCollector(full_board(), lambda: 1).collect())
    key_results = [family for family in families if family.name.startswith("krd_key_result")]
    rest = [family for family in families if family not in key_results]
    return page(
        "Metrics",
        (
            "`krd run` answers `/metrics` on `KRD_WEB__LISTEN`. It is read at every scrape, and what is not known is absent, "
            "never a zero: `absent()` and `krd_key_result_health` tell unmeasured from bad. Values are in the unit of the key "
            "result, shares are 0–1, times are unix seconds. Where `KRD_WEB__ENABLED` is false there are none."
        ),
        "## Key results",
        _laid(key_results),
        "## The daemon itself",
        _laid(rest),
        "The process shows `process_*` (Linux) and `python_gc_*` as every Python client of Prometheus does.",
        "## Values of the labels",
        table(("label", "values"), label_values()),
        "## Rules worth having",
        (
            "`krd_ready == 0`, `time() - krd_last_kept_timestamp_seconds > 600` where something is due more often, "
            '`krd_store_writable == 0`, `krd_source_up == 0`, `krd_notifier_failing == 1` and `increase(krd_sendings_total{result="dead"}[1h]) > 0` each '
            "ask for a person. Key results themselves are told by krd's own notifiers."
        ),
    )


def label_values() -> Iterator[tuple[str, str]]:
    """Give the labels whose values are known beforehand."""
    yield "`status`", ", ".join(status.value for status in Status)
    yield "`health`", ", ".join(health.value for health in Health)
    yield "`reason` of `krd_gaps_total`", ", ".join(reason.value for reason in GapReason)
    yield "`kind` of `krd_alert_transitions_total`", ", ".join(kind.value for kind in AlertKind)
    yield "`state` of `krd_alert_transitions_total`", ", ".join(state.value for state in AlertState)
    yield "`state` of `krd_letters`", ", ".join(state.value for state in LetterState)
    yield "`state` of `krd_alerts_open`", "active, acked, silenced, inhibited"
    yield "`result` of `krd_sendings_total`", ", ".join(outcome.value for outcome in Outcome)


def name_of(family: Metric) -> str:
    """Give the name under which a family's series are exposed."""
    return family.name + SUFFIX.get(family.type, "")


def _laid(families: list[Metric]) -> str:
    rows = [
        (code(name_of(family)), family.type, ", ".join(labels_of(family)), family.documentation)
        for family in families
    ]
    return table(("name", "type", "labels", "meaning"), rows)


def labels_of(family: Metric) -> list[str]:
    """Name the labels of a family, those of its series where it has some."""
    shown = [name for sample in family.samples[:1] for name in sample.labels]
    return shown or list(getattr(family, "_labelnames", ()))


def full_board() -> SimpleNamespace:
    """Make a board on which every number is known."""
    source = SourceStanding(failures=1, down=True, since=AT)
    vitals = Vitals(
        started=AT, last_kept=AT, files_since=AT, rounds={"prod": 1}, collect_seconds={"prod": 1.0}
    )
    return SimpleNamespace(
        ready=tuple,
        verdicts=lambda: [(key_result(), evaluation())],
        sources=lambda: {"prod": source},
        outbox=lambda: {"ops": {LetterState.DUE: 1}},
        open_alerts=lambda: [open_alert()],
        disabled=lambda: {"ops": False},
        vitals=lambda: vitals,
        now=lambda: AT,
    )


def open_alert() -> OpenAlert:
    alert = replace(
        quiet(AlertKind.DRIFT, "2026-Q4:checkout/p95-latency"), state=AlertState.FIRING, episode=1
    )
    said = Announcement(
        id="evt_1", kind="drift", family=Family.VALUE, severity=Severity.TICKET, occasion=Occasion.FIRST,
        subject="checkout/p95-latency", team="checkout", title="Off track", sentence="", at=AT,
    )  # fmt: skip
    return OpenAlert(alert=alert, said=said)


def key_result() -> KeyResult:
    cycle = Cycle("2026-Q4", CalendarDays(ZoneInfo("UTC"), date(2026, 10, 1)), 92)
    return KeyResult(
        address="checkout/p95-latency",
        title="Cut p95 checkout latency from 900 ms to 450 ms",
        objective="checkout/fast",
        team="checkout",
        owner="li",
        commitment=Commitment.COMMITTED,
        cycle=cycle,
        calendar=Calendar(cycle, WeeklySync(0, time(10)), BriefOnPreviousWorkingDay(time(15))),
        shape=Reach(Typed(900), 450),
        binding=None,
    )


def evaluation() -> Evaluation:
    forecast = Forecast(0.5, 0.5, 0.7, 452.0, (430.0, 474.0), (398.0, 506.0), 88, 9.0, -4.0)
    return Evaluation(
        at=AT, status=Status.ON_TRACK, health=Health.FRESH, baseline=900.0, target=450.0, current=580.0, level=580.0,
        progress=0.7, expected=0.6, spent=0.5, forecast=forecast, coverage=1.0, as_of=AT,
    )  # fmt: skip
