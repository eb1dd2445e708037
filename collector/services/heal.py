"""Asks sources for what was missed: at first sight, after a pause of krd's own, after an outage of theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from collector.clock import Clock
from collector.domain.measure import WholeCycle
from collector.domain.okr import KeyResult
from collector.domain.sample import GapReason, Origin
from collector.domain.shape import Measured, Reach
from collector.domain.span import Span
from collector.logs import get_logger
from collector.ports.sources import OpenSource
from collector.ports.store import Current
from collector.services.account import Account
from collector.services.ask import Due, Found, Healed, due_slots, left_by, moment_of, questions_of
from collector.services.collect import UNANSWERED, unasked
from collector.services.plan_due import delay_of, slot_before
from connectors.api import Failure, Moment, Outcome, Question

log = get_logger(__name__)

PAST = Span(days=28)
"""How far before the cycle a series is read at first sight, so that day one has chart, noise and forecast."""
REFUSED = (GapReason.BAD_QUERY.value, GapReason.CONFIG.value)
PORTION = 1000
"""Slots asked for at once; oldest first."""
MISSED_LIMIT = 1000
"""So many missed slots of a source that cannot answer the past are written down as gaps."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A series and the slots of its past that are still unknown: since < slot <= until."""

    account: Account
    since: datetime
    until: datetime


def begin(account: Account, at: datetime) -> tuple[Current, list[Found]]:
    """Say, when krd starts, what of a series was missed: the stretch to heal, or gaps where the past cannot be read.

    A series seen for the first time is missed from 28 days before the cycle, or before now, on, a known one from its last slot on; the
    newest slot whose time has come is not missed, it is read at once.
    """
    current, key_result = account.current, account.key_result
    if not account.binding.asked:
        return replace(
            current, heal_since=None, heal_until=None
        ), []  # it is healed with what it is computed of
    if key_result.retired is not None:
        return current, []
    cycle, cadence = key_result.cycle, account.binding.cadence(key_result.cycle)
    latest = slot_before(cadence, cadence.latest(at - delay_of(account, at)))
    latest = min(latest, cadence.latest(key_result.ends + key_result.settling))
    first_sight = current.covered is None
    since = cycle.back(min(cycle.starts, at), past_of(key_result)) if first_sight else current.covered
    if isinstance(account.binding.window, WholeCycle) and since is not None:
        since = max(since, cycle.starts)
    if since is None or since >= latest:
        return current, []
    covered = replace(current, covered=latest)
    if account.binding.answers_the_past:
        return replace(covered, heal_since=min(current.heal_since or since, since), heal_until=latest), []
    if first_sight:
        return covered, []
    missed = due_slots(account.key_result, account.binding, account.series, since, latest)
    detail = "krd was not running, and this query cannot be asked about the past"
    return covered, unasked(list(islice(missed, MISSED_LIMIT)), GapReason.MISSED, detail, at)


def past_of(key_result: KeyResult) -> Span:
    """How far back it is read: as far as its baseline looks, and far enough for a chart."""
    match key_result.shape:
        case Reach(start=Measured(over=over)) if over.days > PAST.days:
            return over
        case _:
            return PAST


def stretches(accounts: list[Account]) -> list[Stretch]:
    """Give what is to be healed now, oldest first. A series whose question is refused is not asked about the past; one
    that has nothing to say today is.
    """
    found = [
        Stretch(account, account.current.heal_since, account.current.heal_until)
        for account in accounts
        if account.binding.asked
        and account.current.heal_since is not None
        and account.current.heal_until is not None
        and account.current.failing not in REFUSED
    ]
    return sorted(found, key=lambda stretch: stretch.since)


def lost(accounts: Iterable[Account]) -> frozenset[int]:
    """Give the series whose newest slot failed for the source's sake and cannot be asked for later."""
    return frozenset(
        account.series
        for account in accounts
        if account.current.failing is not None
        and GapReason(account.current.failing).healable
        and not account.binding.answers_the_past
    )


def heal(
    source: OpenSource,
    stretch: Stretch,
    clock: Clock,
    deliver: Callable[[Healed], None],
    *,
    patient: bool = True,
) -> Failure | None:
    """Ask for a stretch, oldest first, in portions, and hand each on; a failure of the source ends it, and is given.

    When not `patient`, what fails is written down as gaps and left behind, so that one portion that a source never
    manages does not hold up all days after it.
    """
    account = stretch.account
    slots = due_slots(account.key_result, account.binding, account.series, stretch.since, stretch.until)
    for portion in _portions(slots):
        findings, failure = ask_portion(source, portion, clock)
        if failure is not None and patient:
            if findings:
                deliver(Healed(account.series, findings, findings[-1].due.slot))
            return failure
        if failure is not None:
            lost_slots = portion[len(findings) :]
            findings += unasked(lost_slots, GapReason(failure.kind.value), failure.message, clock.now())
        deliver(Healed(account.series, findings, portion[-1].slot))
    deliver(Healed(account.series, [], stretch.until))
    return None


def _portions(slots: Iterator[Due]) -> Iterator[list[Due]]:
    while portion := list(islice(slots, PORTION)):
        yield portion


def _answers(source: OpenSource, question: Question, moments: list[Moment]) -> dict[datetime, Outcome]:
    """Ask the connector; one that raises, against its promise, has answered as far as it came."""
    answers: dict[datetime, Outcome] = {}
    try:
        answers.update(source.connector.fetch_range(question, moments, source.timeout))
    except Exception as error:
        log.exception("connector_failed", source=source.name, error=type(error).__name__)
    return answers


def ask_portion(
    source: OpenSource, portion: Sequence[Due], clock: Clock
) -> tuple[list[Found], Failure | None]:
    """Read past slots of one series (ascending); what comes before the first failure of the source is given with it."""
    moments = [moment_of(due) for due in portion]
    parts: list[dict[datetime, Outcome]] = [
        _answers(source, question, moments) for question in questions_of(portion[0], 0, historical=True)
    ]
    findings: list[Found] = []
    for due in portion:
        outcomes = [part.get(due.slot, UNANSWERED) for part in parts]
        ill = next((o for o in outcomes if isinstance(o, Failure) and o.kind.concerns_source), None)
        if ill is not None:
            return findings, ill
        at = clock.now()
        findings.append(Found(due, left_by(due, outcomes, at, Origin.HEALED), at))
    return findings, None
