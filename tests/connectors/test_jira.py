"""Jira, in the cloud and in a data centre, by its presets: the contract of the vendor's OpenAPI file over a real socket."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import ValidationError

from connectors import presets
from connectors.api import ErrorKind, NoData, Reading
from connectors.testing import HTTP_FAULTS, Cases, FaultServer, HttpConformance
from connectors.testing.fault_server import response

TEN = timedelta(seconds=10)
AS_OF = datetime(2026, 11, 1, 12, tzinfo=UTC)
TOKEN = "ATATT-0123456789"
CREATED = "priority in (P1, P2) AND created >= $since AND created < $until"
BASIC = "Basic " + base64.b64encode(f"bot@acme.example:{TOKEN}".encode()).decode()
ME = {
    "self": "https://acme.example/rest/api/3/user?accountId=5b10a2844c20165700ede21g",
    "accountId": "5b10a2844c20165700ede21g",
    "accountType": "atlassian",
    "emailAddress": "bot@acme.example",
    "displayName": "krd",
    "active": True,
    "timeZone": "Australia/Sydney",
}


def answer(body, status="200 OK", headers=None):
    return response(status, json.dumps(body).encode(), headers)


class Cloud:
    """What Jira Cloud promises of the two requests, and no more: anything else is answered 400 as it does."""

    def __init__(self, count=153, me=ME, headers=None):
        self.count, self.me, self.headers = count, me, headers
        self.queries = []

    def __call__(self, received):
        if received.headers.get("authorization") != BASIC:
            return answer({"errorMessages": ["Client must be authenticated"]}, "401 Unauthorized")
        match received.method, received.target:
            case "GET", "/rest/api/3/myself":
                return answer(self.me, headers=self.headers)
            case "POST", "/rest/api/3/search/approximate-count":
                asked = json.loads(received.body)
                if received.headers.get("content-type") != "application/json" or list(asked) != ["jql"]:
                    return answer(
                        {"errorMessages": ["not the request of the specification"]}, "400 Bad Request"
                    )
                self.queries.append(asked["jql"])
                return answer({"count": self.count}, headers=self.headers)
        return answer({"errorMessages": ["gone"]}, "410 Gone")


class DataCenter:
    """What Jira Data Center answers to a search that wants no issues."""

    def __init__(self, headers=None, **more):
        self.headers, self.more = headers, more
        self.queries = []

    def __call__(self, received):
        if received.headers.get("authorization") != f"Bearer {TOKEN}":
            return answer({}, "401 Unauthorized")
        parts = urlsplit(received.target)
        if parts.path == "/rest/api/2/myself":
            return answer({"name": "krd", "key": "JIRAUSER1", "timeZone": "Europe/Berlin"})
        asked = parse_qs(parts.query)
        if parts.path != "/rest/api/2/search" or asked["maxResults"] != ["0"]:
            return answer({}, "404 Not Found")
        self.queries += asked["jql"]
        found = {"startAt": 0, "maxResults": 0, "total": 7, "issues": [], **self.more}
        return answer(found, headers=self.headers)


COUNTS = {"project = SHOP": 42, "project = PAY": 7, "project = NONE": 0, "project = LATE": "many"}


def counting(received):
    """Answer as `Cloud`, with a count by the query; one with a date is counted by its hour in the account's zone."""
    asked = json.loads(received.body)["jql"] if received.body else ""
    if asked in ("project = NOWHERE", "project = GONE"):
        told = {"errorMessages": ["The value does not exist"]} if asked == "project = NOWHERE" else {}
        return answer(told, "400 Bad Request" if told else "200 OK")
    hour = asked.rpartition(" ")[2].partition(":")[0]
    return Cloud(int(hour) if hour.isdecimal() else COUNTS.get(asked, 0))(received)


def welcome(received):
    """Say who asks, as Jira does."""
    return Cloud()(received) if received.target == "/rest/api/3/myself" else None


