"""Remembers what a brief told, fact by fact, so that what is told after it is only what is new.

A fact is a short text; it is kept with the moments of the brief's sync, in the transaction that stores the brief.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from collector.domain.alert import Alert, AlertState
from collector.domain.evaluation import Evaluation
from collector.domain.moments import Moment
from collector.domain.status import Status
from collector.ports.store import Transaction
from collector.services.account import Account
from collector.services.beside_brief import open_alerts, speaks_of
from collector.services.ledger import Ledger

Facts: TypeAlias = frozenset[str]
"""What one brief told, as it is kept: read once, and asked of every key result."""


def remember(ledger: Ledger, tx: Transaction, moment: Moment) -> None:
    """Write down what the brief of a moment tells: the statuses, the open alerts, what is held."""
    for fact in _facts(ledger, moment):
        tx.mark_moment(moment.team, moment.cycle, _kind(fact), moment.sync, "told")


def told_in(tx: Transaction, moment: Moment) -> Facts:
    """Give what the brief of a moment's sync told."""
    return tx.kinds_marked(moment.team, moment.cycle, moment.sync)


def status_told(told: Facts, account: Account) -> Status | None:
    """Give the status that the brief told of a key result; nothing when it told none."""
    return next((one for one in Status if _kind(_status(account, one)) in told), None)


def alert_told(told: Facts, alert: Alert) -> bool:
    """Tell whether the brief told that this episode of an alert is open."""
    return _kind(_alert(alert, alert.episode)) in told


def end_untold(told: Facts, alert: Alert) -> bool:
    """Tell whether the brief told of an alert as open, which is over now. One that waits to fire counts its next episode."""
    if alert.state.open:
        return False
    waited = alert.state in (AlertState.PENDING, AlertState.INACTIVE)
    return any(
        _kind(_alert(alert, episode)) in told
        for episode in (alert.episode, *([alert.episode - 1] if waited else []))
    )


def held_told(told: Facts, account: Account) -> bool:
    """Tell whether the brief told that readings of a series are held."""
    return _kind(_held(account)) in told


def _facts(ledger: Ledger, moment: Moment) -> Iterator[str]:
    for account in ledger.judged:
        if speaks_of(moment, account):
            verdict: Evaluation | None = account.evaluation
            if verdict is not None:
                yield _status(account, verdict.status)
            yield from (_held(part) for part in account.parts if part.holding)
    for alert in open_alerts(ledger, moment):
        yield _alert(alert, alert.episode)


def _kind(fact: str) -> str:
    return f"told:{fact}"


def _status(account: Account, status: Status) -> str:
    return f"status:{account.key_result.address}:{status.value}"


def _alert(alert: Alert, episode: int) -> str:
    return f"alert:{alert.fingerprint}:{episode}"


def _held(account: Account) -> str:
    return f"held:{account.key_result.address}:{account.role}"
