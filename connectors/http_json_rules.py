"""Says offline what a source would misunderstand in a query's text: many of them answer 200 with a wrong number instead.

A text is either *words* in the source's language (JQL, a search phrase), or *filters*: `name=value&name=value` as in the
address of the source's own pages, each of which becomes a parameter.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection
from typing import Annotated, Literal
from urllib.parse import parse_qsl

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from connectors.api import TextProblem
from connectors.http_json_text import SAMPLE, Dates, Times, problem_at


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from None
    return pattern


Pattern = Annotated[str, AfterValidator(_compiles), Field(description="Regular expression")]


class Refusal(BaseModel):
    """Refuses texts that match (or lack) a pattern; the message says what to write instead."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    matches: Pattern | None = None
    """Regular expression that refused texts match."""
    lacks: Pattern | None = None
    """Regular expression that good texts match."""
    message: str = Field(min_length=1)
    """What to write instead."""

    def applies(self, text: str) -> bool:
        """Whether this text is refused."""
        if self.matches is not None and re.search(self.matches, text, re.IGNORECASE | re.DOTALL):
            return True
        return self.lacks is not None and not re.search(self.lacks, text, re.IGNORECASE | re.DOTALL)


class TextRules(BaseModel):
    """What a query's text must look like, so that mistakes are found before anyone is asked."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    form: Literal["words", "filters"] = "words"
    """`words`: the text stands where the recipe says `$query`. `filters`: each `name=value` of it becomes a parameter."""
    longest: int | None = Field(default=None, ge=1)
    """Characters that the source reads."""
    refuse: tuple[Refusal, ...] = ()
    """Texts that would be misunderstood."""
    fields: frozenset[str] | None = None
    """Names that filters may use; without it, the source itself has to refuse unknown ones."""
    alone: frozenset[str] = frozenset()
    """Those of `fields` that filter nothing by themselves."""
    values: dict[str, Pattern] = Field(default_factory=dict)
    """What the filled-in value of a filter must look like, by its name; `<date>` stands for a date."""
    date: Pattern = r"\S+"
    """What a date in such a value looks like."""

    def pairs(self, text: str) -> list[tuple[str, str]]:
        """Read filters as an address holds them: percent signs and plus signs decoded."""
        return [(name.strip(), value) for name, value in parse_qsl(_joined(text), keep_blank_values=True)]

    def problems(self, text: str, dates: Dates, *, fields: Collection[str] | None = ()) -> list[TextProblem]:
        """Find mistakes offline. `fields` are further names; `None`: they are not known here, so only likely mistakes
        are told.
        """
        if not text.strip():
            return [TextProblem("the query is empty; it would count everything, or nothing in particular")]
        sample = Times(SAMPLE, dates).fill(text)
        if self.form == "filters":
            # As it will be sent: decoded, and on one line.
            sample = "&".join(f"{name}={value}" for name, value in self.pairs(sample))
        found = [TextProblem(rule.message) for rule in self.refuse if rule.applies(sample)]
        if self.longest is not None and len(sample) > self.longest:
            found.append(
                TextProblem(f"the text is longer than the {self.longest} characters that the source reads")
            )
        return found + (self._filters(text, dates, fields) if self.form == "filters" else [])

    def _filters(self, text: str, dates: Dates, further: Collection[str] | None) -> list[TextProblem]:
        pairs = self.pairs(text)
        if not {name for name, _ in pairs} - self.alone:
            return [TextProblem("the text holds no filter; write name=value, joined by &")]
        times = Times(SAMPLE, dates)
        found = []
        for name, value in pairs:
            if why := self._unknown(name, further):
                found.append(problem_at(text, text.find(name), why))
            elif not self._fits(name, times.fill(value)):
                said = f"the source would ignore {name}={value[:60]}; write it as in {name}={self._example(name, times)}"
                found.append(problem_at(text, text.find(name), said))
        return found

    def _unknown(self, name: str, further: Collection[str] | None) -> str | None:
        if self.fields is None or name in self.fields or name in (further or ()):
            return None
        near = difflib.get_close_matches(name, self.fields, n=1, cutoff=0.75)
        if further is None and not near:
            return None
        meant = f"write {near[0]}, or " if near else ""
        return (
            f"the source would ignore the unknown field {name[:40]} and count too much; {meant}"
            f"name a field of your own in the source's `fields`"
        )

    def _fits(self, name: str, value: str) -> bool:
        pattern = self.values.get(name)
        return (
            pattern is None or re.fullmatch(pattern.replace("<date>", f"(?:{self.date})"), value) is not None
        )

    def _example(self, name: str, times: Times) -> str:
        shown = (one for one in _EXAMPLES if self._fits(name, times.fill(one)))
        return next(shown, self.values[name])


_EXAMPLES = ("$since..$until", "from $since to $until")


def _joined(text: str) -> str:
    """Filters may stand on lines of their own."""
    return "&".join(
        line.strip().strip("&") for line in text.strip().removeprefix("?").splitlines() if line.strip()
    )
