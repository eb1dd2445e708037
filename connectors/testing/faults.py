"""What a connector that speaks HTTP owes when the other side misbehaves: the right kind, in time, after one request."""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar

import pytest

from connectors.api import Connector, ErrorKind, Failure, NoData, Outcome, Reading
from connectors.testing.asking import opened
from connectors.testing.conformance import ConnectorConformance
from connectors.testing.fault_server import FaultServer, Reply, Welcome

FAULT_DEADLINE = timedelta(seconds=1)
GRACE = 1.0
"""Seconds by which a call may outlive its deadline."""

HTTP_FAULTS: Mapping[str, frozenset[ErrorKind]] = {
    "hang": frozenset({ErrorKind.TIMEOUT}),
    "trickle_head": frozenset({ErrorKind.TIMEOUT}),
    "trickle_body": frozenset({ErrorKind.TIMEOUT}),
    "close": frozenset({ErrorKind.TRANSIENT}),
    "truncated": frozenset({ErrorKind.TRANSIENT}),
    "not_http": frozenset({ErrorKind.TRANSIENT, ErrorKind.BAD_VALUE}),
    "500": frozenset({ErrorKind.TRANSIENT}),
    "503_retry_after": frozenset({ErrorKind.TRANSIENT}),
    "429_seconds": frozenset({ErrorKind.RATE_LIMITED}),
    "429_date": frozenset({ErrorKind.RATE_LIMITED}),
    "429_garbage": frozenset({ErrorKind.RATE_LIMITED}),
    "403_limit": frozenset({ErrorKind.RATE_LIMITED}),
    "401": frozenset({ErrorKind.AUTH}),
    "403": frozenset({ErrorKind.AUTH}),
    "302_login": frozenset({ErrorKind.AUTH}),
    "html_200": frozenset({ErrorKind.AUTH, ErrorKind.BAD_VALUE}),
    "404": frozenset({ErrorKind.BAD_QUERY}),
    "garbage": frozenset({ErrorKind.BAD_VALUE}),
    "empty_json": frozenset({ErrorKind.BAD_VALUE}),
    "huge": frozenset({ErrorKind.BAD_VALUE, ErrorKind.BAD_QUERY}),
}
"""The ways to misbehave, and the kinds of failure that each may become. `empty_json` may be `NoData` as well."""

RETRY_AFTER: Mapping[str, timedelta | None] = {
    "503_retry_after": timedelta(seconds=7),
    "429_seconds": timedelta(seconds=42),
    "429_date": timedelta(seconds=90),
    "429_garbage": None,
    "403_limit": timedelta(seconds=50),
}


