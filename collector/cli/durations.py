"""Reads lengths of time from the command line."""

from __future__ import annotations

from datetime import timedelta

from collector.domain.span import Span, parse_span
from collector.errors import UsageError


def span(option: str, text: str) -> Span:
    """Read `15m` or `7d`. Raises `UsageError` that names the option."""
    try:
        found = parse_span(text)
    except ValueError as error:
        raise UsageError(f"{option}: {error}") from None
    if not found:
        raise UsageError(f"{option}: must be longer than nothing, got {text!r}")
    return found


def real_time(option: str, text: str) -> timedelta:
    """Read a length of real time; `d` is 24 hours here. Raises `UsageError` that names the option."""
    return span(option, text).nominal(timedelta(days=1))


def interval(option: str, text: str) -> Span:
    """Read how often a source is asked. Raises `UsageError` that names the option."""
    found = span(option, text)
    if found.days and found.real:
        raise UsageError(f"{option}: is either whole days or real time, got {text!r}")
    return found


def nominal(length: timedelta) -> Span:
    """Give a length as bindings mean it: a whole number of days is days of the cycle, anything else real time."""
    whole = length % timedelta(days=1) == timedelta(0)
    return Span(days=length.days) if whole else Span(real=length)
