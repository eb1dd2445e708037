"""The traps of prometheus-api-client stay closed, over real sockets."""

from __future__ import annotations

import json
import sys
import threading
from datetime import timedelta
from urllib.parse import parse_qs

import pytest

from connectors import prometheus, prometheus_session
from connectors.api import ErrorKind, Failure, Reading
from connectors.testing.fault_server import canned, response

SECOND = timedelta(seconds=1)


def vector(*series, **extra):
    return {"status": "success", "data": {"resultType": "vector", "result": list(series)}, **extra}


def one(connector, question, deadline=SECOND * 5):
    [(_, outcome)] = connector.fetch([question], deadline)
    return outcome


GOOD = vector({"metric": {}, "value": [0, "5"]})


def test_the_query_travels_in_the_body(against, ask, as_of):
    server, connector = against(canned(GOOD), params={"partial_response": "false"})

    assert one(connector, ask("sum(a)")).value == 5.0
    [received] = server.requests
    assert (received.method, received.target) == ("POST", "/api/v1/query")
    assert received.headers["content-type"] == "application/x-www-form-urlencoded"
    form = parse_qs(received.body.decode())
    assert form["query"] == ["sum(a)"]
    assert form["time"] == [str(int(as_of.timestamp()))]
    assert form["partial_response"] == ["false"]


def test_get_puts_the_query_into_the_address(against, ask):
    server, connector = against(canned(GOOD), method="GET")

    assert one(connector, ask("sum(a)")).value == 5.0
    assert server.requests[0].target.startswith("/api/v1/query?query=sum%28a%29&")
    assert server.requests[0].body == b""


def test_headers_and_credentials_are_read_anew_each_time(against, ask, tmp_path):
    token = tmp_path / "token"
    token.write_text("first\n")
    server, connector = against(canned(GOOD), bearer={"file": str(token)}, headers={"X-Scope-OrgID": "acme"})

    one(connector, ask("sum(a)"))
    token.write_text("second\n")
    one(connector, ask("sum(a)"))

    assert [r.headers["authorization"] for r in server.requests] == ["Bearer first", "Bearer second"]
    assert server.requests[0].headers["x-scope-orgid"] == "acme"


def test_a_missing_secret_is_a_matter_of_configuration(against, ask, monkeypatch):
    monkeypatch.delenv("NOT_THERE", raising=False)
    server, connector = against(canned(GOOD), bearer={"env": "NOT_THERE"})

    outcome = one(connector, ask("sum(a)"))

    assert outcome.kind is ErrorKind.CONFIG
    assert "NOT_THERE" in outcome.message
    assert server.requests == []


def test_a_missing_authority_file_is_a_matter_of_configuration(against, ask, tmp_path):
    _, connector = against(canned(GOOD), ca_file=tmp_path / "none.pem")

    assert one(connector, ask("sum(a)")).kind is ErrorKind.CONFIG


