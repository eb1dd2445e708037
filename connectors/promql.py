"""PromQL as text: fills in the moment, tells types and mistakes offline, and fuses many questions into one.

Nothing is ever pasted unread: a text may join others only after it was parsed alone, so that no text can close a
bracket early and forge its neighbour's answer.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache

import promql_parser

from connectors.api import Moment, TextProblem

MARK = "__krd"
"""The label that tells the answers of fused questions apart; stripped before anyone sees it."""
VARIABLES = ("since", "until", "as_of", "cycle_start", "cycle_end", "window", "elapsed", "every")
"""Names that a text may use after a dollar sign. Instants are unix seconds, the last three PromQL durations."""
_VARIABLE = re.compile(rf"\$({'|'.join(VARIABLES)})\b")
_DURATIONS = ("window", "elapsed", "every")

with contextlib.suppress(ValueError):  # raised once the parser knows it by itself
    # Prometheus before 3.0 has it under this name.
    promql_parser.register_extra_functions(
        [
            promql_parser.Function(
                "holt_winters",
                [
                    promql_parser.ValueType.Matrix,
                    promql_parser.ValueType.Scalar,
                    promql_parser.ValueType.Scalar,
                ],
                promql_parser.ValueType.Vector,
            )
        ]
    )


class Kind(StrEnum):
    """What a text evaluates to; `UNKNOWN` where our parser cannot read what a source may well understand."""

    SCALAR = "scalar"
    VECTOR = "instant vector"
    RANGE = "range vector"
    STRING = "string"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Expression:
    """What is known of a text without asking anyone."""

    kind: Kind
    alone: bool = False
    """Must not be fused: our parser and the source's may disagree about where it ends."""
    plain_selector: bool = False
    """Just a metric by its name, without offset or @: the time stamp of its sample can be asked along. (By name, because
    timestamp() drops names: series that differ in nothing else would collide.)"""
    selector: bool = False
    """A metric by name or labels, without offset or @: its series may be counters."""
    mistake: str | None = None
    """The parser's complaint; only for `UNKNOWN`."""


def render(text: str, moment: Moment) -> str:
    """Fill in the moment. Only the exact names of `VARIABLES` are replaced; a `$"` that ends a regex stays as it is."""
    if "$" not in text:
        return text
    return _VARIABLE.sub(lambda found: _value(found[1], moment), text)


def seconds(instant: datetime) -> str:
    """An instant as unix seconds, with milliseconds only where it has them."""
    stamp = instant.timestamp()
    return str(int(stamp)) if stamp == int(stamp) else f"{stamp:.3f}"


def duration(span: timedelta) -> str:
    """A length of time as PromQL writes it, in whole seconds; at least one, because `[0s]` is refused."""
    return f"{max(round(span.total_seconds()), 1)}s"


@lru_cache(maxsize=8192)
def understand(text: str) -> Expression:
    """Parse a rendered text alone and tell its type."""
    if "`" in text and "\\" in text:
        # Prometheus takes a backslash between backticks literally, our parser takes it for an escape: a text could end
        # for one where it goes on for the other, and forge its neighbours in between.
        return Expression(Kind.UNKNOWN, alone=True)
    try:
        found = promql_parser.parse(text)
    except ValueError as error:
        return Expression(Kind.UNKNOWN, alone=True, mistake=str(error))
    if isinstance(found, promql_parser.VectorSelector) and found.offset is None and found.at is None:
        return Expression(Kind.VECTOR, plain_selector=found.name is not None, selector=True)
    return Expression(_kind(found))


def problems(text: str) -> list[TextProblem]:
    """Find mistakes offline: syntax, types of arguments, and texts whose value is no number."""
    sample = _VARIABLE.sub(lambda found: _SAMPLE[found[1]], text)
    expression = understand(sample)
    if expression.mistake:
        line, column = _place(text, expression.mistake)
        return [TextProblem(expression.mistake, line, column)]
    refused = refusal(expression)
    return [TextProblem(refused)] if refused else []


