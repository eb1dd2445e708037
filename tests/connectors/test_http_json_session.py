"""Who we are is proven before anything is counted, kept for an hour, and asked at the source's own pace."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest

from connectors import http_json_session
from connectors.api import ErrorKind, Failure
from connectors.auth import AuthenticatedOptions
from connectors.http_json_recipe import HealthRequest
from connectors.http_json_request import Request
from connectors.http_json_session import Account, Pace, Session
from connectors.testing import FaultServer
from connectors.testing.fault_server import canned, response

ME = HealthRequest.model_validate(
    {"path": "me", "identity": "login", "zone": "zone", "version": "server.version"}
)


@pytest.fixture
def session():
    """Give `session(url, health, **limits)`."""
    opened = []

    def opening(url, health=ME, **limits):
        one = Session(
            url, AuthenticatedOptions(), **{"health": health, "rate": None, "connections": 2, **limits}
        )
        opened.append(one)
        return one

    yield opening
    for one in opened:
        one.close()


def test_an_account_has_a_name_a_zone_and_a_version(session):
    told = {"login": "krd", "zone": "Europe/Berlin", "server": {"version": 3}}
    with FaultServer("ok", canned(told)) as server:
        account = session(server.url).account(5)

    assert (account.identity, str(account.zone), account.version) == ("krd", "Europe/Berlin", "3")


@pytest.mark.parametrize("told", [{}, {"login": None}, {"login": ""}, {"login": []}, [], 3])
def test_a_source_that_does_not_know_us_is_an_auth_failure(session, told):
    with FaultServer("ok", canned(told)) as server:
        account = session(server.url).account(5)

    assert isinstance(account, Failure)
    assert account.kind is ErrorKind.AUTH


def test_an_unknown_zone_says_what_to_set(session):
    with FaultServer("ok", canned({"login": "krd", "zone": "Mars/Olympus"})) as server:
        account = session(server.url).account(5)

    assert account.kind is ErrorKind.CONFIG
    assert "set `zone`" in account.message


def test_who_we_are_is_asked_again_after_an_hour_and_whenever_wanted(session, monkeypatch):
    with FaultServer("ok", canned({"login": "krd"})) as server:
        one = session(server.url)
        for _ in range(3):
            one.account(5)
        assert len(server.requests) == 1
        one.account(5, anew=True)
        assert len(server.requests) == 2
        monkeypatch.setattr(http_json_session, "REMEMBERED", 0.0)
        one.account(5)
        assert len(server.requests) == 3


def test_a_refused_request_makes_krd_prove_itself_again(session):
    def gate(received):
        return (
            response("200 OK", b'{"login": "krd"}') if received.target == "/me" else response("403 Forbidden")
        )

    with FaultServer("ok", gate) as server:
        one = session(server.url)
        one.ask(Request("GET", "count"), one.account(5), 5)
        one.account(5)

        assert [received.target for received in server.requests] == ["/me", "/count", "/me"]


def test_several_threads_prove_themselves_once(session):
    def slow(_):
        time.sleep(0.2)
        return response("200 OK", b'{"login": "krd"}')

    with FaultServer("ok", slow) as server:
        one = session(server.url)
        found = []
        threads = [threading.Thread(target=lambda: found.append(one.account(5))) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)

        assert len(server.requests) == 1
    assert found == [Account("krd")] * 6


def test_whoever_waits_for_the_proof_waits_no_longer_than_its_own_deadline(session):
    with FaultServer("hang") as server:
        one = session(server.url)
        first = threading.Thread(target=one.account, args=(1.5,))
        first.start()
        time.sleep(0.2)
        began = time.monotonic()
        found = one.account(0.3)
        took = time.monotonic() - began
        first.join(10)

    assert found.kind is ErrorKind.TIMEOUT
    assert took < 1.0


def test_a_cookie_is_never_shown(session):
    welcome = HealthRequest.model_validate({"path": "login", "sign_in": "sid"})
    echo = {"Set-Cookie": "other=1", "Location": "/"}

    def server_of(received):
        if received.target == "/login":
            return response("302 Found", b"", {**echo, "Set-Cookie": "sid=s3cr3t-c00kie; Path=/"})
        return response("400 Bad Request", b'{"error": "bad cookie s3cr3t-c00kie"}')

    with FaultServer("ok", server_of) as server:
        one = session(server.url, welcome)
        account = one.account(5)
        refused = one.ask(Request("GET", "count"), account, 5)

    assert account.cookie == "sid=s3cr3t-c00kie"
    assert "s3cr3t" not in repr(account)
    assert "s3cr3t" not in repr(refused)


@pytest.mark.parametrize("mode", ["401", "302_login", "html_200", "empty_json"])
def test_a_sign_in_without_its_cookie_lets_nobody_in(session, mode):
    welcome = HealthRequest.model_validate({"path": "login", "sign_in": "sid"})
    with FaultServer(mode) as server:
        found = session(server.url, welcome).account(5)

    assert found.kind is ErrorKind.AUTH


def test_requests_past_the_rate_say_when_the_next_turn_is():
    pace = Pace(3)

    assert [pace.take(1) for _ in range(3)] == [None] * 3
    refused = pace.take(1)
    assert refused.kind is ErrorKind.RATE_LIMITED
    assert timedelta(seconds=58) < refused.retry_after <= timedelta(seconds=60)


def test_a_turn_that_comes_in_time_is_waited_for(monkeypatch):
    monkeypatch.setattr(http_json_session, "MINUTE", 0.3)
    pace = Pace(2)
    began = time.monotonic()

    assert [pace.take(5) for _ in range(5)] == [None] * 5
    assert time.monotonic() - began >= 0.55


def test_a_rate_that_is_used_up_costs_no_request(session):
    with FaultServer("ok", canned({"total": 1})) as server:
        one = session(server.url, health=None, rate=2)
        found = [one.ask(Request("GET", "count"), Account(), 5) for _ in range(4)]

        assert len(server.requests) == 2
    assert [one.kind for one in found[2:]] == [ErrorKind.RATE_LIMITED] * 2


def test_an_old_account_does_not_undo_a_new_proof(session):
    def gate(received):
        return (
            response("200 OK", b'{"login": "krd"}') if received.target == "/me" else response("403 Forbidden")
        )

    with FaultServer("ok", gate) as server:
        one = session(server.url)
        old = one.account(5)
        one.account(5, anew=True)
        one.ask(Request("GET", "count"), old, 5)
        one.account(5)

        assert [received.target for received in server.requests] == ["/me", "/me", "/count"]


def test_a_hint_goes_along_with_refused_credentials_only(session):
    with FaultServer("401") as server:
        refused = session(server.url, health=None, hint="tokens expire").ask(Request("GET", ""), Account(), 5)
    with FaultServer("404") as server:
        missing = session(server.url, health=None, hint="tokens expire").ask(Request("GET", ""), Account(), 5)

    assert refused.message.endswith("; tokens expire")
    assert "tokens expire" not in missing.message
