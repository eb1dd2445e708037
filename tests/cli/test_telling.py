"""The verbs that go on or speak: run and notify. Over real processes, signals and sockets."""

import http.server
import json
import signal
import threading
import time
import urllib.request

import pytest

QUIET = {"KRD_WEB__LISTEN": "127.0.0.1:0", "KRD_LOG__LEVEL": "info", "KRD_LOG__FORMAT": "json"}


@pytest.fixture
def running(world):
    """Start `krd run` and wait until it tells its address."""
    process = world.start("run", **QUIET)
    lines = []
    for line in process.stderr:
        lines.append(line)
        if line.startswith("krd watches"):
            break
    assert lines, "it ended without a word"
    assert lines[-1].startswith("krd watches 3 key results: http://127.0.0.1:"), "".join(lines)
    yield world, process, lines[-1].split()[-1]
    if process.poll() is None:
        process.kill()
    process.communicate(timeout=10)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_run_drains_on_a_signal_and_ends_with_0(running, number):
    _, process, _ = running

    process.send_signal(number)
    out, said = process.communicate(timeout=30)

    assert process.returncode == 0
    assert out == ""
    assert '"event": "krd_stopped"' in said
    assert '"drained": true' in said
    assert "Traceback" not in said


def test_run_serves_the_address_it_prints(running):
    _, _, address = running

    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
        f"{address}healthz", timeout=10
    ) as answer:
        assert answer.status == 200


def test_a_second_run_on_the_same_store_is_refused_in_one_sentence(running):
    world, process, _ = running

    told = world.process("run", "-q", **QUIET)

    assert told.code == 1
    assert told.err == (
        f"krd: {world.folder}/krd.db is served by another krd run, pid {process.pid}:"
        " stop that one first, or name another store\n"
    )


def test_the_other_verbs_work_beside_a_run(running):
    world, _, _ = running

    assert world.krd("once").code == 0
    assert [one["address"] for one in world.krd("status", "-o", "json").json][:1] == ["shop/latency"]
    assert world.krd("plan").code == 0


def test_run_refuses_files_with_mistakes(world):
    world.change("config/okrs/shop.yaml", "to: 50", "to: 100")

    told = world.process("run", **QUIET)

    assert told.code == 3
    assert "KRD402" in told.err
    assert "Traceback" not in told.err


@pytest.fixture
def hook(world):
    """Take posts on loopback and answer with the status set."""

    class Taking(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            server.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(server.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *parts):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Taking)
    server.bodies, server.status = [], 200
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}/"
    world.change(
        "config/krd.yaml",
        "notify:\n",
        f'notify:\n  hook: {{kind: webhook, url: "{url}", only: {{kinds: [drift]}}}}\n',
    )
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_notifiers_are_listed_with_what_they_want(world, hook):
    found = world.krd("notify", "list", "-o", "json").json

    assert [(one["name"], one["kind"], one["kinds"]) for one in found] == [
        ("hook", "webhook", ["drift"]),
        ("terminal", "console", []),
    ]


def test_a_test_goes_through_every_notifier_now(world, hook):
    told = world.krd("notify", "test", "-o", "json")

    assert told.code == 0
    assert [(one["name"], one["verdict"]) for one in told.json] == [
        ("hook", "delivered"),
        ("terminal", "delivered"),
    ]
    assert len(hook.bodies) == 1
    assert "Test from krd" in told.err
    assert list(world.folder.glob("krd.db*")) == []


def test_a_test_that_does_not_arrive_ends_with_1(world, hook):
    hook.status = 503

    told = world.krd("notify", "test", "hook", "-o", "json")

    [found] = told.json
    assert told.code == 1
    assert found["verdict"] == "try_later"
    assert found["reason"]


def test_a_notifier_that_is_not_there_is_wrong_usage(world):
    told = world.krd("notify", "test", "termnal")

    assert told.code == 2
    assert "did you mean terminal?" in told.err


def test_demo_refuses_a_length_of_time_that_is_none(bare):
    started = time.monotonic()

    told = bare.krd("demo", "--for", "a while")

    assert told.code == 2
    assert told.err.startswith("krd: --for: ")
    assert time.monotonic() - started < 10
