"""The kinds of sources and notifiers that this installation knows, handed to whoever has to read files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from collector.domain.announcement import Severity
from collector.domain.okr import Okrs
from collector.ports.notifier import NotifierKind, NotifierOptions
from connectors.api import ConnectorKind, Secret, SourceOptions


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Kinds by the name that `kind:` gives; `missing` says why a known kind cannot be used here."""

    connectors: Mapping[str, ConnectorKind]
    notifiers: Mapping[str, NotifierKind]
    missing: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """A source as configured: its kind, validated options, and who is told when it is down."""

    name: str
    kind: str
    options: SourceOptions
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class Only:
    """What a notifier wants to hear; an empty field means everything."""

    kinds: frozenset[str] = frozenset()
    families: frozenset[str] = frozenset()
    severity: Severity | None = None
    """The lowest severity it wants."""
    teams: frozenset[str] = frozenset()
    commitments: frozenset[str] = frozenset()
    """What was promised about it, `committed` or `aspirational`; what concerns no single key result is always wanted."""


@dataclass(frozen=True, slots=True)
class Traits:
    """How a notifier is spoken to: its kind's ways, where its entry says nothing else."""

    groups: bool = True
    alerts_only: bool = False
    quiet: bool = False
    """Whether it keeps the quiet hours of the teams it tells."""
    rate: float = 1.0
    """Messages a second on average."""
    resend: timedelta | None = None


@dataclass(frozen=True, slots=True)
class NotifierEntry:
    """A notifier as configured."""

    name: str
    kind: str
    options: NotifierOptions
    only: Only = field(default_factory=Only)
    traits: Traits = field(default_factory=Traits)
    digest: str = ""
    """Tells one configuration of it from another, without its secrets."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """Everything the files say, validated and assembled."""

    okrs: Okrs
    sources: Mapping[str, SourceEntry]
    notifiers: Mapping[str, NotifierEntry]
    first_runs: frozenset[str] = frozenset()
    """Cycles that say `starts: first run`, so that their start is stored when krd first runs with them."""
    heartbeat: str | Secret | None = None
    """Address that is pinged after each completed minute of work: proof of life for the outside."""

    @property
    def page(self) -> str:
        """Where people find krd's page; empty where it has no public address."""
        return self.okrs.page
