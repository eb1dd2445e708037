"""Reads a query's text without asking a database: its variables, its mistakes, and whether it answers the past.

Nothing here guards the source: the guard is the read-only session and the wrapped statement (`connectors.sql_session`,
`connectors.sql_statement`). This module only tells people early, with line and column, what would go wrong later.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, SqlglotError

from connectors.api import TextProblem

VARIABLES = ("since", "until", "as_of", "cycle_start", "cycle_end")
"""Names a query may write as `:name`."""

DIALECTS = (None, "postgres", "sqlite", "mysql", "duckdb", "snowflake", "bigquery", "tsql", "clickhouse")
"""A text is called malformed only when none of these parses it: the linter does not know the source's dialect."""

_LEXEME = re.compile(
    r"""
      (?P<blank>\s+|--[^\n]*|/\*.*?\*/)
    | (?P<quoted>[eE]'(?:[^'\\]|''|\\.)*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`
        |\$(?P<tag>(?:[A-Za-z_]\w*)?)\$.*?\$(?P=tag)\$)
    | (?P<unclosed>['"`]|/\*)
    | (?P<cast>::)
    | (?P<escaped>\\:)
    | (?P<variable>:(?P<name>[A-Za-z_]\w*))
    | (?P<word>\w+(?::\w+)*)
    | (?P<end>;)
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
# A colon right after a word (`a[1:2]`, Snowflake's `col:field`) belongs to the word, as in SQLAlchemy's own `text()`.

_READS = frozenset({"select", "with", "values", "table", "from", "("})
_WRITES = (
    exp.Insert,
    exp.Update,
    exp.Delete,
    exp.Merge,
    exp.Create,
    exp.Drop,
    exp.Alter,
    exp.TruncateTable,
    exp.Copy,
    exp.Into,
    exp.Lock,
)


def lexemes(text: str) -> Iterator[tuple[str, re.Match[str]]]:
    """Cut a text into kinds of lexemes: blank (comments too), quoted, unclosed, cast, escaped, variable, word, end, other.

    Strings follow the standard (a quote is doubled); backslashes escape only in PostgreSQL's `E'…'`.
    """
    for match in _LEXEME.finditer(text):
        yield match.lastgroup or "other", match


@lru_cache(maxsize=1024)
def variables(text: str) -> Mapping[str, int]:
    """Name every `:variable` outside strings and comments, with the offset of its first use."""
    found: dict[str, int] = {}
    for kind, match in lexemes(text):
        if kind == "variable":
            found.setdefault(match["name"], match.start())
    return MappingProxyType(found)


def answers_the_past(text: str) -> bool:
    """Tell whether the text is asked *at* a time (DESIGN §4): it uses `:until` or `:as_of`."""
    return not {"until", "as_of"}.isdisjoint(variables(text))


def unknown_variables(text: str) -> list[TextProblem]:
    """Report every `:name` that krd does not bind."""
    return [
        _problem(
            text,
            at,
            f"unknown variable :{name}; krd binds {', '.join(':' + known for known in VARIABLES)} "
            r"(a colon that is no variable is written \:)",
        )
        for name, at in variables(text).items()
        if name not in VARIABLES
    ]


def without_end(text: str) -> str:
    """Drop the one `;` that may end a statement, even when a comment follows it."""
    ends = _ends(text)
    if ends and _next_code(text, ends[0] + 1) is None:
        return text[: ends[0]] + " " + text[ends[0] + 1 :]
    return text


def problems(text: str) -> list[TextProblem]:
    """Find the mistakes in a query text offline: not one SELECT, unknown variables, a window without an end, bad syntax."""
    first = _next_code(text, 0)
    if first is None:
        return [TextProblem("the query is empty; write one SELECT that returns one number")]
    if first[0].lower() not in _READS:
        said = f"a query must be one SELECT (or WITH … SELECT), this starts with {first[0][:20]}"
        return [_problem(text, first[1], said)]
    return [*unknown_variables(text), *_window_without_end(text)] or _syntax(text)


def _window_without_end(text: str) -> list[TextProblem]:
    used = variables(text)
    if "since" not in used or "until" in used:
        return []
    said = (
        ":since without :until: the window would end at the moment of asking, so no past slot could ever be read again; "
        "close it, as in `AND happened_at < :until`"
    )
    return [_problem(text, used["since"], said)]


def _second_statement(text: str) -> list[TextProblem]:
    for end in _ends(text):
        following = _next_code(text, end + 1)
        if following is not None:
            return [_problem(text, following[1], "a second statement begins here; a query is one SELECT")]
    return []


def _syntax(text: str) -> list[TextProblem]:
    neutral = _neutral(text)
    first_error: SqlglotError | None = None
    for dialect in DIALECTS:
        try:
            parsed = [tree for tree in sqlglot.parse(neutral, read=dialect) if tree is not None]
        except SqlglotError as error:
            first_error = first_error or error
        except RecursionError:
            return []  # too deep for the validator says nothing about the database
        else:
            return _second_statement(text) if len(parsed) > 1 else _writes(parsed)
    return _second_statement(text) or _unclosed(text) or _located(first_error)


def _writes(parsed: list[exp.Expr]) -> list[TextProblem]:
    for tree in parsed:
        for node in tree.walk():
            if isinstance(node, _WRITES):
                name = "SELECT … FOR UPDATE" if isinstance(node, exp.Lock) else node.key.upper()
                return [TextProblem(f"{name} would change or lock the source; krd only reads it")]
    return []


def _unclosed(text: str) -> list[TextProblem]:
    found = (match for kind, match in lexemes(text) if kind == "unclosed")
    return [_problem(text, match.start(), f"{match[0]} is opened and never closed") for match in found][:1]


def _located(error: SqlglotError | None) -> list[TextProblem]:
    if not isinstance(error, ParseError) or not error.errors:
        return [
            TextProblem("no SQL dialect known here can read this text; is a quote or a bracket left open?")
        ]
    detail = error.errors[0]
    said = str(detail.get("description") or "syntax error").rstrip(".")
    near = str(detail.get("highlight") or "")
    line = int(detail.get("line") or 1)
    # sqlglot counts to the last character of the offending token.
    column = max(1, int(detail.get("col") or 1) - max(len(near) - 1, 0))
    return [TextProblem(f"{said}, near {near[:40]!r}" if near else said, line, column)]


def _neutral(text: str) -> str:
    """Replace what only krd understands by something of equal length that every dialect understands."""
    out = []
    for kind, match in lexemes(text):
        match kind:
            case "variable":
                out.append("'" + "0" * (len(match[0]) - 2) + "'")
            case "escaped":
                out.append(" :")
            case _:
                out.append(match[0])
    return "".join(out)


def _ends(text: str) -> list[int]:
    return [match.start() for kind, match in lexemes(text) if kind == "end"]


def _next_code(text: str, start: int) -> tuple[str, int] | None:
    for kind, match in lexemes(text):
        if match.start() >= start and kind not in ("blank", "end"):
            return match[0], match.start()
    return None


def _problem(text: str, at: int, message: str) -> TextProblem:
    return TextProblem(message, text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))
