"""Reads numbers from any database SQLAlchemy can reach, and can only read.

A query is one SELECT that gives one number. It says `:since`, `:until`, `:as_of`, `:cycle_start`, `:cycle_end` where it
means the slot's times. What keeps it from writing stands in `connectors.sql_session` and `connectors.sql_statement`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar
from urllib.parse import quote, quote_plus

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import URL, Connection, Engine

from connectors.api import (
    Answer,
    Capabilities,
    ConnectorKind,
    ErrorKind,
    Failure,
    Health,
    Moment,
    NoData,
    Outcome,
    Question,
    Reading,
    Secret,
    SourceOptions,
)
from connectors.sql_batch import Crew, Work
from connectors.sql_errors import failure_of
from connectors.sql_health import examine
from connectors.sql_loaded import LoadedUntil, loaded_instant
from connectors.sql_rows import PICK_ROWS, Rows, the_number
from connectors.sql_session import CannotOpen, Closed, open_engine, parsed
from connectors.sql_statement import Times, instants, wrapped
from connectors.sql_text import answers_the_past, problems, unknown_variables

T = TypeVar("T")

_EVIDENCE_CHARACTERS = 4_000

_SECRET_PARAMETERS = frozenset(
    {
        "password",
        "passwd",
        "pwd",
        "passphrase",
        "sslpassword",
        "token",
        "access_token",
        "secret",
        "client_secret",
    }
    | {"api_key", "private_key", "credentials_base64", "odbc_connect", "aws_secret_access_key"}
)
"""Parameters of database URLs, of the drivers named in the documentation, that hold a secret."""


class SqlOptions(SourceOptions):
    """Options of a `sql` source."""

    url: Secret | str
    """Database URL. By reference when it holds a password; as text only without, as in sqlite:///warehouse.db."""
    times: Times = Times()
    """How the warehouse writes instants down."""
    connections: int = Field(default=4, ge=1, le=64)
    """Connections open at most. A batch uses one, and more only while a query is slow."""
    loaded_until: LoadedUntil | None = None
    """How far the warehouse is loaded: a slot past it waits, and is read once its rows are there."""

    @field_validator("url")
    @classmethod
    def _plain_only_without_secrets(cls, url: Secret | str) -> Secret | str:
        if isinstance(url, str):
            try:
                found = parsed(url)
            except CannotOpen as error:
                raise PydanticCustomError("database_url", "{reason}", {"reason": str(error)}) from None
            if _secrets_of(found):
                raise PydanticCustomError(
                    "secret_by_reference",
                    "this url carries a password; write the whole url by reference: {env: NAME} or {file: path}",
                )
        return url


@dataclass(frozen=True, slots=True)
class _Opened:
    """An engine and the URL it was made from, out of sight of every `repr`."""

    engine: Engine = field(repr=False)
    url: str = field(repr=False)


