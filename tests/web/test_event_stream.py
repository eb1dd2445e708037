"""The stream of alert changes: live or from a place, never with a hole that is not told, and never a burden."""

import json
import socket
import time
from datetime import timedelta

import pytest

from collector.domain.alert import AlertKind, Condition
from collector.errors import StoreError
from collector.services.alert_documents import item_document
from collector.web import alerts_api, event_stream
from collector.web import server as web_server

STREAM = "/api/v1/alerts/stream"


@pytest.fixture(autouse=True)
def at_once(monkeypatch, stored):
    """Look for news often, so that tests are short."""
    monkeypatch.setattr(event_stream, "LOOK_SECONDS", 0.02)


@pytest.fixture
def readers(server):
    """Count who reads."""
    return lambda: server._stream.readers


def test_without_a_place_it_begins_live(listen, happen):
    happen()
    listener = listen()
    begun = listener.begin()
    worse = happen(kind=AlertKind.BREACH)

    assert begun == {"id": "1"}
    assert listener.answer.getheader("content-type") == "text/event-stream"
    assert listener.answer.getheader("x-accel-buffering") == "no"
    assert listener.events(1) == [worse.event]
    assert listener.last == "2"


def test_an_event_holds_the_document_of_the_change(listen, happen, store):
    happen()
    with store.read() as tx:
        [item] = tx.newest(1)
    name, document = listen("?after=0").event()

    assert name == "alert"
    assert document == item_document(item)


def test_after_0_begins_with_the_oldest_there_is_and_goes_on_live(listen, happen):
    old = [happen(subject=f"2026-Q4:checkout/kr-{number}").event for number in range(3)]
    listener = listen("?after=0")
    before = listener.events(3)
    fresh = happen().event

    assert before == old
    assert listener.events(1) == [fresh]


def test_a_reader_goes_on_where_it_was_cut(listen, happen):
    made = [happen(subject=f"2026-Q4:checkout/kr-{number}").event for number in range(5)]

    assert listen(Last_Event_ID="3").events(2) == made[3:]
    assert listen("?after=2").events(3) == made[2:]
    assert listen("?after=0", Last_Event_ID="4").events(1) == made[4:]


def test_a_reader_that_was_cut_before_its_first_event_misses_none(listen, happen):
    cut = listen()
    cut.begin()
    cut.close()
    missed = happen().event

    assert listen(Last_Event_ID=cut.last).events(1) == [missed]


def test_more_than_is_read_at_once_comes_whole_and_in_order(monkeypatch, listen, happen):
    monkeypatch.setattr(event_stream, "PORTION", 3)
    made = [happen(subject=f"2026-Q4:checkout/kr-{number}").event for number in range(11)]
    listener = listen("?after=0")
    before = listener.events(11)
    burst = [happen(subject=f"2026-Q4:checkout/new-{number}").event for number in range(11)]

    assert (before, listener.events(11)) == (made, burst)


def test_filters_are_those_of_the_feeds_for_old_changes_and_new_ones(listen, happen):
    def both():
        happen(Condition.PENDING, subject="2026-Q4:payments/nps")
        happen(subject="prod", kind=AlertKind.SOURCE_DOWN)
        return happen(subject="2026-Q4:payments/refunds", kind=AlertKind.GUARDRAIL)

    old = both().event
    listener = listen("?after=0&team=payments&family=value")
    before = listener.events(1)
    happen(Condition.CLEAR, subject="2026-Q4:payments/refunds", kind=AlertKind.GUARDRAIL)
    _, ended = listener.event()

    assert before == [old]
    assert (ended["state"], ended["kind"]) == ("resolved", "guardrail")


@pytest.mark.parametrize("place", ["7", "garbage", "-1", "1.5", "٣", "9" * 30, "0x1"])
def test_a_place_that_was_never_given_is_a_reset_and_then_it_goes_on_live(listen, happen, place):
    happen()
    listener = listen(Last_Event_ID=place.encode().decode("latin-1"))
    first = listener.event()
    fresh = happen(kind=AlertKind.BREACH).event

    assert first == ("reset", {"reset": "unknown", "oldest": 1, "newest": 1})
    assert listener.last == "1"
    assert listener.events(1) == [fresh]


@pytest.fixture
def forget(store, at):
    """Let the store delete what is older than a day."""

    def prune():
        with store.write() as tx:
            return tx.prune_said(at - timedelta(days=1), 1_000)

    return prune


@pytest.mark.parametrize("how", [{"Last_Event_ID": "1"}, {"query": "?after=1"}, {"Last_Event_ID": "0"}])
def test_a_place_older_than_what_is_kept_is_a_reset(listen, happen, forget, at, how):
    for condition in (Condition.FIRING, Condition.CLEAR) * 2:
        happen(condition, at=at - timedelta(days=9))
    forget()
    kept = happen()

    assert listen(**how).event() == ("reset", {"reset": "too old", "oldest": 5, "newest": 5})
    assert listen(Last_Event_ID="4").events(1) == [kept.event]
    assert listen("?after=0").events(1) == [kept.event]


def test_what_is_deleted_under_a_slow_reader_is_told_as_a_reset(
    monkeypatch, listen, happen, forget, at, board
):
    monkeypatch.setattr(event_stream, "PORTION", 2)
    for _ in range(4):
        for condition in (Condition.FIRING, Condition.CLEAR):
            happen(condition, at=at - timedelta(days=9))
    real, asked = board.stored.changes_after, []

    def changes_after(seq, limit, wanted):
        asked.append(seq)
        if asked.count(2):
            forget()
        return real(seq, limit, wanted)

    monkeypatch.setattr(board.stored, "changes_after", changes_after)
    listener = listen("?after=0")

    assert len(listener.events(2)) == 2
    assert listener.event() == ("reset", {"reset": "too old", "oldest": 9, "newest": 8})


