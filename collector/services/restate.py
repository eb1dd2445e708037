"""Asks again for slots whose rows may have come late, and puts other numbers in their place: both, with both times, are kept."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from collector.clock import Clock
from collector.domain.measure import WholeCycle
from collector.domain.sample import Gap, Origin, Restatement, Sample, SampleState
from collector.domain.span import Span
from collector.logs import get_logger
from collector.ports.sources import OpenSource
from collector.ports.store import Transaction
from collector.services.aggregate import day_of, recompute_days
from collector.services.ask import Found, Healed
from collector.services.derive import computed_of, rederive
from collector.services.heal import Stretch, heal
from collector.services.hold import count_row, judge_anew, sift, with_used
from collector.services.ledger import Account, Ledger
from collector.services.record import TICK, record_healed
from connectors.api import Failure

log = get_logger(__name__)

WHY = "late rows"
SAME = 1e-9
"""Relative difference up to which two sums of the same rows are the same number: databases add in any order."""


@dataclass(frozen=True, slots=True)
class Reread:
    """What asking a series again gave, a portion at a time."""

    series: int
    findings: Sequence[Found]
    through: datetime
    """The last slot of this portion."""
    began: datetime
    """When the pass began: what came in later is for the next one."""
    complete: bool
    """Whether this ends the pass."""


def to_reread(accounts: Iterable[Account], at: datetime) -> list[Stretch]:
    """Give what is to be asked again: once a cycle day the slots whose rows were not final at the last pass, and once more
    when all of them are, before the verdict is given for good.
    """
    found = (_stretch(account, at) for account in accounts if _settles(account))
    return [stretch for stretch in found if stretch is not None]


def reread(
    source: OpenSource, stretch: Stretch, clock: Clock, deliver: Callable[[Reread], None]
) -> Failure | None:
    """Ask for a stretch again, oldest first, and hand each portion on; a failure of the source ends the pass, and is given:
    then it begins anew from the same slot.
    """
    began = clock.now()

    def hand_on(found: Healed) -> None:
        deliver(Reread(found.series, found.findings, found.through, began, complete=not found.findings))

    return heal(source, stretch, clock, hand_on)


def record_reread(ledger: Ledger, tx: Transaction, found: Reread, at: datetime) -> list[Account]:
    """Compare a portion with what is recorded, inside `tx`: another number restates, a gap that has rows now is filled, and
    a number whose rows are gone stays. Gives the accounts touched.
    """
    account = ledger.accounts.get(found.series)
    if account is None:
        return []
    touched = [account]
    if found.findings:
        touched += _compared(ledger, tx, account, found.findings, at)
    if found.complete:
        final = min(account.key_result.cycle.back(found.began, account.binding.settle), found.through)
        settled = max(account.current.settled or final, final)
        account.current = replace(account.current, restated=found.began, settled=settled)
        tx.put_currents([account.current])
    return touched


def restate(
    tx: Transaction, account: Account, changed: Sequence[Restatement], at: datetime, why: str
) -> list[Account]:
    """Put other numbers in the place of those recorded, and follow them: the newest facts, the days, what is computed of
    them; all closed days are judged anew. Gives the accounts touched.
    """
    if not changed:
        return []
    tx.replace_samples([(account.series, one) for one in changed])
    _follow(tx, account, changed)
    touched = [account]
    for whole, slots in computed_of((account, one.now.slot) for one in changed):
        _follow(tx, whole, rederive(tx, whole, slots, at, why))
        touched.append(whole)
    return touched


def _settles(account: Account) -> bool:
    binding = account.binding
    return bool(binding.settle) and binding.asked and binding.answers_the_past


def _stretch(account: Account, at: datetime) -> Stretch | None:
    current, binding, key_result = account.current, account.binding, account.key_result
    cycle = key_result.cycle
    if current.covered is None or key_result.retired is not None or not _due(account, at):
        return None
    since = current.settled or cycle.back(at, Span(binding.settle.days + 1, binding.settle.real))
    if isinstance(binding.window, WholeCycle):
        since = max(since, cycle.starts)
    until = min(current.covered, current.heal_since or current.covered)
    return Stretch(account, since, until) if since < until else None


def _due(account: Account, at: datetime) -> bool:
    last, key_result = account.current.restated, account.key_result
    cycle = key_result.cycle
    if last is None:
        return True
    final = key_result.ends + _late(account)
    if last >= final:
        return False
    return cycle.day_of(at) > cycle.day_of(last) or at >= final


def _late(account: Account) -> timedelta:
    """How long after its end late rows may still come."""
    cycle, binding = account.key_result.cycle, account.binding
    return cycle.nominal(binding.settle) + cycle.nominal(binding.matures)


def _compared(
    ledger: Ledger, tx: Transaction, account: Account, findings: Sequence[Found], at: datetime
) -> list[Account]:
    series, first, last = account.series, findings[0].due.slot, findings[-1].due.slot
    kept = {one.slot: one for one in tx.samples([series], first - TICK, last)[series]}
    missing: list[Found] = []
    changed: list[Restatement] = []
    for found in findings:
        was = kept.get(found.due.slot)
        if was is None and isinstance(found.left, Sample):
            missing.append(found)
        elif was is not None and isinstance(found.left, Sample):
            now = _instead(account, was, found.left, at)
            changed += [Restatement(was, now, at, WHY)] if now is not None else []
        elif was is not None and isinstance(found.left, Gap) and was.state is SampleState.USED:
            log.warning(
                "rows_vanished", key_result=account.key_result.key, slot=was.slot, detail=found.left.detail
            )
    touched = restate(tx, account, changed, at, WHY)
    if missing:
        # what is still to be healed stays so: it may lie elsewhere
        touched += record_healed(ledger, tx, series, missing, account.current.heal_since or at, at)
        judge_anew(account)
    return touched


def _instead(account: Account, was: Sample, read: Sample, at: datetime) -> Sample | None:
    """Give what takes the place of a sample, if it is another number. What a person discarded stays so; what was held is
    used once it is plausible; what its author calls implausible replaces nothing.
    """
    if was.state is SampleState.DISCARDED or _same(was, read):
        return None
    now = replace(read, origin=Origin.RESTATED, recorded_at=at)
    if was.state is SampleState.HELD:
        return sift(account, now)[0]
    bounds = account.binding.plausible
    if bounds is not None and not bounds[0] <= now.value <= bounds[1]:
        log.warning(
            "restatement_implausible", key_result=account.key_result.key, slot=was.slot, value=now.value
        )
        return None
    return now


def _same(was: Sample, now: Sample) -> bool:
    pairs = ((was.value, now.value), (was.num, now.num), (was.den, now.den))
    return all(
        one == other or (one is not None and other is not None and math.isclose(one, other, rel_tol=SAME))
        for one, other in pairs
    )


def _follow(tx: Transaction, account: Account, changed: Sequence[Restatement]) -> None:
    for now in (one.now for one in changed):
        account.holding = [one for one in account.holding if one.slot != now.slot]
        if now.state is SampleState.HELD:
            account.holding = sorted([*account.holding, now], key=lambda one: one.slot)
            continue
        account.current = with_used(account.current, now)
    count_row(account)
    days = sorted({day_of(account, one.now.slot) for one in changed})
    tx.put_currents([account.current])
    tx.put_days(recompute_days(tx, [(account, days)]))
    judge_anew(account)
