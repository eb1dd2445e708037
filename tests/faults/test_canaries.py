"""No secret that krd was given comes out of it anywhere, whatever goes wrong: canaries through every failure."""

import base64
import contextlib
import itertools
import json
import signal
import sqlite3
import time
from datetime import UTC, datetime

import pytest

from collector.app import read_files
from connectors.testing import FaultServer
from connectors.testing.fault_server import RESPONSES, response

CANARIES = {
    "dsn_password": "canary-dsn-7f3a91",
    "bearer": "canary-bearer-52c0de",
    "header": "canary-header-99ab12",
    "basic_password": "canary-basic-c4f3e2",
    "webhook_secret": base64.b64encode(b"canary-webhook-signing-key-000001").decode(),
    "webhook_path": "canary-hookpath-31337a",
    "webhook_query": "canary-hookquery-b00b1e",
    "webhook_password": "canary-hookuser-deadbe",
    "webhook_header": "canary-hookheader-f00d01",
    "slack_path": "canary-slack-cafe42",
    "heartbeat_path": "canary-heartbeat-ab54a9",
    "typed_url_password": "canary-typed-0ddba1",
    "typed_url_key": "canary-key-1337ff",
    "store_key": "canary-unused-env-aaaa01",
}
BASIC = base64.b64encode(f"krd:{CANARIES['basic_password']}".encode()).decode()
HOOK_BASIC = base64.b64encode(f"krd:{CANARIES['webhook_password']}".encode()).decode()
SPOKEN = {**CANARIES, "basic_header": BASIC, "hook_basic": HOOK_BASIC}


def echoing(received):
    """Answer like a chatty proxy: everything that came in is repeated, secrets and all."""
    told = json.dumps(
        {
            "headers": dict(received.headers),
            "target": received.target,
            "body": received.body.decode("latin-1"),
        }
    )
    status = next(STATUSES)
    media = "text/html" if status.startswith("200") else "application/json"
    body = json.dumps({"status": "error", "errorType": "bad_data", "error": told}).encode()
    return response(status, body, {"X-Echo": received.headers.get("authorization", "none")}, media)


STATUSES = itertools.cycle(
    ["400 Bad Request", "200 OK", "500 Boom", "401 Unauthorized", "422 No", "403 No", "503 Busy"]
)
MODES = (*RESPONSES, "ok", "hang", "trickle_body", "close", "huge", "ok")


@pytest.fixture
def servers():
    with FaultServer("ok", echoing) as source, FaultServer("ok", echoing) as sink:
        yield source, sink


@pytest.fixture
def guarded(krd, servers):
    """Write files whose secrets are all canaries, by reference to variables and files."""
    source, sink = servers
    host = sink.url.removeprefix("http://")
    krd.environment |= {
        "DSN": f"postgresql+psycopg://krd:{CANARIES['dsn_password']}@127.0.0.1:9/warehouse?connect_timeout=1",
        "PROM_TOKEN": CANARIES["bearer"],
        "PROM_HEADER": CANARIES["header"],
        "HOOK": f"http://krd:{CANARIES['webhook_password']}@{host}/{CANARIES['webhook_path']}?key={CANARIES['webhook_query']}",
        "HOOK_HEADER": CANARIES["webhook_header"],
        "SLACK": f"{sink.url}/services/{CANARIES['slack_path']}",
        "PING": f"{sink.url}/ping/{CANARIES['heartbeat_path']}",
        "NOBODY_NAMES_ME": CANARIES["store_key"],
        "KRD_LOG__LEVEL": "debug",
    }
    (krd.root / "basic").write_text(CANARIES["basic_password"] + "\n")
    (krd.root / "signing").write_text("whsec_" + CANARIES["webhook_secret"])
    reads = [("one", "bearing"), ("two", "basic"), ("three", "heading"), ("four", "warehouse")]
    results = "\n".join(
        f"      - {{id: {name}, title: Do, commitment: committed, from: 9, to: 5,"
        f" measure: {{source: {where}, every: 1s, query: {'SELECT 1' if where == 'warehouse' else 'vector(1)'}}}}}"
        for name, where in reads
    )
    krd.write(
        "timezone: UTC\ncycles: [{id: lab, starts: first run, days: 100, day: 6s}]\npeople: {li: {name: Li}}\n"
        "teams: {shop: {lead: li, sync: {every: 2d, brief: 1d}}}\nsources:\n"
        f"  bearing: {{kind: prometheus, url: '{source.url}', timeout: PT0.4S, bearer: {{env: PROM_TOKEN}}}}\n"
        f"  basic: {{kind: prometheus, url: '{source.url}', timeout: PT0.4S, user: krd, password: {{file: '{krd.root}/basic'}}}}\n"
        f"  heading: {{kind: prometheus, url: '{source.url}', timeout: PT0.4S, headers: {{X-Api-Key: {{env: PROM_HEADER}}}}}}\n"
        "  warehouse: {kind: sql, url: {env: DSN}, timeout: PT0.4S}\n"
        "notify:\n"
        f"  hook: {{kind: webhook, url: {{env: HOOK}}, secret: {{file: '{krd.root}/signing'}}, timeout: PT1S,"
        " headers: {x-hook-token: {env: HOOK_HEADER}}}\n"
        "  room: {kind: slack, url: {env: SLACK}, timeout: PT1S}\n"
        "heartbeat: {url: {env: PING}}\n",
        f"team: shop\ncycle: lab\nobjectives:\n  - id: good\n    title: Be good\n    key_results:\n{results}\n",
    )
    return krd


