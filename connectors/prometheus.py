"""Reads Prometheus and what speaks its query API: Thanos, Mimir, VictoriaMetrics, and the managed ones.

A text is PromQL whose value is one number. It may use `$since $until $as_of $cycle_start $cycle_end` (unix seconds) and
`$window $elapsed $every` (PromQL durations). It is asked *at* the end of its window, so every text answers the past. The
value of a plain selector carries the time stamp of its sample, that of an expression the slot's. Events are written as
selectors of counters, whose increase over the window is asked for.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Literal, Self

from pydantic import Field, model_validator

from connectors import promql
from connectors.api import (
    Answer,
    Capabilities,
    ConnectorKind,
    ErrorKind,
    Failure,
    Health,
    Moment,
    Outcome,
    Question,
    Secret,
)
from connectors.auth import Address, AuthenticatedOptions, Authentication, address_of
from connectors.in_flight import InFlight
from connectors.prometheus_batch import FUSED_CHARACTERS, InstantJob, batches, group
from connectors.prometheus_range import RangeJob, split
from connectors.prometheus_session import Envelope, PrometheusApi

SKEW_WORRY = timedelta(seconds=30)
"""A difference between the clocks that a person should know of."""
_RESERVED = {"query", "time", "start", "end", "step", "timeout"}


class PrometheusOptions(AuthenticatedOptions):
    """Options of a source of kind `prometheus`."""

    url: Address | Secret
    """Everything before `/api/v1`, such as https://mimir.example/prometheus; or a reference to it."""
    method: Literal["POST", "GET"] = "POST"
    """How queries are sent; Google's managed service wants GET."""
    params: dict[str, str] = Field(default_factory=dict)
    """Sent along with every query, such as `partial_response: "false"` for Thanos."""
    batch: int = Field(default=50, ge=1, le=500)
    """Queries fused into one request at most; past 50, releases before 3.0 get slower."""
    connections: int = Field(default=2, ge=1, le=16)
    """Requests in flight at most."""

    @model_validator(mode="after")
    def _own_parameters_only(self) -> Self:
        taken = sorted(_RESERVED & self.params.keys())
        if taken:
            raise ValueError(f"`params` may not set {', '.join(taken)}: krd sets it with every query")
        return self


class PrometheusConnector:
    """An open Prometheus. `clock` tells the present, for the comparison of clocks in `check`; without it, none is made."""

    def __init__(self, options: PrometheusOptions, *, clock: Callable[[], datetime] | None = None) -> None:
        self.capabilities = Capabilities(ranges=True, batches=True, concurrency=options.connections)
        self._options = options
        self._clock = clock
        self._authentication = Authentication(options)
        self._url = address_of(options.url)
        self._api = PrometheusApi(
            self._url, self._authentication, method=options.method, params=options.params
        )
        self._in_flight = InFlight(options.connections, "krd-prometheus")

    def __repr__(self) -> str:
        return f"PrometheusConnector({str(self._options.url)!r})"

    def check(self, deadline: timedelta) -> Health:
        """Evaluate the source's clock, which proves way, credentials and query API on every clone."""
        expires = time.monotonic() + deadline.total_seconds()
        before = self._clock() if self._clock else None
        envelope = self._api.instant("time()", None, deadline.total_seconds())
        if isinstance(envelope, Failure):
            return Health(ok=False, message=envelope.message, kind=envelope.kind)
        theirs = _clock_of(envelope)
        if theirs is None:
            text = "the source answers, but not with the time it was asked for; check the address"
            return Health(ok=False, message=text, kind=ErrorKind.BAD_VALUE)
        skew = theirs - before if before else None
        warnings = self._authentication.worries(self._url)
        if skew is not None and abs(skew) > SKEW_WORRY:
            warnings += (f"its clock and ours differ by {skew.total_seconds():.0f} s",)
        version = self._api.version(max(expires - time.monotonic(), 0.0))
        return Health(ok=True, message="answers queries", version=version, skew=skew, warnings=warnings)

    def fetch(self, questions: Sequence[Question], deadline: timedelta) -> Iterator[Answer]:
        """Answer questions in as few requests as is safe; see `connectors.prometheus_batch`."""
        asks, refused = group(questions)
        yield from refused
        characters = FUSED_CHARACTERS[self._options.method]
        jobs = [InstantJob(self._api, batch) for batch in batches(asks, self._options.batch, characters)]
        yield from self._in_flight.run(jobs, deadline)

    def fetch_range(
        self, question: Question, moments: Sequence[Moment], deadline: timedelta
    ) -> Iterator[tuple[datetime, Outcome]]:
        """Answer with range queries where they are exact, and with instant queries for the rest."""
        expires = time.monotonic() + deadline.total_seconds()
        runs, single = split(question, moments)
        jobs = [RangeJob(self._api, question, run) for run in runs]
        yield from self._in_flight.run(jobs, deadline)
        asked = {moment.as_of.isoformat(): moment for moment in single}
        questions = [replace(question, key=key, moment=moment) for key, moment in asked.items()]
        left = timedelta(seconds=max(expires - time.monotonic(), 0.0))
        for key, outcome in self.fetch(questions, left):
            yield asked[key].as_of, outcome

    def names(self, deadline: timedelta) -> list[str] | Failure:
        """The names of all metrics, for someone who looks around."""
        return self._api.names(deadline.total_seconds())

    def label_values(self, label: str, metric: str, deadline: timedelta) -> list[str] | Failure:
        """The values that `label` takes on `metric`."""
        return self._api.label_values(label, metric, deadline.total_seconds())

    def close(self) -> None:
        """Give back threads and connections. Safe to call twice."""
        self._in_flight.close()
        self._api.close()


def _clock_of(envelope: Envelope) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(envelope.result[1]), UTC)
    except (TypeError, ValueError, IndexError, KeyError, OverflowError):
        return None


KIND = ConnectorKind(
    name="prometheus",
    title="Prometheus, Thanos, Mimir, VictoriaMetrics and other PromQL sources",
    options=PrometheusOptions,
    open=PrometheusConnector,
    problems=promql.problems,
    answers_the_past=lambda _: True,
    counter=promql.increase,
    default_every=timedelta(minutes=15),
)