class TestJira(HttpConformance):
    kind = presets.load("jira")
    as_of = AS_OF
    cases = Cases(
        good=[("project = SHOP", 42.0), ("project = PAY", 7.0)],
        zero="project = NONE",
        empty="project = GONE",
        text="project = LATE",
        bad_query="project = NOWHERE",
        # Noon in UTC is 23:00 in Sydney.
        past=("created < $until", AS_OF - timedelta(hours=3), 20.0),
        today_only="project = SHOP",
        range=("created < $until", {AS_OF - timedelta(hours=n): 23.0 - n for n in range(9, -1, -1)}),
    )
    secrets = (TOKEN, "ATATT-wrong")
    reply = staticmethod(lambda _: answer({"count": 42}))
    welcome = staticmethod(welcome)
    faults: ClassVar = {**HTTP_FAULTS, "empty_json": HTTP_FAULTS["empty_json"] | {ErrorKind.AUTH}}
    not_applicable: ClassVar = {
        "nan": "JSON has no NaN; what sends one all the same is staged in test_http_json.py",
        "several": "a count is one number",
        "picked": "as above",
        "slow": "the fault server hangs and trickles",
        "writes": "JQL has no words for writing",
    }

    @pytest.fixture(autouse=True)
    def _source(self, monkeypatch):
        monkeypatch.setenv("JIRA_TOKEN", TOKEN)
        monkeypatch.setenv("WRONG_TOKEN", "ATATT-wrong")
        with FaultServer("ok", counting) as server:
            self.url = server.url
            yield

    def make(self, **options):
        return self.make_at(self.url, **options)

    def make_at(self, url, **options):
        given = {"url": url, "user": "bot@acme.example", "token": {"env": "JIRA_TOKEN"}, **options}
        return self.kind.open(self.kind.options.model_validate(given))

    def make_unauthorised(self):
        return self.make(token={"env": "WRONG_TOKEN"})


def outcome(connector, question):
    [(_, found)] = connector.fetch([question], TEN)
    return found


@pytest.fixture
def cloud(open_preset):
    """Give `cloud(answers, **options)`: a server that answers so, and a source on it."""
    servers = []

    def opening(answers, **options):
        server = FaultServer("ok", answers).__enter__()
        servers.append(server)
        given = {"user": "bot@acme.example", "token": TOKEN, **options}
        return server, open_preset("jira", server.url, **given)

    yield opening
    for server in servers:
        server.__exit__(None, None, None)


def test_the_count_is_asked_as_the_specification_says(cloud, ask):
    jira = Cloud()
    _, connector = cloud(jira)

    found = outcome(connector, ask("project = SHOP"))

    assert isinstance(found, Reading)
    assert found.value == 153.0
    assert found.evidence["query"] == "project = SHOP"
    assert "estimates" in found.evidence["remark"], "the reading says that it is approximate"
    assert jira.queries == ["project = SHOP"]


def test_dates_stand_in_the_accounts_own_time_and_in_quotes(cloud, ask):
    jira = Cloud()
    _, connector = cloud(jira)

    outcome(connector, ask(CREATED))

    expected = 'priority in (P1, P2) AND created >= "2026-11-01 22:00" AND created < "2026-11-01 23:00"'
    assert jira.queries == [expected]


def test_the_sources_own_zone_stands_for_the_accounts(cloud, ask):
    jira = Cloud(me={**ME, "timeZone": None})
    _, silent = cloud(jira)
    _, told = cloud(jira, zone="Europe/Berlin")

    nowhere = outcome(silent, ask(CREATED))
    outcome(told, ask("created < $until"))

    assert nowhere.kind is ErrorKind.CONFIG
    assert "set `zone`" in nowhere.message
    assert jira.queries == ['created < "2026-11-01 13:00"']


def test_an_account_without_a_zone_may_ask_what_needs_no_dates(cloud, ask):
    _, connector = cloud(Cloud(me={**ME, "timeZone": None}))

    assert outcome(connector, ask("project = SHOP")).value == 153.0


@pytest.mark.parametrize("text", ["", "order by key desc", "  ORDER BY created", "\n"])
@pytest.mark.parametrize("kind", ["jira", "jira_dc"])
def test_unbounded_queries_are_refused_offline(kind, text):
    assert presets.load(kind).problems(text) != []


def test_a_query_with_a_window_answers_the_past_and_another_does_not(cloud, ask):
    kind = presets.load("jira")
    jira = Cloud()
    _, connector = cloud(jira)

    refused = outcome(connector, ask("project = SHOP", historical=True))

    assert kind.answers_the_past(CREATED)
    assert kind.answers_the_past("status WAS Open ON $as_of")
    assert not kind.answers_the_past("project = SHOP")
    assert refused.kind is ErrorKind.BAD_QUERY
    assert jira.queries == []


def test_whoever_is_not_known_gets_no_anonymous_count(cloud, ask):
    jira = Cloud(me={"displayName": "Anonymous"})
    _, connector = cloud(jira)

    assert outcome(connector, ask("project = SHOP")).kind is ErrorKind.AUTH
    assert jira.queries == []


