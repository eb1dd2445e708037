"""What the lab's story claims, each claim checked against what was really seen. Days count from the cycle's start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from collector.domain.alert import AlertKind, AlertState
from collector.domain.announcement import Occasion
from collector.domain.cycle import Cycle
from collector.domain.health import Health
from collector.domain.status import Status
from collector.lab.clerk import ERRORS_A_TICKET, Clerk
from collector.lab.desk import RESOLVED, Desk
from collector.lab.inbox import Inbox
from collector.lab.stage import LATENCY as PLAN
from collector.lab.witness import LATENCY, TICKETS, Witness, healed, machine

CUT, JOINED = 17.0, 19.0
"""Days on which the line to Prometheus is cut, and joined again."""
SYNC = 14.0
"""The sync before which the drift alert must have arrived."""
ON_THE_LINE = 0.05
"""A reading runs on its pace within this share of what the pace asks for."""
COUNTED, FEWEST = 26.0, 20
"""Day up to which krd's counts of tickets are compared with the tracker, and how many there must be."""
WORSE, MENDED = 4.0, 0.6
"""The break is at least so many times what it was; the repair at most this share of the target."""
CRITICAL = 8
"""The break opens at least so many critical tickets. About 95 errors are expected, 19 tickets; 40 are five deviations fewer."""


