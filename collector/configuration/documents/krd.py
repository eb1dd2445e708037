"""`krd.yaml`: cycles, people, teams, sources, and who is told."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Field, PlainValidator, WithJsonSchema

from collector.configuration.documents.alerts import Alerts, Only
from collector.configuration.documents.drift import Drift
from collector.configuration.documents.scalars import Day, Slug, Text, Zone
from collector.configuration.documents.times import CycleText, Sync
from collector.configuration.documents.written import Written, wrong
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


def _public_page(value: Any) -> str:
    # It may hold a password by mistake: it is not repeated.
    todo = "write it as people open it: https://krd.example"
    if not isinstance(value, str) or not value.startswith(("http://", "https://")):
        raise wrong("expected the address of krd's page", todo)
    try:
        parts = urlsplit(value)
        sound = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        sound = False
    if not sound or any(character.isspace() or not character.isprintable() for character in value):
        raise wrong("the address of krd's page cannot be read", todo)
    if "@" in parts.netloc:
        raise wrong(
            "the address of krd's page holds a user or a password, which all messages would show", todo
        )
    if "?" in value or "#" in value:
        raise wrong("the address of krd's page ends in parameters", todo)
    return value.rstrip("/")


PublicPage = Annotated[
    str, PlainValidator(_public_page), WithJsonSchema({"type": "string", "examples": ["https://krd.example"]})
]


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
    escalate: list[Text] = Field(default_factory=list)
    """The notifiers that are told as well when nobody has acknowledged a drift half-way to the sync."""
    alerts: Alerts | None = None
    """How it wants to be told, where that is not as the file says."""
    drift: Drift | None = None
    """When its key results are off track, where that is not as the file says."""


class Source(Written):
    """A source of numbers. What else may stand here depends on the `kind`."""

    model_config = ConfigDict(extra="allow")

    kind: Text
    """What it is: prometheus, sql, …"""
    owner: Text | None = None
    """Who is told when it is down: a name from `people`."""


class Notifier(Written):
    """A way to tell people. What else may stand here depends on the `kind`."""

    model_config = ConfigDict(extra="allow")

    kind: Text
    """What it is: console, slack, webhook, …"""
    only: Only | None = None
    """What it wants to hear."""
    quiet: bool | None = None
    """Whether it keeps the quiet hours of the teams it tells; else as its kind does: people do, machines do not."""


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
    alerts: Alerts | None = None
    """How alerts are told, to teams that say nothing else."""
    drift: Drift | None = None
    """When key results are off track, for teams that say nothing else."""
    page: PublicPage = ""
    """Where people find krd's page, for links in messages, such as https://krd.example."""
    heartbeat: Heartbeat | None = None
    """Where krd reports that it lives."""