def test_a_token_that_expired_after_the_check_gives_no_anonymous_count(cloud, ask):
    jira = Cloud()
    _, connector = cloud(jira)
    assert connector.check(TEN).identity == "bot@acme.example"
    jira.headers = {"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"}

    found = outcome(connector, ask("project = SHOP"))

    assert found.kind is ErrorKind.AUTH
    assert "token" in found.message


def test_a_wrong_token_is_an_auth_failure_and_is_not_shown(cloud, ask):
    _, connector = cloud(Cloud(), token="ATATT-wrong")

    found = outcome(connector, ask("project = SHOP"))

    assert found.kind is ErrorKind.AUTH
    assert "api.atlassian.com/ex/jira" in found.message, "the host that tokens with scopes need"
    assert "ATATT" not in repr(found)


def test_the_search_that_was_removed_says_that_the_path_is_wrong(cloud, ask):
    def removed(received):
        if received.target.endswith("myself"):
            return answer(ME)
        return answer({"errorMessages": ["The requested API has been removed."]}, "410 Gone")

    _, connector = cloud(removed)

    assert outcome(connector, ask("project = SHOP")).kind is ErrorKind.BAD_QUERY


@pytest.mark.parametrize(
    ("headers", "pause"),
    [
        ({"Retry-After": "17", "RateLimit-Reason": "jira-burst-based"}, 17),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "2026-11-22T12:00:40Z"}, 40),
        ({"RateLimit": '"jira-burst-based";r=0;t=25'}, 25),
        ({"RateLimit": "limit=100, remaining=0, reset=26"}, 26),
        ({"RateLimit": '"jira-quota";r=7;t=25'}, None),
        ({}, None),
    ],
)
def test_a_used_up_limit_says_how_long_to_wait(cloud, ask, headers, pause):
    def busy(received):
        if received.target.endswith("myself"):
            return answer(ME)
        return response("429 Too Many Requests", b"{}", headers)

    _, connector = cloud(busy)

    found = outcome(connector, ask("project = SHOP"))

    assert found.kind is ErrorKind.RATE_LIMITED
    assert found.retry_after == (timedelta(seconds=pause) if pause else None)


def test_an_answer_without_a_count_is_no_data(cloud, ask):
    def empty(received):
        return answer(ME if received.target.endswith("myself") else {})

    _, connector = cloud(empty)

    assert isinstance(outcome(connector, ask("project = SHOP")), NoData)


@pytest.fixture
def centre(open_preset):
    """As `cloud`, for a data centre and a personal access token."""
    servers = []

    def opening(answers):
        server = FaultServer("ok", answers).__enter__()
        servers.append(server)
        return open_preset("jira_dc", server.url, token=TOKEN)

    yield opening
    for server in servers:
        server.__exit__(None, None, None)


def test_a_data_centre_counts_exactly_and_in_its_accounts_time(centre, ask):
    jira = DataCenter()

    found = outcome(centre(jira), ask(CREATED))

    assert found.value == 7.0
    assert "remark" not in found.evidence
    assert jira.queries == [
        'priority in (P1, P2) AND created >= "2026-11-01 12:00" AND created < "2026-11-01 13:00"'
    ]


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        (
            {"warningMessages": ["The value 'P9' does not exist for the field 'priority'."]},
            ErrorKind.BAD_QUERY,
        ),
        ({"errorMessages": ["no"]}, ErrorKind.BAD_QUERY),
        ({"headers": {"X-AUSERNAME": "anonymous"}}, ErrorKind.AUTH),
        ({"total": -1}, ErrorKind.BAD_VALUE),
    ],
)
def test_a_good_status_of_a_data_centre_may_still_be_a_failure(centre, ask, told, kind):
    assert outcome(centre(DataCenter(**told)), ask("project = SHOP")).kind is kind


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("jira", {"user": "bot@acme.example"}),
        ("jira", {"token": {"env": "T"}}),
        ("jira", {"user": "bot", "token": "in the open"}),
        ("jira_dc", {}),
        ("jira_dc", {"token": {"env": "T"}, "user": "krd", "password": {"env": "P"}}),
        ("jira_dc", {"user": "krd"}),
        ("roundup", {"user": "krd"}),
        ("trac", {"user": "krd"}),
        ("trac", {"fields": ["a"], "bearer": {"env": "T"}}),
        ("github", {}),
        ("jira", {"user": "a", "token": {"env": "T"}, "zone": "Mars/Olympus"}),
    ],
)
def test_credentials_that_are_incomplete_are_refused_when_the_files_are_read(kind, options):
    with pytest.raises(ValidationError):
        presets.load(kind).options.model_validate({"url": "https://a.example", **options})
