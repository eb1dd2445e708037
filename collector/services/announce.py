"""Delivers the outbox: claim, send, write down. A crash in between sends the same id once more, never another one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import assert_never

from collector.clock import Clock
from collector.crash_points import Point, reached
from collector.domain.announcement import Announcement
from collector.domain.backoff import LETTER_HORIZON, letter_wait
from collector.domain.grouping import grouped, threads
from collector.domain.sending import Pace
from collector.ports.catalogue import NotifierEntry
from collector.ports.notifier import Delivered, Gone, Notifier, Refused, TryLater, Verdict
from collector.ports.store import Bundle, Disabled, Early, LetterState, Store, Transaction

LEASE = timedelta(seconds=60)
"""Letters claimed and not settled within this (the sender died) are due again; longer than any send may take."""
HANDFUL = 20
POISON_TRIES = 3
"""So often a letter is tried that makes the notifier fail, against its promise; other failures do not count."""


@dataclass(frozen=True, slots=True)
class Broke:
    """The notifier, or making the message, failed with a defect: it is this message's fault until proven otherwise."""

    reason: str


class Outcome(StrEnum):
    """What became of a bundle."""

    DELIVERED = "delivered"
    RETRIED = "retried"
    """It stays due."""
    SPLIT = "split"
    """It stays due, as two."""
    DEAD = "dead"
    GONE = "gone"
    """It stays due, and the notifier is disabled."""
    FENCED = "fenced"
    """Somebody else had taken it over meanwhile: it is theirs to settle."""


@dataclass(frozen=True, slots=True)
class Sent:
    """How sending one bundle went."""

    bundle: Bundle
    said: Announcement | None
    """The message as it was sent; nothing when none was made."""
    verdict: Verdict | Broke
    outcome: Outcome
    due: datetime | None = None
    """The next try."""
    hurried: int = 0
    """Letters that need not wait any longer, now that the other side answers again."""

    @property
    def why(self) -> str:
        """Why it was not delivered; empty when it was."""
        return "" if isinstance(self.verdict, Delivered) else self.verdict.reason

    @property
    def events(self) -> frozenset[str]:
        """The ids of the announcements in it."""
        return frozenset(letter.announcement.id for letter in self.bundle.letters)


@dataclass(slots=True)
class Line:
    """A notifier with what is known of it. Used by one thread at a time."""

    entry: NotifierEntry
    notifier: Notifier
    pace: Pace = field(init=False)

    def __post_init__(self) -> None:
        self.pace = Pace(self.entry.traits.rate)

    @property
    def name(self) -> str:
        """The notifier's name."""
        return self.entry.name


def announce(
    store: Store,
    line: Line,
    clock: Clock,
    jitter: Callable[[], float],
    wait: Callable[[float], None],
    limit: int = HANDFUL,
    *,
    early: bool = False,
) -> list[Sent]:
    """Send at most `limit` messages that are due, waiting between them as the notifier's rate asks; end before that when the
    other side wants to be left alone. `early` is that of `deliver`. Raises `StoreError`.
    """
    sent: list[Sent] = []
    while len(sent) < limit and not line.pace.rest(clock.monotonic()):
        wait(line.pace.wait(clock.monotonic()))
        one = deliver(store, line, clock, jitter, early=early)
        if one is None:
            break
        sent.append(one)
    return sent


def deliver(
    store: Store, line: Line, clock: Clock, jitter: Callable[[], float], *, early: bool = False
) -> Sent | None:
    """Send the one message that is next, and write down how that went; nothing when none is due or the notifier is disabled.

    With `early`, what only waits for others to travel with is sent before it is due; while the breaker is open, anything is,
    but for what the interval of its group holds back. Raises `StoreError`; the letters are then sent again, under the same id, when the lease has run out.
    """
    at = clock.now()
    with store.write() as tx:
        if disabled_of(tx, line.entry) is not None:
            return None
        tx.enable(line.name)
        bundle = tx.claim(line.name, at, at + LEASE, early=_early(line, asked=early))
    if bundle is None:
        return None
    reached(Point.BUNDLE_CLAIMED)
    said = _compose(bundle)
    if isinstance(said, Announcement) and not line.entry.traits.groups and _spans(bundle):
        return _part(store, bundle, said, clock)
    reached(Point.MESSAGE_COMPOSED)
    verdict = _send(line, said, clock) if isinstance(said, Announcement) else said
    reached(Point.MESSAGE_SENT)
    sent = _settle(store, line, Sent(bundle, _message(said), verdict, Outcome.FENCED), clock, jitter())
    reached(Point.BUNDLE_SETTLED)
    line.pace = _paced(line.pace, verdict, clock.monotonic(), jitter())
    return sent


def disabled_of(tx: Transaction, entry: NotifierEntry) -> Disabled | None:
    """Tell why a notifier is not to send; nothing once its configuration is another one than was disabled."""
    disabled = tx.disabled().get(entry.name)
    return disabled if disabled is not None and disabled.digest == entry.digest else None