class Verdict(StrEnum):
    """Whether a claim came true."""

    TRUE = "✓"
    FALSE = "✗"
    NOT_REACHED = "–"


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim of the story; it can be judged from `day` on."""

    day: float
    text: str
    check: Callable[[Seen], tuple[bool, str]]


@dataclass(frozen=True, slots=True)
class Seen:
    """What there is to judge by."""

    cycle: Cycle
    witness: Witness
    inbox: Inbox
    clerk: Clerk
    desk: Desk

    def when(self, day: float) -> datetime:
        """Give the instant of a day."""
        return self.cycle.starts + day * self.cycle.grid.length

    def day(self, at: datetime) -> float:
        """Give the day of an instant."""
        return (at - self.cycle.starts) / self.cycle.grid.length


@dataclass(frozen=True, slots=True)
class Judged:
    """A claim with how it turned out."""

    claim: Claim
    verdict: Verdict
    measured: str


def judge(seen: Seen, reached: float) -> list[Judged]:
    """Judge every claim whose day was reached; the others say so."""
    judged = []
    for claim in CLAIMS:
        if reached < claim.day:
            judged.append(Judged(claim, Verdict.NOT_REACHED, ""))
            continue
        held, measured = claim.check(seen)
        judged.append(Judged(claim, Verdict.TRUE if held else Verdict.FALSE, measured))
    return judged


def _read(seen: Seen) -> tuple[bool, str]:
    samples, _ = seen.witness.slots(seen.when(0), seen.when(2))
    if not samples:
        return False, "nothing was read"
    return True, f"{samples[0].value:.1f} ms on day {seen.day(samples[0].slot):.1f}"


def _on_pace(seen: Seen) -> tuple[bool, str]:
    """The reading lies on the line from baseline to target, and the verdict is not off track. It may be at risk: the
    level, a mean of seven days, trails the line, and who runs just on the pace has a P(hit) of about a half.
    """
    now = seen.witness.at(seen.when(PLAN.breaks_on))
    if (
        now is None
        or now.current is None
        or now.expected is None
        or now.baseline is None
        or now.target is None
    ):
        return False, "no verdict"
    line = now.baseline + now.expected * (now.target - now.baseline)
    p_hit = f"P(hit) {now.forecast.p_hit:.2f}" if now.forecast else "no P(hit)"
    calm = now.status in (Status.ON_TRACK, Status.AT_RISK)
    kept = calm and abs(now.current - line) <= ON_THE_LINE * line
    return kept, f"{now.status.value}, reads {now.current:.1f} ms, its pace asks for {line:.1f}, {p_hit}"


def _broken(seen: Seen) -> tuple[bool, str]:
    before = seen.witness.mean(seen.when(PLAN.breaks_on - 1), seen.when(PLAN.breaks_on))
    after = seen.witness.mean(seen.when(PLAN.breaks_on + 1), seen.when(PLAN.breaks_on + 2))
    if before is None or after is None:
        return False, "not read"
    return after >= WORSE * before, f"{before:.1f} → {after:.1f} ms, {after / before:.1f} times"


def _alerted(seen: Seen) -> tuple[bool, str]:
    wanted = (AlertKind.DRIFT, Occasion.FIRST, LATENCY)
    arrivals = [one for one in seen.inbox.arrivals() if (one.kind, one.occasion, one.subject) == wanted]
    if not arrivals:
        return False, "no drift alert arrived"
    day = seen.day(arrivals[0].at)
    return PLAN.breaks_on < day < SYNC, f"arrived on day {day:.1f}, {SYNC - day:.1f} days before the sync"


def _briefed(seen: Seen) -> tuple[bool, str]:
    days = [seen.day(one.at) for one in seen.inbox.arrivals() if one.kind == "brief"]
    in_time = [day for day in days if SYNC - 1 <= day < SYNC]
    return bool(in_time), f"briefs arrived on days {', '.join(f'{day:.1f}' for day in days) or 'none'}"


def _mended(seen: Seen) -> tuple[bool, str]:
    value = seen.witness.mean(seen.when(PLAN.mended_on + 1), seen.when(PLAN.mended_on + 2))
    limit = MENDED * PLAN.target * 1000
    return (
        value is not None and value <= limit,
        f"{value:.1f} ms, at most {limit:.0f}" if value else "not read",
    )


def _stale(seen: Seen) -> tuple[bool, str]:
    during = seen.witness.between(seen.when(CUT + 1.2), seen.when(JOINED))
    stale = [one for one in during if one.health is Health.STALE]
    zeros = [one for one in during if one.current == 0 or one.level == 0]
    return len(stale) == len(
        during
    ) > 0 and not zeros, f"{len(stale)} of {len(during)} looks stale, {len(zeros)} zeros"


def _frozen(seen: Seen) -> tuple[bool, str]:
    before = seen.witness.at(seen.when(CUT + 1.2))
    during = seen.witness.between(seen.when(CUT + 1.2), seen.when(JOINED))
    if before is None or not during:
        return False, "not seen"
    kept = all(machine(one) == machine(before) for one in during)
    return kept, f"stayed {before.status.value} ({before.drift.high}/7 recovered)"


def _healed(seen: Seen) -> tuple[bool, str]:
    samples, gaps = seen.witness.slots(seen.when(CUT), seen.when(JOINED))
    good = healed(samples)
    zeros = sum(1 for sample in samples if sample.value == 0)
    return (
        good > 0 and not gaps and not zeros,
        f"{good} readings healed, {len(gaps)} gaps left, {zeros} zeros",
    )


def _resolved(seen: Seen) -> tuple[bool, str]:
    at = seen.witness.drift(AlertState.RESOLVED)
    if at is None:
        return False, "still off track"
    return seen.day(at) > PLAN.mended_on, f"on day {seen.day(at):.1f}, after seven good days and a sync"


def _ticketed(seen: Seen) -> tuple[bool, str]:
    """The tracker holds a ticket for every five errors of the shop, and those of the break are critical."""
    errors, opened = seen.clerk.seen.errors, list(seen.clerk.opened)
    held = {ticket.id: ticket for ticket in seen.desk.tickets()}
    critical = sum(held[one].priority == "critical" for one in opened if one in held)
    missing = errors // ERRORS_A_TICKET - len(opened)  # one may be on its way to the tracker
    kept = missing in (0, 1) and held.keys() >= set(opened) and critical >= CRITICAL
    resolved = sum(ticket.status == RESOLVED for ticket in held.values())
    return kept, f"{errors} errors, {len(opened)} tickets, {critical} critical; {resolved} are resolved"


def _counted(seen: Seen) -> tuple[bool, str]:
    """Every reading is the number of critical tickets that were there at its slot.

    A ticket of the slot's own second, or of the one before, may have come a moment after the reading: the tracker tells
    no fractions, and a ticket is seen once it is written.
    """
    opened = sorted(
        ticket.opened
        for ticket in seen.desk.tickets()
        if ticket.priority == "critical" and ticket.opened >= seen.when(0).replace(microsecond=0)
    )
    samples, gaps = seen.witness.slots(seen.when(0), seen.when(COUNTED), of=TICKETS)
    right = [sample for sample in samples if _there(opened, sample.slot, sample.value)]
    kept = len(right) == len(samples) >= FEWEST and not gaps
    last = f"the last {samples[-1].value:g}" if samples else "none"
    return kept, f"{len(right)} of {len(samples)} readings, {last}; {len(gaps)} gaps"


def _there(opened: list[datetime], slot: datetime, value: float) -> bool:
    before = sum(at < slot.replace(microsecond=0) - timedelta(seconds=1) for at in opened)
    return before <= value <= sum(at <= slot for at in opened)


CLAIMS = (
    Claim(2.0, "krd reads a real Prometheus", _read),
    Claim(PLAN.breaks_on, "before the break the key result runs on its pace", _on_pace),
    Claim(PLAN.breaks_on + 2, "on day 8 latency becomes at least four times what it was", _broken),
    Claim(SYNC, "the drift alert arrives before the sync at day 14", _alerted),
    Claim(SYNC, "its brief arrives a day before that sync", _briefed),
    Claim(PLAN.mended_on + 2, "on day 15 it is mended to at most 0.6 of the target", _mended),
    Claim(PLAN.mended_on + 2, "the shop's errors open tickets in a real Roundup", _ticketed),
    Claim(JOINED, "while the line is cut the data is stale, never zero", _stale),
    Claim(JOINED, "while the line is cut the verdict is frozen", _frozen),
    Claim(JOINED + 3, "joined again, the gap is healed from Prometheus' own past", _healed),
    Claim(COUNTED, "the tickets krd counts are the tickets in the tracker", _counted),
    Claim(28.0, "the drift alert is resolved by good days, and by nothing else", _resolved),
)
