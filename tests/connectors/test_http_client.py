"""httpx within bounds, over real sockets: deadlines, caps, redirects, TLS, credentials."""

from __future__ import annotations

import socket
import threading
import time
from datetime import timedelta

import pytest

from connectors.api import ErrorKind, Failure
from connectors.auth import AuthenticatedOptions, Authentication
from connectors.deadline import DeadlineExceeded, bounded, watch
from connectors.http import Reply
from connectors.http_client import HttpClient
from connectors.testing import FaultServer
from connectors.testing.faults import HTTP_FAULTS, RETRY_AFTER

SECOND = timedelta(seconds=1)


@pytest.fixture
def client():
    opened = HttpClient(Authentication(AuthenticatedOptions()))
    yield opened
    opened.close()
    opened.close()


@pytest.mark.parametrize("mode", sorted(set(HTTP_FAULTS) - {"html_200", "garbage", "empty_json"}))
def test_a_fault_is_a_failure_in_time(client, mode):
    with FaultServer(mode) as server:
        began = time.monotonic()
        found = client.exchange("GET", server.url, SECOND)
        took = time.monotonic() - began

    assert isinstance(found, Failure), found
    assert found.kind in HTTP_FAULTS[mode]
    assert took < 2
    assert len(server.requests) == 1
    if mode in RETRY_AFTER:
        assert found.retry_after == RETRY_AFTER[mode]


def test_a_good_answer_comes_whole(client):
    with FaultServer() as server:
        found = client.exchange("POST", f"{server.url}/a", SECOND, params={"b": "c"}, json={"d": 1})

    assert found == Reply(200, found.headers, b"{}")
    assert found.headers["content-type"] == "application/json"
    [received] = server.requests
    assert (received.method, received.target, received.body) == ("POST", "/a?b=c", b'{"d":1}')
    assert received.headers["accept-encoding"] == "identity"
    assert received.headers["user-agent"].startswith("krd/")


def test_a_kept_connection_is_used_again_and_watched_again(client):
    with FaultServer() as server:
        assert isinstance(client.exchange("GET", server.url, SECOND), Reply)
        server.mode = "trickle_head"
        began = time.monotonic()
        assert client.exchange("GET", server.url, SECOND / 2).kind is ErrorKind.TIMEOUT
        assert time.monotonic() - began < 1
        server.mode = "ok"
        assert isinstance(client.exchange("GET", server.url, SECOND), Reply)


def test_a_deadline_that_is_over_spares_the_next_user_of_the_connection(client):
    with FaultServer() as server:
        for _ in range(5):
            assert isinstance(client.exchange("GET", server.url, SECOND / 5), Reply)
            time.sleep(0.06)
        time.sleep(0.3)
        assert isinstance(client.exchange("GET", server.url, SECOND), Reply)


def test_many_threads_are_each_cut_at_their_own_deadline(client):
    client = HttpClient(Authentication(AuthenticatedOptions()), connections=8)
    took = {}

    def asking(seconds):
        began = time.monotonic()
        client.exchange("GET", server.url, timedelta(seconds=seconds))
        took[seconds] = time.monotonic() - began

    with FaultServer("trickle_body") as server:
        threads = [threading.Thread(target=asking, args=(n / 5,)) for n in range(8, 0, -1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    client.close()

    assert all(seconds - 0.05 <= took[seconds] < seconds + 0.5 for seconds in took), took


def read_watched(ours):
    ours.settimeout(5)
    watch(ours)
    return ours.recv(1)


def test_a_blocked_read_returns_when_the_time_is_up():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        began = time.monotonic()
        with pytest.raises(DeadlineExceeded), bounded(0.2):
            read_watched(ours)
        assert 0.15 < time.monotonic() - began < 1


def test_a_socket_outlives_the_deadline_of_an_exchange_that_is_over():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        with bounded(0.1):
            watch(ours)
        time.sleep(0.3)
        theirs.sendall(b"x")
        assert ours.recv(1) == b"x"


def test_an_earlier_deadline_is_not_kept_waiting_by_a_later_one():
    ours, theirs = socket.socketpair()
    with ours, theirs, bounded(60):
        pass
    ours, theirs = socket.socketpair()
    with ours, theirs:
        began = time.monotonic()
        with pytest.raises(DeadlineExceeded), bounded(0.1):
            read_watched(ours)
        assert time.monotonic() - began < 1


def test_an_error_inside_the_block_is_kept_as_the_cause():
    def late_and_broken():
        time.sleep(0.15)
        raise ConnectionResetError

    with pytest.raises(DeadlineExceeded) as caught, bounded(0.05):
        late_and_broken()

    assert isinstance(caught.value.__cause__, ConnectionResetError)


def test_a_block_within_its_time_passes_errors_on():
    with pytest.raises(KeyError), bounded(5):
        raise KeyError


def test_basic_authentication_carries_any_password(monkeypatch):
    monkeypatch.setenv("PASSWORD", "größe:1")
    options = AuthenticatedOptions(user="bot@acme.example", password={"env": "PASSWORD"})
    client = HttpClient(Authentication(options))
    with FaultServer() as server:
        client.exchange("GET", server.url, SECOND)
    client.close()

    assert server.requests[0].headers["authorization"] == "Basic Ym90QGFjbWUuZXhhbXBsZTpncsO2w59lOjE="


def test_a_secret_that_no_header_can_carry_is_a_matter_of_configuration(monkeypatch):
    monkeypatch.setenv("TOKEN", "two\nlines")
    client = HttpClient(Authentication(AuthenticatedOptions(bearer={"env": "TOKEN"})))

    found = client.exchange("GET", "http://127.0.0.1:9", SECOND)

    assert found.kind is ErrorKind.CONFIG
    assert "two" not in found.message


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"bearer": {"env": "A"}, "user": "b", "password": {"env": "C"}}, "exclude"),
        ({"user": "b"}, "needs `password`"),
        ({"password": {"env": "C"}}, "needs `user`"),
        ({"client_key": "k.pem"}, "needs `client_cert`"),
        ({"headers": {"Authorization": "Bearer plain"}}, "by reference"),
        ({"headers": {"X-Api-Key": "plain"}}, "by reference"),
        ({"headers": {"Host": "b"}}, "own business"),
        ({"headers": {"a b": "c"}}, "header's name"),
        ({"bearer": "plain-token"}, "by reference"),
    ],
)
def test_a_mistake_in_authentication_says_what_to_do(options, word):
    with pytest.raises(ValueError, match="1 validation error") as caught:
        AuthenticatedOptions.model_validate(options)

    assert word in str(caught.value)
    assert "plain" not in str(caught.value)
