"""Asks the person who enters a value by hand for it, once a sync, a day before the brief that would lack it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from collector.domain.announcement import Announcement, Family, Occasion, Severity
from collector.domain.by_hand import value_due
from collector.domain.calendar import Calendar
from collector.domain.measure import Binding, ByHand
from collector.domain.moments import next_moment
from collector.domain.okr import MAIN, KeyResult, Okrs
from collector.domain.span import Span
from collector.ports.store import Posting, Transaction
from collector.services.account import Account
from collector.services.ledger import Ledger
from collector.services.recipients import Routes, person, recipients

KIND = "value_due"
AHEAD = Span(days=1)
"""So long before the brief a person is asked; on the working day before, where that is none."""


@dataclass(frozen=True, slots=True)
class Nudge:
    """A value that is due by a sync, if it is not there yet."""

    key_result: KeyResult
    role: str
    sync: datetime
    after: datetime
    """A value of this slot or an earlier one is an older value."""

    @property
    def moment(self) -> str:
        """Name it among the moments of a team."""
        part = "" if self.role == MAIN else f":{self.role}"
        return f"nudge:{self.key_result.address}{part}"


def by_hand_of(okrs: Okrs) -> list[tuple[KeyResult, str, Binding]]:
    """Give everything that a person enters: key result, role of the series, and how."""
    return [
        (key_result, role, binding)
        for key_result in okrs.key_results.values()
        for role, binding in key_result.bindings.items()
        if binding.by_hand and key_result.retired is None
    ]


def nudges_due(
    calendars: Mapping[tuple[str, str], Calendar],
    by_hand: Iterable[tuple[KeyResult, str, Binding]],
    at: datetime,
) -> list[Nudge]:
    """Give what a person may have to be asked for at `at`, whether it is there or not."""
    syncs: dict[tuple[str, str], datetime | None] = {}
    found = []
    for key_result, role, binding in by_hand:
        key = (key_result.team, key_result.cycle.id)
        if key not in syncs:
            syncs[key] = _sync(key_result.team, calendars[key], at) if key in calendars else None
        sync = syncs[key]
        if sync is None or not key_result.cycle.starts <= at < key_result.ends:
            continue
        due = value_due(binding, key_result.cycle, sync)
        if due is not None:
            found.append(Nudge(key_result, role, sync, due[0]))
    return found


def nudge(ledger: Ledger, tx: Transaction, due: Nudge, routes: Routes, at: datetime) -> Announcement | None:
    """Ask for a value inside `tx`, and give what is said; nothing when it is there, or was asked for before this sync."""
    account = next((one for one in ledger.accounts.values() if _is(one, due)), None)
    if account is None or (account.current.slot is not None and account.current.slot > due.after):
        return None
    key_result = due.key_result
    if not tx.mark_moment(key_result.team, key_result.cycle.id, due.moment, due.sync, "sent"):
        return None
    said = _announcement(ledger, account, due, at)
    names = recipients(ledger.okrs, routes, [key_result.team], said)
    tx.enqueue([Posting(name, said, expires=due.sync) for name in names], at)
    return said


def _sync(team: str, calendar: Calendar, at: datetime) -> datetime | None:
    """Give the next sync, once it is time to ask for what it needs."""
    moment = next_moment(team, calendar, at)
    if moment is None or at < calendar.before(moment.due, AHEAD):
        return None
    return moment.sync


def _is(account: Account, due: Nudge) -> bool:
    return account.key_result.key == due.key_result.key and account.role == due.role


def _announcement(ledger: Ledger, account: Account, due: Nudge, at: datetime) -> Announcement:
    key_result, form, current = due.key_result, account.binding.form, account.current
    who = person(ledger.okrs, form.person if isinstance(form, ByHand) else key_result.owner)
    digest = hashlib.sha256(f"{KIND}:{key_result.key}:{due.role}:{due.sync.isoformat()}".encode()).hexdigest()
    known = "There is none yet."
    if current.slot is not None and current.value is not None:
        day = key_result.cycle.day_of_until(current.slot)
        known = f"The last one is {current.value:g}, as of {key_result.cycle.grid.name(day)}."
    return Announcement(
        id=f"evt_{digest[:32]}",
        kind=KIND,
        family=Family.NEWS,
        severity=Severity.INFO,
        occasion=Occasion.REMINDER,
        subject=key_result.address,
        team=key_result.team,
        title=f"A value is due from {who}: {key_result.title}",
        sentence=(
            f"{key_result.address} is entered by hand, and a new value is due by the sync at"
            f" {due.sync.isoformat(timespec='minutes')}. {known}"
        ),
        at=at,
        link=ledger.page,
        lines=(f'{who}: krd record {key_result.address} VALUE --as-of DATE --note "…"',),
        owner=who,
        fingerprint=digest[:32],
        facts={"cycle": key_result.cycle.id, "current": current.value},
    )
