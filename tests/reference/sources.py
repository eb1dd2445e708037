"""sources.md: the kinds of sources, their options, the times a query may use, and what keeps krd from writing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib import resources
from typing import Any

from ruamel.yaml import YAML

from collector.registry.kinds import catalogue
from connectors import http_json_text, presets, promql, sql_session, sql_text
from connectors.api import ConnectorKind, Moment
from connectors.http_json import Canary
from connectors.http_json_recipe import FromCsv, FromHeader, Guard, HealthRequest
from connectors.http_json_rules import Refusal, TextRules
from connectors.http_json_text import Dates
from connectors.sql_loaded import LoadedUntil
from connectors.sql_statement import Times
from tests.reference.markdown import fenced, page, table
from tests.reference.options import mapping_of, options_of

INSTANTS = {
    "since": "the start of the window: `until` minus `window`, or the cycle's start with `window: cycle`",
    "until": "the end of the window: the slot minus `matures`",
    "as_of": "the slot itself",
    "cycle_start": "the first instant of the cycle",
    "cycle_end": "the first instant after the cycle",
}
SPANS = {
    "window": "length of the window",
    "elapsed": "time since the cycle's start",
    "every": "distance to the next slot",
}
WITHIN_HTTP_JSON = (Guard, HealthRequest, Canary, Dates, TextRules, Refusal, FromHeader, FromCsv)
"""The mappings that may stand within the options of `http_json`."""
AS_OF = datetime(2026, 11, 3, tzinfo=UTC)
MOMENT = Moment(
    as_of=AS_OF,
    until=AS_OF - timedelta(days=1),
    since=AS_OF - timedelta(days=2),
    cycle_start=datetime(2026, 10, 1, tzinfo=UTC),
    cycle_end=datetime(2027, 1, 1, tzinfo=UTC),
    every=timedelta(days=1),
)
EXAMPLE = "sum(increase(orders_total[$window] @ $until))"


def page_of_sources() -> str:
    kinds = catalogue().connectors
    return page(
        "Sources",
        (
            "A source stands under `sources:` of krd.yaml with its `kind`, the options of the kind, and an `owner`, who is told "
            "when it is down. Secrets are written by reference, `{env: NAME}` or `{file: path}`. `krd sources check` tells whether "
            "a source can be used, and as whom. Other packages may bring kinds of their own "
            "([how](../how-to/add-a-connector.md))."
        ),
        *_prometheus(kinds["prometheus"]),
        *_sql(kinds["sql"]),
        *_http_json(kinds["http_json"]),
        *(block for name in presets.names() for block in _preset(name, kinds[name])),
        *_times(),
    )


def _prometheus(kind: ConnectorKind) -> Iterator[str]:
    yield "## prometheus"
    yield f"{kind.title}. Read every {_minutes(kind.default_every)} unless `every` is given."
    yield options_of(kind.options)
    yield (
        "The text must give exactly one number: one series, or those labels that `pick` singles out. NaN and infinities are "
        "refused (`bad_value`). Every text answers the past. Queries due at the same instant travel fused in one request; an "
        "answer whose source reports warnings is not recorded unless the measure says `allow_partial: true`."
    )
    yield (
        "`good` or `bad`, and `total`, of an slo are selectors of counters; krd asks for "
        "`sum(increase(selector[$window]))` of each."
    )


def _sql(kind: ConnectorKind) -> Iterator[str]:
    yield "## sql"
    yield f"{kind.title}, through SQLAlchemy. Read once a day unless `every` is given."
    yield options_of(kind.options)
    yield (
        "A query is one SELECT that gives one row with one number; with `pick`, the row whose columns have those values. A "
        "query answers the past when it uses `:until` or `:as_of`; one that uses `:since` without them is refused (KRD504)."
    )
    yield from mapping_of(Times)
    yield from mapping_of(LoadedUntil)
    yield "### What keeps krd from writing"
    yield _fences()
    yield (
        "Besides, every query is wrapped as a subquery with a bound limit, so that it can only be one SELECT, and every "
        "transaction is rolled back. `krd sources check` asks PostgreSQL what the role may do and warns when it may write."
    )


def _http_json(kind: ConnectorKind) -> Iterator[str]:
    yield "## http_json"
    yield f"{kind.title} ([how](../how-to/add-a-preset.md)). {_hourly(kind)}"
    yield options_of(kind.options)
    yield (
        "Either `health` or `canary` must stand there: else nothing tells a refused password from a small number. A missing "
        "key is no data, never zero. A query answers the past when the request says `$until` or `$as_of`; one that says "
        "`$since` without them is refused (KRD504)."
    )
    for model in WITHIN_HTTP_JSON:
        yield from mapping_of(model)


def _preset(name: str, kind: ConnectorKind) -> Iterator[str]:
    written = _recipe(name)
    yield f"## {name}"
    yield f"{kind.title}, by [its interface]({written['docs']}) ([how](../how-to/bind-tickets.md)). {_hourly(kind)}"
    yield options_of(kind.options)
    said = list(_remarks(written))
    if said:
        yield "\n".join(f"- {one}." for one in said)


def _remarks(written: dict[str, Any]) -> Iterator[str]:
    """Tell what a recipe knows of its system, in the words with which krd refuses or marks."""
    text = written.get("text", {})
    if text.get("form") == "filters":
        yield "A query is filters as in the address of a list: `name=value&name=value`"
    if "fields" in text:
        yield f"It may filter by {', '.join(f'`{field}`' for field in text['fields'] if field != 'or')}, and the source's own `fields`"
    yield from (f"Refused: {refusal['message']}" for refusal in text.get("refuse", ()))
    yield from (f"`{guard['kind']}`: {guard['message']}" for guard in written.get("guards", ()))
    if "remark" in written:
        yield f"Every reading carries: {written['remark']}"
    if "rate" in written:
        yield f"Asked at most {written['rate']} times a minute"


def _recipe(name: str) -> dict[str, Any]:
    file = resources.files(presets) / f"{name}.yaml"
    return dict(YAML(typ="safe", pure=True).load(file.read_text("utf-8")))


def _times() -> Iterator[str]:
    yield "## Times in a query"
    yield (
        "Texts for Prometheus and over HTTP write `$name`, SQL writes `:name`. In PromQL instants become unix seconds, spans "
        "durations, and the text is evaluated at `until`; SQL gets bound instants and knows no spans; over HTTP both are "
        "written as the source reads them. Elsewhere a `$` or `::` stays as it is."
    )
    yield table(("in PromQL and over HTTP", "in SQL", "is"), times())
    yield "A daily reading with `matures: 1d` of the slot 2026-11-03 00:00 UTC, for example, sends"
    yield fenced(promql.render(EXAMPLE, MOMENT), "promql")
    yield f"for `{EXAMPLE}`."


def times() -> list[tuple[str, str, str]]:
    """Give every variable with its spelling in all languages."""
    assert set(promql.VARIABLES) == set(http_json_text.VARIABLES) == INSTANTS.keys() | SPANS.keys()
    assert set(sql_text.VARIABLES) == INSTANTS.keys()
    rows = [(f"`${name}`", f"`:{name}`", meaning) for name, meaning in INSTANTS.items()]
    return rows + [(f"`${name}`", "", meaning) for name, meaning in SPANS.items()]


def _fences() -> str:
    lines = [line.strip() for line in (sql_session.__doc__ or "").splitlines()]
    return "\n".join(line for line in lines if line.startswith("|"))


def _minutes(span: timedelta) -> str:
    return f"{span.total_seconds() / 60:g} minutes"


def _hourly(kind: ConnectorKind) -> str:
    assert kind.default_every == timedelta(hours=1)
    return "Read every hour unless `every` is given."
