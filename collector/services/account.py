"""What the daemon remembers of one series, and of the key result it belongs to."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from collector.domain.baseline import Baseline, word_of
from collector.domain.days import Day
from collector.domain.detectors.findings import Findings
from collector.domain.evaluation import Evaluation
from collector.domain.health import Patience, Pulse
from collector.domain.judgement import Guard, History, Slot
from collector.domain.measure import Binding
from collector.domain.observed import Held
from collector.domain.okr import MAIN, KeyResult
from collector.domain.sample import GapReason, Sample
from collector.ports.store import Current, Enrolment

WHY_HELD = "held_because"
"""Key of a sample's evidence that says why it is held."""


@dataclass(slots=True)
class Account:
    """One series of a key result. The main one also holds everything the verdict rests on."""

    key_result: KeyResult
    binding: Binding
    enrolment: Enrolment
    current: Current
    days: list[Day]
    """Ascending; the open one, and those not yet closed, have no value."""
    role: str = MAIN
    above: Account | None = field(default=None, repr=False, compare=False)
    """Whose value is computed of this one, or whose verdict it guards."""
    operands: dict[str, Account] = field(default_factory=dict, repr=False, compare=False)
    """What its value is computed of, by the name in the formula."""
    guardrails: list[Account] = field(default_factory=list, repr=False, compare=False)
    """Of the main account: the series of its guardrails, in the order of the file."""
    recent: list[Slot] | None = None
    """Of an slo or a keep: what its newest slots used of the budget, ascending, as far back as burn rates look; nothing
    until they are asked for."""
    holding: list[Sample] = field(default_factory=list)
    """Its readings that are held until they are confirmed or a person decides, ascending."""
    edited: str = ""
    """What of its definition is another one since it was last judged: the promise, or the measure."""
    restep: bool = False
    """Whether the days that were judged are to be judged anew: their data or the promise is another one."""
    baseline: Baseline | None = None
    evaluation: Evaluation | None = None
    changed: bool = True
    """Whether closed days or the baseline may have changed since `evaluation`."""
    review: datetime | None = None
    """When the verdict may change though nothing is read; nothing: at once."""
    closes: tuple[datetime, Mapping[str, Evaluation]] | None = field(default=None, repr=False)
    """What other cycles closed with under its address, and when that was looked up."""
    quiet_until: datetime | None = None
    """Until then fresh readings cannot move the verdict; nothing when they can."""
    found: Findings | None = None
    """What the detectors saw at the close of its newest day; nothing when they are to look again."""
    patience: Patience | None = None
    """How long its data may age, as it was when the verdict was made."""

    @property
    def series(self) -> int:
        """The number of its series."""
        return self.enrolment.roles.get(self.role, self.enrolment.series)

    @property
    def strange(self) -> Held | None:
        """What is held, as a verdict says it."""
        return last_held(self.holding)

    @property
    def main(self) -> Account:
        """The account that is judged."""
        account = self
        while account.above is not None:
            account = account.above
        return account

    @property
    def parts(self) -> Iterator[Account]:
        """Itself, and everything that its value is computed of or its verdict guarded by."""
        yield self
        for part in (*self.operands.values(), *self.guardrails):
            yield from part.parts

    def day(self, number: int) -> Day | None:
        """Give the aggregate of a day, if it holds a reading."""
        place = bisect_left(self.days, number, key=_number)
        return self.days[place] if place < len(self.days) and self.days[place].day == number else None

    def put_day(self, day: Day) -> None:
        """Replace or add a day; one that the detectors had looked at has them look again."""
        if self.found is not None and day.day < self.found.today:
            self.found = None
        place = bisect_left(self.days, day.day, key=_number)
        if place < len(self.days) and self.days[place].day == day.day:
            self.days[place] = day
        else:
            self.days.insert(place, day)

    @property
    def pulse(self) -> Pulse:
        """The three times of its series, and how the last attempt ended."""
        return Pulse(
            attempted=self.current.attempted,
            succeeded=self.current.succeeded,
            as_of=self.current.as_of,
            failing=GapReason(self.current.failing) if self.current.failing else None,
        )

    @property
    def began(self) -> Baseline | None:
        """The baseline it is judged by: the one kept, or the author's word, which stands before anything is kept."""
        return self.baseline or word_of(self.key_result.shape)

    @property
    def snapshot(self) -> Account:
        """A copy that stands still, for other threads to keep: one is made of every account at every round, so that it is
        copied field by field, and what is worked out of it waits until somebody looks.
        """
        return Account(
            self.key_result,
            self.binding,
            self.enrolment,
            self.current,
            self.days.copy(),
            self.role,
            operands={name: operand.snapshot for name, operand in self.operands.items()},
            guardrails=[guardrail.snapshot for guardrail in self.guardrails],
            recent=None if self.recent is None else self.recent.copy(),
            holding=self.holding.copy(),
            restep=self.restep,
            baseline=self.baseline,
            evaluation=self.evaluation,
            changed=self.changed,
        )

    @property
    def history(self) -> History:
        """Everything `evaluate` wants to know; what grows in it goes on growing."""
        return History(
            days=self.days,
            baseline=self.began,
            pulse=self.pulse,
            current=self.current.value,
            covered=self.current.covered,
            pending=self.pending,
            first_slot=self.current.first_slot,
            previous=self.evaluation,
            trouble=self.current.detail if self.current.failing else "",
            series=self.series,
            changed=self.changed,
            guardrails=tuple(Guard(one.role, one.pulse, one.current.value) for one in self.guardrails),
            recent=self.recent or (),
            held=self.strange,
            settled=self.current.settled,
            segment=self.enrolment.segment,
            first_promise=self.enrolment.first_promise,
            restep=self.restep,
        )

    @property
    def pending(self) -> datetime | None:
        """Slots later than this are still to be asked for in the past, of itself or of what it is computed of."""
        if not self.operands:
            return self.current.heal_since
        own = [self.current.heal_since, *(operand.pending for operand in self.operands.values())]
        return min((since for since in own if since is not None), default=None)


def _number(day: Day) -> int:
    return day.day


def last_held(samples: Sequence[Sample]) -> Held | None:
    """Say what is held of a series, from its held samples, ascending."""
    if not samples:
        return None
    last = samples[-1]
    return Held(len(samples), last.value, last.slot, str(last.evidence.get(WHY_HELD, "")))


@dataclass(frozen=True, slots=True)
class Index:
    """The judged accounts by what they are looked for."""

    accounts: Mapping[int, Account]
    by_key: Mapping[str, Account]
    by_source: Mapping[str, list[Account]]


def index_of(accounts: Mapping[int, Account]) -> Index:
    by_source: dict[str, dict[int, Account]] = {}
    for account in accounts.values():
        by_source.setdefault(account.binding.source, {})[account.main.series] = account.main
    by_key = {one.key_result.key: one for one in accounts.values() if one.role == MAIN}
    return Index(accounts, by_key, {name: list(found.values()) for name, found in by_source.items()})
