"""The notation in which a scenario says what a source answers, slot by slot, after the one of promtool's rule tests.

`900` once, `900x28` 28 times, `899-5x40` 40 values from 899 down by 5, `31/100x7` pairs (numerator/denominator, or
events/all of them), `_` an empty answer, and a word for everything else that a source can do. `LIVE~LATER` says what is
answered at the slot's own time, and what when the slot is asked for later (healed, or read again as late rows come in).
promtool's `900x28` is 29 values and its `_x28` is 28; here `xN` always is N.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

MOST = 100_000
"""Slots a text may describe."""

_NUMBER = r"(?:\d+(?:\.\d+)?(?:[eE][-+]?\d+)?[kMG]?)"
_WORD = r"(?:down|auth|err|timeout|limited|bad|partial|config|text|nan|inf|stale)"
_SIDE = rf"(?:_/[-+]?{_NUMBER}|[-+]?{_NUMBER}/_|_|{_WORD}|[-+]?{_NUMBER}(?:/[-+]?{_NUMBER}|[-+]{_NUMBER})?)"
_ITEM = re.compile(rf"(?P<live>{_SIDE})(?:~(?P<later>{_SIDE}))?(?:x(?P<times>\d+))?")
_STEPPED = re.compile(rf"(?P<first>[-+]?{_NUMBER})(?P<step>[-+]{_NUMBER})?")
_THOUSANDS = {"k": 1e3, "M": 1e6, "G": 1e9}


class WrongText(ValueError):
    """A text that says nothing; `column` counts from 1 within it."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(message)
        self.column = column


class Word(StrEnum):
    """What a source does instead of giving a number."""

    EMPTY = "_"
    DOWN = "down"
    """Nothing can be asked, until its next slot: no check, no past."""
    AUTH = "auth"
    """The same, because credentials are refused."""
    ERROR = "err"
    TIMEOUT = "timeout"
    LIMITED = "limited"
    BAD_QUERY = "bad"
    PARTIAL = "partial"
    CONFIG = "config"
    TEXT = "text"
    NAN = "nan"
    INFINITE = "inf"
    STALE = "stale"
    """The last number once more, with its old time stamp."""

    @property
    def shuts(self) -> bool:
        """Whether the whole source is shut by it."""
        return self in (Word.DOWN, Word.AUTH)

    @property
    def fails(self) -> bool:
        """Whether the question is not answered at all."""
        return self not in (Word.EMPTY, Word.STALE)


Parts = tuple[float | None, ...]
"""One number, or two of a pair; an empty part is nothing."""
Answer = Word | Parts


@dataclass(frozen=True, slots=True)
class Said:
    """What a source answers about one slot."""

    live: Answer
    later: Answer
    """When it is asked for afterwards; what failed has nothing to give then, unless the text says so."""


def read_series(text: str) -> list[Said]:
    """Read a whole text. Raises `WrongText`."""
    said: list[Said] = []
    for found in re.finditer(r"\S+", text):
        item = _ITEM.fullmatch(found[0])
        if item is None:
            raise WrongText(f"`{found[0]}` is no answer of a source", found.start() + 1)
        if item["times"] is None and any(map(_steps, (item["live"], item["later"] or "_"))):
            raise WrongText(f"`{found[0]}` does not say how often: write {found[0]}x7", found.start() + 1)
        times = int(item["times"] or 1)
        if len(said) + times > MOST:
            raise WrongText(f"more than {MOST} slots", found.start() + 1)
        live = _answers(item["live"], times)
        later = _answers(item["later"], times) if item["later"] else [_afterwards(answer) for answer in live]
        said += [Said(now, then) for now, then in zip(live, later, strict=True)]
    return said


def _steps(side: str) -> bool:
    stepped = _STEPPED.fullmatch(side)
    return stepped is not None and stepped["step"] is not None


def _afterwards(answer: Answer) -> Answer:
    return Word.EMPTY if isinstance(answer, Word) and answer.fails else answer


def _answers(side: str, times: int) -> list[Answer]:
    if side in set(Word):
        return [Word(side)] * times
    if "/" in side:
        return [tuple(None if part == "_" else _number(part) for part in side.split("/"))] * times
    stepped = _STEPPED.fullmatch(side)
    if stepped is None:  # the item's pattern admits nothing else
        raise WrongText(f"`{side}` is no number", 1)
    first, step = _number(stepped["first"]), _number(stepped["step"] or "0")
    return [(round(first + step * count, 9),) for count in range(times)]


def _number(text: str) -> float:
    factor = _THOUSANDS.get(text[-1], 1.0)
    return float(text[:-1] if factor != 1.0 else text) * factor
