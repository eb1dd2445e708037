"""What the daemon remembers between transactions: a copy of the store that is dropped whenever it may be wrong."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from collector.domain.alert import Alert, AlertKind, quiet
from collector.domain.baseline import Baseline
from collector.domain.days import Day
from collector.domain.evaluation import Evaluation
from collector.domain.health import Pulse
from collector.domain.judgement import History
from collector.domain.measure import Binding
from collector.domain.okr import KeyResult, Okrs
from collector.domain.sample import GapReason
from collector.ports.store import Current, Enrolment, Transaction


@dataclass(slots=True)
class Account:
    """One key result with everything its verdict rests on."""

    key_result: KeyResult
    binding: Binding
    enrolment: Enrolment
    current: Current
    days: list[Day]
    """Ascending; the open one, and those not yet closed, have no value."""
    baseline: Baseline | None = None
    evaluation: Evaluation | None = None
    changed: bool = True
    """Whether closed days or the baseline may have changed since `evaluation`."""
    review: datetime | None = None
    """When the verdict may change though nothing is read; nothing: at once."""

    def day(self, number: int) -> Day | None:
        """Give the aggregate of a day, if it holds a reading."""
        place = bisect_left(self.days, number, key=_number)
        return self.days[place] if place < len(self.days) and self.days[place].day == number else None

    def put_day(self, day: Day) -> None:
        """Replace or add a day."""
        place = bisect_left(self.days, day.day, key=_number)
        if place < len(self.days) and self.days[place].day == day.day:
            self.days[place] = day
        else:
            self.days.insert(place, day)

    @property
    def pulse(self) -> Pulse:
        """The three times of its series, and how the last attempt ended."""
        return Pulse(
            attempted=self.current.attempted,
            succeeded=self.current.succeeded,
            as_of=self.current.as_of,
            failing=GapReason(self.current.failing) if self.current.failing else None,
        )

    @property
    def history(self) -> History:
        """Everything `evaluate` wants to know."""
        return History(
            days=self.days,
            baseline=self.baseline,
            pulse=self.pulse,
            current=self.current.value,
            covered=self.current.covered,
            pending=self.current.heal_since,
            first_slot=self.current.first_slot,
            previous=self.evaluation,
            trouble=self.current.detail if self.current.failing else "",
            series=self.enrolment.series,
            changed=self.changed,
        )


def _number(day: Day) -> int:
    return day.day


@dataclass(slots=True)
class Ledger:
    """Accounts by series, and the alerts. Used by one thread at a time."""

    okrs: Okrs
    accounts: dict[int, Account] = field(default_factory=dict)
    alerts: dict[tuple[AlertKind, str], Alert] = field(default_factory=dict)
    """By what they are and whom they concern; quiet ones once they were asked for."""
    loaded: bool = False
    enrolments: Mapping[str, Enrolment] | None = None
    """As the files of this process enrolled them: what another process enrols meanwhile is its own business."""

    @property
    def key_results(self) -> list[KeyResult]:
        """Those that are measured."""
        return [kr for kr in self.okrs.key_results.values() if kr.binding is not None]

    def load(self, tx: Transaction, enrolments: Mapping[str, Enrolment] | None = None) -> bool:
        """Read everything anew, unless it is here already and nobody else has written since; tells whether it was."""
        if self.loaded and not tx.foreign_change:
            return False
        if enrolments is not None:
            self.enrolments = enrolments
        known = self.enrolments if self.enrolments is not None else tx.enrolments()
        measured = [(kr, known[kr.key]) for kr in self.key_results if kr.key in known]
        series = [enrolment.series for _, enrolment in measured]
        ids = [enrolment.key_result for _, enrolment in measured]
        currents, days = tx.currents(series), tx.days(series)
        baselines, evaluations = tx.baselines(ids), tx.evaluations(ids)
        self.accounts = {
            enrolment.series: Account(
                key_result=key_result,
                binding=key_result.binding,
                enrolment=enrolment,
                current=currents[enrolment.series],
                days=days[enrolment.series],
                baseline=baselines.get(enrolment.key_result),
                evaluation=_of_series(evaluations.get(enrolment.key_result), enrolment.series),
            )
            for key_result, enrolment in measured
            if key_result.binding is not None
        }
        self.alerts = {(alert.kind, alert.subject): alert for alert in tx.alerts().values()}
        self.loaded = True
        return True

    def forget(self) -> None:
        """Drop everything: a transaction failed, so memory and store may differ."""
        self.accounts, self.alerts, self.loaded = {}, {}, False

    def of(self, series: Iterable[int]) -> list[Account]:
        """Give the accounts of these series, each once."""
        return [self.accounts[one] for one in dict.fromkeys(series) if one in self.accounts]

    def behind(self, source: str) -> list[Account]:
        """Give the accounts that a source feeds."""
        return [account for account in self.accounts.values() if account.binding.source == source]

    def alert(self, kind: AlertKind, subject: str) -> Alert:
        """Give an alert as it stands."""
        known = self.alerts.get((kind, subject))
        if known is None:
            known = self.alerts[kind, subject] = quiet(kind, subject)
        return known

    def put_alerts(self, alerts: Collection[Alert]) -> None:
        """Remember alerts as they stand now."""
        self.alerts |= {(alert.kind, alert.subject): alert for alert in alerts}


def _of_series(evaluation: Evaluation | None, series: int) -> Evaluation | None:
    """Another measure is another series: what was judged of the old one says nothing about it."""
    return evaluation if evaluation is not None and evaluation.series == series else None
