"""Puts what is to be said into the outbox: the difference between how alerts stand and what each notifier was told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from collector.domain.alert import Alert, AlertKind, Transition, event_id
from collector.domain.announcement import Announcement, Occasion, Severity
from collector.domain.message import about_key_result, about_source
from collector.domain.speech import Told, Word, after, next_look, to_say
from collector.ports.catalogue import NotifierEntry
from collector.ports.store import Posting, Transaction
from collector.services.bearing import About, Bearings
from collector.services.ledger import Ledger
from collector.services.raise_alerts import behind_of, context_of
from collector.services.recipients import Routes, recipients

A_LOOK = timedelta(milliseconds=1)
"""The rest after a look at everything, for each alert that was looked at."""
LONGEST_LOOK = timedelta(minutes=5)
"""However little there is to wait for, everything that is open is looked at again after this."""


def speak(
    ledger: Ledger,
    tx: Transaction,
    routes: Routes,
    moved: Sequence[Transition],
    at: datetime,
    *,
    moved_only: bool = False,
) -> bool:
    """Compare every alert that moved, and every open one when it is time to, with what notifiers were told of it; put the
    letters into the outbox and write down what they tell. Tells whether there were any.

    A ledger that holds some of the key results knows nothing of what is open about the others: then `moved_only`.
    """
    said = _Speaker(ledger, tx, routes, at, {one.event: one for one in moved})
    look = ledger.look
    due = look is None or not look - LONGEST_LOOK <= at < look  # a clock that went back holds nothing up
    everything = due and not moved_only
    alerts = _unsettled(ledger) if everything else _moved(ledger, moved)
    if everything:
        ledger.silences = [silence for silence in ledger.silences if silence.ends > at]
        ledger.look = at + LONGEST_LOOK
        said.soonest = at + A_LOOK * len(alerts)
    for alert in alerts:
        said.look_at(alert)
    if said.told:
        tx.enqueue(said.postings, at)
        tx.put_told(said.told)
        ledger.told |= {(one.notifier, one.fingerprint): one for one in said.told}
    return bool(said.postings)


def _unsettled(ledger: Ledger) -> list[Alert]:
    """Give the alerts that are open, or that somebody still takes for open."""
    open_to = {one.fingerprint for one in ledger.told.values() if one.open}
    return [alert for alert in ledger.alerts.values() if alert.state.open or alert.fingerprint in open_to]


def _moved(ledger: Ledger, moved: Iterable[Transition]) -> list[Alert]:
    found = {(one.alert.kind, one.alert.subject) for one in moved}
    return [ledger.alert(kind, subject) for kind, subject in sorted(found)]


@dataclass(slots=True)
class _Speaker:
    """Gathers what is to be said in one transaction."""

    ledger: Ledger
    tx: Transaction
    routes: Routes
    at: datetime
    moved: dict[str, Transition]
    postings: list[Posting] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    soonest: datetime | None = None
    """No look at everything before this."""
    bearings: Bearings = field(init=False)

    def __post_init__(self) -> None:
        self.bearings = Bearings(self.ledger, self.at)

    def look_at(self, alert: Alert) -> None:
        """Say what is to be said of one alert."""
        about = self.bearings.about(alert)
        if about is None:
            return  # news: the feeds and the brief have it
        wanted = self._wanting(alert, about)
        for name in dict.fromkeys([*wanted, *self._believing(alert)]):
            entry = self.routes[name]
            told = self.ledger.told.get((name, alert.fingerprint))
            bearing, until = self.bearings.of(alert, about, entry)
            words = to_say(alert, told, self.at, bearing)
            if name not in wanted:
                words = [word for word in words if word.occasion is Occasion.RESOLVED]
            for word in words:
                if (said := self._said(alert, about, told, word)) is not None:
                    self._post(entry, alert, about, said, word)
            now = after(alert, told, name, words, self.at)
            if now is not None:
                self.told.append(now)
            silent = bearing.muted or name not in wanted
            self._look_again(None if silent else next_look(alert, now or told, bearing), until)

    def _wanting(self, alert: Alert, about: About) -> list[str]:
        """Give who wants to hear of it while it is open."""
        if not alert.state.open:
            return []
        probe = Announcement(
            id="", kind=alert.kind.value, family=alert.kind.family, severity=alert.severity, occasion=Occasion.FIRST,
            subject=about.subject, team=about.team, title="", sentence="", at=self.at, commitment=about.commitment,
        )  # fmt: skip
        return recipients(self.ledger.okrs, self.routes, about.teams, probe)

    def _believing(self, alert: Alert) -> list[str]:
        """Give whoever was told that it began, and not yet that it is over."""
        told = self.ledger.told
        return [name for name in self.routes if (one := told.get((name, alert.fingerprint))) and one.open]

    def _post(self, entry: NotifierEntry, alert: Alert, about: About, said: Announcement, word: Word) -> None:
        at_once = alert.severity is Severity.PAGE and word.occasion is not Occasion.REPEAT
        group, wait, interval = alert.fingerprint, timedelta(0), timedelta(0)
        if entry.traits.groups:
            group = f"{alert.kind.value}:{about.group}"
            wait = timedelta(0) if at_once else about.policy.group_wait * about.share
            interval = timedelta(0) if at_once else about.policy.group_interval * about.share
        self.postings.append(Posting(entry.name, said, group, wait, interval))

    def _said(self, alert: Alert, about: About, told: Told | None, word: Word) -> Announcement | None:
        """Word it as of now; what ended, and what is no longer in the files, as it was written down then."""
        if word.occasion is Occasion.RESOLVED:
            return self._recorded(alert, word)
        said = self._current(alert, about, word.occasion)
        if said is None:
            said = self._recorded(alert, word)
        if said is None or word.occasion is not Occasion.REPEAT:
            return said
        number = (told.repeats if told is not None else 0) + 1
        event = event_id(alert.fingerprint, alert.episode, f"repeat-{number}")
        title = said.title if said.occasion is Occasion.REPEAT else f"Still: {said.title}"
        return replace(said, id=event, at=self.at, occasion=Occasion.REPEAT, title=title)

    def _current(self, alert: Alert, about: About, occasion: Occasion) -> Announcement | None:
        recorded = self.moved.get(alert.event)
        if recorded is not None and recorded.said is not None and recorded.said.occasion is occasion:
            return recorded.said
        if about.account is not None and about.account.evaluation is not None:
            key_result, verdict = about.account.key_result, about.account.evaluation
            context = context_of(self.ledger, key_result, self.at)
            return about_key_result(key_result, verdict, alert, occasion, self.at, context)
        if alert.kind is AlertKind.SOURCE_DOWN:
            behind = behind_of(self.ledger, alert.subject, "")
            return about_source(alert, occasion, alert.event, self.at, behind)
        return None

    def _recorded(self, alert: Alert, word: Word) -> Announcement | None:
        """Give the words of the change itself."""
        over = word.occasion is Occasion.RESOLVED
        if over and alert.episode == word.episode and (moved := self.moved.get(alert.event)) is not None:
            return moved.said
        changes = [item.transition for item in self.tx.episode(alert.fingerprint, word.episode)]
        fitting = [one.said for one in changes if (one.ended if over else one.began or one.worsened)]
        return fitting[-1] if fitting else None

    def _look_again(self, *moments: datetime | None) -> None:
        for moment in moments:
            if moment is not None and (self.ledger.look is None or moment < self.ledger.look):
                self.ledger.look = max(moment, self.soonest or self.at)
