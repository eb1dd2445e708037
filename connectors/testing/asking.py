"""How the conformance kit asks: what a kind stages for its promises, and the few verbs the promises are written in."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest

from connectors.api import (
    Answer,
    Connector,
    ConnectorKind,
    ErrorKind,
    Failure,
    Moment,
    Outcome,
    Question,
    Reading,
)

DEADLINE = timedelta(seconds=10)
"""Time that a call against a healthy source may take."""


@dataclass(frozen=True, slots=True)
class Cases:
    """Texts whose true answers are known. A field left empty must be named in `not_applicable`, with the reason."""

    good: Sequence[tuple[str, float]]
    """Texts and their values at `as_of`; at least two, with different values."""
    zero: str | None = None
    """A text whose true answer is 0."""
    empty: str | None = None
    """A legal text that finds nothing."""
    text: str | None = None
    """A text that is answered with words instead of a number."""
    nan: str | None = None
    """A text that is answered with NaN or an infinity."""
    several: str | None = None
    """A text that is answered with several rows or series."""
    picked: tuple[str, Sequence[tuple[Mapping[str, str], float]]] | None = None
    """A text with several answers, and what each `pick` singles out; at least two picks."""
    bad_query: str | None = None
    """A text that the source refuses."""
    past: tuple[str, datetime, float] | None = None
    """A text, an instant of the past, and the value at that instant; it must differ from the value at `as_of`."""
    today_only: str | None = None
    """A text that cannot be asked of the past."""
    slow: str | None = None
    """A text that keeps the source busy for more than five seconds."""
    writes: Sequence[str] = ()
    """Texts that try to change the first good answer."""
    range: tuple[str, Mapping[datetime, float | None]] | None = field(default=None)
    """A text and its value at instants of the past, ascending; `None` where there is nothing."""


class ConnectorHarness:
    """What a kind stages: subclasses give `kind`, `cases`, `as_of` and `make`. See `ConnectorConformance`."""

    kind: ClassVar[ConnectorKind]
    cases: Cases
    as_of: datetime = datetime(2026, 11, 1, 12, tzinfo=UTC)
    """The instant at which the good answers hold."""
    window = timedelta(hours=1)
    secrets: Sequence[str] = ()
    """Secret values in use, which must not appear anywhere."""
    not_applicable: ClassVar[Mapping[str, str]] = {}
    """Names of cases and scenes that this kind cannot have, each with the reason, which is printed."""

    # What is to be given is not abstract: pytest passes over an abstract class, and all its promises, without a word.

    def make(self, **options: object) -> Connector:  # noqa: ARG002 - what those of a kind are given
        """Open a connector on the healthy source, with `options` laid over the usual ones. A kind has to give it."""
        raise self.not_staged("make")

    def make_unauthorised(self) -> Connector:
        """Open a connector whose credentials the source refuses: the scene `unauthorised`, given or not applicable."""
        raise self.not_staged("make_unauthorised", "unauthorised")

    def make_unreachable(self) -> Connector:
        """Open a connector on a place where nothing listens: the scene `unreachable`, given or not applicable."""
        raise self.not_staged("make_unreachable", "unreachable")

    def not_staged(self, method: str, scene: str = "") -> BaseException:
        """Give the failure of a test whose kind has no `method`, which makes a `scene` that may not apply to it."""
        excuse = f", or give a reason for {scene!r} in `not_applicable`" if scene else ""
        return pytest.fail.Exception(f"{type(self).__name__} has no method `{method}`: write it{excuse}")

    def excused(self, name: str, request: pytest.FixtureRequest) -> bool:
        """Tell whether the kind has declared that it cannot have the scene `name`; the reason is printed at the end.

        Fails the test when a case is neither staged nor excused: a promise is never skipped in silence.
        """
        reason = self.not_applicable.get(name)
        if reason:
            request.node.user_properties.append(
                ("not_applicable", f"{type(self).__name__}, {name}: {reason}")
            )
            return True
        if name in Cases.__dataclass_fields__ and not getattr(self.cases, name):
            pytest.fail(f"stage the case {name!r} in `cases`, or give a reason in `not_applicable`")
        return False

    def moment(self, at: datetime | None = None) -> Moment:
        """The moment of a question asked at `at` (default: `as_of`) in a cycle of 90 days around `as_of`."""
        until = at or self.as_of
        return Moment(
            as_of=until,
            until=until,
            since=until - self.window,
            cycle_start=self.as_of - timedelta(days=30),
            cycle_end=self.as_of + timedelta(days=60),
            every=timedelta(minutes=15),
        )

    def question(
        self,
        text: str,
        key: str = "q",
        at: datetime | None = None,
        pick: Mapping[str, str] | None = None,
        *,
        historical: bool = False,
    ) -> Question:
        """A question with the usual moment."""
        return Question(key, text, self.moment(at), pick or {}, historical)

    def answers(
        self, connector: Connector, questions: Sequence[Question], deadline: timedelta = DEADLINE
    ) -> dict[str, Outcome]:
        """Fetch `questions`; assert that each has exactly one outcome."""
        given: list[Answer] = list(connector.fetch(questions, deadline))
        assert sorted(key for key, _ in given) == sorted(question.key for question in questions)
        return dict(given)

    def answer(self, question: Question, deadline: timedelta = DEADLINE, **options: object) -> Outcome:
        """Open the healthy source, ask one question, close."""
        connector = self.make(**options)
        try:
            return self.answers(connector, [question], deadline)[question.key]
        finally:
            connector.close()


@contextmanager
def opened(connector: Connector) -> Iterator[Connector]:
    """Close `connector` at the end, whatever happens."""
    try:
        yield connector
    finally:
        connector.close()


def assert_value(expected: float, outcome: Outcome) -> None:
    """Assert a reading of exactly `expected`, as a finite float with an aware instant."""
    assert isinstance(outcome, Reading), outcome
    assert type(outcome.value) is float
    assert math.isfinite(outcome.value)
    assert expected == outcome.value
    assert outcome.at.tzinfo is not None


def assert_failure(outcome: Outcome, *kinds: ErrorKind) -> Failure:
    """Assert a failure of one of `kinds` with a message, and give it."""
    assert isinstance(outcome, Failure), outcome
    assert outcome.kind in kinds, outcome
    assert outcome.message
    return outcome
