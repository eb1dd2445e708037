"""Probes, errors and the headers that every answer carries."""

import io
import logging

import pytest

from collector import logs

PATHS = (
    "/",
    "/?still",
    "/healthz",
    "/readyz",
    "/metrics",
    "/api/v1/status",
    "/api/v1/alerts",
    "/feeds/alerts.atom",
    "/feeds/alerts.json",
    "/api/v1/openapi.json",
    "/static/krd.css",
)
REFUSED = (
    "/feeds/alerts.rss",
    "/feeds/",
    "/nowhere",
    "/static/none.css",
    "/static/../routes.py",
    "/static/",
    "/docs",
    "/redoc",
    "/api/v1/status/",
)


@pytest.mark.parametrize("path", [*PATHS, *REFUSED])
def test_every_answer_carries_the_headers(ask, path):
    headers = ask(path).headers

    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "server" not in headers


@pytest.mark.parametrize("path", PATHS)
def test_everything_there_is_answers_with_200(ask, path):
    assert ask(path).status == 200


@pytest.mark.parametrize("path", PATHS)
def test_head_gives_the_headers_without_the_body(ask, path):
    answer = ask(path, method="HEAD")

    assert (answer.status, answer.text) == (200, "")
    assert answer.headers["content-type"] == ask(path).headers["content-type"]


@pytest.mark.parametrize("path", REFUSED)
def test_what_is_not_there_says_so_in_plain_text(ask, path):
    answer = ask(path)

    assert (answer.status, answer.text) == (404, "404 Not Found\n")
    assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_nothing_can_be_changed(ask, method):
    answer = ask("/api/v1/status", method=method)

    assert (answer.status, answer.text) == (405, "405 Method Not Allowed\n")
    assert answer.headers["allow"] == "GET, HEAD"


@pytest.fixture
def log():
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    stream = io.StringIO()
    logs.configure("info", "json", stream)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)


@pytest.mark.parametrize("path", ["/", "/metrics", "/api/v1/status"])
def test_a_failure_of_ours_is_logged_once_and_shows_no_internals(board, server, ask_own, log, path):
    board.failure = RuntimeError("the cellar is flooded")
    answer = ask_own(path)
    server.stop()  # the answer is on its way before the line is written

    assert answer.status == 500
    assert "cellar" not in answer.text
    assert "Traceback" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert log.getvalue().count("the cellar is flooded") == 1
    assert '"event": "request_failed"' in log.getvalue()


def test_what_changes_is_never_cached_and_the_style_sheet_is(ask):
    assert ask("/").headers["cache-control"] == "no-store"
    assert ask("/static/krd.css").headers["cache-control"] == "public, max-age=86400"


def test_it_is_alive_also_when_it_is_not_ready(board, ask):
    board.reasons = ["nothing was kept yet"]
    answer = ask("/healthz")

    assert (answer.status, answer.text) == (200, "ok\n")


def test_ready_when_nothing_stands_against_it(ask):
    answer = ask("/readyz")

    assert (answer.status, answer.text) == (200, "ready\n")


def test_not_ready_says_why(board, ask):
    board.reasons = ["nothing was kept yet", "the store refuses to write: the disk is full"]
    answer = ask("/readyz")

    assert answer.status == 503
    assert answer.text.splitlines() == board.reasons


def test_not_ready_says_why_to_machines(board, ask):
    board.reasons = ["nothing was kept yet"]
    answer = ask("/readyz", accept="application/json")

    assert answer.status == 503
    assert answer.json == {"ready": False, "reasons": ["nothing was kept yet"]}


def test_the_api_gives_every_key_result_with_its_verdict(board, ask, key_result):
    later = key_result(address="checkout/nps", title="Raise NPS", binding=None, not_run="by hand comes later")
    board.judged.append((later, None))
    first, second = ask("/api/v1/status").json

    assert first["address"] == "checkout/p95-latency"
    assert first["status"] == "on_track"
    assert first["level"] == 580.0
    assert first["sentence"] == board.judged[0][1].sentence
    assert second["status"] is None
    assert second["level"] is None
    assert second["sentence"] == "by hand comes later"


def test_the_api_tells_what_was_edited_or_removed_without_a_reason(board, ask, gone):
    board.edited, board.gone = {"2026-Q4:checkout/p95-latency": "promise"}, [gone]
    first, second = ask("/api/v1/status").json

    assert first["unexplained"] == "promise"
    assert (second["status"], second["removed"]["last_status"]) == (None, "on_track")


def test_half_a_surrogate_pair_spoils_no_answer(board, ask, key_result, verdict):
    broken = key_result(title="half \ud83d pair")
    board.judged = [(broken, verdict(broken))]

    assert [ask(path).status for path in ("/", "/metrics", "/api/v1/status")] == [200, 200, 200]