class SqlConnector:
    """An open database. Connects at the first question, and anew when the referenced URL changes."""

    def __init__(self, options: SqlOptions) -> None:
        self.capabilities = Capabilities(
            batches=True, concurrency=options.connections, loads=options.loaded_until is not None
        )
        self._options = options
        self._permits = threading.BoundedSemaphore(options.connections)
        self._lock = threading.Lock()
        self._opened: _Opened | None = None
        self._closed = False

    def __repr__(self) -> str:
        return f"SqlConnector(url={self._options.url if isinstance(self._options.url, Secret) else '…'})"

    def check(self, deadline: timedelta) -> Health:
        """Prove that the database answers, and probe whether our role could write."""
        ((_, found),) = self._run([examine], deadline)
        if isinstance(found, Failure):
            return Health(ok=False, message=found.message, kind=found.kind)
        return found

    def fetch(self, questions: Sequence[Question], deadline: timedelta) -> Iterator[Answer]:
        """Answer every question once; equal statements with equal instants are sent once."""
        statements: dict[object, list[Question]] = {}
        for question in questions:
            refused = _refused(question)
            if refused is not None:
                yield question.key, refused
                continue
            asked = (question.text.strip(), tuple(instants(question.text, question.moment).items()))
            statements.setdefault(asked, []).append(question)
        groups = list(statements.values())
        for index, answer in self._run([self._work(group) for group in groups], deadline):
            for question in groups[index]:
                yield question.key, self._outcome(question, question.moment, answer)

    def fetch_range(
        self, question: Question, moments: Sequence[Moment], deadline: timedelta
    ) -> Iterator[tuple[datetime, Outcome]]:
        """Answer `question` at each moment: one statement each, in order of time."""
        refused = _refused(question)
        if refused is not None:
            yield from ((moment.as_of, refused) for moment in moments)
            return
        works = [self._work([replace(question, moment=moment)]) for moment in moments]
        for index, answer in self._run(works, deadline):
            yield moments[index].as_of, self._outcome(question, moments[index], answer)

    def loaded_until(self, deadline: timedelta) -> datetime | Failure | None:
        """Ask how far the warehouse is loaded; nothing when nothing is, or when no query for it is configured."""
        if self._options.loaded_until is None:
            return None
        text = self._options.loaded_until.query

        def ask(connection: Connection) -> Rows:
            result = connection.execute(wrapped(text, {}, 2))
            return Rows(tuple(result.keys()), result.fetchall(), 0.0)

        ((_, answer),) = self._run([ask], deadline)
        return answer if isinstance(answer, Failure) else loaded_instant(answer, self._options.times)

    def close(self) -> None:
        """Give back the connections. A batch under way ends with a transient failure at the latest at its deadline."""
        with self._lock:
            self._closed = True
            if self._opened is not None:
                self._opened.engine.dispose()
                self._opened = None

    def _run(self, works: Sequence[Work[T]], deadline: timedelta) -> Iterator[tuple[int, T | Failure]]:
        expires = time.monotonic() + deadline.total_seconds()
        return Crew[T](self._open, self._permits, expires, self._translate).run(works)

    def _open(self) -> Engine:
        url = self._options.url.reveal() if isinstance(self._options.url, Secret) else self._options.url
        with self._lock:
            if self._closed:
                raise Closed("the source was closed while it was asked")
            if self._opened is not None and self._opened.url == url:
                return self._opened.engine
            if self._opened is not None:
                self._opened.engine.dispose()
                self._opened = None
            engine = open_engine(
                url,
                timeout=self._options.timeout,
                connections=self._options.connections,
                zone=self._options.times.zone,
            )
            self._opened = _Opened(engine, url)
            return engine

    def _translate(self, error: Exception, *, late: bool) -> Failure:
        opened = self._opened
        secrets = [opened.url, *_secrets_of(opened.engine.url)] if opened is not None else []
        return failure_of(error, late=late, secrets=secrets)

    def _work(self, group: Sequence[Question]) -> Work[Rows]:
        question = group[0]
        limit = PICK_ROWS + 1 if any(asked.pick for asked in group) else 2

        def ask(connection: Connection) -> Rows:
            textual = connection.dialect.name == "sqlite"
            asked = instants(question.text, question.moment)
            binds = {name: self._options.times.bound(at, textual=textual) for name, at in asked.items()}
            started = time.monotonic()
            result = connection.execute(wrapped(question.text, binds, limit), binds)
            cells = result.fetchall()
            return Rows(tuple(result.keys()), cells, round((time.monotonic() - started) * 1000, 1))

        return ask

    def _outcome(self, question: Question, moment: Moment, answer: Rows | Failure) -> Outcome:
        if isinstance(answer, Failure):
            return answer
        found = the_number(answer, question.pick)
        if isinstance(found, (NoData, Failure)):
            return found
        asked = {name: at.isoformat() for name, at in instants(question.text, moment).items()}
        return Reading(
            found,
            moment.as_of,
            {
                **question.pick,
                "query": question.text.strip()[:_EVIDENCE_CHARACTERS],
                **asked,
                "rows": len(answer.cells),
                "milliseconds": answer.milliseconds,
            },
        )


def _refused(question: Question) -> Failure | None:
    unknown = unknown_variables(question.text)
    if unknown:
        return Failure(ErrorKind.BAD_QUERY, unknown[0].message)
    if question.historical and not answers_the_past(question.text):
        return Failure(
            ErrorKind.BAD_QUERY,
            "the query uses neither :until nor :as_of, so it would answer a past slot with today's number",
        )
    return None


def _secrets_of(url: URL) -> list[str]:
    values = [str(url.password)] if url.password else []
    for name, value in url.query.items():
        if name.lower() in _SECRET_PARAMETERS:
            values += [value] if isinstance(value, str) else value
    return [form for value in values for form in (value, quote(value, safe=""), quote_plus(value))]


KIND = ConnectorKind(
    name="sql",
    title="SQL database or warehouse",
    options=SqlOptions,
    open=SqlConnector,
    problems=problems,
    answers_the_past=answers_the_past,
    default_every=timedelta(days=1),
)
