"""Decides what takes the place of a recorded number when the same slot gives another one: a surprise only when it is said twice."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from collector.domain.plausibility import HeldBack, Known, doubted, judge
from collector.domain.sample import Gap, Origin, Sample, SampleState
from collector.logs import get_logger
from collector.services.account import Account
from collector.services.hold import seen, sift

log = get_logger(__name__)

SAME = 1e-9
"""Relative difference up to which two sums of the same rows are the same number: databases add in any order."""
SAID_ONCE = "asked_again"
"""Key of a sample's evidence: the implausible number that the last asking gave, which takes its place if given again."""
WITHDRAWN = "withdrawn_because"
"""Key of a sample's evidence that says why krd, and no person, took a computed value out of use."""
_AT_ONCE = timedelta(0)


def supersede(
    account: Account, was: Sample, read: Sample, at: datetime, apart: timedelta = _AT_ONCE
) -> Sample | None:
    """Give what takes the place of a sample now that its slot gave `read`; nothing when all stays as it is.

    What a person discarded stays so, and what was held is judged as if it came in now; so is what is computed, since what
    it was computed of is no longer so. A number outside `plausible` replaces nothing. One that is implausible beside
    the number it would replace (a table that is being loaded counts 0 rows) does when it is given twice in a row, at
    least `apart`; until then the old number is used, and its evidence says what was given.
    """
    if was.state is SampleState.DISCARDED and WITHDRAWN not in was.evidence:
        return None
    if was.state is not SampleState.DISCARDED and same(was, read):
        return _undoubted(was)
    now = replace(read, origin=Origin.RESTATED, recorded_at=at)
    if was.state is not SampleState.USED or not account.binding.asked:
        return sift(account, now)[0]
    bounds = account.binding.plausible
    if bounds is not None and not bounds[0] <= now.value <= bounds[1]:
        _warn(account, was, now)
        return None
    if not _surprises(account, was, now) or _said_before(was, now, at - apart):
        return now
    _warn(account, was, now)
    return _doubting(was, now, at)


def withdraw(was: Sample, gap: Gap, at: datetime) -> Sample:
    """Take a computed value out of use whose operands give none any more."""
    evidence = {**was.evidence, WITHDRAWN: gap.detail}
    return replace(
        was, state=SampleState.DISCARDED, origin=Origin.RESTATED, recorded_at=at, evidence=evidence
    )


def same(was: Sample, now: Sample) -> bool:
    """Tell whether two readings are the same number."""
    return _alike(_facts(was), _facts(now))


def moves(was: Sample, now: Sample) -> bool:
    """Tell whether anything that is judged is another one, rather than only what is known about it."""
    return was.state is not now.state or was.as_of != now.as_of or not same(was, now)


def reason(was: Sample, now: Sample, why: str) -> str:
    """Say why one sample took the place of the other, when they were asked for again because of `why`."""
    said = now.evidence.get(SAID_ONCE)
    if moves(was, now):
        return why
    if not isinstance(said, Mapping):
        return f"{why}: no longer doubted"
    return f"{why}: {said['value']:g} is implausible, and is used only if it is given again"


def _facts(sample: Sample) -> dict[str, float | None]:
    return {"value": sample.value, "num": sample.num, "den": sample.den}


def _alike(one: Mapping[str, float | None], other: Mapping[str, float | None]) -> bool:
    pairs = ((known, other.get(name)) for name, known in one.items())
    return all(
        a == b or (a is not None and b is not None and math.isclose(a, b, rel_tol=SAME)) for a, b in pairs
    )


def _surprises(account: Account, was: Sample, now: Sample) -> bool:
    if not doubted(account.binding):
        return False
    return isinstance(judge(now.value, Known(None, was.value, partial(seen, account.days))), HeldBack)


def _said_before(was: Sample, now: Sample, until: datetime) -> bool:
    said = was.evidence.get(SAID_ONCE)
    if not isinstance(said, Mapping):
        return False
    return _alike(_facts(now), said) and datetime.fromisoformat(str(said["at"])) <= until


def _doubting(was: Sample, now: Sample, at: datetime) -> Sample | None:
    """Note what was given; the same thing again keeps the time at which it was given first."""
    said = was.evidence.get(SAID_ONCE)
    if isinstance(said, Mapping) and _alike(_facts(now), said):
        return None
    return replace(was, evidence={**was.evidence, SAID_ONCE: {**_facts(now), "at": at.isoformat()}})


def _undoubted(was: Sample) -> Sample | None:
    if SAID_ONCE not in was.evidence:
        return None
    return replace(was, evidence={name: fact for name, fact in was.evidence.items() if name != SAID_ONCE})


def _warn(account: Account, was: Sample, now: Sample) -> None:
    log.warning("restatement_implausible", key_result=account.key_result.key, slot=was.slot, value=now.value)
