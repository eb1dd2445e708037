"""How people want to be told: the waiting times of alerts, quiet hours, and what each notifier hears."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from pydantic import Discriminator, Field, PlainValidator, Tag, WithJsonSchema

from collector.configuration.documents.scalars import Text, read_span
from collector.configuration.documents.times import Hour
from collector.configuration.documents.written import Written, shown, wrong
from collector.configuration.findings import did_you_mean
from collector.domain.alert import AlertKind
from collector.domain.announcement import Family, Severity
from collector.domain.cycle import REAL_DAY
from collector.domain.shape import Commitment

MEETING_KINDS = ("brief", "changes", "escalation", "value_due", "test")
"""Kinds of announcements that are no alerts."""
KINDS = (*(kind.value for kind in AlertKind), *MEETING_KINDS)
_LOUD = [kind.value for kind in AlertKind if kind.family is not Family.NEWS]
_LONGEST_WAIT = REAL_DAY
"""Whoever writes a longer one would not be told."""


def _kind(value: Any) -> str:
    if isinstance(value, str) and value in KINDS:
        return value
    raise wrong(f"there is no kind of announcement {shown(value)}", did_you_mean(str(value), KINDS))


def _loud_kind(value: Any) -> AlertKind:
    if value in MEETING_KINDS:
        raise wrong(f"{shown(value)} is no alert", "remove it: only alerts have a severity of their own")
    kind = AlertKind(_kind(value))
    if kind.family is Family.NEWS:
        raise wrong(
            f"{shown(value)} is news, which stands in feeds and briefs and never interrupts", "remove it"
        )
    return kind


def _wait(value: Any) -> timedelta:
    wait = read_span(value).nominal(REAL_DAY)
    if wait > _LONGEST_WAIT:
        raise wrong(f"{shown(value)} is a long time to wait with an alert", "write at most 1d")
    return wait


def _interval(value: Any) -> timedelta:
    if not (wait := _wait(value)):
        raise wrong(f"{shown(value)} is no time at all", "write at least 1s")
    return wait


def _repeat(value: Any) -> timedelta:
    if not (again := read_span(value).nominal(REAL_DAY)):
        raise wrong(f"{shown(value)} is no time at all", "write at least 1s")
    return again


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise wrong(
        f"expected quiet hours, got {shown(value)}",
        'write {from: "18:00", until: "08:00"}, or false for none',
    )


SeverityText = Annotated[Severity, Field(strict=False), WithJsonSchema({"enum": list(Severity)})]
KindText = Annotated[str, PlainValidator(_kind), WithJsonSchema({"enum": list(KINDS)})]
Severities = Annotated[
    dict[Annotated[AlertKind, PlainValidator(_loud_kind)], SeverityText],
    WithJsonSchema(
        {
            "type": "object",
            "propertyNames": {"enum": _LOUD},
            "additionalProperties": {"enum": list(Severity)},
        }
    ),
]
Wait = Annotated[timedelta, PlainValidator(_wait), WithJsonSchema({"type": "string", "examples": ["30s"]})]
Repeat = Annotated[
    timedelta, PlainValidator(_repeat), WithJsonSchema({"type": "string", "examples": ["24h"]})
]
Interval = Annotated[
    timedelta, PlainValidator(_interval), WithJsonSchema({"type": "string", "examples": ["5m"]})
]


class QuietHours(Written):
    """When only what is a `page` disturbs people, in the team's own zone. Equal hours: only days off are quiet."""

    from_: Hour | None = Field(default=None, alias="from")
    """When they begin: 18:00 unless told. Later than `until`, or 00:00."""
    until: Hour | None = None
    """When they end, on the next morning: 08:00 unless told."""
    days_off: bool | None = None
    """Whether weekends and holidays are quiet as a whole: true unless told."""


class Alerts(Written):
    """How alerts are told. What a team writes goes before what the file writes, key by key."""

    group_wait: Wait | None = None
    """How long the first alert of a kind waits for others of the team to travel with it: 30s unless told."""
    group_interval: Interval | None = None
    """How long after a message comes the next one about the same kind and team, at the earliest: 5m unless told."""
    repeat: Repeat | None = None
    """After how long an alert that nobody acknowledged is said again: 24h unless told; at least `group_interval`."""
    quiet: Annotated[
        Annotated[bool, PlainValidator(_flag), WithJsonSchema({"type": "boolean"}), Tag("quiet or not")]
        | Annotated[QuietHours, Tag("quiet hours")],
        Discriminator(lambda value: "quiet hours" if isinstance(value, dict) else "quiet or not"),
    ] | None = None  # fmt: skip
    """Nights, weekends and holidays unless told; `false` for none, `true` for them where the file says `false`."""
    severity: Severities = Field(default_factory=dict)
    """How much a kind of alert (such as slo_burn) may interrupt, where that is not what it does by itself."""


class Only(Written):
    """What a notifier wants to hear; a key left out means everything."""

    kinds: list[KindText] = Field(default_factory=list)
    """Kinds of announcements, such as drift or source_down."""
    families: list[Annotated[Family, Field(strict=False), WithJsonSchema({"enum": list(Family)})]] = Field(
        default_factory=list
    )
    """Families of announcements."""
    severity: SeverityText | None = None
    """The lowest severity it wants."""
    teams: list[Text] = Field(default_factory=list)
    """The teams that it hears of."""
    commitment: (
        Annotated[Commitment, Field(strict=False), WithJsonSchema({"enum": list(Commitment)})] | None
    ) = None
    """Key results of which commitment it hears of; what concerns no single key result is heard as well."""
