"""A recipe: how a number is asked of something that speaks HTTP and answers JSON (or CSV), written down as data.

Everything in it is checked when it is read; a template may hold `$query` and the times of `connectors.http_json_text`,
and nothing else is ever evaluated.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any, Literal, Self

import jmespath  # type: ignore[import-untyped]  # it ships no types
from jmespath.exceptions import JMESPathError  # type: ignore[import-untyped]  # as above
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from connectors.api import ErrorKind, TextProblem
from connectors.http_json_rules import Pattern, TextRules
from connectors.http_json_text import SAMPLE, Dates, Times, ends_its_window, problems_with_times, variables

QUERY = "$query"


@lru_cache(maxsize=1024)
def compiled(expression: str) -> Any:
    """A JMESPath expression, ready to search. Raises `ValueError` when it is none."""
    try:
        return jmespath.compile(expression)
    except JMESPathError as error:
        raise ValueError(f"not a JMESPath expression: {' '.join(str(error).split())[:200]}") from None


def _expression(text: str) -> str:
    if text != QUERY:
        compiled(text)
    return text


def _path(path: str) -> str:
    if "?" in path or "#" in path or "://" in path:
        raise ValueError("a path follows the address of the source and has no ? or #; use `params`")
    return path.strip().lstrip("/")


Expression = Annotated[
    str, AfterValidator(_expression), Field(min_length=1, description="JMESPath expression")
]
Path = Annotated[str, AfterValidator(_path), Field(description="Path below `url`")]
GuardKind = Literal["partial", "bad_query", "bad_value", "auth", "rate_limited", "transient"]


class FromHeader(BaseModel):
    """Takes the number from a header of the answer."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    header: str = Field(min_length=1)
    """Name of the header."""


class FromCsv(BaseModel):
    """Counts the rows of a CSV answer below its one heading line, which must be this."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    csv_rows_below: str = Field(min_length=1)
    """The heading line."""


class Guard(BaseModel):
    """Turns an answer that looks good into a failure: when `expr` is truthy, or `header` matches."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    expr: Expression | None = None
    """JMESPath that finds something when the answer is not to be taken."""
    header: str | None = None
    """Name of a header to look at instead."""
    matches: Pattern = ".+"
    """Regular expression that the header then matches."""
    kind: GuardKind
    """What the answer counts as."""
    message: str = Field(min_length=1)
    """What happened and what to do."""

    @model_validator(mode="after")
    def _one_condition(self) -> Self:
        if (self.expr is None) == (self.header is None):
            raise ValueError("a guard has either `expr` or `header`")
        return self

    @property
    def error(self) -> ErrorKind:
        return ErrorKind(self.kind)


class HealthRequest(BaseModel):
    """The request that proves who we are there. It may use `$user`, the name in the source's options."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    method: Literal["GET", "POST"] = "GET"
    """How it is sent."""
    path: Path = ""
    """Path below `url`."""
    params: dict[str, str] = Field(default_factory=dict)
    """Parameters of the address."""
    body: Any = Field(default=None, alias="json")
    """JSON to send."""
    identity: Expression | None = None
    """Where the answer says who we are; nothing there means that it takes us for nobody: an `auth` failure."""
    expect: str | None = None
    """What `identity` must be (or, of a list, hold)."""
    zone: Expression | None = None
    """Where the answer names the account's time zone."""
    version: Expression | None = None
    """JMESPath to the version of the system in the answer."""
    sign_in: str | None = None
    """Name of the cookie that this request is answered with when the credentials are good; further requests carry it."""

    @model_validator(mode="after")
    def _proves_something(self) -> Self:
        if self.identity is None and self.sign_in is None:
            raise ValueError(
                "say in `identity` where the answer names us, else nothing proves the credentials"
            )
        return self


class Recipe(BaseModel):
    """How one number is asked for, and what the answer must look like."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    method: Literal["GET", "POST"] = "GET"
    """How the question is sent."""
    path: Path = ""
    """Path below `url`; may hold `$query`."""
    params: dict[str, str] = Field(default_factory=dict)
    """Parameters of the address; values may hold `$query` and times."""
    body: Any = Field(default=None, alias="json")
    """JSON to send; strings in it may hold `$query` and times."""
    form: dict[str, str] = Field(default_factory=dict)
    """Form fields to send instead of JSON."""
    extract: Expression | FromHeader | FromCsv
    """JMESPath to the number; or `$query` when the text itself is the JMESPath; or `{header: X-Total-Count}`; or
    `{csv_rows_below: id}`.
    """
    count: bool = False
    """The number is a count: a fraction or a negative number is refused."""
    guards: tuple[Guard, ...] = ()
    """Conditions under which an answer counts as a failure although its status is good."""
    health: HealthRequest | None = None
    """The request that proves address and credentials, before the first question and every hour."""
    dates: Dates = Dates()
    """How instants and spans are written."""
    text: TextRules = TextRules()
    """What the text of a query must look like."""
    rate: int | None = Field(default=None, ge=1, le=60_000)
    """Requests a minute that the source allows; krd paces itself."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.method == "GET" and (self.body is not None or self.form):
            raise ValueError("a GET has no body: use `params`, or method: POST")
        if self.body is not None and self.form:
            raise ValueError("`json` and `form` exclude each other: remove one")
        uses = any(QUERY in part for part in self.templates) or self.extract == QUERY
        if not uses and self.text.form == "words":
            raise ValueError(
                "nothing in the request holds $query: every query would be answered with the same number"
            )
        if isinstance(self.extract, FromCsv) and any(guard.expr for guard in self.guards):
            raise ValueError("`expr` guards read JSON, and `extract` reads CSV: use `header` guards")
        if self.dates.zone == "account" and not (self.health and self.health.zone):
            raise ValueError("`dates` take the account's zone, so `health` must say where its `zone` stands")
        return self

    @property
    def templates(self) -> tuple[str, ...]:
        """Every string of the request that may hold variables."""
        return (self.path, *self.params.values(), *self.form.values(), *_strings(self.body))

    def answers_the_past(self, text: str) -> bool:
        """Tell whether what would be sent says when its window ends."""
        return ends_its_window(variables(text, *self.templates))

    def problems(self, text: str, fields: frozenset[str] | None = frozenset()) -> list[TextProblem]:
        """Find mistakes in a query's text offline; `fields` as in `TextRules.problems`."""
        found = self.text.problems(text, self.dates, fields=fields)
        if not found and self.extract == QUERY:
            try:
                compiled(Times(SAMPLE, self.dates).fill(text))
            except ValueError as error:
                found = [TextProblem(str(error))]
        return found or problems_with_times(text, *self.templates)


def _strings(body: object) -> tuple[str, ...]:
    match body:
        case str():
            return (body,)
        case dict():
            return tuple(found for value in body.values() for found in _strings(value))
        case list():
            return tuple(found for value in body for found in _strings(value))
        case _:
            return ()
