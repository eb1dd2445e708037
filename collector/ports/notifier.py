"""The promise of everything that carries a message to people."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, runtime_checkable

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
    content: bool = False
    """Whether it is what the message says that was refused: another message may be taken."""


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


@runtime_checkable
class Upholder(Protocol):
    """A notifier whose other side forgets alerts unless it is told again and again that they stand."""

    def uphold(self, standing: Sequence[Announcement], at: datetime) -> Verdict:
        """Say at the instant `at` that all of these still stand: the newest announcement of each open alert. Never raises."""


class NotifierOptions(BaseModel):
    """Options every notifier has. Kinds subclass it; unknown keys are refused."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True
    )

    timeout: timedelta = Field(timedelta(seconds=20), gt=timedelta(0), le=LONGEST_SEND)
    """Total deadline of one send, real time."""


@dataclass(frozen=True, slots=True)
class NotifierKind:
    """Describes a kind of notifier to the registry and the file format. `open` does no I/O.

    A notifier whose object is an `Upholder` is called every `resend` as well.
    """

    name: str
    title: str
    options: type[NotifierOptions]
    open: Callable[[Any], Notifier]
    groups: bool = True
    """Whether alerts that come together may travel in one message; machines that match alerts one by one say no."""
    alerts_only: bool = False
    """Whether only alerts mean anything to it, not briefs and reminders."""
    people: bool = True
    """Whether people hear it at once, so that it keeps quiet at night and on days off unless its entry says otherwise."""
    rate: float = 1.0
    """Messages a second it takes on average, kept under what the other side publishes."""
    resend: timedelta | None = None
    """How often what stands is upheld."""
    api: int = API_VERSION
