"""The contract between krd and everything it reads. The collector knows this module and no other one here.

A **connector** answers *questions* about a source with numbers. Its promises, each checked by
`connectors.testing.ConnectorConformance` over real sockets:

* `check` proves that the source can be used as configured (reachable, credentials good, who we are). It never raises.
* `fetch` answers many questions. It never raises; it yields exactly one `(key, outcome)` for every question, in any
  order and as early as it can. One bad question never spoils another's answer.
* `fetch_range` answers one question at many instants of the past, and yields one outcome for each instant.
* A number is a finite `float` that the source really gave. Nothing there is `NoData`, never zero. NaN, infinities,
  booleans, text, several rows or series where one is due are `Failure(BAD_VALUE)`, never a number.
* A past instant (`Question.historical`) is answered as it was then, or refused with `Failure(BAD_QUERY)`: never with
  today's number under yesterday's date.
* Nothing is written to the source. Exactly one request (or one batch) is made for a fetch: retrying is the
  collector's business.
* No call outlives its deadline by more than a second, however the source misbehaves.
* No secret appears in an outcome, an error, a log or a `repr`.

A kind of connector is announced by a module-level `KIND` (see `ConnectorKind`) in `connectors/<kind>.py`, or by an
entry point in the group `krd.connectors` that points to such an object.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict

from connectors.moment import Moment
from connectors.secret import Secret, SecretUnavailable

API_VERSION = 1

__all__ = [
    "API_VERSION",
    "Answer",
    "Capabilities",
    "Connector",
    "ConnectorKind",
    "ErrorKind",
    "Failure",
    "Health",
    "LoadingConnector",
    "Moment",
    "NoData",
    "Outcome",
    "Question",
    "Reading",
    "Secret",
    "SecretUnavailable",
    "SourceOptions",
    "TextProblem",
    "number",
]


class ErrorKind(StrEnum):
    """Why a question has no answer, sorted by what happens next (DESIGN §7)."""

    TRANSIENT = "transient"
    """Connection refused or cut, 5xx, a lock: asked again in the same slot."""
    TIMEOUT = "timeout"
    """No complete answer before the deadline: asked again in the same slot."""
    RATE_LIMITED = "rate_limited"
    """The source asks for peace: the whole source sleeps for `retry_after`."""
    AUTH = "auth"
    """Credentials missing, refused, or a login page: the whole source pauses, one alert."""
    BAD_QUERY = "bad_query"
    """The source refuses this question: the binding backs off."""
    BAD_VALUE = "bad_value"
    """An answer that is not one finite number: the binding backs off."""
    CONFIG = "config"
    """Cannot work until a person changes something (missing driver, missing secret): the binding backs off."""
    PARTIAL = "partial"
    """The source says that its answer is incomplete: not recorded unless allowed."""

    @property
    def retryable(self) -> bool:
        """Whether asking again within the same slot can help."""
        return self in (ErrorKind.TRANSIENT, ErrorKind.TIMEOUT)

    @property
    def concerns_source(self) -> bool:
        """Whether the failure speaks of the whole source rather than of one question."""
        return self in (ErrorKind.TRANSIENT, ErrorKind.TIMEOUT, ErrorKind.RATE_LIMITED, ErrorKind.AUTH)


@dataclass(frozen=True, slots=True)
class Question:
    """One number wanted. `key` is the asker's name for it and comes back with the answer."""

    key: str
    text: str
    moment: Moment
    pick: Mapping[str, str] = field(default_factory=dict)
    """Labels or columns that single out one series or row; empty: the answer must be single by itself."""
    historical: bool = False
    """The instant lies in the past and must be honoured, or the question refused."""
    allow_partial: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """A finite number that the source gave."""

    value: float
    at: datetime
    """The instant the number stands for (the source's own time stamp where it tells one, else `as_of`)."""
    evidence: Mapping[str, str | int | float] = field(default_factory=dict)
    """What a doubter wants to see: the query as sent, labels, rows, milliseconds. No secret."""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NoData:
    """The source was asked, answered well, and had nothing: a gap, never a zero."""

    reason: str


@dataclass(frozen=True, slots=True)
class Failure:
    """The question was not answered. `message` says what happened and what to do; it carries no secret."""

    kind: ErrorKind
    message: str
    retry_after: timedelta | None = None
    status: int | None = None


Outcome = Reading | NoData | Failure
Answer = tuple[str, Outcome]


@dataclass(frozen=True, slots=True)
class Health:
    """What `check` found. `identity` names who the source takes us for, where it tells."""

    ok: bool
    message: str
    kind: ErrorKind | None = None
    version: str | None = None
    identity: str | None = None
    skew: timedelta | None = None
    """The source's clock minus ours, where it tells."""
    warnings: tuple[str, ...] = ()
    """Things worth a person's look, such as a database role that may write."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the collector may expect of a connector."""

    ranges: bool = False
    """`fetch_range` costs fewer requests than instants."""
    batches: bool = False
    """`fetch` costs fewer requests than questions."""
    concurrency: int = 2
    """Requests that the connector keeps in flight at most."""
    loads: bool = False
    """The source is filled in batches and says how far: the connector is a `LoadingConnector`."""


