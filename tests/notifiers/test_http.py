"""Every answer, and every way of giving none, has one verdict."""

import socket
import threading
from datetime import UTC, datetime, timedelta

import pytest

from collector.notifiers.http import ANSWER_BYTES, LONGEST_WAIT, Post, Sender, judge, wait
from collector.ports.notifier import Delivered, Gone, Refused, TryLater

SHORT = timedelta(seconds=0.6)


@pytest.fixture
def post(at):
    def send(url, timeout=timedelta(seconds=5), headers=None):
        return Sender(timeout).send(Post(url, b'{"canary":"bodyCANARY"}', headers or {}), at)

    return send


@pytest.mark.parametrize(
    ("statuses", "kind"),
    [
        ([200, 201, 202, 204], Delivered),
        ([408, 409, 425, 429, 500, 502, 503, 504, 507, 599], TryLater),
        ([410], Gone),
        ([301, 302, 303, 304, 307, 308], Refused),
        ([400, 401, 402, 403, 404, 405, 406, 407, 411, 413, 414, 415, 418, 421, 422, 431, 451], Refused),
    ],
)
def test_each_status_has_its_verdict(receiver, post, statuses, kind):
    found = []
    for receiver.status in statuses:
        receiver.body = b"" if receiver.status in (204, 304) else b"ok"
        found.append(type(post(receiver.url)))
    assert found == [kind] * len(statuses)
    assert len(receiver.requests) == len(statuses)


@pytest.mark.parametrize(
    ("status", "content"),
    [
        (400, True),
        (413, True),
        (422, True),
        (301, False),
        (401, False),
        (403, False),
        (404, False),
        (405, False),
    ],
)
def test_a_refusal_says_whether_it_is_the_message_or_the_address(status, content):
    verdict = judge("x.example", status, None)
    assert isinstance(verdict, Refused)
    assert verdict.content is content


def test_an_address_that_is_gone_is_written_anew_and_where_it_is_by_reference_said_so():
    verdict = judge("x.example", 410, None)
    assert verdict == Gone(
        "x.example answered 410: the address exists no more; write a new one into the configuration; "
        "where that names it by reference, say `krd alerts outbox retry --notifier NAME` as well"
    )


def test_a_status_nobody_knows_is_an_answer_too():
    assert isinstance(judge("x.example", 999, None), TryLater)


def test_a_redirect_is_not_followed(receiver, post):
    receiver.status, receiver.headers = 302, {"location": f"{receiver.address}/elsewhere"}
    verdict = post(receiver.url)
    assert verdict == Refused(
        "127.0.0.1 answered 302, a redirect, and none is followed: write the final address"
    )
    assert len(receiver.requests) == 1


@pytest.mark.parametrize("status", [429, 503])
def test_a_retry_after_reaches_the_verdict(receiver, post, status):
    receiver.status, receiver.headers = status, {"retry-after": "120"}
    assert post(receiver.url) == TryLater(f"127.0.0.1 answered {status}", timedelta(seconds=120))


@pytest.mark.parametrize(
    ("header", "span"),
    [
        ("0", timedelta(0)),
        (" 3600 ", timedelta(hours=1)),
        ("Sun, 22 Nov 2026 10:05:00 GMT", timedelta(minutes=5)),
        ("Sunday, 22-Nov-26 10:05:00 GMT", timedelta(minutes=5)),
        ("Sun, 22 Nov 2026 09:00:00 GMT", timedelta(0)),
        ("Sun, 22 Nov 2026 10:05:00 -0000", timedelta(minutes=5)),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_WAIT),
        ("999999", LONGEST_WAIT),
        ("9" * 6000, LONGEST_WAIT),
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("1e3", None),
        ("NaN", None),
        ("²", None),
        ("Sun, 99 Nov 2026 10:05:00 GMT", None),
        ("Sun, 22 Nov 99999999999 10:05:00 GMT", None),
    ],
)
def test_a_retry_after_is_read_or_ignored(header, span):
    assert wait(header, datetime(2026, 11, 22, 10, tzinfo=UTC)) == span


