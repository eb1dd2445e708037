"""The first words of a message: what is wrong, or what is over, by kind."""

from __future__ import annotations

from collector.domain.alert import Alert, AlertKind
from collector.domain.announcement import Occasion
from collector.domain.evaluation import Evaluation
from collector.domain.explanation import WORDS
from collector.domain.health import Health


def headline_of(alert: Alert, evaluation: Evaluation, occasion: Occasion) -> str:
    """Say in a few words how an alert about a key result stands."""
    if occasion is Occasion.NOTE:
        return f"{NAMES[alert.kind]}, {alert.state.value}"
    if occasion.over:
        # not "back" when it is over: nothing recovered
        return f"Over, {WORDS[evaluation.status]}" if evaluation.over else _ends(alert.kind, evaluation)
    begins = _begins(alert.kind, evaluation)
    match occasion:
        case Occasion.REPEAT:
            return f"Still: {begins[0].lower()}{begins[1:]}"
        case Occasion.WORSE:
            return f"Now a {alert.severity.value}: {begins[0].lower()}{begins[1:]}"
        case _:
            return begins


def _begins(kind: AlertKind, evaluation: Evaluation) -> str:
    if kind is AlertKind.STALE:
        return "No data" if evaluation.health is Health.NEVER else f"Data {evaluation.health.value}"
    return HEADLINES[kind][0]


def _ends(kind: AlertKind, evaluation: Evaluation) -> str:
    return f"Back {WORDS[evaluation.status]}" if kind is AlertKind.DRIFT else HEADLINES[kind][1]


HEADLINES = {
    AlertKind.DRIFT: ("Off track", "Back"),
    AlertKind.REGRESSED: ("Worse than where it began", "No worse than where it began"),
    AlertKind.BREACH: ("Over its limit", "Within its limit again"),
    AlertKind.SLO_BURN: ("Error budget burns too fast", "Error budget burns no faster than it may"),
    AlertKind.GUARDRAIL: ("Guardrail broken", "Guardrail holds again"),
    AlertKind.STALE: ("Data stale", "Data is back"),
    AlertKind.IMPLAUSIBLE: ("Readings held as implausible", "Readings are plausible again"),
    AlertKind.BAD_QUERY: ("Its query fails", "Its query answers again"),
    AlertKind.SOURCE_DOWN: ("Source down", "Source is back"),
    AlertKind.FLATLINE: ("The same value day after day", "Its values vary again"),
    AlertKind.UNIT_CHANGE: ("Values in another unit", "Values in one unit again"),
    AlertKind.ACHIEVED_EARLY: ("All there before the close", "No longer all there"),
    AlertKind.SUDDEN_CHANGE: ("Changed suddenly", "No sudden change any more"),
    AlertKind.POINT_OF_NO_RETURN: ("Past the last day from which it could be reached", "Within reach again"),
    AlertKind.DEFINITION_CHANGED: ("Definition changed without a reason", "Change of definition explained"),
    AlertKind.REMOVED: ("Removed without a reason", "Back in the files"),
    AlertKind.CONFIG_REJECTED: ("Files rejected", "Files accepted"),
    AlertKind.CLOCK_JUMP: ("Clock jumped", "Clock is steady"),
    AlertKind.SINK_FAILING: ("Notifier does not deliver", "Notifier delivers again"),
}
"""What opens a message, and what closes the matter, by kind."""

NAMES = {
    AlertKind.DRIFT: "Drift",
    AlertKind.REGRESSED: "Regression",
    AlertKind.BREACH: "Breach",
    AlertKind.SLO_BURN: "Error budget burn",
    AlertKind.GUARDRAIL: "Guardrail",
    AlertKind.STALE: "Stale data",
    AlertKind.IMPLAUSIBLE: "Implausible readings",
    AlertKind.BAD_QUERY: "Failing query",
    AlertKind.SOURCE_DOWN: "Source down",
    AlertKind.FLATLINE: "Flat line",
    AlertKind.UNIT_CHANGE: "Change of unit",
    AlertKind.ACHIEVED_EARLY: "Early achievement",
    AlertKind.SUDDEN_CHANGE: "Sudden change",
    AlertKind.POINT_OF_NO_RETURN: "Point of no return",
    AlertKind.DEFINITION_CHANGED: "Changed definition",
    AlertKind.REMOVED: "Removed key result",
    AlertKind.CONFIG_REJECTED: "Rejected files",
    AlertKind.CLOCK_JUMP: "Clock jump",
    AlertKind.SINK_FAILING: "Failing notifier",
}
"""What each kind is called."""
