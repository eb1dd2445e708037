"""sources.md: the kinds of sources, their options, the times a query may use, and what keeps krd from writing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pydantic import BaseModel

from collector.registry.kinds import catalogue
from connectors import promql, sql_session, sql_text
from connectors.api import Moment
from connectors.sql_statement import Times
from tests.reference.markdown import attribute_docs, code, fenced, page, table, unwrapped
from tests.reference.schema_words import default_of, takes

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
AS_OF = datetime(2026, 11, 3, tzinfo=UTC)
MOMENT = Moment(
    as_of=AS_OF,
    until=AS_OF - timedelta(days=1),
    since=AS_OF - timedelta(days=2),
    cycle_start=datetime(2026, 10, 1, tzinfo=UTC),
    cycle_end=datetime(2027, 1, 1, tzinfo=UTC),
    every=timedelta(days=1),
)


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
        "## prometheus",
        f"{kinds['prometheus'].title}. Read every {_minutes(kinds['prometheus'].default_every)} unless `every` is given.",
        options_of(kinds["prometheus"].options),
        (
            "The text must give exactly one number: one series, or those labels that `pick` singles out. NaN and infinities are "
            "refused (`bad_value`). Every text answers the past. Queries due at the same instant travel fused in one request; an "
            "answer whose source reports warnings is not recorded unless the measure says `allow_partial: true`."
        ),
        "## sql",
        f"{kinds['sql'].title}, through SQLAlchemy. Read once a day unless `every` is given.",
        options_of(kinds["sql"].options),
        "`times` says how the warehouse writes instants down:",
        options_of(Times),
        unwrapped(Times.__doc__),
        (
            "A query is one SELECT that gives one row with one number; with `pick`, the row whose columns have those values. A "
            "query answers the past when it uses `:until` or `:as_of`; one that uses `:since` without them is refused (KRD504)."
        ),
        "### What keeps krd from writing",
        _fences(),
        (
            "Besides, every query is wrapped as a subquery with a bound limit, so that it can only be one SELECT, and every "
            "transaction is rolled back. `krd sources check` asks PostgreSQL what the role may do and warns when it may write."
        ),
        "## Times in a query",
        (
            "Prometheus texts write `$name`; instants become unix seconds, spans PromQL durations; the text is evaluated at "
            "`until`. SQL texts write `:name` and get bound instants; they know no spans. Elsewhere a `$` or `::` stays as it is."
        ),
        table(("in PromQL", "in SQL", "is"), times()),
        "A daily reading with `matures: 1d` of the slot 2026-11-03 00:00 UTC, for example, sends",
        fenced(promql.render(EXAMPLE, MOMENT), "promql"),
        f"for `{EXAMPLE}`.",
    )


EXAMPLE = "sum(increase(orders_total[$window] @ $until))"


def times() -> list[tuple[str, str, str]]:
    """Give every variable with its spelling in both languages."""
    assert set(promql.VARIABLES) == INSTANTS.keys() | SPANS.keys()
    assert set(sql_text.VARIABLES) == INSTANTS.keys()
    rows = [(f"`${name}`", f"`:{name}`", meaning) for name, meaning in INSTANTS.items()]
    return rows + [(f"`${name}`", "", meaning) for name, meaning in SPANS.items()]


def options_of(model: type[BaseModel]) -> str:
    """Lay the options of a kind out as a table; what every kind has comes last."""
    schema = model.model_json_schema()
    said = attribute_docs(model)
    required = set(schema.get("required", ()))
    rows = []
    for name, node in schema["properties"].items():
        node.pop("title", None)
        meaning = said.get(name) or str(node.get("description", ""))
        assert meaning, f"{model.__name__}.{name} has no docstring"
        default = default_of(node) if not isinstance(node.get("default"), dict | list) else ""
        rows.append(
            (code(name) + (" (required)" if name in required else ""), _local(takes(node)), default, meaning)
        )
    own = [row for row in rows if row[0].strip("`") != "timeout"]
    return table(("option", "takes", "default", "meaning"), [*own, *(row for row in rows if row not in own)])


def _local(said: str) -> str:
    """These pages have no section for every nested mapping."""
    return said.replace("[Times](#times)", "mapping, see below").replace(
        "[LoadedUntil](#loadeduntil)", "`{query: …}`"
    )


def _fences() -> str:
    lines = unwrapped_lines(sql_session.__doc__)
    return "\n".join(line for line in lines if line.startswith("|"))


def unwrapped_lines(text: str | None) -> list[str]:
    return [line.strip() for line in (text or "").splitlines()]


def _minutes(span: timedelta) -> str:
    return f"{span.total_seconds() / 60:g} minutes"
