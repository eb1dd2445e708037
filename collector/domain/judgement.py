"""`evaluate(key_result, history, at)`: the one composition of everything that makes a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from collector.domain.baseline import Baseline
from collector.domain.budget import Budget
from collector.domain.burn import burns_of
from collector.domain.closes import closed_days, final, patience_of, stale_at_close
from collector.domain.closing import closed_status
from collector.domain.coverage import coverage_of, hardly_read
from collector.domain.cycle import CycleState
from collector.domain.drafts import worth_of
from collector.domain.evaluation import Evaluation
from collector.domain.explanation import explain
from collector.domain.figures import Numbers
from collector.domain.forecasting.forecast import Forecast
from collector.domain.forecasting.forecasts import forecasts
from collector.domain.guardrails import guarded_of
from collector.domain.health import Health, Patience, judge_health
from collector.domain.history import Guard, History, Slot
from collector.domain.landing import foretold
from collector.domain.measure import Binding
from collector.domain.observed import Guarded
from collector.domain.okr import KeyResult
from collector.domain.reasons import (
    HARDLY,
    SETTLING,
    capping,
    of_guardrails,
    thin,
    unsure,
    waiting,
    without_way,
)
from collector.domain.score import cap_of, score_by, score_of, start_of
from collector.domain.shape import Total
from collector.domain.sight import Sight, sight_of
from collector.domain.status import Drift, Status
from collector.domain.steps import Foretold, stepped

__all__ = ["Guard", "History", "Slot", "closed_days", "evaluate", "foreseen", "judged", "patience_of"]


@dataclass(slots=True)
class _Look:
    """What one look at a key result rests on; made with every reading, so it is not frozen, which would cost more."""

    key_result: KeyResult
    binding: Binding
    history: History
    at: datetime
    patience: Patience
    health: Health
    drift: Drift
    numbers: Numbers
    coverage: float | None
    guarded: tuple[Guarded, ...]
    kept: Evaluation | None
    """The verdict whose numbers these are, when nothing moved them since."""


def evaluate(key_result: KeyResult, history: History, at: datetime) -> Evaluation:
    """Judge `key_result` at `at`.

    Every closed day not yet stepped is stepped in order, each on what was known of the days up to it, so that a quarter
    replays to the same verdict. Budgets, guardrails, burn rates and what is held are of the instant. Raises `ValueError`
    for a key result that is not measured (`not_run`). Many are cheaper together: `foreseen` for all of them, then `judged` for each.
    """
    sight = sight_of(key_result, history, at)
    return judged(sight, foreseen([sight])[0])


def foreseen(sights: Sequence[Sight]) -> list[Foretold]:
    """Foresee for many key results at once what the verdict of each needs."""
    asked = [
        (number, closed, one) for number, sight in enumerate(sights) for closed, one in sight.outlooks.items()
    ]
    ahead: list[dict[int, Forecast | None]] = [{} for _ in sights]
    for (number, closed, _), one in zip(asked, forecasts([one for _, _, one in asked]), strict=True):
        ahead[number][closed] = one
    return list(ahead)


def judged(sight: Sight, ahead: Foretold) -> Evaluation:
    """Judge what was looked at, given what is foreseen by how many days were closed."""
    key_result, binding, history, at = sight.key_result, sight.binding, sight.history, sight.at
    numbers = foretold(key_result, sight.numbers, ahead.get(sight.closed))
    look = _Look(
        key_result=key_result,
        binding=binding,
        history=history,
        at=at,
        patience=sight.patience,
        health=judge_health(history.pulse, sight.patience, at),
        drift=stepped(key_result, binding, history, sight.steps, ahead),
        numbers=numbers,
        coverage=sight.kept.coverage if sight.kept else _coverage(key_result, binding, history, sight.closed),
        guarded=_guarded(key_result, history, at),
        kept=sight.kept,
    )
    status, reasons = _status(look)
    evaluation = _assembled(look, status, reasons)
    return (
        evaluation if evaluation.sentence else replace(evaluation, sentence=explain(key_result, evaluation))
    )


def _coverage(key_result: KeyResult, binding: Binding, history: History, closed: int) -> float | None:
    return coverage_of(key_result, binding, history, closed) if closed else None


def _guarded(key_result: KeyResult, history: History, at: datetime) -> tuple[Guarded, ...]:
    """Judge the guardrails; once the verdict is final, what they said at the close stands."""
    previous = history.previous
    if previous is not None and not history.restep and previous.status in (Status.ACHIEVED, Status.MISSED):
        return previous.guardrails
    return guarded_of(key_result, history.guardrails, at)


def _status(look: _Look) -> tuple[Status, tuple[str, ...]]:
    key_result, numbers = look.key_result, look.numbers
    if key_result.retired is not None:
        return Status.RETIRED, (f"retired on {key_result.retired.on}: {key_result.retired.why}",)
    state = key_result.state(look.at)
    if state is CycleState.DRAFT:
        return Status.DRAFT, worth_of(numbers.forecast)
    over = state is CycleState.CLOSED and numbers.closed >= key_result.days
    if over and final(key_result, look.binding, look.history, look.at, look.patience):
        return _closed(look)
    if look.health is Health.NEVER:
        return Status.NOT_STARTED, ("nothing was read yet",)
    caps = capping(key_result, numbers, look.guarded)
    status = Status.AT_RISK if caps and look.drift.status is Status.ON_TRACK else look.drift.status
    reasons = (
        *without_way(key_result, look.history.baseline),
        *(
            (f"recovering {min(look.drift.high, key_result.drift.back)}/{key_result.drift.back}",)
            if status is Status.OFF_TRACK and look.drift.high
            else ()
        ),
        *caps,
        *(thin(look.coverage) if status is Status.AT_RISK else ()),
        *(unsure(numbers.sampling) if status is not Status.NOT_STARTED else ()),
        *((SETTLING,) if over else ()),
        *waiting(key_result.cycle, look.history.held),
    )
    return status, reasons


def _closed(look: _Look) -> tuple[Status, tuple[str, ...]]:
    broken = of_guardrails(look.key_result, [one for one in look.guarded if one.breached])
    status, reasons = closed_status(
        look.key_result,
        look.numbers,
        stale=_stale(look),
        broken=broken,
        thin=(thin(look.coverage) or HARDLY) if _hardly_read(look) else (),
    )
    return status, reasons or thin(look.coverage)


def _hardly_read(look: _Look) -> bool:
    return hardly_read(look.key_result, look.binding, look.history, look.coverage)


def _stale(look: _Look) -> bool:
    return stale_at_close(look.key_result, look.binding, look.history, look.patience)


def _scores(look: _Look, status: Status) -> tuple[float | None, float | None]:
    """Give the score if it closed like this, and the same by the promise as it was first made, where it was another. What
    breaks a guardrail, or was stale at the close, is no success.
    """
    key_result, history = look.key_result, look.history
    if status in (Status.DRAFT, Status.RETIRED):
        return None, None
    score = score_of(key_result.shape, look.numbers, start_of(key_result.shape, history.baseline))
    first, commitment = None, key_result.commitment
    if history.first_promise is not None and history.first_promise != key_result.promise:
        first = score_by(history.first_promise, key_result, look.binding, history, look.numbers.closed)
        commitment = history.first_promise.commitment
    if _capped(look, status):
        score = min(score, cap_of(key_result.commitment)) if score is not None else None
        first = min(first, cap_of(commitment)) if first is not None else None
    return score, first


def _capped(look: _Look, status: Status) -> bool:
    """A list and not a generator: most key results have no guardrails."""
    missed = status is Status.MISSED and (_stale(look) or _hardly_read(look))
    return missed or True in [one.breached for one in look.guarded]


def _budget(look: _Look, status: Status) -> Budget | None:
    """Add the burn rates of the instant to the budget, until the verdict is final."""
    budget = look.numbers.budget
    if budget is None or isinstance(look.key_result.shape, Total):
        return budget
    if status in (Status.ACHIEVED, Status.MISSED) or look.numbers.closed >= look.key_result.days:
        return budget
    history, fresh = look.history, not look.health.freezes
    burns = burns_of(look.key_result, look.binding, history.recent, history.first_slot, look.at, fresh=fresh)
    return replace(budget, burns=burns)


def _sentence(look: _Look, status: Status, score: float | None, first_score: float | None) -> str:
    """Give the sentence of the verdict whose numbers stand, when it would be said the same; else nothing."""
    kept = look.kept
    if kept is None or kept.status is not status or kept.health.freezes or look.health.freezes:
        return ""
    return kept.sentence if (kept.score, kept.first_score) == (score, first_score) else ""


def _frozen(look: _Look, status: Status) -> datetime | None:
    if not look.health.freezes:
        return None
    if status in (Status.DRAFT, Status.RETIRED, Status.ACHIEVED, Status.MISSED):
        return None
    previous = look.history.previous
    return (previous.frozen_since if previous else None) or look.history.pulse.as_of or look.at


def _began(look: _Look) -> float | None:
    """Give where its score begins: of a limit its `from`, where it has one. What counts up begins at 0, whatever it was."""
    shape = look.key_result.shape
    if isinstance(shape, Total) and shape.at_most is not None and shape.start is not None:
        return start_of(shape, look.history.baseline)
    return look.numbers.baseline


def _known(look: _Look) -> Baseline | None:
    """Give the baseline that enters the score; what counts up needs none."""
    shape = look.key_result.shape
    return None if isinstance(shape, Total) and shape.at_least is not None else look.history.baseline


def _assembled(look: _Look, status: Status, reasons: tuple[str, ...]) -> Evaluation:
    """Put the verdict together. Its sentence is left out where it has to be said anew."""
    key_result, history, numbers, known = look.key_result, look.history, look.numbers, _known(look)
    score, first_score = _scores(look, status)
    return Evaluation(
        at=look.at,
        status=status,
        health=look.health,
        drift=look.drift,
        day=numbers.closed,
        days=key_result.days,
        ends=key_result.ends,
        baseline=_began(look),
        baseline_kind=known.kind.value if known else "",
        provisional=known.provisional if known else False,
        target=numbers.target,
        current=history.current,
        level=numbers.level,
        level_days=numbers.level_days,
        progress=numbers.progress,
        expected=numbers.expected,
        weeks_ahead=numbers.weeks_ahead,
        spent=numbers.spent,
        exceeded=numbers.exceeded,
        budget=_budget(look, status),
        score=score,
        first_score=first_score,
        sampling=numbers.sampling,
        guardrails=look.guarded,
        held=history.held,
        by_hand=look.binding.by_hand,
        segment=history.segment,
        forecast=numbers.forecast,
        needed_per_week=numbers.needed_per_week,
        last_reachable=numbers.last_reachable,
        coverage=look.coverage,
        frozen_since=_frozen(look, status),
        attempted=history.pulse.attempted,
        succeeded=history.pulse.succeeded,
        as_of=history.pulse.as_of,
        trouble=history.trouble,
        series=history.series,
        reasons=reasons,
        sentence=_sentence(look, status, score, first_score),
    )
