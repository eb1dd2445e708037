"""Sorts the reasons of gaps by what a script does about them: exit codes."""

from __future__ import annotations

from collections.abc import Iterable

from collector.domain.sample import Gap, GapReason, Sample
from collector.errors import KrdError, SourceUnavailable

UNREACHABLE = frozenset(
    {GapReason.TRANSIENT, GapReason.TIMEOUT, GapReason.RATE_LIMITED, GapReason.AUTH, GapReason.SOURCE_DOWN}
)
"""The source could not be asked."""
REFUSED = frozenset({GapReason.BAD_QUERY, GapReason.BAD_VALUE, GapReason.CONFIG, GapReason.PARTIAL})
"""A person has to mend the question, or what it needs."""


def code_of(left: Iterable[Sample | Gap]) -> int:
    """Give 4 when a source could not be asked, else 1 when a question was refused, else 0. No data is an answer."""
    reasons = {one.reason for one in left if isinstance(one, Gap)}
    if reasons & UNREACHABLE:
        return SourceUnavailable.exit_code
    return KrdError.exit_code if reasons & REFUSED else 0
