"""The keys of a scenario file. What stands in the files of krd anyway (cycle, sync, key result) is read by their reader."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import ConfigDict, Field, PlainValidator, WithJsonSchema, model_validator

from collector.configuration.documents.scalars import Number, SpanText, Text, read_day
from collector.configuration.documents.written import Written, shown, wrong
from collector.domain.alert import AlertKind, AlertState


def _moment(value: Any) -> int | date:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str):
        return read_day(value)
    raise wrong(f"{shown(value)} is not a day", "write how many days are over, such as 30, or a date")


Moment = Annotated[int | date, PlainValidator(_moment), WithJsonSchema({"type": ["integer", "string"]})]


def _kind(value: Any) -> AlertKind:
    if value in set(AlertKind):
        return AlertKind(value)
    raise wrong(f"{shown(value)} is no kind of alert", f"write one of {', '.join(AlertKind)}")


def _state(value: Any) -> AlertState:
    if value in set(AlertState):
        return AlertState(value)
    raise wrong(f"{shown(value)} is no state of an alert", f"write one of {', '.join(AlertState)}")


Kind = Annotated[AlertKind, PlainValidator(_kind), WithJsonSchema({"enum": list(AlertKind)})]
State = Annotated[AlertState, PlainValidator(_state), WithJsonSchema({"enum": list(AlertState)})]


class Series(Written):
    """What a source answers, with the day on which the text begins."""

    since: Moment = Field(alias="from")
    """The day after which the first slot lies: -28 unless told; 0 for a measure with `window: cycle`."""
    values: str
    """The answers, slot by slot."""


def _series(value: Any) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value


SeriesText = Annotated[str | Series, PlainValidator(
    lambda value: Series.model_validate(value) if isinstance(value, dict) else _values(value)
), WithJsonSchema({"type": ["string", "number", "object"]})]  # fmt: skip


def _values(value: Any) -> str:
    text = _series(value)
    if not isinstance(text, str):
        raise wrong(
            f"expected what the source answers, got {shown(value)}", 'write a text such as "900x28 899-5x40"'
        )
    return text


class At(Written):
    """A moment of the cycle."""

    day: Moment | None = None
    """How many days are over: 0 is the cycle's start. What is due then was read. A date means its end."""
    after: SpanText | None = None
    """So much later."""
    close: bool = False
    """Instead of a day: when the key result is closed."""

    @model_validator(mode="after")
    def _one(self) -> At:
        if (self.day is None) == (not self.close):
            raise wrong("the moment is not told", "write `day: 30`, or `close: true`")
        return self


class Expected(At):
    """What krd says at a moment: any key of `krd status -o json`, compared with what stands here."""

    model_config = ConfigDict(extra="allow")


class Edit(At):
    """The files change, and krd reads them again."""

    set: dict[str, Any] = Field(default_factory=dict)
    """Keys of the key result with their new values; null takes a key away."""
    series: dict[str, SeriesText] | None = None
    """What the source answers from now on, past slots too."""
    removed: bool = False
    """Whether the key result is taken out of the files."""


class ByHand(At):
    """A person records a value."""

    value: Number
    """The value."""
    as_of: Moment | None = None
    """The day it stands for, when it is another one than that of recording."""
    role: Text = "main"
    """Whose value it is: main, or guardrail:<id>."""


class Decision(At):
    """A person decides about readings that are held."""

    release: bool
    """true uses them, false discards them."""


class Downtime(Written):
    """krd itself is not running."""

    since: Moment = Field(alias="from")
    """Days over when it stops."""
    until: Moment = Field(alias="to")
    """Days over when it starts again."""


class Transition(Written):
    """An alert changes its state."""

    day: Moment
    """How many days are over when it does."""
    alert: Kind
    """Its kind."""
    state: State
    """The new state."""


class ScenarioText(Written):
    """One scenario. Keys at the top of a file hold for all its `scenarios` that do not say otherwise."""

    scenario: Text
    """What is rehearsed, as a sentence."""
    definitions: Text | None = None
    """Instead of `key_result`: path of a file of key results, `#`, and the id of one of them."""
    key_result: dict[str, Any] | None = None
    """The key result, as in `okrs/*.yaml`; owner and source may be left out."""
    measures: dict[str, Any] | None = None
    """Shared measures, as in `okrs/*.yaml`."""
    cycle: Any = None
    """The cycle, as in `cycles` of krd.yaml; its `id` may be left out."""
    timezone: Any = None
    """As in krd.yaml; UTC unless told."""
    holidays: Any = None
    """As in krd.yaml."""
    sync: Any = None
    """As in krd.yaml; Mondays at 10:00 unless told."""
    every: Any = None
    """Read the key result's measure so often instead: one value a day is enough to rehearse most things."""
    past: bool = True
    """Whether the source can be asked about the past."""
    begins: Moment | None = None
    """Days over when krd first runs; with the cycle unless told."""
    series: dict[str, SeriesText] = Field(default_factory=dict)
    """What the sources answer, by role: main, guardrail:<id>, and main/<name> for operands."""
    edits: list[Edit] = Field(default_factory=list)
    """Changes of the files during the cycle."""
    by_hand: list[ByHand] = Field(default_factory=list)
    """Values that a person records."""
    decisions: list[Decision] = Field(default_factory=list)
    """What a person decides about readings that are held."""
    downtime: list[Downtime] = Field(default_factory=list)
    """When krd is not running."""
    expect: list[Expected] = Field(default_factory=list)
    """What krd says, moment by moment."""
    transitions: list[Transition] | None = None
    """Every change of an alert of the kinds named here, in order; [] for no change of any alert at all."""


class ScenarioFile(ScenarioText):
    """A file: one scenario, or several that share its other keys."""

    scenario: Text | None = None  # type: ignore[assignment]  # the title stands with each of `scenarios` instead
    """What is rehearsed, as a sentence; where the file holds one scenario."""
    scenarios: list[ScenarioText] | None = None
    """Several scenarios."""
