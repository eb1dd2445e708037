"""What a real Prometheus answers through krd: fusing, forging, picking, time stamps, ranges."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors import prometheus
from connectors.api import ErrorKind, Failure, NoData, Reading

TEN = timedelta(seconds=10)


def values(connector, questions):
    return {
        key: outcome.value if isinstance(outcome, Reading) else outcome
        for key, outcome in connector.fetch(questions, TEN)
    }


def test_fifty_questions_are_one_request(source, ask):
    questions = [ask(f"sum(many_{n})", key=str(n)) for n in range(50)]

    assert values(source, questions) == {str(n): float(n) for n in range(50)}
    assert len(source.asked) == 1


def test_a_bad_one_in_a_hundred_and_twenty_costs_its_batch_one_round_of_singles(source, ask):
    questions = [ask(f"sum(many_{n})", key=str(n)) for n in range(120)]
    # many-to-many matching fails at run time only, without a position
    questions[50] = ask("answer / on() latency_ms", key="50")

    found = values(source, questions)

    assert isinstance(found["50"], Failure)
    assert found["50"].kind is ErrorKind.BAD_QUERY
    assert {key: value for key, value in found.items() if key != "50"} == {
        str(n): float(n) for n in range(120) if n != 50
    }
    assert len(source.asked) == 3 + 40


def test_equal_texts_are_asked_once(source, ask):
    found = values(source, [ask("sum(answer)", key=str(n)) for n in range(9)])

    assert set(found.values()) == {42.0}
    assert len(source.asked) == 1
    assert source.asked[0][1].count("answer") == 1


def test_picks_of_one_text_share_one_request(source, ask):
    questions = [
        ask("latency_ms", key="a", pick={"service": "checkout"}),
        ask("latency_ms", key="b", pick={"service": "search"}),
        ask("latency_ms", key="c", pick={"service": "search", "zone": ""}),
    ]

    found = values(source, questions)

    assert (found["a"], found["b"]) == (450.0, 120.25)
    assert isinstance(found["c"], NoData)
    assert len(source.asked) == 1


def test_two_series_without_a_pick_name_themselves_and_the_way_out(source, ask):
    found = values(source, [ask("latency_ms")])["q"]

    assert found.kind is ErrorKind.BAD_VALUE
    assert 'latency_ms{service="checkout"}' in found.message
    assert "`pick`" in found.message


def test_a_pick_that_matches_nothing_names_what_there_is(source, ask):
    found = values(source, [ask("latency_ms", pick={"service": "cart"})])["q"]

    assert isinstance(found, NoData)
    assert '{service="cart"}' in found.reason
    assert 'service="checkout"' in found.reason


@pytest.mark.parametrize(
    "forger",
    [
        'vector(1),"__krd","0","","") or label_replace(vector(666)',
        'absent(none{a=`\\`}\n, "__krd", "0", "", "") or label_replace(vector(666) #`})',
        "vector(1)) or (vector(666)",
        'label_replace(vector(666), "__krd", "0", "", "")',
    ],
)
def test_no_text_forges_its_neighbours_answer(source, ask, forger):
    found = values(source, [ask("sum(answer)", key="honest"), ask(forger, key="forger")])

    assert found["honest"] == 42.0


@pytest.mark.parametrize("order", [1, -1])
def test_a_comment_at_the_end_swallows_nothing(source, ask, order):
    questions = [ask("sum(answer) # the answer", key="a"), ask("half", key="b"), ask("1 # one", key="c")]

    assert values(source, questions[::order]) == {"a": 42.0, "b": 0.5, "c": 1.0}
    assert len(source.asked) == 1


def test_scalars_travel_with_vectors(source, ask):
    questions = [
        ask("2 * 3", key="a"),
        ask("scalar(answer)", key="b"),
        ask("half", key="c"),
        ask("-(1)", key="d"),
    ]

    assert values(source, questions) == {"a": 6.0, "b": 42.0, "c": 0.5, "d": -1.0}
    assert len(source.asked) == 1


@pytest.mark.parametrize("text", ["answer[5m]", '"words"', "answer[5m:1m]", "(answer[1h])"])
def test_what_is_no_number_is_refused_without_asking(source, ask, text):
    assert values(source, [ask(text)])["q"].kind is ErrorKind.BAD_QUERY
    assert source.asked == []


@pytest.mark.parametrize("text", ["spoilt", "answer / 0", "sum(nothing) / sum(nothing)", "0 / 0", "-1 / 0"])
def test_nan_and_infinities_are_refused_beside_good_neighbours(source, ask, text):
    found = values(source, [ask(text, key="bad"), ask("half", key="good")])

    assert found["bad"].kind is ErrorKind.BAD_VALUE
    assert found["good"] == 0.5
    assert len(source.asked) == 1


def test_a_metric_that_is_gone_is_no_data(source, ask):
    found = values(source, [ask("gone", key="gone"), ask("never_was", key="never"), ask("half", key="half")])

    assert isinstance(found["gone"], NoData)
    assert isinstance(found["never"], NoData)
    assert found["half"] == 0.5


def test_a_plain_selector_tells_the_true_age_of_its_sample(source, ask, as_of):
    outcomes = dict(source.fetch([ask("late", key="late"), ask("late + 0", key="sum")], TEN))

    assert outcomes["late"].at == as_of - timedelta(seconds=130)
    assert outcomes["sum"].at == as_of
    assert len(source.asked) == 1


def test_true_ages_follow_the_pick(source, ask, as_of):
    [(_, outcome)] = source.fetch([ask("latency_ms", pick={"service": "search"})], TEN)

    assert (outcome.value, outcome.at) == (120.25, as_of)


def test_metrics_told_apart_by_name_alone_can_be_picked(source, ask):
    questions = [
        ask('{__name__=~"answer|half"}', key="a", pick={"__name__": "answer"}),
        ask('{__name__=~"answer|half"}', key="h", pick={"__name__": "half"}),
    ]

    assert values(source, questions) == {"a": 42.0, "h": 0.5}


def test_evidence_holds_the_query_as_sent_and_the_labels(source, ask, as_of):
    question = ask("latency_ms + 0 * $window", pick={"service": "checkout"})
    [(_, failed)] = source.fetch([question], TEN)
    [(_, outcome)] = source.fetch([ask("latency_ms", pick={"service": "checkout"})], TEN)

    assert failed.kind is ErrorKind.BAD_QUERY, "a duration is no number before Prometheus 3"
    assert outcome.evidence == {
        "query": "latency_ms",
        "time": str(int(as_of.timestamp())),
        "labels": 'latency_ms{service="checkout"}',
    }


def test_different_instants_are_never_fused(source, ask, as_of):
    questions = [ask("hours", key=str(n), at=as_of - timedelta(hours=n)) for n in range(3)]

    assert values(source, questions) == {"0": 100.0, "1": 99.0, "2": 98.0}
    assert len(source.asked) == 3


def test_a_maturing_binding_is_asked_at_the_end_of_its_window(source, ask, moment_at, as_of):
    question = ask("hours")
    matured = moment_at(as_of, until=as_of - timedelta(hours=3))

    [(_, outcome)] = source.fetch([type(question)("q", "hours", matured)], TEN)

    assert outcome.value == 97.0


def test_variables_are_filled_in(source, ask, as_of):
    questions = [
        ask("$as_of - $since", key="window"),
        ask("sum(count_over_time(answer[$window]))", key="count"),
        ask('dollar{path=~"a\\\\$"}', key="regex"),
    ]

    assert values(source, questions) == {"window": 3600.0, "count": 61.0, "regex": 7.0}


def test_a_message_of_prometheus_tells_the_place(source, ask):
    found = values(source, [ask("sum(answer) +\n  nosuch(answer)")])["q"]

    assert found.kind is ErrorKind.BAD_QUERY
    assert "2:3" in found.message
    assert "nosuch" in found.message


def test_queries_can_be_sent_by_get(open_source, ask):
    source = open_source(method="GET")

    assert values(source, [ask(f"sum(many_{n})", key=str(n)) for n in range(120)])["119"] == 119.0


def test_the_health_check_tells_version_and_skew(known_prometheus, as_of):
    options = prometheus.PrometheusOptions(url=known_prometheus.url)
    connector = prometheus.PrometheusConnector(options, clock=lambda: as_of)

    health = connector.check(TEN)
    connector.close()

    assert health.ok
    assert health.version.count(".") >= 2
    assert abs(health.skew) > timedelta(seconds=30)
    assert "differ" in health.warnings[0]


def test_someone_may_look_around(source):
    assert "latency_ms" in source.names(TEN)
    assert source.label_values("service", "latency_ms", TEN) == ["checkout", "search"]
