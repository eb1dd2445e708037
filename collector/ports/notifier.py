"""The promise of everything that carries a message to people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, Field

from collector.domain.announcement import Announcement

API_VERSION = 1
LONGEST_SEND = timedelta(seconds=30)
"""No send may take longer: a letter that is claimed for longer than a minute is taken for lost, and sent again."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """The other side took it."""


@dataclass(frozen=True, slots=True)
class TryLater:
    """Not taken now: send again, not earlier than `after` from now when it is given."""

    reason: str
    after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """Never to be taken as it is: a dead letter."""

    reason: str


@dataclass(frozen=True, slots=True)
class Gone:
    """The address exists no more: the notifier is to be disabled until its configuration changes."""

    reason: str


Verdict = Delivered | TryLater | Refused | Gone


class Notifier(Protocol):
    """Carries one announcement. Thread-safe; sends exactly once a call, never retries by itself."""

    def send(self, announcement: Announcement, at: datetime) -> Verdict:
        """Send at the instant `at`. Never raises; the reason in a verdict carries no secret."""

    def close(self) -> None:
        """Give back sockets. Safe to call twice."""


class NotifierOptions(BaseModel):
    """Options every notifier has. Kinds subclass it; unknown keys are refused."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True
    )

    timeout: timedelta = Field(timedelta(seconds=20), gt=timedelta(0), le=LONGEST_SEND)
    """Total deadline of one send, real time."""


@dataclass(frozen=True, slots=True)
class NotifierKind:
    """Describes a kind of notifier to the registry and the file format. `open` does no I/O."""

    name: str
    title: str
    options: type[NotifierOptions]
    open: Callable[[Any], Notifier]
    api: int = API_VERSION
