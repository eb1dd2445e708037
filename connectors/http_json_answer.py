"""Reads the number out of an answer, and refuses the answers that look good and are not.

The way in: the guards of the recipe, then its `extract`, then `connectors.api.number`. A key that is missing or null is no
data; nothing is ever taken for zero.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jmespath.exceptions import JMESPathError  # type: ignore[import-untyped]  # it ships no types

from connectors.api import ErrorKind, Failure, NoData, number
from connectors.http import Reply, is_html, parse_json
from connectors.http_json_recipe import FromCsv, FromHeader, Guard, Recipe, compiled

_WHITE = "\ufeff"


@dataclass(frozen=True, slots=True)
class Answer:
    """What an answer holds. `incomplete` says why it may not be the whole truth, where the source tells."""

    found: float | NoData | Failure
    incomplete: Failure | None = None


def read(recipe: Recipe, reply: Reply, *, host: str, extract: str | None = None) -> Answer:
    """Read one answer; `extract` stands for the recipe's own where the text of the query is the JMESPath."""
    document: Any = None
    if _needs_json(recipe):
        document = parse_json(reply.headers, reply.body, host=host)
        if isinstance(document, Failure):
            return Answer(document)
    incomplete: Failure | None = None
    for guard in recipe.guards:
        refused = _guarded(guard, document, reply.headers, host)
        if refused and refused.kind is not ErrorKind.PARTIAL:
            return Answer(refused)
        incomplete = incomplete or refused
    found = _extracted(recipe, extract, document, reply, host)
    return Answer(_counted(found) if recipe.count else found, incomplete)


def look_up(expression: str, document: Any, *, host: str) -> Any | Failure:
    """Search a document. A `Failure` when the answer is not shaped as the expression expects."""
    try:
        return compiled(expression).search(document)
    except JMESPathError as error:
        return Failure(
            ErrorKind.BAD_VALUE,
            f"the answer of {host} is not shaped as {expression[:80]!r} expects ({type(error).__name__}); correct the expression",
        )


def _needs_json(recipe: Recipe) -> bool:
    return isinstance(recipe.extract, str) or any(guard.expr for guard in recipe.guards)


def _guarded(guard: Guard, document: Any, headers: Mapping[str, str], host: str) -> Failure | None:
    if guard.expr is None:
        told = headers.get((guard.header or "").lower())
        struck = told is not None and re.search(guard.matches, told, re.IGNORECASE) is not None
    else:
        seen = look_up(guard.expr, document, host=host)
        if isinstance(seen, Failure):
            return seen
        struck = bool(seen)
    return Failure(guard.error, f"{host}: {guard.message}") if struck else None


def _extracted(
    recipe: Recipe, extract: str | None, document: Any, reply: Reply, host: str
) -> float | NoData | Failure:
    match recipe.extract:
        case FromHeader(header=name):
            if is_html(reply.headers, reply.body):
                return _page(host)
            told = reply.headers.get(name.lower())
            return number(told) if told is not None else NoData(f"{host} sent no header {name}")
        case FromCsv(csv_rows_below=heading):
            return _rows(reply, heading, host)
        case str(own):
            expression = extract if extract is not None else own
            value = look_up(expression, document, host=host)
            if isinstance(value, Failure):
                return value
            return (
                number(value)
                if value is not None
                else NoData(f"{host} answered nothing at {expression[:80]}")
            )


def _rows(reply: Reply, heading: str, host: str) -> float | Failure:
    if is_html(reply.headers, reply.body):
        return _page(host)
    try:
        text = reply.body.decode("utf-8").removeprefix(_WHITE)
        rows = [row for row in csv.reader(io.StringIO(text), strict=True) if row]
    except (UnicodeDecodeError, csv.Error):
        return Failure(ErrorKind.BAD_VALUE, f"{host} answered something that is not CSV; check the address")
    if not rows or ",".join(rows[0]) != heading:
        return Failure(
            ErrorKind.BAD_VALUE,
            f"{host} answered no table below the heading {heading!r}; check the query and the address",
        )
    return float(len(rows) - 1)


def _page(host: str) -> Failure:
    return Failure(
        ErrorKind.AUTH,
        f"{host} answered with a web page instead of data; is there a login page before it? Check address and credentials",
    )


def _counted(found: float | NoData | Failure) -> float | NoData | Failure:
    if not isinstance(found, float) or (found >= 0 and found.is_integer()):
        return found
    return Failure(
        ErrorKind.BAD_VALUE, f"a count is due, and the source answered {found:g}; narrow the query"
    )
