"""Turns a recipe, a text and a moment into one request, ready to be sent; equal requests are equal values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from connectors.api import Moment
from connectors.http_json_recipe import QUERY, HealthRequest, Recipe
from connectors.http_json_text import SAMPLE, Times, substituted


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `text` is the query as the source gets it; `extract` the JMESPath when the text is that."""

    method: str
    path: str
    params: tuple[tuple[str, str], ...] = ()
    form: tuple[tuple[str, str], ...] = ()
    body: str | None = None
    text: str = ""
    extract: str | None = None

    @property
    def arguments(self) -> dict[str, Any]:
        """The request as `HttpClient.exchange` takes it."""
        found: dict[str, Any] = {}
        if self.params:
            found["params"] = list(self.params)
        if self.form:
            found["data"] = dict(self.form)
        if self.body is not None:
            found["content"] = self.body.encode()
            found["headers"] = {"Content-Type": "application/json"}
        return found

    @property
    def wire(self) -> tuple[object, ...]:
        """What tells this request from another one on the wire."""
        return (self.method, self.path, self.params, self.form, self.body)


def for_question(recipe: Recipe, text: str, times: Times) -> Request:
    """Write the request for one text at one moment."""
    if recipe.text.form == "filters":
        # Times go in after the pairs are told apart, so no date can add a parameter.
        pairs = tuple((name, times.fill(value)) for name, value in recipe.text.pairs(text))
        words = "&".join(f"{name}={value}" for name, value in pairs)
    else:
        pairs, words = (), times.fill(text)
    values = {QUERY[1:]: words}
    return Request(
        recipe.method,
        str(substituted(recipe.path, {QUERY[1:]: quote(words)}, times)),
        (*_pairs(recipe.params, values, times), *pairs),
        _pairs(recipe.form, values, times),
        _packed(substituted(recipe.body, values, times)) if recipe.body is not None else None,
        words,
        words if recipe.extract == QUERY else None,
    )


def for_health(health: HealthRequest, user: str) -> Request:
    """Write the request that proves who we are."""
    values = {"user": user}
    return Request(
        health.method,
        str(substituted(health.path, {"user": quote(user, safe="")}, None)),
        _pairs(health.params, values, None),
        body=_packed(substituted(health.body, values, None)) if health.body is not None else None,
    )


def for_canary(recipe: Recipe, text: str) -> Request:
    """Write the request for a text that uses no times; those of the recipe itself get a moment of the past."""
    return for_question(recipe, text, Times(_long_ago(), recipe.dates))


def _long_ago() -> Moment:
    return SAMPLE


def _pairs(
    template: Mapping[str, str], values: Mapping[str, str], times: Times | None
) -> tuple[tuple[str, str], ...]:
    return tuple((name, str(substituted(value, values, times))) for name, value in template.items())


def _packed(body: object) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))
