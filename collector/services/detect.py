"""Has the detectors look at key results, once for each day that closes: never with a reading in between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile

from collector.domain.detectors.findings import DAYS, Watched, findings, watched
from collector.domain.measure import Events
from collector.domain.shape import Keep, Reach, Slo
from collector.services.account import Account


def detect(accounts: Sequence[Account]) -> None:
    """Bring the findings of judged accounts up to the days of their verdicts. What a person enters is not looked at, nor
    is the share of an slo, whose burn rates tell more.
    """
    due = [account for account in accounts if _due(account)]
    if not due:
        return
    for account, found in zip(due, findings([_watched(account) for account in due]), strict=True):
        account.found = found


def detectable(account: Account) -> bool:
    """Tell whether detectors look at it at all."""
    binding = account.binding
    return not (binding.by_hand or isinstance(binding.form, Events) or isinstance(_shape(account), Slo))


def is_level(account: Account) -> bool:
    """Tell whether its values are levels: a count grows by itself."""
    return isinstance(_shape(account), Reach | Keep)


def _shape(account: Account) -> object:
    return account.key_result.shape


def _due(account: Account) -> bool:
    evaluation = account.evaluation
    if evaluation is None or evaluation.day == 0 or evaluation.over:
        return False
    return (account.found is None or account.found.today != evaluation.day) and detectable(account)


def _watched(account: Account) -> Watched:
    today = account.evaluation.day if account.evaluation is not None else 0
    return watched(_newest(account, today), today, level=is_level(account))


def _newest(account: Account, today: int) -> Iterator[tuple[int, float]]:
    """Give the closed days that are looked at with their values, the newest first."""
    for day in takewhile(lambda one: one.day >= today - DAYS, reversed(account.days)):
        if day.day < today and day.value is not None:
            yield day.day, day.value
