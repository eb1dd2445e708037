"""The outside hears a ping while work is being done, nothing else; and nobody hears the address."""

import io
import logging

import pytest

from collector import logs
from collector.daemon.heartbeat import Heartbeat
from connectors.api import Secret
from connectors.testing import FaultServer
from connectors.testing.fault_server import response

CANARY = "canary-heartbeat-1234567"


@pytest.fixture
def log():
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    stream = io.StringIO()
    logs.configure("debug", "json", stream)
    yield stream
    for handler in [one for one in root.handlers if one not in before]:
        root.removeHandler(handler)
    root.setLevel(level)


def test_it_pings_while_work_is_done_says_trouble_once_and_keeps_the_address_to_itself(
    log, monkeypatch, eventually
):
    answers = {"status": "200 OK"}
    alive = [True]
    with FaultServer("ok", lambda _: response(answers["status"])) as server:
        monkeypatch.setenv("PING", f"{server.url}/{CANARY}?key={CANARY}")
        heartbeat = Heartbeat(Secret("PING", "env"), lambda: alive[0], every=0.02)
        heartbeat.start()
        eventually(lambda: len(server.requests) > 3)
        answers["status"] = "500 Boom"
        eventually(lambda: "heartbeat_fails" in log.getvalue())
        count = len(server.requests)
        eventually(lambda: len(server.requests) > count + 5)
        answers["status"] = "200 OK"
        eventually(lambda: "heartbeat_back" in log.getvalue())
        server.mode = "close"
        eventually(lambda: log.getvalue().count("heartbeat_fails") == 2)
        server.mode = "ok"
        alive[0] = False
        eventually(lambda: log.getvalue().count("heartbeat_back") == 2 or not alive[0])
        heartbeat.stop()
    assert CANARY in server.requests[0].target
    assert CANARY not in log.getvalue()
    assert log.getvalue().count("heartbeat_fails") == 2


def test_it_is_silent_while_no_work_is_done():
    with FaultServer("ok") as server:
        heartbeat = Heartbeat(server.url, lambda: False, every=0.01)
        heartbeat.start()
        heartbeat.stop()
    assert server.requests == []


def test_a_missing_secret_is_told_by_its_place(log, monkeypatch, eventually):
    monkeypatch.delenv("PING", raising=False)
    heartbeat = Heartbeat(Secret("PING", "env"), lambda: True, every=0.01)
    heartbeat.start()
    eventually(lambda: "PING" in log.getvalue())
    heartbeat.stop()
