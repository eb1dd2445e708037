"""The server takes its address at once, answers until it is told to stop, and leaves nothing behind."""

import http.client
import socket
import subprocess
import sys
import threading
import time

import pytest

from collector.errors import KrdError, UsageError
from collector.web.server import WebServer


def test_a_free_port_is_told_as_the_real_address(server):
    assert server.url.startswith("http://127.0.0.1:")
    assert not server.url.endswith(":0/")


def test_there_is_no_address_before_the_start(board):
    with pytest.raises(KrdError, match="start it first"):
        WebServer(board, "127.0.0.1", 0).url  # noqa: B018 - asking is the act


def test_a_taken_address_says_what_to_do(board):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(UsageError) as refused:
            WebServer(board, "127.0.0.1", port).start()

    assert f"127.0.0.1:{port}: another program listens there" in str(refused.value)
    assert "KRD_WEB__LISTEN" in str(refused.value)


def test_an_address_of_another_machine_says_so(board):
    with pytest.raises(UsageError, match=r"192\.0\.2\.1:8080: this machine has no such address"):
        WebServer(board, "192.0.2.1", 8080).start()


def test_all_addresses_are_reached_on_the_loopback_one(board):
    server = WebServer(board, "0.0.0.0", 0)
    server.start()
    try:
        assert server.url.startswith("http://127.0.0.1:")
    finally:
        server.stop()


def test_stopping_is_quick_and_leaves_no_thread(board, threads):
    before = threads()
    server = WebServer(board, "127.0.0.1", 0)
    server.start()
    port = server._listener.getsockname()[1]
    idle = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    idle.request("GET", "/readyz")  # in a worker thread, on a connection that stays open
    idle.getresponse().read()
    connected = idle.sock
    began = time.monotonic()
    server.stop()

    took = time.monotonic() - began
    connected.close()
    deadline = time.monotonic() + 2  # a worker thread ends itself once its loop is gone
    while threads() != before and time.monotonic() < deadline:
        time.sleep(0.01)

    assert took < 2
    assert threads() == before
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=2)


def test_a_request_that_hangs_does_not_hold_up_the_stop(board, server, ask_own):
    entered, leave = threading.Event(), threading.Event()

    def hang():
        entered.set()
        leave.wait(20)
        return []

    board.ready = hang
    answers = []
    thread = threading.Thread(target=lambda: answers.append(ask_own("/readyz")))
    thread.start()
    entered.wait(5)
    began = time.monotonic()
    server.stop()
    took = time.monotonic() - began
    leave.set()
    thread.join(10)

    assert took < 6
    assert [(answer.status, answer.text) for answer in answers] == [(503, "krd is stopping\n")]


def test_stopping_what_never_started_does_nothing(board):
    server = WebServer(board, "127.0.0.1", 0)
    server.stop()
    server.stop()


def test_the_same_address_can_be_taken_again_after_a_stop(board, free_port):
    for _ in range(2):
        server = WebServer(board, "127.0.0.1", free_port)
        server.start()
        server.stop()


def test_a_command_without_a_server_does_not_load_one():
    told = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, collector.web.server; print(*sorted({'fastapi', 'uvicorn', 'jinja2', 'prometheus_client'} & set(sys.modules)))",
        ],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )

    assert told.stdout.strip() == ""