def test_cookies_and_proxies_of_the_environment_are_ignored(against, ask, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    body = json.dumps(GOOD).encode()
    server, connector = against(lambda _: response("200 OK", body, {"Set-Cookie": "a=b; Path=/"}))

    one(connector, ask("sum(a)"))
    assert isinstance(one(connector, ask("sum(a)")), Reading)
    assert "cookie" not in server.requests[1].headers


def test_connections_are_kept_but_not_for_ever(against, ask, monkeypatch):
    server, connector = against(canned(GOOD))

    for _ in range(3):
        assert isinstance(one(connector, ask("sum(a)")), Reading)
    assert server.connections == 1
    monkeypatch.setattr(prometheus_session, "IDLE", 0.0)
    assert isinstance(one(connector, ask("sum(a)")), Reading)
    assert server.connections == 2


def test_warnings_make_an_answer_partial(against, ask):
    _, connector = against(canned(vector({"metric": {}, "value": [0, "5"]}, warnings=["store down"])))

    refused = one(connector, ask("sum(a)"))
    allowed = one(connector, ask("sum(a)", allow_partial=True))

    assert refused.kind is ErrorKind.PARTIAL
    assert "store down" in refused.message
    assert (allowed.value, allowed.warnings) == (5.0, ("store down",))


def test_a_warning_in_a_batch_is_traced_to_its_question(against, ask):
    def reply(received):
        query = parse_qs(received.body.decode())["query"][0]
        marks = [str(n) for n in range(2) if f'"{n}"' in query] or [None]
        series = [{"metric": {"__krd": m} if m else {}, "value": [0, "5"]} for m in marks]
        warnings = {"warnings": ["store down"]} if "torn" in query else {}
        return response("200 OK", json.dumps(vector(*series, **warnings)).encode())

    server, connector = against(reply)

    found = dict(connector.fetch([ask("sum(torn)", key="torn"), ask("sum(whole)", key="whole")], SECOND * 5))

    assert found["torn"].kind is ErrorKind.PARTIAL
    assert found["whole"].value == 5.0
    assert len(server.requests) == 3


@pytest.fixture
def hasty_threads():
    """Let threads take turns as often as they can, so that what they share shows."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


def test_envelopes_of_threads_are_never_mixed_up(against, ask, hasty_threads):
    def reply(received):
        number = parse_qs(received.body.decode())["query"][0].rpartition("+")[2].strip()
        result = {"resultType": "scalar", "result": [0, number]}
        return response(
            "200 OK", json.dumps({"status": "success", "warnings": [f"w{number}"], "data": result}).encode()
        )

    _, connector = against(reply, connections=8)
    wrong = []

    def asking(start):
        for n in range(start, start + 40):
            outcome = one(connector, ask(f"0 + {n}", allow_partial=True))
            if (outcome.value, outcome.warnings) != (float(n), (f"w{n}",)):
                wrong.append(outcome)

    threads = [threading.Thread(target=asking, args=(1000 * n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []


@pytest.mark.parametrize(
    ("status", "error_type", "kind"),
    [
        ("400 Bad Request", "bad_data", ErrorKind.BAD_QUERY),
        ("422 Unprocessable Entity", "execution", ErrorKind.BAD_QUERY),
        ("503 Service Unavailable", "timeout", ErrorKind.TIMEOUT),
        ("500 Internal Server Error", "internal", ErrorKind.TRANSIENT),
        ("503 Service Unavailable", "unavailable", ErrorKind.TRANSIENT),
        ("422 Unprocessable Entity", "invented", ErrorKind.BAD_QUERY),
        ("502 Bad Gateway", "invented", ErrorKind.TRANSIENT),
        ("200 OK", "execution", ErrorKind.BAD_QUERY),
        ("401 Unauthorized", "bad_data", ErrorKind.AUTH),
        ("429 Too Many Requests", "bad_data", ErrorKind.RATE_LIMITED),
    ],
)
def test_the_words_of_prometheus_become_kinds(against, ask, status, error_type, kind):
    body = {"status": "error", "errorType": error_type, "error": "because\x1b[31m of this"}
    _, connector = against(canned(body, status))

    outcome = one(connector, ask("sum(a)"))

    assert outcome.kind is kind
    assert "because" in outcome.message
    assert "\x1b" not in outcome.message


def test_a_body_that_quotes_the_token_back_does_not_leak_it(against, ask, monkeypatch):
    monkeypatch.setenv("PROM_TOKEN", "tok-5e1f")
    body = {"status": "error", "errorType": "bad_data", "error": "unexpected tok-5e1f in query"}
    _, connector = against(canned(body, "400 Bad Request"), bearer={"env": "PROM_TOKEN"})

    outcome = one(connector, ask("sum(a)"))

    assert "tok-5e1f" not in repr(outcome)
    assert "***" in outcome.message


@pytest.mark.parametrize(
    "result",
    [
        {"resultType": "vector", "result": [{"metric": {}}]},
        {"resultType": "vector", "result": [{"value": [0, "1"]}]},
        {"resultType": "vector", "result": [{"metric": {}, "value": []}]},
        {"resultType": "vector", "result": [{"metric": {}, "value": [0, True]}]},
        {"resultType": "vector", "result": [{"metric": {}, "value": [0, "1_0"]}]},
        {"resultType": "vector", "result": [{"metric": {}, "histogram": [0, {"count": "1"}]}]},
        {"resultType": "vector", "result": [None]},
        {"resultType": "vector", "result": None},
        {"resultType": "scalar", "result": None},
        {"resultType": "vector"},
        {"resultType": "streams", "result": []},
        {},
        [],
        None,
    ],
)
def test_a_hostile_value_is_an_outcome_and_never_a_number(against, ask, result):
    _, connector = against(canned({"status": "success", "data": result}))

    outcome = one(connector, ask("sum(a)"))

    assert isinstance(outcome, Failure)
    assert outcome.kind in (ErrorKind.BAD_VALUE, ErrorKind.BAD_QUERY)


def test_credentials_in_the_clear_are_worth_a_warning():
    options = prometheus.PrometheusOptions(url="http://prometheus.example", bearer={"env": "T"})

    assert "unencrypted" in prometheus.PrometheusConnector(options)._authentication.worries(options.url)[0]


def test_own_parameters_cannot_be_overridden():
    with pytest.raises(ValueError, match="time"):
        prometheus.PrometheusOptions(url="http://a", params={"time": "5"})
