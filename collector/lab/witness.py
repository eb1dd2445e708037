"""Watches what krd really does in the lab, through the doors everyone has: its store and its verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from collector.app import Running
from collector.domain.alert import AlertKind, AlertState, Transition
from collector.domain.evaluation import Evaluation
from collector.domain.okr import KeyResult
from collector.domain.sample import Gap, Origin, Sample
from collector.domain.status import Drift
from collector.services.read_models import standings

LATENCY = "shop/checkout-latency"
TICKETS = "shop/critical-tickets"


@dataclass(frozen=True, slots=True)
class Look:
    """The latency key result at one instant."""

    at: datetime
    evaluation: Evaluation


@dataclass(slots=True)
class Witness:
    """Remembers verdicts and alert changes in the order they were seen."""

    running: Running
    looks: list[Look] = field(default_factory=list)
    changes: list[Transition] = field(default_factory=list)
    _seen: int = 0

    @property
    def key_result(self) -> KeyResult:
        """The key result the story is about."""
        return self._called(LATENCY)

    def look(self) -> list[Transition]:
        """Look once; gives the alert changes that are new."""
        at = self.running.app.clock.now()
        for key_result, evaluation in self.running.daemon.board.verdicts():
            if key_result.address == LATENCY and evaluation is not None:
                self.looks.append(Look(at, evaluation))
        with self.running.app.store.read() as tx:
            news = tx.transitions(self._seen, 1000)
        self._seen = news[-1].seq if news else self._seen
        self.changes += [item.transition for item in news]
        return [item.transition for item in news]

    def at(self, moment: datetime) -> Evaluation | None:
        """Give the last verdict seen not later than `moment`."""
        return next((look.evaluation for look in reversed(self.looks) if look.at <= moment), None)

    def between(self, since: datetime, until: datetime) -> list[Evaluation]:
        """Give the verdicts seen in a stretch."""
        return [look.evaluation for look in self.looks if since < look.at <= until]

    def drift(self, state: AlertState) -> datetime | None:
        """Give when the drift alert of the latency first came into `state`."""
        wanted = (AlertKind.DRIFT, self.key_result.key, state)
        found = (c.at for c in self.changes if (c.alert.kind, c.alert.subject, c.alert.state) == wanted)
        return next(found, None)

    def slots(self, since: datetime, until: datetime, of: str = LATENCY) -> tuple[list[Sample], list[Gap]]:
        """Give what is stored of a key result with since < slot <= until."""
        key = self._called(of).key
        with self.running.app.store.read() as tx:
            series = tx.enrolments()[key].series
            return tx.samples([series], since, until)[series], tx.gaps([series], since, until)[series]

    def mean(self, since: datetime, until: datetime) -> float | None:
        """Give the mean of the latency's stored readings in a stretch."""
        samples, _ = self.slots(since, until)
        return sum(sample.value for sample in samples) / len(samples) if samples else None

    def sheet(self) -> list[str]:
        """Write the sheet: every key result with its verdict."""
        app = self.running.app
        shown = standings(app.store, app.configuration.okrs, app.clock.now())
        return [
            f"  {one.key_result.address}: {one.evaluation.status.value}. {one.evaluation.sentence}"
            for one in shown
            if one.evaluation is not None
        ]

    def _called(self, address: str) -> KeyResult:
        okrs = self.running.app.configuration.okrs
        return next(kr for kr in okrs.key_results.values() if kr.address == address)


def healed(samples: list[Sample]) -> int:
    """Count the readings that were asked for later."""
    return sum(1 for sample in samples if sample.origin is Origin.HEALED)


def machine(evaluation: Evaluation) -> Mapping[str, object]:
    """Give what the drift machine remembers, to see whether it moved."""
    drift: Drift = evaluation.drift
    return {"status": drift.status.value, "low": drift.low, "high": drift.high}


def day(start: datetime, at: datetime, length: timedelta) -> float:
    """Count days since the start, with fractions."""
    return (at - start) / length
