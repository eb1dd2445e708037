"""What a detector found, in a line: what happened, by how much, since which day, and what to do."""

from __future__ import annotations

from collector.domain.alert import AlertKind
from collector.domain.detectors.findings import Findings
from collector.domain.detectors.flatline import Flatline
from collector.domain.detectors.sudden_change import SuddenChange
from collector.domain.detectors.unit_change import UnitChange
from collector.domain.evaluation import Evaluation
from collector.domain.explanation import number, percent
from collector.domain.okr import KeyResult
from collector.domain.phrases import measured


def finding_of(key_result: KeyResult, evaluation: Evaluation, kind: AlertKind, found: Findings | None) -> str:
    """Say what stands behind an alert of this kind; empty where no detector speaks of it."""
    if kind is AlertKind.REGRESSED:
        return _regressed(key_result, evaluation, found)
    if kind is AlertKind.ACHIEVED_EARLY:
        return _early(evaluation)
    if found is None:
        return ""
    if kind is AlertKind.SUDDEN_CHANGE and found.change is not None:
        return _changed(key_result, found.change)
    if kind is AlertKind.FLATLINE and found.flat is not None:
        return _still(key_result, found.flat)
    if kind is AlertKind.UNIT_CHANGE and found.unit is not None:
        return _other_unit(key_result, found.unit)
    return ""


def _changed(key_result: KeyResult, change: SuddenChange) -> str:
    alike = change.before * change.after > 0
    share = f" ({100 * (change.after / change.before - 1):+.0f} %)" if alike else ""
    return (
        f"since {_day(key_result, change.day)} about {measured(change.after, key_result.unit)}, "
        f"{number(change.before)} in the two weeks before{share}; find out what happened that day, and "
        f'note it: `krd annotate {key_result.address} "WHAT" --at INSTANT`'
    )


def _still(key_result: KeyResult, flat: Flatline) -> str:
    return (
        f"the same value, {measured(flat.value, key_result.unit)}, on {flat.readings} days running, since "
        f"{_day(key_result, flat.day)}, and it varied before; see whether the source still measures it. "
        "If it truly stands still, acknowledge this: `krd alerts ack`"
    )


def _other_unit(key_result: KeyResult, unit: UnitChange) -> str:
    times = f"{number(unit.factor)} times" if unit.factor > 1 else f"1/{number(1 / unit.factor)} of"
    return (
        f"since {_day(key_result, unit.day)} about {times} what it was ({number(unit.before)} before, "
        f"{number(unit.after)} now), as another unit would be; mend the source and read the days again "
        f"(`krd backfill {key_result.address} --restate`), or write the query anew with a reason in `changes:`"
    )


def _regressed(key_result: KeyResult, evaluation: Evaluation, found: Findings | None) -> str:
    if evaluation.progress is None or evaluation.progress >= 0:
        return ""
    noise = f" and more than its noise, ±{number(found.noise)} a day" if found and found.noise else ""
    return (
        f"level {measured(evaluation.level, key_result.unit)} against {number(evaluation.baseline)} where it "
        f"began: {percent(-evaluation.progress)} of the way backwards{noise}; stop or undo what was done, "
        "or find out what else moved it"
    )


def _early(evaluation: Evaluation) -> str:
    return (
        f"at its target or beyond for a week on day {evaluation.day} of {evaluation.days}; was the target too easy? "
        "Raise it with a reason in `changes:`, or spend the effort elsewhere"
    )


def _day(key_result: KeyResult, day: int) -> str:
    return key_result.cycle.grid.name(day)
