"""Computes readings of others: the slot of an expression is known once every operand has an outcome there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from collector.domain.measure import Binding, Computed
from collector.domain.sample import Gap, GapReason, Origin, Sample, SampleState
from collector.ports.store import Transaction
from collector.services.account import Account
from collector.services.ask import Due, Found

TICK = timedelta(microseconds=1)

Outcomes = Mapping[str, Mapping[datetime, Sample | Gap]]
"""What each operand left behind at each slot, by its name."""


def computed_of(touched: Iterable[tuple[Account, datetime]]) -> list[tuple[Account, list[datetime]]]:
    """Give the computed accounts that depend on what was touched at these slots, with the slots, ascending."""
    wanted: dict[int, _Wanted] = {}
    for account, slot in touched:
        whole = account.above
        if whole is not None and whole.operands:
            wanted.setdefault(whole.series, _Wanted(whole)).slots.add(slot)
    return [(one.account, sorted(one.slots)) for one in wanted.values()]


def derive(
    tx: Transaction, account: Account, slots: Sequence[datetime], at: datetime, origin: Origin
) -> list[Found]:
    """Give what the computed `account` reads at `slots`, as far as all its operands have an outcome there.

    A missing operand, a held one, and a division by zero are no data (DESIGN §4); what failed for the source's sake
    keeps its reason, so that it is known to be worth asking again.
    """
    outcomes = _outcomes(tx, account, slots)
    found = []
    for slot in slots:
        at_slot = {name: known[slot] for name, known in outcomes.items() if slot in known}
        if len(at_slot) == len(account.operands):
            due = Due(account.key_result, account.binding, account.series, slot)
            found.append(Found(due, computed(account.binding, slot, at_slot, at, origin), at))
    return found


@dataclass(slots=True)
class _Wanted:
    account: Account
    slots: set[datetime] = field(default_factory=set)


def _outcomes(tx: Transaction, account: Account, slots: Sequence[datetime]) -> Outcomes:
    if not slots:
        return {}
    names = {operand.series: name for name, operand in account.operands.items()}
    samples = tx.samples(list(names), slots[0] - TICK, slots[-1])
    gaps = tx.gaps(list(names), slots[0] - TICK, slots[-1])
    found: dict[str, dict[datetime, Sample | Gap]] = {}
    for series, name in names.items():
        known: dict[datetime, Sample | Gap] = {gap.slot: gap for gap in gaps[series]}
        found[name] = known | {sample.slot: sample for sample in samples[series]}
    return found


def computed(
    binding: Binding, slot: datetime, outcomes: Mapping[str, Sample | Gap], at: datetime, origin: Origin
) -> Sample | Gap:
    """Compute one slot of what every operand left there, by its name. Raises `TypeError` for a binding of another form."""
    form = binding.form
    if not isinstance(form, Computed):
        raise TypeError(f"a {type(form).__name__} is not computed of anything")
    used: dict[str, Sample] = {}
    for name, outcome in outcomes.items():
        if isinstance(outcome, Gap):
            return Gap(slot, outcome.reason, f"`{name}` has no value: {outcome.detail}".rstrip(": "))
        if outcome.state is not SampleState.USED:
            return Gap(slot, GapReason.NO_DATA, f"`{name}` is {outcome.state.value}")
        used[name] = outcome
    value = form.formula.value({name: sample.value for name, sample in used.items()})
    if value is None:
        shown = ", ".join(f"{name} = {sample.value:g}" for name, sample in used.items())
        return Gap(slot, GapReason.NO_DATA, f"{form.formula.text} has no value for {shown}")
    return Sample(
        slot=slot,
        value=value,
        as_of=min(sample.as_of for sample in used.values()),
        recorded_at=at,
        origin=origin,
        evidence={"expression": form.formula.text, **{name: sample.value for name, sample in used.items()}},
    )
