"""One key result as the page shows it: sign and word, the arithmetic, the way it went, and how old the data is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import assert_never

from collector.domain.brief import mark_of
from collector.domain.evaluation import Evaluation
from collector.domain.explanation import WORDS, ago, percent
from collector.domain.forecast_phrases import crossing_of, spends
from collector.domain.health import Health
from collector.domain.observed import Guarded
from collector.domain.okr import KeyResult
from collector.domain.phrases import (
    BY_HAND,
    guardrail,
    level_of,
    measured,
    release,
    scores,
    unexplained,
    used_of,
    way,
)
from collector.domain.reasons import of_guardrails
from collector.domain.shape import Commitment, Keep, Slo, Total
from collector.domain.status import Status
from collector.ports.store import Removed
from collector.services.read_models import told_removed


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
class GuardrailLine:
    """What must not get worse, and how it stands."""

    tone: Tone
    mark: str
    title: str
    says: str


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
    guardrails: tuple[GuardrailLine, ...] = ()
    by_hand: str = ""
    """Sign and words, where a person enters its values."""


def line_of(key_result: KeyResult, evaluation: Evaluation | None, edited: str = "") -> Line:
    """Put a key result into words; one that is not measured says why, and shows no number. `edited` is what of its
    definition was edited without a reason.
    """
    by_hand = f"{BY_HAND} by hand" if key_result.binding is not None and key_result.binding.by_hand else ""
    definition = _definition(key_result, edited)
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
            notes=definition,
            by_hand=by_hand,
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
        health="" if evaluation.over or evaluation.health is Health.NEVER else evaluation.health.value,
        notes=(*_notes(key_result, evaluation), *definition),
        guardrails=tuple(_guardrail(key_result, one) for one in evaluation.guardrails),
        by_hand=by_hand,
    )


def line_of_removed(gone: Removed) -> Line:
    """Put a key result into words that vanished from the files: hollow, whatever it said last (law 2)."""
    return Line(
        key=gone.key,
        address=gone.key,
        title=gone.title,
        owner="",
        tone=Tone.DOUBT,
        mark=mark_of(None),
        word="removed",
        sentence=told_removed(gone),
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
    values = {**_way(key_result, evaluation), **_ahead(key_result, evaluation)}
    if evaluation.first_score is not None or evaluation.over:
        values["score"] = scores(evaluation)
    return tuple((name, value) for name, value in values.items() if value not in ("", "–"))


def _way(key_result: KeyResult, evaluation: Evaluation) -> dict[str, str]:
    level, unit = level_of(key_result, evaluation.level), key_result.unit
    match key_result.shape:
        case Keep():
            promised = way(key_result, None, None)
            used = used_of(key_result.shape, evaluation) if evaluation.budget else ""
            return {"in band": level, "promised": promised, "out of band": used}
        case Slo():
            used = used_of(key_result.shape, evaluation) if evaluation.budget else ""
            return {"good": level, "promised": way(key_result, None, None), "bad": used}
        case Total():
            limit = "at most" if key_result.shape.at_most is not None else "at least"
            return {"so far": level, limit: measured(evaluation.target, unit)}
        case _:
            begun = "from (provisional)" if evaluation.provisional else "from"
            return {
                begun: measured(evaluation.baseline, unit),
                "level": level,
                "to": measured(evaluation.target, unit),
            }


def _ahead(key_result: KeyResult, evaluation: Evaluation) -> dict[str, str]:
    """What is foreseen beside the sentence: the wide range, the day of the target, and the probability that does not count."""
    ahead = evaluation.forecast
    if ahead is None or evaluation.over or evaluation.status is Status.DRAFT:
        return {}
    low, high = (level_of(key_result, end) for end in ahead.wide)
    told = {"lands, 90 %": f"{low} to {high}"}
    if spends(key_result.shape):
        return told
    told["there by"] = crossing_of(key_result, evaluation)
    committed = key_result.commitment is Commitment.COMMITTED
    return told | ({"P70": f"{ahead.p_most:.2f}"} if committed else {"P100": f"{ahead.p_full:.2f}"})


def _guardrail(key_result: KeyResult, one: Guarded) -> GuardrailLine:
    """A guardrail that nobody measures is hollow, as a key result is."""
    tone, mark = (Tone.OFF, "■") if one.breached else (Tone.ON, "●")
    if one.health.freezes:
        tone, mark = Tone.DOUBT, mark_of(None)
    return GuardrailLine(tone, mark, one.title, guardrail(one, key_result.guardrails))


def _bar(evaluation: Evaluation) -> Bar | None:
    """Draw nothing where nothing is known, or begun: an empty bar would say zero."""
    if evaluation.status is Status.DRAFT:
        return None
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


def _notes(key_result: KeyResult, evaluation: Evaluation) -> tuple[str, ...]:
    """What holds the status, how to release what is held, and why the last attempt failed; guardrails speak for themselves."""
    shown = of_guardrails(key_result, evaluation.guardrails)
    reasons = tuple(reason for reason in evaluation.reasons if reason not in shown)
    held = (release(key_result.address),) if evaluation.held is not None else ()
    trouble = (f"last attempt: {evaluation.trouble}",) if evaluation.trouble else ()
    return (*reasons, *held, *trouble)


def _definition(key_result: KeyResult, edited: str) -> tuple[str, ...]:
    """What its author says about edits, and what nobody does."""
    said = tuple(f"changed on {edit.on}: {edit.why}" for edit in key_result.changes)
    return (*said, unexplained(edited)) if edited else said
