"""One key result as the page shows it: sign and word, the arithmetic, the way it went, and how old the data is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import assert_never

from collector.domain.brief import mark_of
from collector.domain.evaluation import Evaluation
from collector.domain.explanation import WORDS, ago, number, percent
from collector.domain.health import Health
from collector.domain.okr import KeyResult
from collector.domain.shape import Total
from collector.domain.status import Status


class Tone(Enum):
    """How it is coloured and counted. The colour never speaks alone: a sign and a word stand beside it."""

    OFF = ("off", "off track")
    DOUBT = ("doubt", "not to be trusted")
    RISK = ("risk", "at risk")
    ON = ("on", "on track")
    CALM = ("calm", "not judged")

    def __init__(self, style: str, words: str) -> None:
        self.style = style
        """Class in the style sheet."""
        self.words = words


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of the way, in percent of it, clamped to 0-100; `tick` is where the pace expects it today."""

    filled: float
    tick: float | None
    says: str
    """The same in words, for those who do not see it."""


@dataclass(frozen=True, slots=True)
class Line:
    """A key result in words."""

    key: str
    """`cycle:address`, unique on the page."""
    address: str
    title: str
    owner: str
    tone: Tone
    mark: str
    word: str
    sentence: str
    steps: tuple[tuple[str, str], ...] = ()
    """Name and value: from, level, to."""
    bar: Bar | None = None
    age: str = ""
    health: str = ""
    notes: tuple[str, ...] = ()


def line_of(key_result: KeyResult, evaluation: Evaluation | None) -> Line:
    """Put a key result into words; one that is not measured says why, and shows no number."""
    if evaluation is None:
        return Line(
            key=key_result.key,
            address=key_result.address,
            title=key_result.title,
            owner=key_result.owner,
            tone=Tone.DOUBT,
            mark=mark_of(None),
            word="not measured",
            sentence=key_result.not_run or "not measured yet",
        )
    return Line(
        key=key_result.key,
        address=key_result.address,
        title=key_result.title,
        owner=key_result.owner,
        tone=_tone(evaluation),
        mark=mark_of(evaluation),
        word=_word(evaluation),
        sentence=evaluation.sentence,
        steps=_steps(key_result, evaluation),
        bar=_bar(evaluation),
        age=f"{ago(evaluation.at - evaluation.as_of)} old" if evaluation.as_of else "no reading yet",
        health="" if evaluation.health is Health.NEVER else evaluation.health.value,
        notes=_notes(evaluation),
    )


def _tone(evaluation: Evaluation) -> Tone:
    if not evaluation.trusted:
        return Tone.DOUBT
    match evaluation.status:
        case Status.OFF_TRACK | Status.MISSED:
            return Tone.OFF
        case Status.AT_RISK:
            return Tone.RISK
        case Status.ON_TRACK | Status.ACHIEVED:
            return Tone.ON
        case Status.NOT_STARTED | Status.DRAFT | Status.RETIRED:
            return Tone.CALM
        case _:
            assert_never(evaluation.status)


def _word(evaluation: Evaluation) -> str:
    """Name the status; frozen by bad data it is what it was."""
    word = WORDS[evaluation.status]
    if evaluation.trusted:
        return word
    return "not read yet" if evaluation.health is Health.NEVER else f"was {word}"


def _steps(key_result: KeyResult, evaluation: Evaluation) -> tuple[tuple[str, str], ...]:
    unit = f" {key_result.unit}" if key_result.unit else ""
    level, target = evaluation.level, evaluation.target
    values = {"from (provisional)" if evaluation.provisional else "from": evaluation.baseline, "level": level}
    values["to"] = target
    if isinstance(key_result.shape, Total):
        limit = "at most" if key_result.shape.at_most is not None else "at least"
        values = {"so far": level, limit: target}
    return tuple((name, f"{number(value)}{unit}") for name, value in values.items() if value is not None)


def _bar(evaluation: Evaluation) -> Bar | None:
    """Draw nothing where nothing is known: an empty bar would say zero."""
    expected = evaluation.expected
    tick = None if expected is None else _clamped(expected)
    if evaluation.exceeded:
        return Bar(100.0, tick, "all that was allowed is used, and more")
    if evaluation.spent is not None:
        says = f"{percent(evaluation.spent)} used, {percent(expected)} of the time gone"
        return Bar(_clamped(evaluation.spent), tick, says)
    if evaluation.progress is None:
        return None
    says = f"{percent(evaluation.progress)} of the way, {percent(expected)} expected today"
    return Bar(_clamped(evaluation.progress), tick, says)


def _clamped(share: float) -> float:
    return round(min(max(share, 0.0), 1.0) * 100, 1)


def _notes(evaluation: Evaluation) -> tuple[str, ...]:
    trouble = (f"last attempt: {evaluation.trouble}",) if evaluation.trouble else ()
    return (*evaluation.reasons, *trouble)
