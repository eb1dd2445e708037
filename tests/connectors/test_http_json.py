"""Numbers by a recipe: the promises of a connector against a small service, and every value that is none."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors import http_json
from connectors.api import ErrorKind, Failure, NoData, Reading
from connectors.testing import Cases, FaultServer, HttpConformance
from connectors.testing.fault_server import canned, response

AS_OF = datetime(2026, 11, 1, 12, tzinfo=UTC)
TEN = timedelta(seconds=10)
TOKEN = "tok-5d1e77aa90"
VALUES = {
    "signups": 42,
    "half": 0.5,
    "text": "12.25",
    "none": 0,
    "null": None,
    "words": "many",
    "list": [1, 2],
    "nan": float("nan"),
}


def service(received):
    """Count events, as a small analytics service would: by name, and by the hour that `to` ends."""
    if received.headers.get("authorization") != f"Bearer {TOKEN}":
        return response("401 Unauthorized")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(received.target).query).items()}
    event, _, until = asked.get("event", "").partition(" before ")
    if until:
        return response("200 OK", json.dumps({"total": datetime.fromisoformat(until).hour}).encode())
    if event == "missing":
        return response("200 OK", b'{"other": 1}')
    if event not in VALUES:
        return response("400 Bad Request", b'{"error": "no such event"}')
    return response("200 OK", json.dumps({"total": VALUES[event]}).encode())


RECIPE = {
    "path": "v1/count",
    "params": {"event": "$query"},
    "extract": "total",
    "canary": {"query": "signups", "equals": 42},
}


class TestHttpJson(HttpConformance):
    kind = http_json.KIND
    as_of = AS_OF
    cases = Cases(
        good=[("signups", 42.0), ("half", 0.5), ("text", 12.25)],
        zero="none",
        empty="missing",
        text="words",
        nan="nan",
        bad_query="nonsense",
        past=("x before $until", AS_OF - timedelta(hours=3), 9.0),
        today_only="signups",
        range=("x before $until", {AS_OF - timedelta(hours=n): 12.0 - n for n in range(9, -1, -1)}),
    )
    secrets = (TOKEN, "tok-wrong-0001")
    reply = staticmethod(canned({"total": 42}))
    not_applicable: ClassVar = {
        "several": "a list is no number, and there are no names to pick by",
        "picked": "as above",
        "slow": "the fault server hangs and trickles",
        "writes": "what a request does is the recipe's business: krd sends what it says and nothing else",
    }

    @pytest.fixture(autouse=True)
    def _source(self, monkeypatch):
        monkeypatch.setenv("SERVICE_TOKEN", TOKEN)
        monkeypatch.setenv("WRONG_TOKEN", "tok-wrong-0001")
        with FaultServer("ok", service) as server:
            self.url = server.url
            yield

    def make(self, **options):
        return self.make_at(self.url, **options)

    def make_at(self, url, **options):
        given = {"url": url, "bearer": {"env": "SERVICE_TOKEN"}, **RECIPE, **options}
        return self.kind.open(self.kind.options.model_validate(given))

    def make_unauthorised(self):
        return self.make(bearer={"env": "WRONG_TOKEN"})


@pytest.fixture
def against():
    """Give `against(reply, **recipe)`: a server that answers with `reply`, and a connector on it."""
    opened, servers = [], []

    def opening(reply, welcome=None, **recipe):
        server = FaultServer("ok", reply if callable(reply) else canned(reply), welcome).__enter__()
        options = http_json.HttpJsonOptions.model_validate({**RECIPE, "url": server.url, **recipe})
        connector = http_json.KIND.open(options)
        servers.append(server)
        opened.append(connector)
        return server, connector

    yield opening
    for connector in opened:
        connector.close()
    for server in servers:
        server.__exit__(None, None, None)


def outcome(connector, question):
    [(_, found)] = connector.fetch([question], TEN)
    return found


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (b"42", 42.0),
        (b"-0", 0.0),
        (b"-0.0", 0.0),
        (b"1e3", 1000.0),
        (b'"1e3"', 1000.0),
        (b'"-7.5"', -7.5),
        (b"0.1", 0.1),
        (b"-5", -5.0),
        (b"9007199254740992", 2.0**53),
    ],
)
def test_a_number_in_json_is_that_number(against, ask, sent, expected):
    _, connector = against(b'{"total": %b}' % sent)

    found = outcome(connector, ask("signups"))

    assert isinstance(found, Reading)
    assert found.value == expected
    assert type(found.value) is float


@pytest.mark.parametrize(
    "sent",
    [
        b"NaN",
        b'"NaN"',
        b"Infinity",
        b"-Infinity",
        b'"-inf"',
        b"1e400",
        b'"1e400"',
        b"1e101",
        b'"12,5"',
        b'"1_000"',
        b'"0x10"',
        b'""',
        b'" "',
        b'"many"',
        b"true",
        b"false",
        b'"true"',
        b"[]",
        b"[1]",
        b"{}",
        b'{"a": 1}',
        b"9007199254740993",
        b"9" * 400,
        b"9" * 5000,
        b'"\xd9\xa3 apples"',
    ],
)
def test_what_is_no_number_in_json_is_refused(against, ask, sent):
    _, connector = against(b'{"total": %b}' % sent)

    assert outcome(connector, ask("signups")).kind is ErrorKind.BAD_VALUE


@pytest.mark.parametrize("sent", [b'{"total": null}', b'{"totals": 3}', b"{}", b"[]", b"3", b"null", b'"3"'])
def test_a_missing_key_is_no_data_and_never_zero(against, ask, sent):
    _, connector = against(sent)

    assert isinstance(outcome(connector, ask("signups")), NoData)


@pytest.mark.parametrize("sent", [b'{"total": -1}', b'{"total": 2.5}', b'{"total": "-3"}'])
def test_a_count_is_whole_and_not_negative(against, ask, sent):
    _, connector = against(sent, count=True)

    assert outcome(connector, ask("signups")).kind is ErrorKind.BAD_VALUE


def test_an_answer_of_another_shape_is_told_and_does_not_raise(against, ask):
    _, connector = against({"total": 3}, extract="sum(total)")

    found = outcome(connector, ask("signups"))

    assert found.kind is ErrorKind.BAD_VALUE
    assert "sum(total)" in found.message


@pytest.mark.parametrize(("header", "expected"), [({"X-Total-Count": "17"}, 17.0), ({}, None)])
def test_a_number_may_stand_in_a_header(against, ask, header, expected):
    _, connector = against(lambda _: response("200 OK", b"[]", header), extract={"header": "X-Total-Count"})

    found = outcome(connector, ask("signups"))

    assert (found.value if expected else type(found)) == (expected or NoData)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"id\n1\n2\n", 2.0),
        (b"\xef\xbb\xbfid\r\n1\r\n2\r\n3\r\n", 3.0),
        (b"id\n", 0.0),
        (b'id\n"a\nb"\n2\n', 2.0),
        (b"id\n1\n\n\n", 1.0),
        (b"", None),
        (b"1\n2\n", None),
        (b"id,name\n1,a\n", None),
        (b"\xff\xfe", None),
        (b'id\n"a', None),
        (b"<html>", None),
    ],
)
def test_rows_of_a_table_are_counted_below_its_heading(against, ask, body, expected):
    _, connector = against(
        lambda _: response("200 OK", body, media="text/csv"), extract={"csv_rows_below": "id"}
    )

    found = outcome(connector, ask("signups"))

    assert (found.value if expected is not None else isinstance(found, Failure)) == (
        expected if expected is not None else True
    )


def test_a_text_may_be_the_path_to_its_number_and_the_document_is_read_once(against, ask):
    document = {"users": {"active": 7, "new": 2}, "ok": True}
    server, connector = against(
        document, params={}, extract="$query", canary={"query": "users.new", "equals": 2}
    )
    texts = {"a": "users.active", "b": "users.new", "c": "users.lost", "d": "ok", "e": "users.["}

    found = dict(connector.fetch([ask(text, key) for key, text in texts.items()], TEN))

    assert (found["a"].value, found["b"].value) == (7.0, 2.0)
    assert isinstance(found["c"], NoData)
    assert found["d"].kind is ErrorKind.BAD_VALUE
    assert found["e"].kind is ErrorKind.BAD_QUERY
    assert len(server.requests) == 1


@pytest.mark.parametrize("kind", ["partial", "bad_query", "bad_value", "auth", "rate_limited", "transient"])
def test_a_guard_turns_a_good_status_into_a_failure(against, ask, kind):
    guards = [{"expr": "errors", "kind": kind, "message": "it says errors; look there"}]
    _, connector = against({"total": 5, "errors": ["x"]}, guards=guards)
    _, without = against({"total": 5, "errors": []}, guards=guards)

    found = outcome(connector, ask("signups"))

    assert found.kind is ErrorKind(kind)
    assert "it says errors" in found.message
    assert outcome(without, ask("signups")).value == 5.0


def test_an_incomplete_answer_is_taken_with_a_warning_where_the_measure_allows_it(against, ask):
    guards = [{"expr": "late", "kind": "partial", "message": "rows are missing"}]
    server, connector = against({"total": 5, "late": True}, guards=guards)

    found = dict(connector.fetch([ask("signups", "strict"), ask("signups", "lax", allow_partial=True)], TEN))

    assert found["strict"].kind is ErrorKind.PARTIAL
    assert found["lax"].value == 5.0
    assert "rows are missing" in found["lax"].warnings[0]
    assert len(server.requests) == 1


def test_a_guard_may_look_at_a_header(against, ask):
    guards = [{"header": "X-Who", "matches": "^nobody$", "kind": "auth", "message": "taken for nobody"}]
    _, nobody = against(lambda _: response("200 OK", b'{"total": 1}', {"X-Who": "Nobody"}), guards=guards)
    _, known = against(lambda _: response("200 OK", b'{"total": 1}', {"X-Who": "krd"}), guards=guards)

    assert outcome(nobody, ask("signups")).kind is ErrorKind.AUTH
    assert outcome(known, ask("signups")).value == 1.0


def test_equal_questions_are_asked_once_and_others_each_once(against, ask, as_of):
    server, connector = against({"total": 5})
    questions = [ask("signups", str(n)) for n in range(9)] + [ask("half", "h")]
    questions += [ask("until $until", "u"), ask("until $until", "v", at=as_of - timedelta(hours=1))]

    found = dict(connector.fetch(questions, TEN))

    assert len(found) == 12
    assert len(server.requests) == 4


def test_what_is_sent_is_what_the_recipe_says(against, ask):
    body = {"kind": "count", "where": {"event": "$query", "from": "$since"}, "limits": ["$until", 7, None]}
    server, connector = against({"total": 5}, method="POST", params={"every": "$every"}, json=body)

    found = outcome(connector, ask('say "$until" & $cost, $query'))

    [sent] = server.requests
    assert (sent.method, sent.target) == ("POST", "/v1/count?every=900")
    assert json.loads(sent.body) == {
        "kind": "count",
        "where": {"event": 'say "2026-11-01T12:00:00Z" & $cost, $query', "from": "2026-11-01T11:00:00Z"},
        "limits": ["2026-11-01T12:00:00Z", 7, None],
    }
    assert sent.headers["content-type"] == "application/json"
    assert found.evidence["query"] == 'say "2026-11-01T12:00:00Z" & $cost, $query'


def test_a_form_is_sent_as_one(against, ask):
    server, connector = against({"total": 5}, method="POST", params={}, form={"q": "$query", "to": "$until"})

    outcome(connector, ask("a & b"))

    assert parse_qs(server.requests[0].body.decode()) == {"q": ["a & b"], "to": ["2026-11-01T12:00:00Z"]}


def test_a_text_in_a_path_adds_no_parameters(against, ask):
    server, connector = against({"total": 5}, path="events/$query", params={"a": "1"})

    outcome(connector, ask("x?admin=1#y z"))

    assert server.requests[0].target == "/events/x%3Fadmin%3D1%23y%20z?a=1"


def test_a_past_moment_is_refused_without_asking_when_nothing_says_when(against, ask):
    server, connector = against({"total": 5})

    found = outcome(connector, ask("signups", historical=True))

    assert found.kind is ErrorKind.BAD_QUERY
    assert server.requests == []


def test_a_recipe_may_say_the_time_for_all_its_texts(against, ask):
    server, connector = against({"total": 5}, params={"event": "$query", "to": "$until"})

    assert outcome(connector, ask("signups", historical=True)).value == 5.0
    assert len(server.requests) == 1


def test_a_pick_is_refused_because_there_is_one_number(against, ask):
    server, connector = against({"total": 5})

    found = outcome(connector, ask("signups", pick={"a": "b"}))

    assert (found.kind, server.requests) == (ErrorKind.BAD_QUERY, [])
    assert "`pick`" in found.message


def test_a_check_asks_the_canary(against):
    _, good = against({"total": 42})
    _, wrong = against({"total": 41})
    _, empty = against({})

    assert good.check(TEN).ok
    assert (wrong.check(TEN).ok, wrong.check(TEN).kind) == (False, ErrorKind.BAD_VALUE)
    assert re.search("must be 42 and is 41", wrong.check(TEN).message)
    assert not empty.check(TEN).ok
