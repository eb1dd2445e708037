"""The steps of a forecast: what it rests on, how sure that is, what is believed of plan and launches, and what follows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import assert_never

from collector.cli.arithmetic_models import budget_steps, count_steps, level_steps, stay_steps
from collector.cli.marks import measured
from collector.cli.plain import counted
from collector.cli.step import Step
from collector.domain.evaluation import Evaluation
from collector.domain.explanation import percent, signed
from collector.domain.forecast_phrases import crossing_of, ranges_of, spends
from collector.domain.forecasting.forecast import FEWEST_DAYS, Forecast
from collector.domain.forecasting.robust import CLIP
from collector.domain.okr import KeyResult
from collector.domain.phrases import level_of
from collector.domain.shape import Commitment, Keep, Reach, Slo, Total
from collector.domain.status import Status

NOISE = f"standard deviation of a reading from what is expected; differences of days count up to {CLIP:g} times their median"


def outlook_steps(key_result: KeyResult, verdict: Evaluation) -> Iterator[Step]:
    """Give them in the order in which they are computed."""
    if verdict.forecast is None:
        if verdict.level is not None:
            yield Step("forecast", "–", f"fewer than {FEWEST_DAYS} days hold a reading")
    else:
        yield from _Forecast(key_result, verdict, verdict.forecast).steps()
    if verdict.needed_per_week is not None:
        how = f"the rest of the way over the {verdict.days - verdict.day} days left"
        unit = key_result.unit
        yield Step("needed", f"{signed(verdict.needed_per_week)} {unit}/week".replace(" /", "/"), how)
    if verdict.last_reachable is not None:
        how = "the point of no return, at the best pace ever seen over seven days"
        yield Step("last reachable", verdict.last_reachable, how)


@dataclass(frozen=True, slots=True)
class _Forecast:
    """A forecast with what it is about."""

    key_result: KeyResult
    verdict: Evaluation
    ahead: Forecast

    @property
    def unit(self) -> str:
        """Of noise and drift: those of a budget are told as its share is."""
        return "%" if isinstance(self.key_result.shape, Keep | Slo) else self.key_result.unit

    def steps(self) -> Iterator[Step]:
        ahead = self.ahead
        if "expected" in ahead.model:  # what an earlier krd kept of it says less
            yield from self._model()
        if ahead.step or ahead.drift:
            yield Step(
                "noise of a day",
                f"±{measured(ahead.step, self.unit)}",
                NOISE,
            )
            yield Step("drift of a day", f"{signed(ahead.drift)} {self.unit}".strip(), self._drift())
        landing = level_of(self.key_result, ahead.landing)
        yield Step("lands at", landing, f"the median; {ranges_of(self.key_result, ahead)}")
        yield from self._crossing()
        yield from self._chances()

    def _model(self) -> Iterator[Step]:
        key_result, model = self.key_result, self.ahead.model
        match key_result.shape:
            case Reach():
                yield from level_steps(key_result, self.verdict, model)
            case Total():
                yield from count_steps(key_result, model)
            case Slo():
                yield from budget_steps(model)
            case Keep():
                yield from stay_steps(model)
            case _:
                assert_never(key_result.shape)

    def _drift(self) -> str:
        """Say what the expected change a day is made of."""
        model = self.ahead.model
        if "trend" not in model:
            return "what is expected to come, a day"
        parts = [
            f"{signed(model['trend'])} by what the days show beside the plan",
            f"{signed(model['plan'])} by the plan",
        ]
        if self.key_result.launches:
            parts.append(f"{signed(model['launches'])} by launches")
        return f"mean of the days left: {', '.join(parts)}"

    def _crossing(self) -> Iterator[Step]:
        verdict = self.verdict
        if verdict.over or verdict.status is Status.DRAFT or self.ahead.p_hit in (0.0, 1.0):
            return
        spending = spends(self.key_result.shape)
        what = "used all that is allowed" if spending else "the target"
        name = "used up by" if spending else "there by"
        day = crossing_of(self.key_result, verdict)
        if day:
            yield Step(name, day, f"the first day on which the expected path has {what}")
        else:
            yield Step(name, "–", f"on no day before the close has the expected path {what}")

    def _chances(self) -> Iterator[Step]:
        """Name both probabilities, and which of them counts."""
        ahead, commitment = self.ahead, self.key_result.commitment
        if spends(self.key_result.shape):
            yield Step(
                "P(hit)", f"{ahead.p_hit:.2f}", "a success is a budget that lasts, for either commitment"
            )
            return
        yield Step(
            "P100", f"{ahead.p_full:.2f}", "probability of the whole way: how much of what may come has it"
        )
        share = percent(Commitment.ASPIRATIONAL.success)
        yield Step("P70", f"{ahead.p_most:.2f}", f"probability of {share} of it")
        which = "P100" if commitment is Commitment.COMMITTED else "P70"
        decided = "; decided" if ahead.p_hit in (0.0, 1.0) else ""
        yield Step("P(hit)", f"{ahead.p_hit:.2f}", f"{which}: it is {commitment.value}{decided}")


def policy_steps(key_result: KeyResult, verdict: Evaluation) -> Iterator[Step]:
    """Give the lines of the drift policy, and how many days in a row stand on which side of them."""
    drift, policy = verdict.drift, key_result.drift
    lines = f"{policy.off_track:.2f} / {policy.on_track:.2f}"
    how = (
        f"off track after {counted(policy.days, 'day')} in a row with P(hit) below the first; "
        f"back after {counted(policy.back, 'day')} in a row at the second or above, and a sync"
    )
    yield Step("policy", lines, f"of {key_result.commitment.value} key results: {how}")
    how = f"days in a row with P(hit) below {policy.off_track:.2f}; {policy.days} raise off track"
    yield Step("low days", f"{drift.low} of {policy.days}", how)
    if drift.status is not Status.OFF_TRACK:
        return
    how = f"days in a row with P(hit) at {policy.on_track:.2f} or above; {policy.back}, and a sync after it was raised, end it"
    yield Step("high days", f"{drift.high} of {policy.back}", how)
    if drift.raised is not None:
        sync = key_result.calendar.next_sync(drift.raised)
        after = f"the sync after it: {sync.isoformat(timespec='minutes')}" if sync else ""
        yield Step("raised", drift.raised.isoformat(timespec="minutes"), after)
