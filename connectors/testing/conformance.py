"""The promises of `connectors.api`, as tests that every kind of connector inherits.

    class TestPrometheus(ConnectorConformance):
        kind = prometheus.KIND
        cases = Cases(good=[("a", 1.0), ("b", 2.0)], zero="c", …)
        not_applicable = {"text": "PromQL answers numbers only"}

        @pytest.fixture(autouse=True)
        def _source(self, prometheus_server):
            self.url = prometheus_server.url

        def make(self, **options):
            return prometheus.KIND.open(prometheus.KIND.options(url=self.url, **options))

Kinds that speak HTTP add `HttpConformance`. Import `pytest_terminal_summary` of `connectors.testing.plugin` into the
topmost conftest (or run `pytest -p connectors.testing.plugin`), so that what a kind cannot have is printed with its reason.
"""

from __future__ import annotations

import logging
import threading
import time
from datetime import timedelta

import pytest
from pydantic import ValidationError

from connectors.api import API_VERSION, Connector, ConnectorKind, ErrorKind, NoData, Reading
from connectors.testing.asking import DEADLINE, ConnectorHarness, assert_failure, assert_value, opened


class ConnectorConformance(ConnectorHarness):
    """The promises that do not depend on how a source is spoken to."""

    # -- the kind

    def test_the_kind_announces_itself(self) -> None:
        assert isinstance(self.kind, ConnectorKind)
        assert self.kind.api == API_VERSION
        assert self.kind.title
        assert self.kind.default_every > timedelta(0)

    def test_unknown_options_are_refused(self) -> None:
        assert self.kind.options.model_json_schema()["additionalProperties"] is False
        with pytest.raises(ValidationError) as caught:
            self.kind.options.model_validate({"tmeout": "30s"})
        assert any(error["loc"] == ("tmeout",) for error in caught.value.errors())

    def test_good_texts_have_no_problems_offline(self) -> None:
        assert [problem for text, _ in self.cases.good for problem in self.kind.problems(text)] == []

    # -- values

    def test_a_number_is_that_number(self) -> None:
        for text, expected in self.cases.good:
            assert_value(expected, self.answer(self.question(text)))

    def test_zero_is_zero(self, request: pytest.FixtureRequest) -> None:
        if not self.excused("zero", request):
            assert_value(0.0, self.answer(self.question(self.cases.zero or "")))

    def test_nothing_is_no_data_and_never_zero(self, request: pytest.FixtureRequest) -> None:
        if not self.excused("empty", request):
            outcome = self.answer(self.question(self.cases.empty or ""))
            assert isinstance(outcome, NoData), outcome
            assert outcome.reason

    def test_text_is_refused(self, request: pytest.FixtureRequest) -> None:
        if not self.excused("text", request):
            outcome = self.answer(self.question(self.cases.text or ""))
            assert_failure(outcome, ErrorKind.BAD_VALUE, ErrorKind.BAD_QUERY)

    def test_nan_is_refused(self, request: pytest.FixtureRequest) -> None:
        if not self.excused("nan", request):
            assert_failure(self.answer(self.question(self.cases.nan or "")), ErrorKind.BAD_VALUE)

    def test_several_answers_are_refused(self, request: pytest.FixtureRequest) -> None:
        if not self.excused("several", request):
            outcome = self.answer(self.question(self.cases.several or ""))
            failure = assert_failure(outcome, ErrorKind.BAD_VALUE, ErrorKind.BAD_QUERY)
            assert "pick" in failure.message, "the message names the way out"

    def test_pick_singles_out(self, request: pytest.FixtureRequest) -> None:
        if self.excused("picked", request):
            return
        text, picks = self.cases.picked or ("", [])
        questions = [self.question(text, key=str(n), pick=pick) for n, (pick, _) in enumerate(picks)]
        with opened(self.make()) as connector:
            outcomes = self.answers(connector, questions)
        for n, (_, expected) in enumerate(picks):
            assert_value(expected, outcomes[str(n)])

    def test_a_pick_that_matches_nothing_is_no_data(self, request: pytest.FixtureRequest) -> None:
        if self.excused("picked", request):
            return
        text, picks = self.cases.picked or ("", [])
        nobody = dict.fromkeys(picks[0][0], "nobody-has-this")
        assert isinstance(self.answer(self.question(text, pick=nobody)), NoData)

    # -- many questions

    def test_one_bad_question_never_spoils_another(self, request: pytest.FixtureRequest) -> None:
        if self.excused("bad_query", request):
            return
        questions = [self.question(text, key=f"good {n}") for n, (text, _) in enumerate(self.cases.good)]
        questions.insert(1, self.question(self.cases.bad_query or "", key="bad"))
        with opened(self.make()) as connector:
            outcomes = self.answers(connector, questions)
        failure = assert_failure(outcomes["bad"], ErrorKind.BAD_QUERY)
        assert not failure.kind.retryable
        for n, (_, expected) in enumerate(self.cases.good):
            assert_value(expected, outcomes[f"good {n}"])

    def test_equal_questions_all_get_their_answer(self) -> None:
        text, expected = self.cases.good[0]
        with opened(self.make()) as connector:
            outcomes = self.answers(connector, [self.question(text, key=str(n)) for n in range(5)])
        for outcome in outcomes.values():
            assert_value(expected, outcome)

    def test_no_question_is_no_answer(self) -> None:
        with opened(self.make()) as connector:
            assert list(connector.fetch([], DEADLINE)) == []

    def test_several_threads_may_ask_at_once(self) -> None:
        wrong: list[object] = []

        def asking(connector: Connector, text: str, expected: float) -> None:
            for _ in range(10):
                outcome = self.answers(connector, [self.question(text)])["q"]
                if not (isinstance(outcome, Reading) and outcome.value == expected):
                    wrong.append(outcome)

        with opened(self.make()) as connector:
            threads = [
                threading.Thread(target=asking, args=(connector, *self.cases.good[n % len(self.cases.good)]))
                for n in range(8)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(60)
        assert wrong == []

    # -- the past

    def test_a_past_instant_is_answered_as_it_was(self, request: pytest.FixtureRequest) -> None:
        if self.excused("past", request):
            return
        text, at, expected = self.cases.past or ("", self.as_of, 0.0)
        assert self.kind.answers_the_past(text)
        outcome = self.answer(self.question(text, at=at, historical=True))
        assert_value(expected, outcome)
        assert isinstance(outcome, Reading)
        assert outcome.at <= at

    def test_todays_number_never_stands_under_a_past_date(self, request: pytest.FixtureRequest) -> None:
        if self.excused("today_only", request):
            return
        text = self.cases.today_only or ""
        assert not self.kind.answers_the_past(text)
        past = self.as_of - timedelta(days=10)
        assert_failure(self.answer(self.question(text, at=past, historical=True)), ErrorKind.BAD_QUERY)

    def test_a_range_has_one_outcome_for_each_instant(self, request: pytest.FixtureRequest) -> None:
        if self.excused("range", request):
            return
        text, expected = self.cases.range or ("", {})
        moments = [self.moment(at) for at in expected]
        with opened(self.make()) as connector:
            given = list(
                connector.fetch_range(
                    self.question(text, at=moments[0].as_of, historical=True), moments, DEADLINE
                )
            )
        assert sorted(expected) == sorted(at for at, _ in given)
        for at, outcome in given:
            value = expected[at]
            if value is None:
                assert isinstance(outcome, NoData), (at, outcome)
            else:
                assert_value(value, outcome)

    # -- manners

    def test_nothing_is_written(self, request: pytest.FixtureRequest) -> None:
        if self.excused("writes", request):
            return
        text, expected = self.cases.good[0]
        for write in self.cases.writes:
            self.answer(self.question(write))
            assert_value(expected, self.answer(self.question(text)))

    def test_a_slow_answer_is_cut_at_the_deadline(self, request: pytest.FixtureRequest) -> None:
        if self.excused("slow", request):
            return
        began = time.monotonic()
        outcome = self.answer(self.question(self.cases.slow or ""), timedelta(seconds=1))
        assert time.monotonic() - began < 2.5, (
            "the deadline is a second, and a second of grace; opening is extra"
        )
        assert_failure(outcome, ErrorKind.TIMEOUT)

    def test_closing_twice_is_safe(self) -> None:
        connector = self.make()
        self.answers(connector, [self.question(self.cases.good[0][0])])
        connector.close()
        connector.close()

    # -- health

    def test_a_healthy_source_is_reported_healthy(self) -> None:
        with opened(self.make()) as connector:
            health = connector.check(DEADLINE)
        assert health.ok, health
        assert health.kind is None

    def test_refused_credentials_are_an_auth_failure(self, request: pytest.FixtureRequest) -> None:
        if self.excused("unauthorised", request):
            return
        with opened(self.make_unauthorised()) as connector:
            health = connector.check(DEADLINE)
            outcome = self.answers(connector, [self.question(self.cases.good[0][0])])["q"]
        assert not health.ok
        assert health.kind == ErrorKind.AUTH, health
        assert_failure(outcome, ErrorKind.AUTH)

    def test_a_source_that_is_not_there_is_transient(self, request: pytest.FixtureRequest) -> None:
        if self.excused("unreachable", request):
            return
        with opened(self.make_unreachable()) as connector:
            health = connector.check(DEADLINE)
            outcome = self.answers(connector, [self.question(self.cases.good[0][0])])["q"]
        assert not health.ok
        assert health.kind in (ErrorKind.TRANSIENT, ErrorKind.TIMEOUT), health
        assert_failure(outcome, ErrorKind.TRANSIENT, ErrorKind.TIMEOUT)

    def test_no_secret_is_told(
        self, request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture
    ) -> None:
        if self.excused("secrets", request):
            return
        assert self.secrets, "name the secret values in `secrets`, or give a reason in `not_applicable`"
        caplog.set_level(logging.DEBUG)
        told: list[object] = []
        makers = {
            "make": self.make,
            "unauthorised": self.make_unauthorised,
            "unreachable": self.make_unreachable,
        }
        for scene, make in makers.items():
            if scene in self.not_applicable:
                continue
            with opened(make()) as connector:
                told += [connector, getattr(connector, "__dict__", None), connector.check(DEADLINE)]
                texts = [self.cases.good[0][0], *filter(None, (self.cases.bad_query,))]
                told += self.answers(
                    connector, [self.question(t, key=str(n)) for n, t in enumerate(texts)]
                ).values()
        everything = "\n".join([*(f"{item!r} {item!s}" for item in told), caplog.text])
        assert [n for n, secret in enumerate(self.secrets) if secret in everything] == []