def increase(selector: str) -> str | TextProblem:
    """The text for how much the counters that `selector` picks rose over the window, all of them together.

    Only a selector by itself is taken, read alone: what it may hold can neither close our brackets nor leave its own.
    """
    sample = _VARIABLE.sub(lambda found: _SAMPLE[found[1]], selector)
    expression = understand(sample)
    if expression.mistake:
        line, column = _place(selector, expression.mistake)
        return TextProblem(expression.mistake, line, column)
    if not expression.selector:
        line, column = _beyond(selector)
        return TextProblem(
            'events are selectors of counters, such as checkout_total{code=~"5.."}, whose increase krd asks for; '
            "write the selector alone",
            line,
            column,
        )
    # A line break ends a comment that would swallow the rest.
    end = "\n" if "#" in selector else ""
    return f"sum(increase({selector.strip()}{end}[$window]))"


def refusal(expression: Expression) -> str | None:
    """Why a text cannot have one number as its value, if it cannot."""
    match expression.kind:
        case Kind.RANGE:
            return "the text is a range vector, many samples over time: wrap it, as in rate(…) or max_over_time(…)"
        case Kind.STRING:
            return "the text is a string, and a number is due"
        case _:
            return None


def fuse(branches: Sequence[tuple[str, str]]) -> str:
    """Join `(mark, text)` pairs into one expression whose series carry their mark.

    A balanced tree, because a chain of `or` gets slower with its length. The line break after each text ends a comment
    that would swallow the rest.
    """
    if len(branches) == 1:
        mark, text = branches[0]
        return f'label_replace({text}\n, "{MARK}", "{mark}", "", "")'
    middle = len(branches) // 2
    return f"({fuse(branches[:middle])} or {fuse(branches[middle:])})"


def as_vector(text: str, expression: Expression) -> str:
    """The text as an instant vector, which alone can carry a mark."""
    return f"vector({text}\n)" if expression.kind is Kind.SCALAR else text


def stamp_of(text: str) -> str:
    """A text that gives the time stamps of a plain selector's samples."""
    return f"timestamp({text}\n)"


def _value(name: str, moment: Moment) -> str:
    found: datetime | timedelta = getattr(moment, name)
    return duration(found) if isinstance(found, timedelta) else seconds(found)


_SAMPLE = {name: "3600s" if name in _DURATIONS else "1700000000" for name in VARIABLES}


def _kind(found: object) -> Kind:
    match found:
        case promql_parser.NumberLiteral():
            return Kind.SCALAR
        case promql_parser.StringLiteral():
            return Kind.STRING
        case promql_parser.MatrixSelector() | promql_parser.SubqueryExpr():
            return Kind.RANGE
        case promql_parser.ParenExpr() | promql_parser.UnaryExpr():
            return _kind(found.expr)
        case promql_parser.Call():
            return Kind.SCALAR if found.func.return_type == promql_parser.ValueType.Scalar else Kind.VECTOR
        case promql_parser.BinaryExpr():
            both = {_kind(found.lhs), _kind(found.rhs)}
            return Kind.SCALAR if both == {Kind.SCALAR} else Kind.VECTOR
        case _:
            return Kind.VECTOR


_QUOTED = re.compile(r"'([^']+)'|for (\S+)$")


def _place(text: str, mistake: str) -> tuple[int, int]:
    """Line and column of the words that a complaint quotes, or of the bracket it misses.

    The parser tells no positions, so this is where the quoted words stand last, and else the text's beginning.
    """
    offset = 0
    if "unclosed left" in mistake:
        offset = _unclosed(text)
    elif quoted := _QUOTED.search(mistake):
        offset = max(text.rfind(quoted[1] or quoted[2]), 0)
    elif '"' in text and "unterminated" in mistake:
        offset = text.rfind('"')
    line = text.count("\n", 0, offset) + 1
    return line, offset - text.rfind("\n", 0, offset)


_SELECTOR = re.compile(
    r"""\s*[A-Za-z_:][\w:]*\s*(?:\{(?:[^"'`}]|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`)*\})?\s*""",
    re.DOTALL,
)


def _beyond(text: str) -> tuple[int, int]:
    """Line and column at which a text goes on after the selector it begins with; its beginning where there is none."""
    found = _SELECTOR.match(text)
    offset = found.end() if found and text[found.end() : found.end() + 1] != "(" else 0
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def _unclosed(text: str) -> int:
    opened: list[int] = []
    for offset, character in enumerate(text):
        if character in "([{":
            opened.append(offset)
        elif character in ")]}" and opened:
            opened.pop()
    return opened[-1] if opened else 0