def test_a_body_that_trickles_is_cut_at_the_deadline(trickler, post, stopwatch):
    port = trickler(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n", b"x")
    verdict = post(f"http://127.0.0.1:{port}/", SHORT)
    assert verdict == TryLater("127.0.0.1 gave no complete answer within 0.6 s")
    assert stopwatch() < 1.6


def test_a_body_without_a_length_is_not_complete_when_we_cut_it(trickler, post, stopwatch):
    port = trickler(b"HTTP/1.1 200 OK\r\n\r\n", b"x")
    assert isinstance(post(f"http://127.0.0.1:{port}/", SHORT), TryLater)
    assert stopwatch() < 1.6


def test_headers_that_trickle_are_cut_at_the_deadline(trickler, post, stopwatch):
    port = trickler(b"HTTP/1.1 200 OK\r\n", b"x-a: 1\r\n")
    assert isinstance(post(f"http://127.0.0.1:{port}/", SHORT), TryLater)
    assert stopwatch() < 1.6


def test_a_tls_handshake_that_trickles_is_cut_at_the_deadline(trickler, post, stopwatch):
    port = trickler(b"\x16\x03\x03\x3f\xff\x02\x00\x3f\xfb\x03\x03", b"x")
    assert isinstance(post(f"https://127.0.0.1:{port}/", SHORT), TryLater)
    assert stopwatch() < 1.6


def test_a_server_that_never_answers_is_left_at_the_deadline(trickler, post, stopwatch):
    port = trickler(b"", b"")
    assert isinstance(post(f"http://127.0.0.1:{port}/", SHORT), TryLater)
    assert stopwatch() < 1.6


@pytest.mark.parametrize("host", ["many.example", "slow.example"])
def test_a_name_that_leads_nowhere_is_left_at_the_deadline(host, resolver, silent, post, stopwatch):
    resolver += ["127.0.0.1"] * 4
    verdict = post(f"http://{host}:{silent()}/", SHORT)
    assert verdict == TryLater(f"{host} gave no complete answer within 0.6 s")
    assert stopwatch() < 1.6


def test_a_silent_address_leaves_time_to_the_next(resolver, silent, receiver, post):
    resolver += ["127.0.0.2", "127.0.0.1"]
    port = int(receiver.address.rpartition(":")[2])
    silent("127.0.0.2", port)
    assert post(f"http://many.example:{port}/", timedelta(seconds=2)) == Delivered()


def test_a_name_that_nobody_can_have_is_not_resolved(post):
    verdict = post(f"http://{'a' * 64}.example/")
    assert verdict == TryLater(f"{'a' * 64}.example not reached: its name cannot be resolved")


def test_no_watch_outlives_its_exchange(receiver, post):
    before = set(threading.enumerate())
    post(receiver.url)
    for watch in [
        one for one in threading.enumerate() if isinstance(one, threading.Timer) and one not in before
    ]:
        watch.join(1)
        assert not watch.is_alive()


def test_a_huge_answer_is_not_read_to_its_end(trickler, post, stopwatch):
    port = trickler(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (ANSWER_BYTES + 1), b"x" * 1000)
    assert post(f"http://127.0.0.1:{port}/") == Delivered()
    assert stopwatch() < 2


def test_an_answer_cut_in_its_middle_is_no_delivery(receiver, post):
    receiver.headers, receiver.body = {"content-length": "100"}, b"short"
    # Both lengths are sent, which no client may accept; a cut body raises the same protocol error.
    assert isinstance(post(receiver.url), TryLater)


def test_nobody_listening_is_worth_another_try(unused_port, post):
    assert post(f"http://127.0.0.1:{unused_port}/") == TryLater("127.0.0.1 not reached: connection refused")


def test_a_name_without_an_address_is_worth_another_try(post, monkeypatch):
    def unknown(*args, **kwargs):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert post("http://hooks.krd.invalid/x") == TryLater(
        "hooks.krd.invalid not reached: its name cannot be resolved"
    )


def test_a_server_without_tls_says_so(receiver, post):
    verdict = post(receiver.url.replace("http:", "https:"))
    assert isinstance(verdict, TryLater)
    assert "TLS failed" in verdict.reason


@pytest.mark.parametrize(
    "url",
    [
        "",
        "xoxb-CANARY",
        "ftp://h/CANARY",
        "http://",
        "http:///CANARY",
        "//h/CANARY",
        "http://h:99999/",
        "http://[::1",
        "http://h\x00/",
    ],
)
def test_an_address_that_is_none_is_said_without_repeating_it(url, post):
    verdict = post(url)
    assert isinstance(verdict, TryLater)
    assert "CANARY" not in verdict.reason


def test_a_header_that_cannot_be_sent_never_raises(receiver, post):
    for value in ("a\r\nb: c", "\ud83d", "€"):
        assert not isinstance(post(receiver.url, headers={"x-a": value}), Delivered)
    assert receiver.requests == []


def test_the_environment_gives_no_proxy(receiver, post, monkeypatch, unused_port):
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{unused_port}")
    monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{unused_port}")
    assert post(receiver.url) == Delivered()


def test_credentials_in_the_address_travel_as_basic_authentication(receiver, post):
    assert post(receiver.url.replace("http://", "http://krd:pw@")) == Delivered()
    (request,) = receiver.requests
    assert request.headers["authorization"] == "Basic a3JkOnB3"
    assert request.path == receiver.url.removeprefix(receiver.address)


def test_no_secret_enters_a_verdict_or_a_log(receiver, trickler, unused_port, post, log):
    verdicts = []
    for receiver.status in (200, 302, 400, 401, 404, 410, 429, 500):
        receiver.body = b"bodyCANARY " + receiver.url.encode()
        receiver.headers = {"location": receiver.url, "retry-after": "CANARY"}
        verdicts.append(post(receiver.url, headers={"x-key": "headerCANARY"}))
    verdicts.append(post(f"http://u:pwCANARY@127.0.0.1:{unused_port}/CANARY"))
    verdicts.append(post(f"http://127.0.0.1:{trickler(b'', b'')}/CANARY", SHORT))
    verdicts.append(post(f"http://127.0.0.1:{trickler(b'SSH-2.0-CANARY' + b'x', b'x')}/CANARY", SHORT))
    assert "CANARY" not in repr(verdicts)
    assert "CANARY" not in log.getvalue()
