"""Understands the sentence of a key result: its shape, its numbers, its unit and the name it suggests."""

from __future__ import annotations

import re
from dataclasses import dataclass

from collector.errors import UsageError

_NUMBER = r"[-+]?[0-9][0-9,]*(?:\.[0-9]+)?"
_THOUSANDS = re.compile(r"[-+]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_UNIT = r"%|ms|s|h|k|M|G|€|\$|£|minutes?|seconds?|hours?|days?|points?|pt|GB|MB"
_AMOUNT = rf"([€$£]?)\s?({_NUMBER})\s?({_UNIT})?(?![A-Za-z0-9])"
_MOVES = "cut|reduce|lower|decrease|shrink|drop|bring|raise|increase|grow|lift|improve|boost|get"
_FROM_TO = re.compile(rf"\bfrom\s+{_AMOUNT}.*?\bto\s+{_AMOUNT}", re.IGNORECASE)
_BY = re.compile(
    rf"\b({_MOVES})\b.*?\bby\s+{_AMOUNT}",
    re.IGNORECASE,
)
_TO = re.compile(rf"\b({_MOVES})\b.*?\bto\s+{_AMOUNT}", re.IGNORECASE)
_KEEP = re.compile(
    rf"\b(?:keep|stay|hold|maintain)\b.*?\b(under|below|above|over|at most|at least)\s+{_AMOUNT}",
    re.IGNORECASE,
)
_BETWEEN = re.compile(
    rf"\b(?:keep|stay|hold|maintain)\b.*?\bbetween\s+{_AMOUNT}\s+and\s+{_AMOUNT}", re.IGNORECASE
)
_SHARE = re.compile(rf"({_NUMBER})\s?%\s+of\s+(?:the\s+)?(?:time|slots|days|minutes|hours)", re.IGNORECASE)
_SLO = re.compile(rf"^\s*({_NUMBER})\s?%\s+of\s+(?!the\s+time)(.+)", re.IGNORECASE)
_TOTAL = re.compile(
    rf"\b(no more than|not more than|at most|fewer than|less than|at least|no fewer than|not fewer than|more than)\s+{_AMOUNT}",
    re.IGNORECASE,
)
_DOWN = {"cut", "reduce", "lower", "decrease", "shrink", "drop"}
_AT_MOST = {"no more than", "not more than", "at most", "fewer than", "less than"}
_STRICT = {"fewer than", "less than", "more than"}
_FILLERS = frozenset(
    {
    "a", "an", "the", "of", "to", "from", "by", "and", "in", "on", "at", "no", "not", "more", "fewer", "less", "than", "most", "least", "this",
    "each", "every", "per", "quarter", "cycle", "year", "cut", "reduce", "lower", "decrease", "shrink", "drop", "raise",
    "increase", "grow", "lift", "improve", "boost", "keep", "stay", "hold", "maintain", "have", "get", "take", "win", "reach",
    "under", "below", "above", "over", "between", "time", "succeed", "succeeds", "our", "we", "for", "with", "first", "ms",
    "points", "point", "percent",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Understood:
    """What a sentence says. Exactly the fields of its shape are filled; numbers are as written, without separators."""

    title: str
    id: str
    shape: str
    """reach, change, total, keep or slo."""
    unit: str = ""
    start: str | None = None
    target: str | None = None
    at_most: str | None = None
    at_least: str | None = None
    share: str | None = None


def understand(sentence: str) -> Understood:
    """Read a sentence. Raises `UsageError` that says what was understood when its shape cannot be told."""
    title = " ".join(sentence.split()).rstrip(".")
    for read in (_reach, _change, _keep, _slo, _total, _target):
        found = read(title)
        if found is not None:
            return found
    numbers = re.findall(_NUMBER, title)
    told = (
        f"the number {' and '.join(numbers)} alone does not say it" if numbers else "there is no number in it"
    )
    raise UsageError(
        f"cannot tell what {title[:120]!r} promises: {told}. Write it as `… from X to Y`, `… by 40 %`, "
        "`no more than N …`, `at least N …`, `keep … under N 99 % of the time`, or `99.9 % of … succeed`"
    )


def _reach(title: str) -> Understood | None:
    match = _FROM_TO.search(title)
    if match is None:
        return None
    unit = _unit(match[4], match[6]) or _unit(match[1], match[3])
    start, target = _scaled(match[2], match[3]), _scaled(match[5], match[6])
    return Understood(title, _id(title), "reach", unit, start=start, target=target)


def _change(title: str) -> Understood | None:
    match = _BY.search(title)
    if match is None:
        return None
    sign = "-" if match[1].lower() in _DOWN else "+"
    amount, unit = _scaled(match[3], match[4]).lstrip("+-"), _unit(match[2], match[4])
    points = unit in ("pt", "point", "points")
    change = f"{sign}{amount}%" if unit == "%" else f"{sign}{amount}pt"
    return Understood(title, _id(title), "change", "" if unit == "%" or points else unit, target=change)


def _target(title: str) -> Understood | None:
    """A target alone: where it begins is asked of the source."""
    match = _TO.search(title)
    if match is None:
        return None
    target, unit = _scaled(match[3], match[4]), _unit(match[2], match[4])
    return Understood(title, _id(title), "reach", unit, start="measured", target=target)


def _keep(title: str) -> Understood | None:
    share = _SHARE.search(title)
    percent = _plain(share[1]) if share else None
    if between := _BETWEEN.search(title):
        low, high = _scaled(between[2], between[3]), _scaled(between[5], between[6])
        unit = _unit(between[4], between[6]) or _unit(between[1], between[3])
        return Understood(title, _id(title), "keep", unit, at_least=low, at_most=high, share=percent)
    match = _KEEP.search(title)
    if match is None:
        return None
    bound, unit = _scaled(match[3], match[4]), _unit(match[2], match[4])
    if match[1].lower() in ("under", "below", "at most"):
        return Understood(title, _id(title), "keep", unit, at_most=bound, share=percent)
    return Understood(title, _id(title), "keep", unit, at_least=bound, share=percent)


def _slo(title: str) -> Understood | None:
    match = _SLO.match(title)
    return None if match is None else Understood(title, _id(match[2]), "slo", target=_plain(match[1]))


def _total(title: str) -> Understood | None:
    match = _TOTAL.search(title)
    if match is None:
        return None
    words, unit = match[1].lower(), _unit(match[2], match[4])
    bound = _scaled(match[3], match[4])
    if words in _STRICT and "." not in bound:
        # Fewer than 3 is at most 2: counts are whole.
        bound = str(int(bound) + (-1 if words in _AT_MOST else 1))
    if words in _AT_MOST:
        return Understood(title, _id(title), "total", unit, at_most=bound)
    return Understood(title, _id(title), "total", unit, at_least=bound)


def _plain(number: str) -> str:
    """Drop separators of thousands. Raises `UsageError` for a comma that may as well stand for a decimal point."""
    if "," in number and not _THOUSANDS.fullmatch(number):
        raise UsageError(f"{number} may be read in two ways: write decimals with a point, as in 1.5")
    return number.replace(",", "").removeprefix("+")


def _scaled(number: str, unit: str | None) -> str:
    """Keep k, M and G with the number: the format reads them there."""
    return _plain(number) + (unit if unit in ("k", "M", "G") else "")


def _unit(sign: str | None, unit: str | None) -> str:
    if unit and unit not in ("k", "M", "G"):
        return unit
    return sign or ""


def _id(title: str) -> str:
    """Suggest a short name of up to three telling words."""
    words = [word for word in re.findall(r"[a-z0-9]+(?:-[a-z0-9]+)*", title.lower()) if word not in _FILLERS]
    telling = [word for word in words if not word[0].isdigit()]
    return "-".join(telling[:3])[:63].strip("-") or "key-result"
