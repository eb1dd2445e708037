"""A catalogue of stub kinds, a folder to write files into, and the way to load them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType, SimpleNamespace
from typing import Annotated

import pytest
from pydantic import Field

from collector.configuration.load import load
from collector.ports.catalogue import Catalogue
from collector.ports.notifier import NotifierKind, NotifierOptions
from connectors.api import ConnectorKind, Secret, SourceOptions, TextProblem
from connectors.promql import increase

AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


class StubPrometheus(SourceOptions):
    url: str | Secret
    bearer: Secret | None = None
    retries: Annotated[int, Field(ge=0)] = 0


class StubSql(SourceOptions):
    url: Secret
    loaded_until: dict[str, str] | None = None


class StubConsole(NotifierOptions):
    width: int = 100


class StubWebhook(NotifierOptions):
    url: str | Secret
    secret: Secret | None = None


class StubSlack(NotifierOptions):
    url: Secret


def stub_problems(text: str) -> Sequence[TextProblem]:
    """A text is wrong where it says BROKEN."""
    found = []
    for number, line in enumerate(text.split("\n"), start=1):
        if "BROKEN" in line:
            found.append(TextProblem("this word is not known", number, line.index("BROKEN") + 1))
    return found


def no_connector(options):
    raise AssertionError("reading files opens no source")


@pytest.fixture
def catalogue():
    return Catalogue(
        connectors=MappingProxyType(
            {
                "prometheus": ConnectorKind(
                    "prometheus", "Prometheus", StubPrometheus, no_connector, stub_problems, lambda text: True,
                    timedelta(minutes=15), counter=increase,
                ),
                "sql": ConnectorKind(
                    "sql", "SQL", StubSql, no_connector, stub_problems,
                    lambda text: ":until" in text or ":as_of" in text, timedelta(days=1),
                ),
            }
        ),
        notifiers=MappingProxyType(
            {
                "console": NotifierKind("console", "Console", StubConsole, no_connector),
                "webhook": NotifierKind("webhook", "Webhook", StubWebhook, no_connector),
                "slack": NotifierKind("slack", "Slack", StubSlack, no_connector),
                "beeper": NotifierKind(
                    "beeper", "Beeper", StubConsole, no_connector, groups=False, alerts_only=True,
                    people=False, rate=20.0, resend=timedelta(minutes=1),
                ),
            }
        ),
        missing={"ldap": "its driver is not installed; pip install ldap"},
    )  # fmt: skip


KRD = """\
timezone: Europe/Berlin
cycles: [2026-Q4, {id: lab, starts: first run, days: 100, day: 6s}]
people: {li: {name: Li}}
teams: {shop: {lead: li, sync: {every: 7d}}}
sources:
  prod: {kind: prometheus, url: "http://127.0.0.1:9090"}
  warehouse: {kind: sql, url: {env: WAREHOUSE_URL}}
notify: {terminal: {kind: console}}
"""

OKRS = """\
team: shop
cycle: 2026-Q4
objectives:
  - id: quick
    title: Be quick
    key_results:
      - id: latency
        title: Cut latency from 120 ms to 60 ms
        commitment: committed
        measure: {source: prod, unit: ms, query: latency}
        from: 120
        to: 60
"""


def written_okrs(
    measure="{source: prod, query: x}", promise="from: 120\n        to: 60", cycle="2026-Q4", extra=""
):
    """One file of objectives; the key result's `measure` stands on line 10, its promise on line 11."""
    return (
        f"team: shop\ncycle: {cycle}\nobjectives:\n  - id: quick\n    title: Be quick\n    key_results:\n"
        "      - id: latency\n        title: Cut latency\n        commitment: committed\n"
        f"        measure: {measure}\n        {promise}\n{extra}"
    )


@pytest.fixture
def one(files):
    """The one key result of such a file: `one(measure=…, promise=…, extra=…, krd=…)`."""

    def read(**given):
        for_files = {key: given.pop(key) for key in ("krd", "more", "first_runs") if key in given}
        loaded = files.load(okrs=written_okrs(**given), **for_files)
        ((key, found),) = loaded.required().okrs.key_results.items()
        assert key == f"{found.cycle.id}:{found.address}"
        return found

    return read


@pytest.fixture
def said(files):
    """The findings of such a file, as `line:column CODE: text`."""

    def read(**given):
        for_files = {key: given.pop(key) for key in ("krd", "more", "first_runs") if key in given}
        found = files.load(okrs=written_okrs(**given), **for_files).findings
        return [f"{one.place.line}:{one.place.column} {str(one).split(f' {one.level} ')[1]}" for one in found]

    return read


@pytest.fixture
def files(tmp_path, monkeypatch, catalogue):
    """Write files and load them: `files.load(krd=…, okrs=…, **{"name": text})`."""
    monkeypatch.chdir(tmp_path)

    def write(name, text):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())

    def loaded(krd=KRD, okrs=OKRS, more=None, at=AT, first_runs=None):
        write("krd.yaml", krd)
        write("okrs/team.yaml", okrs)
        for name, text in (more or {}).items():
            write(name, text)
        return load(Path("krd.yaml"), catalogue, at=at, first_runs=first_runs or {})

    def again(path="krd.yaml"):
        return load(Path(path), catalogue, at=AT, first_runs={})

    def errors(**given):
        return [str(finding) for finding in loaded(**given).findings]

    return SimpleNamespace(
        root=tmp_path, write=write, load=loaded, again=again, findings=errors, KRD=KRD, OKRS=OKRS, AT=AT
    )
