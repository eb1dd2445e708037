"""Shows the outbox, and has letters tried again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from collector.app import App
from collector.cli import select
from collector.cli.actor import actor
from collector.cli.alerts_outbox import Which
from collector.cli.asked import Asked
from collector.cli.instants import stamp
from collector.cli.opening import kept, now
from collector.cli.output import Cell, Column, Report, Section, Sheet, Tone, emit
from collector.cli.plain import counted
from collector.errors import KrdError, UsageError
from collector.ports.store import Disabled, Letter, LetterState
from collector.services.announce import disabled_of
from collector.services.retry_letters import Retried, retry_letters

COLUMNS = (
    Column("#", right=True), Column("notifier"), Column("state"), Column("tries", right=True),
    Column("next try (UTC)"), Column("kind"), Column("about"), Column("what"), Column("the last failure"),
)  # fmt: skip
NAMED = 10
"""So many letters that stay as they were are named."""


@dataclass(frozen=True, slots=True)
class Listed:
    """Which letters to list, as typed."""

    notifier: str | None
    states: tuple[Which, ...]
    limit: int


@dataclass(frozen=True, slots=True)
class Again:
    """What to try again, as typed."""

    letters: tuple[int, ...]
    notifier: str | None
    every: bool
    by: str | None


def show_outbox(asked: Asked, listed: Listed) -> None:
    """Print counts and letters. Raises `UsageError` for a notifier that is not there."""
    states = [LetterState(which.value) for which in listed.states]
    with kept(asked) as app, app.store.read() as tx:
        counts, disabled = tx.outbox(), tx.disabled()
        off = {
            name: disabled[name]
            for name, entry in app.configuration.notifiers.items()
            if disabled_of(tx, entry) is not None
        }
        names = _names(app, listed.notifier, counts)
        letters = tx.letters(states, listed.notifier, listed.limit)
    notifiers = [_notifier_document(name, counts.get(name, {}), off.get(name)) for name in names]
    documents = [letter_document(letter) for letter in letters]
    above = [_notifier_line(one) for one in notifiers] or [Cell("there is no notifier")]
    sheet = Sheet(COLUMNS, [Section([_row(letter) for letter in letters])], above=above)
    emit(asked, Report({"notifiers": notifiers, "letters": documents}, documents, sheet))


def try_again(asked: Asked, again: Again) -> None:
    """Have letters tried again, and print what that set in motion. Raises `UsageError` when it is not said which, and
    `KrdError` when there is nothing to try.
    """
    if sum((bool(again.letters), again.notifier is not None, again.every)) != 1:
        raise UsageError("say what to try again: numbers of dead letters, --notifier NAME, or --all")
    at, who = now(), actor(again.by)
    with kept(asked) as app:
        done = retry_letters(app.store, at, actor=who, notifiers=_chosen(app, again), letters=again.letters)
    left = list(_left(done))
    if not (done.revived or done.hurried or done.enabled):
        why = "; ".join(left) or "no such letter is dead or waits, and no such notifier is disabled"
        raise KrdError(f"nothing was tried again: {why}")
    document = {
        "revived": done.revived,
        "hurried": done.hurried,
        "enabled": list(done.enabled),
        "overtaken": list(done.overtaken),
        "strange": list(done.strange),
    }
    said = [
        f"{counted(done.revived, 'dead letter')} due again",
        f"{counted(done.hurried, 'letter')} need not wait",
        *(f"{name} sends again" for name in done.enabled),
        *left,
    ]
    emit(
        asked,
        Report(
            document, [document], Sheet((Column("done"),), [Section([[one] for one in said])], header=False)
        ),
    )


def _left(done: Retried) -> Iterator[str]:
    """Say which letters stay as they were, and why."""
    if done.overtaken:
        count = counted(len(done.overtaken), "dead letter")
        stay = "stays" if len(done.overtaken) == 1 else "stay"
        yield f"{count} {stay} so, a later one about the same came after: {_numbers(done.overtaken)}"
    if done.strange:
        yield f"no dead letter has the number {_numbers(done.strange)}"


def _numbers(letters: Sequence[int]) -> str:
    more = f" and {len(letters) - NAMED} more" if len(letters) > NAMED else ""
    return ", ".join(map(str, letters[:NAMED])) + more


def letter_document(letter: Letter) -> dict[str, Any]:
    """Give a letter as a JSON document; `due` is the next try, and null when none is to come."""
    said = letter.announcement
    waits = letter.state is LetterState.DUE
    return {
        "id": letter.id,
        "notifier": letter.notifier,
        "state": letter.state.value,
        "attempts": letter.attempts,
        "enqueued": _instant(letter.enqueued),
        "due": _instant(letter.due) if waits else None,
        "settled": _instant(letter.settled),
        "failure": letter.note or None,
        "message": letter.bundle or None,
        "event": said.id,
        "occasion": said.occasion.value,
        "kind": said.kind,
        "severity": said.severity.value,
        "team": said.team or None,
        "subject": said.subject,
        "title": said.title,
    }


def letter_state(letter: Letter) -> str:
    """Say where a letter stands: `sent 2026-11-10 10:00:00 at the first try`, `due 2026-11-10 11:00:00 after 3 tries: HTTP 503`."""
    tries = counted(letter.attempts, "try") if letter.attempts == 1 else f"{letter.attempts} tries"
    after = f" after {tries}" if letter.attempts else ""
    note = f": {letter.note}" if letter.note else ""
    at = letter.due if letter.state is LetterState.DUE else letter.settled
    return f"{letter.state.value}{f' {stamp(at)}' if at is not None else ''}{after}{note}"


def _names(app: App, wanted: str | None, counts: Mapping[str, Any]) -> list[str]:
    """Give the notifiers of the files, and those of before that still have letters."""
    there = list(dict.fromkeys([*app.configuration.notifiers, *counts]))
    return [select.known("notifier", wanted, there)] if wanted is not None else there


def _chosen(app: App, again: Again) -> list[str]:
    there = app.configuration.notifiers
    if again.notifier is not None:
        return [select.known("notifier", again.notifier, there)]
    return list(there) if again.every else []


def _notifier_document(
    name: str, counts: Mapping[LetterState, int], disabled: Disabled | None
) -> dict[str, Any]:
    return {
        "notifier": name,
        **{state.value: counts.get(state, 0) for state in LetterState},
        "disabled": {"at": _instant(disabled.at), "why": disabled.why} if disabled is not None else None,
    }


def _notifier_line(one: Mapping[str, Any]) -> Cell:
    counts = ", ".join(f"{one[state.value]} {state.value}" for state in LetterState)
    if one["disabled"] is not None:
        return Cell(f"{one['notifier']}: {counts}; sends nothing: {one['disabled']['why']}", Tone.BAD)
    return Cell(f"{one['notifier']}: {counts}", Tone.WORRY if one["dead"] else None)


def _row(letter: Letter) -> Sequence[Cell | str]:
    said = letter.announcement
    dead = letter.state is LetterState.DEAD
    return [
        str(letter.id),
        letter.notifier,
        Cell(letter.state.value, Tone.BAD if dead else None),
        str(letter.attempts),
        stamp(letter.due) if letter.state is LetterState.DUE else "",
        said.kind,
        said.subject,
        said.title,
        letter.note,
    ]


def _instant(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat() if at is not None else None