class HttpConformance(ConnectorConformance):
    """Adds the faults of a network and of what stands between: proxies, login pages, rate limits."""

    faults: ClassVar[Mapping[str, frozenset[ErrorKind]]] = HTTP_FAULTS
    reply: ClassVar[Reply]
    """Answers a request for the first good text with its value."""
    welcome: ClassVar[Welcome | None] = None
    """Answers the requests by which a connector proves who it is before its first question, and no others."""

    def make_at(self, url: str) -> Connector:  # noqa: ARG002 - what those of a kind are given
        """Open a connector on another address, with the usual credentials. A kind has to give it."""
        raise self.not_staged("make_at")

    def make_unreachable(self) -> Connector:
        """A port that was free a moment ago."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        return self.make_at(f"http://127.0.0.1:{port}")

    def _server(self, mode: str) -> FaultServer:
        return FaultServer(mode, type(self).reply, type(self).welcome)

    def _kinds(self, mode: str) -> frozenset[ErrorKind]:
        kinds = self.faults.get(mode)
        assert kinds, f"state what {mode!r} becomes in `faults`"
        return kinds

    def _assert_fault(self, mode: str, outcome: Outcome) -> None:
        if mode == "empty_json" and isinstance(outcome, NoData):
            return
        assert isinstance(outcome, Failure), (mode, outcome)
        assert outcome.kind in self._kinds(mode), (mode, outcome)
        if mode in RETRY_AFTER:
            assert RETRY_AFTER[mode] == outcome.retry_after
        for secret in self.secrets:
            assert secret not in repr(outcome)

    @pytest.mark.parametrize("mode", sorted(HTTP_FAULTS))
    def test_a_fault_is_told_in_time_after_one_request(self, mode: str) -> None:
        with self._server(mode) as server, opened(self.make_at(server.url)) as connector:
            question = self.question(self.cases.good[0][0])
            began = time.monotonic()
            outcome = self.answers(connector, [question], FAULT_DEADLINE)["q"]
            took = time.monotonic() - began
            asked = len(server.asked)
        assert took < FAULT_DEADLINE.total_seconds() + GRACE
        self._assert_fault(mode, outcome)
        assert asked == 1, "retrying is the collector's business"

    @pytest.mark.parametrize("mode", sorted(HTTP_FAULTS))
    def test_a_fault_leaves_no_question_without_an_outcome(self, mode: str) -> None:
        texts = [text for text, _ in self.cases.good]
        with FaultServer(mode) as server, opened(self.make_at(server.url)) as connector:
            questions = [self.question(text, key=f"{n}") for n, text in enumerate(texts * 3)]
            began = time.monotonic()
            outcomes = self.answers(connector, questions, FAULT_DEADLINE)
            took = time.monotonic() - began
        assert took < FAULT_DEADLINE.total_seconds() + GRACE
        for outcome in outcomes.values():
            self._assert_fault(mode, outcome)

    @pytest.mark.parametrize("mode", ["hang", "trickle_body", "401", "500", "html_200", "garbage", "huge"])
    def test_a_fault_is_an_outcome_for_each_instant_of_a_range(
        self, mode: str, request: pytest.FixtureRequest
    ) -> None:
        if self.excused("range", request):
            return
        text, expected = self.cases.range or ("", {})
        moments = [self.moment(at) for at in expected]
        with FaultServer(mode) as server, opened(self.make_at(server.url)) as connector:
            question = self.question(text, at=moments[0].as_of, historical=True)
            began = time.monotonic()
            given = list(connector.fetch_range(question, moments, FAULT_DEADLINE))
            took = time.monotonic() - began
        assert took < FAULT_DEADLINE.total_seconds() + GRACE
        assert sorted(expected) == sorted(at for at, _ in given)
        for _, outcome in given:
            self._assert_fault(mode, outcome)

    @pytest.mark.parametrize("mode", sorted(HTTP_FAULTS))
    def test_a_health_check_survives_a_fault(self, mode: str) -> None:
        with FaultServer(mode) as server, opened(self.make_at(server.url)) as connector:
            began = time.monotonic()
            health = connector.check(FAULT_DEADLINE)
            took = time.monotonic() - began
        assert took < FAULT_DEADLINE.total_seconds() + GRACE
        assert not health.ok
        assert health.kind is not None
        assert health.message

    def test_a_connector_recovers_when_the_source_does(self) -> None:
        _, expected = self.cases.good[0]
        question = self.question(self.cases.good[0][0])
        with (
            self._server("trickle_body") as server,
            opened(self.make_at(server.url)) as connector,
        ):
            self.answers(connector, [question], timedelta(seconds=0.3))
            server.mode = "ok"
            outcome = self.answers(connector, [question], FAULT_DEADLINE)["q"]
        assert isinstance(outcome, Reading), outcome
        assert expected == outcome.value

    def test_one_question_is_one_request_that_asks_for_no_compression(self) -> None:
        with (
            self._server("ok") as server,
            opened(self.make_at(server.url)) as connector,
        ):
            self.answers(connector, [self.question(self.cases.good[0][0])])
            [received] = server.asked
        assert received.headers["accept-encoding"] == "identity", "compressing small answers costs the source"
        assert received.headers["user-agent"].startswith("krd/")
