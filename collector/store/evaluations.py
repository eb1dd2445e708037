"""Keeps the latest evaluation of each key result, and the last one of each of its days."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, func, select

from collector.domain.evaluation import Evaluation
from collector.store.bulk import chunks, replace
from collector.store.instants import millis
from collector.store.tables import evaluation_days, evaluations
from collector.store.values import pack, unpack


def latest(connection: Connection, key_results: Collection[int]) -> Mapping[int, Evaluation]:
    """Give the evaluations that were put last."""
    newest = and_(
        evaluation_days.c.key_result == evaluations.c.key_result, evaluation_days.c.day == evaluations.c.day
    )
    found: dict[int, Evaluation] = {}
    for chunk in chunks(key_results):
        query = _DOCUMENTS.join(evaluations, newest).where(evaluations.c.key_result.in_(chunk))
        found.update(_read(connection, query))
    return found


def last_until(
    connection: Connection, key_results: Collection[int], at: datetime
) -> Mapping[int, Evaluation]:
    """Give the last kept evaluation of each that is not later than `at`."""
    found: dict[int, Evaluation] = {}
    for chunk in chunks(key_results):
        last = (
            select(evaluation_days.c.key_result, func.max(evaluation_days.c.at).label("at"))
            .where(evaluation_days.c.key_result.in_(chunk), evaluation_days.c.at <= at)
            .group_by(evaluation_days.c.key_result)
            .subquery()
        )
        same = and_(evaluation_days.c.key_result == last.c.key_result, evaluation_days.c.at == last.c.at)
        found.update(_read(connection, _DOCUMENTS.join(last, same).order_by(evaluation_days.c.day)))
    return found


def put(connection: Connection, verdicts: Sequence[tuple[int, Evaluation]]) -> None:
    """Keep evaluations as the latest and as those of their days. Raises `StoreError` for no number."""
    _REPLACE_DAY.run(connection, [_row(key_result, evaluation) for key_result, evaluation in verdicts])
    _REPLACE_LATEST.run(connection, [(key_result, evaluation.day) for key_result, evaluation in verdicts])


def _read(connection: Connection, query: Select[Any]) -> dict[int, Evaluation]:
    return {
        key_result: Evaluation.from_document(unpack(document))
        for key_result, document in connection.execute(query)
    }


def _row(key_result: int, evaluation: Evaluation) -> tuple[Any, ...]:
    return (
        key_result,
        evaluation.day,
        millis(evaluation.at),
        pack(evaluation.document(), "an evaluation"),
    )


_DOCUMENTS = select(evaluation_days.c.key_result, evaluation_days.c.document)
_REPLACE_DAY = replace(evaluation_days)
_REPLACE_LATEST = replace(evaluations)
