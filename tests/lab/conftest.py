import json
import threading
import time
import urllib.parse
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest

from collector.lab.prometheus import LabPrometheus
from collector.lab.relay import Relay
from collector.lab.robots import Robots
from collector.lab.shop import Shop
from collector.lab.tracker import Tracker
from collector.lab.warehouse import Warehouse


def _children():
    found = set()
    for task in Path("/proc/self/task").iterdir():
        try:
            found |= {int(pid) for pid in (task / "children").read_text().split()}
        except (FileNotFoundError, ProcessLookupError):
            continue  # the thread ended between the listing and the reading; a thread that is gone has no children
    return found


@pytest.fixture(autouse=True)
def nothing_is_left_behind():
    threads, children = set(threading.enumerate()), _children()
    yield
    assert [thread.name for thread in threading.enumerate() if thread not in threads] == []
    assert children == _children()


class Wish:
    """What the shop is told to be like; tests change it while it serves."""

    latency = 0.05
    failing = 0.0
    conversion = 0.25


@pytest.fixture
def wish():
    return Wish()


@pytest.fixture
def warehouse(tmp_path):
    made = Warehouse(tmp_path / "warehouse.db", batch_seconds=0.05)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def shop(warehouse, wish):
    made = Shop(lambda: wish.latency, warehouse.record, lambda: wish.failing)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def robots(shop, wish):
    made = Robots(shop.port, lambda: wish.conversion)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def lab_prometheus(prometheus_binary, tmp_path, shop):
    made = LabPrometheus(prometheus_binary, tmp_path / "prometheus", shop.port)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def tracker(tmp_path):
    made = Tracker(tmp_path / "tracker", tmp_path / "secrets" / "tracker")
    made.start()
    made.wait()
    yield made
    made.stop()


@pytest.fixture
def desk(tracker):
    return tracker.desk()


@pytest.fixture
def relay_to():
    made = []

    def open_relay(port):
        made.append(Relay(port))
        made[-1].start()
        return made[-1]

    yield open_relay
    for relay in made:
        relay.stop()


@pytest.fixture
def get():
    """Ask a loopback port once: (status, headers, text)."""

    def ask(port, path, method="GET", **headers):
        with closing(HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
            connection.request(method, path, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode()

    return ask


@pytest.fixture
def promql(get):
    """Ask a Prometheus: the values of an instant query, or with a range the values of the first series by time."""

    def ask(port, query, **span):
        path = "/api/v1/query_range?" if span else "/api/v1/query?"
        _, _, text = get(port, path + urllib.parse.urlencode({"query": query, **span}))
        found = json.loads(text)["data"]["result"]
        if span:
            return {at: float(value) for at, value in found[0]["values"]} if found else {}
        return [float(series["value"][1]) for series in found]

    return ask


@pytest.fixture
def wait_until():
    def wait(holds, seconds=15.0):
        deadline = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < deadline, f"not so within {seconds} s"
            time.sleep(0.1)

    return wait
