"""A real Roundup counted by its preset: the promises of a connector, and what Roundup would get wrong in silence."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest

from connectors import presets
from connectors.api import ErrorKind, Failure, Reading
from connectors.testing import HTTP_FAULTS, Cases, FaultServer, HttpConformance
from connectors.testing.fault_server import canned, response

AS_OF = datetime(2026, 11, 1, 12, tzinfo=UTC)
PASSWORD = "a quiet reader"
TEN = timedelta(seconds=10)
CREATED = "creation=from $since to $until"
USERS = {"data": {"collection": [{"id": "3", "username": "krd"}], "@total_size": 1}}


def _hour(back: int) -> datetime:
    return AS_OF - timedelta(hours=back)


def welcome(received):
    """Answer the question who we are, as Roundup does."""
    if received.target.startswith("/rest/data/user?"):
        return response("200 OK", json.dumps(USERS).encode())
    return None


class TestRoundup(HttpConformance):
    kind = presets.load("roundup")
    as_of = AS_OF
    cases = Cases(
        good=[
            ("status=resolved", 6.0),
            ("status=chatting", 12.0),
            ("status=resolved,chatting", 18.0),
            ("priority=bug&status=resolved", 3.0),
            (CREATED, 1.0),
        ],
        zero="status=deferred",
        bad_query="nosuch=1",
        past=(CREATED, _hour(2), 3.0),
        today_only="status=resolved",
        writes=["@method=DELETE", "status=resolved&@action=retire", "%40method=DELETE"],
        range=(CREATED, {_hour(back): float((back + 1) % 4) for back in range(9, -1, -1)}),
    )
    secrets = (PASSWORD, "another password")
    reply = staticmethod(canned({"data": {"collection": [], "@total_size": 6}}))
    welcome = staticmethod(welcome)
    # Who answers {} to the question who we are does not know us.
    faults: ClassVar = {**HTTP_FAULTS, "empty_json": HTTP_FAULTS["empty_json"] | {ErrorKind.AUTH}}
    not_applicable: ClassVar = {
        "empty": "Roundup counts, and says itself that nothing is 0; a missing count is staged in test_http_json.py",
        "text": "Roundup answers counts only; other answers are staged in test_http_json.py",
        "nan": "as above",
        "several": "a count is one number",
        "picked": "as above",
        "slow": "the fault server hangs and trickles; Roundup cannot be made slow by a query",
    }

    @pytest.fixture(autouse=True)
    def _source(self, roundup_tracker, monkeypatch):
        self.url = roundup_tracker.url
        monkeypatch.setenv("TRACKER_PASSWORD", PASSWORD)
        monkeypatch.setenv("WRONG_PASSWORD", "another password")

    def make(self, **options):
        return self.make_at(self.url, **options)

    def make_at(self, url, **options):
        given = {"url": url, "user": "krd", "password": {"env": "TRACKER_PASSWORD"}, **options}
        return self.kind.open(self.kind.options.model_validate(given))

    def make_unauthorised(self):
        return self.make(password={"env": "WRONG_PASSWORD"})


@pytest.fixture
def tracker(open_preset, roundup_tracker):
    return open_preset("roundup", roundup_tracker.url, user="krd", password=PASSWORD)


def outcome(connector, question):
    [(_, found)] = connector.fetch([question], TEN)
    return found


def test_the_check_says_as_whom_krd_is_known(tracker):
    health = tracker.check(TEN)

    assert (health.ok, health.identity) == (True, "krd")


def test_a_name_written_by_reference_is_told_by_its_place(open_preset, roundup_tracker, monkeypatch):
    monkeypatch.setenv("TRACKER_USER", "krd")
    tracker = open_preset("roundup", roundup_tracker.url, user={"env": "TRACKER_USER"}, password=PASSWORD)

    assert tracker.check(TEN).identity == "{env: TRACKER_USER}"


@pytest.mark.parametrize(
    "text",
    ["@method=DELETE", "%40method=x", "status=resolved\n@page_size=0", "a=1&+@fields=id", "title=a& @x=1"],
)
def test_no_text_reaches_for_the_parameters_of_krd(text):
    assert "@" in presets.load("roundup").problems(text)[0].message


def test_a_namesake_is_someone_else(open_preset, ask):
    namesake = json.dumps(USERS).replace("krd", "krd2").encode()
    with FaultServer("ok", canned(namesake)) as server:
        found = outcome(
            open_preset("roundup", server.url, user="krd", password=PASSWORD), ask("status=resolved")
        )

    assert found.kind is ErrorKind.AUTH
    assert "someone else" in found.message


def test_an_unknown_value_is_refused_by_roundup_itself(tracker, ask):
    found = outcome(tracker, ask("status=bogus"))

    assert found.kind is ErrorKind.BAD_QUERY
    assert "bogus" in found.message


@pytest.mark.parametrize("text", ["creation=garbage", "creation=from x to y", "activity=-1w;", "creation="])
def test_a_date_that_roundup_would_ignore_is_refused_without_asking(open_preset, ask, text):
    with FaultServer("ok") as server:
        found = outcome(open_preset("roundup", server.url, user="krd", password=PASSWORD), ask(text))

    assert found.kind is ErrorKind.BAD_QUERY
    assert "creation=from $since to $until" in found.message or "activity=from" in found.message
    assert server.requests == []


def test_roundup_really_ignores_such_a_date(roundup_tracker):
    """The reason for the refusal; when this fails, Roundup has learnt better."""
    import base64  # noqa: PLC0415 - only this test speaks to the tracker without krd
    import urllib.request  # noqa: PLC0415 - as above

    known = base64.b64encode(f"krd:{PASSWORD}".encode()).decode()
    request = urllib.request.Request(
        f"{roundup_tracker.url}/rest/data/issue?@page_size=1&creation=garbage",
        headers={"Authorization": f"Basic {known}"},
    )
    with urllib.request.urlopen(request, timeout=10) as reply:
        assert json.load(reply)["data"]["@total_size"] == 18


def test_more_than_the_tracker_counts_is_no_number(open_preset, ask):
    too_many = canned({"data": {"collection": [], "@total_size": -1}})
    with FaultServer("ok", too_many, welcome) as server:
        found = outcome(
            open_preset("roundup", server.url, user="krd", password=PASSWORD), ask("status=resolved")
        )

    assert found.kind is ErrorKind.BAD_QUERY
    assert "narrow" in found.message


def test_times_are_written_with_their_zone_so_the_accounts_own_does_not_matter(tracker, ask):
    found = outcome(tracker, ask(CREATED))

    assert isinstance(found, Reading)
    assert found.evidence == {"query": "creation=from 2026-11-01.11:00:00+0000 to 2026-11-01.12:00:00+0000"}


def test_who_we_are_is_asked_once_for_many_questions(open_preset, ask):
    with FaultServer("ok", canned({"data": {"@total_size": 6}}), welcome) as server:
        connector = open_preset("roundup", server.url, user="krd", password=PASSWORD)
        for _ in range(3):
            list(connector.fetch([ask("status=resolved", "a"), ask("status=chatting", "b")], TEN))

        assert len(server.requests) == 1 + 6


def test_a_password_that_is_refused_stops_the_rest_of_the_batch(open_preset, ask):
    with FaultServer("401") as server:
        connector = open_preset("roundup", server.url, user="krd", password=PASSWORD, connections=1)
        found = list(connector.fetch([ask(f"title={n}", str(n)) for n in range(20)], TEN))

        assert len(server.requests) == 1
    assert {one.kind for _, one in found if isinstance(one, Failure)} == {ErrorKind.AUTH}
    assert len(found) == 20
