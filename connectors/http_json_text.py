"""Fills times into the texts of `http_json` sources, and tells offline whether a text answers the past.

A text is in the source's own language. Only the exact names of `VARIABLES` are replaced after a dollar sign; everything
else stays as it is, so that no text can reach for more than the times of its own question.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, field_validator

from connectors.api import Moment, TextProblem

INSTANTS = ("since", "until", "as_of", "cycle_start", "cycle_end")
SPANS = ("window", "elapsed", "every")
VARIABLES = INSTANTS + SPANS
"""Names that a text may use after a dollar sign."""

_VARIABLE = re.compile(rf"(?P<quote>['\"]?)\$(?P<name>{'|'.join(VARIABLES)})\b(?P=quote)")
_WORD = re.compile(r"\$([a-z_]{3,})\b")
_NAMED = ("iso", "epoch", "epoch_ms")


class Dates(BaseModel):
    """How a source writes instants and lengths of time."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    format: str = "iso"
    """`iso` 2026-11-01T09:00:00Z, `epoch` seconds, `epoch_ms` milliseconds, or a pattern such as `%Y-%m-%d %H:%M`."""
    zone: str | None = None
    """Zone in which a pattern is written, such as `Europe/Berlin`; `account`: the zone that `health` reads; else UTC."""
    quoted: bool = False
    """Put double quotes around instants, unless the text has some around them already."""
    spans: Literal["seconds", "s", "m"] = "seconds"
    """How `$window`, `$elapsed` and `$every` are written: `3600`, `3600s`, or `60m`."""

    @field_validator("format")
    @classmethod
    def _known(cls, written: str) -> str:
        if written not in _NAMED and "%" not in written:
            raise ValueError(f"expected {', '.join(_NAMED)}, or a pattern such as %Y-%m-%d")
        return written

    @field_validator("zone")
    @classmethod
    def _exists(cls, written: str | None) -> str | None:
        if written not in (None, "account"):
            zone_of(str(written))
        return written


def zone_of(name: str) -> ZoneInfo:
    """Give a zone by its name. Raises `ValueError` when there is none."""
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        raise ValueError(f"there is no time zone {name[:60]!r}; write one such as Europe/Berlin") from None


@dataclass(frozen=True, slots=True)
class Times:
    """The times of one question, as its source writes them. `zone` is where a pattern's clock hangs."""

    moment: Moment
    dates: Dates
    zone: ZoneInfo | None = None

    def fill(self, text: str) -> str:
        """Replace the variables in `text`; quotes right around one are part of it."""
        return _VARIABLE.sub(self._written, text)

    def _written(self, found: re.Match[str]) -> str:
        value: datetime | timedelta = getattr(self.moment, found["name"])
        quote = found["quote"]
        if isinstance(value, timedelta):
            return f"{quote}{self._span(value)}{quote}"
        if self.dates.quoted:
            quote = '"'
        return f"{quote}{self._instant(value)}{quote}"

    def _instant(self, instant: datetime) -> str:
        match self.dates.format:
            case "iso":
                # Whole seconds, because some sources refuse fractions; slots have none.
                return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            case "epoch":
                return str(int(instant.timestamp()))
            case "epoch_ms":
                return str(int(instant.timestamp() * 1000))
            case pattern:
                return instant.astimezone(self.zone or UTC).strftime(pattern)

    def _span(self, span: timedelta) -> str:
        seconds = max(round(span.total_seconds()), 1)
        match self.dates.spans:
            case "seconds":
                return str(seconds)
            case "s":
                return f"{seconds}s"
            case "m":
                return f"{max(round(seconds / 60), 1)}m"


SAMPLE = Moment(
    as_of=datetime(2026, 11, 2, tzinfo=UTC),
    until=datetime(2026, 11, 2, tzinfo=UTC),
    since=datetime(2026, 11, 1, tzinfo=UTC),
    cycle_start=datetime(2026, 10, 1, tzinfo=UTC),
    cycle_end=datetime(2027, 1, 1, tzinfo=UTC),
    every=timedelta(hours=1),
)
"""A moment to try texts with, offline."""


def variables(*texts: str) -> frozenset[str]:
    """Name the variables that texts use."""
    return frozenset(found["name"] for text in texts for found in _VARIABLE.finditer(text))


def ends_its_window(used: Iterable[str]) -> bool:
    """Whether what uses these variables is asked *at* a time (DESIGN §4)."""
    return not {"until", "as_of"}.isdisjoint(used)


def problems_with_times(text: str, *around: str) -> list[TextProblem]:
    """Find windows without an end, and names that look like a variable misspelt. `around`: what the text is put into."""
    found = []
    used = variables(text, *around)
    if "since" in used and not ends_its_window(used):
        said = "$since without $until: the window would end at the moment of asking; close it with $until"
        found.append(problem_at(text, text.find("$since"), said))
    for word in _WORD.finditer(text):
        near = difflib.get_close_matches(word[1], VARIABLES, n=1, cutoff=0.8)
        if near and word[1] not in VARIABLES:
            found.append(
                problem_at(text, word.start(), f"${word[1]} is no variable; is ${near[0]} meant? Correct it")
            )
    return found


def problem_at(text: str, offset: int, message: str) -> TextProblem:
    """A mistake at a place in a text; before its beginning counts as its beginning."""
    at = max(offset, 0)
    return TextProblem(message, text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))


def substituted(template: object, values: Mapping[str, str], times: Times | None) -> object:
    """Fill a template: every `$name` of `values`, then the times, in each string of a nested structure.

    One pass: what is put in is not read again, so a value that holds a `$` cannot pull in another one.
    """
    match template:
        case str():
            return _one_pass(template, values, times)
        case Mapping():
            return {key: substituted(value, values, times) for key, value in template.items()}
        case list() | tuple():
            return [substituted(value, values, times) for value in template]
        case _:
            return template


def _one_pass(template: str, values: Mapping[str, str], times: Times | None) -> str:
    names = "|".join(map(re.escape, values))
    pieces = re.split(rf"\$({names})\b", template) if names else [template]
    # re.split alternates between the text around and the names it split at.
    return "".join(
        values[piece] if n % 2 else (times.fill(piece) if times else piece) for n, piece in enumerate(pieces)
    )
