"""Reads numbers from anything that speaks HTTP, by a recipe in the source's options: `http_json`.

The text of a query goes where the recipe says `$query`, and may hold `$since $until $as_of $cycle_start $cycle_end` and
`$window $elapsed $every`. Ticket systems and the like are recipes kept as data: see `connectors.presets`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from connectors.api import (
    Answer,
    Capabilities,
    ConnectorKind,
    ErrorKind,
    Failure,
    Health,
    Moment,
    Outcome,
    Question,
    Secret,
)
from connectors.auth import Address, AuthenticatedOptions, Authentication, address_of
from connectors.http import host_of
from connectors.http_json_answer import read
from connectors.http_json_ask import Asking, jobs
from connectors.http_json_recipe import Recipe
from connectors.http_json_request import for_canary
from connectors.http_json_session import Account, Session
from connectors.http_json_text import ends_its_window, problems_with_times, variables, zone_of
from connectors.in_flight import InFlight


class Canary(BaseModel):
    """A query whose answer is known: asked by every check, so that a source that counts wrongly is found out."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    query: str = Field(min_length=1)
    """A text without times."""
    at_least: float | None = None
    """The smallest answer that can be right."""
    equals: float | None = None
    """The only answer that can be right."""

    @model_validator(mode="after")
    def _known_answer(self) -> Self:
        if (self.at_least is None) == (self.equals is None):
            raise ValueError("a canary has either `at_least` or `equals`")
        if variables(self.query):
            raise ValueError("a canary has no times: its answer is known once and for all")
        return self

    def objection(self, value: float) -> str | None:
        """Why this answer cannot be right, if it cannot."""
        if self.equals is not None and value != self.equals:
            return f"the canary must be {self.equals:g} and is {value:g}"
        if self.at_least is not None and value < self.at_least:
            return f"the canary must be at least {self.at_least:g} and is {value:g}"
        return None


class HttpJsonOptions(AuthenticatedOptions, Recipe):
    """Options of a source of kind `http_json`: an address, credentials, and the recipe for a number."""

    url: Address | Secret
    """What all paths of the source have in common, such as https://analytics.example/api; or a reference to it."""
    connections: int = Field(default=2, ge=1, le=16)
    """Requests in flight at most."""
    canary: Canary | None = None
    """A query whose answer is known, asked by `krd sources check`."""

    @model_validator(mode="after")
    def _can_be_checked(self) -> Self:
        if self.health is None and self.canary is None:
            raise ValueError(
                "add `health` (who are we there) or `canary` (a query with a known answer): "
                "else nothing tells a refused password from a small number"
            )
        return self


@dataclass(frozen=True, slots=True)
class Place:
    """Where a recipe is cooked: the address, the credentials, and what a source adds to the recipe."""

    url: Address | Secret
    authenticated: AuthenticatedOptions
    connections: int = 2
    canary: Canary | None = None
    zone: str | None = None
    """Stands for the zone that the account names."""
    fields: frozenset[str] = field(default_factory=frozenset)
    """Names that filters may use beside those of the recipe."""
    remark: str | None = None
    """What every reading has to say of itself."""
    hint: str | None = None
    """What to look at when the credentials are refused."""


class HttpJsonConnector:
    """An open source that is asked by a recipe."""

    def __init__(self, recipe: Recipe, place: Place) -> None:
        self.capabilities = Capabilities(batches=False, concurrency=place.connections)
        self._recipe, self._place = recipe, place
        self._url = address_of(place.url)
        self._host = host_of(self._url)
        self._authentication = Authentication(place.authenticated)
        self._session = Session(
            self._url,
            place.authenticated,
            health=recipe.health,
            rate=recipe.rate,
            connections=place.connections,
            hint=place.hint,
        )
        zone = zone_of(place.zone) if place.zone else None
        self._asking = Asking(recipe, self._session, self._host, zone, place.remark)
        self._in_flight = InFlight(place.connections, "krd-http-json")

    def __repr__(self) -> str:
        return f"HttpJsonConnector({str(self._place.url)!r})"

    def check(self, deadline: timedelta) -> Health:
        """Ask the source who we are, and the canary if there is one."""
        expires = time.monotonic() + deadline.total_seconds()
        account = self._session.account(deadline.total_seconds(), anew=True)
        if isinstance(account, Failure):
            return Health(ok=False, message=account.message, kind=account.kind)
        if failure := self._canary_failure(account, expires - time.monotonic()):
            return Health(ok=False, message=failure.message, kind=failure.kind, identity=account.identity)
        known = f" and knows us as {account.identity}" if account.identity else ""
        return Health(
            ok=True,
            message=f"answers{known}",
            version=account.version,
            identity=account.identity,
            warnings=self._authentication.worries(self._url),
        )

    def fetch(self, questions: Sequence[Question], deadline: timedelta) -> Iterator[Answer]:
        """Ask every distinct question once, a bounded number at a time."""
        asked: list[Question] = []
        for question in questions:
            refused = self._refused(question)
            if refused:
                yield question.key, refused
            else:
                asked.append(question)
        yield from self._in_flight.run(jobs(self._asking, asked), deadline)

    def fetch_range(
        self, question: Question, moments: Sequence[Moment], deadline: timedelta
    ) -> Iterator[tuple[datetime, Outcome]]:
        """Ask at each moment singly: no ticket system knows ranges."""
        asked = {moment.as_of.isoformat(): moment for moment in moments}
        questions = [replace(question, key=key, moment=moment) for key, moment in asked.items()]
        for key, outcome in self.fetch(questions, deadline):
            yield asked[key].as_of, outcome

    def close(self) -> None:
        """Give back threads and connections. Safe to call twice."""
        self._in_flight.close()
        self._session.close()

    def _refused(self, question: Question) -> Failure | None:
        """Refuse offline what would be answered with a wrong number."""
        if question.pick:
            return Failure(ErrorKind.BAD_QUERY, "this source gives one number, so there is nothing to `pick`")
        found = self._recipe.problems(question.text, self._place.fields)
        if found:
            return Failure(ErrorKind.BAD_QUERY, found[0].message)
        if question.historical and not self._recipe.answers_the_past(question.text):
            said = "the query says neither $until nor $as_of, so it cannot be asked of the past; add one"
            return Failure(ErrorKind.BAD_QUERY, said)
        return None

    def _canary_failure(self, account: Account, seconds: float) -> Failure | None:
        canary = self._place.canary
        if canary is None:
            return None
        request = for_canary(self._recipe, canary.query)
        reply = self._session.ask(request, account, seconds)
        if isinstance(reply, Failure):
            return reply
        found = read(self._recipe, reply, host=self._host, extract=request.extract).found
        if isinstance(found, Failure):
            return found
        if not isinstance(found, float):
            return Failure(ErrorKind.BAD_VALUE, f"the canary has no answer: {found.reason}; check the source")
        objection = canary.objection(found)
        return (
            Failure(ErrorKind.BAD_VALUE, f"{objection}; check the source and the recipe")
            if objection
            else None
        )


def _open(options: HttpJsonOptions) -> HttpJsonConnector:
    place = Place(options.url, options, options.connections, options.canary)
    return HttpJsonConnector(options, place)


KIND = ConnectorKind(
    name="http_json",
    title="Anything that answers JSON over HTTP, by a recipe",
    options=HttpJsonOptions,
    open=_open,
    problems=problems_with_times,
    answers_the_past=lambda text: ends_its_window(variables(text)),
    default_every=timedelta(hours=1),
)