def test_a_quiet_stream_says_that_it_lives_and_where_it_is(monkeypatch, listen, happen):
    monkeypatch.setattr(event_stream, "BEAT_SECONDS", 0.05)
    listener = listen("?team=payments")
    listener.begin()
    happen()  # not for this reader, but its place moves on

    while listener.last != "1":
        listener.block()
    assert set(listener.comments) == {"krd lives"}


def test_text_of_strangers_neither_ends_an_event_nor_begins_one(listen, happen):
    evil = "a\n\nevent: end\ndata: {}\r\rid: 999\u2028\x00\x85\ud83d"
    happen(title=evil, sentence=evil, lines=(evil,))
    after = happen(kind=AlertKind.BREACH)
    listener = listen("?after=0")
    name, document = listener.event()

    assert name == "alert"
    assert document["title"].startswith("a\n\nevent: end")
    assert listener.events(1) == [after.event]


def test_only_so_many_read_at_once_and_the_next_one_is_told_when_to_come_again(
    monkeypatch, listen, ask_own, readers, eventually
):
    monkeypatch.setattr(event_stream, "MOST_READERS", 3)
    monkeypatch.setattr(alerts_api, "MOST_READERS", 3)
    seated = [listen() for _ in range(3)]
    for one in seated:
        one.begin()
    refused = ask_own(STREAM)
    seated[0].close()

    assert refused.status == 503
    assert refused.headers["retry-after"] == "10"
    assert refused.text == "503 Service Unavailable: 3 read the stream already, or krd is stopping\n"
    assert eventually(lambda: readers() == 2)
    assert listen().begin() == {"id": "0"}


def test_head_is_answered_at_once_and_takes_no_place(ask_own, readers):
    answer = ask_own(STREAM, "HEAD")

    assert (answer.status, answer.text, readers()) == (200, "", 0)
    assert answer.headers["content-type"] == "text/event-stream"


def test_the_stream_is_guarded_like_everything_else(listen, ask_own):
    headers = {name.lower(): value for name, value in listen().answer.getheaders()}

    assert headers["cache-control"] == "no-store"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert ask_own(STREAM, "POST").headers["allow"] == "GET, HEAD"
    assert ask_own(f"{STREAM}?team=nobody").status == 400
    assert ask_own(f"{STREAM}?limit=3").status == 400


def test_a_stop_tells_every_reader_and_does_not_wait_for_them(server, listen):
    listeners = [listen() for _ in range(event_stream.MOST_READERS)]
    for one in listeners:
        one.begin()
    began = time.monotonic()
    server.stop()
    took = time.monotonic() - began

    assert took < 3
    assert {json.dumps(one.event()) for one in listeners} == {'["end", {"reason": "krd is stopping"}]'}
    assert [one.answer.read() for one in listeners] == [b""] * event_stream.MOST_READERS


def test_one_that_takes_nothing_is_cut_and_costs_neither_memory_nor_a_place(
    monkeypatch, stored, happen, eventually
):
    monkeypatch.setattr(web_server, "STALLED_SECONDS", 1.0)
    for number in range(40):
        happen(subject=f"2026-Q4:checkout/kr-{number}", sentence="x" * 100_000)
    server = web_server.WebServer(stored, "127.0.0.1", 0)
    server.start()
    try:
        deaf = socket.socket()
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        deaf.connect(server._listener.getsockname())
        deaf.sendall(f"GET {STREAM}?after=0 HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())

        assert eventually(lambda: server._stream.readers == 1)
        assert eventually(lambda: server._stream.readers == 0)
        deaf.close()
    finally:
        server.stop()


def test_a_store_that_cannot_be_read_ends_the_stream_and_a_new_one_goes_on(board, listen, happen, eventually):
    made = happen().event
    board.trouble = StoreError("the disk is gone")
    cut = listen(Last_Event_ID="0")
    cut.block()

    assert cut.block() == {}
    assert cut.comments == ["the store cannot be read now"]
    board.trouble = None
    assert listen(Last_Event_ID="0").events(1) == [made]


def test_a_live_reader_outlives_a_store_that_cannot_be_read_for_a_while(board, listen, happen):
    listener = listen()
    listener.begin()
    board.trouble = StoreError("the disk is gone")
    time.sleep(0.1)
    board.trouble = None
    made = happen().event

    assert listener.events(1) == [made]


def test_nobody_looks_when_nobody_reads(monkeypatch, board, listen, readers, eventually):
    listener = listen()
    listener.begin()
    listener.close()
    assert eventually(lambda: readers() == 0)
    time.sleep(0.05)
    asked = []
    monkeypatch.setattr(board.stored, "changes_after", lambda *seen: asked.append(seen))
    time.sleep(0.1)

    assert asked == []


def test_http_1_0_is_served_too(server, happen):
    made = happen().event
    with socket.create_connection(server._listener.getsockname(), timeout=10) as plain:
        plain.sendall(f"GET {STREAM}?after=0 HTTP/1.0\r\n\r\n".encode())
        seen = b""
        while made.encode() not in seen and (more := plain.recv(4_096)):
            seen += more

    assert seen.startswith(b"HTTP/1.1 200")
