"""Keeps what a person wants to be seen beside the numbers of a key result."""

from __future__ import annotations

from datetime import UTC, datetime

from collector.domain.okr import KeyResult
from collector.errors import UsageError
from collector.ports.store import Annotation, Deed, Enrolment, Store, Transaction

LONGEST = 2000
"""Letters of an annotation: it stands beside a chart."""
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)


def annotate(
    store: Store, key_result: KeyResult, text: str, about: datetime, author: str, at: datetime
) -> Annotation:
    """Keep `text` beside the instant `about`. Raises `UsageError` for a text that is empty or too long."""
    said = " ".join(text.split())
    if not said:
        raise UsageError("an annotation says something; this text is empty")
    if len(said) > LONGEST:
        raise UsageError(
            f"an annotation has at most {LONGEST} letters, this one has {len(said)}: say it shorter"
        )
    with store.write() as tx:
        number = _enrolment(tx, key_result).key_result
        one = tx.annotate(Annotation(number, about, said, author, at))
        detail = {"annotation": one, "about": about.isoformat(), "text": said}
        tx.note_deed(Deed(at, author, "annotate", key_result.key, detail))
    return Annotation(number, about, said, author, at, one)


def annotations_of(store: Store, key_result: KeyResult) -> list[Annotation]:
    """Give what was said of a key result, by the instants it is about."""
    with store.read() as tx:
        return tx.annotations([_enrolment(tx, key_result).key_result], EARLIEST, LATEST)


def _enrolment(tx: Transaction, key_result: KeyResult) -> Enrolment:
    known = tx.enrolments().get(key_result.key)
    if known is None:
        raise UsageError(f"{key_result.key}: krd has not run with it yet; run `krd once` first")
    return known
