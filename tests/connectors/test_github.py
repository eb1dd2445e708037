"""GitHub's search by its preset: the contract of the vendor's OpenAPI file over a real socket."""

from __future__ import annotations

import json
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors import presets
from connectors.api import ErrorKind
from connectors.testing import FaultServer
from connectors.testing.fault_server import FIFTY_SECONDS_LATER, response

TEN = timedelta(seconds=10)
TOKEN = "ghp_0123456789"
OPEN = "repo:acme/shop is:issue is:open label:bug"


class GitHub:
    """What the specification says of the two requests; `fault` is answered to the search instead."""

    def __init__(self, fault=None, **more):
        self.fault, self.more = fault, more
        self.queries = []

    def __call__(self, received):
        if received.headers.get("authorization") != f"Bearer {TOKEN}":
            return response("401 Unauthorized", b'{"message": "Bad credentials"}')
        assert received.headers["accept"] == "application/vnd.github+json"
        assert received.headers["x-github-api-version"] == "2022-11-28"
        parts = urlsplit(received.target)
        if (received.method, parts.path) == ("GET", "/user"):
            return response("200 OK", b'{"login": "acme-krd", "id": 1}')
        asked = parse_qs(parts.query)
        if parts.path != "/search/issues" or set(asked) != {"q", "per_page"}:
            return response("422 Unprocessable Entity", b'{"message": "Validation Failed"}')
        self.queries += asked["q"]
        found = {"total_count": 280, "incomplete_results": False, "items": [], **self.more}
        return self.fault or response("200 OK", json.dumps(found).encode())


@pytest.fixture
def github(open_preset):
    """Give `github(answers, **options)`: a source on a server that answers so."""
    servers = []

    def opening(answers, **options):
        server = FaultServer("ok", answers).__enter__()
        servers.append(server)
        return open_preset("github", server.url, **{"token": TOKEN, **options})

    yield opening
    for server in servers:
        server.__exit__(None, None, None)


def outcome(connector, question):
    [(_, found)] = connector.fetch([question], TEN)
    return found


def test_the_count_is_asked_as_the_specification_says(github, ask):
    answers = GitHub()

    found = outcome(github(answers), ask(OPEN))

    assert found.value == 280.0
    assert answers.queries == [OPEN]


def test_dates_are_written_in_utc(github, ask):
    answers = GitHub()

    outcome(github(answers), ask("repo:acme/shop is:issue created:$since..$until"))

    assert answers.queries == ["repo:acme/shop is:issue created:2026-11-01T11:00:00Z..2026-11-01T12:00:00Z"]


def test_the_check_says_as_whom_krd_is_known(github):
    health = github(GitHub()).check(TEN)

    assert (health.ok, health.identity) == (True, "acme-krd")


def test_a_refused_token_is_an_auth_failure(github, ask):
    connector = github(GitHub(), token="ghp_expired")

    assert connector.check(TEN).kind is ErrorKind.AUTH
    assert outcome(connector, ask(OPEN)).kind is ErrorKind.AUTH


def test_a_search_that_ran_out_of_time_is_partial(github, ask):
    connector = github(GitHub(incomplete_results=True))

    assert outcome(connector, ask(OPEN)).kind is ErrorKind.PARTIAL
    assert outcome(connector, ask(OPEN, allow_partial=True)).value == 280.0


@pytest.mark.parametrize(
    ("status", "headers", "body", "pause"),
    [
        (
            "403 Forbidden",
            {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(FIFTY_SECONDS_LATER)},
            b'{"message": "API rate limit exceeded for user ID 1."}',
            50,
        ),
        (
            "403 Forbidden",
            {"Retry-After": "60"},
            b'{"message": "You have exceeded a secondary rate limit"}',
            60,
        ),
        ("429 Too Many Requests", {"Retry-After": "60", "X-RateLimit-Remaining": "17"}, b"{}", 60),
        ("429 Too Many Requests", {"X-RateLimit-Remaining": "17"}, b"{}", None),
    ],
)
def test_a_used_up_limit_says_how_long_to_wait(github, ask, status, headers, body, pause):
    found = outcome(github(GitHub(response(status, body, headers))), ask(OPEN))

    assert found.kind is ErrorKind.RATE_LIMITED
    assert found.retry_after == (timedelta(seconds=pause) if pause else None)


def test_a_repository_that_is_hidden_is_a_bad_query(github, ask):
    body = b'{"message": "Validation Failed", "errors": [{"message": "The listed repositories cannot be searched"}]}'
    found = outcome(github(GitHub(response("422 Unprocessable Entity", body))), ask(OPEN))

    assert found.kind is ErrorKind.BAD_QUERY
    assert "cannot be searched" in found.message


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("repo:acme/shop is:open", "is:issue or is:pr"),
        ("is:issue " + "x" * 300, "256 characters"),
        ("is:issue created:>=$since", "$until"),
        (" ", "empty"),
    ],
)
def test_what_github_would_misunderstand_is_refused_offline(text, word):
    [problem] = presets.load("github").problems(text)

    assert word in problem.message


def test_krd_asks_no_more_than_thirty_times_a_minute(github, ask):
    answers = GitHub()
    connector = github(answers)

    found = dict(connector.fetch([ask(f"is:issue {n}", str(n)) for n in range(40)], timedelta(seconds=5)))

    # One of the thirty requests asked who we are.
    assert len(answers.queries) == 29
    limited = [one for one in found.values() if getattr(one, "kind", None) is ErrorKind.RATE_LIMITED]
    assert len(limited) == 11
    assert all(timedelta(0) < one.retry_after <= timedelta(minutes=1) for one in limited)