def leaked(text):
    """Name the canaries that stand in `text`."""
    heard = text if isinstance(text, bytes) else text.encode()
    return sorted(name for name, secret in SPOKEN.items() if secret.encode() in heard)


@pytest.mark.timeout(150)
def test_no_canary_leaves_a_running_krd_through_any_fault(guarded, servers, eventually):
    source, sink = servers
    guarded.start()
    eventually(lambda: source.requests)
    for mode in MODES:
        asked = len(source.requests)
        source.mode = sink.mode = mode
        with contextlib.suppress(AssertionError):  # a source that is down or asleep is not asked at once
            eventually(lambda asked=asked: len(source.requests) > asked, within=1.2)
        time.sleep(0.2)
    source.mode = sink.mode = "ok"
    eventually(lambda: sink.requests)
    sent = "".join(f"{one.target} {dict(one.headers)}" for one in [*source.requests, *sink.requests])
    used = {
        "bearer",
        "header",
        "basic_header",
        "webhook_path",
        "webhook_query",
        "webhook_header",
        "hook_basic",
        "slack_path",
    }
    assert used <= set(leaked(sent)), "the canaries were in use"
    pages = {path: guarded.get(path) for path in ("/", "/metrics", "/readyz", "/healthz", "/nowhere")}
    spoken = {
        verb: (done := guarded.command(*verb.split())).stdout + done.stderr
        for verb in (
            "status",
            "status -o json",
            "once",
            "lint",
            "plan",
            "show shop/one",
            "sources check",
            "notify test",
        )
    }
    guarded.kill(signal.SIGTERM)
    files = {
        path.name: path.read_bytes()
        for path in guarded.root.iterdir()
        if path.is_file() and path.name not in ("basic", "signing")
    }
    assert {name: found for name, content in files.items() if (found := leaked(content))} == {}
    assert {path: found for path, answer in pages.items() if (found := leaked(str(answer)))} == {}
    assert {verb: found for verb, text in spoken.items() if (found := leaked(text))} == {}
    assert {"log", "krd.db"} <= set(files)
    assert len(files["log"]) > 1000
    with sqlite3.connect(guarded.root / "krd.db") as connection:
        reasons = {reason for (reason,) in connection.execute("SELECT DISTINCT reason FROM gaps")}
        letters = connection.execute("SELECT count(*) FROM outbox").fetchone()
    connection.close()
    assert len(reasons) >= 3, reasons
    assert letters > (0,)


def test_no_canary_stands_in_the_repr_of_anything_that_was_opened(guarded, monkeypatch):
    for name, value in guarded.environment.items():
        monkeypatch.setenv(name, value)
    files = read_files(guarded.root / "krd.yaml", datetime(2025, 11, 12, tzinfo=UTC))
    sources, notifiers = files.sources(), files.notifiers()
    opened = [sources.open(name) for name in files.configuration.sources]
    try:
        spoken = [
            files, files.configuration, *files.configuration.sources.values(), *files.configuration.notifiers.values(),
            *[source.connector for source in opened], *notifiers.values(),
            *[entry.options.model_dump() for entry in files.configuration.sources.values()],
            *[entry.options.model_dump_json() for entry in files.configuration.notifiers.values()],
            *[kr.document for kr in files.configuration.okrs.key_results.values()],
        ]  # fmt: skip
        assert {type(one).__name__: found for one in spoken if (found := leaked(f"{one!r} {one}"))} == {}
    finally:
        sources.close()
        for notifier in notifiers.values():
            notifier.close()


@pytest.mark.parametrize(
    "url",
    [
        f"http://krd:{CANARIES['typed_url_password']}@127.0.0.1:9",
        f"http://127.0.0.1:9/?api_key={CANARIES['typed_url_key']}",
    ],
    ids=["user_and_password", "query"],
)
@pytest.mark.parametrize("verb", ["lint", "run", "once"])
def test_a_secret_typed_into_an_address_is_refused_without_being_repeated(krd, url, verb):
    krd.write(
        f"cycles: [2026]\npeople: {{li: {{name: Li}}}}\nteams: {{shop: {{lead: li}}}}\nsources: {{prod: {{kind: prometheus, url: '{url}'}}}}\n",
        "team: shop\ncycle: '2026'\nobjectives:\n  - {id: good, title: Be good, key_results: [{id: one, title: Do,"
        " commitment: committed, from: 9, to: 5, measure: {source: prod, query: up}}]}\n",
    )
    done = krd.command(verb)
    assert done.returncode == 3, done
    assert leaked(done.stdout + done.stderr) == []
    assert "krd.yaml" in done.stdout + done.stderr
