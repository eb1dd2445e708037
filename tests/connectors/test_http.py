"""What a status means, when to come back, and what an error may quote."""

from __future__ import annotations

import socket
import ssl
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import http
from connectors.api import ErrorKind, Failure
from connectors.deadline import DeadlineExceeded

NOON = "Sun, 22 Nov 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (301, ErrorKind.AUTH),
        (302, ErrorKind.AUTH),
        (400, ErrorKind.BAD_QUERY),
        (401, ErrorKind.AUTH),
        (403, ErrorKind.AUTH),
        (404, ErrorKind.BAD_QUERY),
        (407, ErrorKind.AUTH),
        (408, ErrorKind.TIMEOUT),
        (410, ErrorKind.BAD_QUERY),
        (422, ErrorKind.BAD_QUERY),
        (429, ErrorKind.RATE_LIMITED),
        (500, ErrorKind.TRANSIENT),
        (502, ErrorKind.TRANSIENT),
        (503, ErrorKind.TRANSIENT),
        (504, ErrorKind.TIMEOUT),
        (999, ErrorKind.TRANSIENT),
    ],
)
def test_a_status_becomes_a_kind(status, kind):
    failure = http.refusal(status, {}, b"", host="a.example")

    assert failure.kind is kind
    assert failure.status == status
    assert failure.message.startswith(f"a.example answered {status}")


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"x-ratelimit-remaining": "0"}, b""),
        ({"ratelimit-remaining": "0"}, b""),
        ({}, b'{"message": "API Rate Limit exceeded"}'),
    ],
)
def test_a_spent_limit_hides_behind_403(headers, body):
    assert http.kind_of_status(403, headers, body) is ErrorKind.RATE_LIMITED


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"retry-after": "42"}, 42),
        ({"retry-after": "0"}, 0),
        ({"retry-after": "Sun, 22 Nov 2026 12:01:30 GMT", "date": NOON}, 90),
        ({"retry-after": "Sun, 22 Nov 2026 11:00:00 GMT", "date": NOON}, 0),
        ({"retry-after": "Sun, 22 Nov 2026 12:01:30 GMT"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "1e9"}, None),
        ({"retry-after": "99999999999999"}, 86400),
        ({"ratelimit-reset": "30"}, 30),
        ({"x-ratelimit-reset": "1795348850", "date": NOON}, 50),
        ({"x-ratelimit-reset": "1795348850"}, None),
        ({"x-ratelimit-reset": "30", "x-ratelimit-remaining": "7"}, None),
        ({"x-ratelimit-reset": "soon"}, None),
        ({}, None),
    ],
)
def test_a_pause_is_understood_or_left_out(headers, expected):
    assert http.retry_after(headers) == (None if expected is None else timedelta(seconds=expected))


@given(st.text(), st.text(), st.text())
def test_no_header_breaks_the_reading_of_a_pause(asked, reset, date):
    found = http.retry_after({"retry-after": asked, "x-ratelimit-reset": reset, "date": date})

    assert found is None or timedelta(0) <= found


def test_a_quote_is_short_clean_and_without_secrets():
    quoted = http.quote("a\x1b[31m\n\u202e tok-1 " + "x" * 1000, ["tok-1"])

    assert quoted.startswith("a [31m *** xxx")
    assert len(quoted) == 300


def test_a_secret_at_the_cut_is_not_half_shown():
    assert "hunter" not in http.quote("x" * 295 + "hunter2", ["hunter2"])


def test_a_web_page_is_not_quoted():
    failure = http.refusal(
        502, {"content-type": "text/html"}, b"<html><b>Bad Gateway</b></html>", host="a.example"
    )

    assert "<" not in failure.message


@pytest.mark.parametrize(
    ("headers", "body", "kind"),
    [
        ({"content-type": "text/html; charset=utf-8"}, b"anything", ErrorKind.AUTH),
        ({}, b"\n<!DOCTYPE html>", ErrorKind.AUTH),
        ({}, b"\xff\xfe\x00{]", ErrorKind.BAD_VALUE),
        ({}, b"", ErrorKind.BAD_VALUE),
        ({}, b"[" * 200_000, ErrorKind.BAD_VALUE),
    ],
)
def test_a_good_status_with_a_bad_body_is_a_failure(headers, body, kind):
    found = http.parse_json(headers, body, host="a.example")

    assert isinstance(found, Failure)
    assert found.kind is kind


def test_json_is_read():
    assert http.parse_json({}, b'{"a": [1]}', host="a.example") == {"a": [1]}


def _wrapped(cause):
    try:
        try:
            raise cause
        except Exception as inner:
            raise RuntimeError("https://user:hunter2@a.example/?token=hunter2") from inner
    except RuntimeError as error:
        return error


@pytest.mark.parametrize(
    ("cause", "kind", "word"),
    [
        (DeadlineExceeded(), ErrorKind.TIMEOUT, "in time"),
        (TimeoutError(), ErrorKind.TIMEOUT, "in time"),
        (http.BodyTooLarge(), ErrorKind.BAD_QUERY, "8 MiB"),
        (ssl.SSLCertVerificationError(), ErrorKind.CONFIG, "ca_file"),
        (ssl.SSLError(), ErrorKind.TRANSIENT, "encrypted"),
        (socket.gaierror(), ErrorKind.TRANSIENT, "DNS"),
        (ConnectionRefusedError(), ErrorKind.TRANSIENT, "listens"),
        (ConnectionResetError(), ErrorKind.TRANSIENT, "broke"),
        (ValueError(), ErrorKind.TRANSIENT, "broke"),
    ],
)
def test_a_broken_exchange_is_told_by_its_cause_and_never_quoted(cause, kind, word):
    failure = http.no_answer(_wrapped(cause), host="a.example")

    assert failure.kind is kind
    assert word in failure.message
    assert "hunter2" not in failure.message


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.example/prometheus", "a.example"),
        ("http://user:secret@a.example:9090/x?token=y", "a.example:9090"),
        ("nonsense", "the source"),
    ],
)
def test_only_the_host_of_an_address_is_named(url, expected):
    assert http.host_of(url) == expected
