"""Opens the store for verbs that change what is kept of a key result, beside a krd that may be running."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from collector.app import App
from collector.cli import select
from collector.cli.asked import Asked
from collector.cli.opening import kept
from collector.domain.okr import KeyResult, Okrs
from collector.errors import UsageError
from collector.services.would_enrol import changed_definitions


@contextmanager
def changing(
    asked: Asked, names: Sequence[str], at: datetime, cycle: str | None = None
) -> Iterator[tuple[App, list[KeyResult]]]:
    """Open files and store, and find the key results that `names` name, in whatever cycle or in the one that is named.

    Raises `UsageError` for a name that is not there, and for a key result whose definition is not the one that krd last
    ran with: what is changed now would be judged by another one.
    """
    with kept(asked) as app:
        chosen = select.key_results(_of_cycle(app.configuration.okrs, cycle), names, at)
        changed = changed_definitions(app.store, app.configuration.okrs, at)
        if unknown := [one.key for one in chosen if one.key in changed]:
            raise UsageError(
                f"krd has not yet run with the files as they are now ({', '.join(unknown)} changed):"
                " run `krd once`, or restart `krd run`, first"
            )
        yield app, chosen


def _of_cycle(okrs: Okrs, cycle: str | None) -> Okrs:
    if cycle is None:
        return okrs
    select.known("cycle", cycle, {one.cycle.id for one in okrs.calendars.values()})
    return alone(okrs, [one for one in okrs.key_results.values() if one.cycle.id == cycle])


def alone(okrs: Okrs, key_results: Sequence[KeyResult]) -> Okrs:
    """Give the same promises with only these key results, so that no more is read than is worked on."""
    return replace(okrs, key_results={one.key: one for one in key_results})
