"""Asks again for slots whose rows may have come late, and puts other numbers in their place: both, with both times, are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from collector.clock import Clock
from collector.domain.measure import WholeCycle
from collector.domain.sample import Gap, Origin, Restatement, Sample, SampleState
from collector.domain.span import Span
from collector.logs import get_logger
from collector.ports.sources import OpenSource
from collector.ports.store import Transaction
from collector.services.account import Account
from collector.services.aggregate import day_of, recompute_days
from collector.services.ask import Found, Healed
from collector.services.derive import computed_of, derive
from collector.services.heal import Stretch, heal
from collector.services.hold import count_row, facts_left, judge_anew, with_used
from collector.services.ledger import Ledger
from collector.services.record import TICK, record_derived, record_healed
from collector.services.supersede import moves, reason, supersede, withdraw
from connectors.api import Failure

log = get_logger(__name__)

WHY = "late rows"
APART = timedelta(hours=1)
"""So long after the first time an implausible number has to be given again to be believed, real time; a cycle that sets its
own `day` scales it. A pass that is cut off begins anew within minutes, and a table takes longer to load."""
_AT_ONCE = datetime.min.replace(tzinfo=UTC)


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
    found = (_stretch(account, at) for account in accounts)
    return [stretch for stretch in found if stretch is not None]


def next_reread(account: Account) -> datetime | None:
    """Give from when on a series is to be asked again; nothing when it is not, or not any more."""
    last, key_result, cycle = account.current.restated, account.key_result, account.key_result.cycle
    if not _settles(account) or key_result.retired is not None:
        return None
    if last is None:
        return _AT_ONCE
    final = key_result.ends + _late(account)
    return min(cycle.grid.starts(cycle.day_of(last) + 1), final) if last < final else None


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
    """Compare a portion with what is recorded, inside `tx`: another number restates (an implausible one when it is given in
    two passes), a gap that has rows now is filled, and a number whose rows are gone stays. Gives the accounts touched.
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
    them; all closed days are judged anew. Gives the accounts touched. What only notes a doubt is kept, and moves nothing.
    """
    tx.replace_samples([(account.series, one) for one in changed])
    moved = [one for one in changed if moves(one.was, one.now)]
    if not moved:
        return []
    _follow(tx, account, moved)
    touched = [account]
    for whole, slots in computed_of((account, one.now.slot) for one in moved):
        rederive(tx, whole, slots, at, why)
        touched.append(whole)
    return touched


def _settles(account: Account) -> bool:
    binding = account.binding
    return bool(binding.settle) and binding.asked and binding.answers_the_past


def _stretch(account: Account, at: datetime) -> Stretch | None:
    current, binding, key_result = account.current, account.binding, account.key_result
    cycle = key_result.cycle
    due = next_reread(account)
    if due is None or at < due or current.covered is None:
        return None
    since = current.settled or cycle.back(at, Span(binding.settle.days + 1, binding.settle.real))
    if isinstance(binding.window, WholeCycle):
        since = max(since, cycle.starts)
    until = min(current.covered, current.heal_since or current.covered)
    return Stretch(account, since, until) if since < until else None


def _late(account: Account) -> timedelta:
    """How long after its end late rows may still come."""
    cycle, binding = account.key_result.cycle, account.binding
    return cycle.nominal(binding.settle) + cycle.nominal(binding.matures)


def _compared(
    ledger: Ledger, tx: Transaction, account: Account, findings: Sequence[Found], at: datetime
) -> list[Account]:
    kept = _kept(tx, account, findings)
    apart = account.key_result.cycle.wait(APART)
    missing: list[Found] = []
    changed: list[Restatement] = []
    for found in findings:
        was = kept.get(found.due.slot)
        if was is None and isinstance(found.left, Sample):
            missing.append(found)
        elif was is not None and isinstance(found.left, Sample):
            now = supersede(account, was, found.left, at, apart)
            changed += [Restatement(was, now, at, reason(was, now, WHY))] if now is not None else []
        elif was is not None and isinstance(found.left, Gap) and was.state is SampleState.USED:
            log.warning(
                "rows_vanished", key_result=account.key_result.key, slot=was.slot, detail=found.left.detail
            )
    touched = restate(tx, account, changed, at, WHY)
    if missing:
        # what is still to be healed stays so: it may lie elsewhere
        touched += record_healed(ledger, tx, account.series, missing, account.current.heal_since or at, at)
        judge_anew(account)
    return touched


def rederive(tx: Transaction, account: Account, slots: Sequence[datetime], at: datetime, why: str) -> None:
    """Bring what is computed in line with operands that were restated: another value takes the place of the old one, a
    first one is recorded, and one that they give no more is taken out of use.
    """
    found = derive(tx, account, slots, at, Origin.HEALED)
    if not found:
        return
    kept = _kept(tx, account, found)
    new = [one for one in found if one.due.slot not in kept]
    changed: list[Restatement] = []
    for was, left in ((kept[one.due.slot], one.left) for one in found if one.due.slot in kept):
        if isinstance(left, Sample):
            now = supersede(account, was, left, at)
        else:
            now = withdraw(was, left, at) if was.state is not SampleState.DISCARDED else None
        changed += [Restatement(was, now, at, why)] if now is not None else []
    if new:
        record_derived(tx, account, new, at)
        judge_anew(account)
    _tell_of_newest(account, found[-1])
    tx.replace_samples([(account.series, one) for one in changed])
    _follow(tx, account, changed)


def _tell_of_newest(account: Account, newest: Found) -> None:
    """Have the health know whether the newest slot has a value now."""
    if newest.due.slot == account.current.covered:
        gap = newest.left if isinstance(newest.left, Gap) else None
        failing, detail = (gap.reason.value, gap.detail) if gap is not None else (None, "")
        account.current = replace(account.current, failing=failing, detail=detail)


def _kept(tx: Transaction, account: Account, findings: Sequence[Found]) -> dict[datetime, Sample]:
    """Give what is recorded from the first to the last of these slots."""
    first, last = findings[0].due.slot, findings[-1].due.slot
    return {one.slot: one for one in tx.samples([account.series], first - TICK, last)[account.series]}


def _follow(tx: Transaction, account: Account, changed: Sequence[Restatement]) -> None:
    gone = False
    for was, now in ((one.was, one.now) for one in changed):
        account.holding = [one for one in account.holding if one.slot != now.slot]
        if now.state is SampleState.USED:
            account.current = with_used(account.current, now)
            continue
        gone = gone or was.state is SampleState.USED
        if now.state is SampleState.HELD:
            account.holding = sorted([*account.holding, now], key=lambda one: one.slot)
    days = sorted({day_of(account, one.now.slot) for one in changed})
    tx.put_days(recompute_days(tx, [(account, days)]))
    if gone:
        account.current = facts_left(tx, account)
    count_row(account)
    tx.put_currents([account.current])
    if changed:
        judge_anew(account)
