"""What the daemon remembers between transactions: a copy of the store that is dropped whenever it may be wrong."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from collector.domain.alert import Alert, AlertKind, quiet
from collector.domain.baseline import Baseline
from collector.domain.days import Day
from collector.domain.evaluation import Evaluation
from collector.domain.health import Patience, Pulse
from collector.domain.judgement import Guard, History, Slot
from collector.domain.measure import Binding
from collector.domain.observed import Held
from collector.domain.okr import MAIN, KeyResult, Okrs
from collector.domain.sample import GapReason, Sample
from collector.ports.store import Current, Enrolment, Transaction

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
    edited: bool = False
    """Whether its promise is another one since it was last judged."""
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
        """Replace or add a day."""
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
    def history(self) -> History:
        """Everything `evaluate` wants to know; what grows in it goes on growing."""
        return self._history(self.days, self.recent or ())

    @property
    def snapshot(self) -> History:
        """The same as it stands now, for other threads to keep."""
        return self._history(tuple(self.days), tuple(self.recent or ()))

    def _history(self, days: Sequence[Day], recent: Sequence[Slot]) -> History:
        return History(
            days=days,
            baseline=self.baseline,
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
            recent=recent,
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


@dataclass(slots=True)
class Ledger:
    """Accounts by series, and the alerts. Used by one thread at a time."""

    okrs: Okrs
    accounts: dict[int, Account] = field(default_factory=dict)
    alerts: dict[tuple[AlertKind, str], Alert] = field(default_factory=dict)
    """By what they are and whom they concern; quiet ones once they were asked for."""
    generation: int | None = None
    """The store's, as it was when everything was read; nothing when that is to be done."""
    enrolments: Mapping[str, Enrolment] | None = None
    """As the files of this process enrolled them: what another process enrols meanwhile is its own business."""

    @property
    def key_results(self) -> list[KeyResult]:
        """Those that are measured."""
        return [kr for kr in self.okrs.key_results.values() if kr.binding is not None]

    def load(self, tx: Transaction, enrolments: Mapping[str, Enrolment] | None = None) -> bool:
        """Read everything anew, unless it is here already and nobody else has written since; tells whether it was."""
        if self.generation is not None and self.generation == tx.generation:
            return False
        if enrolments is not None:
            self.enrolments = enrolments
        known = self.enrolments if self.enrolments is not None else tx.enrolments(self.key_results)
        measured = [(kr, known[kr.key]) for kr in self.key_results if kr.key in known]
        ids = [enrolment.key_result for _, enrolment in measured]
        series = [
            enrolment.roles[role]
            for kr, enrolment in measured
            for role in kr.bindings
            if role in enrolment.roles
        ]
        currents, days, held = tx.currents(series), tx.days(series), tx.held(series)
        baselines, evaluations = tx.baselines(ids), tx.evaluations(ids)
        self.accounts = {}
        for key_result, enrolment in measured:
            made = {
                role: Account(
                    key_result,
                    binding,
                    enrolment,
                    currents[one],
                    days[one],
                    role,
                    holding=list(held[one]),
                )
                for role, binding in key_result.bindings.items()
                if (one := enrolment.roles.get(role)) is not None
            }
            _connect(made)
            if MAIN not in made:
                continue
            made[MAIN].baseline = baselines.get(enrolment.key_result)
            made[MAIN].evaluation = _of_series(evaluations.get(enrolment.key_result), enrolment.series)
            self.accounts |= {account.series: account for account in made.values()}
        self.alerts = {(alert.kind, alert.subject): alert for alert in tx.alerts().values()}
        self.generation = tx.generation
        return True

    def forget(self) -> None:
        """Drop everything: a transaction failed, so memory and store may differ."""
        self.accounts, self.alerts, self.generation = {}, {}, None

    def of(self, series: Iterable[int]) -> list[Account]:
        """Give the accounts of these series, each once."""
        return [self.accounts[one] for one in dict.fromkeys(series) if one in self.accounts]

    @property
    def judged(self) -> list[Account]:
        """The accounts that have verdicts: one a key result, in the order of the files."""
        return [account for account in self.accounts.values() if account.role == MAIN]

    def behind(self, source: str) -> list[Account]:
        """Give the judged accounts that a source feeds, in whatever part."""
        fed = (account.main for account in self.accounts.values() if account.binding.source == source)
        return list({account.series: account for account in fed}.values())

    def alert(self, kind: AlertKind, subject: str) -> Alert:
        """Give an alert as it stands."""
        known = self.alerts.get((kind, subject))
        if known is None:
            known = self.alerts[kind, subject] = quiet(kind, subject)
        return known

    def put_alerts(self, alerts: Collection[Alert]) -> None:
        """Remember alerts as they stand now."""
        self.alerts |= {(alert.kind, alert.subject): alert for alert in alerts}


def _connect(made: Mapping[str, Account]) -> None:
    """Tell accounts of one key result what they are parts of."""
    for role, account in made.items():
        whole, _, name = role.rpartition("/")
        if whole:
            account.above = made[whole]
            account.above.operands[name] = account
        elif role != MAIN:
            account.above = made[MAIN]
            account.above.guardrails.append(account)


def last_held(samples: Sequence[Sample]) -> Held | None:
    """Say what is held of a series, from its held samples, ascending."""
    if not samples:
        return None
    last = samples[-1]
    return Held(len(samples), last.value, last.slot, str(last.evidence.get(WHY_HELD, "")))


def _of_series(evaluation: Evaluation | None, series: int) -> Evaluation | None:
    """Another measure is another series: what was judged of the old one says nothing about it."""
    return evaluation if evaluation is not None and evaluation.series == series else None