@dataclass(frozen=True, slots=True)
class TextProblem:
    """A mistake in a query's text, found without asking the source. Line and column count from 1 within the text."""

    message: str
    line: int = 1
    column: int = 1


class Connector(Protocol):
    """An open source. Thread-safe: `fetch` may run in several threads at once."""

    capabilities: Capabilities

    def check(self, deadline: timedelta) -> Health:
        """Prove the source, its credentials and our identity there."""

    def fetch(self, questions: Sequence[Question], deadline: timedelta) -> Iterator[Answer]:
        """Answer every question once. `deadline` bounds the whole call."""

    def fetch_range(
        self, question: Question, moments: Sequence[Moment], deadline: timedelta
    ) -> Iterator[tuple[datetime, Outcome]]:
        """Answer `question` at each of `moments` (ascending), keyed by `as_of`. Moments not reached before the deadline
        are answered with `Failure(TIMEOUT)`.
        """

    def close(self) -> None:
        """Give back sockets and connections. Safe to call twice."""


class LoadingConnector(Connector, Protocol):
    """An open source that is filled in batches. Asked only where `capabilities.loads` says so."""

    def loaded_until(self, deadline: timedelta) -> datetime | Failure | None:
        """Give the instant (aware, UTC) up to which everything is there; nothing when nothing is loaded. Never raises."""


class SourceOptions(BaseModel):
    """Options every source has. Kinds subclass it; unknown keys are refused."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True
    )

    timeout: timedelta = timedelta(seconds=30)
    """Total deadline of one request or batch, real time."""


@dataclass(frozen=True, slots=True)
class ConnectorKind:
    """Describes a kind of source to the registry, the file format and the linter.

    `options` is a pydantic model with `extra="forbid"`. `open` makes a connector and does no I/O. `problems` finds
    mistakes in a query text offline. `answers_the_past` tells whether a text is asked *at* a time, so that a past slot
    can be read later. `counter` is there where a source keeps counters that only rise: of the selector of one it makes the
    question for its increase over the window, or tells what is wrong with it. Good, bad and all events are then written
    as selectors, everywhere else as questions.
    """

    name: str
    title: str
    options: type[SourceOptions]
    open: Callable[[Any], Connector]
    problems: Callable[[str], Sequence[TextProblem]]
    answers_the_past: Callable[[str], bool]
    default_every: timedelta
    """Sampling interval when the binding names none; a whole number of days means days of the cycle."""
    api: int = API_VERSION
    counter: Callable[[str], str | TextProblem] | None = None


LARGEST = 1e100
"""A number past this, either side of zero, measures nothing, and its square is no float any more."""


def number(value: object) -> float | NoData | Failure:
    """The only gate through which a number comes in (DESIGN §1, law 1; reliability catalogue T2).

    Takes what a source gave: numbers, `Decimal`, numeric strings with a decimal point as Prometheus and JSON APIs send
    them. `None` is `NoData`. Booleans, text, NaN, infinities and containers are `Failure(BAD_VALUE)`. Integers past 2^53
    are refused too: as a float they would be a neighbouring number. So is everything past `LARGEST`.
    """
    if value is None:
        return NoData("the source answered null")
    if isinstance(value, bool):
        return Failure(ErrorKind.BAD_VALUE, f"expected a number, got the boolean {str(value).lower()}")
    if isinstance(value, (list, tuple, dict, set, bytes)):
        return Failure(ErrorKind.BAD_VALUE, f"expected a number, got a {type(value).__name__}")
    text = value.strip() if isinstance(value, str) else None
    if text is not None and ("_" in text or not text):
        return Failure(ErrorKind.BAD_VALUE, f"expected a number, got the text {text[:40]!r}")
    try:
        found = float(text if text is not None else value)  # type: ignore[arg-type]  # TypeError is the answer here
    except OverflowError:
        return Failure(ErrorKind.BAD_VALUE, "expected a number, got one too large for a float")
    except (TypeError, ValueError):
        shown = repr(text)[:42] if text is not None else type(value).__name__
        return Failure(
            ErrorKind.BAD_VALUE, f"expected a number, got {shown}; write numbers with a decimal point"
        )
    return _sound(found, value)


def _sound(found: float, given: object) -> float | Failure:
    """Refuse floats that are no measure, and those that stand for another number than the one given."""
    if math.isnan(found):
        return Failure(ErrorKind.BAD_VALUE, "the source answered NaN (often 0/0: no traffic in the window)")
    if math.isinf(found):
        return Failure(ErrorKind.BAD_VALUE, "the source answered an infinity (often a division by zero)")
    if abs(found) > LARGEST:
        return Failure(
            ErrorKind.BAD_VALUE, f"the source answered {found:.3g}, which measures nothing; check the query"
        )
    if isinstance(given, int) and abs(given) > 2**53:
        return Failure(ErrorKind.BAD_VALUE, "the whole number is past 2^53 and cannot be kept exactly")
    return found