def _early(line: Line, *, asked: bool) -> Early:
    """Tell what may be sent before it is due: for its next try a receiver may have asked, unless nobody answers at all."""
    if line.pace.open:
        return Early.ANYTHING
    return Early.UNTRIED if asked else Early.NOTHING


def _compose(bundle: Bundle) -> Announcement | Broke:
    try:
        return grouped(bundle.id, [letter.announcement for letter in bundle.letters])
    except Exception as error:  # noqa: BLE001 - one letter that cannot be put into words must not stop the others
        return Broke(f"the message cannot be made: {type(error).__name__}")


def _message(said: Announcement | Broke) -> Announcement | None:
    return said if isinstance(said, Announcement) else None


def _spans(bundle: Bundle) -> bool:
    return threads(letter.announcement for letter in bundle.letters) > 1


def _send(line: Line, said: Announcement, clock: Clock) -> Verdict | Broke:
    """Send; a stranger's notifier that raises, against its promise, has not delivered. Its text may hold a secret."""
    line.pace = line.pace.sent(clock.monotonic())
    try:
        return line.notifier.send(said, clock.now())
    except Exception as error:  # noqa: BLE001 - see above
        return Broke(f"the notifier failed with {type(error).__name__}")


def _part(store: Store, bundle: Bundle, said: Announcement, clock: Clock) -> Sent:
    """Part letters that a notifier takes one conversation at a time: they came together when it took groups."""
    verdict = TryLater("this notifier takes one alert at a time")
    with store.write() as tx:
        parted = tx.split(bundle, clock.now(), note="")
    return Sent(bundle, said, verdict, Outcome.SPLIT if parted else Outcome.FENCED, clock.now())


def _settle(store: Store, line: Line, sent: Sent, clock: Clock, share: float) -> Sent:
    """Write down how it went, unless somebody else took over meanwhile."""
    bundle, verdict, at = sent.bundle, sent.verdict, clock.now()
    outcome, due = _outcome(bundle, verdict, at, share)
    broke, hurried = isinstance(verdict, Broke), 0
    with store.write() as tx:
        match outcome:
            case Outcome.SPLIT:
                mine = tx.split(bundle, at, note=sent.why)
            case Outcome.DELIVERED:
                mine = tx.settle(bundle, LetterState.SENT, at, due=None, note="")
            case Outcome.DEAD:
                mine = tx.settle(bundle, LetterState.DEAD, at, due=None, note=sent.why)
            case Outcome.RETRIED | Outcome.GONE:
                mine = tx.settle(bundle, LetterState.DUE, at, due=due, note=sent.why, broke=broke)
            case Outcome.FENCED:
                raise AssertionError("a bundle is fenced by the store alone")
            case _:
                assert_never(outcome)
        if outcome is Outcome.GONE:
            tx.disable(Disabled(line.name, line.entry.digest, at, sent.why))
        if line.pace.open and _answered(verdict):
            hurried = tx.hurry(line.name, at)
        reached(Point.BUNDLE_SETTLING)
    return Sent(bundle, sent.said, verdict, outcome if mine else Outcome.FENCED, due, hurried)


def _outcome(
    bundle: Bundle, verdict: Verdict | Broke, at: datetime, share: float
) -> tuple[Outcome, datetime | None]:
    """Decide what becomes of a bundle, and when it is tried again if it stays due."""
    several = len(bundle.letters) > 1
    match verdict:
        case Delivered():
            return Outcome.DELIVERED, None
        case TryLater(after=after):
            if at - bundle.first_tried > LETTER_HORIZON:
                return Outcome.DEAD, None
            return Outcome.RETRIED, at + letter_wait(bundle.attempts, share, after)
        case Broke():
            if several and bundle.broke:
                return Outcome.SPLIT, at
            if not several and bundle.broke + 1 >= POISON_TRIES:
                return Outcome.DEAD, None
            # it may have arrived all the same: it is tried once more as the message that it was
            return Outcome.RETRIED, at + letter_wait(bundle.broke + 1, share, None)
        case Refused(content=True) if several:
            return Outcome.SPLIT, at
        case Refused():
            return Outcome.DEAD, None
        case Gone():
            return Outcome.GONE, at
        case _:
            assert_never(verdict)


def _answered(verdict: Verdict | Broke) -> bool:
    """Whether the other side read the message, though it may not have liked it."""
    return isinstance(verdict, Delivered | Refused)


def _paced(pace: Pace, verdict: Verdict | Broke, now: float, share: float) -> Pace:
    match verdict:
        case Delivered() | Refused():
            return pace.answered()
        case TryLater(after=after):
            return pace.failed(now, share, after)
        case Broke():
            return pace.undecided(now, share)
        case Gone():
            return pace
        case _:
            assert_never(verdict)
