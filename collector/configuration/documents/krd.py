"""`krd.yaml`: cycles, people, teams, sources, and who is told."""

from __future__ import annotations

from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Field, PlainValidator, WithJsonSchema

from collector.configuration.documents.scalars import Day, Slug, Text, Zone
from collector.configuration.documents.times import CycleText, Sync
from collector.configuration.documents.written import Written, wrong
from collector.domain.announcement import Family, Severity
from connectors.api import Secret

UTC_ZONE = ZoneInfo("UTC")


def _address_of_ping(value: Any) -> str | Secret:
    if isinstance(value, str) and value.startswith(("http://", "https://")):
        return value
    if (
        isinstance(value, dict)
        and set(value) in ({"env"}, {"file"})
        and all(isinstance(v, str) and v for v in value.values())
    ):
        ((kind, place),) = value.items()
        return Secret(place=place, kind=kind)
    # The address may hold a token: it is not repeated.
    raise wrong("expected the address to ping", "write https://…, or {env: NAME} when it holds a token")


class Person(Written):
    """Someone who owns something. Addresses are for messages only."""

    name: Text
    """The name as shown."""
    email: Text | None = None
    """Where mail reaches them."""
    slack: Text | None = None
    """Their member id in Slack, such as U123."""


class Team(Written):
    """People who meet together and are told together."""

    lead: Text | None = None
    """Who leads it: a name from `people`. Owns what names no other owner."""
    level: Text | None = None
    """Where it stands, such as `senior`: shown on sheets."""
    timezone: Zone | None = None
    """Its own time zone; else the one of the file."""
    sync: Sync | None = None
    """Its own sync; else the one of the file."""
    notify: list[Text] | None = None
    """The notifiers that tell it; else all of them."""


class Source(Written):
    """A source of numbers. What else may stand here depends on the `kind`."""

    model_config = ConfigDict(extra="allow")

    kind: Text
    """What it is: prometheus, sql, …"""
    owner: Text | None = None
    """Who is told when it is down: a name from `people`."""


class Only(Written):
    """What a notifier wants to hear; a key left out means everything."""

    kinds: list[Text] = Field(default_factory=list)
    """Kinds of announcements, such as drift or source_down."""
    families: list[Annotated[Family, Field(strict=False), WithJsonSchema({"enum": list(Family)})]] = Field(
        default_factory=list
    )
    """Families of announcements."""
    severity: Annotated[Severity, Field(strict=False), WithJsonSchema({"enum": list(Severity)})] | None = None
    """The lowest severity it wants."""


class Notifier(Written):
    """A way to tell people. What else may stand here depends on the `kind`."""

    model_config = ConfigDict(extra="allow")

    kind: Text
    """What it is: console, slack, webhook, …"""
    only: Only | None = None
    """What it wants to hear."""


class Heartbeat(Written):
    """Proof of life for the outside."""

    url: Annotated[
        str | Secret, PlainValidator(_address_of_ping), WithJsonSchema({"type": ["string", "object"]})
    ]
    """Address that is pinged after each completed minute of work."""


class KrdFile(Written):
    """What holds for all teams."""

    timezone: Zone = UTC_ZONE
    """Time zone of cycles and syncs, such as Europe/Berlin."""
    cycles: list[CycleText]
    """The cycles that are live: 2026-Q4, 2026-H2, 2026, or with bounds of their own."""
    holidays: list[Day] = Field(default_factory=list)
    """Days on which nobody meets."""
    sync: Sync | None = None
    """When teams meet; Mondays at 10:00 unless told."""
    people: dict[Slug, Person] = Field(default_factory=dict)
    """Everyone who owns something, by a short name."""
    teams: dict[Slug, Team]
    """The teams, by a short name."""
    sources: dict[Slug, Source] = Field(default_factory=dict)
    """Where numbers are read, by a short name."""
    notify: dict[Slug, Notifier] = Field(default_factory=dict)
    """How people are told, by a short name."""
    heartbeat: Heartbeat | None = None
    """Where krd reports that it lives."""
