"""The steps of each model behind a forecast: level, count, error budget, stay. They name what the model was given and found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from collector.cli.marks import measured
from collector.cli.plain import counted
from collector.cli.step import Step, percent_raw
from collector.domain.cycle import CalendarDays
from collector.domain.evaluation import Evaluation
from collector.domain.explanation import number, percent, signed
from collector.domain.forecasting import counts, stays
from collector.domain.forecasting.launches import LATE, PRIOR
from collector.domain.forecasting.odds import SURPRISE_SHARE
from collector.domain.forecasting.outlook import Scale
from collector.domain.forecasting.rates import KEPT
from collector.domain.okr import KeyResult
from collector.domain.shape import Commitment, Total

SCALES = {
    Scale.PLAIN: "a day's noise is as large high up as low down",
    Scale.LOG: "it changes by factors: a day's noise is a share of the level",
    Scale.LOGIT: "a share of a whole: it moves less the nearer it is to 0 % or 100 %",
}
"""Why a scale is taken."""


def level_steps(key_result: KeyResult, verdict: Evaluation, model: Mapping[str, float]) -> Iterator[Step]:
    """Give those of a reach."""
    unit, scale = key_result.unit, Scale(int(model["scale"]))
    yield Step(
        "foreseen", "a level", f"the mean of the last {counted(key_result.level_days, 'day')} at the close"
    )
    yield Step("scale", scale.name.lower(), SCALES[scale])
    yield Step(
        "level now", measured(model["level"], unit), "as three filters of noise and wandering see it together"
    )
    weekday = f"up to {measured(model['weekday'], unit)}" if model["weekday"] else "none"
    how = "what a weekday differs from its week, shrunk by how unsure it is: taken out of the past, put into the days to come"
    yield Step("weekdays", weekday, how)
    how = "the share of a day's variance that stays: by it the level wanders, the rest is noise that passes"
    yield Step("wanders", percent(model["wander"]), how)
    planned = f"of the planned pace; it pulls {signed(model['plan'])} {unit}".rstrip() + " a day"
    yield Step("belief in the plan", number(model["belief"]), f"{planned} over the days left")
    yield from _launches(key_result, model)
    days = counted(int(model["ahead"]), "day")
    spread = f"one standard deviation: {number(model['low'])} to {measured(model['high'], unit)}"
    how = f"what the mean of the {days} that decide is expected to be; {spread}"
    yield Step("days to come", measured(model["expected"], unit), how)
    share = (
        f", {percent(key_result.commitment.success)} of the way"
        if key_result.commitment is Commitment.ASPIRATIONAL
        else ""
    )
    target = f"so that the level at the close is a success{share}"
    yield Step("must average", measured(model["needed"], unit), f"{target}; now {number(verdict.level)}")


def _launches(key_result: KeyResult, model: Mapping[str, float]) -> Iterator[Step]:
    """Give what is declared with what is believed of it, or else what is kept back for what nobody declared."""
    grid = key_result.cycle.grid
    if not key_result.launches or not isinstance(grid, CalendarDays):
        how = f"probability that a launch which nobody declared brings {percent(SURPRISE_SHARE)} of the way before the close"
        yield Step("undeclared launch", f"{model['surprise']:.2f}", how)
        return
    for launch in key_result.launches:
        day = grid.name((launch.on - grid.first).days)
        yield Step(f"launch {day}", f"{launch.expect:g} %", "of the way, as declared")
    comes = f"as declared {model['as_declared']:.2f}, {LATE} days late {model['late']:.2f}, not at all {1 - model['launch']:.2f}"
    before = ", ".join(f"{share:.2f}" for share in PRIOR.values())
    how = f"{comes}; beforehand {before}, since then as the days show"
    yield Step("launches come", f"{model['launch']:.2f}", how)


def count_steps(key_result: KeyResult, model: Mapping[str, float]) -> Iterator[Step]:
    """Give those of a total."""
    unit = key_result.unit
    least = isinstance(key_result.shape, Total) and key_result.shape.at_least is not None
    yield Step("foreseen", "a count", "what the cycle has brought, and what its days to come bring")
    yield from _rate(model, unit)
    how = "what may still come" if not least else "what still has to come for a success"
    yield Step("room left" if not least else "still needed", measured(model["need"], unit), how)
    yield from _since(model, unit)
    if "by_trend" in model:
        yield Step("P by rate", f"{model['by_rate']:.2f}", "by the rate of the days so far")
        how = f"by the trend of the rate, pulled {number(model['belief'])} of the way to what the plan needs"
        yield Step("P by trend", f"{model['by_trend']:.2f}", f"{how}; {pooled(counts.STEEPNESS)}")


def budget_steps(model: Mapping[str, float]) -> Iterator[Step]:
    """Give those of an slo."""
    yield Step(
        "foreseen", "bad events", "those so far, and those that the days to come bring, of all expected"
    )
    yield from _rate(model, "")
    yield Step("room left", number(model["need"]), "bad events that may still come")
    yield from _since(model, "")


def _since(model: Mapping[str, float], unit: str) -> Iterator[Step]:
    """Give what the open day has used of a budget since the close that all this is of."""
    if "less" in model:
        left = f"{measured(model['left'], unit)} left now"
        how = "the open day has used the rest, so that it is less probable to do for what is still to come"
        yield Step("since the close", f"P × {model['less']:.2f}", f"{left}: {how}")


def _rate(model: Mapping[str, float], unit: str) -> Iterator[Step]:
    kept = ", ".join(percent_raw(share).removesuffix(" %") for share in KEPT)
    how = f"four memories, which keep {kept} % of what they know a day, weighed by how well each foretold the days"
    yield Step("rate of a day", measured(model["rate"], unit), how)
    how = "variance of a day over its mean: 1 where events come singly, more where they come in storms"
    yield Step("dispersion", number(model["dispersion"]), how)
    coming = f"{measured(model['expected'], unit)} ± {number(model['spread'])}"
    yield Step("still to come", coming, "with the weekdays of the days left, and for a rate that may change")


def pooled(steepness: float) -> str:
    """Say how two probabilities make one."""
    return f"P is half-way between both, in logits, and above even odds {steepness:g} times that"


def stay_steps(model: Mapping[str, float]) -> Iterator[Step]:
    """Give those of a keep."""
    yield Step("foreseen", "days out of the band", "those so far, and those to come")
    if model.get("edgy"):
        how = "not asked: values that lie on an edge of the band do not cross it; the share stands for it"
        yield Step("by trend", "–", how)
    else:
        how = "of the days to come out of the band; by the trend of the values against its edges"
        yield Step("by trend", percent(model["by_trend"]), f"{how}: P {model['odds_by_trend']:.2f}")
    how = "by the share of the days so far, old ones counting less"
    yield Step(
        "by share",
        percent(model["by_share"]),
        f"{how}: P {model['odds_by_share']:.2f}; {pooled(stays.STEEPNESS)}",
    )
    yield Step(
        "days out so far", number(model["out"]), f"of {number(model['allowed'])} that may be until the close"
    )
    coming = f"{number(model['expected'])} ± {number(model['spread'])}"
    yield Step("still to come", coming, "days out of the band, by both together")
    yield from _since(model, "")
